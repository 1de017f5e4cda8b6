//! Webhooks of the newer kind: `{type, data, environment}`. Of them only account changes of direct debits touch this desk;
//! platforms, tokens, management and the issuing side's own disputes are other business.

use super::field::{self, Rejected};
use super::{CHANGE_WEBHOOK, NAME, PLATFORM_WEBHOOK};
use crate::draft::{Draft, Voice};
use crate::json::Object;
use adapter::{Decoded, Fate, Inbound};
use dispute::fact::Scope;
use dispute::reference::{RefKind, References};
use dispute::said::Said;
use dispute::status::{Authority, Party};

/// How the types of account changes end, on every rail.
const CHANGE: &str = ".notificationOfChange";

/// The fields of the change itself, docs.adyen.com/api-explorer/Webhooks/1/post/ACH_NOTIFICATION_OF_CHANGE, in the order in
/// which they are kept.
const CORRECTED: [&str; 4] = [
    "newBankAccountNumber",
    "newBranchCode",
    "newBankLocationId",
    "newBankAccountType",
];

/// Decodes a webhook of this kind.
pub(super) fn decode(inbound: &Inbound<'_>, object: &Object<'_>) -> Decoded {
    let length = inbound.body.len();
    let mut draft = Draft::new(PLATFORM_WEBHOOK, length);
    let kind = match field::required_text(&mut draft, object, "type") {
        Ok((kind, _)) => kind,
        Err(Rejected) => {
            draft.mark(object.span(), Fate::Rejected);
            return draft.finish();
        }
    };
    if !kind.ends_with(CHANGE) {
        draft.mark(object.span(), Fate::OtherBusiness(kind));
        return draft.finish();
    }
    let mut draft = Draft::new(CHANGE_WEBHOOK, length);
    let fate = match change(&mut draft, inbound, object) {
        Ok(()) => Fate::Understood,
        Err(Rejected) => Fate::Rejected,
    };
    draft.mark(object.span(), fate);
    draft.finish()
}

fn change(draft: &mut Draft, inbound: &Inbound<'_>, object: &Object<'_>) -> Result<(), Rejected> {
    field::twice(draft, object)?;
    let true_at = field::required_instant(draft, object, "createdAt")?;
    field::required(draft, object, "data")?;
    let Some(data) = field::object(draft, object, "data")? else {
        return Err(Rejected);
    };
    let (psp, span) = field::required_text(draft, &data, "pspReference")?;
    field::whole(draft, &psp, span, "pspReference")?;
    field::required(draft, &data, "notificationOfChange")?;
    let Some(change) = field::object(draft, &data, "notificationOfChange")? else {
        return Err(Rejected);
    };
    field::twice(draft, &change)?;
    field::scalars(draft, &change, &CORRECTED)?;
    field::scalars(draft, &change, &["reasonCode"])?;
    let corrected: Vec<String> = CORRECTED
        .iter()
        .filter_map(|name| field::text(&change, name).map(|(text, _)| format!("{name}={text}")))
        .collect();
    if corrected.is_empty() {
        field::required(draft, &change, "newBankAccountNumber")?;
    }
    // Canadian changes come without a code of the network's list.
    let code = field::text(&change, "reasonCode")
        .map_or_else(|| "not-stated".to_owned(), |(code, _)| code);
    let account = field::text(&data, "merchantAccount")
        .map_or_else(|| inbound.account.to_owned(), |(account, _)| account);
    let voice = Voice {
        scope: Scope {
            provider: NAME.to_owned(),
            account,
        },
        refs: References::none().and(RefKind::Payment, &psp),
        by: Party::Provider,
        authority: Authority::MessageType,
        true_at,
        sequence: 0,
    };
    let said = Said::ChangeAsked {
        code,
        corrected: corrected.join("; "),
        settled_on: None,
    };
    draft.say(&voice, change.span(), said);
    for (name, value) in change.unlisted(&CORRECTED) {
        if name != "reasonCode" {
            draft.drift(&voice, value.span(), name, value.raw());
        }
    }
    Ok(())
}
