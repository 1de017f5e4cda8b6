//! Webhook endpoints.

use app::deliveries::HealthView;
use app::hook_key::PublicKeyView;
use app::publish::Endpoint;
use serde_json::{Value, json};

/// Without its secret, which is shown to whoever made it, once. `keys` are the public halves of the desk's own, the
/// current one first.
pub fn render(endpoint: &Endpoint, health: &HealthView, keys: &[PublicKeyView]) -> Value {
    let metadata: Value = serde_json::from_str(&endpoint.metadata).unwrap_or_else(|_| json!({}));
    json!({
        "id": endpoint.id,
        "object": "webhook_endpoint",
        "api_version": endpoint.api_version,
        "application": null,
        "created": endpoint.created_at.unix_seconds(),
        "description": Some(&endpoint.description).filter(|text| !text.is_empty()),
        "docket": {
            "health": health,
            "merchant": endpoint.merchant,
            "public_key": keys.first().map(|current| &current.key),
            "public_keys": keys,
        },
        "enabled_events": endpoint.events,
        "livemode": endpoint.live,
        "metadata": metadata,
        "status": if health.holds { "disabled" } else { "enabled" },
        "url": endpoint.url,
    })
}
