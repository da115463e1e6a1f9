//! `alerting` of `prometheus.yml`: the Alertmanagers elsewhere that hear of alerts.

use std::path::Path;

use anyhow::{Context, bail};
use collect::discovery::DiscoveryConfigs;
use collect::http_client::HttpClientConfig;
use collect::scrape::config::Scheme;
use collect::yaml_fields;
use model::PromDuration;
use pipeline::RelabelConfig;
use serde::Serialize;
use serde::de::IgnoredAny;

/// The section.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct AlertingConfig {
    /// Rewrites alerts before they leave.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) alert_relabel_configs: Vec<RelabelConfig>,
    /// Who hears of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) alertmanagers: Vec<AlertmanagerConfig>,
}

yaml_fields!(deserialize AlertingConfig { alert_relabel_configs, alertmanagers });

/// An entry of `alertmanagers`: instances that are found and reached alike.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct AlertmanagerConfig {
    /// `http` or `https`.
    pub(crate) scheme: Scheme,
    /// What the path starts with.
    pub(crate) path_prefix: String,
    /// After how long a request is given up.
    pub(crate) timeout: PromDuration,
    /// The API that they speak.
    pub(crate) api_version: String,
    /// Rewrites instances.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) relabel_configs: Vec<RelabelConfig>,
    /// Rewrites alerts for these alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) alert_relabel_configs: Vec<RelabelConfig>,
    #[serde(skip)]
    sigv4: Option<IgnoredAny>,
    /// How to reach them.
    #[serde(flatten)]
    pub(crate) client: HttpClientConfig,
    /// Where they are.
    #[serde(flatten)]
    pub(crate) discovery: DiscoveryConfigs,
}

yaml_fields!(deserialize AlertmanagerConfig {
    scheme,
    path_prefix,
    timeout,
    api_version,
    relabel_configs,
    alert_relabel_configs,
    sigv4,
} + client: HttpClientConfig + discovery: DiscoveryConfigs);

impl Default for AlertmanagerConfig {
    fn default() -> Self {
        Self {
            scheme: Scheme::default(),
            path_prefix: String::new(),
            timeout: PromDuration::from_secs(10),
            api_version: "v2".to_owned(),
            relabel_configs: Vec::new(),
            alert_relabel_configs: Vec::new(),
            sigv4: None,
            client: HttpClientConfig::default(),
            discovery: DiscoveryConfigs::default(),
        }
    }
}

impl AlertingConfig {
    /// Makes relative paths start from `dir`.
    pub(crate) fn set_directory(&mut self, dir: &Path) {
        for entry in &mut self.alertmanagers {
            entry.client.set_directory(dir);
            entry.discovery.set_directory(dir);
        }
    }

    /// Refuses what can't be meant.
    ///
    /// # Errors
    /// With the entry that is wrong.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        RelabelConfig::compile_all(&self.alert_relabel_configs)
            .context("alerting: alert_relabel_configs")?;
        for (index, entry) in self.alertmanagers.iter().enumerate() {
            entry.check().with_context(|| format!("alerting: alertmanagers[{index}]"))?;
        }
        Ok(())
    }

    /// Adds what another file says.
    pub(crate) fn extend(&mut self, other: Self) {
        self.alert_relabel_configs.extend(other.alert_relabel_configs);
        self.alertmanagers.extend(other.alertmanagers);
    }
}

impl AlertmanagerConfig {
    fn check(&self) -> anyhow::Result<()> {
        if self.api_version != "v2" {
            bail!("api_version {:?} is not supported; only v2 is", self.api_version);
        }
        if self.sigv4.is_some() {
            bail!("sigv4 is not supported; basic_auth, authorization, oauth2 and tls_config are");
        }
        if self.timeout.is_zero() {
            bail!("timeout must be greater than 0");
        }
        RelabelConfig::compile_all(&self.relabel_configs).context("relabel_configs")?;
        RelabelConfig::compile_all(&self.alert_relabel_configs).context("alert_relabel_configs")?;
        self.client.check()?;
        self.discovery.check()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(yaml: &str) -> anyhow::Result<AlertingConfig> {
        let config: AlertingConfig =
            serde_saphyr::from_str(yaml).map_err(|error| anyhow::anyhow!("{error}"))?;
        config.check()?;
        Ok(config)
    }

    #[test]
    fn entries_are_read_whole() {
        let config = read(
            "alert_relabel_configs: [{regex: replica, action: labeldrop}]
alertmanagers:
- scheme: https
  path_prefix: /am
  timeout: 3s
  api_version: v2
  basic_auth: {username: a, password: b}
  static_configs: [{targets: ['a:9093']}]
  relabel_configs: [{source_labels: [__address__], regex: a.*, action: keep}]
- file_sd_configs: [{files: [am.yml]}]
",
        )
        .unwrap();
        let first = &config.alertmanagers[0];
        assert_eq!((first.scheme, first.path_prefix.as_str()), (Scheme::Https, "/am"));
        assert_eq!(first.timeout, PromDuration::from_secs(3));
        assert!(first.client.basic_auth.is_some() && first.discovery.is_static());
        assert_eq!(config.alertmanagers[1].timeout, PromDuration::from_secs(10));
        let shown = serde_json::json!(config);
        assert_eq!(shown["alertmanagers"][0]["basic_auth"]["password"], "<secret>");
    }

    #[test]
    fn what_can_not_be_meant_is_refused_with_its_place() {
        for (yaml, part) in [
            ("alertmanagers: [{timeout: 0s}]", "timeout"),
            ("alertmanagers: [{}, {api_version: v1}]", "alertmanagers[1]"),
            ("alertmanagers: [{sigv4: {}}]", "sigv4"),
            ("alertmanagers: [{shceme: https}]", "shceme"),
            ("alertmanagers: [{relabel_configs: [{regex: '('}]}]", "relabel_configs"),
            ("alert_relabel_configs: [{action: hashmod}]", "alert_relabel_configs"),
        ] {
            let error = format!("{:#}", read(yaml).unwrap_err());
            assert!(error.contains(part), "{yaml}: {error}");
        }
    }
}
