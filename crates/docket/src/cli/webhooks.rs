//! `webhooks`: who is told of events, and what became of each.

use super::entrance::{Doer, Mode};
use clap::{Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub enum Webhooks {
    /// List the endpoints of a merchant or of the desk.
    List(ListEndpoints),
    /// Make an endpoint. Its secret is printed once and never again.
    Add(AddEndpoint),
    /// List what was sent to an endpoint and what waits for it, or the attempts of one event.
    Deliveries(Deliveries),
    /// Send again what was delivered or parked, of a range of events.
    Replay(Replay),
    /// Send one event, also one that the endpoint never had.
    Resend(Resend),
    /// Send a test event.
    Ping(OneEndpoint),
    /// Send to it again; what was held goes out oldest first.
    Enable(OneEndpoint),
    /// Send nothing to it; what happens meanwhile is held for 90 days.
    Disable(OneEndpoint),
    /// Give it another secret. It is printed once and never again.
    Roll(Roll),
    /// Delete it for good; what waits for it is cancelled.
    Delete(OneEndpoint),
    /// Print the public half of the key with which the desk signs every event (`v1a`), and of those before it.
    Key(Doer),
    /// Give the desk another key to sign with; receivers find it where the old one was.
    RollKey(RollKey),
}

#[derive(Debug, clap::Args)]
pub struct ListEndpoints {
    #[command(flatten)]
    pub doer: Doer,
    /// A merchant's id; the desk's own endpoints when left out.
    #[arg(long, value_name = "ID")]
    pub merchant: Option<String>,
    #[arg(long, value_enum, default_value = "live")]
    pub mode: Mode,
}

#[derive(Debug, clap::Args)]
pub struct AddEndpoint {
    #[command(flatten)]
    pub of: ListEndpoints,
    /// Where to post events: `https` and a public host.
    pub url: String,
    /// What it is told: `*`, a family such as `charge.dispute.*`, or a name. Several may be given.
    #[arg(long = "event", value_name = "PATTERN", default_value = "*")]
    pub events: Vec<String>,
    #[arg(long, default_value = "")]
    pub description: String,
    /// The version of the interface that events are shaped for; the newest when left out.
    #[arg(long, value_name = "VERSION")]
    pub api_version: Option<String>,
}

#[derive(Debug, clap::Args)]
pub struct OneEndpoint {
    #[command(flatten)]
    pub doer: Doer,
    /// The endpoint's id.
    pub endpoint: String,
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum State {
    Due,
    Held,
    Delivered,
    Parked,
    Cancelled,
}

impl State {
    pub fn name(self) -> &'static str {
        match self {
            State::Due => "due",
            State::Held => "held",
            State::Delivered => "delivered",
            State::Parked => "parked",
            State::Cancelled => "cancelled",
        }
    }
}

#[derive(Debug, clap::Args)]
pub struct Deliveries {
    #[command(flatten)]
    pub one: OneEndpoint,
    /// Only those that stand so.
    #[arg(long, value_enum)]
    pub state: Option<State>,
    /// The attempts of this event instead.
    #[arg(long, value_name = "EVENT", conflicts_with = "state")]
    pub event: Option<String>,
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub limit: u32,
}

#[derive(Debug, clap::Args)]
pub struct Replay {
    #[command(flatten)]
    pub one: OneEndpoint,
    /// From this sequence number, as `deliveries` shows it.
    #[arg(
        long,
        value_name = "NUMBER",
        requires = "until",
        required_unless_present = "since"
    )]
    pub from: Option<u64>,
    /// Until this sequence number, itself included.
    #[arg(long, value_name = "NUMBER", requires = "from")]
    pub until: Option<u64>,
    /// What happened from this instant on, RFC 3339.
    #[arg(long, value_name = "INSTANT", conflicts_with = "from")]
    pub since: Option<String>,
    /// And before this one; now when left out.
    #[arg(long, value_name = "INSTANT", requires = "since")]
    pub before: Option<String>,
}

#[derive(Debug, clap::Args)]
pub struct Resend {
    #[command(flatten)]
    pub one: OneEndpoint,
    /// The event's id.
    pub event: String,
}

#[derive(Debug, clap::Args)]
pub struct Roll {
    #[command(flatten)]
    pub one: OneEndpoint,
    /// For how many hours the old secret signs beside the new one, at most 168; 0 ends every older one at once.
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u16).range(0..=168))]
    pub overlap_hours: u16,
}

#[derive(Debug, clap::Args)]
pub struct RollKey {
    #[command(flatten)]
    pub doer: Doer,
    /// For how many days the old key signs beside the new one, at most 90; 0 ends every older one at once.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(0..=90))]
    pub overlap_days: u16,
}
