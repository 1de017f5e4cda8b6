//! Plays the demonstration's fortnight over a desk in memory and prints what it came to.
#![allow(clippy::print_stdout)]

use calendar::Instant;
use engine::Engine;
use std::collections::BTreeMap;
use store::{Store, sqlite};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let ending = Instant::parse("2026-03-16T07:00:00Z")?;
    let mut engine = match std::env::args().nth(1) {
        Some(folder) => {
            let mut store = sqlite::Store::open(std::path::Path::new(&folder))?;
            store.migrate()?;
            Engine::new(store, providers::list::ALL)
        }
        None => Engine::new(sqlite::Store::memory()?, providers::list::ALL),
    };
    let mut fortnight = sim::fortnight::fortnight(ending);
    let played = fortnight.play(&mut engine, &mut |_| {})?;
    println!(
        "{played:?} {:?} {:?}",
        fortnight.world.fared, fortnight.world.wired
    );
    println!("cases in truth {}", fortnight.world.cases().count());
    println!("{:?}", engine.fates()?);
    for row in engine.store.intake()? {
        println!(
            "{}/{} {:?} {:?} {} ({})",
            row.scope.provider, row.scope.account, row.way, row.fate, row.documents, row.arrivals
        );
    }
    for fate in [store::Fate::Quarantined, store::Fate::Rejected] {
        for document in engine.store.documents_with(fate, 10)? {
            println!(
                "{fate:?} {} {} {}",
                document.document.name, document.form, document.trouble
            );
            for reject in engine.store.rejects(&document.id)?.iter().take(2) {
                println!("   {} {}", reject.code, reject.detail);
            }
        }
    }
    let mut kinds = BTreeMap::new();
    for row in engine.store.findings(true, 10_000)? {
        *kinds
            .entry(format!(
                "{} {} {}",
                row.scope.provider,
                row.finding.kind.name(),
                row.finding.fingerprint
            ))
            .or_insert(0) += 1;
    }
    println!("{kinds:#?}");
    let mut standings = BTreeMap::new();
    for case in cases(&mut engine)? {
        *standings
            .entry(format!(
                "{} {} {} {}",
                case.scope.provider, case.stage, case.status, case.money
            ))
            .or_insert(0) += 1;
    }
    println!("{standings:#?}");
    for check in engine.doctor(ending)? {
        println!("{} {} {:?}", check.name, check.looked_at, check.breaks);
    }
    println!("{}", engine.hash()?);
    Ok(())
}

fn cases<S: Store>(engine: &mut Engine<S>) -> Result<Vec<store::CaseRow>, store::Error> {
    let filter = store::CaseFilter::every(10_000);
    engine.store.cases(&filter)
}
