//! Requests and answers: bodies as text, parameters, work that blocks, times.

use std::collections::HashMap;

use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use model::Timestamp;
use url::form_urlencoded;

use super::document::Document;
use super::error::GrafanaError;

/// The largest body: room for the largest dashboards, whose versions are all kept.
pub(super) const BODY_BYTES_MAX: usize = 5 << 20;

/// A body as text.
pub(super) struct Body(String);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = GrafanaError;

    async fn from_request(request: Request, state: &S) -> Result<Self, GrafanaError> {
        let bytes = Bytes::from_request(request, state).await.map_err(|error| {
            let message = if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
                format!("the body is larger than {BODY_BYTES_MAX} bytes, which is the limit")
            } else {
                error.body_text()
            };
            GrafanaError::new(error.status(), message)
        })?;
        let text = String::from_utf8(bytes.into()).map_err(|error| {
            GrafanaError::bad_request(format!("bad request data: the body is not UTF-8: {error}"))
        })?;
        Ok(Self(text))
    }
}

impl Body {
    /// The JSON object that it is.
    ///
    /// # Errors
    /// Where it is none.
    pub(super) fn document(&self) -> Result<Document<'_>, GrafanaError> {
        Document::parse(&self.0).map_err(|error| GrafanaError::json("the body", &error))
    }
}

/// The parameters of a URL; names may repeat.
#[derive(Default)]
pub(super) struct Query(HashMap<String, Vec<String>>);

impl<S: Send + Sync> axum::extract::FromRequestParts<S> for Query {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        _state: &S,
    ) -> Result<Self, Self::Rejection> {
        let query = parts.uri.query().unwrap_or("").as_bytes();
        let mut values: HashMap<String, Vec<String>> = HashMap::new();
        for (name, value) in form_urlencoded::parse(query) {
            values.entry(name.into_owned()).or_default().push(value.into_owned());
        }
        Ok(Self(values))
    }
}

impl Query {
    /// The first value of a parameter that is not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).find(|value| !value.is_empty())
    }

    /// All values of a parameter.
    pub(super) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.get(name).into_iter().flatten().map(String::as_str)
    }

    /// All values of a parameter whose values may also be joined by commas.
    pub(super) fn list<'a>(&'a self, name: &str) -> Vec<&'a str> {
        self.all(name)
            .flat_map(|value| value.split(','))
            .filter(|value| !value.is_empty())
            .collect()
    }

    /// A number, or nothing where the parameter is missing.
    ///
    /// # Errors
    /// Where it is no number.
    pub(super) fn number(&self, name: &str) -> Result<Option<i64>, GrafanaError> {
        self.get(name)
            .map(|text| {
                text.parse().map_err(|_| {
                    GrafanaError::bad_request(format!("{name} is not a number: {text:?}"))
                })
            })
            .transpose()
    }

    /// Whether a parameter says yes.
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.get(name) == Some("true")
    }

    /// How many results are wanted, and how many come before: `limit` and `page`, from 1.
    ///
    /// # Errors
    /// Where one is no number.
    pub(super) fn page(&self, default: usize, max: usize) -> Result<Page, GrafanaError> {
        let count = |number: i64| usize::try_from(number).ok().filter(|count| *count > 0);
        let limit = self.number("limit")?.and_then(count).unwrap_or(default).min(max);
        let page = self.number("page")?.and_then(count).unwrap_or(1);
        Ok(Page { skip: (page - 1).saturating_mul(limit), limit })
    }
}

/// Which part of a list.
#[derive(Clone, Copy)]
pub(super) struct Page {
    pub(super) skip: usize,
    pub(super) limit: usize,
}

/// Refuses changes that a page of another site asks a browser for. Without authentication
/// whoever can send may change, and a browser on this host can send.
pub(super) async fn refuse_other_sites(request: Request, next: Next) -> Response {
    let site = request.headers().get("sec-fetch-site").map(|site| site.as_bytes());
    let is_own = matches!(site, None | Some(b"same-origin" | b"none"));
    if is_own || request.method().is_safe() {
        return next.run(request).await;
    }
    GrafanaError::new(StatusCode::FORBIDDEN, "origin not allowed").into_response()
}

/// Runs work that blocks on a thread of its own.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, GrafanaError> + Send + 'static,
) -> Result<T, GrafanaError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        tracing::error!(%error, "a request failed inside");
        Err(GrafanaError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the request failed inside; the log says more",
        ))
    })
}

/// A time as clients read it.
pub(super) fn rfc3339(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.as_millis()).unwrap_or_default().to_string()
}
