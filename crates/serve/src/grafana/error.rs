//! Errors in Grafana's shape: `{"message": …, "status": …}`.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use state::StateError;
use state::dashboards::DashboardError;

/// A request that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrafanaError {
    pub(super) status: StatusCode,
    pub(super) message: String,
    /// A word by which clients tell apart errors of one status code.
    pub(super) word: Option<&'static str>,
}

impl GrafanaError {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), word: None }
    }

    /// A request that makes no sense.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// Something that is not there.
    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// JSON that is none, with its place.
    pub(super) fn json(what: &str, error: &serde_json::Error) -> Self {
        Self::bad_request(format!("bad request data: {what} is not valid JSON: {error}"))
    }

    pub(super) fn with_word(self, word: &'static str) -> Self {
        Self { word: Some(word), ..self }
    }
}

impl From<DashboardError> for GrafanaError {
    fn from(error: DashboardError) -> Self {
        let message = error.to_string();
        let (status, word) = match error {
            DashboardError::State(error) => return error.into(),
            DashboardError::NotFound => (StatusCode::NOT_FOUND, Some("not-found")),
            DashboardError::FolderNotFound | DashboardError::VersionNotFound => {
                (StatusCode::NOT_FOUND, None)
            }
            DashboardError::SameUid => (StatusCode::PRECONDITION_FAILED, Some("name-exists")),
            DashboardError::SameFolderUid => (StatusCode::CONFLICT, None),
            DashboardError::Changed | DashboardError::FolderChanged => {
                (StatusCode::PRECONDITION_FAILED, Some("version-mismatch"))
            }
            DashboardError::Provisioned | DashboardError::Place(_) => {
                (StatusCode::BAD_REQUEST, None)
            }
            // As Grafana answers where a quota is reached.
            DashboardError::TooMany { .. } => (StatusCode::FORBIDDEN, None),
        };
        Self { status, message, word }
    }
}

impl From<StateError> for GrafanaError {
    fn from(error: StateError) -> Self {
        tracing::error!(%error, "what people make could not be read or written");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
    }
}

impl IntoResponse for GrafanaError {
    fn into_response(self) -> Response {
        let mut body = json!({"message": self.message});
        if let Some(word) = self.word {
            body["status"] = word.into();
        }
        (self.status, Json(body)).into_response()
    }
}

/// The answer to a path that is none.
pub(super) async fn not_found() -> GrafanaError {
    GrafanaError::not_found("Not found")
}
