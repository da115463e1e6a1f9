//! `/targets/relabel_steps`: what each rule of a job makes of a target's labels.
//!
//! Rules belong to the pipeline, which this crate does not know: the binary
//! hands over a function that applies them.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use model::Labels;
use serde_json::{Value, json};

use super::params::Params;
use super::respond::{ApiError, ErrorType, success_value};

/// What one rule did.
#[derive(Clone, Debug)]
pub struct RelabelStep {
    /// The rule, in Prometheus' JSON.
    pub rule: Value,
    /// The labels after it.
    pub output: Labels,
    /// Whether the target is still kept.
    pub is_kept: bool,
}

/// Applies the rules of a job, one after the other; `None` where there is no such job.
pub type ApplyRules = Arc<dyn Fn(&str, &Labels) -> Option<Vec<RelabelStep>> + Send + Sync>;

/// What the endpoint needs.
#[derive(Clone)]
pub struct RelabelSteps {
    /// The rules at this moment.
    pub apply: ApplyRules,
}

impl RelabelSteps {
    /// The route.
    pub fn router(self) -> Router {
        Router::new().route("/api/v1/targets/relabel_steps", get(steps)).with_state(self)
    }
}

async fn steps(State(steps): State<RelabelSteps>, params: Params) -> Result<Response, ApiError> {
    let bad_data = |message: String| ApiError::new(ErrorType::BadData, message);
    let required = |name: &str| {
        params.get(name).ok_or_else(|| bad_data(format!("no {name} parameter provided")))
    };
    let (pool, labels) = (required("scrapePool")?, required("labels")?);
    let labels: BTreeMap<String, String> = serde_json::from_str(labels)
        .map_err(|error| bad_data(format!("error parsing labels: {error}")))?;
    let applied = (steps.apply)(pool, &Labels::from_pairs(&labels));
    let applied = applied.ok_or_else(|| {
        bad_data(format!("error retrieving scrape config: scrape pool {pool:?} not found"))
    })?;
    let steps: Vec<Value> = applied.iter().map(step).collect();
    Ok(success_value(&json!({ "steps": steps })))
}

fn step(step: &RelabelStep) -> Value {
    let output: BTreeMap<&str, &str> = step.output.iter().collect();
    json!({ "rule": step.rule, "output": output, "keep": step.is_kept })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use tower::ServiceExt;

    async fn get(query: &str) -> (u16, Value) {
        let apply: ApplyRules = Arc::new(|pool, labels| {
            let step = RelabelStep {
                rule: json!({"action": "keep"}),
                output: labels.clone(),
                is_kept: labels.get("a").is_some(),
            };
            (pool == "job").then(|| vec![step])
        });
        let uri = format!("/api/v1/targets/relabel_steps?{query}");
        let request = Request::builder().uri(uri).body(Body::empty()).unwrap();
        let response = RelabelSteps { apply }.router().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn steps_are_shown() {
        let (status, body) = get("scrapePool=job&labels=%7B%22a%22:%22b%22%7D").await;
        let steps = json!([{"rule": {"action": "keep"}, "output": {"a": "b"}, "keep": true}]);
        assert_eq!((status, &body["data"]["steps"]), (200, &steps));
    }

    #[tokio::test]
    async fn bad_requests_say_why() {
        for (query, message) in [
            ("", "no scrapePool parameter provided"),
            ("scrapePool=job", "no labels parameter provided"),
            ("scrapePool=job&labels=x", "error parsing labels"),
            ("scrapePool=other&labels=%7B%7D", "not found"),
        ] {
            let (status, body) = get(query).await;
            assert_eq!((status, &body["errorType"]), (400, &json!("bad_data")));
            assert!(body["error"].as_str().unwrap().contains(message), "{body}");
        }
    }
}
