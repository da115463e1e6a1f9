//! `POST /api/v1/read`: Prometheus reads our samples as if they were its own.
//!
//! The answer is either all samples at once (Snappy protobuf) or a stream of
//! chunks in frames, which the reader prefers where it knows them
//! (<https://prometheus.io/docs/prometheus/latest/querying/remote_read_api/>).
//! External labels are added to what leaves, so a matcher that asks for one is
//! answered by leaving it out.

mod proto;
mod request;
mod sampled;
mod streamed;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use model::{Labels, LabelsRef};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;
use storage::{SeriesStore, StoreError};
use tokio::sync::Semaphore;

use self::request::{ReadQuery, ReadRequest, RequestFault};

/// The largest request as it comes, and unpacked, in bytes: queries are small.
const REQUEST_BYTES_MAX: usize = 4 << 20;

/// How much one reader gets; the defaults are Prometheus'.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The most samples of an answer that is not streamed.
    pub samples_max: usize,
    /// The most bytes of a frame; one chunk may exceed it.
    pub frame_bytes_max: usize,
    /// The most series that one query goes through.
    pub series_max: usize,
    /// How many requests are answered at a time; others wait.
    pub concurrent_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            samples_max: 50_000_000,
            frame_bytes_max: 1 << 20,
            series_max: 5_000_000,
            concurrent_max: 10,
        }
    }
}

/// What remote read needs.
#[derive(Clone)]
pub struct RemoteRead {
    store: Arc<dyn SeriesStore>,
    external_labels: Arc<dyn Fn() -> Labels + Send + Sync>,
    limits: Limits,
    turns: Arc<Semaphore>,
    requests: Family<OutcomeLabels, Counter>,
}

/// Labels of the counter.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabels {
    /// `sampled`, `streamed`, `refused` or `failed`.
    outcome: &'static str,
}

impl RemoteRead {
    /// Reads from `store`; `external_labels` are those at the moment of a request.
    pub fn new(
        store: Arc<dyn SeriesStore>,
        external_labels: Arc<dyn Fn() -> Labels + Send + Sync>,
        limits: Limits,
    ) -> Self {
        let turns = Arc::new(Semaphore::new(limits.concurrent_max));
        Self { store, external_labels, limits, turns, requests: Family::default() }
    }

    /// Shows what is counted on a registry.
    pub fn register_metrics(&self, registry: &mut Registry) {
        registry.register(
            "bellwether_remote_read_requests",
            "Remote read requests, by outcome",
            self.requests.clone(),
        );
    }

    /// The route.
    pub fn router(self) -> Router {
        Router::new()
            .route("/api/v1/read", post(read))
            .layer(DefaultBodyLimit::disable())
            .with_state(self)
    }
}

async fn read(State(reader): State<RemoteRead>, request: Request) -> Response {
    let answer = reader.answer(request).await;
    let outcome = match &answer {
        Ok((outcome, _)) => *outcome,
        Err(error) if error.status().is_client_error() => "refused",
        Err(_) => "failed",
    };
    reader.requests.get_or_create(&OutcomeLabels { outcome }).inc();
    match answer {
        Ok((_, response)) => response,
        Err(error) => (error.status(), format!("{error}\n")).into_response(),
    }
}

/// A request that gets no answer.
#[derive(Debug, thiserror::Error)]
enum ReadError {
    #[error("unsupported Content-Encoding; snappy is known")]
    Encoding,
    #[error("the request is larger than {REQUEST_BYTES_MAX} bytes")]
    TooLarge,
    #[error(transparent)]
    Request(#[from] RequestFault),
    #[error("exceeded sample limit ({0}); ask for STREAMED_XOR_CHUNKS or for less")]
    TooManySamples(usize),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the request failed inside; the log says more")]
    Inside,
}

impl ReadError {
    fn status(&self) -> StatusCode {
        match self {
            Self::Encoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Request(_) | Self::TooManySamples(_) => StatusCode::BAD_REQUEST,
            Self::Store(StoreError::TooManySeries { .. }) => StatusCode::BAD_REQUEST,
            Self::Store(_) | Self::Inside => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl RemoteRead {
    async fn answer(&self, request: Request) -> Result<(&'static str, Response), ReadError> {
        let is_snappy = is_snappy(request.headers());
        let body = to_bytes(request.into_body(), REQUEST_BYTES_MAX).await;
        let body = body.map_err(|_| ReadError::TooLarge)?;
        let request = ReadRequest::decode(&unpack(&body, is_snappy?)?)?;
        let external = (self.external_labels)();
        let mut queries = request.queries;
        for query in &mut queries {
            query.leave_out(&external);
        }
        // Never closed, so there is always a turn to wait for.
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| ReadError::Inside)?;
        let (store, limits) = (Arc::clone(&self.store), self.limits);
        if request.is_streamed {
            let body = streamed::start(store, queries, external, limits, turn).await?;
            let content_type =
                "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse";
            return Ok((
                "streamed",
                ([(header::CONTENT_TYPE, content_type)], body).into_response(),
            ));
        }
        let body = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            sampled::answer(&*store, &queries, &external, limits)
        });
        let body = body.await.map_err(|error| {
            tracing::error!(%error, "a remote read request failed inside");
            ReadError::Inside
        })??;
        let headers = [
            (header::CONTENT_TYPE, "application/x-protobuf"),
            (header::CONTENT_ENCODING, "snappy"),
        ];
        Ok(("sampled", (headers, Body::from(body)).into_response()))
    }
}

/// Whether the body is packed; readers that say nothing mean Snappy.
fn is_snappy(headers: &HeaderMap) -> Result<bool, ReadError> {
    match headers.get(header::CONTENT_ENCODING).map(|value| value.as_bytes()) {
        None | Some(b"" | b"snappy") => Ok(true),
        Some(b"identity") => Ok(false),
        Some(_) => Err(ReadError::Encoding),
    }
}

fn unpack(body: &[u8], is_snappy: bool) -> Result<Vec<u8>, ReadError> {
    if !is_snappy {
        return Ok(body.to_vec());
    }
    let fault = |error: snap::Error| RequestFault::Packing(error.to_string());
    if snap::raw::decompress_len(body).map_err(fault)? > REQUEST_BYTES_MAX {
        return Err(ReadError::TooLarge);
    }
    Ok(snap::raw::Decoder::new().decompress_vec(body).map_err(fault)?)
}

/// The labels of a series with external ones, of which its own win.
fn with_external(labels: &LabelsRef, external: &LabelsRef) -> Vec<proto::Label> {
    let mut builder = external.to_builder();
    for (name, value) in labels {
        builder.set(name, value);
    }
    let pairs = builder.iter();
    pairs.map(|(name, value)| proto::Label { name: name.into(), value: value.into() }).collect()
}

#[cfg(test)]
mod tests;
