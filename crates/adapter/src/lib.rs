//! The contract of an adapter: what our code must be able to do for one provider.
//!
//! An adapter is pure. It turns documents into facts and instructions into requests; it never sends, stores, or asks the
//! time. There are no default bodies and no enum of providers: what a provider cannot do is declared in its
//! [`Capabilities`] and answered with [`Unable`], never left out in silence (F-63).
//!
//! The invariant it keeps: decoding never fails as a whole, and every byte of a document lies in exactly one
//! [`Record`], whose fate says what became of it.
#![no_std]

extern crate alloc;

mod answer;
mod capability;
mod decoded;
mod inbound;
mod instruction;

pub use answer::{Answer, Exchange, Receipt, Reply, Step, Unable};
pub use capability::{Capabilities, Document, DocumentKind, Limits, Sweep, Verb};
pub use decoded::{Decoded, Fate, Located, Record, Reject, RejectCode};
pub use inbound::{Channel, Inbound, Secret, Verdict};
pub use instruction::{Attachment, Instruction, Packet, Part, Request, Wanted};

use alloc::string::String;
use alloc::vec::Vec;
use calendar::Instant;
use dispute::fact::Span;
use dispute::reference::Reference;

/// What our code can do for one provider. One value per provider, in the one list.
pub trait Adapter: Sync {
    /// The provider's name as users write it: lower case, no spaces.
    fn name(&self) -> &'static str;

    /// What this provider sends, takes and limits. Data, so that gaps are visible.
    fn capabilities(&self) -> &'static Capabilities;

    /// Whether these bytes come from the provider. Checked over the raw bytes, in constant time, against every current
    /// secret; `now` bounds the age of a signed timestamp.
    fn verify(&self, inbound: &Inbound<'_>, secrets: &[Secret], now: Instant) -> Verdict;

    /// Our account at the provider to which this document belongs, when the document itself says so.
    fn account(&self, inbound: &Inbound<'_>) -> Option<String>;

    /// What the document says. Total: any bytes give a [`Decoded`], and the same bytes the same one.
    fn decode(&self, inbound: &Inbound<'_>) -> Decoded;

    /// The next step of carrying out an instruction, given the requests sent so far and what came back. Called again
    /// after every exchange until it finishes; so an upload's id can be used in the request that follows it.
    fn proceed(&self, instruction: &Instruction, so_far: &[Exchange]) -> Step;

    /// What an instruction about the statement at this span must repeat from its document, as references to add to the
    /// instruction's own: records that no fact holds, such as a returned entry with its account number. Empty where nothing
    /// is repeated.
    fn quote(&self, inbound: &Inbound<'_>, span: Span) -> Vec<Reference>;

    /// Whether the provider's object, read back, shows that it got what we sent. This alone resolves a lost answer.
    fn receipt(&self, instruction: &Instruction, read_back: &Reply) -> Receipt;
}
