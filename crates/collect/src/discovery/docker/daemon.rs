//! A Docker daemon: where it is, asking it, and its networks, which containers and
//! swarms have in common.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use model::LabelsBuilder;
use reqwest::{Method, Url};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::discovery::DiscoveryError;
use crate::discovery::answer::Answer;
use crate::discovery::label_name::sanitize;
use crate::http_client::{HttpClient, HttpClientConfig};

/// Labels of anything; they may be null.
pub(in crate::discovery) type Pairs = Option<BTreeMap<String, String>>;

/// What a container, service, task or node must match.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Of what: `name`, `status`, `label`…
    pub name: String,
    /// Any of these.
    #[serde(default)]
    pub values: Vec<String>,
}

/// Where a daemon listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::discovery) enum Host {
    Socket(PathBuf),
    Url(Url),
}

impl Host {
    /// Reads `unix:///path`, `tcp://host:port`, `http://…` or `https://…`.
    pub(in crate::discovery) fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("host missing".to_owned());
        }
        if let Some(path) = text.strip_prefix("unix://") {
            return Ok(Self::Socket(path.into()));
        }
        let plain = text.strip_prefix("tcp://").map(|address| format!("http://{address}"));
        let url = Url::parse(plain.as_deref().unwrap_or(text));
        let url = url.map_err(|error| format!("host {text:?}: {error}"))?;
        if !["http", "https"].contains(&url.scheme()) {
            return Err(format!("host {text:?}: the scheme must be unix, tcp, http or https"));
        }
        Ok(Self::Url(url))
    }
}

/// A network.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::discovery) struct Network {
    pub(in crate::discovery) id: String,
    name: String,
    scope: String,
    internal: bool,
    ingress: bool,
    labels: Pairs,
}

impl Network {
    /// Sets what a target says of its network; `prefix` is that of the mechanism.
    pub(in crate::discovery) fn set_labels(&self, prefix: &str, labels: &mut LabelsBuilder) {
        let said = |holds: bool| if holds { "true" } else { "false" };
        for (name, value) in [
            ("id", self.id.as_str()),
            ("name", &self.name),
            ("scope", &self.scope),
            ("internal", said(self.internal)),
            ("ingress", said(self.ingress)),
        ] {
            labels.set(&format!("{prefix}network_{name}"), value);
        }
        set_pairs(labels, &format!("{prefix}network_label_"), &self.labels);
    }
}

/// Sets a label for each pair, named with `prefix`.
pub(in crate::discovery) fn set_pairs(labels: &mut LabelsBuilder, prefix: &str, pairs: &Pairs) {
    for (name, value) in pairs.iter().flatten() {
        labels.set(&format!("{prefix}{}", sanitize(name)), value);
    }
}

/// Asks one daemon.
#[derive(Clone, Debug)]
pub(in crate::discovery) struct Daemon {
    client: HttpClient,
    base: Url,
    timeout: Duration,
}

impl Daemon {
    /// A client of the daemon at `host`; an answer may take as long as `timeout`.
    pub(in crate::discovery) fn new(
        host: &str,
        http: &HttpClientConfig,
        timeout: Duration,
        user_agent: &str,
    ) -> Result<Self, DiscoveryError> {
        let (client, base) = match Host::parse(host).map_err(DiscoveryError::Setup)? {
            Host::Url(url) => (HttpClient::new(http, user_agent)?, url),
            Host::Socket(path) => {
                let client = HttpClient::over_unix_socket(http, user_agent, &path)?;
                let base = Url::parse("http://docker/").expect("the text is a URL");
                (client, base)
            }
        };
        Ok(Self { client, base, timeout })
    }

    /// All objects at `path` that match `filters`.
    pub(in crate::discovery) async fn list<T: DeserializeOwned>(
        &self,
        path: &str,
        filters: &[Filter],
    ) -> Result<Vec<T>, DiscoveryError> {
        let mut by_name: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for filter in filters {
            let values = filter.values.iter().map(String::as_str);
            by_name.entry(&filter.name).or_default().extend(values);
        }
        let mut url =
            self.base.join(path).map_err(|error| DiscoveryError::Setup(error.to_string()))?;
        if !by_name.is_empty() {
            let filters = serde_json::to_string(&by_name).unwrap_or_default();
            url.query_pairs_mut().append_pair("filters", &filters);
        }
        let request = self.client.request(Method::GET, url).await?.timeout(self.timeout);
        Answer::to(request).await?.json()
    }

    /// All networks, by identifier.
    pub(in crate::discovery) async fn networks(
        &self,
    ) -> Result<BTreeMap<String, Network>, DiscoveryError> {
        let networks: Vec<Network> = self.list("networks", &[]).await?;
        Ok(networks.into_iter().map(|network| (network.id.clone(), network)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::Host;

    #[test]
    fn hosts() {
        assert_eq!(Host::parse("unix:///x/y"), Ok(Host::Socket("/x/y".into())));
        assert_eq!(Host::parse("tcp://h:2375"), Ok(Host::Url("http://h:2375".parse().unwrap())));
        assert!(Host::parse("https://h").is_ok());
        for text in ["", "ssh://h", "tcp://a b", "h:2375"] {
            assert!(Host::parse(text).is_err(), "{text}");
        }
    }
}
