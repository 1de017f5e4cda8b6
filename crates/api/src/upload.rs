//! Multipart bodies in, counted while they arrive, and stored files out.

use crate::Error;
use app::files::{self, Arriving, Inspected, form};
use axum::body::{Body, HttpBody};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use dispute::id::sha256_hex;
use std::pin::Pin;

/// The parameter that asks for card numbers to be blanked out where that is sound.
pub(crate) const REDACT: &str = "redact_card_numbers";

/// The file of a body, read by whom nothing in it can hurt.
#[derive(Debug)]
pub struct Part {
    pub file: Inspected,
    /// What its body reserved of its tenant's budget: kept with the file, or given back.
    pub arriving: Arriving,
}

/// A body, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    pub fields: Vec<(String, String)>,
    pub file: Option<form::Part>,
}

impl Upload {
    /// Without the boundary, which a client makes anew for each sending.
    pub fn digest(&self) -> String {
        let mut whole = Vec::new();
        let mut put = |bytes: &[u8]| {
            whole.extend_from_slice(sha256_hex(bytes).as_bytes());
        };
        for (name, value) in &self.fields {
            put(name.as_bytes());
            put(value.as_bytes());
        }
        if let Some(file) = &self.file {
            put(file.file_name.as_deref().unwrap_or_default().as_bytes());
            put(&file.content);
        }
        sha256_hex(&whole)
    }

    /// Whether card numbers are to be blanked out.
    pub fn redact(&self) -> bool {
        let asked = |(name, value): &(String, String)| name == REDACT && value == "true";
        self.fields.iter().any(asked)
    }
}

/// The whole body, each piece counted before it is held: what exceeds a budget is never in memory, however many arrive
/// side by side.
pub async fn arrived(mut body: Body, arriving: &mut Arriving) -> Result<Vec<u8>, Error> {
    let mut whole = Vec::new();
    loop {
        let frame = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await;
        let Some(frame) = frame else {
            return Ok(whole);
        };
        let frame =
            frame.map_err(|_| Error::invalid("The body did not come whole.").status(400))?;
        // Trailers are nothing that we read.
        let Ok(data) = frame.into_data() else {
            continue;
        };
        arriving
            .take(data.len())
            .map_err(|error| Error::from(error).param("file"))?;
        whole.extend_from_slice(&data);
    }
}

/// Reads `multipart/form-data` with one part called `file`, and fields.
pub fn read(content_type: &str, body: &[u8]) -> Result<Upload, Error> {
    let parts =
        form::read(content_type, body).map_err(|broken| Error::invalid(broken.to_string()))?;
    let mut upload = Upload {
        fields: Vec::new(),
        file: None,
    };
    for part in parts {
        if part.name == "file" {
            if upload.file.is_some() {
                return Err(
                    Error::invalid("The parameter is given more than once: file").param("file"),
                );
            }
            upload.file = Some(part);
            continue;
        }
        let text = String::from_utf8(part.content)
            .map_err(|_| Error::invalid(form::Broken::NotWhole.to_string()))?;
        upload.fields.push((part.name, text));
    }
    Ok(upload)
}

/// A stored file, as it is. It is never shown in a page: its owner's customer may have written it.
pub fn content(media_type: &str, name: &str, bytes: Vec<u8>) -> Response {
    let mut response = (StatusCode::OK, bytes).into_response();
    for (header, value) in files::download_headers(media_type, name) {
        let value = HeaderValue::from_str(&value)
            .expect("names are made ASCII and media types are our own");
        response
            .headers_mut()
            .insert(HeaderName::from_static(header), value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, want: &str) {
        let got = match read("multipart/form-data; boundary=B", body.as_bytes()) {
            Ok(upload) => {
                let fields: Vec<String> = upload
                    .fields
                    .iter()
                    .map(|(name, value)| format!("{name}={value}"))
                    .collect();
                let file = upload.file.map(|file| {
                    let name = file.file_name.unwrap_or_default();
                    format!("{name}:{}", String::from_utf8_lossy(&file.content))
                });
                format!("{} {}", fields.join("&"), file.unwrap_or_default())
            }
            Err(error) => format!("! {}", error.message),
        };
        assert_eq!(got, want, "{body:?}");
    }

    #[test]
    fn a_body_has_one_file_and_fields() {
        let file = "Content-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n";
        let purpose =
            "Content-Disposition: form-data; name=\"purpose\"\r\n\r\ndispute_evidence\r\n";
        check(
            &format!("--B\r\n{purpose}--B\r\n{file}--B--\r\n"),
            "purpose=dispute_evidence a.pdf:%PDF",
        );
        check("--B--", " ");
        check(
            &format!("--B\r\n{file}--B\r\n{file}--B--"),
            "! The parameter is given more than once: file",
        );
        check(
            "--C",
            "! The multipart body is not whole: expected parts between boundaries, as RFC 7578 has them.",
        );
    }

    #[test]
    fn the_boundary_is_no_part_of_what_was_sent() {
        let body = |boundary: &str| {
            let text = format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nx\r\n--{boundary}--"
            );
            let kind = format!("multipart/form-data; boundary=\"{boundary}\"");
            read(&kind, text.as_bytes()).unwrap().digest()
        };
        assert_eq!(body("one"), body("two"));
    }
}
