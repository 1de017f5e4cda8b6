//! The dispute object of the Disputes API v1: in webhooks, read back, and as an item of a list.

use super::{evidence, lookup, movement, read};
use crate::draft::{Draft, Voice};
use crate::json::Object;
use adapter::{Fate, RejectCode};
use calendar::{Instant, Moment};
use dispute::fact::{Scope, Span};
use dispute::network::Network;
use dispute::reason::{Reason, ReasonClaim};
use dispute::reference::{RefKind, References};
use dispute::said::{RequiredSlot, Said};
use dispute::status::{Authority, Due, Party, Phase, Stage, Standing};
use money::Money;

/// Every field of every published version of the object. Others are drift.
const KNOWN: &[&str] = &[
    "dispute_id",
    "create_time",
    "update_time",
    "disputed_transactions",
    "disputed_account_activities",
    "reason",
    "status",
    "dispute_state",
    "dispute_amount",
    "dispute_asset",
    "fee_policy",
    "external_reason_code",
    "dispute_outcome",
    "adjudications",
    "money_movements",
    "fund_movements",
    "dispute_life_cycle_stage",
    "dispute_channel",
    "messages",
    "extensions",
    "evidences",
    "buyer_response_due_date",
    "seller_response_due_date",
    "offer",
    "refund_details",
    "communication_details",
    "partner_actions",
    "supporting_info",
    "allowed_response_options",
    "allowed_action_options",
    "links",
];

/// How an object reached us.
#[derive(Clone, Copy)]
pub(super) struct Hearing<'a> {
    /// Our account on the way in; the object's own seller wins.
    pub account: &'a str,
    pub authority: Authority,
    /// When it is true; `None`: when the object says it was last changed.
    pub at: Option<Instant>,
    pub extent: Extent,
}

/// How much of a dispute an object should say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    Whole,
    /// A row of a list, of which PayPal's interface promises no field: what it leaves out stays unsaid, until the dispute is
    /// read by itself.
    Summary,
}

/// Whether an object has the shape of a dispute.
pub(super) fn is_dispute(object: &Object<'_>) -> bool {
    const TELLING: [&str; 5] = [
        "dispute_id",
        "dispute_life_cycle_stage",
        "dispute_amount",
        "disputed_transactions",
        "dispute_state",
    ];
    TELLING.iter().any(|name| object.field(name).is_some())
}

/// The seller's account that the object names, when its transactions agree on it.
pub(super) fn merchant(object: &Object<'_>) -> Option<String> {
    let transactions = object.field("disputed_transactions")?.items()?;
    let named = |seller: &Object<'_>| seller.text("merchant_id").map(|id| id.trim().to_owned());
    let mut ids = transactions
        .iter()
        .filter_map(|transaction| transaction.object()?.object("seller"))
        .filter_map(|seller| named(&seller))
        .filter(|id| !id.is_empty());
    let first = ids.next()?;
    ids.all(|id| id == first).then_some(first)
}

/// Says everything that the object says, and marks it as one record.
pub(super) fn decode(draft: &mut Draft, object: &Object<'_>, hearing: Hearing<'_>) {
    let before = (draft.reject_count(), draft.fact_count());
    facts(draft, object, hearing);
    mark(draft, object.span(), before);
}

/// Marks a record by what reading it gave: rejected if it added a reject.
pub(super) fn mark(draft: &mut Draft, span: Span, before: (usize, usize)) {
    let fate = if draft.reject_count() > before.0 {
        Fate::Rejected
    } else if draft.fact_count() > before.1 {
        Fate::Understood
    } else {
        Fate::Framing
    };
    draft.mark(span, fate);
}

/// Says everything that the object says. The caller marks it.
pub(super) fn facts(draft: &mut Draft, object: &Object<'_>, hearing: Hearing<'_>) {
    if let Some((name, value)) = object.twice() {
        let detail =
            format!("`{name}` stands twice in one dispute; none of the two can be trusted");
        draft.reject(value.span(), RejectCode::Syntax, detail);
    }
    let id = read::required(draft, object, "dispute_id");
    let at = true_at(draft, object, hearing);
    let Some((id, id_span)) = id else { return };
    let Some(at) = at else { return };
    if !read::whole(draft, &id, id_span, "dispute_id") {
        return;
    }
    let own = References::none().and(RefKind::Dispute, &id);
    let account = merchant(object).unwrap_or_else(|| hearing.account.to_owned());
    let mut voice = Voice {
        scope: Scope {
            provider: super::NAME.to_owned(),
            account,
        },
        refs: own.clone(),
        by: Party::Provider,
        authority: hearing.authority,
        true_at: at,
        sequence: 0,
    };
    payments(draft, object, &own, &mut voice);
    reason(draft, object, &voice, hearing.extent);
    let disputed = disputed(draft, object, &voice, hearing.extent);
    let stage = stage(draft, object, &voice, hearing.extent);
    standing(draft, object, &voice, (stage, disputed), hearing.extent);
    if let Some(stage) = stage {
        evidence::decode(draft, object, &voice, stage);
    }
    evidence::offers(draft, object, &voice);
    movement::decode(draft, object, &voice, &id);
    for (name, value) in object.unlisted(KNOWN) {
        draft.drift(&voice, value.span(), name, value.raw());
    }
}

fn true_at(draft: &mut Draft, object: &Object<'_>, hearing: Hearing<'_>) -> Option<Instant> {
    // Read even where it is not used: a time that does not read is damage and is shown.
    let before = draft.reject_count();
    let updated = read::instant(draft, object, "update_time");
    let created = read::instant(draft, object, "create_time");
    let found = hearing.at.or(updated.or(created).map(|(at, _)| at));
    if found.is_none() && draft.reject_count() == before {
        read::missing(draft, object.span(), "update_time");
    }
    found
}

/// The disputed payments: all their references go to every fact of the case, each payment's amount is a fact of its own.
fn payments(draft: &mut Draft, object: &Object<'_>, own: &References, voice: &mut Voice) {
    let kinds = [
        ("seller_transaction_id", RefKind::Payment),
        ("buyer_transaction_id", RefKind::PaymentAlias),
        ("reference_id", RefKind::PaymentAlias),
        ("invoice_number", RefKind::Merchant),
        ("custom", RefKind::Merchant),
    ];
    let mut paid = Vec::new();
    for transaction in read::objects(draft, object, "disputed_transactions") {
        let mut refs = own.clone();
        for (name, kind) in kinds {
            let Some((value, span)) = read::text(draft, &transaction, name) else {
                continue;
            };
            // `custom` is free text; only one word of it can be a reference.
            if read::whole(draft, &value, span, name) && !value.trim().contains(' ') {
                refs = refs.and(kind, &value);
                voice.refs = voice.refs.clone().and(kind, &value);
            }
        }
        let paid_at = read::instant(draft, &transaction, "create_time").map(|(at, _)| at);
        if let Some((amount, span)) = read::money(draft, &transaction, "gross_amount") {
            paid.push((refs, span, amount, paid_at));
        }
    }
    for (refs, span, amount, paid_at) in paid {
        let of_payment = Voice {
            refs,
            true_at: paid_at.unwrap_or(voice.true_at),
            ..voice.clone()
        };
        draft.say(&of_payment, span, Said::Paid { amount, paid_at });
    }
}

fn reason(draft: &mut Draft, object: &Object<'_>, voice: &Voice, extent: Extent) {
    let found = match extent {
        Extent::Whole => read::required(draft, object, "reason"),
        Extent::Summary => read::text(draft, object, "reason"),
    };
    let Some((word, span)) = found else { return };
    let listed = lookup::find(lookup::REASONS, ["api", word.trim()]);
    let reason = match listed.as_deref() {
        Some([reason, ..]) => Reason::parse(reason),
        _ => Reason::Unmapped(word.trim().to_owned()),
    };
    let channel = read::text(draft, object, "dispute_channel");
    let external = read::text(draft, object, "external_reason_code");
    // A claim inside PayPal runs on PayPal's own code list. From outside comes a card network's code, and PayPal does not
    // say which network's.
    let internal = channel
        .as_ref()
        .is_some_and(|(channel, _)| channel.eq_ignore_ascii_case("INTERNAL"));
    let (network, code) = match external {
        Some((code, _)) => (None, Some(code.trim().to_owned())),
        None if internal => (Some(Network::Paypal), Some(word.trim().to_owned())),
        None => (None, None),
    };
    draft.say(
        voice,
        span,
        Said::Reason(ReasonClaim {
            reason,
            network,
            code,
        }),
    );
    match channel
        .as_ref()
        .map(|(channel, span)| (channel.trim(), *span))
    {
        Some(("INTERNAL", span)) => draft.say(voice, span, Said::Network(Network::Paypal)),
        Some(("EXTERNAL" | "ALERT", _)) | None => {}
        Some((other, span)) => draft.drift(voice, span, "dispute_channel", other),
    }
}

/// The amount in dispute. A dispute over cryptocurrency has `dispute_asset` instead, which is kept as drift: this desk has no
/// money of that kind.
fn disputed(
    draft: &mut Draft,
    object: &Object<'_>,
    voice: &Voice,
    extent: Extent,
) -> Option<Money> {
    if object.field("dispute_amount").is_none() {
        match object.field("dispute_asset") {
            Some(asset) => draft.drift(voice, asset.span(), "dispute_asset", asset.raw()),
            None => absent(draft, object, "dispute_amount", extent),
        }
        return None;
    }
    let (amount, span) = read::money(draft, object, "dispute_amount")?;
    if amount.is_negative() {
        let detail = format!("`dispute_amount` is negative: {amount}");
        draft.reject(span, RejectCode::Amount, detail);
        return None;
    }
    draft.say(voice, span, Said::Disputed(amount));
    Some(amount)
}

/// A field that is not there: damage in a whole dispute, and nothing in a summary.
fn absent(draft: &mut Draft, object: &Object<'_>, name: &str, extent: Extent) {
    if extent == Extent::Whole {
        read::missing(draft, object.span(), name);
    }
}

/// The stage. Alerts are a channel at PayPal, not a stage, and precede every other.
fn stage(draft: &mut Draft, object: &Object<'_>, voice: &Voice, extent: Extent) -> Option<Stage> {
    let is = |name: &str, word: &str| {
        object
            .text(name)
            .is_some_and(|text| text.trim().eq_ignore_ascii_case(word))
    };
    let before = draft.reject_count();
    let said = read::text(draft, object, "dispute_life_cycle_stage");
    if is("dispute_channel", "ALERT") {
        return Some(Stage::Alert);
    }
    match said {
        Some((word, span)) => {
            let found = stage_of(&word);
            if found.is_none() {
                draft.drift(voice, span, "dispute_life_cycle_stage", &word);
            }
            found
        }
        None if draft.reject_count() > before => None,
        None if is("dispute_channel", "EXTERNAL") => Some(Stage::Chargeback),
        None if is("dispute_state", "OPEN_INQUIRIES") => Some(Stage::Inquiry),
        None => {
            absent(draft, object, "dispute_life_cycle_stage", extent);
            None
        }
    }
}

/// PayPal's life cycle stages in our words.
pub(super) fn stage_of(word: &str) -> Option<Stage> {
    match word.trim().to_ascii_uppercase().as_str() {
        "INQUIRY" => Some(Stage::Inquiry),
        "CHARGEBACK" => Some(Stage::Chargeback),
        "PRE_ARBITRATION" => Some(Stage::PreArbitration),
        "ARBITRATION" => Some(Stage::Arbitration),
        _ => None,
    }
}

/// Whose move it is or how it ended, until when, and what a decision left to us.
fn standing(
    draft: &mut Draft,
    object: &Object<'_>,
    voice: &Voice,
    (stage, disputed): (Option<Stage>, Option<Money>),
    extent: Extent,
) {
    let before = draft.reject_count();
    let status = read::text(draft, object, "status");
    let state = read::text(draft, object, "dispute_state");
    let due = read::instant(draft, object, "seller_response_due_date");
    let Some((said, span)) = status.clone().or_else(|| state.clone()) else {
        if draft.reject_count() == before {
            absent(draft, object, "status", extent);
        }
        return;
    };
    let word = |text: &Option<read::At<std::borrow::Cow<'_, str>>>| match text {
        Some((text, _)) => text.trim().to_owned(),
        None => "-".to_owned(),
    };
    let row = lookup::find(lookup::STATUSES, [&word(&status), &word(&state)]);
    let found = match row.as_deref() {
        Some(["outcome", ..]) => outcome(draft, object, voice, disputed),
        Some([standing, ..]) => Standing::parse(standing),
        _ => {
            draft.drift(voice, span, "status", &said);
            None
        }
    };
    let Some(stage) = stage else { return };
    if let Some(standing) = found {
        draft.say(voice, span, Said::Phase(Phase { stage, standing }));
    }
    let over = matches!(row.as_deref(), Some(["outcome", ..]));
    let open = match (over, found) {
        (false, _) => Some(stage),
        (true, Some(standing)) => appeal(draft, object, voice, stage, standing, span),
        (true, None) => None,
    };
    if let (Some((at, span)), Some(stage)) = (due, open) {
        let due = Due::By(Moment::At(at));
        draft.say(voice, span, Said::Due { stage, due });
    }
}

/// A decision against the seller that PayPal lets the seller appeal: the next stage is open to an answer, and is returned.
fn appeal(
    draft: &mut Draft,
    object: &Object<'_>,
    voice: &Voice,
    stage: Stage,
    standing: Standing,
    span: Span,
) -> Option<Stage> {
    let appealable = object
        .text("dispute_state")
        .is_some_and(|state| state.trim() == "APPEALABLE");
    let next = match stage {
        Stage::Chargeback => Stage::PreArbitration,
        Stage::PreArbitration => Stage::Arbitration,
        _ => return None,
    };
    let offered = appealable || (standing.outcome().is_some() && links(object, "appeal"));
    offered.then(|| {
        let slots: Vec<RequiredSlot> = Vec::new();
        let defence = "appeal".to_owned();
        draft.say(
            voice,
            span,
            Said::Requires {
                stage: next,
                defence,
                slots,
            },
        );
        next
    })
}

/// Whether the object offers this action among its links: PayPal says in no other way what may be done now.
pub(super) fn links(object: &Object<'_>, rel: &str) -> bool {
    let items = object
        .field("links")
        .and_then(|links| links.items())
        .unwrap_or_default();
    let named = |link: &Object<'_>| link.text("rel").is_some_and(|text| text.trim() == rel);
    items
        .iter()
        .filter_map(|link| link.object())
        .any(|link| named(&link))
}

/// How it ended. A decision for the buyer about less than was disputed is a partial win (F-30). A resolved dispute without
/// an outcome is over and nothing more: the code comes with the resolving webhook only, and its absence is not a loss.
fn outcome(
    draft: &mut Draft,
    object: &Object<'_>,
    voice: &Voice,
    disputed: Option<Money>,
) -> Option<Standing> {
    let Some(outcome) = read::object(draft, object, "dispute_outcome") else {
        return Some(Standing::Nobody);
    };
    let Some((code, span)) = read::text(draft, &outcome, "outcome_code") else {
        return Some(Standing::Nobody);
    };
    let stage = object.text("dispute_life_cycle_stage").unwrap_or_default();
    let row = lookup::find(lookup::OUTCOMES, [code.trim(), stage.trim()]);
    let Some([standing, ..]) = row.as_deref() else {
        draft.drift(voice, span, "dispute_outcome.outcome_code", &code);
        return Some(Standing::Nobody);
    };
    let standing = Standing::parse(standing)?;
    let refunded = read::money(draft, &outcome, "amount_refunded");
    let (Some((refunded, refunded_span)), Some(disputed)) = (refunded, disputed) else {
        return Some(standing);
    };
    let kept = match disputed.checked_sub(refunded) {
        Ok(kept) if kept.minor() > 0 && refunded.minor() > 0 => kept,
        Ok(_) => return Some(standing),
        Err(error) => {
            let detail = format!("`amount_refunded` beside `dispute_amount`: {error}");
            draft.reject(refunded_span, RejectCode::Currency, detail);
            return Some(standing);
        }
    };
    match standing {
        Standing::Lost => {
            draft.say(voice, refunded_span, Said::Recovered(kept));
            Some(Standing::PartiallyWon)
        }
        Standing::Accepted => {
            draft.say(voice, refunded_span, Said::Recovered(kept));
            Some(Standing::Accepted)
        }
        other => Some(other),
    }
}
