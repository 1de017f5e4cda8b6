//! `multipart/form-data` (RFC 7578), encoded the same way every time.
//!
//! The same parts give the same bytes, boundary included: what is sent again is what was sent, and what was sealed can
//! be compared with what left.

/// One part of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub name: String,
    /// For files; `None` for plain fields.
    pub file_name: Option<String>,
    pub media_type: Option<String>,
    pub content: Vec<u8>,
}

/// An encoded form.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Form {
    /// The value of `Content-Type`, with the boundary.
    pub(super) media_type: String,
    pub(super) content: Vec<u8>,
}

pub(super) fn encode(parts: &[Part]) -> Result<Form, String> {
    let mut heads = Vec::new();
    for part in parts {
        heads.push(head(part)?);
    }
    let boundary = boundary(parts, &heads);
    let mut content = Vec::new();
    for (part, head) in parts.iter().zip(&heads) {
        content.extend_from_slice(format!("--{boundary}\r\n{head}\r\n").as_bytes());
        content.extend_from_slice(&part.content);
        content.extend_from_slice(b"\r\n");
    }
    content.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok(Form {
        media_type: format!("multipart/form-data; boundary={boundary}"),
        content,
    })
}

/// The headers of a part, each with its line end.
fn head(part: &Part) -> Result<String, String> {
    let mut head = format!(
        "Content-Disposition: form-data; name=\"{}\"",
        quoted(&part.name)?
    );
    if let Some(file_name) = &part.file_name {
        head.push_str(&format!("; filename=\"{}\"", quoted(file_name)?));
    }
    head.push_str("\r\n");
    if let Some(media_type) = &part.media_type {
        let plain = |c: char| c.is_ascii_graphic() || c == ' ';
        if media_type.is_empty() || !media_type.chars().all(plain) {
            return Err(format!("media type {media_type:?} is not printable ASCII"));
        }
        head.push_str(&format!("Content-Type: {media_type}\r\n"));
    }
    Ok(head)
}

/// A quote within a name is percent-encoded, as browsers do (HTML standard, multipart form data). They encode line
/// breaks too; here a control character is refused, because it can only be a mistake or an attack.
fn quoted(name: &str) -> Result<String, String> {
    if name.chars().any(char::is_control) {
        return Err(format!("part name {name:?} has control characters"));
    }
    Ok(name.replace('"', "%22"))
}

/// The first of a fixed row of boundaries that no part contains. Of n + 1 candidates, none of which is contained in
/// another, content of n bytes cannot contain all, so the search ends.
fn boundary(parts: &[Part], heads: &[String]) -> String {
    let mut number = 0_u64;
    loop {
        // Ended by a letter, so that number 1 is not contained in number 10.
        let candidate = format!("docket-part-{number}-x");
        let taken = heads.iter().any(|head| head.contains(&candidate))
            || parts
                .iter()
                .any(|part| contains(&part.content, candidate.as_bytes()));
        if !taken {
            return candidate;
        }
        number += 1;
    }
}

fn contains(content: &[u8], sought: &[u8]) -> bool {
    content.windows(sought.len()).any(|window| window == sought)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &str, file_name: Option<&str>, media_type: Option<&str>, content: &[u8]) -> Part {
        Part {
            name: name.to_owned(),
            file_name: file_name.map(str::to_owned),
            media_type: media_type.map(str::to_owned),
            content: content.to_vec(),
        }
    }

    #[track_caller]
    fn check(parts: &[Part], want: Result<&str, &str>) {
        let got = encode(parts).map(|form| String::from_utf8(form.content).unwrap());
        assert_eq!(got.as_deref().map_err(String::as_str), want);
    }

    #[test]
    fn parts_are_encoded_in_their_order() {
        check(
            &[
                part("purpose", None, None, b"dispute_evidence"),
                part(
                    "file",
                    Some("receipt.pdf"),
                    Some("application/pdf"),
                    b"%PDF-\r\n",
                ),
            ],
            Ok(
                "--docket-part-0-x\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\ndispute_evidence\r\n\
                --docket-part-0-x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"receipt.pdf\"\r\n\
                Content-Type: application/pdf\r\n\r\n%PDF-\r\n\r\n--docket-part-0-x--\r\n",
            ),
        );
        check(&[], Ok("--docket-part-0-x--\r\n"));
    }

    #[test]
    fn boundary_is_one_that_no_part_contains() {
        let form = encode(&[
            part("a", None, None, b"--docket-part-0-x--\r\n"),
            part("docket-part-1-x", None, None, b""),
        ]);
        assert_eq!(
            form.unwrap().media_type,
            "multipart/form-data; boundary=docket-part-2-x"
        );
    }

    #[test]
    fn names_cannot_break_out_of_their_quotes() {
        check(
            &[part("a\"; x=\"b", Some("ü\".pdf"), None, b"")],
            Ok(
                "--docket-part-0-x\r\nContent-Disposition: form-data; name=\"a%22; x=%22b\"; filename=\"ü%22.pdf\"\r\n\
                \r\n\r\n--docket-part-0-x--\r\n",
            ),
        );
        check(
            &[part("a\r\nX: y", None, None, b"")],
            Err("part name \"a\\r\\nX: y\" has control characters"),
        );
        check(
            &[part("a", Some("b\n"), None, b"")],
            Err("part name \"b\\n\" has control characters"),
        );
        check(
            &[part("a", None, Some("text/plain\r\nX: y"), b"")],
            Err("media type \"text/plain\\r\\nX: y\" is not printable ASCII"),
        );
    }
}
