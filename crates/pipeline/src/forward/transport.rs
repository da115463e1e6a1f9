//! How requests leave: the caller's HTTP client behind a function.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// A request: a `POST` with these headers to the endpoint that the transport is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Headers, those of the configuration included.
    pub headers: Vec<(String, String)>,
    /// The body, packed already.
    pub body: Vec<u8>,
    /// After how long it is given up.
    pub timeout: Duration,
}

/// What the other side said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// `Retry-After` as it was sent, in seconds or as a date.
    pub retry_after: Option<String>,
    /// The headers `X-Prometheus-Remote-Write-{Samples,Histograms,Exemplars}-Written`.
    pub written: Option<Written>,
    /// The beginning of the body.
    pub body: String,
}

/// What a receiver of version 2.0 says that it wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Float samples.
    pub samples: u64,
    /// Native histograms.
    pub histograms: u64,
    /// Exemplars.
    pub exemplars: u64,
}

/// The other side could not be asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TransportError(pub String);

/// Sends a request and waits for the answer.
pub type Transport = Arc<
    dyn Fn(Outgoing) -> Pin<Box<dyn Future<Output = Result<Answer, TransportError>> + Send>>
        + Send
        + Sync,
>;
