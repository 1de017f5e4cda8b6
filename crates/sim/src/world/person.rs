//! What people do in a story: `analyst seal du_1`.

use super::args::Args;
use super::desk::Desk;
use dispute::command::Command;
use dispute::id::sha256_hex;
use dispute::reference::{RefKind, Reference};
use dispute::said::EvidenceContent;

/// One command of one person about one case.
pub(super) fn act(desk: &mut Desk, person: &str, mut args: Args<'_>) -> Result<(), String> {
    let verb = args.next("a command")?;
    let case = args.next("a case")?;
    let command = command(desk, verb, case, &mut args)?;
    args.done()?;
    desk.command(person, case, &command)
}

fn command(
    desk: &mut Desk,
    verb: &str,
    case: &str,
    args: &mut Args<'_>,
) -> Result<Command, String> {
    let needed = |text: Option<&str>, name: &str| {
        text.map(str::to_owned)
            .ok_or_else(|| format!("{verb} has a `{name}`"))
    };
    Ok(match verb {
        "save-evidence" => {
            let if_version = version(desk, case, args)?;
            let slot = needed(args.take("slot"), "slot")?;
            let content = content(desk, case, args)?;
            Command::SaveEvidence {
                if_version,
                slot,
                content,
            }
        }
        "review" => Command::Review {
            if_version: version(desk, case, args)?,
        },
        "seal" => Command::Seal {
            if_version: version(desk, case, args)?,
        },
        "submit" => Command::Submit,
        "accept" => Command::Accept,
        "dishonor" => Command::Dishonor {
            code: needed(args.take("code"), "code")?,
        },
        "withdraw" => Command::Withdraw,
        "note" => Command::Note {
            text: needed(args.take("text"), "text")?,
        },
        "assign" => Command::Assign {
            to: args.text("to", ""),
        },
        "waive" => {
            let key = needed(args.take("duty"), "duty")?;
            let obligations = desk.case(case)?.obligations;
            let owed = obligations.iter().find(|owed| owed.duty.key() == key);
            Command::Waive {
                obligation: owed.map_or(key, |owed| owed.id.to_string()),
                reason: args.text("reason", ""),
            }
        }
        "cut" | "tie" => {
            let one = reference(args.next("a reference like payment:ch_1")?)?;
            let other = reference(args.next("another reference")?)?;
            if verb == "cut" {
                Command::Cut { one, other }
            } else {
                Command::Tie { one, other }
            }
        }
        other => return Err(format!("nobody can `{other}`")),
    })
}

/// The version that the person saw: as written, or the one that stands.
fn version(desk: &mut Desk, case: &str, args: &mut Args<'_>) -> Result<u32, String> {
    match args.number("version")? {
        Some(version) => Ok(version),
        None => Ok(desk.case(case)?.evidence.version),
    }
}

fn content(desk: &mut Desk, case: &str, args: &mut Args<'_>) -> Result<EvidenceContent, String> {
    if args.flag("cleared") {
        return Ok(EvidenceContent::Cleared);
    }
    if let Some(text) = args.take("text") {
        return Ok(EvidenceContent::Text(text.to_owned()));
    }
    let name = args
        .take("file")
        .ok_or("evidence has a `text` or a `file`")?;
    let media_type = args.text("type", "application/pdf");
    let words = args.text("content", name);
    let bytes = args.number("bytes")?.unwrap_or(words.len());
    let content: Vec<u8> = words.bytes().cycle().take(bytes).collect();
    let digest = sha256_hex(&content);
    desk.keep_file(case, &digest, &content)?;
    Ok(EvidenceContent::File {
        digest,
        name: name.to_owned(),
        media_type,
        bytes: u64::try_from(bytes).unwrap_or(u64::MAX),
    })
}

fn reference(text: &str) -> Result<Reference, String> {
    let read = || {
        let (kind, value) = text.split_once(':')?;
        let kind = RefKind::parse(kind)?;
        Some(Reference {
            kind,
            value: value.to_owned(),
        })
    };
    read().ok_or_else(|| format!("`{text}`: expected a reference like payment:ch_1"))
}
