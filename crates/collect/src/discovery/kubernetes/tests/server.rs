//! An API server: objects, their history, lists in pages, watches, and faults on demand.

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Path, Query, RawQuery};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hyper::body::Frame;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::sync::mpsc;

/// Objects of one page: small, so that lists have several.
const PAGE_OBJECTS: usize = 2;

/// A handle on the server's state.
#[derive(Clone, Default)]
pub(super) struct Server(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    version: u64,
    /// Versions before this one are forgotten.
    oldest: u64,
    objects: BTreeMap<(String, String, String), Value>,
    /// Version, plural, event.
    history: Vec<(u64, String, Value)>,
    is_broken: bool,
    /// Watches of an older generation are cut.
    generation: u64,
    requests: Vec<String>,
}

impl Server {
    /// Starts serving; gives the address.
    pub(super) async fn start(&self) -> String {
        let server = self.clone();
        let answer = async move |Path(path): Path<String>,
                                 Query(query): Query<HashMap<String, String>>,
                                 RawQuery(raw): RawQuery,
                                 headers: HeaderMap| {
            assert_eq!(headers["authorization"], "Bearer t");
            server.0.lock().requests.push(format!("{path}?{}", raw.unwrap_or_default()));
            server.answer(&path, &query)
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            axum::serve(listener, Router::new().route("/base/{*path}", get(answer))).await
        });
        format!("{address}/base")
    }

    /// Adds or changes an object.
    pub(super) fn apply(&self, plural: &str, object: Value) {
        self.change(plural, object, "MODIFIED");
    }

    pub(super) fn delete(&self, plural: &str, object: Value) {
        self.change(plural, object, "DELETED");
    }

    fn change(&self, plural: &str, mut object: Value, kind: &str) {
        let mut state = self.0.lock();
        state.version += 1;
        object["metadata"]["resourceVersion"] = json!(state.version.to_string());
        let text = |name: &str| object["metadata"][name].as_str().unwrap_or("").to_owned();
        let key = (plural.to_owned(), text("namespace"), text("name"));
        match kind {
            "DELETED" => drop(state.objects.remove(&key)),
            _ => drop(state.objects.insert(key, object.clone())),
        }
        let (version, event) = (state.version, json!({"type": kind, "object": object}));
        state.history.push((version, plural.to_owned(), event));
    }

    /// Sends any event to the watches of `plural`.
    pub(super) fn say(&self, plural: &str, event: Value) {
        let mut state = self.0.lock();
        state.version += 1;
        let version = state.version;
        state.history.push((version, plural.to_owned(), event));
    }

    /// Moves the version on without any watch hearing of it; gives the version.
    pub(super) fn bookmark(&self, plural: &str) -> u64 {
        let version = self.0.lock().version + 10;
        let object = json!({"metadata": {"resourceVersion": version.to_string()}});
        self.say(plural, json!({"type": "BOOKMARK", "object": object}));
        self.0.lock().version = version;
        version
    }

    /// Forgets all versions but the newest.
    pub(super) fn forget(&self) {
        let mut state = self.0.lock();
        state.version += 1;
        state.oldest = state.version;
        state.history.clear();
    }

    /// Cuts all watches.
    pub(super) fn cut(&self) {
        self.0.lock().generation += 1;
    }

    pub(super) fn set_broken(&self, is_broken: bool) {
        self.0.lock().is_broken = is_broken;
        self.cut();
    }

    /// The requests so far; forgets them.
    pub(super) fn take_requests(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().requests)
    }

    fn answer(&self, path: &str, query: &HashMap<String, String>) -> Response {
        let state = self.0.lock();
        if state.is_broken {
            return (StatusCode::SERVICE_UNAVAILABLE, "etcd is away").into_response();
        }
        let parts: Vec<&str> = path.split('/').collect();
        let plural = (*parts.last().unwrap()).to_owned();
        let at = parts.iter().position(|part| *part == "namespaces");
        let namespace = at.and_then(|at| parts.get(at + 1)).map(|name| (*name).to_owned());
        if query.contains_key("watch") {
            let since: u64 = query["resourceVersion"].parse().unwrap();
            if since < state.oldest {
                return (StatusCode::GONE, "too old resource version").into_response();
            }
            let generation = state.generation;
            let (sender, receiver) = mpsc::channel(1);
            tokio::spawn(self.clone().watch(plural, namespace, since, generation, sender));
            return Body::new(Lines(receiver)).into_response();
        }
        let objects = state.objects.iter();
        let wanted = objects.filter(|((kind, ns, _), _)| {
            *kind == plural && namespace.as_ref().is_none_or(|namespace| namespace == ns)
        });
        let wanted: Vec<&Value> = wanted.map(|(_, object)| object).collect();
        let from: usize = query.get("continue").map_or(0, |page| page.parse().unwrap());
        let to = wanted.len().min(from + PAGE_OBJECTS);
        let next = if to < wanted.len() { to.to_string() } else { String::new() };
        let metadata = json!({"resourceVersion": state.version.to_string(), "continue": next});
        axum::Json(json!({"metadata": metadata, "items": wanted[from..to]})).into_response()
    }

    async fn watch(
        self,
        plural: String,
        namespace: Option<String>,
        mut since: u64,
        generation: u64,
        sender: mpsc::Sender<String>,
    ) {
        loop {
            let lines: Vec<String> = {
                let state = self.0.lock();
                if state.generation != generation {
                    return;
                }
                let new = state.history.iter().filter(|(version, kind, event)| {
                    let own = event["object"]["metadata"]["namespace"].as_str();
                    let is_meant =
                        own.is_none() || namespace.is_none() || own == namespace.as_deref();
                    *version > since && *kind == plural && is_meant
                });
                let lines = new.map(|(_, _, event)| format!("{event}\n")).collect();
                since = state.version;
                lines
            };
            // Cut in the middle, as networks do.
            for line in lines {
                let (head, tail) = line.split_at(line.len() / 2);
                for part in [head, tail] {
                    if sender.send(part.to_owned()).await.is_err() {
                        return;
                    }
                }
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// A body that is written while it is read.
struct Lines(mpsc::Receiver<String>);

impl HttpBody for Lines {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(cx).map(|line| line.map(|line| Ok(Frame::data(line.into()))))
    }
}
