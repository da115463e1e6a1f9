//! What a target is asked for, and which answers are taken.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::Query;
use axum::http::HeaderMap as Headers;
use axum::routing::get;

use super::*;
use crate::http_client::HttpClientConfig;
use crate::scrape::ScrapeConfig;

/// A target that answers with what the query asks for, and its `Accept` as the body.
async fn serve() -> Url {
    let answer = |Query(query): Query<HashMap<String, String>>, headers: Headers| async move {
        let mut answer = Headers::new();
        if let Some(kind) = query.get("type") {
            answer.insert(CONTENT_TYPE, kind.parse().unwrap());
        }
        let accept = headers[ACCEPT].to_str().unwrap().to_owned();
        (answer, query.get("body").cloned().unwrap_or(accept).into_bytes())
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        axum::serve(listener, Router::new().route("/metrics", get(answer))).await
    });
    format!("http://{address}/metrics").parse().unwrap()
}

async fn fetch(url: &Url, yaml: &str, query: &[(&str, &str)]) -> Result<Body, FetchError> {
    let config: ScrapeConfig = serde_saphyr::from_str(yaml).unwrap();
    let client = HttpClient::new(&HttpClientConfig::default(), "test").unwrap();
    let fetcher = Arc::new(Fetcher::new(client, &config));
    let mut url = url.clone();
    url.query_pairs_mut().extend_pairs(query);
    fetcher.fetch(&url, Duration::from_secs(5)).await
}

#[tokio::test]
async fn formats_are_asked_for_by_weight() {
    let url = serve().await;
    let accept = async |yaml: &str| match fetch(&url, yaml, &[("type", "text/plain")]).await {
        Ok(Body::Text(text)) => text,
        other => panic!("{other:?}"),
    };
    let usual = accept("{}").await;
    assert!(usual.starts_with(
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,\
         application/openmetrics-text;version=0.0.1;q=0.4,"
    ));
    assert!(usual.ends_with("text/plain;version=0.0.4;q=0.2,*/*;q=0.1"), "{usual}");
    let native = accept("scrape_native_histograms: true").await;
    assert!(native.starts_with(
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;\
         encoding=delimited;q=0.6,"
    ));
    let one =
        accept("{scrape_protocols: [PrometheusText1.0.0], metric_name_validation_scheme: legacy}")
            .await;
    assert_eq!(one, "text/plain;version=1.0.0;escaping=underscores;q=0.2,*/*;q=0.1");
}

#[tokio::test]
async fn content_types_decide_and_fallbacks_help() {
    let url = serve().await;
    let taken = async |yaml: &str, kind: &str| {
        let query: &[_] = if kind.is_empty() { &[] } else { &[("type", kind)] };
        match fetch(&url, yaml, query).await {
            Ok(Body::Text(_)) => "text",
            Ok(Body::OpenMetrics(_)) => "openmetrics",
            Ok(Body::Protobuf(_)) => "protobuf",
            Err(FetchError::ContentType { .. }) => "refused",
            Err(other) => panic!("{other}"),
        }
    };
    for (yaml, kind, want) in [
        ("{}", "text/plain; version=0.0.4", "text"),
        ("{}", "Application/OpenMetrics-Text; version=1.0.0", "openmetrics"),
        ("{}", "application/vnd.google.protobuf; proto=x; encoding=delimited", "protobuf"),
        ("{}", "application/vnd.google.protobuf", "protobuf"),
        ("{}", "application/vnd.google.protobuf; encoding=text", "refused"),
        ("{}", "text/html", "refused"),
        ("{}", "", "refused"),
        ("fallback_scrape_protocol: PrometheusText0.0.4", "", "text"),
        ("fallback_scrape_protocol: OpenMetricsText1.0.0", "text/html", "openmetrics"),
        ("fallback_scrape_protocol: PrometheusProto", "text/html", "protobuf"),
    ] {
        assert_eq!(taken(yaml, kind).await, want, "{yaml} {kind}");
    }
}

#[tokio::test]
async fn a_body_may_be_as_large_as_the_limit() {
    let url = serve().await;
    let at_limit = async |bytes: usize| {
        let body = "a".repeat(bytes);
        fetch(&url, "body_size_limit: 10B", &[("type", "text/plain"), ("body", &body)]).await
    };
    assert_eq!(at_limit(10).await.unwrap().size_bytes(), 10);
    assert!(matches!(at_limit(11).await, Err(FetchError::BodySize { max: 10 })));
}
