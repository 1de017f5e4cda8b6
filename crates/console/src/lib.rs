//! The pages: a portal where merchants take part in their disputes, and a desk from which operators run everything.
//!
//! HTML is made on the server from what `app` returns; a browser without scripts reads and submits everything. This room
//! decides nothing: what a visitor may do is `access`'s table, what happens is `app`'s, and it opens no store.
//!
//! Invariants: every time on a page carries its zone and every amount its currency; nothing a person typed or a provider
//! sent is ever markup; no page needs an inline script or style, so the content policy forbids them.

pub mod amount;
pub mod assets;
pub mod chart;
pub mod confirm;
pub mod csv;
pub mod desk;
pub mod door;
pub mod frame;
pub mod headers;
mod held_file;
mod kept;
pub mod messages;
pub mod parts;
pub mod portal;
pub mod prove;
pub mod provider;
pub mod routes;
pub mod sign_in;
pub mod square;
pub mod visitor;

pub use door::{State, missing, plain_page};
pub use portal::webhooks::Spoken;
pub use routes::router;
pub use sign_in::Whence;
