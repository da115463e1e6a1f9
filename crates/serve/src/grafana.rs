//! Grafana's HTTP API: `/api/…`, and the resources at `/apis/…`.
//!
//! What tools need that look for, read, write and provision dashboards. Shapes, status
//! codes and texts are those of Grafana 12. There is one organisation and, until there is
//! authentication, one user, who may do everything.

mod account;
mod annotations;
mod body;
mod dashboards;
mod data_sources;
mod document;
mod error;
mod folders;
mod import;
mod preferences;
pub mod provisioning;
mod query;
pub mod report;
mod request;
mod resources;
mod search;
mod stars;
mod versions;

use axum::extract::DefaultBodyLimit;
use axum::response::{IntoResponse, Redirect};
use axum::routing::{any, get, post};
use axum::{Router, middleware};
use state::annotations::Annotations;
use state::dashboards::Dashboards;
use state::preferences::Preferences;

pub use error::GrafanaError;

/// The Grafana whose API this is. Clients ask for the version to learn what they may call.
const GRAFANA_VERSION: &str = "12.3.0";

/// What the API needs to answer.
#[derive(Clone)]
pub struct GrafanaState {
    /// Dashboards and folders.
    pub dashboards: Dashboards,
    /// Annotations.
    pub annotations: Annotations,
    /// Preferences.
    pub preferences: Preferences,
    /// The Prometheus API, which the data source of that type asks.
    pub prometheus: Router,
}

/// All routes of the dialect.
pub fn router(state: GrafanaState) -> Router {
    Router::new()
        .route("/api", any(error::not_found))
        .nest("/api", api())
        .merge(resources::router())
        .route("/bootdata", get(account::boot_data))
        .layer(DefaultBodyLimit::max(request::BODY_BYTES_MAX))
        .layer(middleware::from_fn(request::refuse_other_sites))
        .with_state(state)
}

/// The same below a prefix, where Grafana itself may have been: the pages are elsewhere.
pub fn prefixed_router(state: GrafanaState) -> Router {
    router(state).fallback(to_page)
}

async fn to_page(uri: axum::http::Uri) -> axum::response::Response {
    let path = uri.path();
    if path.starts_with("/api/") || path.starts_with("/apis/") {
        return error::not_found().await.into_response();
    }
    let query = uri.query().map_or_else(String::new, |query| format!("?{query}"));
    // Not `//host`, which would lead elsewhere.
    Redirect::temporary(&format!("/{}{query}", path.trim_start_matches('/'))).into_response()
}

fn api() -> Router<GrafanaState> {
    Router::new()
        .merge(account_routes())
        .merge(dashboard_routes())
        .merge(data_source_routes())
        .route("/search", get(search::search))
        .route("/search/", get(search::search))
        .route("/search/sorting", get(search::sorting))
        .route("/folders", get(folders::list).post(folders::create))
        .route("/folders/{uid}", get(folders::get).put(folders::update).delete(folders::delete))
        .route("/folders/id/{id}", get(folders::get_by_id))
        .route("/folders/{uid}/counts", get(folders::counts))
        .route("/folders/{uid}/move", post(folders::relocate))
        .route("/annotations", get(annotations::find).post(annotations::create))
        .route("/annotations/tags", get(annotations::tags))
        .route("/annotations/graphite", post(annotations::create_graphite))
        .route("/annotations/mass-delete", post(annotations::mass_delete))
        .route(
            "/annotations/{id}",
            get(annotations::get)
                .put(annotations::update)
                .patch(annotations::patch)
                .delete(annotations::delete),
        )
}

fn account_routes() -> Router<GrafanaState> {
    let preferences = || get(preferences::get).put(preferences::replace).patch(preferences::change);
    Router::new()
        .route("/health", get(account::health))
        .route("/user", get(account::user))
        .route("/user/orgs", get(account::organizations))
        .route("/user/preferences", preferences())
        .route("/user/stars", get(stars::list))
        .route("/user/stars/dashboard/uid/{uid}", post(stars::add).delete(stars::remove))
        .route("/org", get(account::organization))
        .route("/org/preferences", preferences())
        .route("/orgs", get(account::organizations))
        .route("/orgs/1", get(account::organization))
        .route("/frontend/settings", get(account::frontend_settings))
        .route("/access-control/user/permissions", get(account::permissions))
}

fn dashboard_routes() -> Router<GrafanaState> {
    Router::new()
        .route("/dashboards/db", post(dashboards::save))
        .route("/dashboards/home", get(dashboards::home))
        .route("/dashboards/tags", get(dashboards::tags))
        .route("/dashboards/import", post(import::import))
        .route("/dashboards/uid/{uid}", get(dashboards::get).delete(dashboards::delete))
        .route("/dashboards/uid/{uid}/versions", get(versions::list))
        .route("/dashboards/uid/{uid}/versions/{version}", get(versions::get))
        .route("/dashboards/uid/{uid}/restore", post(versions::restore))
        .route("/dashboards/id/{id}/versions", get(versions::list_by_id))
        .route("/dashboards/id/{id}/versions/{version}", get(versions::get_by_id))
        .route("/dashboards/id/{id}/restore", post(versions::restore_by_id))
}

fn data_source_routes() -> Router<GrafanaState> {
    Router::new()
        .route("/ds/query", post(query::query))
        .route("/datasources", get(data_sources::list).post(data_sources::refuse_new))
        .route(
            "/datasources/{id}",
            get(data_sources::get_by_id)
                .put(data_sources::refuse_change)
                .delete(data_sources::refuse_deletion),
        )
        .route(
            "/datasources/uid/{uid}",
            get(data_sources::get)
                .put(data_sources::refuse_change)
                .delete(data_sources::refuse_deletion),
        )
        .route(
            "/datasources/name/{name}",
            get(data_sources::get).delete(data_sources::refuse_deletion),
        )
        .route("/datasources/id/{name}", get(data_sources::id_of_name))
        .route("/datasources/uid/{uid}/health", get(data_sources::health))
        .route("/datasources/uid/{uid}/resources/{*path}", any(data_sources::proxy))
        .route("/datasources/proxy/uid/{uid}/{*path}", any(data_sources::proxy))
        .route("/datasources/proxy/{id}/{*path}", any(data_sources::proxy_by_id))
}

#[cfg(test)]
mod tests;
