//! Ids that Stripe's clients can hold, for what other providers call otherwise.
//!
//! What has an id of Stripe's own form keeps it. Everything else gets one from which it can be found again without an index:
//! a dispute's is its case id, a payment's spells its account and reference in base 32, a movement's begins with its case.

use dispute::case::{Booked, Case};
use dispute::fact::Scope;
use dispute::id::CaseId;
use dispute::reference::RefKind;

/// Marks ids that spell a reference; Stripe's own continue with a digit and letters of their shard.
const SPELLED: &str = "docket_";
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// How much of a hash tells the movements of one case apart: 50 bits.
const MOVEMENT_CHARACTERS: usize = 10;

fn native(reference: &str, prefixes: &[&str]) -> bool {
    let plain = |text: &str| {
        !text.is_empty()
            && text.len() < 200
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    prefixes
        .iter()
        .any(|prefix| reference.strip_prefix(prefix).is_some_and(plain))
}

/// A dispute's id.
pub fn dispute(case: &Case) -> String {
    match native(&case.dispute, &["dp_", "du_", "pdp_"]) {
        true => case.dispute.clone(),
        false => case.id.to_string(),
    }
}

/// The charge that a case is about. A case that names no payment gets an id of its own, because Stripe's objects always
/// name one.
pub fn charge(case: &Case) -> String {
    let refs = || {
        case.refs
            .iter()
            .filter(|found| matches!(found.kind, RefKind::Payment | RefKind::PaymentAlias))
    };
    let own = refs().find(|found| native(&found.value, &["ch_", "py_"]));
    if let Some(own) = own {
        return own.value.clone();
    }
    let named =
        refs().find(|found| found.kind == RefKind::Payment && !found.value.starts_with("pi_"));
    let reference = named.map_or(case.dispute.as_str(), |found| found.value.as_str());
    spelled("ch_", &case.scope, reference)
}

/// The payment intent, where the provider has such a thing beside the payment.
pub fn intent(case: &Case) -> Option<String> {
    let refs = || {
        case.refs.iter().filter(|found| {
            let payment = found.kind == RefKind::Payment && found.value.starts_with("pi_");
            payment || found.kind == RefKind::PaymentAlias
        })
    };
    let own = refs().find(|found| native(&found.value, &["pi_"]));
    if let Some(own) = own {
        return Some(own.value.clone());
    }
    let other = refs().find(|found| !native(&found.value, &["ch_", "py_"]))?;
    Some(spelled("pi_", &case.scope, &other.value))
}

/// A balance transaction: the movement of a case.
pub fn movement(case: &CaseId, key: &str) -> String {
    let hashed = CaseId::of(&[case.as_str(), key]);
    let short: String = body(&hashed).chars().take(MOVEMENT_CHARACTERS).collect();
    format!("txn_{}_{short}", body(case))
}

/// The case that a balance transaction belongs to.
pub fn case_of_movement(id: &str) -> Option<CaseId> {
    let (case, _) = id.strip_prefix("txn_")?.split_once('_')?;
    CaseId::parse(&format!("{}{case}", CaseId::PREFIX))
}

/// An early fraud warning's id.
pub fn warning(case: &Case) -> String {
    match native(&case.dispute, &["issfr_"]) {
        true => case.dispute.clone(),
        false => format!("issfr_{}", body(&case.id)),
    }
}

/// What to look a warning up by.
pub fn warning_name(id: &str) -> String {
    let own = id
        .strip_prefix("issfr_")
        .and_then(|rest| CaseId::parse(&format!("{}{rest}", CaseId::PREFIX)));
    own.map_or_else(|| id.to_owned(), |case| case.to_string())
}

/// The movement of a dispute under this balance transaction id.
pub fn is_movement(case: &Case, booked: &Booked, id: &str) -> bool {
    movement(&case.id, &booked.movement.key) == id
}

fn body(id: &CaseId) -> &str {
    id.as_str().strip_prefix(CaseId::PREFIX).unwrap_or_default()
}

fn spelled(prefix: &str, scope: &Scope, reference: &str) -> String {
    let parts = [scope.provider.as_str(), scope.account.as_str(), reference].join("\0");
    let mut out = format!("{prefix}{SPELLED}");
    let (mut bits, mut held) = (0_u32, 0_u32);
    let put = |bits: u32, out: &mut String| {
        let letter = usize::try_from(bits & 31)
            .ok()
            .and_then(|at| ALPHABET.get(at));
        out.push(char::from(*letter.expect("five bits index 32 letters")));
    };
    for byte in parts.bytes() {
        bits = (bits << 8) | u32::from(byte);
        held += 8;
        while held >= 5 {
            held -= 5;
            put(bits >> held, &mut out);
        }
        bits &= (1 << held) - 1;
    }
    if held > 0 {
        put(bits << (5 - held), &mut out);
    }
    out
}

/// The reference that an id of a payment stands for: the provider's own, whether the id spells it or is it.
pub fn reference(id: &str) -> String {
    let spelled = id
        .split_once('_')
        .and_then(|(_, rest)| rest.strip_prefix(SPELLED));
    let read = spelled.and_then(read).and_then(|parts| {
        let mut parts = parts.splitn(3, '\0');
        parts.nth(2).map(str::to_owned)
    });
    read.unwrap_or_else(|| id.to_owned())
}

fn read(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let (mut bits, mut held) = (0_u32, 0_u32);
    for letter in text.bytes() {
        let value = ALPHABET.iter().position(|known| *known == letter)?;
        bits = (bits << 5) | u32::try_from(value).ok()?;
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 255).ok()?);
        }
        bits &= (1 << held) - 1;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spelled_id_reads_back() {
        let scope = Scope {
            provider: String::from("acme"),
            account: String::from("Shop 1"),
        };
        for length in 0..40 {
            let value: String = "PAY-000/é".chars().cycle().take(length).collect();
            let id = spelled("ch_", &scope, &value);
            assert_eq!(reference(&id), value, "{id}");
        }
        assert_eq!(reference("ch_1NbCdE"), "ch_1NbCdE");
        assert_eq!(reference("ch_docket_!"), "ch_docket_!");
    }

    #[test]
    fn a_movement_leads_to_its_case() {
        let case = CaseId::of(&["x"]);
        assert_eq!(case_of_movement(&movement(&case, "m:1")), Some(case));
        assert_eq!(case_of_movement("txn_1NbCdE"), None);
    }
}
