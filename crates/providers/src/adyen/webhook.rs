//! Standard webhooks: an envelope of items, or an item that a relay sent on without its envelope. Each item is a record of
//! its own; a bad one costs only itself.

use super::dispute_item;
use super::field::{self, Rejected};
use super::tables::{self, Event};
use super::{NAME, STANDARD_WEBHOOK};
use crate::draft::{Draft, Voice};
use crate::json::{Object, Value};
use adapter::{Decoded, Fate, Inbound, RejectCode};
use calendar::Instant;
use dispute::fact::{Scope, Span};
use dispute::reference::{RefKind, References};
use dispute::said::{RefundState, Said};
use dispute::status::{Authority, Party};
use money::{Excerpt, Money};

/// The list in the envelope, and the one field of each of its elements.
pub(super) const ITEMS: &str = "notificationItems";
pub(super) const ITEM: &str = "NotificationRequestItem";

/// The fields of an item, docs.adyen.com/api-explorer/Webhooks/1/post/CHARGEBACK. Another one is drift.
const FIELDS: [&str; 14] = [
    "additionalData",
    "amount",
    "eventCode",
    "eventDate",
    "live",
    "merchantAccountCode",
    "merchantReference",
    "operations",
    "originalPsp",
    "originalReference",
    "paymentMethod",
    "pspReference",
    "reason",
    "success",
];

/// Optional fields that are text when they are there.
const OPTIONAL: [&str; 5] = [
    "merchantAccountCode",
    "merchantReference",
    "originalReference",
    "paymentMethod",
    "reason",
];

/// The item in an element of the list: the documented wrapper, or an item that stands there itself.
pub(super) fn unwrapped<'a>(element: Value<'a>) -> Option<Object<'a>> {
    let object = element.object()?;
    match object.field(ITEM) {
        Some(inner) => inner.object(),
        None => Some(object),
    }
}

/// Decodes an envelope, a wrapped item or a bare one.
pub(super) fn decode(inbound: &Inbound<'_>, root: Value<'_>, object: &Object<'_>) -> Decoded {
    let mut draft = Draft::new(STANDARD_WEBHOOK, inbound.body.len());
    if object.fields().all(|(name, _)| name != ITEMS) {
        element(&mut draft, inbound, root);
        return draft.finish();
    }
    let items = object.field(ITEMS).map(|value| (value, value.items()));
    let fault = match items {
        Some((_, Some(elements))) if !elements.is_empty() && object.twice().is_none() => {
            for value in elements {
                element(&mut draft, inbound, value);
            }
            return draft.finish();
        }
        Some((value, None)) => {
            field::wrong_type(&mut draft, value, ITEMS, "a list");
            true
        }
        _ => field::twice(&mut draft, object).is_err(),
    };
    if !fault {
        let detail = format!("`{ITEMS}` holds no item");
        draft.reject(object.span(), RejectCode::MissingField, detail);
    }
    draft.mark(object.span(), Fate::Rejected);
    draft.finish()
}

fn element(draft: &mut Draft, inbound: &Inbound<'_>, value: Value<'_>) {
    let (rejects, facts) = (draft.reject_count(), draft.fact_count());
    let span = value.span();
    let named = match unwrapped(value) {
        Some(object) => item(draft, inbound, &object),
        None => {
            field::wrong_type(draft, value, ITEM, "an object");
            Err(Rejected)
        }
    };
    let fate = match named {
        _ if draft.reject_count() > rejects => Fate::Rejected,
        _ if draft.fact_count() > facts => Fate::Understood,
        Ok(code) => Fate::OtherBusiness(code),
        Err(Rejected) => unreachable!("`Rejected` is given out only beside a reject in the draft"),
    };
    draft.mark(span, fate);
}

/// What every item has, read.
pub(super) struct Item<'o, 'a> {
    pub object: &'o Object<'a>,
    pub extra: Option<Object<'a>>,
    /// The item's own reference: of the dispute, of the refund.
    pub psp: String,
    /// The payment's reference, when the item gives it.
    pub original: Option<String>,
    pub account: String,
    pub at: Instant,
    pub success: (bool, Span),
    pub amount: (Money, Span),
}

/// Reads one item and gives its code.
fn item(draft: &mut Draft, inbound: &Inbound<'_>, object: &Object<'_>) -> Result<String, Rejected> {
    field::twice(draft, object)?;
    let (code, span) = field::required_text(draft, object, "eventCode")?;
    match tables::event(&code) {
        Some(Event::Other) => {}
        Some(Event::Refund(state)) => {
            let item = read(draft, inbound, object)?;
            refund(draft, &item, &code, state);
        }
        Some(Event::Dispute(event)) => {
            let item = read(draft, inbound, object)?;
            dispute_item::decode(draft, &item, &event, span)?;
        }
        None => unlisted(draft, inbound, object, (&code, span))?,
    }
    Ok(code)
}

/// Reads what an item must have. Every fault is named, not only the first.
fn read<'o, 'a>(
    draft: &mut Draft,
    inbound: &Inbound<'_>,
    object: &'o Object<'a>,
) -> Result<Item<'o, 'a>, Rejected> {
    let extra = field::object(draft, object, "additionalData");
    let psp = field::required_text(draft, object, "pspReference");
    let at = field::required_instant(draft, object, "eventDate");
    let success = field::required_boolean(draft, object, "success");
    let amount = amount(draft, object);
    let scalars = field::scalars(draft, object, &OPTIONAL);
    let original = field::text(object, "originalReference");
    let account = field::text(object, "merchantAccountCode")
        .map_or_else(|| inbound.account.to_owned(), |(account, _)| account);
    let (psp, span) = psp?;
    field::whole(draft, &psp, span, "pspReference")?;
    if let Some((reference, span)) = &original {
        field::whole(draft, reference, *span, "originalReference")?;
    }
    let extra = extra?;
    scalars?;
    if let Some(extra) = &extra {
        field::twice(draft, extra)?;
    }
    Ok(Item {
        object,
        extra,
        psp,
        original: original.map(|(reference, _)| reference),
        account,
        at: at?,
        success: success?,
        amount: amount?,
    })
}

fn amount(draft: &mut Draft, item: &Object<'_>) -> Result<(Money, Span), Rejected> {
    field::required(draft, item, "amount")?;
    let Some(object) = field::object(draft, item, "amount")? else {
        return Err(Rejected);
    };
    field::twice(draft, &object)?;
    let code = field::required_text(draft, &object, "currency");
    let value = field::required(draft, &object, "value")?;
    let (code, span) = code?;
    let currency = field::currency(draft, &code, span)?;
    let money = field::minor(draft, &value, currency)?;
    Ok((money, object.span()))
}

impl<'a> Item<'_, 'a> {
    /// A field of `additionalData`, trimmed: reason codes come with leading blanks.
    pub(super) fn extra(&self, name: &str) -> Option<(String, Span)> {
        field::text(self.extra.as_ref()?, name)
    }

    /// The voice of the item. The status a message states in a field outranks what its type implies.
    pub(super) fn voice(&self, refs: References, authority: Authority) -> Voice {
        Voice {
            scope: Scope {
                provider: NAME.to_owned(),
                account: self.account.clone(),
            },
            refs,
            by: Party::Provider,
            authority,
            true_at: self.at,
            sequence: 0,
        }
    }

    /// The merchant's own references, which never join cases.
    pub(super) fn merchant_refs(&self, mut refs: References) -> References {
        let own = field::text(self.object, "merchantReference");
        let capture = self.extra("captureMerchantReference");
        let listed = self.extra("modificationMerchantReferences");
        for (text, _) in [own, capture, listed].into_iter().flatten() {
            for reference in text.split(',') {
                refs = refs.and(RefKind::Merchant, reference);
            }
        }
        refs
    }

    /// Fields that the provider has added since.
    pub(super) fn drift(&self, draft: &mut Draft, voice: &Voice) {
        for (name, value) in self.object.unlisted(&FIELDS) {
            draft.drift(voice, value.span(), name, value.raw());
        }
    }
}

/// A refund of the payment, which the guard against paying twice must know (F-26), and which may fail days later (F-41).
fn refund(draft: &mut Draft, item: &Item<'_, '_>, code: &str, state: RefundState) {
    let action = item.extra("modification.action").map(|(action, _)| action);
    if code == "CANCEL_OR_REFUND" && action.as_deref() != Some("refund") {
        // A cancelled payment was never captured, so nothing goes back.
        return;
    }
    let state = if item.success.0 {
        state
    } else {
        RefundState::Failed
    };
    let refs = References::none().and(RefKind::Refund, &item.psp);
    let refs = refs.and(
        RefKind::Payment,
        item.original.as_deref().unwrap_or_default(),
    );
    let voice = item.voice(item.merchant_refs(refs), Authority::MessageType);
    let said = Said::Refunded {
        key: item.psp.clone(),
        amount: item.amount.0,
        state,
    };
    draft.say(&voice, item.object.span(), said);
    item.drift(draft, &voice);
}

/// An event code on no list: kept and shown (F-15). It may well be about a dispute, so it is not other business.
fn unlisted(
    draft: &mut Draft,
    inbound: &Inbound<'_>,
    object: &Object<'_>,
    (code, span): (&str, Span),
) -> Result<(), Rejected> {
    let true_at = field::required_instant(draft, object, "eventDate")?;
    let text = |name| {
        field::text(object, name)
            .map(|(text, _)| text)
            .unwrap_or_default()
    };
    let (psp, original) = (text("pspReference"), text("originalReference"));
    let refs = References::none().and(RefKind::Merchant, &text("merchantReference"));
    // Whether the item's own reference names a dispute is not known, so it opens no case.
    let refs = if original.is_empty() {
        refs.and(RefKind::Payment, &psp)
    } else {
        refs.and(RefKind::Payment, &original)
            .and(RefKind::PaymentAlias, &psp)
    };
    let named = text("merchantAccountCode");
    let account = if named.is_empty() {
        inbound.account
    } else {
        &named
    };
    let voice = Voice {
        scope: Scope {
            provider: NAME.to_owned(),
            account: account.to_owned(),
        },
        refs,
        by: Party::Provider,
        authority: Authority::MessageType,
        true_at,
        sequence: 0,
    };
    draft.drift(&voice, span, "eventCode", Excerpt::of(code).as_str());
    Ok(())
}

/// Our account as the first item names it.
pub(super) fn account(root: Value<'_>, object: &Object<'_>) -> Option<String> {
    let first = match object.field(ITEMS) {
        Some(items) => *items.items()?.first()?,
        None => root,
    };
    let item = unwrapped(first)?;
    field::text(&item, "merchantAccountCode").map(|(account, _)| account)
}
