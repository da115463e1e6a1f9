//! Dashboards in files: put among the others, and again when they change.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use parking_lot::Mutex;
use serve::grafana::provisioning::{self, Fault};
use state::dashboards::{Dashboards, Origin};
use tokio_util::sync::CancellationToken;

use crate::config::BellwetherConfig;
use crate::config::dashboards::{DashboardFile, DashboardPlace, find};

/// How often the files are looked at.
const POLL_INTERVAL: Duration = Duration::from_secs(10);

/// The dashboards that come from files and with the program.
pub(super) struct DashboardFiles {
    dashboards: Dashboards,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    places: Vec<DashboardPlace>,
    seen: Vec<DashboardFile>,
}

impl DashboardFiles {
    pub(super) fn new(dashboards: Dashboards) -> Self {
        Self { dashboards, state: Mutex::default() }
    }

    /// Puts the files of a configuration in force. A file that is broken is a warning.
    pub(super) async fn apply(self: &Arc<Self>, config: &BellwetherConfig) -> anyhow::Result<()> {
        let places = config.dashboard_places();
        let found = find(&places)?;
        for pattern in &found.unmatched {
            tracing::warn!(pattern = %pattern.display(), "serve.dashboards: no file matches");
        }
        *self.state.lock() = State { places, seen: Vec::new() };
        self.put(found.files).await
    }

    /// Looks for changes until `cancel` is set.
    pub(super) async fn watch(self: Arc<Self>, cancel: CancellationToken) {
        let mut tick = tokio::time::interval(POLL_INTERVAL);
        while cancel.run_until_cancelled(tick.tick()).await.is_some() {
            if let Err(error) = self.look().await {
                tracing::error!(error = %format!("{error:#}"), "dashboards in files could not be read again");
            }
        }
    }

    async fn look(self: &Arc<Self>) -> anyhow::Result<()> {
        let places = self.state.lock().places.clone();
        let found = tokio::task::spawn_blocking(move || find(&places)).await??.files;
        let is_same = self.state.lock().seen == found;
        if is_same {
            return Ok(());
        }
        tracing::info!(files = found.len(), "dashboards in files changed");
        self.put(found).await
    }

    async fn put(self: &Arc<Self>, found: Vec<DashboardFile>) -> anyhow::Result<()> {
        let files = Arc::clone(self);
        tokio::task::spawn_blocking(move || {
            let sources = found.iter().map(DashboardFile::read).chain(provisioning::bundled());
            let faults = provisioning::apply(&files.dashboards, sources)
                .context("unable to keep dashboards of files")?;
            faults.iter().for_each(|fault| warn(fault, &found));
            // Only now: what failed is tried again.
            files.state.lock().seen = found;
            Ok(())
        })
        .await?
    }
}

fn warn(fault: &Fault, found: &[DashboardFile]) {
    let path = found.iter().find(|file| Origin::File(file.name.clone()) == fault.origin);
    let path =
        path.map_or_else(|| format!("{:?}", fault.origin), |file| file.path.display().to_string());
    let (line, column) = (fault.line, fault.column);
    tracing::warn!("{path}:{line}:{column}: {}; what was there before stays", fault.message);
}
