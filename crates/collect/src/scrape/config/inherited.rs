//! Settings that a job takes from `global` where it sets none of its own.

use model::ByteSize;
use serde::Serialize;

use super::protocol::{
    DEFAULT_PROTOCOLS, NATIVE_HISTOGRAM_PROTOCOLS, NameEscaping, NameValidation, ScrapeProtocol,
};
use crate::yaml_fields;

/// What one scrape may bring; zero is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
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

yaml_fields!(ScrapeLimits {
    body_size_limit,
    sample_limit,
    label_limit,
    label_name_length_limit,
    label_value_length_limit,
    target_limit,
    keep_dropped_targets,
});

impl ScrapeLimits {
    /// These limits, with those of `other` where none is set.
    pub(super) fn or(self, other: Self) -> Self {
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

/// What a job asks targets for and what it makes of the answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FormatSettings {
    /// The formats to ask for, most wanted first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scrape_protocols: Option<Vec<ScrapeProtocol>>,
    /// Whether native histograms are stored as such.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scrape_native_histograms: Option<bool>,
    /// Whether the classic form of a histogram is stored beside the native one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub always_scrape_classic_histograms: Option<bool>,
    /// Whether classic histograms become native ones with custom buckets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub convert_classic_histograms_to_nhcb: Option<bool>,
    /// Whether a scrape also reports its timeout, its sample limit and its bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extra_scrape_metrics: Option<bool>,
    /// Which names are allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metric_name_validation_scheme: Option<NameValidation>,
    /// How targets are asked to write other names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metric_name_escaping_scheme: Option<NameEscaping>,
    /// A file to which failed scrapes are written, as lines of JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scrape_failure_log_file: Option<String>,
}

yaml_fields!(FormatSettings {
    scrape_protocols,
    scrape_native_histograms,
    always_scrape_classic_histograms,
    convert_classic_histograms_to_nhcb,
    extra_scrape_metrics,
    metric_name_validation_scheme,
    metric_name_escaping_scheme,
    scrape_failure_log_file,
});

impl FormatSettings {
    /// These settings, with those of `other` where none is set.
    pub(super) fn or(&self, other: &Self) -> Self {
        let (own, other) = (self.clone(), other.clone());
        Self {
            scrape_protocols: own.scrape_protocols.or(other.scrape_protocols),
            scrape_native_histograms: own
                .scrape_native_histograms
                .or(other.scrape_native_histograms),
            always_scrape_classic_histograms: own
                .always_scrape_classic_histograms
                .or(other.always_scrape_classic_histograms),
            convert_classic_histograms_to_nhcb: own
                .convert_classic_histograms_to_nhcb
                .or(other.convert_classic_histograms_to_nhcb),
            extra_scrape_metrics: own.extra_scrape_metrics.or(other.extra_scrape_metrics),
            metric_name_validation_scheme: own
                .metric_name_validation_scheme
                .or(other.metric_name_validation_scheme),
            metric_name_escaping_scheme: own
                .metric_name_escaping_scheme
                .or(other.metric_name_escaping_scheme),
            scrape_failure_log_file: own.scrape_failure_log_file.or(other.scrape_failure_log_file),
        }
    }

    /// The formats to ask for.
    pub fn protocols(&self) -> &[ScrapeProtocol] {
        match &self.scrape_protocols {
            Some(protocols) => protocols,
            None if self.scrape_native_histograms == Some(true) => &NATIVE_HISTOGRAM_PROTOCOLS,
            None => &DEFAULT_PROTOCOLS,
        }
    }

    /// Which names are allowed.
    pub fn validation(&self) -> NameValidation {
        self.metric_name_validation_scheme.unwrap_or_default()
    }

    /// How targets are asked to write names: where only old names are allowed,
    /// and nothing else is said, with underscores.
    pub fn escaping(&self) -> NameEscaping {
        self.metric_name_escaping_scheme.unwrap_or(match self.validation() {
            NameValidation::Utf8 => NameEscaping::AllowUtf8,
            NameValidation::Legacy => NameEscaping::Underscores,
        })
    }

    /// Says what can't be meant.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        if let Some(protocols) = &self.scrape_protocols {
            if protocols.is_empty() {
                return Err("scrape_protocols cannot be empty");
            }
            let repeats = |(index, protocol)| protocols[..index].contains(protocol);
            if protocols.iter().enumerate().any(repeats) {
                return Err("duplicated protocol in scrape_protocols");
            }
        }
        if self.validation() == NameValidation::Legacy && self.escaping() == NameEscaping::AllowUtf8
        {
            return Err("utf8 metric names requested but validation scheme is not set to UTF8");
        }
        Ok(())
    }
}
