//! A desk with merchants, keys and disputes, served on a port; and the world around it, which scripts move by `/world/...`.

use access::hashed::Hashed;
use access::key::{Key, KeyKind, StoredKey};
use access::policy::Role;
use access::scope::Scopes;
use access::{KeyId, MerchantId, Mode, PersonId, Tenant};
use api::object::event::Events;
use api::{Limits, Peer, State};
use app::deliver::{UnderWay, WayOut};
use app::entrance::Doer;
use app::{Desk, Opening, Place, Pool};
use axum::Router;
use axum::extract::{Path, State as Shared};
use axum::routing::post;
use calendar::Instant;
use dispute::status::{Stage, Standing};
use sim::fakes::truth::{Next, Opening as About};
use sim::fakes::{Act, World};
use sim::fortnight::accounts;
use sim::play::{hand_in, round};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use store::{Leaf, Merchant, Owned, Registry};

/// The clock of the desk under test. Each test is a process of its own or runs alone with its desk: they only move it on.
static NOW: AtomicI64 = AtomicI64::new(1_793_000_000);

/// Held by who moves the clock by hours.
static MOVING: RwLock<()> = RwLock::new(());

/// While this is held the clock goes on by seconds only: sessions stand.
pub fn still() -> RwLockReadGuard<'static, ()> {
    MOVING.read().unwrap_or_else(PoisonError::into_inner)
}

fn now() -> Instant {
    Instant::from_unix_seconds(NOW.fetch_add(1, Ordering::SeqCst)).expect("an instant")
}

pub struct Served {
    pub url: String,
    pub place: String,
    pub key: String,
    pub other_key: String,
    pub desk_key: String,
    pub viewer_key: String,
    pub test_key: String,
    /// One key a role: of the first merchant, or of the desk.
    role_keys: Vec<(Role, String)>,
}

/// The providers, and the desk that hears of them.
struct Outside {
    desk: Desk,
    world: World,
}

type Around = Arc<Mutex<Outside>>;

impl Served {
    /// Starts serving; it serves until the test ends.
    pub fn start(place: &Place) -> Served {
        let home = place.home().expect("a place has a home");
        std::fs::create_dir_all(&home).expect("a folder");
        // Endpoints of these tests lie on this machine.
        let settings = "[webhooks]\nloopback = true\n";
        std::fs::write(home.join("desk.toml"), settings).expect("settings are written");
        app::files::read_uploads_with(env!("CARGO_BIN_EXE_api-upload-reader").into());
        let mut desk = Desk::open(place, Opening::OrNew).expect("a desk");
        merchants(&mut desk);
        let merchant = |id: &str| Tenant::Merchant(MerchantId::parse(id).expect("an id"));
        let member = &[Role::MerchantMember];
        let mut key = |serial: u8, roles: &[Role], tenant: Tenant, mode: Mode| {
            keyed(&mut desk, serial, roles, tenant, mode)
        };
        let served = Served {
            url: String::new(),
            place: place.shown(),
            key: key(1, member, merchant("mer_1"), Mode::Live),
            other_key: key(2, member, merchant("mer_2"), Mode::Live),
            desk_key: key(3, &[Role::Analyst], Tenant::Desk, Mode::Live),
            viewer_key: key(4, &[Role::MerchantViewer], merchant("mer_1"), Mode::Live),
            test_key: key(5, member, merchant("mer_1"), Mode::Test),
            role_keys: Role::ALL
                .iter()
                .zip(10..)
                .map(|(role, serial)| {
                    let tenant = match role.of_merchant() {
                        true => merchant("mer_1"),
                        false => Tenant::Desk,
                    };
                    (*role, key(serial, &[*role], tenant, Mode::Live))
                })
                .collect(),
        };
        let pool = Arc::new(Pool::open(place, 4).expect("desks"));
        let world = World::new(accounts(), 7);
        let outside: Around = Arc::new(Mutex::new(Outside { desk, world }));
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().expect("a runtime");
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
                    .await
                    .expect("a port");
                let url = format!("http://{}", listener.local_addr().expect("an address"));
                let state = State::new(pool, now, Limits::USUAL, &url);
                let app = api::router(state).merge(around(outside));
                tell.send(url).expect("somebody waits");
                let service = app.into_make_service_with_connect_info::<Peer>();
                axum::serve(listener, service).await.expect("it serves");
            });
        });
        let url = told.recv().expect("it starts");
        Served { url, ..served }
    }

    /// The key that has this role and no other.
    pub fn role_key(&self, role: Role) -> &str {
        let found = self.role_keys.iter().find(|(own, _)| *own == role);
        found.map(|(_, key)| key.as_str()).expect("one key a role")
    }
}

fn merchants(desk: &mut Desk) {
    let store = &mut desk.engine.store;
    for id in ["mer_1", "mer_2"] {
        let merchant = Merchant {
            id: id.to_owned(),
            name: format!("Merchant {}", id.trim_start_matches("mer_")),
            created_at: now(),
        };
        store
            .put_merchant(&merchant, &Leaf(format!("merchant {id}")))
            .expect("a merchant");
    }
    for account in accounts() {
        let merchant = match account.scope.account.as_str() {
            "merchant_2" => "mer_2",
            _ => "mer_1",
        };
        let owned = Owned {
            merchant: merchant.to_owned(),
            live: true,
            scope: account.scope,
        };
        let leaf = Leaf(format!("own {} {}", owned.scope.account, owned.merchant));
        store.own(&owned, &leaf).expect("an account");
    }
}

fn keyed(desk: &mut Desk, serial: u8, roles: &[Role], tenant: Tenant, mode: Mode) -> String {
    let key = Key::mint([serial; 24], mode, KeyKind::Secret);
    let text = key.secret.expose().to_owned();
    let stored = StoredKey {
        id: KeyId::parse(&format!("key_{serial}")).expect("an id"),
        hash: Hashed::of(text.as_bytes()),
        shown: key.parsed.shown.clone(),
        mode,
        kind: KeyKind::Secret,
        tenant,
        roles: roles.to_vec(),
        scopes: Scopes::none(),
        made_by: PersonId::parse("per_1").expect("an id"),
        made_at: now(),
        expires_at: None,
        networks: Vec::new(),
        replaced_at: None,
        revoked_at: None,
        last_used_at: None,
    };
    let row = app::entrance::key_row(&stored, "test");
    desk.engine
        .store
        .put_key(&row, &Leaf(format!("key {serial}")))
        .expect("a key");
    text
}

fn around(outside: Around) -> Router {
    Router::new()
        .route("/world/open/{provider}/{account}", post(open))
        .route("/world/warn/{account}/{payment}", post(warn))
        .route("/world/decide/{dispute}/{standing}", post(decide))
        .route("/world/turn", post(turn))
        .route("/world/publish", post(publish))
        .route("/world/sign_in/{role}", post(sign_in))
        .route("/world/tell", post(tell))
        .with_state(outside)
}

/// Opens a dispute at a provider, and lets the desk hear of it.
async fn open(
    Shared(outside): Shared<Around>,
    Path((provider, account)): Path<(String, String)>,
) -> String {
    tokio::task::spawn_blocking(move || {
        let outside = &mut *outside.lock().expect("the lock");
        let at = now();
        let (provider, reason, code, brand) = match provider.as_str() {
            "stripe" => ("stripe", "fraudulent", "10.4", "visa"),
            "adyen" => ("adyen", "Merchandise/Services Not Received", "13.1", "visa"),
            "paypal" => (
                "paypal",
                "MERCHANDISE_OR_SERVICE_NOT_RECEIVED",
                "",
                "paypal",
            ),
            _ => ("ach", "", "R10", "ach"),
        };
        let about = About {
            provider,
            account,
            paid_minor: 5_000,
            minor: 4_200,
            currency: "USD",
            reason,
            code,
            brand,
            stage: if provider == "ach" {
                Stage::Return
            } else {
                Stage::Chargeback
            },
            due: (provider != "ach").then(|| at.plus_days(60)),
            payment: None,
            then: Vec::new(),
        };
        let id = outside.world.open(&about, at);
        if provider == "ach" {
            outside.world.plan(at, Act::CloseDay);
        }
        go_on(outside);
        if provider == "adyen" {
            let asked = outside
                .desk
                .engine
                .ask_requirements(&id, now(), &mut outside.world);
            asked.expect("the provider says what it takes");
            go_on(outside);
        }
        id
    })
    .await
    .expect("no panic")
}

async fn warn(
    Shared(outside): Shared<Around>,
    Path((account, payment)): Path<(String, String)>,
) -> String {
    tokio::task::spawn_blocking(move || {
        let outside = &mut *outside.lock().expect("the lock");
        outside.world.plan(now(), Act::Warn { account, payment });
        go_on(outside);
        String::from("warned")
    })
    .await
    .expect("no panic")
}

async fn decide(
    Shared(outside): Shared<Around>,
    Path((dispute, standing)): Path<(String, String)>,
) -> String {
    tokio::task::spawn_blocking(move || {
        let outside = &mut *outside.lock().expect("the lock");
        let standing = Standing::parse(&standing).expect("a standing");
        outside
            .world
            .plan_for(&dispute, now(), Next::Decide(standing));
        if standing == Standing::Won {
            outside
                .world
                .plan_for(&dispute, now(), Next::GiveBack(None));
        }
        go_on(outside);
        standing.to_string()
    })
    .await
    .expect("no panic")
}

/// A day goes by.
async fn turn(Shared(outside): Shared<Around>) -> String {
    tokio::task::spawn_blocking(move || {
        go_on(&mut outside.lock().expect("the lock"));
        String::from("turned")
    })
    .await
    .expect("no panic")
}

/// Somebody of this role signs in: their session's token.
async fn sign_in(Shared(outside): Shared<Around>, Path(role): Path<String>) -> String {
    tokio::task::spawn_blocking(move || {
        let desk = &mut outside.lock().expect("the lock").desk;
        let role = Role::parse(&role).expect("a role");
        let tenant = match role.of_merchant() {
            true => Tenant::Merchant(MerchantId::parse("mer_1").expect("an id")),
            false => Tenant::Desk,
        };
        let by = Doer::at_the_shell("tests", Mode::Live, now());
        let email = format!("{role}@example.com");
        let invited = desk.invite(&by, &email, "Ann Example", role, &tenant);
        let person = invited.expect("they are let in").person.id;
        let link = desk.demonstration_link(&by, &person).expect("a link");
        let signed_in = desk.enter_demonstration(link.token.expose(), now());
        let token = signed_in.expect("they enter").token.text();
        token.expose().to_owned()
    })
    .await
    .expect("no panic")
}

/// Events are published, as the serving process does it.
async fn publish(Shared(outside): Shared<Around>) -> String {
    tokio::task::spawn_blocking(move || {
        let outside = &mut *outside.lock().expect("the lock");
        let published = outside.desk.publish(&Events, "test", now());
        published.expect("events are published");
        String::from("published")
    })
    .await
    .expect("no panic")
}

/// Publishes what became known, and sends what is due, until nothing is. Answers how many attempts were made.
async fn tell(Shared(outside): Shared<Around>) -> String {
    tokio::task::spawn_blocking(move || {
        let desk = &mut outside.lock().expect("the lock").desk;
        let way = WayOut::open(&desk.settings.process.webhooks);
        let mut under_way = UnderWay::default();
        while desk.publish(&Events, "test", now()).expect("events").more {}
        let mut count = 0;
        loop {
            let parcels = desk.parcels(&Events, &mut under_way, "test", now(), 8);
            let parcels = parcels.expect("what is due");
            if parcels.is_empty() {
                return count.to_string();
            }
            for parcel in parcels {
                let heard = way.post(&parcel);
                desk.settle(&mut under_way, &parcel, &heard, now(), 0)
                    .expect("an answer is noted");
                count += 1;
            }
        }
    })
    .await
    .expect("no panic")
}

fn go_on(outside: &mut Outside) {
    let _moving = MOVING.write().unwrap_or_else(PoisonError::into_inner);
    // Providers that send no webhook are asked a few times a day, and files come at night.
    for _round in 0..8 {
        NOW.fetch_add(3 * 3_600, Ordering::SeqCst);
        let at = now();
        let mail = outside.world.tick(at);
        hand_in(&mut outside.desk.engine, &outside.world, &mail).expect("mail is kept");
        outside
            .desk
            .retrying(|engine| engine.absorb(at))
            .expect("mail is understood");
        let world = &mut outside.world;
        outside
            .desk
            .retrying(|engine| round(engine, world, at))
            .expect("a round of work");
    }
}
