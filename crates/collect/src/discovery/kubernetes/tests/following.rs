//! Lists, watches, and everything that can happen to them.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::super::follow::{Timing, follow};
use super::super::watch::Retry;
use super::super::*;
use super::server::Server;
use crate::discovery::TargetGroup;
use crate::discovery::updates::Update;
use crate::discovery::updates::tests::{failures, next, until_failed, updates};

pub(super) struct Running {
    pub(super) updates: Updates,
    pub(super) receiver: mpsc::Receiver<Update>,
    task: AbortHandle,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Running {
    /// The sources and addresses of the next update.
    async fn next(&mut self) -> Vec<String> {
        let groups = next(&mut self.receiver).await;
        let mut lines: Vec<_> = groups.iter().map(shown).collect();
        lines.sort();
        lines
    }
}

fn shown(group: &TargetGroup) -> String {
    let addresses = group.targets.iter().filter_map(|target| target.get("__address__"));
    format!("{} [{}]", group.source, addresses.collect::<Vec<_>>().join(" "))
}

/// Follows `server` as `yaml` says.
pub(super) async fn start(server: &Server, yaml: &str) -> Running {
    let url = server.start().await;
    let config: Config =
        serde_saphyr::from_str(&format!("api_server: '{url}'\nbearer_token: t\n{yaml}\n")).unwrap();
    config.check().unwrap();
    let (updates, receiver) = updates();
    let retry = Retry { min: Duration::from_millis(10), max: Duration::from_millis(40) };
    let task = tokio::spawn(follow(config, updates.clone(), Timing { retry })).abort_handle();
    Running { updates, receiver, task }
}

pub(super) fn pod(name: &str, ip: &str) -> Value {
    json!({
        "metadata": {"name": name, "namespace": "ns"},
        "spec": {"containers": [{"name": "c", "image": "i", "ports": [{"containerPort": 80}]}]},
        "status": {"podIP": ip, "phase": "Running"},
    })
}

#[tokio::test]
async fn lists_come_in_pages_and_changes_by_watch() {
    let server = Server::default();
    for name in ["a", "b", "c"] {
        server.apply("pods", pod(name, "10.0.0.1"));
    }
    let mut running = start(&server, "role: pod").await;
    assert_eq!(
        running.next().await,
        ["pod/ns/a [10.0.0.1:80]", "pod/ns/b [10.0.0.1:80]", "pod/ns/c [10.0.0.1:80]"]
    );
    server.apply("pods", pod("d", "10.0.0.4"));
    assert_eq!(running.next().await, ["pod/ns/d [10.0.0.4:80]"]);
    server.apply("pods", pod("a", ""));
    assert_eq!(running.next().await, ["pod/ns/a []"]);
    server.delete("pods", pod("b", "10.0.0.1"));
    assert_eq!(running.next().await, ["pod/ns/b []"]);
    let requests = server.take_requests();
    assert_eq!(requests[0], "api/v1/pods?limit=500");
    assert_eq!(requests[1], "api/v1/pods?limit=500&continue=2");
    assert_eq!(
        requests[2],
        "api/v1/pods?watch=true&allowWatchBookmarks=true&timeoutSeconds=300&resourceVersion=3"
    );
    assert_eq!(requests.len(), 3);
}

#[tokio::test]
async fn an_empty_cluster_is_an_update_too() {
    let mut running = start(&Server::default(), "role: service").await;
    assert!(running.next().await.is_empty());
}

#[tokio::test]
async fn a_watch_that_breaks_off_goes_on_where_it_ended() {
    let server = Server::default();
    server.apply("pods", pod("a", "10.0.0.1"));
    let mut running = start(&server, "role: pod").await;
    running.next().await;
    let version = server.bookmark("pods");
    // A change behind the bookmark proves that it was read.
    server.apply("pods", pod("a", "10.0.0.2"));
    assert_eq!(running.next().await, ["pod/ns/a [10.0.0.2:80]"]);
    let version = version + 1;
    server.take_requests();
    server.cut();
    server.apply("pods", pod("a", "10.0.0.3"));
    assert_eq!(running.next().await, ["pod/ns/a [10.0.0.3:80]"]);
    let requests = server.take_requests();
    let lists = requests.iter().filter(|request| request.contains("limit="));
    assert_eq!(lists.count(), 0, "{requests:?}");
    assert!(requests[0].ends_with(&format!("resourceVersion={version}")), "{requests:?}");
}

#[tokio::test]
async fn a_bookmark_moves_the_version() {
    let server = Server::default();
    let mut running = start(&server, "role: pod").await;
    running.next().await;
    let version = server.bookmark("pods");
    // Nothing tells from outside when a bookmark was read: cut until it shows.
    let version = format!("resourceVersion={version}");
    for _ in 0..500 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        server.cut();
        if server.take_requests().iter().any(|request| request.ends_with(&version)) {
            return;
        }
    }
    panic!("no watch began at the bookmark");
}

#[tokio::test]
async fn forgotten_versions_are_listed_anew() {
    let server = Server::default();
    server.apply("pods", pod("a", "10.0.0.1"));
    server.apply("pods", pod("b", "10.0.0.2"));
    let mut running = start(&server, "role: pod").await;
    running.next().await;
    server.take_requests();
    // Said in the stream.
    let gone = json!({"kind": "Status", "code": 410, "reason": "Expired"});
    server.say("pods", json!({"type": "ERROR", "object": gone}));
    server.delete("pods", pod("a", "10.0.0.1"));
    assert_eq!(running.next().await, ["pod/ns/a []"]);
    // Said by the status, for a watch that comes back too late.
    server.delete("pods", pod("b", "10.0.0.2"));
    server.apply("pods", pod("c", "10.0.0.3"));
    server.forget();
    server.cut();
    let mut seen = running.next().await;
    while seen.len() < 2 {
        seen.extend(running.next().await);
    }
    seen.sort();
    assert_eq!(seen, ["pod/ns/b []", "pod/ns/c [10.0.0.3:80]"]);
    let lists = server.take_requests();
    let lists = lists.iter().filter(|request| request.contains("limit="));
    assert!(lists.count() >= 2);
    assert_eq!(failures(&running.updates), 0);
}

#[tokio::test]
async fn a_failing_server_is_left_alone_and_found_again() {
    let server = Server::default();
    server.set_broken(true);
    let mut running = start(&server, "role: pod").await;
    until_failed(&running.updates, 3).await;
    server.apply("pods", pod("a", "10.0.0.1"));
    server.set_broken(false);
    assert_eq!(running.next().await, ["pod/ns/a [10.0.0.1:80]"]);
    server.set_broken(true);
    until_failed(&running.updates, 2).await;
    // While it fails everything stays.
    assert!(running.receiver.try_recv().is_err());
    server.set_broken(false);
    server.apply("pods", pod("a", "10.0.0.9"));
    assert_eq!(running.next().await, ["pod/ns/a [10.0.0.9:80]"]);
}

#[tokio::test]
async fn nonsense_in_a_watch_is_counted_and_survived() {
    let server = Server::default();
    let mut running = start(&server, "role: pod").await;
    running.next().await;
    let bad = json!({"metadata": {"name": 7, "namespace": "ns"}});
    server.say("pods", json!({"type": "ADDED", "object": bad}));
    until_failed(&running.updates, 1).await;
    server.say("pods", json!({"type": "SINGING", "object": {}}));
    until_failed(&running.updates, 1).await;
    server.apply("pods", pod("a", "10.0.0.1"));
    assert_eq!(running.next().await, ["pod/ns/a [10.0.0.1:80]"]);
}

#[tokio::test]
async fn namespaces_and_selectors_narrow_the_view() {
    let server = Server::default();
    let elsewhere =
        json!({"metadata": {"name": "x", "namespace": "other"}, "status": {"podIP": "1"}});
    server.apply("pods", elsewhere);
    server.apply("pods", pod("a", "10.0.0.1"));
    let mut running = start(
        &server,
        "role: pod\nnamespaces: {names: [ns, more]}\n\
         selectors: [{role: pod, label: 'app in (x,y)', field: 'spec.nodeName=n'}]",
    )
    .await;
    assert_eq!(running.next().await, ["pod/ns/a [10.0.0.1:80]"]);
    let requests = server.take_requests();
    let selectors = "&labelSelector=app+in+%28x%2Cy%29&fieldSelector=spec.nodeName%3Dn";
    for namespace in ["ns", "more"] {
        let list = format!("api/v1/namespaces/{namespace}/pods?limit=500{selectors}");
        assert!(requests.contains(&list), "{requests:?}");
    }
}

#[test]
fn what_can_be_meant() {
    let check = |yaml: &str| serde_saphyr::from_str::<Config>(yaml).unwrap().check();
    for yaml in [
        "role: pod",
        "{role: endpoints, selectors: [{role: pod, label: a}, {role: service, label: b}]}",
        "{role: node, api_server: 'https://x', bearer_token: t}",
        "{role: node, kubeconfig_file: x}",
        "{role: pod, namespaces: {own_namespace: true}}",
    ] {
        assert_eq!(check(yaml), Ok(()), "{yaml}");
    }
    for yaml in [
        "{}",
        "{role: node, api_server: 'https://x', kubeconfig_file: y}",
        "{role: node, bearer_token: t}",
        "{role: node, selectors: [{role: pod}]}",
        "{role: pod, selectors: [{role: pod}, {role: pod}]}",
        "{role: pod, api_server: 'https://x', namespaces: {own_namespace: true}}",
        "{role: pod, api_server: 'a b'}",
    ] {
        assert!(check(yaml).is_err(), "{yaml}");
    }
    assert!(serde_saphyr::from_str::<Config>("role: pods").is_err());
    assert!(serde_saphyr::from_str::<Config>("{role: pod, namespace: {}}").is_err());
}
