//! People come into a served desk through a real OpenID provider (`oidc-provider`), which runs on this machine. Left out, said
//! aloud, where DOCKET_TEST_CLIENTS names none.

use crate::attack::{body, request, status};
use crate::browser::clients;
use crate::run::{docket, sample_desk};
use crate::serve::Serving;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

/// Ended when dropped.
struct Provider {
    child: Child,
    issuer: String,
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn script(name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../app/tests/oidc/");
    format!("{folder}{name}")
}

fn free() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

impl Provider {
    fn start(clients: &str, redirect: &str) -> Provider {
        let mut child = Command::new("node")
            .args([
                &script("provider.mjs"),
                &free().to_string(),
                clients,
                "key-1",
                redirect,
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node starts");
        let mut words = BufReader::new(child.stdout.take().unwrap());
        let mut issuer = String::new();
        words.read_line(&mut issuer).unwrap();
        // What it says later is read by nobody, and must not stop it.
        std::thread::spawn(move || words.lines().for_each(drop));
        let issuer = issuer.trim().to_owned();
        assert!(
            issuer.starts_with("http://127.0.0.1:"),
            "it listens: {issuer}"
        );
        Provider { child, issuer }
    }

    /// Somebody of this name signs in there; the address of ours to which they are sent back, without its origin.
    fn let_in(&self, url: &str, name: &str, home: &str) -> String {
        assert!(url.starts_with(&self.issuer), "{url}");
        let output = Command::new("node")
            .args([&script("browser.mjs"), url, name])
            .output()
            .expect("node starts");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{told}");
        let url = String::from_utf8(output.stdout).unwrap();
        url.trim()
            .strip_prefix(home)
            .expect("it is ours")
            .to_owned()
    }
}

/// A browser: what it is told, and its cookies.
struct Browser<'a> {
    serving: &'a Serving,
    cookies: Vec<(String, String)>,
}

impl Browser<'_> {
    fn get(&mut self, path: &str) -> (u16, String) {
        let cookies = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let cookies = cookies.collect::<Vec<_>>().join("; ");
        let asked = request("GET", path, &[("cookie", &cookies)], b"");
        let answer = self.serving.exchange(&asked);
        for value in headers(&answer, "set-cookie") {
            let (name, rest) = value.split_once('=').expect("a cookie");
            let value = rest.split(';').next().unwrap_or_default();
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
        (status(&answer), answer)
    }

    /// Begins a sign-in and gives the provider's address.
    fn begins(&mut self) -> String {
        self.begins_at("/sign-in/provider?back=/desk/queue")
    }

    fn begins_at(&mut self, path: &str) -> String {
        let (status, answer) = self.get(path);
        assert_eq!(status, 303, "{answer}");
        headers(&answer, "location")
            .next()
            .expect("a place")
            .to_owned()
    }
}

fn headers<'a>(answer: &'a str, name: &'static str) -> impl Iterator<Item = &'a str> {
    let head = answer.split("\r\n\r\n").next().unwrap_or_default();
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    lines
        .filter(move |(key, _)| *key == name)
        .map(|(_, value)| value)
}

#[test]
fn an_invited_person_comes_in_through_the_provider_and_nobody_else() {
    let Some(clients) = clients() else { return };
    let (folder, dir) = sample_desk();
    let address = format!("127.0.0.1:{}", free());
    let home = format!("http://{address}");
    let provider = Provider::start(&clients, &format!("{home}/enter/provider"));
    let settings = format!(
        "listen = \"{address}\"\n[oidc]\nissuer = \"{}\"\nclient_id = \"docket\"\n\
         client_secret = {{ file = \"secrets/oidc\" }}\nemail_domains = [\"example.com\"]\n",
        provider.issuer
    );
    folder.write("desk/desk.toml", settings.as_bytes());
    folder.write("desk/secrets/oidc", b"a synthetic secret\n");
    let person = [
        "person",
        "add",
        "first@example.com",
        "--name",
        "Person 1",
        "--role",
        "analyst",
    ];
    docket(&[&person[..], &["--dir", &dir]].concat()).exits(0);
    docket(&[
        "merchant",
        "add",
        "Merchant 1",
        "--id",
        "mer_1",
        "--dir",
        &dir,
    ])
    .exits(0);
    let person = [
        "person",
        "add",
        "second@example.com",
        "--name",
        "Person 2",
        "--role",
        "merchant-member",
        "--merchant",
        "mer_1",
    ];
    docket(&[&person[..], &["--dir", &dir]].concat()).exits(0);
    let serving = Serving::at(&dir, &address);
    let new = || Browser {
        serving: &serving,
        cookies: Vec::new(),
    };

    let mut first = new();
    let (_, page) = first.get("/sign-in?back=/desk/queue");
    assert!(
        page.contains("/sign-in/provider?back=/desk/queue"),
        "{page}"
    );
    let url = first.begins();
    let back = provider.let_in(&url, "first", &home);
    // Another browser that holds the answer is not signed in by it, and neither is the first one afterwards.
    let mut thief = new();
    thief.begins();
    let (status, answer) = thief.get(&back);
    assert_eq!(status, 400, "{answer}");
    assert!(
        body(&answer).contains("not begun in this browser"),
        "{answer}"
    );
    assert_eq!(first.get(&back).0, 400);

    let url = first.begins();
    let back = provider.let_in(&url, "first", &home);
    let (status, answer) = first.get(&back);
    assert_eq!(status, 303, "{answer}");
    assert_eq!(headers(&answer, "location").next(), Some("/desk/queue"));
    let (status, page) = first.get("/desk/queue");
    assert_eq!(status, 200, "{page}");
    assert!(page.contains("Person 1"), "{page}");
    // The answer is good once.
    assert_eq!(first.get(&back).0, 400);

    // What asks for a proof is not content with whom the provider knows already: it has them prove it again, and says when.
    let mut second = new();
    let url = second.begins();
    let back = provider.let_in(&url, "second", &home);
    assert_eq!(second.get(&back).0, 303);
    let asks = |page: &str| page.contains("Prove that it is you.");
    let (_, page) = second.get("/keys");
    assert!(asks(&page), "{page}");
    let (_, page) = second.get("/prove?back=/keys");
    let way = "/sign-in/provider?afresh=1&amp;back=/keys";
    assert!(page.contains(way), "{page}");
    let url = second.begins_at(&way.replace("&amp;", "&"));
    assert!(url.contains("&prompt=login&max_age=0"), "{url}");
    let back = provider.let_in(&url, "second", &home);
    let (status, answer) = second.get(&back);
    assert_eq!(status, 303, "{answer}");
    assert_eq!(headers(&answer, "location").next(), Some("/keys"));
    let (status, page) = second.get("/keys");
    assert!(status == 200 && !asks(&page), "{page}");

    for name in ["stranger", "unverified-first"] {
        let mut other = new();
        let url = other.begins();
        let back = provider.let_in(&url, name, &home);
        let (status, answer) = other.get(&back);
        assert_eq!(status, 403, "{name}: {answer}");
        assert!(body(&answer).contains("this desk does not"), "{answer}");
        assert_eq!(other.get("/desk/queue").0, 303, "{name} is nobody");
    }
    serving.stop();
}

#[test]
fn a_desk_without_a_provider_has_no_such_door() {
    let (_folder, dir) = sample_desk();
    let serving = Serving::start(&dir);
    assert_eq!(serving.send("GET", "/sign-in/provider", &[], b"").0, 404);
    assert_eq!(
        serving
            .send("GET", "/enter/provider?state=a&code=b", &[], b"")
            .0,
        404
    );
    let (_, page) = serving.send("GET", "/sign-in", &[], b"");
    assert!(!page.contains("/sign-in/provider"), "{page}");
    serving.stop();
}
