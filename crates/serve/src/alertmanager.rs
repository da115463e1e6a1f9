//! Alertmanager's HTTP API: `/api/v2/…`, `/-/…`.
//!
//! Shapes, status codes and texts are those of Alertmanager, so that amtool,
//! Prometheus and Grafana cannot tell the difference. What Alertmanager's API
//! does not tell, our own UI reads from [`own_router`].

mod alerts;
mod answer;
mod attempts;
mod filter;
mod groups;
mod lifecycle;
mod routes;
mod silences;
mod status;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use alerting::alertmanager::Alertmanager;
use axum::Router;
use axum::http::{HeaderValue, header};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{any, get};
use model::Timestamp;
use parking_lot::Mutex;
use tokio::sync::mpsc;

use crate::prometheus::LifecycleRequest;

/// Waits until what was changed before the call is on disk.
pub type Keep =
    Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>> + Send + Sync>;

/// What the API needs to answer.
#[derive(Clone)]
pub struct AlertmanagerState {
    /// Alerts, groups, silences.
    pub alertmanager: Arc<Mutex<Alertmanager>>,
    /// Keeps what was changed.
    pub keep: Keep,
    /// The configuration in force, secrets masked.
    pub config_yaml: Arc<dyn Fn() -> String + Send + Sync>,
    /// When the server started.
    pub started: Timestamp,
    /// Takes requests to reload.
    pub lifecycle: mpsc::Sender<LifecycleRequest>,
}

/// All routes of the dialect.
pub fn router(state: AlertmanagerState) -> Router {
    let api = Router::new()
        .route("/status", get(status::status))
        .route("/receivers", get(status::receivers))
        .route("/alerts", get(alerts::list).post(alerts::post))
        .route("/alerts/groups", get(groups::groups))
        .route("/silences", get(silences::list).post(silences::post))
        .route("/silence/{id}", get(silences::get).delete(silences::expire))
        // Not a fallback: below a prefix that of the whole server would take its place.
        .route("/{*path}", any(answer::not_found))
        .method_not_allowed_fallback(answer::method_not_allowed)
        .layer(map_response(uncached));
    Router::new()
        .nest("/api/v2", api)
        .route("/api/v1/{*path}", any(status::gone))
        .route("/-/healthy", get(lifecycle::ok).head(lifecycle::ok))
        .route("/-/ready", get(lifecycle::ok).head(lifecycle::ok))
        .route("/-/reload", get(lifecycle::only_post).post(lifecycle::reload))
        .with_state(state)
}

/// What our own UI reads besides, below `/api/bellwether/v1/alerting`.
pub fn own_router(state: AlertmanagerState) -> Router {
    Router::new()
        .route("/attempts", get(attempts::attempts))
        .route("/routes", get(routes::tree))
        .route("/route-test", get(routes::test))
        .with_state(state)
}

async fn uncached(mut response: Response) -> Response {
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, no_store);
    response
}

#[cfg(test)]
mod tests;
