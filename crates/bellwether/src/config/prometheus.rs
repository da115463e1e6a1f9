//! `prometheus.yml`, unmodified: what scraping needs is used, and every part
//! that is not honoured yet is a warning with its line.
//!
//! As in Prometheus a key that nobody knows is an error: a typing error must not
//! look like a setting. Paths start from where the file is.

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use collect::discovery::DiscoveryConfigs;
use collect::scrape::{GlobalConfig, ScrapeConfig};
use collect::yaml_fields;
use serde::Serialize;
use serde::de::IgnoredAny;

use super::AlertingConfig;
use super::unused::{RemoteReadConfig, RuntimeSection, StorageSection, TracingSection};
use super::yaml;

/// What of `prometheus.yml` is used.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct PrometheusConfig {
    /// Defaults of all jobs.
    pub(crate) global: GlobalConfig,
    /// The jobs.
    pub(crate) scrape_configs: Vec<ScrapeConfig>,
    /// Files with further jobs; the last part of a path may have a `*`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) scrape_config_files: Vec<String>,
    /// Files with rules; paths may have wildcards.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) rule_files: Vec<String>,
    /// Who hears of alerts.
    pub(crate) alerting: AlertingConfig,
    #[serde(skip)]
    other: OtherSections,
    #[serde(skip)]
    dir: PathBuf,
    #[serde(skip)]
    shown_path: String,
}

yaml_fields!(deserialize PrometheusConfig {
    global,
    scrape_configs,
    scrape_config_files,
    rule_files,
    alerting,
} + other: OtherSections);

/// Sections that are known and not used here; `remote_write` and `otlp` are read
/// by [`RemoteConfig`](super::RemoteConfig).
#[derive(Clone, Debug, Default, PartialEq)]
struct OtherSections {
    runtime: RuntimeSection,
    remote_write: IgnoredAny,
    remote_read: Vec<RemoteReadConfig>,
    storage: StorageSection,
    tracing: TracingSection,
    otlp: IgnoredAny,
}

yaml_fields!(OtherSections { runtime, remote_write, remote_read, storage, tracing, otlp });

/// Sections that Prometheus has and that nothing here acts on yet.
const NOT_HONOURED: [(&str, &str); 4] = [
    ("runtime", "there is no collector of garbage to set"),
    ("remote_read", "remote stores are not read"),
    ("storage", "set storage in bellwether.yml"),
    ("tracing", "the server's own traces are not sent yet"),
];

/// A part of a file that is not honoured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Warning {
    /// The file, as it was named.
    pub(crate) file: String,
    /// The line, from 1.
    pub(crate) line: usize,
    /// What, and what to do.
    pub(crate) message: String,
}

impl Warning {
    /// Puts it into the log of a server.
    pub(crate) fn log(&self) {
        tracing::warn!(file = %self.file, line = self.line, "{}", self.message);
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: warning: {}", self.file, self.line, self.message)
    }
}

/// A file of `scrape_config_files`.
#[derive(Debug, Default)]
struct ScrapeConfigFile {
    scrape_configs: Vec<ScrapeConfig>,
}

yaml_fields!(deserialize ScrapeConfigFile { scrape_configs });

impl PrometheusConfig {
    /// Reads a file; also gives the warnings about what is not honoured.
    pub(crate) fn read(path: &Path) -> anyhow::Result<(Self, Vec<Warning>)> {
        let (mut config, text): (Self, String) = parse(path)?;
        let dir = path.parent().unwrap_or(Path::new(""));
        config.shown_path = path.display().to_string();
        config.global.set_directory(dir);
        config.dir = dir.to_owned();
        config.alerting.set_directory(dir);
        config.alerting.check().with_context(|| config.shown_path.clone())?;
        let mut warnings = not_honoured(&text, path);
        let alertmanagers = config.alerting.alertmanagers.iter().map(|entry| &entry.discovery);
        let jobs = config.scrape_configs.iter().map(|job| &job.discovery);
        warnings.extend(not_built(jobs.chain(alertmanagers), &text, path));
        for file in config.further_files(dir)? {
            let (further, text): (ScrapeConfigFile, String) = parse(&file)?;
            let jobs = further.scrape_configs.iter().map(|job| &job.discovery);
            warnings.extend(not_built(jobs, &text, &file));
            config.scrape_configs.extend(further.scrape_configs);
        }
        config.scrape_configs.iter_mut().for_each(|job| job.set_directory(dir));
        Ok((config, warnings))
    }

    /// The jobs with `global` filled in, checked.
    pub(crate) fn jobs(&self) -> anyhow::Result<Vec<ScrapeConfig>> {
        ScrapeConfig::resolve_all(&self.scrape_configs, &self.global)
            .with_context(|| self.shown_path.clone())
    }

    /// The paths of rule files, with wildcards.
    pub(crate) fn rule_patterns(&self) -> Vec<PathBuf> {
        self.rule_files.iter().map(|pattern| self.dir.join(pattern)).collect()
    }

    /// The files that `scrape_config_files` names, sorted within each pattern.
    fn further_files(&self, dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for pattern in &self.scrape_config_files {
            let path = dir.join(pattern).display().to_string();
            let found = glob::glob(&path).with_context(|| {
                format!("{}: scrape_config_files: {pattern:?}", self.shown_path)
            })?;
            let before = files.len();
            for file in found {
                files.push(file.with_context(|| format!("scrape_config_files: {pattern:?}"))?);
            }
            // A pattern may match nothing yet; a name without a star means its file.
            if files.len() == before && !pattern.contains('*') {
                bail!("{}: scrape_config_files: {path:?} does not exist", self.shown_path);
            }
        }
        Ok(files)
    }
}

fn parse<T: serde::de::DeserializeOwned>(path: &Path) -> anyhow::Result<(T, String)> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("{shown}"))?;
    let parsed = yaml::parse(&text, path)?;
    Ok((parsed, text))
}

fn not_honoured(text: &str, path: &Path) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for (index, line) in text.lines().enumerate() {
        for (section, reason) in NOT_HONOURED {
            if line.starts_with(&format!("{section}:")) {
                let message = format!("{section}: {reason}");
                warnings.push(warning(path, index + 1, message));
            }
        }
    }
    warnings
}

/// Discovery that finds no targets, with the line where it stands first.
fn not_built<'a>(
    discovery: impl Iterator<Item = &'a DiscoveryConfigs>,
    text: &str,
    path: &Path,
) -> Vec<Warning> {
    let keys = discovery.flat_map(|discovery| &discovery.not_built.0);
    keys.map(|key| {
        let line = text.lines().position(|line| line.contains(key)).map_or(0, |index| index + 1);
        let message = format!("{key}: this discovery is not built; it finds no targets");
        warning(path, line, message)
    })
    .collect()
}

fn warning(path: &Path, line: usize, message: String) -> Warning {
    Warning { file: path.display().to_string(), line, message }
}

#[cfg(test)]
mod tests;
