//! An entry of `remote_write:` in `prometheus.yml`, but for what its HTTP client needs.

use std::collections::BTreeMap;
use std::time::Duration;

use model::PromDuration;
use serde::{Deserialize, Serialize};

use crate::relabel::{RelabelConfig, RelabelError, RelabelRule};

/// Where samples are sent to, and which.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub struct ForwardConfig {
    /// The receiver, such as `http://other:9090/api/v1/write`.
    pub url: String,
    /// A name for metrics and for the directory of the queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// After how long a request is given up.
    pub remote_timeout: PromDuration,
    /// Headers of each request.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Which samples, and under which labels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub write_relabel_configs: Vec<RelabelConfig>,
    /// Whether exemplars are sent too.
    pub send_exemplars: bool,
    /// Whether native histograms are sent too. Version 2.0 sends them in any case.
    pub send_native_histograms: bool,
    /// The version of the protocol.
    pub protobuf_message: MessageVersion,
    /// How the queue is emptied.
    pub queue_config: QueueConfig,
    /// Whether and how often metadata is sent.
    pub metadata_config: MetadataConfig,
}

impl Default for ForwardConfig {
    fn default() -> Self {
        Self {
            url: String::new(),
            name: None,
            remote_timeout: PromDuration::from_secs(30),
            headers: BTreeMap::new(),
            write_relabel_configs: Vec::new(),
            send_exemplars: false,
            send_native_histograms: false,
            protobuf_message: MessageVersion::default(),
            queue_config: QueueConfig::default(),
            metadata_config: MetadataConfig::default(),
        }
    }
}

/// Which message requests hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum MessageVersion {
    /// Remote write 1.0.
    #[default]
    #[serde(rename = "prometheus.WriteRequest")]
    V1,
    /// Remote write 2.0.
    #[serde(rename = "io.prometheus.write.v2.Request")]
    V2,
}

/// How the queue is emptied. Defaults are Prometheus', but for `retry_on_http_429`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct QueueConfig {
    /// Samples that wait in each shard; here the disk bounds what waits.
    pub capacity: usize,
    /// The most requests at a time.
    pub max_shards: usize,
    /// The fewest shards; accepted, but shards are as many as there is to send.
    pub min_shards: usize,
    /// The most samples of a request.
    pub max_samples_per_send: usize,
    /// For how long a request waits to be full.
    pub batch_send_deadline: PromDuration,
    /// The first wait before a request is sent again; doubles each time.
    pub min_backoff: PromDuration,
    /// The longest wait.
    pub max_backoff: PromDuration,
    /// Whether "too many requests" is tried again. Prometheus says no and drops
    /// the samples; with a queue on disk there is no reason to.
    pub retry_on_http_429: bool,
    /// Samples older than this are not sent; zero sends all.
    pub sample_age_limit: PromDuration,
}

impl Default for QueueConfig {
    fn default() -> Self {
        Self {
            capacity: 10_000,
            max_shards: 50,
            min_shards: 1,
            max_samples_per_send: 2000,
            batch_send_deadline: PromDuration::from_secs(5),
            min_backoff: PromDuration::from_millis(30),
            max_backoff: PromDuration::from_secs(5),
            retry_on_http_429: true,
            sample_age_limit: PromDuration::from_secs(0),
        }
    }
}

/// What metrics mean, told to receivers of version 1.0 from time to time;
/// version 2.0 says it with the samples.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct MetadataConfig {
    /// Whether it is.
    pub send: bool,
    /// How often.
    pub send_interval: PromDuration,
    /// The most metric families of a request.
    pub max_samples_per_send: usize,
}

impl Default for MetadataConfig {
    fn default() -> Self {
        Self { send: true, send_interval: PromDuration::from_secs(60), max_samples_per_send: 2000 }
    }
}

/// An entry that can't be meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ForwardConfigError {
    /// No receiver.
    #[error("url for remote_write is empty")]
    Url,
    /// A header that belongs to the protocol or to the client.
    #[error("{0} is a reserved header. It must not be changed")]
    ReservedHeader(String),
    /// Credentials among the plain headers.
    #[error(
        "authorization header must be changed via the basic_auth, authorization, or oauth2 parameter"
    )]
    AuthorizationHeader,
    /// A number that makes no progress.
    #[error("remote_write queue_config: {0} must be greater than 0")]
    Zero(&'static str),
    /// A rule that can't be meant.
    #[error(transparent)]
    Relabel(#[from] RelabelError),
}

/// Headers that requests have anyway.
const RESERVED_HEADERS: [&str; 9] = [
    "content-encoding",
    "content-length",
    "content-type",
    "host",
    "user-agent",
    "connection",
    "keep-alive",
    "transfer-encoding",
    "x-prometheus-remote-write-version",
];

impl ForwardConfig {
    /// Refuses what Prometheus refuses, and gives the compiled rules.
    ///
    /// # Errors
    /// With a text that names the setting.
    pub fn check(&self) -> Result<Vec<RelabelRule>, ForwardConfigError> {
        if self.url.is_empty() {
            return Err(ForwardConfigError::Url);
        }
        for name in self.headers.keys() {
            let lower = name.to_ascii_lowercase();
            if lower == "authorization" {
                return Err(ForwardConfigError::AuthorizationHeader);
            }
            if RESERVED_HEADERS.contains(&&*lower) {
                return Err(ForwardConfigError::ReservedHeader(name.clone()));
            }
        }
        let queue = &self.queue_config;
        for (name, value) in
            [("max_shards", queue.max_shards), ("max_samples_per_send", queue.max_samples_per_send)]
        {
            if value == 0 {
                return Err(ForwardConfigError::Zero(name));
            }
        }
        Ok(RelabelConfig::compile_all(&self.write_relabel_configs)?)
    }

    /// Whether native histograms are sent.
    pub fn sends_histograms(&self) -> bool {
        self.send_native_histograms || self.protobuf_message == MessageVersion::V2
    }

    /// After how long a request is given up.
    pub fn timeout(&self) -> Duration {
        self.remote_timeout.to_duration()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(headers: &[&str]) -> ForwardConfig {
        let headers = headers.iter().map(|name| ((*name).to_owned(), "x".to_owned())).collect();
        ForwardConfig { url: "http://a".to_owned(), headers, ..ForwardConfig::default() }
    }

    #[test]
    fn what_can_not_be_meant_is_refused() {
        assert!(config(&["X-Scope-OrgID"]).check().is_ok());
        assert_eq!(ForwardConfig::default().check().err(), Some(ForwardConfigError::Url));
        assert_eq!(
            config(&["Authorization"]).check().err(),
            Some(ForwardConfigError::AuthorizationHeader)
        );
        assert!(config(&["Content-Type"]).check().is_err());
        let mut none = config(&[]);
        none.queue_config.max_shards = 0;
        assert_eq!(none.check().err(), Some(ForwardConfigError::Zero("max_shards")));
    }
}
