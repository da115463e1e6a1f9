//! What `/rules` shows of groups, and what its parameters leave of them.

use std::time::Duration;

use ::query::promql::ParseOptions;
use alerting::rules::{RuleFile, RuleHealth};
use axum::body::Body;
use axum::extract::FromRequest;
use axum::http::Request;
use model::{Millis, Timestamp};

use super::*;

const FILE: &str = "
groups:
- name: one
  limit: 3
  rules:
  - {record: job:up:sum, expr: sum by (job) (up), labels: {team: a}}
  - {record: plain, expr: '1'}
  - alert: Down
    expr: up == 0
    for: 90s
    keep_firing_for: 500ms
    labels: {team: b, severity: page}
    annotations: {summary: '{{ $value }}'}
- name: two
  rules: [{alert: Broken, expr: x}]
- name: three
  rules: [{record: late, expr: y}]
- name: empty
";

fn groups() -> Vec<Arc<GroupStatus>> {
    let file = RuleFile::parse(FILE, ParseOptions { experimental: false }).unwrap();
    let status = |definition: &RuleDefinition| RuleStatus {
        query: definition.expr.as_str().into(),
        definition: Arc::new(definition.clone()),
        health: RuleHealth::Unknown,
        last_error: None,
        evaluation_time: Duration::ZERO,
        last_evaluation: None,
        failures: 0,
        template_fault: None,
        alerts: Vec::new(),
    };
    let groups = file.groups.iter().map(|group| GroupStatus {
        name: group.name.clone(),
        file: if group.name == "three" { "b.yml" } else { "a.yml" }.to_owned(),
        interval: Millis::new(1500),
        limit: group.limit,
        rules: group.rules.iter().map(status).collect(),
        ..GroupStatus::default()
    });
    let mut groups: Vec<GroupStatus> = groups.collect();
    let at = Timestamp::from_millis(1_700_000_000_250);
    let down = &mut groups[0].rules[2];
    let alert = |job: &str, state, keep_firing_since| AlertStatus {
        labels: Labels::from_pairs([("alertname", "Down"), ("job", job)]),
        annotations: [("summary".to_owned(), "0".to_owned())].into(),
        state,
        active_at: at,
        keep_firing_since,
        value: 0.5,
    };
    down.alerts =
        vec![alert("a", AlertState::Pending, None), alert("b", AlertState::Firing, Some(at))];
    down.health = RuleHealth::Ok;
    down.last_evaluation = Some(at);
    down.evaluation_time = Duration::from_millis(2);
    groups[0].last_evaluation = Some(at);
    let broken = &mut groups[1].rules[0];
    broken.health = RuleHealth::Err;
    broken.last_error = Some("no".to_owned());
    groups.into_iter().map(Arc::new).collect()
}

async fn ask(query: &str) -> Result<Value, String> {
    let uri = format!("/rules?{query}");
    let request = Request::builder().uri(uri).body(Body::empty()).unwrap();
    let params = Params::from_request(request, &()).await.unwrap();
    groups_json(&groups(), &params).map_err(|error| error.message)
}

/// The names of groups and rules.
async fn names(query: &str) -> String {
    let answer = ask(query).await.unwrap();
    let group = |group: &Value| {
        let rules = group["rules"].as_array().unwrap();
        let rules: Vec<_> = rules.iter().map(|rule| rule["name"].as_str().unwrap()).collect();
        format!("{}: {}", group["name"].as_str().unwrap(), rules.join(" "))
    };
    let groups = answer["groups"].as_array().unwrap();
    groups.iter().map(group).collect::<Vec<_>>().join("; ")
}

#[tokio::test]
async fn groups_and_rules_have_prometheus_fields() {
    let answer = ask("").await.unwrap();
    let group = &answer["groups"][0];
    assert_eq!(group["interval"], json!(1.5));
    assert_eq!(group["limit"], json!(3));
    assert_eq!(group["lastEvaluation"], json!("2023-11-14T22:13:20.25Z"));
    assert_eq!(answer["groups"][1]["lastEvaluation"], json!("0001-01-01T00:00:00Z"));
    assert_eq!(
        group["rules"][0],
        json!({"name": "job:up:sum", "query": "sum by (job) (up)", "labels": {"team": "a"},
               "health": "unknown", "evaluationTime": 0.0, "type": "recording",
               "lastEvaluation": "0001-01-01T00:00:00Z"})
    );
    assert!(group["rules"][1].get("labels").is_none());
    let mut down = group["rules"][2].clone();
    let alerts = down.as_object_mut().unwrap().remove("alerts").unwrap();
    assert_eq!(
        down,
        json!({"name": "Down", "query": "up == 0", "labels": {"team": "b", "severity": "page"},
               "annotations": {"summary": "{{ $value }}"}, "state": "firing", "duration": 90,
               "keepFiringFor": 0.5, "health": "ok", "evaluationTime": 0.002, "type": "alerting",
               "lastEvaluation": "2023-11-14T22:13:20.25Z"})
    );
    assert_eq!(
        alerts,
        json!([
            {"labels": {"alertname": "Down", "job": "a"}, "annotations": {"summary": "0"},
             "state": "pending", "activeAt": "2023-11-14T22:13:20.25Z", "value": "5e-01"},
            {"labels": {"alertname": "Down", "job": "b"}, "annotations": {"summary": "0"},
             "state": "firing", "activeAt": "2023-11-14T22:13:20.25Z", "value": "5e-01",
             "keepFiringSince": "2023-11-14T22:13:20.25Z"},
        ])
    );
    let broken = &answer["groups"][1]["rules"][0];
    assert_eq!((&broken["health"], &broken["lastError"]), (&json!("err"), &json!("no")));
    assert_eq!((&broken["state"], &broken["alerts"]), (&json!("inactive"), &json!([])));
}

#[tokio::test]
async fn parameters_leave_what_they_name() {
    let all = "one: job:up:sum plain Down; two: Broken; three: late";
    for (query, left) in [
        ("", all),
        ("type=alert", "one: Down; two: Broken"),
        ("type=Record", "one: job:up:sum plain; three: late"),
        ("rule_name[]=Down&rule_name[]=late", "one: Down; three: late"),
        ("rule_group[]=two", "two: Broken"),
        ("file[]=b.yml&file[]=c.yml", "three: late"),
        ("file[]=a.yml&type=record", "one: job:up:sum plain"),
        ("match[]={team=\"a\"}&match[]={severity=~\"p.*\"}", "one: job:up:sum Down"),
        ("match[]={team=\"a\",severity=\"page\"}", ""),
    ] {
        let query = query.replace('{', "%7B").replace('}', "%7D").replace('"', "%22");
        assert_eq!(names(&query).await, left, "{query}");
    }
    let answer = ask("exclude_alerts=true").await.unwrap();
    assert_eq!(answer["groups"][0]["rules"][2]["alerts"], json!([]));
    assert_eq!(answer["groups"][0]["rules"][2]["state"], json!("firing"));
}

#[tokio::test]
async fn pages_follow_each_other() {
    let first = ask("group_limit=2").await.unwrap();
    let token = first["groupNextToken"].as_str().unwrap();
    assert_eq!(names("group_limit=2").await, "one: job:up:sum plain Down; two: Broken");
    let next = format!("group_limit=2&group_next_token={token}");
    assert_eq!(names(&next).await, "three: late");
    assert!(ask(&next).await.unwrap().get("groupNextToken").is_none());
    // What a filter leaves out takes no room of a page.
    assert_eq!(names("group_limit=1&file[]=b.yml").await, "three: late");
    assert!(ask("group_limit=3").await.unwrap().get("groupNextToken").is_none());
}

#[tokio::test]
async fn parameters_that_make_no_sense_are_refused() {
    for (query, part) in [
        ("type=x", "not supported value \"x\""),
        ("exclude_alerts=x", "error converting exclude_alerts"),
        ("match[]=x{", "invalid parameter \"match[]\""),
        ("group_limit=0", "greater than 0"),
        ("group_limit=x", "valid number"),
        ("group_next_token=x", "group_limit needs to be present"),
        ("group_limit=1&group_next_token=x", "were rule groups changed?"),
    ] {
        let query = query.replace('{', "%7B");
        let error = ask(&query).await.unwrap_err();
        assert!(error.contains(part), "{query}: {error}");
    }
}
