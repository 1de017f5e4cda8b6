//! Data rows of the case report, once the downloadable dispute report (DDR).
//!
//! Unverified: no sample file was read; the columns and words are those of the published specification. Unlisted words are drift.

use super::report::{Place, cell, instant, needed};
use super::{lookup, read};
use crate::draft::{Draft, Voice};
use crate::table::Row;
use adapter::RejectCode;
use calendar::{Instant, Moment};
use dispute::fact::Scope;
use dispute::reason::{Reason, ReasonClaim};
use dispute::reference::{RefKind, References};
use dispute::said::Said;
use dispute::status::{Authority, Due, Party, Phase, Stage, Standing};
use money::Money;

/// The column of the dispute's id.
pub(super) const ID: &[&str] = &["Case ID", "Dispute ID"];
const KIND: &[&str] = &["Case type", "Dispute type"];
const STATUS: &[&str] = &["Case status", "Dispute status"];
const PAYMENT: &[&str] = &["Original transaction ID", "Transaction ID"];
const DISPUTED: &[&str] = &["Disputed transaction ID"];
const AMOUNT: &[&str] = &["Disputed amount"];
const CURRENCY: &[&str] = &["Disputed currency"];
const DUE: &[&str] = &["Response due date"];
const FILED: &[&str] = &["Case filing date"];

/// The columns without which no row says anything, each by all its names.
pub(super) const NEEDED: &[&[&str]] = &[ID, KIND, STATUS, AMOUNT, CURRENCY];

/// One case.
pub(super) fn decode(draft: &mut Draft, row: &Row, place: &Place<'_>) {
    let before = (draft.reject_count(), draft.fact_count());
    if let Some(voice) = voice(draft, row, place) {
        phase(draft, row, place, &voice);
        reason(draft, row, place, &voice);
        disputed(draft, row, place, &voice);
    }
    super::dispute_object::mark(draft, row.span, before);
}

/// A row is true at the end of the period that the section reports.
fn voice(draft: &mut Draft, row: &Row, place: &Place<'_>) -> Option<Voice> {
    let id = needed(draft, place, row, ID)?;
    let at = place.until.or_else(|| date(draft, row, place, FILED));
    let mut refs = References::none();
    let payment = cell(place, row, PAYMENT).unwrap_or_default();
    let disputed = cell(place, row, DISPUTED).unwrap_or_default();
    let invoice = cell(place, row, &["Transaction invoice ID"]).unwrap_or_default();
    let named = [
        (RefKind::Dispute, id),
        (RefKind::Payment, payment),
        (RefKind::PaymentAlias, disputed),
        (RefKind::Merchant, invoice),
    ];
    for (kind, value) in named {
        if !read::whole(draft, value, row.span, kind.name()) {
            return None;
        }
        refs = refs.and(kind, value);
    }
    let Some(at) = at else {
        read::missing(draft, row.span, "Case filing date");
        return None;
    };
    Some(Voice {
        scope: Scope {
            provider: super::NAME.to_owned(),
            account: place.account.to_owned(),
        },
        refs,
        by: Party::Provider,
        authority: Authority::ReportRow,
        true_at: at,
        sequence: 0,
    })
}

fn date(draft: &mut Draft, row: &Row, place: &Place<'_>, names: &[&str]) -> Option<Instant> {
    let text = cell(place, row, names)?;
    let at = instant(text);
    if at.is_none() {
        let shown = read::shown(text);
        let detail = format!(
            "row {}: `{shown}` is no `YYYY/MM/DD HH:MM:SS +ZZZZ`",
            row.number
        );
        draft.reject(row.span, RejectCode::Time, detail);
    }
    at
}

fn phase(draft: &mut Draft, row: &Row, place: &Place<'_>, voice: &Voice) {
    let kind = needed(draft, place, row, KIND);
    let status = needed(draft, place, row, STATUS);
    let due = date(draft, row, place, DUE);
    let (Some(kind), Some(status)) = (kind, status) else {
        return;
    };
    let word = |list: &str, word: &str| {
        let row = lookup::find(lookup::CASE_WORDS, [list, word]);
        row.and_then(|cells| cells.first().copied())
    };
    let stage = word("type", kind).and_then(Stage::parse);
    if stage.is_none() {
        draft.drift(voice, row.span, "Case type", kind);
    }
    let ended = cell(place, row, &["Outcome"]);
    let standing = match word("status", status) {
        Some("outcome") => {
            match ended.map(|ended| (ended, word("outcome", ended).and_then(Standing::parse))) {
                Some((_, Some(standing))) => Some(standing),
                Some((ended, None)) => {
                    draft.drift(voice, row.span, "Outcome", ended);
                    Some(Standing::Nobody)
                }
                None => Some(Standing::Nobody),
            }
        }
        Some(listed) => Standing::parse(listed),
        None => {
            draft.drift(voice, row.span, "Case status", status);
            None
        }
    };
    let Some(stage) = stage else { return };
    if let Some(standing) = standing {
        draft.say(voice, row.span, Said::Phase(Phase { stage, standing }));
    }
    let open = matches!(
        standing,
        None | Some(Standing::Ours | Standing::Theirs | Standing::Network)
    );
    if let (Some(at), true) = (due, open) {
        let due = Due::By(Moment::At(at));
        draft.say(voice, row.span, Said::Due { stage, due });
    }
}

fn reason(draft: &mut Draft, row: &Row, place: &Place<'_>, voice: &Voice) {
    let Some(word) = cell(place, row, &["Case reason", "Dispute reason"]) else {
        return;
    };
    let listed = lookup::find(lookup::REASONS, ["case-report", word])
        .or_else(|| lookup::find(lookup::REASONS, ["api", word]));
    let reason = match listed.as_deref() {
        Some([reason, ..]) => Reason::parse(reason),
        _ => Reason::Unmapped(word.to_owned()),
    };
    let code = cell(
        place,
        row,
        &[
            "Chargeback reason code",
            "Credit card chargeback reason code",
        ],
    )
    .map(str::to_owned);
    draft.say(
        voice,
        row.span,
        Said::Reason(ReasonClaim {
            reason,
            network: None,
            code,
        }),
    );
}

fn disputed(draft: &mut Draft, row: &Row, place: &Place<'_>, voice: &Voice) {
    let amount = needed(draft, place, row, AMOUNT);
    let currency = needed(draft, place, row, CURRENCY);
    let (Some(amount), Some(currency)) = (amount, currency) else {
        return;
    };
    let Some(currency) = read::currency(draft, currency, row.span) else {
        return;
    };
    match Money::parse_cents(amount, currency) {
        Ok(amount) if !amount.is_negative() => draft.say(voice, row.span, Said::Disputed(amount)),
        Ok(amount) => {
            let detail = format!(
                "row {}: the disputed amount is negative: {amount}",
                row.number
            );
            draft.reject(row.span, RejectCode::Amount, detail);
        }
        Err(error) => draft.reject(
            row.span,
            RejectCode::Amount,
            format!("row {}: {error}", row.number),
        ),
    }
}
