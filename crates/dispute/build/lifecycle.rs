//! Life cycles: the graphs of `rules/lifecycles/`, joined with the desk's stages and standings.

use crate::limit::{Clocks, maybe_limit};
use crate::network::Network;
use crate::row::{Line, Read, Row, confidence, read_csv, read_json};
use crate::status::{Stage, Standing};
use crate::write::{Tables, date, maybe, period};
use std::collections::BTreeMap;
use std::path::Path;

/// Writes every life cycle and the table that says which governs.
pub(crate) fn write(folder: &Path, clocks: &Clocks, tables: &mut Tables) -> Read<Vec<String>> {
    let names = machine_names(folder)?;
    let states = read_csv(folder, "states.csv")?;
    let sides = sides(folder)?;
    for line in &states {
        let machine = line.text("machine")?;
        if !names.iter().any(|name| name == machine) {
            return Err(format!(
                "{}: there is no lifecycles/{machine}.json",
                line.at
            ));
        }
    }
    for name in &names {
        let file = format!("lifecycles/{name}.json");
        let json = read_json(folder, &file)?;
        let row = Row::of(&file, &json)?;
        row.keep_unread(&["_meta"]);
        let machine = row.text("machine")?;
        if machine != name {
            return Err(format!("{file}: `machine` is {machine}, expected {name}"));
        }
        let rail = row.text("rail")?;
        let known = write_states(name, &row, &states, tables)?;
        write_transitions(
            name,
            &row,
            &known,
            &Rail {
                rail,
                clocks,
                sides: &sides,
            },
            tables,
        )?;
        row.finish()?;
        let upper = name.to_uppercase();
        tables.push(&format!(
            "pub(super) static {upper}: Lifecycle = Lifecycle {{ machine: {name:?}, rail: {rail:?}, \
             states: {upper}_STATES, transitions: {upper}_TRANSITIONS }};"
        ));
    }
    let all = names.iter().map(|name| format!("&{}", name.to_uppercase()));
    let all = all.collect::<Vec<_>>().join(", ");
    tables.push(&format!(
        "pub(super) static LIFECYCLES: &[&Lifecycle] = &[{all}];"
    ));
    write_machines(folder, &names, tables)?;
    Ok(names)
}

struct Rail<'a> {
    rail: &'a str,
    clocks: &'a Clocks,
    sides: &'a BTreeMap<String, &'static str>,
}

fn machine_names(folder: &Path) -> Read<Vec<String>> {
    let listed = std::fs::read_dir(folder.join("lifecycles"))
        .map_err(|error| format!("lifecycles: {error}"))?;
    let mut names = Vec::new();
    for entry in listed {
        let path = entry
            .map_err(|error| format!("lifecycles: {error}"))?
            .path();
        let name = path.file_stem().and_then(|stem| stem.to_str());
        names.extend(name.map(String::from));
    }
    names.sort();
    Ok(names)
}

/// Which side of the dispute each actor is on.
fn sides(folder: &Path) -> Read<BTreeMap<String, &'static str>> {
    let mut sides = BTreeMap::new();
    for line in read_csv(folder, "actors.csv")? {
        let side = match line.text("side")? {
            "ours" => "Side::Ours",
            "theirs" => "Side::Theirs",
            "network" => "Side::Network",
            "clock" => "Side::Clock",
            "nobody" => "Side::Nobody",
            other => {
                return Err(format!(
                    "{}: side `{other}`, expected ours, theirs, network, clock or nobody",
                    line.at
                ));
            }
        };
        sides.insert(String::from(line.text("actor")?), side);
    }
    Ok(sides)
}

fn write_states(
    machine: &str,
    row: &Row<'_>,
    table: &[Line],
    tables: &mut Tables,
) -> Read<Vec<String>> {
    let ours = |line: &&Line| line.text("machine") == Ok(machine);
    let mut known = Vec::new();
    let mut written = Vec::new();
    for state in row.rows("states")? {
        state.keep_unread(&["mover"]);
        let id = state.text("id")?;
        let kind = state.text("kind")?;
        if !["initial", "open", "terminal"].contains(&kind) {
            return Err(format!(
                "{}: kind `{kind}`, expected initial, open or terminal",
                state.at
            ));
        }
        state.finish()?;
        let line = table
            .iter()
            .filter(ours)
            .find(|line| line.text("state") == Ok(id))
            .ok_or_else(|| format!("{}: states.csv does not map this state", state.at))?;
        let (stage, standing) = (line.text("stage")?, line.text("standing")?);
        let stage =
            Stage::parse(stage).ok_or_else(|| format!("{}: `{stage}` is not a stage", line.at))?;
        let standing = Standing::parse(standing)
            .ok_or_else(|| format!("{}: `{standing}` is not a standing", line.at))?;
        written.push(format!(
            "State {{ id: {id:?}, stage: Stage::{stage:?}, standing: Standing::{standing:?}, \
             initial: {}, terminal: {}, source: {:?}, confidence: {} }}",
            kind == "initial",
            kind == "terminal",
            line.text("source")?,
            confidence(&line.at, line.text("confidence")?)?,
        ));
        known.push(String::from(id));
    }
    for line in table.iter().filter(ours) {
        let state = line.text("state")?;
        if !known.iter().any(|id| id == state) {
            return Err(format!("{}: {machine} has no state `{state}`", line.at));
        }
    }
    tables.push(&format!(
        "static {}_STATES: &[State] = &[{}];",
        machine.to_uppercase(),
        written.join(",\n")
    ));
    Ok(known)
}

fn write_transitions(
    machine: &str,
    row: &Row<'_>,
    states: &[String],
    rail: &Rail<'_>,
    tables: &mut Tables,
) -> Read<()> {
    let mut written = Vec::new();
    let mut ids = BTreeMap::new();
    for step in row.rows("transitions")? {
        step.keep_unread(&["note"]);
        let (from, to) = (step.text("from")?, step.text("to")?);
        if let Some(id) = [from, to]
            .iter()
            .find(|id| !states.iter().any(|state| state == *id))
        {
            return Err(format!("{}: `{id}` is not a state of {machine}", step.at));
        }
        let actor = step.text("actor")?;
        let side = rail.sides.get(actor).ok_or_else(|| {
            format!(
                "{}: actors.csv does not say whose side `{actor}` is on",
                step.at
            )
        })?;
        let mut id = format!("{machine}/{from}->{to}");
        let times = ids.entry(id.clone()).or_insert(0);
        *times += 1;
        if *times > 1 {
            id = format!("{id}#{times}");
        }
        written.push(format!(
            "Transition {{ id: {id:?}, from: {from:?}, to: {to:?}, event: {:?}, actor: {actor:?}, side: {side}, \
             limit: {}, on_expiry: {}, money: {}, {}, {} }}",
            step.text("event")?,
            maybe_limit(&step, "deadline", rail.rail, rail.clocks)?,
            maybe(step.maybe_text("on_expiry")?),
            maybe(step.maybe_text("money")?),
            tables.ground(&step)?,
            period(&step)?,
        ));
        step.finish()?;
    }
    tables.push(&format!(
        "static {}_TRANSITIONS: &[Transition] = &[{}];",
        machine.to_uppercase(),
        written.join(",\n")
    ));
    Ok(())
}

fn write_machines(folder: &Path, names: &[String], tables: &mut Tables) -> Read<()> {
    let mut written = Vec::new();
    for line in read_csv(folder, "machines.csv")? {
        let machine = line.text("machine")?;
        if !names.iter().any(|name| name == machine) {
            return Err(format!("{}: there is no machine `{machine}`", line.at));
        }
        let network = line.text("network")?;
        if matches!(Network::parse(network), Network::Unlisted(_)) {
            return Err(format!("{}: `{network}` is not a listed network", line.at));
        }
        written.push(format!(
            "Governs {{ network: {network:?}, code_prefix: {:?}, lifecycle: &{}, since: {}, until: {} }}",
            line.maybe("code_prefix")?.unwrap_or_default(),
            machine.to_uppercase(),
            date(&line.at, line.maybe("since")?)?,
            date(&line.at, line.maybe("until")?)?,
        ));
    }
    tables.push(&format!(
        "pub(super) static GOVERNS: &[Governs] = &[{}];",
        written.join(",\n")
    ));
    Ok(())
}
