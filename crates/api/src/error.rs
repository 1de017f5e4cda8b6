//! The one place where what went wrong becomes a status, a type and a code of Stripe's.
//!
//! | status | `type` | who reads it, and what they do next |
//! |---|---|---|
//! | 400 | `invalid_request_error`, `idempotency_error` | the developer: the request is corrected |
//! | 401 | `invalid_request_error` | the developer: another key |
//! | 403 | `invalid_request_error` | the administrator: the key needs another role or scope |
//! | 404 | `invalid_request_error` | the developer: it is not there, or not theirs |
//! | 409 | `idempotency_error` | the SDK: it sends the same again |
//! | 413 | `invalid_request_error` | the developer: a smaller body |
//! | 429 | `rate_limit_error` | the SDK: it waits |
//! | 500, 503 | `api_error` | the SDK sends again; the operator reads the log by the request id |

use access::Denied;
use app::Blame;
use app::files::Refusal;
use dispute::rejection::Rejection;
use serde_json::{Map, Value, json};

/// Codes of ours that are Stripe's own, and so have a page there. Source: the codes in the types of Stripe's Node SDK 23.1.0.
const EXPLAINED: &[&str] = &[
    "account_invalid",
    "idempotency_key_in_use",
    "parameter_invalid_empty",
    "parameter_invalid_integer",
    "parameter_missing",
    "parameter_unknown",
    "rate_limit",
    "resource_missing",
    "url_invalid",
];

/// An answer that did not go well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    pub status: u16,
    pub kind: &'static str,
    /// Stripe's word, where it has one.
    pub code: Option<&'static str>,
    pub message: String,
    /// The parameter that it is about, as it was written: `evidence[receipt]`.
    pub param: Option<String>,
    /// Our own number, with a page under docs/errors.
    pub docket_code: Option<&'static str>,
    /// Whether the same request can succeed later without anything else being done: what SDKs retry by.
    pub again: Option<bool>,
}

impl Error {
    pub fn invalid(message: impl Into<String>) -> Error {
        Error {
            status: 400,
            kind: "invalid_request_error",
            code: None,
            message: message.into(),
            param: None,
            docket_code: None,
            again: None,
        }
    }

    #[must_use]
    pub fn code(mut self, code: &'static str) -> Error {
        self.code = Some(code);
        self
    }

    #[must_use]
    pub fn param(mut self, param: impl Into<String>) -> Error {
        self.param = Some(param.into());
        self
    }

    #[must_use]
    pub fn status(mut self, status: u16) -> Error {
        self.status = status;
        self
    }

    #[must_use]
    pub fn kind(mut self, kind: &'static str) -> Error {
        self.kind = kind;
        self
    }

    /// Not there, or not the asker's: one answer for both.
    pub fn missing(what: &str, id: &str, param: &str) -> Error {
        // The longest of our ids spell an account and a reference and have some 300 characters.
        let id: String = id.chars().take(512).collect();
        Error::invalid(format!("No such {what}: '{id}'"))
            .status(404)
            .code("resource_missing")
            .param(param)
    }

    pub fn unknown_parameter(name: &str) -> Error {
        Error::invalid(format!("Received unknown parameter: {name}"))
            .code("parameter_unknown")
            .param(name)
    }

    /// The policy says no.
    pub fn denied(denied: &Denied) -> Error {
        let code = match denied {
            Denied::StepUp { .. } => "step_up_required",
            _ => "more_permissions_required",
        };
        Error::invalid(format!(
            "Whoever sends this does not have the necessary permissions: {denied}."
        ))
        .status(403)
        .code(code)
    }

    /// A bug, or a thread that died. The words are in the log.
    pub fn of_ours() -> Error {
        Error::invalid(
            "Something went wrong on our side; the request id finds it in the desk's log.",
        )
        .status(500)
        .kind("api_error")
    }

    /// A rule of ours or the provider's refuses it.
    pub fn refused(rejection: &Rejection) -> Error {
        let code = match rejection {
            Rejection::CaseClosed { .. } => Some("dispute_already_closed"),
            _ => None,
        };
        Error {
            code,
            docket_code: Some(rejection.code()),
            again: rejection.retryable().then_some(false),
            ..Error::invalid(format!(
                "{}. {}",
                capital(&rejection.to_string()),
                rejection.hint()
            ))
        }
    }

    /// As a client sees it.
    pub fn body(&self, request: &str) -> Value {
        let mut fields = Map::new();
        if let Some(code) = self.code {
            fields.insert("code".to_owned(), json!(code));
            if EXPLAINED.contains(&code) {
                let page = code.replace('_', "-");
                let page = format!("https://docs.stripe.com/error-codes/{page}");
                fields.insert("doc_url".to_owned(), json!(page));
            }
        }
        if let Some(code) = self.docket_code {
            fields.insert("docket_code".to_owned(), json!(code));
        }
        fields.insert("message".to_owned(), json!(self.message));
        if let Some(param) = &self.param {
            fields.insert("param".to_owned(), json!(param));
        }
        fields.insert("request_id".to_owned(), json!(request));
        fields.insert("type".to_owned(), json!(self.kind));
        json!({ "error": fields })
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}

/// Why a file is not kept. What was found in it stands there with its place, and never with what it was.
fn of_upload(refusal: &Refusal, hint: &str) -> Error {
    let words = format!("{}. {hint}", capital(&refusal.to_string()));
    let error = Error {
        docket_code: Some(refusal.code()),
        again: refusal.retryable().then_some(true),
        ..Error::invalid(words.trim_end())
    };
    match refusal {
        Refusal::TooLarge { .. } | Refusal::RequestTooLarge { .. } => error.status(413),
        Refusal::NotInspected { .. } | Refusal::NoSandbox { .. } => {
            tracing::error!(refusal = refusal.to_string(), "a file was not inspected");
            error.status(503).kind("api_error")
        }
        _ => error,
    }
}

impl From<app::Error> for Error {
    fn from(error: app::Error) -> Error {
        let docket_code = Some(error.code());
        if matches!(error, app::Error::Busy) {
            return Error {
                docket_code,
                again: Some(true),
                ..Error::invalid("The desk is busy; send it again.")
                    .status(503)
                    .kind("api_error")
            };
        }
        if let app::Error::NotThere { what, name } = &error {
            return Error {
                docket_code,
                ..Error::invalid(format!("No such {what}: '{name}'"))
                    .status(404)
                    .code("resource_missing")
            };
        }
        if let app::Error::Denied(denied) = &error {
            return Error {
                docket_code,
                ..Error::denied(denied)
            };
        }
        if let app::Error::Upload(refusal) = &error {
            return of_upload(refusal, &error.hint());
        }
        match error.blame() {
            Blame::Asker => {
                let words = format!("{}. {}", capital(&error.to_string()), error.hint());
                Error {
                    docket_code,
                    ..Error::invalid(words.trim_end())
                }
            }
            Blame::World => {
                // What failed within is the operator's to read, not the caller's.
                tracing::error!(error = error.chain(), "a request failed");
                Error {
                    docket_code,
                    again: Some(true),
                    ..Error::of_ours()
                }
            }
        }
    }
}
