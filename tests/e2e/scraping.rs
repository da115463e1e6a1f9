//! Scraping what others expose: a real client library, with all that it can say.

use serde_json::{Value, json};

use crate::harness::{Peer, Server, encode, eventually, has_python};

fn server_that_scrapes(dir: &std::path::Path, app: &Peer, job: &str) -> Server {
    let config = format!(
        "global: {{scrape_interval: 1s}}\n\
         scrape_configs:\n\
         - job_name: shop\n  \
           static_configs: [{{targets: ['127.0.0.1:{}']}}]\n{job}",
        app.port()
    );
    let server = Server::with_prometheus_yml(dir, &config);
    eventually("the application is scraped", || {
        server.query("up{job=\"shop\"} == 1").as_array().is_some_and(|up| up.len() == 1)
    });
    server
}

/// The value of the one series that `expr` selects.
fn value(server: &Server, expr: &str) -> String {
    let result = server.query(expr);
    assert_eq!(result.as_array().map(Vec::len), Some(1), "{expr}: {result}");
    result[0]["value"][1].as_str().unwrap().to_owned()
}

#[test]
fn every_kind_of_metric_of_a_real_client_library() {
    if !has_python() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let app = Peer::python("instrumented.py", "/metrics");
    let server = server_that_scrapes(dir.path(), &app, "");
    for (expr, expected) in [
        (r#"shop_requests_total{method="GET"}"#, "42"),
        (r#"shop_requests_total{code="500"}"#, "3"),
        (r#"shop_stock{item="a \"quoted\" \\ item\nwith a break"}"#, "-2.5"),
        (r#"shop_stock{item="größe"}"#, "+Inf"),
        (r#"shop_stock{item="missing"}"#, "NaN"),
        (r#"shop_latency_seconds_bucket{le="0.5"}"#, "2"),
        (r#"shop_latency_seconds_bucket{le="+Inf"}"#, "4"),
        ("shop_latency_seconds_count", "4"),
        ("shop_response_bytes_sum", "1536"),
        (r#"shop_build_info{version="1.2.3",revision="abc"}"#, "1"),
        (r#"shop_state{shop_state="running"}"#, "1"),
        ("histogram_quantile(0.5, shop_latency_seconds_bucket)", "0.5"),
    ] {
        assert_eq!(value(&server, expr), expected, "{expr}");
    }
    // Created times are samples of their own in OpenMetrics 1.0, unless they are asked to be more.
    assert_eq!(server.query("shop_requests_created").as_array().unwrap().len(), 2);
    let metadata = server.get("/api/v1/metadata?metric=shop_latency_seconds").json();
    let expected = json!([{"type": "histogram", "help": "How long requests take.", "unit": ""}]);
    assert_eq!(metadata["data"]["shop_latency_seconds"], expected);
    let metadata = server.get("/api/v1/targets/metadata?metric=shop_stock").json();
    assert_eq!(
        metadata["data"][0]["help"], "Items in stock: \"all\" of them,\nand a \\ too.",
        "{metadata}"
    );
}

#[test]
fn exemplars_of_a_real_client_library() {
    if !has_python() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let app = Peer::python("instrumented.py", "/metrics");
    let server = server_that_scrapes(dir.path(), &app, "");
    let exemplars = |query: &str| -> Value {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let path = format!(
            "/api/v1/query_exemplars?query={}&start={}&end={}",
            encode(query),
            now.as_secs() - 600,
            now.as_secs() + 600
        );
        server.get(&path).json()["data"].clone()
    };
    eventually("exemplars are stored", || {
        exemplars("shop_latency_seconds_bucket").as_array().is_some_and(|all| !all.is_empty())
    });
    let found = exemplars("histogram_quantile(0.9, rate(shop_latency_seconds_bucket[5m]))");
    assert_eq!(found.as_array().map(Vec::len), Some(1), "{found}");
    assert_eq!(found[0]["seriesLabels"]["le"], "0.5");
    assert_eq!(found[0]["exemplars"][0]["labels"], json!({"trace_id": "00f067aa0ba902b7"}));
    assert_eq!(found[0]["exemplars"][0]["value"], "0.3");
    let found = exemplars("shop_requests_total + on() group_left shop_latency_seconds_bucket");
    assert_eq!(found.as_array().map(Vec::len), Some(2), "{found}");
}

#[test]
fn relabelling_and_limits_apply() {
    if !has_python() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let app = Peer::python("instrumented.py", "/metrics");
    let limited = format!(
        "- job_name: limited\n  \
           sample_limit: 5\n  \
           static_configs: [{{targets: ['127.0.0.1:{port}']}}]\n\
         - job_name: relabelled\n  \
           static_configs: [{{targets: ['127.0.0.1:{port}'], labels: {{team: shop}}}}]\n  \
           relabel_configs:\n  \
           - {{source_labels: [__address__], regex: '(.*):.*', target_label: host}}\n  \
           metric_relabel_configs:\n  \
           - {{source_labels: [__name__], regex: 'shop_requests_total|up', action: keep}}\n  \
           - {{regex: method, action: labeldrop}}\n",
        port = app.port()
    );
    let server = server_that_scrapes(dir.path(), &app, &limited);
    eventually("all jobs were scraped", || {
        server.query("up").as_array().is_some_and(|up| up.len() == 5)
    });
    assert_eq!(value(&server, "up{job=\"limited\"}"), "0");
    assert_eq!(value(&server, "count({job=\"limited\",__name__=~\"shop.*\"}) or vector(0)"), "0");
    let targets = server.get("/api/v1/targets?scrapePool=limited").json();
    assert_eq!(targets["data"]["activeTargets"][0]["health"], "down");
    let error = targets["data"]["activeTargets"][0]["lastError"].as_str().unwrap();
    assert!(error.starts_with("sample limit exceeded"), "{error}");
    let kept = server.query("{job=\"relabelled\",__name__=~\"shop.*\"}");
    assert_eq!(kept.as_array().map(Vec::len), Some(2), "{kept}");
    let labels = kept[0]["metric"].as_object().unwrap();
    assert_eq!((&labels["host"], &labels["team"]), (&json!("127.0.0.1"), &json!("shop")));
    assert!(!labels.contains_key("method"), "{kept}");
}

#[test]
fn a_target_that_goes_leaves_stale_series() {
    if !has_python() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let app = Peer::python("instrumented.py", "/metrics");
    let server = server_that_scrapes(dir.path(), &app, "");
    drop(app);
    eventually("the target is down", || value(&server, "up{job=\"shop\"}") == "0");
    assert_eq!(server.query("shop_requests_total"), json!([]));
    assert!(!server.query("shop_requests_total[1m]").as_array().unwrap().is_empty());
}
