//! Running recording rules.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::sample::STALE_NAN;
use model::{Labels, METRIC_NAME, Millis, SampleBatch, Timestamp};
use storage::{AppendOptions, SeriesStore};

use super::ask;
use super::file::{RecordingRule, RuleGroup};
use crate::promql::{Engine, SampleValue};

/// A recording rule, and what it gave when it ran last.
pub(super) struct Recorder<'a> {
    group: &'a RuleGroup,
    rule: RecordingRule<'a>,
    given: BTreeSet<Labels>,
}

impl<'a> Recorder<'a> {
    /// The recording rules of a group, in order.
    pub(super) fn of_group(group: &'a RuleGroup) -> impl Iterator<Item = Self> {
        let rules = group.rules.iter().filter_map(|rule| rule.recording());
        rules.map(move |rule| Self { group, rule, given: BTreeSet::new() })
    }

    /// The metric that it writes.
    pub(super) fn name(&self) -> &str {
        self.rule.record
    }

    /// Evaluates the expression and stores what it gives at `at`; series that it
    /// gave the last time and does not give now become stale.
    ///
    /// # Errors
    /// The expression's error, one for two series that become one, or for too many.
    pub(super) fn run(
        &mut self,
        engine: &Engine,
        store: &Arc<dyn SeriesStore>,
        at: Timestamp,
    ) -> Result<(), String> {
        let offset = self.group.query_offset.map_or(Millis::ZERO, |offset| offset.0.as_millis());
        let samples = ask(engine, store, self.rule.expr, at - offset)?;
        let limit = self.group.limit;
        if limit > 0 && samples.len() > limit {
            return Err(format!("exceeded limit of {limit} with {} series", samples.len()));
        }
        let mut batch = SampleBatch::default();
        let mut given = BTreeSet::new();
        for sample in samples {
            let labels = self.labels(&sample.labels);
            batch.begin_series(&labels);
            match sample.value {
                SampleValue::Float(value) => batch.push(at, value),
                SampleValue::Histogram(histogram) => batch.push_histogram(at, histogram),
            }
            if !given.insert(labels) {
                return Err(
                    "vector contains metrics with the same labelset after applying rule labels"
                        .into(),
                );
            }
        }
        for gone in self.given.difference(&given) {
            batch.begin_series(gone);
            batch.push(at, STALE_NAN);
        }
        self.given = given;
        store
            .append(&batch, &AppendOptions::default())
            .map(|_| ())
            .map_err(|error| error.to_string())
    }

    fn labels(&self, found: &Labels) -> Labels {
        let mut labels = found.to_builder();
        labels.set(METRIC_NAME, self.rule.record);
        for (name, value) in self.group.labels.iter().chain(self.rule.labels) {
            labels.set(name, value);
        }
        labels.build()
    }
}
