//! What rules count, under Prometheus' names with our prefix.

use std::sync::atomic::AtomicU64;

use alerting::rules::{GroupStatus, RuleGroup, RuleHealth};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// Which group.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct GroupLabels {
    /// File and name, as Prometheus joins them.
    rule_group: String,
}

impl GroupLabels {
    fn new(file: &str, name: &str) -> Self {
        Self { rule_group: format!("{file};{name}") }
    }
}

type Counters = Family<GroupLabels, Counter>;
type Gauges = Family<GroupLabels, Gauge<f64, AtomicU64>>;

/// Counters of all groups; clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct RuleMetrics {
    evaluations: Counters,
    failures: Counters,
    iterations: Counters,
    missed: Counters,
    template_faults: Counters,
    interval: Gauges,
    rules: Gauges,
    duration: Gauges,
    last_evaluation: Gauges,
    samples: Gauges,
}

impl RuleMetrics {
    /// Shows the counters on a registry.
    pub(super) fn register(&self, registry: &mut Registry) {
        let mut counter = |name: &str, help: &str, counters: &Counters| {
            registry.register(format!("bellwether_{name}"), help, counters.clone());
        };
        counter("rule_evaluations", "Evaluations of rules", &self.evaluations);
        counter("rule_evaluation_failures", "Evaluations of rules that failed", &self.failures);
        counter("rule_group_iterations", "Evaluations that were due", &self.iterations);
        let faults = "Evaluations of rules in which a template failed";
        counter("rule_template_failures", faults, &self.template_faults);
        let missed = "Evaluations left out because the one before took too long";
        counter("rule_group_iterations_missed", missed, &self.missed);
        let mut gauge = |name: &str, help: &str, gauges: &Gauges| {
            registry.register(format!("bellwether_rule_group_{name}"), help, gauges.clone());
        };
        gauge("interval_seconds", "How often a group is evaluated", &self.interval);
        gauge("rules", "Rules of a group", &self.rules);
        gauge("last_duration_seconds", "How long the last evaluation took", &self.duration);
        gauge("last_evaluation_timestamp_seconds", "When it was", &self.last_evaluation);
        gauge("last_evaluation_samples", "Samples that it wrote", &self.samples);
    }

    fn counters(&self) -> [&Counters; 5] {
        [&self.evaluations, &self.failures, &self.iterations, &self.missed, &self.template_faults]
    }

    /// Shows a group that was not evaluated yet.
    pub(super) fn begin(&self, group: &RuleGroup) {
        let status = group.watch();
        let status = status.read();
        let labels = GroupLabels::new(group.file(), group.name());
        for counters in self.counters() {
            drop(counters.get_or_create(&labels));
        }
        let interval = group.interval().to_duration().as_secs_f64();
        self.interval.get_or_create(&labels).set(interval);
        self.rules.get_or_create(&labels).set(status.rules.len() as f64);
    }

    /// Counts an evaluation; `missed` were left out before it.
    pub(super) fn note(&self, status: &GroupStatus, missed: u64) {
        let labels = GroupLabels::new(&status.file, &status.name);
        let failures = status.rules.iter().filter(|rule| rule.health == RuleHealth::Err).count();
        self.evaluations.get_or_create(&labels).inc_by(status.rules.len() as u64);
        self.failures.get_or_create(&labels).inc_by(failures as u64);
        let faults = status.rules.iter().filter(|rule| rule.template_fault.is_some()).count();
        self.template_faults.get_or_create(&labels).inc_by(faults as u64);
        self.iterations.get_or_create(&labels).inc_by(1 + missed);
        self.missed.get_or_create(&labels).inc_by(missed);
        let at = status.last_evaluation.map_or(0, |at| at.as_millis()) as f64 / 1000.0;
        self.last_evaluation.get_or_create(&labels).set(at);
        self.duration.get_or_create(&labels).set(status.evaluation_time.as_secs_f64());
        self.samples.get_or_create(&labels).set(status.samples as f64);
    }

    /// Forgets a group that is gone.
    pub(super) fn forget(&self, file: &str, name: &str) {
        let labels = GroupLabels::new(file, name);
        for counters in self.counters() {
            counters.remove(&labels);
        }
        let gauges =
            [&self.interval, &self.rules, &self.duration, &self.last_evaluation, &self.samples];
        for gauges in gauges {
            gauges.remove(&labels);
        }
    }
}
