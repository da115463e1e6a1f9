//! `prometheus.yml`, unmodified: what scraping needs is used, and every part
//! that is not honoured yet is a warning with its line.

use std::path::Path;

use anyhow::Context;
use collect::scrape::{GlobalConfig, ScrapeConfig};
use serde::{Deserialize, Serialize};

/// What of `prometheus.yml` is used.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct PrometheusConfig {
    /// Defaults of all jobs.
    pub(crate) global: GlobalConfig,
    /// The jobs.
    pub(crate) scrape_configs: Vec<ScrapeConfig>,
    #[serde(skip)]
    shown_path: String,
}

/// Sections that Prometheus has and that nothing here acts on yet.
const NOT_HONOURED: [(&str, &str); 8] = [
    ("rule_files", "rules are not evaluated yet"),
    ("alerting", "alerts are not sent yet"),
    ("remote_write", "samples are not sent on yet"),
    ("remote_read", "remote stores are not read"),
    ("scrape_config_files", "only scrape_configs of this file are used"),
    ("storage", "set storage in bellwether.yml"),
    ("tracing", "the server's own traces are not sent yet"),
    ("otlp", "OTLP settings are not used yet"),
];

/// Discovery that is not built yet: a job that has it finds no targets there.
const DISCOVERY_NOT_BUILT: [&str; 8] = [
    "kubernetes_sd_configs",
    "file_sd_configs",
    "http_sd_configs",
    "dns_sd_configs",
    "docker_sd_configs",
    "consul_sd_configs",
    "ec2_sd_configs",
    "dockerswarm_sd_configs",
];

impl PrometheusConfig {
    /// Reads a file; also gives the warnings about what is not honoured.
    pub(crate) fn read(path: &Path) -> anyhow::Result<(Self, Vec<String>)> {
        let shown = path.display();
        let text = std::fs::read_to_string(path).with_context(|| format!("{shown}"))?;
        let mut config: Self =
            serde_saphyr::from_str(&text).map_err(|error| anyhow::anyhow!("{shown}: {error}"))?;
        config.shown_path = shown.to_string();
        Ok((config, warnings(&text)))
    }

    /// The jobs with `global` filled in, checked.
    pub(crate) fn jobs(&self) -> anyhow::Result<Vec<ScrapeConfig>> {
        ScrapeConfig::resolve_all(&self.scrape_configs, &self.global)
            .with_context(|| self.shown_path.clone())
    }
}

fn warnings(text: &str) -> Vec<String> {
    let mut warnings = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        for (section, reason) in NOT_HONOURED {
            if line.starts_with(&format!("{section}:")) {
                warnings.push(format!("line {number}: {section}: {reason}"));
            }
        }
        let key = line.trim_start().trim_start_matches("- ").split(':').next().unwrap_or("");
        if DISCOVERY_NOT_BUILT.contains(&key) {
            warnings.push(format!(
                "line {number}: {key}: this discovery is not built yet; it finds no targets"
            ));
        }
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
global: {scrape_interval: 15s, external_labels: {cluster: a}}
rule_files: ['rules/*.yml']
scrape_configs:
  - job_name: core
    static_configs: [{targets: ['core-1:8081', 'core-2:8081']}]
    scrape_interval: 10s
    params: {format: [prometheus]}
  - job_name: pods
    kubernetes_sd_configs:
      - role: pod
    relabel_configs:
      - {source_labels: [__address__, port], regex: '([^:]+)(?::\\d+)?;(\\d+)', replacement: '$1:$2', target_label: __address__}
";

    #[test]
    fn a_file_loads_unmodified_and_gaps_are_warnings() {
        let config: PrometheusConfig = serde_saphyr::from_str(FILE).unwrap();
        let jobs = config.jobs().unwrap();
        assert_eq!(jobs.len(), 2);
        assert_eq!(jobs[0].interval(), model::PromDuration::from_secs(10));
        assert_eq!(jobs[1].interval(), model::PromDuration::from_secs(15));
        let warnings = warnings(FILE);
        assert_eq!(warnings.len(), 2, "{warnings:?}");
        assert!(warnings[0].starts_with("line 2: rule_files"), "{warnings:?}");
        assert!(warnings[1].starts_with("line 9: kubernetes_sd_configs"), "{warnings:?}");
    }
}
