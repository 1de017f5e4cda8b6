//! `merchant`, `person` and `api-key`: who may enter, and for whom.

use super::{Desk, Now, providers};
use access::policy::Role;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Subcommand, ValueEnum};

/// Live and test data never meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    Live,
    Test,
}

/// Whoever gives the command; they can open the desk's files, so nothing is refused to them.
#[derive(Clone, Debug, clap::Args)]
pub struct Doer {
    #[command(flatten)]
    pub desk: Desk,
    /// Your name, as it should stand in the audit log.
    #[arg(
        id = "as",
        long = "as",
        value_name = "NAME",
        env = "DOCKET_USER",
        default_value = "operator"
    )]
    pub name: String,
    #[command(flatten)]
    pub now: Now,
}

fn roles() -> impl TypedValueParser {
    let names = Role::ALL.iter().map(|role| role.as_str());
    PossibleValuesParser::new(names)
        .map(|name| Role::parse(&name).expect("only names of the list come here"))
}

#[derive(Debug, Subcommand)]
pub enum Merchant {
    /// Make a merchant.
    Add(AddMerchant),
    /// List the merchants and their accounts.
    List(Doer),
    /// Give a provider account to a merchant: its disputes are the merchant's from now on.
    Own(Own),
}

#[derive(Debug, clap::Args)]
pub struct AddMerchant {
    #[command(flatten)]
    pub doer: Doer,
    /// What people call it.
    pub name: String,
    /// Its id; one is made when left out.
    #[arg(long)]
    pub id: Option<String>,
}

#[derive(Debug, clap::Args)]
pub struct Own {
    #[command(flatten)]
    pub doer: Doer,
    /// The merchant's id.
    pub merchant: String,
    #[arg(value_parser = providers())]
    pub provider: String,
    /// The account at the provider.
    pub account: String,
    /// Whether its disputes are seen with live or with test keys.
    #[arg(long, value_enum, default_value = "live")]
    pub mode: Mode,
}

#[derive(Debug, Subcommand)]
pub enum Person {
    /// Invite somebody, with one role to begin with. Prints the link that sets their password, once.
    Add(AddPerson),
    /// List who may enter, and what they may.
    List(Doer),
    /// Give somebody a role more.
    Grant(RoleOf),
    /// Take a role away; it is gone with their next request.
    Revoke(RoleOf),
    /// Let nobody in as this person any more, and end their sessions. Keys that they made stay.
    Disable(OnePerson),
    /// Let them in again.
    Enable(OnePerson),
    /// Print a link that sets password and code anew, for somebody who lost them.
    Renew(OnePerson),
}

#[derive(Debug, clap::Args)]
pub struct AddPerson {
    #[command(flatten)]
    pub doer: Doer,
    /// The e-mail address by which they sign in.
    pub email: String,
    /// What people call them.
    #[arg(long)]
    pub name: String,
    #[command(flatten)]
    pub role: RoleAt,
}

#[derive(Debug, clap::Args)]
pub struct RoleAt {
    #[arg(long, value_parser = roles())]
    pub role: Role,
    /// The merchant's id, for a merchant's role.
    #[arg(long, value_name = "ID")]
    pub merchant: Option<String>,
}

#[derive(Debug, clap::Args)]
pub struct RoleOf {
    #[command(flatten)]
    pub person: OnePerson,
    #[command(flatten)]
    pub role: RoleAt,
}

#[derive(Debug, clap::Args)]
pub struct OnePerson {
    #[command(flatten)]
    pub doer: Doer,
    /// The person's id or e-mail address.
    pub person: String,
}

/// Keys of the interface for programs.
#[derive(Debug, Subcommand)]
pub enum ApiKey {
    /// Make a key. It is printed once and never again.
    Mint(MintKey),
    /// List the keys of a merchant or of the desk.
    List(ListKeys),
    /// Make a successor; the old key goes on for the overlap.
    Rotate(RotateKey),
    /// End a key at once and for good.
    Revoke(OneKey),
    /// End every key of this desk that stands in a text: a log, a page, what a scanner of secrets found.
    Leaked(Leaked),
}

#[derive(Debug, clap::Args)]
pub struct Leaked {
    #[command(flatten)]
    pub doer: Doer,
    /// A file; standard input when it is `-`.
    pub file: String,
}

#[derive(Debug, clap::Args)]
pub struct MintKey {
    #[command(flatten)]
    pub doer: Doer,
    /// What the key is for.
    pub label: String,
    /// Whose key it is: a merchant's id; the desk's own when left out.
    #[arg(long, value_name = "ID")]
    pub merchant: Option<String>,
    /// What it may. Several may be given.
    #[arg(long = "role", value_name = "ROLE", value_parser = roles(), required = true)]
    pub roles: Vec<Role>,
    #[arg(long, value_enum, default_value = "live")]
    pub mode: Mode,
    /// Make a restricted key that may only this of what its roles may: `disputes:read evidence:write`.
    #[arg(long, value_name = "SCOPES")]
    pub scopes: Option<String>,
    /// A network from which alone it may be used, such as 192.0.2.0/24. Several may be given.
    #[arg(long = "network", value_name = "CIDR")]
    pub networks: Vec<String>,
    /// When it ends, RFC 3339; never when left out.
    #[arg(long, value_name = "INSTANT")]
    pub expires: Option<String>,
    /// The version of Stripe's interface that answers requests which name none; the oldest when left out.
    #[arg(long, value_name = "VERSION")]
    pub api_version: Option<String>,
}

#[derive(Debug, clap::Args)]
pub struct ListKeys {
    #[command(flatten)]
    pub doer: Doer,
    /// A merchant's id; the desk's own keys when left out.
    #[arg(long, value_name = "ID")]
    pub merchant: Option<String>,
    #[arg(long, value_enum, default_value = "live")]
    pub mode: Mode,
}

#[derive(Debug, clap::Args)]
pub struct OneKey {
    #[command(flatten)]
    pub doer: Doer,
    /// The key's id.
    pub key: String,
    #[arg(long, value_enum, default_value = "live")]
    pub mode: Mode,
}

#[derive(Debug, clap::Args)]
pub struct RotateKey {
    #[command(flatten)]
    pub key: OneKey,
    /// For how many hours the old key goes on, at most 168.
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u16).range(0..=168))]
    pub overlap_hours: u16,
}
