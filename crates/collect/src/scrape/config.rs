//! `global` and `scrape_configs` of `prometheus.yml`.

use std::collections::BTreeMap;

use model::{ByteSize, PromDuration};
use pipeline::relabel::{RelabelConfig, RelabelError};
use serde::{Deserialize, Serialize};

use crate::discovery::DiscoveryConfigs;
use crate::http_client::{HttpClientConfig, HttpClientError};

/// What Prometheus scrapes at where nothing is said.
pub const DEFAULT_SCRAPE_INTERVAL: PromDuration = PromDuration::from_secs(60);
/// After how long Prometheus gives up where nothing is said.
pub const DEFAULT_SCRAPE_TIMEOUT: PromDuration = PromDuration::from_secs(10);

/// An exposition format that a scrape may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
pub enum ScrapeProtocol {
    /// `application/vnd.google.protobuf`
    PrometheusProto,
    /// Text format 0.0.4.
    #[serde(rename = "PrometheusText0.0.4")]
    PrometheusText004,
    /// Text format 1.0.0: as 0.0.4, with quoted names.
    #[serde(rename = "PrometheusText1.0.0")]
    PrometheusText100,
    /// OpenMetrics 0.0.1.
    #[serde(rename = "OpenMetricsText0.0.1")]
    OpenMetricsText001,
    /// OpenMetrics 1.0.0.
    #[serde(rename = "OpenMetricsText1.0.0")]
    OpenMetricsText100,
}

/// The part of `global` that scraping uses.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub struct GlobalConfig {
    /// How often.
    pub scrape_interval: PromDuration,
    /// After how long a scrape is given up; at most the interval.
    pub scrape_timeout: Option<PromDuration>,
    /// The formats to ask for, most wanted first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scrape_protocols: Option<Vec<ScrapeProtocol>>,
    /// Limits of jobs that set none of their own.
    #[serde(flatten)]
    pub limits: ScrapeLimits,
}

impl Default for GlobalConfig {
    fn default() -> Self {
        Self {
            scrape_interval: DEFAULT_SCRAPE_INTERVAL,
            scrape_timeout: None,
            scrape_protocols: None,
            limits: ScrapeLimits::default(),
        }
    }
}

/// What one scrape may bring; zero is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub struct ScrapeLimits {
    /// Bytes of a body, decompressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_size_limit: Option<ByteSize>,
    /// Samples after relabelling.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample_limit: Option<u64>,
    /// Labels of a sample.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label_limit: Option<u64>,
    /// Bytes of a label name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label_name_length_limit: Option<u64>,
    /// Bytes of a label value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label_value_length_limit: Option<u64>,
    /// Targets of a job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_limit: Option<u64>,
    /// Dropped targets that are remembered for display.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_dropped_targets: Option<u64>,
}

impl ScrapeLimits {
    /// These limits, with those of `other` where none is set.
    fn or(self, other: Self) -> Self {
        Self {
            body_size_limit: self.body_size_limit.or(other.body_size_limit),
            sample_limit: self.sample_limit.or(other.sample_limit),
            label_limit: self.label_limit.or(other.label_limit),
            label_name_length_limit: self.label_name_length_limit.or(other.label_name_length_limit),
            label_value_length_limit: self
                .label_value_length_limit
                .or(other.label_value_length_limit),
            target_limit: self.target_limit.or(other.target_limit),
            keep_dropped_targets: self.keep_dropped_targets.or(other.keep_dropped_targets),
        }
    }
}

/// `http` or `https`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// Plain.
    #[default]
    Http,
    /// Over TLS.
    Https,
}

impl Scheme {
    /// As it stands in a URL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// One item of `scrape_configs`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct ScrapeConfig {
    /// The job; the `job` label of its targets.
    pub job_name: String,
    /// How often; as `global` where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scrape_interval: Option<PromDuration>,
    /// After how long a scrape is given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scrape_timeout: Option<PromDuration>,
    /// The formats to ask for, most wanted first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scrape_protocols: Option<Vec<ScrapeProtocol>>,
    /// The format of targets that say none or an unknown one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback_scrape_protocol: Option<ScrapeProtocol>,
    /// The path.
    #[serde(default = "default_metrics_path")]
    pub metrics_path: String,
    /// `http` or `https`.
    #[serde(default)]
    pub scheme: Scheme,
    /// The query of the URL.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, Vec<String>>,
    /// Whether labels of the exposition win over those of the target.
    #[serde(default)]
    pub honor_labels: bool,
    /// Whether timestamps of the exposition count.
    #[serde(default = "yes")]
    pub honor_timestamps: bool,
    /// Whether series with timestamps of their own go stale when they vanish.
    #[serde(default)]
    pub track_timestamps_staleness: bool,
    /// Whether to ask for gzip.
    #[serde(default = "yes")]
    pub enable_compression: bool,
    /// Rewrites targets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relabel_configs: Vec<RelabelConfig>,
    /// Rewrites samples.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metric_relabel_configs: Vec<RelabelConfig>,
    /// What one scrape may bring.
    #[serde(flatten)]
    pub limits: ScrapeLimits,
    /// How to reach targets.
    #[serde(flatten)]
    pub http: HttpClientConfig,
    /// Where targets come from.
    #[serde(flatten)]
    pub discovery: DiscoveryConfigs,
}

fn default_metrics_path() -> String {
    "/metrics".to_owned()
}

const fn yes() -> bool {
    true
}

/// A job that can't be meant.
#[derive(Debug, thiserror::Error)]
pub enum ScrapeConfigError {
    /// A job without a name.
    #[error("job_name is empty")]
    NoName,
    /// Two jobs of one name.
    #[error("found multiple scrape configs with job name {0:?}")]
    DuplicateName(String),
    /// A timeout above its interval.
    #[error("scrape timeout greater than scrape interval for scrape config with job name {0:?}")]
    TimeoutAboveInterval(String),
    /// An interval of zero.
    #[error("scrape interval is zero for scrape config with job name {0:?}")]
    ZeroInterval(String),
    /// A relabelling rule that can't be meant.
    #[error("job {job:?}: {source}")]
    Relabel {
        /// The job.
        job: String,
        /// What is wrong.
        source: RelabelError,
    },
    /// HTTP settings that can't be meant.
    #[error("job {job:?}: {source}")]
    Http {
        /// The job.
        job: String,
        /// What is wrong.
        source: HttpClientError,
    },
}

impl ScrapeConfig {
    /// A job that scrapes nothing yet, with Prometheus' defaults.
    pub fn named(job_name: impl Into<String>) -> Self {
        Self {
            job_name: job_name.into(),
            scrape_interval: None,
            scrape_timeout: None,
            scrape_protocols: None,
            fallback_scrape_protocol: None,
            metrics_path: default_metrics_path(),
            scheme: Scheme::default(),
            params: BTreeMap::new(),
            honor_labels: false,
            honor_timestamps: true,
            track_timestamps_staleness: false,
            enable_compression: true,
            relabel_configs: Vec::new(),
            metric_relabel_configs: Vec::new(),
            limits: ScrapeLimits::default(),
            http: HttpClientConfig::default(),
            discovery: DiscoveryConfigs::default(),
        }
    }

    /// Fills in what `global` says and checks the job.
    ///
    /// # Errors
    /// Where Prometheus, too, refuses the job.
    pub fn resolve(&self, global: &GlobalConfig) -> Result<Self, ScrapeConfigError> {
        let mut resolved = self.clone();
        if self.job_name.is_empty() {
            return Err(ScrapeConfigError::NoName);
        }
        let interval = self.scrape_interval.unwrap_or(global.scrape_interval);
        if interval.is_zero() {
            return Err(ScrapeConfigError::ZeroInterval(self.job_name.clone()));
        }
        let timeout = self.scrape_timeout.unwrap_or_else(|| {
            global.scrape_timeout.unwrap_or(DEFAULT_SCRAPE_TIMEOUT).min(interval)
        });
        if timeout > interval {
            return Err(ScrapeConfigError::TimeoutAboveInterval(self.job_name.clone()));
        }
        resolved.scrape_interval = Some(interval);
        resolved.scrape_timeout = Some(timeout);
        resolved.limits = self.limits.or(global.limits);
        if resolved.scrape_protocols.is_none() {
            resolved.scrape_protocols.clone_from(&global.scrape_protocols);
        }
        for configs in [&self.relabel_configs, &self.metric_relabel_configs] {
            RelabelConfig::compile_all(configs).map_err(|source| ScrapeConfigError::Relabel {
                job: self.job_name.clone(),
                source,
            })?;
        }
        self.http
            .check()
            .map_err(|source| ScrapeConfigError::Http { job: self.job_name.clone(), source })?;
        Ok(resolved)
    }

    /// How often; set once the job is resolved.
    pub fn interval(&self) -> PromDuration {
        self.scrape_interval.unwrap_or(DEFAULT_SCRAPE_INTERVAL)
    }

    /// After how long a scrape is given up; set once the job is resolved.
    pub fn timeout(&self) -> PromDuration {
        self.scrape_timeout.unwrap_or_else(|| DEFAULT_SCRAPE_TIMEOUT.min(self.interval()))
    }

    /// Resolves all jobs of a file.
    ///
    /// # Errors
    /// As [`ScrapeConfig::resolve`], and where two jobs share a name.
    pub fn resolve_all(
        configs: &[Self],
        global: &GlobalConfig,
    ) -> Result<Vec<Self>, ScrapeConfigError> {
        let mut names = std::collections::BTreeSet::new();
        configs
            .iter()
            .map(|config| {
                if !names.insert(&config.job_name) {
                    return Err(ScrapeConfigError::DuplicateName(config.job_name.clone()));
                }
                config.resolve(global)
            })
            .collect()
    }
}
