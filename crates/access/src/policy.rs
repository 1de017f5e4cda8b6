//! The one table: which role may do what to which kind of thing.
//!
//! It does not know whose thing it is; that is [`crate::Asker::check`]. Every cell that no row grants is denied, and the
//! whole table is a golden (`tests/golden/roles.txt`), so that no cell changes unseen.

use crate::PersonId;
use crate::names::named;

named! {
    /// What a person or a program is to the desk. Several may be held at once; each only adds.
    Role {
        /// Sees the disputes of one merchant.
        MerchantViewer = "merchant-viewer",
        /// Answers the disputes of one merchant and keeps its team, keys and endpoints.
        MerchantMember = "merchant-member",
        /// Works cases at the desk, for all merchants.
        Analyst = "analyst",
        /// Repairs: feeds, quarantine, replays, plans.
        Operator = "operator",
        /// Agrees to what somebody else has planned, and plans nothing.
        Approver = "approver",
        /// Reads and exports money.
        Finance = "finance",
        /// Reads everything, changes nothing.
        Auditor = "auditor",
        /// Keeps people, keys, merchants and settings; neither works cases nor approves.
        Admin = "admin",
    }
}

impl Role {
    /// Tied to one merchant; the other roles belong to the desk and see all.
    pub fn of_merchant(self) -> bool {
        matches!(self, Role::MerchantViewer | Role::MerchantMember)
    }
}

named! {
    /// What is asked for.
    Action {
        Read = "read",
        /// Take many out as a file.
        Export = "export",
        Upload = "upload",
        /// Save, seal and submit evidence, and withdraw what is not sent.
        Answer = "answer",
        /// Give a case up: the money is gone.
        Accept = "accept",
        Note = "note",
        /// Claim a case or give it to somebody.
        Assign = "assign",
        /// Do without something that is required, with a reason.
        Waive = "waive",
        /// Plan and apply a change by hand.
        Intervene = "intervene",
        /// Have stored bytes processed, or events delivered, again.
        Replay = "replay",
        /// Agree to another person's plan.
        Approve = "approve",
        /// Create, change and remove.
        Manage = "manage",
    }
}

impl Action {
    /// What a restricted key's scope must give.
    pub fn reads_only(self) -> bool {
        matches!(self, Action::Read | Action::Export)
    }
}

named! {
    /// The kind of thing asked about.
    Resource {
        Disputes = "disputes",
        Evidence = "evidence",
        /// What people uploaded, as they see it.
        Files = "files",
        Events = "events",
        /// Webhook endpoints and their deliveries.
        Endpoints = "endpoints",
        Keys = "keys",
        /// People, their roles and ways to sign in.
        People = "people",
        Merchants = "merchants",
        /// Accounts, entries, balance transactions.
        Ledger = "ledger",
        Findings = "findings",
        Obligations = "obligations",
        /// Raw bytes as they arrived from providers.
        Documents = "documents",
        Quarantine = "quarantine",
        /// How complete and fresh each provider's data is.
        Feeds = "feeds",
        /// Interventions, with what they would do.
        Plans = "plans",
        /// Reason codes, deadlines, capabilities.
        Rules = "rules",
        Audit = "audit",
        Settings = "settings",
    }
}

/// One row: each of the roles may do each of the actions to each of the resources.
struct Grant {
    roles: &'static [Role],
    actions: &'static [Action],
    resources: &'static [Resource],
}

const fn grant(
    roles: &'static [Role],
    actions: &'static [Action],
    resources: &'static [Resource],
) -> Grant {
    Grant {
        roles,
        actions,
        resources,
    }
}

use Action::{
    Accept, Answer, Approve, Assign, Export, Intervene, Manage, Note, Read, Replay, Upload, Waive,
};
use Resource::{
    Audit, Disputes, Documents, Endpoints, Events, Evidence, Feeds, Files, Findings, Keys, Ledger,
    Merchants, Obligations, People, Plans, Quarantine, Rules, Settings,
};
use Role::{Admin, Analyst, Approver, Auditor, Finance, MerchantMember, MerchantViewer, Operator};

const EVERYBODY: &[Role] = Role::ALL;
const MERCHANT: &[Role] = &[MerchantViewer, MerchantMember];
const DESK: &[Role] = &[Analyst, Operator, Approver, Finance, Auditor, Admin];
/// Those who see cases with what people wrote and uploaded: not Finance (money) nor Admin (people), who need it not.
const CASES: &[Role] = &[
    MerchantViewer,
    MerchantMember,
    Analyst,
    Operator,
    Approver,
    Auditor,
];

const GRANTS: &[Grant] = &[
    grant(
        EVERYBODY,
        &[Read],
        &[Disputes, Merchants, Obligations, Feeds, Rules],
    ),
    grant(CASES, &[Read], &[Evidence, Files, Events]),
    // Balance transactions of one's own disputes.
    grant(MERCHANT, &[Read], &[Ledger]),
    grant(
        &[Analyst, Operator, Approver, Finance, Auditor],
        &[Read],
        &[Ledger, Findings],
    ),
    grant(DESK, &[Read], &[Plans, Settings, People]),
    // Raw bytes hold what providers know of payers.
    grant(&[Analyst, Operator, Auditor], &[Read], &[Documents]),
    grant(
        &[Analyst, Operator, Approver, Auditor],
        &[Read],
        &[Quarantine],
    ),
    grant(
        &[MerchantMember, Operator, Auditor, Admin],
        &[Read],
        &[Endpoints],
    ),
    grant(&[MerchantMember, Auditor, Admin], &[Read], &[Keys]),
    grant(&[MerchantMember], &[Read], &[People, Settings]),
    grant(&[Auditor, Admin], &[Read], &[Audit]),
    grant(
        &[MerchantMember, Analyst, Finance, Auditor],
        &[Export],
        &[Disputes],
    ),
    grant(
        &[MerchantMember, Finance, Auditor],
        &[Export],
        &[Ledger, Obligations],
    ),
    grant(&[Auditor], &[Export], &[Audit, Evidence, Findings, Plans]),
    grant(&[MerchantMember, Analyst], &[Upload], &[Files]),
    // A provider's file that somebody has in hand.
    grant(&[Operator], &[Upload], &[Documents]),
    grant(&[MerchantMember, Analyst], &[Answer], &[Evidence]),
    grant(&[MerchantMember, Analyst], &[Accept], &[Disputes]),
    grant(
        &[MerchantMember, Analyst, Operator, Approver, Finance],
        &[Note],
        &[Disputes],
    ),
    grant(&[Finance], &[Note], &[Ledger]),
    grant(
        &[Analyst, Operator],
        &[Note, Assign],
        &[Findings, Quarantine],
    ),
    grant(&[Analyst, Operator], &[Assign], &[Disputes]),
    grant(&[Analyst], &[Waive], &[Evidence]),
    grant(&[Operator], &[Waive], &[Obligations, Findings]),
    grant(
        &[Operator],
        &[Intervene],
        &[
            Disputes, Documents, Endpoints, Feeds, Ledger, Plans, Quarantine,
        ],
    ),
    grant(
        &[Operator],
        &[Replay],
        &[Documents, Events, Endpoints, Quarantine],
    ),
    grant(&[MerchantMember], &[Replay], &[Events, Endpoints]),
    grant(&[Approver], &[Approve], &[Plans]),
    // A merchant has no role above its members, so they keep their own team; `may_grant` holds them to its two roles.
    grant(
        &[MerchantMember, Admin],
        &[Manage],
        &[Endpoints, Keys, People, Settings],
    ),
    grant(&[Admin], &[Manage], &[Merchants]),
];

/// Whether a role may do this to that kind of thing, its own tenant's things always meant.
pub fn may(role: Role, action: Action, resource: Resource) -> bool {
    GRANTS.iter().any(|grant| {
        grant.roles.contains(&role)
            && grant.actions.contains(&action)
            && grant.resources.contains(&resource)
    })
}

/// What the desk does of itself outside any request, such as delivering events: it reads, and nothing else. What it
/// changes, it changes through the engine, from documents.
pub(crate) fn desk_itself_may(action: Action) -> bool {
    action == Read
}

/// Only a person does this, never a key: a leaked key must not be able to make another, let somebody in, or agree.
/// Endpoints are left to keys, because Stripe's API has them there.
pub fn needs_person(action: Action, resource: Resource) -> bool {
    match action {
        Approve | Intervene | Waive => true,
        Manage => resource != Endpoints,
        Read | Export | Upload | Answer | Accept | Note | Assign | Replay => false,
    }
}

/// A person has proved within the last minutes who they are (`session::STEP_UP_SECONDS`), so that a session left open,
/// or stolen, does not do it.
pub fn needs_step_up(action: Action, resource: Resource) -> bool {
    match action {
        Approve | Intervene => true,
        Manage => matches!(resource, Keys | People | Settings | Merchants | Endpoints),
        Export => resource == Audit,
        Read | Upload | Answer | Accept | Note | Assign | Waive | Replay => false,
    }
}

/// Who may give a role: the desk's admin any, a merchant's member those of the merchant. No role follows from another.
pub fn may_grant(granter: Role, role: Role) -> bool {
    match granter {
        Admin => true,
        MerchantMember => role.of_merchant(),
        MerchantViewer | Analyst | Operator | Approver | Finance | Auditor => false,
    }
}

/// Two roles that one person does not hold at once, to be asked with those already held before one is given: who plans or keeps people does not also approve, and who looks at
/// all of it changes none of it. Merchants' roles never meet the desk's, see [`crate::asker::AskerError::Tenant`].
pub fn exclude(one: Role, other: Role) -> bool {
    let pair = |a: Role, b: Role| (one, other) == (a, b) || (one, other) == (b, a);
    let beside = |role: Role| role != Auditor && !role.of_merchant();
    let auditor = (one == Auditor && beside(other)) || (other == Auditor && beside(one));
    pair(Approver, Operator) || pair(Approver, Admin) || auditor
}

/// Separation of duties: the author never approves. People are compared, not their ways to sign in, so that a second
/// account of the same person does not help.
pub fn may_approve(author: &PersonId, approver: &PersonId) -> bool {
    author != approver
}
