//! Rule groups at work: a task for each, which evaluates it when it is due.
//!
//! Groups run beside each other on blocking threads, a few at a time. A reload
//! leaves groups as they are that did not change; one that changed takes over
//! the alerts of the one that it replaces, and series of rules that are gone
//! become stale.

mod group_loop;
mod metrics;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use alerting::alertmanager::PostedAlert;
use alerting::rules::{
    Due, EvaluationContext, GroupDefinition, GroupSettings, GroupStatus, RuleGroup,
};
use model::{Labels, Millis, Timestamp};
use parking_lot::{Mutex, RwLock};
use pipeline::Sink;
use prometheus_client::registry::Registry;
use query::promql::{Engine, ParseOptions};
use storage::{AppendOptions, Cancel, SeriesStore};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::alerts_out::AlertSender;
use crate::config::LoadedRules;
use group_loop::GroupLoop;
use metrics::RuleMetrics;

/// Groups that are evaluated at the same time, for each processor.
const GROUPS_PER_PROCESSOR: usize = 2;

/// What evaluations need of the rest of the process.
pub(super) struct Surroundings {
    /// Evaluates expressions.
    pub(super) engine: Arc<Engine>,
    /// What they may hold.
    pub(super) parse_options: ParseOptions,
    /// What they read.
    pub(super) store: Arc<dyn SeriesStore>,
    /// Where results go.
    pub(super) sink: Arc<Sink>,
    /// Where alerts go.
    pub(super) alerts_out: AlertSender,
    /// Labels of all that leaves this server, at the moment of a call.
    pub(super) external_labels: Arc<dyn Fn() -> Labels + Send + Sync>,
    /// Where users reach this server.
    pub(super) external_url: String,
}

/// All rule groups.
pub(super) struct Rules {
    shared: Arc<Shared>,
    running: tokio::sync::Mutex<BTreeMap<GroupKey, Running>>,
    shown: Mutex<Vec<Published>>,
    /// Whether alerts take up the age that they had before a restart.
    is_start: AtomicBool,
    cancel: CancellationToken,
    cleaning: TaskTracker,
}

/// What groups share.
struct Shared {
    around: Surroundings,
    turns: Arc<Semaphore>,
    metrics: RuleMetrics,
    /// Ends evaluations when the process ends.
    cancel: Cancel,
}

/// File and name.
type GroupKey = (String, String);
/// Where a group shows its status.
type Published = Arc<RwLock<Arc<GroupStatus>>>;

/// A group as files say it.
#[derive(Clone, PartialEq)]
struct Wanted {
    definition: GroupDefinition,
    interval: Millis,
    query_offset: Millis,
}

struct Running {
    wanted: Wanted,
    published: Published,
    cancel: CancellationToken,
    /// Gives the group back; none where an evaluation panicked.
    task: JoinHandle<Option<RuleGroup>>,
}

impl Rules {
    /// No groups yet.
    pub(super) fn new(around: Surroundings) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let shared = Shared {
            around,
            turns: Arc::new(Semaphore::new(processors * GROUPS_PER_PROCESSOR)),
            metrics: RuleMetrics::default(),
            cancel: Cancel::new(),
        };
        Self {
            shared: Arc::new(shared),
            running: tokio::sync::Mutex::default(),
            shown: Mutex::default(),
            is_start: AtomicBool::new(true),
            cancel: CancellationToken::new(),
            cleaning: TaskTracker::new(),
        }
    }

    /// Shows what is counted on a registry.
    pub(super) fn register_metrics(&self, registry: &mut Registry) {
        self.shared.metrics.register(registry);
    }

    /// All groups as their last evaluation left them, by file and name.
    pub(super) fn groups(&self) -> Vec<Arc<GroupStatus>> {
        self.shown.lock().iter().map(|published| Arc::clone(&published.read())).collect()
    }

    /// Makes the running groups those of `rules`. Waits for evaluations of groups
    /// that change.
    pub(super) async fn apply(&self, rules: Vec<LoadedRules>) {
        let restores_state = self.is_start.swap(false, Ordering::Relaxed);
        let mut running = self.running.lock().await;
        let mut old = std::mem::take(&mut *running);
        let mut changed = Vec::new();
        for (key, wanted) in wanted(rules) {
            match old.remove(&key) {
                Some(known) if known.wanted == wanted => {
                    running.insert(key, known);
                }
                known => changed.push((key, wanted, known)),
            }
        }
        // All together, so that they end side by side.
        old.values()
            .chain(changed.iter().filter_map(|(_, _, known)| known.as_ref()))
            .for_each(|known| known.cancel.cancel());
        for (key, wanted, known) in changed {
            let before = match known {
                Some(known) => known.ended().await,
                None => None,
            };
            let group = self.shared.group(&key.0, &wanted, restores_state, before);
            running.insert(key, self.start(wanted, group));
        }
        *self.shown.lock() = running.values().map(|known| Arc::clone(&known.published)).collect();
        for (key, gone) in old {
            self.shared.metrics.forget(&key.0, &key.1);
            if let Some(group) = gone.ended().await {
                self.mark_stale(group);
            }
        }
    }

    /// Ends all groups and waits for them.
    pub(super) async fn shutdown(&self) {
        self.cancel.cancel();
        self.shared.cancel.cancel();
        let running = std::mem::take(&mut *self.running.lock().await);
        running.values().for_each(|known| known.cancel.cancel());
        for known in running.into_values() {
            known.ended().await;
        }
        self.cleaning.close();
        self.cleaning.wait().await;
    }

    fn start(&self, wanted: Wanted, group: RuleGroup) -> Running {
        let (published, cancel) = (group.watch(), CancellationToken::new());
        let group_loop = GroupLoop { shared: Arc::clone(&self.shared), cancel: cancel.clone() };
        let task = tokio::spawn(group_loop.run(group));
        Running { wanted, published, cancel, task }
    }

    /// Ends the series of a group that is gone, unless another has taken them
    /// over two intervals later: then the marker, of now, comes too late for them.
    fn mark_stale(&self, group: RuleGroup) {
        let (shared, cancel) = (Arc::clone(&self.shared), self.cancel.clone());
        self.cleaning.spawn(async move {
            let (now, wait) = (Timestamp::now(), group.interval().to_duration() * 2);
            tokio::select! {
                () = cancel.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
            let write = move || {
                let batch = group.close(now);
                shared.around.sink.write(&batch, &AppendOptions::default())
            };
            if let Ok(Err(error)) = tokio::task::spawn_blocking(write).await {
                tracing::warn!(%error, "series of a rule group that is gone were not ended");
            }
        });
    }
}

impl Running {
    /// The group, once its task has ended.
    async fn ended(self) -> Option<RuleGroup> {
        self.task.await.ok().flatten()
    }
}

impl Shared {
    /// A group that goes on where `before` stopped.
    fn group(
        &self,
        file: &str,
        wanted: &Wanted,
        restores_state: bool,
        before: Option<RuleGroup>,
    ) -> RuleGroup {
        let settings = GroupSettings {
            interval: wanted.interval,
            query_offset: wanted.query_offset,
            restores_state,
            parse_options: self.around.parse_options,
            ..GroupSettings::default()
        };
        let mut group = RuleGroup::new(file, wanted.definition.clone(), settings);
        if let Some(before) = before {
            group.take_over(before);
        }
        self.metrics.begin(&group);
        group
    }

    /// Evaluates a group and hands its alerts on. Blocks.
    fn evaluate(&self, group: &mut RuleGroup, due: Due) {
        let around = &self.around;
        let external_labels: BTreeMap<String, String> = (around.external_labels)()
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let context = EvaluationContext {
            engine: &around.engine,
            store: &around.store,
            sink: &around.sink,
            external_labels: &external_labels,
            external_url: &around.external_url,
            cancel: &self.cancel,
        };
        let published = group.watch();
        let before = Arc::clone(&published.read());
        group.note_missed(due.missed);
        let sent = group.evaluate(&context, due.at);
        let after = Arc::clone(&published.read());
        self.metrics.note(&after, due.missed);
        log_changes(&before, &after, due.missed);
        let posted: Vec<_> = sent
            .iter()
            .map(|alert| PostedAlert::from_rule(alert, &external_labels, &around.external_url))
            .collect();
        if !posted.is_empty() {
            (around.alerts_out)(posted);
        }
    }
}

/// Tells what went wrong since the evaluation before, and what is well again.
fn log_changes(before: &GroupStatus, after: &GroupStatus, missed: u64) {
    let (file, group) = (&after.file, &after.name);
    if missed > 0 {
        tracing::warn!(
            file,
            group,
            missed,
            "evaluations of a rule group were left out: it takes longer than its interval"
        );
    }
    for (before, after) in before.rules.iter().zip(&after.rules) {
        let rule = after.definition.name();
        match &after.last_error {
            Some(error) if before.last_error.as_ref() != Some(error) => {
                tracing::warn!(file, group, rule, error, "a rule fails");
            }
            None if before.last_error.is_some() => {
                tracing::info!(file, group, rule, "a rule works again");
            }
            _ => {}
        }
        if let Some(fault) = &after.template_fault
            && before.template_fault.is_none()
        {
            tracing::warn!(
                file,
                group,
                rule,
                fault,
                "a template of a rule fails; its text says why"
            );
        }
    }
}

/// The groups of all files.
fn wanted(rules: Vec<LoadedRules>) -> BTreeMap<GroupKey, Wanted> {
    let mut wanted = BTreeMap::new();
    for LoadedRules { path, file, interval, query_offset, .. } in rules {
        for definition in file.groups {
            let key = (path.clone(), definition.name.clone());
            wanted.insert(key, Wanted { definition, interval, query_offset });
        }
    }
    wanted
}

#[cfg(test)]
mod tests;
