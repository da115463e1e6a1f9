//! The server: everything wired together, from start to end.

mod alertmanager;
mod alerts_out;
mod dashboards;
mod lifecycle;
mod listeners;
mod query_log;
mod remote;
mod routes;
mod rules;
#[cfg(test)]
mod testing;

use std::sync::Arc;

use anyhow::Context;
use collect::host::HostCollector;
use collect::scrape::{InProcessTarget, Scraper, ScraperOptions};
use pipeline::forward::ForwardMetrics;
use pipeline::{Forwarders, Sink};
use prometheus_client::registry::Registry;
use query::promql::Engine;
use series::Store;
use serve::prometheus::RemoteRead;
use state::Database;
use state::dashboards::Dashboards;
use storage::SeriesStore;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::cli::ServeArgs;
use crate::config::BellwetherConfig;
use crate::self_metrics::SelfMetrics;
use alertmanager::EmbeddedAlertmanager;
use alerts_out::{AlertsOut, Embedded};
use dashboards::DashboardFiles;
use remote::Remote;
use rules::Rules;

/// Runs the server until it is asked to end.
pub(crate) async fn run(args: &ServeArgs) -> anyhow::Result<()> {
    let config = load(args)?;
    let files = lifecycle::Files::read(&config)?;
    // reqwest brings no TLS provider of its own; the one of the process is set once, here.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let listener = serve::listen::bind(config.serve.listen)
        .await
        .context("the main port is needed; choose another with --listen")?;

    let data_dir = &config.storage.data_dir;
    let store = Store::open(config.storage.series.clone(), &data_dir.join("series"))
        .with_context(|| format!("unable to open the data directory {}", data_dir.display()))?;
    let handle: Arc<dyn SeriesStore> = Arc::clone(&store) as _;
    let forwarding = ForwardMetrics::default();
    let forwarders = Arc::new(Forwarders::new(
        Arc::new(disk::FileDisk),
        data_dir.join("forward"),
        config.pipeline.forward_size_max.0,
        forwarding.clone(),
    ));
    let forward = Arc::clone(&forwarders);
    let sink = Sink::new(Arc::clone(&handle)).with_forward(Arc::new(move |b| forward.offer(b)));
    let sink = Arc::new(sink);
    let user_agent = format!("bellwether/{}", env!("CARGO_PKG_VERSION"));
    let scraper =
        Scraper::new(Arc::clone(&sink), ScraperOptions { user_agent: user_agent.clone() });

    let mut registry = Registry::default();
    store.register_metrics(&mut registry);
    scraper.register_metrics(&mut registry);
    let received = receive::ReceiveMetrics::default();
    received.register(&mut registry);
    let remote_write = receive::PrometheusReceiver::new(Arc::clone(&sink), received.clone());
    let otlp =
        receive::OtlpReceiver::new(Arc::clone(&sink), receive::OtlpConfig::default(), received);
    otlp.register_metrics(&mut registry);
    forwarding.register(&mut registry);
    let remote = Remote::new(forwarders, otlp.clone(), &user_agent);
    let remote_read = RemoteRead::new(
        Arc::clone(&handle),
        remote.external_labels(),
        serve::prometheus::remote_read::Limits::default(),
    );
    remote_read.register_metrics(&mut registry);
    let database = Arc::new(Database::open(&data_dir.join("state.db"))?);
    let external_url = config.serve.external_url();
    let alertmanager = EmbeddedAlertmanager::open(
        Arc::clone(&database),
        &files.alertmanager,
        &external_url,
        data_dir,
    )?;
    alertmanager.register_metrics(&mut registry);
    let put = alertmanager.clone();
    let embedded = Embedded {
        url: format!("http://{}/alertmanager/api/v2/alerts", config.serve.listen),
        put: Arc::new(move |alerts| put.put(alerts)),
    };
    let alerts_out = Arc::new(AlertsOut::new(Some(embedded), &user_agent));
    alerts_out.register_metrics(&mut registry);
    let engine = Arc::new(Engine::new(config.query.engine()));
    engine.register_metrics(&mut registry);
    let send_alerts = Arc::clone(&alerts_out);
    let rules = Arc::new(Rules::new(rules::Surroundings {
        engine: Arc::clone(&engine),
        parse_options: config.query.parse_options(),
        store: Arc::clone(&handle),
        sink: Arc::clone(&sink),
        alerts_out: Arc::new(move |alerts| send_alerts.send(alerts)),
        external_labels: remote.external_labels(),
        external_url,
    }));
    rules.register_metrics(&mut registry);
    let metrics = SelfMetrics::new(registry);
    let host =
        HostCollector::new(config.collect.host_files.clone()).context("collect.host_files")?;

    let external_labels = remote.external_labels();
    let stored_dashboards = Dashboards::new(Arc::clone(&database));
    let dashboards = Arc::new(DashboardFiles::new(stored_dashboards.clone()));
    let parts = lifecycle::Parts {
        scraper,
        remote,
        engine: Arc::clone(&engine),
        rules,
        alerts_out,
        alertmanager,
        dashboards,
    };
    let in_force = parts.apply(&config, files).await?;
    watch_itself(&config, &parts.scraper, &host, &metrics)?;

    let (requests, inbox) = mpsc::channel(4);
    let state = lifecycle::Reloads::new(in_force);
    let routes = routes::Routes {
        store: handle,
        engine,
        scraper: Arc::clone(&parts.scraper),
        rules: Arc::clone(&parts.rules),
        alerts_out: Arc::clone(&parts.alerts_out),
        alertmanager: parts.alertmanager.clone(),
        dashboards: stored_dashboards,
        database,
        metrics,
        host,
        remote_write,
        otlp,
        remote_read,
        external_labels,
        lifecycle: requests,
        reloads: state.clone(),
        config: config.clone(),
    };
    let cancel = CancellationToken::new();
    tokio::spawn(Arc::clone(&parts.dashboards).watch(cancel.clone()));
    let notifying = CancellationToken::new();
    let notifier = tokio::spawn(parts.alertmanager.clone().run(notifying.clone()));
    let serving = listeners::start(listener, &config, &routes, &cancel).await;
    tracing::info!(url = %format!("http://{}", config.serve.listen), "Bellwether is ready");

    lifecycle::run(inbox, args, &parts, &state).await;

    tracing::info!("ending: draining requests, flushing what is in memory");
    cancel.cancel();
    parts.scraper.shutdown().await;
    parts.rules.shutdown().await;
    parts.alerts_out.shutdown().await;
    for task in serving {
        let _ = task.await;
    }
    // Last, with all that the others sent.
    notifying.cancel();
    notifier.await.context("the Alertmanager's loop")?;
    parts.remote.forwarders.shutdown().await;
    tokio::task::spawn_blocking(move || store.shutdown())
        .await
        .context("flushing the store")?
        .context("flushing the store; the log still has everything")
}

/// The configuration of file, environment and command line together.
fn load(args: &ServeArgs) -> anyhow::Result<BellwetherConfig> {
    let mut config = BellwetherConfig::read(args.config.as_deref())?;
    config.override_by(args);
    config.check()?;
    Ok(config)
}

fn watch_itself(
    config: &BellwetherConfig,
    scraper: &Scraper,
    host: &HostCollector,
    metrics: &SelfMetrics,
) -> anyhow::Result<()> {
    let listen = config.serve.listen;
    let timeout = config.collect.interval;
    let hostname = rustix::system::uname().nodename().to_string_lossy().into_owned();
    if config.collect.itself {
        let metrics = metrics.clone();
        scraper.scrape_in_process(InProcessTarget {
            job: "bellwether".to_owned(),
            instance: listen.to_string(),
            url: format!("http://{listen}/metrics").parse().context("the main address")?,
            gather: Arc::new(move || metrics.gather()),
            interval: config.collect.interval,
            timeout,
        });
    }
    if config.collect.host {
        let host = host.clone();
        scraper.scrape_in_process(InProcessTarget {
            job: "node".to_owned(),
            instance: hostname,
            url: format!("http://{}:9100/metrics", listen.ip())
                .parse()
                .context("the host's address")?,
            gather: Arc::new(move || host.gather()),
            interval: config.collect.interval,
            timeout,
        });
    }
    Ok(())
}
