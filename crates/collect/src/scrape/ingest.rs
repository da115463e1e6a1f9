//! From a body to a batch: labels, limits, staleness.
//!
//! A series that the target exposed before is found by its bytes in the cache
//! and costs no parsing and no allocation. One that vanished gets a staleness
//! marker at the time of the scrape. A scrape that fails as a whole (malformed,
//! over a limit) stores no sample of its body and makes every series stale, as
//! Prometheus does.

mod classic;
mod histogram;

use std::collections::BTreeMap;
use std::sync::Arc;

use model::labels::{BUCKET_LABEL, QUANTILE_LABEL, is_legacy_label_name, is_legacy_metric_name};
use model::sample::STALE_NAN;
use model::{
    Exemplar, LabelsBuilder, METRIC_NAME, MetricKind, MetricMetadata, SampleBatch, Timestamp,
};
use pipeline::relabel::{RelabelRule, Relabelled, relabel};

use super::cache::{CachedSeries, SeriesCache};
use super::config::{NameValidation, ScrapeLimits};
use super::parse::{
    Decoder, Entry, ExemplarEntry, HistogramEntry, ParseError, SeriesEntry, parse_series_key,
};
use crate::scrape::snapshot::FamilyMetadata;
use classic::ClassicFamily;

pub use histogram::HistogramRules;

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
    /// Which names are allowed.
    pub names: NameValidation,
    /// Which histograms are stored.
    pub histograms: HistogramRules,
}

impl IngestRules {
    /// Prometheus' defaults for a target with these labels.
    pub fn plain(target_labels: model::Labels) -> Self {
        Self {
            target_labels,
            honor_labels: false,
            honor_timestamps: true,
            track_timestamps_staleness: false,
            rules: Arc::from([]),
            limits: ScrapeLimits::default(),
            names: NameValidation::default(),
            histograms: HistogramRules::default(),
        }
    }
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
    /// A name that only UTF-8 allows, where it is not allowed.
    #[error("invalid metric name or label names: {0}")]
    Name(String),
    /// A native histogram with more buckets than allowed, however coarse.
    #[error(
        "native histogram bucket limit exceeded: more than {0} buckets at the lowest resolution"
    )]
    BucketLimit(u64),
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
        classic: ClassicFamily::default(),
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
    /// Classic histograms of that family, where they are to be converted.
    classic: ClassicFamily,
    scratch: LabelsBuilder,
}

impl Ingest<'_> {
    fn run(mut self, mut decoder: Decoder<'_>) -> Result<IngestCounts, IngestError> {
        while let Some(entry) = decoder.next_entry() {
            match entry? {
                Entry::Series(series) => self.series(&series)?,
                Entry::Histogram(entry) => self.histogram(entry)?,
                Entry::Kind { family, kind } => {
                    self.convert_classic()?;
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
        self.convert_classic()?;
        Ok(self.counts)
    }

    fn series(&mut self, entry: &SeriesEntry<'_>) -> Result<(), IngestError> {
        let histograms = &self.rules.histograms;
        if histograms.converts_classic
            && self.kind_of.1 == MetricKind::Histogram
            && self.classic.take(&self.kind_of.0, entry).map_err(IngestError::Series)?
            && !histograms.forms.classic_beside_native
        {
            return Ok(());
        }
        let own_timestamp = entry.timestamp.filter(|_| self.rules.honor_timestamps);
        if !self.begin(entry.key, own_timestamp.is_some())? {
            return Ok(());
        }
        let timestamp = own_timestamp.unwrap_or(self.scraped_at);
        self.state.batch.push(timestamp, entry.value);
        if let Some(created) = entry.created {
            self.state.batch.set_created(created);
        }
        match &entry.exemplar {
            Some(exemplar) => self.exemplar(exemplar, timestamp),
            None => Ok(()),
        }
    }

    fn histogram(&mut self, entry: HistogramEntry<'_>) -> Result<(), IngestError> {
        if self.rules.histograms.converts_classic {
            self.classic.note_native(&self.kind_of.0, entry.key).map_err(IngestError::Series)?;
        }
        let mut histogram = *entry.histogram;
        self.rules.histograms.limit(&mut histogram)?;
        let own_timestamp = entry.timestamp.filter(|_| self.rules.honor_timestamps);
        if !self.begin(entry.key, own_timestamp.is_some())? {
            return Ok(());
        }
        let timestamp = own_timestamp.unwrap_or(self.scraped_at);
        self.state.batch.push_histogram(timestamp, Arc::new(histogram));
        if let Some(created) = entry.created {
            self.state.batch.set_created(created);
        }
        entry.exemplars.iter().try_for_each(|exemplar| self.exemplar(exemplar, timestamp))
    }

    /// Stores the classic histograms of the family that ended as native ones.
    fn convert_classic(&mut self) -> Result<(), IngestError> {
        for converted in self.classic.finish() {
            self.histogram(HistogramEntry {
                key: &converted.key,
                histogram: Box::new(converted.histogram),
                timestamp: converted.timestamp,
                created: converted.created,
                exemplars: Vec::new(),
            })?;
        }
        // Those just stored noted themselves as native.
        self.classic = ClassicFamily::default();
        Ok(())
    }

    /// Begins the series in the batch, from the cache where it is known; false
    /// where a rule drops it.
    fn begin(&mut self, key: &str, has_timestamp: bool) -> Result<bool, IngestError> {
        self.counts.scraped += 1;
        let TargetState { cache, batch, .. } = &mut *self.state;
        match cache.get(key) {
            Some(CachedSeries::Dropped { .. }) => return Ok(false),
            Some(CachedSeries::Stored(series)) => {
                batch.begin_series_hashed(&series.labels, series.hash);
            }
            None => {
                if !self.admit(key, has_timestamp)? {
                    return Ok(false);
                }
            }
        }
        self.counts.post_relabel += 1;
        let limit = self.rules.limits.sample_limit.unwrap_or(0);
        if limit > 0 && self.counts.post_relabel > limit {
            return Err(IngestError::SampleLimit(limit));
        }
        Ok(true)
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
        check_names(self.rules.names, metric, &labels)?;
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
            MetricKind::Histogram | MetricKind::GaugeHistogram => BUCKET_LABEL,
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

fn check_names(
    validation: NameValidation,
    metric: &str,
    labels: &model::LabelsRef,
) -> Result<(), IngestError> {
    let is_allowed = match validation {
        NameValidation::Utf8 => true,
        NameValidation::Legacy => {
            is_legacy_metric_name(metric)
                && labels.iter().all(|(name, _)| is_legacy_label_name(name))
        }
    };
    if is_allowed { Ok(()) } else { Err(IngestError::Name(labels.to_string())) }
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
