//! Whatever anybody brings is read in a process of its own before it is kept: one way for pages, programs and the command
//! line.

use crate::settings::process::Process;
use crate::{Desk, Error, Pool};
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;
use upload::{Inspector, Limits, PUBLISHED_TEST_CARDS, Verdict, What};

/// Files of one form of a page. A packet has about as many slots at the most.
const REQUEST_FILES_MAX: u32 = 20;

static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// Reads uploads with another executable than the running one: for a process that cannot start itself, such as a test. The
/// first word stands for the life of the process.
pub fn read_uploads_with(program: PathBuf) {
    PROGRAM.get_or_init(|| program);
}

/// A file as it came, before anybody looked into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    pub name: String,
    /// What whoever sent it says that it is; it may only agree.
    pub declared_type: Option<String>,
    pub content: Vec<u8>,
    /// Card numbers are blanked out where that is sound, instead of the file being refused.
    pub redact: bool,
}

/// A file that was read to its last byte and may be kept. Only [`Pool::inspect`] and [`Desk::inspect`] make one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspected {
    name: String,
    content: Vec<u8>,
    verdict: Verdict,
}

impl Inspected {
    /// The name under which it is kept and shown: safe in pages, headers and folders.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn content(&self) -> &[u8] {
        &self.content
    }

    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// What it is, as a media type without parameters.
    pub fn media_type(&self) -> &'static str {
        let whole = self.verdict.kind.media_type();
        whole.split(';').next().unwrap_or(whole)
    }

    /// What a person should know before it is sent on.
    pub(super) fn told(&self) -> Vec<String> {
        self.verdict
            .findings
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    pub(super) fn has_links(&self) -> bool {
        self.verdict
            .findings
            .iter()
            .any(|finding| finding.what == What::Link)
    }
}

/// What a desk of these settings takes. Every kind that some provider takes is kept; what the one who receives a packet takes
/// is checked when it is sealed. Published test cards are no secret in test mode.
pub fn limits(process: &Process, live: bool) -> Limits {
    let uploads = process.uploads;
    let body = u64::try_from(process.api.upload_bytes_max).unwrap_or(u64::MAX);
    let allowed = if live { &[] } else { PUBLISHED_TEST_CARDS };
    Limits {
        file_bytes_max: body,
        request_bytes_max: body,
        request_files_max: REQUEST_FILES_MAX,
        pages_max: uploads.pages_max,
        memory_bytes_max: uploads.memory_bytes_max,
        cpu_seconds_max: uploads.seconds_max,
        answer_in: Duration::from_secs(uploads.seconds_max),
        cards_allowed: allowed.iter().map(|card| (*card).to_owned()).collect(),
        ..Limits::dispute_evidence().with_every_kind()
    }
}

fn inspect(process: &Process, incoming: Incoming, live: bool) -> Result<Inspected, Error> {
    let limits = limits(process, live);
    let inspector = match PROGRAM.get() {
        Some(program) => Inspector::with_program(limits, program.clone()),
        None => Inspector::new(limits),
    };
    let declared = incoming.declared_type.as_deref();
    let (content, verdict) = if incoming.redact {
        inspector.redact(&incoming.name, declared, &incoming.content)?
    } else {
        let verdict = inspector.inspect(&incoming.name, declared, &incoming.content)?;
        (incoming.content, verdict)
    };
    Ok(Inspected {
        name: upload::name::display(&incoming.name),
        content,
        verdict,
    })
}

impl Desk {
    /// Reads a file in a process of its own. Blocks until it has answered.
    ///
    /// # Errors
    /// [`Error::Upload`] with every reason not to keep it.
    pub fn inspect(&self, incoming: Incoming, live: bool) -> Result<Inspected, Error> {
        inspect(&self.settings.process, incoming, live)
    }
}

impl Pool {
    /// The same without a desk on loan, so that readers of files never keep those from desks who only look something up; as
    /// many at once as there are desks, the others wait.
    ///
    /// # Errors
    /// As for [`Desk::inspect`], and [`Error::Busy`] when the others do not end.
    pub fn inspect(&self, incoming: Incoming, live: bool) -> Result<Inspected, Error> {
        let _turn = self.turn()?;
        inspect(self.process(), incoming, live)
    }
}
