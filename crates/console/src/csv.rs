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

/// Signs that open a formula, in a spreadsheet or behind its conversion of full-width forms.
const OPENING: [char; 9] = [
    '=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}', '\u{2212}',
];

fn cell(field: &str) -> String {
    // What spreadsheets drop or do not show before they look: blanks, controls, quotes, marks of order and width.
    let unseen = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '"' | '\'' | '\u{200b}'..='\u{200f}' | '\u{feff}')
    };
    let shown = field.trim_start_matches(unseen);
    let control = field.starts_with(char::is_control);
    let field = match (control || shown.starts_with(OPENING)) && !amount(field) {
        true => format!("'{field}"),
        false => field.to_owned(),
    };
    // A semicolon or a tab is a comma to a spreadsheet of another country.
    match field.contains(['"', ',', ';', '\t', '\n', '\r']) {
        true => format!("\"{}\"", field.replace('"', "\"\"")),
        false => field,
    }
}

/// A number with one sign before it at most, as ours are written: `-12.50`. It stays one.
fn amount(field: &str) -> bool {
    let digits = field.strip_prefix(['+', '-']).unwrap_or(field);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, part]
        .iter()
        .all(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()))
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
        check("-1+cmd|' /C calc'!A0", "'-1+cmd|' /C calc'!A0");
        check("\t=1", "\"'\t=1\"");
        check("\r=1", "\"'\r=1\"");
        check("\n=1", "\"'\n=1\"");
        check("\0=1", "'\0=1");
        check(
            "=HYPERLINK(\"http://a\")",
            "\"'=HYPERLINK(\"\"http://a\"\")\"",
        );
        check("=IMPORTXML(A1;\"//a\")", "\"'=IMPORTXML(A1;\"\"//a\"\")\"");
        check(" =1+1", "' =1+1");
        check("\u{a0}=1", "'\u{a0}=1");
        check("\u{200b}=1", "'\u{200b}=1");
        check("\u{feff}=1", "'\u{feff}=1");
        check("\"=1\"", "\"'\"\"=1\"\"\"");
        check("\u{ff1d}1+1", "'\u{ff1d}1+1");
        check("\u{ff0b}1+1", "'\u{ff0b}1+1");
        check("\u{ff0d}1+1", "'\u{ff0d}1+1");
        check("\u{ff20}A1", "'\u{ff20}A1");
        check("\u{2212}1+1", "'\u{2212}1+1");
        check("--1", "'--1");
        check("+1.50", "+1.50");
        check("-", "'-");
        check("1.2.3", "1.2.3");
        check("-1.2.3", "'-1.2.3");
        check("a;=1", "\"a;=1\"");
        check("a\t=1", "\"a\t=1\"");
        check("sep=;", "\"sep=;\"");
        check("a=b", "a=b");
    }
}
