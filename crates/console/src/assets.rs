//! Styles and scripts, inside the executable, under names that change with their content, so that a browser may keep them
//! for ever.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// How long a browser may keep a file whose name is a hash of its content: a year, the longest that RFC 9111 caches honour.
const KEEP: &str = "public, max-age=31536000, immutable";

struct Asset {
    /// The name that pages ask for.
    name: &'static str,
    media_type: &'static str,
    content: &'static str,
    /// `name` with eight characters of the content's hash before the extension.
    path: LazyLock<String>,
}

macro_rules! asset {
    ($name:literal, $media_type:literal) => {
        Asset {
            name: $name,
            media_type: $media_type,
            content: include_str!(concat!("../assets/", $name)),
            path: LazyLock::new(|| {
                fingerprinted($name, include_str!(concat!("../assets/", $name)))
            }),
        }
    };
}

static ASSETS: [Asset; 4] = [
    asset!("console.css", "text/css; charset=utf-8"),
    asset!("desk.js", "text/javascript; charset=utf-8"),
    asset!("evidence.js", "text/javascript; charset=utf-8"),
    asset!("docket.svg", "image/svg+xml"),
];

/// The address of an asset.
///
/// # Panics
/// When no asset has this name: a bug of the page that asks.
pub fn url(name: &str) -> String {
    let asset = ASSETS
        .iter()
        .find(|asset| asset.name == name)
        .unwrap_or_else(|| panic!("no asset is called `{name}`"));
    format!("/assets/{}", *asset.path)
}

/// Answers `/assets/{path}`.
pub async fn serve(Path(path): Path<String>) -> Response {
    match ASSETS.iter().find(|asset| *asset.path == path) {
        Some(asset) => (
            [
                (header::CONTENT_TYPE, asset.media_type),
                (header::CACHE_CONTROL, KEEP),
            ],
            asset.content,
        )
            .into_response(),
        None => (StatusCode::NOT_FOUND, "no such asset\n").into_response(),
    }
}

fn fingerprinted(name: &str, content: &str) -> String {
    let hash = hex::encode(Sha256::digest(content.as_bytes()));
    let short: String = hash.chars().take(8).collect();
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}.{short}.{extension}"),
        None => format!("{name}.{short}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_changes_with_the_content() {
        assert_eq!(
            fingerprinted("a.min.js", "x"),
            fingerprinted("a.min.js", "x")
        );
        assert_ne!(
            fingerprinted("a.min.js", "x"),
            fingerprinted("a.min.js", "y")
        );
        assert!(fingerprinted("a.min.js", "x").ends_with(".js"));
    }

    #[tokio::test]
    async fn only_whole_names_are_served() {
        let path = url("console.css").replace("/assets/", "");
        assert_eq!(serve(Path(path)).await.status(), StatusCode::OK);
        let plain = serve(Path(String::from("console.css"))).await;
        assert_eq!(plain.status(), StatusCode::NOT_FOUND);
    }
}
