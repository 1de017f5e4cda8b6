//! Who enters a desk, and what they are given.
#![allow(
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used
)]

use access::key;
use access::network::Network;
use access::policy::{Action, Resource, Role};
use access::scope::Scopes;
use access::session::{SessionRefusal, Token};
use access::totp::{Step, Totp};
use access::{Denied, MerchantId, Mode, Owner, Tenant};
use app::entrance::{Doer, Mint, Proof, Restriction, SignInRefusal, SignedIn};
use app::shape::At;
use app::{Desk, Error, Opening, Place};
use calendar::Instant;
use dispute::fact::Scope;
use std::net::IpAddr;
use store::Store;
use tempfile::TempDir;

const PASSWORD: &str = "seven green kettles";

fn at(seconds: i64) -> Instant {
    Instant::parse("2026-11-23T09:00:00Z")
        .unwrap()
        .plus_seconds(seconds)
}

fn address() -> IpAddr {
    "192.0.2.7".parse().unwrap()
}

/// A desk with two merchants.
struct World {
    desk: Desk,
    _folder: TempDir,
}

impl World {
    fn new() -> World {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::Folder(folder.path().join("desk"));
        let mut desk = Desk::open(&place, Opening::OrNew).unwrap();
        for id in ["mer_1", "mer_2"] {
            desk.add_merchant(&shell(0), Some(id), &format!("Merchant {id}"))
                .unwrap();
        }
        World {
            desk,
            _folder: folder,
        }
    }

    /// Invites somebody and accepts as they would, with a telephone.
    fn person(&mut self, name: &str, role: Role, tenant: &Tenant) -> Somebody {
        let email = format!("{name}@example.com");
        let invited = self
            .desk
            .invite(&shell(0), &email, name, role, tenant)
            .unwrap();
        let link = invited.link.unwrap();
        let token = link.token.expose().to_owned();
        let welcome = self.desk.open_invitation(&token, "Desk 1", at(0)).unwrap();
        let telephone = Telephone::of(welcome.code_secret.expose());
        let code = telephone.code(at(0));
        let welcomed = self
            .desk
            .accept_invitation(&token, PASSWORD, &code, at(0))
            .unwrap();
        let codes = welcomed.recovery_codes.iter();
        Somebody {
            email,
            id: welcomed.signed_in.person.to_string(),
            token: welcomed.signed_in.token,
            telephone,
            link: token,
            recovery: codes.map(|code| code.expose().to_owned()).collect(),
        }
    }

    fn sign_in(
        &mut self,
        email: &str,
        password: &str,
        code: &str,
        now: Instant,
    ) -> Result<SignedIn, SignInRefusal> {
        let proof = Proof {
            password,
            code,
            address: address(),
        };
        self.desk.sign_in(email, &proof, now).unwrap()
    }

    #[track_caller]
    fn visits(&mut self, token: &Token, now: Instant) -> Doer {
        let visit = self.desk.visit(token, now).unwrap().unwrap();
        Doer::new(&visit.asker, now)
    }

    fn leaves(&mut self) -> String {
        let leaves = self.desk.engine.store.leaves(0, 10_000).unwrap();
        let lines = leaves
            .into_iter()
            .map(|leaf| String::from_utf8(leaf).unwrap());
        lines.collect::<Vec<_>>().join("\n")
    }
}

struct Somebody {
    email: String,
    id: String,
    token: Token,
    telephone: Telephone,
    link: String,
    recovery: Vec<String>,
}

/// Makes codes from what a person typed off the page: RFC 4648 base 32, RFC 6238.
struct Telephone(Totp);

impl Telephone {
    fn of(typed: &str) -> Telephone {
        const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let mut bits = String::new();
        for digit in typed.bytes() {
            let place = DIGITS.iter().position(|known| *known == digit).unwrap();
            bits.push_str(&format!("{place:05b}"));
        }
        let bytes: Vec<u8> = (0..bits.len() / 8)
            .map(|at| u8::from_str_radix(&bits[at * 8..at * 8 + 8], 2).unwrap())
            .collect();
        Telephone(Totp::new(bytes.try_into().unwrap()))
    }

    fn code(&self, now: Instant) -> String {
        self.0.code(Step(now.unix_seconds().div_euclid(30)))
    }
}

fn shell(seconds: i64) -> Doer {
    Doer::at_the_shell("anna", Mode::Live, at(seconds))
}

fn merchant(id: &str) -> Tenant {
    Tenant::Merchant(MerchantId::parse(id).unwrap())
}

const DESK: Tenant = Tenant::Desk;

#[track_caller]
fn check<T: std::fmt::Debug>(result: Result<T, Error>, code: &str) {
    assert_eq!(result.unwrap_err().code(), code);
}

fn mint(tenant: Tenant, roles: &[Role]) -> Mint {
    Mint {
        api_version: None,
        label: String::from("Shop"),
        tenant,
        mode: Mode::Live,
        roles: roles.to_vec(),
        scopes: None,
        networks: Vec::new(),
        expires_at: None,
    }
}

#[test]
fn an_invitation_is_accepted_once() {
    let mut world = World::new();
    let invited = world
        .desk
        .invite(
            &shell(0),
            " New@Example.COM ",
            "Person 1",
            Role::Analyst,
            &DESK,
        )
        .unwrap();
    assert_eq!(invited.person.email, "new@example.com");
    let token = invited.link.unwrap().token.expose().to_owned();
    let secret = |world: &mut World| {
        let welcome = world.desk.open_invitation(&token, "Desk 1", at(1)).unwrap();
        welcome.code_secret.expose().to_owned()
    };
    let telephone = Telephone::of(&secret(&mut world));
    assert_eq!(
        secret(&mut world),
        secret(&mut world),
        "looking uses nothing up"
    );
    let code = telephone.code(at(1));
    for (password, code) in [
        ("short", code.as_str()),
        ("new example desk", &code),
        (PASSWORD, "000000"),
    ] {
        check(
            world.desk.accept_invitation(&token, password, code, at(1)),
            "DP-5003",
        );
    }
    let welcomed = world
        .desk
        .accept_invitation(&token, PASSWORD, &code, at(1))
        .unwrap();
    assert_eq!(welcomed.recovery_codes.len(), 10);
    world.visits(&welcomed.signed_in.token, at(2));
    check(
        world
            .desk
            .accept_invitation(&token, PASSWORD, &telephone.code(at(60)), at(60)),
        "DP-5002",
    );
    check(
        world.desk.open_invitation(&token, "Desk 1", at(60)),
        "DP-5002",
    );
    // The code that accepted is used; so is the one that signed in.
    let again = world.sign_in("new@example.com", PASSWORD, &code, at(2));
    assert_eq!(again.unwrap_err(), SignInRefusal::Wrong);
    let code = telephone.code(at(30));
    world
        .sign_in("NEW@example.com", PASSWORD, &code, at(30))
        .unwrap();
    let again = world.sign_in("new@example.com", PASSWORD, &code, at(31));
    assert_eq!(again.unwrap_err(), SignInRefusal::Wrong);
}

#[test]
fn links_end_and_are_for_one_purpose() {
    let mut world = World::new();
    let desk = &mut world.desk;
    let invited = desk
        .invite(&shell(0), "a@example.com", "A", Role::Analyst, &DESK)
        .unwrap();
    let link = invited.link.unwrap();
    let token = link.token.expose();
    check(desk.enter_demonstration(token, at(1)), "DP-5002");
    check(
        desk.open_invitation(token, "Desk 1", link.expires_at),
        "DP-5002",
    );
    let demo = desk
        .demonstration_link(&shell(0), &invited.person.id)
        .unwrap();
    let token = demo.token.expose();
    check(desk.open_invitation(token, "Desk 1", at(1)), "DP-5002");
    for _ in 0..2 {
        desk.enter_demonstration(token, at(1)).unwrap();
    }
    check(desk.enter_demonstration(token, demo.expires_at), "DP-5002");
    for wrong in ["", "dl_", &token.replace("dl_", ""), &token.to_uppercase()] {
        check(desk.enter_demonstration(wrong, at(1)), "DP-5002");
    }
    desk.disable_person(&shell(2), &invited.person.id).unwrap();
    check(desk.enter_demonstration(token, at(3)), "DP-5002");
}

#[test]
fn nobody_learns_who_exists_or_what_was_wrong() {
    let mut world = World::new();
    let anna = world.person("anna", Role::Analyst, &DESK);
    let gone = world.person("gone", Role::Analyst, &DESK);
    world.desk.disable_person(&shell(1), &gone.id).unwrap();
    let attempts = |world: &mut World, email: &str, password: &str, code: &str| {
        let mut answers = Vec::new();
        for second in 0..7 {
            // From another address each, so that only the name is counted.
            let address = format!("198.51.100.{}", email.len() * 10 + second);
            let proof = Proof {
                password,
                code,
                address: address.parse().unwrap(),
            };
            let told = world.desk.sign_in(email, &proof, at(60)).unwrap();
            answers.push(told.unwrap_err().to_string());
        }
        answers
    };
    let code = gone.telephone.code(at(60));
    let all = [
        attempts(&mut world, "nobody@example.com", PASSWORD, "000000"),
        attempts(&mut world, &anna.email, "not my password!", "000000"),
        attempts(&mut world, &gone.email, PASSWORD, &code),
    ];
    for answers in &all {
        assert_eq!(answers, &all[0]);
        assert_eq!(
            answers[4],
            "the address, the password or the code is not right"
        );
        assert_eq!(answers[5], "too many attempts to sign in: wait 1 s");
    }
    // While one waits, the right password is not looked at.
    let code = anna.telephone.code(at(60));
    let told = world.sign_in(&anna.email, PASSWORD, &code, at(60));
    assert!(matches!(told, Err(SignInRefusal::TooMany(_))), "{told:?}");
    world.sign_in(&anna.email, PASSWORD, &code, at(62)).unwrap();
    let log = world.leaves();
    assert!(
        log.contains("refused-sign-in") && log.contains("because=nobody"),
        "{log}"
    );
    assert!(
        !log.contains("nobody@example.com"),
        "what was typed is not kept"
    );
}

#[test]
fn a_recovery_code_works_once() {
    let mut world = World::new();
    let anna = world.person("anna", Role::Analyst, &DESK);
    let code = anna.recovery[3].to_lowercase();
    world.sign_in(&anna.email, PASSWORD, &code, at(60)).unwrap();
    let again = world.sign_in(&anna.email, PASSWORD, &code, at(61));
    assert_eq!(again.unwrap_err(), SignInRefusal::Wrong);
    let by = world.visits(&anna.token, at(62));
    let proof = Proof {
        password: PASSWORD,
        code: &anna.recovery[4],
        address: address(),
    };
    let fresh = world
        .desk
        .renew_recovery_codes(&by, &proof)
        .unwrap()
        .unwrap();
    let old = world.sign_in(&anna.email, PASSWORD, &anna.recovery[5], at(63));
    assert_eq!(old.unwrap_err(), SignInRefusal::Wrong);
    world
        .sign_in(&anna.email, PASSWORD, fresh[0].expose(), at(64))
        .unwrap();
}

#[test]
fn roles_are_those_of_this_very_request() {
    let mut world = World::new();
    let anna = world.person("anna", Role::Analyst, &DESK);
    let waives = |doer: &Doer| {
        doer.asker
            .check(Action::Waive, Resource::Obligations, None, doer.now)
    };
    let by = world.visits(&anna.token, at(60));
    assert!(waives(&by).is_err());
    world
        .desk
        .grant_role(&shell(61), &anna.id, Role::Operator, &DESK)
        .unwrap();
    let visit = world.desk.visit(&anna.token, at(62)).unwrap().unwrap();
    assert!(waives(&Doer::new(&visit.asker, at(62))).is_ok());
    // More may be done, so the token is another one.
    let next = visit.next.unwrap();
    let old = world.desk.visit(&anna.token, at(63)).unwrap();
    assert_eq!(old.unwrap_err(), SessionRefusal::Closed);
    world.visits(&next, at(63));
    for role in [Role::Operator, Role::Analyst] {
        world
            .desk
            .revoke_role(&shell(64), &anna.email, role, &DESK)
            .unwrap();
    }
    let told = world.desk.visit(&next, at(65)).unwrap();
    assert_eq!(told.unwrap_err(), SessionRefusal::NoRole);
    check(
        world
            .desk
            .revoke_role(&shell(66), &anna.id, Role::Analyst, &DESK),
        "DP-5002",
    );
}

#[test]
fn sessions_end_when_they_should() {
    let mut world = World::new();
    let anna = world.person("anna", Role::Analyst, &DESK);
    let mut refused = |token: &Token, now: Instant, act: &mut dyn FnMut(&mut Desk)| {
        act(&mut world.desk);
        world.desk.visit(token, now).unwrap().unwrap_err()
    };
    assert_eq!(
        refused(&anna.token, at(1_800), &mut |_| {}),
        SessionRefusal::Idle
    );
    let id = anna.id.clone();
    let signed_out = refused(&anna.token, at(6), &mut |desk| {
        desk.sign_out_everywhere(&shell(5), &id).unwrap();
    });
    assert_eq!(signed_out, SessionRefusal::Closed);
    let mut enter = |now: i64| {
        let code = anna.telephone.code(at(now));
        world
            .sign_in(&anna.email, PASSWORD, &code, at(now))
            .unwrap()
            .token
    };
    let (one, two) = (enter(60), enter(90));
    world.desk.sign_out(&one, at(91)).unwrap();
    assert!(world.desk.visit(&one, at(92)).unwrap().is_err());
    let by = world.visits(&two, at(92));
    let code = anna.telephone.code(at(120));
    let proof = Proof {
        password: PASSWORD,
        code: &code,
        address: address(),
    };
    check(
        world.desk.change_password(&by, &proof, "anna anna anna"),
        "DP-5003",
    );
    let by = Doer::new(&by.asker, at(120));
    world
        .desk
        .change_password(&by, &proof, "eight blue teapots")
        .unwrap()
        .unwrap();
    assert!(world.desk.visit(&two, at(121)).unwrap().is_err());
    let code = anna.telephone.code(at(150));
    assert!(
        world
            .sign_in(&anna.email, PASSWORD, &code, at(150))
            .is_err()
    );
    let mut token = world
        .sign_in(&anna.email, "eight blue teapots", &code, at(150))
        .unwrap()
        .token;
    // Used every ten minutes, it still ends twelve hours after signing in.
    for minute in (10..720).step_by(10) {
        let visit = world
            .desk
            .visit(&token, at(150 + minute * 60))
            .unwrap()
            .unwrap();
        token = visit.next.unwrap_or(token);
    }
    let told = world.desk.visit(&token, at(150 + 720 * 60)).unwrap();
    assert_eq!(told.unwrap_err(), SessionRefusal::Absolute);
}

#[test]
fn what_is_grave_asks_for_the_factors_again() {
    let mut world = World::new();
    let admin = world.person("admin", Role::Admin, &DESK);
    let by = world.visits(&admin.token, at(600));
    let told = world.desk.mint_key(&by, &mint(DESK, &[Role::Analyst]));
    assert!(
        matches!(told, Err(Error::Denied(Denied::StepUp { .. }))),
        "{told:?}"
    );
    let code = admin.telephone.code(at(600));
    let proof = |code| Proof {
        password: PASSWORD,
        code,
        address: address(),
    };
    let wrong = world
        .desk
        .step_up(&admin.token, &proof("000000"), at(600))
        .unwrap();
    assert_eq!(wrong.unwrap_err(), SignInRefusal::Wrong);
    let next = world
        .desk
        .step_up(&admin.token, &proof(&code), at(601))
        .unwrap()
        .unwrap();
    assert!(world.desk.visit(&admin.token, at(602)).unwrap().is_err());
    let by = world.visits(&next, at(602));
    world
        .desk
        .mint_key(&by, &mint(DESK, &[Role::Analyst]))
        .unwrap();
    // Working for somebody else starts without it; a place where one has no role is not there.
    check(
        world
            .desk
            .move_session(&next, &merchant("mer_1"), Mode::Live, at(603)),
        "DP-5002",
    );
    let moved = world
        .desk
        .move_session(&next, &DESK, Mode::Test, at(603))
        .unwrap();
    let by = world.visits(&moved, at(604));
    let told = world.desk.mint_key(
        &by,
        &Mint {
            mode: Mode::Test,
            ..mint(DESK, &[Role::Analyst])
        },
    );
    assert!(
        matches!(told, Err(Error::Denied(Denied::StepUp { .. }))),
        "{told:?}"
    );
}

#[test]
fn a_key_enters_while_it_may() {
    let mut world = World::new();
    let desk = &mut world.desk;
    let wish = Mint {
        networks: vec![Network::parse("192.0.2.0/24").unwrap()],
        scopes: Some(Scopes::parse("disputes:read").unwrap()),
        ..mint(merchant("mer_1"), &[Role::MerchantMember])
    };
    let minted = desk.mint_key(&shell(0), &wish).unwrap();
    let sent = key::parse(minted.secret.expose()).unwrap();
    let (asker, id) = desk.admit_key(&sent, address(), at(1)).unwrap().unwrap();
    assert_eq!(id.as_str(), minted.key.id);
    let own = MerchantId::parse("mer_1").unwrap();
    let other = MerchantId::parse("mer_2").unwrap();
    let may = |action, merchant| {
        let owner = Owner {
            merchant: Some(merchant),
            mode: Mode::Live,
        };
        asker.check(action, Resource::Disputes, Some(owner), at(1))
    };
    assert!(may(Action::Read, &own).is_ok());
    assert!(matches!(
        may(Action::Accept, &own),
        Err(Denied::Scope { .. })
    ));
    assert_eq!(may(Action::Read, &other), Err(Denied::NotFound));
    let used = |desk: &mut Desk| desk.list_keys(&shell(9), &wish.tenant).unwrap()[0].last_used_at;
    let noted = used(desk).unwrap();
    desk.admit_key(&sent, address(), at(59)).unwrap().unwrap();
    assert_eq!(used(desk), Some(noted), "at most once a minute");
    desk.admit_key(&sent, address(), at(61)).unwrap().unwrap();
    assert_ne!(used(desk), Some(noted));
    let refused = |desk: &mut Desk, from: &str, now: i64| {
        let told = desk
            .admit_key(&sent, from.parse().unwrap(), at(now))
            .unwrap();
        told.unwrap_err().to_string()
    };
    assert!(refused(desk, "198.51.100.1", 62).contains("may not be used from 198.51.100.1"));
    let change = Restriction {
        networks: Some(vec![Network::parse("198.51.100.0/24").unwrap()]),
        ..Restriction::default()
    };
    desk.restrict_key(&shell(63), &minted.key.id, &change)
        .unwrap();
    assert!(refused(desk, "192.0.2.7", 64).contains("may not be used from"));
    let successor = desk.rotate_key(&shell(70), &minted.key.id, 3_600).unwrap();
    assert_eq!(successor.key.scopes.as_deref(), Some("disputes:read"));
    let next = key::parse(successor.secret.expose()).unwrap();
    for sent in [&sent, &next] {
        desk.admit_key(sent, "198.51.100.1".parse().unwrap(), at(3_669))
            .unwrap()
            .unwrap();
    }
    assert!(refused(desk, "198.51.100.1", 3_670).contains("expired"));
    desk.revoke_key(&shell(3_671), &successor.key.id).unwrap();
    let told = desk
        .admit_key(&next, "198.51.100.1".parse().unwrap(), at(3_672))
        .unwrap();
    assert!(told.unwrap_err().to_string().contains("revoked"));
    check(
        desk.rotate_key(&shell(3_673), &successor.key.id, 60),
        "DP-5003",
    );
    let log = world.leaves();
    for secret in [&minted.secret, &successor.secret] {
        assert!(!log.contains(secret.expose()));
    }
}

#[test]
fn a_key_found_in_an_address_is_revoked() {
    let mut world = World::new();
    let minted = world
        .desk
        .mint_key(&shell(0), &mint(DESK, &[Role::Analyst]))
        .unwrap();
    let url = format!(
        "https://desk.example.com/v1/disputes?key={}",
        minted.secret.expose()
    );
    let found = key::find_keys(&url);
    assert_eq!(found.len(), 1);
    let revoked = world.desk.revoke_leaked_key(&found[0], "address", at(1));
    let revoked = revoked.unwrap().unwrap();
    assert_eq!(
        (&revoked.id, revoked.revoked_at),
        (&minted.key.id, Some(At(at(1))))
    );
    let again = world.desk.revoke_leaked_key(&found[0], "address", at(2));
    assert_eq!(again.unwrap(), Some(revoked), "its end is the first one");
    assert!(
        world
            .desk
            .admit_key(&found[0], address(), at(2))
            .unwrap()
            .is_err()
    );
}

#[test]
fn what_is_another_merchants_is_not_there() {
    let mut world = World::new();
    let one = world.person("one", Role::MerchantMember, &merchant("mer_1"));
    let two = world.person("two", Role::MerchantMember, &merchant("mer_2"));
    let theirs = world
        .desk
        .mint_key(&shell(0), &mint(merchant("mer_2"), &[Role::MerchantViewer]))
        .unwrap();
    let by = world.visits(&one.token, at(1));
    let desk = &mut world.desk;
    let said =
        |told: Result<(), Error>, name: &str| told.unwrap_err().to_string().replace(name, "X");
    let there = desk.revoke_key(&by, &theirs.key.id).map(drop);
    let none = desk.revoke_key(&by, "key_none").map(drop);
    assert_eq!(said(there, &theirs.key.id), said(none, "key_none"));
    let there = desk.list_keys(&by, &merchant("mer_2")).map(drop);
    let none = desk.list_keys(&by, &merchant("mer_9")).map(drop);
    assert_eq!(said(there, "mer_2"), said(none, "mer_9"));
    let role = Role::MerchantViewer;
    let there = desk
        .grant_role(&by, &two.id, role, &merchant("mer_1"))
        .map(drop);
    let none = desk
        .grant_role(&by, "per_none", role, &merchant("mer_1"))
        .map(drop);
    assert_eq!(said(there, &two.id), said(none, "per_none"));
    check(desk.disable_person(&by, &two.id), "DP-5002");
    let seen: Vec<_> = desk
        .list_people(&by)
        .unwrap()
        .into_iter()
        .map(|person| person.id)
        .collect();
    assert_eq!(seen, std::slice::from_ref(&one.id));
    let merchants = desk.list_merchants(&by).unwrap();
    assert_eq!(
        merchants
            .iter()
            .map(|row| row.id.as_str())
            .collect::<Vec<_>>(),
        ["mer_1"]
    );
    check(desk.mint_key(&by, &mint(DESK, &[Role::Analyst])), "DP-5002");
    check(
        desk.mint_key(&by, &mint(merchant("mer_1"), &[Role::Analyst])),
        "DP-5001",
    );
    desk.mint_key(&by, &mint(merchant("mer_1"), &[Role::MerchantViewer]))
        .unwrap();
    check(desk.add_merchant(&by, None, "Merchant 9"), "DP-5001");
}

/// Who holds an invitation's link sets the password, so nobody gets one for an account that somebody else may have.
#[test]
fn somebody_who_can_enter_gets_no_second_link() {
    let mut world = World::new();
    let one = world.person("one", Role::MerchantMember, &merchant("mer_1"));
    let two = world.person("two", Role::MerchantMember, &merchant("mer_2"));
    let by = world.visits(&two.token, at(1));
    let told = world.desk.invite(
        &by,
        &one.email,
        "One",
        Role::MerchantViewer,
        &merchant("mer_2"),
    );
    check(told, "DP-5002");
    let invited = world.desk.invite(
        &shell(2),
        &one.email,
        "One",
        Role::MerchantViewer,
        &merchant("mer_2"),
    );
    assert!(invited.unwrap().link.is_none());
    check(
        world.desk.open_invitation(&one.link, "Desk 1", at(3)),
        "DP-5002",
    );
}

#[test]
fn duties_stay_apart() {
    let mut world = World::new();
    let anna = world.person("anna", Role::Admin, &DESK);
    let mut gives =
        |role, tenant: &Tenant| world.desk.grant_role(&shell(1), &anna.id, role, tenant);
    check(gives(Role::Approver, &DESK), "DP-5003");
    check(gives(Role::Auditor, &DESK), "DP-5003");
    check(gives(Role::Analyst, &merchant("mer_1")), "DP-5003");
    check(gives(Role::MerchantViewer, &DESK), "DP-5003");
    check(gives(Role::MerchantViewer, &merchant("mer_9")), "DP-5002");
    gives(Role::Analyst, &DESK).unwrap();
    let told = world
        .desk
        .mint_key(&shell(2), &mint(DESK, &[Role::Operator, Role::Approver]));
    check(told, "DP-5003");
    check(world.desk.mint_key(&shell(2), &mint(DESK, &[])), "DP-5003");
}

#[test]
fn merchants_own_accounts() {
    let mut world = World::new();
    let scope = |account: &str| Scope {
        provider: "stripe".into(),
        account: account.into(),
    };
    let desk = &mut world.desk;
    desk.own_account(&shell(1), "mer_1", &scope("acct_1"), Mode::Live)
        .unwrap();
    desk.own_account(&shell(1), "mer_1", &scope("acct_2"), Mode::Test)
        .unwrap();
    let moved = desk
        .own_account(&shell(2), "mer_2", &scope("acct_1"), Mode::Live)
        .unwrap();
    assert_eq!(moved.accounts.len(), 1);
    let all = desk.list_merchants(&shell(3)).unwrap();
    assert_eq!(all[0].accounts[0].mode, "test");
    check(
        desk.own_account(&shell(1), "mer_9", &scope("a"), Mode::Live),
        "DP-5002",
    );
    let nowhere = Scope {
        provider: "nowhere".into(),
        account: "a".into(),
    };
    check(
        desk.own_account(&shell(1), "mer_1", &nowhere, Mode::Live),
        "DP-5002",
    );
    check(
        desk.add_merchant(&shell(4), Some("mer_1"), "Again"),
        "DP-5003",
    );
    check(
        desk.add_merchant(&shell(4), Some("mer/1"), "Slash"),
        "DP-5003",
    );
    let log = world.leaves();
    for line in [
        "added-merchant merchant=mer_1",
        "gave-account merchant=mer_2 provider=stripe",
        "by=shell/anna",
    ] {
        assert!(log.contains(line), "{line}\n{log}");
    }
}

#[test]
fn no_secret_is_in_the_log() {
    let mut world = World::new();
    let anna = world.person("anna", Role::Analyst, &DESK);
    let log = world.leaves();
    let mut secrets = anna.recovery.clone();
    secrets.extend([
        PASSWORD.to_owned(),
        anna.link.clone(),
        anna.token.text().expose().to_owned(),
    ]);
    for secret in secrets {
        assert!(!log.contains(&secret));
    }
    assert!(log.contains("signed-in through=invitation"), "{log}");
}
