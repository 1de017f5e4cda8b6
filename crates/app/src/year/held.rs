//! Years that took long to count, shown again for a minute.
//!
//! Most merchants' year is counted within some milliseconds, and always anew. One of hundreds of thousands of disputes takes a
//! second, and would take it from everybody else each time that its page is looked at. An account that becomes another
//! merchant's meanwhile is in the old one's sums for that minute, as counts and amounts and never as a case.

use super::Year;
use crate::{Error, Pool};
use calendar::Instant;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant as Clock};
use store::Sight;

/// A year that takes less is counted anew each time.
const LONG: Duration = Duration::from_millis(100);
const HELD: Duration = Duration::from_secs(60);
/// Few merchants are so large, and a year is some kilobytes.
const YEARS_MAX: usize = 64;

/// The years held now.
#[derive(Default)]
pub(crate) struct Years(Mutex<Vec<Held>>);

struct Held {
    of: Sight,
    year: Arc<Year>,
    at: Clock,
}

impl Years {
    fn held(&self, of: &Sight) -> Option<Arc<Year>> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|held| held.at.elapsed() < HELD);
        let held = held.iter().find(|held| held.of == *of);
        held.map(|held| Arc::clone(&held.year))
    }

    fn hold(&self, of: &Sight, year: &Arc<Year>) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|held| held.of != *of);
        if held.len() < YEARS_MAX {
            held.push(Held {
                of: of.clone(),
                year: Arc::clone(year),
                at: Clock::now(),
            });
        }
    }
}

impl Pool {
    /// The year of what this sight sees; one that takes long to count is up to a minute old, as its `counted_at` says.
    ///
    /// # Errors
    /// As for [`crate::Desk::year`], and [`Error::Busy`] when no desk comes free.
    pub fn year(&self, of: &Sight, now: Instant) -> Result<Arc<Year>, Error> {
        if let Some(year) = self.years().held(of) {
            return Ok(year);
        }
        let begun = Clock::now();
        let year = self.read(of, |desk| {
            desk.year(now).map(|year| (year, begun.elapsed()))
        })?;
        let (year, took) = (Arc::new(year.0), year.1);
        if took > LONG {
            self.years().hold(of, &year);
        }
        Ok(year)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn year() -> Arc<Year> {
        Arc::new(Year {
            counted_at: Instant::from_unix_seconds(0).unwrap(),
            months: Vec::new(),
            opened: Vec::new(),
            reasons: Vec::new(),
            ages: Vec::new(),
            money: Vec::new(),
            programmes: Vec::new(),
        })
    }

    #[test]
    fn one_merchants_year_is_never_anothers_nor_its_tests() {
        let sight = |id: &str, live: bool| Sight::Merchant {
            id: id.to_owned(),
            live,
        };
        let years = Years::default();
        let one = year();
        years.hold(&sight("mer_1", true), &one);
        let held = years.held(&sight("mer_1", true));
        assert!(held.is_some_and(|held| Arc::ptr_eq(&held, &one)));
        for other in [sight("mer_2", true), sight("mer_1", false), Sight::All] {
            assert!(years.held(&other).is_none(), "{other:?}");
        }
    }

    #[test]
    fn so_many_are_held_and_no_more() {
        let years = Years::default();
        let all = YEARS_MAX + 5;
        for number in 0..all {
            let id = format!("mer_{number}");
            years.hold(&Sight::Merchant { id, live: true }, &year());
        }
        assert_eq!(years.0.lock().unwrap().len(), YEARS_MAX);
    }
}
