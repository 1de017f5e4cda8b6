//! A rule by its name: what it says, and the sources it comes from.

use calendar::Unit;
use dispute::rules::{self, RuleLimit};
use schemars::JsonSchema;
use serde::Serialize;

/// A rule for showing.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct RuleView {
    pub rule: String,
    /// What it says, where the rule book says more than its name.
    pub says: String,
    pub sources: Vec<String>,
    /// What the sources are worth: `high`, `medium` or `low`.
    pub confidence: Option<&'static str>,
    /// The edition of the compiled rule book.
    pub version: &'static str,
}

/// The rule of this name. A name that the book does not have is its own explanation.
pub fn view(name: &str) -> RuleView {
    let found = name
        .strip_prefix("life cycle ")
        .and_then(lifecycle)
        .or_else(|| transition(name));
    found.unwrap_or_else(|| RuleView {
        rule: name.to_owned(),
        says: String::new(),
        sources: Vec::new(),
        confidence: None,
        version: rules::VERSION,
    })
}

fn lifecycle(machine: &str) -> Option<RuleView> {
    let lifecycle = rules::lifecycles()
        .iter()
        .find(|lifecycle| lifecycle.machine == machine)?;
    let mut sources: Vec<String> = lifecycle
        .states
        .iter()
        .map(|state| state.source.to_owned())
        .collect();
    sources.sort();
    sources.dedup();
    Some(RuleView {
        rule: format!("life cycle {machine}"),
        says: format!(
            "{} states and {} steps of {}",
            lifecycle.states.len(),
            lifecycle.transitions.len(),
            lifecycle.rail
        ),
        sources,
        confidence: lifecycle
            .states
            .iter()
            .map(|state| state.confidence)
            .max()
            .map(|worth| worth.name()),
        version: rules::VERSION,
    })
}

fn transition(id: &str) -> Option<RuleView> {
    let all = rules::lifecycles()
        .iter()
        .flat_map(|lifecycle| lifecycle.transitions);
    let step = all.into_iter().find(|step| step.id == id)?;
    let mut says = format!("{}: {} to {}", step.event, step.from, step.to);
    if let Some(limit) = &step.limit {
        says.push_str(&format!(", {}", limit_words(limit)));
    }
    if let Some(silence) = step.on_expiry {
        says.push_str(&format!("; silence brings {silence}"));
    }
    Some(RuleView {
        rule: id.to_owned(),
        says,
        sources: step
            .sources
            .iter()
            .map(|source| String::from(*source))
            .collect(),
        confidence: Some(step.confidence.name()),
        version: rules::VERSION,
    })
}

pub(crate) fn limit_words(limit: &RuleLimit) -> String {
    let unit = match limit.unit {
        Unit::CalendarDay => "calendar days",
        Unit::BusinessDay => "business days",
        Unit::BankingDay => "banking days",
        Unit::TargetDay => "TARGET days",
        Unit::BacsWorkingDay => "Bacs working days",
        Unit::Hour => "hours",
        Unit::Week => "weeks",
        Unit::Month => "months",
        Unit::Year => "years",
    };
    let range = limit
        .shortest
        .map(|shortest| format!("{shortest} to "))
        .unwrap_or_default();
    let start = limit.start.replace('_', " ");
    format!("{range}{} {unit} from {start}", limit.value)
}
