//! `docket migrate`, `keys` and `completions`: looking after the desk and the shell.

use super::{now, open, stop};
use crate::cli::{Backup, Cli, Completions, Keys, Migrate, Rotate};
use crate::exit::{Ended, Exit};
use crate::out::Out;
use app::Opening;
use app::backup::To;
use clap::CommandFactory;

pub fn migrate(args: &Migrate, out: &mut Out) -> Ended {
    // Opening a desk brings its schema up to date; this command does nothing else, so that a deployment can do it alone.
    let desk = open(&args.desk, Opening::Existing)?;
    if out.json() {
        out.value(&serde_json::json!({ "desk": desk.place.shown(), "up_to_date": true }))?;
    } else {
        out.line(&format!("{} is up to date", desk.place.shown()))?;
    }
    Ok(Exit::Fine)
}

pub fn backup(args: &Backup, out: &mut Out) -> Ended {
    let mut desk = open(&args.desk, Opening::Existing)?;
    let to = To {
        data: args.to.clone(),
        keys: args.keys_to.clone(),
    };
    let done = desk.back_up(&to, now()).map_err(stop)?;
    if out.json() {
        out.value(&done)?;
        return Ok(Exit::Fine);
    }
    out.line(&format!("{} bytes are in {}", done.bytes, done.data))?;
    match &done.keys {
        Some(keys) => out.line(&format!("its keys are in {keys}; keep them elsewhere"))?,
        None => out.line("its keys were not copied; without them nothing of it can be opened")?,
    }
    out.line(&format!(
        "audit log: {}",
        done.checkpoint.lines().nth(1).unwrap_or("empty")
    ))?;
    Ok(Exit::Fine)
}

pub fn keys(args: &Keys, out: &mut Out) -> Ended {
    let Keys::Rotate(args) = args;
    rotate(args, out)
}

fn rotate(args: &Rotate, out: &mut Out) -> Ended {
    let mut desk = open(&args.desk, Opening::Existing)?;
    let sealed = desk
        .rotate_keys(&args.provider, &args.account, args.batch)
        .map_err(stop)?;
    if out.json() {
        out.value(&sealed)?;
    } else {
        out.line(&format!(
            "{}/{} has a new key; {} rounds of sealing",
            args.provider, args.account, sealed.rounds
        ))?;
    }
    Ok(Exit::Fine)
}

pub fn completions(args: &Completions, out: &mut Out) -> Ended {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "docket", &mut script);
    out.line(String::from_utf8_lossy(&script).trim_end())?;
    Ok(Exit::Fine)
}
