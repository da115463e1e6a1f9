//! How the API server is reached: as configured, by a kubeconfig, or from inside
//! of the cluster by the service account.

use std::path::PathBuf;

use reqwest::Url;

use super::config::Config;
use super::kubeconfig;
use crate::discovery::DiscoveryError;
use crate::http_client::{HttpClient, HttpClientConfig};

const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// What the cluster gives each of its pods.
#[derive(Clone, Debug)]
pub(super) struct InCluster {
    pub(super) host: Option<String>,
    pub(super) port: Option<String>,
    /// The directory of the service account.
    pub(super) account: PathBuf,
}

impl InCluster {
    pub(super) fn of_the_process() -> Self {
        Self {
            host: std::env::var("KUBERNETES_SERVICE_HOST").ok(),
            port: std::env::var("KUBERNETES_SERVICE_PORT").ok(),
            account: SERVICE_ACCOUNT.into(),
        }
    }

    /// The namespace that this process runs in.
    pub(super) fn namespace(&self) -> Result<String, DiscoveryError> {
        let path = self.account.join("namespace");
        std::fs::read_to_string(&path)
            .map(|text| text.trim().to_owned())
            .map_err(|source| DiscoveryError::File { path: path.display().to_string(), source })
    }

    fn read(&self) -> Result<(String, HttpClientConfig), DiscoveryError> {
        let (Some(host), Some(port)) = (&self.host, &self.port) else {
            return Err(DiscoveryError::Setup(
                "unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and \
                 KUBERNETES_SERVICE_PORT must be defined; outside of a cluster set api_server or \
                 kubeconfig_file"
                    .to_owned(),
            ));
        };
        let file = |name: &str| Some(self.account.join(name).display().to_string());
        let mut http =
            HttpClientConfig { bearer_token_file: file("token"), ..HttpClientConfig::default() };
        http.tls_config.ca_file = file("ca.crt").filter(|path| std::path::Path::new(path).exists());
        Ok((format!("https://{}", crate::discovery::group::host_port(host, port)), http))
    }
}

/// A way to the API server.
#[derive(Clone, Debug)]
pub(super) struct Access {
    config: Config,
    in_cluster: InCluster,
    user_agent: String,
}

/// A client of the API server.
#[derive(Clone, Debug)]
pub(super) struct ApiClient {
    pub(super) http: HttpClient,
    pub(super) base: Url,
}

impl Access {
    pub(super) fn new(config: &Config, in_cluster: InCluster, user_agent: &str) -> Self {
        Self { config: config.clone(), in_cluster, user_agent: user_agent.to_owned() }
    }

    /// A client with certificates as they are now: they are rotated, as tokens are.
    pub(super) fn client(&self) -> Result<ApiClient, DiscoveryError> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let (server, http) =
            match (given(&self.config.api_server), given(&self.config.kubeconfig_file)) {
                (Some(server), _) => (server, self.config.http.clone()),
                (None, Some(path)) => kubeconfig::read(&path)?,
                (None, None) => self.in_cluster.read()?,
            };
        let text = format!("{}/", server.trim_end_matches('/'));
        let base = Url::parse(&text)
            .map_err(|error| DiscoveryError::Setup(format!("API server {server:?}: {error}")))?;
        Ok(ApiClient { http: HttpClient::new(&http, &self.user_agent)?, base })
    }

    /// The namespaces to look at; `None` is all of them.
    pub(super) fn namespaces(&self) -> Result<Vec<Option<String>>, DiscoveryError> {
        let mut names = self.config.namespaces.names.clone();
        if self.config.namespaces.own_namespace {
            names.push(self.in_cluster.namespace()?);
        }
        names.sort();
        names.dedup();
        Ok(if names.is_empty() { vec![None] } else { names.into_iter().map(Some).collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inside_of_a_cluster() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("namespace"), "mine\n").unwrap();
        std::fs::write(dir.path().join("token"), "t").unwrap();
        let in_cluster = InCluster {
            host: Some("fd00::1".into()),
            port: Some("443".into()),
            account: dir.path().to_owned(),
        };
        let (server, http) = in_cluster.read().unwrap();
        assert_eq!(server, "https://[fd00::1]:443");
        assert!(http.bearer_token_file.unwrap().ends_with("/token"));
        let yaml = "{role: pod, namespaces: {own_namespace: true, names: [b, mine]}}";
        let config: Config = serde_saphyr::from_str(yaml).unwrap();
        let access = Access::new(&config, in_cluster.clone(), "test");
        assert_eq!(access.namespaces().unwrap(), [Some("b".to_owned()), Some("mine".to_owned())]);
        assert_eq!(access.client().unwrap().base.as_str(), "https://[fd00::1]/");
        // A certificate that is no certificate is seen when the client is made, not before.
        std::fs::write(dir.path().join("ca.crt"), "no").unwrap();
        assert!(access.client().is_err());
        let outside = InCluster { host: None, ..in_cluster };
        assert!(Access::new(&config, outside, "test").client().is_err());
    }
}
