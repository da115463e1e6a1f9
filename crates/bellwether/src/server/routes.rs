//! Which router answers where.

use std::sync::Arc;

use axum::Router;
use axum::http::header;
use axum::response::Redirect;
use axum::routing::get;
use collect::host::HostCollector;
use collect::scrape::Scraper;
use model::{Labels, Timestamp};
use query::promql::Engine;
use receive::{OtlpReceiver, PrometheusReceiver};
use serve::grafana::GrafanaState;
use serve::prometheus::{
    Federation, LifecycleRequest, PrometheusState, RelabelSteps, RemoteRead, ServerInfo,
};
use state::Database;
use state::annotations::Annotations;
use state::dashboards::Dashboards;
use state::preferences::Preferences;
use storage::SeriesStore;
use tokio::sync::mpsc;

use super::alertmanager::EmbeddedAlertmanager;
use super::alerts_out::AlertsOut;
use super::lifecycle::Reloads;
use super::rules::Rules;
use crate::config::BellwetherConfig;
use crate::self_metrics::SelfMetrics;
use crate::targets_view;

/// The Prometheus whose API this is. Clients ask for the version to learn what they
/// may call: Grafana, for one, filters label values only from 2.24 on.
const PROMETHEUS_VERSION: &str = "3.5.0";
/// The content type of text format 0.0.4.
const TEXT: [(header::HeaderName, &str); 1] =
    [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];

/// The handles that routers are made of.
pub(super) struct Routes {
    pub(super) store: Arc<dyn SeriesStore>,
    pub(super) engine: Arc<Engine>,
    pub(super) scraper: Arc<Scraper>,
    pub(super) rules: Arc<Rules>,
    pub(super) alerts_out: Arc<AlertsOut>,
    pub(super) alertmanager: EmbeddedAlertmanager,
    pub(super) dashboards: Dashboards,
    pub(super) database: Arc<Database>,
    pub(super) metrics: SelfMetrics,
    pub(super) host: HostCollector,
    pub(super) remote_write: PrometheusReceiver,
    pub(super) otlp: OtlpReceiver,
    pub(super) remote_read: RemoteRead,
    pub(super) external_labels: Arc<dyn Fn() -> Labels + Send + Sync>,
    pub(super) lifecycle: mpsc::Sender<LifecycleRequest>,
    pub(super) reloads: Reloads,
    pub(super) config: BellwetherConfig,
}

impl Routes {
    /// The main port: everything.
    pub(super) fn main(&self) -> Router {
        Router::new()
            .nest("/prometheus", self.prometheus())
            .merge(self.prometheus())
            .nest("/otlp", self.otlp.router())
            .nest("/alertmanager", self.alertmanager())
            .nest("/grafana", serve::grafana::prefixed_router(self.grafana()))
            .merge(serve::grafana::router(self.grafana()))
            .nest(
                "/api/bellwether/v1/alerting",
                serve::alertmanager::own_router(self.alertmanager.api(self.lifecycle.clone())),
            )
            .merge(self.metrics())
            .fallback_service(serve::ui::router())
    }

    /// Prometheus' own port.
    pub(super) fn prometheus_port(&self) -> Router {
        self.prometheus().merge(self.metrics())
    }

    /// OTLP's port over HTTP.
    pub(super) fn otlp_port(&self) -> Router {
        self.otlp.router()
    }

    /// Alertmanager's port; who opens its page gets ours.
    pub(super) fn alertmanager_port(&self) -> Router {
        let page = Redirect::temporary(&format!("{}/alerts", self.config.serve.external_url()));
        self.alertmanager().merge(self.metrics()).route("/", get(move || async move { page }))
    }

    /// node_exporter's port.
    pub(super) fn host_port(&self) -> Router {
        let host = self.host.clone();
        let gather = move || {
            let host = host.clone();
            async move {
                let text = tokio::task::spawn_blocking(move || host.gather()).await;
                (TEXT, text.unwrap_or_default())
            }
        };
        Router::new().route("/metrics", get(gather))
    }

    fn alertmanager(&self) -> Router {
        serve::alertmanager::router(self.alertmanager.api(self.lifecycle.clone()))
    }

    fn grafana(&self) -> GrafanaState {
        GrafanaState {
            dashboards: self.dashboards.clone(),
            annotations: Annotations::new(Arc::clone(&self.database)),
            preferences: Preferences::new(Arc::clone(&self.database)),
            prometheus: self.prometheus(),
        }
    }

    fn metrics(&self) -> Router {
        let metrics = self.metrics.clone();
        Router::new().route("/metrics", get(move || async move { (TEXT, metrics.gather()) }))
    }

    fn prometheus(&self) -> Router {
        let scraper = Arc::clone(&self.scraper);
        let (rules, alerts_out) = (Arc::clone(&self.rules), Arc::clone(&self.alerts_out));
        let state = PrometheusState {
            store: Arc::clone(&self.store),
            engine: Arc::clone(&self.engine),
            targets: Arc::new(move || targets_view::view(scraper.targets())),
            rules: Arc::new(move || rules.groups()),
            alertmanagers: Arc::new(move || alerts_out.view()),
            info: Arc::new(self.info()),
            lifecycle: self.lifecycle.clone(),
            is_admin_enabled: self.config.serve.enable_admin_api,
        };
        let federation = Federation {
            store: Arc::clone(&self.store),
            external_labels: Arc::clone(&self.external_labels),
        };
        let reloads = self.reloads.clone();
        let relabel_steps =
            RelabelSteps { apply: Arc::new(move |job, labels| reloads.relabel_steps(job, labels)) };
        serve::prometheus::router(state)
            .merge(relabel_steps.router())
            .merge(federation.router())
            .merge(self.remote_read.clone().router())
            .merge(self.remote_write.router())
            .merge(self.otlp.prometheus_router())
    }

    fn info(&self) -> ServerInfo {
        let version = env!("CARGO_PKG_VERSION");
        let config = &self.config;
        let (yaml, last) = (self.reloads.clone(), self.reloads.clone());
        let flags = [
            ("data-dir", config.storage.data_dir.display().to_string()),
            ("listen", config.serve.listen.to_string()),
            ("ports", format!("{:?}", config.serve.ports).to_lowercase()),
            ("enable-admin-api", config.serve.enable_admin_api.to_string()),
            // Those that clients of Prometheus look for, under its names.
            ("storage.tsdb.path", config.storage.data_dir.display().to_string()),
            ("storage.tsdb.retention.time", config.storage.series.retention_time.to_string()),
            ("web.enable-admin-api", config.serve.enable_admin_api.to_string()),
            ("web.enable-lifecycle", true.to_string()),
            ("web.enable-remote-write-receiver", true.to_string()),
            ("web.listen-address", config.serve.listen.to_string()),
        ];
        let flags = flags.into_iter().chain(config.query.flags());
        ServerInfo {
            build: [
                ("version", PROMETHEUS_VERSION),
                ("bellwether", version),
                ("revision", version),
                ("branch", ""),
                ("buildUser", ""),
                ("buildDate", ""),
                ("goVersion", ""),
            ]
            .map(|(name, value)| (name, value.to_owned()))
            .into(),
            flags: flags.map(|(name, value)| (name.to_owned(), value)).collect(),
            config_yaml: Arc::new(move || yaml.config_yaml()),
            started: Timestamp::now(),
            working_dir: std::env::current_dir().unwrap_or_default().display().to_string(),
            retention: match config.storage.series.retention_size {
                Some(size) => format!("{} or {size}", config.storage.series.retention_time),
                None => config.storage.series.retention_time.to_string(),
            },
            hostname: rustix::system::uname().nodename().to_string_lossy().into_owned(),
            last_reload: Arc::new(move || last.last()),
        }
    }
}
