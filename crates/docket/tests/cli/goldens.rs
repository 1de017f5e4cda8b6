//! Screenshots of every page of the desk, in both themes, against those that a person looked at. The desk, the clock and so
//! every word are fixed; what is random (ids of people in the log) is covered before the picture is taken.
//!
//! `BLESS=1` writes them anew: look at them then.

use crate::browser::{clients, node};
use crate::run::{MORNING, demo_desk};
use access::policy::Role;
use access::{Mode, Tenant};
use app::entrance::Doer;
use app::{Desk, Opening, Place, Pool};
use axum::extract::Request;
use calendar::Instant;
use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::sync::Arc;

/// A minute after the demonstration ends.
pub fn morning() -> Instant {
    let ended = Instant::parse(MORNING).expect("a constant instant");
    ended.plus_seconds(60)
}

#[test]
fn every_page_of_the_desk_looks_as_it_was_approved() {
    let Some(clients) = clients() else { return };
    let (_folder, dir) = demo_desk();
    let place = Place::Folder(dir.into());
    let links = ["analyst", "auditor"].map(|name| door(&place, name));
    let origin = serve(&place);
    let mut arguments = links.map(|link| format!("{origin}{link}")).to_vec();
    arguments.push(clients);
    arguments.push(format!(
        "{}/tests/browser/goldens",
        env!("CARGO_MANIFEST_DIR")
    ));
    let found = node("goldens.mjs", &arguments);
    assert_eq!(found.trim_end(), "0 findings");
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
    let router = console::router(state).layer(here);
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
