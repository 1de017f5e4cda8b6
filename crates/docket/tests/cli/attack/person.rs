//! A person with a session at an attacked desk: let in from the shell, with password and code, as anybody is.

use super::target::Target;
use super::{attack, body, headers, request, status};
use access::cookie;
use access::csrf;
use access::session::Token;
use access::totp::{SECRET_BYTES, Step, Totp};
use calendar::Instant;

/// RFC 6238, section 5.2.
const STEP_SECONDS: i64 = 30;
const PASSWORD: &str = "a sentence that is long enough";

pub struct Person {
    /// The value of the header.
    pub cookie: String,
    pub csrf: String,
}

impl Person {
    /// Somebody of the desk, or of a merchant.
    pub fn enters(target: &Target, name: &str, roles: &[&str], merchant: Option<&str>) -> Person {
        let (role, more) = roles.split_first().expect("one role at least");
        let email = format!("{name}@example.com");
        let add = [
            "person", "add", &email, "--name", name, "--role", role, "--json",
        ];
        let of = merchant.map_or(Vec::new(), |merchant| vec!["--merchant", merchant]);
        let added = target.desk.run(&[&add[..], &of].concat()).exits(0).json();
        for role in more {
            let grant = ["person", "grant", &email, "--role", role];
            target.desk.run(&grant).exits(0);
        }
        let link = added["link"]["path"].as_str().expect("a link").to_owned();
        let welcome = target.exchange(&attack("welcome", request("GET", &link, &[], b""), &[200]));
        let (before, pre) = session(&welcome, cookie::PRE_SESSION);
        let code = code(&welcome);
        let form = format!(
            "csrf={}&password={}&code={code}",
            csrf::token(&pre),
            PASSWORD.replace(' ', "+")
        );
        let headers = [("cookie", before.as_str()), ("content-type", FORM)];
        let accept = request("POST", &link, &headers, form.as_bytes());
        let inside = target.exchange(&attack("accept", accept, &[200]));
        assert_eq!(status(&inside), 200, "{inside}");
        let (cookie, token) = session(&inside, cookie::SESSION);
        Person {
            cookie,
            csrf: csrf::token(&token),
        }
    }

    /// A form from a page of theirs.
    pub fn form(&self, path: &str, fields: &str) -> Vec<u8> {
        let whole = format!("csrf={}&{fields}", self.csrf);
        self.sends("POST", path, &[("content-type", FORM)], whole.as_bytes())
    }

    /// Anything with their session.
    pub fn sends(&self, method: &str, path: &str, more: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
        let own = [("cookie", self.cookie.as_str())];
        request(method, path, &[&own[..], more].concat(), body)
    }

    pub fn sees(&self, target: &Target, path: &str) -> String {
        let seen = target.exchange(&attack("seen", self.sends("GET", path, &[], b""), &[200]));
        assert_eq!(status(&seen), 200, "{path}: {seen}");
        seen
    }
}

pub const FORM: &str = "application/x-www-form-urlencoded";

/// The cookie of this name that an answer sets: as a header, and what it is.
fn session(answer: &str, name: &str) -> (String, Token) {
    let set = headers(answer, "set-cookie").find(|set| set.starts_with(&format!("{name}=")));
    let pair = set
        .expect("it is set")
        .split(';')
        .next()
        .unwrap_or_default()
        .to_owned();
    let token = cookie::find(&pair, name)
        .expect("one cookie")
        .expect("a token");
    (pair, token)
}

/// What a telephone shows at the instant at which the page was made, which the page's head says.
fn code(page: &str) -> String {
    let (_, secret) = body(page)
        .split_once("<code>")
        .expect("the secret in letters");
    let secret = secret.split('<').next().unwrap_or_default();
    let mut bits = String::new();
    for letter in secret.bytes().filter(|byte| *byte != b' ') {
        let place = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
            .iter()
            .position(|known| *known == letter);
        bits.push_str(&format!("{:05b}", place.expect("a letter of base32")));
    }
    let mut key = [0; SECRET_BYTES];
    for (byte, octet) in key.iter_mut().zip(bits.as_bytes().chunks(8)) {
        let octet = std::str::from_utf8(octet).unwrap();
        *byte = u8::from_str_radix(octet, 2).unwrap();
    }
    let date = headers(page, "date").next().expect("a head says when");
    let step = made_at(date).unix_seconds().div_euclid(STEP_SECONDS);
    Totp::new(key).code(Step(step))
}

/// `Mon, 23 Nov 2026 18:53:20 GMT`, as HTTP has it.
fn made_at(date: &str) -> Instant {
    let words: Vec<&str> = date.split(' ').collect();
    let [_, day, month, year, time, _] = words[..] else {
        panic!("no date: {date}");
    };
    let months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let month = months.find(month).expect("a month") / 3 + 1;
    Instant::parse(&format!("{year}-{month:02}-{day}T{time}Z")).expect("an instant")
}
