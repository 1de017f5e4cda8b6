//! Disputes in plain words, for people who sell and do not run disputes for a living.

/// A reason of ours in a few words; of one that no table of ours maps, the provider's own.
pub fn short(reason: &str) -> String {
    match (row(reason), reason.strip_prefix("unmapped:")) {
        (Some((_, short, _)), _) => (*short).to_owned(),
        (None, Some(own)) => format!("The provider's “{own}”"),
        (None, None) => reason.to_owned(),
    }
}

/// A network's name as it writes it.
pub fn network(name: &str) -> &str {
    match name {
        "ach" => "ACH",
        "amex" => "American Express",
        "cartes-bancaires" => "Cartes Bancaires",
        "diners" => "Diners Club",
        "discover" => "Discover",
        "jcb" => "JCB",
        "mastercard" => "Mastercard",
        "paypal" => "PayPal",
        "unionpay" | "union-pay" => "UnionPay",
        "visa" => "Visa",
        other => other,
    }
}

/// What it means, in a sentence or two.
pub fn long(reason: &str) -> &str {
    row(reason).map_or(
        "The provider gave a reason that is not in our tables. Its own word stands beside the code.",
        |(_, _, long)| long,
    )
}

fn row(reason: &str) -> Option<&'static (&'static str, &'static str, &'static str)> {
    REASONS.iter().find(|(name, _, _)| *name == reason)
}

const REASONS: [(&str, &str, &str); 17] = [
    (
        "bank-cannot-process",
        "The bank cannot process it",
        "The customer's bank says that it could not process the payment, for reasons of its own.",
    ),
    (
        "check-returned",
        "Returned check",
        "The bank returned the check or debit unpaid.",
    ),
    (
        "credit-not-processed",
        "Refund not received",
        "The customer says that you owe them a refund and that it never came. Proof that it was made, or that none was due, wins it.",
    ),
    (
        "customer-initiated",
        "The customer asked the bank",
        "The customer asked their bank to take the payment back and gave no further reason.",
    ),
    (
        "debit-not-authorized",
        "Debit not authorized",
        "The customer says that they never allowed this debit. A mandate that they signed answers it.",
    ),
    (
        "duplicate",
        "Charged twice",
        "The customer says that they paid twice for one thing. Show that there were two purchases, or that one was refunded.",
    ),
    (
        "fraudulent",
        "Not made by the cardholder",
        "The cardholder says that they did not make this payment. What ties the purchase to them wins it: earlier purchases, device, address, delivery.",
    ),
    (
        "general",
        "No particular reason",
        "The provider gives no particular reason.",
    ),
    (
        "incorrect-account-details",
        "Wrong account details",
        "The account details used for the payment are wrong. Ask the customer for the right ones.",
    ),
    (
        "incorrect-amount",
        "Wrong amount",
        "The customer says that the amount is not what they agreed to.",
    ),
    (
        "insufficient-funds",
        "Not enough money",
        "The customer's account did not hold enough money.",
    ),
    (
        "noncompliant",
        "Against the network's rules",
        "The bank says that the payment broke a rule of the network. The code below says which.",
    ),
    (
        "not-as-described",
        "Not as described",
        "The customer says that what they got is broken, or is not what was described.",
    ),
    (
        "not-received",
        "Not received",
        "The customer says that what they paid for never came. Proof of delivery to the agreed address wins it.",
    ),
    (
        "paid-by-other-means",
        "Paid in another way",
        "The customer says that they paid for the same thing in another way.",
    ),
    (
        "subscription-canceled",
        "Subscription canceled",
        "The customer says that they had canceled before this payment was taken.",
    ),
    (
        "unrecognized",
        "Not recognized",
        "The customer does not recognize the payment on their statement. The receipt and what was bought usually settle it.",
    ),
];

/// Whose move it is or how it ended, in plain words.
pub fn status(word: &str) -> &str {
    match word {
        "ours" => "needs response",
        "theirs" => "with the other bank",
        "network" => "with the network",
        "nobody" => "under review",
        "unstated" => "not said yet",
        "lapsed" => "came to nothing",
        other => other,
    }
}

/// The status of a dispute whose answer may be overdue.
pub fn standing(word: &str, overdue: bool) -> &str {
    match overdue {
        true => "overdue",
        false => status(word),
    }
}

/// What a stage means for whoever sells.
pub fn stage(name: &str) -> &'static str {
    match name {
        "fraud-report" => {
            "This is a fraud report: nobody has to answer and no money moves, but it counts."
        }
        "alert" => "This is a warning. A refund now can still avert a dispute.",
        "inquiry" => {
            "This is a question, not yet a dispute: no money has moved. A good answer can end it here."
        }
        "chargeback" => {
            "The bank has taken the money back. You can contest it with evidence, once."
        }
        "second-chargeback" | "pre-arbitration" => {
            "Your first answer was contested. This is the second round, and fees are higher from here."
        }
        "arbitration" => "The network decides now. Whoever loses pays its fees.",
        "compliance" => "The bank says that a rule of the network was broken.",
        "return" => "The bank sent the debit back.",
        "dishonored-return" => "The return was refused as wrong; the other bank must answer.",
        "contested-return" => "The other bank insists on its return.",
        "notice-of-change" => {
            "Account details have to be corrected before the next debit. No money moves."
        }
        _ => "The provider's own process for this kind of payment applies.",
    }
}

/// How a dispute ended, in a sentence.
pub fn ended(status: &str) -> &'static str {
    match status {
        "won" => "You won it.",
        "partially-won" => "You won a part of it.",
        "lost" => "You lost it.",
        "accepted" => "It was accepted: the money is given up.",
        "prevented" => "It was averted before it became a dispute.",
        "expired" => "It was lost by silence: the time to answer ran out.",
        "withdrawn" => "It was taken back by the payer or their bank.",
        "lapsed" => "It came to nothing, and no money moved.",
        _ => "It has ended.",
    }
}

/// A movement of money, for whoever sells.
pub fn movement(kind: &str) -> String {
    match kind {
        "withdrawal" => String::from("Taken for the dispute"),
        "reinstatement" => String::from("Given back"),
        "received-fee" => String::from("Dispute fee"),
        "counter-fee" => String::from("Fee for contesting"),
        "compliance-fee" => String::from("Compliance fee"),
        "fee-return" => String::from("Fee given back"),
        "fx-adjustment" => String::from("Exchange rate difference"),
        other => {
            let mut words = other.replace('-', " ");
            if let Some(first) = words.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            words
        }
    }
}

/// How something came to the desk.
pub fn way(way: &str) -> &'static str {
    match way {
        "webhook" => "its message",
        "file" => "its report",
        "api" => "its record",
        "command" => "here",
        _ => "by the clock",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_of_the_rules_has_words() {
        let all = app::reasons();
        assert!(!all.is_empty());
        for reason in all {
            assert!(row(&reason).is_some(), "no words for {reason}");
        }
    }

    #[test]
    fn what_no_table_maps_stays_as_it_was_said() {
        assert_eq!(short("unmapped:novelty"), "The provider's “novelty”");
        assert!(long("unmapped:novelty").contains("not in our tables"));
    }
}
