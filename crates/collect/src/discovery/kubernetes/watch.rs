//! Listing objects of one kind, and hearing of every change from there on.
//!
//! The protocol is that of the Kubernetes documentation, "Efficient detection of
//! changes": a list has a resource version, a watch begins at it, bookmarks move
//! it on, and where the server forgot it (410) the list begins anew. A watch that
//! breaks off is taken up where it ended.

use std::time::Duration;

use reqwest::{Method, Response};
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::sync::mpsc;

use super::access::{Access, ApiClient};
use super::cluster::{Change, Key};
use super::config::Selector;
use super::objects::{Metadata, Resource};
use crate::discovery::answer::{Answer, failed, send};
use crate::discovery::{DiscoveryError, Updates};

/// Objects of one page of a list.
const PAGE_OBJECTS: &str = "500";
/// After how long the server ends a watch.
const WATCH_SECS: u64 = 300;
/// After how long without a word a watch is dead: the server would have ended it.
const SILENCE_MAX: Duration = Duration::from_secs(WATCH_SECS + 30);
const LIST_TIMEOUT: Duration = Duration::from_secs(60);
/// The longest event: objects have at most a few MB.
const EVENT_BYTES_MAX: usize = 16 << 20;
/// The status that says that a resource version is too old.
const GONE: u16 = 410;

/// How long to leave a failing server alone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Retry {
    pub(super) min: Duration,
    pub(super) max: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self { min: Duration::from_secs(1), max: Duration::from_secs(30) }
    }
}

/// What a watch looks at.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    pub(super) access: Access,
    /// All namespaces where none is named.
    pub(super) namespace: Option<String>,
    pub(super) selector: Option<Selector>,
    pub(super) retry: Retry,
    pub(super) updates: Updates,
}

/// Sends all changes of the objects of one kind, until nobody listens.
pub(super) async fn watch<T: Resource>(scope: Scope, changes: mpsc::Sender<Change<T>>) {
    let mut watch = Watch { backoff: Backoff::new(scope.retry), scope, changes };
    loop {
        match watch.list().await {
            Ok(version) => {
                watch.backoff.reset();
                watch.follow(version).await;
            }
            Err(error) => watch.back_off(&error).await,
        }
        if watch.changes.is_closed() {
            return;
        }
    }
}

struct Watch<T> {
    scope: Scope,
    changes: mpsc::Sender<Change<T>>,
    backoff: Backoff,
}

/// How a watch ended.
enum Ending {
    /// The server closed it.
    Closed,
    /// The resource version is forgotten.
    Gone,
}

#[derive(Deserialize)]
struct List {
    #[serde(default)]
    metadata: ListMetadata,
    #[serde(default)]
    items: Option<Vec<Box<RawValue>>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ListMetadata {
    resource_version: String,
    r#continue: String,
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(borrow)]
    object: &'a RawValue,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Status {
    code: u16,
    message: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Bookmark {
    metadata: Metadata,
}

impl<T: Resource> Watch<T> {
    /// Lists all objects, page by page; gives the version of the list.
    async fn list(&self) -> Result<String, DiscoveryError> {
        let client = self.scope.access.client()?;
        let mut objects = Vec::new();
        let mut page = String::new();
        loop {
            let mut params = vec![("limit", PAGE_OBJECTS)];
            if !page.is_empty() {
                params.push(("continue", &page));
            }
            let request = self.request(&client, &params).await?.timeout(LIST_TIMEOUT);
            let list: List = Answer::to(request).await?.json()?;
            let items = list.items.unwrap_or_default();
            objects.extend(items.iter().filter_map(|item| self.object(item)));
            page = list.metadata.r#continue;
            if page.is_empty() {
                let namespace = self.scope.namespace.clone();
                self.send(Change::Replaced { namespace, objects }).await;
                return Ok(list.metadata.resource_version);
            }
        }
    }

    /// Watches from `version` on until the server forgot it, or nobody listens.
    async fn follow(&mut self, mut version: String) {
        while !self.changes.is_closed() {
            match self.stream(&mut version).await {
                Ok(Ending::Gone) => return,
                // A server that closes at once must not be asked in a circle.
                Ok(Ending::Closed) => tokio::time::sleep(self.scope.retry.min).await,
                Err(DiscoveryError::Status { status: GONE, .. }) => return,
                // An event that can't be read would come again from the same version.
                Err(error @ (DiscoveryError::Malformed { .. } | DiscoveryError::Size { .. })) => {
                    return self.back_off(&error).await;
                }
                Err(error) => self.back_off(&error).await,
            }
        }
    }

    async fn stream(&mut self, version: &mut String) -> Result<Ending, DiscoveryError> {
        let client = self.scope.access.client()?;
        let seconds = WATCH_SECS.to_string();
        let params = [
            ("watch", "true"),
            ("allowWatchBookmarks", "true"),
            ("timeoutSeconds", seconds.as_str()),
            ("resourceVersion", version.as_str()),
        ];
        let mut response = send(self.request(&client, &params).await?).await?;
        let mut buffer = Vec::new();
        loop {
            let Some(chunk) = next_chunk(&mut response).await? else { return Ok(Ending::Closed) };
            buffer.extend_from_slice(&chunk);
            let mut rest = &buffer[..];
            while let Some(end) = memchr::memchr(b'\n', rest) {
                let line = &rest[..end];
                rest = &rest[end + 1..];
                if !line.trim_ascii().is_empty()
                    && let Some(ending) = self.event(line, version).await?
                {
                    return Ok(ending);
                }
            }
            let read = buffer.len() - rest.len();
            buffer.drain(..read);
            if buffer.len() > EVENT_BYTES_MAX {
                let url = response.url().to_string();
                return Err(DiscoveryError::Size { url, max: EVENT_BYTES_MAX });
            }
        }
    }

    async fn event(
        &mut self,
        line: &[u8],
        version: &mut String,
    ) -> Result<Option<Ending>, DiscoveryError> {
        let malformed = |reason: String| DiscoveryError::Malformed {
            place: format!("watch of {}", T::PLURAL),
            reason,
        };
        let event: Event<'_> =
            serde_json::from_slice(line).map_err(|error| malformed(error.to_string()))?;
        match event.kind {
            "ADDED" | "MODIFIED" | "DELETED" => {
                self.backoff.reset();
                let Some(object) = self.object(event.object) else { return Ok(None) };
                version.clone_from(&object.metadata().resource_version);
                let change = if event.kind == "DELETED" {
                    Change::Deleted(Key::of(&object))
                } else {
                    Change::Applied(Box::new(object))
                };
                self.send(change).await;
                Ok(None)
            }
            "BOOKMARK" => {
                let bookmark: Bookmark = serde_json::from_str(event.object.get())
                    .map_err(|error| malformed(error.to_string()))?;
                version.clone_from(&bookmark.metadata.resource_version);
                Ok(None)
            }
            "ERROR" => {
                let status: Status = serde_json::from_str(event.object.get()).unwrap_or_default();
                if status.code == GONE {
                    return Ok(Some(Ending::Gone));
                }
                Err(malformed(format!("the server said {}: {}", status.code, status.message)))
            }
            other => Err(malformed(format!("unknown event {other:?}"))),
        }
    }

    /// Reads an object; one that can't be read is reported and left out.
    fn object(&self, text: &RawValue) -> Option<T> {
        match serde_json::from_str(text.get()) {
            Ok(object) => Some(object),
            Err(error) => {
                let place = format!("an object of {}", T::PLURAL);
                let error = DiscoveryError::Malformed { place, reason: error.to_string() };
                self.scope.updates.failed(&error);
                None
            }
        }
    }

    async fn request(
        &self,
        client: &ApiClient,
        params: &[(&str, &str)],
    ) -> Result<reqwest::RequestBuilder, DiscoveryError> {
        let url = self.url(client, params)?;
        let request = client.http.request(Method::GET, url).await?;
        Ok(request.header("Accept", "application/json"))
    }

    fn url(
        &self,
        client: &ApiClient,
        params: &[(&str, &str)],
    ) -> Result<reqwest::Url, DiscoveryError> {
        let path = match &self.scope.namespace {
            Some(namespace) => format!("{}/namespaces/{namespace}/{}", T::API, T::PLURAL),
            None => format!("{}/{}", T::API, T::PLURAL),
        };
        let mut url =
            client.base.join(&path).map_err(|error| DiscoveryError::Setup(error.to_string()))?;
        let selector = self.scope.selector.as_ref();
        let label = selector.map(|selector| ("labelSelector", selector.label.as_str()));
        let field = selector.map(|selector| ("fieldSelector", selector.field.as_str()));
        let selectors = label.into_iter().chain(field).filter(|(_, value)| !value.is_empty());
        url.query_pairs_mut().extend_pairs(params).extend_pairs(selectors);
        Ok(url)
    }

    async fn send(&self, change: Change<T>) {
        // Where nobody listens the loops see it and end.
        let _ = self.changes.send(change).await;
    }

    async fn back_off(&mut self, error: &DiscoveryError) {
        self.scope.updates.failed(error);
        tokio::time::sleep(self.backoff.next()).await;
    }
}

async fn next_chunk(response: &mut Response) -> Result<Option<bytes::Bytes>, DiscoveryError> {
    match tokio::time::timeout(SILENCE_MAX, response.chunk()).await {
        Ok(chunk) => chunk.map_err(failed),
        Err(_) => Err(DiscoveryError::Request {
            url: response.url().to_string(),
            reason: format!("no word within {SILENCE_MAX:?}"),
        }),
    }
}

/// Twice as long each time, and a little more by chance, so that many watches do
/// not come back at once.
struct Backoff {
    retry: Retry,
    next: Duration,
}

impl Backoff {
    fn new(retry: Retry) -> Self {
        Self { retry, next: retry.min }
    }

    fn reset(&mut self) {
        self.next = self.retry.min;
    }

    fn next(&mut self) -> Duration {
        use std::hash::{BuildHasher, Hasher};
        let chance = std::collections::hash_map::RandomState::new().build_hasher().finish() % 256;
        let wait = self.next.mul_f64(1.0 + chance as f64 / 512.0);
        self.next = (self.next * 2).min(self.retry.max);
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_off_doubles_up_to_its_limit() {
        let retry = Retry { min: Duration::from_secs(1), max: Duration::from_secs(5) };
        let mut backoff = Backoff::new(retry);
        for least in [1, 2, 4, 5, 5] {
            let wait = backoff.next().as_secs_f64();
            assert!((f64::from(least)..f64::from(least) * 1.5).contains(&wait), "{wait}");
        }
        backoff.reset();
        assert!(backoff.next() < Duration::from_secs(2));
    }
}
