//! What Grafana's Prometheus data source asks, in the order that it asks it: saving
//! and testing, building a query, drawing, exploring.

use serde_json::Value;

use crate::harness::{Server, eventually, request};

/// Posts a form, as Grafana does by default.
fn post(server: &Server, path: &str, form: &str) -> Value {
    let headers = [
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("User-Agent", "Grafana/12.0.0"),
        ("X-Dashboard-Uid", "abc"),
    ];
    let answer = request(server.port(), "POST", path, &headers, form.as_bytes()).unwrap();
    assert_eq!(answer.status, 200, "{path} {form}: {}", answer.body);
    assert!(answer.headers.to_lowercase().contains("content-type: application/json"));
    let json = answer.json();
    assert_eq!(json["status"], "success", "{path} {form}");
    json["data"].clone()
}

#[test]
fn the_data_source_finds_what_it_asks_for() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &[]);
    eventually("both targets are up", || server.query("up == 1").as_array().unwrap().len() == 2);

    // Save & test: a constant query, then the version, to know what may be asked.
    let health = post(&server, "/api/v1/query", "query=1%2B1&time=4");
    assert_eq!(health["result"], serde_json::json!([4, "2"]));
    let build = server.get("/api/v1/status/buildinfo").json();
    let version = build["data"]["version"].as_str().unwrap().to_owned();
    let numbers: Vec<u32> = version.split('.').map(|part| part.parse().unwrap()).collect();
    assert!(numbers >= vec![2, 24, 0], "filters of label values need 2.24: {version}");

    // The query builder: metrics with types and help, labels of a metric, values of a label.
    let metadata = server.get("/api/v1/metadata?limit=40000").json()["data"].clone();
    assert_eq!(metadata["node_load1"][0]["type"], "gauge");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    // Grafana rounds up, so that the newest samples are in it.
    let window = format!("start={}&end={}", now - 3600, now + 1);
    let names = server.get(&format!("/api/v1/label/__name__/values?{window}&limit=40000")).json();
    assert!(names["data"].as_array().unwrap().iter().any(|name| name == "node_load1"));
    let labels = post(
        &server,
        "/api/v1/labels",
        &format!("{window}&match%5B%5D=node_cpu_seconds_total&limit=40000"),
    );
    assert_eq!(labels, serde_json::json!(["__name__", "cpu", "instance", "job", "mode"]));
    let modes = server
        .get(&format!(
            "/api/v1/label/mode/values?{window}&match%5B%5D=node_cpu_seconds_total%7Bcpu%3D%220%22%7D"
        ))
        .json();
    assert!(modes["data"].as_array().unwrap().iter().any(|mode| mode == "idle"));
    let series = post(&server, "/api/v1/series", &format!("{window}&match%5B%5D=up"));
    assert_eq!(series.as_array().unwrap().len(), 2);

    // A panel: a range aligned to its step, fractions of a second in the times.
    let form = format!(
        "query=rate(node_cpu_seconds_total%5B1m0s%5D)&start={}.000&end={now}.5&step=15",
        now - 300
    );
    let range = post(&server, "/api/v1/query_range", &form);
    assert_eq!(range["resultType"], "matrix");
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    let answer = request(server.port(), "POST", "/api/v1/query_range", &headers, b"query=up%7B");
    assert_eq!(answer.unwrap().status, 400, "an error is told as such");

    // Explore: exemplars of what is drawn, rules and alerts for the hints, formatting.
    let exemplars = post(
        &server,
        "/api/v1/query_exemplars",
        &format!("query=histogram_quantile(0.9%2C+sum+by(le)(rate(a_bucket%5B5m%5D)))&{window}"),
    );
    assert_eq!(exemplars, serde_json::json!([]));
    assert!(server.get("/api/v1/rules").json()["data"]["groups"].is_array());
    assert!(server.get("/api/v1/alerts").json()["data"]["alerts"].is_array());
    let formatted = server.get("/api/v1/format_query?query=sum(rate(a%5B5m%5D))by(b)").json();
    assert_eq!(formatted["data"], "sum by (b) (rate(a[5m]))");
    let flags = server.get("/api/v1/status/flags").json();
    assert!(flags["data"].is_object());
}
