//! Shapes and status codes, through the router.

use axum::body::{Body, to_bytes};
use axum::http::Request;
use model::{MetricMetadata, SampleBatch, TimeRange};
use serde_json::{Value, json};
use storage::{
    AppendOptions, AppendOutcome, ExemplarRequest, LabelRequest, Maintenance, MaintenanceOutcome,
    MetadataRequest, Names, SelectRequest, SeriesExemplars, SeriesSelection, StoreError,
    StoreStatus,
};
use tower::ServiceExt;

use super::*;

/// A store that holds nothing.
struct EmptyStore;

struct EmptySelection;

impl SeriesSelection for EmptySelection {
    fn labels(&self) -> &[model::Labels] {
        &[]
    }
    fn read(&self, _: usize, _: &mut model::SampleColumns) -> Result<(), StoreError> {
        Ok(())
    }
}

impl SeriesStore for EmptyStore {
    fn append(&self, _: &SampleBatch, _: &AppendOptions) -> Result<AppendOutcome, StoreError> {
        Err(StoreError::ReadOnly("it is a test"))
    }
    fn select(&self, _: &SelectRequest<'_>) -> Result<Box<dyn SeriesSelection>, StoreError> {
        Ok(Box::new(EmptySelection))
    }
    fn label_names(&self, request: &LabelRequest<'_>) -> Result<Names, StoreError> {
        let is_truncated = request.limit.is_some();
        Ok(Names { values: vec!["__name__".into(), "job".into()], is_truncated })
    }
    fn label_values(&self, name: &str, _: &LabelRequest<'_>) -> Result<Names, StoreError> {
        Ok(Names { values: vec![name.to_owned()], is_truncated: false })
    }
    fn exemplars(&self, _: &ExemplarRequest<'_>) -> Result<Vec<SeriesExemplars>, StoreError> {
        Ok(Vec::new())
    }
    fn metadata(&self, _: &MetadataRequest) -> Result<Vec<MetricMetadata>, StoreError> {
        let kind = model::MetricKind::Gauge;
        Ok(vec![MetricMetadata { family: "up".into(), kind, unit: "".into(), help: "Up?".into() }])
    }
    fn delete(&self, _: &[Vec<model::Matcher>], _: TimeRange) -> Result<(), StoreError> {
        Ok(())
    }
    fn status(&self, _: usize) -> StoreStatus {
        StoreStatus::default()
    }
    fn maintain(&self, _: &Maintenance) -> Result<MaintenanceOutcome, StoreError> {
        Ok(MaintenanceOutcome::Snapshot("/data/snapshots/abc".into()))
    }
}

fn app(is_admin_enabled: bool) -> Router {
    let (lifecycle, mut requests) = mpsc::channel(1);
    tokio::spawn(async move {
        while let Some(request) = requests.recv().await {
            if let LifecycleRequest::Reload(answer) = request {
                let _ = answer.send(Err("line 3: no".to_owned()));
            }
        }
    });
    let info = ServerInfo {
        build: [("version", "0.0.0".to_owned())].into(),
        flags: [("data-dir".to_owned(), "x".to_owned())].into(),
        config_yaml: Arc::new(|| "global: {}\n".to_owned()),
        started: model::Timestamp::from_millis(0),
        working_dir: "/".to_owned(),
        retention: "15d".to_owned(),
        hostname: "host".to_owned(),
        last_reload: Arc::new(|| (true, model::Timestamp::from_millis(0))),
    };
    router(PrometheusState {
        store: Arc::new(EmptyStore),
        engine: Arc::new(Engine::new(Default::default())),
        targets: Arc::new(TargetsView::default),
        rules: Arc::new(Vec::new),
        alertmanagers: Arc::new(AlertmanagersView::default),
        info: Arc::new(info),
        lifecycle,
        is_admin_enabled,
    })
}

async fn call(method: &str, uri: &str, form: &str) -> (u16, String) {
    let request = Request::builder()
        .method(method)
        .uri(uri)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(form.to_owned()))
        .unwrap();
    let is_admin = !uri.contains("closed");
    let response = app(is_admin).oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

async fn get(uri: &str) -> (u16, Value) {
    let (status, body) = call("GET", uri, "").await;
    (status, serde_json::from_str(&body).unwrap_or(Value::String(body)))
}

#[tokio::test]
async fn lists_have_their_shapes() {
    let (status, body) = get("/api/v1/labels").await;
    assert_eq!((status, body), (200, json!({"status": "success", "data": ["__name__", "job"]})));
    let (_, body) = get("/api/v1/labels?limit=1").await;
    assert_eq!(body["warnings"], json!(["results truncated due to limit"]));
    let (_, body) = get("/api/v1/label/U__a_2e_b/values").await;
    assert_eq!(body["data"], json!(["a.b"]));
    let (_, body) = get("/api/v1/metadata").await;
    assert_eq!(body["data"], json!({"up": [{"type": "gauge", "help": "Up?", "unit": ""}]}));
    let (_, body) = get("/api/v1/targets").await;
    let empty = json!({"activeTargets": [], "droppedTargets": [], "droppedTargetCounts": {}});
    assert_eq!(body["data"], empty);
}

#[tokio::test]
async fn a_query_explains_itself_where_it_is_asked_to() {
    let stats = async |which: &str| {
        let (_, body) = get(&format!("/api/v1/query?query=abs(up)%2B1&stats={which}")).await;
        body["data"]["stats"].clone()
    };
    assert_eq!(stats("").await, Value::Null);
    let all = stats("all").await;
    assert!(all["timings"]["execTotalTime"].is_number() && all.get("explain").is_none(), "{all}");
    assert!(all["samples"]["totalQueryableSamplesPerStep"].is_array(), "{all}");
    let explain = stats("explain").await["explain"].clone();
    let parts = explain["parts"].as_array().unwrap();
    assert_eq!(
        (&parts[0]["start"], &parts[0]["end"], &parts[0]["depth"]),
        (&json!(0), &json!(9), &json!(0))
    );
    assert!(parts.len() > 1 && explain["read"]["samplesDecoded"].is_number(), "{explain}");
}

#[tokio::test]
async fn bad_requests_say_why() {
    for (uri, message) in [
        (
            "/api/v1/query?query=rate(a)",
            "invalid parameter \"query\": 1:6: parse error: expected type range vector",
        ),
        (
            "/api/v1/query?query=a&time=x",
            "invalid parameter \"time\": invalid time value for 'time': cannot parse \"x\" to a valid timestamp",
        ),
        ("/api/v1/query_range?query=a&start=0&end=1", "invalid parameter \"step\""),
        ("/api/v1/query_range?query=a&start=0&end=1&step=0", "zero or negative query resolution"),
        (
            "/api/v1/query_range?query=a&start=2&end=1&step=1",
            "end timestamp must not be before start time",
        ),
        (
            "/api/v1/query_range?query=a&start=0&end=11001&step=1",
            "exceeded maximum resolution of 11,000 points",
        ),
        ("/api/v1/series", "no match[] parameter provided"),
        ("/api/v1/series?match[]=rate(a[5m])", "invalid parameter \"match[]\""),
        ("/api/v1/labels?limit=-1", "limit must be non-negative"),
        ("/api/v1/series?match[]=%7B%7D", "match[] must contain at least one non-empty matcher"),
        ("/api/v1/metadata?limit=x", "limit must be a number"),
        ("/api/v1/status/tsdb?limit=0", "limit must be a positive number"),
        ("/api/v1/status/tsdb?limit=10001", "limit must not exceed 10000"),
        ("/api/v1/query_exemplars?query=a&start=2&end=1", "end timestamp must not be before start"),
    ] {
        let (status, body) = get(uri).await;
        assert_eq!(status, 400, "{uri}: {body}");
        assert_eq!(body["errorType"], "bad_data", "{uri}");
        assert!(body["error"].as_str().unwrap().contains(message), "{uri}: {body}");
    }
}

#[tokio::test]
async fn admin_is_closed_unless_opened() {
    let (status, body) = call("POST", "/api/v1/admin/tsdb/snapshot?closed", "").await;
    assert_eq!(status, 503);
    assert!(body.contains("admin APIs disabled"), "{body}");
    let (status, body) = call("POST", "/api/v1/admin/tsdb/snapshot", "").await;
    assert_eq!(status, 200);
    assert!(body.contains(r#""name":"abc""#), "{body}");
    let (status, _) = call("POST", "/api/v1/admin/tsdb/delete_series", "match[]=up").await;
    assert_eq!(status, 204);
}

#[tokio::test]
async fn lifecycle_and_unknown_paths() {
    assert_eq!(call("GET", "/-/healthy", "").await.0, 200);
    let (status, body) = call("POST", "/-/reload", "").await;
    assert_eq!((status, body.as_str()), (500, "failed to reload config: line 3: no\n"));
    let only_post = (405, "Only POST or PUT requests allowed\n".to_owned());
    assert_eq!(call("GET", "/-/reload", "").await, only_post);
    let not_allowed = (405, "Method Not Allowed\n".to_owned());
    assert_eq!(call("PUT", "/api/v1/query?query=1", "").await, not_allowed);
    assert_eq!(call("OPTIONS", "/api/v1/query", "").await.0, 204);
    assert_eq!(call("GET", "/api/v1/nothing", "").await.0, 404);
}

#[tokio::test]
async fn what_the_server_says_of_itself() {
    let (_, body) = get("/api/v1/features").await;
    assert_eq!(body["data"]["api"]["remote_write_receiver"], true);
    assert_eq!(body["data"]["api"]["admin"], true);
    let promql = &body["data"]["promql_functions"];
    assert_eq!((&promql["rate"], &promql["zscore_robust_over_time"]), (&json!(true), &json!(true)));
    assert_eq!(promql["mad_over_time"], false, "experimental functions need their flag");
    assert_eq!(body["data"]["promql_operators"]["limitk"], false);
    assert_eq!(body["data"]["promql_operators"]["atan2"], true);
    let (_, body) = get("/api/v1/functions").await;
    let all = body["data"].as_array().unwrap();
    let of = |name: &str| all.iter().find(|function| function["name"] == name).unwrap().clone();
    let round = of("round");
    assert_eq!(round["arguments"], json!(["instant vector", "scalar"]));
    assert_eq!((&round["optional"], &round["isOwn"]), (&json!(1), &json!(false)));
    assert_eq!(of("label_join")["optional"], Value::Null);
    assert_eq!(of("mad_over_time")["isEnabled"], false);
    let own = of("seasonal_baseline_over_time");
    assert_eq!((&own["isOwn"], &own["isEnabled"]), (&json!(true), &json!(true)));
    assert!(own["help"].as_str().unwrap().contains("usual"), "{own}");
    let (_, body) = get("/api/v1/notifications").await;
    assert_eq!(body["data"], json!([]));
    let (_, body) = get("/api/v1/status/tsdb/blocks").await;
    assert_eq!(body["data"], json!({"blocks": []}));
}

#[tokio::test]
async fn one_listener_too_many_is_sent_away() {
    let listen = async || {
        let request = Request::builder().uri("/api/v1/notifications/live").body(Body::empty());
        app(true).oneshot(request.unwrap()).await.unwrap()
    };
    let mut listening = Vec::new();
    for _ in 0..16 {
        let response = listen().await;
        assert_eq!(response.status().as_u16(), 200);
        listening.push(response);
    }
    assert_eq!(listen().await.status().as_u16(), 204);
    drop(listening);
    // Those who go make room, as soon as their tasks notice.
    while listen().await.status().as_u16() == 204 {
        tokio::task::yield_now().await;
    }
}
