//! `/features`: what this server can do, in Prometheus' categories and names; and
//! `/functions`, which is ours: PromQL's functions for help and completion.

use ::query::promql::functions;
use ::query::promql::functions::signatures::{FUNCTIONS, VARIADIC};
use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value, json};

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

/// PromQL's operators and aggregations; the latter that are experimental are not among them.
const OPERATORS: [&str; 31] = [
    "!=",
    "!~",
    "%",
    "*",
    "+",
    "-",
    "/",
    "<",
    "<=",
    "==",
    "=~",
    ">",
    ">=",
    "@",
    "^",
    "and",
    "atan2",
    "avg",
    "bottomk",
    "count",
    "count_values",
    "group",
    "max",
    "min",
    "or",
    "quantile",
    "stddev",
    "stdvar",
    "sum",
    "topk",
    "unless",
];
/// Those that need the flag for experimental features.
const EXPERIMENTAL_OPERATORS: [&str; 4] = ["</", ">/", "limit_ratio", "limitk"];
/// Parts of the language that need it.
const EXPERIMENTAL_SYNTAX: [&str; 4] = ["anchored", "duration_expr", "fill", "smoothed"];

/// `/api/v1/features`
pub async fn features(State(state): State<PrometheusState>) -> Response {
    let mut categories = Map::new();
    let is_experimental = state.engine.config().experimental;
    let own = [("api", "admin", state.is_admin_enabled)];
    let functions = FUNCTIONS
        .iter()
        .map(|f| ("promql_functions", f.name, is_experimental || !f.is_experimental));
    let operators = OPERATORS.map(|operator| ("promql_operators", operator, true));
    let experimental =
        EXPERIMENTAL_OPERATORS.map(|operator| ("promql_operators", operator, is_experimental));
    let syntax = EXPERIMENTAL_SYNTAX.map(|name| ("promql", name, is_experimental));
    let all = FEATURES.into_iter().chain(own).chain(functions).chain(operators);
    for (category, name, is_enabled) in all.chain(experimental).chain(syntax) {
        let features = categories.entry(category).or_insert_with(|| Map::new().into());
        if let Some(features) = features.as_object_mut() {
            features.insert(name.to_owned(), Value::Bool(is_enabled));
        }
    }
    success_value(&Value::Object(categories))
}

/// `/api/v1/functions`: name, arguments, result and a sentence of each function.
pub async fn functions(State(state): State<PrometheusState>) -> Response {
    let is_allowed = state.engine.config().experimental;
    let one = |function: &functions::signatures::Function| {
        let args: Vec<&str> = function.args.iter().map(|kind| kind.describe()).collect();
        json!({
            "name": function.name,
            "arguments": args,
            // How often the last argument may repeat from none on; null for any number.
            "optional": (function.optional != VARIADIC).then_some(function.optional),
            "returns": function.returns.describe(),
            "help": functions::doc(function.name).unwrap_or_default(),
            "isExperimental": function.is_experimental,
            "isEnabled": is_allowed || !function.is_experimental,
            "isOwn": function.is_own,
        })
    };
    success_value(&FUNCTIONS.iter().map(one).collect())
}
