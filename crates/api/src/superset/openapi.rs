//! The description of both interfaces, OpenAPI 3.1, made from the operations that are routed.

use super::operation::{Describe, Gives, Kind, Operation, Param, Takes};
use super::operations;
use crate::version;
use access::policy::{Action, Resource};
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// What the parts of a path stand for.
const PARTS: &[(&str, &str)] = &[
    ("account", "A merchant's id, `mer_…`."),
    ("charge", "A charge's id, as disputes show it."),
    (
        "dispute",
        "A dispute: its `/v1` id, the desk's case id, or the provider's own reference.",
    ),
    ("document", "A document's id."),
    ("endpoint", "A webhook endpoint's id, `we_…`."),
    ("event", "An event's id, `evt_…`."),
    (
        "field",
        "A field of a case, such as `status`, `deadline` or `withdrawn`.",
    ),
    ("file", "A file's id, `file_…`."),
    ("key", "An API key's id, `key_…`."),
    ("intent", "A payment intent's id, as disputes show it."),
    ("link", "A file link's id, `link_…`."),
    ("merchant", "A merchant's id, `mer_…`."),
    ("person", "A person's id, `per_…`."),
    ("provider", "A provider's name, such as `adyen`."),
    (
        "slot",
        "A slot of the evidence catalogue, or one that the provider asks for.",
    ),
    ("transaction", "A balance transaction's id, `txn_…`."),
    ("warning", "An early fraud warning's id."),
];

/// Statuses of refusals, and when each is given. What `error.rs` says to whom.
const REFUSALS: &[(u16, &str)] = &[
    (400, "The request is not as described here, or cannot be."),
    (401, "No key, or one that opens nothing."),
    (403, "The key's role or scopes do not allow it."),
    (
        404,
        "Not there, or not the key's to see: one answer for both.",
    ),
    (
        409,
        "The dispute stands where this cannot be done, or a request with this idempotency key is under way.",
    ),
    (412, "The draft moved on since the version in `If-Match`."),
    (413, "The body is larger than is taken."),
    (415, "The body is of another type than is taken."),
    (428, "`If-Match` is missing."),
    (
        429,
        "Too many requests; `Retry-After` says how long to wait.",
    ),
    (500, "A fault of ours; the log has it under the request id."),
    (503, "The desk is busy; the same request may be sent again."),
];

/// What an operation asks of the policy, for the table of who may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Right {
    pub method: String,
    pub path: &'static str,
    pub action: Action,
    pub resource: Resource,
    /// Refused without `If-Match`.
    pub guarded: bool,
    /// Takes a JSON body.
    pub json: bool,
}

/// Every operation with what it asks of the policy, in order of path.
pub fn rights() -> Vec<Right> {
    let mut rights: Vec<Right> = operations()
        .iter()
        .map(|operation| Right {
            method: operation.method.to_string(),
            path: operation.path,
            action: operation.asks.0,
            resource: operation.asks.1,
            guarded: operation.guarded,
            json: operation.takes_json(),
        })
        .collect();
    rights.sort_by(|one, other| (one.path, &one.method).cmp(&(other.path, &other.method)));
    rights
}

/// Two generators, because what is written always has every field and what is read has defaults.
struct Schemas {
    written: SchemaGenerator,
    read: SchemaGenerator,
}

fn generator(settings: SchemaSettings) -> SchemaGenerator {
    let mut settings = settings;
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    settings.into_generator()
}

impl Schemas {
    fn new() -> Schemas {
        Schemas {
            written: generator(SchemaSettings::draft2020_12().for_serialize()),
            read: generator(SchemaSettings::draft2020_12().for_deserialize()),
        }
    }

    fn written(&mut self, describe: Describe) -> Value {
        describe(&mut self.written).to_value()
    }

    fn read(&mut self, describe: Describe) -> Value {
        describe(&mut self.read).to_value()
    }

    fn all(mut self) -> Map<String, Value> {
        let mut all = self.written.take_definitions(true);
        for (name, schema) in self.read.take_definitions(true) {
            let other = all.insert(name.clone(), schema.clone());
            assert!(
                other.is_none_or(|other| other == schema),
                "{name} is read as it is written"
            );
        }
        all
    }
}

/// The description as JSON.
pub fn description() -> Value {
    let mut schemas = Schemas::new();
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations() {
        let described = described(&operation, &mut schemas);
        let path = paths
            .entry(operation.path)
            .or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(methods) = path {
            methods.insert(operation.method.as_str().to_ascii_lowercase(), described);
        }
    }
    let mut all = schemas.all();
    all.insert("Error".to_owned(), error_schema());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Docket",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" }
        },
        "servers": [{ "url": "/" }],
        "security": [{ "key": [] }],
        "tags": [
            { "name": "docket", "description": "What Stripe's interface has no words for." },
            { "name": "stripe", "description": "Stripe's interface, for the disputes of every provider." }
        ],
        "paths": paths,
        "components": {
            "schemas": all,
            "responses": refusals(),
            "parameters": headers(),
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key. Stripe's way, the key as the user name of basic authentication, is taken too."
                },
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "__Host-docket",
                    "description": "A person's session, from signing in on the desk's pages. Keeping people, keys and merchants needs one."
                },
                "csrf": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "X-CSRF-Token",
                    "description": "With a session, for every change: what `GET /docket/v1/session` gives."
                }
            }
        }
    })
}

const ABOUT: &str = "Disputes of every payment provider, in one place. `/v1` speaks Stripe's interface, so that its SDKs work; \
`/docket/v1` has what that lacks. Requests with an `Idempotency-Key` have one effect, and the same bytes as their answer however often \
they are sent. A change of a draft names in `If-Match` the version that it was made from. Every answer has a `Request-Id`.";

fn described(operation: &Operation, schemas: &mut Schemas) -> Value {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    let (action, resource) = operation.asks;
    put("operationId", json!(operation.id));
    put("summary", json!(operation.says));
    put(
        "description",
        json!(format!("Asks the policy for `{action} {resource}`.")),
    );
    put("x-docket-action", json!(action.as_str()));
    put("x-docket-resource", json!(resource.as_str()));
    let tag = if operation.is_stripes() {
        "stripe"
    } else {
        "docket"
    };
    put("tags", json!([tag]));
    put("parameters", Value::Array(parameters(operation, schemas)));
    if let Some(body) = body(operation, schemas) {
        put("requestBody", body);
    }
    put("responses", responses(operation, schemas));
    if !operation.is_stripes() {
        put(
            "security",
            json!([{ "key": [] }, { "session": [], "csrf": [] }]),
        );
    }
    Value::Object(fields)
}

fn parameters(operation: &Operation, schemas: &mut Schemas) -> Vec<Value> {
    let parts = operation.path.split('/').filter_map(|part| {
        part.strip_prefix('{')
            .and_then(|part| part.strip_suffix('}'))
    });
    let mut all: Vec<Value> = parts.map(path_part).collect();
    if let Some(describe) = operation.query {
        all.extend(query(&schemas.read(describe)));
    }
    match operation.takes {
        Takes::Form(params) if operation.method == axum::http::Method::GET => {
            all.extend(params.iter().map(stripe_query));
        }
        _ => {}
    }
    let mut header = |name: &str| {
        all.push(json!({ "$ref": format!("#/components/parameters/{name}") }));
    };
    if operation.is_stripes() {
        header("StripeVersion");
        header("StripeAccount");
    }
    if operation.method != axum::http::Method::GET && !operation.secret {
        header("IdempotencyKey");
    }
    if operation.guarded {
        header("IfMatch");
    }
    all
}

fn path_part(name: &str) -> Value {
    let says = PARTS.iter().find(|(part, _)| *part == name);
    let (_, says) = says.unwrap_or_else(|| panic!("`{name}` is not described in PARTS"));
    json!({
        "name": name,
        "in": "path",
        "required": true,
        "description": says,
        "schema": { "type": "string", "minLength": 1, "maxLength": 255 }
    })
}

/// The fields of a query's shape, one parameter each.
fn query(schema: &Value) -> Vec<Value> {
    let properties = schema.get("properties").and_then(Value::as_object);
    let required = schema.get("required").and_then(Value::as_array);
    let mut all = Vec::new();
    for (name, field) in properties.into_iter().flatten() {
        let mut schema = field.clone();
        let mut says = Value::Null;
        if let Value::Object(words) = &mut schema {
            says = words.remove("description").unwrap_or_default();
            words.remove("default");
            if let Some(Value::Array(kinds)) = words.get("type") {
                // Absent is how a query says null.
                let kind = kinds.iter().find(|kind| *kind != "null").cloned();
                words.insert("type".to_owned(), kind.unwrap_or_default());
            }
        }
        let needed = required.is_some_and(|all| all.contains(&json!(name)));
        all.push(json!({
            "name": name, "in": "query", "required": needed, "description": says, "schema": schema
        }));
    }
    for parameter in &mut all {
        if let Value::Object(words) = parameter
            && words.get("description") == Some(&Value::Null)
        {
            words.remove("description");
        }
    }
    all
}

fn stripe_query(param: &Param) -> Value {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    let list = matches!(param.kind, Kind::Texts);
    let name = if list {
        format!("{}[]", param.name)
    } else {
        param.name.to_owned()
    };
    put("name", json!(name));
    put("in", json!("query"));
    put("description", json!(param.says));
    put("schema", stripe_schema(param.kind));
    if matches!(param.kind, Kind::Range | Kind::Hash) {
        put("style", json!("deepObject"));
        put("explode", json!(true));
    }
    Value::Object(fields)
}

fn stripe_schema(kind: Kind) -> Value {
    match kind {
        Kind::Text => json!({ "type": "string", "minLength": 1 }),
        Kind::Unread => json!({ "type": "string" }),
        Kind::Integer(least, most) => {
            json!({ "type": "integer", "minimum": least, "maximum": most })
        }
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::Texts => json!({ "type": "array", "items": { "type": "string" } }),
        Kind::Hash => json!({ "type": "object", "additionalProperties": true }),
        Kind::Range => json!({
            "type": "object",
            "properties": {
                "gte": { "type": "integer" },
                "gt": { "type": "integer" },
                "lt": { "type": "integer" },
                "lte": { "type": "integer" }
            },
            "additionalProperties": false
        }),
        Kind::File => json!({ "type": "string", "contentMediaType": "application/octet-stream" }),
    }
}

fn body(operation: &Operation, schemas: &mut Schemas) -> Option<Value> {
    let (media, schema) = match operation.takes {
        Takes::Nothing => return None,
        Takes::Json(describe) => ("application/json", schemas.read(describe)),
        Takes::Form(_) if operation.method == axum::http::Method::GET => return None,
        Takes::Form(params) => ("application/x-www-form-urlencoded", stripe_body(params)),
        Takes::Multipart(params) => ("multipart/form-data", stripe_body(params)),
    };
    let mut content = Map::new();
    content.insert(media.to_owned(), json!({ "schema": schema }));
    Some(json!({ "content": content }))
}

fn stripe_body(params: &[Param]) -> Value {
    let fields = params.iter().map(|param| {
        let mut schema = stripe_schema(param.kind);
        if let Value::Object(words) = &mut schema {
            words.insert("description".to_owned(), json!(param.says));
        }
        (param.name.to_owned(), schema)
    });
    let fields: Map<String, Value> = fields.collect();
    json!({ "type": "object", "properties": fields, "additionalProperties": false })
}

fn responses(operation: &Operation, schemas: &mut Schemas) -> Value {
    let mut all = Map::new();
    let (media, schema) = match operation.gives {
        Gives::Json(describe) => ("application/json", schemas.written(describe)),
        Gives::Object(object) => ("application/json", stripe_object(object)),
        Gives::List(object) => ("application/json", stripe_list(object)),
        Gives::Content => ("*/*", json!({})),
    };
    let mut content = Map::new();
    content.insert(media.to_owned(), json!({ "schema": schema }));
    let mut done = json!({ "description": "It went well.", "content": content });
    if let (true, Some(fields)) = (operation.tagged, done.as_object_mut()) {
        let tag = json!({ "description": "The version of the draft, in quotes.", "schema": { "type": "string" } });
        fields.insert("headers".to_owned(), json!({ "ETag": tag }));
    }
    all.insert("200".to_owned(), done);
    let changes = operation.method != axum::http::Method::GET;
    for (status, _) in REFUSALS {
        let given = match status {
            409 | 413 | 415 => changes,
            412 | 428 => operation.guarded,
            _ => true,
        };
        if given {
            let response = json!({ "$ref": format!("#/components/responses/E{status}") });
            all.insert(status.to_string(), response);
        }
    }
    Value::Object(all)
}

fn stripe_object(object: &str) -> Value {
    json!({
        "type": "object",
        "description": format!("Stripe's `{object}`, in the version that `Stripe-Version` names."),
        "properties": { "object": { "const": object } },
        "required": ["object"]
    })
}

fn stripe_list(object: &str) -> Value {
    json!({
        "type": "object",
        "properties": {
            "object": { "const": "list" },
            "data": { "type": "array", "items": stripe_object(object) },
            "has_more": { "type": "boolean" },
            "url": { "type": "string" }
        },
        "required": ["object", "data", "has_more", "url"]
    })
}

fn refusals() -> Value {
    let all = REFUSALS.iter().map(|(status, says)| {
        let schema = json!({ "$ref": "#/components/schemas/Error" });
        let response = json!({
            "description": says,
            "content": { "application/json": { "schema": schema } }
        });
        (format!("E{status}"), response)
    });
    Value::Object(all.collect())
}

fn error_schema() -> Value {
    json!({
        "type": "object",
        "description": "A refusal, in Stripe's shape. `docket_code` is our own number, with a page in the documentation.",
        "properties": {
            "error": {
                "type": "object",
                "properties": {
                    "type": {
                        "type": "string",
                        "enum": ["api_error", "idempotency_error", "invalid_request_error", "rate_limit_error"]
                    },
                    "code": { "type": "string" },
                    "doc_url": { "type": "string" },
                    "docket_code": { "type": "string", "pattern": "^DP-[0-9]{4}$" },
                    "message": { "type": "string" },
                    "param": { "type": "string" },
                    "request_id": { "type": "string" }
                },
                "required": ["type", "message", "request_id"],
                "additionalProperties": false
            }
        },
        "required": ["error"]
    })
}

fn headers() -> Value {
    let versions: Vec<&str> = version::supported().map(|version| version.name()).collect();
    json!({
        "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "description": "The same key and request again has no second effect and the same answer.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$" }
        },
        "IfMatch": {
            "name": "If-Match",
            "in": "header",
            "required": true,
            "description": "The version of the draft that this was made from, as `ETag` gave it.",
            "schema": { "type": "string", "pattern": "^\"(0|[1-9][0-9]{0,8})\"$" }
        },
        "StripeAccount": {
            "name": "Stripe-Account",
            "in": "header",
            "description": "With a key of the desk: the merchant, or one of its accounts at a provider, as whom it is used. A merchant's key is \
                            used as that merchant whether this says so or not. `Stripe-Context` is taken as the same.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" }
        },
        "StripeVersion": {
            "name": "Stripe-Version",
            "in": "header",
            "description": "The version in whose shape to answer; the key's unless said, or the oldest.",
            "schema": { "type": "string", "enum": versions }
        }
    })
}
