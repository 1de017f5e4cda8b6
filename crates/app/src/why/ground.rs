//! What a field rests on: which statements and which rules.

use dispute::id::FactId;
use dispute::reference::RefKind;
use dispute::said::Said;
use dispute::view;
use engine::command::Opened;
use std::collections::BTreeSet;

/// The statements and rules behind a field.
#[derive(Clone, Debug, Default)]
pub struct Ground {
    pub facts: BTreeSet<FactId>,
    pub rules: Vec<String>,
}

/// The fields of every case, whether this one has them or not.
const FIELDS: &[&str] = &[
    "id",
    "provider",
    "account",
    "dispute",
    "lifecycle",
    "status",
    "stage",
    "said_by",
    "respond_by",
    "cutoff",
    "network_limit",
    "aim_for",
    "network",
    "reason",
    "reason_code",
    "disputed",
    "paid",
    "recovered",
    "money",
    "withdrawn",
    "reinstated",
    "fees",
    "lost",
    "divergence",
    "refunded",
    "assigned_to",
    "opened_at",
    "changed_at",
    "reference",
    "linked",
    "step",
    "movement",
    "evidence_version",
    "evidence",
    "sealed",
    "answer",
    "requirement",
    "obligation",
    "finding",
    "message",
    "note",
];

/// The names that `why` takes for this case.
pub fn fields(opened: &Opened) -> Vec<String> {
    let own = view::fields(&opened.case).into_iter().map(|(name, _)| name);
    let all: BTreeSet<String> = own
        .chain(FIELDS.iter().map(|name| String::from(*name)))
        .collect();
    all.into_iter().collect()
}

/// What this field rests on; `None` when no case has such a field.
pub fn ground(opened: &Opened, field: &str) -> Option<Ground> {
    let (head, rest) = field.split_once('.').unwrap_or((field, ""));
    let mut ground = Ground::default();
    match head {
        "status" | "stage" | "said_by" => ground.because(opened, &["status"]),
        "respond_by" | "cutoff" | "network_limit" | "aim_for" => ground.because(opened, &["respond_by"]),
        "reason" | "reason_code" => ground.because(opened, &["reason"]),
        "network" => ground.because(opened, &["network", "reason"]),
        "lifecycle" => {
            ground.because(opened, &["network", "reason"]);
            ground.rules.push(format!("life cycle {}", opened.case.lifecycle));
        }
        "disputed" | "paid" | "recovered" | "refunded" | "assigned_to" => ground.because(opened, &[head]),
        "money" | "withdrawn" | "reinstated" | "fees" => ground.because(opened, &["money"]),
        "lost" | "divergence" => ground.because(opened, &["money", "status", "disputed"]),
        "movement" => ground.pick(opened, |said| matches!(said, Said::Moved(moved) if rest.is_empty() || same(&moved.key, rest))),
        "evidence" => ground.pick(
            opened,
            |said| matches!(said, Said::EvidenceSaved { slot, .. } if rest.is_empty() || same(slot, rest)),
        ),
        "evidence_version" => ground.pick(opened, |said| matches!(said, Said::EvidenceSaved { .. })),
        "sealed" => ground.pick(
            opened,
            |said| matches!(said, Said::EvidenceSealed { .. } | Said::EvidenceReviewed { .. } | Said::AskWithdrawn { .. }),
        ),
        "answer" => ground.pick(opened, |said| answers(said, rest)),
        "message" => ground.pick(opened, |said| matches!(said, Said::Told { .. })),
        "note" => ground.pick(opened, |said| matches!(said, Said::Noted { .. })),
        "requirement" => ground.requirement(opened, rest),
        "obligation" => ground.obligation(opened, rest),
        "finding" => ground.finding(opened, rest),
        "step" => ground.facts.extend(opened.case.steps.iter().map(|step| step.fact.clone())),
        "opened_at" => ground.edge(opened, true),
        "changed_at" => ground.edge(opened, false),
        "id" | "provider" | "account" | "dispute" => {
            ground.pick_naming(opened, |_| true);
            ground.rules.push(String::from("an id is a function of provider, account and the provider's reference"));
        }
        "reference" => ground.pick_naming(opened, |kind| rest.is_empty() || same(kind.name(), rest)),
        "linked" => ground.linked(opened),
        _ => return None,
    }
    Some(ground)
}

/// Names on the command line have `_` where a name may have `-`.
fn same(name: &str, typed: &str) -> bool {
    name == typed || name.replace('-', "_") == typed
}

fn answers(said: &Said, typed: &str) -> bool {
    let stage = match said {
        Said::SubmissionAsked { stage, .. }
        | Said::AcceptanceAsked { stage }
        | Said::DishonorAsked { stage, .. }
        | Said::AskWithdrawn { stage }
        | Said::Acknowledged { stage, .. }
        | Said::Staged { stage }
        | Said::Sent { stage, .. } => stage,
        _ => return false,
    };
    typed.is_empty() || same(stage.name(), typed)
}

impl Ground {
    /// What the derivation itself noted.
    fn because(&mut self, opened: &Opened, keys: &[&str]) {
        for key in keys {
            if let Some(because) = opened.case.because.get(key) {
                self.facts.extend(because.facts.iter().cloned());
                self.rules.extend(because.rules.iter().cloned());
            }
        }
    }

    /// Statements about this very dispute that the function picks.
    fn pick(&mut self, opened: &Opened, wanted: impl Fn(&Said) -> bool) {
        let own = opened.facts.iter().filter(|row| {
            row.fact
                .refs
                .dispute()
                .is_none_or(|dispute| dispute == opened.case.dispute)
                && wanted(&row.fact.said)
        });
        self.facts.extend(own.map(|row| row.id.clone()));
    }

    /// The statements that name the dispute, and beside it something of such a kind.
    fn pick_naming(&mut self, opened: &Opened, wanted: impl Fn(RefKind) -> bool) {
        let naming = opened.facts.iter().filter(|row| {
            let refs = &row.fact.refs;
            refs.dispute() == Some(opened.case.dispute.as_str())
                && refs.iter().any(|reference| wanted(reference.kind))
        });
        self.facts.extend(naming.map(|row| row.id.clone()));
    }

    /// The statements that say this dispute or another of its payment together with something else that joins them, and what
    /// people tied.
    fn linked(&mut self, opened: &Opened) {
        let others = opened.linked.iter().map(|case| case.dispute.as_str());
        let names: BTreeSet<&str> = others.chain([opened.case.dispute.as_str()]).collect();
        let joining = opened.facts.iter().filter(|row| {
            let refs = &row.fact.refs;
            let together = refs.dispute().is_some_and(|name| names.contains(name))
                && refs.joining().count() > 1;
            together || matches!(row.fact.said, Said::Tied { .. })
        });
        self.facts.extend(joining.map(|row| row.id.clone()));
        self.rules.push(String::from(
            "references that are said together belong together",
        ));
    }

    /// The first or last statement of all.
    fn edge(&mut self, opened: &Opened, first: bool) {
        let at = if first {
            opened.case.opened_at
        } else {
            opened.case.changed_at
        };
        let there = opened.facts.iter().filter(|row| row.fact.true_at == at);
        self.facts.extend(there.map(|row| row.id.clone()));
    }

    /// What an obligation rests on: the word or rule that sets its time, and what met or broke it.
    fn obligation(&mut self, opened: &Opened, typed: &str) {
        for owed in &opened.case.obligations {
            let duty = owed.duty.key();
            if typed.is_empty() || same(&duty, typed) {
                self.rules.push(owed.basis.clone());
                let stage = duty
                    .split_once('/')
                    .map_or("", |(_, stage)| stage)
                    .to_owned();
                self.pick(opened, |said| match said {
                    Said::Due { stage: at, .. } => at.name() == stage,
                    Said::Passed { what, .. } => *what == duty,
                    Said::Waived { obligation, .. } => *obligation == owed.id.to_string(),
                    other => !stage.is_empty() && answers(other, &stage),
                });
            }
        }
        self.because(opened, &["status"]);
        self.rules.dedup();
    }

    /// What asks for a slot: the provider's own list, or our rule for the reason.
    fn requirement(&mut self, opened: &Opened, typed: &str) {
        self.pick(opened, |said| match said {
            Said::Requires { slots, .. } => {
                typed.is_empty() || slots.iter().any(|slot| same(&slot.slot, typed))
            }
            _ => false,
        });
        self.because(opened, &["reason"]);
        let needs = opened.case.evidence.requirements.iter();
        let asked = needs.filter(|need| typed.is_empty() || same(&need.slot, typed));
        self.rules.extend(asked.map(|need| need.basis.clone()));
        self.rules.sort();
        self.rules.dedup();
    }

    fn finding(&mut self, opened: &Opened, typed: &str) {
        let of_drift = same("drift", typed) || typed.is_empty();
        self.pick(opened, |said| {
            of_drift && matches!(said, Said::Drifted { .. })
        });
        for finding in &opened.case.findings {
            if typed.is_empty() || same(finding.kind.name(), typed) {
                self.rules.push(format!(
                    "finding {}: {}",
                    finding.kind.name(),
                    finding.fingerprint
                ));
            }
        }
        if !of_drift || typed.is_empty() {
            self.because(opened, &["status", "money", "respond_by"]);
        }
    }
}
