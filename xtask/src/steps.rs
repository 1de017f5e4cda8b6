//! Steps of a check: each announced, timed and remembered, so that one failure does not hide the next.

use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

#[derive(Default)]
pub(crate) struct Steps {
    done: Vec<Step>,
}

struct Step {
    name: String,
    took: Duration,
    failure: Option<String>,
}

impl Steps {
    /// Runs one step; its failure is kept for the summary.
    pub(crate) fn run(&mut self, name: &str, step: impl FnOnce() -> Result<()>) {
        println!("\n==> {name}");
        let started = Instant::now();
        let failure = step().err().map(|error| format!("{error:#}"));
        if let Some(failure) = &failure {
            eprintln!("==> {name} failed: {failure}");
        }
        self.done.push(Step {
            name: name.to_owned(),
            took: started.elapsed(),
            failure,
        });
    }

    /// Prints every step with its time, and the count on the last line.
    pub(crate) fn summary(&self) -> ExitCode {
        let width = self
            .done
            .iter()
            .map(|step| step.name.len())
            .max()
            .unwrap_or(0);
        println!("\n{:<width$}  {:>8}  result", "step", "seconds");
        for step in &self.done {
            let tenths = step.took.as_millis() / 100;
            let seconds = format!("{}.{}", tenths / 10, tenths % 10);
            // The whole failure was printed when it happened.
            let failure = step.failure.as_deref().and_then(|text| text.lines().next());
            let result = failure.unwrap_or("ok");
            println!("{:<width$}  {seconds:>8}  {result}", step.name);
        }
        let failed = self
            .done
            .iter()
            .filter(|step| step.failure.is_some())
            .count();
        let passed = self.done.len() - failed;
        println!("\n{passed} passed, {failed} failed");
        if failed == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

/// Runs a command with our own output streams and takes anything but success for an error.
pub(crate) fn succeed(command: &mut Command) -> Result<()> {
    println!("    {}", spelled(command));
    let status = command
        .status()
        .with_context(|| format!("start {}", spelled(command)))?;
    if !status.success() {
        bail!("{status}");
    }
    Ok(())
}

/// The command as a person would type it.
pub(crate) fn spelled(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let program = program.file_name().unwrap_or(program.as_os_str());
    let words = std::iter::once(program).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}
