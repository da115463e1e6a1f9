//! `bellwether check`: is a file what it should be?

mod alertmanager;
mod dashboard;
mod rules;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::config::rules::read_all;
use crate::config::{AlertmanagerFile, BellwetherConfig, PrometheusConfig, RemoteConfig, Warning};

pub(super) use alertmanager::alertmanager;
pub(super) use dashboard::dashboard;
pub(super) use rules::rules;

/// `check config`: each file is read as `bellwether.yml` or, where it has the
/// sections of one, as `prometheus.yml`.
pub(super) fn config(files: &[PathBuf]) -> ExitCode {
    let mut is_sound = true;
    for file in files {
        match check(file) {
            Ok(warnings) => {
                warnings.iter().for_each(|warning| println!("{warning}"));
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

/// Keys at the top of `prometheus.yml` and not of `bellwether.yml`.
const OF_PROMETHEUS: [&str; 10] = [
    "global",
    "scrape_configs",
    "scrape_config_files",
    "rule_files",
    "remote_write",
    "remote_read",
    "runtime",
    "tracing",
    "otlp",
    "alerting:\n  alertmanagers",
];

fn check(file: &Path) -> anyhow::Result<Vec<Warning>> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| anyhow::anyhow!("{}: {error}", file.display()))?;
    let text = format!("\n{text}");
    let is_prometheus = OF_PROMETHEUS.iter().any(|key| text.contains(&format!("\n{key}:")));
    if is_prometheus {
        let (config, warnings) = PrometheusConfig::read(file)?;
        config.jobs()?;
        RemoteConfig::read(&[file.to_owned()])?;
        check_rules(file, &BellwetherConfig::default(), &[config])?;
        return Ok(warnings);
    }
    let config = BellwetherConfig::read(Some(file))?;
    let (mut configs, mut warnings) = (Vec::new(), Vec::new());
    for path in config.prometheus_files() {
        let (prometheus, more) = PrometheusConfig::read(&path)?;
        prometheus.jobs()?;
        warnings.extend(more);
        configs.push(prometheus);
    }
    RemoteConfig::read(&config.prometheus_files())?;
    check_rules(file, &config, &configs)?;
    dashboard::check_files(file, &config)?;
    warnings.extend(AlertmanagerFile::read(config.alertmanager_file().as_deref())?.warnings);
    Ok(warnings)
}

/// Follows the paths of rule files, and says how many rules there are.
fn check_rules(
    file: &Path,
    config: &BellwetherConfig,
    prometheus: &[PrometheusConfig],
) -> anyhow::Result<()> {
    let (files, warnings) = read_all(config, prometheus)?;
    for warning in warnings {
        println!("{}: warning: {warning}", file.display());
    }
    for rules in files.iter().filter(|rules| !rules.is_bundled) {
        let count: usize = rules.file.groups.iter().map(|group| group.rules.len()).sum();
        println!("{}: {count} rules", rules.path);
    }
    Ok(())
}
