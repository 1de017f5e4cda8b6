//! Who looks at a page, and how they want it.

use access::session::Token;
use access::{Action, Asker, Denied, PersonId, Resource};
use app::entrance::Doer;
use calendar::{Instant, Zone};

/// A person with a session, as far as pages need to know.
#[derive(Clone, Debug)]
pub struct Visitor {
    pub person: PersonId,
    pub name: String,
    /// What stands beside the name: the merchant's name, or the desk's.
    pub place: String,
    pub asker: Asker,
    /// Goes into every form; bound to the session.
    pub csrf: String,
    /// The session's own token, to end it or to prove a form.
    pub token: Token,
    /// The zone in which they read times. UTC stands beside it.
    pub zone: Zone,
    pub theme: Theme,
    pub now: Instant,
}

/// Light, dark, or as the browser prefers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    Browser,
    Light,
    Dark,
}

impl Theme {
    /// The stable text form; empty for the browser's own.
    pub fn name(self) -> &'static str {
        match self {
            Theme::Browser => "",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// Reads the text form; anything else leaves it to the browser.
    pub fn parse(name: &str) -> Theme {
        match name {
            "light" => Theme::Light,
            "dark" => Theme::Dark,
            _ => Theme::Browser,
        }
    }
}

impl Visitor {
    /// The merchant of whom they are, and whether they see what is real: whose files theirs become.
    pub fn tenant(&self) -> (Option<String>, bool) {
        let merchant = match self.asker.tenant() {
            access::Tenant::Merchant(merchant) => Some(merchant.to_string()),
            access::Tenant::Desk => None,
        };
        (merchant, self.asker.mode() == access::Mode::Live)
    }

    /// Whether a page may offer this; whoever carries it out checks again.
    pub fn may(&self, action: Action, resource: Resource) -> bool {
        match self.asker.check(action, resource, None, self.now) {
            // What asks for another proof first is offered: the proof is asked for on the way.
            Ok(()) | Err(Denied::StepUp { .. }) => true,
            Err(_) => false,
        }
    }

    /// Whether what they may do asks first for another proof of who they are.
    pub fn must_prove(&self, action: Action, resource: Resource) -> bool {
        let checked = self.asker.check(action, resource, None, self.now);
        matches!(checked, Err(Denied::StepUp { .. }))
    }

    /// Who stands in the audit log for what they change.
    pub fn doer(&self) -> Doer {
        Doer::new(&self.asker, self.now)
    }

    /// Whether they are of the desk, and not of a merchant.
    pub fn of_the_desk(&self) -> bool {
        *self.asker.tenant() == access::Tenant::Desk
    }
}
