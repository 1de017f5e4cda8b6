//! The reference of Stripe's words is made from the tables that the code reads; it says what they say, or this fails.
//! `BLESS=1` writes it anew.
#![allow(clippy::expect_used, clippy::panic)]

use api::tables::{FIELDS, REASONS, STATUSES, Takes};
use api::version::{Version, changes, supported};
use std::fmt::Write;
use std::path::Path;

const PAGE: &str = "docs/reference/stripe-mapping.md";

const OPENING: &str = "\
# Stripe's words

For developers whose programs know Stripe's interface, and for whoever answers their questions: how `/v1` says what the desk knows, the
same for every provider. Made from the tables that the code reads (`crates/api/src/tables/`).

## Ids

What has an id of Stripe's own form keeps it: `dp_`, `du_`, `ch_`, `py_`, `pi_`, `issfr_`. Other disputes are `dp_` and the case's 26
characters; other payments spell their account and reference after `ch_docket_` or `pi_docket_`; balance transactions are `txn_`, the
case's characters, and ten that tell its movements apart. The provider's own dispute reference is taken wherever an id is.

## Where a case stands

The first line that fits counts; `*` fits everything. `asked` and `conceded`: the desk has taken over an answer or an acceptance that the
provider has not refused. A caller of Stripe's sees it as sent, with `submission_count` 1; `expand[]=docket` tells whether it is asked,
in doubt or accepted. A refusal puts the dispute back to where it was.

";

const BESIDE: &str = "\
## Beside the tables

- `due_by` is the last second in which an answer is taken, `0` where none is, and null where nothing says. `expand[]=docket` gives the
  deadline as it was said, with its zone, and `contestable` apart from it.
- `docket` stands on a dispute only where it is asked for, so that strict clients see Stripe's shape.
- `submit` is true unless said otherwise, as with Stripe, once `evidence` is given; metadata alone submits nothing.
- Where a provider takes only documents of kinds that it names itself, each file field fills the next empty kind, required ones first, and
  texts are refused. They are shown in `uncategorized_file`.
- A charge or payment intent shows what documents say of it; what none says is null. `created` is the dispute's, because not every
  provider says when the payment was made.
- Balance transactions are listed by when they moved, the last first, whichever dispute they are of. One whose time is corrected later keeps
  its place and stays in the range of `created` that it was in, so that whoever reads on from where they were misses none.
- `delivery_success=false` lists the events that an endpoint of the key's merchant has not taken yet, and `true` all others; a desk's key asks
  for the endpoints of all merchants.
- A page of a list is empty only where the list ends. Where too many cases or movements would have to be looked through for one (a rare
  `type` on a large desk), the request is refused and asks for a range of `created`.
- The address of a file link stands in the answer that made it and in no other.
- Currency `xxx` is ISO 4217's word for none: nothing says yet what is disputed.
- Card numbers are refused in evidence and metadata (DP-3015).
";

fn page() -> String {
    let mut text = String::from(OPENING);
    let out = &mut text;
    line(out, &["stage", "standing", "`status`", "`case_type`"]);
    line(out, &["--", "--", "--", "--"]);
    for row in STATUSES.iter() {
        line(out, &[row.stage, row.standing, row.status, row.case_type]);
    }
    out.push_str("\n## Reasons\n\nA provider's word that no table maps is passed on as it is.\n\n");
    line(out, &["reason", "`reason` of Stripe's"]);
    line(out, &["--", "--"]);
    for (reason, stripe) in REASONS.iter() {
        line(out, &[reason, stripe]);
    }
    out.push_str("\n## Evidence\n\nAll texts together have at most 150,000 characters.\n\n");
    line(out, &["field", "takes", "saved into", "also shown from"]);
    line(out, &["--", "--", "--", "--"]);
    for field in FIELDS.iter() {
        let takes = match field.takes {
            Takes::Text { characters_max } => format!("text, at most {characters_max} characters"),
            Takes::File => String::from("file"),
        };
        let also = field.also.join(", ");
        line(out, &[field.name, &takes, field.slot, &also]);
    }
    out.push_str("\n## Versions\n\n");
    let (oldest, newest) = (Version::oldest(), Version::newest());
    let count = supported().count();
    writeln!(
        out,
        "{count} versions from `{oldest}` to `{newest}` are answered: the one in `Stripe-Version`, else the key's, else the oldest. Objects \
         are made in the newest shape and taken back:\n"
    )
    .expect("a string takes every write");
    line(out, &["since", "what it brought"]);
    line(out, &["--", "--"]);
    for (since, what) in changes() {
        line(out, &[since, what]);
    }
    out.push('\n');
    out.push_str(BESIDE);
    text
}

fn line(out: &mut String, cells: &[&str]) {
    writeln!(out, "| {} |", cells.join(" | ")).expect("a string takes every write");
}

#[test]
fn the_reference_says_what_the_tables_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(PAGE);
    let want = page();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &want).expect("the page is written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == want,
        "{PAGE} is stale: run with BLESS=1 and read the difference"
    );
}

const DESCRIPTION: &str = "docs/reference/openapi.json";

#[test]
fn the_description_says_what_is_routed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(DESCRIPTION);
    let mut want = serde_json::to_string_pretty(&api::description()).expect("JSON");
    want.push('\n');
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &want).expect("the description is written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == want,
        "{DESCRIPTION} is stale: run with BLESS=1 and read the difference"
    );
}
