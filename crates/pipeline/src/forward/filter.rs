//! Which samples an endpoint gets, and under which labels.

use std::collections::HashMap;

use model::{Labels, LabelsRef, SampleBatch, SeriesHash, SeriesView};

use super::record::{self, Parts};
use crate::relabel::{RelabelRule, Relabelled, relabel};

/// How many series' labels are remembered; with one more, all are forgotten.
const REMEMBERED_MAX: usize = 500_000;
/// Bytes after which a record is finished.
const RECORD_BYTES: usize = 1 << 20;
/// The most floats of a series in one record.
const FLOATS_MAX: usize = 2000;
/// The most histograms of a series in one record.
const HISTOGRAMS_MAX: usize = 100;
/// The most exemplars of a series in one record.
const EXEMPLARS_MAX: usize = 500;

/// External labels, rules, and what they make of each series.
#[derive(Debug)]
pub(super) struct Filter {
    external: Labels,
    rules: Vec<RelabelRule>,
    parts: Parts,
    /// Relabelled once for each series; `None` where a rule dropped it.
    remembered: HashMap<SeriesHash, Option<Labels>>,
}

impl Filter {
    pub(super) fn new(external: Labels, rules: Vec<RelabelRule>, parts: Parts) -> Self {
        Self { external, rules, parts, remembered: HashMap::new() }
    }

    /// Hands the records of a batch, each with its number of samples, to `each`.
    pub(super) fn records(&mut self, batch: &SampleBatch, mut each: impl FnMut(Vec<u8>, u64)) {
        let mut record = Vec::new();
        let mut samples = 0;
        for series in batch.series() {
            let labels = match self.labels(&series) {
                Sent::AsIs => None,
                Sent::As(labels) => Some(labels),
                Sent::Not => continue,
            };
            let labels = labels.as_deref().unwrap_or(series.labels);
            for part in pieces(series) {
                let histograms = if self.parts.histograms { part.histograms.len() } else { 0 };
                let exemplars = if self.parts.exemplars { part.exemplars.len() } else { 0 };
                if part.timestamps.len() + histograms + exemplars == 0 {
                    continue;
                }
                if record.is_empty() {
                    record::begin(&mut record);
                }
                record::push_series(labels, &part, self.parts, &mut record);
                samples += (part.timestamps.len() + histograms) as u64;
                if record.len() >= RECORD_BYTES {
                    each(std::mem::take(&mut record), std::mem::take(&mut samples));
                }
            }
        }
        if !record.is_empty() {
            each(record, samples);
        }
    }

    fn labels(&mut self, series: &SeriesView<'_>) -> Sent {
        if self.external.is_empty() && self.rules.is_empty() {
            return Sent::AsIs;
        }
        if let Some(known) = self.remembered.get(&series.hash) {
            return known.clone().map_or(Sent::Not, Sent::As);
        }
        if self.remembered.len() >= REMEMBERED_MAX {
            self.remembered.clear();
        }
        let labels = self.relabelled(series.labels);
        self.remembered.insert(series.hash, labels.clone());
        labels.map_or(Sent::Not, Sent::As)
    }

    fn relabelled(&self, labels: &LabelsRef) -> Option<Labels> {
        let mut builder = labels.to_builder();
        for (name, value) in self.external.iter() {
            if builder.get(name).is_none() {
                builder.set(name, value);
            }
        }
        let kept = relabel(&self.rules, &mut builder) == Relabelled::Keep;
        Some(builder.build()).filter(|labels| kept && !labels.is_empty())
    }
}

enum Sent {
    AsIs,
    As(Labels),
    Not,
}

/// A series in pieces that fit into a record.
fn pieces(series: SeriesView<'_>) -> impl Iterator<Item = SeriesView<'_>> {
    let count = [
        series.timestamps.len().div_ceil(FLOATS_MAX),
        series.histograms.len().div_ceil(HISTOGRAMS_MAX),
        series.exemplars.len().div_ceil(EXEMPLARS_MAX),
    ];
    let pieces = count.into_iter().max().unwrap_or(0);
    (0..pieces).map(move |piece| SeriesView {
        timestamps: piece_of(series.timestamps, piece, FLOATS_MAX),
        values: piece_of(series.values, piece, FLOATS_MAX),
        histograms: piece_of(series.histograms, piece, HISTOGRAMS_MAX),
        exemplars: piece_of(series.exemplars, piece, EXEMPLARS_MAX),
        ..series
    })
}

fn piece_of<T>(all: &[T], piece: usize, length: usize) -> &[T] {
    let from = (piece * length).min(all.len());
    &all[from..all.len().min(from + length)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relabel::RelabelConfig;
    use model::Timestamp;

    const FLOATS_ONLY: Parts = Parts { histograms: false, exemplars: false };

    fn batch(samples: usize) -> SampleBatch {
        let mut batch = SampleBatch::default();
        for name in ["up", "secret"] {
            batch.begin_series(&Labels::from_pairs([("__name__", name), ("job", "a")]));
            for sample in 0..samples {
                batch.push(Timestamp::from_millis(sample as i64), 1.0);
            }
        }
        batch
    }

    fn filtered(filter: &mut Filter, batch: &SampleBatch) -> (SampleBatch, Vec<u64>) {
        let (mut out, mut counts) = (SampleBatch::default(), Vec::new());
        filter.records(batch, |record, samples| {
            record::decode(&record, &mut out).unwrap();
            counts.push(samples);
        });
        (out, counts)
    }

    #[test]
    fn external_labels_come_before_rules() {
        let rules = [
            r#"{"source_labels":["__name__"],"regex":"secret","action":"drop"}"#,
            r#"{"source_labels":["cluster"],"target_label":"from"}"#,
        ];
        let rules: Vec<RelabelConfig> =
            rules.iter().map(|rule| serde_json::from_str(rule).unwrap()).collect();
        let external = Labels::from_pairs([("cluster", "c1"), ("job", "lost")]);
        let rules = RelabelConfig::compile_all(&rules).unwrap();
        let mut filter = Filter::new(external, rules, FLOATS_ONLY);
        for _ in 0..2 {
            let (out, counts) = filtered(&mut filter, &batch(3));
            assert_eq!(out.series_len(), 1);
            assert_eq!(out.view(0).labels.to_string(), r#"up{cluster="c1", from="c1", job="a"}"#);
            assert_eq!(counts, [3]);
        }
        assert_eq!(filter.remembered.len(), 2);
    }

    #[test]
    fn long_series_come_in_pieces() {
        let mut filter = Filter::new(Labels::empty(), Vec::new(), FLOATS_ONLY);
        let whole = batch(RECORD_BYTES / 10);
        let (out, counts) = filtered(&mut filter, &whole);
        assert_eq!(out.samples_len(), whole.samples_len());
        assert_eq!(counts.iter().sum::<u64>(), whole.samples_len() as u64);
        assert!(counts.len() > 1, "more than one record");
        assert_eq!(out.series_len(), 2 * (RECORD_BYTES / 10).div_ceil(FLOATS_MAX));
        assert!(out.series().all(|series| series.values.len() <= FLOATS_MAX));
    }
}
