use super::*;

fn parse(text: &str) -> Result<Settings, Vec<String>> {
    Settings::parse(text, Path::new("/desk"))
        .map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect())
}

const WHOLE: &str = r#"
listen = "127.0.0.1:8787"

[[account]]
provider = "stripe"
account = "acct_1"
webhook_secrets.new = { env = "STRIPE_SECRET" }
webhook_secrets.old = { file = "secrets/stripe-old" }
bases = { api = "https://api.stripe.com", files = "https://files.stripe.com" }
credentials.api = { kind = "bearer", token = { env = "STRIPE_KEY" } }

[[account]]
provider = "ach"
account = "acc-2"
outbox = "out/ach"
"#;

#[test]
fn a_whole_file_reads() {
    let settings = parse(WHOLE).unwrap();
    assert_eq!(settings.listen.as_deref(), Some("127.0.0.1:8787"));
    assert_eq!(settings.body_bytes_max, BODY_BYTES_MAX);
    let stripe = settings.account("stripe", "acct_1").unwrap();
    assert_eq!(stripe.webhook_secrets.len(), 2);
    assert_eq!(stripe.bases.len(), 2);
    assert!(matches!(
        stripe.credentials.get("api"),
        Some(CredentialAt::Bearer { .. })
    ));
    let ach = settings.account("ach", "acc-2").unwrap();
    assert_eq!(ach.outbox.as_deref(), Some(Path::new("/desk/out/ach")));
}

#[test]
fn every_mistake_is_listed_at_once() {
    let mistakes = parse(
        r#"
        listne = "x"
        body_bytes_max = 0
        [[account]]
        provider = "acme"
        webhook_secrets.new = { env = "A", file = "b" }
        credentials.api = { kind = "bearer", token = "the-secret-in-clear" }
        [[account]]
        provider = "stripe"
        account = 7
        bases = { api = " " }
        "#,
    )
    .unwrap_err();
    let all = mistakes.join("\n");
    for part in [
        "`listne`: expected one of",
        "`body_bytes_max`: expected a number from 1 to",
        "`account[1].provider`: expected one of",
        "found `acme`",
        "`account[1].account`: expected text, found nothing",
        "`account[1].webhook_secrets.new`: expected either `env` or `file`",
        "`account[1].credentials.api`: there is no base `api` to use it at",
        "`account[1].credentials.api.token`: expected { env",
        "`account[2].account`: expected text, found integer",
        "`account[2].bases.api`: expected text, found a blank",
    ] {
        assert!(all.contains(part), "no `{part}` in\n{all}");
    }
    assert!(!all.contains("the-secret-in-clear"), "a secret is repeated");
}

#[test]
fn the_same_account_twice_is_a_mistake() {
    let twice = "[[account]]\nprovider = \"ach\"\naccount = \"a\"\n".repeat(2);
    let mistakes = parse(&twice).unwrap_err();
    assert_eq!(
        mistakes,
        ["`account[2].account`: ach/a stands here a second time"]
    );
}

#[test]
fn text_that_is_no_toml_names_its_line() {
    let mistakes = parse("listen = \"x\"\n= 3\n").unwrap_err();
    assert!(
        mistakes.first().unwrap().starts_with("`line 2`"),
        "{mistakes:?}"
    );
}

#[test]
fn a_desk_without_a_file_has_no_settings() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(Settings::read(folder.path()).unwrap(), Settings::none());
}

#[test]
fn secrets_load_from_files_and_say_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    std::fs::write(&path, "whsec_1\n").unwrap();
    assert_eq!(SecretAt::File(path).load(), Ok(String::from("whsec_1")));
    let missing = SecretAt::Env(String::from("DOCKET_TEST_NO_SUCH_VARIABLE"))
        .load()
        .unwrap_err();
    assert!(
        missing.contains("DOCKET_TEST_NO_SUCH_VARIABLE"),
        "{missing}"
    );
}
