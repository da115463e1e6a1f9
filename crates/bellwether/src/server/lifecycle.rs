//! Signals and requests: reload, end.

use std::sync::Arc;

use anyhow::Context;
use collect::scrape::{GlobalConfig, ScrapeConfig, Scraper};
use model::{Labels, Timestamp};
use parking_lot::Mutex;
use query::promql::Engine;
use serde_json::json;
use serve::prometheus::{LifecycleRequest, RelabelStep};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

use super::alertmanager::EmbeddedAlertmanager;
use super::alerts_out::AlertsOut;
use super::dashboards::DashboardFiles;
use super::query_log;
use super::remote::Remote;
use super::rules::Rules;
use crate::cli::ServeArgs;
use crate::config::{
    AlertingConfig, AlertmanagerFile, BellwetherConfig, LoadedRules, PrometheusConfig,
    RemoteConfig, Warning, rules,
};
use crate::relabel_view;

/// What became of the last reload, and the configuration in force.
#[derive(Clone)]
pub(super) struct Reloads(Arc<Mutex<State>>);

struct State {
    config: InForce,
    is_success: bool,
    at: Timestamp,
}

/// What the files of Prometheus say, in force.
pub(super) struct InForce {
    /// That of the first file.
    global: Option<GlobalConfig>,
    jobs: Vec<ScrapeConfig>,
    remote: RemoteConfig,
    alerting: AlertingConfig,
    rule_files: Vec<String>,
}

/// The files of a configuration, read and checked, but not in force.
pub(super) struct Files {
    prometheus: Vec<PrometheusConfig>,
    remote: RemoteConfig,
    rules: Vec<LoadedRules>,
    /// That of the Alertmanager of this process.
    pub(super) alertmanager: AlertmanagerFile,
}

impl Files {
    /// Reads all that a configuration names; what has no effect is a warning in the log.
    ///
    /// # Errors
    /// Where a file can't be read or has a fault.
    pub(super) fn read(config: &BellwetherConfig) -> anyhow::Result<Self> {
        let remote = RemoteConfig::read(&config.prometheus_files())?;
        let prometheus = prometheus_configs(config)?;
        let (rules, warnings) = rules::read_all(config, &prometheus)?;
        let alertmanager = AlertmanagerFile::read(config.alertmanager_file().as_deref())?;
        alertmanager.warnings.iter().for_each(Warning::log);
        warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
        Ok(Self { prometheus, remote, rules, alertmanager })
    }
}

/// The parts of the server that a reload changes.
pub(super) struct Parts {
    /// Scrapes.
    pub(super) scraper: Arc<Scraper>,
    /// Sends samples on.
    pub(super) remote: Remote,
    /// Evaluates queries, and tells a log of them.
    pub(super) engine: Arc<Engine>,
    /// Evaluates rules.
    pub(super) rules: Arc<Rules>,
    /// Sends their alerts.
    pub(super) alerts_out: Arc<AlertsOut>,
    /// Notifies people of alerts.
    pub(super) alertmanager: EmbeddedAlertmanager,
    /// Keeps the dashboards of files.
    pub(super) dashboards: Arc<DashboardFiles>,
}

impl Reloads {
    /// The state after a start.
    pub(super) fn new(config: InForce) -> Self {
        let state = State { config, is_success: true, at: Timestamp::now() };
        Self(Arc::new(Mutex::new(state)))
    }

    /// The configuration in force as Prometheus shows its own, secrets masked.
    pub(super) fn config_yaml(&self) -> String {
        let state = self.0.lock();
        let mut shown = state.config.remote.shown();
        let external = shown["global"]["external_labels"].take();
        shown["global"] = json!(state.config.global.clone().unwrap_or_default());
        if let Some(global) = shown["global"].as_object_mut() {
            global.insert("external_labels".to_owned(), external);
            global.retain(|_, value| !value.is_null());
        }
        shown["scrape_configs"] = json!(state.config.jobs);
        if !state.config.rule_files.is_empty() {
            shown["rule_files"] = json!(state.config.rule_files);
        }
        if state.config.alerting != AlertingConfig::default() {
            shown["alerting"] = json!(state.config.alerting);
        }
        drop(state);
        serde_saphyr::to_string(&shown).unwrap_or_default()
    }

    /// What each rule of a job makes of a target's labels; `None` where there is no such job.
    pub(super) fn relabel_steps(&self, job: &str, labels: &Labels) -> Option<Vec<RelabelStep>> {
        let state = self.0.lock();
        let job = state.config.jobs.iter().find(|candidate| candidate.job_name == job)?;
        Some(relabel_view::steps(job, labels))
    }

    /// Whether the last reload succeeded, and when the last that did was.
    pub(super) fn last(&self) -> (bool, Timestamp) {
        let state = self.0.lock();
        (state.is_success, state.at)
    }

    fn note(&self, reload: anyhow::Result<InForce>) -> anyhow::Result<()> {
        let mut state = self.0.lock();
        state.is_success = reload.is_ok();
        state.config = reload?;
        state.at = Timestamp::now();
        Ok(())
    }
}

fn prometheus_configs(config: &BellwetherConfig) -> anyhow::Result<Vec<PrometheusConfig>> {
    let mut configs = Vec::new();
    for path in config.prometheus_files() {
        let (prometheus, warnings) = PrometheusConfig::read(&path)?;
        warnings.iter().for_each(Warning::log);
        configs.push(prometheus);
    }
    Ok(configs)
}

impl Parts {
    /// Puts a configuration and its files in force.
    pub(super) async fn apply(
        &self,
        config: &BellwetherConfig,
        files: Files,
    ) -> anyhow::Result<InForce> {
        let Files { prometheus, remote, rules, alertmanager } = files;
        let rule_files = rules.iter().filter(|rules| !rules.is_bundled);
        let mut in_force = InForce {
            global: prometheus.first().map(|file| file.global.clone()),
            jobs: Vec::new(),
            remote: remote.clone(),
            alerting: AlertingConfig::default(),
            rule_files: rule_files.map(|rules| rules.path.clone()).collect(),
        };
        for file in prometheus {
            in_force.jobs.extend(file.jobs()?);
            in_force.alerting.extend(file.alerting);
        }
        self.dashboards.apply(config).await?;
        // First, so that nothing is scraped and not sent on.
        self.remote.apply(remote).await?;
        self.alerts_out.apply(&in_force.alerting)?;
        self.scraper.apply(in_force.jobs.clone()).await.context("unable to start scraping")?;
        let log = in_force.global.as_ref().and_then(|global| global.query_log_file.clone());
        let log = log.filter(|path| !path.is_empty());
        self.engine.set_query_log(log.map(|path| query_log::to_file(path.into())));
        self.alertmanager.apply(&alertmanager);
        self.rules.apply(rules).await;
        Ok(in_force)
    }
}

/// Handles signals and requests until one asks to end.
pub(super) async fn run(
    mut inbox: mpsc::Receiver<LifecycleRequest>,
    args: &ServeArgs,
    parts: &Parts,
    reloads: &Reloads,
) {
    let mut hangup = listen(SignalKind::hangup());
    let mut terminate = listen(SignalKind::terminate());
    let mut interrupt = listen(SignalKind::interrupt());
    loop {
        tokio::select! {
            () = received(&mut terminate) => return,
            () = received(&mut interrupt) => return,
            () = received(&mut hangup) => {
                if let Err(error) = reload(args, parts, reloads).await {
                    tracing::error!(error = %format!("{error:#}"), "the configuration was not reloaded; the old one stays");
                }
            }
            request = inbox.recv() => match request {
                Some(LifecycleRequest::Reload(answer)) => {
                    let result = reload(args, parts, reloads).await;
                    // The client may have gone; the reload happened all the same.
                    let _ = answer.send(result.map_err(|error| format!("{error:#}")));
                }
                Some(LifecycleRequest::Quit) | None => return,
            },
        }
    }
}

async fn reload(args: &ServeArgs, parts: &Parts, reloads: &Reloads) -> anyhow::Result<()> {
    let config = async {
        let config = super::load(args)?;
        let files = Files::read(&config)?;
        parts.apply(&config, files).await
    };
    reloads.note(config.await)?;
    tracing::info!("the configuration was reloaded");
    Ok(())
}

fn listen(kind: SignalKind) -> Option<Signal> {
    signal(kind).inspect_err(|error| tracing::warn!(%error, "a signal can't be listened to")).ok()
}

async fn received(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => {
            signal.recv().await;
        }
        None => std::future::pending().await,
    }
}
