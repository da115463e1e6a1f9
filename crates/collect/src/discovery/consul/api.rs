//! Consul's HTTP API, as far as it is read.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::{Method, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Config;
use crate::discovery::DiscoveryError;
use crate::discovery::answer::Answer;
use crate::http_client::{BasicAuth, HttpClient, Secret};

/// How long Consul may wait for a change before it answers.
const WAIT: Duration = Duration::from_secs(120);
/// How much longer we do: Consul adds up to a sixteenth, and the way takes time too.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(135);

/// The services in the catalog, with the tags of each.
pub(super) type Catalog = BTreeMap<String, Vec<String>>;

/// An instance of a service.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ServiceEntry {
    pub(super) node: Node,
    pub(super) service: Service,
    #[serde(default)]
    checks: Option<Vec<Check>>,
}

/// The node of an instance.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Node {
    pub(super) node: String,
    pub(super) address: String,
    pub(super) meta: Option<BTreeMap<String, String>>,
    pub(super) tagged_addresses: Option<BTreeMap<String, String>>,
}

/// What an instance says of itself.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Service {
    #[serde(rename = "ID")]
    pub(super) id: String,
    #[serde(deserialize_with = "nullable")]
    pub(super) tags: Vec<String>,
    pub(super) address: String,
    pub(super) port: u32,
    pub(super) meta: Option<BTreeMap<String, String>>,
    pub(super) namespace: String,
    pub(super) partition: String,
}

/// A health check.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Check {
    #[serde(rename = "CheckID")]
    check_id: String,
    status: String,
}

fn nullable<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

impl ServiceEntry {
    /// The worst of all checks, as Consul's `AggregatedStatus`.
    pub(super) fn health(&self) -> &'static str {
        let checks = self.checks.iter().flatten();
        let has = |status: &str| checks.clone().any(|check| check.status == status);
        let is_maintained = checks.clone().any(|check| {
            check.check_id == "_node_maintenance"
                || check.check_id.starts_with("_service_maintenance:")
        });
        if is_maintained {
            "maintenance"
        } else if has("critical") {
            "critical"
        } else if has("warning") {
            "warning"
        } else {
            "passing"
        }
    }
}

/// Asks one agent.
#[derive(Clone, Debug)]
pub(super) struct Api {
    client: HttpClient,
    base: Url,
    token: Option<Secret>,
    /// Of every query.
    params: Vec<(&'static str, String)>,
}

/// An answer and the state of Consul that it shows.
pub(super) struct Indexed<T> {
    pub(super) index: u64,
    pub(super) value: T,
}

impl Api {
    pub(super) fn new(config: &Config, user_agent: &str) -> Result<Self, DiscoveryError> {
        let prefix = config.path_prefix.as_deref().unwrap_or("").trim_matches('/');
        let separator = if prefix.is_empty() { "" } else { "/" };
        let text = format!("{}://{}/{prefix}{separator}", config.scheme, config.server);
        let base = Url::parse(&text)
            .map_err(|error| DiscoveryError::Setup(format!("server {text:?}: {error}")))?;
        let mut http = config.http.clone();
        if let Some(username) = config.username.as_deref().filter(|name| !name.is_empty()) {
            let password = config.password.clone().unwrap_or_default();
            http.basic_auth = Some(BasicAuth::new(username, password));
        }
        let mut params = Vec::new();
        for (name, value) in [("ns", &config.namespace), ("partition", &config.partition)] {
            params.extend(value.clone().map(|value| (name, value)));
        }
        if config.allow_stale {
            params.push(("stale", String::new()));
        }
        Ok(Self {
            client: HttpClient::new(&http, user_agent)?,
            base,
            token: config.token.clone().filter(|token| !token.is_empty()),
            params,
        })
    }

    /// The data centre of the agent.
    pub(super) async fn datacenter(&self) -> Result<String, DiscoveryError> {
        #[derive(Deserialize)]
        struct Agent {
            #[serde(rename = "Config")]
            config: AgentConfig,
        }
        #[derive(Deserialize)]
        struct AgentConfig {
            #[serde(rename = "Datacenter")]
            datacenter: String,
        }
        let agent: Agent = self.get("v1/agent/self", &[]).await?.json()?;
        Ok(agent.config.datacenter)
    }

    /// Asks for `path`, waiting until it changed since `index`; 0 does not wait.
    pub(super) async fn watch<T: DeserializeOwned>(
        &self,
        path: &str,
        params: &[(&str, String)],
        index: u64,
    ) -> Result<Indexed<T>, DiscoveryError> {
        let mut all: Vec<_> =
            self.params.iter().map(|(name, value)| (*name, value.clone())).collect();
        all.extend(params.iter().cloned());
        if index > 0 {
            all.push(("index", index.to_string()));
            all.push(("wait", format!("{}s", WAIT.as_secs())));
        }
        let answer = self.get(path, &all).await?;
        let next = answer.header("x-consul-index").parse().unwrap_or(0);
        // An index that runs back belongs to a Consul that was restored: begin anew.
        let index = if next < index { 0 } else { next };
        Ok(Indexed { index, value: answer.json()? })
    }

    async fn get(&self, path: &str, params: &[(&str, String)]) -> Result<Answer, DiscoveryError> {
        let mut url =
            self.base.join(path).map_err(|error| DiscoveryError::Setup(error.to_string()))?;
        if !params.is_empty() {
            url.query_pairs_mut().extend_pairs(params);
        }
        let mut request = self.client.request(Method::GET, url).await?.timeout(ANSWER_TIMEOUT);
        if let Some(token) = &self.token {
            request = request.header("X-Consul-Token", token.expose());
        }
        Answer::to(request).await
    }
}
