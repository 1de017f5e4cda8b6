//! The page `docs/reference/reasons.md`, made from the tables. `BLESS=1` writes it; otherwise it must be as the tables say.

use crate::rules::{ReasonCode, RuleLimit, change_codes, reason_codes, return_codes};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use calendar::Unit;
use std::path::Path;

const HEAD: &str = "\
# Reason codes

Made from the rule files of the `dispute` room; change those, then run its tests with `BLESS=1`.

*Reason* is our kind of reason. *Flow* is the life cycle, or the part of one, in which the code occurs. *Answer* says whether an
answer can change anything: `limited` means on narrow grounds only. *Confidence* rates the sources, whose numbers lead to the list
at the end: high was read in a source that speaks for itself, medium in part or at second hand, low is background knowledge or
contradicted. A code that is not here is kept as the provider wrote it, and its dispute opens all the same.
";

/// Sources in the order in which the page first names them.
#[derive(Default)]
struct Sources(Vec<&'static str>);

impl Sources {
    fn numbers(&mut self, sources: &[&'static str]) -> String {
        let mut numbers = Vec::new();
        for source in sources {
            let known = self.0.iter().position(|known| known == source);
            let place = known.unwrap_or_else(|| {
                self.0.push(source);
                self.0.len() - 1
            });
            numbers.push(format!("{}", place + 1));
        }
        numbers.join(", ")
    }
}

fn page() -> String {
    let mut page = String::from(HEAD);
    let mut sources = Sources::default();
    let mut codes: Vec<&ReasonCode> = reason_codes().to_vec();
    codes.sort_by_key(|code| (code.network, code.code));
    let mut network = "";
    for code in codes {
        if code.network != network {
            network = code.network;
            page.push_str(&format!(
                "\n## {network}\n\n\
                 | Code | Meaning | Use | Reason | Flow | Answer | Confidence | Sources |\n\
                 |---|---|---|---|---|---|---|---|\n"
            ));
        }
        page.push_str(&format!(
            "| {} | {} | {} | {} | {} | {} | {} | {} |\n",
            code.code,
            code.title,
            format!("{:?}", code.status).to_lowercase(),
            code.reason,
            code.flow.unwrap_or("-"),
            code.respondable.name(),
            code.confidence.name(),
            sources.numbers(code.sources),
        ));
    }
    page.push_str(&returns());
    page.push_str("\n## ach, changes of account details\n\n| Code | Meaning | Corrects | Apply by | Confidence | Sources |\n|---|---|---|---|---|---|\n");
    for code in change_codes() {
        let apply_by = code.apply_by.map_or_else(|| String::from("-"), length);
        page.push_str(&format!(
            "| {} | {} | {} | {apply_by} | {} | {} |\n",
            code.code,
            code.title,
            code.corrects.join(", "),
            code.confidence.name(),
            sources.numbers(code.sources),
        ));
    }
    page.push_str("\n## Sources\n\n");
    for (place, source) in sources.0.iter().enumerate() {
        page.push_str(&format!("{}. {source}\n", place + 1));
    }
    page
}

/// `2 banking days`.
fn length(limit: RuleLimit) -> String {
    let unit = match limit.unit {
        Unit::CalendarDay => "calendar day",
        Unit::BusinessDay => "business day",
        Unit::BankingDay => "banking day",
        Unit::TargetDay => "TARGET day",
        Unit::BacsWorkingDay => "Bacs working day",
        Unit::Hour => "hour",
        Unit::Week => "week",
        Unit::Month => "month",
        Unit::Year => "year",
    };
    let several = if limit.value == 1 { "" } else { "s" };
    format!("{} {unit}{several}", limit.value)
}

fn returns() -> String {
    let mut part = String::from(
        "\n## ach, what a return code adds\n\n| Code | Kind | Initiator | Window | Statement | Counts as |\n|---|---|---|---|---|---|\n",
    );
    for (code, entry) in return_codes() {
        let window = entry.window.map_or_else(
            || String::from("-"),
            |limit| format!("{} from {}", length(limit), limit.start),
        );
        part.push_str(&format!(
            "| {code} | {} | {} | {window} | {} | {} |\n",
            entry.kind,
            entry.initiator,
            if entry.statement_needed {
                "needed"
            } else {
                "-"
            },
            entry.rate_bucket.unwrap_or("-"),
        ));
    }
    part
}

#[test]
fn the_page_of_reason_codes_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/reasons.md");
    let page = page();
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "docs/reference/reasons.md differs from the rule files; run this test with BLESS=1"
    );
}
