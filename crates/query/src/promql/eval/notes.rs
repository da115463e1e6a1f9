//! Collecting annotations while a query runs.
//!
//! Texts are Prometheus' (`util/annotations`), for users look them up. A note
//! that comes again is kept once.

use std::collections::BTreeMap;

use model::Timestamp;

use super::Annotations;
use super::civil::rfc3339_secs;
use super::go_float::{general, general_digits};
use crate::promql::ast::Span;

/// The most notes of one level that an answer carries; the rest is counted.
const NOTES_MAX: usize = 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Warning,
    Info,
}

/// Notes of one query or of one thread's part of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notes(BTreeMap<(Level, String), Detail>);

#[derive(Clone, Debug)]
struct Detail {
    /// The byte of the query's text where the cause stands; `None` for the whole.
    at: Option<usize>,
    monotonicity: Option<Monotonicity>,
}

/// What was repaired in classic histograms so that their buckets rise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Monotonicity {
    pub(crate) bucket_min: f64,
    pub(crate) bucket_max: f64,
    pub(crate) difference_max: f64,
    pub(crate) first: Timestamp,
    pub(crate) last: Timestamp,
    pub(crate) samples: u64,
}

/// What histograms were brought together for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HistogramOperation {
    Addition,
    Subtraction,
    Aggregation,
}

impl HistogramOperation {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Addition => "addition",
            Self::Subtraction => "subtraction",
            Self::Aggregation => "aggregation",
        }
    }
}

impl Notes {
    pub(crate) fn merge(&mut self, other: Self) {
        for (key, detail) in other.0 {
            self.add(key, detail);
        }
    }

    /// The notes as texts, with their places in `query` as line and column.
    pub(crate) fn into_annotations(self, query: &str) -> Annotations {
        let mut annotations = Annotations::default();
        let (mut more_warnings, mut more_infos) = (0, 0);
        for ((level, text), detail) in self.0 {
            let (list, more) = match level {
                Level::Warning => (&mut annotations.warnings, &mut more_warnings),
                Level::Info => (&mut annotations.infos, &mut more_infos),
            };
            if list.len() == NOTES_MAX {
                *more += 1;
            } else {
                list.push(detail.describe(text, query));
            }
        }
        if more_warnings > 0 {
            annotations.warnings.push(format!("{more_warnings} more warning annotations omitted"));
        }
        if more_infos > 0 {
            annotations.infos.push(format!("{more_infos} more info annotations omitted"));
        }
        annotations
    }

    pub(crate) fn results_truncated(&mut self) {
        let text = "results truncated due to limit".to_owned();
        self.add((Level::Warning, text), Detail { at: None, monotonicity: None });
    }

    pub(crate) fn chunks_damaged(&mut self, count: u64) {
        let text =
            format!("{count} damaged chunks of samples were left out; the server's log says which");
        self.add((Level::Warning, text), Detail { at: None, monotonicity: None });
    }

    pub(crate) fn invalid_quantile(&mut self, quantile: f64, span: Span) {
        let got = general(quantile);
        self.warn(format!("quantile value should be between 0 and 1, got {got}"), span);
    }

    pub(crate) fn invalid_ratio(&mut self, ratio: f64, capped: f64, span: Span) {
        let (got, to) = (general(ratio), general(capped));
        let text = format!("ratio value should be between -1 and 1, got {got}, capping to {to}");
        self.warn(text, span);
    }

    pub(crate) fn bad_bucket_label(&mut self, value: &str, span: Span) {
        let text = format!("bucket label \"le\" is missing or has a malformed value of {value:?}");
        self.warn(text, span);
    }

    pub(crate) fn mixed_floats_histograms(&mut self, metric: &str, span: Span) {
        self.warn(
            format!("encountered a mix of histograms and floats for metric name {metric:?}"),
            span,
        );
    }

    pub(crate) fn mixed_floats_histograms_in_aggregation(&mut self, span: Span) {
        self.warn("encountered a mix of histograms and floats for aggregation".to_owned(), span);
    }

    pub(crate) fn mixed_classic_native(&mut self, span: Span) {
        self.warn("vector contains a mix of classic and native histograms".to_owned(), span);
    }

    pub(crate) fn histogram_not_counter(&mut self, metric: &str, span: Span) {
        self.warn(format!("this native histogram metric is not a counter: {metric:?}"), span);
    }

    pub(crate) fn histogram_not_gauge(&mut self, metric: &str, span: Span) {
        self.warn(format!("this native histogram metric is not a gauge: {metric:?}"), span);
    }

    pub(crate) fn mixed_schemas(&mut self, metric: &str, span: Span) {
        self.warn(
            format!(
                "vector contains a mix of histograms with exponential and custom buckets schemas \
                 for metric name {metric:?}"
            ),
            span,
        );
    }

    pub(crate) fn incompatible_layout(&mut self, operator: &str, span: Span) {
        self.warn(
            format!("incompatible bucket layout encountered for binary operator {operator}"),
            span,
        );
    }

    pub(crate) fn sort_in_range_query(&mut self, span: Span) {
        self.warn(
            "sort is ineffective for range queries since results are always ordered by labels"
                .to_owned(),
            span,
        );
    }

    pub(crate) fn reset_collision(&mut self, operation: HistogramOperation, span: Span) {
        let operation = operation.as_str();
        self.warn(format!("conflicting counter resets during histogram {operation}"), span);
    }

    pub(crate) fn possible_non_counter(&mut self, metric: &str, span: Span) {
        self.info(
            format!(
                "metric might not be a counter, name does not end in _total/_sum/_count/_bucket: \
                 {metric:?}"
            ),
            span,
        );
    }

    pub(crate) fn incompatible_types(&mut self, sides: [&str; 2], operator: &str, span: Span) {
        let [left, right] = sides;
        self.info(
            format!(
                "incompatible sample types encountered for binary operator {operator:?}: \
                 {left} {operator} {right}"
            ),
            span,
        );
    }

    pub(crate) fn histogram_ignored(&mut self, aggregation: &str, span: Span) {
        self.info(format!("ignored histogram in {aggregation} aggregation"), span);
    }

    pub(crate) fn histogram_ignored_in_range(&mut self, metric: &str, span: Span) {
        self.info(
            format!(
                "ignored histograms in a range containing both floats and histograms for metric \
                 name {metric:?}"
            ),
            span,
        );
    }

    pub(crate) fn quantile_is_nan(&mut self, metric: &str, span: Span) {
        let text = "input to histogram_quantile has NaN observations, result is NaN";
        self.info(with_metric(text, metric), span);
    }

    pub(crate) fn quantile_is_skewed(&mut self, metric: &str, span: Span) {
        let text = "input to histogram_quantile has NaN observations, result is skewed higher";
        self.info(with_metric(text, metric), span);
    }

    pub(crate) fn fraction_excludes_nan(&mut self, metric: &str, span: Span) {
        let text = "input to histogram_fraction has NaN observations, which are excluded from all \
                    fractions";
        self.info(with_metric(text, metric), span);
    }

    pub(crate) fn bounds_reconciled(&mut self, operation: HistogramOperation, span: Span) {
        let operation = operation.as_str();
        self.info(format!("mismatched custom buckets were reconciled during {operation}"), span);
    }

    pub(crate) fn forced_monotonicity(&mut self, repaired: Monotonicity, span: Span) {
        let text = "PromQL info: input to histogram_quantile needed to be fixed for monotonicity \
                    (see https://prometheus.io/docs/prometheus/latest/querying/functions/\
                    #histogram_quantile)";
        let detail = Detail { at: Some(span.start), monotonicity: Some(repaired) };
        self.add((Level::Info, text.to_owned()), detail);
    }

    fn warn(&mut self, text: String, span: Span) {
        let detail = Detail { at: Some(span.start), monotonicity: None };
        self.add((Level::Warning, format!("PromQL warning: {text}")), detail);
    }

    fn info(&mut self, text: String, span: Span) {
        let detail = Detail { at: Some(span.start), monotonicity: None };
        self.add((Level::Info, format!("PromQL info: {text}")), detail);
    }

    fn add(&mut self, key: (Level, String), mut detail: Detail) {
        if let Some(before) = self.0.get(&key) {
            detail.monotonicity = match (detail.monotonicity, before.monotonicity) {
                (Some(a), Some(b)) => Some(a.merge(b)),
                (a, b) => a.or(b),
            };
        }
        self.0.insert(key, detail);
    }
}

impl Monotonicity {
    fn merge(self, other: Self) -> Self {
        Self {
            bucket_min: self.bucket_min.min(other.bucket_min),
            bucket_max: self.bucket_max.max(other.bucket_max),
            difference_max: self.difference_max.max(other.difference_max),
            first: self.first.min(other.first),
            last: self.last.max(other.last),
            samples: self.samples + other.samples,
        }
    }
}

impl Detail {
    fn describe(&self, text: String, query: &str) -> String {
        let Some(at) = self.at else { return text };
        let at = line_and_column(query, at);
        match self.monotonicity {
            None => format!("{text} ({at})"),
            Some(repaired) => format!(
                "{text}, from buckets {} to {}, with a max diff of {}, over {} samples from {} to \
                 {} ({at})",
                general(repaired.bucket_min),
                general(repaired.bucket_max),
                general_digits(repaired.difference_max, 2),
                repaired.samples,
                rfc3339_secs(repaired.first),
                rfc3339_secs(repaired.last),
            ),
        }
    }
}

fn with_metric(text: &str, metric: &str) -> String {
    if metric.is_empty() { text.to_owned() } else { format!("{text} for metric name {metric:?}") }
}

fn line_and_column(query: &str, at: usize) -> String {
    let before = query.as_bytes().get(..at).unwrap_or(query.as_bytes());
    let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
    let column = match before.iter().rposition(|byte| *byte == b'\n') {
        Some(line_break) => before.len() - line_break,
        None => before.len() + 1,
    };
    format!("{line}:{column}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPAN: Span = Span { start: 5, end: 6 };

    #[test]
    fn a_note_comes_once_with_its_place() {
        let mut notes = Notes::default();
        notes.possible_non_counter("x", SPAN);
        notes.possible_non_counter("x", SPAN);
        assert_eq!(
            notes.into_annotations("rate(x[5m])").infos,
            ["PromQL info: metric might not be a counter, name does not end in \
              _total/_sum/_count/_bucket: \"x\" (1:6)"]
        );
    }

    #[test]
    fn too_many_notes_are_counted() {
        let mut notes = Notes::default();
        for i in 0..13 {
            notes.histogram_not_gauge(&format!("m{i}"), SPAN);
        }
        let warnings = notes.into_annotations("a\nb c d e").warnings;
        assert_eq!(warnings.len(), 11);
        assert!(warnings[0].ends_with("(2:4)"), "{}", warnings[0]);
        assert_eq!(warnings[10], "3 more warning annotations omitted");
    }

    #[test]
    fn repairs_are_summed_up() {
        let mut notes = Notes::default();
        for t in [0, 60_000] {
            let at = Timestamp::from_millis(t);
            let repaired = Monotonicity {
                bucket_min: 0.5,
                bucket_max: t as f64,
                difference_max: 1.25,
                first: at,
                last: at,
                samples: 1,
            };
            notes.forced_monotonicity(repaired, SPAN);
        }
        let infos = notes.into_annotations("123456").infos;
        assert!(
            infos[0].ends_with(
                ", from buckets 0.5 to 60000, with a max diff of 1.2, over 2 samples from \
                 1970-01-01T00:00:00Z to 1970-01-01T00:01:00Z (1:6)"
            ),
            "{}",
            infos[0]
        );
    }
}
