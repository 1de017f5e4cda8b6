//! The command line: what can be asked, in clap's words. `docs/reference/cli.md` is made from it.

pub mod entrance;
pub mod webhooks;

use clap::builder::PossibleValuesParser;
use clap::{Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Docket: an open, self-hosted disputes desk.
#[derive(Debug, Parser)]
#[command(
    name = "docket",
    version,
    propagate_version = true,
    arg_required_else_help = true
)]
pub struct Cli {
    /// Answer in JSON instead of tables.
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a desk with a fortnight of synthetic documents, show what a desk lead wants to know, and serve it.
    Demo(Demo),
    /// Take webhooks in, do the work, and answer for its health.
    Serve(Serve),
    /// Take files in: keep them, process them, and account for each.
    Ingest(Ingest),
    /// Say what a document says, byte by byte; no desk is needed.
    Decode(Decode),
    /// List what is ours to do, by time and by money.
    Queue(Queue),
    /// Show one case, whole.
    Show(OneCase),
    /// Show what happened to one case, and when the desk knew.
    Timeline(OneCase),
    /// Say why a value is what it is: which bytes, which rule.
    Why(Why),
    /// Prepare an answer: fill slots, review, seal, and what belongs to it.
    #[command(subcommand)]
    Evidence(Evidence),
    /// Ask for the sealed packet to be sent.
    Submit(Answer),
    /// Concede the stage that waits for us.
    Accept(Answer),
    /// Refuse a return that came by a bank's file.
    Dishonor(Dishonor),
    /// Show the books: balances, residues, or the whole journal.
    Ledger(Ledger),
    /// List what a person should look at.
    Findings(Findings),
    /// List held documents and decide about them.
    #[command(subcommand)]
    Quarantine(Quarantine),
    /// Process every document again in an empty store and compare.
    Replay(Replay),
    /// Check that everything is as it should be; changes nothing.
    Doctor(Doctor),
    /// Export the audit log, and check an export without its desk.
    #[command(subcommand)]
    Audit(Audit),
    /// Run a simulated month by its seed; the same seed prints the same bytes.
    Sim(Sim),
    /// Bring a desk's schema up to date.
    Migrate(Migrate),
    /// Copy a desk while it works, its keys apart.
    Backup(Backup),
    /// Look after the keys that seal documents at rest; for the keys of programs see `api-key`.
    #[command(subcommand)]
    Keys(Keys),
    /// Keep the merchants, and whose account is whose.
    #[command(subcommand)]
    Merchant(entrance::Merchant),
    /// Keep the people who may enter, and their roles.
    #[command(subcommand)]
    Person(entrance::Person),
    /// Keep the keys by which programs enter; for the keys that seal documents see `keys`.
    #[command(subcommand)]
    ApiKey(entrance::ApiKey),
    /// Keep the endpoints that are told of events, and see what became of each.
    #[command(subcommand)]
    Webhooks(webhooks::Webhooks),
    /// Print a shell's completions.
    Completions(Completions),
    /// Print a reference page.
    #[command(hide = true)]
    Reference(Reference),
}

/// The providers by name, as misuse messages and completions list them.
fn providers() -> PossibleValuesParser {
    PossibleValuesParser::new(providers::list::ALL.iter().map(|adapter| adapter.name()))
}

/// Which desk.
#[derive(Clone, Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub struct Desk {
    /// The desk's folder.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// A PostgreSQL database instead of a folder: `postgres://user:password@host/name`.
    #[arg(long, value_name = "URL")]
    pub db: Option<String>,
}

/// The instant that counts as now.
#[derive(Clone, Debug, clap::Args)]
pub struct Now {
    /// The instant that counts as now, RFC 3339; the system's clock when left out.
    #[arg(long, value_name = "INSTANT")]
    pub at: Option<String>,
}

/// The way by which a document came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Channel {
    /// Told by the content.
    Auto,
    Webhook,
    File,
    Api,
}

#[derive(Debug, clap::Args)]
pub struct Decode {
    /// Whose document it is.
    #[arg(value_parser = providers())]
    pub provider: String,
    /// The document; `-` reads standard input.
    pub file: PathBuf,
    /// By which way it came. It decides how strongly its words count.
    #[arg(long, value_enum, default_value = "auto")]
    pub channel: Channel,
    /// Our account at the provider, where the document does not name it.
    #[arg(long, default_value = "default")]
    pub account: String,
    #[command(flatten)]
    pub now: Now,
}

#[derive(Debug, clap::Args)]
pub struct Ingest {
    #[command(flatten)]
    pub desk: Desk,
    /// Whose documents they are.
    #[arg(value_parser = providers())]
    pub provider: String,
    /// The files; `-` reads standard input.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// By which way they came. It decides how strongly their words count.
    #[arg(long, value_enum, default_value = "auto")]
    pub channel: Channel,
    /// Our account at the provider, for documents that do not name it; the only one in desk.toml when left out.
    #[arg(long)]
    pub account: Option<String>,
    #[command(flatten)]
    pub now: Now,
}

/// What comes first in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// What is due first.
    Time,
    /// The largest amounts, currency by currency.
    Money,
}

#[derive(Debug, clap::Args)]
pub struct Queue {
    #[command(flatten)]
    pub desk: Desk,
    /// What comes first.
    #[arg(long, value_enum, default_value = "time")]
    pub by: By,
    /// Only this provider.
    #[arg(long, value_parser = providers())]
    pub provider: Option<String>,
    /// Only this account.
    #[arg(long)]
    pub account: Option<String>,
    /// Only cases given to this person.
    #[arg(long, value_name = "NAME")]
    pub assigned_to: Option<String>,
    /// Only what is due within so many hours.
    #[arg(long, value_name = "HOURS")]
    pub within: Option<i64>,
    /// How many lines at most; the totals count all.
    #[arg(long, default_value_t = 50)]
    pub limit: usize,
    #[command(flatten)]
    pub now: Now,
}

#[derive(Clone, Debug, clap::Args)]
pub struct OneCase {
    #[command(flatten)]
    pub desk: Desk,
    /// The case: its id, the provider's reference, or any reference that leads to one case only.
    pub dispute: String,
}

#[derive(Debug, clap::Args)]
pub struct Replay {
    #[command(flatten)]
    pub desk: Desk,
    /// Process every document again in an empty desk that goes with the answer, and compare every derived row with this
    /// desk's. Writes nothing.
    #[arg(long, required_unless_present = "from", conflicts_with = "from")]
    pub compare: bool,
    /// Derive every case of this desk again from what is kept, and show case by case where the kept rows differ. Writes
    /// nothing without `--apply`.
    #[arg(long, value_name = "WHAT")]
    pub from: Option<ReplayFrom>,
    /// Repair what differs: rows are written anew, and the books corrected by entries of the difference.
    #[arg(long, requires = "from", conflicts_with = "compare")]
    pub apply: bool,
    #[command(flatten)]
    pub now: Now,
}

/// What a replay starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ReplayFrom {
    /// The facts as kept.
    Facts,
}

#[derive(Debug, clap::Args)]
pub struct Doctor {
    #[command(flatten)]
    pub desk: Desk,
    #[command(flatten)]
    pub now: Now,
}

#[derive(Debug, clap::Args)]
pub struct Demo {
    /// The folder of the desk; a new one for temporary files when left out.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// A PostgreSQL database instead of a folder.
    #[arg(long, value_name = "URL", conflicts_with = "dir")]
    pub db: Option<String>,
    /// Stop after the summary.
    #[arg(long)]
    pub no_serve: bool,
    /// Where to listen afterwards; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8787")]
    pub listen: String,
    #[command(flatten)]
    pub now: Now,
}

#[derive(Debug, clap::Args)]
pub struct Serve {
    #[command(flatten)]
    pub desk: Desk,
    /// Where to listen; port 0 takes a free one. `listen` in desk.toml, or 127.0.0.1:8787, when left out.
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<String>,
    /// Check the settings and the secrets they name, list every mistake, and end: 0 when there is none, else 2.
    #[arg(long)]
    pub check: bool,
}

#[derive(Debug, clap::Args)]
pub struct Backup {
    #[command(flatten)]
    pub desk: Desk,
    /// The folder for the copy, not there yet or empty.
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
    /// The folder for the keys, not there yet or empty: in another place, since both together open everything.
    #[arg(long, value_name = "DIR")]
    pub keys_to: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub struct Reference {
    /// The page of the settings; else that of this command line.
    #[arg(long)]
    pub settings: bool,
}

#[derive(Debug, clap::Args)]
pub struct Why {
    #[command(flatten)]
    pub case: OneCase,
    /// The field, as `show` and `timeline` name it: status, respond_by, disputed, money, movement.KEY, ...
    pub field: String,
}

/// Who gives a command.
#[derive(Clone, Debug, clap::Args)]
pub struct Person {
    /// Your name, as it should stand in the timeline.
    #[arg(
        long = "as",
        value_name = "NAME",
        env = "DOCKET_USER",
        default_value = "operator"
    )]
    pub name: String,
    /// Whether you act for the desk or for the merchant.
    #[arg(long, value_enum, default_value = "operator")]
    pub role: Role,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Role {
    Operator,
    Merchant,
}

/// A command about one case by one person.
#[derive(Clone, Debug, clap::Args)]
pub struct Act {
    #[command(flatten)]
    pub case: OneCase,
    #[command(flatten)]
    pub person: Person,
    #[command(flatten)]
    pub now: Now,
}

/// A change of the draft.
#[derive(Clone, Debug, clap::Args)]
pub struct Draft {
    #[command(flatten)]
    pub act: Act,
    /// The version of the draft that you saw; refused when it moved on. The present one when left out.
    #[arg(long, value_name = "N")]
    pub if_version: Option<u32>,
}

#[derive(Debug, Subcommand)]
pub enum Evidence {
    /// List what the draft holds, what would help, and every slot there is.
    List(OneCase),
    /// Put text or a file into a slot.
    Save(Save),
    /// Empty a slot.
    Clear(Clear),
    /// Say that you have read the draft.
    Review(Draft),
    /// Freeze the draft: what is sent is exactly this.
    Seal(Draft),
    /// Break the seal, and take back what has not left.
    Withdraw(Act),
    /// Leave a note.
    Note(Note),
    /// Give the case to a person.
    Assign(Assign),
    /// Waive an obligation, with a reason.
    Waive(Waive),
}

#[derive(Debug, clap::Args)]
pub struct Save {
    #[command(flatten)]
    pub draft: Draft,
    /// The slot; `docket show` lists those that are asked for.
    pub slot: String,
    /// What to say there.
    #[arg(long, required_unless_present = "file", conflicts_with = "file")]
    pub text: Option<String>,
    /// A file to put there; its kind is told by its content.
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Blank out card numbers in the file where that is sound, instead of refusing it.
    #[arg(long, requires = "file")]
    pub redact: bool,
}

#[derive(Debug, clap::Args)]
pub struct Clear {
    #[command(flatten)]
    pub draft: Draft,
    pub slot: String,
}

#[derive(Debug, clap::Args)]
pub struct Note {
    #[command(flatten)]
    pub act: Act,
    pub text: String,
}

#[derive(Debug, clap::Args)]
pub struct Assign {
    #[command(flatten)]
    pub act: Act,
    /// To whom; empty frees the case.
    pub to: String,
}

#[derive(Debug, clap::Args)]
pub struct Waive {
    #[command(flatten)]
    pub act: Act,
    /// The obligation's id, or its duty such as `respond/chargeback`.
    pub obligation: String,
    /// Why.
    pub reason: String,
}

#[derive(Debug, clap::Args)]
pub struct Answer {
    #[command(flatten)]
    pub act: Act,
    /// Send now instead of leaving it to `serve`. Refused while a `serve` runs on the desk.
    #[arg(long)]
    pub send: bool,
}

#[derive(Debug, clap::Args)]
pub struct Dishonor {
    #[command(flatten)]
    pub answer: Answer,
    /// Why, as the network's code: R61 misrouted, R62 erroneous or reversing debit, R67 duplicate, R68 untimely, R70 not
    /// accepted or not requested.
    #[arg(long)]
    pub code: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Export {
    Hledger,
}

#[derive(Debug, clap::Args)]
pub struct Ledger {
    #[command(flatten)]
    pub desk: Desk,
    /// Print every entry as a journal instead.
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub export: Option<Export>,
}

#[derive(Debug, clap::Args)]
pub struct Findings {
    #[command(flatten)]
    pub desk: Desk,
    /// Closed ones too.
    #[arg(long)]
    pub all: bool,
    /// Only this kind, such as `residue`.
    #[arg(long)]
    pub kind: Option<String>,
    /// Only this provider.
    #[arg(long, value_parser = providers())]
    pub provider: Option<String>,
    /// How many lines at most; the groups count all.
    #[arg(long, default_value_t = 50)]
    pub limit: usize,
}

#[derive(Debug, Subcommand)]
pub enum Quarantine {
    /// List what is held and why.
    List(Held),
    /// Process a document as if it had been trusted.
    Release(Decide),
    /// Never process it.
    Reject(Decide),
    /// A corrected re-issue took its place.
    Supersede(Decide),
}

#[derive(Debug, clap::Args)]
pub struct Held {
    #[command(flatten)]
    pub desk: Desk,
    /// How many at most.
    #[arg(long, default_value_t = 100)]
    pub limit: u32,
}

#[derive(Debug, clap::Args)]
pub struct Decide {
    #[command(flatten)]
    pub desk: Desk,
    /// The document's id.
    pub document: String,
    /// Why; it goes into the audit log.
    #[arg(long)]
    pub why: String,
    /// Your name.
    #[arg(
        long = "as",
        value_name = "NAME",
        env = "DOCKET_USER",
        default_value = "operator"
    )]
    pub name: String,
    #[command(flatten)]
    pub now: Now,
}

#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Check an export: every leaf, root and signature.
    Verify(Verify),
    /// Sign a checkpoint and write the whole log as one text file.
    Export(ExportAudit),
}

#[derive(Debug, clap::Args)]
pub struct Verify {
    /// The export; `-` reads standard input.
    pub file: PathBuf,
    /// The log's verifier key, noted elsewhere. Without it the file vouches for itself.
    #[arg(long)]
    pub key: Option<String>,
}

#[derive(Debug, clap::Args)]
pub struct ExportAudit {
    #[command(flatten)]
    pub desk: Desk,
    /// The file to write; standard output when left out.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub now: Now,
}

#[derive(Debug, clap::Args)]
pub struct Sim {
    /// What everything random is drawn from.
    #[arg(long)]
    pub seed: u64,
    /// How many simulated days.
    #[arg(long, default_value_t = 30)]
    pub days: u32,
}

#[derive(Debug, clap::Args)]
pub struct Migrate {
    #[command(flatten)]
    pub desk: Desk,
}

#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Give an account a new data key and seal its documents with it, while the desk runs.
    Rotate(Rotate),
}

#[derive(Debug, clap::Args)]
pub struct Rotate {
    #[command(flatten)]
    pub desk: Desk,
    #[arg(value_parser = providers())]
    pub provider: String,
    pub account: String,
    /// How many documents one transaction seals.
    #[arg(long, default_value_t = 500)]
    pub batch: u32,
}

#[derive(Debug, clap::Args)]
pub struct Completions {
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}
