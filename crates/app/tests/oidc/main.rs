//! Signing in through a real OpenID provider (`oidc-provider`, certified by the OpenID Foundation), and through forged ones.
//! Where it is said by DOCKET_TEST_CLIENTS; without that the tests of the real one say that they are left out.
//!
//! The real provider reads the machine's clock, so these tests do too; nothing waits for it.
#![allow(
    clippy::as_conversions,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::string_slice,
    clippy::unwrap_used
)]

mod forged;
mod real;

use access::oidc::{Asking, Callback, CallbackRefusal, Issuer, Redeem};
use access::policy::Role;
use access::session::Token;
use access::{Mode, Tenant};
use app::entrance::oidc::{Provider, ProviderTrouble};
use app::entrance::{Doer, SignedIn};
use app::settings::SecretAt;
use app::settings::process::Oidc;
use app::{Desk, Opening, Place};
use calendar::Instant;
use std::time::{SystemTime, UNIX_EPOCH};
use store::Store;
use tempfile::TempDir;

pub const REDIRECT: &str = "https://desk.example.com/enter/provider";

pub fn now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Instant::from_unix_seconds(i64::try_from(since.as_secs()).unwrap()).unwrap()
}

/// A desk that trusts one provider.
pub struct World {
    pub desk: Desk,
    pub provider: Provider,
    pub browser: Token,
    folder: TempDir,
}

impl World {
    pub fn new(issuer: &str) -> World {
        let folder = tempfile::tempdir().unwrap();
        let desk = Desk::open(&Place::Folder(folder.path().join("desk")), Opening::OrNew).unwrap();
        World {
            desk,
            provider: provider(issuer, &folder),
            browser: Token::mint([7; 32]),
            folder,
        }
    }

    /// As after a restart: nothing is remembered of the provider.
    pub fn forget(&mut self, issuer: &str) {
        self.provider = provider(issuer, &self.folder);
    }

    pub fn invite(&mut self, name: &str) -> String {
        let by = Doer::at_the_shell("anna", Mode::Live, now());
        let email = format!("{name}@example.com");
        let invited = self
            .desk
            .invite(&by, &email, name, Role::Analyst, &Tenant::Desk);
        invited.unwrap().person.id
    }

    pub fn begin(&mut self) -> (Issuer, String) {
        let issuer = self.provider.known(now()).unwrap();
        let url = self
            .desk
            .begin_provider_sign_in(&issuer, &self.browser, "/disputes", Asking::Known, now())
            .unwrap();
        (issuer, url.expose().to_owned())
    }

    /// What the face does when the browser is back.
    pub fn answer(&mut self, callback: &Callback) -> Result<Redeem, CallbackRefusal> {
        let issuer = self.provider.known(now()).unwrap();
        let browser = self.browser.clone();
        self.desk
            .answer_provider_sign_in(callback, &issuer, Some(&browser), now())
            .unwrap()
    }

    pub fn redeem(&mut self, redeem: &Redeem) -> Result<Option<SignedIn>, ProviderTrouble> {
        let who = self.provider.redeem(redeem, now())?;
        Ok(self.desk.enter_through_provider(&who, now()).unwrap())
    }

    pub fn log(&mut self) -> String {
        let leaves = self.desk.engine.store.leaves(0, 10_000).unwrap();
        let lines = leaves
            .into_iter()
            .map(|leaf| String::from_utf8(leaf).unwrap());
        lines.collect::<Vec<_>>().join("\n")
    }
}

fn provider(issuer: &str, folder: &TempDir) -> Provider {
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "a synthetic secret\n").unwrap();
    let settings = Oidc {
        issuer: issuer.to_owned(),
        client_id: String::from("docket"),
        client_secret: Some(SecretAt::File(secret)),
        email_domains: vec![String::from("example.com")],
    };
    Provider::new(&settings, REDIRECT).unwrap()
}

/// The pairs of a URL's query, percent-decoded.
pub fn pairs(url: &str) -> Vec<(String, String)> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let decoded = |text: &str| {
        let mut bytes = Vec::new();
        let mut rest = text.as_bytes();
        while let Some((first, after)) = rest.split_first() {
            if *first == b'%' {
                let hex = std::str::from_utf8(&after[..2]).unwrap();
                bytes.push(u8::from_str_radix(hex, 16).unwrap());
                rest = &after[2..];
            } else {
                bytes.push(*first);
                rest = after;
            }
        }
        String::from_utf8(bytes).unwrap()
    };
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(key, value)| (decoded(key), decoded(value)))
        .collect()
}

pub fn value(url: &str, name: &str) -> String {
    let found = pairs(url).into_iter().find(|(key, _)| key == name);
    found.unwrap_or_else(|| panic!("no {name} in {url}")).1
}
