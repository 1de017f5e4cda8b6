//! A desk with a fortnight behind it, two merchants and their people, and the pages over it.

use access::csrf;
use access::policy::Role;
use access::session::Token;
use access::{MerchantId, Mode, Tenant};
use app::entrance::Doer;
use app::{Desk, Opening, Place, Pool};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use calendar::Instant;
use sim::fortnight::{accounts, fortnight};
use std::sync::Arc;
use tower::ServiceExt;

pub const ORIGIN: &str = "https://desk.example.com";

/// The instant of every request but those that say otherwise.
pub fn now() -> Instant {
    Instant::parse("2026-11-23T09:00:00Z").unwrap()
}

/// Six minutes on: what a proof allowed is over.
pub fn later() -> Instant {
    now().plus_seconds(360)
}

pub struct World {
    pool: Arc<Pool>,
    clock: fn() -> Instant,
    pub member: Token,
    pub viewer: Token,
    /// Of another merchant, which owns one account.
    pub stranger: Token,
    pub analyst: Token,
    _folder: tempfile::TempDir,
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub to: String,
    pub cookie: String,
    pub body: String,
}

impl World {
    pub fn new() -> World {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::Folder(folder.path().join("desk"));
        let mut desk = Desk::open(&place, Opening::OrNew).unwrap();
        fortnight(now())
            .play(&mut desk.engine, &mut |_| {})
            .unwrap();
        let by = Doer::at_the_shell("test", Mode::Live, now());
        for (merchant, provider) in [("mer_1", "stripe"), ("mer_2", "adyen")] {
            let name = format!("Merchant {merchant}");
            desk.add_merchant(&by, Some(merchant), &name).unwrap();
            for account in accounts() {
                if account.scope.provider == provider {
                    desk.own_account(&by, merchant, &account.scope, Mode::Live)
                        .unwrap();
                }
            }
        }
        let merchant = |id| Tenant::Merchant(MerchantId::parse(id).unwrap());
        let mut person = |name: &str, role, tenant: Tenant| {
            let email = format!("{name}@example.com");
            let invited = desk.invite(&by, &email, name, role, &tenant).unwrap();
            let link = desk.demonstration_link(&by, &invited.person.id).unwrap();
            let entered = desk.enter_demonstration(link.token.expose(), now());
            entered.unwrap().token
        };
        let member = person("member", Role::MerchantMember, merchant("mer_1"));
        let viewer = person("viewer", Role::MerchantViewer, merchant("mer_1"));
        let stranger = person("stranger", Role::MerchantMember, merchant("mer_2"));
        let analyst = person("analyst", Role::Analyst, Tenant::Desk);
        World {
            pool: Arc::new(Pool::open(&place, 2).unwrap()),
            clock: now,
            member,
            viewer,
            stranger,
            analyst,
            _folder: folder,
        }
    }

    /// From now on it is this late.
    pub fn at(&mut self, clock: fn() -> Instant) {
        self.clock = clock;
    }

    fn router(&self) -> Router {
        console::router(console::State {
            pool: Arc::clone(&self.pool),
            clock: self.clock,
            origin: Arc::from(ORIGIN),
            provider: None,
        })
        .layer(axum::Extension(console::Whence(
            "192.0.2.7".parse().unwrap(),
        )))
    }

    /// What a page answers whoever has this session.
    pub fn get(&self, who: &Token, path: &str) -> Answer {
        let request = Request::get(path)
            .header(header::COOKIE, cookie(who))
            .body(Body::empty())
            .unwrap();
        self.ask(request)
    }

    /// A page that must be there.
    pub fn page(&self, who: &Token, path: &str) -> String {
        let answer = self.get(who, path);
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        answer.body
    }

    /// A form of ours.
    pub fn post(&self, who: &Token, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = csrf::token(who);
        self.forged(who, path, &token, ORIGIN, fields)
    }

    /// A form that may be anybody's.
    pub fn forged(
        &self,
        who: &Token,
        path: &str,
        token: &str,
        origin: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let mut body = format!("csrf={}", console::door::escaped(token));
        for (name, value) in fields {
            body.push_str(&format!("&{name}={}", console::door::escaped(value)));
        }
        let request = Request::post(path)
            .header(header::COOKIE, cookie(who))
            .header(header::ORIGIN, origin)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap();
        self.ask(request)
    }

    pub fn ask(&self, request: Request<Body>) -> Answer {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(async {
            let response = self.router().oneshot(request).await.unwrap();
            let text = |name| {
                let value = response.headers().get(name);
                let text = value.and_then(|value| value.to_str().ok());
                text.unwrap_or_default().to_owned()
            };
            let (to, cookie) = (text(header::LOCATION), text(header::SET_COOKIE));
            let status = response.status();
            let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
            let body = String::from_utf8(bytes.to_vec()).unwrap();
            Answer {
                status,
                to,
                cookie,
                body,
            }
        })
    }
}

fn cookie(who: &Token) -> String {
    format!("{}={}", access::cookie::SESSION, who.text().expose())
}

/// The first text between two others.
#[track_caller]
pub fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text
        .split_once(before)
        .unwrap_or_else(|| panic!("`{before}` is not in: {text}"));
    rest.split_once(after).unwrap().0
}

/// Every id of a case to which a page's list leads, in its order.
pub fn listed(page: &str) -> Vec<String> {
    let rows = page.split("data-row href=\"/disputes/").skip(1);
    rows.map(|row| row.split('"').next().unwrap().to_owned())
        .collect()
}
