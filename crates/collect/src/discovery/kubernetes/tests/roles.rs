//! The labels of each role, all of them, and how changes of other objects reach them.

use serde_json::{Value, json};

use super::following::start;
use super::server::Server;
use crate::discovery::updates::tests::{next, next_shown};

pub(super) fn node() -> Value {
    json!({
        "metadata": {
            "name": "n1",
            "labels": {"zone.io/name": "z", "spot": ""},
            "annotations": {"note": "x"},
        },
        "spec": {"providerID": "aws:///i-1"},
        "status": {
            "addresses": [
                {"type": "Hostname", "address": "n1.local"},
                {"type": "InternalIP", "address": "10.1.0.1"},
                {"type": "InternalIP", "address": "fd00::1"},
            ],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
        },
    })
}

fn namespace() -> Value {
    json!({"metadata": {"name": "ns", "labels": {"team": "a"}, "annotations": {"cost": "1"}}})
}

pub(super) fn pod() -> Value {
    json!({
        "metadata": {
            "name": "p1", "namespace": "ns", "uid": "u-1",
            "labels": {"app": "web"},
            "annotations": {"prometheus.io/scrape": "true"},
            "ownerReferences": [
                {"kind": "Other", "name": "o"},
                {"kind": "ReplicaSet", "name": "rs", "controller": true},
            ],
        },
        "spec": {
            "nodeName": "n1",
            "containers": [
                {"name": "web", "image": "web:1", "ports": [
                    {"name": "http", "containerPort": 80, "protocol": "TCP"},
                    {"name": "metrics", "containerPort": 9090, "protocol": "TCP"},
                ]},
                {"name": "plain", "image": "plain:1", "ports": null},
            ],
            "initContainers": [{"name": "mesh", "image": "mesh:1", "ports": [{"containerPort": 15020}]}],
        },
        "status": {
            "phase": "Running", "podIP": "10.0.0.5", "hostIP": "10.1.0.1",
            "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [{"name": "web", "containerID": "docker://w"}],
            "initContainerStatuses": [{"name": "mesh", "containerID": "docker://m"}],
        },
    })
}

pub(super) fn service(kind: &str) -> Value {
    json!({
        "metadata": {
            "name": "web", "namespace": "ns",
            "labels": {"app": "web"}, "annotations": {"a-b": "c"},
        },
        "spec": {
            "type": kind, "clusterIP": "10.2.0.1", "loadBalancerIP": "1.2.3.4",
            "externalName": "web.example",
            "ports": [{"name": "http", "port": 80, "protocol": "TCP"}],
        },
    })
}

pub(super) fn endpoints_object() -> Value {
    let target = json!({"kind": "Pod", "namespace": "ns", "name": "p1"});
    json!({
        "metadata": {"name": "web", "namespace": "ns", "labels": {"l": "1"}},
        "subsets": [{
            "addresses": [{"ip": "10.0.0.5", "nodeName": "n1", "targetRef": target}],
            "notReadyAddresses": [{"ip": "10.0.0.6", "hostname": "h"}],
            "ports": [{"name": "http", "port": 80, "protocol": "TCP"}],
        }],
    })
}

pub(super) fn slice_object() -> Value {
    json!({
        "metadata": {
            "name": "web-x", "namespace": "ns",
            "labels": {"kubernetes.io/service-name": "web"},
        },
        "addressType": "IPv4",
        "endpoints": [
            {
                "addresses": ["10.0.0.5"],
                "conditions": {"ready": true, "serving": true, "terminating": false},
                "hostname": "h", "nodeName": "n1", "zone": "z1",
                "targetRef": {"kind": "Pod", "namespace": "ns", "name": "p1"},
                "deprecatedTopology": {"a/b": "c"},
            },
            {"addresses": ["10.1.0.1"], "targetRef": {"kind": "Node", "name": "n1"}},
        ],
        "ports": [{"name": "http", "port": 80, "protocol": "TCP", "appProtocol": "h2c"}],
    })
}

pub(super) fn ingress_object() -> Value {
    json!({
        "metadata": {
            "name": "in", "namespace": "ns", "labels": {"a": "1"}, "annotations": {"b": "2"},
        },
        "spec": {
            "ingressClassName": "nginx",
            "tls": [{"hosts": ["*.example.org"]}, {}],
            "rules": [
                {"host": "a.example.org", "http": {"paths": [{"path": "/x"}, {"path": ""}]}},
                {"host": "plain.org"},
            ],
        },
    })
}

/// `{a="1", b="2"}` from lines of `a="1"`, each with `__meta_kubernetes_` in front.
fn meta(lines: &[&str]) -> String {
    let mut lines: Vec<String> = lines
        .iter()
        .map(|line| match line.strip_prefix('!') {
            Some(plain) => plain.to_owned(),
            None => format!("__meta_kubernetes_{line}"),
        })
        .collect();
    lines.sort();
    format!("{{{}}}", lines.join(", "))
}

const NODE: [&str; 5] = [
    r#"node_name="n1""#,
    r#"node_label_zone_io_name="z""#,
    r#"node_labelpresent_zone_io_name="true""#,
    r#"node_labelpresent_spot="true""#,
    r#"node_provider_id="aws:///i-1""#,
];

const NAMESPACE: [&str; 4] = [
    r#"namespace_label_team="a""#,
    r#"namespace_labelpresent_team="true""#,
    r#"namespace_annotation_cost="1""#,
    r#"namespace_annotationpresent_cost="true""#,
];

const POD: [&str; 13] = [
    r#"pod_name="p1""#,
    r#"pod_ip="10.0.0.5""#,
    r#"pod_ready="true""#,
    r#"pod_phase="Running""#,
    r#"pod_node_name="n1""#,
    r#"pod_host_ip="10.1.0.1""#,
    r#"pod_uid="u-1""#,
    r#"pod_controller_kind="ReplicaSet""#,
    r#"pod_controller_name="rs""#,
    r#"pod_label_app="web""#,
    r#"pod_labelpresent_app="true""#,
    r#"pod_annotation_prometheus_io_scrape="true""#,
    r#"pod_annotationpresent_prometheus_io_scrape="true""#,
];

const SERVICE: [&str; 5] = [
    r#"service_name="web""#,
    r#"service_label_app="web""#,
    r#"service_labelpresent_app="true""#,
    r#"service_annotation_a_b="c""#,
    r#"service_annotationpresent_a_b="true""#,
];

/// Port `number` of the container `web`.
fn web_port(name: &str, number: &str) -> Vec<String> {
    vec![
        r#"pod_container_name="web""#.to_owned(),
        r#"pod_container_image="web:1""#.to_owned(),
        r#"pod_container_init="false""#.to_owned(),
        format!(r#"pod_container_port_name="{name}""#),
        format!(r#"pod_container_port_number="{number}""#),
        r#"pod_container_port_protocol="TCP""#.to_owned(),
    ]
}

const MESH: [&str; 4] = [
    r#"pod_container_name="mesh""#,
    r#"pod_container_image="mesh:1""#,
    r#"pod_container_init="true""#,
    r#"pod_container_port_number="15020""#,
];

fn all<'a>(parts: &[&[&'a str]]) -> Vec<&'a str> {
    parts.concat()
}

fn refs(lines: &[String]) -> Vec<&str> {
    lines.iter().map(String::as_str).collect()
}

#[tokio::test]
async fn nodes() {
    let server = Server::default();
    server.apply("nodes", node());
    server.apply("nodes", json!({"metadata": {"name": "n2"}}));
    let mut running = start(&server, "role: node").await;
    let annotation = [r#"node_annotation_note="x""#, r#"node_annotationpresent_note="true""#];
    let target = [
        r#"!__address__="10.1.0.1:10250""#,
        r#"!instance="n1""#,
        r#"node_address_Hostname="n1.local""#,
        r#"node_address_InternalIP="10.1.0.1""#,
    ];
    assert_eq!(
        next_shown(&mut running.receiver).await,
        [
            format!("node/n1 {}", meta(&all(&[&NODE, &annotation]))),
            format!("  {}", meta(&target)),
            format!("node/n2 {}", meta(&[r#"node_name="n2""#])),
        ]
    );
}

#[tokio::test]
async fn pods() {
    let server = Server::default();
    server.apply("pods", pod());
    server.apply("nodes", node());
    server.apply("namespaces", namespace());
    let yaml = "role: pod\nattach_metadata: {node: true, namespace: true}";
    let mut running = start(&server, yaml).await;
    let own = [r#"namespace="ns""#];
    let id = [r#"pod_container_id="docker://w""#];
    let http = web_port("http", "80");
    let metrics = web_port("metrics", "9090");
    let plain = [
        r#"!__address__="10.0.0.5""#,
        r#"pod_container_name="plain""#,
        r#"pod_container_image="plain:1""#,
        r#"pod_container_init="false""#,
    ];
    let mesh = [r#"!__address__="10.0.0.5:15020""#, r#"pod_container_id="docker://m""#];
    assert_eq!(
        next_shown(&mut running.receiver).await,
        [
            format!("pod/ns/p1 {}", meta(&all(&[&POD, &own, &NODE[..4], &NAMESPACE]))),
            format!("  {}", meta(&all(&[&[r#"!__address__="10.0.0.5:80""#], &id, &refs(&http)]))),
            format!(
                "  {}",
                meta(&all(&[&[r#"!__address__="10.0.0.5:9090""#], &id, &refs(&metrics)]))
            ),
            format!("  {}", meta(&plain)),
            format!("  {}", meta(&all(&[&mesh, &MESH]))),
        ]
    );
    // What is attached is followed too.
    let mut changed = node();
    changed["metadata"]["labels"] = json!({"zone.io/name": "other"});
    server.apply("nodes", changed);
    let groups = next(&mut running.receiver).await;
    let zone = groups[0].labels.get("__meta_kubernetes_node_label_zone_io_name");
    assert_eq!(zone, Some("other"));
    let mut changed = namespace();
    changed["metadata"]["labels"] = json!({"team": "b"});
    server.apply("namespaces", changed);
    let groups = next(&mut running.receiver).await;
    assert_eq!(groups[0].labels.get("__meta_kubernetes_namespace_label_team"), Some("b"));
}

#[tokio::test]
async fn services() {
    let server = Server::default();
    server.apply("services", service("LoadBalancer"));
    let mut running = start(&server, "role: service").await;
    let port = [
        r#"!__address__="web.ns.svc:80""#,
        r#"service_port_name="http""#,
        r#"service_port_number="80""#,
        r#"service_port_protocol="TCP""#,
    ];
    let group = format!("svc/ns/web {}", meta(&all(&[&SERVICE, &[r#"namespace="ns""#]])));
    for (kind, further) in [
        (
            "LoadBalancer",
            &[r#"service_cluster_ip="10.2.0.1""#, r#"service_loadbalancer_ip="1.2.3.4""#][..],
        ),
        ("ClusterIP", &[r#"service_cluster_ip="10.2.0.1""#]),
        ("ExternalName", &[r#"service_external_name="web.example""#]),
    ] {
        if kind != "LoadBalancer" {
            server.apply("services", service(kind));
        }
        let kind = format!(r#"service_type="{kind}""#);
        assert_eq!(
            next_shown(&mut running.receiver).await,
            [group.clone(), format!("  {}", meta(&all(&[&port, further, &[&kind]])))]
        );
    }
}

#[tokio::test]
async fn endpoints() {
    let server = Server::default();
    server.apply("pods", pod());
    server.apply("services", service("ClusterIP"));
    server.apply("nodes", node());
    server.apply("endpoints", endpoints_object());
    let mut running = start(&server, "role: endpoints\nattach_metadata: {node: true}").await;
    let group = [
        r#"namespace="ns""#,
        r#"endpoints_name="web""#,
        r#"endpoints_label_l="1""#,
        r#"endpoints_labelpresent_l="true""#,
    ];
    let port = [r#"endpoint_port_name="http""#, r#"endpoint_port_protocol="TCP""#];
    let ready = [
        r#"!__address__="10.0.0.5:80""#,
        r#"endpoint_ready="true""#,
        r#"endpoint_node_name="n1""#,
        r#"endpoint_address_target_kind="Pod""#,
        r#"endpoint_address_target_name="p1""#,
    ];
    let other =
        [r#"!__address__="10.0.0.6:80""#, r#"endpoint_ready="false""#, r#"endpoint_hostname="h""#];
    let (http, metrics) = (web_port("http", "80"), web_port("metrics", "9090"));
    let uncovered = |address, port: &[&str]| format!("  {}", meta(&all(&[&[address], &POD, port])));
    assert_eq!(
        next_shown(&mut running.receiver).await,
        [
            format!("endpoints/ns/web {}", meta(&all(&[&group, &SERVICE]))),
            format!("  {}", meta(&all(&[&ready, &port, &POD, &refs(&http), &NODE[..4]]))),
            format!("  {}", meta(&all(&[&other, &port]))),
            // Ports of the pod that the service does not cover.
            uncovered(r#"!__address__="10.0.0.5:9090""#, &refs(&metrics)),
            uncovered(r#"!__address__="10.0.0.5:15020""#, &MESH),
        ]
    );
    // A service, a pod and a node that change are seen in the targets.
    let mut changed = service("ClusterIP");
    changed["metadata"]["labels"] = json!({"app": "other"});
    server.apply("services", changed);
    let groups = next(&mut running.receiver).await;
    assert_eq!(groups[0].labels.get("__meta_kubernetes_service_label_app"), Some("other"));
    let mut changed = pod();
    changed["metadata"]["labels"] = json!({"app": "v2"});
    server.apply("pods", changed);
    let groups = next(&mut running.receiver).await;
    let app = groups[0].targets[0].get("__meta_kubernetes_pod_label_app");
    assert_eq!(app, Some("v2"));
    server.delete("nodes", node());
    let groups = next(&mut running.receiver).await;
    assert_eq!(groups[0].targets[0].get("__meta_kubernetes_node_name"), None);
    // A service that nobody here belongs to changes nothing.
    let mut other = service("ClusterIP");
    other["metadata"]["name"] = json!("other");
    server.apply("services", other);
    server.delete("pods", pod());
    let groups = next(&mut running.receiver).await;
    assert_eq!((groups.len(), groups[0].targets.len()), (1, 2));
}

#[tokio::test]
async fn endpoint_slices() {
    let server = Server::default();
    server.apply("pods", pod());
    server.apply("services", service("ClusterIP"));
    server.apply("nodes", node());
    server.apply("endpointslices", slice_object());
    let yaml = "role: endpointslice\nattach_metadata: {node: true}";
    let mut running = start(&server, yaml).await;
    let group = [
        r#"namespace="ns""#,
        r#"endpointslice_name="web-x""#,
        r#"endpointslice_address_type="IPv4""#,
        r#"endpointslice_label_kubernetes_io_service_name="web""#,
        r#"endpointslice_labelpresent_kubernetes_io_service_name="true""#,
    ];
    let port = [
        r#"endpointslice_port="80""#,
        r#"endpointslice_port_name="http""#,
        r#"endpointslice_port_protocol="TCP""#,
        r#"endpointslice_port_app_protocol="h2c""#,
    ];
    let first = [
        r#"!__address__="10.0.0.5:80""#,
        r#"endpointslice_endpoint_conditions_ready="true""#,
        r#"endpointslice_endpoint_conditions_serving="true""#,
        r#"endpointslice_endpoint_conditions_terminating="false""#,
        r#"endpointslice_endpoint_hostname="h""#,
        r#"endpointslice_endpoint_node_name="n1""#,
        r#"endpointslice_endpoint_zone="z1""#,
        r#"endpointslice_endpoint_topology_a_b="c""#,
        r#"endpointslice_endpoint_topology_present_a_b="true""#,
        r#"endpointslice_address_target_kind="Pod""#,
        r#"endpointslice_address_target_name="p1""#,
    ];
    let second = [
        r#"!__address__="10.1.0.1:80""#,
        r#"endpointslice_address_target_kind="Node""#,
        r#"endpointslice_address_target_name="n1""#,
    ];
    let (http, metrics) = (web_port("http", "80"), web_port("metrics", "9090"));
    let uncovered = |address, port: &[&str]| format!("  {}", meta(&all(&[&[address], &POD, port])));
    assert_eq!(
        next_shown(&mut running.receiver).await,
        [
            format!("endpointslice/ns/web-x {}", meta(&all(&[&group, &SERVICE]))),
            format!("  {}", meta(&all(&[&first, &port, &POD, &refs(&http), &NODE[..4]]))),
            format!("  {}", meta(&all(&[&second, &port, &NODE[..4]]))),
            uncovered(r#"!__address__="10.0.0.5:9090""#, &refs(&metrics)),
            uncovered(r#"!__address__="10.0.0.5:15020""#, &MESH),
        ]
    );
    server.delete("services", service("ClusterIP"));
    let groups = next(&mut running.receiver).await;
    assert_eq!(groups[0].labels.get("__meta_kubernetes_service_name"), None);
    server.delete("pods", pod());
    let groups = next(&mut running.receiver).await;
    assert_eq!(groups[0].targets.len(), 2);
    server.delete("nodes", node());
    let groups = next(&mut running.receiver).await;
    assert_eq!(groups[0].targets[1].get("__meta_kubernetes_node_name"), None);
    let requests = server.take_requests();
    let slices = "apis/discovery.k8s.io/v1/endpointslices?limit=500".to_owned();
    assert!(requests.contains(&slices), "{requests:?}");
}

#[tokio::test]
async fn ingresses() {
    let server = Server::default();
    server.apply("ingresses", ingress_object());
    let mut running = start(&server, "role: ingress").await;
    let group = [
        r#"namespace="ns""#,
        r#"ingress_name="in""#,
        r#"ingress_class_name="nginx""#,
        r#"ingress_label_a="1""#,
        r#"ingress_labelpresent_a="true""#,
        r#"ingress_annotation_b="2""#,
        r#"ingress_annotationpresent_b="true""#,
    ];
    let target = |host: &str, scheme: &str, path: &str| {
        let address = format!(r#"!__address__="{host}""#);
        let (host, scheme) =
            (format!(r#"ingress_host="{host}""#), format!(r#"ingress_scheme="{scheme}""#));
        let path = format!(r#"ingress_path="{path}""#);
        format!("  {}", meta(&[&address, &host, &scheme, &path]))
    };
    assert_eq!(
        next_shown(&mut running.receiver).await,
        [
            format!("ingress/ns/in {}", meta(&group)),
            target("a.example.org", "https", "/x"),
            target("a.example.org", "https", "/"),
            target("plain.org", "http", "/"),
        ]
    );
    assert_eq!(server.take_requests()[0], "apis/networking.k8s.io/v1/ingresses?limit=500");
}
