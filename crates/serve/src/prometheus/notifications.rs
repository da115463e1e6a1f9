//! `/notifications` and `/notifications/live`: what an operator should know of
//! the server itself. Today that is one thing, a reload that failed.

use std::convert::Infallible;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use model::Timestamp;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::sleep;

use super::PrometheusState;
use super::channel_body::ChannelBody;
use super::respond::success_value;
use super::status::ServerInfo;
use super::targets::rfc3339;

/// How many listen to `/notifications/live` at a time, as in Prometheus.
const LISTENERS_MAX: usize = 16;
/// How often is looked for news.
const NEWS_EVERY: Duration = Duration::from_secs(1);
/// The text that Prometheus' own pages know.
const RELOAD_FAILED: &str = "Configuration reload has failed.";

static LISTENERS: LazyLock<Arc<Semaphore>> =
    LazyLock::new(|| Arc::new(Semaphore::new(LISTENERS_MAX)));

/// `/api/v1/notifications`
pub async fn notifications(State(state): State<PrometheusState>) -> Response {
    let (is_reloaded, _) = (state.info.last_reload)();
    let all = if is_reloaded { Vec::new() } else { vec![reload_failed(true)] };
    success_value(&Value::from(all))
}

/// `/api/v1/notifications/live`: server-sent events, one for each notification
/// that begins or ends; 204 where too many listen already.
pub async fn live(State(state): State<PrometheusState>) -> Response {
    let Ok(turn) = Arc::clone(&LISTENERS).try_acquire_owned() else {
        return StatusCode::NO_CONTENT.into_response();
    };
    let (events, body) = mpsc::channel(1);
    tokio::spawn(async move {
        tokio::select! {
            () = follow(&state.info, &events) => {}
            () = events.closed() => {}
        }
        drop(turn);
    });
    let headers =
        [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-cache")];
    (headers, Body::new(ChannelBody(body))).into_response()
}

async fn follow(info: &ServerInfo, events: &mpsc::Sender<Result<Bytes, Infallible>>) {
    let mut was_reloaded = true;
    // A comment first, so that the listener knows that it is heard.
    let mut event = Bytes::from_static(b": listening\n\n");
    while events.send(Ok(event)).await.is_ok() {
        loop {
            let (is_reloaded, _) = (info.last_reload)();
            if is_reloaded != was_reloaded {
                was_reloaded = is_reloaded;
                event = format!("data: {}\n\n", reload_failed(!is_reloaded)).into();
                break;
            }
            sleep(NEWS_EVERY).await;
        }
    }
}

fn reload_failed(is_active: bool) -> Value {
    json!({ "text": RELOAD_FAILED, "date": rfc3339(Some(Timestamp::now())), "active": is_active })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[tokio::test]
    async fn listeners_hear_of_a_failed_reload() {
        let is_reloaded = Arc::new(AtomicBool::new(false));
        let state = Arc::clone(&is_reloaded);
        let info = ServerInfo {
            build: Default::default(),
            flags: Default::default(),
            config_yaml: Arc::new(String::new),
            started: Timestamp::from_millis(0),
            working_dir: String::new(),
            retention: String::new(),
            hostname: String::new(),
            last_reload: Arc::new(move || {
                (state.load(Ordering::Relaxed), Timestamp::from_millis(0))
            }),
        };
        let (events, mut heard) = mpsc::channel(1);
        let following = tokio::spawn(async move { follow(&info, &events).await });
        let mut next =
            async || String::from_utf8(heard.recv().await.unwrap().unwrap().to_vec()).unwrap();
        assert!(next().await.starts_with(": "));
        assert!(next().await.contains(r#""active":true"#));
        is_reloaded.store(true, Ordering::Relaxed);
        let event = next().await;
        assert!(event.starts_with("data: {") && event.ends_with("}\n\n"), "{event}");
        assert!(event.contains(r#""active":false"#) && event.contains(RELOAD_FAILED));
        following.abort();
    }
}
