//! `global` and `scrape_configs` of `prometheus.yml`.

mod inherited;
mod protocol;

use std::collections::BTreeMap;
use std::path::Path;

use model::PromDuration;
use pipeline::relabel::{RelabelConfig, RelabelError};
use serde::{Deserialize, Serialize};

use crate::discovery::{DiscoveryConfigError, DiscoveryConfigs};
use crate::http_client::{HttpClientConfig, HttpClientError, join};
use crate::yaml_fields;

pub use inherited::{FormatSettings, ScrapeLimits};
pub use protocol::{
    DEFAULT_PROTOCOLS, NATIVE_HISTOGRAM_PROTOCOLS, NameEscaping, NameValidation, ScrapeProtocol,
};

/// What Prometheus scrapes at where nothing is said.
pub const DEFAULT_SCRAPE_INTERVAL: PromDuration = PromDuration::from_secs(60);
/// After how long Prometheus gives up where nothing is said.
pub const DEFAULT_SCRAPE_TIMEOUT: PromDuration = PromDuration::from_secs(10);

/// The `global` section.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GlobalConfig {
    /// How often targets are scraped.
    pub scrape_interval: PromDuration,
    /// After how long a scrape is given up; at most the interval.
    pub scrape_timeout: Option<PromDuration>,
    /// How often rules are evaluated.
    pub evaluation_interval: PromDuration,
    /// How far in the past rules are evaluated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule_query_offset: Option<PromDuration>,
    /// A file to which queries are written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query_log_file: Option<String>,
    /// Labels of all series that leave this server.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub external_labels: BTreeMap<String, String>,
    /// Limits of jobs that set none of their own.
    #[serde(flatten)]
    pub limits: ScrapeLimits,
    /// Formats of jobs that set none of their own.
    #[serde(flatten)]
    pub format: FormatSettings,
}

yaml_fields!(deserialize GlobalConfig {
    scrape_interval,
    scrape_timeout,
    evaluation_interval,
    rule_query_offset,
    query_log_file,
    external_labels,
} + limits: ScrapeLimits + format: FormatSettings);

impl Default for GlobalConfig {
    fn default() -> Self {
        Self {
            scrape_interval: DEFAULT_SCRAPE_INTERVAL,
            scrape_timeout: None,
            evaluation_interval: DEFAULT_SCRAPE_INTERVAL,
            rule_query_offset: None,
            query_log_file: None,
            external_labels: BTreeMap::new(),
            limits: ScrapeLimits::default(),
            format: FormatSettings::default(),
        }
    }
}

impl GlobalConfig {
    /// Makes relative paths start from `dir`.
    pub fn set_directory(&mut self, dir: &Path) {
        join(dir, &mut self.query_log_file);
        join(dir, &mut self.format.scrape_failure_log_file);
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
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScrapeConfig {
    /// The job; the `job` label of its targets.
    pub job_name: String,
    /// How often; as `global` where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scrape_interval: Option<PromDuration>,
    /// After how long a scrape is given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scrape_timeout: Option<PromDuration>,
    /// The format of targets that say none or an unknown one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback_scrape_protocol: Option<ScrapeProtocol>,
    /// The path.
    pub metrics_path: String,
    /// `http` or `https`.
    pub scheme: Scheme,
    /// The query of the URL.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, Vec<String>>,
    /// Whether labels of the exposition win over those of the target.
    pub honor_labels: bool,
    /// Whether timestamps of the exposition count.
    pub honor_timestamps: bool,
    /// Whether series with timestamps of their own go stale when they vanish.
    pub track_timestamps_staleness: bool,
    /// Whether to ask for gzip.
    pub enable_compression: bool,
    /// The most buckets of a native histogram; zero is no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub native_histogram_bucket_limit: Option<u64>,
    /// How much wider at least each bucket of a native histogram is than the one before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub native_histogram_min_bucket_factor: Option<f64>,
    /// The old name of `always_scrape_classic_histograms`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scrape_classic_histograms: Option<bool>,
    /// Rewrites targets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub relabel_configs: Vec<RelabelConfig>,
    /// Rewrites samples.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub metric_relabel_configs: Vec<RelabelConfig>,
    /// What one scrape may bring.
    #[serde(flatten)]
    pub limits: ScrapeLimits,
    /// What is asked for.
    #[serde(flatten)]
    pub format: FormatSettings,
    /// How to reach targets.
    #[serde(flatten)]
    pub http: HttpClientConfig,
    /// Where targets come from.
    #[serde(flatten)]
    pub discovery: DiscoveryConfigs,
}

yaml_fields!(deserialize ScrapeConfig {
    job_name,
    scrape_interval,
    scrape_timeout,
    fallback_scrape_protocol,
    metrics_path,
    scheme,
    params,
    honor_labels,
    honor_timestamps,
    track_timestamps_staleness,
    enable_compression,
    native_histogram_bucket_limit,
    native_histogram_min_bucket_factor,
    scrape_classic_histograms,
    relabel_configs,
    metric_relabel_configs,
}
    + limits: ScrapeLimits
    + format: FormatSettings
    + http: HttpClientConfig
    + discovery: DiscoveryConfigs);

impl Default for ScrapeConfig {
    fn default() -> Self {
        Self::named("")
    }
}

fn default_metrics_path() -> String {
    "/metrics".to_owned()
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
    /// Formats or names that can't be meant.
    #[error("{reason} for scrape config with job name {job:?}")]
    Format {
        /// The job.
        job: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// A relabelling rule that can't be meant.
    #[error("job {job:?}: {source}")]
    Relabel {
        /// The job.
        job: String,
        /// What is wrong.
        source: RelabelError,
    },
    /// Discovery that can't be meant.
    #[error("job {job:?}: {source}")]
    Discovery {
        /// The job.
        job: String,
        /// What is wrong.
        source: DiscoveryConfigError,
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
            fallback_scrape_protocol: None,
            metrics_path: default_metrics_path(),
            scheme: Scheme::default(),
            params: BTreeMap::new(),
            honor_labels: false,
            honor_timestamps: true,
            track_timestamps_staleness: false,
            enable_compression: true,
            native_histogram_bucket_limit: None,
            native_histogram_min_bucket_factor: None,
            scrape_classic_histograms: None,
            relabel_configs: Vec::new(),
            metric_relabel_configs: Vec::new(),
            limits: ScrapeLimits::default(),
            format: FormatSettings::default(),
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
        resolved.format = self.format.or(&global.format);
        if let Some(always) = self.scrape_classic_histograms {
            resolved.format.always_scrape_classic_histograms.get_or_insert(always);
        }
        resolved
            .format
            .check()
            .map_err(|reason| ScrapeConfigError::Format { job: self.job_name.clone(), reason })?;
        for configs in [&self.relabel_configs, &self.metric_relabel_configs] {
            RelabelConfig::compile_all(configs).map_err(|source| ScrapeConfigError::Relabel {
                job: self.job_name.clone(),
                source,
            })?;
        }
        self.http
            .check()
            .map_err(|source| ScrapeConfigError::Http { job: self.job_name.clone(), source })?;
        self.discovery.check().map_err(|source| ScrapeConfigError::Discovery {
            job: self.job_name.clone(),
            source,
        })?;
        Ok(resolved)
    }

    /// Makes relative paths start from `dir`.
    pub fn set_directory(&mut self, dir: &Path) {
        join(dir, &mut self.format.scrape_failure_log_file);
        self.http.set_directory(dir);
        self.discovery.set_directory(dir);
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

#[cfg(test)]
mod tests;
