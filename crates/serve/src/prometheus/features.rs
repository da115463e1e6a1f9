//! `/features`: what this server can do, in Prometheus' categories and names.

use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value};

use super::PrometheusState;
use super::respond::success_value;

/// What there is and what there is not, by category.
const FEATURES: [(&str, &str, bool); 41] = [
    ("api", "exclude_alerts", true),
    ("api", "label_values_match", true),
    ("api", "lifecycle", true),
    ("api", "otlp_write_receiver", true),
    ("api", "query_stats", true),
    ("api", "query_warnings", true),
    ("api", "remote_write_receiver", true),
    ("api", "time_range_labels", true),
    ("api", "time_range_series", true),
    ("otlp_receiver", "delta_conversion", true),
    ("otlp_receiver", "native_delta_ingestion", false),
    ("prometheus", "agent_mode", false),
    ("prometheus", "auto_reload_config", false),
    ("promql", "at_modifier", true),
    ("promql", "bool", true),
    ("promql", "by", true),
    ("promql", "group_left", true),
    ("promql", "group_right", true),
    ("promql", "ignoring", true),
    ("promql", "negative_offset", true),
    ("promql", "offset", true),
    ("promql", "on", true),
    ("promql", "per_query_lookback_delta", true),
    ("promql", "subqueries", true),
    ("promql", "without", true),
    ("scrape", "extra_scrape_metrics", true),
    ("service_discovery_providers", "consul", true),
    ("service_discovery_providers", "dns", true),
    ("service_discovery_providers", "docker", true),
    ("service_discovery_providers", "ec2", true),
    ("service_discovery_providers", "file", true),
    ("service_discovery_providers", "http", true),
    ("service_discovery_providers", "kubernetes", true),
    ("service_discovery_providers", "static", true),
    ("tsdb", "delayed_compaction", false),
    ("tsdb", "exemplars", true),
    ("tsdb", "isolation", true),
    ("tsdb", "native_histograms", true),
    ("tsdb", "use_uncached_io", false),
    ("ui", "ui_v2", false),
    ("ui", "ui_v3", true),
];

/// `/api/v1/features`
pub async fn features(State(state): State<PrometheusState>) -> Response {
    let mut categories = Map::new();
    let own = [("api", "admin", state.is_admin_enabled)];
    for (category, name, is_enabled) in FEATURES.into_iter().chain(own) {
        let features = categories.entry(category).or_insert_with(|| Map::new().into());
        if let Some(features) = features.as_object_mut() {
            features.insert(name.to_owned(), Value::Bool(is_enabled));
        }
    }
    success_value(&Value::Object(categories))
}
