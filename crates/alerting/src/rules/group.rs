//! A group of rules that runs.

mod reload;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use model::{Labels, Millis, SampleBatch, Timestamp, sample};
use parking_lot::{Mutex, RwLock};
use pipeline::Sink;
use query::promql::{Engine, InstantQuery, ParseOptions, QueryOptions, SampleValue, parse};
use storage::{AppendOptions, Cancel, SeriesStore};

use super::alert::{Alert, AlertState};
use super::alerting::AlertingRule;
use super::file::{GroupDefinition, RuleDefinition, RuleKind};
use super::restore;
use super::status::{AlertStatus, GroupStatus, RuleHealth, RuleStatus};
use super::{order, recording};

/// What an evaluation needs of the rest of the process.
#[derive(Clone, Copy)]
pub struct EvaluationContext<'a> {
    /// Evaluates expressions.
    pub engine: &'a Engine,
    /// What they read.
    pub store: &'a Arc<dyn SeriesStore>,
    /// Where results go.
    pub sink: &'a Sink,
    /// The labels of this server, for templates.
    pub external_labels: &'a BTreeMap<String, String>,
    /// Where users reach this server, for templates.
    pub external_url: &'a str,
    /// Ends evaluations early; their rules fail then.
    pub cancel: &'a Cancel,
}

/// What groups take from the configuration where they say nothing themselves.
#[derive(Clone, Copy, Debug)]
pub struct GroupSettings {
    /// How often to evaluate.
    pub interval: Millis,
    /// How far back to evaluate.
    pub query_offset: Millis,
    /// How often a firing alert is sent again.
    pub resend_delay: Millis,
    /// Whether the process has just started: alerts that wait take up their age
    /// from the store, at the second evaluation.
    pub restores_state: bool,
    /// The most rules of a group that run at the same time; 1 at least.
    pub concurrency_max: usize,
    /// What expressions may hold.
    pub parse_options: ParseOptions,
}

impl Default for GroupSettings {
    fn default() -> Self {
        Self {
            interval: Millis::from_secs(60),
            query_offset: Millis::ZERO,
            resend_delay: Millis::from_secs(60),
            restores_state: true,
            concurrency_max: 4,
            parse_options: ParseOptions { experimental: false },
        }
    }
}

/// An alert for the one who routes alerts.
#[derive(Clone, Debug, PartialEq)]
pub struct SentAlert {
    /// The alert.
    pub alert: Alert,
    /// When it began.
    pub starts_at: Timestamp,
    /// When it ended, or until when it counts as firing where no news comes.
    pub ends_at: Timestamp,
    /// The expression, for a link to it.
    pub expr: String,
}

/// A group with the state of its rules.
pub struct RuleGroup {
    file: String,
    name: String,
    interval: Millis,
    query_offset: Millis,
    limit: usize,
    settings: GroupSettings,
    rules: Vec<Rule>,
    /// Series that are no longer written by any rule, to be marked stale.
    abandoned: Vec<Labels>,
    evaluations: u64,
    evaluations_missed: u64,
    evaluation_time: Duration,
    last_evaluation: Option<Timestamp>,
    samples: u64,
    /// Evaluations until the ages of alerts are restored.
    restores_in: u8,
    published: Arc<RwLock<Arc<GroupStatus>>>,
}

struct Rule {
    definition: Arc<RuleDefinition>,
    /// The expression as it is printed.
    printed: Arc<str>,
    stage: usize,
    alerting: Option<AlertingRule>,
    health: RuleHealth,
    last_error: Option<String>,
    failures: u64,
    evaluation_time: Duration,
    last_evaluation: Option<Timestamp>,
    /// What it wrote last time, sorted.
    written: Vec<Labels>,
}

/// How one evaluation sees the group.
#[derive(Clone, Copy)]
struct Turn<'a> {
    context: &'a EvaluationContext<'a>,
    at: Timestamp,
    query_offset: Millis,
    limit: usize,
}

impl RuleGroup {
    /// A group of `file`, not evaluated yet.
    pub fn new(file: &str, definition: GroupDefinition, settings: GroupSettings) -> Self {
        let stages = order::stages(&definition.rules, settings.parse_options);
        let rules = definition.rules.into_iter().zip(stages);
        let mut group = Self {
            file: file.to_owned(),
            name: definition.name,
            interval: definition.interval.map_or(settings.interval, |i| i.as_millis()),
            query_offset: definition.query_offset.map_or(settings.query_offset, |o| o.as_millis()),
            limit: definition.limit,
            settings,
            rules: rules
                .map(|(definition, stage)| Rule::new(definition, stage, settings.restores_state))
                .collect(),
            abandoned: Vec::new(),
            evaluations: 0,
            evaluations_missed: 0,
            evaluation_time: Duration::ZERO,
            last_evaluation: None,
            samples: 0,
            restores_in: 2,
            published: Arc::default(),
        };
        group.publish();
        group
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// How often to evaluate.
    pub fn interval(&self) -> Millis {
        self.interval
    }

    /// The status after the last evaluation, for readers that don't wait.
    pub fn watch(&self) -> Arc<RwLock<Arc<GroupStatus>>> {
        Arc::clone(&self.published)
    }

    /// Takes note of evaluations that were left out.
    pub fn note_missed(&mut self, missed: u64) {
        self.evaluations_missed += missed;
    }

    /// Evaluates all rules at `at`, writes their series, and returns the alerts
    /// to send. Blocks. A rule that fails is noted in its status and hinders no
    /// other; its series neither continue nor become stale.
    pub fn evaluate(&mut self, context: &EvaluationContext<'_>, at: Timestamp) -> Vec<SentAlert> {
        let started = Instant::now();
        let turn = Turn { context, at, query_offset: self.query_offset, limit: self.limit };
        let last_stage = self.rules.iter().map(|rule| rule.stage).max().unwrap_or(0);
        self.samples = 0;
        for stage in 0..=last_stage {
            self.samples += self.run_stage(turn, stage);
        }
        self.mark_abandoned(turn);
        self.restore(context, at);
        let sent = self.take_alerts_to_send(at);
        self.evaluations += 1;
        self.last_evaluation = Some(at);
        self.evaluation_time = started.elapsed();
        self.publish();
        sent
    }

    /// Runs the rules of a stage, several at a time; the samples that they wrote.
    fn run_stage(&mut self, turn: Turn<'_>, stage: usize) -> u64 {
        let rules: Vec<&mut Rule> =
            self.rules.iter_mut().filter(|rule| rule.stage == stage).collect();
        let workers = self.settings.concurrency_max.clamp(1, rules.len().max(1));
        if workers == 1 {
            return rules.into_iter().map(|rule| rule.run(turn)).sum();
        }
        let queue = Mutex::new(rules.into_iter());
        let work = || {
            let mut samples = 0;
            loop {
                // The lock is free again before the rule runs.
                let next = queue.lock().next();
                let Some(rule) = next else { return samples };
                samples += rule.run(turn);
            }
        };
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap_or(0)).sum()
        })
    }

    fn mark_abandoned(&mut self, turn: Turn<'_>) {
        if self.abandoned.is_empty() {
            return;
        }
        let written: std::collections::BTreeSet<&Labels> =
            self.rules.iter().flat_map(|rule| &rule.written).collect();
        let gone = self.abandoned.iter().filter(|labels| !written.contains(labels));
        let batch = stale_batch(gone, turn.at - turn.query_offset);
        if write(turn.context.sink, &batch).is_ok() {
            self.abandoned.clear();
        }
    }

    fn restore(&mut self, context: &EvaluationContext<'_>, at: Timestamp) {
        if self.restores_in == 0 {
            return;
        }
        self.restores_in -= 1;
        if self.restores_in > 0 {
            return;
        }
        for rule in &mut self.rules {
            let Some(alerting) = rule.alerting.as_mut().filter(|rule| !rule.is_restored) else {
                continue;
            };
            if let Err(error) = restore::restore(alerting, context.store.as_ref(), at) {
                rule.last_error = Some(format!("restoring the state of alerts: {error}"));
            }
        }
    }

    fn take_alerts_to_send(&mut self, at: Timestamp) -> Vec<SentAlert> {
        let resend_delay = self.settings.resend_delay;
        // News must come four times before an alert is given up for lost.
        let validity = Millis::new(4 * self.interval.max(resend_delay).get());
        let mut sent = Vec::new();
        for rule in &mut self.rules {
            let expr = &rule.definition.expr;
            for alert in rule.alerting.iter_mut().flat_map(|rule| rule.active.values_mut()) {
                if !alert.needs_sending(at, resend_delay) {
                    continue;
                }
                alert.last_sent_at = Some(at);
                alert.valid_until = Some(at + validity);
                sent.push(SentAlert {
                    starts_at: alert.fired_at.unwrap_or(alert.active_at),
                    ends_at: alert.resolved_at.unwrap_or(at + validity),
                    alert: alert.clone(),
                    expr: expr.clone(),
                });
            }
        }
        sent
    }

    fn publish(&mut self) {
        let status = GroupStatus {
            name: self.name.clone(),
            file: self.file.clone(),
            interval: self.interval,
            query_offset: self.query_offset,
            limit: self.limit,
            rules: self.rules.iter().map(Rule::status).collect(),
            evaluation_time: self.evaluation_time,
            last_evaluation: self.last_evaluation,
            evaluations: self.evaluations,
            evaluations_missed: self.evaluations_missed,
            samples: self.samples,
        };
        *self.published.write() = Arc::new(status);
    }
}

impl Rule {
    fn new(definition: RuleDefinition, stage: usize, restores_state: bool) -> Self {
        let mut alerting = AlertingRule::new(&definition.kind, &definition.labels);
        if let Some(alerting) = &mut alerting {
            alerting.is_restored = !restores_state || alerting.hold < restore::FOR_GRACE_PERIOD;
        }
        Self {
            alerting,
            printed: printed(&definition.expr),
            definition: Arc::new(definition),
            stage,
            health: RuleHealth::Unknown,
            last_error: None,
            failures: 0,
            evaluation_time: Duration::ZERO,
            last_evaluation: None,
            written: Vec::new(),
        }
    }

    /// Evaluates and writes; the samples that were written.
    fn run(&mut self, turn: Turn<'_>) -> u64 {
        let started = Instant::now();
        let outcome = self.evaluate(turn).and_then(|series| self.write(turn, series));
        self.last_evaluation = Some(turn.at);
        self.evaluation_time = started.elapsed();
        match outcome {
            Ok(samples) => {
                self.health = RuleHealth::Ok;
                self.last_error = None;
                samples
            }
            Err(error) => {
                self.health = RuleHealth::Err;
                self.last_error = Some(error);
                self.failures += 1;
                0
            }
        }
    }

    fn evaluate(&mut self, turn: Turn<'_>) -> Result<Vec<(Labels, SampleValue)>, String> {
        let time = turn.at - turn.query_offset;
        let text = self.definition.expr.clone();
        let options =
            QueryOptions { cancel: turn.context.cancel.clone(), ..QueryOptions::default() };
        let query = InstantQuery { text, time, options };
        let answer = turn.context.engine.instant(turn.context.store, &query);
        let found = recording::vector(answer.map_err(|error| error.to_string())?.value, time)?;
        match (&mut self.alerting, &self.definition.kind) {
            (Some(alerting), _) => alerting.evaluate(turn.context, found, turn.at, turn.limit),
            (None, RuleKind::Record(name)) => {
                recording::evaluate(name, &self.definition.labels, found, turn.limit)
            }
            (None, RuleKind::Alert { .. }) => Ok(Vec::new()),
        }
    }

    /// Writes the series, and a marker for each that was there last time only.
    fn write(
        &mut self,
        turn: Turn<'_>,
        mut series: Vec<(Labels, SampleValue)>,
    ) -> Result<u64, String> {
        series.sort_by(|(a, _), (b, _)| a.cmp(b));
        let at = turn.at - turn.query_offset;
        let is_written =
            |labels: &Labels| series.binary_search_by(|(known, _)| known.cmp(labels)).is_ok();
        let gone = self.written.iter().filter(|labels| !is_written(labels));
        let mut batch = stale_batch(gone, at);
        for (labels, value) in &series {
            batch.begin_series(labels);
            match value {
                SampleValue::Float(value) => batch.push(at, *value),
                SampleValue::Histogram(histogram) => {
                    batch.push_histogram(at, Arc::clone(histogram));
                }
            }
        }
        let appended = write(turn.context.sink, &batch)?;
        self.written = series.into_iter().map(|(labels, _)| labels).collect();
        Ok(appended)
    }

    fn status(&self) -> RuleStatus {
        let alerts = self.alerting.iter().flat_map(|rule| rule.active.values());
        let alerts = alerts.filter(|alert| alert.state != AlertState::Inactive);
        RuleStatus {
            definition: Arc::clone(&self.definition),
            query: Arc::clone(&self.printed),
            health: self.health,
            last_error: self.last_error.clone(),
            evaluation_time: self.evaluation_time,
            last_evaluation: self.last_evaluation,
            failures: self.failures,
            template_fault: self.alerting.as_ref().and_then(|rule| rule.template_fault.clone()),
            alerts: alerts.map(AlertStatus::from).collect(),
        }
    }
}

/// An expression as it is printed; one that does not parse as it stands.
fn printed(expr: &str) -> Arc<str> {
    match parse(expr, ParseOptions { experimental: true }) {
        Ok(expr) => expr.to_string().into(),
        Err(_) => expr.into(),
    }
}

/// A batch that ends series at `at`.
fn stale_batch<'a>(series: impl Iterator<Item = &'a Labels>, at: Timestamp) -> SampleBatch {
    let mut batch = SampleBatch::default();
    for labels in series {
        batch.begin_series(labels);
        batch.push(at, sample::STALE_NAN);
    }
    batch
}

/// Writes a batch; the samples that were taken. Samples that the store refuses,
/// say as duplicates, are no failure, as in Prometheus.
fn write(sink: &Sink, batch: &SampleBatch) -> Result<u64, String> {
    if batch.is_empty() {
        return Ok(0);
    }
    let outcome = sink.write(batch, &AppendOptions::default());
    outcome.map(|outcome| outcome.samples_appended).map_err(|error| error.to_string())
}
