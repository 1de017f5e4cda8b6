//! How a run ends: five exit codes, and one form for everything that went wrong.

use serde::Serialize;
use std::io::Write;
use std::process::ExitCode;

/// The ways in which a run ends. Documented in docs/reference/cli.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done, and nothing to complain about.
    Fine,
    /// The world failed: a disk, a database, a network.
    Failed,
    /// The command asks for something that cannot be: an option, a name, a file that is not there.
    Misuse,
    /// The command ran and found rejects, breaks or differences.
    Found,
    /// A rule of ours refuses the command.
    Rejected,
}

impl Exit {
    pub fn number(self) -> u8 {
        match self {
            Exit::Fine => 0,
            Exit::Failed => 1,
            Exit::Misuse => 2,
            Exit::Found => 3,
            Exit::Rejected => 4,
        }
    }

    pub fn code(self) -> ExitCode {
        ExitCode::from(self.number())
    }
}

/// Something went wrong: what, where, and what to do.
#[derive(Clone, Debug, Serialize)]
pub struct Failure {
    #[serde(skip)]
    pub exit: Exit,
    /// The public code, empty for what has none.
    pub code: String,
    /// One fact in lower case.
    pub what: String,
    /// Where: an option, a file, a case.
    pub at: String,
    /// What to do next, as a sentence.
    pub hint: String,
}

impl Failure {
    pub fn misuse(code: &str, what: impl Into<String>) -> Failure {
        Failure::of(Exit::Misuse, code, what)
    }

    pub fn world(code: &str, what: impl Into<String>) -> Failure {
        Failure::of(Exit::Failed, code, what)
    }

    /// A rule of ours refuses the command.
    pub fn rejected(code: &str, what: impl Into<String>) -> Failure {
        Failure::of(Exit::Rejected, code, what)
    }

    fn of(exit: Exit, code: &str, what: impl Into<String>) -> Failure {
        Failure {
            exit,
            code: code.to_owned(),
            what: what.into(),
            at: String::new(),
            hint: String::new(),
        }
    }

    pub fn at(mut self, at: impl Into<String>) -> Failure {
        self.at = at.into();
        self
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Failure {
        self.hint = hint.into();
        self
    }
}

/// Why a run stops before its end.
#[derive(Debug)]
pub enum Stop {
    Failure(Box<Failure>),
    /// Whoever read our output has seen enough.
    PipeClosed,
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Stop {
        Stop::Failure(Box::new(failure))
    }
}

impl From<std::io::Error> for Stop {
    /// Errors of writing the answer; every other one is turned into a [`Failure`] where it happens.
    fn from(error: std::io::Error) -> Stop {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Stop::PipeClosed,
            _ => Failure::world("DP-3001", format!("writing the answer failed: {error}")).into(),
        }
    }
}

/// How a command ends.
pub type Ended = Result<Exit, Stop>;

/// Says on standard error what went wrong.
pub fn report(stop: Stop, json: bool) -> ExitCode {
    let Stop::Failure(failure) = stop else {
        return Exit::Fine.code();
    };
    let text = if json {
        let body = serde_json::json!({ "error": &*failure });
        format!("{body}\n")
    } else {
        words(&failure)
    };
    // Standard error may be closed too; there is nowhere left to say so.
    let _said = anstream::stderr().write_all(text.as_bytes());
    failure.exit.code()
}

fn words(failure: &Failure) -> String {
    let red = anstyle::Style::new()
        .bold()
        .fg_color(Some(anstyle::AnsiColor::Red.into()));
    let dim = anstyle::Style::new().dimmed();
    let mut text = match failure.code.as_str() {
        "" => format!("{red}error{red:#}: {}\n", failure.what),
        code => format!("{red}error {code}{red:#}: {}\n", failure.what),
    };
    if !failure.at.is_empty() {
        text.push_str(&format!("  {dim}at{dim:#}    {}\n", failure.at));
    }
    if !failure.hint.is_empty() {
        text.push_str(&format!("  {dim}hint{dim:#}  {}\n", failure.hint));
    }
    text
}
