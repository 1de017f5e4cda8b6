//! One file per command: read the arguments, ask `app`, print the answer.

mod decode;

use crate::cli::Command;
use crate::exit::{Ended, Failure};
use crate::out::Out;
use adapter::Adapter;
use calendar::Instant;
use std::io::Read;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// Carries out one command.
pub fn run(command: Command, out: &mut Out) -> Ended {
    match command {
        Command::Decode(args) => decode::run(&args, out),
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

/// Reads an instant that a person typed, or takes the clock's.
pub fn instant(typed: Option<&str>) -> Result<Instant, Failure> {
    let Some(text) = typed else { return Ok(now()) };
    Instant::parse(text)
        .map_err(|error| Failure::misuse("DP-3002", error.to_string()).at(format!("--at {text}")))
}

/// The adapter that people call by this name.
pub fn adapter(name: &str) -> Result<&'static dyn Adapter, Failure> {
    providers::list::find(name).ok_or_else(|| {
        let names: Vec<&str> = providers::list::ALL
            .iter()
            .map(|adapter| adapter.name())
            .collect();
        Failure::misuse("DP-3003", format!("no provider is called `{name}`"))
            .hint(format!("The providers are {}.", names.join(", ")))
    })
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
