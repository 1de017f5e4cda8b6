//! Sessions of people: from signing in until one of the limits, and what a session proves.
//!
//! A session holds no roles: those are the person's, read for every request, so that taking one away works at once
//! (ASVS 5.0, 8.3.2). Its token is kept as a hash only, and is another one after every change of privilege.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use calendar::Instant;

use crate::asker::{Asker, AskerError, Mode, Tenant};
use crate::hashed::Hashed;
use crate::policy::Role;
use crate::{PersonId, Secret};

/// Unused for so long, it ends.
pub const IDLE_SECONDS: i64 = 30 * 60;
/// It ends so long after signing in, however much it is used.
pub const ABSOLUTE_SECONDS: i64 = 12 * 3_600;
/// How long a proof of who one is lasts for what [`crate::policy::needs_step_up`] names.
pub const STEP_UP_SECONDS: i64 = 5 * 60;
/// Use is kept to the minute, so that reading a page does not write a row each time.
const SEEN_SECONDS: i64 = 60;
/// Marks a token where it should not be, as a key's prefix does.
const TOKEN_PREFIX: &str = "ds_";
pub const TOKEN_BYTES: usize = 32;

/// A proof from the future is none: it would last longer than the rule.
pub fn step_up_is_fresh(step_up_at: Instant, now: Instant) -> bool {
    (0..STEP_UP_SECONDS).contains(&step_up_at.seconds_until(now))
}

/// What the browser holds, in a cookie: 32 random bytes. A browser that is not signed in has one as well, the
/// *pre-session*, to which a sign-in under way is bound.
#[derive(Clone)]
pub struct Token([u8; TOKEN_BYTES]);

impl Token {
    /// `random` comes from the system's generator and is used for nothing else.
    pub fn mint(random: [u8; TOKEN_BYTES]) -> Token {
        Token(random)
    }

    /// `None` for whatever we did not write: padding, white space and other forms of the same bytes too.
    pub fn parse(text: &str) -> Option<Token> {
        let digits = text.strip_prefix(TOKEN_PREFIX)?;
        let bytes = URL_SAFE_NO_PAD.decode(digits).ok()?;
        bytes.try_into().ok().map(Token)
    }

    /// `ds_` and 43 characters of base64url.
    pub fn text(&self) -> Secret {
        Secret::new(format!("{TOKEN_PREFIX}{}", URL_SAFE_NO_PAD.encode(self.0)))
    }

    /// What the store keeps and looks up.
    pub fn hash(&self) -> Hashed {
        Hashed::of(&self.0)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(redacted)")
    }
}

/// A session as the store keeps it.
#[derive(Clone, Debug)]
pub struct Session {
    pub token: Hashed,
    pub person: PersonId,
    /// For whom the person works in this session.
    pub tenant: Tenant,
    pub mode: Mode,
    pub opened_at: Instant,
    /// When the token was last made anew.
    pub rotated_at: Instant,
    /// To the minute.
    pub seen_at: Instant,
    /// When all factors were last given.
    pub step_up_at: Instant,
    pub closed_at: Option<Instant>,
}

/// The person, as the store says at this request.
#[derive(Clone, Debug)]
pub struct Standing {
    /// In the session's tenant.
    pub roles: Vec<Role>,
    pub roles_changed_at: Instant,
    /// Sessions opened until this instant are over: "sign out everywhere", a new password, a lost code device.
    pub signed_out_at: Option<Instant>,
    /// Left, or locked by an admin.
    pub disabled: bool,
}

/// A session does not stand. The face answers all alike, by asking to sign in; the difference is for the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionRefusal {
    #[error("no such session")]
    NoSuchSession,
    #[error("the session was closed")]
    Closed,
    #[error("the person was signed out everywhere")]
    SignedOut,
    #[error("the person is disabled")]
    Disabled,
    #[error("the session was not used for {IDLE_SECONDS} s")]
    Idle,
    #[error("the session is older than {ABSOLUTE_SECONDS} s")]
    Absolute,
    #[error("the person has no role in the session's tenant")]
    NoRole,
    #[error("the person's roles cannot be: {0}")]
    Roles(AskerError),
}

/// A session that stands.
#[derive(Debug)]
pub struct Admitted {
    pub asker: Asker,
    /// The person's roles changed since the token was made: give it a new one with this answer.
    pub rotate: bool,
}

impl Session {
    /// After all factors were given. The token is always fresh, never the browser's from before: an attacker who planted
    /// that one would else be inside (fixation).
    pub fn open(
        token: &Token,
        person: PersonId,
        tenant: Tenant,
        mode: Mode,
        now: Instant,
    ) -> Session {
        Session {
            token: token.hash(),
            person,
            tenant,
            mode,
            opened_at: now,
            rotated_at: now,
            seen_at: now,
            step_up_at: now,
            closed_at: None,
        }
    }

    /// Whether it stands now, and who asks by it.
    pub fn admit(
        &self,
        token: &Token,
        standing: &Standing,
        now: Instant,
    ) -> Result<Admitted, SessionRefusal> {
        if !self.token.matches(&token.hash()) {
            return Err(SessionRefusal::NoSuchSession);
        }
        if self.closed_at.is_some() {
            return Err(SessionRefusal::Closed);
        }
        if standing.disabled {
            return Err(SessionRefusal::Disabled);
        }
        if standing
            .signed_out_at
            .is_some_and(|at| self.opened_at <= at)
        {
            return Err(SessionRefusal::SignedOut);
        }
        if self.opened_at.seconds_until(now) >= ABSOLUTE_SECONDS {
            return Err(SessionRefusal::Absolute);
        }
        if self.seen_at.seconds_until(now) >= IDLE_SECONDS {
            return Err(SessionRefusal::Idle);
        }
        if standing.roles.is_empty() {
            return Err(SessionRefusal::NoRole);
        }
        let asker = Asker::person(
            self.person.clone(),
            &standing.roles,
            self.tenant.clone(),
            self.mode,
            Some(self.step_up_at),
        )
        .map_err(SessionRefusal::Roles)?;
        let rotate = standing.roles_changed_at > self.rotated_at;
        Ok(Admitted { asker, rotate })
    }

    /// Whether this use is worth writing down. With writing each minute, a session may end up to a minute early.
    pub fn use_is_news(&self, now: Instant) -> bool {
        self.seen_at.seconds_until(now) >= SEEN_SECONDS
    }

    /// A clock that goes backwards does not shorten it.
    #[must_use]
    pub fn seen(mut self, now: Instant) -> Session {
        self.seen_at = self.seen_at.max(now);
        self
    }

    /// Another token for the same session, whose age goes on. The old one is nobody's from now on.
    #[must_use]
    pub fn rotated(mut self, token: &Token, now: Instant) -> Session {
        self.token = token.hash();
        self.rotated_at = now;
        self.seen(now)
    }

    /// All factors were given again: privilege grows, so the token changes too.
    #[must_use]
    pub fn stepped_up(mut self, token: &Token, now: Instant) -> Session {
        self.step_up_at = now;
        self.rotated(token, now)
    }

    /// Who it is was proved elsewhere, and no later than this; never, as far as anybody says.
    #[must_use]
    pub fn proved_at(mut self, at: Option<Instant>) -> Session {
        let never = self.opened_at.plus_seconds(-STEP_UP_SECONDS);
        self.step_up_at = self.step_up_at.min(at.unwrap_or(never));
        self
    }

    /// The same person goes on for another merchant, or in the other mode, with another token and without step-up.
    #[must_use]
    pub fn moved(mut self, token: &Token, tenant: Tenant, mode: Mode, now: Instant) -> Session {
        self.tenant = tenant;
        self.mode = mode;
        self.step_up_at = self.step_up_at.min(now.plus_seconds(-STEP_UP_SECONDS));
        self.rotated(token, now)
    }

    #[must_use]
    pub fn closed(mut self, now: Instant) -> Session {
        self.closed_at = Some(self.closed_at.map_or(now, |at| at.min(now)));
        self
    }
}
