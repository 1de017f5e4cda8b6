//! Attacks across tenants and on the separation of duties: each line is one, with the refusal it meets.
#![allow(clippy::unwrap_used, reason = "tests")]

use access::asker::AskerError;
use access::{
    Action, Asker, Denied, Identity, KeyId, MerchantId, Mode, Owner, PersonId, Resource, Role,
    Tenant, may,
};
use calendar::Instant;

fn now() -> Instant {
    Instant::parse("2026-11-02T10:00:00Z").unwrap()
}

fn merchant(name: &str) -> MerchantId {
    MerchantId::parse(name).unwrap()
}

fn person(name: &str) -> PersonId {
    PersonId::parse(name).unwrap()
}

fn of(name: &str) -> Tenant {
    Tenant::Merchant(merchant(name))
}

fn asker(name: &str, roles: &[Role], tenant: Tenant) -> Asker {
    Asker::person(person(name), roles, tenant, Mode::Live, Some(now())).unwrap()
}

/// Every role x action x resource: what is another's does not exist, whatever the role says; what is one's own depends on the
/// role alone. No cell answers "forbidden" for another's.
#[test]
fn another_tenants_thing_does_not_exist_in_any_cell() {
    let (own, other) = (merchant("mer_1"), merchant("mer_2"));
    for role in Role::ALL.iter().copied() {
        let tenant = if role.of_merchant() {
            of("mer_1")
        } else {
            Tenant::Desk
        };
        let asker = asker("per_1", &[role], tenant);
        for action in Action::ALL.iter().copied() {
            for resource in Resource::ALL.iter().copied() {
                let ask = |merchant, mode| {
                    let owner = Owner { merchant, mode };
                    asker.check(action, resource, Some(owner), now())
                };
                let granted = match may(role, action, resource) {
                    true => Ok(()),
                    false => Err(Denied::Role { action, resource }),
                };
                let cell = format!("{role} {action} {resource}");
                let foreign = match role.of_merchant() {
                    true => Err(Denied::NotFound),
                    false => granted.clone(),
                };
                assert_eq!(ask(Some(&own), Mode::Live), granted, "{cell}: its own");
                assert_eq!(
                    ask(Some(&other), Mode::Live),
                    foreign,
                    "{cell}: another merchant's"
                );
                assert_eq!(ask(None, Mode::Live), foreign, "{cell}: the desk's");
                assert_eq!(
                    ask(Some(&own), Mode::Test),
                    Err(Denied::NotFound),
                    "{cell}: the other mode's"
                );
                assert_eq!(
                    asker.check(action, resource, None, now()),
                    granted,
                    "{cell}: a list"
                );
            }
        }
    }
}

#[test]
fn only_what_is_not_there_is_hidden() {
    let (action, resource) = (Action::Read, Resource::Disputes);
    assert!(!Denied::NotFound.existence_may_be_known());
    for denied in [
        Denied::Role { action, resource },
        Denied::Scope { action, resource },
        Denied::NeedsPerson { action, resource },
        Denied::OwnPlan,
        Denied::StepUp { action, resource },
    ] {
        assert!(denied.existence_may_be_known(), "{denied}");
    }
}

#[track_caller]
fn check_owner(attack: &str, own: &str, owner: &str) {
    let asker = asker("per_1", &[Role::MerchantMember], of(own));
    let owner = merchant(owner);
    let owner = Owner {
        merchant: Some(&owner),
        mode: Mode::Live,
    };
    let found = asker.check(Action::Read, Resource::Disputes, Some(owner), now());
    assert_eq!(found, Err(Denied::NotFound), "{attack}");
}

#[test]
fn a_merchants_name_is_compared_whole() {
    check_owner("a prefix", "mer_1", "mer_12");
    check_owner("a longer one", "mer_12", "mer_1");
    check_owner("another case", "mer_a", "mer_A");
    check_owner("a suffix", "mer_1", "1");
}

#[test]
fn a_job_has_a_tenant_and_only_reads() {
    let job = Asker::desk_itself(of("mer_1"), Mode::Live);
    let other = merchant("mer_2");
    let other = Owner {
        merchant: Some(&other),
        mode: Mode::Live,
    };
    assert_eq!(
        job.check(Action::Read, Resource::Events, Some(other), now()),
        Err(Denied::NotFound)
    );
    for action in Action::ALL.iter().copied() {
        for resource in Resource::ALL.iter().copied() {
            let found = job.check(action, resource, None, now());
            assert_eq!(found.is_ok(), action == Action::Read, "{action} {resource}");
        }
    }
}

#[track_caller]
fn check_roles(attack: &str, roles: &[Role], tenant: Tenant, want: AskerError) {
    let found = Asker::person(person("per_1"), roles, tenant, Mode::Live, None);
    assert_eq!(found.err(), Some(want), "{attack}");
}

#[test]
fn roles_that_do_not_go_together_make_no_asker() {
    let tenant = |role| AskerError::Tenant { role };
    let exclude = |one, other| AskerError::Exclude { one, other };
    check_roles(
        "a desk's role given to a merchant",
        &[Role::Admin],
        of("mer_1"),
        tenant(Role::Admin),
    );
    check_roles(
        "a merchant's role at the desk: all merchants",
        &[Role::MerchantMember],
        Tenant::Desk,
        tenant(Role::MerchantMember),
    );
    check_roles(
        "hidden behind a right one",
        &[Role::MerchantViewer, Role::Operator],
        of("mer_1"),
        tenant(Role::Operator),
    );
    check_roles(
        "plans and approves",
        &[Role::Approver, Role::Operator],
        Tenant::Desk,
        exclude(Role::Approver, Role::Operator),
    );
    check_roles(
        "lets people in and approves",
        &[Role::Admin, Role::Approver],
        Tenant::Desk,
        exclude(Role::Admin, Role::Approver),
    );
    check_roles(
        "audits own work",
        &[Role::Analyst, Role::Auditor],
        Tenant::Desk,
        exclude(Role::Analyst, Role::Auditor),
    );
    let nobody =
        Asker::person(person("per_1"), &[], Tenant::Desk, Mode::Live, Some(now())).unwrap();
    let denied = Denied::Role {
        action: Action::Read,
        resource: Resource::Disputes,
    };
    assert_eq!(
        nobody.check(Action::Read, Resource::Disputes, None, now()),
        Err(denied),
        "no role, no right"
    );
}

#[track_caller]
fn check_approval(
    attack: &str,
    approver: &Asker,
    author: &Identity,
    after_seconds: i64,
    want: Result<(), Denied>,
) {
    let owner = Owner {
        merchant: None,
        mode: Mode::Live,
    };
    let found = approver.check_approval(author, Some(owner), now().plus_seconds(after_seconds));
    assert_eq!(found, want, "{attack}");
}

#[test]
fn nobody_approves_their_own_plan() {
    let (action, resource) = (Action::Approve, Resource::Plans);
    let anna = || Identity::Person(person("anna"));
    let annas_key = Identity::Key {
        key: KeyId::parse("key_1").unwrap(),
        person: person("anna"),
    };
    let approver = |name| asker(name, &[Role::Approver], Tenant::Desk);
    check_approval("somebody else's", &approver("bert"), &anna(), 0, Ok(()));
    check_approval(
        "one's own",
        &approver("anna"),
        &anna(),
        0,
        Err(Denied::OwnPlan),
    );
    check_approval(
        "one's own, by one's key",
        &approver("anna"),
        &annas_key,
        0,
        Err(Denied::OwnPlan),
    );
    check_approval(
        "nobody's",
        &approver("bert"),
        &Identity::Desk,
        0,
        Err(Denied::OwnPlan),
    );
    check_approval(
        "one's own, without step-up",
        &approver("anna"),
        &anna(),
        300,
        Err(Denied::OwnPlan),
    );
    check_approval(
        "a session left open",
        &approver("bert"),
        &anna(),
        300,
        Err(Denied::StepUp { action, resource }),
    );
    let operator = asker("bert", &[Role::Operator], Tenant::Desk);
    check_approval(
        "without the role",
        &operator,
        &anna(),
        0,
        Err(Denied::Role { action, resource }),
    );
    let member = asker("bert", &[Role::MerchantMember], of("mer_1"));
    check_approval("by a merchant", &member, &anna(), 0, Err(Denied::NotFound));
    check_approval(
        "by the desk itself",
        &Asker::desk_itself(Tenant::Desk, Mode::Live),
        &anna(),
        0,
        Err(Denied::Role { action, resource }),
    );
}

#[track_caller]
fn check_grant(
    attack: &str,
    granter: &Asker,
    role: Role,
    tenant: &Tenant,
    want: Result<(), Denied>,
) {
    assert_eq!(granter.check_grant(role, tenant, now()), want, "{attack}");
}

#[test]
fn nobody_gives_more_than_is_theirs_to_give() {
    let (action, resource) = (Action::Manage, Resource::People);
    let refused = || Err(Denied::Role { action, resource });
    let member = asker("anna", &[Role::MerchantMember], of("mer_1"));
    let admin = asker("bert", &[Role::Admin], Tenant::Desk);
    let own = of("mer_1");
    check_grant("a colleague", &member, Role::MerchantViewer, &own, Ok(()));
    check_grant("oneself as admin", &member, Role::Admin, &own, refused());
    check_grant(
        "into another merchant",
        &member,
        Role::MerchantMember,
        &of("mer_2"),
        Err(Denied::NotFound),
    );
    check_grant(
        "into the desk",
        &member,
        Role::Analyst,
        &Tenant::Desk,
        Err(Denied::NotFound),
    );
    check_grant(
        "a merchant's role at the desk",
        &admin,
        Role::MerchantMember,
        &Tenant::Desk,
        refused(),
    );
    check_grant(
        "a desk's role in a merchant",
        &admin,
        Role::Analyst,
        &own,
        refused(),
    );
    check_grant("by the admin", &admin, Role::Analyst, &Tenant::Desk, Ok(()));
    let operator = asker("carl", &[Role::Operator], Tenant::Desk);
    check_grant(
        "by an operator",
        &operator,
        Role::Operator,
        &Tenant::Desk,
        refused(),
    );
    let viewer = asker("dora", &[Role::MerchantViewer], of("mer_1"));
    check_grant(
        "by a viewer",
        &viewer,
        Role::MerchantMember,
        &own,
        refused(),
    );
    let stale = Asker::person(
        person("anna"),
        &[Role::MerchantMember],
        of("mer_1"),
        Mode::Live,
        None,
    )
    .unwrap();
    check_grant(
        "without step-up",
        &stale,
        Role::MerchantViewer,
        &own,
        Err(Denied::StepUp { action, resource }),
    );
}
