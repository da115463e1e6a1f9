//! Alerts on their way to Alertmanagers that take them, refuse them, and hang.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::post;
use model::Labels;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::metrics::AlertmanagerLabels;
use super::queue::{BATCH_MAX, QUEUE_MAX};
use super::*;
use crate::server::testing::until;

/// A server that hands on the alerts that it is sent, and answers `status`.
struct Sink {
    address: SocketAddr,
    taken: mpsc::UnboundedReceiver<Vec<PostedAlert>>,
}

impl Sink {
    async fn start(status: StatusCode) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, taken) = mpsc::unbounded_channel();
        let take = move |body: Bytes| {
            let sender = sender.clone();
            async move {
                sender.send(alerting::alertmanager::wire::decode(&body).unwrap()).unwrap();
                (status, "so it is")
            }
        };
        let router = Router::new().route("/api/v2/alerts", post(take));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, taken }
    }

    async fn next(&mut self) -> Vec<PostedAlert> {
        let next = tokio::time::timeout(Duration::from_secs(20), self.taken.recv());
        next.await.expect("no alerts came").unwrap()
    }
}

fn alert(name: &str) -> PostedAlert {
    PostedAlert {
        labels: Labels::from_pairs([("alertname", name), ("replica", "a")]),
        annotations: [("summary".to_owned(), "s".to_owned())].into(),
        starts_at: None,
        ends_at: None,
        generator_url: String::new(),
    }
}

fn names(alerts: &[PostedAlert]) -> Vec<&str> {
    alerts.iter().map(|alert| alert.labels.get("alertname").unwrap_or("")).collect()
}

fn out(embedded: Option<Embedded>) -> AlertsOut {
    let _ = rustls::crypto::ring::default_provider().install_default();
    AlertsOut::new(embedded, "test")
}

fn config(yaml: &str) -> AlertingConfig {
    serde_saphyr::from_str(yaml).unwrap()
}

#[tokio::test]
async fn all_hear_of_alerts_as_relabelling_leaves_them() {
    let (mut first, mut second) =
        (Sink::start(StatusCode::OK).await, Sink::start(StatusCode::OK).await);
    let (sender, mut embedded) = mpsc::unbounded_channel();
    let put = move |alerts| sender.send(alerts).unwrap();
    let out = out(Some(Embedded { url: "http://here".to_owned(), put: Arc::new(put) }));
    let yaml = format!(
        "alert_relabel_configs: [{{regex: replica, action: labeldrop}}, \
         {{source_labels: [alertname], regex: Dropped, action: drop}}]
alertmanagers:
- static_configs: [{{targets: ['{}']}}]
- static_configs: [{{targets: ['{}', 'nobody:1']}}]
  relabel_configs: [{{source_labels: [__address__], regex: 'nobody.*', action: drop}}]
  alert_relabel_configs: [{{source_labels: [alertname], regex: A, action: drop}}]
",
        first.address, second.address
    );
    out.apply(&config(&yaml)).unwrap();
    until("both are found", || out.view().active.len() == 3).await;
    let url = |sink: &Sink| format!("http://{}/api/v2/alerts", sink.address);
    assert_eq!(out.view().active, ["http://here".to_owned(), url(&first), url(&second)]);
    assert_eq!(out.view().dropped, ["http://nobody:1/api/v2/alerts"]);
    out.send(vec![alert("A"), alert("B"), alert("Dropped")]);
    let heard = first.next().await;
    assert_eq!(names(&heard), ["A", "B"]);
    assert_eq!(heard[0].labels.get("replica"), None);
    assert_eq!(names(&second.next().await), ["B"]);
    assert_eq!(names(&embedded.recv().await.unwrap()), ["A", "B"]);
}

#[tokio::test]
async fn one_that_refuses_keeps_no_other_waiting() {
    let (mut bad, mut good) =
        (Sink::start(StatusCode::INTERNAL_SERVER_ERROR).await, Sink::start(StatusCode::OK).await);
    let hung = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let out = out(None);
    let yaml = format!(
        "alertmanagers: [{{static_configs: [{{targets: ['{}', '{}', '{}']}}]}}]",
        bad.address,
        good.address,
        hung.local_addr().unwrap()
    );
    out.apply(&config(&yaml)).unwrap();
    until("all are found", || out.view().active.len() == 3).await;
    out.send((0..BATCH_MAX + 1).map(|index| alert(&format!("{index}"))).collect());
    assert_eq!(good.next().await.len(), BATCH_MAX);
    assert_eq!(good.next().await.len(), 1);
    assert_eq!(bad.next().await.len() + bad.next().await.len(), BATCH_MAX + 1);
    let labels = |sink: &Sink| AlertmanagerLabels {
        alertmanager: format!("http://{}/api/v2/alerts", sink.address),
    };
    let all = BATCH_MAX as u64 + 1;
    let metrics = out.metrics.clone();
    until("it is counted", || {
        metrics.errors.get_or_create(&labels(&bad)).get() == all
            && metrics.sent.get_or_create(&labels(&good)).get() == all
    })
    .await;
    assert_eq!(metrics.dropped.get_or_create(&labels(&bad)).get(), all);
    assert_eq!(metrics.sent.get_or_create(&labels(&bad)).get(), 0);
}

#[tokio::test]
async fn the_oldest_give_way_where_too_many_wait() {
    let hung = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = hung.local_addr().unwrap();
    let out = out(None);
    let yaml = format!("alertmanagers: [{{static_configs: [{{targets: ['{address}']}}]}}]");
    out.apply(&config(&yaml)).unwrap();
    until("it is found", || out.view().active.len() == 1).await;
    out.send(vec![alert("first")]);
    // It waits for an answer to the first, which does not come.
    let (_connection, _) = hung.accept().await.unwrap();
    out.send((0..QUEUE_MAX + 7).map(|index| alert(&format!("{index}"))).collect());
    let labels = AlertmanagerLabels { alertmanager: format!("http://{address}/api/v2/alerts") };
    assert_eq!(out.metrics.dropped.get_or_create(&labels).get(), 7);
    assert_eq!(out.metrics.queue_length.get_or_create(&labels).get(), QUEUE_MAX as i64);
}

#[tokio::test]
async fn a_reload_keeps_what_is_the_same_and_the_end_sends_what_waits() {
    let (mut kept, gone) = (Sink::start(StatusCode::OK).await, Sink::start(StatusCode::OK).await);
    let out = out(None);
    let entry = |sink: &Sink| format!("- static_configs: [{{targets: ['{}']}}]\n", sink.address);
    let both = format!("alertmanagers:\n{}{}", entry(&gone), entry(&kept));
    out.apply(&config(&both)).unwrap();
    until("both are found", || out.metrics.discovered.get() == 2).await;
    out.apply(&config(&format!("alertmanagers:\n{}", entry(&kept)))).unwrap();
    // At once: what stays is not looked for again.
    assert_eq!(out.view().active, [format!("http://{}/api/v2/alerts", kept.address)]);
    let wrong = config("alertmanagers: [{tls_config: {ca_file: /nowhere}}]");
    assert!(out.apply(&wrong).is_err());
    out.send((0..2 * BATCH_MAX).map(|index| alert(&format!("{index}"))).collect());
    out.shutdown().await;
    assert_eq!(kept.next().await.len() + kept.next().await.len(), 2 * BATCH_MAX);
    assert_eq!(out.metrics.discovered.get(), 0);
    assert!(out.view().active.is_empty());
}
