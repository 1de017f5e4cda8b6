//! Multipart bodies in, and stored files out.

use crate::Error;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use dispute::id::sha256_hex;

/// More parts than a file, its purpose and the parameters of its link.
const PARTS_MAX: usize = 16;

/// The file of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub name: String,
    pub content: Vec<u8>,
}

/// A body, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    pub fields: Vec<(String, String)>,
    pub file: Option<Part>,
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
            put(file.name.as_bytes());
            put(&file.content);
        }
        sha256_hex(&whole)
    }
}

/// Reads `multipart/form-data` (RFC 7578).
pub fn read(content_type: &str, body: &[u8]) -> Result<Upload, Error> {
    let boundary = boundary(content_type)?;
    let opening = format!("--{boundary}");
    let delimiter = format!("\r\n--{boundary}");
    let mut upload = Upload {
        fields: Vec::new(),
        file: None,
    };
    let mut rest = body
        .strip_prefix(b"\r\n")
        .unwrap_or(body)
        .strip_prefix(opening.as_bytes())
        .ok_or_else(broken)?;
    for _part in 0..=PARTS_MAX {
        if rest.starts_with(b"--") {
            return Ok(upload);
        }
        rest = rest.strip_prefix(b"\r\n").ok_or_else(broken)?;
        let (part, after) = split(rest, delimiter.as_bytes()).ok_or_else(broken)?;
        let (head, content) = split(part, b"\r\n\r\n").ok_or_else(broken)?;
        take(&mut upload, head, content)?;
        rest = after;
    }
    Err(Error::invalid(format!(
        "A multipart body has at most {PARTS_MAX} parts."
    )))
}

fn broken() -> Error {
    Error::invalid(
        "The multipart body is not whole: expected parts between boundaries, as RFC 7578 has them.",
    )
}

fn boundary(content_type: &str) -> Result<&str, Error> {
    let mut parameters = content_type.split(';').skip(1).map(str::trim);
    let found = parameters.find_map(|parameter| parameter.strip_prefix("boundary="));
    let boundary = found.map(|text| text.trim_matches('"')).unwrap_or_default();
    // RFC 2046, section 5.1.1: 1 to 70 characters.
    if boundary.is_empty() || boundary.len() > 70 {
        return Err(Error::invalid(
            "The multipart body names no boundary of 1 to 70 characters.",
        ));
    }
    Ok(boundary)
}

fn split<'a>(bytes: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let found = bytes.windows(at.len()).position(|window| window == at)?;
    let (before, rest) = bytes.split_at_checked(found)?;
    Some((before, rest.strip_prefix(at)?))
}

fn take(upload: &mut Upload, head: &[u8], content: &[u8]) -> Result<(), Error> {
    let head = std::str::from_utf8(head).map_err(|_| broken())?;
    let disposition = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-disposition")
            .then_some(value.trim())
    });
    let disposition = disposition.ok_or_else(broken)?;
    let name = quoted(disposition, "name").ok_or_else(broken)?;
    let file = quoted(disposition, "filename");
    if name == "file" {
        if upload.file.is_some() {
            return Err(
                Error::invalid("The parameter is given more than once: file").param("file"),
            );
        }
        upload.file = Some(Part {
            name: file_name(&file.unwrap_or_else(|| String::from("file"))),
            content: content.to_vec(),
        });
        return Ok(());
    }
    let text = String::from_utf8(content.to_vec()).map_err(|_| broken())?;
    upload.fields.push((name, text));
    Ok(())
}

/// A parameter of `Content-Disposition`, in quotes; browsers escape a quote as `%22`, curl with a backslash.
fn quoted(disposition: &str, name: &str) -> Option<String> {
    let opening = format!("{name}=\"");
    let mut from = 0;
    loop {
        let rest = disposition.get(from..)?;
        let at = rest.find(&opening)?;
        let before = rest.get(..at)?.chars().next_back();
        let after = rest.get(at + opening.len()..)?;
        if matches!(before, Some(' ' | ';')) {
            let mut out = String::new();
            let mut chars = after.chars();
            loop {
                match chars.next()? {
                    '"' => return Some(out.replace("%22", "\"")),
                    '\\' => out.push(chars.next()?),
                    other => out.push(other),
                }
            }
        }
        from += at + opening.len();
    }
}

/// The last part of whatever path a client wrote, without what breaks headers and folders; at most 255 bytes, as file
/// systems have it.
fn file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut kept = String::new();
    for c in last.chars().filter(|c| !c.is_control()) {
        if kept.len() + c.len_utf8() > 255 {
            break;
        }
        kept.push(c);
    }
    match kept.as_str() {
        "" | "." | ".." => String::from("file"),
        _ => kept,
    }
}

/// A stored file, as it is. It is never shown in a page: its owner's customer may have written it.
pub fn content(media_type: &str, name: &str, bytes: Vec<u8>) -> Response {
    let plain: String = name
        .chars()
        .map(|c| {
            let safe = c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ');
            if safe { c } else { '_' }
        })
        .collect();
    let disposition = format!("attachment; filename=\"{plain}\"");
    let value = |text: &str| {
        HeaderValue::from_str(text)
            .unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream"))
    };
    let headers = [
        (header::CONTENT_TYPE, value(media_type)),
        (header::CONTENT_DISPOSITION, value(&disposition)),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; sandbox"),
        ),
        (
            header::HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("same-origin"),
        ),
    ];
    (StatusCode::OK, headers, bytes).into_response()
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
                    format!("{}:{}", file.name, String::from_utf8_lossy(&file.content))
                });
                format!("{} {}", fields.join("&"), file.unwrap_or_default())
            }
            Err(error) => format!("! {}", error.message),
        };
        assert_eq!(got, want, "{body:?}");
    }

    const BROKEN: &str = "! The multipart body is not whole: expected parts between boundaries, as RFC 7578 has them.";

    #[test]
    fn parts_are_read_whole_or_not_at_all() {
        let file = "Content-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n";
        let purpose =
            "Content-Disposition: form-data; name=\"purpose\"\r\n\r\ndispute_evidence\r\n";
        check(
            &format!("--B\r\n{purpose}--B\r\n{file}--B--\r\n"),
            "purpose=dispute_evidence a.pdf:%PDF",
        );
        check(&format!("--B\r\n{file}"), BROKEN);
        check(&format!("--C\r\n{file}--C--"), BROKEN);
        check("--B\r\nno header\r\n--B--", BROKEN);
        check("", BROKEN);
        check("--B--", " ");
        check(
            &format!("--B\r\n{file}--B\r\n{file}--B--"),
            "! The parameter is given more than once: file",
        );
        let path = file.replace("a.pdf", "..\\\\..\\\\etc/passwd");
        check(&format!("--B\r\n{path}--B--"), " passwd:%PDF");
        let quote = file.replace("a.pdf", "a\\\"b.pdf");
        check(&format!("--B\r\n{quote}--B--"), " a\"b.pdf:%PDF");
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
