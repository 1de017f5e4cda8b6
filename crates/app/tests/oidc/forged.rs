//! Against a server that says what no provider says.

use crate::{World, now, value};
use access::oidc::{Callback, TokenRefusal};
use app::entrance::oidc::ProviderTrouble;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

type Pages = Arc<Mutex<BTreeMap<String, String>>>;

/// Answers paths with what stands there, or 404. Its thread ends with the test process.
struct Server {
    issuer: String,
    pages: Pages,
}

impl Server {
    fn new() -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let pages = Pages::default();
        let shown = Arc::clone(&pages);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                serve(stream.unwrap(), &shown);
            }
        });
        let server = Server { issuer, pages };
        server.describe(&server.issuer);
        server.put("/jwks", r#"{"keys":[]}"#);
        server
    }

    fn put(&self, path: &str, page: &str) {
        let mut pages = self.pages.lock().unwrap();
        pages.insert(path.to_owned(), page.to_owned());
    }

    fn describe(&self, issuer: &str) {
        let own = &self.issuer;
        let page = format!(
            r#"{{"issuer":"{issuer}","authorization_endpoint":"{own}/auth","token_endpoint":"{own}/token","jwks_uri":"{own}/jwks"}}"#
        );
        self.put("/.well-known/openid-configuration", &page);
    }
}

fn serve(mut stream: TcpStream, pages: &Pages) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut first = String::new();
    reader.read_line(&mut first).unwrap();
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.to_lowercase();
        if let Some(text) = line.strip_prefix("content-length:") {
            length = text.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let path = first.split(' ').nth(1).unwrap_or_default();
    let page = pages.lock().unwrap().get(path).cloned();
    let (status, page) = match page {
        Some(page) => ("200 OK", page),
        None => ("404 Not Found", String::new()),
    };
    let length = page.len();
    let text =
        format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{page}");
    stream.write_all(text.as_bytes()).unwrap();
}

/// base64url without padding.
fn encoded(text: &str) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut digits = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let mut number = 0_u32;
        for place in 0..3 {
            number = (number << 8) | u32::from(chunk.get(place).copied().unwrap_or(0));
        }
        for place in 0..=chunk.len() {
            let digit = (number >> (18 - 6 * place)) & 63;
            digits.push(char::from(DIGITS[digit as usize]));
        }
    }
    digits
}

/// An ID token that is right in everything but how it is signed.
fn token(header: &str, issuer: &str, nonce: &str) -> String {
    let (from, until) = (now().unix_seconds(), now().plus_seconds(300).unix_seconds());
    let claims = format!(
        r#"{{"iss":"{issuer}","sub":"first","aud":"docket","exp":{until},"iat":{from},"nonce":"{nonce}","email":"first@example.com","email_verified":true}}"#
    );
    let (header, claims) = (encoded(header), encoded(&claims));
    format!("{header}.{claims}.{}", encoded("a signature"))
}

#[test]
fn a_token_that_nobody_signed_is_refused() {
    let server = Server::new();
    let mut world = World::new(&server.issuer);
    world.invite("first");
    let mut check = |header: &str, want: &dyn Fn(&TokenRefusal) -> bool| {
        let (_, url) = world.begin();
        let forged = token(header, &server.issuer, &value(&url, "nonce"));
        server.put("/token", &format!(r#"{{"id_token":"{forged}"}}"#));
        let callback = Callback {
            state: value(&url, "state"),
            issuer: None,
            outcome: Ok(String::from("a code")),
        };
        let redeem = world.answer(&callback).unwrap();
        match world.redeem(&redeem) {
            Err(ProviderTrouble::Token(refusal)) if want(&refusal) => {}
            told => panic!("{header}: {told:?}"),
        }
    };
    for name in ["none", "None", "HS256", "RS1"] {
        let header = format!(r#"{{"alg":"{name}","kid":"key-1"}}"#);
        check(&header, &|refusal| {
            matches!(refusal, TokenRefusal::Algorithm { .. })
        });
    }
    let own_key = r#"{"alg":"RS256","kid":"key-1","jwk":{"kty":"RSA"}}"#;
    check(own_key, &|refusal| {
        matches!(refusal, TokenRefusal::Header { .. })
    });
    let elsewhere = r#"{"alg":"RS256","kid":"key-1","jku":"https://evil.example.com/jwks"}"#;
    check(elsewhere, &|refusal| {
        matches!(refusal, TokenRefusal::Header { .. })
    });
    let unknown = r#"{"alg":"RS256","kid":"key-1"}"#;
    check(unknown, &|refusal| {
        matches!(refusal, TokenRefusal::UnknownKey { .. })
    });
}

#[test]
fn a_provider_that_is_not_the_issuer_is_refused() {
    let server = Server::new();
    server.describe("https://id.example.com");
    let world = World::new(&server.issuer);
    let told = world.provider.known(now()).unwrap_err();
    assert!(matches!(told, ProviderTrouble::Discovery(_)), "{told}");
    server.put("/.well-known/openid-configuration", "<html>");
    let told = world.provider.known(now()).unwrap_err();
    assert!(matches!(told, ProviderTrouble::Discovery(_)), "{told}");
    // Metadata that sends us elsewhere gets nowhere: the guard lets a local issuer reach this machine alone.
    let own = &server.issuer;
    let page = format!(
        r#"{{"issuer":"{own}","authorization_endpoint":"{own}/auth","token_endpoint":"https://192.0.2.1/token","jwks_uri":"https://192.0.2.1/jwks"}}"#
    );
    server.put("/.well-known/openid-configuration", &page);
    let told = world.provider.known(now()).unwrap_err();
    assert!(matches!(told, ProviderTrouble::Unreached(_)), "{told}");
}
