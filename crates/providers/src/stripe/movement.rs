//! Money: balance transactions of disputes, from the API or a report, as the same movements with the same keys.

use super::codes::{self, Category};
use super::field::{Fields, drift, is_id, twice};
use super::speaker::Speaker;
use crate::draft::{Draft, Voice};
use crate::json::Object;
use adapter::RejectCode;
use dispute::fact::Span;
use dispute::movement::{Movement, MovementKind};
use dispute::reference::{RefKind, References};
use dispute::said::Said;
use money::Money;

/// Fields of every version of the balance transaction. Source: stripe-node 22.5.0; `sourced_transfers` and `recorded_at` of older ones.
const KNOWN: [&str; 20] = [
    "id",
    "object",
    "amount",
    "available_on",
    "balance_type",
    "created",
    "cross_border_classification",
    "currency",
    "description",
    "exchange_rate",
    "fee",
    "fee_details",
    "livemode",
    "net",
    "reporting_category",
    "source",
    "sourced_transfers",
    "status",
    "transfer",
    "type",
];

/// What one balance transaction moved: the amount, and the fee beside it.
pub(super) struct Moved<'t> {
    pub(super) id: &'t str,
    /// From our side: negative was taken from us.
    pub(super) amount: Money,
    /// As Stripe counts it: positive was taken from us.
    pub(super) fee: Money,
    pub(super) settled: bool,
    pub(super) category: Category,
    pub(super) description: &'t str,
    /// What the fee's own lines say, where they are told.
    pub(super) fee_description: &'t str,
    pub(super) span: Span,
}

/// Says the movement, and the fee as a movement of its own, so that neither hides the other.
pub(super) fn say(moved: &Moved<'_>, voice: &Voice, draft: &mut Draft) {
    let mut one = |key: String, kind: MovementKind, amount: Money| {
        let movement = Movement {
            key,
            kind,
            amount,
            settled: moved.settled,
        };
        draft.say(voice, moved.span, Said::Moved(movement));
    };
    if !moved.amount.is_zero() {
        let kind = match moved.category {
            Category::Unlisted => MovementKind::Unexplained,
            Category::Fee => fee_kind(moved.amount, &[moved.description]),
            Category::Disputes | Category::Plain => kind(moved.amount, moved.description),
        };
        one(moved.id.to_owned(), kind, moved.amount);
    }
    if !moved.fee.is_zero() {
        let amount = moved.fee.negate();
        let kind = fee_kind(amount, &[moved.description, moved.fee_description]);
        one(format!("{}:fee", moved.id), kind, amount);
    }
}

fn has_word(text: &str, wanted: &[&str]) -> bool {
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| wanted.iter().any(|one| word.eq_ignore_ascii_case(one)))
}

/// The kind by what the transaction says of itself, else by its sign. There may be more than two per dispute (F-21), in any
/// order, so position says nothing.
fn kind(amount: Money, description: &str) -> MovementKind {
    if has_word(description, &["fee", "fees"]) {
        fee_kind(amount, &[description])
    } else if has_word(description, &["fx", "exchange", "currency"]) {
        MovementKind::FxAdjustment
    } else if amount.is_negative() {
        MovementKind::Withdrawal
    } else {
        MovementKind::Reinstatement
    }
}

fn fee_kind(amount: Money, descriptions: &[&str]) -> MovementKind {
    let says = |wanted: &[&str]| descriptions.iter().any(|text| has_word(text, wanted));
    if !amount.is_negative() {
        MovementKind::FeeReturn
    } else if says(&["counter", "countered", "countering"]) {
        MovementKind::CounterFee
    } else if says(&["compliance"]) {
        MovementKind::ComplianceFee
    } else {
        MovementKind::ReceivedFee
    }
}

/// Whether a balance transaction is about a dispute: by its category, by its source, or, for a fee that is booked apart, by what
/// it says of itself.
pub(super) fn of_disputes(category: Category, source: &str, description: &str) -> bool {
    let names_one = || has_word(description, &["dispute", "disputes", "chargeback"]);
    match category {
        Category::Disputes => true,
        Category::Fee => is_dispute_id(source) || names_one(),
        Category::Plain | Category::Unlisted => is_dispute_id(source),
    }
}

/// Adds the charge or dispute that a description names, where the transaction has no better reference: fees that are booked apart
/// name only themselves as their source.
pub(super) fn with_named(refs: References, description: &str) -> References {
    if refs.joining().next().is_some() {
        return refs;
    }
    let words = description.split_whitespace().filter(|word| is_id(word));
    words.fold(refs, |refs, word| match word.split_once('_') {
        Some(("ch" | "py", _)) => refs.and(RefKind::Payment, word),
        Some(("dp" | "du", _)) => refs.and(RefKind::Dispute, word),
        _ => refs,
    })
}

/// The category of a balance transaction; versions before 2019 have only its type.
fn category(transaction: &Object<'_>) -> Category {
    match transaction.text("reporting_category") {
        Some(word) => codes::category(&word),
        None if transaction.text("type").as_deref() == Some("stripe_fee") => Category::Fee,
        None => Category::Plain,
    }
}

/// A balance transaction of a dispute. Its amounts are in its own currency, the settlement's (F-23), and its time is its own.
pub(super) fn decode(transaction: &Object<'_>, dispute: &Voice, draft: &mut Draft) {
    let fields = Fields(transaction);
    if twice(transaction, draft) {
        return;
    }
    if transaction.field("id").is_none() {
        fields.missing(draft, "id", "the balance transaction's id");
    }
    if transaction.field("created").is_none() {
        fields.missing(draft, "created", "seconds since 1970");
    }
    let id = fields.id(draft, "id");
    let created = fields.instant(draft, "created");
    let amounts = amounts(&fields, draft);
    let (Some(id), Some(true_at), Some((amount, fee))) = (id, created, amounts) else {
        return;
    };
    let voice = Voice {
        true_at,
        ..dispute.clone()
    };
    let category = category(transaction);
    let status = fields.text(draft, "status").unwrap_or_default();
    drifts(transaction, category, &status, &voice, draft);
    let moved = Moved {
        id: &id,
        amount,
        fee,
        settled: status == "available",
        category,
        description: &transaction.text("description").unwrap_or_default(),
        fee_description: &fee_description(transaction),
        span: transaction.span(),
    };
    say(&moved, &voice, draft);
}

/// The amount and the fee, checked against the net.
fn amounts(fields: &Fields<'_, '_>, draft: &mut Draft) -> Option<(Money, Money)> {
    let currency = fields.currency(draft, "currency")?;
    let amount = fields.needed_money(draft, "amount", currency)?;
    let fee = match fields.0.field("fee") {
        Some(_) => fields.money(draft, "fee", currency)?,
        None => Money::zero(currency),
    };
    let unchecked = fields.0.field("net").is_none();
    (unchecked || net_agrees(fields, amount, fee, draft)).then_some((amount, fee))
}

/// Shows fields, categories and states on no list.
fn drifts(
    transaction: &Object<'_>,
    category: Category,
    status: &str,
    voice: &Voice,
    draft: &mut Draft,
) {
    let of = |name: &str| format!("balance_transactions.{name}");
    for (name, value) in transaction
        .unlisted(&KNOWN)
        .filter(|(_, value)| !value.is_null())
    {
        drift(draft, voice, &of(name), &value);
    }
    if category == Category::Unlisted {
        let word = transaction.text("reporting_category").unwrap_or_default();
        draft.drift(voice, transaction.span(), &of("reporting_category"), &word);
    }
    if !matches!(status, "" | "available" | "pending") {
        draft.drift(voice, transaction.span(), &of("status"), status);
    }
}

/// `net` is `amount` less `fee`. Where it is not, one of the three is damaged and none can be booked.
fn net_agrees(fields: &Fields<'_, '_>, amount: Money, fee: Money, draft: &mut Draft) -> bool {
    let Some(net) = fields.money(draft, "net", amount.currency()) else {
        return false;
    };
    if amount.checked_sub(fee) == Ok(net) {
        return true;
    }
    let span = fields
        .0
        .field("net")
        .map_or(fields.0.span(), |value| value.span());
    let detail = format!("net {net} is not amount {amount} less fee {fee}");
    draft.reject(span, RejectCode::Amount, detail);
    false
}

fn fee_description(transaction: &Object<'_>) -> String {
    let lines = transaction
        .field("fee_details")
        .and_then(|value| value.items());
    let lines = lines.unwrap_or_default().into_iter();
    let words = lines.filter_map(|line| {
        line.object()?
            .text("description")
            .map(|text| text.into_owned())
    });
    words.collect::<Vec<String>>().join(" ")
}

/// A balance transaction read by itself. It is about a dispute when its category or its source says so.
pub(super) fn decode_alone(transaction: &Object<'_>, speaker: &Speaker, draft: &mut Draft) {
    let source = transaction.field("source");
    let dispute = source.and_then(|source| source.object()).filter(is_dispute);
    let source = match &dispute {
        Some(dispute) => dispute.text("id"),
        None => transaction.text("source"),
    };
    let source = source.filter(|id| is_id(id)).unwrap_or_default();
    let description = transaction.text("description").unwrap_or_default();
    if !of_disputes(category(transaction), &source, &description) {
        return;
    }
    let refs = match is_dispute_id(&source) {
        true => References::none().and(RefKind::Dispute, &source),
        false => References::none(),
    };
    let refs = match &dispute {
        Some(dispute) => super::field::payment(dispute, refs, draft).0,
        None => with_named(refs, &description),
    };
    decode(transaction, &speaker.voice(refs), draft);
}

fn is_dispute(object: &Object<'_>) -> bool {
    object.text("object").as_deref() == Some("dispute")
}

/// Whether an id is a dispute's: `dp_`, and `du_` since 2023.
pub(super) fn is_dispute_id(id: &str) -> bool {
    id.starts_with("dp_") || id.starts_with("du_")
}
