//! Who asks, and what answers: the one user, the one organisation, health, settings.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::error::GrafanaError;
use super::request::blocking;
use super::{GRAFANA_VERSION, GrafanaState, data_sources};

/// The one user.
pub(super) const LOGIN: &str = "admin";
const ORGANIZATION: &str = "Main Org.";

/// `GET /api/health`
pub(super) async fn health(State(state): State<GrafanaState>) -> Result<Json<Value>, GrafanaError> {
    blocking(move || {
        state.preferences.all()?;
        Ok(Json(json!({"database": "ok", "version": GRAFANA_VERSION, "commit": ""})))
    })
    .await
}

/// `GET /api/user`
pub(super) async fn user() -> Json<Value> {
    Json(json!({
        "id": 1,
        "uid": LOGIN,
        "email": "admin@localhost",
        "name": LOGIN,
        "login": LOGIN,
        "theme": "",
        "orgId": 1,
        "isGrafanaAdmin": true,
        "isDisabled": false,
        "isExternal": false,
        "authLabels": [],
        "avatarUrl": "",
    }))
}

/// `GET /api/org`
pub(super) async fn organization() -> Json<Value> {
    Json(json!({"id": 1, "name": ORGANIZATION, "address": {}}))
}

/// `GET /api/orgs`, `GET /api/user/orgs`
pub(super) async fn organizations() -> Json<Value> {
    Json(json!([{"id": 1, "orgId": 1, "name": ORGANIZATION, "role": "Admin"}]))
}

/// `GET /api/access-control/user/permissions`
pub(super) async fn permissions() -> Json<Value> {
    let all = [
        ("annotations:create", "annotations:*"),
        ("annotations:delete", "annotations:*"),
        ("annotations:read", "annotations:*"),
        ("annotations:write", "annotations:*"),
        ("dashboards:create", "folders:*"),
        ("dashboards:delete", "dashboards:*"),
        ("dashboards:read", "dashboards:*"),
        ("dashboards:write", "dashboards:*"),
        ("datasources:query", "datasources:*"),
        ("datasources:read", "datasources:*"),
        ("folders:create", "folders:*"),
        ("folders:delete", "folders:*"),
        ("folders:read", "folders:*"),
        ("folders:write", "folders:*"),
    ];
    Json(all.into_iter().map(|(action, scope)| (action.to_owned(), json!([scope]))).collect())
}

fn build() -> Value {
    json!({"version": GRAFANA_VERSION, "commit": "", "edition": "Open Source", "env": "production"})
}

/// `GET /api/frontend/settings`
pub(super) async fn frontend_settings() -> Json<Value> {
    let sources: serde_json::Map<String, Value> =
        data_sources::all().map(|source| (source.name.to_owned(), source.shown())).collect();
    Json(json!({
        "appSubUrl": "",
        "appUrl": "/",
        "buildInfo": build(),
        "datasources": sources,
        "defaultDatasource": data_sources::PROMETHEUS.name,
        "namespace": "default",
        "featureToggles": {},
    }))
}

/// `GET /bootdata`: asked for to learn in which namespace resources are.
pub(super) async fn boot_data() -> Json<Value> {
    Json(json!({
        "settings": {"namespace": "default", "buildInfo": build()},
        "user": {"isSignedIn": true, "id": 1, "login": LOGIN, "orgId": 1, "orgName": ORGANIZATION, "orgRole": "Admin"},
    }))
}
