//! Rule files: which there are, read and checked, and what their groups take
//! where they say nothing themselves.

mod bundled;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use alerting::rules::{RuleFile, RuleFileError};
use anyhow::{Context, bail};
use model::Millis;
use query::promql::ParseOptions;

use super::{BellwetherConfig, PrometheusConfig};

pub(crate) use bundled::BundledSetting;

/// A rule file in force.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LoadedRules {
    /// Its path, as pages show it.
    pub(crate) path: String,
    /// What it says.
    pub(crate) file: RuleFile,
    /// How often its groups run that do not say it.
    pub(crate) interval: Millis,
    /// How far back they look.
    pub(crate) query_offset: Millis,
    /// Whether it is part of the binary.
    pub(crate) is_bundled: bool,
}

/// All rule files of a configuration, and warnings about patterns that name none.
///
/// # Errors
/// Where a file can't be read or has a fault; the message names each with
/// file, line and column.
pub(crate) fn read_all(
    config: &BellwetherConfig,
    prometheus: &[PrometheusConfig],
) -> anyhow::Result<(Vec<LoadedRules>, Vec<String>)> {
    let mut reading = Reading::new(config.query.parse_options());
    let interval = config.alerting.evaluation_interval.as_millis();
    let names_files = !config.alerting.rules.is_empty()
        || prometheus.iter().any(|config| !config.rule_files.is_empty());
    let bundled = config.alerting.bundled.clone();
    reading.bundled(&bundled.unwrap_or(BundledSetting::Default(!names_files)), interval);
    for pattern in config.rule_patterns() {
        reading.pattern("alerting.rules", &pattern, interval, Millis::ZERO)?;
    }
    for config in prometheus {
        let global = &config.global;
        let interval = global.evaluation_interval.as_millis();
        let offset = global.rule_query_offset.map_or(Millis::ZERO, |offset| offset.as_millis());
        for pattern in config.rule_patterns() {
            reading.pattern("rule_files", &pattern, interval, offset)?;
        }
    }
    match reading.faults.is_empty() {
        true => Ok((reading.rules, reading.warnings)),
        false => bail!("{}", reading.faults.join("\n")),
    }
}

struct Reading {
    options: ParseOptions,
    known: BTreeSet<PathBuf>,
    rules: Vec<LoadedRules>,
    warnings: Vec<String>,
    faults: Vec<String>,
}

impl Reading {
    fn new(options: ParseOptions) -> Self {
        Self {
            options,
            known: BTreeSet::new(),
            rules: Vec::new(),
            warnings: Vec::new(),
            faults: Vec::new(),
        }
    }

    fn bundled(&mut self, setting: &BundledSetting, interval: Millis) {
        for bundled in setting.files() {
            match bundled.read() {
                Ok(file) => {
                    let path = bundled.path();
                    let query_offset = Millis::ZERO;
                    let is_bundled = true;
                    self.rules.push(LoadedRules { path, file, interval, query_offset, is_bundled });
                }
                Err(faults) => self.faults.extend(faults),
            }
        }
    }

    fn pattern(
        &mut self,
        key: &str,
        pattern: &Path,
        interval: Millis,
        query_offset: Millis,
    ) -> anyhow::Result<()> {
        if interval <= Millis::ZERO {
            bail!("{key}: {}: evaluation_interval must be greater than 0", pattern.display());
        }
        let paths = matching(pattern).with_context(|| format!("{key}: {}", pattern.display()))?;
        if paths.is_empty() {
            self.warnings.push(format!("{key}: {}: no such file", pattern.display()));
        }
        for path in paths {
            // Several patterns may name it.
            if !self.known.insert(path.clone()) {
                continue;
            }
            match read(&path, self.options) {
                Ok(file) => {
                    let path = path.display().to_string();
                    let is_bundled = false;
                    self.rules.push(LoadedRules { path, file, interval, query_offset, is_bundled });
                }
                Err(faults) => self.faults.extend(faults),
            }
        }
        Ok(())
    }
}

/// The files that a pattern names, sorted.
pub(crate) fn matching(pattern: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut paths = glob::glob(&pattern.to_string_lossy())?.collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    Ok(paths)
}

/// Reads one file.
///
/// # Errors
/// All its faults, with file, line and column.
pub(crate) fn read(path: &Path, options: ParseOptions) -> Result<RuleFile, Vec<String>> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| vec![format!("{}: {error}", path.display())])?;
    let placed = |fault: RuleFileError| match fault.line {
        0 => format!("{}: {fault}", path.display()),
        _ => format!("{}:{fault}", path.display()),
    };
    RuleFile::parse(&text, options).map_err(|faults| faults.into_iter().map(placed).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config_in(dir: &Path, yaml: &str) -> BellwetherConfig {
        let path = dir.join("bellwether.yml");
        std::fs::write(&path, yaml).unwrap();
        BellwetherConfig::read(Some(&path)).unwrap()
    }

    const GROUP: &str = "groups: [{name: g, rules: [{record: a, expr: b}]}]";

    #[test]
    fn patterns_start_from_their_file_and_each_file_counts_once() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("rules")).unwrap();
        for name in ["b.yml", "a.yml", "c.txt"] {
            std::fs::write(dir.path().join("rules").join(name), GROUP).unwrap();
        }
        let yaml =
            "alerting: {rules: ['rules/*.yml', rules/a.yml, none/*.yml], evaluation_interval: 5s}";
        let (rules, warnings) = read_all(&config_in(dir.path(), yaml), &[]).unwrap();
        let shown: Vec<_> = rules.iter().map(|rules| rules.path.rsplit('/').next()).collect();
        assert_eq!(shown, [Some("a.yml"), Some("b.yml")]);
        assert_eq!(rules[0].interval, Millis::from_secs(5));
        assert!(warnings.len() == 1 && warnings[0].contains("none/*.yml"), "{warnings:?}");
    }

    #[test]
    fn bundled_files_give_way_to_others_unless_they_are_asked_for() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("a.yml"), GROUP).unwrap();
        let paths = |yaml: &str| -> Vec<String> {
            let (rules, _) = read_all(&config_in(dir.path(), yaml), &[]).unwrap();
            rules
                .into_iter()
                .map(|rules| rules.path.replace(&dir.path().display().to_string(), ""))
                .collect()
        };
        assert_eq!(paths("serve: {}"), ["bundled/bellwether.yml", "bundled/host.yml"]);
        assert_eq!(paths("alerting: {bundled: false}"), [""; 0]);
        assert_eq!(paths("alerting: {rules: [a.yml]}"), ["/a.yml"]);
        let both = "alerting: {rules: [a.yml], bundled: [iot]}";
        assert_eq!(paths(both), ["bundled/iot.yml", "/a.yml"]);
    }

    #[test]
    fn files_of_a_prometheus_take_its_interval_and_offset() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("a.yml"), GROUP).unwrap();
        let yaml =
            "global: {evaluation_interval: 7s, rule_query_offset: 3s}\nrule_files: [a.yml]\n";
        let path = dir.path().join("prometheus.yml");
        std::fs::write(&path, yaml).unwrap();
        let (prometheus, warnings) = PrometheusConfig::read(&path).unwrap();
        assert!(warnings.is_empty(), "{warnings:?}");
        let (rules, _) = read_all(&BellwetherConfig::default(), &[prometheus]).unwrap();
        assert_eq!(rules[0].interval, Millis::from_secs(7));
        assert_eq!(rules[0].query_offset, Millis::from_secs(3));
    }

    #[test]
    fn all_faults_of_all_files_are_told_with_their_place() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        write("a.yml", "groups:\n- name: g\n  rules:\n  - record: a\n    expr: 'sum('\n");
        write("b.yml", "groups:\n- name: g\n  rulez: []\n");
        let config = config_in(dir.path(), "alerting: {rules: ['?.yml']}");
        let error = read_all(&config, &[]).unwrap_err().to_string();
        let lines: Vec<_> = error.lines().collect();
        assert!(lines[0].contains("a.yml:5:11: ") && lines[0].contains("parse"), "{error}");
        assert!(lines[1].contains("b.yml:3:3: ") && lines[1].contains("rulez"), "{error}");
    }
}
