//! The ACH network, as far as a desk meets it: files from its bank, and nothing to ask.

use super::letter::{Letter, Sign};
use super::truth::Case;
use crate::paper::ach as paper;
use adapter::Channel;
use calendar::{Date, Instant};

/// One line for the next file of a company.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub account: String,
    pub returned: paper::Return,
    pub step: paper::Step,
}

/// How the desk names the dispute of an entry.
pub(super) fn dispute_id(original_trace: u64) -> String {
    format!("{original_trace:0>15}-{}", paper::RDFI)
}

/// The file of one day for one company: returns and what followed them, or notices.
pub(super) fn file(
    account: &str,
    at: Instant,
    on: Date,
    lines: &[&Line],
    debit_off: i64,
) -> Letter {
    let steps: Vec<(paper::Return, paper::Step)> = lines
        .iter()
        .map(|line| (line.returned.clone(), line.step.clone()))
        .collect();
    let body = paper::steps_file(account, on, &steps, debit_off)
        .expect("traces, codes and amounts of the simulation fit their columns");
    Letter {
        at,
        provider: "ach",
        account: account.to_owned(),
        channel: Channel::File,
        name: format!("returns-{account}-{on}.ach"),
        body,
        sign: Sign::TrustedWay,
    }
}

/// The line of a first return.
pub(super) fn first(case: &Case, original_trace: u64, trace: u64) -> Line {
    Line {
        account: case.account.clone(),
        returned: paper::Return {
            code: case.code.to_owned(),
            amount: u64::try_from(case.minor).unwrap_or(0),
            original_trace,
            trace,
        },
        step: paper::Step::Return,
    }
}
