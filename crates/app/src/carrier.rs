//! The way out: the settings' accounts, each with its bases, credentials and folders, behind the engine's contract.

use crate::settings::{AccountSettings, CredentialAt, Mistake, SecretAt, Settings};
use adapter::{Reply, Request};
use calendar::Instant;
use dispute::fact::Scope;
use engine::Carried;
use std::collections::BTreeMap;
use std::time::Duration;
use transport::egress::Egress;
use transport::folder::Outbox;
use transport::http::{self, Body, Credential, Grant, Part, TokenSource};
use transport::{Secret, Trouble};

/// A provider that does not let us connect within ten seconds is down; one retry later is better than a thread that waits.
const TIMEOUT_CONNECT: Duration = Duration::from_secs(10);
/// Uploading the largest packet (20 MB) over a slow line of 3 Mbit/s takes 53 seconds; twice that is lost.
const TIMEOUT_TOTAL: Duration = Duration::from_secs(120);
/// A page of a hundred disputes with everything expanded stays below a hundredth of this.
const RESPONSE_BYTES_MAX: usize = 32 * 1024 * 1024;
/// A token whose reply does not say how long it is good for is used once.
const TOKEN_SECONDS_UNSAID: u64 = 0;

/// One account's ways out.
struct Reach {
    http: Option<http::Carrier>,
    outbox: Option<Outbox>,
}

/// Carries requests for every configured account.
pub struct Carrier {
    accounts: BTreeMap<Scope, Reach>,
}

impl Carrier {
    /// Makes every account's ways out ready; connects nowhere. All mistakes come together.
    pub fn open(settings: &Settings) -> Result<Carrier, Vec<Mistake>> {
        let mut accounts = BTreeMap::new();
        let mut mistakes = Vec::new();
        for account in &settings.accounts {
            match reach(account) {
                Ok(reach) => {
                    accounts.insert(account.scope.clone(), reach);
                }
                Err(more) => mistakes.extend(more),
            }
        }
        if mistakes.is_empty() {
            Ok(Carrier { accounts })
        } else {
            Err(mistakes)
        }
    }

    /// The accounts that can be reached, for reading lists of what is new.
    pub fn scopes(&self) -> Vec<Scope> {
        let reached = self
            .accounts
            .iter()
            .filter(|(_, reach)| reach.http.is_some());
        reached.map(|(scope, _)| scope.clone()).collect()
    }
}

impl engine::Carrier for Carrier {
    fn carry(&mut self, scope: &Scope, request: &Request, _now: Instant) -> Carried {
        let Some(reach) = self.accounts.get(scope) else {
            return Carried::NotSent(format!(
                "no account {}/{} is configured",
                scope.provider, scope.account
            ));
        };
        let http = || {
            reach
                .http
                .as_ref()
                .ok_or_else(|| Trouble::NotSent(String::from("the account has no bases")))
        };
        let sent = match request {
            Request::Http {
                base,
                method,
                path,
                headers,
                body,
            } => http()
                .and_then(|http| http.send(base, method, path, headers, Body::Bytes(body.clone())))
                .map(reply),
            Request::Multipart {
                base,
                path,
                headers,
                parts,
            } => {
                let parts = parts.iter().map(|part| Part {
                    name: part.name.clone(),
                    file_name: part.file_name.clone(),
                    media_type: part.media_type.clone(),
                    content: part.content.clone(),
                });
                let body = Body::Multipart(parts.collect());
                http()
                    .and_then(|http| http.send(base, "POST", path, headers, body))
                    .map(reply)
            }
            Request::File { name, content } => put(reach, name, content),
        };
        match sent {
            Ok(reply) => Carried::Reply(reply),
            Err(Trouble::NotSent(why)) => Carried::NotSent(why),
            Err(Trouble::Lost(why)) => Carried::Lost(why),
        }
    }

    fn reaches(&self, scope: &Scope) -> bool {
        self.accounts
            .get(scope)
            .is_some_and(|reach| reach.http.is_some() || reach.outbox.is_some())
    }
}

fn reply(reply: http::Reply) -> Reply {
    Reply {
        status: reply.status,
        headers: reply.headers,
        body: reply.body,
    }
}

/// A file that stands in the folder whole is as good as one that was answered with 201.
fn put(reach: &Reach, name: &str, content: &[u8]) -> Result<Reply, Trouble> {
    let outbox = reach.outbox.as_ref();
    let outbox =
        outbox.ok_or_else(|| Trouble::NotSent(String::from("the account has no outbox folder")))?;
    outbox.put(name, content)?;
    Ok(Reply {
        status: 201,
        headers: Vec::new(),
        body: Vec::new(),
    })
}

fn reach(account: &AccountSettings) -> Result<Reach, Vec<Mistake>> {
    let mut mistakes = Vec::new();
    let mut mistake = |key: &str, what: String| {
        mistakes.push(Mistake {
            at: format!("{}.{key}", account.named()),
            what,
        })
    };
    let mut credentials = BTreeMap::new();
    for (base, at) in &account.credentials {
        match credential(at) {
            Ok(credential) => {
                credentials.insert(base.clone(), credential);
            }
            Err(what) => mistake(&format!("credentials.{base}"), what),
        }
    }
    let outbox = account
        .outbox
        .as_ref()
        .map(|folder| Outbox::open(folder.clone()));
    let outbox = match outbox.transpose() {
        Ok(outbox) => outbox,
        Err(error) => {
            mistake("outbox", error.to_string());
            None
        }
    };
    let http = match &account.bases {
        none if none.is_empty() => None,
        bases if mistakes.is_empty() => {
            match http::Carrier::open(settings(bases, credentials, account.loopback)) {
                Ok(http) => Some(http),
                Err(error) => {
                    mistakes.push(Mistake {
                        at: format!("{}.bases", account.named()),
                        what: error.to_string(),
                    });
                    None
                }
            }
        }
        _ => None,
    };
    if mistakes.is_empty() {
        Ok(Reach { http, outbox })
    } else {
        Err(mistakes)
    }
}

fn settings(
    bases: &BTreeMap<String, String>,
    credentials: BTreeMap<String, Credential>,
    loopback: bool,
) -> http::Settings {
    http::Settings {
        bases: bases.clone(),
        credentials,
        timeout_connect: TIMEOUT_CONNECT,
        timeout_total: TIMEOUT_TOTAL,
        response_bytes_max: RESPONSE_BYTES_MAX,
        allow: if loopback {
            Egress::Loopback
        } else {
            Egress::public()
        },
    }
}

fn credential(at: &CredentialAt) -> Result<Credential, String> {
    let secret = |at: &SecretAt| at.load().map(Secret::new);
    Ok(match at {
        CredentialAt::Basic { user, password } => Credential::Basic {
            user: user.clone(),
            password: secret(password)?,
        },
        CredentialAt::Bearer { token } => Credential::Bearer(secret(token)?),
        CredentialAt::Header { name, value } => Credential::Header {
            name: name.clone(),
            value: secret(value)?,
        },
        CredentialAt::OAuth {
            base,
            path,
            client_id,
            client_secret,
        } => Credential::Token(TokenSource {
            base: base.clone(),
            path: path.clone(),
            client_id: client_id.clone(),
            client_secret: secret(client_secret)?,
            scope: None,
            read: read_grant,
        }),
    })
}

/// RFC 6749 section 5.1: a JSON object with `access_token` and, usually, `expires_in` seconds.
fn read_grant(body: &[u8]) -> Result<Grant, String> {
    #[derive(serde::Deserialize)]
    struct Answer {
        access_token: String,
        expires_in: Option<u64>,
    }
    // The parser's own message could quote the token, so it is not repeated.
    let answer: Answer = serde_json::from_slice(body)
        .map_err(|_| String::from("the token endpoint's reply holds no access_token"))?;
    let seconds = answer.expires_in.unwrap_or(TOKEN_SECONDS_UNSAID);
    Ok(Grant {
        access_token: Secret::new(answer.access_token),
        lifetime: Duration::from_secs(seconds),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::Carrier as _;
    use std::path::Path;

    fn scope(provider: &str, account: &str) -> Scope {
        Scope {
            provider: provider.to_owned(),
            account: account.to_owned(),
        }
    }

    #[test]
    fn files_reach_the_folder_and_accounts_without_a_way_are_not_reached() {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join("out")).unwrap();
        let text = "[[account]]\nprovider = \"ach\"\naccount = \"a\"\noutbox = \"out\"\n\
                    [[account]]\nprovider = \"stripe\"\naccount = \"b\"\n";
        let settings = Settings::parse(text, home.path(), &BTreeMap::new()).unwrap();
        let mut carrier = Carrier::open(&settings).unwrap();
        assert!(carrier.reaches(&scope("ach", "a")));
        assert!(!carrier.reaches(&scope("stripe", "b")));
        let file = Request::File {
            name: String::from("one.ach"),
            content: b"records".to_vec(),
        };
        let now = Instant::from_unix_seconds(0).unwrap();
        assert!(
            matches!(carrier.carry(&scope("ach", "a"), &file, now), Carried::Reply(reply) if reply.status == 201)
        );
        assert_eq!(
            std::fs::read(home.path().join("out/one.ach")).unwrap(),
            b"records"
        );
        assert!(matches!(
            carrier.carry(&scope("ach", "z"), &file, now),
            Carried::NotSent(_)
        ));
        assert!(matches!(
            carrier.carry(&scope("stripe", "b"), &file, now),
            Carried::NotSent(_)
        ));
    }

    #[test]
    fn every_account_that_cannot_be_made_ready_is_named() {
        let text = "[[account]]\nprovider = \"ach\"\naccount = \"a\"\noutbox = \"nowhere\"\n\
                    [[account]]\nprovider = \"stripe\"\naccount = \"b\"\nbases = { api = \"http://10.0.0.1\" }\n\
                    [[account]]\nprovider = \"paypal\"\naccount = \"c\"\nbases = { api = \"https://api.example.com\" }\n\
                    credentials.api = { kind = \"bearer\", token = { env = \"DOCKET_TEST_UNSET\" } }\n";
        let settings = Settings::parse(text, Path::new("/nowhere"), &BTreeMap::new()).unwrap();
        let Err(mistakes) = Carrier::open(&settings) else {
            panic!("three accounts are wrong")
        };
        let all: Vec<String> = mistakes.iter().map(|mistake| mistake.at.clone()).collect();
        assert_eq!(
            all,
            ["ach/a.outbox", "stripe/b.bases", "paypal/c.credentials.api"]
        );
    }

    #[test]
    fn a_grant_is_read_and_never_quoted() {
        let grant =
            read_grant(br#"{"access_token":"t","expires_in":300,"token_type":"Bearer"}"#).unwrap();
        assert_eq!(grant.lifetime, Duration::from_secs(300));
        let refused = read_grant(br#"{"token":"sk_secret"}"#).unwrap_err();
        assert!(!refused.contains("sk_secret"));
    }
}
