//! Answers: the two shapes of errors that Alertmanager has, and its times.

use axum::Json;
use axum::extract::OriginalUri;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::Timestamp;
use serde_json::{Value, json};

/// A request that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The request is not what the API describes: `{"code": …, "message": …}`.
    Form(StatusCode, u16, String),
    /// It is, and makes no sense: a text alone.
    Sense(StatusCode, String),
    /// There is nothing of that name.
    Missing,
}

impl Fault {
    /// A body that can't be read.
    pub(super) fn unreadable(message: impl ToString) -> Self {
        Self::Form(StatusCode::BAD_REQUEST, 400, message.to_string())
    }

    /// Something that must be there and is not.
    pub(super) fn required(name: &str) -> Self {
        Self::Form(StatusCode::UNPROCESSABLE_ENTITY, 602, format!("{name} in body is required"))
    }

    /// A value that makes no sense.
    pub(super) fn bad(message: impl ToString) -> Self {
        Self::Sense(StatusCode::BAD_REQUEST, message.to_string())
    }

    /// Ours.
    pub(super) fn internal(message: impl ToString) -> Self {
        Self::Sense(StatusCode::INTERNAL_SERVER_ERROR, message.to_string())
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        match self {
            Self::Form(status, code, message) => {
                (status, Json(json!({ "code": code, "message": message }))).into_response()
            }
            Self::Sense(status, message) => (status, Json(Value::from(message))).into_response(),
            Self::Missing => StatusCode::NOT_FOUND.into_response(),
        }
    }
}

/// Refuses bodies that do not say to be JSON: a page of another site can't say so
/// unasked.
pub(super) fn check_is_json(headers: &HeaderMap) -> Result<(), Fault> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .map_or(&b"application/octet-stream"[..], |kind| kind.as_bytes());
    let kind = String::from_utf8_lossy(kind);
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    let message =
        format!("unsupported media type {essence:?}, only [application/json] are allowed");
    Err(Fault::Form(StatusCode::UNSUPPORTED_MEDIA_TYPE, 415, message))
}

/// A time as the API writes it.
pub(super) fn shown(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.as_millis()).map_or_else(
        |_| "0001-01-01T00:00:00.000Z".to_owned(),
        |at| at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
    )
}

/// The answer to a method that a path does not have.
pub(super) async fn method_not_allowed(method: Method, OriginalUri(uri): OriginalUri) -> Fault {
    let path = uri.path().trim_end_matches('/');
    let allowed = match path.rsplit('/').next() {
        Some("alerts" | "silences") => "GET,POST",
        Some("status" | "receivers" | "groups") => "GET",
        _ => "DELETE,GET",
    };
    let message = format!("method {method} is not allowed, but [{allowed}] are");
    Fault::Form(StatusCode::METHOD_NOT_ALLOWED, 405, message)
}

/// The answer to a path that is none.
pub(super) async fn not_found(OriginalUri(uri): OriginalUri) -> Fault {
    let message = format!("path {} was not found", uri.path());
    Fault::Form(StatusCode::NOT_FOUND, 404, message)
}
