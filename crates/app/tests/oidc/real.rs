//! Against the certified provider, run on this machine.

use crate::{REDIRECT, World, now, pairs};
use access::oidc::{Callback, CallbackRefusal, TokenRefusal};
use access::session::Token;
use app::entrance::oidc::ProviderTrouble;
use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// Ended when dropped.
struct Running {
    child: Child,
    issuer: String,
    /// Held open: a program whose words nobody takes dies of them.
    _words: BufReader<ChildStdout>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// Where the clients are, if anywhere.
fn clients() -> Option<OsString> {
    let clients = std::env::var_os("DOCKET_TEST_CLIENTS");
    let found = clients.filter(|at| {
        Path::new(at)
            .join("node/node_modules/oidc-provider")
            .is_dir()
    });
    if found.is_none() {
        eprintln!("skipped: DOCKET_TEST_CLIENTS does not say where oidc-provider is");
    }
    found
}

fn script(name: &str) -> String {
    format!("{}/tests/oidc/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn run(clients: &OsString, port: u16, key: &str) -> Running {
    let mut child = Command::new("node")
        .arg(script("provider.mjs"))
        .arg(port.to_string())
        .arg(clients)
        .args([key, REDIRECT])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("node starts");
    let mut issuer = String::new();
    let mut words = BufReader::new(child.stdout.take().unwrap());
    words.read_line(&mut issuer).unwrap();
    let issuer = issuer.trim().to_owned();
    assert!(
        issuer.starts_with("http://127.0.0.1:"),
        "the provider listens"
    );
    Running {
        child,
        issuer,
        _words: words,
    }
}

/// A port that was free a moment ago: the provider's issuer has it, so it is needed before the provider runs.
fn port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// A browser goes to the provider and comes back.
fn back(url: &str, name: &str) -> Callback {
    let output = Command::new("node")
        .arg(script("browser.mjs"))
        .args([url, name])
        .output()
        .expect("node starts");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{told}");
    let url = String::from_utf8(output.stdout).unwrap();
    assert!(url.starts_with(REDIRECT), "{url}");
    Callback::read(&pairs(url.trim())).unwrap()
}

#[test]
fn an_invited_person_signs_in_by_their_provider() {
    let Some(clients) = clients() else { return };
    let running = run(&clients, port(), "key-1");
    let mut world = World::new(&running.issuer);
    let invited = world.invite("first");
    let (_, url) = world.begin();
    let callback = back(&url, "first");
    assert_eq!(
        callback.issuer.as_deref(),
        Some(running.issuer.as_str()),
        "RFC 9207"
    );
    let redeem = world.answer(&callback).unwrap();
    assert_eq!(redeem.return_to, "/disputes");
    let signed_in = world.redeem(&redeem).unwrap().unwrap();
    assert_eq!(signed_in.person.as_str(), invited);
    let visit = world.desk.visit(&signed_in.token, now()).unwrap().unwrap();
    assert_eq!(visit.email, "first@example.com");
    // The same answer again finds nothing that waits, and the code was redeemed.
    assert_eq!(
        world.answer(&callback).unwrap_err(),
        CallbackRefusal::NotPending
    );
    let again = world.redeem(&redeem).unwrap_err();
    assert!(
        matches!(again, ProviderTrouble::Status { status: 400 }),
        "{again}"
    );
    // From now on it is the account that counts, in whatever browser.
    let (_, url) = world.begin();
    let callback = back(&url, "first");
    let redeem = world.answer(&callback).unwrap();
    assert_eq!(
        world.redeem(&redeem).unwrap().unwrap().person,
        signed_in.person
    );
    assert!(world.log().contains("linked-account"));
}

#[test]
fn nobody_enters_by_an_address_that_is_not_theirs() {
    let Some(clients) = clients() else { return };
    let running = run(&clients, port(), "key-1");
    let mut world = World::new(&running.issuer);
    world.invite("second");
    // The provider says the address, and that nobody verified it; then somebody whom nobody invited.
    for name in ["unverified-second", "stranger"] {
        let (_, url) = world.begin();
        let callback = back(&url, name);
        let redeem = world.answer(&callback).unwrap();
        assert!(world.redeem(&redeem).unwrap().is_none(), "{name}");
    }
    let log = world.log();
    assert_eq!(log.matches("nobody%20of%20this%20desk").count(), 2, "{log}");
}

#[test]
fn an_answer_is_for_one_browser_and_one_issuer() {
    let Some(clients) = clients() else { return };
    let running = run(&clients, port(), "key-1");
    let mut world = World::new(&running.issuer);
    world.invite("third");
    let change = |world: &mut World, change: &dyn Fn(&mut Callback, &mut World)| {
        let (_, url) = world.begin();
        let mut callback = back(&url, "third");
        change(&mut callback, world);
        world.answer(&callback)
    };
    let own = world.browser.clone();
    let other = change(&mut world, &|_, world| {
        world.browser = Token::mint([8; 32]);
    });
    assert_eq!(other.unwrap_err(), CallbackRefusal::OtherBrowser);
    world.browser = own;
    let state = change(&mut world, &|callback, _| {
        callback.state = String::from("made up");
    });
    assert_eq!(state.unwrap_err(), CallbackRefusal::NotPending);
    for issuer in [None, Some(String::from("https://evil.example.com"))] {
        let told = change(&mut world, &|callback, _| {
            callback.issuer.clone_from(&issuer);
        });
        assert!(
            matches!(told, Err(CallbackRefusal::Issuer { .. })),
            "{told:?}"
        );
    }
    // A code of one sign-in put into another: the verifier of PKCE is another one.
    let (_, url) = world.begin();
    let stolen = back(&url, "third");
    let mixed = change(&mut world, &|callback, _| {
        callback.outcome.clone_from(&stolen.outcome);
    });
    let told = world.redeem(&mixed.unwrap()).unwrap_err();
    assert!(
        matches!(told, ProviderTrouble::Status { status: 400 }),
        "{told}"
    );
}

#[test]
fn new_keys_are_fetched_and_swapped_ones_refused() {
    let Some(clients) = clients() else { return };
    let port = port();
    let running = run(&clients, port, "key-1");
    let issuer = running.issuer.clone();
    let mut world = World::new(&issuer);
    world.invite("fourth");
    // Known since before: the keys are five minutes old when the provider has others.
    world.provider.known(now().plus_seconds(-400)).unwrap();
    drop(running);
    let running = run(&clients, port, "key-2");
    let (_, url) = world.begin();
    let redeem = world.answer(&back(&url, "fourth")).unwrap();
    assert!(
        world.redeem(&redeem).unwrap().is_some(),
        "a new key is asked for"
    );
    drop(running);
    // Another key under a known name: somebody else answers at the provider's address. Nothing is asked for again.
    let running = run(&clients, port, "key-2");
    let (_, url) = world.begin();
    let redeem = world.answer(&back(&url, "fourth")).unwrap();
    let told = world.redeem(&redeem).unwrap_err();
    assert_eq!(told, ProviderTrouble::Token(TokenRefusal::Signature));
    drop(running);
    // A third key at once: made-up names do not make us ask again within five minutes.
    let running = run(&clients, port, "key-3");
    let (_, url) = world.begin();
    let redeem = world.answer(&back(&url, "fourth")).unwrap();
    let told = world.redeem(&redeem).unwrap_err();
    assert!(
        matches!(
            told,
            ProviderTrouble::Token(TokenRefusal::UnknownKey { .. })
        ),
        "{told}"
    );
    world.forget(&issuer);
    let (_, url) = world.begin();
    let redeem = world.answer(&back(&url, "fourth")).unwrap();
    assert!(world.redeem(&redeem).unwrap().is_some());
    drop(running);
}
