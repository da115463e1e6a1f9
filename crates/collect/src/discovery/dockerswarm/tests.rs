//! A manager of our own. The labels of every role are compared with those of a
//! real Prometheus too, in `tests/prometheus.rs`.

use axum::Router;
use axum::routing::get;
use serde_json::json;

use super::super::updates::tests::{next_shown, updates};
use super::*;

async fn found(role: &str) -> Vec<String> {
    let services = json!([{
        "ID": "s1",
        "Spec": {"Name": "web", "Labels": null, "Mode": {"Global": {}}},
        "Endpoint": {
            "Ports": [{"Protocol": "udp", "PublishedPort": 53}],
            "VirtualIPs": [{"NetworkID": "n1", "Addr": "10.0.0.2/24"}],
        },
    }]);
    let tasks = json!([{
        "ID": "t1", "ServiceID": "s1", "NodeID": "gone", "Slot": 2, "DesiredState": "running",
        "Spec": {"ContainerSpec": {"Labels": {"a.b": "c"}}},
        "Status": {"State": "running", "ContainerStatus": {"ContainerID": "c1"}, "PortStatus": {}},
        "NetworksAttachments": [{"Network": {"ID": "n1"}, "Addresses": ["10.0.0.3/24", "fd00::3/64"]}],
    }]);
    let nodes = json!([{"ID": "m1", "Status": {"State": "ready", "Addr": "fd00::1"}}]);
    let networks = json!([{"Id": "n1", "Name": "net", "Scope": "swarm"}]);
    let router = Router::new()
        .route("/services", get(async move || axum::Json(services)))
        .route("/tasks", get(async move || axum::Json(tasks)))
        .route("/nodes", get(async move || axum::Json(nodes)))
        .route("/networks", get(async move || axum::Json(networks)));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = format!("tcp://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let config: Config =
        serde_saphyr::from_str(&format!("{{host: '{host}', role: {role}, port: 9}}")).unwrap();
    config.check().unwrap();
    let (updates, mut receiver) = updates();
    let task = tokio::spawn(run(config, updates));
    let lines = next_shown(&mut receiver).await;
    task.abort();
    lines
}

const NETWORK: &str = r#"__meta_dockerswarm_network_id="n1", __meta_dockerswarm_network_ingress="false", __meta_dockerswarm_network_internal="false", __meta_dockerswarm_network_name="net", __meta_dockerswarm_network_scope="swarm""#;
const SERVICE: &str = r#"__meta_dockerswarm_service_id="s1", __meta_dockerswarm_service_mode="global", __meta_dockerswarm_service_name="web""#;

#[tokio::test]
async fn what_publishes_no_port_gets_the_configured_one() {
    assert_eq!(
        found("services").await,
        [
            "DockerSwarm {}".to_owned(),
            format!(r#"  {{__address__="10.0.0.2:9", {NETWORK}, {SERVICE}}}"#),
        ]
    );
    let task = r#"__meta_dockerswarm_task_container_id="c1", __meta_dockerswarm_task_desired_state="running", __meta_dockerswarm_task_id="t1", __meta_dockerswarm_task_slot="2", __meta_dockerswarm_task_state="running""#;
    let of = |address: &str| {
        format!(
            r#"  {{__address__="{address}", __meta_dockerswarm_container_label_a_b="c", {NETWORK}, {SERVICE}, {task}}}"#
        )
    };
    let mut lines = found("tasks").await;
    lines[1..].sort();
    assert_eq!(lines[1..], [of("10.0.0.3:9"), of("[fd00::3]:9")]);
    assert_eq!(
        found("nodes").await[1],
        r#"  {__address__="[fd00::1]:9", __meta_dockerswarm_node_address="fd00::1", __meta_dockerswarm_node_id="m1", __meta_dockerswarm_node_status="ready"}"#
    );
}

#[test]
fn what_can_be_meant() {
    let check = |yaml: &str| serde_saphyr::from_str::<Config>(yaml).unwrap().check();
    assert!(check("{host: 'unix:///x', role: tasks}").is_ok());
    assert!(check("{role: tasks}").is_err());
    assert!(check("host: unix:///x").is_err());
    assert!(serde_saphyr::from_str::<Config>("{host: 'unix:///x', role: pods}").is_err());
}
