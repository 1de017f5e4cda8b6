//! `cargo xtask sim`: many seeds of `docket sim`, side by side, each in its own process.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::number_after;
use crate::steps::succeed;
use crate::workspace::Workspace;

/// A seed that takes longer than this is stuck: it is stopped and counts as failed.
const SEED_TAKES_MAX: Duration = Duration::from_secs(300);
const POLL_EVERY: Duration = Duration::from_millis(5);
/// Lines shown of a failed seed's output; the rest is in its file.
const TAIL_LINES: usize = 20;

pub(crate) struct Options {
    seeds: u64,
    days: Option<u64>,
    release: bool,
}

impl Options {
    pub(crate) fn parse(arguments: &[String]) -> Result<Options> {
        let mut seeds = seeds_from_environment()?;
        let (mut days, mut release) = (None, true);
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--seeds" => seeds = Some(number_after("--seeds", arguments.next())?),
                "--days" => days = Some(number_after("--days", arguments.next())?),
                "--dev" => release = false,
                other => bail!("`sim` takes --seeds N, --days D and --dev, found {other:?}"),
            }
        }
        let Some(seeds) = seeds else {
            bail!("`sim` takes --seeds N")
        };
        Ok(Options {
            seeds,
            days,
            release,
        })
    }

    /// As part of `test`: the profile that is built already.
    pub(crate) fn smoke(seeds: u64) -> Options {
        Options {
            seeds,
            days: None,
            release: false,
        }
    }
}

pub(crate) fn seeds_from_environment() -> Result<Option<u64>> {
    let set = std::env::var("XTASK_SEEDS").ok();
    set.map(|text| number_after("XTASK_SEEDS", Some(&text)))
        .transpose()
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    let docket = build(workspace, options.release)?;
    let folder = workspace.target().join("sim");
    fs::create_dir_all(&folder).with_context(|| format!("make {}", folder.display()))?;
    let simulation = Simulation {
        docket: &docket,
        folder: &folder,
        days: options.days,
    };
    let started = Instant::now();
    let mut failures = simulation.all(options.seeds)?;
    if options.seeds > 0 {
        failures.extend(simulation.repeats(1)?);
    }
    failures.sort();
    for (seed, failure) in &failures {
        println!(
            "seed {seed}: {failure}\n  again: docket sim --seed {seed}{}",
            simulation.days_flag()
        );
    }
    let failed = failures.len();
    let seconds = started.elapsed().as_secs();
    println!("{} seeds in {seconds} s, {failed} failures", options.seeds);
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn build(workspace: &Workspace, release: bool) -> Result<PathBuf> {
    let mut command = workspace.cargo(&["build", "--package", "docket", "--bin", "docket"]);
    if release {
        command.arg("--release");
    }
    succeed(&mut command).context("build docket")?;
    let profile = if release { "release" } else { "debug" };
    Ok(workspace.target().join(profile).join("docket"))
}

struct Simulation<'a> {
    docket: &'a Path,
    folder: &'a Path,
    days: Option<u64>,
}

impl Simulation<'_> {
    /// Seeds 1 to `seeds`, as many at a time as there are processors. Gives the failed ones.
    fn all(&self, seeds: u64) -> Result<Vec<(u64, String)>> {
        let next = AtomicU64::new(1);
        let workers = thread::available_parallelism()
            .context("count processors")?
            .get();
        let work = || -> Result<Vec<(u64, String)>> {
            let mut failures = Vec::new();
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed > seeds {
                    return Ok(failures);
                }
                failures.extend(self.one(seed, "txt")?.map(|failure| (seed, failure)));
            }
        };
        thread::scope(|scope| {
            let running: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            let mut failures = Vec::new();
            for worker in running {
                failures.extend(worker.join().expect("a worker only runs commands")?);
            }
            Ok(failures)
        })
    }

    /// One seed; what went wrong, if anything did. Its output is kept in a file until the next run.
    fn one(&self, seed: u64, extension: &str) -> Result<Option<String>> {
        let path = self.folder.join(format!("seed-{seed}.{extension}"));
        let output = fs::File::create(&path).with_context(|| format!("make {}", path.display()))?;
        let errors = output.try_clone().context("share the output file")?;
        let mut command = Command::new(self.docket);
        command.args(["sim", "--seed", &seed.to_string()]);
        if let Some(days) = self.days {
            command.args(["--days", &days.to_string()]);
        }
        command.stdin(Stdio::null()).stdout(output).stderr(errors);
        let started = Instant::now();
        let mut process = command
            .spawn()
            .with_context(|| format!("start {}", self.docket.display()))?;
        loop {
            if let Some(status) = process.try_wait().context("ask for the seed's state")? {
                if !status.success() {
                    return Ok(Some(format!("{status}\n{}", tail(&path))));
                }
                // Success without a word would be a simulation that did not run.
                let length = fs::metadata(&path).context("measure the output")?.len();
                return Ok((length == 0).then(|| "said nothing".to_owned()));
            }
            if started.elapsed() > SEED_TAKES_MAX {
                process.kill().context("stop a stuck seed")?;
                process.wait().context("wait for a stuck seed")?;
                return Ok(Some(format!(
                    "stuck for {} s\n{}",
                    SEED_TAKES_MAX.as_secs(),
                    tail(&path)
                )));
            }
            thread::sleep(POLL_EVERY);
        }
    }

    /// The same seed again must say the same bytes.
    fn repeats(&self, seed: u64) -> Result<Option<(u64, String)>> {
        if self.one(seed, "again.txt")?.is_some() {
            return Ok(Some((seed, "failed when repeated".to_owned())));
        }
        let read = |extension: &str| {
            let path = self.folder.join(format!("seed-{seed}.{extension}"));
            fs::read(&path).with_context(|| format!("read {}", path.display()))
        };
        let differs = read("txt")? != read("again.txt")?;
        Ok(differs.then(|| (seed, "said something else when repeated".to_owned())))
    }

    fn days_flag(&self) -> String {
        self.days
            .map(|days| format!(" --days {days}"))
            .unwrap_or_default()
    }
}

fn tail(path: &Path) -> String {
    let text = fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let text = text.unwrap_or_else(|error| format!("{}: {error}", path.display()));
    let lines: Vec<&str> = text.lines().collect();
    let shown = lines.iter().skip(lines.len().saturating_sub(TAIL_LINES));
    shown
        .map(|line| format!("  | {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}
