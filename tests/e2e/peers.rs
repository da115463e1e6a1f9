//! Real peers: Prometheus writes to us, promtool asks us.

use std::process::{Command, Stdio};

use crate::harness::{Peer, Server, eventually, has_peer};

#[test]
fn a_real_prometheus_writes_to_us() {
    if !has_peer("prometheus") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &[]);
    let config = format!(
        "global: {{scrape_interval: 1s}}\n\
         scrape_configs: [{{job_name: peer, static_configs: [{{targets: ['127.0.0.1:{{port}}']}}]}}]\n\
         remote_write: [{{url: 'http://127.0.0.1:{}/api/v1/write'}}]\n",
        server.port()
    );
    let _peer = Peer::prometheus(dir.path(), &config, &[]);
    eventually("the peer's own metrics arrive", || {
        let up = server.query("up{job=\"peer\"} == 1");
        up.as_array().is_some_and(|up| up.len() == 1)
    });
    eventually("all of them", || {
        !server.query("prometheus_build_info").as_array().unwrap().is_empty()
    });
}

#[test]
fn promtool_asks_us() {
    if !has_peer("promtool") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &[]);
    eventually("both targets are stored", || server.query("up").as_array().unwrap().len() == 2);
    let url = format!("http://127.0.0.1:{}", server.port());
    let ask = |args: &[&str]| {
        let output = Command::new("promtool").args(args).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert!(ask(&["query", "instant", &url, "up"]).contains("up{"));
    assert!(ask(&["query", "labels", &url, "job"]).contains("bellwether"));
    assert!(ask(&["query", "series", "--match=up", &url]).contains("bellwether"));
    let metrics = server.get("/metrics").body;
    let mut check = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut check.stdin.take().unwrap(), metrics.as_bytes()).unwrap();
    let output = check.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
