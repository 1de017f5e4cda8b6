//! Passwords of people at desks without an OpenID provider: which are taken, how they are kept, how they are checked.
//!
//! Kept with argon2id, in the PHC string form. A password is used exactly as typed, neither cut nor normalised (ASVS 5.0,
//! 6.2.8). There is no rule of composition and no expiry: length, and not being a common one, is what helps.

use std::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use subtle::ConstantTimeEq;

/// ASVS 4.0, 2.1.1; ASVS 5.0, 6.2.1 asks for 8 and recommends 15.
pub const CHARACTERS_MIN: usize = 12;
/// ASVS 4.0, 2.1.2. It bounds what a stranger makes us hash; ASVS 5.0, 6.2.9 asks that 64 be taken.
pub const CHARACTERS_MAX: usize = 128;
pub const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;
/// A word of the person's or the desk's surroundings counts from this length on; shorter ones are in everything.
const CONTEXT_CHARACTERS_MIN: usize = 4;

/// What a new hash costs: 19 MiB, 2 passes, 1 lane, the second of the equal choices of the OWASP Password Storage Cheat Sheet.
pub const COST: Cost = Cost {
    memory_kib: 19_456,
    passes: 2,
    lanes: 1,
};
/// No stored hash may cost more than this: a row somebody tampered with must not be able to fell the desk.
const COST_MAX: Cost = Cost {
    memory_kib: 262_144,
    passes: 10,
    lanes: 4,
};

/// Parameters of argon2id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    pub memory_kib: u32,
    pub passes: u32,
    pub lanes: u32,
}

/// Why a new password is not taken. Never carries any of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordReject {
    #[error("a password has at least {CHARACTERS_MIN} characters, found {found}")]
    Short { found: usize },
    #[error("a password has at most {CHARACTERS_MAX} characters, found {found}")]
    Long { found: usize },
    /// On the list, or a common word with digits around it, or one short piece over and over, or letters in a row.
    #[error("the password is one of those that are tried first")]
    Common,
    #[error("the password contains {word:?}, which is known about you or the desk")]
    Context { word: String },
}

/// A stored hash is not one of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    #[error("a password hash is `$argon2id$v=19$m=..,t=..,p=..$salt$hash`")]
    Form,
    #[error("a password hash costs at most {COST_MAX:?}, found {found:?}")]
    Cost { found: Cost },
}

/// Argon2id's result with all that is needed to compute it again.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash {
    cost: Cost,
    salt: [u8; SALT_BYTES],
    hash: [u8; HASH_BYTES],
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(redacted)")
    }
}

/// What a password typed turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Wrong,
    Right,
    /// Right, and kept at an older cost: hash it again while it is at hand.
    RightRehash,
}

/// Whether a new password may be taken. `context`: the person's e-mail address and name, the desk's and merchant's names.
pub fn accept(password: &str, context: &[&str]) -> Result<(), PasswordReject> {
    let found = password.chars().count();
    if found < CHARACTERS_MIN {
        return Err(PasswordReject::Short { found });
    }
    if found > CHARACTERS_MAX {
        return Err(PasswordReject::Long { found });
    }
    let plain = password.to_lowercase();
    if common(&plain) {
        return Err(PasswordReject::Common);
    }
    match words(context).find(|word| plain.contains(word.as_str())) {
        Some(word) => Err(PasswordReject::Context { word }),
        None => Ok(()),
    }
}

/// Hashes at today's cost. `salt` comes from the system's generator. Takes tens of milliseconds: call it off the threads that
/// serve requests.
pub fn hash(password: &str, salt: [u8; SALT_BYTES]) -> PasswordHash {
    let hash = derive(password, COST, &salt);
    PasswordHash {
        cost: COST,
        salt,
        hash,
    }
}

/// Checks what was typed. `None` for a person who does not exist or has no password: the same work is done and the answer is
/// wrong, so that neither answer nor time says who exists. (Hashes kept at an older cost do take another time, until each is
/// made anew.) Call it off the threads that serve requests.
pub fn verify(typed: &str, stored: Option<&PasswordHash>) -> Verdict {
    // Too long for anybody's, so it says nothing of this person's.
    if typed.chars().count() > CHARACTERS_MAX {
        return Verdict::Wrong;
    }
    let decoy = PasswordHash {
        cost: COST,
        salt: [0; SALT_BYTES],
        hash: [0; HASH_BYTES],
    };
    let against = stored.unwrap_or(&decoy);
    let found = derive(typed, against.cost, &against.salt);
    let equal = bool::from(found.ct_eq(&against.hash));
    match (equal && stored.is_some(), against.cost == COST) {
        (false, _) => Verdict::Wrong,
        (true, true) => Verdict::Right,
        (true, false) => Verdict::RightRehash,
    }
}

impl PasswordHash {
    /// The PHC string, for the store.
    pub fn render(&self) -> String {
        let Cost {
            memory_kib,
            passes,
            lanes,
        } = self.cost;
        let salt = STANDARD_NO_PAD.encode(self.salt);
        let hash = STANDARD_NO_PAD.encode(self.hash);
        format!("$argon2id$v=19$m={memory_kib},t={passes},p={lanes}${salt}${hash}")
    }

    pub fn parse(text: &str) -> Result<PasswordHash, HashError> {
        let parts: Vec<&str> = text.split('$').collect();
        let ["", "argon2id", "v=19", cost, salt, hash] = parts.as_slice() else {
            return Err(HashError::Form);
        };
        let cost = parse_cost(cost).ok_or(HashError::Form)?;
        let dear = cost.memory_kib > COST_MAX.memory_kib
            || cost.passes > COST_MAX.passes
            || cost.lanes > COST_MAX.lanes;
        if dear {
            return Err(HashError::Cost { found: cost });
        }
        Ok(PasswordHash {
            cost,
            salt: parse_bytes(salt).ok_or(HashError::Form)?,
            hash: parse_bytes(hash).ok_or(HashError::Form)?,
        })
    }
}

fn parse_cost(text: &str) -> Option<Cost> {
    let mut parts = text.split(',');
    let mut number = |name: &str| {
        let digits = parts.next()?.strip_prefix(name)?;
        digits.parse::<u32>().ok()
    };
    let cost = Cost {
        memory_kib: number("m=")?,
        passes: number("t=")?,
        lanes: number("p=")?,
    };
    let whole = parts.next().is_none();
    // Whether argon2 takes them is asked here, so that `derive` cannot fail.
    (whole && params(cost).is_some()).then_some(cost)
}

fn parse_bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    STANDARD_NO_PAD.decode(text).ok()?.try_into().ok()
}

fn params(cost: Cost) -> Option<Params> {
    Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(HASH_BYTES)).ok()
}

fn derive(password: &str, cost: Cost, salt: &[u8; SALT_BYTES]) -> [u8; HASH_BYTES] {
    let params =
        params(cost).expect("a cost was asked of argon2 when it was parsed, and COST is a test's");
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut hash = [0; HASH_BYTES];
    argon2
        .hash_password_into(password.as_bytes(), salt, &mut hash)
        .expect("the lengths of password, salt and hash are within argon2's");
    hash
}

/// The words that are tried first, for passwords of any length: what is left of one when digits, signs and spelling are
/// undone. And whole passwords of twelve characters and more.
const COMMON: &str = include_str!("password/common.txt");
/// So many characters around a common word do not make it another password.
const ADDED_CHARACTERS_MAX: usize = 6;
/// Keys and letters in a row, both ways, and the alphabet's.
const ROWS: [&str; 6] = [
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    "abcdefghijklmnopqrstuvwxyz",
    "12345678901234567890",
    "1q2w3e4r5t6y7u8i9o0p",
];

fn common(plain: &str) -> bool {
    repeats(plain) || rows(plain) || {
        let spelled = spelled(plain);
        let listed = |text: &str| COMMON.lines().any(|line| line == text);
        [plain, spelled.as_str()].into_iter().any(|text| {
            let letters = text.trim_matches(|found: char| !found.is_alphabetic());
            let added = text.chars().count().saturating_sub(letters.chars().count());
            listed(text)
                || (added <= ADDED_CHARACTERS_MAX && listed(letters))
                || pieces(text, &listed)
        })
    }
}

/// Common words one after the other, with nothing but digits and signs besides: `letmein.letmein2`.
fn pieces(text: &str, listed: &impl Fn(&str) -> bool) -> bool {
    let mut words = text
        .split(|found: char| !found.is_alphabetic())
        .filter(|word| !word.is_empty())
        .peekable();
    words.peek().is_some() && words.all(listed)
}

/// One piece of at most four characters over and over.
fn repeats(plain: &str) -> bool {
    let characters: Vec<char> = plain.chars().collect();
    (1..=4).any(|period| {
        let later = characters.iter().skip(period);
        later.zip(&characters).all(|(one, other)| one == other)
    })
}

/// Nothing but stretches of four and more along [`ROWS`].
fn rows(plain: &str) -> bool {
    const STRETCH_MIN: usize = 4;
    let mut rest = plain;
    while !rest.is_empty() {
        let ends = rest.char_indices().map(|(at, found)| at + found.len_utf8());
        let along = ends
            .filter_map(|end| rest.split_at_checked(end))
            .take_while(|(stretch, _)| in_a_row(stretch))
            .last();
        match along {
            Some((stretch, after)) if stretch.chars().count() >= STRETCH_MIN => rest = after,
            _ => return false,
        }
    }
    true
}

fn in_a_row(stretch: &str) -> bool {
    let backwards: String = stretch.chars().rev().collect();
    ROWS.iter()
        .any(|row| row.contains(stretch) || row.contains(&backwards))
}

/// `p@ssw0rd` is `password`.
fn spelled(plain: &str) -> String {
    let letter = |found: char| match found {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    };
    // What stands at the end is added, not spelled: `welcome2024!!`.
    let body = plain.trim_end_matches(|found: char| !found.is_alphabetic());
    let mut text: String = body.chars().map(letter).collect();
    text.extend(plain.chars().skip(body.chars().count()));
    text
}

fn words<'a>(context: &'a [&str]) -> impl Iterator<Item = String> + 'a {
    context
        .iter()
        .flat_map(|text| text.split(|found: char| !found.is_alphanumeric()))
        .filter(|word| word.chars().count() >= CONTEXT_CHARACTERS_MIN)
        .map(str::to_lowercase)
}
