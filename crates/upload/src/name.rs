//! Names as uploaders give them are hostile text. What is shown and sent back is made safe; what a name means for the
//! type of a file is decided in `kind`.

use std::fmt::Write as _;

/// A name is read that far and no further.
pub(crate) const LENGTH_READ_MAX: usize = 4096;

/// Characters of a shown name. Every file system takes names of 255 bytes; 60 characters of at most four bytes fit.
const LENGTH_SHOWN_MAX: usize = 60;

/// Names that Windows gives to devices, with any extension (learn.microsoft.com, Naming Files, Paths, and Namespaces).
const DEVICES: &[&str] = &[
    "CON", "PRN", "AUX", "NUL", "COM", "LPT", "CONIN$", "CONOUT$", "CLOCK$",
];

/// The name to show, store and send back: no folders, nothing invisible, nothing that a file system or a header gives a
/// meaning, at most 60 characters with its extension kept. Never empty.
#[must_use]
pub fn display(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let safe: String = visible(last)
        .chars()
        .map(|c| match c {
            '<' | '>' | ':' | '"' | '|' | '?' | '*' | '%' | '`' | '$' => '_',
            c => c,
        })
        .collect();
    let trimmed = safe.trim_matches(['.', ' ', '~']);
    let cut = shortened(trimmed);
    if cut.is_empty() {
        "file".to_owned()
    } else if is_device(&cut) {
        format!("_{cut}")
    } else {
        cut
    }
}

/// `Content-Disposition` that saves the file under its safe name: a plain form for every client, and the exact one in
/// UTF-8 (RFC 6266 section 4.1, RFC 8187 section 3.2). Always an attachment: nothing uploaded is shown on our origin.
#[must_use]
pub fn content_disposition(name: &str) -> String {
    let name = display(name);
    let plain: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ') {
                c
            } else {
                '_'
            }
        })
        .collect();
    let mut exact = String::new();
    for byte in name.bytes() {
        // `attr-char` of RFC 8187, of which these suffice.
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            exact.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(exact, "%{byte:02X}");
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{exact}")
}

/// Everything to answer a download with, beside the length: the browser may neither guess, nor run, nor frame it.
#[must_use]
pub fn download_headers(kind: crate::Kind, name: &str) -> [(&'static str, String); 6] {
    let fixed = str::to_owned;
    [
        ("content-type", fixed(kind.media_type())),
        ("content-disposition", content_disposition(name)),
        ("x-content-type-options", fixed("nosniff")),
        (
            "content-security-policy",
            fixed("default-src 'none'; sandbox; frame-ancestors 'none'"),
        ),
        ("cross-origin-resource-policy", fixed("same-origin")),
        ("cache-control", fixed("private, no-store")),
    ]
}

/// A piece of hostile text inside one of our messages: a few visible characters, and no digits where they are so many
/// that they could be a number which nobody may repeat.
pub(crate) fn shown(text: &str) -> String {
    let text = visible(text);
    let masks = text.chars().filter(|c| c.is_numeric()).count() > 8;
    let mask = |c: char| if masks && c.is_numeric() { '#' } else { c };
    text.chars().map(mask).take(40).collect()
}

/// Without what is not seen: control and format characters (bidirectional overrides and zero-width ones among them),
/// variation selectors, tags, and what Unicode has not given a meaning everywhere (private use).
pub(crate) fn visible(text: &str) -> String {
    text.chars().filter(|c| !is_invisible(*c)).collect()
}

/// The category Cf of Unicode 16 and what renders as nothing; line and paragraph separators too.
pub(crate) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFB}' | '\u{1D173}'..='\u{1D17A}' | '\u{E000}'..='\u{F8FF}'
            | '\u{E0000}'..='\u{E0FFF}' | '\u{F0000}'..='\u{10FFFF}')
}

/// At most so many characters, the extension kept where there is a short one.
fn shortened(name: &str) -> String {
    if name.chars().count() <= LENGTH_SHOWN_MAX {
        return name.to_owned();
    }
    match name.rsplit_once('.') {
        Some((stem, extension)) if (1..=10).contains(&extension.chars().count()) => {
            let room = LENGTH_SHOWN_MAX - 1 - extension.chars().count();
            let stem: String = stem.chars().take(room).collect();
            format!("{stem}.{extension}")
        }
        _ => name.chars().take(LENGTH_SHOWN_MAX).collect(),
    }
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    let stem = stem.trim_end().to_uppercase();
    // COM1 and COM with a superscript 1 are devices alike.
    let base = stem.trim_end_matches([
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '¹', '²', '³',
    ]);
    let numbered = stem.chars().count() == base.chars().count() + 1;
    DEVICES.contains(&stem.as_str()) || (numbered && matches!(base, "COM" | "LPT"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, want: &str) {
        assert_eq!(display(name), want, "{name:?}");
    }

    #[test]
    fn names_are_made_safe() {
        check("receipt.pdf", "receipt.pdf");
        check("../../etc/passwd", "passwd");
        check("..\\..\\boot.ini", "boot.ini");
        check("C:\\Users\\x\\a.pdf", "a.pdf");
        check("a\0.pdf", "a.pdf");
        check("a.pdf\0.exe", "a.pdf.exe");
        check("invoice\u{202E}fdp.exe", "invoicefdp.exe");
        check("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie_ x=1.pdf");
        check("a\u{2028}b.pdf", "ab.pdf");
        check("CON", "_CON");
        check("con.pdf", "_con.pdf");
        check("aux .txt", "_aux .txt");
        check("COM1.pdf", "_COM1.pdf");
        check("com¹", "_com¹");
        check("COM10.pdf", "COM10.pdf");
        check("CONTRACT.pdf", "CONTRACT.pdf");
        check("", "file");
        check("...", "file");
        check(" ~. ", "file");
        check("/", "file");
        check("\u{200B}\u{200B}", "file");
        check(".htaccess", "htaccess");
        check("a.pdf. .", "a.pdf");
        check("😀 receipt.pdf", "😀 receipt.pdf");
        check("квитанция.pdf", "квитанция.pdf");
        check("a<b>:\"|?*.pdf", "a_b______.pdf");
        check("a.pdf::$DATA", "a.pdf___DATA");
        check("%2e%2e%2fetc", "_2e_2e_2fetc");
        check("\u{E0041}\u{E0042}a", "a");
        check(
            &format!("{}.pdf", "a".repeat(4096)),
            &format!("{}.pdf", "a".repeat(56)),
        );
        check(&"é".repeat(5000), &"é".repeat(60));
    }

    #[track_caller]
    fn check_header(name: &str, want: &str) {
        let header = content_disposition(name);
        assert_eq!(header, want);
        assert!(
            header.bytes().all(|byte| (0x20..0x7F).contains(&byte)),
            "{header:?}"
        );
        assert_eq!(header.matches('"').count(), 2);
    }

    #[test]
    fn headers_hold_one_quoted_and_one_exact_name() {
        check_header(
            "a b.pdf",
            "attachment; filename=\"a b.pdf\"; filename*=UTF-8''a%20b.pdf",
        );
        check_header(
            "a\"; filename=\"x.exe",
            "attachment; filename=\"a__ filename__x.exe\"; filename*=UTF-8''a_%3B%20filename%3D_x.exe",
        );
        check_header(
            "a\r\nX: y",
            "attachment; filename=\"aX_ y\"; filename*=UTF-8''aX_%20y",
        );
        check_header(
            "é😀",
            "attachment; filename=\"__\"; filename*=UTF-8''%C3%A9%F0%9F%98%80",
        );
        check_header("a'b\\c", "attachment; filename=\"c\"; filename*=UTF-8''c");
    }

    #[test]
    fn downloads_are_attachments_that_nothing_guesses() {
        let headers = download_headers(crate::Kind::Text, "a.txt");
        let said = |name: &str| {
            headers
                .iter()
                .find(|(is, _)| *is == name)
                .map(|(_, said)| said.as_str())
        };
        assert_eq!(said("x-content-type-options"), Some("nosniff"));
        assert_eq!(said("content-type"), Some("text/plain; charset=utf-8"));
        assert!(said("content-disposition").is_some_and(|said| said.starts_with("attachment;")));
    }
}
