//! Tables as files for spreadsheets.

use axum::http::header;
use axum::response::{IntoResponse, Response};

/// One line. A field that a spreadsheet would run as a formula is kept from it by an apostrophe before it.
pub fn line(fields: &[&str]) -> String {
    let mut text = String::new();
    for (place, field) in fields.iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        text.push_str(&cell(field));
    }
    text.push_str("\r\n");
    text
}

fn cell(field: &str) -> String {
    // A sign before a number is a number; before anything else it opens a formula.
    let digits = field.trim_start_matches(['+', '-']);
    let number = digits
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']) && !number;
    let field = match formula {
        true => format!("'{field}"),
        false => field.to_owned(),
    };
    match field.contains(['"', ',', '\n', '\r']) {
        true => format!("\"{}\"", field.replace('"', "\"\"")),
        false => field,
    }
}

/// The answer that a browser keeps under this name.
pub fn file(name: &str, text: String) -> Response {
    (
        [
            (
                header::CONTENT_TYPE,
                String::from("text/csv; charset=utf-8"),
            ),
            (
                header::CONTENT_DISPOSITION,
                format!("attachment; filename=\"{name}\""),
            ),
        ],
        text,
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_never_a_formula_nor_two_fields() {
        let check =
            |field: &str, want: &str| assert_eq!(line(&[field, "x"]), format!("{want},x\r\n"));
        check("plain", "plain");
        check("a,b", "\"a,b\"");
        check("say \"hi\"", "\"say \"\"hi\"\"\"");
        check("-12.50", "-12.50");
        check("=SUM(A1)", "'=SUM(A1)");
        check("+cmd|x", "'+cmd|x");
        check("@x,y", "\"'@x,y\"");
    }
}
