//! `POST …/v1/metrics`

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use model::Timestamp;
use parking_lot::RwLock;
use pipeline::Sink;
use prometheus_client::registry::Registry;
use storage::{AppendOptions, AppendOutcome, StoreError};

use super::answer::Format;
use super::config::OtlpConfig;
use super::delta::{DeltaSums, Limits};
use super::message::ITEMS_MAX;
use super::translate::{TooManyLabels, Translated, translate};
use super::{json, wire};
use crate::body::{self, BodyError, Encoding};
use crate::metrics::ReceiveMetrics;
use crate::refusals::Refusals;

/// The largest unpacked body, in bytes; what the OpenTelemetry Collector takes too.
pub const BODY_BYTES_MAX: usize = 20 << 20;
/// Points further ahead of the clock than this are refused, as Prometheus does.
const FUTURE_MAX: Duration = Duration::from_secs(600);

/// Takes metrics that OpenTelemetry's SDKs and collectors push.
#[derive(Clone)]
pub struct OtlpReceiver {
    sink: Arc<Sink>,
    config: Arc<RwLock<Arc<OtlpConfig>>>,
    sums: Arc<DeltaSums>,
    metrics: ReceiveMetrics,
}

impl OtlpReceiver {
    /// A receiver in front of `sink`, which counts in `metrics`.
    pub fn new(sink: Arc<Sink>, config: OtlpConfig, metrics: ReceiveMetrics) -> Self {
        Self {
            sink,
            config: Arc::new(RwLock::new(Arc::new(config))),
            sums: Arc::new(DeltaSums::new(Limits::default())),
            metrics,
        }
    }

    /// Changes the configuration from the next request on.
    pub fn set_config(&self, config: OtlpConfig) {
        *self.config.write() = Arc::new(config);
    }

    /// Shows what only this receiver counts on a registry.
    pub fn register_metrics(&self, registry: &mut Registry) {
        self.sums.register_metrics(registry);
    }

    /// The route as Prometheus has it.
    pub fn prometheus_router(&self) -> Router {
        self.route("/api/v1/otlp/v1/metrics")
    }

    /// The route as the protocol has it, on its own port.
    pub fn router(&self) -> Router {
        self.route("/v1/metrics")
    }

    fn route(&self, path: &str) -> Router {
        Router::new()
            .route(path, post(export))
            // The body has limits of its own, in `body`.
            .layer(DefaultBodyLimit::disable())
            .with_state(self.clone())
    }
}

async fn export(State(receiver): State<OtlpReceiver>, request: Request) -> Response {
    let Some(format) = format(request.headers()) else {
        receiver.metrics.count("otlp_unknown", "refused");
        let text =
            "unsupported Content-Type; application/x-protobuf and application/json are known\n";
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, text).into_response();
    };
    let protocol = match format {
        Format::Protobuf => "otlp_protobuf",
        Format::Json => "otlp_json",
    };
    match receiver.handle(format, request).await {
        Ok((rejected, message)) => {
            receiver.metrics.count(protocol, if rejected == 0 { "stored" } else { "partial" });
            receiver.metrics.count_refused(protocol, rejected);
            format.success(rejected, &message)
        }
        Err(error) => {
            let status = error.status();
            let outcome = if status.is_client_error() { "refused" } else { "failed" };
            receiver.metrics.count(protocol, outcome);
            format.error(status, &error.to_string())
        }
    }
}

fn format(headers: &HeaderMap) -> Option<Format> {
    let content_type = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    match content_type.split(';').next().unwrap_or("").trim() {
        "application/x-protobuf" => Some(Format::Protobuf),
        "application/json" => Some(Format::Json),
        _ => None,
    }
}

/// A request of which nothing was stored.
#[derive(Debug, thiserror::Error)]
enum ExportError {
    #[error(transparent)]
    Body(#[from] BodyError),
    #[error(transparent)]
    Protobuf(#[from] wire::WireFault),
    #[error(transparent)]
    Json(#[from] json::JsonFault),
    #[error(transparent)]
    TooManyLabels(#[from] TooManyLabels),
    #[error("the metrics could not be stored: {0}")]
    Store(#[from] StoreError),
    #[error("the request failed inside; the log says more")]
    Inside,
}

impl ExportError {
    fn status(&self) -> StatusCode {
        match self {
            Self::Body(error) => error.status(),
            Self::Protobuf(wire::WireFault::OverBudget(_))
            | Self::Json(json::JsonFault::OverBudget(_))
            | Self::TooManyLabels(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Protobuf(_) | Self::Json(_) => StatusCode::BAD_REQUEST,
            // OTLP's senders try again after 503, but not after 500.
            Self::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Inside => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl OtlpReceiver {
    /// How many points were rejected, and why.
    async fn handle(&self, format: Format, request: Request) -> Result<(u64, String), ExportError> {
        let encoding = Encoding::of(request.headers(), Encoding::Identity)?;
        let plain = body::read(request.into_body(), encoding, BODY_BYTES_MAX).await?;
        let receiver = self.clone();
        let written = tokio::task::spawn_blocking(move || receiver.write(format, &plain)).await;
        let (rejected, outcome) = written.map_err(|error| {
            tracing::error!(%error, "an OTLP request failed inside");
            ExportError::Inside
        })??;
        Ok(summary(&rejected, &outcome))
    }

    fn write(
        &self,
        format: Format,
        plain: &[u8],
    ) -> Result<(Refusals, AppendOutcome), ExportError> {
        let Translated { batch, rejected } = self.decode(format, plain)?;
        let future_max = Timestamp::now() + FUTURE_MAX.into();
        let options = AppendOptions { timestamp_max: Some(future_max) };
        let outcome = self.sink.write(&batch, &options).inspect_err(|error| {
            tracing::error!(%error, "an OTLP request was not stored");
        })?;
        Ok((rejected, outcome))
    }

    fn decode(&self, format: Format, plain: &[u8]) -> Result<Translated, ExportError> {
        let config = Arc::clone(&self.config.read());
        let translated = match format {
            Format::Protobuf => translate(&wire::decode(plain, ITEMS_MAX)?, &config, &self.sums)?,
            Format::Json => {
                let body = serde_json::from_slice(plain).map_err(json::JsonFault::from)?;
                translate(&json::decode(&body, ITEMS_MAX)?, &config, &self.sums)?
            }
        };
        Ok(translated)
    }
}

fn summary(rejected: &Refusals, outcome: &AppendOutcome) -> (u64, String) {
    let count = rejected.count + outcome.rejections.total();
    let mut reasons = rejected.reasons.clone();
    reasons.extend(outcome.rejections.examples().iter().map(|rejection| {
        format!("{}: series {} at {}", rejection.reason, rejection.labels, rejection.timestamp)
    }));
    (count, reasons.join("; "))
}
