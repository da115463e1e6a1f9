//! The parts of `prometheus.yml` that say how samples come and leave:
//! `remote_write`, `otlp` and `global.external_labels`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use collect::http_client::HttpClientConfig;
use collect::yaml_fields;
use model::{Labels, PromDuration};
use pipeline::RelabelConfig;
use pipeline::forward::{ForwardConfig, MessageVersion, MetadataConfig, QueueConfig};
use receive::OtlpConfig;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::expand::expand_label;
use super::yaml;

/// What all files say together.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct RemoteConfig {
    /// Labels of all series that leave this server.
    pub(crate) external_labels: Labels,
    /// How OTLP's metrics are named and labelled.
    pub(crate) otlp: OtlpConfig,
    /// Where samples are sent to.
    pub(crate) remote_write: Vec<RemoteWriteConfig>,
}

/// An entry of `remote_write`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct RemoteWriteConfig {
    url: String,
    name: Option<String>,
    remote_timeout: Option<PromDuration>,
    headers: BTreeMap<String, String>,
    write_relabel_configs: Vec<RelabelConfig>,
    send_exemplars: bool,
    send_native_histograms: bool,
    protobuf_message: MessageVersion,
    queue_config: QueueConfig,
    metadata_config: MetadataConfig,
    round_robin_dns: IgnoredAny,
    sigv4: Option<IgnoredAny>,
    azuread: Option<IgnoredAny>,
    google_iam: Option<IgnoredAny>,
    /// How to reach the receiver.
    pub(crate) client: HttpClientConfig,
}

yaml_fields!(deserialize RemoteWriteConfig {
    url,
    name,
    remote_timeout,
    headers,
    write_relabel_configs,
    send_exemplars,
    send_native_histograms,
    protobuf_message,
    queue_config,
    metadata_config,
    round_robin_dns,
    sigv4,
    azuread,
    google_iam,
} + client: HttpClientConfig);

impl RemoteWriteConfig {
    /// The entry without what its HTTP client needs.
    pub(crate) fn forward(&self) -> ForwardConfig {
        let absent = ForwardConfig::default();
        ForwardConfig {
            url: self.url.clone(),
            name: self.name.clone(),
            remote_timeout: self.remote_timeout.unwrap_or(absent.remote_timeout),
            headers: self.headers.clone(),
            write_relabel_configs: self.write_relabel_configs.clone(),
            send_exemplars: self.send_exemplars,
            send_native_histograms: self.send_native_histograms,
            protobuf_message: self.protobuf_message,
            queue_config: self.queue_config.clone(),
            metadata_config: self.metadata_config.clone(),
        }
    }

    /// The entry as Prometheus shows it, secrets masked.
    fn shown(&self) -> Value {
        let mut shown = json!(self.forward());
        if let (Some(all), Value::Object(client)) = (shown.as_object_mut(), json!(self.client)) {
            all.extend(client);
        }
        shown
    }

    fn check(&self) -> anyhow::Result<()> {
        let clouds =
            [("sigv4", &self.sigv4), ("azuread", &self.azuread), ("google_iam", &self.google_iam)];
        if let Some((name, _)) = clouds.iter().find(|(_, section)| section.is_some()) {
            bail!("{name} is not supported; basic_auth, authorization, oauth2 and tls_config are");
        }
        self.client.check()?;
        self.forward().check()?;
        Ok(())
    }
}

/// The sections of one file; others are read elsewhere.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Sections {
    global: Option<GlobalSection>,
    otlp: Option<OtlpConfig>,
    remote_write: Option<Vec<RemoteWriteConfig>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct GlobalSection {
    external_labels: BTreeMap<String, String>,
}

impl RemoteConfig {
    /// The sections as Prometheus shows them, secrets masked; those that say nothing are left out.
    pub(crate) fn shown(&self) -> Value {
        let mut shown = json!({});
        if !self.external_labels.is_empty() {
            let labels: BTreeMap<&str, &str> = self.external_labels.iter().collect();
            shown["global"] = json!({ "external_labels": labels });
        }
        if self.otlp != OtlpConfig::default() {
            shown["otlp"] = json!(self.otlp);
        }
        if !self.remote_write.is_empty() {
            shown["remote_write"] =
                self.remote_write.iter().map(RemoteWriteConfig::shown).collect();
        }
        shown
    }

    /// Reads files of Prometheus.
    ///
    /// # Errors
    /// With the file and the entry that is wrong; also where files contradict each other.
    pub(crate) fn read(files: &[PathBuf]) -> anyhow::Result<Self> {
        let mut all = Self::default();
        let mut external = BTreeMap::new();
        let mut otlp = None;
        for path in files {
            let shown = path.display();
            let text = std::fs::read_to_string(path).with_context(|| format!("{shown}"))?;
            let sections = Sections::parse(&text, path)?;
            for (name, value) in sections.global.unwrap_or_default().external_labels {
                let value = expand_label(&value, |name| std::env::var(name).ok());
                if external.get(&name).is_some_and(|known| *known != value) {
                    bail!("{shown}: external_labels: {name:?} has another value in another file");
                }
                external.insert(name, value);
            }
            if let Some(section) = sections.otlp {
                if otlp.as_ref().is_some_and(|known| *known != section) {
                    bail!("{shown}: otlp: another file says something else");
                }
                otlp = Some(section);
            }
            all.remote_write.extend(sections.remote_write.unwrap_or_default());
        }
        all.external_labels = Labels::from_pairs(&external);
        all.otlp = otlp.unwrap_or_default();
        Ok(all)
    }
}

impl Sections {
    fn parse(text: &str, path: &Path) -> anyhow::Result<Self> {
        let mut sections: Self = yaml::parse(text, path)?;
        let (shown, dir) = (path.display(), path.parent().unwrap_or(Path::new("")));
        if let Some(otlp) = &sections.otlp {
            otlp.check().with_context(|| format!("{shown}"))?;
        }
        for (index, entry) in sections.remote_write.iter_mut().flatten().enumerate() {
            entry.client.set_directory(dir);
            entry.check().with_context(|| format!("{shown}: remote_write[{index}]"))?;
        }
        Ok(sections)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
global: {scrape_interval: 15s, external_labels: {cluster: a}}
otlp: {promote_resource_attributes: [host.name]}
remote_write:
  - url: https://one/api/v1/write
    name: one
    remote_timeout: 5s
    headers: {X-Scope-OrgID: t}
    basic_auth: {username: a, password_file: secret}
    tls_config: {insecure_skip_verify: true}
    queue_config: {max_shards: 3, batch_send_deadline: 1s}
    metadata_config: {send: false}
    write_relabel_configs: [{source_labels: [job], regex: a, action: keep}]
    send_exemplars: true
    protobuf_message: io.prometheus.write.v2.Request
  - url: http://two
scrape_configs: [{job_name: x}]
";

    #[test]
    fn entries_are_read_whole() {
        let sections = Sections::parse(FILE, Path::new("/etc/p/prometheus.yml")).unwrap();
        let entries = sections.remote_write.unwrap();
        let one = entries[0].forward();
        assert_eq!((one.name.as_deref(), one.queue_config.max_shards), (Some("one"), 3));
        assert_eq!(one.queue_config.max_samples_per_send, 2000);
        assert_eq!((one.timeout().as_secs(), one.headers.len()), (5, 1));
        assert_eq!(one.protobuf_message, MessageVersion::V2);
        assert!(entries[0].client.basic_auth.is_some());
        assert_eq!(entries[1].forward().timeout().as_secs(), 30);
        assert_eq!(sections.global.unwrap().external_labels["cluster"], "a");
        assert_eq!(sections.otlp.unwrap().promote_resource_attributes, ["host.name"]);
    }

    #[test]
    fn what_can_not_be_meant_is_refused_with_its_place() {
        for (file, part) in [
            ("remote_write: [{url: http://a, ulr: b}]", "ulr"),
            ("remote_write: [{url: http://a}, {name: b}]", "remote_write[1]"),
            ("remote_write: [{url: http://a, sigv4: {}}]", "sigv4 is not supported"),
            (
                "remote_write: [{url: http://a, bearer_token: a, bearer_token_file: b}]",
                "bearer_token",
            ),
            ("remote_write: [{url: http://a, queue_config: {max_shard: 1}}]", "max_shard"),
            ("otlp: {translation_strategy: Nonsense}", "Nonsense"),
            ("otlp: {ignore_resource_attributes: [a]}", "promote_all_resource_attributes"),
        ] {
            let error = Sections::parse(file, Path::new("")).unwrap_err();
            assert!(format!("{error:#}").contains(part), "{file}: {error:#}");
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        let file = "remote_write: [{url: http://a, basic_auth: {username: b, password: hunter2}}]";
        let entries = Sections::parse(file, Path::new("")).unwrap().remote_write.unwrap();
        let shown = RemoteConfig { remote_write: entries, ..RemoteConfig::default() }.shown();
        assert_eq!(shown["remote_write"][0]["url"], "http://a");
        assert_eq!(shown["remote_write"][0]["basic_auth"]["password"], "<secret>");
        assert!(!shown.to_string().contains("hunter2") && shown.get("otlp").is_none(), "{shown}");
    }

    #[test]
    fn empty_sections_are_none() {
        let sections = Sections::parse("otlp:\nremote_write:\nglobal:\n", Path::new("")).unwrap();
        assert!(sections.remote_write.is_none() && sections.otlp.is_none());
    }
}
