//! The whole life of a dispute at the built program: it is notified of, answered by Stripe's own Python SDK with a key that
//! `docket api-key` made, sent to a stand-in for Stripe, and won.

use crate::browser::clients;
use crate::run::{Folder, docket, pdf, sample};
use crate::serve::Serving;
use crate::stand_in::{Manner, stand_in};
use std::process::Command;

/// Nobody who runs this sees that day (2099-12-31).
const DUE_BY: u64 = 4_102_444_799;
const SECRET: &str = "whsec_synthetic-signing-key";

#[test]
fn the_python_sdk_leads_a_dispute_through_its_life() {
    let Some(clients) = clients() else { return };
    let folder = Folder::new();
    let dir = folder.path("desk");
    let provider = stand_in(Manner::Answer);
    provider.held.lock().unwrap().due_by = DUE_BY;
    let secret = "webhook_secrets.now = { file = \"secrets/webhook\" }\n";
    let settings = provider.settings("acct_sample") + secret;
    folder.write("desk/desk.toml", settings.as_bytes());
    folder.write("desk/secrets/stripe-key", b"a-key\n");
    folder.write("desk/secrets/webhook", SECRET.as_bytes());
    for name in ["created.json", "reinstated.json", "closed.json"] {
        let text = std::fs::read_to_string(sample(name)).unwrap();
        let text = text.replace("1773705599", &DUE_BY.to_string());
        folder.write(name, text.as_bytes());
    }
    folder.write("receipt.pdf", &pdf("A receipt"));
    // A desk begins with a document; this one is not about disputes.
    let other = r#"{"id":"evt_0","object":"event","api_version":"2024-06-20","created":1772442000,"livemode":false,"type":"customer.created","data":{"object":{"id":"cus_1","object":"customer"}}}"#;
    let other = folder.write("other.json", other.as_bytes());
    docket(&[
        "ingest",
        "--dir",
        &dir,
        "stripe",
        &other,
        "--account",
        "acct_sample",
    ])
    .exits(0);
    let run = |args: &[&str]| {
        docket(&[args, &["--dir", &dir, "--json"]].concat())
            .exits(0)
            .json()
    };
    run(&["merchant", "add", "Merchant 1", "--id", "mer_1"]);
    run(&["merchant", "own", "mer_1", "stripe", "acct_sample"]);
    let mint = [
        "api-key",
        "mint",
        "Shop",
        "--merchant",
        "mer_1",
        "--role",
        "merchant-member",
    ];
    let minted = run(&mint);
    // It asks again until what is to come has come: faster than a program may in the long run.
    let often = [
        ("DOCKET_LIMITS_READS_PER_SECOND", "100000"),
        ("DOCKET_LIMITS_READS_BURST", "100000"),
    ];
    let serving = Serving::told(&dir, &often);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/clients/life.py");
    let done = Command::new(format!("{clients}/python/bin/python"))
        .args([script, folder.0.path().to_str().unwrap()])
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("DOCKET_URL", format!("http://{}", serving.address))
        .env("DOCKET_KEY", minted["secret"].as_str().unwrap())
        .env("DOCKET_SECRET", SECRET)
        .output()
        .expect("Python starts");
    let words = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
    assert!(done.status.success() && words.contains("over"), "{words}");
    let held = provider.held.lock().unwrap();
    assert_eq!(held.answers, 1, "{:?}", held.requests);
    drop(held);
    serving.stop();
    docket(&["replay", "--compare", "--dir", &dir]).exits(0);
}

/// Who is too fast is told when to come back, in the words that the SDK waits by: its caller sees only answers.
#[test]
fn the_python_sdk_waits_where_it_was_too_fast() {
    let Some(clients) = clients() else { return };
    let (_folder, dir) = crate::run::sample_desk();
    let mint = ["api-key", "mint", "Shop", "--role", "analyst", "--json"];
    let minted = docket(&[&mint[..], &["--dir", &dir]].concat())
        .exits(0)
        .json();
    let slow = [
        ("DOCKET_LIMITS_READS_PER_SECOND", "1"),
        ("DOCKET_LIMITS_READS_BURST", "1"),
    ];
    let serving = Serving::told(&dir, &slow);
    let done = Command::new(format!("{clients}/python/bin/python"))
        .args(["-c", WAITS])
        .env("DOCKET_URL", format!("http://{}", serving.address))
        .env("DOCKET_KEY", minted["secret"].as_str().unwrap())
        .output()
        .expect("Python starts");
    let words = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
    assert!(done.status.success(), "{words}");
    serving.stop();
}

const WAITS: &str = r#"
import os
import stripe

asks = lambda **more: stripe.StripeClient(os.environ["DOCKET_KEY"], base_addresses={"api": os.environ["DOCKET_URL"]}, **more)
patient = asks(max_network_retries=30)
for _ in range(3):
    assert patient.v1.disputes.list().data
hasty = asks(max_network_retries=0)
try:
    for _ in range(5_000):
        hasty.v1.disputes.list()
    raise AssertionError("as fast as it likes")
except stripe.RateLimitError as refused:
    assert refused.http_status == 429 and refused.request_id.startswith("req_"), refused
    assert int(refused.headers["retry-after"]) >= 1, refused.headers
"#;
