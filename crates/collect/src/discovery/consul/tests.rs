//! A Consul of our own: blocking queries, services that come and go, failures.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Query, RawQuery};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::super::updates::tests::{next, next_shown, until_failed, updates};
use super::*;

/// What the agent knows; the index grows with every change.
struct Agent {
    index: u64,
    is_broken: bool,
    catalog: Value,
    services: HashMap<String, Value>,
    queries: Vec<String>,
}

type State = Arc<Mutex<Agent>>;

fn change(state: &State, change: impl FnOnce(&mut Agent)) {
    let mut agent = state.lock();
    agent.index += 1;
    change(&mut agent);
}

async fn answer(
    state: State,
    params: HashMap<String, String>,
    of: impl Fn(&Agent) -> Value,
) -> Response {
    let index: u64 = params.get("index").map_or(0, |index| index.parse().unwrap());
    loop {
        {
            let agent = state.lock();
            if agent.is_broken {
                return (StatusCode::INTERNAL_SERVER_ERROR, "no leader").into_response();
            }
            if agent.index > index {
                let headers = [("x-consul-index", agent.index.to_string())];
                return (headers, axum::Json(of(&agent))).into_response();
            }
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn serve(state: &State) -> String {
    let (catalog, health) = (Arc::clone(state), Arc::clone(state));
    let router = Router::new()
        .route(
            "/prefix/v1/agent/self",
            get(async |headers: HeaderMap| {
                assert_eq!(headers["x-consul-token"], "t");
                axum::Json(json!({"Config": {"Datacenter": "dc1"}}))
            }),
        )
        .route(
            "/prefix/v1/catalog/services",
            get(move |Query(params): Query<HashMap<String, String>>, RawQuery(raw): RawQuery| {
                catalog.lock().queries.push(raw.unwrap());
                answer(Arc::clone(&catalog), params, |agent| agent.catalog.clone())
            }),
        )
        .route(
            "/prefix/v1/health/service/{name}",
            get(move |Path(name): Path<String>, RawQuery(raw): RawQuery| {
                let raw = raw.unwrap();
                let index = raw.split('&').find_map(|p| p.strip_prefix("index="));
                let params = index.map(|index| ("index".to_owned(), index.to_owned()));
                health.lock().queries.push(format!("{name}: {raw}"));
                answer(Arc::clone(&health), params.into_iter().collect(), move |agent| {
                    agent.services.get(&name).cloned().unwrap_or(json!([]))
                })
            }),
        );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

fn instance(port: u16, status: &str) -> Value {
    json!({
        "Node": {
            "Node": "n1", "Address": "10.0.0.1", "Meta": {"rack-no": "7"},
            "TaggedAddresses": {"lan": "10.0.0.1", "wan": "1.2.3.4"},
        },
        "Service": {
            "ID": format!("web-{port}"), "Tags": ["a", "b"], "Port": port, "Address": "",
            "Meta": {"version": "2"}, "Namespace": "default",
        },
        "Checks": [{"CheckID": "x", "Status": "passing"}, {"CheckID": "y", "Status": status}],
    })
}

fn agent() -> State {
    Arc::new(Mutex::new(Agent {
        index: 1,
        is_broken: false,
        catalog: json!({"web": ["a", "b"], "consul": []}),
        services: [("web".to_owned(), json!([instance(80, "warning")]))].into(),
        queries: Vec::new(),
    }))
}

fn config(server: &str, rest: &str) -> Config {
    let yaml = format!(
        "{{server: '{server}', path_prefix: /prefix/, token: t, refresh_interval: 10ms{rest}}}"
    );
    let config: Config = serde_saphyr::from_str(&yaml).unwrap();
    config.check().unwrap();
    config
}

#[tokio::test]
async fn services_are_followed() {
    let state = agent();
    let config = config(&serve(&state).await, ", tags: [a], node_meta: {x: 'y'}, filter: f");
    let (updates, mut receiver) = updates();
    let task = tokio::spawn(watch::follow(config, updates.clone(), Duration::from_millis(20)));
    assert_eq!(
        next_shown(&mut receiver).await,
        [
            r#"web {__meta_consul_dc="dc1", __meta_consul_service="web"}"#.to_owned(),
            [
                r#"  {__address__="10.0.0.1:80", __meta_consul_address="10.0.0.1""#,
                r#"__meta_consul_health="warning", __meta_consul_metadata_rack_no="7""#,
                r#"__meta_consul_namespace="default", __meta_consul_node="n1""#,
                r#"__meta_consul_service_id="web-80", __meta_consul_service_metadata_version="2""#,
                r#"__meta_consul_service_port="80", __meta_consul_tagged_address_lan="10.0.0.1""#,
                r#"__meta_consul_tagged_address_wan="1.2.3.4", __meta_consul_tags=",a,b,"}"#,
            ]
            .join(", "),
        ]
    );
    // An instance more: the blocking query returns.
    change(&state, |agent| {
        let both = json!([instance(80, "passing"), instance(81, "critical")]);
        agent.services.insert("web".to_owned(), both);
    });
    let groups = next(&mut receiver).await;
    let health: Vec<_> =
        groups[0].targets.iter().map(|t| t.get("__meta_consul_health").unwrap()).collect();
    assert_eq!(health, ["passing", "critical"]);
    // A failing agent changes nothing, and is asked again.
    state.lock().is_broken = true;
    until_failed(&updates, 3).await;
    state.lock().is_broken = false;
    // A service that loses its tag is gone; another one comes.
    change(&state, |agent| {
        agent.catalog = json!({"web": ["b"], "api": ["a"]});
        agent.services.insert("api".to_owned(), json!([instance(90, "passing")]));
    });
    let (mut gone, mut come) = (false, false);
    while !(gone && come) {
        for group in next(&mut receiver).await {
            gone |= group == TargetGroup::gone("web");
            come |= group.source == "api" && group.targets.len() == 1;
        }
    }
    task.abort();
    let queries = state.lock().queries.clone();
    assert!(queries[0].starts_with("stale=&dc=dc1&node-meta=x%3Ay&filter=f"), "{queries:?}");
    let blocking = |query: &String| query.contains("tag=a") && query.contains("wait=120s");
    assert!(queries.iter().any(blocking), "{queries:?}");
}

#[tokio::test]
async fn named_services_need_no_catalog() {
    let state = agent();
    let config = config(&serve(&state).await, ", services: [web], datacenter: dc9");
    let (updates, mut receiver) = updates();
    let task = tokio::spawn(run(config, updates));
    let group = next(&mut receiver).await.remove(0);
    assert_eq!(group.labels.get("__meta_consul_dc"), Some("dc9"));
    assert!(state.lock().queries.iter().all(|query| query.starts_with("web: ")));
    task.abort();
}

#[test]
fn the_worst_check_counts() {
    let health = |checks: Value| {
        let entry = json!({"Node": {}, "Service": {"Tags": null}, "Checks": checks});
        serde_json::from_value::<ServiceEntry>(entry).unwrap().health()
    };
    assert_eq!(health(json!(null)), "passing");
    assert_eq!(
        health(json!([{"CheckID": "_service_maintenance:x", "Status": "critical"}])),
        "maintenance"
    );
    assert_eq!(health(json!([{"Status": "warning"}, {"Status": "critical"}])), "critical");
}

#[test]
fn what_can_be_meant() {
    let check = |yaml: &str| serde_saphyr::from_str::<Config>(yaml).unwrap().check();
    assert!(check("{}").is_ok());
    for yaml in [
        "server: ''",
        "server: 'a b'",
        "{username: a, basic_auth: {username: a}}",
        "{token: a, authorization: {credentials: x}}",
    ] {
        assert!(check(yaml).is_err(), "{yaml}");
    }
}
