//! What a person may do with a desk, and what it shows: one room for the command line and every later face.
//!
//! It opens a desk, reads its settings, carries out what people ask for, and gives every answer as a plain structure whose
//! JSON field names are stable. It has no HTTP types, no pages and no printing: a face renders what this room returns.
//!
//! The invariant it keeps: nothing here changes a desk but through the engine, and no value that it returns for showing
//! holds a whole card number.

pub mod answer;
pub mod audit_log;
pub mod backup;
pub mod board;
pub mod carrier;
pub mod case;
pub mod decode;
pub mod deliver;
pub mod deliveries;
pub mod disputes;
pub mod doctor;
pub mod document;
pub mod draft;
pub mod duties;
pub mod endpoints;
pub mod entrance;
pub mod entry;
pub mod events;
pub mod files;
pub mod finding;
pub mod gauges;
pub mod ingest;
pub mod insights;

pub mod keys;
pub mod ledger;
pub mod lines;
pub mod morning;
pub mod movements;
pub mod packet;
pub mod personal;
pub mod providers;
pub mod publish;
pub mod quarantine;
pub mod queue;
pub mod redact;
pub mod settings;
pub mod shape;
pub mod timeline;
pub mod why;
pub mod words;
pub mod year;

mod desk;
mod error;
pub mod hook_key;
mod kept;
mod place;
mod pool;

pub use desk::Desk;
pub use dispute::command::Command;
pub use dispute::fact::{Scope, Span};
pub use dispute::permit::is_of_a_name;
pub use dispute::said::{Audience, EvidenceContent};
pub use dispute::status::Party;
pub use engine::command::{Actor, Opened};
pub use error::{Blame, Error};
pub use kept::Kept;
pub use place::{Opening, Place};
pub use pool::Pool;
pub use store::{
    CasePage, CaseQuery, CaseRow, Cursor, FileLink, FileQuery, FileRow, LinkQuery, Once, Sight,
};
pub use transport::chain;

/// The target of spans: whoever watches them takes these and no library's.
pub const SPAN: &str = "docket_span";

/// The stable names of every kind of reason that the rules tell apart.
pub fn reasons() -> Vec<String> {
    dispute::reason::Reason::listed()
        .map(|reason| reason.name())
        .collect()
}

/// The stable names of every stage.
pub fn stages() -> Vec<&'static str> {
    let stages = dispute::status::Stage::ALL.iter();
    stages.map(|stage| stage.name()).collect()
}

/// The stable names of everything that is told of a case.
pub fn news() -> &'static [&'static str] {
    &dispute::news::NAMES
}

/// The id of a case in text, if it can be one.
pub fn case_id(text: &str) -> Option<dispute::id::CaseId> {
    dispute::id::CaseId::parse(text)
}

/// Every word for where a case stands.
pub fn statuses() -> Vec<&'static str> {
    use dispute::status::Standing;
    let standings = Standing::ALL.iter().map(|standing| standing.name());
    standings.chain(["unstated"]).collect()
}
