//! `/status/tsdb/blocks`: the blocks on disk.

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};
use storage::BlockStatus;

use super::PrometheusState;
use super::query::run_blocking;
use super::respond::{ApiError, success_value};

/// `/api/v1/status/tsdb/blocks`
pub async fn blocks(State(state): State<PrometheusState>) -> Result<Response, ApiError> {
    let status = run_blocking(move |_| Ok(state.store.status(0))).await?;
    let blocks: Vec<Value> = status.blocks.iter().map(block).collect();
    Ok(success_value(&json!({ "blocks": blocks })))
}

/// As Prometheus' `BlockMeta`. Sources are not kept: a block is its own.
fn block(block: &BlockStatus) -> Value {
    json!({
        "ulid": block.id,
        "minTime": block.range.start.as_millis(),
        "maxTime": block.range.end.as_millis(),
        "stats": {
            "numSamples": block.samples,
            "numSeries": block.series,
            "sizeBytes": block.bytes,
        },
        "compaction": { "level": block.level, "sources": [block.id] },
        "version": 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{TimeRange, Timestamp};

    #[test]
    fn a_block_has_prometheus_shape() {
        let at = Timestamp::from_millis;
        let status = BlockStatus {
            id: "01ABC".to_owned(),
            range: TimeRange::new(at(1), at(9)),
            series: 2,
            samples: 30,
            bytes: 400,
            level: 3,
        };
        assert_eq!(
            block(&status),
            json!({
                "ulid": "01ABC", "minTime": 1, "maxTime": 9, "version": 1,
                "stats": {"numSamples": 30, "numSeries": 2, "sizeBytes": 400},
                "compaction": {"level": 3, "sources": ["01ABC"]},
            })
        );
    }
}
