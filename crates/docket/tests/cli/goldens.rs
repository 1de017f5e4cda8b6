//! Screenshots of every page of the desk and of the portal, in both themes, against those that a person looked at. The desk, the
//! clock and so every word are fixed; what is random (secrets, links, ids of people in the log) is covered before the picture is
//! taken.
//!
//! `BLESS=1` writes them anew, and `DOCKET_SCREENSHOTS` names a folder for them in colour and whole size: look at those then.

use crate::browser::{clients, node};
use crate::run::{MORNING, demo_desk, docket, sample, sample_desk};
use crate::serve::Serving;
use access::policy::Role;
use access::{MerchantId, Mode, Tenant};
use api::object::event;
use app::deliver::{Heard, UnderWay};
use app::endpoints::Wanted;
use app::entrance::Doer;
use app::{Desk, Opening, Place, Pool};
use axum::Router;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use calendar::Instant;
use hooks::schedule::{Answer, Attempted};
use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::sync::Arc;

const MERCHANT: &str = "mer_demonstration";

/// A minute after the demonstration ends.
pub fn morning() -> Instant {
    let ended = Instant::parse(MORNING).expect("a constant instant");
    ended.plus_seconds(60)
}

/// One demonstration and one browser for both faces: the desk is looked at before the merchant changes anything.
#[test]
fn every_page_looks_as_it_was_approved() {
    let Some(clients) = clients() else { return };
    app::files::read_uploads_with(env!("CARGO_BIN_EXE_docket").into());
    let (_folder, dir) = demo_desk();
    let place = Place::Folder(dir.into());
    let links = [
        door(&place, "analyst"),
        door(&place, "auditor"),
        shop(&place),
    ];
    let origin = serve(&place);
    let (_other, small) = sample_desk();
    let limits = [
        ("DOCKET_LIMITS_READS_BURST", "1"),
        ("DOCKET_LIMITS_READS_PER_SECOND", "1"),
    ];
    let busy = Serving::told(&small, &limits);
    let mut arguments = links.map(|link| format!("{origin}{link}")).to_vec();
    arguments.push(format!("http://{}", busy.address));
    arguments.push(morning().to_string());
    arguments.push(clients);
    arguments.push(format!(
        "{}/tests/browser/goldens",
        env!("CARGO_MANIFEST_DIR")
    ));
    let found = node("goldens.mjs", &arguments);
    assert_eq!(found.trim_end(), "0 findings");
}

/// The merchant of the demonstration with two endpoints, one that takes what it is told and one that does not, and the way in.
fn shop(place: &Place) -> String {
    let mut desk = Desk::open(place, Opening::Existing).expect("the demonstration's desk opens");
    let by = Doer::at_the_shell("test", Mode::Live, morning());
    desk.add_merchant(&by, Some(MERCHANT), "Merchant 1")
        .expect("nobody has the name");
    for account in sim::fortnight::accounts() {
        desk.own_account(&by, MERCHANT, &account.scope, Mode::Live)
            .expect("nobody has the account");
    }
    let tenant = Tenant::Merchant(MerchantId::parse(MERCHANT).expect("a merchant's id"));
    let invited = desk
        .invite(
            &by,
            "merchant@example.com",
            "Sample merchant",
            Role::MerchantMember,
            &tenant,
        )
        .expect("nobody is there yet");
    told(&mut desk);
    let link = desk
        .demonstration_link(&by, &invited.person.id)
        .expect("they are there");
    format!("/enter/{}", link.token.expose())
}

/// Tells the merchant's endpoints of the fortnight, as far as a few rounds go; what they answer is made up.
fn told(desk: &mut Desk) {
    let offered = event::offered();
    let reinstated = [
        "charge.dispute.funds_reinstated",
        "docket.dispute.submission.in_doubt",
    ];
    let hooks = [
        (
            "https://shop.example.com/hooks/disputes",
            "The shop's order system",
            reinstated.as_slice(),
        ),
        (
            "https://ledger.example.com/in",
            "",
            ["charge.dispute.closed"].as_slice(),
        ),
    ];
    for (url, description, events) in hooks {
        let wanted = Wanted {
            url,
            description,
            events,
            api_version: api::version::Version::newest().name(),
            metadata: "{}",
        };
        let made = morning().plus_days(-20);
        desk.create_endpoint_as(
            url,
            (Some(MERCHANT), true),
            &wanted,
            &offered,
            ("test", made),
        )
        .expect("the store takes it")
        .expect("the endpoint is as it must be");
    }
    let began = morning().plus_seconds(-300);
    while desk
        .publish(&event::Events, "test", began)
        .expect("the store works")
        .more
    {}
    let mut under_way = UnderWay::default();
    for round in 1..=6 {
        let now = began.plus_seconds(10 * round);
        let parcels = desk
            .parcels(&event::Events, &mut under_way, "test", now, 8)
            .expect("the store works");
        for (took_ms, parcel) in (31..).zip(parcels) {
            let (answer, words) = match parcel.url.contains("ledger") {
                true => (Answer::Status(503), "the ledger is closed for maintenance"),
                false => (Answer::Status(200), "thank you"),
            };
            let heard = Heard {
                attempted: Attempted {
                    answer,
                    retry_after: None,
                    took_ms,
                },
                words: words.to_owned(),
            };
            desk.settle(&mut under_way, &parcel, &heard, now, 7)
                .expect("the store works");
        }
    }
}

/// A person of the desk, and the way in.
pub fn door(place: &Place, name: &str) -> String {
    let mut desk = Desk::open(place, Opening::Existing).expect("the demonstration's desk opens");
    let by = Doer::at_the_shell("test", Mode::Live, morning());
    let (first, more) = match name {
        "auditor" => (Role::Auditor, None),
        _ => (Role::Analyst, Some(Role::Operator)),
    };
    let email = format!("{name}@example.com");
    let invited = desk
        .invite(&by, &email, &format!("Sample {name}"), first, &Tenant::Desk)
        .expect("nobody is there yet");
    let id = invited.person.id;
    if let Some(role) = more {
        desk.grant_role(&by, &id, role, &Tenant::Desk)
            .expect("the two roles go together");
    }
    let link = desk.demonstration_link(&by, &id).expect("they are there");
    format!("/enter/{}", link.token.expose())
}

/// Doors of the test itself: what comes later, the page of a fault of ours, and a database that fails from then on.
fn doors(place: &Place, state: console::State) -> Router {
    let Place::Folder(folder) = place else {
        return Router::new();
    };
    let (later, broken) = (folder.clone(), folder.join("desk.db"));
    let comes = move || {
        let folder = later.clone();
        async move { comes(&folder) }
    };
    let breaks = move || {
        let file = broken.clone();
        async move {
            let desk = rusqlite::Connection::open(file).expect("the desk's file");
            let sql = "ALTER TABLE cases RENAME TO cases_that_were";
            desk.execute_batch(sql).expect("it has cases");
        }
    };
    let recognised = from_fn_with_state(state, console::door::recognised);
    Router::new()
        .route("/test/comes", get(comes))
        .route("/test/breaks", get(breaks))
        .route("/test/fault", get(async || console::door::Trouble::Ours))
        .layer(recognised)
}

/// Two disputes come late: one whose answer was due two days ago, and one of which its provider says what no table maps.
fn comes(folder: &std::path::Path) {
    let text = std::fs::read_to_string(sample("created.json")).expect("a sample");
    let dir = folder.to_str().expect("a path of letters");
    for (name, word, other) in [
        ("overdue", "1773705599", "1795305599"),
        ("unstated", "\"needs_response\"", "\"somewhere\""),
    ] {
        let text = text
            .replace("_sample_", &format!("_{name}_"))
            .replace(word, other);
        let file = folder.join(format!("{name}.json"));
        std::fs::write(&file, text).expect("it can be written");
        let file = file.to_str().expect("a path of letters");
        let at = morning().to_string();
        let ingest = [
            "ingest",
            "stripe",
            file,
            "--account",
            "merchant_1",
            "--dir",
            dir,
            "--at",
            &at,
        ];
        docket(&ingest).exits(0);
    }
}

/// The pages over this desk at a clock that stands still, served until the test ends.
pub fn serve(place: &Place) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener
        .set_nonblocking(true)
        .expect("a listener can be told not to block");
    let bound = listener.local_addr().expect("it is bound");
    let origin = format!("http://{bound}");
    let state = console::State {
        pool: Arc::new(Pool::open(place, 2).expect("the desk opens twice")),
        clock: morning,
        origin: Arc::from(origin.as_str()),
        provider: None,
    };
    let here = axum::middleware::map_request(|mut request: Request| async move {
        let whence = console::Whence(IpAddr::V4(Ipv4Addr::LOCALHOST));
        request.extensions_mut().insert(whence);
        request
    });
    let pages = state.clone();
    let missing = |headers: HeaderMap| async move { console::missing(&pages, &headers).await };
    let spoken = console::Spoken {
        wording: Arc::new(event::Events),
        offered: Arc::new(event::offered()),
        version: api::version::Version::newest().name(),
    };
    let router = console::router(state.clone())
        .merge(doors(place, state))
        .fallback(missing)
        .layer(axum::Extension(spoken))
        .layer(here);
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a bound listener");
            axum::serve(listener, router)
                .await
                .expect("it serves until the test ends");
        });
    });
    origin
}
