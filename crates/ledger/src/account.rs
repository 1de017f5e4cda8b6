//! Accounts: a kind plus properties, so that a residue says where to look.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use money::Currency;

/// What an account holds. The names are stable: they are in stored paths and
/// exported journals.
///
/// No `Default`: money of no kind belongs in [`AccountKind::Suspense`], said so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum AccountKind {
    /// What the provider owes us (debit) or we owe it (credit) and will settle.
    ProviderClearing,
    /// Contested money, one account per case: taken from us and not yet decided.
    /// Zero once the case is closed and its money has moved.
    DisputeReceivable,
    /// What disputes cost in provider and network fees.
    DisputeFees,
    /// Contested money that is lost for good.
    ChargebackLoss,
    /// Money regained for a loss already taken: late wins, prior periods.
    Recovery,
    /// The difference between the rate at which money left and at which it came
    /// back; the side with final liability bears it.
    FxDifference,
    /// Money that moved and is not yet understood.
    Suspense,
    /// Refunds under way for a case, until the provider reports them settled.
    RefundClearing,
}

impl AccountKind {
    /// Every kind, in the order of the type.
    pub const ALL: [AccountKind; 8] = [
        Self::ProviderClearing,
        Self::DisputeReceivable,
        Self::DisputeFees,
        Self::ChargebackLoss,
        Self::Recovery,
        Self::FxDifference,
        Self::Suspense,
        Self::RefundClearing,
    ];

    /// Stable kebab-case text.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ProviderClearing => "provider-clearing",
            Self::DisputeReceivable => "dispute-receivable",
            Self::DisputeFees => "dispute-fees",
            Self::ChargebackLoss => "chargeback-loss",
            Self::Recovery => "recovery",
            Self::FxDifference => "fx-difference",
            Self::Suspense => "suspense",
            Self::RefundClearing => "refund-clearing",
        }
    }

    /// The kind with exactly this [`name`](AccountKind::name).
    pub fn parse(name: &str) -> Option<AccountKind> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl fmt::Display for AccountKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One account. Two accounts are the same when all properties are; the order is
/// by kind, provider, provider account, case, currency.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Account {
    pub kind: AccountKind,
    /// The provider's name as the desk configures it (`acme`).
    pub provider: String,
    /// The provider's own id of our account with it (`acct_1`).
    pub account: String,
    /// The case whose money this is; `None` for an account shared by all cases.
    pub case: Option<String>,
    pub currency: Currency,
}

impl Account {
    /// An account shared by all cases; [`Account::for_case`] narrows it.
    pub fn new(
        kind: AccountKind,
        provider: impl Into<String>,
        account: impl Into<String>,
        currency: Currency,
    ) -> Account {
        Account {
            kind,
            provider: provider.into(),
            account: account.into(),
            case: None,
            currency,
        }
    }

    pub fn for_case(self, case: impl Into<String>) -> Account {
        Account {
            case: Some(case.into()),
            ..self
        }
    }

    /// Stable text, one per account: `provider-clearing:acme:acct_1:USD`, or with
    /// a case `dispute-receivable:acme:acct_1:dp_1:USD`.
    ///
    /// Segments escape `%`, `:`, blanks and control characters as `%XX` per UTF-8
    /// byte, and an empty segment is a lone `%`; so the text is a legal hledger
    /// account name, sorts with its prefix, and [`Account::parse_path`] reads it
    /// back.
    pub fn path(&self) -> String {
        let mut path = String::from(self.kind.name());
        let owner = [
            Some(&self.provider),
            Some(&self.account),
            self.case.as_ref(),
        ];
        for segment in owner.into_iter().flatten() {
            path.push(':');
            escape(segment, &mut path);
        }
        path.push(':');
        path.push_str(self.currency.code());
        path
    }

    /// Reads what [`Account::path`] writes, and nothing else: other spellings of
    /// the same account are refused, so that a path is a key.
    pub fn parse_path(path: &str) -> Result<Account, PathError> {
        let refuse = |expected| PathError {
            path: path.into(),
            expected,
        };
        let segments: Vec<&str> = path.split(':').collect();
        let (kind, provider, account, case, currency) = match *segments.as_slice() {
            [kind, provider, account, currency] => (kind, provider, account, None, currency),
            [kind, provider, account, case, currency] => {
                (kind, provider, account, Some(case), currency)
            }
            _ => return Err(refuse("four or five parts joined by `:`")),
        };
        let text = |segment| unescape(segment).ok_or_else(|| refuse("escapes like %3A"));
        let parsed = Account {
            kind: AccountKind::parse(kind).ok_or_else(|| refuse("a kind of account first"))?,
            provider: text(provider)?,
            account: text(account)?,
            case: case.map(text).transpose()?,
            currency: Currency::find(currency).ok_or_else(|| refuse("a currency last"))?,
        };
        if parsed.path() != path {
            return Err(refuse("the one canonical spelling"));
        }
        Ok(parsed)
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.path())
    }
}

/// Text that is not the path of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathError {
    pub path: String,
    pub expected: &'static str,
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "account path {:?} does not have {}",
            self.path, self.expected
        )
    }
}

impl core::error::Error for PathError {}

const HEX: [char; 16] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F',
];

fn escape(segment: &str, path: &mut String) {
    if segment.is_empty() {
        path.push('%');
    }
    for c in segment.chars() {
        if matches!(c, '%' | ':') || c.is_whitespace() || c.is_control() {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                path.push('%');
                path.extend(HEX.get(usize::from(byte >> 4)));
                path.extend(HEX.get(usize::from(byte & 0x0F)));
            }
        } else {
            path.push(c);
        }
    }
}

/// `None` when an escape is cut short, is not hexadecimal, or spells no UTF-8.
fn unescape(segment: &str) -> Option<String> {
    if segment == "%" {
        return Some(String::new());
    }
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let (high, low) = (hex_value(rest.next()?)?, hex_value(rest.next()?)?);
            bytes.push(high << 4 | low);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

fn hex_value(byte: u8) -> Option<u8> {
    u8::try_from(char::from(byte).to_digit(16)?).ok()
}
