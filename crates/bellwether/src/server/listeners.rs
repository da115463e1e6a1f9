//! Ports: the main one and those that clients know.

use std::net::SocketAddr;

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::routes::Routes;
use crate::cli::Ports;
use crate::config::BellwetherConfig;

/// Serves the main port and, where they are free, the standard ones.
pub(super) async fn start(
    main: TcpListener,
    config: &BellwetherConfig,
    routes: &Routes,
    cancel: &CancellationToken,
) -> Vec<JoinHandle<()>> {
    let mut tasks = vec![spawn(main, routes.main(), cancel)];
    if config.serve.ports == Ports::None {
        return tasks;
    }
    let standard = [
        (4318, "OTLP over HTTP", routes.otlp_port()),
        (9090, "Prometheus", routes.prometheus_port()),
        (9093, "Alertmanager", routes.alertmanager_port()),
        (9100, "host metrics", routes.host_port()),
    ];
    for (port, dialect, router) in standard {
        let address = SocketAddr::new(config.serve.listen.ip(), port);
        if address == config.serve.listen {
            continue;
        }
        match serve::listen::bind(address).await {
            Ok(listener) => tasks.push(spawn(listener, router, cancel)),
            Err(error) => tracing::warn!(
                port, dialect, %error,
                "a standard port is not served; the same is on the main port (--ports none silences this)"
            ),
        }
    }
    tasks
}

fn spawn(listener: TcpListener, router: Router, cancel: &CancellationToken) -> JoinHandle<()> {
    tokio::spawn(serve::listen::serve(listener, router, cancel.clone()))
}
