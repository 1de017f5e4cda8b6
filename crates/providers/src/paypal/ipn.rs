//! Instant Payment Notifications: the form post of 2004 that many accounts still send, and its fields kept as JSON.

use super::{lookup, read};
use crate::draft::{Draft, Voice};
use crate::json::Object;
use adapter::{Decoded, Fate, Inbound, RejectCode};
use calendar::Instant;
use dispute::fact::{Scope, Span};
use dispute::movement::{Movement, MovementKind};
use dispute::reason::{Reason, ReasonClaim};
use dispute::reference::{RefKind, References};
use dispute::said::{RefundState, Said};
use dispute::status::{Authority, Party, Phase, Stage, Standing};

const FORM: &str = "ipn";

/// One field with its bytes: in a form the `name=value` pair, in JSON the value.
pub(super) struct Field {
    pub name: String,
    pub value: String,
    pub span: Span,
}

/// The fields of one notification.
pub(super) struct Fields {
    pub list: Vec<Field>,
    pub span: Span,
}

/// What a notification says about money.
#[derive(Clone, Copy)]
pub(super) enum Money {
    Refund,
    Movement(MovementKind),
}

impl Fields {
    /// The value of a field that stands once and is not blank. Of a field that stands twice nobody knows which is meant.
    fn text(&self, name: &str) -> Option<(&str, Span)> {
        let mut found = self.list.iter().filter(|field| field.name == name);
        let (Some(field), None) = (found.next(), found.next()) else {
            return None;
        };
        let value = field.value.trim();
        (!value.is_empty()).then_some((value, field.span))
    }

    fn word(&self, name: &str) -> &str {
        self.text(name).map(|(value, _)| value).unwrap_or_default()
    }

    fn required(&self, draft: &mut Draft, name: &str) -> Option<(&str, Span)> {
        let found = self.text(name);
        if found.is_none() {
            read::missing(draft, self.span, name);
        }
        found
    }

    fn twice(&self) -> Option<&Field> {
        let mut seen = std::collections::BTreeSet::new();
        self.list
            .iter()
            .find(|field| !seen.insert(field.name.as_str()))
    }
}

/// Names that only notifications have.
const TELLING: [&str; 6] = [
    "ipn_track_id",
    "verify_sign",
    "notify_version",
    "parent_txn_id",
    "payment_status",
    "txn_type",
];

/// Whether a JSON object is a notification. Some archives add a `gateway` to it; the transformed form has its own ids.
pub(super) fn is_notification(object: &Object<'_>) -> bool {
    let transformed = ["gateway_txn_id", "gateway_parent_id"]
        .iter()
        .any(|name| object.field(name).is_some());
    !transformed
        && TELLING
            .iter()
            .filter(|name| object.field(name).is_some())
            .count()
            >= 2
}

/// Whether these fields are a notification.
pub(super) fn is_form(fields: &Fields) -> bool {
    TELLING
        .iter()
        .filter(|name| fields.text(name).is_some())
        .count()
        >= 2
}

/// The account that was paid: ours.
pub(super) fn receiver(fields: &Fields) -> Option<String> {
    fields.text("receiver_id").map(|(id, _)| id.to_owned())
}

/// Whether these fields are the answer of the name-value interface, which is a form too.
pub(super) fn is_name_value_response(fields: &Fields) -> bool {
    fields.text("ACK").is_some()
        && (fields.text("CORRELATIONID").is_some() || fields.text("VERSION").is_some())
}

/// A notification kept as JSON.
pub(super) fn decode_json(inbound: &Inbound<'_>, object: &Object<'_>) -> Decoded {
    let mut draft = Draft::new(FORM, inbound.body.len());
    let before = (draft.reject_count(), draft.fact_count());
    let mut list = Vec::new();
    for (name, value) in object.fields() {
        match value.text() {
            Some(text) => {
                list.push(Field {
                    name: name.to_owned(),
                    value: text.into_owned(),
                    span: value.span(),
                });
            }
            None if value.is_null() => {}
            None => read::wrong_type(&mut draft, value, name, "text"),
        }
    }
    let fields = Fields {
        list,
        span: object.span(),
    };
    decode(draft, inbound, &fields, before)
}

/// A notification as posted.
pub(super) fn decode_form(inbound: &Inbound<'_>, fields: &Fields) -> Decoded {
    let draft = Draft::new(FORM, inbound.body.len());
    decode(draft, inbound, fields, (0, 0))
}

fn decode(
    mut draft: Draft,
    inbound: &Inbound<'_>,
    fields: &Fields,
    before: (usize, usize),
) -> Decoded {
    if let Some(field) = fields.twice() {
        let detail = format!(
            "`{}` stands twice in one notification",
            read::shown(&field.name)
        );
        draft.reject(field.span, RejectCode::Syntax, detail);
    }
    let status = fields.word("payment_status").to_ascii_lowercase();
    let kind = fields.word("txn_type");
    match (status.as_str(), kind) {
        (_, "new_case") => new_case(&mut draft, inbound, fields),
        ("reversed", _) => money(
            &mut draft,
            inbound,
            fields,
            Some(Money::Movement(MovementKind::Withdrawal)),
        ),
        ("canceled_reversal" | "cancelled_reversal", _) => {
            money(
                &mut draft,
                inbound,
                fields,
                Some(Money::Movement(MovementKind::Reinstatement)),
            );
        }
        ("refunded" | "partially_refunded", _) => {
            money(&mut draft, inbound, fields, Some(Money::Refund))
        }
        (_, "adjustment") => adjustment(&mut draft, inbound, fields),
        ("", "") => nameless(&mut draft, fields),
        _ => other(&mut draft, inbound, fields),
    }
    let marked = draft.reject_count() == before.0 && draft.fact_count() == before.1;
    if marked {
        let name = [kind, status.as_str()]
            .into_iter()
            .find(|name| !name.is_empty())
            .unwrap_or("message");
        draft.mark(
            fields.span,
            Fate::OtherBusiness(format!("ipn.{}", read::shown(name))),
        );
    } else {
        super::dispute_object::mark(&mut draft, fields.span, before);
    }
    draft.finish()
}

/// Neither a type nor a status: of a message that names a parent payment or a reason the status got lost; others are the
/// messages of older interfaces, which have neither.
fn nameless(draft: &mut Draft, fields: &Fields) {
    if fields.text("parent_txn_id").is_some()
        || fields.text("reason_code").is_some()
        || fields.text("mc_gross").is_some()
    {
        read::missing(draft, fields.span, "payment_status");
    }
}

/// A payment event. A status that no list knows on a message that names a parent payment may be a new kind of reversal.
fn other(draft: &mut Draft, inbound: &Inbound<'_>, fields: &Fields) {
    const KNOWN: [&str; 13] = [
        "",
        "canceled",
        "cleared",
        "completed",
        "completed_funds_held",
        "created",
        "denied",
        "expired",
        "failed",
        "in-progress",
        "pending",
        "processed",
        "voided",
    ];
    let Some((status, span)) = fields.text("payment_status") else {
        return;
    };
    if KNOWN.contains(&status.to_ascii_lowercase().as_str()) {
        return;
    }
    let parent = fields.word("parent_txn_id");
    let refs = References::none().and(RefKind::Payment, parent);
    let voice = voice(inbound, fields, refs, inbound.received_at);
    draft.drift(&voice, span, "payment_status", status);
}

fn voice(inbound: &Inbound<'_>, fields: &Fields, refs: References, true_at: Instant) -> Voice {
    let receiver = fields.word("receiver_id");
    let account = if receiver.is_empty() {
        inbound.account
    } else {
        receiver
    };
    Voice {
        scope: Scope {
            provider: super::NAME.to_owned(),
            account: account.to_owned(),
        },
        refs,
        by: Party::Provider,
        authority: Authority::MessageType,
        true_at,
        sequence: 0,
    }
}

/// The references that every message may carry.
fn refs(fields: &Fields) -> References {
    let mut refs = References::none()
        .and(RefKind::Dispute, fields.word("case_id"))
        .and(RefKind::Merchant, fields.word("invoice"));
    // `custom` is free text; only one word of it can be a reference.
    let custom = fields.word("custom");
    if !custom.contains(' ') {
        refs = refs.and(RefKind::Merchant, custom);
    }
    refs
}

/// A new case. Here `txn_id` is the disputed payment itself, and there is no money in the message.
fn new_case(draft: &mut Draft, inbound: &Inbound<'_>, fields: &Fields) {
    let case = fields.required(draft, "case_id");
    let payment = fields
        .text("parent_txn_id")
        .or_else(|| fields.required(draft, "txn_id"));
    let date = ["case_creation_date", "payment_date"]
        .into_iter()
        .find(|name| fields.text(name).is_some());
    let at = date_of(draft, fields, date.unwrap_or("case_creation_date"));
    let (Some((case, case_span)), Some((payment, payment_span)), Some(at)) = (case, payment, at)
    else {
        return;
    };
    let whole = read::whole(draft, case, case_span, "case_id")
        && read::whole(draft, payment, payment_span, "txn_id");
    if !whole {
        return;
    }
    let voice = voice(
        inbound,
        fields,
        refs(fields).and(RefKind::Payment, payment),
        at,
    );
    let stage = match fields.text("case_type") {
        Some(("complaint" | "chargeback" | "bankreturn" | "claim", span)) => {
            Some((Stage::Chargeback, span))
        }
        Some(("dispute", span)) => Some((Stage::Inquiry, span)),
        Some((other, span)) => {
            draft.drift(&voice, span, "case_type", other);
            None
        }
        None => {
            read::missing(draft, fields.span, "case_type");
            None
        }
    };
    if let Some((stage, span)) = stage {
        draft.say(
            &voice,
            span,
            Said::Phase(Phase {
                stage,
                standing: Standing::Ours,
            }),
        );
    }
    reason(draft, fields, &voice);
}

/// A closed case: the correction of the account when it names money, the bare news when it does not. How it ended is not
/// said, and money does not tell (F-01).
fn adjustment(draft: &mut Draft, inbound: &Inbound<'_>, fields: &Fields) {
    if fields.text("mc_gross").is_some() || fields.text("case_id").is_none() {
        return money(draft, inbound, fields, None);
    }
    let date = ["payment_date", "case_creation_date"]
        .into_iter()
        .find(|name| fields.text(name).is_some());
    let Some(at) = date_of(draft, fields, date.unwrap_or("payment_date")) else {
        return;
    };
    let payment = [fields.word("parent_txn_id"), fields.word("txn_id")]
        .into_iter()
        .find(|id| !id.is_empty());
    let refs = refs(fields).and(RefKind::Payment, payment.unwrap_or_default());
    let voice = voice(inbound, fields, refs, at);
    let stage = match fields.word("case_type") {
        "dispute" => Stage::Inquiry,
        _ => Stage::Chargeback,
    };
    draft.say(
        &voice,
        fields.span,
        Said::Phase(Phase {
            stage,
            standing: Standing::Nobody,
        }),
    );
    reason(draft, fields, &voice);
}

/// Money taken, given back or refunded. `None`: the sign tells whether it was taken or given.
fn money(draft: &mut Draft, inbound: &Inbound<'_>, fields: &Fields, what: Option<Money>) {
    let key = fields.required(draft, "txn_id");
    let parent = fields.required(draft, "parent_txn_id");
    let gross = fields.required(draft, "mc_gross");
    let code = fields.required(draft, "mc_currency");
    let at = date_of(draft, fields, "payment_date");
    let currency = code.and_then(|(code, span)| read::currency(draft, code, span));
    let (Some((key, key_span)), Some((parent, parent_span)), Some((gross, gross_span))) =
        (key, parent, gross)
    else {
        return;
    };
    let whole = read::whole(draft, key, key_span, "txn_id")
        && read::whole(draft, parent, parent_span, "parent_txn_id");
    let Some(currency) = currency else { return };
    let mut amount = |name: &str, text: &str, span| match money::Money::parse_padded(text, currency)
    {
        Ok(money) => Some((money, span)),
        Err(error) => {
            draft.reject(span, RejectCode::Amount, format!("`{name}`: {error}"));
            None
        }
    };
    let gross = amount("mc_gross", gross, gross_span);
    let fee = fields
        .text("mc_fee")
        .and_then(|(fee, span)| amount("mc_fee", fee, span));
    let (Some(gross), Some(at), true) = (gross, at, whole) else {
        return;
    };
    let by_sign = if gross.0.is_negative() {
        MovementKind::Withdrawal
    } else {
        MovementKind::Reinstatement
    };
    let what = what.unwrap_or(Money::Movement(by_sign));
    let voice = voice(
        inbound,
        fields,
        refs(fields).and(RefKind::Payment, parent),
        at,
    );
    say_money(draft, &voice, what, key, gross, fee);
    if !matches!(what, Money::Refund) {
        reason(draft, fields, &voice);
    }
}

/// States the movement or refund. PayPal writes what leaves the account negative, and `mc_fee` with the sign of the payment's
/// fee: a fee of -0.34 on a reversal is 0.34 given back.
pub(super) fn say_money(
    draft: &mut Draft,
    voice: &Voice,
    what: Money,
    key: &str,
    (gross, span): (money::Money, Span),
    fee: Option<(money::Money, Span)>,
) {
    let fits = match what {
        Money::Refund | Money::Movement(MovementKind::Withdrawal) => {
            gross.is_negative() || gross.is_zero()
        }
        Money::Movement(_) => !gross.is_negative(),
    };
    if !fits {
        let detail = format!("{gross} has the wrong sign for what the notification says");
        draft.reject(span, RejectCode::Amount, detail);
        return;
    }
    match what {
        Money::Refund => {
            let voice = Voice {
                refs: voice.refs.clone().and(RefKind::Refund, key),
                ..voice.clone()
            };
            let (key, state) = (key.to_owned(), RefundState::Succeeded);
            draft.say(
                &voice,
                span,
                Said::Refunded {
                    key,
                    amount: gross.negate(),
                    state,
                },
            );
        }
        Money::Movement(kind) => {
            // The movement's own id is what a later fee row refers to.
            let voice = Voice {
                refs: voice.refs.clone().and(RefKind::PaymentAlias, key),
                ..voice.clone()
            };
            let moved = Movement {
                key: key.to_owned(),
                kind,
                amount: gross,
                settled: true,
            };
            draft.say(&voice, span, Said::Moved(moved));
            let Some((fee, fee_span)) = fee.filter(|(fee, _)| !fee.is_zero()) else {
                return;
            };
            draft.say(
                &voice,
                fee_span,
                Said::Moved(fee_movement(key, fee.negate())),
            );
        }
    }
}

/// The part of the payment's fee that goes the other way with a reversal, from our side.
pub(super) fn fee_movement(key: &str, amount: money::Money) -> Movement {
    let kind = if amount.is_negative() {
        MovementKind::ReceivedFee
    } else {
        MovementKind::FeeReturn
    };
    Movement {
        key: format!("{key}/fee"),
        kind,
        amount,
        settled: true,
    }
}

fn reason(draft: &mut Draft, fields: &Fields, voice: &Voice) {
    let Some((word, span)) = fields.text("reason_code") else {
        return;
    };
    let listed = lookup::find(lookup::REASONS, ["ipn", word]);
    let reason = match listed.as_deref() {
        Some(["-", ..]) => return,
        Some([reason, ..]) => Reason::parse(reason),
        _ => Reason::Unmapped(word.to_owned()),
    };
    draft.say(
        voice,
        span,
        Said::Reason(ReasonClaim {
            reason,
            network: None,
            code: None,
        }),
    );
}

fn date_of(draft: &mut Draft, fields: &Fields, name: &str) -> Option<Instant> {
    let (text, span) = fields.required(draft, name)?;
    let at = parse_date(text);
    if at.is_none() {
        let detail = format!(
            "`{name}` is `{}`, expected `HH:MM:SS Mon DD, YYYY PST` or `PDT`",
            read::shown(text)
        );
        draft.reject(span, RejectCode::Time, detail);
    }
    at
}

/// Reads `17:45:02 Aug 29, 2017 PDT`, also with the day before the month. PayPal writes Pacific time and names it; another
/// abbreviation is refused, since most of them mean several zones.
fn parse_date(text: &str) -> Option<Instant> {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let words: Vec<&str> = text
        .split([' ', ','])
        .filter(|word| !word.is_empty())
        .collect();
    let [time, one, other, year, zone] = words.as_slice() else {
        return None;
    };
    let offset = match *zone {
        "PST" => "-08:00",
        "PDT" => "-07:00",
        _ => return None,
    };
    let month_of = |word: &str| {
        let start = word.trim_end_matches('.').get(..3)?.to_ascii_lowercase();
        MONTHS
            .iter()
            .position(|month| **month == start)
            .map(|index| index + 1)
    };
    let (month, day) = match (month_of(one), month_of(other)) {
        (Some(month), None) => (month, *other),
        (None, Some(month)) => (month, *one),
        _ => return None,
    };
    let day: u8 = day.parse().ok()?;
    Instant::parse(&format!("{year}-{month:02}-{day:02}T{time}{offset}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let expected = expected.map(|text| Instant::parse(text).unwrap());
        assert_eq!(parse_date(text), expected, "{text}");
    }

    #[test]
    fn dates_are_read_in_the_zone_they_name_and_in_no_other() {
        check("17:45:02 Aug 29, 2017 PDT", Some("2017-08-30T00:45:02Z"));
        check("12:58:38 Dec 07, 2016 PST", Some("2016-12-07T20:58:38Z"));
        check("04:03:12 7 Jan 2015 PST", Some("2015-01-07T12:03:12Z"));
        check("17:45:02 Aug 29, 2017", None);
        check("17:45:02 Aug 29, 2017 EST", None);
        check("17:45:02 Aug 32, 2017 PDT", None);
        check("29 Aug 2017", None);
    }
}
