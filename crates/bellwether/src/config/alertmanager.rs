//! `alertmanager.yml`: read with its variables and its templates.

mod dry_run;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use alerting::config::{Config, shown};
use alerting::notify::default_templates;
use alerting::template::TemplateSet;
use anyhow::Context;

use super::Warning;
use super::expand::{Unset, expand_known};

/// What holds without a file: nobody is told, but alerts show.
const DEFAULT: &str = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n";

/// A file that was read and checked.
#[derive(Clone, Debug)]
pub(crate) struct AlertmanagerFile {
    /// What it says.
    pub(crate) config: Arc<Config>,
    /// The default templates and those of its files.
    pub(crate) templates: Arc<TemplateSet>,
    /// The files of templates.
    pub(crate) template_files: Vec<PathBuf>,
    /// The text without its secrets.
    pub(crate) shown: Arc<str>,
    /// What has no effect as it is written.
    pub(crate) warnings: Vec<Warning>,
}

impl AlertmanagerFile {
    /// Reads a file; without one, a configuration that notifies nobody.
    ///
    /// # Errors
    /// Where it can't be read or has a fault, as `file:line:column: fault`.
    pub(crate) fn read(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else { return Self::parse(DEFAULT, Path::new(""), |_| None) };
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        Self::parse(&text, path, |name| std::env::var(name).ok())
    }

    fn parse(
        text: &str,
        path: &Path,
        variable: impl Fn(&str) -> Option<String>,
    ) -> anyhow::Result<Self> {
        let file = path.display();
        let (text, unset) = expand_known(text, variable);
        let fault = |error| anyhow::anyhow!("{file}:{error}");
        let dir = path.parent().unwrap_or(Path::new(""));
        let (config, found) = Config::parse_in(&text, dir).map_err(fault)?;
        let warning = |line, message| Warning { file: file.to_string(), line, message };
        let mut warnings: Vec<Warning> = unset
            .into_iter()
            .map(|Unset { line, name }| {
                let reason = "who is notified by it is not reached";
                warning(line, format!("environment variable {name} is not set; {reason}"))
            })
            .collect();
        warnings.extend(found.into_iter().map(|found| warning(found.line, found.message)));
        let template_files = template_files(dir, &config.templates)?;
        let mut templates = default_templates()?;
        for path in &template_files {
            let file = path.display();
            let text = std::fs::read_to_string(path).with_context(|| file.to_string())?;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            templates.add(&name, &text).with_context(|| file.to_string())?;
        }
        let failures = dry_run::failures(&config, &templates).into_iter();
        warnings.extend(failures.map(|(line, message)| warning(line, message)));
        Ok(Self {
            shown: shown(&text).map_err(fault)?.into(),
            config: Arc::new(config),
            templates: Arc::new(templates),
            template_files,
            warnings,
        })
    }
}

/// The files that patterns name, from where the configuration is; a pattern may
/// name none.
fn template_files(dir: &Path, patterns: &[String]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for pattern in patterns {
        let pattern = dir.join(pattern);
        let found = glob::glob(&pattern.to_string_lossy())
            .with_context(|| format!("templates: {}", pattern.display()))?;
        let mut found = found.collect::<Result<Vec<_>, _>>()?;
        found.sort();
        files.extend(found);
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_file_nobody_is_told() {
        let file = AlertmanagerFile::read(None).unwrap();
        assert!(file.config.receivers.iter().all(|receiver| receiver.integrations.is_empty()));
    }

    #[test]
    fn variables_are_filled_in_and_missing_ones_are_warnings() {
        let text = "route: {receiver: a}\nreceivers:\n- name: a\n  slack_configs:\n  \
                    - {api_url: '${URL}', channel: '${C:-#x}', text: '${{ .Status }} ${TOKEN}'}\n";
        let variable = |name: &str| (name == "TOKEN").then(|| "hunter2".to_owned());
        let file = AlertmanagerFile::parse(text, Path::new("dir/am.yml"), variable).unwrap();
        assert_eq!(file.warnings.len(), 1, "{:?}", file.warnings);
        let warning = file.warnings[0].to_string();
        assert!(
            warning.starts_with("dir/am.yml:5: warning: environment variable URL is not set"),
            "{warning}"
        );
        assert!(file.shown.contains("#x") && file.shown.contains("${{ .Status }} hunter2"));
    }

    #[test]
    fn receivers_that_would_fail_are_warnings() {
        let text = "route: {receiver: a}\nreceivers:\n- name: a\n  webhook_configs:\n  - {url_file: /not/there}\n  \
                    - {url: 'http://x'}\n- name: b\n  slack_configs:\n  \
                    - {api_url: 'http://x', channel: '#a', title: '{{ template \"gone\" . }}'}\n";
        let file = AlertmanagerFile::parse(text, Path::new("am.yml"), |_| None).unwrap();
        let warnings: Vec<String> = file.warnings.iter().map(ToString::to_string).collect();
        assert_eq!(warnings.len(), 2, "{warnings:?}");
        assert!(warnings[0].starts_with("am.yml:3:") && warnings[0].contains("/not/there"));
        assert!(warnings[1].starts_with("am.yml:7:") && warnings[1].contains("title: "));
    }

    #[test]
    fn faults_have_their_place() {
        let error = |text: &str| {
            let read = AlertmanagerFile::parse(text, Path::new("am.yml"), |_| None);
            format!("{:#}", read.unwrap_err())
        };
        let text = "route:\n  receiver: b\nreceivers: [{name: a}]\n";
        assert!(error(text).starts_with("am.yml:2:"), "{}", error(text));
        let text = "route: {receiver: a}\nreceivers: [{name: a, slak_configs: []}]\n";
        assert!(error(text).starts_with("am.yml:2:"), "{}", error(text));
    }

    #[test]
    fn templates_are_found_from_where_the_file_is() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("am.yml");
        let text = "templates: ['t/*.tmpl', '/not/there/*.tmpl']\nroute: {receiver: a}\nreceivers: [{name: a}]\n";
        std::fs::write(&path, text).unwrap();
        std::fs::create_dir(dir.path().join("t")).unwrap();
        let template = dir.path().join("t/x.tmpl");
        std::fs::write(&template, "{{ define \"mine\" }}x{{ end }}").unwrap();
        let file = AlertmanagerFile::read(Some(&path)).unwrap();
        assert_eq!(file.template_files, [template.as_path()]);
        std::fs::write(&template, "\n{{ define }}").unwrap();
        let error = format!("{:#}", AlertmanagerFile::read(Some(&path)).unwrap_err());
        assert!(error.contains("x.tmpl:2"), "{error}");
    }
}
