//! `/-/healthy`, `/-/ready`, `/-/reload` in Alertmanager's words.

use axum::extract::State;
use axum::http::StatusCode;
use tokio::sync::oneshot;

use super::AlertmanagerState;
use crate::prometheus::LifecycleRequest;

/// `GET /-/healthy` and `/-/ready`
pub(super) async fn ok() -> &'static str {
    "OK"
}

/// `GET /-/reload`
pub(super) async fn only_post() -> (StatusCode, &'static str) {
    (StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed\n")
}

/// `POST /-/reload`
pub(super) async fn reload(State(state): State<AlertmanagerState>) -> (StatusCode, String) {
    let (answer, answered) = oneshot::channel();
    // A closed channel leaves no answer.
    let _ = state.lifecycle.send(LifecycleRequest::Reload(answer)).await;
    match answered.await {
        Ok(Ok(())) => (StatusCode::OK, String::new()),
        Ok(Err(reason)) => {
            (StatusCode::INTERNAL_SERVER_ERROR, format!("failed to reload config: {reason}\n"))
        }
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the server is shutting down\n".to_owned()),
    }
}
