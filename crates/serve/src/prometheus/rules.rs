//! `/rules`, `/alerts` and `/alertmanagers`: what is evaluated, what fires, and
//! who hears of it.

use std::sync::Arc;

use alerting::rules::{AlertState, AlertStatus, GroupStatus, RuleDefinition, RuleKind, RuleStatus};
use axum::extract::State;
use axum::response::Response;
use model::{Labels, Matcher};
use serde_json::{Map, Value, json};
use xxhash_rust::xxh3::xxh3_128;

use super::PrometheusState;
use super::json::go_exponent;
use super::params::Params;
use super::query::run_blocking;
use super::respond::{ApiError, success_value};
use super::targets::rfc3339;

/// All groups as their last evaluation left them, by file and name.
pub type Groups = Arc<dyn Fn() -> Vec<Arc<GroupStatus>> + Send + Sync>;

/// Who hears of alerts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertmanagersView {
    /// Where alerts are sent.
    pub active: Vec<String>,
    /// What was found and relabelling dropped.
    pub dropped: Vec<String>,
}

/// `/api/v1/alertmanagers`
pub async fn alertmanagers(State(state): State<PrometheusState>) -> Response {
    let view = (state.alertmanagers)();
    let urls = |urls: Vec<String>| -> Value {
        urls.into_iter().map(|url| json!({ "url": url })).collect()
    };
    success_value(&json!({
        "activeAlertmanagers": urls(view.active),
        "droppedAlertmanagers": urls(view.dropped),
    }))
}

/// `/api/v1/alerts`
pub async fn alerts(State(state): State<PrometheusState>) -> Result<Response, ApiError> {
    run_blocking(move |_| {
        let groups = (state.rules)();
        let rules = groups.iter().flat_map(|group| &group.rules);
        let alerts: Value = rules.flat_map(|rule| &rule.alerts).map(alert_json).collect();
        Ok(success_value(&json!({ "alerts": alerts })))
    })
    .await
}

/// `/api/v1/rules`
pub async fn rules(
    State(state): State<PrometheusState>,
    params: Params,
) -> Result<Response, ApiError> {
    // There may be thousands of rules.
    run_blocking(move |_| Ok(success_value(&groups_json(&(state.rules)(), &params)?))).await
}

fn groups_json(groups: &[Arc<GroupStatus>], params: &Params) -> Result<Value, ApiError> {
    let wanted = Wanted::read(params)?;
    let page = Page::read(params)?;
    let (shown, next) = page.cut(groups, |group| {
        let rules = group.rules.iter().filter(|rule| wanted.has_rule(rule));
        let rules: Vec<Value> = rules.map(|rule| rule_json(rule, wanted.has_alerts)).collect();
        let is_shown = wanted.has_group(group) && !rules.is_empty();
        is_shown.then(|| group_json(group, rules))
    })?;
    let mut data = json!({ "groups": shown });
    if let Some(next) = next {
        data["groupNextToken"] = Value::from(next);
    }
    Ok(data)
}

/// Which rules a request asks for.
struct Wanted<'a> {
    kind: Option<Kind>,
    names: Vec<&'a str>,
    groups: Vec<&'a str>,
    files: Vec<&'a str>,
    /// On the labels that a file gives a rule; one set has to match.
    selectors: Vec<Vec<Matcher>>,
    has_alerts: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Alert,
    Record,
}

impl<'a> Wanted<'a> {
    fn read(params: &'a Params) -> Result<Self, ApiError> {
        let kind = match params.get("type").map(str::to_lowercase).as_deref() {
            None => None,
            Some("alert") => Some(Kind::Alert),
            Some("record") => Some(Kind::Record),
            Some(other) => {
                return Err(ApiError::parameter("type", format!("not supported value {other:?}")));
            }
        };
        let is_excluded = match params.get("exclude_alerts") {
            None => false,
            Some(text) => go_bool(text).ok_or_else(|| {
                let reason = format!("strconv.ParseBool: parsing {text:?}: invalid syntax");
                let reason = format!("error converting exclude_alerts: {reason}");
                ApiError::parameter("exclude_alerts", reason)
            })?,
        };
        Ok(Self {
            kind,
            names: params.all("rule_name[]").collect(),
            groups: params.all("rule_group[]").collect(),
            files: params.all("file[]").collect(),
            selectors: params.selectors()?,
            has_alerts: !is_excluded,
        })
    }

    fn has_group(&self, group: &GroupStatus) -> bool {
        is_listed(&self.groups, &group.name) && is_listed(&self.files, &group.file)
    }

    fn has_rule(&self, rule: &RuleStatus) -> bool {
        let kind = match rule.definition.kind {
            RuleKind::Alert { .. } => Kind::Alert,
            RuleKind::Record(_) => Kind::Record,
        };
        self.kind.is_none_or(|wanted| wanted == kind)
            && is_listed(&self.names, rule.definition.name())
            && (self.selectors.is_empty() || self.selects(&rule.definition))
    }

    fn selects(&self, rule: &RuleDefinition) -> bool {
        let labels = Labels::from_pairs(&rule.labels);
        let all = |matchers: &Vec<Matcher>| matchers.iter().all(|m| m.matches_labels(&labels));
        self.selectors.iter().any(all)
    }
}

/// Whether a list names it; an empty one names all.
fn is_listed(list: &[&str], name: &str) -> bool {
    list.is_empty() || list.contains(&name)
}

/// As Go's `strconv.ParseBool`.
fn go_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// Which part of all groups a request asks for.
struct Page<'a> {
    groups_max: Option<usize>,
    /// Names the group to begin with.
    token: Option<&'a str>,
}

impl<'a> Page<'a> {
    fn read(params: &'a Params) -> Result<Self, ApiError> {
        let token = params.get("group_next_token");
        let Some(text) = params.get("group_limit") else {
            if token.is_some() {
                let reason = "group_limit needs to be present in order to paginate over the groups";
                return Err(ApiError::parameter("group_next_token", reason));
            }
            return Ok(Self { groups_max: None, token: None });
        };
        let fault = |reason: &str| ApiError::parameter("group_limit", reason);
        let limit: i32 = text
            .parse()
            .map_err(|_| fault(&format!("group_limit needs to be a valid number: {text:?}")))?;
        match usize::try_from(limit) {
            Ok(limit) if limit > 0 => Ok(Self { groups_max: Some(limit), token }),
            _ => Err(fault("group_limit needs to be greater than 0")),
        }
    }

    /// What `show` shows of the groups of this page, and the token of the next one.
    fn cut(
        &self,
        groups: &[Arc<GroupStatus>],
        show: impl Fn(&GroupStatus) -> Option<Value>,
    ) -> Result<(Vec<Value>, Option<String>), ApiError> {
        let start = match self.token {
            None => 0,
            Some(wanted) => {
                groups.iter().position(|group| token(group) == wanted).ok_or_else(|| {
                    let reason =
                        format!("invalid group_next_token '{wanted}'. were rule groups changed?");
                    ApiError::parameter("group_next_token", reason)
                })?
            }
        };
        let mut shown = Vec::new();
        for group in &groups[start..] {
            let Some(value) = show(group) else { continue };
            if self.groups_max == Some(shown.len()) {
                return Ok((shown, Some(token(group))));
            }
            shown.push(value);
        }
        Ok((shown, None))
    }
}

/// Names a group without telling more than a client may rely on.
fn token(group: &GroupStatus) -> String {
    format!("{:032x}", xxh3_128(format!("{};{}", group.file, group.name).as_bytes()))
}

fn group_json(group: &GroupStatus, rules: Vec<Value>) -> Value {
    json!({
        "name": group.name,
        "file": group.file,
        "rules": rules,
        "interval": seconds(group.interval.to_duration().as_secs_f64()),
        "limit": group.limit,
        "evaluationTime": group.evaluation_time.as_secs_f64(),
        "lastEvaluation": rfc3339(group.last_evaluation),
    })
}

fn rule_json(rule: &RuleStatus, has_alerts: bool) -> Value {
    let definition = &rule.definition;
    let mut value = json!({
        "name": definition.name(),
        "query": &*rule.query,
        "health": rule.health.as_str(),
        "evaluationTime": rule.evaluation_time.as_secs_f64(),
        "lastEvaluation": rfc3339(rule.last_evaluation),
    });
    if let Some(error) = &rule.last_error {
        value["lastError"] = Value::from(error.as_str());
    }
    match &definition.kind {
        RuleKind::Record(_) => {
            value["type"] = "recording".into();
            if !definition.labels.is_empty() {
                value["labels"] = json!(definition.labels);
            }
        }
        RuleKind::Alert { hold, keep_firing, annotations, .. } => {
            value["type"] = "alerting".into();
            value["state"] = rule.state().as_str().into();
            value["duration"] = seconds(hold.as_secs_f64());
            value["keepFiringFor"] = seconds(keep_firing.as_secs_f64());
            value["labels"] = json!(definition.labels);
            value["annotations"] = json!(annotations);
            let alerts = rule.alerts.iter().filter(|_| has_alerts);
            value["alerts"] = alerts.map(alert_json).collect();
        }
    }
    value
}

/// A number as Go writes it: whole ones without a point.
fn seconds(value: f64) -> Value {
    if value.fract() == 0.0 { Value::from(value as i64) } else { Value::from(value) }
}

fn alert_json(alert: &AlertStatus) -> Value {
    let labels: Map<String, Value> =
        alert.labels.iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
    let mut value = json!({
        "labels": labels,
        "annotations": alert.annotations,
        "state": alert.state.as_str(),
        "activeAt": rfc3339(Some(alert.active_at)),
        "value": go_exponent(alert.value),
    });
    if alert.state == AlertState::Firing
        && let Some(since) = alert.keep_firing_since
    {
        value["keepFiringSince"] = rfc3339(Some(since)).into();
    }
    value
}

#[cfg(test)]
mod tests;
