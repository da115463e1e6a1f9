//! `bellwether check`: is a file what it should be?

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::config::{BellwetherConfig, PrometheusConfig, RemoteConfig};

/// `check config`: each file is read as `bellwether.yml` or, where it has the
/// sections of one, as `prometheus.yml`.
pub(super) fn config(files: &[PathBuf]) -> ExitCode {
    let mut is_sound = true;
    for file in files {
        match check(file) {
            Ok(warnings) => {
                warnings
                    .iter()
                    .for_each(|warning| println!("{}: warning: {warning}", file.display()));
                println!("{}: ok", file.display());
            }
            Err(error) => {
                is_sound = false;
                eprintln!("{error:#}");
            }
        }
    }
    if is_sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn check(file: &Path) -> anyhow::Result<Vec<String>> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| anyhow::anyhow!("{}: {error}", file.display()))?;
    let is_prometheus =
        ["global", "scrape_configs", "rule_files", "alerting", "remote_write", "otlp"]
            .iter()
            .any(|section| text.lines().any(|line| line.starts_with(&format!("{section}:"))))
            && !text
                .lines()
                .any(|line| ["collect:", "storage:", "serve:"].contains(&line.trim_end()));
    if is_prometheus {
        let (config, warnings) = PrometheusConfig::read(file)?;
        config.jobs()?;
        RemoteConfig::read(&[file.to_owned()])?;
        Ok(warnings)
    } else {
        let config = BellwetherConfig::read(Some(file))?;
        let mut warnings = Vec::new();
        for path in config.prometheus_files() {
            let (prometheus, more) = PrometheusConfig::read(&path)?;
            prometheus.jobs()?;
            warnings.extend(more);
        }
        RemoteConfig::read(&config.prometheus_files())?;
        Ok(warnings)
    }
}
