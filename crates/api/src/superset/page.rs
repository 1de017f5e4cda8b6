//! The description of the interface, as a file for programs and as a page for people. Neither says anything of a desk, so
//! neither asks who reads it.

use super::openapi::description;
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use serde_json::Value;
use std::fmt::Write;
use std::sync::LazyLock;

/// The same for every process of this build.
static DESCRIPTION: LazyLock<Value> = LazyLock::new(description);
static REFERENCE: LazyLock<String> = LazyLock::new(|| render(&DESCRIPTION));

/// Everything is in the page: it may load nothing, run nothing and be framed by nobody.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(crate) async fn description_file() -> Response {
    let bytes = crate::call::bytes(&DESCRIPTION);
    ([(header::CONTENT_TYPE, "application/json")], bytes).into_response()
}

pub(crate) async fn reference() -> Response {
    let mut response = Html(REFERENCE.as_str()).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    response
}

const STYLE: &str = "\
:root{color-scheme:light dark;--line:color-mix(in srgb,currentColor 18%,transparent);--soft:color-mix(in srgb,currentColor 68%,transparent)}\
body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:0 auto;padding:2rem 1rem}\
h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2.5rem}h3{font-size:1rem;margin:0}\
code{font:0.9em ui-monospace,monospace;overflow-wrap:anywhere}\
article{border-top:1px solid var(--line);padding:1rem 0}\
table{border-collapse:collapse;width:100%;font-size:0.9rem}th,td{text-align:left;vertical-align:top;padding:0.25rem 0.75rem 0.25rem 0}\
.soft{color:var(--soft)}nav ul{columns:2;padding-left:1rem}@media(max-width:40rem){nav ul{columns:1}}";

fn render(description: &Value) -> String {
    let mut out = String::from("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">");
    out.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    let _infallible = write!(
        out,
        "<title>Docket's interface</title><style>{STYLE}</style></head><body><main><h1>Docket's interface</h1>"
    );
    paragraph(&mut out, text(description, "/info/description"), "");
    out.push_str("<p>For programs: <a href=\"/docket/v1/openapi.json\">openapi.json</a>.</p>");
    let paths = description.pointer("/paths").and_then(Value::as_object);
    for tag in ["docket", "stripe"] {
        let title = match tag {
            "docket" => "What Stripe's interface has no words for",
            _ => "Stripe's interface",
        };
        let _infallible = write!(out, "<h2>{title}</h2>");
        for (path, methods) in paths.into_iter().flatten() {
            for (method, operation) in methods.as_object().into_iter().flatten() {
                if operation.pointer("/tags/0").and_then(Value::as_str) == Some(tag) {
                    article(&mut out, description, path, method, operation);
                }
            }
        }
    }
    out.push_str("</main></body></html>");
    out
}

fn article(out: &mut String, whole: &Value, path: &str, method: &str, operation: &Value) {
    let id = text(operation, "/operationId");
    let _infallible = write!(
        out,
        "<article id=\"{id}\"><h3><code>{} {}</code></h3>",
        method.to_ascii_uppercase(),
        escaped(path)
    );
    paragraph(out, text(operation, "/summary"), "");
    paragraph(out, text(operation, "/description"), "soft");
    let parameters = operation.get("parameters").and_then(Value::as_array);
    let mut rows: Vec<(String, String, String)> = parameters
        .into_iter()
        .flatten()
        .map(|parameter| resolved(whole, parameter))
        .map(|parameter| {
            let name = text(parameter, "/name").to_owned();
            let place = text(parameter, "/in").to_owned();
            (name, place, text(parameter, "/description").to_owned())
        })
        .collect();
    let content = operation
        .pointer("/requestBody/content")
        .and_then(Value::as_object);
    for (media, body) in content.into_iter().flatten() {
        let schema = resolved(whole, body.get("schema").unwrap_or(&Value::Null));
        let fields = schema.get("properties").and_then(Value::as_object);
        for (name, field) in fields.into_iter().flatten() {
            let says = text(field, "/description").to_owned();
            rows.push((name.clone(), media.clone(), says));
        }
    }
    if !rows.is_empty() {
        out.push_str("<table><thead><tr><th scope=\"col\">Name</th><th scope=\"col\">In</th><th scope=\"col\">Meaning</th></tr></thead><tbody>");
        for (name, place, says) in rows {
            let _infallible = write!(
                out,
                "<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
                escaped(&name),
                escaped(&place),
                marked(&says)
            );
        }
        out.push_str("</tbody></table>");
    }
    out.push_str("</article>");
}

fn resolved<'a>(whole: &'a Value, schema: &'a Value) -> &'a Value {
    let path = schema.get("$ref").and_then(Value::as_str);
    let found = path
        .and_then(|path| path.strip_prefix('#'))
        .and_then(|pointer| whole.pointer(pointer));
    found.unwrap_or(schema)
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn paragraph(out: &mut String, words: &str, class: &str) {
    if !words.is_empty() {
        let _infallible = write!(out, "<p class=\"{class}\">{}</p>", marked(words));
    }
}

/// Words with `code` in them.
fn marked(words: &str) -> String {
    let parts = words.split('`').enumerate();
    parts
        .map(|(at, part)| match at % 2 {
            0 => escaped(part),
            _ => format!("<code>{}</code>", escaped(part)),
        })
        .collect()
}

fn escaped(words: &str) -> String {
    words
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
