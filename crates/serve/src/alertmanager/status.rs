//! `/api/v2/status`, `/api/v2/receivers`, and what became of version 1.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::AlertmanagerState;
use super::answer::shown;

/// The Alertmanager whose API this is; clients ask to learn what they may call.
const ALERTMANAGER_VERSION: &str = "0.28.1";

/// `GET /api/v2/status`
pub(super) async fn status(State(state): State<AlertmanagerState>) -> Json<Value> {
    Json(json!({
        "cluster": { "peers": [], "status": "disabled" },
        "config": { "original": (state.config_yaml)() },
        "uptime": shown(state.started),
        "versionInfo": {
            "branch": "bellwether",
            "buildDate": "",
            "buildUser": "",
            "goVersion": "",
            "revision": env!("CARGO_PKG_VERSION"),
            "version": ALERTMANAGER_VERSION,
        },
    }))
}

/// `GET /api/v2/receivers`
pub(super) async fn receivers(State(state): State<AlertmanagerState>) -> Json<Value> {
    let core = state.alertmanager.lock();
    let names = core.config().receivers.iter().map(|receiver| json!({ "name": receiver.name }));
    Json(names.collect())
}

/// All of version 1, which Alertmanager has no more either.
pub(super) async fn gone() -> (StatusCode, Json<Value>) {
    let error = "version 1 of Alertmanager's API is gone; use /api/v2";
    (StatusCode::GONE, Json(json!({ "status": "deprecated", "error": error })))
}
