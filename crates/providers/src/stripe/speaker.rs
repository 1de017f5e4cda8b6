//! Who says what a document says, with what weight and as of when.

use crate::draft::Voice;
use adapter::{Channel, Inbound};
use calendar::Instant;
use dispute::fact::Scope;
use dispute::reference::References;
use dispute::status::{Authority, Party};

/// What all statements of one object have in common but their references.
#[derive(Clone, Debug)]
pub(super) struct Speaker {
    account: String,
    pub(super) true_at: Instant,
    pub(super) authority: Authority,
}

impl Speaker {
    /// The provider's object itself. Fetched by us, it is true as of now; pushed without an event around it, it is no more than
    /// a field in a message.
    pub(super) fn of_object(inbound: &Inbound<'_>) -> Speaker {
        let authority = match inbound.channel {
            Channel::Api => Authority::ReadBack,
            Channel::Webhook | Channel::File => Authority::StatusField,
        };
        Speaker {
            account: inbound.account.to_owned(),
            true_at: inbound.received_at,
            authority,
        }
    }

    /// An event, on its own account when it names one. The object inside is as it was when the event was made, so an event
    /// fetched later is no read-back.
    pub(super) fn of_event(account: &str, created: Instant) -> Speaker {
        Speaker {
            account: account.to_owned(),
            true_at: created,
            authority: Authority::StatusField,
        }
    }

    pub(super) fn of_row(account: &str, created: Instant) -> Speaker {
        Speaker {
            account: account.to_owned(),
            true_at: created,
            authority: Authority::ReportRow,
        }
    }

    /// The voice of statements with these references.
    pub(super) fn voice(&self, refs: References) -> Voice {
        Voice {
            scope: Scope {
                provider: super::NAME.to_owned(),
                account: self.account.clone(),
            },
            refs,
            by: Party::Provider,
            authority: self.authority,
            true_at: self.true_at,
            sequence: 0,
        }
    }
}
