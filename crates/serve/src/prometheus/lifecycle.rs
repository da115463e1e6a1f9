//! `/-/healthy`, `/-/ready`, `/-/reload`, `/-/quit`.

use axum::extract::State;
use axum::http::StatusCode;
use tokio::sync::oneshot;

use super::PrometheusState;

/// What a client may ask the process to do.
#[derive(Debug)]
pub enum LifecycleRequest {
    /// Read the configuration again; the answer says what is wrong with it.
    Reload(oneshot::Sender<Result<(), String>>),
    /// End.
    Quit,
}

/// `GET /-/healthy`
pub async fn healthy() -> &'static str {
    "Prometheus Server is Healthy.\n"
}

/// `GET /-/ready`; the listener opens once the store is replayed, so whoever can ask is told yes.
pub async fn ready() -> &'static str {
    "Prometheus Server is Ready.\n"
}

/// `POST /-/reload`
pub async fn reload(State(state): State<PrometheusState>) -> (StatusCode, String) {
    let (answer, answered) = oneshot::channel();
    if state.lifecycle.send(LifecycleRequest::Reload(answer)).await.is_err() {
        return (StatusCode::SERVICE_UNAVAILABLE, "the server is shutting down\n".to_owned());
    }
    match answered.await {
        Ok(Ok(())) => (StatusCode::OK, String::new()),
        Ok(Err(reason)) => {
            (StatusCode::INTERNAL_SERVER_ERROR, format!("failed to reload config: {reason}\n"))
        }
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the server is shutting down\n".to_owned()),
    }
}

/// The answer to a request that only looks.
pub async fn method_not_allowed() -> (StatusCode, &'static str) {
    (StatusCode::METHOD_NOT_ALLOWED, "Only POST or PUT requests allowed\n")
}

/// `POST /-/quit`
pub async fn quit(State(state): State<PrometheusState>) -> &'static str {
    // A closed channel says that it is ending already.
    let _ = state.lifecycle.send(LifecycleRequest::Quit).await;
    "Requesting termination... Goodbye!"
}
