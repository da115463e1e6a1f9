//! From a body to a batch: labels, limits, staleness.
//!
//! A series that the target exposed before is found by its bytes in the cache
//! and costs no parsing and no allocation. One that vanished gets a staleness
//! marker at the time of the scrape. A scrape that fails as a whole (malformed,
//! over a limit) stores no sample of its body and makes every series stale, as
//! Prometheus does.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::labels::{BUCKET_LABEL, QUANTILE_LABEL};
use model::sample::STALE_NAN;
use model::{
    Exemplar, LabelsBuilder, METRIC_NAME, MetricKind, MetricMetadata, SampleBatch, Timestamp,
};
use pipeline::relabel::{RelabelRule, Relabelled, relabel};

use super::cache::{CachedSeries, SeriesCache};
use super::config::ScrapeLimits;
use super::parse::{Decoder, Entry, ExemplarEntry, ParseError, SeriesEntry, parse_series_key};
use crate::scrape::snapshot::FamilyMetadata;

/// Metadata of more families than this is not kept for a target.
const METADATA_FAMILIES_MAX: usize = 10_000;

/// What applies to every sample of a target.
#[derive(Clone, Debug)]
pub struct IngestRules {
    /// The target's own labels.
    pub target_labels: model::Labels,
    /// Whether labels of the exposition win.
    pub honor_labels: bool,
    /// Whether its timestamps count.
    pub honor_timestamps: bool,
    /// Whether series with timestamps of their own go stale.
    pub track_timestamps_staleness: bool,
    /// Rewrites samples.
    pub rules: Arc<[RelabelRule]>,
    /// What a scrape may bring.
    pub limits: ScrapeLimits,
}

/// What is kept between the scrapes of one target.
#[derive(Debug, Default)]
pub struct TargetState {
    /// Its series.
    pub cache: SeriesCache,
    /// What it says of its metric families.
    pub metadata: BTreeMap<String, FamilyMetadata>,
    /// The batch being filled; cleared and filled again at each scrape.
    pub batch: SampleBatch,
}

/// The counts that a scrape reports about itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IngestCounts {
    /// Samples in the body.
    pub scraped: u64,
    /// Samples left by relabelling.
    pub post_relabel: u64,
    /// Series that the scrape before did not have.
    pub added: u64,
}

/// A body that is refused as a whole.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum IngestError {
    /// It is not what its content type says.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// A series that is not written right.
    #[error("{0}")]
    Series(String),
    /// Relabelling took the name of a metric.
    #[error("missing metric name (__name__ label) after relabelling of {0}")]
    NoName(String),
    /// More samples than allowed.
    #[error("sample limit exceeded: more than {0} samples after relabelling")]
    SampleLimit(u64),
    /// More labels than allowed.
    #[error("label_limit exceeded (metric: {metric:.50}, number of labels: {count}, limit: {max})")]
    LabelLimit {
        /// The metric.
        metric: String,
        /// How many it has.
        count: usize,
        /// How many it may have.
        max: u64,
    },
    /// A name or value longer than allowed.
    #[error(
        "{limit} exceeded (metric: {metric:.50}, label name: {label:.50}, length: {length}, limit: {max})"
    )]
    LabelLength {
        /// Which limit.
        limit: &'static str,
        /// The metric.
        metric: String,
        /// The label.
        label: String,
        /// Its length in bytes.
        length: usize,
        /// The limit in bytes.
        max: u64,
    },
}

/// Fills the state's batch with what `decoder` yields.
///
/// On error the batch holds staleness markers only and the cache is empty.
///
/// # Errors
/// Where the body as a whole is refused.
pub fn ingest(
    rules: &IngestRules,
    state: &mut TargetState,
    decoder: Decoder<'_>,
    scraped_at: Timestamp,
) -> Result<IngestCounts, IngestError> {
    state.batch.clear();
    state.cache.begin();
    let result = Ingest {
        rules,
        state,
        scraped_at,
        counts: IngestCounts::default(),
        kind_of: (String::new(), MetricKind::Unknown),
        scratch: LabelsBuilder::default(),
    }
    .run(decoder);
    match result {
        Ok(counts) => {
            let TargetState { cache, batch, .. } = state;
            cache.end(|series| {
                batch.begin_series_hashed(&series.labels, series.hash);
                batch.push(scraped_at, STALE_NAN);
            });
            Ok(counts)
        }
        Err(error) => {
            mark_all_stale(state, scraped_at);
            Err(error)
        }
    }
}

/// Fills the batch with a staleness marker for every series and forgets them.
pub fn mark_all_stale(state: &mut TargetState, at: Timestamp) {
    let TargetState { cache, batch, .. } = state;
    batch.clear();
    cache.clear(|series| {
        batch.begin_series_hashed(&series.labels, series.hash);
        batch.push(at, STALE_NAN);
    });
}

struct Ingest<'a> {
    rules: &'a IngestRules,
    state: &'a mut TargetState,
    scraped_at: Timestamp,
    counts: IngestCounts,
    /// The family of the last `TYPE` line: its samples follow it.
    kind_of: (String, MetricKind),
    scratch: LabelsBuilder,
}

impl Ingest<'_> {
    fn run(mut self, decoder: Decoder<'_>) -> Result<IngestCounts, IngestError> {
        for entry in decoder {
            match entry? {
                Entry::Series(series) => self.series(&series)?,
                Entry::Kind { family, kind } => {
                    self.describe(&family, |metadata| metadata.kind = kind);
                    self.kind_of = (family, kind);
                }
                Entry::Help { family, help } => {
                    self.describe(&family, |metadata| help.clone_into(&mut metadata.help));
                }
                Entry::Unit { family, unit } => {
                    self.describe(&family, |metadata| unit.clone_into(&mut metadata.unit));
                }
            }
        }
        Ok(self.counts)
    }

    fn series(&mut self, entry: &SeriesEntry<'_>) -> Result<(), IngestError> {
        self.counts.scraped += 1;
        let own_timestamp = entry.timestamp.filter(|_| self.rules.honor_timestamps);
        let TargetState { cache, batch, .. } = &mut *self.state;
        match cache.get(entry.key) {
            Some(CachedSeries::Dropped { .. }) => return Ok(()),
            Some(CachedSeries::Stored(series)) => {
                batch.begin_series_hashed(&series.labels, series.hash);
            }
            None => {
                if !self.admit(entry.key, own_timestamp.is_some())? {
                    return Ok(());
                }
            }
        }
        self.counts.post_relabel += 1;
        let limit = self.rules.limits.sample_limit.unwrap_or(0);
        if limit > 0 && self.counts.post_relabel > limit {
            return Err(IngestError::SampleLimit(limit));
        }
        let timestamp = own_timestamp.unwrap_or(self.scraped_at);
        self.state.batch.push(timestamp, entry.value);
        if let Some(exemplar) = &entry.exemplar {
            self.exemplar(exemplar, timestamp)?;
        }
        Ok(())
    }

    /// Parses and relabels a series that is not in the cache and begins it in
    /// the batch; false where a rule drops it.
    fn admit(&mut self, key: &str, has_timestamp: bool) -> Result<bool, IngestError> {
        self.scratch.clear();
        parse_series_key(key, &mut self.scratch).map_err(IngestError::Series)?;
        self.normalise_bounds();
        merge_target_labels(&mut self.scratch, self.rules);
        if relabel(&self.rules.rules, &mut self.scratch) == Relabelled::Drop {
            self.state.cache.insert_dropped(key);
            return Ok(false);
        }
        let labels = self.scratch.build();
        if labels.is_empty() {
            self.state.cache.insert_dropped(key);
            return Ok(false);
        }
        let metric = labels.metric_name().ok_or_else(|| IngestError::NoName(key.to_owned()))?;
        check_label_limits(&self.rules.limits, metric, &labels)?;
        let hash = labels.series_hash();
        self.counts.added += 1;
        self.state.batch.begin_series_hashed(&labels, hash);
        let is_tracked = !has_timestamp || self.rules.track_timestamps_staleness;
        self.state.cache.insert_stored(key, labels, hash, is_tracked);
        Ok(true)
    }

    /// Writes `le="1"` and `quantile="1"` as `1.0`, so that a series has one
    /// name whatever format it came in (as Prometheus 3 does).
    fn normalise_bounds(&mut self) {
        let label = match self.kind_of.1 {
            MetricKind::Histogram => BUCKET_LABEL,
            MetricKind::Summary => QUANTILE_LABEL,
            _ => return,
        };
        let belongs = self
            .scratch
            .get(METRIC_NAME)
            .is_some_and(|name| name.starts_with(self.kind_of.0.as_str()));
        let bound = self.scratch.get(label).and_then(|text| text.parse::<f64>().ok());
        if let (true, Some(bound)) = (belongs, bound) {
            self.scratch.set(label, &canonical_float(bound));
        }
    }

    fn exemplar(
        &mut self,
        entry: &ExemplarEntry<'_>,
        sample_timestamp: Timestamp,
    ) -> Result<(), IngestError> {
        self.scratch.clear();
        parse_series_key(entry.labels, &mut self.scratch).map_err(IngestError::Series)?;
        self.state.batch.push_exemplar(Exemplar {
            labels: self.scratch.build(),
            value: entry.value,
            timestamp: entry.timestamp.unwrap_or(sample_timestamp),
        });
        Ok(())
    }

    fn describe(&mut self, family: &str, change: impl FnOnce(&mut FamilyMetadata)) {
        let metadata = &mut self.state.metadata;
        if metadata.len() >= METADATA_FAMILIES_MAX && !metadata.contains_key(family) {
            return;
        }
        let entry = metadata.entry(family.to_owned()).or_default();
        let before = entry.clone();
        change(entry);
        if *entry != before {
            self.state.batch.push_metadata(MetricMetadata {
                family: family.into(),
                kind: entry.kind,
                unit: entry.unit.as_str().into(),
                help: entry.help.as_str().into(),
            });
        }
    }
}

/// Adds the target's labels; where names clash, one side is renamed `exported_…`.
fn merge_target_labels(labels: &mut LabelsBuilder, rules: &IngestRules) {
    for (name, value) in rules.target_labels.iter() {
        match labels.get(name).map(str::to_owned) {
            None => {
                labels.set(name, value);
            }
            Some(_) if rules.honor_labels => {}
            Some(exposed) => {
                let mut renamed = format!("exported_{name}");
                while labels.get(&renamed).is_some() || rules.target_labels.get(&renamed).is_some()
                {
                    renamed.insert_str(0, "exported_");
                }
                labels.set(&renamed, &exposed);
                labels.set(name, value);
            }
        }
    }
}

fn check_label_limits(
    limits: &ScrapeLimits,
    metric: &str,
    labels: &model::LabelsRef,
) -> Result<(), IngestError> {
    let (count_max, name_max, value_max) = (
        limits.label_limit.unwrap_or(0),
        limits.label_name_length_limit.unwrap_or(0),
        limits.label_value_length_limit.unwrap_or(0),
    );
    if count_max > 0 && labels.len() as u64 > count_max {
        return Err(IngestError::LabelLimit {
            metric: metric.to_owned(),
            count: labels.len(),
            max: count_max,
        });
    }
    if name_max == 0 && value_max == 0 {
        return Ok(());
    }
    let too_long = |limit, label: &str, length, max| {
        let (metric, label) = (metric.to_owned(), label.to_owned());
        Err(IngestError::LabelLength { limit, metric, label, length, max })
    };
    for (name, value) in labels.iter() {
        if name_max > 0 && name.len() as u64 > name_max {
            return too_long("label_name_length_limit", name, name.len(), name_max);
        }
        if value_max > 0 && value.len() as u64 > value_max {
            return too_long("label_value_length_limit", name, value.len(), value_max);
        }
    }
    Ok(())
}

/// A number as OpenMetrics writes bounds: always with a point or an exponent.
fn canonical_float(value: f64) -> String {
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    if value.is_nan() {
        return "NaN".to_owned();
    }
    let magnitude = value.abs();
    // The thresholds of Go's `%g` with shortest precision.
    if magnitude != 0.0 && !(1e-4..1e21).contains(&magnitude) {
        let text = format!("{value:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, digits) = match exponent.strip_prefix('-') {
            Some(digits) => ('-', digits),
            None => ('+', exponent),
        };
        return format!("{mantissa}e{sign}{digits:0>2}");
    }
    let text = value.to_string();
    if text.contains('.') { text } else { format!("{text}.0") }
}

#[cfg(test)]
mod tests;
