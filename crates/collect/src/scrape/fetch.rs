//! Fetching a body over HTTP: which formats we ask for, which one we got.

use std::time::Duration;

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE};
use reqwest::{Method, Url};

use super::config::ScrapeProtocol;
use super::parse::{Decoder, openmetrics, text};
use crate::http_client::{HttpClient, HttpClientError, chain};

/// The most bytes of a decompressed body where the job sets no limit: a bomb must not fill memory.
pub const BODY_BYTES_MAX: u64 = 512 << 20;

/// The formats asked for where configuration names none, most wanted first.
pub const DEFAULT_PROTOCOLS: [ScrapeProtocol; 4] = [
    ScrapeProtocol::OpenMetricsText100,
    ScrapeProtocol::OpenMetricsText001,
    ScrapeProtocol::PrometheusText100,
    ScrapeProtocol::PrometheusText004,
];

/// A body and the format that it is in.
#[derive(Clone, Debug)]
pub struct Body {
    /// The text, decompressed.
    pub text: String,
    /// Its format.
    pub format: TextFormat,
}

/// A text format that can be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextFormat {
    /// Text 0.0.4 and 1.0.0.
    Prometheus,
    /// OpenMetrics.
    OpenMetrics,
}

impl Body {
    /// A decoder at the start of the body.
    pub fn decoder(&self) -> Decoder<'_> {
        match self.format {
            TextFormat::Prometheus => Decoder::Text(text::Decoder::new(&self.text)),
            TextFormat::OpenMetrics => Decoder::OpenMetrics(openmetrics::Decoder::new(&self.text)),
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
        let protocols = config.scrape_protocols.as_deref().unwrap_or(&DEFAULT_PROTOCOLS);
        let limit = config.limits.body_size_limit.map_or(0, |limit| limit.0);
        Self {
            client,
            accept: accept_header(protocols),
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
        let text = String::from_utf8(bytes)
            .map_err(|error| FetchError::Utf8(error.utf8_error().valid_up_to()))?;
        Ok(Body { text, format })
    }

    fn format(&self, content_type: &str) -> Result<TextFormat, FetchError> {
        let media_type = content_type.split(';').next().unwrap_or("").trim();
        match media_type.to_ascii_lowercase().as_str() {
            "text/plain" => return Ok(TextFormat::Prometheus),
            "application/openmetrics-text" => return Ok(TextFormat::OpenMetrics),
            _ => {}
        }
        match self.fallback {
            Some(ScrapeProtocol::PrometheusText004 | ScrapeProtocol::PrometheusText100) => {
                Ok(TextFormat::Prometheus)
            }
            Some(ScrapeProtocol::OpenMetricsText001 | ScrapeProtocol::OpenMetricsText100) => {
                Ok(TextFormat::OpenMetrics)
            }
            Some(ScrapeProtocol::PrometheusProto) | None => {
                Err(FetchError::ContentType { content_type: content_type.to_owned() })
            }
        }
    }
}

/// Weighs the formats by their place, as Prometheus does.
fn accept_header(protocols: &[ScrapeProtocol]) -> String {
    let mut parts = Vec::new();
    for (index, protocol) in protocols.iter().enumerate() {
        let media_type = match protocol {
            ScrapeProtocol::PrometheusProto => continue,
            ScrapeProtocol::PrometheusText004 => "text/plain;version=0.0.4",
            ScrapeProtocol::PrometheusText100 => "text/plain;version=1.0.0;escaping=allow-utf-8",
            ScrapeProtocol::OpenMetricsText001 => "application/openmetrics-text;version=0.0.1",
            ScrapeProtocol::OpenMetricsText100 => {
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8"
            }
        };
        let weight = protocols.len() + 1 - index;
        parts.push(format!("{media_type};q=0.{weight}"));
    }
    parts.push("*/*;q=0.1".to_owned());
    parts.join(",")
}
