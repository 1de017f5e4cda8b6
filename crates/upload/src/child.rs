//! Files are parsed in a process of their own.
//!
//! The parent starts its own executable with a hidden first argument, sends the file over standard input, and takes one
//! line of JSON from standard output. The child locks itself in before it reads anything ([`sandbox::enter`]). Whatever
//! goes wrong there, the parent refuses the file: a child that was taken over can at most say yes to the one file that
//! it was given, never read another or reach anybody.

pub mod sandbox;

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::bytes::count;
use crate::limits::Limits;
use crate::refusal::Refusal;
use crate::verdict::{Verdict, hash};
use crate::{inspect, name, redact};

/// The hidden first argument; memory in bytes and processor time in seconds follow.
const ARGUMENT: &str = "--read-one-upload";

/// A verdict with its findings; a file with more findings than fit is refused by the child itself.
const ANSWER_BYTES_MAX: u64 = 1024 * 1024;

/// Findings told of one file: those after them say nothing new to whoever must look at it.
pub(crate) const FINDINGS_MAX: usize = 200;

/// How often the parent looks whether a child that has answered is gone.
const LOOK_EVERY: Duration = Duration::from_millis(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Task {
    Inspect,
    Redact,
}

/// The first line that the child reads; the content follows.
#[derive(Debug, Serialize, Deserialize)]
struct Question {
    task: Task,
    name: String,
    declared_type: Option<String>,
    limits: Limits,
    bytes: u64,
}

/// The first line that the child writes; redacted content follows.
#[derive(Debug, Serialize, Deserialize)]
struct Answer {
    /// Of the content as the child read it.
    sha256: String,
    said: Result<Option<Verdict>, Refusal>,
    content_bytes: u64,
}

/// Says what files are. It holds no state: one serves any number of threads.
#[derive(Clone, Debug)]
pub struct Inspector {
    limits: Limits,
    /// An executable that calls [`run_if_asked`]; `None` is this very one.
    program: Option<PathBuf>,
}

impl Inspector {
    /// The running executable must call [`run_if_asked`] first thing in `main`; if it does not, every file is refused.
    #[must_use]
    pub fn new(limits: Limits) -> Inspector {
        Inspector {
            limits,
            program: None,
        }
    }

    /// With another executable as the child: for a process that cannot start itself, such as a test.
    #[must_use]
    pub fn with_program(limits: Limits, program: PathBuf) -> Inspector {
        Inspector {
            limits,
            program: Some(program),
        }
    }

    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// What the file is and what is in it. `name` and `declared_type` are as the uploader sent them. Blocks until the
    /// child has answered or its time is over: call it from a thread that may wait.
    ///
    /// # Errors
    ///
    /// Every reason not to keep the file.
    pub fn inspect(
        &self,
        name: &str,
        declared_type: Option<&str>,
        bytes: &[u8],
    ) -> Result<Verdict, Refusal> {
        let (answer, content) = self.ask(Task::Inspect, name, declared_type, bytes)?;
        if !content.is_empty() {
            return Err(Refusal::not_inspected("the child sent more than a verdict"));
        }
        let verdict = answer
            .said?
            .ok_or_else(|| Refusal::not_inspected("the child sent no verdict"))?;
        let kept = verdict.covers(bytes) && self.limits.kinds.contains(&verdict.kind);
        if kept {
            Ok(verdict)
        } else {
            Err(Refusal::not_inspected(
                "the child's verdict is of another file",
            ))
        }
    }

    /// The file without the card numbers in it, and the verdict on what is left. The result is inspected by a second
    /// child that knows nothing of the first. A file without card numbers comes back as it was.
    ///
    /// # Errors
    ///
    /// As [`Inspector::inspect`], and [`Refusal::RedactionUnsafe`] where a number stands in what cannot be rewritten
    /// soundly: the pages of a PDF, pixels, the file name.
    pub fn redact(
        &self,
        name: &str,
        declared_type: Option<&str>,
        bytes: &[u8],
    ) -> Result<(Vec<u8>, Verdict), Refusal> {
        let (answer, content) = self.ask(Task::Redact, name, declared_type, bytes)?;
        answer.said?;
        let verdict = self.inspect(name, declared_type, &content)?;
        Ok((content, verdict))
    }

    fn ask(
        &self,
        task: Task,
        name: &str,
        declared_type: Option<&str>,
        bytes: &[u8],
    ) -> Result<(Answer, Vec<u8>), Refusal> {
        if bytes.is_empty() {
            return Err(Refusal::Empty);
        }
        if count(bytes.len()) > self.limits.file_bytes_max {
            return Err(Refusal::TooLarge {
                bytes_max: self.limits.file_bytes_max,
            });
        }
        let question = Question {
            task,
            // Enough to see what a name says; a longer one is cut where it is kept, too.
            name: name.chars().take(name::LENGTH_READ_MAX).collect(),
            declared_type: declared_type.map(|said| said.chars().take(200).collect()),
            limits: self.limits.clone(),
            bytes: count(bytes.len()),
        };
        let mut sent = serde_json::to_vec(&question)
            .map_err(|error| Refusal::not_inspected(error.to_string()))?;
        sent.push(b'\n');
        sent.extend_from_slice(bytes);
        let said = self.run(sent)?;
        understood(&said, bytes)
    }

    /// Runs a child over `sent` and gives what it wrote, if it ended well and in time.
    fn run(&self, sent: Vec<u8>) -> Result<Vec<u8>, Refusal> {
        let failed =
            |what: &str, error: std::io::Error| Refusal::not_inspected(format!("{what}: {error}"));
        let deadline = Instant::now() + self.limits.answer_in;
        let mut child = self
            .command()
            .spawn()
            .map_err(|error| failed("the child did not start", error))?;
        let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            end(&mut child);
            return Err(Refusal::not_inspected("the child has no pipes"));
        };
        let writer = thread::spawn(move || input.write_all(&sent));
        let (told, hears) = mpsc::channel();
        let most = self.limits.file_bytes_max.saturating_add(ANSWER_BYTES_MAX);
        let reader = thread::spawn(move || {
            let mut said = Vec::new();
            let read = output.take(most).read_to_end(&mut said).map(|_| said);
            // The parent stopped listening only if it ran out of time, and then has its answer.
            let _ = told.send(read);
        });
        let said = hears.recv_timeout(deadline.saturating_duration_since(Instant::now()));
        let status = match &said {
            Ok(_) => ended_by(&mut child, deadline),
            Err(_) => None,
        };
        if status.is_none() {
            end(&mut child);
        }
        // Both end once the child is gone, because nobody else has the other end of their pipes.
        let written = writer.join();
        drop(reader.join());
        let Some(status) = status else {
            let most = self.limits.answer_in.as_millis();
            return Err(Refusal::not_inspected(format!("no answer in {most} ms")));
        };
        if !status.success() {
            return Err(died(status));
        }
        if !matches!(written, Ok(Ok(()))) {
            return Err(Refusal::not_inspected("the child did not read the file"));
        }
        match said {
            Ok(Ok(said)) => Ok(said),
            Ok(Err(error)) => Err(failed("the child's answer did not arrive", error)),
            Err(_) => Err(Refusal::not_inspected("the child's answer did not arrive")),
        }
    }

    fn command(&self) -> Command {
        let mut command = match &self.program {
            Some(program) => Command::new(program),
            None => Command::new(own_executable()),
        };
        command
            .arg(ARGUMENT)
            .arg(self.limits.memory_bytes_max.to_string())
            .arg(self.limits.cpu_seconds_max.to_string())
            .env_clear()
            // The executable's allocator reserves address space ahead of need, a GiB at first: the whole limit of memory, and
            // more, with nothing read. This many KiB at a time leave the limit to the file.
            .env("MIMALLOC_ARENA_RESERVE", "65536")
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        command
    }
}

/// The kernel's own name of what is running: it holds when the file was replaced by a newer version meanwhile.
fn own_executable() -> PathBuf {
    if cfg!(target_os = "linux") {
        PathBuf::from("/proc/self/exe")
    } else {
        std::env::current_exe().unwrap_or_default()
    }
}

/// The child's exit, if it comes before the deadline.
fn ended_by(child: &mut Child, deadline: Instant) -> Option<ExitStatus> {
    // Nobody says anything on it: waiting for that is the pause.
    let (_silent, pause) = mpsc::channel::<()>();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < deadline => {}
            Ok(None) | Err(_) => return None,
        }
        let _ = pause.recv_timeout(LOOK_EVERY);
    }
}

/// Ends and reaps. Both fail only for a child that is gone, which is what is wanted.
fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

fn died(status: ExitStatus) -> Refusal {
    match status.code() {
        Some(EXIT_NO_SANDBOX) => Refusal::NoSandbox {
            why: "the child could not lock itself in".to_owned(),
        },
        _ => Refusal::not_inspected(format!("the child ended with {status}")),
    }
}

/// The answer and what follows it, if it is one and speaks of these bytes.
fn understood(said: &[u8], bytes: &[u8]) -> Result<(Answer, Vec<u8>), Refusal> {
    let garbage = || Refusal::not_inspected("the child's answer does not read");
    let end = said
        .iter()
        .position(|byte| *byte == b'\n')
        .ok_or_else(garbage)?;
    let (line, content) = said.split_at_checked(end).ok_or_else(garbage)?;
    let content = content.get(1..).unwrap_or_default();
    let answer: Answer = serde_json::from_slice(line).map_err(|_| garbage())?;
    if answer.sha256 != hash(bytes) || answer.content_bytes != count(content.len()) {
        return Err(garbage());
    }
    Ok((answer, content.to_vec()))
}

/// The child could not lock itself in and read nothing.
const EXIT_NO_SANDBOX: i32 = 91;
const EXIT_QUESTION: i32 = 92;

/// Call first thing in `main`, before any thread exists or file is open. In a process that was started to read an upload
/// it does that and does not return; in any other it does nothing.
pub fn run_if_asked() {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() != Some(ARGUMENT) {
        return;
    }
    let mut number = || arguments.next().and_then(|said| said.parse::<u64>().ok());
    let (Some(memory_bytes_max), Some(cpu_seconds_max)) = (number(), number()) else {
        std::process::exit(EXIT_QUESTION);
    };
    // A panic says nothing: its text could hold the file's, and its trace opens files.
    std::panic::set_hook(Box::new(|_| {}));
    if sandbox::enter(memory_bytes_max, cpu_seconds_max).is_err() {
        std::process::exit(EXIT_NO_SANDBOX);
    }
    let answered = answer_one().is_some();
    std::process::exit(if answered { 0 } else { EXIT_QUESTION });
}

/// Reads one question, answers it; nothing when it was none.
fn answer_one() -> Option<()> {
    let mut sent = Vec::new();
    std::io::stdin().lock().read_to_end(&mut sent).ok()?;
    let end = sent.iter().position(|byte| *byte == b'\n')?;
    let question: Question = serde_json::from_slice(sent.get(..end)?).ok()?;
    let content = sent.get(end + 1..)?;
    if count(content.len()) != question.bytes {
        return None;
    }
    let declared = question.declared_type.as_deref();
    let limits = &question.limits;
    let (said, redacted) = match question.task {
        Task::Inspect => {
            let said = inspect::inspect(&question.name, declared, content, limits);
            (said.map(Some), Vec::new())
        }
        Task::Redact => match redact::redact(&question.name, declared, content, limits) {
            Ok(redacted) => (Ok(None), redacted),
            Err(refusal) => (Err(refusal), Vec::new()),
        },
    };
    let answer = Answer {
        sha256: hash(content),
        said,
        content_bytes: count(redacted.len()),
    };
    let mut line = serde_json::to_vec(&answer).ok()?;
    line.push(b'\n');
    line.extend_from_slice(&redacted);
    let mut output = std::io::stdout().lock();
    output.write_all(&line).ok()?;
    output.flush().ok()
}
