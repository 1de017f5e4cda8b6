//! `multipart/form-data` (RFC 7578), read whole or not at all: what pages and programs send files in.

use std::fmt;

/// More parts than a file, its purpose and its parameters; and more than a form with every slot of a packet.
pub const PARTS_MAX: usize = 64;

/// One part of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The field's name.
    pub name: String,
    /// As the sender wrote it; `None` for what is no file.
    pub file_name: Option<String>,
    pub declared_type: Option<String>,
    pub content: Vec<u8>,
}

/// Why a body is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    Boundary,
    NotWhole,
    TooManyParts,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Broken::Boundary => {
                f.write_str("The multipart body names no boundary of 1 to 70 characters.")
            }
            Broken::NotWhole => f.write_str(
                "The multipart body is not whole: expected parts between boundaries, as RFC 7578 has them.",
            ),
            Broken::TooManyParts => write!(f, "A multipart body has at most {PARTS_MAX} parts."),
        }
    }
}

/// The parts of a body, in order.
///
/// # Errors
/// When it does not read to its closing boundary.
pub fn read(content_type: &str, body: &[u8]) -> Result<Vec<Part>, Broken> {
    let boundary = boundary(content_type)?;
    let opening = format!("--{boundary}");
    let delimiter = format!("\r\n--{boundary}");
    let mut parts = Vec::new();
    let mut rest = body
        .strip_prefix(b"\r\n")
        .unwrap_or(body)
        .strip_prefix(opening.as_bytes())
        .ok_or(Broken::NotWhole)?;
    for _part in 0..=PARTS_MAX {
        if rest.starts_with(b"--") {
            return Ok(parts);
        }
        rest = rest.strip_prefix(b"\r\n").ok_or(Broken::NotWhole)?;
        let (part, after) = split(rest, delimiter.as_bytes()).ok_or(Broken::NotWhole)?;
        let (head, content) = split(part, b"\r\n\r\n").ok_or(Broken::NotWhole)?;
        parts.push(of(head, content)?);
        rest = after;
    }
    Err(Broken::TooManyParts)
}

fn boundary(content_type: &str) -> Result<&str, Broken> {
    let mut parameters = content_type.split(';').skip(1).map(str::trim);
    let found = parameters.find_map(|parameter| parameter.strip_prefix("boundary="));
    let boundary = found.map(|text| text.trim_matches('"')).unwrap_or_default();
    // RFC 2046, section 5.1.1: 1 to 70 characters.
    if boundary.is_empty() || boundary.len() > 70 {
        return Err(Broken::Boundary);
    }
    Ok(boundary)
}

fn split<'a>(bytes: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let found = bytes.windows(at.len()).position(|window| window == at)?;
    let (before, rest) = bytes.split_at_checked(found)?;
    Some((before, rest.strip_prefix(at)?))
}

fn of(head: &[u8], content: &[u8]) -> Result<Part, Broken> {
    let head = std::str::from_utf8(head).map_err(|_| Broken::NotWhole)?;
    let header = |wanted: &str| {
        head.split("\r\n").find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case(wanted).then_some(value.trim())
        })
    };
    let disposition = header("content-disposition").ok_or(Broken::NotWhole)?;
    Ok(Part {
        name: quoted(disposition, "name").ok_or(Broken::NotWhole)?,
        file_name: quoted(disposition, "filename"),
        declared_type: header("content-type").map(str::to_owned),
        content: content.to_vec(),
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, want: &str) {
        let got = match read("multipart/form-data; boundary=B", body.as_bytes()) {
            Ok(parts) => {
                let shown: Vec<String> = parts
                    .iter()
                    .map(|part| {
                        let content = String::from_utf8_lossy(&part.content);
                        match &part.file_name {
                            Some(file) => format!("{}:{file}:{content}", part.name),
                            None => format!("{}={content}", part.name),
                        }
                    })
                    .collect();
                shown.join(" ")
            }
            Err(broken) => format!("! {broken:?}"),
        };
        assert_eq!(got, want, "{body:?}");
    }

    #[test]
    fn parts_are_read_whole_or_not_at_all() {
        let file = "Content-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n";
        let purpose =
            "Content-Disposition: form-data; name=\"purpose\"\r\n\r\ndispute_evidence\r\n";
        check(
            &format!("--B\r\n{purpose}--B\r\n{file}--B--\r\n"),
            "purpose=dispute_evidence file:a.pdf:%PDF",
        );
        check(&format!("--B\r\n{file}"), "! NotWhole");
        check(&format!("--C\r\n{file}--C--"), "! NotWhole");
        check("--B\r\nno header\r\n--B--", "! NotWhole");
        check("", "! NotWhole");
        check("--B--", "");
        let quote = file.replace("a.pdf", "a\\\"b.pdf");
        check(&format!("--B\r\n{quote}--B--"), "file:a\"b.pdf:%PDF");
        let many = format!("--B\r\n{purpose}").repeat(PARTS_MAX + 1);
        check(&format!("{many}--B--"), "! TooManyParts");
    }
}
