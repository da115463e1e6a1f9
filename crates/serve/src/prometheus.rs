//! The Prometheus HTTP API: `/api/v1/…`, `/-/…`.
//!
//! Shapes, status codes and texts are those of Prometheus 3, so that its clients
//! cannot tell the difference.

pub mod admin;
mod answer;
pub mod blocks;
mod channel_body;
pub mod features;
pub mod federate;
pub mod json;
pub mod labels;
pub mod lifecycle;
pub mod notifications;
pub mod params;
pub mod query;
pub mod relabel_steps;
pub mod remote_read;
pub mod respond;
pub mod rules;
pub mod status;
pub mod targets;

use std::sync::Arc;

use ::query::promql::Engine;
use axum::Router;
use axum::routing::{any, get, post};
use storage::SeriesStore;
use tokio::sync::mpsc;

pub use federate::Federation;
pub use lifecycle::LifecycleRequest;
pub use relabel_steps::{RelabelStep, RelabelSteps};
pub use remote_read::RemoteRead;
pub use respond::{ApiError, ErrorType};
pub use rules::AlertmanagersView;
pub use status::ServerInfo;
pub use targets::TargetsView;

/// What the API needs to answer.
#[derive(Clone)]
pub struct PrometheusState {
    /// The metrics.
    pub store: Arc<dyn SeriesStore>,
    /// Evaluates queries.
    pub engine: Arc<Engine>,
    /// The targets at this moment.
    pub targets: Arc<dyn Fn() -> TargetsView + Send + Sync>,
    /// The rule groups at this moment.
    pub rules: rules::Groups,
    /// Who hears of alerts.
    pub alertmanagers: Arc<dyn Fn() -> AlertmanagersView + Send + Sync>,
    /// What the server says of itself.
    pub info: Arc<ServerInfo>,
    /// Takes requests to reload or end.
    pub lifecycle: mpsc::Sender<LifecycleRequest>,
    /// Whether `/api/v1/admin/…` is open.
    pub is_admin_enabled: bool,
}

/// All routes of the dialect.
pub fn router(state: PrometheusState) -> Router {
    let api = Router::new()
        .route("/query", get(query::instant).post(query::instant))
        .route("/query_range", get(query::range).post(query::range))
        .route("/query_exemplars", get(query::exemplars).post(query::exemplars))
        .route("/format_query", get(query::format).post(query::format))
        .route("/parse_query", get(query::tree).post(query::tree))
        .route("/labels", get(labels::names).post(labels::names))
        .route("/label/{name}/values", get(labels::values))
        .route("/series", get(labels::series).post(labels::series))
        .route("/metadata", get(labels::metadata))
        .route("/targets", get(targets::targets))
        .route("/targets/metadata", get(targets::metadata))
        .route("/scrape_pools", get(targets::pools))
        .route("/features", get(features::features))
        .route("/functions", get(features::functions))
        .route("/notifications", get(notifications::notifications))
        .route("/notifications/live", get(notifications::live))
        .route("/rules", get(rules::rules))
        .route("/alerts", get(rules::alerts))
        .route("/alertmanagers", get(rules::alertmanagers))
        .route("/status/config", get(status::config))
        .route("/status/flags", get(status::flags))
        .route("/status/runtimeinfo", get(status::runtime))
        .route("/status/buildinfo", get(status::build))
        .route("/status/tsdb", get(status::tsdb))
        .route("/status/tsdb/blocks", get(blocks::blocks))
        .route("/status/walreplay", get(status::wal_replay))
        .route("/admin/tsdb/delete_series", post(admin::delete_series).put(admin::delete_series))
        .route(
            "/admin/tsdb/clean_tombstones",
            post(admin::clean_tombstones).put(admin::clean_tombstones),
        )
        .route("/admin/tsdb/snapshot", post(admin::snapshot).put(admin::snapshot))
        .method_not_allowed_fallback(respond::method_not_allowed)
        .fallback(any(respond::not_found));
    Router::new()
        .nest("/api/v1", api)
        .route("/-/healthy", get(lifecycle::healthy).head(lifecycle::healthy))
        .route("/-/ready", get(lifecycle::ready).head(lifecycle::ready))
        .route("/-/reload", post(lifecycle::reload).put(lifecycle::reload))
        .route("/-/quit", post(lifecycle::quit).put(lifecycle::quit))
        .method_not_allowed_fallback(lifecycle::method_not_allowed)
        .with_state(state)
}

#[cfg(test)]
mod tests;
