//! The web UI: the files that the build embedded.
//!
//! Files with a hash in their name never change and are cached for ever; the
//! page itself is asked for again each time and answered by its tag. A path that
//! is no file is a view of the page: the page handles it.

mod graph;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use xxhash_rust::xxh3::xxh3_64;

/// A file of the UI.
struct Asset {
    path: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// Nothing but our own files runs; charts and components set styles.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self'; \
    style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; \
    frame-ancestors 'self'; base-uri 'self'; form-action 'self'; object-src 'none'";

const WITHOUT_UI: &str = "<!doctype html><title>Bellwether</title><h1>Bellwether</h1>\
    <p>This build has no web UI: it was made without the feature <code>ui</code>. \
    The APIs work; try <a href=\"/metrics\">/metrics</a>.</p>";

/// Serves the UI at every path that nothing else serves.
pub fn router() -> Router {
    Router::new().route("/graph", get(graph::graph)).fallback(serve)
}

async fn serve(request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    let is_api =
        ["api/", "apis/", "-/", "prometheus/"].iter().any(|prefix| path.starts_with(prefix));
    if is_api {
        return (StatusCode::NOT_FOUND, "404 page not found\n").into_response();
    }
    let exact = find(path);
    // A missing file is missing; a path without an extension is a view of the page.
    let is_view = exact.is_none() && !path.rsplit('/').next().unwrap_or("").contains('.');
    match exact.or_else(|| find("index.html").filter(|_| is_view)) {
        Some(asset) => respond(asset, request.headers()),
        None if is_view => {
            secured(([(header::CONTENT_TYPE, "text/html; charset=utf-8")], WITHOUT_UI))
        }
        None => (StatusCode::NOT_FOUND, "404 page not found\n").into_response(),
    }
}

fn find(path: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.path == path)
}

fn respond(asset: &'static Asset, headers: &HeaderMap) -> Response {
    let tag = format!("\"{:016x}\"", xxh3_64(asset.bytes));
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known == Some(tag.as_str()) {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response();
    }
    let cache = if asset.path.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    secured((
        [
            (header::CONTENT_TYPE, asset.content_type),
            (header::CACHE_CONTROL, cache),
            (header::ETAG, tag.as_str()),
        ],
        asset.bytes,
    ))
}

fn secured(response: impl IntoResponse) -> Response {
    let mut response = response.into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
