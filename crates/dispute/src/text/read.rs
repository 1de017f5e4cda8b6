//! Reading the canonical line back.

use crate::fact::{Fact, Scope};
use crate::movement::{Movement, MovementKind};
use crate::network::Network;
use crate::reason::{Reason, ReasonClaim};
use crate::reference::{RefKind, Reference, References};
use crate::said::{Audience, EvidenceContent, RefundState, RequiredSlot, Said, Sending};
use crate::status::{Authority, Due, Party, Phase, Stage, Standing};
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use calendar::{Date, Instant, Moment};
use core::str::FromStr;
use money::Money;

/// Why a stored line cannot be read: what was expected, and what stood there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable(pub String);

impl core::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for Unreadable {}

/// The pairs of one line, unescaped, in order.
struct Pairs(Vec<(String, String)>);

impl Pairs {
    fn find(&self, key: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }

    fn text(&self, key: &str) -> Result<String, Unreadable> {
        self.find(key)
            .map(ToOwned::to_owned)
            .ok_or_else(|| Unreadable(format!("expected `{key}=` in the line")))
    }

    /// Reads a value that must be there with `read`.
    fn value<T>(&self, key: &str, read: impl Fn(&str) -> Option<T>) -> Result<T, Unreadable> {
        let text = self.text(key)?;
        read(&text).ok_or_else(|| Unreadable(format!("`{key}` does not read: `{text}`")))
    }

    /// Reads a value that may be absent.
    fn maybe<T>(
        &self,
        key: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Unreadable> {
        if self.find(key).is_none() {
            Ok(None)
        } else {
            self.value(key, read).map(Some)
        }
    }

    fn stage(&self) -> Result<Stage, Unreadable> {
        self.value("stage", Stage::parse)
    }

    fn amount(&self) -> Result<Money, Unreadable> {
        self.value("amount", |text| Money::from_text(text).ok())
    }

    fn number<T: FromStr>(&self, key: &str) -> Result<T, Unreadable> {
        self.value(key, |text| text.parse().ok())
    }
}

fn unescape(text: &str) -> Result<String, Unreadable> {
    if !text.contains('%') {
        return Ok(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| byte.and_then(|b| char::from(b).to_digit(16));
        let (Some(high), Some(low)) = (digit(rest.next()), digit(rest.next())) else {
            return Err(Unreadable(format!(
                "`%` without two hexadecimal digits in `{text}`"
            )));
        };
        bytes.push(u8::try_from(high * 16 + low).expect("two hexadecimal digits are one byte"));
    }
    String::from_utf8(bytes)
        .map_err(|_| Unreadable(format!("`{text}` is not UTF-8 once unescaped")))
}

/// Reads a line that [`super::render`] wrote.
pub fn parse(line: &str) -> Result<Fact, Unreadable> {
    let mut words = line.split(' ');
    let word = words.next().unwrap_or_default();
    let mut pairs = Vec::new();
    let mut refs = References::none();
    let mut scope = None;
    for text in words {
        let (key, value) = text
            .split_once('=')
            .ok_or_else(|| Unreadable(format!("expected `key=value`, found `{text}`")))?;
        if let Some(kind) = key.strip_prefix("ref.") {
            let kind = RefKind::parse(kind)
                .ok_or_else(|| Unreadable(format!("no reference kind `{kind}`")))?;
            refs = refs.and(kind, &unescape(value)?);
        } else if key == "scope" {
            let (provider, account) = value
                .split_once('/')
                .ok_or_else(|| Unreadable(format!("expected provider/account, found `{value}`")))?;
            scope = Some(Scope {
                provider: unescape(provider)?,
                account: unescape(account)?,
            });
        } else {
            pairs.push((key.to_owned(), unescape(value)?));
        }
    }
    let pairs = Pairs(pairs);
    Ok(Fact {
        true_at: pairs.value("at", |text| Instant::parse(text).ok())?,
        sequence: pairs.maybe("seq", |text| text.parse().ok())?.unwrap_or(0),
        authority: pairs.value("auth", Authority::parse)?,
        by: pairs.value("by", Party::parse)?,
        scope: scope.ok_or_else(|| Unreadable(String::from("expected `scope=` in the line")))?,
        refs,
        said: said(word, &pairs)?,
    })
}

fn said(word: &str, pairs: &Pairs) -> Result<Said, Unreadable> {
    Ok(match word {
        "phase" => Said::Phase(Phase {
            stage: pairs.stage()?,
            standing: pairs.value("standing", Standing::parse)?,
        }),
        "disputed" => Said::Disputed(pairs.amount()?),
        "recovered" => Said::Recovered(pairs.amount()?),
        "reason" => Said::Reason(ReasonClaim {
            reason: Reason::parse(&pairs.text("reason")?),
            network: pairs.find("network").map(Network::parse),
            code: pairs.find("code").map(ToOwned::to_owned),
        }),
        "network" => Said::Network(Network::parse(&pairs.text("network")?)),
        "due" => Said::Due {
            stage: pairs.stage()?,
            due: pairs.value("due", due)?,
        },
        "moved" => Said::Moved(Movement {
            key: pairs.text("key")?,
            kind: pairs.value("kind", MovementKind::parse)?,
            amount: pairs.amount()?,
            settled: pairs.value("settled", yes)?,
        }),
        "paid" => Said::Paid {
            amount: pairs.amount()?,
            paid_at: pairs.maybe("paid-at", |text| Instant::parse(text).ok())?,
        },
        "refunded" => Said::Refunded {
            key: pairs.text("key")?,
            amount: pairs.amount()?,
            state: pairs.value("state", refund_state)?,
        },
        "fraud-reported" => Said::FraudReported {
            kind: pairs.text("kind")?,
        },
        "requires" => requires(pairs)?,
        "acknowledged" => Said::Acknowledged {
            stage: pairs.stage()?,
            count: pairs.number("count")?,
        },
        "staged" => Said::Staged {
            stage: pairs.stage()?,
        },
        "change-asked" => Said::ChangeAsked {
            code: pairs.text("code")?,
            corrected: pairs.text("corrected")?,
            settled_on: pairs.maybe("settled-on", |text| Date::parse(text).ok())?,
        },
        "offered" => Said::Offered {
            kind: pairs.text("kind")?,
            amount: pairs.maybe("amount", |text| Money::from_text(text).ok())?,
        },
        "drifted" => Said::Drifted {
            field: pairs.text("field")?,
            value: pairs.text("value")?,
        },
        ours => said_by_us(ours, pairs)?,
    })
}

fn said_by_us(word: &str, pairs: &Pairs) -> Result<Said, Unreadable> {
    Ok(match word {
        "evidence-saved" => Said::EvidenceSaved {
            version: pairs.number("version")?,
            slot: pairs.text("slot")?,
            content: content(pairs)?,
        },
        "evidence-reviewed" => Said::EvidenceReviewed {
            version: pairs.number("version")?,
            reviewer: pairs.text("reviewer")?,
        },
        "evidence-sealed" => Said::EvidenceSealed {
            version: pairs.number("version")?,
            digest: pairs.text("digest")?,
        },
        "submission-asked" => Said::SubmissionAsked {
            stage: pairs.stage()?,
            digest: pairs.text("digest")?,
        },
        "acceptance-asked" => Said::AcceptanceAsked {
            stage: pairs.stage()?,
        },
        "dishonor-asked" => Said::DishonorAsked {
            stage: pairs.stage()?,
            code: pairs.text("code")?,
        },
        "ask-withdrawn" => Said::AskWithdrawn {
            stage: pairs.stage()?,
        },
        "told-merchant" => told(Audience::Merchant, pairs)?,
        "told-desk" => told(Audience::Desk, pairs)?,
        "noted" => Said::Noted {
            text: pairs.text("text")?,
            author: pairs.text("author")?,
        },
        "assigned" => Said::Assigned {
            to: pairs.text("to")?,
            author: pairs.text("author")?,
        },
        "waived" => Said::Waived {
            obligation: pairs.text("obligation")?,
            reason: pairs.text("reason")?,
            author: pairs.text("author")?,
        },
        "cut" => {
            let (one, other, author) = link(pairs)?;
            Said::Cut { one, other, author }
        }
        "tied" => {
            let (one, other, author) = link(pairs)?;
            Said::Tied { one, other, author }
        }
        "sent" => Said::Sent {
            stage: pairs.stage()?,
            digest: pairs.text("digest")?,
            sending: pairs.value("sending", sending)?,
            attempt: pairs.number("attempt")?,
        },
        "passed" => Said::Passed {
            what: pairs.text("what")?,
            due: pairs.value("due", |text| Moment::parse(text).ok())?,
        },
        other => return Err(Unreadable(format!("no statement is called `{other}`"))),
    })
}

fn told(to: Audience, pairs: &Pairs) -> Result<Said, Unreadable> {
    Ok(Said::Told {
        to,
        text: pairs.text("text")?,
        author: pairs.text("author")?,
    })
}

fn yes(text: &str) -> Option<bool> {
    match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

fn due(text: &str) -> Option<Due> {
    if text == "not-contestable" {
        Some(Due::NotContestable)
    } else {
        Moment::parse(text).ok().map(Due::By)
    }
}

fn refund_state(text: &str) -> Option<RefundState> {
    match text {
        "pending" => Some(RefundState::Pending),
        "succeeded" => Some(RefundState::Succeeded),
        "failed" => Some(RefundState::Failed),
        _ => None,
    }
}

fn sending(text: &str) -> Option<Sending> {
    match text {
        "accepted" => Some(Sending::Accepted),
        "in-doubt" => Some(Sending::InDoubt),
        "not-received" => Some(Sending::NotReceived),
        other => other
            .strip_prefix("refused:")
            .map(|words| Sending::Refused(words.to_owned())),
    }
}

fn requires(pairs: &Pairs) -> Result<Said, Unreadable> {
    let slots = pairs
        .0
        .iter()
        .filter_map(|(key, value)| match key.as_str() {
            "required" => Some(RequiredSlot {
                slot: value.clone(),
                required: true,
            }),
            "optional" => Some(RequiredSlot {
                slot: value.clone(),
                required: false,
            }),
            _ => None,
        });
    Ok(Said::Requires {
        stage: pairs.stage()?,
        defence: pairs.text("defence")?,
        slots: slots.collect(),
    })
}

fn content(pairs: &Pairs) -> Result<EvidenceContent, Unreadable> {
    if let Some(text) = pairs.find("text") {
        return Ok(EvidenceContent::Text(text.to_owned()));
    }
    if pairs.find("cleared").is_some() {
        return Ok(EvidenceContent::Cleared);
    }
    Ok(EvidenceContent::File {
        digest: pairs.text("file")?,
        name: pairs.text("name")?,
        media_type: pairs.text("media-type")?,
        bytes: pairs.number("bytes")?,
    })
}

fn reference(text: &str) -> Option<Reference> {
    let (kind, value) = text.split_once(':')?;
    Some(Reference {
        kind: RefKind::parse(kind)?,
        value: value.to_owned(),
    })
}

fn link(pairs: &Pairs) -> Result<(Reference, Reference, String), Unreadable> {
    Ok((
        pairs.value("one", reference)?,
        pairs.value("other", reference)?,
        pairs.text("author")?,
    ))
}
