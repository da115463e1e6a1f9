//! Answers: the envelope of success and error.

use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use storage::StoreError;

use ::query::promql::QueryError;

use super::json::JsonWriter;

/// What kind of thing went wrong, as clients tell it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorType {
    /// The request makes no sense.
    BadData,
    /// The query can't be carried out on the data there are.
    Execution,
    /// It took too long.
    Timeout,
    /// Nobody waited any more.
    Canceled,
    /// Our fault.
    Internal,
    /// Switched off, or not ready.
    Unavailable,
    /// There is nothing of that name.
    NotFound,
}

impl ErrorType {
    const fn as_str(self) -> &'static str {
        match self {
            Self::BadData => "bad_data",
            Self::Execution => "execution",
            Self::Timeout => "timeout",
            Self::Canceled => "canceled",
            Self::Internal => "internal",
            Self::Unavailable => "unavailable",
            Self::NotFound => "not_found",
        }
    }

    const fn status(self) -> StatusCode {
        match self {
            Self::BadData => StatusCode::BAD_REQUEST,
            Self::Execution => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Timeout | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            // nginx's "client closed request", as Prometheus 3 answers.
            Self::Canceled => match StatusCode::from_u16(499) {
                Ok(status) => status,
                Err(_) => StatusCode::SERVICE_UNAVAILABLE,
            },
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::NotFound => StatusCode::NOT_FOUND,
        }
    }
}

/// A request that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// What kind.
    pub error_type: ErrorType,
    /// What a person should know.
    pub message: String,
}

impl ApiError {
    /// An error of the given kind.
    pub fn new(error_type: ErrorType, message: impl Into<String>) -> Self {
        Self { error_type, message: message.into() }
    }

    /// A parameter that makes no sense.
    pub fn parameter(name: &str, reason: impl std::fmt::Display) -> Self {
        Self::new(ErrorType::BadData, format!("invalid parameter {name:?}: {reason}"))
    }
}

impl From<QueryError> for ApiError {
    fn from(error: QueryError) -> Self {
        let error_type = match &error {
            QueryError::Parse(_) => return Self::parameter("query", error),
            QueryError::Invalid(_) => ErrorType::BadData,
            QueryError::Timeout(_) => ErrorType::Timeout,
            QueryError::Canceled(_) => ErrorType::Canceled,
            QueryError::Storage(StoreError::TooManySeries { .. }) => ErrorType::Execution,
            QueryError::Storage(_) => ErrorType::Internal,
            _ => ErrorType::Execution,
        };
        Self::new(error_type, error.to_string())
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let error_type = match error {
            StoreError::Cancelled => ErrorType::Canceled,
            StoreError::TooManySeries { .. } => ErrorType::Execution,
            StoreError::Unsupported(_) => ErrorType::Unavailable,
            _ => ErrorType::Internal,
        };
        Self::new(error_type, error.to_string())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut json = JsonWriter::default();
        json.raw(r#"{"status":"error","errorType":"#);
        json.string(self.error_type.as_str());
        json.raw(r#","error":"#);
        json.string(&self.message);
        json.raw("}");
        (self.error_type.status(), JSON, json.into_bytes()).into_response()
    }
}

const JSON: [(header::HeaderName, &str); 1] = [(header::CONTENT_TYPE, "application/json")];

/// Notes beside an answer.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// What may make it wrong.
    pub warnings: Vec<String>,
    /// What may be a mistake.
    pub infos: Vec<String>,
}

impl Notes {
    /// Writes them behind the data, where there are any.
    pub(super) fn write(&self, json: &mut JsonWriter) {
        for (name, texts) in [("warnings", &self.warnings), ("infos", &self.infos)] {
            if !texts.is_empty() {
                json.raw(",");
                json.string(name);
                json.raw(":");
                json.array(texts, |json, text| json.string(text));
            }
        }
    }
}

/// Wraps data that `write` writes.
pub fn success(notes: &Notes, write: impl FnOnce(&mut JsonWriter)) -> Response {
    let mut json = JsonWriter::default();
    json.raw(r#"{"status":"success","data":"#);
    write(&mut json);
    notes.write(&mut json);
    json.raw("}");
    (StatusCode::OK, JSON, json.into_bytes()).into_response()
}

/// Wraps a value.
pub fn success_value(value: &serde_json::Value) -> Response {
    success(&Notes::default(), |json| json.raw(&value.to_string()))
}

/// The answer to a method that a path does not have, in the words of Go's router.
pub async fn method_not_allowed(method: Method) -> Response {
    if method == Method::OPTIONS {
        return StatusCode::NO_CONTENT.into_response();
    }
    (StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed\n").into_response()
}

/// The answer to a path that is none.
pub async fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "404 page not found\n").into_response()
}
