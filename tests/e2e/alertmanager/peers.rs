//! A real Prometheus sends its alerts to us.

use super::server;
use crate::harness::{Peer, Sink, eventually, has_peer};

#[test]
fn a_real_prometheus_alerts_through_us() {
    if !has_peer("prometheus") {
        return;
    }
    let sink = Sink::http();
    let dir = tempfile::tempdir().unwrap();
    let server = server(
        dir.path(),
        &format!(
            "route: {{receiver: web, group_wait: 0s}}\n\
             receivers: [{{name: web, webhook_configs: [{{url: '{}'}}]}}]\n",
            sink.url("/web")
        ),
    );
    let rules = dir.path().join("rules.yml");
    std::fs::write(
        &rules,
        "groups: [{name: g, interval: 1s, rules: [{alert: Always, expr: vector(7), labels: \
         {severity: page}, annotations: {summary: 'it is {{ $value }}'}}]}]\n",
    )
    .unwrap();
    let config = format!(
        "global: {{evaluation_interval: 1s, external_labels: {{site: home}}}}\n\
         rule_files: ['{}']\n\
         alerting: {{alertmanagers: [{{path_prefix: /alertmanager, static_configs: [{{targets: ['127.0.0.1:{}']}}]}}]}}\n",
        rules.display(),
        server.port()
    );
    let _peer = Peer::prometheus(dir.path(), &config, &["--rules.alert.resend-delay=1s"]);
    eventually("the alert arrives and is notified", || !sink.at("/web").is_empty());
    let alerts = server.get("/alertmanager/api/v2/alerts").json();
    assert_eq!(alerts[0]["labels"]["site"], "home");
    let notification = sink.at("/web")[0].json();
    assert_eq!(notification["alerts"][0]["annotations"]["summary"], "it is 7");
    assert_eq!(notification["alerts"][0]["fingerprint"], alerts[0]["fingerprint"]);
    eventually("it is counted", || {
        server.get("/metrics").body.contains("bellwether_notification_log_entries 1")
    });
    let metrics = server.get("/metrics").body;
    for line in [
        "bellwether_alertmanager_alerts{state=\"active\"} 1",
        "bellwether_notifications_sent_total{integration=\"webhook\",receiver=\"web\"} 1",
    ] {
        assert!(metrics.contains(line), "{line} is not in:\n{metrics}");
    }
}
