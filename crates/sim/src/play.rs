//! Time goes by: mail comes in, the desk does its rounds, and people work their queue.

use crate::fakes::World;
use crate::fakes::letter::Delivery;
use crate::people::{self, Deed, Deeds};
use calendar::{Instant, Zone};
use engine::intake::Trust;
use engine::{Carrier, Engine, Error, Progress};
use store::{CaseFilter, CaseRow, Store};

/// Hands mail in, in order, one append for each run of the same way.
///
/// # Errors
/// When the store fails; handing the same in again changes nothing.
pub fn hand_in<S: Store>(
    engine: &mut Engine<S>,
    world: &World,
    mail: &[Delivery],
) -> Result<(), Error> {
    for run in mail.chunk_by(same_way) {
        let Some(first) = run.first() else { continue };
        let arrivals: Vec<_> = run
            .iter()
            .map(|delivery| delivery.arrival.clone())
            .collect();
        let secrets = world.secrets(&first.arrival.provider, &first.arrival.account);
        let trust = if first.signed {
            Trust::Signed(secrets)
        } else {
            Trust::TrustedWay
        };
        engine.receive(&arrivals, &trust)?;
    }
    Ok(())
}

fn same_way(one: &Delivery, other: &Delivery) -> bool {
    one.signed == other.signed
        && one.arrival.provider == other.arrival.provider
        && one.arrival.account == other.arrival.account
}

/// One round of the desk: what is due, and the providers' lists when it is time.
///
/// # Errors
/// When the store fails; the round is simply taken again.
pub fn round<S: Store>(
    engine: &mut Engine<S>,
    world: &mut World,
    now: Instant,
) -> Result<Progress, Error> {
    let mut progress = engine.step(now, world)?;
    let scopes = world.scopes();
    if engine.list_changed(&scopes, now, world)? > 0 {
        progress.add(engine.absorb(now)?);
    }
    Ok(progress)
}

/// Every case that waits for us.
///
/// # Errors
/// When the store fails.
pub fn ours<S: Store>(engine: &mut Engine<S>) -> Result<Vec<CaseRow>, Error> {
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let filter = CaseFilter {
            status: Some(String::from("ours")),
            after: after.clone(),
            ..CaseFilter::every(1_000)
        };
        let page = engine.store.cases(&filter).map_err(|source| Error::Store {
            doing: "listing cases",
            source,
        })?;
        let Some(last) = page.last() else {
            return Ok(found);
        };
        after = Some(last.id.clone());
        found.extend(page);
    }
}

/// A number from 0 to 99 that belongs to a case, so that people treat it the same way whenever they meet it.
pub fn temper(row: &CaseRow) -> u32 {
    let digits = row.id.as_str().bytes().rev().take(8);
    digits.fold(7_u32, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u32::from(byte))
    }) % 100
}

/// What the analyst does with everything in the queue, by a rule.
///
/// # Errors
/// When the store fails.
pub fn work_queue<S: Store>(
    engine: &mut Engine<S>,
    now: Instant,
    carrier: &mut dyn Carrier,
    rule: &dyn Fn(&CaseRow) -> Option<Deed>,
) -> Result<Vec<(String, Deed, Deeds)>, Error> {
    let mut worked = Vec::new();
    for row in ours(engine)? {
        if let Some(deed) = rule(&row) {
            let deeds = people::work(engine, row.id.as_str(), deed, now, carrier)?;
            worked.push((row.dispute, deed, deeds));
        }
    }
    Ok(worked)
}

/// The hour of the day, in UTC.
pub fn hour(now: Instant) -> i64 {
    let midnight = Zone::Utc.start_of_day(now.date_in(Zone::Utc));
    midnight.seconds_until(now) / 3_600
}
