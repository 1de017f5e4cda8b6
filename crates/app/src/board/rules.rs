//! Every compiled rule, as one list that can be searched: what it says, since when, from which source, and how sure that is.

use crate::why::rule::limit_words;
use dispute::rules::{self, CodeStatus, Confidence};
use std::sync::LazyLock;

/// One rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// What kind of rule: `reason code`, `step`, `evidence`, `file limit`, `fee`, `service`, `money`, `change code`.
    pub kind: &'static str,
    /// The network, rail or provider that it belongs to.
    pub of: String,
    pub name: String,
    pub says: String,
    pub sources: Vec<&'static str>,
    pub confidence: &'static str,
    /// First day, and first day on which it no longer holds; `None` where no source gives one.
    pub since: Option<&'static str>,
    pub until: Option<&'static str>,
}

/// The kinds of rules, in the order in which they are listed.
pub const KINDS: [&str; 8] = [
    "reason code",
    "step",
    "change code",
    "evidence",
    "file limit",
    "fee",
    "service",
    "money",
];

/// The edition of the rule book.
pub fn version() -> &'static str {
    rules::VERSION
}

/// Every rule, in the order of [`KINDS`].
pub fn all() -> &'static [Rule] {
    static ALL: LazyLock<Vec<Rule>> = LazyLock::new(|| {
        let mut all = reason_codes();
        all.extend(steps());
        all.extend(change_codes());
        all.extend(evidence());
        all.extend(file_limits());
        all.extend(fees());
        all.extend(services());
        all.extend(money());
        all
    });
    &ALL
}

/// Rules of a kind, of a network or provider, that hold every word of a text.
pub fn find(kind: &str, of: &str, text: &str) -> Vec<&'static Rule> {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    let fits = |rule: &&Rule| {
        (kind.is_empty() || rule.kind == kind)
            && (of.is_empty() || rule.of == of)
            && holds(rule, &words)
    };
    all().iter().filter(fits).collect()
}

fn holds(rule: &Rule, words: &[String]) -> bool {
    let text = format!("{} {} {} {}", rule.kind, rule.of, rule.name, rule.says).to_lowercase();
    words.iter().all(|word| text.contains(word.as_str()))
}

/// Everybody to whom some rule belongs, in order.
pub fn owners() -> Vec<&'static str> {
    let mut all: Vec<&str> = all().iter().map(|rule| rule.of.as_str()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn confidence(confidence: Confidence) -> &'static str {
    confidence.name()
}

fn reason_codes() -> Vec<Rule> {
    let rule = |code: &&'static rules::ReasonCode| {
        let mut says = code.title.to_owned();
        let status = match code.status {
            CodeStatus::Current => "",
            CodeStatus::Regional => "in some regions only",
            CodeStatus::Legacy => "no longer filed",
            CodeStatus::Inquiry => "an inquiry, not yet a dispute",
            CodeStatus::StatusMessage => "a message about a case, no reason",
        };
        let mut more = vec![
            format!("reason {}", code.reason.replace('-', " ")),
            format!("can be answered: {}", code.respondable.name()),
        ];
        more.extend(Some(status.to_owned()).filter(|words| !words.is_empty()));
        more.extend(
            code.filing
                .as_ref()
                .map(|limit| format!("filed within {}", limit_words(limit))),
        );
        more.extend(
            code.response
                .as_ref()
                .map(|limit| format!("answered within {}", limit_words(limit))),
        );
        more.extend(code.replaced_by.map(|by| format!("replaced by {by}")));
        more.extend(code.note.map(str::to_owned));
        says.push_str(". ");
        says.push_str(&more.join("; "));
        Rule {
            kind: "reason code",
            of: code.network.to_owned(),
            name: code.code.to_owned(),
            says,
            sources: code.sources.to_vec(),
            confidence: confidence(code.confidence),
            since: code.since,
            until: code.until,
        }
    };
    rules::reason_codes().iter().map(rule).collect()
}

fn steps() -> Vec<Rule> {
    let of = |lifecycle: &&'static rules::Lifecycle| -> Vec<Rule> {
        let rail = lifecycle.rail;
        let rule = |step: &'static rules::Transition| {
            let mut says = format!(
                "{}: from {} to {}, by the {}",
                step.event.replace('_', " "),
                step.from.replace('_', " "),
                step.to.replace('_', " "),
                step.actor.replace('_', " ")
            );
            if let Some(limit) = &step.limit {
                says.push_str(&format!("; within {}", limit_words(limit)));
            }
            if let Some(silence) = step.on_expiry {
                says.push_str(&format!("; silence brings {}", silence.replace('_', " ")));
            }
            if let Some(money) = step.money {
                says.push_str(&format!("; money: {money}"));
            }
            Rule {
                kind: "step",
                of: rail.to_owned(),
                name: step.id.to_owned(),
                says,
                sources: step.sources.to_vec(),
                confidence: confidence(step.confidence),
                since: step.since,
                until: step.until,
            }
        };
        lifecycle.transitions.iter().map(rule).collect()
    };
    rules::lifecycles().iter().flat_map(of).collect()
}

fn change_codes() -> Vec<Rule> {
    let rule = |code: &'static rules::ChangeCode| {
        let mut says = format!(
            "{}. Corrects {}",
            code.title,
            code.corrects.join(", ").replace('_', " ")
        );
        let limits = [
            ("sent within", &code.send_by),
            ("passed on within", &code.forward_by),
            ("applied within", &code.apply_by),
        ];
        for (what, limit) in limits {
            if let Some(limit) = limit {
                says.push_str(&format!("; {what} {}", limit_words(limit)));
            }
        }
        Rule {
            kind: "change code",
            of: String::from("nacha"),
            name: code.code.to_owned(),
            says,
            sources: code.sources.to_vec(),
            confidence: confidence(code.confidence),
            since: None,
            until: None,
        }
    };
    rules::change_codes().iter().map(rule).collect()
}

fn evidence() -> Vec<Rule> {
    let rule = |slot: &'static rules::Slot| Rule {
        kind: "evidence",
        of: String::from("everybody"),
        name: slot.id.to_owned(),
        says: slot.meaning.to_owned(),
        sources: slot.sources.to_vec(),
        confidence: confidence(slot.confidence),
        since: None,
        until: None,
    };
    rules::slots().iter().map(rule).collect()
}

fn file_limits() -> Vec<Rule> {
    let rule = |limit: &'static rules::EvidenceLimit| {
        let figure = |what: &str, value: Option<u64>| value.map(|value| format!("{what} {value}"));
        let figures = [
            figure("bytes in all", limit.bytes_total),
            figure("bytes of a file", limit.bytes_each),
            figure("files", limit.files),
            figure("pages", limit.pages),
            figure("pages at Mastercard", limit.pages_mastercard),
            figure("dots per inch", limit.dpi),
            figure("characters", limit.characters),
        ];
        let mut says: Vec<String> = figures.into_iter().flatten().collect();
        if !limit.file_types.is_empty() {
            says.push(format!("types {}", limit.file_types.join(", ")));
        }
        if limit.one_file_per_slot {
            says.push(String::from("one file for each slot"));
        }
        says.extend(limit.note.map(str::to_owned));
        Rule {
            kind: "file limit",
            of: limit.applies_to.join(", "),
            name: limit.id.to_owned(),
            says: says.join("; "),
            sources: limit.sources.to_vec(),
            confidence: confidence(limit.confidence),
            since: None,
            until: None,
        }
    };
    rules::evidence_limits().iter().map(rule).collect()
}

fn fees() -> Vec<Rule> {
    let rule = |fee: &'static rules::Fee| {
        let currency = fee.currency.and_then(money::Currency::find);
        let amount = fee
            .amount_minor
            .zip(currency)
            .map(|(minor, currency)| money::Money::of_minor(i128::from(minor), currency));
        let mut says = amount.map_or(String::from("no single amount"), |amount| {
            amount.to_string()
        });
        says.push_str(match fee.returned_if_won {
            Some(true) => ", returned when won",
            Some(false) => ", not returned",
            None => ", whether it is returned is not said",
        });
        if let Some(note) = fee.note {
            says.push_str("; ");
            says.push_str(note);
        }
        Rule {
            kind: "fee",
            of: fee.provider.to_owned(),
            name: format!("{} ({})", fee.line.replace('_', " "), fee.id),
            says,
            sources: fee.sources.to_vec(),
            confidence: confidence(fee.confidence),
            since: fee.since,
            until: fee.until,
        }
    };
    rules::all_fees().iter().map(rule).collect()
}

fn services() -> Vec<Rule> {
    let rule = |service: &'static rules::Service| {
        let mut says = service.action.to_owned();
        if let Some(window) = &service.window {
            says.push_str(&format!("; within {}", limit_words(window)));
        }
        if let Some(note) = service.window_note {
            says.push_str(&format!("; {note}"));
        }
        Rule {
            kind: "service",
            of: service.networks.join(", "),
            name: service.name.to_owned(),
            says,
            sources: service.sources.to_vec(),
            confidence: confidence(service.confidence),
            since: None,
            until: None,
        }
    };
    rules::services().iter().map(rule).collect()
}

fn money() -> Vec<Rule> {
    let rule = |money: &'static rules::MoneyRule| Rule {
        kind: "money",
        of: String::from("everybody"),
        name: money.id.to_owned(),
        says: money.rule.to_owned(),
        sources: money.sources.to_vec(),
        confidence: confidence(money.confidence),
        since: money.since,
        until: money.until,
    };
    rules::money_rules().iter().map(rule).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_says_something_and_where_from() {
        for rule in all() {
            assert!(KINDS.contains(&rule.kind), "{rule:?}");
            assert!(!rule.name.is_empty() && !rule.says.is_empty(), "{rule:?}");
            assert!(!rule.sources.is_empty(), "{rule:?}");
        }
        for kind in KINDS {
            assert!(all().iter().any(|rule| rule.kind == kind), "{kind}");
        }
    }

    #[test]
    fn a_search_wants_every_word() {
        let visa = find("", "", "visa 10.4");
        assert!(visa.iter().any(|rule| rule.name == "10.4"));
        assert!(visa.iter().all(|rule| rule.of.contains("visa")
            || rule.says.to_lowercase().contains("visa")
            || rule.name.contains("visa")));
        assert!(find("", "", "visa nosuchword").is_empty());
        assert!(find("fee", "", "").iter().all(|rule| rule.kind == "fee"));
    }
}
