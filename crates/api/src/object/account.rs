//! Accounts: the merchants of the desk.

use serde_json::{Value, json};

/// A merchant, or the desk itself.
pub fn render(id: &str, name: &str, created: Option<i64>) -> Value {
    json!({
        "id": id,
        "object": "account",
        "business_profile": null,
        "business_type": null,
        "capabilities": {},
        "charges_enabled": true,
        "company": { "name": name },
        "created": created,
        "details_submitted": true,
        "email": null,
        "metadata": {},
        "payouts_enabled": true,
        "settings": null,
        "type": "none",
    })
}
