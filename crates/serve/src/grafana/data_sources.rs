//! `/api/datasources`: what can be queried. The list is fixed: each source is a part of
//! this server, which is asked through the paths that Grafana proxies.

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::GrafanaState;
use super::error::GrafanaError;

/// A data source.
pub(super) struct DataSource {
    pub(super) id: i64,
    pub(super) uid: &'static str,
    pub(super) name: &'static str,
    kind: &'static str,
    /// Where its own API is on this server.
    path: &'static str,
}

/// The metrics.
pub(super) const PROMETHEUS: DataSource = DataSource {
    id: 1,
    uid: "prometheus",
    name: "Prometheus",
    kind: "prometheus",
    path: "/prometheus",
};

impl DataSource {
    pub(super) fn shown(&self) -> Value {
        json!({
            "id": self.id,
            "uid": self.uid,
            "orgId": 1,
            "name": self.name,
            "type": self.kind,
            "typeName": self.name,
            "typeLogoUrl": "",
            "access": "proxy",
            "url": self.path,
            "user": "",
            "database": "",
            "basicAuth": false,
            "basicAuthUser": "",
            "withCredentials": false,
            "isDefault": self.id == PROMETHEUS.id,
            "jsonData": {"httpMethod": "POST"},
            "secureJsonFields": {},
            "version": 1,
            "readOnly": true,
            "apiVersion": "",
        })
    }

    /// Whether a client means it by this uid, name or id.
    fn is(&self, named: &str) -> bool {
        named == self.uid || named == self.name || named == self.id.to_string()
    }
}

/// All data sources.
pub(super) fn all() -> impl Iterator<Item = DataSource> {
    [PROMETHEUS].into_iter()
}

/// The data source of a uid, name or id.
pub(super) fn find(named: &str) -> Result<DataSource, GrafanaError> {
    let found = all().find(|source| source.is(named));
    found.ok_or_else(|| GrafanaError::not_found("Data source not found"))
}

/// `GET /api/datasources`
pub(super) async fn list() -> Json<Value> {
    Json(all().map(|source| source.shown()).collect())
}

/// `GET /api/datasources/uid/{uid}`, and by name.
pub(super) async fn get(Path(named): Path<String>) -> Result<Json<Value>, GrafanaError> {
    Ok(Json(find(&named)?.shown()))
}

/// `GET /api/datasources/{id}`
pub(super) async fn get_by_id(Path(id): Path<i64>) -> Result<Json<Value>, GrafanaError> {
    Ok(Json(find(&id.to_string())?.shown()))
}

/// `GET /api/datasources/id/{name}`
pub(super) async fn id_of_name(Path(name): Path<String>) -> Result<Json<Value>, GrafanaError> {
    Ok(Json(json!({"id": find(&name)?.id})))
}

/// `POST /api/datasources`
pub(super) async fn refuse_new() -> GrafanaError {
    GrafanaError::new(
        StatusCode::FORBIDDEN,
        "data sources can't be added: the server asks its own stores only, under the uid \
         \"prometheus\"; what another server has comes here by remote write or import",
    )
}

/// `PUT`
pub(super) async fn refuse_change() -> GrafanaError {
    GrafanaError::new(StatusCode::FORBIDDEN, "Cannot update read-only data source")
}

/// `DELETE`
pub(super) async fn refuse_deletion() -> GrafanaError {
    GrafanaError::new(StatusCode::FORBIDDEN, "Cannot delete read-only data source")
}

/// `GET /api/datasources/uid/{uid}/health`
pub(super) async fn health(
    State(state): State<GrafanaState>,
    Path(uid): Path<String>,
) -> Result<Json<Value>, GrafanaError> {
    find(&uid)?;
    let request = Request::get("/api/v1/query?query=1%2B1").body(axum::body::Body::empty());
    let request = request.map_err(|error| GrafanaError::bad_request(error.to_string()))?;
    let answer = ask(&state, request).await;
    if !answer.status().is_success() {
        let message = format!("the Prometheus API answers with status {}", answer.status());
        return Err(GrafanaError::bad_request(message));
    }
    Ok(Json(json!({"status": "OK", "message": "Successfully queried the Prometheus API."})))
}

/// `/api/datasources/proxy/uid/{uid}/…` and `/api/datasources/uid/{uid}/resources/…`
pub(super) async fn proxy(
    State(state): State<GrafanaState>,
    Path((named, _)): Path<(String, String)>,
    request: Request,
) -> Result<Response, GrafanaError> {
    find(&named)?;
    forward(&state, request, 5).await
}

/// `/api/datasources/proxy/{id}/…`
pub(super) async fn proxy_by_id(
    State(state): State<GrafanaState>,
    Path((id, _)): Path<(String, String)>,
    request: Request,
) -> Result<Response, GrafanaError> {
    find(&id)?;
    forward(&state, request, 4).await
}

/// Hands on what follows the first segments of the path, encoded as it came.
async fn forward(
    state: &GrafanaState,
    mut request: Request,
    segments: usize,
) -> Result<Response, GrafanaError> {
    let uri = request.uri();
    let path = uri.path().splitn(segments + 1, '/').nth(segments).unwrap_or("");
    let query = uri.query().map_or_else(String::new, |query| format!("?{query}"));
    *request.uri_mut() = format!("/{path}{query}")
        .parse::<Uri>()
        .map_err(|error| GrafanaError::bad_request(error.to_string()))?;
    // What routers noted of the path that was asked for would mislead the next.
    request.extensions_mut().clear();
    Ok(ask(state, request).await)
}

/// Asks the Prometheus API.
pub(super) async fn ask(state: &GrafanaState, request: Request) -> Response {
    match state.prometheus.clone().oneshot(request).await {
        Ok(answer) => answer,
        Err(never) => match never {},
    }
}
