//! One file per command: read the arguments, ask `app`, print the answer.

mod audit;
mod books;
mod decode;
mod demo;
mod doctor;
mod entrance;
mod evidence;
mod ingest;
mod keep;
mod quarantine;
mod queue;
mod reference;
mod serve;
mod show;
mod sim;
mod timeline;
mod webhooks;
mod why;

use crate::cli::{self, Command, Now};
use crate::exit::{Ended, Exit, Failure, Stop};
use crate::out::Out;
use adapter::Adapter;
use app::{Blame, Desk, Opening, Place};
use calendar::Instant;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::Read;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// Carries out one command.
pub fn run(command: Command, out: &mut Out) -> Ended {
    match command {
        Command::Demo(args) => demo::run(&args, out),
        Command::Serve(args) => serve::run(&args, out),
        Command::Ingest(args) => ingest::run(&args, out),
        Command::Decode(args) => decode::run(&args, out),
        Command::Queue(args) => queue::run(&args, out),
        Command::Show(args) => show::run(&args, out),
        Command::Timeline(args) => timeline::run(&args, out),
        Command::Why(args) => why::run(&args, out),
        Command::Evidence(args) => evidence::run(&args, out),
        Command::Submit(args) => evidence::submit(&args, out),
        Command::Accept(args) => evidence::accept(&args, out),
        Command::Dishonor(args) => evidence::dishonor(&args, out),
        Command::Ledger(args) => books::ledger(&args, out),
        Command::Findings(args) => books::findings(&args, out),
        Command::Quarantine(args) => quarantine::run(&args, out),
        Command::Replay(args) => doctor::replay(&args, out),
        Command::Doctor(args) => doctor::run(&args, out),
        Command::Audit(args) => audit::run(&args, out),
        Command::Sim(args) => sim::run(&args, out),
        Command::Migrate(args) => keep::migrate(&args, out),
        Command::Backup(args) => keep::backup(&args, out),
        Command::Keys(args) => keep::keys(&args, out),
        Command::Merchant(args) => entrance::merchant(&args, out),
        Command::Person(args) => entrance::person(&args, out),
        Command::ApiKey(args) => entrance::api_key(&args, out),
        Command::Webhooks(args) => webhooks::run(&args, out),
        Command::Completions(args) => keep::completions(&args, out),
        Command::Reference(args) => reference::run(&args, out),
    }
}

/// The system's clock: the one place where this program asks what time it is.
pub fn now() -> Instant {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let micros = i64::try_from(since.as_micros()).unwrap_or(i64::MAX);
    Instant::from_unix_micros(micros).unwrap_or(Instant::MAX)
}

/// The instant that a person typed, or the clock's.
pub fn instant(typed: &Now) -> Result<Instant, Failure> {
    let Some(text) = &typed.at else {
        return Ok(now());
    };
    Instant::parse(text).map_err(|error| {
        Failure::misuse("DP-3002", error.to_string())
            .at(format!("--at {text}"))
            .hint("Write it as 2026-03-02T09:00:00Z.")
    })
}

/// The adapter of this name, which the command line has checked.
pub fn adapter(name: &str) -> &'static dyn Adapter {
    providers::list::find(name).expect("the command line takes only names of the list")
}

/// The contract's channel. Adapters tell a document's kind by its content; a file is the weakest voice, so with `auto`
/// nothing is taken for more than it is.
pub fn channel(channel: cli::Channel) -> adapter::Channel {
    match channel {
        cli::Channel::Webhook => adapter::Channel::Webhook,
        cli::Channel::Api => adapter::Channel::Api,
        cli::Channel::Auto | cli::Channel::File => adapter::Channel::File,
    }
}

/// Where the named desk is kept.
pub fn place(desk: &cli::Desk) -> Place {
    match (&desk.dir, &desk.db) {
        (_, Some(url)) => Place::Postgres(url.clone()),
        (Some(folder), None) => Place::Folder(folder.clone()),
        (None, None) => unreachable!("clap requires one of the two"),
    }
}

/// Opens the named desk.
pub fn open(desk: &cli::Desk, opening: Opening) -> Result<Desk, Stop> {
    let place = place(desk);
    Desk::open(&place, opening).map_err(|error| failed(&error).at(place.option()).into())
}

/// An error of `app` in the form of the command line.
pub fn failed(error: &app::Error) -> Failure {
    let what = error.chain();
    let failure = match error.blame() {
        Blame::Asker => Failure::misuse(error.code(), what),
        Blame::World => Failure::world(error.code(), what),
    };
    failure.hint(error.hint())
}

/// An error of `app` that stops the run.
pub fn stop(error: app::Error) -> Stop {
    failed(&error).into()
}

/// Fine or found, by whether there was something to complain about.
pub fn found(anything: bool) -> Exit {
    if anything { Exit::Found } else { Exit::Fine }
}

/// How far long work has come, on standard error where that is a terminal.
pub fn progress(total: usize, of: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(total).unwrap_or(u64::MAX));
    let style = ProgressStyle::with_template("{bar:40} {pos} of {len} {prefix} {elapsed}");
    bar.set_style(style.expect("the template is constant and right"));
    bar.with_prefix(of)
}

/// That long work goes on, where nobody knows how far.
pub fn busy(doing: &'static str) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_message(doing);
    bar.enable_steady_tick(std::time::Duration::from_millis(120));
    bar
}

/// `1 case`, `2 cases`.
pub fn counted(number: usize, noun: &str) -> String {
    app::words::counted(u64::try_from(number).unwrap_or(u64::MAX), noun)
}

/// Reads a whole file, or standard input for `-`.
pub fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = if path.as_os_str() == "-" {
        std::io::stdin().lock().read_to_end(&mut bytes).map(|_| ())
    } else {
        std::fs::File::open(path).and_then(|mut file| file.read_to_end(&mut bytes).map(|_| ()))
    };
    match read {
        Ok(()) => Ok(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(Failure::misuse("DP-3004", "there is no such file").at(path.display().to_string()))
        }
        Err(error) => {
            Err(Failure::world("DP-3004", error.to_string()).at(path.display().to_string()))
        }
    }
}
