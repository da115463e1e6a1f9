//! The API in-process: bodies, status codes, texts.

use alerting::alertmanager::Settings;
use alerting::config::Config;
use alerting::notify::log::NotificationLog;
use alerting::silences::Silences;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::*;

const CONFIG: &str = "
route:
  receiver: default
  group_by: [alertname]
  group_interval: 90s
  routes:
  - {matchers: ['severity=\"page\"'], receiver: pager, continue: true, mute_time_intervals: [always]}
  - {matchers: ['team=~\"a|b\"'], receiver: team, group_by: ['...'], routes: [{matchers: [x=y]}]}
receivers: [{name: default}, {name: pager}, {name: team, webhook_configs: [{url: 'http://x'}]}]
inhibit_rules: [{source_matchers: [severity=critical], target_matchers: [severity=warning], equal: [alertname]}]
time_intervals: [{name: always, time_intervals: [{}]}]
";

struct Api {
    router: Router,
    own: Router,
}

impl Api {
    fn new() -> Self {
        let config = Config::parse(CONFIG).unwrap().0;
        let core = Alertmanager::new(
            Arc::new(config),
            Settings::default(),
            Silences::default(),
            NotificationLog::default(),
        );
        let (lifecycle, mut requests) = mpsc::channel(1);
        tokio::spawn(async move {
            while let Some(request) = requests.recv().await {
                if let LifecycleRequest::Reload(answer) = request {
                    let _ = answer.send(Err("am.yml:1:1: no".to_owned()));
                }
            }
        });
        let state = AlertmanagerState {
            alertmanager: Arc::new(Mutex::new(core)),
            keep: Arc::new(|| Box::pin(async { Ok(()) })),
            config_yaml: Arc::new(|| CONFIG.to_owned()),
            started: Timestamp::from_millis(1_700_000_000_000),
            lifecycle,
        };
        Self { router: router(state.clone()), own: own_router(state) }
    }

    async fn ask(&self, method: Method, path: &str, body: &str) -> (StatusCode, Value) {
        ask(&self.router, method, path, "application/json", body).await
    }

    async fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask(Method::GET, path, "").await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        body
    }
}

async fn ask(
    router: &Router,
    method: Method,
    path: &str,
    kind: &str,
    body: &str,
) -> (StatusCode, Value) {
    let request = Request::builder().method(method).uri(path).header("content-type", kind);
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::from(text)))
}

/// The names of the alerts.
fn names(alerts: &Value) -> Vec<&str> {
    let alerts = alerts.as_array().unwrap().iter();
    let mut names: Vec<&str> =
        alerts.map(|alert| alert["labels"]["alertname"].as_str().unwrap()).collect();
    names.sort_unstable();
    names
}

const ALERTS: &str = r#"[
    {"labels": {"alertname": "A", "severity": "critical"}, "annotations": {"s": "x"}, "generatorURL": "http://g", "unknown": 1},
    {"labels": {"alertname": "A", "severity": "warning"}},
    {"labels": {"alertname": "P", "severity": "page", "team": "a"}}
]"#;

#[tokio::test]
async fn a_path_that_is_none_is_told_so_below_a_prefix_too() {
    let page = Router::new().nest("/alertmanager", Api::new().router).fallback(|| async { "page" });
    let path = "/alertmanager/api/v2/nonsense";
    let (status, body) = ask(&page, Method::GET, path, "application/json", "").await;
    assert_eq!((status, &body["code"]), (StatusCode::NOT_FOUND, &Value::from(404)), "{body}");
}

#[tokio::test]
async fn alerts_are_posted_filtered_and_grouped() {
    let api = Api::new();
    assert_eq!(api.ask(Method::POST, "/api/v2/alerts", ALERTS).await, (StatusCode::OK, "".into()));
    let all = api.get("/api/v2/alerts").await;
    let prints: Vec<&str> =
        all.as_array().unwrap().iter().map(|a| a["fingerprint"].as_str().unwrap()).collect();
    // The first two as Alertmanager itself shows them.
    assert!(prints.contains(&"25c2cdb12d31dc50") && prints.contains(&"b807e636403824b5"));
    assert!(prints.is_sorted());
    for (query, wanted) in [
        ("", vec!["A", "A", "P"]),
        ("?filter=severity%3Dpage", vec!["P"]),
        ("?filter=severity%21%3Dpage&filter=severity%21%3Dwarning", vec!["A"]),
        ("?filter=absent%3D%22%22", vec!["A", "A", "P"]),
        ("?inhibited=false", vec!["A", "P"]),
        ("?muted=false", vec!["A", "A"]),
        ("?active=0", vec!["A", "P"]),
        ("?silenced=false", vec!["A", "A", "P"]),
        ("?receiver=default", vec!["A", "A"]),
        ("?receiver=def", vec![]),
        ("?receiver=pag.*|default", vec!["A", "A", "P"]),
    ] {
        let found = api.get(&format!("/api/v2/alerts{query}")).await;
        assert_eq!(names(&found), wanted, "{query}");
    }
    let groups = api.get("/api/v2/alerts/groups").await;
    let groups: Vec<(&str, usize)> = groups
        .as_array()
        .unwrap()
        .iter()
        .map(|g| (g["receiver"]["name"].as_str().unwrap(), g["alerts"].as_array().unwrap().len()))
        .collect();
    assert_eq!(groups, [("default", 2), ("pager", 1), ("team", 1)]);
    let alert = &api.get("/api/v2/alerts?filter=severity%3Dwarning").await[0];
    assert_eq!(alert["status"]["state"], "suppressed");
    assert_eq!(alert["status"]["inhibitedBy"], json!(["b807e636403824b5"]));
    assert!(alert.get("generatorURL").is_none());
    let starts_at = alert["startsAt"].as_str().unwrap();
    assert!(starts_at.len() == "2026-01-01T00:00:00.000Z".len() && starts_at.ends_with('Z'));
}

#[tokio::test]
async fn bad_alerts_are_named_and_good_ones_taken() {
    let api = Api::new();
    let form = |code: u16, message: &str| json!({ "code": code, "message": message });
    for (body, status, wanted) in [
        ("", 422, form(602, "alerts in body is required")),
        ("[{}]", 422, form(602, "0.labels in body is required")),
        (r#"[{"labels":{}}]"#, 400, json!("at least one label pair required")),
        (
            r#"[{"labels":{"":"x"}},{"labels":{"a":"b"},"annotations":{"":"x"}},{"labels":{"alertname":"Good"}}]"#,
            400,
            json!(
                "invalid label set: invalid name \"\"; invalid annotation set: invalid name \"\""
            ),
        ),
        (
            r#"[{"labels":{"a":"x"},"startsAt":"2030-01-02T00:00:00Z","endsAt":"2030-01-01T00:00:00Z"}]"#,
            400,
            json!("start time must be before end time"),
        ),
    ] {
        let (found, answer) = api.ask(Method::POST, "/api/v2/alerts", body).await;
        assert_eq!((found.as_u16(), answer), (status, wanted), "{body}");
    }
    for body in ["{", "{}", "null", r#"[{"labels":{"a":1}}]"#] {
        let (found, answer) = api.ask(Method::POST, "/api/v2/alerts", body).await;
        assert_eq!((found.as_u16(), &answer["code"]), (400, &json!(400)), "{body}: {answer}");
    }
    assert_eq!(names(&api.get("/api/v2/alerts").await), ["Good"]);
    for kind in ["text/plain", "application/octet-stream", ""] {
        let (status, answer) = ask(&api.router, Method::POST, "/api/v2/alerts", kind, ALERTS).await;
        assert_eq!((status.as_u16(), &answer["code"]), (415, &json!(415)));
    }
}

#[tokio::test]
async fn what_is_asked_badly_is_answered_as_alertmanager_does() {
    let api = Api::new();
    let unknown = "00000000-0000-4000-8000-000000000000";
    for (method, path, status, part) in [
        (Method::GET, "/api/v2/alerts?filter=severity", 400, "bad matcher format: severity"),
        (Method::GET, "/api/v2/alerts/groups?receiver=%28", 400, "failed to parse receiver param"),
        (Method::GET, "/api/v2/silences?filter=x", 400, "bad matcher format: x"),
        (Method::GET, "/api/v2/silence/xyz", 422, "must be of type uuid"),
        (Method::GET, &format!("/api/v2/silence/{unknown}"), 404, ""),
        (Method::DELETE, &format!("/api/v2/silence/{unknown}"), 404, ""),
        (Method::DELETE, "/api/v2/alerts", 405, "but [GET,POST] are"),
        (Method::GET, "/api/v2/nonsense", 404, "path /api/v2/nonsense was not found"),
        (Method::GET, "/api/v1/alerts", 410, "/api/v2"),
        (Method::GET, "/-/reload", 405, ""),
        (Method::POST, "/-/reload", 500, "failed to reload config: am.yml:1:1: no"),
        (Method::GET, "/-/healthy", 200, "OK"),
    ] {
        let (found, answer) = api.ask(method.clone(), path, "").await;
        assert_eq!(found.as_u16(), status, "{method} {path}: {answer}");
        let text = answer.to_string().replace("\\\"", "\"");
        assert!(text.contains(part), "{method} {path}: {text}");
    }
}

fn silence(part: &str) -> String {
    format!(
        r#"{{{part}"startsAt":"2025-01-01T00:00:00Z","endsAt":"2096-01-01T00:00:00+02:00","createdBy":"me","comment":"c"}}"#
    )
}

#[tokio::test]
async fn silences_live() {
    let api = Api::new();
    api.ask(Method::POST, "/api/v2/alerts", ALERTS).await;
    let matchers = r#""matchers":[{"name":"alertname","value":"A","isRegex":false}],"#;
    let (_, made) = api.ask(Method::POST, "/api/v2/silences", &silence(matchers)).await;
    let id = made["silenceID"].as_str().unwrap().to_owned();
    assert_eq!(id.len(), 36);
    let path = format!("/api/v2/silence/{id}");
    let shown = api.get(&path).await;
    assert_eq!(shown["status"]["state"], "active");
    assert_eq!(shown["endsAt"], "2095-12-31T22:00:00.000Z");
    assert_eq!(
        shown["matchers"],
        json!([{"isEqual": true, "isRegex": false, "name": "alertname", "value": "A"}])
    );
    let silenced = api.get("/api/v2/alerts?filter=severity%3Dcritical").await;
    assert_eq!(silenced[0]["status"]["silencedBy"], json!([id]));
    // Other matchers make another, and end the first.
    let other = r#""matchers":[{"name":"team","value":"","isRegex":false,"isEqual":false}],"#;
    let edit = silence(&format!(r#""id":"{id}","extra":1,{other}"#));
    let (status, edited) = api.ask(Method::POST, "/api/v2/silences", &edit).await;
    assert_eq!(status, StatusCode::OK, "{edited}");
    assert_ne!(edited["silenceID"], made["silenceID"]);
    let states = |all: &Value| -> Vec<String> {
        let all = all.as_array().unwrap().iter();
        all.map(|s| s["status"]["state"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(states(&api.get("/api/v2/silences").await), ["active", "expired"]);
    assert_eq!(states(&api.get("/api/v2/silences?filter=alertname%3DA").await), ["expired"]);
    let path = format!("/api/v2/silence/{}", edited["silenceID"].as_str().unwrap());
    // Once more changes nothing.
    for _ in 0..2 {
        assert_eq!(api.ask(Method::DELETE, &path, "").await.0, StatusCode::OK);
    }
    assert_eq!(states(&api.get("/api/v2/silences").await), ["expired", "expired"]);
}

#[tokio::test]
async fn bad_silences_are_refused() {
    let api = Api::new();
    let matcher = |matcher: &str| silence(&format!(r#""matchers":[{matcher}],"#));
    let good = r#"{"name":"a","value":"b","isRegex":false}"#;
    let timed = |starts: &str, ends: &str| {
        format!(
            r#"{{"matchers":[{good}],"startsAt":"{starts}","endsAt":"{ends}","createdBy":"","comment":""}}"#
        )
    };
    for (body, status, part) in [
        (String::new(), 422, "silence in body is required"),
        ("{".to_owned(), 400, "parsing silence body"),
        (silence(""), 422, "matchers in body is required"),
        (matcher(""), 422, "matchers in body should have at least 1 items"),
        (matcher(r#"{"name":"a","value":"b"}"#), 422, "matchers.0.isRegex in body is required"),
        (
            matcher(r#"{"name":"a","value":"","isRegex":false}"#),
            400,
            "silence invalid: at least one matcher must not match the empty string",
        ),
        (
            matcher(r#"{"name":"a","value":"(","isRegex":true}"#),
            400,
            "silence invalid: invalid label matcher 0: invalid regular expression",
        ),
        (
            matcher(r#"{"name":"","value":"x","isRegex":false}"#),
            400,
            "silence invalid: invalid label matcher 0: invalid label name",
        ),
        (silence(&format!(r#""id":"xyz","matchers":[{good}],"#)), 404, "silence not found"),
        (
            timed("2025-01-01T00:00:00Z", "2025-02-01T00:00:00Z"),
            400,
            "end time can't be in the past",
        ),
        (
            timed("2045-01-01T00:00:00Z", "2035-02-01T00:00:00Z"),
            400,
            "Failed to create silence: start time must be before end time",
        ),
        (timed("x", "2035-02-01T00:00:00Z"), 400, "parsing silence body"),
    ] {
        let (found, answer) = api.ask(Method::POST, "/api/v2/silences", &body).await;
        assert_eq!(found.as_u16(), status, "{body}: {answer}");
        assert!(answer.to_string().contains(part), "{body}: {answer}");
    }
    assert_eq!(api.get("/api/v2/silences").await, json!([]));
}

#[tokio::test]
async fn the_tree_is_shown_and_tested() {
    let api = Api::new();
    let own = |path: &'static str| ask(&api.own, Method::GET, path, "", "");
    let (_, tree) = own("/routes").await;
    let team = &tree["route"]["routes"][1];
    assert_eq!(team["id"], "0.1");
    assert_eq!(team["matchers"], json!(["team=~\"a|b\""]));
    assert_eq!((&team["groupBy"], &team["groupByAll"]), (&json!(["..."]), &json!(true)));
    assert_eq!((&team["groupInterval"], &team["repeatInterval"]), (&json!("1m30s"), &json!("4h")));
    assert_eq!(team["routes"][0]["id"], "0.1.0");
    assert_eq!(tree["receivers"][2], json!({"name": "team", "integrations": ["webhook"]}));
    assert_eq!(tree["inhibitRules"][0]["sourceMatchers"], json!(["severity=\"critical\""]));
    assert_eq!(tree["timeIntervals"], json!(["always"]));
    let (_, found) =
        own("/route-test?label=severity%3Dpage&label=team%3Da&label=alertname%3DX&label=x%3Dy")
            .await;
    assert_eq!(
        found["matches"],
        json!([
            {"id": "0.0", "receiver": "pager", "path": ["0", "0.0"],
             "groupLabels": {"alertname": "X"}, "mutedBy": ["always"]},
            {"id": "0.1.0", "receiver": "team", "path": ["0", "0.1", "0.1.0"],
             "groupLabels": {"alertname": "X", "severity": "page", "team": "a", "x": "y"},
             "mutedBy": []},
        ])
    );
    assert_eq!(own("/route-test?label=x").await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn attempts_are_shown_newest_first() {
    use alerting::notify::Verdict;
    let api = Api::new();
    assert_eq!(ask(&api.own, Method::GET, "/attempts", "", "").await.1, json!({"attempts": []}));
    let state = {
        let config =
            Config::parse(&CONFIG.replace("group_interval", "group_wait: 0s\n  group_interval"))
                .unwrap()
                .0;
        let core = Alertmanager::new(
            Arc::new(config),
            Settings::default(),
            Silences::default(),
            NotificationLog::default(),
        );
        let (lifecycle, _) = mpsc::channel(1);
        AlertmanagerState {
            alertmanager: Arc::new(Mutex::new(core)),
            keep: Arc::new(|| Box::pin(async { Ok(()) })),
            config_yaml: Arc::new(String::new),
            started: Timestamp::from_millis(0),
            lifecycle,
        }
    };
    let posted = alerting::alertmanager::wire::decode(br#"[{"labels":{"team":"a"}}]"#).unwrap();
    {
        let mut core = state.alertmanager.lock();
        let now = Timestamp::now();
        core.put_alerts(posted, now);
        let delivery = core.tick(now).remove(0);
        core.report(delivery.id, Verdict::Retry("it is busy".to_owned()), now, 0.5);
        let later = now + model::Millis::from_secs(5);
        let delivery = core.tick(later).remove(0);
        core.report(delivery.id, Verdict::Sent, later, 0.5);
    }
    let own = own_router(state);
    let (_, found) = ask(&own, Method::GET, "/attempts", "", "").await;
    let [sent, retried] = [&found["attempts"][0], &found["attempts"][1]];
    assert_eq!((&sent["outcome"], &sent["number"]), (&json!("sent"), &json!(2)));
    assert_eq!((&sent["isLast"], &sent["error"]), (&json!(true), &Value::Null));
    assert_eq!((&retried["outcome"], &retried["error"]), (&json!("retried"), &json!("it is busy")));
    assert_eq!((&retried["reason"], &retried["firing"]), (&json!("first"), &json!(1)));
    assert_eq!((&retried["receiver"], &retried["isLast"]), (&json!("team"), &json!(false)));
    let (_, one) = ask(&own, Method::GET, "/attempts?limit=1", "", "").await;
    assert_eq!(one["attempts"].as_array().unwrap().len(), 1);
}
