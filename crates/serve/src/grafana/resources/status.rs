//! Errors in Kubernetes' shape.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use state::dashboards::DashboardError;

use super::Kind;
use crate::grafana::GrafanaError;
use crate::grafana::request::blocking;

/// A request that failed.
pub(super) struct Status {
    code: StatusCode,
    reason: &'static str,
    message: String,
}

impl Status {
    fn new(code: StatusCode, message: impl Into<String>) -> Self {
        let reason = match code {
            StatusCode::BAD_REQUEST => "BadRequest",
            StatusCode::FORBIDDEN => "Forbidden",
            StatusCode::NOT_FOUND => "NotFound",
            StatusCode::METHOD_NOT_ALLOWED => "MethodNotAllowed",
            StatusCode::CONFLICT => "Conflict",
            StatusCode::PAYLOAD_TOO_LARGE => "RequestEntityTooLarge",
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "UnsupportedMediaType",
            _ => "InternalError",
        };
        Self { code, reason, message: message.into() }
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    pub(super) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    pub(super) fn not_supported(message: impl Into<String>) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, message)
    }

    pub(super) fn unsupported(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message)
    }

    /// There is no resource of that name.
    pub(super) fn missing(kind: &Kind, name: &str) -> Self {
        Self::not_found(format!("{}.{} {name:?} not found", kind.plural, kind.group))
    }

    /// There is one of that name already.
    pub(super) fn exists(kind: &Kind, name: &str) -> Self {
        let message = format!("{}.{} {name:?} already exists", kind.plural, kind.group);
        Self { reason: "AlreadyExists", ..Self::new(StatusCode::CONFLICT, message) }
    }

    /// It was changed in between.
    pub(super) fn conflict(kind: &Kind, name: &str) -> Self {
        let message = format!(
            "Operation cannot be fulfilled on {}.{} {name:?}: the object has been modified; \
             please apply your changes to the latest version and try again",
            kind.plural, kind.group
        );
        Self::new(StatusCode::CONFLICT, message)
    }

    /// What an error of the store means for the resource of that name.
    pub(super) fn of(kind: &Kind, name: &str, error: DashboardError) -> Self {
        match error {
            DashboardError::NotFound => Self::missing(kind, name),
            DashboardError::SameUid | DashboardError::SameFolderUid => Self::exists(kind, name),
            DashboardError::Changed | DashboardError::FolderChanged => Self::conflict(kind, name),
            DashboardError::Provisioned => Self::forbidden(error.to_string()),
            other => GrafanaError::from(other).into(),
        }
    }
}

/// Runs what blocks and may fail in Kubernetes' way.
pub(super) async fn answer<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Status> + Send + 'static,
) -> Result<T, Status> {
    blocking(move || Ok(work())).await?
}

impl From<GrafanaError> for Status {
    fn from(error: GrafanaError) -> Self {
        Self::new(error.status, error.message)
    }
}

impl IntoResponse for Status {
    fn into_response(self) -> Response {
        let body = json!({
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "reason": self.reason,
            "code": self.code.as_u16(),
        });
        (self.code, Json(body)).into_response()
    }
}
