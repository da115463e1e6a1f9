//! `http_sd_configs`: lists of targets that an HTTP server keeps.

use model::PromDuration;
use reqwest::{Method, Url};
use serde::Serialize;

use super::answer::Answer;
use super::config::check_http;
use super::refresh::{self, Refresh};
use super::{DiscoveryError, StaticConfig, TargetGroup, Updates};
use crate::http_client::{HttpClient, HttpClientConfig};
use crate::yaml_fields;

/// One item of `http_sd_configs`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Config {
    /// Where the list is.
    pub url: String,
    /// How often it is read.
    pub refresh_interval: PromDuration,
    /// How to reach the server.
    #[serde(flatten)]
    pub http: HttpClientConfig,
}

yaml_fields!(deserialize Config { url, refresh_interval } + http: HttpClientConfig);

impl Default for Config {
    fn default() -> Self {
        Self {
            url: String::new(),
            refresh_interval: PromDuration::from_secs(60),
            http: HttpClientConfig::default(),
        }
    }
}

impl Config {
    pub(super) fn check(&self) -> Result<(), String> {
        if self.url.is_empty() {
            return Err("URL is missing".to_owned());
        }
        let url = Url::parse(&self.url).map_err(|error| format!("url {:?}: {error}", self.url))?;
        if url.scheme() != "http" && url.scheme() != "https" {
            return Err(format!("url {:?}: the scheme must be 'http' or 'https'", self.url));
        }
        check_http(&self.http)
    }
}

/// Sends the groups that the server lists.
pub async fn run(config: Config, updates: Updates) {
    let interval = config.refresh_interval.to_duration();
    let user_agent = updates.user_agent().to_owned();
    refresh::every(interval, || List::new(&config, &user_agent), updates).await;
}

struct List {
    config: Config,
    url: Url,
    client: HttpClient,
}

impl List {
    fn new(config: &Config, user_agent: &str) -> Result<Self, DiscoveryError> {
        let url = Url::parse(&config.url)
            .map_err(|error| DiscoveryError::Setup(format!("url {:?}: {error}", config.url)))?;
        Ok(Self { client: HttpClient::new(&config.http, user_agent)?, url, config: config.clone() })
    }
}

impl Refresh for List {
    async fn refresh(&mut self) -> Result<Vec<TargetGroup>, DiscoveryError> {
        let interval_secs = self.config.refresh_interval.as_secs_f64();
        let request = self
            .client
            .request(Method::GET, self.url.clone())
            .await?
            .header("Accept", "application/json")
            .header("X-Prometheus-Refresh-Interval-Seconds", interval_secs.to_string())
            .timeout(self.config.refresh_interval.to_duration());
        let answer = Answer::to(request).await?;
        let malformed = |reason| DiscoveryError::Malformed { place: answer.url.clone(), reason };
        let content_type = answer.header("content-type");
        let mut parts = content_type.split(';').map(|part| part.trim().to_ascii_lowercase());
        let is_json = parts.next().as_deref() == Some("application/json")
            && parts.all(|part| matches!(part.as_str(), "charset=utf-8" | "charset=\"utf-8\""));
        if !is_json {
            return Err(malformed(format!("unsupported content type {content_type:?}")));
        }
        let lists: Vec<StaticConfig> = answer.json()?;
        let groups = lists.iter().enumerate().map(|(index, list)| {
            let source = format!("{}:{index}", self.config.url);
            list.to_group_with(source, &[("__meta_url", &self.config.url)])
        });
        Ok(groups.collect())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::Router;
    use axum::http::{HeaderMap, StatusCode};
    use axum::routing::get;
    use parking_lot::Mutex;

    use super::super::updates::tests::{next_shown, until_failed, updates};
    use super::*;

    type State = Arc<Mutex<(StatusCode, &'static str, &'static str)>>;

    #[tokio::test]
    async fn lists_are_read_and_errors_keep_the_last_one() {
        let list = r#"[{"targets": ["a:1"], "labels": {"dc": "x"}}, {"targets": ["b:2"]}]"#;
        let state: State =
            Arc::new(Mutex::new((StatusCode::OK, "application/json; charset=utf-8", list)));
        let served = Arc::clone(&state);
        let answer = move |headers: HeaderMap| {
            assert_eq!(headers["x-prometheus-refresh-interval-seconds"], "0.02");
            assert_eq!(headers["authorization"], "Bearer t");
            let (status, kind, body) = *served.lock();
            async move { (status, [("content-type", kind)], body) }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/sd", listener.local_addr().unwrap());
        tokio::spawn(async move {
            axum::serve(listener, Router::new().route("/sd", get(answer))).await
        });
        let yaml = format!("{{url: '{url}', refresh_interval: 20ms, bearer_token: t}}");
        let config: Config = serde_saphyr::from_str(&yaml).unwrap();
        config.check().unwrap();
        let (updates, mut receiver) = updates();
        let task = tokio::spawn(run(config, updates.clone()));
        assert_eq!(
            next_shown(&mut receiver).await,
            [
                format!(r#"{url}:0 {{__meta_url="{url}", dc="x"}}"#),
                r#"  {__address__="a:1"}"#.into(),
                format!(r#"{url}:1 {{__meta_url="{url}"}}"#),
                r#"  {__address__="b:2"}"#.into(),
            ]
        );
        for broken in [
            (StatusCode::INTERNAL_SERVER_ERROR, "application/json", "[]"),
            (StatusCode::OK, "text/html", "[]"),
            (StatusCode::OK, "application/json", "{"),
            (StatusCode::OK, "application/json", "[null]"),
        ] {
            *state.lock() = broken;
            until_failed(&updates, 2).await;
            assert!(receiver.try_recv().is_err(), "{broken:?} changed something");
        }
        *state.lock() = (StatusCode::OK, "application/json", r#"[{"targets": ["a:1"]}]"#);
        assert_eq!(
            next_shown(&mut receiver).await,
            [
                format!(r#"{url}:0 {{__meta_url="{url}"}}"#),
                r#"  {__address__="a:1"}"#.into(),
                format!("{url}:1 {{}}"),
            ]
        );
        task.abort();
    }

    #[test]
    fn what_can_be_meant() {
        let check = |yaml: &str| serde_saphyr::from_str::<Config>(yaml).unwrap().check();
        assert!(check("url: http://a/b").is_ok());
        for yaml in
            ["{}", "url: a", "url: ftp://a", "{url: 'http://a', basic_auth: {}, bearer_token: x}"]
        {
            assert!(check(yaml).is_err(), "{yaml}");
        }
    }
}
