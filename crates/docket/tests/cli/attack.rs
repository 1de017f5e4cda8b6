//! Attacks on a served desk, over its own port: each is sent, refused with a status and words of its own, and leaves nothing
//! behind. `attack/answers` holds what each was told; `BLESS=1` writes it anew. The rooms hold further attacks on what they
//! own; `docs/reference/attacks.md` lists them all.

/// Each of these attacks a desk in a folder, and one in PostgreSQL where a server is named: both refuse in the same words.
macro_rules! on_both {
    ($($name:ident)*) => {$(
        mod $name {
            use crate::attack::target::Target;

            #[test]
            fn in_a_folder() {
                super::$name(Target::in_a_folder());
            }

            #[test]
            fn in_postgres() {
                if let Some(target) = Target::in_postgres() {
                    super::$name(target);
                }
            }
        }
    )*};
}
use on_both;

mod bounds;
mod files;
mod inbound;
mod keys;
mod logic;
mod page;
mod pages;
mod person;
mod signed_in;

mod target;
mod tenancy;
mod wire;
mod words;

use crate::base::Base;
use std::fmt::Write as _;
use std::path::PathBuf;
use target::Target;

/// One attack: what is sent, and the statuses of which one must come back. 0 is a connection closed without an answer.
pub struct Attack {
    pub name: String,
    pub request: Vec<u8>,
    pub refused: &'static [u16],
}

/// A well-formed request.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: desk\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    [head.as_bytes(), body].concat()
}

pub fn attack(name: impl Into<String>, request: Vec<u8>, refused: &'static [u16]) -> Attack {
    Attack {
        name: name.into(),
        request,
        refused,
    }
}

/// 0 where nothing came back.
pub fn status(answer: &str) -> u16 {
    let code = answer.split(' ').nth(1).and_then(|code| code.parse().ok());
    code.unwrap_or(0)
}

pub fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

/// The values of one header of an answer.
pub fn headers<'a>(answer: &'a str, name: &'static str) -> impl Iterator<Item = &'a str> {
    let head = answer.split("\r\n\r\n").next().unwrap_or_default();
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.filter_map(move |(known, value)| known.eq_ignore_ascii_case(name).then_some(value))
}

/// What a page says of why it is not the one that was asked for: its title and its first note, as people read them.
fn told(page: &str) -> String {
    let after = |text: &str| page.split_once(text).map(|(_, rest)| rest.to_owned());
    let title = after("<title>").unwrap_or_default();
    let title = title
        .split("</title>")
        .next()
        .unwrap_or_default()
        .to_owned();
    let note = after("<div class=\"note").unwrap_or_default();
    let note = note.split("</div>").next().unwrap_or_default();
    let mut words = String::new();
    for (place, part) in note.split('<').enumerate() {
        let shown = match place {
            // The rest of the note's own tag.
            0 => part.split_once('>').map_or("", |(_, text)| text),
            _ => part.split_once('>').map_or(part, |(_, text)| text),
        };
        words.push_str(shown);
        words.push(' ');
    }
    let words: Vec<&str> = words.split_whitespace().collect();
    let words = words
        .join(" ")
        .replace("&amp;", "&")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"");
    format!("{title}: {words}")
}

/// The words of a refusal: code and message where the interface for programs answers, a page's note, the body elsewhere.
fn words(answer: &str) -> String {
    let body = body(answer);
    if let Some(place) = headers(answer, "location").next() {
        return format!("to {place}");
    }
    let read: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    let error = &read["error"];
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    let words = match error.is_object() {
        false if body.starts_with("<!DOCTYPE html>") => told(body),
        false => body.trim().to_owned(),
        true => {
            let codes = ["type", "docket_code", "code", "param"].map(text);
            let codes = codes.into_iter().filter(|code| !code.is_empty());
            format!(
                "{}: {}",
                codes.collect::<Vec<_>>().join(" "),
                text("message")
            )
        }
    };
    words
        .replace(['\r', '\n'], " ")
        .replace('\0', "\\0")
        .chars()
        .take(240)
        .collect()
}

/// The file that says what each attack of a list was told.
fn answers(list: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/cli/attack/answers");
    folder.join(format!("{list}.txt"))
}

/// Sends every attack; each is refused as it should be, in the words that are written down, and together they changed nothing.
#[track_caller]
pub fn withstood(target: &Target, list: &str, attacks: &[Attack]) {
    let before = target.effects();
    let (mut wrong, mut told) = (Vec::new(), String::new());
    for attack in attacks {
        let answer = target.exchange(attack);
        let status = status(&answer);
        let said = target.nameless(&words(&answer));
        // A second request that hid behind the first must not have been heard either.
        if !attack.refused.contains(&status) || answer.contains("HTTP/1.1 2") {
            let expected = attack.refused;
            wrong.push(format!(
                "{}: {status} {said}, expected {expected:?}",
                attack.name
            ));
        }
        let words = match attack.refused.contains(&0) {
            true => String::from("hung up, or a refusal of the head"),
            false => format!("{status} {said}"),
        };
        writeln!(told, "{} -> {words}", attack.name).expect("a text grows");
    }
    assert!(wrong.is_empty(), "{list}:\n{}", wrong.join("\n"));
    assert_eq!(target.effects(), before, "{list}: something was changed");
    let alive = target.serving.send("GET", "/healthz", &[], b"");
    assert_eq!(alive.0, 200, "{list}");
    let file = answers(list);
    if std::env::var_os("BLESS").is_some() && matches!(target.desk, Base::Folder { .. }) {
        std::fs::write(&file, &told).expect("the answers can be written");
    }
    let known = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(known, told, "{list}: BLESS=1 writes the answers anew");
}
