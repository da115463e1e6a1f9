//! `POST /api/v1/write`

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use model::Timestamp;
use pipeline::Sink;
use prometheus_client::registry::Registry;
use storage::{AppendOptions, AppendOutcome, StoreError};

use super::decode::{DecodeError, Decoded, decode};
use crate::body::{self, BodyError, Encoding};
use crate::metrics::ReceiveMetrics;

const PROTOCOL: &str = "remote_write_v1";
/// Samples further ahead of the clock than this are refused, as Prometheus does.
const FUTURE_MAX: Duration = Duration::from_secs(600);

/// Takes what Prometheus pushes.
#[derive(Clone)]
pub struct PrometheusReceiver {
    sink: Arc<Sink>,
    metrics: ReceiveMetrics,
}

impl PrometheusReceiver {
    /// A receiver in front of `sink`.
    pub fn new(sink: Arc<Sink>) -> Self {
        Self { sink, metrics: ReceiveMetrics::default() }
    }

    /// Shows what is counted on a registry.
    pub fn register_metrics(&self, registry: &mut Registry) {
        self.metrics.register(registry);
    }

    /// The route.
    pub fn router(&self) -> Router {
        // The body has limits of its own, in `body`.
        Router::new()
            .route("/api/v1/write", post(write))
            .layer(DefaultBodyLimit::disable())
            .with_state(self.clone())
    }
}

async fn write(State(receiver): State<PrometheusReceiver>, request: Request) -> Response {
    let (outcome, response) = match receiver.handle(request).await {
        Ok(answer) => answer,
        Err(error) => ("refused", error.into_response()),
    };
    receiver.metrics.count(PROTOCOL, outcome);
    response
}

impl PrometheusReceiver {
    async fn handle(&self, request: Request) -> Result<(&'static str, Response), BodyError> {
        if let Some(refusal) = unsupported(request.headers()) {
            return Ok(("refused", refusal));
        }
        // Senders before 0.1.0 name no encoding and mean Snappy.
        let encoding = Encoding::of(request.headers(), Encoding::Snappy)?;
        let plain = body::read(request.into_body(), encoding).await?;
        let sink = Arc::clone(&self.sink);
        let written = tokio::task::spawn_blocking(move || decode_and_write(&plain, &sink)).await;
        Ok(match written {
            Ok(Ok((decoded, outcome))) => answer(&decoded, &outcome),
            Ok(Err(error)) => error.into_answer(),
            Err(error) => {
                tracing::error!(%error, "a remote write request failed inside");
                ("failed", StatusCode::INTERNAL_SERVER_ERROR.into_response())
            }
        })
    }
}

fn decode_and_write(plain: &[u8], sink: &Sink) -> Result<(Decoded, AppendOutcome), WriteError> {
    let decoded = decode(plain)?;
    let future_max = Timestamp::now() + FUTURE_MAX.into();
    let options = AppendOptions { timestamp_max: Some(future_max) };
    let outcome = sink.write(&decoded.batch, &options)?;
    Ok((decoded, outcome))
}

/// A request of which nothing was stored.
#[derive(Debug, thiserror::Error)]
enum WriteError {
    #[error(transparent)]
    Decode(#[from] DecodeError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl WriteError {
    fn into_answer(self) -> (&'static str, Response) {
        let (outcome, status) = match &self {
            Self::Decode(_) => ("refused", StatusCode::BAD_REQUEST),
            // 500 makes the sender try again.
            Self::Store(error) => {
                tracing::error!(%error, "a remote write request was not stored");
                ("failed", StatusCode::INTERNAL_SERVER_ERROR)
            }
        };
        (outcome, (status, format!("{self}\n")).into_response())
    }
}

/// Remote write 2.0 says so in its content type; it is refused as its
/// specification asks, and the sender falls back to 1.0.
fn unsupported(headers: &HeaderMap) -> Option<Response> {
    let content_type = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let media_type = content_type.split(';').next().unwrap_or("").trim();
    let is_known = media_type == "application/x-protobuf"
        && (!content_type.contains("proto=")
            || content_type.contains("proto=prometheus.WriteRequest"));
    (!is_known).then(|| {
        let message = format!(
            "unsupported Content-Type {content_type:?}; application/x-protobuf;proto=prometheus.WriteRequest is known\n"
        );
        (StatusCode::UNSUPPORTED_MEDIA_TYPE, message).into_response()
    })
}

/// 204 where all is well; 400, which is not retried, where something was
/// refused. What was good is stored in both cases.
fn answer(decoded: &Decoded, outcome: &AppendOutcome) -> (&'static str, Response) {
    if decoded.invalid.is_empty() && outcome.rejections.is_empty() {
        return ("stored", StatusCode::NO_CONTENT.into_response());
    }
    let refused = outcome.rejections.total() + decoded.invalid.len() as u64;
    let mut message = format!("{refused} samples or series were refused; the others are stored\n");
    for reason in decoded.invalid.iter().take(storage::append::REJECTION_EXAMPLES_MAX) {
        message.push_str(&format!("{reason}\n"));
    }
    for rejection in outcome.rejections.examples() {
        message.push_str(&format!(
            "{}: series {} at {}\n",
            rejection.reason, rejection.labels, rejection.timestamp
        ));
    }
    ("partial", (StatusCode::BAD_REQUEST, message).into_response())
}
