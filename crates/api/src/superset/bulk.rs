//! Many commands in one request, each an effect of its own: one that is refused leaves the others standing.

use super::command::{carried_out, noted};
use super::dispute::named;
use super::operation::{Json, Operation};
use crate::Error;
use crate::call::Call;
use access::policy::{Action, Resource};
use app::disputes::refuse_card_number;
use app::{Command, Desk, Once};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) fn operations() -> Vec<Operation> {
    vec![Operation::change(
        "/docket/v1/bulk",
        "doMany",
        "Carries out up to 500 commands, row by row, and says what became of each. Sent again with its key, rows that were done are not done again.",
        (Action::Read, Resource::Disputes),
        many,
    )]
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Many {
    #[schemars(length(min = 1, max = 500))]
    rows: Vec<Row>,
}

/// One command about one dispute.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Row {
    #[schemars(length(min = 1, max = 255))]
    dispute: String,
    r#do: Deed,
}

/// What is done; `version` is that of the draft that the caller saw.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Deed {
    Note {
        #[schemars(length(min = 1, max = 20_000))]
        text: String,
    },
    /// An empty name frees the dispute.
    Assign {
        #[schemars(length(max = 255))]
        to: String,
    },
    Review {
        version: u32,
    },
    Seal {
        version: u32,
    },
    Submit {
        version: u32,
    },
    Withdraw {
        version: u32,
    },
    Accept {
        version: u32,
    },
}

#[derive(Debug, JsonSchema, Serialize)]
struct ManyDone {
    /// In the order of the request.
    rows: Vec<RowDone>,
    done: u32,
    refused: u32,
}

/// What became of one row.
#[derive(Debug, JsonSchema, Serialize)]
struct RowDone {
    dispute: String,
    /// 200, or the status that the command alone would have had.
    status: u16,
    /// The version of the draft after it; null when it was refused.
    version: Option<u32>,
    /// Our number of the refusal.
    docket_code: Option<&'static str>,
    message: Option<String>,
}

impl Deed {
    /// What it asks of the policy.
    fn asks(&self) -> (Action, Resource) {
        match self {
            Deed::Note { .. } => (Action::Note, Resource::Disputes),
            Deed::Assign { .. } => (Action::Assign, Resource::Disputes),
            Deed::Accept { .. } => (Action::Accept, Resource::Disputes),
            Deed::Review { .. }
            | Deed::Seal { .. }
            | Deed::Submit { .. }
            | Deed::Withdraw { .. } => (Action::Answer, Resource::Evidence),
        }
    }

    fn seen(&self) -> Option<u32> {
        match self {
            Deed::Note { .. } | Deed::Assign { .. } => None,
            Deed::Review { version }
            | Deed::Seal { version }
            | Deed::Submit { version }
            | Deed::Withdraw { version }
            | Deed::Accept { version } => Some(*version),
        }
    }

    fn command(self, call: &Call) -> Result<Command, Error> {
        Ok(match self {
            Deed::Note { text } => {
                refuse_card_number("text", &text)?;
                noted(call, text)
            }
            Deed::Assign { to } => {
                refuse_card_number("to", &to)?;
                Command::Assign { to }
            }
            Deed::Review { version } => Command::Review {
                if_version: version,
            },
            Deed::Seal { version } => Command::Seal {
                if_version: version,
            },
            Deed::Submit { .. } => Command::Submit,
            Deed::Withdraw { .. } => Command::Withdraw,
            Deed::Accept { .. } => Command::Accept,
        })
    }
}

/// The row's own key, beside that of the request. No header holds the sign between them.
fn once_of(whole: &Once, place: usize) -> Once {
    let of_row = format!("{}§{place}", whole.fingerprint);
    Once {
        key: format!("{}§{place}", whole.key),
        fingerprint: dispute::id::sha256_hex(of_row.as_bytes()),
        ..whole.clone()
    }
}

fn many(desk: &mut Desk, call: &mut Call, sent: Many) -> Result<Json<ManyDone>, Error> {
    let whole = call.once.clone();
    let mut rows = Vec::with_capacity(sent.rows.len());
    for (place, row) in sent.rows.into_iter().enumerate() {
        call.once = whole.as_ref().map(|whole| once_of(whole, place));
        call.path = vec![row.dispute.clone()];
        call.seen = row.r#do.seen();
        rows.push(match one(desk, call, row.r#do) {
            Ok(version) => RowDone {
                dispute: row.dispute,
                status: 200,
                version: Some(version),
                docket_code: None,
                message: None,
            },
            // The world failed, and will for the rows that follow.
            Err(error) if error.status >= 500 => return Err(error),
            Err(error) => RowDone {
                dispute: row.dispute,
                status: error.status,
                version: None,
                docket_code: error.docket_code,
                message: Some(error.message),
            },
        });
    }
    call.once = whole;
    let count = |good: bool| {
        let rows = rows.iter().filter(|row| (row.status == 200) == good);
        u32::try_from(rows.count()).unwrap_or(u32::MAX)
    };
    let (done, refused) = (count(true), count(false));
    Ok(Json(ManyDone {
        rows,
        done,
        refused,
    }))
}

fn one(desk: &mut Desk, call: &mut Call, deed: Deed) -> Result<u32, Error> {
    let (action, resource) = deed.asks();
    call.may(action, resource)?;
    // A row before this one that was refused left the desk seeing everything.
    desk.look_as(&call.sight())?;
    let opened = named(desk, call)?;
    let command = deed.command(call)?;
    let done = carried_out(desk, call, &opened, &|_| vec![command.clone()])?;
    Ok(done.version)
}
