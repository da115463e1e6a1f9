//! A Docker daemon of our own, behind TCP and behind a socket.

use std::collections::HashMap;

use axum::Router;
use axum::extract::Query;
use axum::routing::get;
use serde_json::{Value, json};

use super::super::updates::tests::{next_shown, updates};
use super::*;

fn containers() -> Value {
    let port = |private: u16, kind: &str| json!({"PrivatePort": private, "Type": kind});
    json!([
        {
            "Id": "c1", "Names": ["/web"], "Labels": {"com.x/y": "z"},
            "Ports": [
                {"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"},
                port(53, "udp"), port(81, "tcp"),
            ],
            "HostConfig": {"NetworkMode": "front"},
            "NetworkSettings": {"Networks": {
                "front": {"NetworkID": "n1", "IPAddress": "172.18.0.2"},
                "back": {"NetworkID": "n2", "IPAddress": "172.19.0.2"},
            }},
        },
        {
            "Id": "c2", "Names": ["/sidecar"], "Ports": [],
            "HostConfig": {"NetworkMode": "container:c1"}, "NetworkSettings": {"Networks": {}},
        },
        {
            "Id": "c3", "Names": ["/host"], "HostConfig": {"NetworkMode": "host"},
            "NetworkSettings": {"Networks": {"host": {"NetworkID": "n3", "IPAddress": ""}}},
        },
        {"Id": "c4", "Names": []},
        {"Id": "c5", "Names": ["/circle"], "HostConfig": {"NetworkMode": "container:c5"}},
    ])
}

fn router() -> Router {
    let list = async |Query(query): Query<HashMap<String, String>>| {
        assert_eq!(query["filters"], r#"{"label":["a","b"],"status":["running"]}"#);
        axum::Json(containers())
    };
    let networks = json!([
        {"Id": "n1", "Name": "front", "Scope": "local", "Labels": {"l.1": "v"}},
        {"Id": "n2", "Name": "back", "Scope": "local", "Internal": true},
        {"Id": "n3", "Name": "host", "Scope": "local"},
    ]);
    Router::new()
        .route("/containers/json", get(list))
        .route("/networks", get(async move || axum::Json(networks)))
}

const FILTERS: &str = "filters: [{name: label, values: [a, b]}, {name: status, values: [running]}]";

async fn found(host: &str, rest: &str) -> Vec<String> {
    let config: Config =
        serde_saphyr::from_str(&format!("host: {host}\n{FILTERS}\n{rest}\n")).unwrap();
    config.check().unwrap();
    let (updates, mut receiver) = updates();
    let task = tokio::spawn(run(config, updates));
    let lines = next_shown(&mut receiver).await;
    task.abort();
    lines
}

#[tokio::test]
async fn containers_over_tcp() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = format!("tcp://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router()).await });
    // By name `back` is the first network.
    let back = r#"__meta_docker_network_id="n2", __meta_docker_network_ingress="false", __meta_docker_network_internal="true", __meta_docker_network_ip="172.19.0.2", __meta_docker_network_name="back", __meta_docker_network_scope="local""#;
    let web = r#"__meta_docker_container_id="c1", __meta_docker_container_label_com_x_y="z", __meta_docker_container_name="/web", __meta_docker_container_network_mode="front""#;
    let mut want = vec![
        format!(r#"  {{__address__="172.19.0.2:80", {web}, {back}, __meta_docker_port_private="80", __meta_docker_port_public="8080", __meta_docker_port_public_ip="0.0.0.0"}}"#),
        format!(r#"  {{__address__="172.19.0.2:81", {web}, {back}, __meta_docker_port_private="81"}}"#),
        format!(r#"  {{__address__="172.19.0.2:9", __meta_docker_container_id="c2", __meta_docker_container_name="/sidecar", __meta_docker_container_network_mode="container:c1", {back}}}"#),
        r#"  {__address__="me", __meta_docker_container_id="c3", __meta_docker_container_name="/host", __meta_docker_container_network_mode="host", __meta_docker_network_id="n3", __meta_docker_network_ingress="false", __meta_docker_network_internal="false", __meta_docker_network_name="host", __meta_docker_network_scope="local"}"#.to_owned(),
    ];
    let mut lines = found(&host, "port: 9\nhost_networking_host: me").await;
    assert_eq!(lines.remove(0), "Docker {}");
    lines.sort();
    want.sort();
    assert_eq!(lines, want);
    let all = found(&host, "match_first_network: false").await;
    let front = all.iter().filter(|line| line.contains(r#"__meta_docker_network_label_l_1="v""#));
    assert_eq!((all.len(), front.count()), (1 + 4 + 2 + 1, 3));
}

#[tokio::test]
async fn containers_over_the_socket() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("docker.sock");
    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    tokio::spawn(async move { axum::serve(listener, router()).await });
    let lines = found(&format!("unix://{}", path.display()), "").await;
    assert_eq!(lines.len(), 5, "{lines:#?}");
}

#[test]
fn what_can_be_meant() {
    let check = |yaml: &str| serde_saphyr::from_str::<Config>(yaml).unwrap().check();
    for yaml in ["host: unix:///x", "host: tcp://h:1", "host: https://h"] {
        assert!(check(yaml).is_ok(), "{yaml}");
    }
    for yaml in ["{}", "host: ssh://h", "host: 'tcp://a b'"] {
        assert!(check(yaml).is_err(), "{yaml}");
    }
}
