//! What the Alertmanager must not forget, on disk and back.
//!
//! One task writes, all that changed since the last time in one transaction;
//! who waits for it ([`Keeper::keep`]) shares that transaction with others.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use alerting::alertmanager::{Alertmanager, Changes};
use alerting::alerts::{Alert, StoredAlert};
use alerting::notify::log::{LogEntry, LogKey, NotificationLog};
use alerting::silences::{Silence, Silences, StoredSilence};
use anyhow::Context;
use parking_lot::Mutex;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;
use serde::Serialize;
use serde::de::DeserializeOwned;
use state::Database;
use state::alertmanager::{AlertmanagerTable, RowChange};
use tokio::sync::{Notify, watch};
use tokio::time::timeout;

/// After how long a write is tried again that failed.
const RETRY_INTERVAL: Duration = Duration::from_secs(5);

/// What was kept.
pub(super) struct Kept {
    pub(super) silences: Silences,
    pub(super) log: NotificationLog,
    pub(super) alerts: Vec<Alert>,
}

/// Reads what was kept.
pub(super) fn load(database: &Database) -> anyhow::Result<Kept> {
    let mut silences = Silences::default();
    for (id, stored) in rows::<StoredSilence>(database, AlertmanagerTable::Silences)? {
        match Silence::try_from(stored) {
            Ok(silence) => silences.load([silence]),
            Err(error) => tracing::error!(id, %error, "a silence can't be read and is left out"),
        }
    }
    let mut log = Vec::new();
    for (key, entry) in rows::<LogEntry>(database, AlertmanagerTable::NotificationLog)? {
        log.push((serde_json::from_str::<LogKey>(&key).with_context(|| key.clone())?, entry));
    }
    let alerts = rows::<StoredAlert>(database, AlertmanagerTable::Alerts)?;
    Ok(Kept {
        silences,
        log: NotificationLog::from_entries(log),
        alerts: alerts.into_iter().map(|(_, stored)| stored.into()).collect(),
    })
}

fn rows<T: DeserializeOwned>(
    database: &Database,
    table: AlertmanagerTable,
) -> anyhow::Result<Vec<(String, T)>> {
    let rows = database.alertmanager_rows(table)?.into_iter();
    let read = |(key, body): (String, String)| {
        let value = serde_json::from_str(&body).with_context(|| format!("{table:?} {key}"))?;
        Ok((key, value))
    };
    rows.map(read).collect()
}

/// Writes what changed.
pub(super) struct Keeper {
    core: Arc<Mutex<Alertmanager>>,
    database: Arc<Database>,
    /// How often somebody asked for changes to be kept.
    asked: AtomicU64,
    news: Notify,
    progress: watch::Sender<Progress>,
    failures: Counter,
}

/// How far the writer is.
#[derive(Clone, Default)]
struct Progress {
    /// All who asked before have their answer.
    answered: u64,
    /// Why the last write failed, where it did.
    error: Option<Arc<str>>,
}

impl Keeper {
    pub(super) fn new(core: Arc<Mutex<Alertmanager>>, database: Arc<Database>) -> Self {
        Self {
            core,
            database,
            asked: AtomicU64::new(0),
            news: Notify::new(),
            progress: watch::Sender::new(Progress::default()),
            failures: Counter::default(),
        }
    }

    pub(super) fn register_metrics(&self, registry: &mut Registry) {
        registry.register(
            "bellwether_alertmanager_keep_failures",
            "Writes of alerts, silences and the notification log that failed",
            self.failures.clone(),
        );
    }

    /// Asks for what changed to be kept, and does not wait.
    pub(super) fn ask(&self) -> u64 {
        let ticket = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        self.news.notify_one();
        ticket
    }

    /// Waits until what has changed before the call is on disk.
    pub(super) async fn keep(&self) -> Result<(), String> {
        let ticket = self.ask();
        let mut progress = self.progress.subscribe();
        match progress.wait_for(|progress| progress.answered >= ticket).await {
            Ok(progress) => progress.error.as_ref().map_or(Ok(()), |error| Err(error.to_string())),
            Err(_) => Err("the server is shutting down".to_owned()),
        }
    }

    /// Writes for as long as it is polled.
    pub(super) async fn run(self: Arc<Self>) {
        let mut has_failed = false;
        loop {
            match has_failed {
                // What failed is tried again, also where nobody asks.
                true => drop(timeout(RETRY_INTERVAL, self.news.notified()).await),
                false => self.news.notified().await,
            }
            let answered = self.asked.load(Ordering::SeqCst);
            let error = self.write().await.err().map(|error| format!("{error:#}"));
            if let Some(error) = &error {
                self.failures.inc();
                tracing::error!(error, "alerts, silences or the notification log were not kept");
            }
            has_failed = error.is_some();
            let error = error.map(Into::into);
            self.progress.send_replace(Progress { answered, error });
        }
    }

    async fn write(self: &Arc<Self>) -> anyhow::Result<()> {
        let (changes, values) = {
            let mut core = self.core.lock();
            let changes = core.take_changes();
            let values = Values::of(&core, &changes);
            (changes, values)
        };
        if changes.is_empty() {
            return Ok(());
        }
        let database = Arc::clone(&self.database);
        let writing = tokio::task::spawn_blocking(move || {
            database.keep_alertmanager_rows(&values.rows()?).map_err(anyhow::Error::from)
        });
        let result = writing.await.context("writing").flatten();
        if result.is_err() {
            self.core.lock().untake_changes(changes);
        }
        result
    }
}

/// The changed things as they are now; `None` where they are gone.
struct Values {
    silences: Vec<(String, Option<StoredSilence>)>,
    log: Vec<(LogKey, Option<LogEntry>)>,
    alerts: Vec<(String, Option<StoredAlert>)>,
}

impl Values {
    fn of(core: &Alertmanager, changes: &Changes) -> Self {
        let silence = |id| core.silences().get(id).map(StoredSilence::from);
        let entry = |key| core.log().get(key).cloned();
        let alert = |labels| core.alerts().get(labels).map(StoredAlert::from);
        Self {
            silences: changes.silences.iter().map(|id| (id.to_string(), silence(id))).collect(),
            log: changes.log.iter().map(|key| (key.clone(), entry(key))).collect(),
            alerts: changes.alerts.iter().map(|l| (l.to_string(), alert(l))).collect(),
        }
    }

    fn rows(self) -> serde_json::Result<Vec<RowChange>> {
        let mut rows = Vec::new();
        for (key, silence) in self.silences {
            rows.push(row(AlertmanagerTable::Silences, key, silence.as_ref())?);
        }
        for (key, entry) in self.log {
            let key = serde_json::to_string(&key)?;
            rows.push(row(AlertmanagerTable::NotificationLog, key, entry.as_ref())?);
        }
        for (key, alert) in self.alerts {
            rows.push(row(AlertmanagerTable::Alerts, key, alert.as_ref())?);
        }
        Ok(rows)
    }
}

fn row(
    table: AlertmanagerTable,
    key: String,
    value: Option<&impl Serialize>,
) -> serde_json::Result<RowChange> {
    let body = value.map(serde_json::to_string).transpose()?;
    Ok(RowChange { table, key, body })
}

#[cfg(test)]
mod tests;
