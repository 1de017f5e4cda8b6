//! The command line: what can be asked, in clap's words. `docs/reference/cli.md` is made from it.

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
    /// Say what a document says, byte by byte; no desk is needed.
    Decode(Decode),
    /// Take files in: keep them, process them, and account for each.
    Ingest(Ingest),
    /// List what is ours to do, by time and by money.
    Queue(Queue),
    /// Show one case, whole.
    Show(OneCase),
    /// Show what happened to one case, and when the desk knew.
    Timeline(OneCase),
    /// Process every document again in an empty store and compare.
    Replay(Replay),
    /// Check that everything is as it should be; changes nothing.
    Doctor(Doctor),
}

/// Which desk.
#[derive(Clone, Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub struct Desk {
    /// The desk's folder.
    #[arg(long, value_name = "DIR", env = "DOCKET_DIR")]
    pub dir: Option<PathBuf>,
    /// A PostgreSQL database instead of a folder: `postgres://user:password@host/name`.
    #[arg(long, value_name = "URL", env = "DOCKET_DB", hide_env_values = true)]
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
    /// Whose document it is: ach, adyen, paypal or stripe.
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
    /// Whose documents they are: ach, adyen, paypal or stripe.
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
    #[arg(long)]
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

#[derive(Debug, clap::Args)]
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
    /// Compare every derived row with the live desk's. The only form there is; said so that it is never mistaken for one
    /// that writes.
    #[arg(long, required = true)]
    pub compare: bool,
    #[command(flatten)]
    pub now: Now,
}

#[derive(Debug, clap::Args)]
pub struct Doctor {
    #[command(flatten)]
    pub desk: Desk,
    #[command(flatten)]
    pub now: Now,
}
