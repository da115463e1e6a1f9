//! The Docker Engine API, as far as it is read.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::{Method, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Config, Filter, Host};
use crate::discovery::DiscoveryError;
use crate::discovery::answer::Answer;
use crate::http_client::HttpClient;

type Pairs = Option<BTreeMap<String, String>>;

/// A container.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Container {
    pub(super) id: String,
    pub(super) names: Vec<String>,
    pub(super) labels: Pairs,
    pub(super) ports: Option<Vec<Port>>,
    pub(super) host_config: HostConfig,
    pub(super) network_settings: NetworkSettings,
}

/// A port of a container.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Port {
    #[serde(rename = "IP")]
    pub(super) ip: String,
    pub(super) private_port: u16,
    pub(super) public_port: u16,
    #[serde(rename = "Type")]
    pub(super) protocol: String,
}

/// How a container sits on its host.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct HostConfig {
    pub(super) network_mode: String,
}

/// The networks of a container.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct NetworkSettings {
    pub(super) networks: Option<BTreeMap<String, Option<Endpoint>>>,
}

/// A container's place in a network.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Endpoint {
    #[serde(rename = "NetworkID")]
    pub(super) network_id: String,
    #[serde(rename = "IPAddress")]
    pub(super) ip_address: String,
}

/// A network.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Network {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) scope: String,
    pub(super) internal: bool,
    pub(super) ingress: bool,
    pub(super) labels: Pairs,
}

/// Asks one daemon.
#[derive(Clone, Debug)]
pub(super) struct Api {
    client: HttpClient,
    base: Url,
    timeout: Duration,
}

impl Api {
    pub(super) fn new(config: &Config, user_agent: &str) -> Result<Self, DiscoveryError> {
        let (client, base) = match config.parse_host().map_err(DiscoveryError::Setup)? {
            Host::Url(url) => (HttpClient::new(&config.http, user_agent)?, url),
            Host::Socket(path) => {
                let client = HttpClient::over_unix_socket(&config.http, user_agent, &path)?;
                let base = Url::parse("http://docker/").expect("the text is a URL");
                (client, base)
            }
        };
        Ok(Self { client, base, timeout: config.refresh_interval.to_duration() })
    }

    pub(super) async fn containers(
        &self,
        filters: &[Filter],
    ) -> Result<Vec<Container>, DiscoveryError> {
        let mut by_name: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for filter in filters {
            by_name
                .entry(&filter.name)
                .or_default()
                .extend(filter.values.iter().map(String::as_str));
        }
        let filters = serde_json::to_string(&by_name).unwrap_or_default();
        let params: &[_] = if by_name.is_empty() { &[] } else { &[("filters", filters)] };
        self.get("containers/json", params).await
    }

    pub(super) async fn networks(&self) -> Result<Vec<Network>, DiscoveryError> {
        self.get("networks", &[]).await
    }

    async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        params: &[(&str, String)],
    ) -> Result<T, DiscoveryError> {
        let mut url =
            self.base.join(path).map_err(|error| DiscoveryError::Setup(error.to_string()))?;
        if !params.is_empty() {
            url.query_pairs_mut().extend_pairs(params);
        }
        let request = self.client.request(Method::GET, url).await?.timeout(self.timeout);
        Answer::to(request).await?.json()
    }
}
