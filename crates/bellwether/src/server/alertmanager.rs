//! The Alertmanager of this process: its loop, its connections, its clock.
//!
//! The core ([`Alertmanager`]) does no I/O. Here it is asked when it is due, what
//! it wants to send is sent ([`deliver`]), and what changed is kept on disk
//! ([`keep`]). An alert is on disk before its sender is answered, and an entry of
//! the notification log is written once its notification has arrived: a crash
//! loses no alert, and repeats a notification only where it falls between the
//! receiver's answer and that write.

mod deliver;
mod keep;
mod metrics;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use alerting::alertmanager::{Alertmanager, PostedAlert, Settings};
use alerting::notify::transport::Transport;
use alerting::template::TemplateSet;
use anyhow::Context;
use model::{Millis, Timestamp};
use parking_lot::Mutex;
use prometheus_client::registry::Registry;
use serve::alertmanager::AlertmanagerState;
use state::Database;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::config::AlertmanagerFile;
use deliver::Turns;
use keep::Keeper;

/// How often what is too old is forgotten.
const COLLECT_INTERVAL: Millis = Millis::from_secs(60);
/// The longest sleep: clocks of the wall are set.
const SLEEP_MAX: Duration = Duration::from_secs(60);
/// How long notifications that are on their way may take at the end.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// What all parts share. Cloning is cheap.
#[derive(Clone)]
pub(super) struct EmbeddedAlertmanager {
    core: Arc<Mutex<Alertmanager>>,
    in_force: Arc<Mutex<InForce>>,
    keeper: Arc<Keeper>,
    /// Something is due earlier than the loop knows.
    news: Arc<Notify>,
    turns: Arc<Turns>,
    data_dir: Arc<Path>,
    started: Timestamp,
}

/// What a reload replaces, beside what the core has.
#[derive(Clone)]
struct InForce {
    templates: Arc<TemplateSet>,
    transport: Arc<Transport>,
    shown: Arc<str>,
}

impl InForce {
    fn new(file: &AlertmanagerFile, log_dir: &Path) -> Self {
        Self {
            templates: Arc::clone(&file.templates),
            transport: Arc::new(Transport::new(log_dir.to_owned())),
            shown: Arc::clone(&file.shown),
        }
    }
}

impl EmbeddedAlertmanager {
    /// Goes on from what is kept. Files of notifications lie in `data_dir`.
    ///
    /// # Errors
    /// Where the database fails.
    pub(super) fn open(
        database: Arc<Database>,
        file: &AlertmanagerFile,
        external_url: &str,
        data_dir: &Path,
    ) -> anyhow::Result<Self> {
        let now = Timestamp::now();
        let kept = keep::load(&database).context("unable to read what the Alertmanager kept")?;
        let settings = Settings { external_url: external_url.to_owned(), ..Settings::default() };
        let mut core =
            Alertmanager::new(Arc::clone(&file.config), settings, kept.silences, kept.log);
        core.load_alerts(kept.alerts, now);
        let core = Arc::new(Mutex::new(core));
        Ok(Self {
            keeper: Arc::new(Keeper::new(Arc::clone(&core), database)),
            core,
            in_force: Arc::new(Mutex::new(InForce::new(file, data_dir))),
            data_dir: data_dir.into(),
            news: Arc::default(),
            turns: Arc::default(),
            started: now,
        })
    }

    /// Shows what it does.
    pub(super) fn register_metrics(&self, registry: &mut Registry) {
        metrics::register(&self.core, registry);
        self.keeper.register_metrics(registry);
    }

    /// Takes in alerts; does not wait until they are on disk.
    pub(super) fn put(&self, alerts: Vec<PostedAlert>) {
        let outcome = self.core.lock().put_alerts(alerts, Timestamp::now());
        for (index, error) in &outcome.refused {
            tracing::warn!(index, %error, "an alert of a rule was refused");
        }
        self.keeper.ask();
        self.news.notify_one();
    }

    /// Puts another configuration in force.
    pub(super) fn apply(&self, file: &AlertmanagerFile) {
        *self.in_force.lock() = InForce::new(file, &self.data_dir);
        self.core.lock().reload(Arc::clone(&file.config), Timestamp::now());
        self.news.notify_one();
    }

    /// What its API needs.
    pub(super) fn api(
        &self,
        lifecycle: mpsc::Sender<serve::prometheus::LifecycleRequest>,
    ) -> AlertmanagerState {
        let (this, in_force) = (self.clone(), Arc::clone(&self.in_force));
        AlertmanagerState {
            alertmanager: Arc::clone(&self.core),
            keep: Arc::new(move || {
                let this = this.clone();
                Box::pin(async move {
                    this.news.notify_one();
                    this.keeper.keep().await
                })
            }),
            config_yaml: Arc::new(move || in_force.lock().shown.to_string()),
            started: self.started,
            lifecycle,
        }
    }

    /// Does what is due until `cancel` is set, and keeps what changed then.
    pub(super) async fn run(self, cancel: CancellationToken) {
        let keeping = tokio::spawn(Arc::clone(&self.keeper).run());
        let mut deliveries = JoinSet::new();
        let mut collect_at = Timestamp::now() + COLLECT_INTERVAL;
        while !cancel.is_cancelled() {
            let now = Timestamp::now();
            let (due, next_due) = {
                let mut core = self.core.lock();
                if now >= collect_at {
                    core.collect(now);
                    collect_at = now + COLLECT_INTERVAL;
                }
                (core.tick(now), core.next_due())
            };
            for delivery in due {
                deliveries.spawn(self.clone().deliver(delivery));
            }
            self.keeper.ask();
            let wake_at = next_due.unwrap_or(collect_at).min(collect_at);
            let sleep = wake_at.since(Timestamp::now()).to_duration().min(SLEEP_MAX);
            tokio::select! {
                () = tokio::time::sleep(sleep) => {}
                () = self.news.notified() => {}
                () = cancel.cancelled() => {}
            }
            while deliveries.try_join_next().is_some() {}
        }
        let drained = async { while deliveries.join_next().await.is_some() {} };
        if tokio::time::timeout(DRAIN_TIMEOUT, drained).await.is_err() {
            tracing::warn!(
                "notifications were still on their way; they are sent after the next start"
            );
        }
        if let Err(error) = self.keeper.keep().await {
            tracing::error!(%error, "what the Alertmanager knows last was not kept");
        }
        keeping.abort();
    }
}
