//! What a person chose for themselves: the zone in which they read times, how pages look, what they want to be told of,
//! lists that they saved, and until when they have read a dispute's messages.
//!
//! Kept beside the person, sealed, and changed with a leaf that says that it was changed and not to what. Nothing of it says
//! what somebody may see: a saved list is asked for again with the sight of whoever opens it.

use crate::entrance::Doer;
use crate::{Desk, Error};
use access::{Identity, PersonId};
use calendar::{Instant, Zone};
use dispute::permit::is_of_a_name;
use dispute::said::Audience;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// More would be a list that nobody reads.
const VIEWS_MAX: usize = 30;
/// Messages older than this count as read: a number that nobody brings down tells nothing.
const UNREAD_DAYS: i64 = 30;
const UNREAD_MAX: u32 = 50;
const NAME_MAX: usize = 60;
/// A list's filters in its address: a browser takes some thousands of characters.
const QUERY_MAX: usize = 2_000;

/// What somebody chose. An empty choice is the desk's own: UTC, and light or dark as the browser prefers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    /// The IANA name of one of [`Zone::ALL`]; empty for UTC.
    #[serde(default)]
    pub zone: String,
    /// `light`, `dark`, or empty.
    #[serde(default)]
    pub theme: String,
    /// Kinds of news, as `dispute::news` names them, that are listed for them; `None`: all that a page lists.
    #[serde(default)]
    pub told: Option<Vec<String>>,
}

impl Preferences {
    /// Of somebody who has chosen nothing.
    pub fn unchosen() -> Preferences {
        Preferences {
            zone: String::new(),
            theme: String::new(),
            told: None,
        }
    }

    /// The zone in which they read times.
    pub fn zone(&self) -> Zone {
        Zone::find(&self.zone).unwrap_or(Zone::Utc)
    }
}

/// A dispute with messages for somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    pub case: String,
    pub dispute: String,
    /// When the last was written.
    pub at: Instant,
}

/// A list that somebody saved under a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedView {
    /// The path of the page that lists, such as `/disputes`.
    pub place: String,
    pub name: String,
    /// The query of its address, without `?`.
    pub query: String,
}

fn settings_of(person: &PersonId) -> String {
    format!("{person}/settings")
}

fn views_of(person: &PersonId) -> String {
    format!("{person}/views")
}

fn reading_of(person: &PersonId) -> String {
    format!("{person}/read")
}

/// Whose choices these are.
fn own(by: &Doer) -> Result<PersonId, Error> {
    match by.asker.identity() {
        Identity::Person(person) => Ok(person.clone()),
        Identity::Key { .. } | Identity::Desk => Err(Error::Unfit(String::from(
            "only a person has settings of their own",
        ))),
    }
}

impl Desk {
    /// What somebody chose.
    ///
    /// # Errors
    /// When the store fails.
    pub fn preferences(&mut self, person: &PersonId) -> Result<Preferences, Error> {
        let kept = self.personal(&settings_of(person))?;
        Ok(kept.unwrap_or_else(Preferences::unchosen))
    }

    /// Keeps one's own choices.
    ///
    /// # Errors
    /// [`Error::Unfit`] for a zone or theme that there is not; when the asker is no person, or the store fails.
    pub fn prefer(&mut self, by: &Doer, wish: &Preferences) -> Result<(), Error> {
        let person = own(by)?;
        if !wish.zone.is_empty() && Zone::find(&wish.zone).is_none() {
            return Err(Error::Unfit(format!("there is no zone `{}`", wish.zone)));
        }
        if !matches!(wish.theme.as_str(), "" | "light" | "dark") {
            return Err(Error::Unfit(format!(
                "a theme is `light` or `dark`, found `{}`",
                wish.theme
            )));
        }
        self.keep_personal(by, &settings_of(&person), "chose-settings", wish)
    }

    /// The lists that somebody saved for a page, in order of their names.
    ///
    /// # Errors
    /// When the store fails.
    pub fn saved_views(&mut self, person: &PersonId, place: &str) -> Result<Vec<SavedView>, Error> {
        let mut views: Vec<SavedView> = self.personal(&views_of(person))?.unwrap_or_default();
        views.retain(|view| view.place == place);
        Ok(views)
    }

    /// Saves a list of one's own; one of the same page and name is replaced.
    ///
    /// # Errors
    /// [`Error::Unfit`] for a name or query that is too long, or one too many; when the asker is no person, or the store
    /// fails.
    pub fn save_view(&mut self, by: &Doer, view: &SavedView) -> Result<(), Error> {
        let person = own(by)?;
        let name = view.name.trim();
        let length = name.chars().count();
        if length == 0 || length > NAME_MAX || !name.chars().all(is_of_a_name) {
            return Err(Error::Unfit(format!(
                "a list's name has 1 to {NAME_MAX} characters on one line, found {length}"
            )));
        }
        if view.query.len() > QUERY_MAX || !view.query.is_ascii() {
            return Err(Error::Unfit(format!(
                "a list's filters have at most {QUERY_MAX} bytes, found {}",
                view.query.len()
            )));
        }
        let mut views: Vec<SavedView> = self.personal(&views_of(&person))?.unwrap_or_default();
        views.retain(|old| (old.place.as_str(), old.name.as_str()) != (view.place.as_str(), name));
        if views.len() >= VIEWS_MAX {
            return Err(Error::Unfit(format!(
                "at most {VIEWS_MAX} lists are kept; drop one first"
            )));
        }
        views.push(SavedView {
            name: name.to_owned(),
            ..view.clone()
        });
        views.sort_by(|one, other| (&one.place, &one.name).cmp(&(&other.place, &other.name)));
        self.keep_personal(by, &views_of(&person), "saved-list", &views)
    }

    /// Drops a list of one's own. One that is not there is dropped.
    ///
    /// # Errors
    /// When the asker is no person, or the store fails.
    pub fn drop_view(&mut self, by: &Doer, place: &str, name: &str) -> Result<(), Error> {
        let person = own(by)?;
        let mut views: Vec<SavedView> = self.personal(&views_of(&person))?.unwrap_or_default();
        views.retain(|view| (view.place.as_str(), view.name.as_str()) != (place, name));
        self.keep_personal(by, &views_of(&person), "dropped-list", &views)
    }

    /// Until when somebody has read each dispute's messages, by case.
    ///
    /// # Errors
    /// When the store fails.
    pub fn read_until(&mut self, person: &PersonId) -> Result<BTreeMap<String, Instant>, Error> {
        let kept: BTreeMap<String, i64> = self.personal(&reading_of(person))?.unwrap_or_default();
        let marks = kept.into_iter();
        Ok(marks
            .filter_map(|(case, micros)| Some((case, Instant::from_unix_micros(micros)?)))
            .collect())
    }

    /// The disputes that this desk sees in which this side was written to within the month, the last first, each with when it
    /// last was.
    ///
    /// # Errors
    /// When the store fails.
    pub fn written_to(&mut self, to: Audience, now: Instant) -> Result<Vec<Unread>, Error> {
        let since = now.plus_days(-UNREAD_DAYS);
        let told = self
            .registry()
            .told(to, since, UNREAD_MAX)
            .map_err(Error::store("reading messages"))?;
        let mut written = Vec::new();
        for (case, at) in told {
            let row = self
                .registry()
                .case_named(case.as_str())
                .map_err(Error::store("finding a case"))?;
            written.extend(row.map(|row| Unread {
                case: row.id.to_string(),
                dispute: row.dispute,
                at,
            }));
        }
        Ok(written)
    }

    /// Marks the messages of a case as read until an instant.
    ///
    /// # Errors
    /// When the asker is no person, or the store fails.
    pub fn mark_read(&mut self, by: &Doer, case: &str, until: Instant) -> Result<(), Error> {
        let person = own(by)?;
        let object = reading_of(&person);
        let mut marks: BTreeMap<String, i64> = self.personal(&object)?.unwrap_or_default();
        marks.insert(case.to_owned(), until.unix_micros());
        while marks.len() > MARKS_MAX {
            let oldest = marks.iter().min_by_key(|(_, at)| **at);
            let Some(oldest) = oldest.map(|(case, _)| case.clone()) else {
                break;
            };
            marks.remove(&oldest);
        }
        self.keep_personal(by, &object, "read-messages", &marks)
    }

    /// `None` where nothing is kept, and where somebody changed by hand what no longer reads.
    fn personal<T: for<'a> Deserialize<'a>>(&mut self, object: &str) -> Result<Option<T>, Error> {
        let rows = self
            .registry()
            .metadata(&[object.to_owned()])
            .map_err(Error::store("reading what a person chose"))?;
        let json = rows.into_iter().next().map(|(_, json)| json);
        Ok(json.and_then(|json| serde_json::from_str(&json).ok()))
    }

    fn keep_personal<T: Serialize>(
        &mut self,
        by: &Doer,
        object: &str,
        did: &str,
        what: &T,
    ) -> Result<(), Error> {
        let json = serde_json::to_string(what).expect("texts and numbers are JSON");
        let leaf = by.leaf(did, &[]);
        self.registry()
            .put_metadata(object, &json, &leaf)
            .map_err(Error::store("keeping what a person chose"))
    }
}

/// Of what was written, what somebody with these marks has not read.
pub fn unread(written: Vec<Unread>, marks: &BTreeMap<String, Instant>) -> Vec<Unread> {
    let mut unread = written;
    unread.retain(|one| marks.get(&one.case).is_none_or(|read| *read < one.at));
    unread
}

/// Marks are kept for so many disputes; older ones are read as unread only if somebody writes there again.
const MARKS_MAX: usize = 500;
