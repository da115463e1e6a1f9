//! Our own `/routes` and `/route-test`: the tree, and where labels lead in it.

use std::collections::BTreeMap;

use alerting::alertmanager::Alertmanager;
use alerting::config::{GroupBy, InhibitRuleConfig};
use alerting::matchers;
use alerting::routes::{Route, RouteId, RouteTree};
use axum::Json;
use axum::extract::State;
use model::{Labels, Matcher, Millis, PromDuration, Timestamp};
use serde_json::{Value, json};

use super::AlertmanagerState;
use crate::prometheus::ApiError;
use crate::prometheus::params::Params;

/// `GET …/routes`
pub(super) async fn tree(State(state): State<AlertmanagerState>) -> Json<Value> {
    let core = state.alertmanager.lock();
    let config = core.config();
    let receivers = config.receivers.iter().map(|receiver| {
        let kinds: Vec<&str> = receiver.integrations.iter().map(|i| i.kind()).collect();
        json!({ "name": receiver.name, "integrations": kinds })
    });
    Json(json!({
        "route": route(core.routes(), core.routes().root(), "0"),
        "receivers": receivers.collect::<Value>(),
        "inhibitRules": config.inhibit_rules.iter().map(inhibit_rule).collect::<Value>(),
        "timeIntervals": config.time_intervals.keys().collect::<Vec<_>>(),
    }))
}

fn route(tree: &RouteTree, of: &Route, id: &str) -> Value {
    let below = of.children.iter().enumerate();
    let below = below.map(|(index, child)| route(tree, tree.get(*child), &format!("{id}.{index}")));
    let (group_by, is_all) = match &of.group_by {
        GroupBy::All => (vec!["..."], true),
        GroupBy::Labels(names) => (names.iter().map(String::as_str).collect(), false),
    };
    json!({
        "id": id,
        "receiver": of.receiver,
        "matchers": shown(&of.matchers),
        "groupBy": group_by,
        "groupByAll": is_all,
        "groupWait": duration(of.group_wait),
        "groupInterval": duration(of.group_interval),
        "repeatInterval": duration(of.repeat_interval),
        "muteTimeIntervals": of.mute_time_intervals,
        "activeTimeIntervals": of.active_time_intervals,
        "continue": of.continues,
        "routes": below.collect::<Value>(),
    })
}

fn inhibit_rule(rule: &InhibitRuleConfig) -> Value {
    json!({
        "sourceMatchers": shown(&rule.source),
        "targetMatchers": shown(&rule.target),
        "equal": rule.equal,
    })
}

fn shown(matchers: &[Matcher]) -> Vec<String> {
    matchers.iter().map(matchers::show_one).collect()
}

fn duration(length: Millis) -> String {
    PromDuration::from_millis(length.get()).to_string()
}

/// `GET …/route-test?label=name%3Dvalue`, once for each label.
pub(super) async fn test(
    State(state): State<AlertmanagerState>,
    params: Params,
) -> Result<Json<Value>, ApiError> {
    let mut pairs = BTreeMap::new();
    for text in params.all("label") {
        let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
        let (name, value) = pair.ok_or_else(|| {
            ApiError::parameter("label", format!("{text:?} is not of the form name=value"))
        })?;
        pairs.insert(name, value);
    }
    let core = state.alertmanager.lock();
    Ok(Json(json!({ "matches": matches(&core, &Labels::from_pairs(pairs)) })))
}

fn matches(core: &Alertmanager, labels: &Labels) -> Value {
    let ids = ids(core.routes());
    let taken = core.routes().matching(labels).into_iter().map(|route| {
        let id = ids[&route.id].as_str();
        // The identifiers on the way: all that end at a dot, and the last.
        let dots = id.match_indices('.').map(|(at, _)| &id[..at]);
        let path: Vec<&str> = dots.chain([id]).collect();
        let group_labels = route.group_labels(labels);
        let group_labels: BTreeMap<&str, &str> = group_labels.iter().collect();
        json!({
            "id": id,
            "receiver": route.receiver,
            "path": path,
            "groupLabels": group_labels,
            "mutedBy": core.muting_intervals(route, Timestamp::now()),
        })
    });
    taken.collect()
}

/// The identifiers of all routes.
fn ids(tree: &RouteTree) -> BTreeMap<RouteId, String> {
    let mut ids = BTreeMap::from([(tree.root().id, "0".to_owned())]);
    // A route stands before those below it.
    for route in tree.iter() {
        for (index, child) in route.children.iter().enumerate() {
            let id = format!("{}.{index}", ids[&route.id]);
            ids.insert(*child, id);
        }
    }
    ids
}
