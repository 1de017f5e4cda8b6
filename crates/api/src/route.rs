//! The operations of Stripe's interface, one declaration each.

mod account;
mod balance;
mod charge;
mod dispute;
mod event;
mod file;
mod link;
mod metadata;
pub(crate) mod update;
mod warning;
pub(crate) mod webhook_endpoint;

pub(crate) use link::public as linked_file;

use crate::superset::{Gives, Kind, Operation, Param, Takes};
use access::policy::{Action, Resource};

const EXPAND: Param = param(
    "expand",
    Kind::Texts,
    "Fields to show whole, such as `charge.payment_intent` or `evidence.receipt`; in lists after `data.`; at most four levels deep.",
);
const LIMIT: Param = param(
    "limit",
    Kind::Integer(1, 100),
    "How many objects; 10 unless said.",
);
const AFTER: Param = param("starting_after", Kind::Text, "The page after this object.");
const BEFORE: Param = param("ending_before", Kind::Text, "The page before this object.");
const CREATED: Param = param(
    "created",
    Kind::Range,
    "When it was made, in seconds since 1970.",
);
const CHARGE: Param = param("charge", Kind::Text, "Only of this charge.");
const INTENT: Param = param("payment_intent", Kind::Text, "Only of this payment intent.");
const OURS: Param = param(
    "docket",
    Kind::Hash,
    "Filters that Stripe's interface lacks, as `GET /docket/v1/disputes` takes them: `docket[provider]=adyen`, `docket[status][]=ours`.",
);
const PURPOSE: Param = param(
    "purpose",
    Kind::Text,
    "What the file is for, such as `dispute_evidence`.",
);
const EXPIRES: Param = param(
    "expires_at",
    Kind::Text,
    "When the link ends, in seconds since 1970, or `now`.",
);
const LINK_METADATA: Param = param(
    "metadata",
    Kind::Hash,
    "Words of yours on the link; an empty text unsets one.",
);
const OF_DISPUTES: &[Param] = &[EXPAND, LIMIT, AFTER, BEFORE, CREATED, CHARGE, INTENT, OURS];
const PAGE: &[Param] = &[EXPAND, LIMIT, AFTER, BEFORE];
const DATED: &[Param] = &[EXPAND, LIMIT, AFTER, BEFORE, CREATED];
const UPDATE: &[Param] = &[
    EXPAND,
    param(
        "evidence",
        Kind::Hash,
        "The fields of the answer; an empty text unsets one.",
    ),
    param(
        "submit",
        Kind::Boolean,
        "Whether to send the answer now; true unless said, once `evidence` is given.",
    ),
    param(
        "metadata",
        Kind::Hash,
        "Words of yours on the dispute; an empty text unsets one.",
    ),
    param(
        "intended_submission_method",
        Kind::Text,
        "`manual` or `prefer_manual`: the desk sends nothing by itself.",
    ),
];

const fn param(name: &'static str, kind: Kind, says: &'static str) -> Param {
    Param { name, kind, says }
}

const DISPUTES: (Action, Resource) = (Action::Read, Resource::Disputes);
const LEDGER: (Action, Resource) = (Action::Read, Resource::Ledger);
const FILES: (Action, Resource) = (Action::Read, Resource::Files);
const UPLOAD: (Action, Resource) = (Action::Upload, Resource::Files);
const MERCHANTS: (Action, Resource) = (Action::Read, Resource::Merchants);
const EVENTS: (Action, Resource) = (Action::Read, Resource::Events);

/// Everything under `/v1`.
pub(crate) fn v1() -> Vec<Operation> {
    let mut all = disputes();
    all.extend(payments());
    all.extend(warnings());
    all.extend(balance());
    all.extend(accounts());
    all.extend(files());
    all.extend(links());
    all.extend(events());
    all.extend(endpoints());
    all
}

fn disputes() -> Vec<Operation> {
    let one = Gives::Object("dispute");
    // What of it an update does, it asks for itself: evidence, metadata.
    vec![
        Operation::stripe(
            "GET /v1/disputes",
            "listDisputes",
            DISPUTES,
            Gives::List("dispute"),
            OF_DISPUTES,
            dispute::list,
        )
        .says("Disputes, newest first."),
        Operation::stripe(
            "GET /v1/disputes/{dispute}",
            "retrieveDispute",
            DISPUTES,
            one,
            &[EXPAND],
            dispute::retrieve,
        )
        .says("One dispute."),
        Operation::stripe(
            "POST /v1/disputes/{dispute}",
            "updateDispute",
            DISPUTES,
            one,
            UPDATE,
            update::update,
        )
        .says("Stages evidence, submits it unless told not to, and writes metadata."),
        Operation::stripe(
            "POST /v1/disputes/{dispute}/close",
            "closeDispute",
            ACCEPT,
            one,
            &[EXPAND],
            update::close,
        )
        .says("Accepts the dispute: the money is given up for good."),
        Operation::stripe(
            "GET /v1/charges/{charge}/dispute",
            "retrieveDisputeOfCharge",
            DISPUTES,
            one,
            &[EXPAND],
            dispute::of_charge,
        )
        .says("The newest dispute of a charge."),
        Operation::stripe(
            "POST /v1/charges/{charge}/dispute",
            "updateDisputeOfCharge",
            DISPUTES,
            one,
            UPDATE,
            update::of_charge,
        )
        .says("As the update of a dispute, by its charge."),
        Operation::stripe(
            "POST /v1/charges/{charge}/dispute/close",
            "closeDisputeOfCharge",
            ACCEPT,
            one,
            &[EXPAND],
            update::close_of_charge,
        )
        .says("As the closing of a dispute, by its charge."),
    ]
}

const ACCEPT: (Action, Resource) = (Action::Accept, Resource::Disputes);

fn payments() -> Vec<Operation> {
    const NOBODY: Param = param(
        "customer",
        Kind::Text,
        "No document tells of customers: none is found.",
    );
    const ACCOUNT: Param = param("customer_account", Kind::Text, "As `customer`.");
    const GROUP: Param = param("transfer_group", Kind::Text, "As `customer`.");
    const CHARGES: &[Param] = &[
        EXPAND, LIMIT, AFTER, BEFORE, CREATED, INTENT, NOBODY, ACCOUNT, GROUP,
    ];
    const INTENTS: &[Param] = &[
        EXPAND, LIMIT, AFTER, BEFORE, CREATED, NOBODY, ACCOUNT, GROUP,
    ];
    const ONE_INTENT: &[Param] = &[
        EXPAND,
        param(
            "client_secret",
            Kind::Unread,
            "Not read: a key is needed anyhow.",
        ),
    ];
    vec![
        Operation::stripe(
            "GET /v1/charges",
            "listCharges",
            DISPUTES,
            Gives::List("charge"),
            CHARGES,
            charge::list,
        )
        .says("Charges of which a document about a dispute tells."),
        Operation::stripe(
            "GET /v1/charges/{charge}",
            "retrieveCharge",
            DISPUTES,
            Gives::Object("charge"),
            &[EXPAND],
            charge::retrieve,
        )
        .says("One charge."),
        Operation::stripe(
            "GET /v1/payment_intents",
            "listPaymentIntents",
            DISPUTES,
            Gives::List("payment_intent"),
            INTENTS,
            charge::intents,
        )
        .says("Payment intents of which a document about a dispute tells."),
        Operation::stripe(
            "GET /v1/payment_intents/{intent}",
            "retrievePaymentIntent",
            DISPUTES,
            Gives::Object("payment_intent"),
            ONE_INTENT,
            charge::intent,
        )
        .says("One payment intent."),
    ]
}

fn warnings() -> Vec<Operation> {
    const WARNINGS: &[Param] = &[
        EXPAND,
        LIMIT,
        AFTER,
        BEFORE,
        CREATED,
        CHARGE,
        INTENT,
        param(
            "actionable",
            Kind::Boolean,
            "Only those that may still be answered by a refund, or only the others.",
        ),
    ];
    vec![
        Operation::stripe(
            "GET /v1/radar/early_fraud_warnings",
            "listEarlyFraudWarnings",
            DISPUTES,
            Gives::List("radar.early_fraud_warning"),
            WARNINGS,
            warning::list,
        )
        .says("Reports of fraud that came before any dispute."),
        Operation::stripe(
            "GET /v1/radar/early_fraud_warnings/{warning}",
            "retrieveEarlyFraudWarning",
            DISPUTES,
            Gives::Object("radar.early_fraud_warning"),
            &[EXPAND],
            warning::retrieve,
        )
        .says("One report of fraud."),
    ]
}

fn balance() -> Vec<Operation> {
    const LIST: &[Param] = &[
        EXPAND,
        LIMIT,
        AFTER,
        BEFORE,
        CREATED,
        param("source", Kind::Text, "Only of this dispute."),
        param("type", Kind::Text, "Only of this type."),
        param("currency", Kind::Text, "Only in this currency."),
        param(
            "payout",
            Kind::Text,
            "No document tells of payouts: refused as not there.",
        ),
    ];
    let list = |path, id| {
        Operation::stripe(
            path,
            id,
            LEDGER,
            Gives::List("balance_transaction"),
            LIST,
            balance::list,
        )
        .says("What moved for disputes, the last first.")
    };
    let one = |path, id| {
        Operation::stripe(
            path,
            id,
            LEDGER,
            Gives::Object("balance_transaction"),
            &[EXPAND],
            balance::retrieve,
        )
        .says("One movement.")
    };
    vec![
        list("GET /v1/balance_transactions", "listBalanceTransactions"),
        one(
            "GET /v1/balance_transactions/{transaction}",
            "retrieveBalanceTransaction",
        ),
        list("GET /v1/balance/history", "listBalanceHistory"),
        one(
            "GET /v1/balance/history/{transaction}",
            "retrieveBalanceHistory",
        ),
    ]
}

fn accounts() -> Vec<Operation> {
    let one = Gives::Object("account");
    vec![
        Operation::stripe(
            "GET /v1/account",
            "retrieveOwnAccount",
            MERCHANTS,
            one,
            &[EXPAND],
            account::own,
        )
        .says("Whose key it is."),
        Operation::stripe(
            "GET /v1/accounts",
            "listAccounts",
            MERCHANTS,
            Gives::List("account"),
            DATED,
            account::list,
        )
        .says("Merchants that the key sees."),
        Operation::stripe(
            "GET /v1/accounts/{account}",
            "retrieveAccount",
            MERCHANTS,
            one,
            &[EXPAND],
            account::retrieve,
        )
        .says("One merchant."),
    ]
}

fn files() -> Vec<Operation> {
    const LIST: &[Param] = &[EXPAND, LIMIT, AFTER, BEFORE, CREATED, PURPOSE];
    const CREATE: &[Param] = &[
        EXPAND,
        PURPOSE,
        param("file", Kind::File, "The file."),
        param(
            crate::upload::REDACT,
            Kind::Boolean,
            "Whether to blank out card numbers where that is sound, instead of refusing the file.",
        ),
        param(
            "file_link_data",
            Kind::Hash,
            "With `create` a link to the file is made, too; `expires_at` and `metadata` are the link's.",
        ),
    ];
    let one = Gives::Object("file");
    vec![
        Operation::stripe(
            "GET /v1/files",
            "listFiles",
            FILES,
            Gives::List("file"),
            LIST,
            file::list,
        )
        .says("Files that were brought."),
        Operation {
            takes: Takes::Multipart(CREATE),
            ..Operation::stripe(
                "POST /v1/files",
                "createFile",
                UPLOAD,
                one,
                CREATE,
                file::create,
            )
        }
        .says("Brings a file."),
        Operation::stripe(
            "GET /v1/files/{file}",
            "retrieveFile",
            FILES,
            one,
            &[EXPAND],
            file::retrieve,
        )
        .says("What a file is."),
        Operation::stripe(
            "GET /v1/files/{file}/contents",
            "downloadFile",
            FILES,
            Gives::Content,
            &[],
            file::contents,
        )
        .says("The file itself."),
    ]
}

fn links() -> Vec<Operation> {
    const LINK: &[Param] = &[
        EXPAND,
        EXPIRES,
        param("file", Kind::Text, "The file to link to."),
        LINK_METADATA,
    ];
    const RELINK: &[Param] = &[
        EXPAND,
        param(
            "expires_at",
            Kind::Unread,
            "When the link ends, in seconds since 1970, or `now`; an empty text: never.",
        ),
        LINK_METADATA,
    ];
    const LIST: &[Param] = &[
        EXPAND,
        LIMIT,
        AFTER,
        BEFORE,
        CREATED,
        param("file", Kind::Text, "Only to this file."),
        param(
            "expired",
            Kind::Boolean,
            "Only those that have ended, or only the others.",
        ),
    ];
    let one = Gives::Object("file_link");
    vec![
        Operation::stripe(
            "GET /v1/file_links",
            "listFileLinks",
            FILES,
            Gives::List("file_link"),
            LIST,
            link::list,
        )
        .says("Links to files, newest first."),
        Operation::stripe(
            "POST /v1/file_links",
            "createFileLink",
            UPLOAD,
            one,
            LINK,
            link::create,
        )
        .says("Makes a link by which a file is fetched without a key."),
        Operation::stripe(
            "GET /v1/file_links/{link}",
            "retrieveFileLink",
            FILES,
            one,
            &[EXPAND],
            link::retrieve,
        )
        .says("What a link is; its address was shown when it was made."),
        Operation::stripe(
            "POST /v1/file_links/{link}",
            "updateFileLink",
            UPLOAD,
            one,
            RELINK,
            link::update,
        )
        .says("Changes when a link ends."),
    ]
}

fn events() -> Vec<Operation> {
    const LIST: &[Param] = &[
        EXPAND,
        LIMIT,
        AFTER,
        BEFORE,
        CREATED,
        param(
            "type",
            Kind::Text,
            "Only of this type, or of all that a `*` at its end stands for.",
        ),
        param("types", Kind::Texts, "Only of these types."),
        param(
            "delivery_success",
            Kind::Boolean,
            "Only events that every endpoint of the key took, or only those that some have not taken yet.",
        ),
    ];
    vec![
        Operation::stripe(
            "GET /v1/events",
            "listEvents",
            EVENTS,
            Gives::List("event"),
            LIST,
            event::list,
        )
        .says("What happened, newest first."),
        Operation::stripe(
            "GET /v1/events/{event}",
            "retrieveEvent",
            EVENTS,
            Gives::Object("event"),
            &[EXPAND],
            event::retrieve,
        )
        .says("One event."),
    ]
}

const ENDPOINTS: (Action, Resource) = (Action::Read, Resource::Endpoints);
const KEEP: (Action, Resource) = (Action::Manage, Resource::Endpoints);

const HOOK_URL: Param = param(
    "url",
    Kind::Text,
    "Where events are posted: `https` and a public host.",
);
const HOOK_EVENTS: Param = param(
    "enabled_events",
    Kind::Texts,
    "What it is told: `*`, a family such as `charge.dispute.*`, or names.",
);
const HOOK_DESCRIPTION: Param = param("description", Kind::Text, "What it is for.");
const HOOK_METADATA: Param = param(
    "metadata",
    Kind::Hash,
    "Words of yours on the endpoint; an empty text unsets one.",
);
const HOOK_CREATE: &[Param] = &[
    EXPAND,
    HOOK_URL,
    HOOK_EVENTS,
    HOOK_DESCRIPTION,
    HOOK_METADATA,
    param(
        "api_version",
        Kind::Text,
        "The version whose shape events have; the request's own unless said.",
    ),
    param(
        "connect",
        Kind::Boolean,
        "Taken and not looked at: the desk's own endpoints hear of every merchant.",
    ),
];
const HOOK_UPDATE: &[Param] = &[
    EXPAND,
    HOOK_URL,
    HOOK_EVENTS,
    HOOK_DESCRIPTION,
    HOOK_METADATA,
    param(
        "disabled",
        Kind::Boolean,
        "Whether to hold events for it instead of sending them.",
    ),
];

fn endpoints() -> Vec<Operation> {
    let one = Gives::Object("webhook_endpoint");
    let all = Gives::List("webhook_endpoint");
    vec![
        Operation::stripe(
            "GET /v1/webhook_endpoints",
            "listWebhookEndpoints",
            ENDPOINTS,
            all,
            PAGE,
            webhook_endpoint::list,
        )
        .says("Endpoints of the key's merchant, newest first; a key of the desk sees all."),
        Operation::stripe(
            "POST /v1/webhook_endpoints",
            "createWebhookEndpoint",
            KEEP,
            one,
            HOOK_CREATE,
            webhook_endpoint::create,
        )
        .says("Makes an endpoint. Its `secret` stands in this answer and in no other."),
        Operation::stripe(
            "GET /v1/webhook_endpoints/{endpoint}",
            "retrieveWebhookEndpoint",
            ENDPOINTS,
            one,
            &[EXPAND],
            webhook_endpoint::retrieve,
        )
        .says("One endpoint."),
        Operation::stripe(
            "POST /v1/webhook_endpoints/{endpoint}",
            "updateWebhookEndpoint",
            KEEP,
            one,
            HOOK_UPDATE,
            webhook_endpoint::update,
        )
        .says("Changes an endpoint."),
        Operation::stripe(
            "DELETE /v1/webhook_endpoints/{endpoint}",
            "deleteWebhookEndpoint",
            KEEP,
            one,
            &[],
            webhook_endpoint::delete,
        )
        .says("Deletes an endpoint; what waits for it is cancelled."),
    ]
}
