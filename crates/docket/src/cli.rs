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
    /// The instant at which it came, RFC 3339; now when left out.
    #[arg(long, value_name = "INSTANT")]
    pub at: Option<String>,
}
