//! Fetching a body over HTTP: which formats we ask for, which one we got.

use std::time::Duration;

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE};
use reqwest::{Method, Url};

use super::config::{NameEscaping, ScrapeProtocol};
use super::parse::protobuf::HistogramForms;
use super::parse::{Decoder, openmetrics, protobuf, text};
use crate::http_client::{HttpClient, HttpClientError, chain};

/// The most bytes of a decompressed body where the job sets no limit: a bomb must not fill memory.
pub const BODY_BYTES_MAX: u64 = 512 << 20;

/// What a target answered, decompressed.
#[derive(Clone, Debug)]
pub enum Body {
    /// Text 0.0.4 or 1.0.0.
    Text(String),
    /// OpenMetrics.
    OpenMetrics(String),
    /// Delimited protobuf messages.
    Protobuf(Vec<u8>),
}

/// A format that can be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Text,
    OpenMetrics,
    Protobuf,
}

impl Body {
    /// A decoder at the start of the body.
    pub fn decoder(&self, forms: HistogramForms) -> Decoder<'_> {
        match self {
            Self::Text(text) => Decoder::Text(text::Decoder::new(text)),
            Self::OpenMetrics(text) => Decoder::OpenMetrics(openmetrics::Decoder::new(text)),
            Self::Protobuf(bytes) => Decoder::Protobuf(protobuf::Decoder::new(bytes, forms)),
        }
    }

    /// Its bytes.
    pub fn size_bytes(&self) -> usize {
        match self {
            Self::Text(text) | Self::OpenMetrics(text) => text.len(),
            Self::Protobuf(bytes) => bytes.len(),
        }
    }
}

/// A scrape that brought no body.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The client could not even ask.
    #[error(transparent)]
    Client(#[from] HttpClientError),
    /// No answer, or one that broke off.
    #[error("{0}")]
    Http(String),
    /// Another status than 200.
    #[error("server returned HTTP status {0}")]
    Status(reqwest::StatusCode),
    /// No answer in time.
    #[error("context deadline exceeded: no complete answer within {0:?}")]
    Timeout(Duration),
    /// A body over the limit.
    #[error("body size limit exceeded: more than {max} bytes")]
    BodySize {
        /// The limit.
        max: u64,
    },
    /// A content type that can't be decoded, and no fallback.
    #[error(
        "received unsupported Content-Type {content_type:?} and no fallback_scrape_protocol \
         specified for target"
    )]
    ContentType {
        /// What the target said; empty where it said nothing.
        content_type: String,
    },
    /// Bytes that are no text.
    #[error("body is not valid UTF-8 at byte {0}")]
    Utf8(usize),
}

/// How a job's targets are fetched.
#[derive(Clone, Debug)]
pub struct Fetcher {
    client: HttpClient,
    accept: String,
    enable_compression: bool,
    fallback: Option<ScrapeProtocol>,
    body_bytes_max: u64,
}

impl Fetcher {
    /// A fetcher of the job's targets.
    pub fn new(client: HttpClient, config: &super::ScrapeConfig) -> Self {
        let limit = config.limits.body_size_limit.map_or(0, |limit| limit.0);
        Self {
            client,
            accept: accept_header(config.format.protocols(), config.format.escaping()),
            enable_compression: config.enable_compression,
            fallback: config.fallback_scrape_protocol,
            body_bytes_max: if limit == 0 { BODY_BYTES_MAX } else { limit.min(BODY_BYTES_MAX) },
        }
    }

    /// Fetches one body.
    ///
    /// # Errors
    /// Everything that can go wrong on the way, after `timeout` at the latest.
    pub async fn fetch(&self, url: &Url, timeout: Duration) -> Result<Body, FetchError> {
        tokio::time::timeout(timeout, self.fetch_untimed(url, timeout))
            .await
            .unwrap_or(Err(FetchError::Timeout(timeout)))
    }

    async fn fetch_untimed(&self, url: &Url, timeout: Duration) -> Result<Body, FetchError> {
        let request = self.client.request(Method::GET, url.clone()).await?;
        let mut request = request
            .header(ACCEPT, &self.accept)
            .header("X-Prometheus-Scrape-Timeout-Seconds", timeout.as_secs_f64().to_string());
        if !self.enable_compression {
            request = request.header(ACCEPT_ENCODING, "identity");
        }
        let http = |error: reqwest::Error| FetchError::Http(chain(&error));
        let mut response = request.send().await.map_err(http)?;
        if response.status() != reqwest::StatusCode::OK {
            return Err(FetchError::Status(response.status()));
        }
        let content_type = response
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("");
        let format = self.format(content_type)?;
        // Chunks come decompressed, so a bomb is stopped at the limit and not after it.
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(http)? {
            if (bytes.len() + chunk.len()) as u64 > self.body_bytes_max {
                return Err(FetchError::BodySize { max: self.body_bytes_max });
            }
            bytes.extend_from_slice(&chunk);
        }
        let text = |bytes| {
            String::from_utf8(bytes)
                .map_err(|error| FetchError::Utf8(error.utf8_error().valid_up_to()))
        };
        Ok(match format {
            Format::Text => Body::Text(text(bytes)?),
            Format::OpenMetrics => Body::OpenMetrics(text(bytes)?),
            Format::Protobuf => Body::Protobuf(bytes),
        })
    }

    fn format(&self, content_type: &str) -> Result<Format, FetchError> {
        let unsupported = || FetchError::ContentType { content_type: content_type.to_owned() };
        let mut parts = content_type.split(';').map(|part| part.trim().to_ascii_lowercase());
        match parts.next().unwrap_or_default().as_str() {
            "text/plain" => return Ok(Format::Text),
            "application/openmetrics-text" => return Ok(Format::OpenMetrics),
            "application/vnd.google.protobuf" => {
                let other = |part: String| {
                    part.strip_prefix("encoding=").is_some_and(|encoding| encoding != "delimited")
                };
                return if parts.any(other) { Err(unsupported()) } else { Ok(Format::Protobuf) };
            }
            _ => {}
        }
        match self.fallback {
            Some(ScrapeProtocol::PrometheusText004 | ScrapeProtocol::PrometheusText100) => {
                Ok(Format::Text)
            }
            Some(ScrapeProtocol::OpenMetricsText001 | ScrapeProtocol::OpenMetricsText100) => {
                Ok(Format::OpenMetrics)
            }
            Some(ScrapeProtocol::PrometheusProto) => Ok(Format::Protobuf),
            None => Err(unsupported()),
        }
    }
}

/// Weighs the formats by their place, as Prometheus does.
fn accept_header(protocols: &[ScrapeProtocol], escaping: NameEscaping) -> String {
    let mut parts = Vec::new();
    for (index, protocol) in protocols.iter().enumerate() {
        let mut part = protocol.media_type().to_owned();
        if protocol.has_escaping() {
            part.push_str(";escaping=");
            part.push_str(escaping.as_str());
        }
        let weight = protocols.len() + 1 - index;
        parts.push(format!("{part};q=0.{weight}"));
    }
    parts.push("*/*;q=0.1".to_owned());
    parts.join(",")
}

#[cfg(test)]
mod tests;
