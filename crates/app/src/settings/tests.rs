use super::*;

fn parse(text: &str) -> Result<Settings, Vec<String>> {
    told(text, &[])
}

fn told(text: &str, environment: &[(&str, &str)]) -> Result<Settings, Vec<String>> {
    let environment = environment
        .iter()
        .map(|(name, value)| (String::from(*name), String::from(*value)))
        .collect();
    Settings::parse(text, Path::new("/desk"), &environment)
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
    assert_eq!(settings.listen, "127.0.0.1:8787");
    assert_eq!(settings.body_bytes_max, 1024 * 1024);
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
        webhooks = 3
        [api]
        public_url = "https://user:secret@example.com"
        [limits]
        reads_per_second = "many"
        head_bytes = 1
        [observability]
        log_format = "xml"
        metrics_listen = "9100"
        traces = true
        [oidc]
        issuer = "https://id.example.com"
        client_secret = "the-secret-in-clear"
        email_domains = ["example"]
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
        "`webhooks`: expected a `[webhooks]` table, found integer",
        "`limits.reads_per_second`: expected a number from 1 to 1000000, found `many`",
        "`limits.head_bytes`: expected a number from 8192 to 1048576, found 1",
        "`observability.log_format`: expected json or text, found `xml`",
        "`observability.metrics_listen`: expected an address such as 127.0.0.1:8787, found `9100`",
        "`api.public_url`: expected an http:// or https:// URL without credentials and query, found string",
        "`observability.traces`: expected one of",
        "`oidc`: an identity provider needs `issuer` and `client_id`",
        "`oidc.client_secret`: expected { env",
        "`oidc.email_domains`: expected domains such as example.com",
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
    let settings = Settings::read(folder.path()).unwrap();
    assert_eq!(settings.accounts, Settings::none().accounts);
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

#[test]
fn the_environment_comes_before_the_file() {
    let file = "listen = \"127.0.0.1:1\"\n[limits]\nreads_per_second = 5\nreads_burst = 6\n";
    let settings = told(
        file,
        &[
            ("DOCKET_LIMITS_READS_PER_SECOND", "7"),
            ("DOCKET_LISTEN", "127.0.0.1:2"),
            ("DOCKET_WEBHOOKS_LOOPBACK", "true"),
            ("DOCKET_HOME", "/somewhere"),
        ],
    )
    .unwrap();
    let reads = process::Rate {
        per_second: 7,
        burst: 6,
    };
    assert_eq!(settings.process.limits.reads, reads);
    assert_eq!(settings.listen, "127.0.0.1:2");
    assert!(settings.process.webhooks.loopback);
    let mistakes = told(
        file,
        &[
            ("DOCKET_LIMITS_READ_PER_SECOND", "7"),
            ("DOCKET_WEBHOOKS_LOOPBACK", "perhaps"),
        ],
    )
    .unwrap_err();
    assert_eq!(mistakes.len(), 2, "{mistakes:?}");
    assert!(
        mistakes
            .iter()
            .any(|mistake| mistake.starts_with("`DOCKET_LIMITS_READ_PER_SECOND`: no setting"))
    );
    assert!(
        mistakes
            .iter()
            .any(|mistake| mistake.contains("expected true or false, found `perhaps`"))
    );
}

#[test]
fn an_identity_provider_is_read_whole() {
    let settings = parse(
        "[oidc]\nissuer = \"https://id.example.com\"\nclient_id = \"desk\"\n\
         client_secret = { env = \"DOCKET_TEST_NO_SUCH_VARIABLE\" }\nemail_domains = [\"Example.com\"]\n",
    )
    .unwrap();
    let oidc = settings.process.oidc.as_ref().unwrap();
    assert_eq!(oidc.email_domains, ["example.com"]);
    let missing = settings.unloadable();
    assert_eq!(missing.first().unwrap().at, "oidc.client_secret");
    assert_eq!(parse("").unwrap().process.oidc, None);
}

#[test]
fn endpoints_may_be_on_the_ports_that_are_listed() {
    let ports = |text: &str| {
        let settings = parse(&format!("[webhooks]\nports = \"{text}\"\n"));
        settings.map(|settings| {
            settings
                .process
                .webhooks
                .ports
                .into_iter()
                .collect::<Vec<u16>>()
        })
    };
    assert_eq!(ports("8443 443  9443"), Ok(vec![443, 8443, 9443]));
    for wrong in ["0", "65536", "8443,9443", "https"] {
        let told = ports(wrong).unwrap_err();
        let what = "`webhooks.ports`: expected ports from 1 to 65535 with spaces between them";
        assert!(told.iter().all(|told| told.starts_with(what)), "{told:?}");
    }
    let usual = parse("").unwrap().process.webhooks;
    assert!(usual.connect < usual.answer && usual.endpoints_max == 16);
    // Whatever is allowed, a sender can be made of, and an answer is awaited for less than a lease.
    let longest = parse("[webhooks]\nconnect_seconds = 9\nanswer_seconds = 25\n").unwrap();
    let webhooks = &longest.process.webhooks;
    let lease = u64::try_from(hooks::endpoint::LEASE_SECONDS).unwrap();
    assert!(webhooks.answer.as_secs() < lease);
    for webhooks in [
        webhooks,
        &parse("[webhooks]\nconnect_seconds = 9\nanswer_seconds = 10\n")
            .unwrap()
            .process
            .webhooks,
    ] {
        crate::deliver::WayOut::open(webhooks);
    }
}
