//! People sign in, are recognised at each request, prove again who they are, and leave.

use super::link::{EntryLink, Purpose};
use super::people::no_person;
use super::{Doer, hash_of_text, hash_text, leaf, merchant_of, mode_of, random, tenant_of};
use crate::{Desk, Error};
use access::hashed::Hashed;
use access::password::{self, PasswordHash, Verdict};
use access::session::{
    ABSOLUTE_SECONDS, IDLE_SECONDS, Session, SessionRefusal, Standing, TOKEN_BYTES, Token,
};
use access::throttle::{self, Throttle, TooMany};
use access::totp::{self, RECOVERY_CODES, Step, Totp};
use access::{Asker, Identity, Mode, PersonId, Secret, Tenant};
use calendar::Instant;
use std::net::IpAddr;
use store::{Failures, Person};

/// What somebody gives to prove who they are, and from where.
#[derive(Clone, Copy)]
pub struct Proof<'a> {
    pub password: &'a str,
    /// Six digits, or a recovery code.
    pub code: &'a str,
    pub address: IpAddr,
}

/// Nobody is let in. The face answers all wrong ones alike; what was wrong is in the audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInRefusal {
    #[error(transparent)]
    TooMany(#[from] TooMany),
    #[error("the address, the password or the code is not right")]
    Wrong,
}

/// Somebody signed in.
#[derive(Debug)]
pub struct SignedIn {
    pub person: PersonId,
    pub tenant: Tenant,
    pub mode: Mode,
    /// For the cookie.
    pub token: Token,
}

/// A request of somebody with a session that stands.
#[derive(Debug)]
pub struct Visit {
    pub asker: Asker,
    pub person: PersonId,
    pub name: String,
    pub email: String,
    /// For whom they may work, the present one among them.
    pub tenants: Vec<Tenant>,
    /// Their roles changed: the cookie gets this token with the answer, and pages are made with it.
    pub next: Option<Token>,
    /// At the latest.
    pub ends_at: Instant,
}

/// A session of one's own, for showing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionView {
    pub opened_at: Instant,
    /// To the minute.
    pub seen_at: Instant,
    /// The one that asks.
    pub this: bool,
}

/// How somebody came in, as the audit log says it.
#[derive(Clone, Copy, Debug)]
pub(super) enum PersonIn<'a> {
    Password,
    Invitation,
    Demonstration,
    Provider {
        issuer: &'a str,
        /// When the provider had them prove it, if it says so. Its own session may be days old: that is enough to come in,
        /// and not for what asks for a proof.
        proved_at: Option<Instant>,
    },
}

/// Under what the desk keeps what is its own alone.
const OWN: &str = "desk";
const THROTTLE_SECRET: &str = "throttle_secret";

fn fresh_token() -> Token {
    Token::mint(random::<TOKEN_BYTES>())
}

impl Desk {
    /// Signs somebody in with password and code. Takes tens of milliseconds whether or not there is such a person.
    ///
    /// # Errors
    /// When the store fails. Whoever is not let in is the inner refusal.
    pub fn sign_in(
        &mut self,
        email: &str,
        proof: &Proof<'_>,
        now: Instant,
    ) -> Result<Result<SignedIn, SignInRefusal>, Error> {
        let person = self
            .registry()
            .person_by_email(&email.trim().to_ascii_lowercase())
            .map_err(Error::store("looking up a person"))?;
        if let Err(refusal) = self.prove(email, person.as_ref(), proof, now)? {
            return Ok(Err(refusal));
        }
        let person = person.ok_or_else(|| no_person(email))?;
        let opened = self.open_session(&person, PersonIn::Password, now)?;
        Ok(opened.ok_or(SignInRefusal::Wrong))
    }

    /// Password and code of this person, counted before they are looked at.
    fn prove(
        &mut self,
        typed: &str,
        person: Option<&Person>,
        proof: &Proof<'_>,
        now: Instant,
    ) -> Result<Result<(), SignInRefusal>, Error> {
        let secret = self.throttle_secret(now)?;
        let account = hash_text(&throttle::account_key(typed, &secret));
        let about = format!("person:{account}");
        if let Err(refusal) = self.count_attempt(&about, proof.address, now)? {
            return Ok(Err(refusal.into()));
        }
        let hash = person.and_then(|person| person.password.as_deref());
        let hash = hash.and_then(|text| PasswordHash::parse(text).ok());
        let verdict = password::verify(proof.password, hash.as_ref());
        let because = match (verdict, person) {
            (_, None) => "nobody",
            (Verdict::Wrong, Some(_)) => "password",
            (Verdict::Right | Verdict::RightRehash, Some(person)) => {
                if person.disabled_at.is_some() {
                    "disabled"
                } else if self.take_code(person, proof.code, now)? {
                    self.proved(person, &about, verdict, proof, now)?;
                    return Ok(Ok(()));
                } else {
                    "code"
                }
            }
        };
        let address = proof.address.to_string();
        let mut words = vec![
            ("account", account.as_str()),
            ("address", &address),
            ("because", because),
        ];
        if let Some(person) = person {
            words.push(("person", &person.id));
        }
        self.note_leaf(&leaf("refused-sign-in", &words, "nobody", now))?;
        Ok(Err(SignInRefusal::Wrong))
    }

    fn proved(
        &mut self,
        person: &Person,
        about: &str,
        verdict: Verdict,
        proof: &Proof<'_>,
        now: Instant,
    ) -> Result<(), Error> {
        let cleared = Failures {
            about: about.to_owned(),
            count: 0,
            last_at: now,
        };
        self.registry()
            .put_failures(&cleared)
            .map_err(Error::store("counting attempts to sign in"))?;
        if verdict == Verdict::RightRehash
            && let Some(mut fresh) = self.person_row(&person.id)?
        {
            fresh.password = Some(password::hash(proof.password, random()).render());
            let about = [("person", person.id.as_str())];
            self.keep_person(&fresh, &leaf("rehashed-password", &about, "desk", now))?;
        }
        Ok(())
    }

    /// Counts one attempt for the name and the address, or says how long to wait.
    fn count_attempt(
        &mut self,
        account: &str,
        address: IpAddr,
        now: Instant,
    ) -> Result<Result<(), TooMany>, Error> {
        let place = format!("address:{}", throttle::address_key(address));
        loop {
            let (before, elsewhere) = (self.failures(account)?, self.failures(&place)?);
            let counted = throttle::attempt(of_row(&before), of_row(&elsewhere), now);
            let (counted, _) = match counted {
                Ok(counted) => counted,
                Err(too_many) => return Ok(Err(too_many)),
            };
            if self.counted(account, before, counted)? {
                break;
            }
        }
        loop {
            let before = self.failures(&place)?;
            let (_, counted) = match throttle::attempt(None, of_row(&before), now) {
                Ok(counted) => counted,
                Err(too_many) => return Ok(Err(too_many)),
            };
            if self.counted(&place, before, counted)? {
                return Ok(Ok(()));
            }
        }
    }

    fn failures(&mut self, about: &str) -> Result<Option<Failures>, Error> {
        self.registry()
            .failures(about)
            .map_err(Error::store("counting attempts to sign in"))
    }

    /// `false` when somebody else counted meanwhile.
    fn counted(
        &mut self,
        about: &str,
        before: Option<Failures>,
        counted: Throttle,
    ) -> Result<bool, Error> {
        let after = Failures {
            about: about.to_owned(),
            count: counted.attempts,
            last_at: counted.last_at,
        };
        self.registry()
            .count_failures(before.as_ref(), &after)
            .map_err(Error::store("counting attempts to sign in"))
    }

    /// What keeps the names that were tried from being read off the table of counts. Made once for the desk.
    fn throttle_secret(&mut self, now: Instant) -> Result<Vec<u8>, Error> {
        let doing = || Error::store("reading what is the desk's own");
        let own = self
            .registry()
            .metadata(&[OWN.to_owned()])
            .map_err(doing())?;
        let own = own.into_iter().find(|(object, _)| object == OWN);
        let mut words: std::collections::BTreeMap<String, String> = own
            .and_then(|(_, json)| serde_json::from_str(&json).ok())
            .unwrap_or_default();
        if let Some(secret) = words
            .get(THROTTLE_SECRET)
            .and_then(|text| hex::decode(text).ok())
        {
            return Ok(secret);
        }
        let secret = random::<32>();
        words.insert(THROTTLE_SECRET.to_owned(), hex::encode(secret));
        let json = serde_json::to_string(&words).expect("text keys and texts");
        let leaf = leaf("made-throttle-secret", &[], "desk", now);
        self.registry()
            .put_metadata(OWN, &json, &leaf)
            .map_err(doing())?;
        Ok(secret.to_vec())
    }

    /// Whether this is the code of now, or a recovery code; either is used up.
    fn take_code(&mut self, person: &Person, typed: &str, now: Instant) -> Result<bool, Error> {
        let doing = || Error::store("using up a code");
        let secret = person
            .totp
            .as_deref()
            .and_then(|secret| secret.try_into().ok());
        if let Some(secret) = secret {
            let last = person.totp_step.map(Step);
            if let Ok(step) = Totp::new(secret).check(typed, last, now) {
                return self
                    .registry()
                    .take_totp_step(&person.id, step.0)
                    .map_err(doing());
            }
        }
        let codes = person.recovery.iter().map(|text| hash_of_text(text));
        let codes: Option<Vec<Hashed>> = codes.collect();
        let place = totp::find_recovery_code(typed, &codes.unwrap_or_default());
        let Some(hash) = place.and_then(|place| person.recovery.get(place)) else {
            return Ok(false);
        };
        let leaf = leaf(
            "used-recovery-code",
            &[("person", &person.id)],
            &person.id,
            now,
        );
        self.registry()
            .take_recovery(&person.id, hash, &leaf)
            .map_err(doing())
    }

    /// `None` for somebody who may nothing anywhere.
    pub(super) fn open_session(
        &mut self,
        person: &Person,
        how: PersonIn<'_>,
        now: Instant,
    ) -> Result<Option<SignedIn>, Error> {
        let Ok(id) = PersonId::parse(&person.id) else {
            return Ok(None);
        };
        let tenant = self.tenants_of(&person.id)?.into_iter().next();
        let Some(tenant) = tenant.filter(|_| person.disabled_at.is_none()) else {
            return Ok(None);
        };
        let token = fresh_token();
        let mut session = Session::open(&token, id.clone(), tenant.clone(), Mode::Live, now);
        if let PersonIn::Provider { proved_at, .. } = how {
            session = session.proved_at(proved_at);
        }
        let how = match how {
            PersonIn::Password => "password",
            PersonIn::Invitation => "invitation",
            PersonIn::Demonstration => "demonstration",
            PersonIn::Provider { issuer, .. } => issuer,
        };
        let leaf = leaf("signed-in", &[("through", how)], &person.id, now);
        self.registry()
            .put_session(&row(&session), Some(&leaf))
            .map_err(Error::store("keeping a session"))?;
        Ok(Some(SignedIn {
            person: id,
            tenant,
            mode: Mode::Live,
            token,
        }))
    }

    /// Who asks with this token, by what the store says of them now.
    ///
    /// # Errors
    /// When the store fails. A session that does not stand is the inner refusal.
    pub fn visit(
        &mut self,
        token: &Token,
        now: Instant,
    ) -> Result<Result<Visit, SessionRefusal>, Error> {
        let Some((session, person)) = self.session_of(token)? else {
            return Ok(Err(SessionRefusal::NoSuchSession));
        };
        let standing = self.standing(&session, &person)?;
        let admitted = match session.admit(token, &standing, now) {
            Ok(admitted) => admitted,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let mut next = None;
        if admitted.rotate {
            let fresh = fresh_token();
            if !self.replace(token, &session.clone().rotated(&fresh, now), None)? {
                return Ok(Err(SessionRefusal::Closed));
            }
            next = Some(fresh);
        } else if session.use_is_news(now) {
            self.registry()
                .put_session(&row(&session.clone().seen(now)), None)
                .map_err(Error::store("keeping a session"))?;
        }
        Ok(Ok(Visit {
            asker: admitted.asker,
            tenants: self.tenants_of(&person.id)?,
            person: session.person.clone(),
            name: person.name,
            email: person.email,
            next,
            ends_at: session.opened_at.plus_seconds(ABSOLUTE_SECONDS),
        }))
    }

    /// Password and code again: the session goes on with another token, and for five minutes may what asks for it.
    ///
    /// # Errors
    /// When the store fails, or the session does not stand ([`Error::NotThere`]).
    pub fn step_up(
        &mut self,
        token: &Token,
        proof: &Proof<'_>,
        now: Instant,
    ) -> Result<Result<Token, SignInRefusal>, Error> {
        let (session, person) = self.standing_session(token, now)?;
        if let Err(refusal) = self.prove(&person.email, Some(&person), proof, now)? {
            return Ok(Err(refusal));
        }
        let next = fresh_token();
        let leaf = leaf("proved-again", &[], &person.id, now);
        match self.replace(token, &session.stepped_up(&next, now), Some(&leaf))? {
            true => Ok(Ok(next)),
            false => Err(no_session()),
        }
    }

    /// The same person goes on for another tenant or in the other mode, with another token.
    ///
    /// # Errors
    /// When the session does not stand, the person has no role there ([`Error::NotThere`]), or the store fails.
    pub fn move_session(
        &mut self,
        token: &Token,
        tenant: &Tenant,
        mode: Mode,
        now: Instant,
    ) -> Result<Token, Error> {
        let (session, person) = self.standing_session(token, now)?;
        if self.roles_at(&person.id, tenant)?.is_empty() {
            let name = merchant_of(tenant).unwrap_or_else(|| OWN.to_owned());
            return Err(super::merchant::no_merchant(&name));
        }
        let next = fresh_token();
        let moved = session.moved(&next, tenant.clone(), mode, now);
        match self.replace(token, &moved, None)? {
            true => Ok(next),
            false => Err(no_session()),
        }
    }

    /// Ends this session. One that does not stand has ended.
    ///
    /// # Errors
    /// When the store fails.
    pub fn sign_out(&mut self, token: &Token, now: Instant) -> Result<(), Error> {
        let Some((session, person)) = self.session_of(token)? else {
            return Ok(());
        };
        let leaf = leaf("signed-out", &[], &person.id, now);
        self.registry()
            .put_session(&row(&session.closed(now)), Some(&leaf))
            .map_err(Error::store("ending a session"))
    }

    /// Another password, for who proves the present one. All sessions end, this one too.
    ///
    /// # Errors
    /// [`Error::Unfit`] for a password that is not taken, and when the asker is no person or the store fails.
    pub fn change_password(
        &mut self,
        by: &Doer,
        proof: &Proof<'_>,
        password: &str,
    ) -> Result<Result<(), SignInRefusal>, Error> {
        let person = self.own_person(by)?;
        password::accept(password, &[&person.email, &person.name])
            .map_err(|reject| Error::Unfit(reject.to_string()))?;
        if let Err(refusal) = self.prove(&person.email, Some(&person), proof, by.now)? {
            return Ok(Err(refusal));
        }
        let mut fresh = self.own_person(by)?;
        fresh.password = Some(password::hash(password, random()).render());
        self.keep_person(
            &fresh,
            &by.leaf("changed-password", &[("person", &fresh.id)]),
        )?;
        self.end_sessions_of(by, &fresh)?;
        Ok(Ok(()))
    }

    /// Recovery codes anew, for who proves who they are; the old ones open nothing any more.
    ///
    /// # Errors
    /// When the asker is no person, or the store fails.
    pub fn renew_recovery_codes(
        &mut self,
        by: &Doer,
        proof: &Proof<'_>,
    ) -> Result<Result<Vec<Secret>, SignInRefusal>, Error> {
        let person = self.own_person(by)?;
        if let Err(refusal) = self.prove(&person.email, Some(&person), proof, by.now)? {
            return Ok(Err(refusal));
        }
        let codes = (0..RECOVERY_CODES).map(|_| totp::recovery_code(random()));
        let codes: Vec<_> = codes.collect();
        let mut fresh = self.own_person(by)?;
        fresh.recovery = codes.iter().map(|(_, hash)| hash_text(hash)).collect();
        let leaf = by.leaf("renewed-recovery-codes", &[("person", &fresh.id)]);
        self.keep_person(&fresh, &leaf)?;
        Ok(Ok(codes.into_iter().map(|(code, _)| code).collect()))
    }

    /// One's own sessions that stand, the one last used first.
    ///
    /// # Errors
    /// When the asker is no person, or the store fails.
    pub fn own_sessions(&mut self, by: &Doer, token: &Token) -> Result<Vec<SessionView>, Error> {
        let person = self.own_person(by)?;
        let rows = self
            .registry()
            .sessions_of(&person.id)
            .map_err(Error::store("reading sessions"))?;
        let this = hash_text(&token.hash());
        let stands = |row: &store::Session| {
            let out = person.signed_out_at.is_some_and(|at| row.created_at <= at);
            let idle = row.seen_at.seconds_until(by.now) > IDLE_SECONDS;
            let old = row.created_at.seconds_until(by.now) > ABSOLUTE_SECONDS;
            row.ended_at.is_none() && !out && !idle && !old
        };
        let mut views: Vec<SessionView> = rows
            .iter()
            .filter(|row| stands(row))
            .map(|row| SessionView {
                opened_at: row.created_at,
                seen_at: row.seen_at,
                this: row.token_hash == this,
            })
            .collect();
        views.sort_by_key(|view| (!view.this, std::cmp::Reverse(view.seen_at)));
        Ok(views)
    }

    /// A link that sets password and code anew, for who proves who they are: so a telephone is replaced by another.
    ///
    /// # Errors
    /// When the asker is no person, or the store fails.
    pub fn renew_own_entry(
        &mut self,
        by: &Doer,
        proof: &Proof<'_>,
    ) -> Result<Result<EntryLink, SignInRefusal>, Error> {
        let person = self.own_person(by)?;
        if let Err(refusal) = self.prove(&person.email, Some(&person), proof, by.now)? {
            return Ok(Err(refusal));
        }
        let link = self.make_entry_link(by, &person.id, Purpose::Renewal)?;
        Ok(Ok(link))
    }

    /// The person who asks, for showing.
    ///
    /// # Errors
    /// When the asker is no person, or the store fails.
    pub fn own_view(&mut self, by: &Doer) -> Result<super::PersonView, Error> {
        let person = self.own_person(by)?;
        self.person_view(&person)
    }

    fn own_person(&mut self, by: &Doer) -> Result<Person, Error> {
        let Identity::Person(person) = by.asker.identity() else {
            return Err(no_person("a key's"));
        };
        let row = self.person_row(person.as_str())?;
        row.ok_or_else(|| no_person(person.as_str()))
    }

    fn session_of(&mut self, token: &Token) -> Result<Option<(Session, Person)>, Error> {
        let found = self
            .registry()
            .session(&hash_text(&token.hash()))
            .map_err(Error::store("looking up a session"))?;
        let Some(session) = found.as_ref().and_then(stored) else {
            return Ok(None);
        };
        let person = self.person_row(session.person.as_str())?;
        Ok(person.map(|person| (session, person)))
    }

    fn standing_session(
        &mut self,
        token: &Token,
        now: Instant,
    ) -> Result<(Session, Person), Error> {
        let found = self.session_of(token)?;
        let (session, person) = found.ok_or_else(no_session)?;
        let standing = self.standing(&session, &person)?;
        match session.admit(token, &standing, now) {
            Ok(_) => Ok((session, person)),
            Err(_) => Err(no_session()),
        }
    }

    fn standing(&mut self, session: &Session, person: &Person) -> Result<Standing, Error> {
        Ok(Standing {
            roles: self.roles_at(&person.id, &session.tenant)?,
            roles_changed_at: person.roles_changed_at.unwrap_or(person.created_at),
            signed_out_at: person.signed_out_at,
            disabled: person.disabled_at.is_some(),
        })
    }

    fn replace(
        &mut self,
        token: &Token,
        next: &Session,
        leaf: Option<&store::Leaf>,
    ) -> Result<bool, Error> {
        self.registry()
            .replace_session(&hash_text(&token.hash()), &row(next), leaf)
            .map_err(Error::store("giving a session another token"))
    }
}

fn no_session() -> Error {
    Error::NotThere {
        what: "session that stands:",
        name: String::from("this browser's"),
    }
}

fn of_row(row: &Option<Failures>) -> Option<Throttle> {
    row.as_ref().map(|row| Throttle {
        attempts: row.count,
        last_at: row.last_at,
    })
}

fn row(session: &Session) -> store::Session {
    store::Session {
        token_hash: hash_text(&session.token),
        person: session.person.to_string(),
        merchant: merchant_of(&session.tenant),
        live: session.mode == Mode::Live,
        created_at: session.opened_at,
        rotated_at: session.rotated_at,
        seen_at: session.seen_at,
        stepped_up_at: Some(session.step_up_at),
        ended_at: session.closed_at,
    }
}

/// A row read back; `None` when some part of it does not read, which lets nobody in.
fn stored(row: &store::Session) -> Option<Session> {
    Some(Session {
        token: hash_of_text(&row.token_hash)?,
        person: PersonId::parse(&row.person).ok()?,
        tenant: tenant_of(row.merchant.as_deref())?,
        mode: mode_of(row.live),
        opened_at: row.created_at,
        rotated_at: row.rotated_at,
        seen_at: row.seen_at,
        step_up_at: row.stepped_up_at?,
        closed_at: row.ended_at,
    })
}
