//! Links by which people enter without a password: once and soon over to accept an invitation, or as often as wanted while a
//! demonstration lasts.
//!
//! Only the hash of a link's token is kept. What it is for is sealed beside it, with the code secret that an invitation
//! offers: so the secret that a person's telephone keeps never travels in the link itself.

use super::people::no_person;
use super::session::{PersonIn, SignedIn};
use super::{Doer, hash_text, random};
use crate::{Desk, Error};
use access::hashed::Hashed;
use access::totp::{self, RECOVERY_CODES, Totp};
use access::{Secret, password};
use calendar::Instant;
use serde::{Deserialize, Serialize};
use store::{Errand, Person};

/// An invitation lasts over a long weekend.
const INVITATION_SECONDS: i64 = 4 * 86_400;
/// A demonstration's folder is thrown away sooner than this.
const DEMO_SECONDS: i64 = 30 * 86_400;
/// Marks a token where it should not be, as a key's prefix does.
const PREFIX: &str = "dl_";
const TOKEN_BYTES: usize = 32;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Sets the password and code of somebody new; works once.
    Invitation,
    /// Sets them anew for somebody who lost them; works once.
    Renewal,
    /// Enters as a sample person of a demonstration, as often as wanted.
    Demonstration,
}

/// A link just made.
#[derive(Debug)]
pub struct EntryLink {
    /// `dl_` and 64 hexadecimal digits; the face puts it behind its own address.
    pub token: Secret,
    pub purpose: Purpose,
    pub expires_at: Instant,
}

/// What somebody sees who opens an invitation.
#[derive(Debug)]
pub struct Welcome {
    pub name: String,
    pub email: String,
    /// For the telephone, as a square code.
    pub code_uri: Secret,
    /// The same for typing.
    pub code_secret: Secret,
    pub expires_at: Instant,
}

/// What somebody gets who accepted.
#[derive(Debug)]
pub struct Welcomed {
    pub signed_in: SignedIn,
    /// Shown now and never again.
    pub recovery_codes: Vec<Secret>,
}

#[derive(Serialize, Deserialize)]
struct Content {
    purpose: Purpose,
    person: String,
    /// Hexadecimal; of invitations and renewals.
    totp: Option<String>,
}

fn no_link() -> Error {
    Error::NotThere {
        what: "link of this kind that still works:",
        name: String::from("entry link"),
    }
}

/// Of the text, with its prefix, so that no other kind of token has the same hash.
fn hash(token: &str) -> String {
    hash_text(&Hashed::of(token.as_bytes()))
}

impl Desk {
    /// A link for somebody who has lost password or code, in place of both.
    ///
    /// # Errors
    /// When the asker may not, there is no such person, or the store fails.
    pub fn renew_entry(&mut self, by: &Doer, person: &str) -> Result<EntryLink, Error> {
        self.check_people_of_desk(by, person)?;
        let person = self.visible_person(by, person)?;
        self.make_entry_link(by, &person.id, Purpose::Renewal)
    }

    /// A link that enters a demonstration. The caller answers for this desk being one.
    ///
    /// # Errors
    /// When the asker may not, there is no such person, or the store fails.
    pub fn demonstration_link(&mut self, by: &Doer, person: &str) -> Result<EntryLink, Error> {
        self.check_people_of_desk(by, person)?;
        let person = self.visible_person(by, person)?;
        self.make_entry_link(by, &person.id, Purpose::Demonstration)
    }

    pub(super) fn make_entry_link(
        &mut self,
        by: &Doer,
        person: &str,
        purpose: Purpose,
    ) -> Result<EntryLink, Error> {
        let token = format!("{PREFIX}{}", hex::encode(random::<TOKEN_BYTES>()));
        let seconds = match purpose {
            Purpose::Invitation | Purpose::Renewal => INVITATION_SECONDS,
            Purpose::Demonstration => DEMO_SECONDS,
        };
        let expires_at = by.now.plus_seconds(seconds);
        let content = Content {
            purpose,
            person: person.to_owned(),
            totp: (purpose != Purpose::Demonstration)
                .then(|| hex::encode(random::<{ totp::SECRET_BYTES }>())),
        };
        let errand = Errand {
            state_hash: hash(&token),
            content: serde_json::to_string(&content).expect("texts and names"),
            expires_at,
        };
        let until = expires_at.to_string();
        self.note_leaf(&by.leaf("made-link", &[("person", person), ("until", &until)]))?;
        self.registry()
            .put_errand(&errand)
            .map_err(Error::store("keeping a link"))?;
        Ok(EntryLink {
            token: Secret::new(token),
            purpose,
            expires_at,
        })
    }

    /// What an invitation or renewal says. Looking does not use it up, so that a mail reader that follows links does no harm.
    ///
    /// # Errors
    /// [`Error::NotThere`] for a link that never was, is used, or is over.
    pub fn open_invitation(
        &mut self,
        token: &str,
        desk: &str,
        now: Instant,
    ) -> Result<Welcome, Error> {
        let (errand, content, person) = self.invitation(token, now)?;
        let totp = secret_of(&content)?;
        Ok(Welcome {
            code_uri: totp.uri(desk, &person.email),
            code_secret: totp.secret_text(),
            name: person.name,
            email: person.email,
            expires_at: errand.expires_at,
        })
    }

    /// Sets password and code, uses the link up, and signs in. The code typed proves that the telephone has the secret.
    ///
    /// # Errors
    /// [`Error::NotThere`] for a link that does not work, [`Error::Unfit`] for a password or code that is not taken; then the
    /// link still works.
    pub fn accept_invitation(
        &mut self,
        token: &str,
        password: &str,
        code: &str,
        now: Instant,
    ) -> Result<Welcomed, Error> {
        let (_, content, mut person) = self.invitation(token, now)?;
        let unfit = |error: &dyn ToString| Error::Unfit(error.to_string());
        password::accept(password, &[&person.email, &person.name])
            .map_err(|reject| unfit(&reject))?;
        let step = secret_of(&content)?
            .check(code, None, now)
            .map_err(|refusal| unfit(&refusal))?;
        let codes: Vec<_> = (0..RECOVERY_CODES)
            .map(|_| totp::recovery_code(random()))
            .collect();
        person.password = Some(password::hash(password, random()).render());
        person.totp = content.totp.and_then(|text| hex::decode(text).ok());
        person.totp_step = Some(step.0);
        person.recovery = codes.iter().map(|(_, hash)| hash_text(hash)).collect();
        // Taken last, and only one taker goes on.
        self.take_link(token)?.ok_or_else(no_link)?;
        let by = person.id.clone();
        let about = [("person", person.id.as_str())];
        let leaf = super::leaf("set-password-and-code", &about, &by, now);
        self.keep_person(&person, &leaf)?;
        let leaf = super::leaf("ended-sessions", &about, &by, now);
        // An instant earlier, so that the session that opens now is not among those that end.
        let before = now.plus_seconds(-1);
        self.registry()
            .end_sessions(&person.id, before, &leaf)
            .map_err(Error::store("ending sessions"))?;
        let signed_in = self.open_session(&person, PersonIn::Invitation, now)?;
        Ok(Welcomed {
            signed_in: signed_in.ok_or_else(no_link)?,
            recovery_codes: codes.into_iter().map(|(code, _)| code).collect(),
        })
    }

    /// Enters a demonstration.
    ///
    /// # Errors
    /// [`Error::NotThere`] for a link that never was, or is over.
    pub fn enter_demonstration(&mut self, token: &str, now: Instant) -> Result<SignedIn, Error> {
        let (_, _, person) = self.entry_link(token, now, &[Purpose::Demonstration])?;
        let signed_in = self.open_session(&person, PersonIn::Demonstration, now)?;
        signed_in.ok_or_else(no_link)
    }

    fn invitation(
        &mut self,
        token: &str,
        now: Instant,
    ) -> Result<(Errand, Content, Person), Error> {
        self.entry_link(token, now, &[Purpose::Invitation, Purpose::Renewal])
    }

    fn entry_link(
        &mut self,
        token: &str,
        now: Instant,
        purposes: &[Purpose],
    ) -> Result<(Errand, Content, Person), Error> {
        let errand = self
            .registry()
            .errand(&hash(token))
            .map_err(Error::store("looking up a link"))?;
        let errand = errand.filter(|errand| token.starts_with(PREFIX) && now < errand.expires_at);
        let errand = errand.ok_or_else(no_link)?;
        let content: Content = serde_json::from_str(&errand.content).map_err(|_| no_link())?;
        if !purposes.contains(&content.purpose) {
            return Err(no_link());
        }
        let person = self.person_row(&content.person)?;
        let person = person.ok_or_else(|| no_person(&content.person))?;
        // Who entered by their provider meanwhile needs no invitation, and nobody else may use it.
        let entered = person.password.is_some() || person.subject.is_some();
        let over = content.purpose == Purpose::Invitation && entered;
        match person.disabled_at.is_some() || over {
            false => Ok((errand, content, person)),
            true => Err(no_link()),
        }
    }

    fn take_link(&mut self, token: &str) -> Result<Option<Errand>, Error> {
        self.registry()
            .take_errand(&hash(token))
            .map_err(Error::store("using a link up"))
    }
}

fn secret_of(content: &Content) -> Result<Totp, Error> {
    let mut secret = [0; totp::SECRET_BYTES];
    let text = content.totp.as_deref().ok_or_else(no_link)?;
    hex::decode_to_slice(text, &mut secret).map_err(|_| no_link())?;
    Ok(Totp::new(secret))
}
