//! What a balance that should be zero says about its cause.
//!
//! A closed case's accounts return to zero. Where one does not, the size and sign
//! of what is left often name the fault. These are likely causes for a person to
//! check, never corrections.

use alloc::vec::Vec;

use money::Money;

use crate::Account;

/// The likely cause of a residue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Signature {
    /// The amount left and never came back (F-34).
    ReinstatementMissing,
    /// The amount came back and had never left.
    WithdrawalMissing,
    /// The amount is there twice over: a movement was counted again.
    DuplicateMovement,
    /// A movement was read with the wrong exponent: it is `10^power` times what it
    /// should be (F-23). 2 for yen read as if it had cents, -1 for a dinar's three
    /// decimals read as two.
    WrongExponent { power: i8 },
}

impl Signature {
    /// Stable kebab-case text; the power is not part of it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReinstatementMissing => "reinstatement-missing",
            Self::WithdrawalMissing => "withdrawal-missing",
            Self::DuplicateMovement => "duplicate-movement",
            Self::WrongExponent { .. } => "wrong-exponent",
        }
    }
}

/// The exponents of ISO 4217 are 0, 2, 3 and 4, so misreading one for another is
/// a factor of at most 10^4 either way. Most usual first.
const POWERS: [i8; 8] = [2, -2, 3, -3, 1, -1, 4, -4];

/// The likely cause of `residue` on the account of a case about `disputed`.
///
/// The residue is seen from our purse: negative is money that went from us and is
/// not back, as the clearing account shows it. (A receivable shows the same fault
/// with the other sign; negate its balance.) The sign of `disputed` does not
/// matter. `None` when either is zero, when the currencies differ, or when the
/// figures fit no signature.
///
/// ```
/// use ledger::residue::{Signature, signature};
/// use money::{Currency, Money};
///
/// let usd = |minor| Money::of_minor(minor, Currency::USD);
/// assert_eq!(signature(usd(-1234), usd(1234)), Some(Signature::ReinstatementMissing));
/// assert_eq!(signature(usd(-2468), usd(1234)), Some(Signature::DuplicateMovement));
/// assert_eq!(
///     signature(usd(-123_400), usd(1234)),
///     Some(Signature::WrongExponent { power: 2 }),
/// );
/// assert_eq!(signature(usd(-7), usd(1234)), None);
/// ```
pub fn signature(residue: Money, disputed: Money) -> Option<Signature> {
    if residue.currency() != disputed.currency() || residue.is_zero() || disputed.is_zero() {
        return None;
    }
    let (left, amount) = (residue.abs().minor(), disputed.abs().minor());
    if left == amount {
        return Some(if residue.is_negative() {
            Signature::ReinstatementMissing
        } else {
            Signature::WithdrawalMissing
        });
    }
    if Some(left) == amount.checked_mul(2) {
        return Some(Signature::DuplicateMovement);
    }
    let power = POWERS
        .into_iter()
        .find(|&power| fits(left, amount, power))?;
    Some(Signature::WrongExponent { power })
}

/// Whether `left` is the misread amount alone, or what remains of it against one
/// movement read rightly.
fn fits(left: i128, amount: i128, power: i8) -> bool {
    let Some(misread) = scaled(amount, power) else {
        return false;
    };
    left == misread || Some(left) == misread.checked_sub(amount).map(i128::abs)
}

/// `amount * 10^power`, exactly; `None` where that is no whole number or overflows.
fn scaled(amount: i128, power: i8) -> Option<i128> {
    let factor = 10_i128.checked_pow(u32::from(power.unsigned_abs()))?;
    if power > 0 {
        return amount.checked_mul(factor);
    }
    (amount.checked_rem(factor)? == 0).then(|| amount / factor)
}

/// Two residues of one size and opposite sign on different cases or provider
/// accounts: money booked to the wrong merchant (F-33).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongMerchant {
    /// Holds too much.
    pub over: Account,
    /// Holds too little, by the same amount.
    pub under: Account,
    /// Above zero.
    pub amount: Money,
    /// No other residue of this size could be the partner of either.
    pub certain: bool,
}

/// The plus/minus pairs among residues of one provider, kind and currency. Each
/// residue is used at most once, in order of account, so the answer does not
/// depend on the order given; where more than two residues share a size the
/// pairing is one of several and says so.
pub fn pair(residues: &[(Account, Money)]) -> Vec<WrongMerchant> {
    let mut sorted: Vec<&(Account, Money)> = residues
        .iter()
        .filter(|(_, money)| !money.is_zero())
        .collect();
    sorted.sort_by(|a, b| group(a).cmp(&group(b)).then_with(|| a.cmp(b)));
    let mut pairs = Vec::new();
    for group in sorted.chunk_by(|a, b| group(a) == group(b)) {
        let overs = group.iter().filter(|(_, money)| !money.is_negative());
        let unders: Vec<_> = group
            .iter()
            .filter(|(_, money)| money.is_negative())
            .collect();
        let mut taken: Vec<&Account> = Vec::new();
        for (over, amount) in overs {
            let elsewhere = |under: &Account| {
                (&under.account, &under.case) != (&over.account, &over.case)
                    && !taken.contains(&under)
            };
            let Some((under, _)) = unders.iter().find(|(under, _)| elsewhere(under)) else {
                continue;
            };
            taken.push(under);
            pairs.push(WrongMerchant {
                over: over.clone(),
                under: under.clone(),
                amount: *amount,
                certain: group.len() == 2,
            });
        }
    }
    pairs
}

/// What two residues must share to be a pair.
fn group((account, money): &(Account, Money)) -> (&str, crate::AccountKind, Money) {
    (&account.provider, account.kind, money.abs())
}
