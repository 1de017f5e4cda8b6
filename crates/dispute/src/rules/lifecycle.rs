//! Life cycles: the graph of each network, who moves, by when, and what silence does.

use super::limit::RuleLimit;
use super::{Confidence, in_force, table};
use crate::network::Network;
use crate::status::{Outcome, Phase, Stage, Standing};
use alloc::vec::Vec;
use calendar::Date;

/// The life cycle of a dispute on one network, or of one of a network's flows.
#[derive(Debug)]
pub struct Lifecycle {
    /// The name of its file (`visa_collaboration`).
    pub machine: &'static str,
    /// The rail it runs on; `platform` for the statuses of a platform that hides the network.
    pub rail: &'static str,
    pub states: &'static [State],
    pub transitions: &'static [Transition],
}

/// One state, and what the desk calls it. Several states may be one phase.
#[derive(Debug)]
pub struct State {
    pub id: &'static str,
    /// An end may be told at any stage; for it, this is the stage at which most cases end.
    pub stage: Stage,
    pub standing: Standing,
    pub initial: bool,
    /// Nothing follows in this graph. Providers do reverse ends, and a case follows them; it is then a finding, not an error.
    pub terminal: bool,
    /// Why the state has this stage and standing.
    pub source: &'static str,
    pub confidence: Confidence,
}

/// One step.
#[derive(Debug)]
pub struct Transition {
    /// `machine/from->to`, with `#2` where two steps join the same states.
    pub id: &'static str,
    pub from: &'static str,
    pub to: &'static str,
    pub event: &'static str,
    /// Who takes the step, in the network's own word for the role.
    pub actor: &'static str,
    /// The actor as the merchant sees it.
    pub side: Side,
    pub limit: Option<RuleLimit>,
    /// What follows when the limit passes, where the step says so.
    pub on_expiry: Option<&'static str>,
    /// What the step does to the money, in words. Movements prove it, never this.
    pub money: Option<&'static str>,
    pub sources: &'static [&'static str],
    pub confidence: Confidence,
    /// First day on which the step exists, `YYYY-MM-DD`.
    pub since: Option<&'static str>,
    /// First day on which it no longer does.
    pub until: Option<&'static str>,
}

/// Whose step it is, seen from the merchant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Ours,
    Theirs,
    Network,
    /// Time passing.
    Clock,
    /// No single side.
    Nobody,
}

/// A limit that holds for a case, and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The step that the limit belongs to: `visa_collaboration/dispute->dispute_response`.
    pub id: &'static str,
    pub limit: RuleLimit,
    /// What silence brings: a state of the machine, or words.
    pub silence: Option<&'static str>,
    /// The first of the sources.
    pub source: &'static str,
    pub sources: &'static [&'static str],
    pub confidence: Confidence,
}

/// A line of `machines.csv`: for codes that begin so, this life cycle, in this period.
#[derive(Debug)]
pub(super) struct Governs {
    pub(super) network: &'static str,
    pub(super) code_prefix: &'static str,
    pub(super) lifecycle: &'static Lifecycle,
    pub(super) since: Option<&'static str>,
    pub(super) until: Option<&'static str>,
}

/// Every life cycle, by name.
pub fn lifecycles() -> &'static [&'static Lifecycle] {
    table::LIFECYCLES
}

/// Which life cycle governs a case that opened on this day: by network, and on Visa by the group of the reason code (10 and 11
/// allocation, 12 and 13 collaboration, C compliance). A Visa case without a code is read as allocation, whose limits are the
/// shorter ones. An unlisted network has the platform's own statuses.
pub fn lifecycle(network: Option<&Network>, code: Option<&str>, on: Date) -> &'static Lifecycle {
    let code = code.unwrap_or_default().trim().to_ascii_uppercase();
    let governing = |network: &Network| {
        table::GOVERNS
            .iter()
            .filter(|line| line.network == network.name() && code.starts_with(line.code_prefix))
            .filter(|line| in_force(line.since, line.until, on))
            .max_by_key(|line| line.code_prefix.len())
    };
    network
        .and_then(governing)
        .map_or(&table::GENERIC_STATUS, |line| line.lifecycle)
}

impl Lifecycle {
    /// Whether a case that stands at `from` may next be heard of at `to`: directly, through states that nobody told us of, or
    /// because it is the same place.
    ///
    /// A phase that the graph does not have word for word is read as its nearest states: `theirs` and `network` stand for each
    /// other, then any open state of the stage does. An end is any end that leaves the money on the same side, because providers
    /// tell ends coarsely (`lost` for a case that we accepted), and at any stage. A stage that the graph does not have at all may
    /// come before later stages and after earlier ones.
    pub fn reaches(&self, from: Phase, to: Phase) -> bool {
        if from == to {
            return true;
        }
        let sources = self.states_at(from);
        let targets = match to.standing.outcome() {
            Some(outcome) => self.ends_like(outcome),
            None => self.states_at(to),
        };
        if sources.is_empty() || targets.is_empty() {
            return from.stage <= to.stage;
        }
        let reached = self.reachable(sources);
        targets.iter().any(|target| reached.contains(target))
    }

    /// The limit for our answer at this stage; at the low end where the source gives a range. `None` when the rules set none:
    /// only the provider's own date counts then.
    ///
    /// Where several answers are open to us, the shortest limit counts. Giving in is not an answer.
    pub fn answer_limit(&self, stage: Stage) -> Option<Rule> {
        let given_up = |id: &str| {
            let standing = self.state(id).map(|state| state.standing);
            matches!(
                standing,
                Some(Standing::Lost | Standing::Accepted | Standing::Expired)
            )
        };
        self.steps_at(stage, |standing| standing == Standing::Ours)
            .filter(|step| step.side == Side::Ours && !given_up(step.to))
            .filter_map(|step| Some((step, step.limit?.at_shortest())))
            .min_by_key(|(_, limit)| limit.hours())
            .map(|(step, limit)| self.rule(step, limit))
    }

    /// The limit for the other side's answer, the issuer's or the network's; at the high end where the source gives a range,
    /// because only then are they late. Where no step of theirs has one, the time after which the stage closes by itself.
    pub fn their_limit(&self, stage: Stage) -> Option<Rule> {
        let waiting = |standing| matches!(standing, Standing::Theirs | Standing::Network);
        let longest = |sides: &[Side]| {
            self.steps_at(stage, waiting)
                .filter(|step| sides.contains(&step.side))
                .filter_map(|step| Some((step, step.limit?)))
                .max_by_key(|(_, limit)| limit.hours())
        };
        longest(&[Side::Theirs, Side::Network])
            .or_else(|| longest(&[Side::Clock]))
            .map(|(step, limit)| self.rule(step, limit))
    }

    /// The state with this id.
    pub fn state(&self, id: &str) -> Option<&'static State> {
        self.states.iter().find(|state| state.id == id)
    }

    fn rule(&self, step: &'static Transition, limit: RuleLimit) -> Rule {
        let by_clock = || {
            let passing = self.transitions.iter().find(|other| {
                other.from == step.from && other.side == Side::Clock && other.limit.is_some()
            });
            passing.map(|passing| passing.to)
        };
        Rule {
            id: step.id,
            limit,
            silence: step.on_expiry.or_else(by_clock),
            source: step
                .sources
                .first()
                .expect("the build refuses an entry without a source"),
            sources: step.sources,
            confidence: step.confidence,
        }
    }

    /// The steps out of the open states of a stage.
    fn steps_at(
        &self,
        stage: Stage,
        standing: impl Fn(Standing) -> bool,
    ) -> impl Iterator<Item = &'static Transition> {
        self.transitions.iter().filter(move |step| {
            let state = self.state(step.from);
            state.is_some_and(|state| state.stage == stage && standing(state.standing))
        })
    }

    /// The states that a phase may mean; none at a stage that the graph does not have.
    fn states_at(&self, phase: Phase) -> Vec<&'static State> {
        let matching = |wanted: &dyn Fn(&State) -> bool| -> Vec<&'static State> {
            self.states.iter().filter(|state| wanted(state)).collect()
        };
        let exact =
            matching(&|state| state.stage == phase.stage && state.standing == phase.standing);
        if !exact.is_empty() {
            return exact;
        }
        if !self.states.iter().any(|state| state.stage == phase.stage) {
            return Vec::new();
        }
        if let Some(outcome) = phase.standing.outcome() {
            let same_word = matching(&|state| state.standing == phase.standing);
            return if same_word.is_empty() {
                self.ends_like(outcome)
            } else {
                same_word
            };
        }
        let open = |state: &State| state.stage == phase.stage && state.standing.outcome().is_none();
        let as_ours = phase.standing == Standing::Ours;
        let alike = matching(&|state| open(state) && (state.standing == Standing::Ours) == as_ours);
        if alike.is_empty() {
            matching(&open)
        } else {
            alike
        }
    }

    /// The ends that leave the money on the same side as this outcome.
    fn ends_like(&self, outcome: Outcome) -> Vec<&'static State> {
        let alike = |state: &&State| {
            let end = state.standing.outcome();
            end.is_some_and(|end| {
                (keeps_money(end) && keeps_money(outcome))
                    || (gives_money(end) && gives_money(outcome))
            })
        };
        self.states.iter().filter(alike).collect()
    }

    /// Every state that a case in one of `sources` may come to, those themselves among them.
    fn reachable(&self, sources: Vec<&'static State>) -> Vec<&'static State> {
        let mut reached = sources;
        let mut place = 0;
        while let Some(state) = reached.get(place).copied() {
            let next = self.transitions.iter().filter(|step| step.from == state.id);
            let next = next.filter_map(|step| self.state(step.to));
            for state in next {
                if !reached.contains(&state) {
                    reached.push(state);
                }
            }
            place += 1;
        }
        reached
    }
}

/// A state is its place in the tables.
impl PartialEq for State {
    fn eq(&self, other: &State) -> bool {
        core::ptr::eq(self, other)
    }
}

/// Ends after which the merchant has some of the money.
fn keeps_money(outcome: Outcome) -> bool {
    match outcome {
        Outcome::Won | Outcome::PartiallyWon | Outcome::Withdrawn | Outcome::Lapsed => true,
        Outcome::Lost | Outcome::Accepted | Outcome::Prevented | Outcome::Expired => false,
    }
}

/// Ends after which the payer has some of it: a refund that averts a dispute is money given, too.
fn gives_money(outcome: Outcome) -> bool {
    outcome == Outcome::PartiallyWon || !keeps_money(outcome)
}
