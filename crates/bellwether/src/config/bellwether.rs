//! `bellwether.yml`: one section for each part of the picture in `ARCHITECTURE.md`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use collect::host::HostConfig;
use model::ByteSize;
use serde::{Deserialize, Serialize};
use url::Url;

use super::dashboards::DashboardPlace;
use super::expand::expand;
use super::query::QuerySection;
use super::rules::BundledSetting;
use super::yaml;
use crate::cli::{Ports, ServeArgs};

/// The whole file. Every key may be missing.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct BellwetherConfig {
    /// The metric store.
    pub(crate) storage: StorageSection,
    /// What happens on the way to it.
    pub(crate) pipeline: PipelineSection,
    /// What is pulled.
    pub(crate) collect: CollectSection,
    /// What queries may use.
    pub(crate) query: QuerySection,
    /// Rules, and who hears of alerts.
    pub(crate) alerting: AlertingSection,
    /// Addresses.
    pub(crate) serve: ServeSection,
    /// The directory that relative paths start from.
    #[serde(skip)]
    base: PathBuf,
}

/// `storage:`
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct StorageSection {
    /// Where the data live.
    pub(crate) data_dir: PathBuf,
    /// The metric store.
    pub(crate) series: series::Config,
}

impl Default for StorageSection {
    fn default() -> Self {
        Self { data_dir: "./bellwether-data".into(), series: series::Config::default() }
    }
}

/// `pipeline:`
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PipelineSection {
    /// Bytes on disk that wait to be sent, for each entry of `remote_write`.
    pub(crate) forward_size_max: ByteSize,
}

impl Default for PipelineSection {
    fn default() -> Self {
        Self { forward_size_max: ByteSize(1 << 30) }
    }
}

/// `collect:`
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CollectSection {
    /// Files of Prometheus, unchanged.
    pub(crate) prometheus: Vec<PathBuf>,
    /// Whether this host is watched.
    pub(crate) host: bool,
    /// Where this host's files are, and what of them is collected.
    pub(crate) host_files: HostConfig,
    /// Whether this process is watched.
    pub(crate) itself: bool,
    /// How often both are.
    pub(crate) interval: model::PromDuration,
}

impl Default for CollectSection {
    fn default() -> Self {
        Self {
            prometheus: Vec::new(),
            host: true,
            host_files: HostConfig::default(),
            itself: true,
            interval: model::PromDuration::from_secs(5),
        }
    }
}

/// `alerting:`
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AlertingSection {
    /// Rule files of Prometheus; paths may have wildcards.
    pub(crate) rules: Vec<String>,
    /// The routes, receivers and so on of Alertmanager; without it nobody is notified.
    pub(crate) alertmanager: Option<PathBuf>,
    /// Which bundled rule files are loaded. Where absent those about this host and
    /// this server, unless the configuration names rule files of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bundled: Option<BundledSetting>,
    /// How often groups of these files and bundled ones run that do not say it themselves.
    pub(crate) evaluation_interval: model::PromDuration,
}

impl Default for AlertingSection {
    fn default() -> Self {
        Self {
            rules: Vec::new(),
            alertmanager: None,
            bundled: None,
            evaluation_interval: model::PromDuration::from_secs(60),
        }
    }
}

/// `serve:`
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ServeSection {
    /// The main address.
    pub(crate) listen: SocketAddr,
    /// Which other ports are opened.
    pub(crate) ports: Ports,
    /// Whether `/api/v1/admin/…` is open.
    pub(crate) enable_admin_api: bool,
    /// Where users reach this server, for links in alerts; the main address where absent.
    pub(crate) external_url: Option<Url>,
    /// Files of Grafana's dashboards; paths may have wildcards, and directories become folders.
    pub(crate) dashboards: Vec<String>,
}

impl Default for ServeSection {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 3000)),
            ports: Ports::default(),
            enable_admin_api: false,
            external_url: None,
            dashboards: Vec::new(),
        }
    }
}

impl ServeSection {
    /// Where users reach this server, without a slash at the end.
    pub(crate) fn external_url(&self) -> String {
        match &self.external_url {
            Some(url) => url.as_str().trim_end_matches('/').to_owned(),
            None => format!("http://{}", self.listen),
        }
    }
}

impl BellwetherConfig {
    /// Reads a file; without one, the defaults.
    pub(crate) fn read(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else { return Ok(Self::default()) };
        let shown = path.display();
        let text = std::fs::read_to_string(path).with_context(|| format!("{shown}"))?;
        let text = expand(&text, |name| std::env::var(name).ok())
            .map_err(|reason| anyhow::anyhow!("{shown}: {reason}"))?;
        let mut config: Self = yaml::parse(&text, path)?;
        config.base = path.parent().unwrap_or(Path::new("")).to_owned();
        Ok(config)
    }

    /// Lets the command line win over the file.
    pub(crate) fn override_by(&mut self, args: &ServeArgs) {
        if let Some(dir) = &args.data_dir {
            self.storage.data_dir.clone_from(dir);
        }
        if let Some(listen) = args.listen {
            self.serve.listen = listen;
        }
        if let Some(ports) = args.ports {
            self.serve.ports = ports;
        }
        self.serve.enable_admin_api |= args.enable_admin_api;
        if let Some(experimental) = args.promql_experimental {
            self.query.experimental = experimental;
        }
    }

    /// Refuses what is not safe.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let listen = self.serve.listen;
        if !listen.ip().is_loopback() {
            bail!(
                "refusing to listen on {listen}: there is no authentication yet, so only loopback addresses \
                 (127.0.0.1, [::1]) are served; put a proxy that authenticates in front"
            );
        }
        Ok(())
    }

    /// The files of Prometheus, found from where this file is.
    pub(crate) fn prometheus_files(&self) -> Vec<PathBuf> {
        self.collect.prometheus.iter().map(|path| self.base.join(path)).collect()
    }

    /// The file of Alertmanager, found from where this file is.
    pub(crate) fn alertmanager_file(&self) -> Option<PathBuf> {
        self.alerting.alertmanager.as_ref().map(|path| self.base.join(path))
    }

    /// Where files of dashboards are, found from where this file is.
    pub(crate) fn dashboard_places(&self) -> Vec<DashboardPlace> {
        let place = |pattern: &String| DashboardPlace {
            base: self.base.clone(),
            pattern: self.base.join(pattern),
        };
        self.serve.dashboards.iter().map(place).collect()
    }

    /// The paths of rule files, with wildcards, found from where this file is.
    pub(crate) fn rule_patterns(&self) -> Vec<PathBuf> {
        self.alerting.rules.iter().map(|pattern| self.base.join(pattern)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_an_error_that_names_the_known_ones() {
        let error = serde_saphyr::from_str::<BellwetherConfig>("serve:\n  lisen: 127.0.0.1:1\n")
            .unwrap_err()
            .to_string();
        assert!(error.contains("lisen") && error.contains("listen"), "{error}");
    }

    #[test]
    fn only_loopback_is_served() {
        let mut config = BellwetherConfig::default();
        assert!(config.check().is_ok());
        config.serve.listen = "0.0.0.0:3000".parse().unwrap();
        assert!(config.check().unwrap_err().to_string().contains("authentication"));
    }

    #[test]
    fn the_command_line_wins() {
        let mut config: BellwetherConfig =
            serde_saphyr::from_str("serve: {listen: '127.0.0.1:1', ports: none}").unwrap();
        let args = ServeArgs {
            config: None,
            data_dir: Some("/data".into()),
            listen: None,
            ports: Some(Ports::Standard),
            enable_admin_api: false,
            promql_experimental: Some(false),
        };
        config.override_by(&args);
        assert!(!config.query.experimental);
        assert_eq!(config.serve.listen.port(), 1);
        assert_eq!(config.serve.ports, Ports::Standard);
        assert_eq!(config.storage.data_dir, Path::new("/data"));
    }
}
