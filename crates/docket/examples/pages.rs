//! How long the server takes for each page of the desk and of the portal, on a desk of so many cases (the first argument, 1,000,000 otherwise).
//!
//! ```text
//! cargo run --release -p docket --example pages -- 1000000
//! DOCKET_TEST_POSTGRES=postgres://... cargo run --release -p docket --example pages -- 1000000
//! ```
//!
//! The desk is the demonstration's fortnight, whole, and beside it rows that the database itself generates: cases of 50
//! accounts, 2 in 100 waiting for us, 6 in 100 open otherwise, the others ended; an obligation, a document, two references and
//! a balance for each, and a finding for 1 in 100. Pages of a list show generated rows, those of one case or document real
//! ones. What is measured is a whole HTTP request on loopback over a fresh connection, 100 of each page in turn, after one
//! that is not counted. SQLite, and PostgreSQL where `DOCKET_TEST_POSTGRES` names a server; a second argument names a schema
//! there, which is then measured alone and kept: made where there is none, and measured as it is where an earlier run left it.
//! A third measures only the pages whose names contain it.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::as_conversions
)]

use access::policy::Role;
use access::{Mode, Tenant};
use app::entrance::Doer;
use app::{Desk, Opening, Place, Pool};
use axum::extract::Request;
use calendar::Instant;
use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant as Stopwatch};

const TIMES: usize = 100;
const MORNING: &str = "2026-11-23T09:00:00Z";

fn now() -> Instant {
    Instant::parse(MORNING).unwrap()
}

fn main() {
    let cases: i64 = std::env::args()
        .nth(1)
        .map_or(1_000_000, |text| text.parse().unwrap());
    // A schema that is kept is measured alone.
    if std::env::args().nth(2).is_none() {
        on_sqlite(cases);
    }
    match std::env::var("DOCKET_TEST_POSTGRES") {
        Ok(server) => on_postgres(&server, cases),
        Err(_) => println!("PostgreSQL: skipped, DOCKET_TEST_POSTGRES names no server"),
    }
}

fn on_sqlite(cases: i64) {
    let folder = tempfile::tempdir().unwrap();
    let desk = folder.path().join("desk");
    let fill = |sql: &str| {
        let raw = rusqlite::Connection::open(desk.join("desk.db")).unwrap();
        let pragmas =
            "PRAGMA cache_size = -262144; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY";
        raw.execute_batch(pragmas).unwrap();
        raw.execute_batch(sql).unwrap();
        raw.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
            .unwrap();
    };
    println!("SQLite");
    on(
        &Place::Folder(desk.clone()),
        &generate(cases, &SQLITE),
        Some(&fill),
    );
    folder.close().unwrap();
}

fn on_postgres(server: &str, cases: i64) {
    // One that is kept is measured again without being made.
    let kept = std::env::args().nth(2);
    let keep = kept.is_some();
    let schema = kept.unwrap_or_else(|| format!("pages_{}", std::process::id()));
    let joint = if server.contains('?') { '&' } else { '?' };
    let place = Place::Postgres(format!("{server}{joint}schema={schema}"));
    let batch = |sql: &str| {
        let mut raw = postgres::Client::connect(server, postgres::NoTls).unwrap();
        raw.batch_execute(&format!("SET search_path TO {schema}; {sql}"))
            .unwrap();
    };
    let fill = |sql: &str| {
        batch(sql);
        maintained(server, &schema);
    };
    println!("PostgreSQL, schema {schema}");
    let made = stands(server, &schema);
    let fill: Option<&dyn Fn(&str)> = if made { None } else { Some(&fill) };
    on(&place, &generate(cases, &POSTGRES), fill);
    if !keep {
        batch(&format!("DROP SCHEMA {schema} CASCADE"));
    }
}

fn stands(server: &str, schema: &str) -> bool {
    let mut raw = postgres::Client::connect(server, postgres::NoTls).unwrap();
    let sql = "SELECT 1 FROM pg_namespace WHERE nspname = $1";
    !raw.query(sql, &[&schema]).unwrap().is_empty()
}

/// What a server's own maintenance does within minutes.
fn maintained(server: &str, schema: &str) {
    let mut raw = postgres::Client::connect(server, postgres::NoTls).unwrap();
    let sql = "SELECT tablename::text FROM pg_tables WHERE schemaname = $1";
    for row in raw.query(sql, &[&schema]).unwrap() {
        let table: String = row.get(0);
        raw.batch_execute(&format!("VACUUM ANALYZE {schema}.{table}"))
            .unwrap();
    }
}

/// Makes a desk there, beside which `fill` puts rows, and measures its pages.
fn on(place: &Place, rows: &str, fill: Option<&dyn Fn(&str)>) {
    let mut desk = Desk::open(place, Opening::OrNew).unwrap();
    if let Some(fill) = fill {
        sim::fortnight::fortnight(now())
            .play(&mut desk.engine, &mut |_| {})
            .unwrap();
        let by = Doer::at_the_shell("bench", Mode::Live, now());
        desk.add_merchant(&by, Some("mer_bench"), "Merchant 1")
            .unwrap();
        for account in sim::fortnight::accounts() {
            desk.own_account(&by, "mer_bench", &account.scope, Mode::Live)
                .unwrap();
        }
        let making = Stopwatch::now();
        fill(rows);
        fill(OWNED);
        println!(
            "generated cases beside a real fortnight, made in {} s",
            making.elapsed().as_secs()
        );
    }
    let link = door(&mut desk);
    let portal = portal_door(&mut desk);
    drop(desk);
    let server = serve(place);
    let cookie = enter(server, &link);
    let page = |path: &str| {
        let (status, body, took) = get(server, path, &cookie);
        assert_eq!(status, 200, "{path}: {body}");
        (body, took)
    };
    let pages = pages(&|path| page(path).0);
    println!("{:<34} {:>9} {:>9} {:>9}", "page", "p50 ms", "p95 ms", "kB");
    let slow = measure(&pages, &page);
    let cookie = enter(server, &portal);
    let page = |path: &str| {
        let (status, body, took) = get(server, path, &cookie);
        assert_eq!(status, 200, "{path}: {body}");
        (body, took)
    };
    let theirs = portal_pages(&|path| page(path).0);
    let slow = slow + measure(&theirs, &page);
    println!(
        "{slow} of {} pages above 50 ms at p95",
        pages.len() + theirs.len()
    );
}

/// Prints what each takes, and counts those above 50 ms.
fn measure(pages: &[(&'static str, String)], page: &dyn Fn(&str) -> (String, Duration)) -> usize {
    let mut slow = 0;
    let wanted = std::env::args().nth(3).unwrap_or_default();
    for (name, path) in pages.iter().filter(|(name, _)| name.contains(&wanted)) {
        let bytes = page(path).0.len();
        let mut times: Vec<Duration> = (0..TIMES).map(|_| page(path).1).collect();
        times.sort();
        let (p50, p95) = (times[TIMES / 2], times[TIMES * 95 / 100]);
        slow += usize::from(p95 > Duration::from_millis(50));
        println!(
            "{name:<34} {:>9} {:>9} {:>9}",
            millis(p50),
            millis(p95),
            bytes / 1_024
        );
    }
    slow
}

/// Of a provider that no list has, so that no command would take it.
const OWNED: &str = "INSERT INTO owned (provider, account, merchant, live)
    WITH RECURSIVE g (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM g WHERE n < 9)
    SELECT 'acme', 'acct_' || n, 'mer_bench', 1 FROM g";

/// What the two databases spell differently.
struct Spelling {
    /// The number with zeros before it.
    name: &'static str,
    /// No bytes.
    empty: &'static str,
    /// Lets a row bring its own number.
    numbered: &'static str,
    /// Whole numbers that wide sums stay in.
    wide: &'static str,
}

const SQLITE: Spelling = Spelling {
    name: "printf('%026d', n)",
    empty: "x''",
    numbered: "",
    wide: "INTEGER",
};

const POSTGRES: Spelling = Spelling {
    name: "lpad(CAST(n AS TEXT), 26, '0')",
    empty: "''::bytea",
    numbered: "OVERRIDING SYSTEM VALUE",
    wide: "BIGINT",
};

/// Nobody's before: a desk that is kept has those of earlier runs.
fn address(who: &str) -> String {
    format!("{who}-{}@example.com", std::process::id())
}

/// The merchant with ten of the accounts, and a person of theirs.
fn portal_door(desk: &mut Desk) -> String {
    let by = Doer::at_the_shell("bench", Mode::Live, now());
    let tenant = Tenant::Merchant(access::MerchantId::parse("mer_bench").unwrap());
    let role = Role::MerchantMember;
    let invited = desk
        .invite(&by, &address("member"), "Sample member", role, &tenant)
        .unwrap();
    let link = desk.demonstration_link(&by, &invited.person.id).unwrap();
    format!("/enter/{}", link.token.expose())
}

fn portal_pages(page: &dyn Fn(&str) -> String) -> Vec<(&'static str, String)> {
    let fixed = [
        ("portal: now", "/"),
        ("portal: now, largest", "/?order=money"),
        ("portal: disputes", "/disputes"),
        ("portal: disputes to answer", "/disputes?status=ours"),
        ("portal: due in a day", "/disputes?status=ours&due=day"),
        ("portal: of a reason", "/disputes?reason=duplicate"),
        (
            "portal: won, an amount",
            "/disputes?status=won&currency=EUR&least=100&most=200",
        ),
        ("portal: a beginning", "/disputes?q=du_42"),
        ("portal: insights", "/insights"),
        ("portal: team", "/team"),
        ("portal: keys", "/keys"),
        ("portal: webhooks", "/webhooks"),
        ("portal: settings", "/settings"),
    ];
    let mut all: Vec<(&'static str, String)> = fixed
        .iter()
        .map(|(name, path)| (*name, (*path).to_owned()))
        .collect();
    let body = page("/disputes");
    let start = "/disputes?after=";
    let from = body.find(start).unwrap();
    let rest = &body[from..];
    all.push((
        "portal: disputes, second page",
        rest[..rest.find('"').unwrap()].to_owned(),
    ));
    let body = page("/disputes?provider=stripe&status=ours");
    let from = body.find("/disputes/dp_").unwrap();
    let rest = &body[from..];
    let dispute = &rest[..rest.find('"').unwrap()];
    all.push(("portal: a dispute", dispute.to_owned()));
    all.push(("portal: its evidence", format!("{dispute}/evidence")));
    all
}

fn millis(time: Duration) -> String {
    format!("{}.{}", time.as_millis(), time.as_micros() / 100 % 10)
}

fn door(desk: &mut Desk) -> String {
    let by = Doer::at_the_shell("bench", Mode::Live, now());
    let tenant = Tenant::Desk;
    let invited = desk
        .invite(
            &by,
            &address("analyst"),
            "Sample analyst",
            Role::Analyst,
            &tenant,
        )
        .unwrap();
    let id = invited.person.id;
    desk.grant_role(&by, &id, Role::Operator, &tenant).unwrap();
    let link = desk.demonstration_link(&by, &id).unwrap();
    format!("/enter/{}", link.token.expose())
}

/// Pages by name and address; some addresses stand on other pages.
fn pages(page: &dyn Fn(&str) -> String) -> Vec<(&'static str, String)> {
    let within = |path: &str, start: &str| {
        let body = page(path);
        let from = body
            .find(start)
            .unwrap_or_else(|| panic!("{path} has no {start}"));
        let rest = &body[from..];
        rest[..rest.find('"').unwrap()].replace("&amp;", "&")
    };
    let fixed = [
        ("morning", "/desk"),
        ("queue, ranked", "/desk/queue"),
        ("queue, nearest", "/desk/queue?order=time"),
        ("queue, largest", "/desk/queue?order=money"),
        ("queue, nobody's", "/desk/queue?assigned=nobody"),
        ("queue, a provider's", "/desk/queue?provider=stripe"),
        ("cases", "/desk/cases"),
        ("cases that diverge", "/desk/cases?divergent=yes"),
        (
            "cases of a status and stage",
            "/desk/cases?status=ours&stage=chargeback",
        ),
        ("cases changed in a day", "/desk/cases?changed=day"),
        ("findings", "/desk/findings"),
        (
            "findings of a cause",
            "/desk/findings?kind=residue&fingerprint=reinstatement-missing",
        ),
        ("ledger", "/desk/ledger"),
        ("entries", "/desk/ledger/entries"),
        ("feeds", "/desk/feeds"),
        ("documents", "/desk/documents"),
        (
            "documents of an account",
            "/desk/documents?account=acme/acct_7",
        ),
        ("documents rejected", "/desk/documents?fate=rejected"),
        ("quarantine", "/desk/quarantine"),
        ("sends", "/desk/sends"),
        ("rules", "/desk/rules"),
        ("providers", "/desk/providers"),
        ("search, a reference", "/desk/search?q=du_4242"),
        ("search, an amount", "/desk/search?q=123.45"),
        ("search, a word", "/desk/search?q=acme"),
    ];
    let mut all: Vec<(&'static str, String)> = fixed
        .iter()
        .map(|(name, path)| (*name, (*path).to_owned()))
        .collect();
    let next = within("/desk/queue", "/desk/queue?after=");
    let far = within(&next, "/desk/queue?after=");
    all.push(("queue, ranked, third page", far));
    all.push((
        "balance by case",
        within("/desk/ledger", "/desk/ledger/account?"),
    ));
    let case = within("/desk/cases?provider=stripe", "/desk/cases/dp_");
    all.push(("a case", case.clone()));
    all.push(("why", format!("{case}/why/status")));
    let document = within(&case, "/desk/documents/doc_");
    all.push(("a document", document.split('#').next().unwrap().to_owned()));
    all
}

/// The pages at a clock that stands still.
fn serve(place: &Place) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let bound = listener.local_addr().unwrap();
    let state = console::State {
        pool: Arc::new(Pool::open(place, 2).unwrap()),
        clock: now,
        origin: Arc::from(format!("http://{bound}").as_str()),
        provider: None,
    };
    let here = axum::middleware::map_request(|mut request: Request| async move {
        let whence = console::Whence(IpAddr::V4(Ipv4Addr::LOCALHOST));
        request.extensions_mut().insert(whence);
        request
    });
    let spoken = console::Spoken {
        wording: Arc::new(api::object::event::Events),
        offered: Arc::new(api::object::event::offered()),
        version: api::version::Version::newest().name(),
    };
    let router = console::router(state)
        .layer(axum::Extension(spoken))
        .layer(here);
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            axum::serve(listener, router).await.unwrap();
        });
    });
    bound
}

fn exchange(server: SocketAddr, path: &str, cookie: &str) -> (String, Duration) {
    let mut request = format!("GET {path} HTTP/1.1\r\nhost: {server}\r\nconnection: close\r\n");
    if !cookie.is_empty() {
        write!(request, "cookie: {cookie}\r\n").unwrap();
    }
    request.push_str("\r\n");
    let begun = Stopwatch::now();
    let mut stream = TcpStream::connect(server).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    (
        String::from_utf8_lossy(&answer).into_owned(),
        begun.elapsed(),
    )
}

fn enter(server: SocketAddr, link: &str) -> String {
    let (answer, _) = exchange(server, link, "");
    let lines = answer.lines();
    let cookies = lines.filter_map(|line| line.strip_prefix("set-cookie: "));
    let pairs: Vec<&str> = cookies.filter_map(|line| line.split(';').next()).collect();
    assert!(!pairs.is_empty(), "{answer}");
    pairs.join("; ")
}

fn get(server: SocketAddr, path: &str, cookie: &str) -> (u16, String, Duration) {
    let (answer, took) = exchange(server, path, cookie);
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer, took)
}

/// `h` scatters the numbers, so that no filter follows the order of a list. Times lie before and around the morning.
fn generate(cases: i64, spelling: &Spelling) -> String {
    let now = now().unix_micros();
    let Spelling {
        name,
        empty,
        numbered,
        wide,
    } = spelling;
    format!(
        "BEGIN;
        CREATE TEMP TABLE v AS
        WITH RECURSIVE g (n) AS (SELECT CAST(1 AS {wide}) UNION ALL SELECT n + 1 FROM g WHERE n < {cases}),
        s AS (SELECT n, (n * 7919) % 1000003 AS h, {name} AS name FROM g)
        SELECT n, h, 'dp_' || name AS id, 'acct_' || (h % 50) AS account,
            CASE WHEN h % 100 < 2 THEN 'ours' WHEN h % 100 < 7 THEN 'theirs' WHEN h % 100 < 8 THEN 'network'
                WHEN h % 100 < 50 THEN 'won' WHEN h % 100 < 95 THEN 'lost' ELSE 'accepted' END AS status,
            CASE h % 7 WHEN 0 THEN 'inquiry' WHEN 1 THEN 'pre-arbitration' ELSE 'chargeback' END AS stage,
            CASE h % 11 WHEN 0 THEN 'EUR' WHEN 1 THEN 'GBP' ELSE 'USD' END AS currency, 500 + h % 90000 AS minor,
            {now} - ({cases} - n) * 60000000 AS opened
        FROM s;
        INSERT INTO cases (id, family, provider, account, dispute, stage, status, closed, reason, network, disputed_minor,
            disputed_currency, respond_by, respond_by_at, money, divergence_minor, divergence_currency, opened_at, changed_at,
            assigned_to, digest)
        SELECT id, 'fam' || substr(id, 3), 'acme', account, 'du_' || n, stage, status, CASE WHEN status IN ('ours', 'theirs', 'network') THEN 0 ELSE 1 END,
            CASE h % 5 WHEN 0 THEN 'duplicate' ELSE 'fraudulent' END, CASE h % 3 WHEN 0 THEN 'mastercard' ELSE 'visa' END,
            minor, currency, CASE status WHEN 'ours' THEN '2026-12-01T00:00:00Z' END,
            CASE status WHEN 'ours' THEN {now} + (h % 1000 - 50) * 3600000000 / 2 END, 'taken',
            CASE WHEN h % 200 = 77 THEN -minor END, CASE WHEN h % 200 = 77 THEN currency END, opened,
            CASE WHEN opened + (h % 60) * 86400000000 < {now} THEN opened + (h % 60) * 86400000000 ELSE opened END, CASE WHEN h % 3 = 0 THEN 'op_' || (h % 20) ELSE '' END, '' FROM v;
        INSERT INTO case_refs (case_id, kind, value, provider, account) SELECT id, 'dispute', 'du_' || n, 'acme', account FROM v;
        INSERT INTO case_refs (case_id, kind, value, provider, account) SELECT id, 'payment', 'ch_' || h || '_' || n, 'acme', account FROM v;
        INSERT INTO obligations (id, case_id, provider, account, duty, debtor, creditor, amount_minor, amount_currency, due_by, due_by_at, basis, standing, assigned_to, stage)
        SELECT 'ob_' || n, id, 'acme', account, 'respond/' || stage, 'merchant', 'provider', minor, currency, '2026-12-01T00:00:00Z',
            {now} + (h % 1000 - 50) * 3600000000 / 2, 'the provider says so', CASE status WHEN 'ours' THEN 'open' ELSE 'met' END,
            CASE WHEN h % 3 = 0 THEN 'op_' || (h % 20) ELSE '' END, stage FROM v;
        INSERT INTO findings (id, case_id, provider, account, kind, fingerprint, detail, amount_minor, amount_currency, opened_at)
        SELECT 'fi_' || substr(id, 4), id, 'acme', account, CASE h % 3 WHEN 0 THEN 'residue' ELSE 'drift' END,
            CASE h % 3 WHEN 0 THEN 'reinstatement-missing' ELSE 'status:' || (h % 7) END, 'generated', minor, currency, opened
            FROM v WHERE h % 100 = 77;
        INSERT INTO balances (path, layer, currency, minor)
        SELECT 'dispute-receivable:acme:' || account || ':' || id || ':' || currency, 'posted', currency,
            CASE WHEN status IN ('won', 'lost', 'accepted') THEN 0 ELSE minor END FROM v;
        INSERT INTO keys (id, provider, account, version, kek, wrapped)
        SELECT row_number() OVER () + (SELECT max(id) FROM keys), 'acme', account, 1, 'none', {empty} FROM (SELECT DISTINCT account FROM v) AS accounts;
        INSERT INTO documents (sequence, id, provider, account, way, name, received_at) {numbered}
        SELECT n + (SELECT max(sequence) FROM documents), 'doc_' || substr(id, 4), 'acme', account, 'webhook', '/in', opened FROM v;
        INSERT INTO document_states (document, fate, form, trouble, verdict, verdict_detail, trusted, arrivals, facts_new, facts_known)
        SELECT sequence, CASE WHEN sequence % 100 < 3 THEN 'other-business' WHEN sequence % 1000 = 7 THEN 'rejected'
            WHEN sequence % 5000 = 11 THEN 'quarantined' ELSE 'applied' END, 'event', '', 'valid', '', 1, 1, 3, 0
            FROM documents WHERE sequence NOT IN (SELECT document FROM document_states);
        DROP TABLE v;
        COMMIT;"
    )
}
