//! The rails on which a dispute runs.

use alloc::string::String;

/// A network or rail. An unlisted one is kept by the provider's own word for it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Network {
    Ach,
    Amex,
    CartesBancaires,
    Diners,
    Discover,
    Jcb,
    Mastercard,
    Paypal,
    UnionPay,
    Visa,
    /// A rail that this desk has no rules for, in the provider's word.
    Unlisted(String),
}

impl Network {
    /// The stable text form; an unlisted network is its own word.
    pub fn name(&self) -> &str {
        match self {
            Network::Ach => "ach",
            Network::Amex => "amex",
            Network::CartesBancaires => "cartes-bancaires",
            Network::Diners => "diners",
            Network::Discover => "discover",
            Network::Jcb => "jcb",
            Network::Mastercard => "mastercard",
            Network::Paypal => "paypal",
            Network::UnionPay => "unionpay",
            Network::Visa => "visa",
            Network::Unlisted(word) => word,
        }
    }

    /// Reads the stable text form; any other word becomes an unlisted network.
    pub fn parse(name: &str) -> Network {
        match name {
            "ach" => Network::Ach,
            "amex" => Network::Amex,
            "cartes-bancaires" => Network::CartesBancaires,
            "diners" => Network::Diners,
            "discover" => Network::Discover,
            "jcb" => Network::Jcb,
            "mastercard" => Network::Mastercard,
            "paypal" => Network::Paypal,
            "unionpay" => Network::UnionPay,
            "visa" => Network::Visa,
            other => Network::Unlisted(String::from(other)),
        }
    }
}
