//! `POST /api/v1/write`

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use model::Timestamp;
use pipeline::Sink;
use storage::{AppendOptions, AppendOutcome, RejectReason, StoreError};

use super::decode::{DecodeError, Decoded, Message, decode};
use crate::body::{self, BodyError, Encoding};
use crate::metrics::ReceiveMetrics;

/// Samples further ahead of the clock than this are refused, as Prometheus does.
const FUTURE_MAX: Duration = Duration::from_secs(600);

/// Takes what Prometheus pushes.
#[derive(Clone)]
pub struct PrometheusReceiver {
    sink: Arc<Sink>,
    metrics: ReceiveMetrics,
}

impl PrometheusReceiver {
    /// A receiver in front of `sink`, which counts in `metrics`.
    pub fn new(sink: Arc<Sink>, metrics: ReceiveMetrics) -> Self {
        Self { sink, metrics }
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
    let (protocol, (outcome, response)) = match message(request.headers()) {
        Ok(message) => {
            let answer = receiver.handle(message, request).await;
            (protocol(message), answer.unwrap_or_else(|e| ("refused", e.into_response())))
        }
        Err(error) => ("remote_write_unknown", ("refused", error.into_response())),
    };
    receiver.metrics.count(protocol, outcome);
    response
}

const fn protocol(message: Message) -> &'static str {
    match message {
        Message::V1 => "remote_write_v1",
        Message::V2 => "remote_write_v2",
    }
}

/// The message that the headers announce; none announced is 1.0.
fn message(headers: &HeaderMap) -> Result<Message, UnknownMessage> {
    let Some(content_type) = headers.get(header::CONTENT_TYPE) else { return Ok(Message::V1) };
    let content_type = String::from_utf8_lossy(content_type.as_bytes()).into_owned();
    let mut parts = content_type.split(';').map(str::trim);
    let is_protobuf = parts.next() == Some("application/x-protobuf");
    let proto = parts.find_map(|part| part.strip_prefix("proto="));
    match (is_protobuf, proto) {
        (true, None | Some("prometheus.WriteRequest")) => Ok(Message::V1),
        (true, Some("io.prometheus.write.v2.Request")) => Ok(Message::V2),
        _ => Err(UnknownMessage(content_type)),
    }
}

/// The content type names no message that is spoken here; a sender of 2.0 falls
/// back to 1.0 where it hears this.
#[derive(Debug, thiserror::Error)]
#[error(
    "unsupported Content-Type {0:?}; application/x-protobuf with proto=prometheus.WriteRequest \
     or proto=io.prometheus.write.v2.Request is known"
)]
struct UnknownMessage(String);

impl IntoResponse for UnknownMessage {
    fn into_response(self) -> Response {
        (StatusCode::UNSUPPORTED_MEDIA_TYPE, format!("{self}\n")).into_response()
    }
}

impl PrometheusReceiver {
    async fn handle(
        &self,
        message: Message,
        request: Request,
    ) -> Result<(&'static str, Response), BodyError> {
        // Senders before 0.1.0 name no encoding and mean Snappy.
        let encoding = Encoding::of(request.headers(), Encoding::Snappy)?;
        let plain = body::read(request.into_body(), encoding, body::PLAIN_BYTES_MAX).await?;
        let sink = Arc::clone(&self.sink);
        let written =
            tokio::task::spawn_blocking(move || decode_and_write(&plain, message, &sink)).await;
        let (outcome, mut response, counts) = match written {
            Ok(Ok((decoded, outcome))) => {
                let refused = decoded.invalid.count + outcome.rejections.total();
                self.metrics.count_refused(protocol(message), refused);
                answer(&decoded, &outcome)
            }
            Ok(Err(error)) => error.into_answer(),
            Err(error) => {
                tracing::error!(%error, "a remote write request failed inside");
                let response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
                ("failed", response, Written::default())
            }
        };
        if message == Message::V2 {
            counts.set(response.headers_mut());
        }
        Ok((outcome, response))
    }
}

fn decode_and_write(
    plain: &[u8],
    message: Message,
    sink: &Sink,
) -> Result<(Decoded, AppendOutcome), WriteError> {
    let decoded = decode(plain, message)?;
    let future_max = Timestamp::now() + FUTURE_MAX.into();
    let options = AppendOptions { timestamp_max: Some(future_max) };
    let outcome = sink.write(&decoded.batch, &options)?;
    Ok((decoded, outcome))
}

/// What became of a request: its label in our counters, the answer, and what was written.
type Answer = (&'static str, Response, Written);

/// How much was written, as remote write 2.0 tells the sender.
#[derive(Clone, Copy, Debug, Default)]
struct Written {
    samples: u64,
    histograms: u64,
    exemplars: u64,
}

impl Written {
    /// A sample that repeats a stored one counts as written, unless something else
    /// of the request was refused: then only what is new is known.
    fn of(decoded: &Decoded, outcome: &AppendOutcome) -> Self {
        let mut samples = outcome.samples_appended - outcome.histograms_appended;
        let mut histograms = outcome.histograms_appended;
        if samples_rejected(outcome) == 0 {
            histograms = decoded.batch.series().map(|s| s.histograms.len() as u64).sum();
            samples = decoded.batch.samples_len() as u64 - histograms;
        }
        Self { samples, histograms, exemplars: outcome.exemplars_appended }
    }

    fn set(self, headers: &mut HeaderMap) {
        for (name, count) in [
            ("x-prometheus-remote-write-samples-written", self.samples),
            ("x-prometheus-remote-write-histograms-written", self.histograms),
            ("x-prometheus-remote-write-exemplars-written", self.exemplars),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from(count));
        }
    }
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
    fn into_answer(self) -> Answer {
        let (outcome, status) = match &self {
            Self::Decode(_) => ("refused", StatusCode::BAD_REQUEST),
            // 500 makes the sender try again.
            Self::Store(error) => {
                tracing::error!(%error, "a remote write request was not stored");
                ("failed", StatusCode::INTERNAL_SERVER_ERROR)
            }
        };
        (outcome, (status, format!("{self}\n")).into_response(), Written::default())
    }
}

/// 204 where all is well; 400, which is not retried, where something was
/// refused. What was good is stored in both cases. Exemplars that the store
/// refuses do not count, as they don't for Prometheus.
fn answer(decoded: &Decoded, outcome: &AppendOutcome) -> Answer {
    let written = Written::of(decoded, outcome);
    let rejected = samples_rejected(outcome);
    if decoded.invalid.count == 0 && rejected == 0 {
        return ("stored", StatusCode::NO_CONTENT.into_response(), written);
    }
    let refused = rejected + decoded.invalid.count;
    let mut message = format!("{refused} samples or series were refused; the others are stored\n");
    for reason in &decoded.invalid.reasons {
        message.push_str(&format!("{reason}\n"));
    }
    for rejection in outcome.rejections.examples() {
        message.push_str(&format!(
            "{}: series {} at {}\n",
            rejection.reason, rejection.labels, rejection.timestamp
        ));
    }
    ("partial", (StatusCode::BAD_REQUEST, message).into_response(), written)
}

fn samples_rejected(outcome: &AppendOutcome) -> u64 {
    let exemplars = [RejectReason::ExemplarOutOfOrder, RejectReason::ExemplarTooLong]
        .map(|reason| outcome.rejections.count(reason));
    outcome.rejections.total() - exemplars.iter().sum::<u64>()
}
