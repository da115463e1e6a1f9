//! `/admin/tsdb/…`: deleting, cleaning, snapshots. Closed unless opened by a flag.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use storage::{Maintenance, MaintenanceOutcome};

use super::PrometheusState;
use super::params::Params;
use super::query::run_blocking;
use super::respond::{ApiError, ErrorType, success_value};

fn check_enabled(state: &PrometheusState) -> Result<(), ApiError> {
    if state.is_admin_enabled {
        Ok(())
    } else {
        Err(ApiError::new(ErrorType::Unavailable, "admin APIs disabled"))
    }
}

/// `/api/v1/admin/tsdb/delete_series`
pub async fn delete_series(
    State(state): State<PrometheusState>,
    params: Params,
) -> Result<Response, ApiError> {
    check_enabled(&state)?;
    let (selectors, range) = (params.selectors()?, params.range()?);
    if selectors.is_empty() {
        return Err(ApiError::new(ErrorType::BadData, "no match[] parameter provided"));
    }
    run_blocking(move |_| Ok(state.store.delete(&selectors, range)?)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `/api/v1/admin/tsdb/clean_tombstones`
pub async fn clean_tombstones(State(state): State<PrometheusState>) -> Result<Response, ApiError> {
    check_enabled(&state)?;
    run_blocking(move |_| Ok(state.store.maintain(&Maintenance::CleanTombstones)?)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `/api/v1/admin/tsdb/snapshot`
pub async fn snapshot(
    State(state): State<PrometheusState>,
    params: Params,
) -> Result<Response, ApiError> {
    check_enabled(&state)?;
    let skip_head = match params.get("skip_head") {
        None | Some("false") => false,
        Some("true") => true,
        Some(other) => {
            return Err(ApiError::parameter(
                "skip_head",
                format!("unable to parse boolean {other:?}"),
            ));
        }
    };
    let task = Maintenance::Snapshot { skip_head };
    match run_blocking(move |_| Ok(state.store.maintain(&task)?)).await? {
        MaintenanceOutcome::Snapshot(path) => {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            Ok(success_value(&json!({ "name": name })))
        }
        MaintenanceOutcome::Done => {
            Err(ApiError::new(ErrorType::Internal, "the store made no snapshot"))
        }
    }
}
