//! What went wrong between a person and a desk, with a code, a place and a next step.

use crate::settings::Mistake;
use upload::Refusal;

/// Whose doing it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// What was asked for cannot be: the asker can correct it.
    Asker,
    /// The world failed: a disk, a database, a network.
    World,
}

/// Why something could not be done or shown. A refusal by our rules is no error: see `dispute::rejection`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error("there is no desk in `{place}`")]
    NoDesk { place: String },
    #[error("the folder for this desk's keys and settings is not known")]
    NoHome,
    #[error("schema `{found}`: expected lower-case letters, digits and underscores")]
    SchemaName { found: String },
    #[error("the settings have {} mistakes", .0.len())]
    Settings(Vec<Mistake>),
    #[error("the store failed while {doing}")]
    Store {
        doing: &'static str,
        source: store::Error,
    },
    #[error(transparent)]
    Engine(#[from] engine::Error),
    #[error("a case has no field `{field}`")]
    NoSuchField { field: String, fields: Vec<String> },
    #[error("no endpoint is called `{id}`")]
    NoSuchEndpoint { id: String },
    #[error("no document is called `{id}`")]
    NoSuchDocument { id: String },
    #[error("document {id} is {fate}, not in quarantine")]
    NotQuarantined { id: String, fate: &'static str },
    #[error("{what} could not be read")]
    File {
        what: String,
        source: std::io::Error,
    },
    #[error("`{folder}` holds something already")]
    NotEmpty { folder: String },
    #[error("the desk {place} is in a database, not in a folder")]
    NotAFolder { place: String },
    #[error("no account `{name}` at `{provider}`")]
    NoSuchAccount { provider: String, name: String },
    #[error("the {what} holds what reads as a card number")]
    CardNumber { what: String },
    /// Who asks may not. What is another tenant's is [`Error::NotThere`], as what does not exist.
    #[error(transparent)]
    Denied(access::Denied),
    #[error("no {what} `{name}`")]
    NotThere { what: &'static str, name: String },
    /// What was given for a merchant, a person, a key or an endpoint cannot be taken.
    #[error("{0}")]
    Unfit(String),
    /// A file that somebody brought is not kept.
    #[error(transparent)]
    Upload(#[from] upload::Refusal),
    #[error("every connection to the desk is at work")]
    Busy,
    #[error("the system gave no random bytes")]
    Randomness,
}

impl Error {
    pub(crate) fn store(doing: &'static str) -> impl FnOnce(store::Error) -> Error {
        move |source| Error::Store { doing, source }
    }

    /// The public code; its page is under docs/errors.
    pub fn code(&self) -> &'static str {
        match self {
            Error::Engine(engine::Error::NoSuchProvider { .. }) => "DP-3003",
            Error::File { .. } | Error::NotEmpty { .. } => "DP-3004",
            Error::NoDesk { .. }
            | Error::NotAFolder { .. }
            | Error::NoHome
            | Error::SchemaName { .. } => "DP-3005",
            Error::Engine(engine::Error::NoSuchCase { .. }) => "DP-3007",
            Error::Store { .. } | Error::Engine(_) => "DP-3006",
            Error::NoSuchField { .. } => "DP-3008",
            Error::Settings(_) | Error::NoSuchAccount { .. } => "DP-3009",
            Error::NoSuchDocument { .. } | Error::NotQuarantined { .. } => "DP-3012",
            Error::NoSuchEndpoint { .. } => "DP-3017",
            Error::CardNumber { .. } => "DP-3015",
            Error::Busy | Error::Randomness => "DP-3016",
            Error::Upload(refusal) => refusal.code(),
            Error::Denied(_) => "DP-5001",
            Error::NotThere { .. } => "DP-5002",
            Error::Unfit(_) => "DP-5003",
        }
    }

    pub fn blame(&self) -> Blame {
        match self {
            Error::Store { .. } | Error::Busy | Error::Randomness => Blame::World,
            // Nothing is wrong with the file as far as anybody knows.
            Error::Upload(Refusal::NotInspected { .. } | Refusal::NoSandbox { .. }) => Blame::World,
            Error::Engine(
                engine::Error::NoSuchCase { .. } | engine::Error::NoSuchProvider { .. },
            ) => Blame::Asker,
            Error::Engine(_) => Blame::World,
            Error::File { source, .. } if source.kind() != std::io::ErrorKind::NotFound => {
                Blame::World
            }
            _ => Blame::Asker,
        }
    }

    /// What to do next, as a sentence; empty when the code's page says more than a line can.
    pub fn hint(&self) -> String {
        match self {
            Error::NoDesk { place } => format!(
                "`docket demo --dir {place}` makes one with synthetic documents, `docket ingest --dir {place} PROVIDER FILE` \
                 starts one with yours."
            ),
            Error::NotEmpty { .. } => {
                String::from("A backup goes into a folder of its own, so that it is one backup.")
            }
            Error::NotAFolder { .. } => String::from(
                "Copy it with `pg_dump --format=custom`, and the desk's keys/ apart from that; see the guide on operating.",
            ),
            Error::NoHome => String::from(
                "Set DOCKET_HOME to a folder that only this desk uses; its keys and settings are kept there.",
            ),
            Error::NoSuchField { fields, .. } => format!("Its fields are {}.", fields.join(", ")),
            Error::Settings(mistakes) => {
                let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
                lines.join("; ")
            }
            Error::Engine(engine::Error::NoSuchCase { .. }) => String::from(
                "Name it by its id, the provider's reference, or any reference that leads to one case only; `docket queue` \
                 lists what is due.",
            ),
            Error::CardNumber { .. } => {
                String::from("Write its last four digits only; nothing was kept.")
            }
            Error::Upload(Refusal::CardData { .. }) => String::from(
                "Blank it out and bring the file again, or ask for it to be redacted; nothing was kept.",
            ),
            Error::Store { source, .. } if source.retryable() => {
                String::from("Another process may be writing; the same command can be run again.")
            }
            _ => String::new(),
        }
    }

    /// The error and its causes in one line, outermost first.
    pub fn chain(&self) -> String {
        transport::chain(self)
    }
}
