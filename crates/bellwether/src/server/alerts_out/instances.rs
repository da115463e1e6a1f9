//! The Alertmanagers of one entry of `alertmanagers`, as service discovery finds them.

use std::collections::BTreeMap;
use std::sync::Arc;

use alerting::alertmanager::PostedAlert;
use collect::discovery::gather::Seeker;
use collect::discovery::group::ADDRESS;
use collect::discovery::{self, DiscoveryMetrics, TargetGroup};
use collect::http_client::HttpClient;
use model::{Labels, LabelsBuilder};
use parking_lot::Mutex;
use pipeline::RelabelConfig;
use pipeline::relabel::{RelabelRule, Relabelled, relabel};
use reqwest::Url;
use serve::prometheus::AlertmanagersView;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::metrics::SendMetrics;
use super::queue::Recipient;
use super::relabelled;
use crate::config::AlertmanagerConfig;

/// The label of the scheme, for relabelling.
const SCHEME: &str = "__scheme__";
/// The label of the path, for relabelling.
const PATH: &str = "__alerts_path__";
/// Where the API takes alerts, below the prefix.
const API_PATH: &str = "/api/v2/alerts";

/// An entry at work.
pub(super) struct Instances {
    config: AlertmanagerConfig,
    relabel: Vec<RelabelRule>,
    alert_relabel: Vec<RelabelRule>,
    client: HttpClient,
    seeker: Seeker,
    metrics: SendMetrics,
    found: Mutex<Found>,
    cancel: CancellationToken,
    tasks: TaskTracker,
}

#[derive(Default)]
struct Found {
    is_started: bool,
    /// By address.
    active: BTreeMap<String, Active>,
    dropped: Vec<String>,
}

struct Active {
    recipient: Arc<Recipient>,
    cancel: CancellationToken,
}

/// What relabelling makes of an instance.
#[derive(Debug, PartialEq)]
enum Located {
    Active(Url),
    Dropped(String),
}

impl Instances {
    /// An entry that is checked and not at work yet.
    ///
    /// # Errors
    /// Where rules or HTTP settings can't be meant.
    pub(super) fn new(
        config: AlertmanagerConfig,
        user_agent: &str,
        metrics: SendMetrics,
    ) -> anyhow::Result<Arc<Self>> {
        Ok(Arc::new(Self {
            relabel: RelabelConfig::compile_all(&config.relabel_configs)?,
            alert_relabel: RelabelConfig::compile_all(&config.alert_relabel_configs)?,
            client: HttpClient::new(&config.client, user_agent)?,
            seeker: Seeker {
                job: "alertmanagers".into(),
                user_agent: user_agent.into(),
                metrics: DiscoveryMetrics::default(),
            },
            config,
            metrics,
            found: Mutex::default(),
            cancel: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }))
    }

    /// What the file says.
    pub(super) fn config(&self) -> &AlertmanagerConfig {
        &self.config
    }

    /// Begins to look for instances, unless that has begun.
    pub(super) fn start(self: &Arc<Self>) {
        if !std::mem::replace(&mut self.found.lock().is_started, true) {
            self.tasks.spawn(Arc::clone(self).follow());
        }
    }

    /// Asks all to end, once what waits is sent.
    pub(super) fn stop(&self) {
        self.cancel.cancel();
        self.tasks.close();
    }

    /// Waits until all have ended.
    pub(super) async fn ended(&self) {
        self.tasks.wait().await;
    }

    /// Lets alerts wait for each instance.
    pub(super) fn push(&self, alerts: &[PostedAlert]) {
        let alerts = relabelled(&self.alert_relabel, alerts.to_vec());
        for active in self.found.lock().active.values() {
            active.recipient.push(&alerts);
        }
    }

    /// Adds the instances to what the API shows.
    pub(super) fn describe(&self, view: &mut AlertmanagersView) {
        let found = self.found.lock();
        view.active.extend(found.active.keys().cloned());
        view.dropped.extend(found.dropped.iter().cloned());
    }

    async fn follow(self: Arc<Self>) {
        let (sender, mut updates) = mpsc::channel(1);
        let (config, seeker) = (self.config.discovery.clone(), self.seeker.clone());
        let found = discovery::run(config, seeker, sender, self.cancel.clone());
        self.tasks.spawn(found);
        while let Some(groups) = updates.recv().await {
            self.sync(&groups);
        }
        self.sync(&[]);
    }

    /// Makes the recipients those of `groups`.
    fn sync(&self, groups: &[Arc<TargetGroup>]) {
        let mut wanted = BTreeMap::new();
        let mut dropped = Vec::new();
        for group in groups {
            for target in &group.targets {
                match self.locate(&group.labels, target) {
                    Ok(Located::Active(url)) => {
                        wanted.insert(url.to_string(), url);
                    }
                    Ok(Located::Dropped(url)) => dropped.push(url),
                    Err(error) => {
                        tracing::warn!(%target, error, "an Alertmanager can't be reached");
                    }
                }
            }
        }
        let mut found = self.found.lock();
        let before = found.active.len() as i64;
        found.active.retain(|shown, active| {
            let is_wanted = wanted.contains_key(shown);
            if !is_wanted {
                active.cancel.cancel();
            }
            is_wanted
        });
        for (shown, url) in wanted {
            found.active.entry(shown).or_insert_with(|| self.launch(url));
        }
        found.dropped = dropped;
        self.metrics.discovered.inc_by(found.active.len() as i64 - before);
    }

    fn launch(&self, url: Url) -> Active {
        let timeout = self.config.timeout.to_duration();
        let recipient = Recipient::new(url, self.client.clone(), timeout, self.metrics.clone());
        let active = Active { recipient: Arc::new(recipient), cancel: CancellationToken::new() };
        self.tasks.spawn(Arc::clone(&active.recipient).run(active.cancel.clone()));
        active
    }

    fn locate(&self, group: &Labels, target: &Labels) -> Result<Located, String> {
        let prefix = self.config.path_prefix.trim_matches('/');
        let separator = if prefix.is_empty() { "" } else { "/" };
        let mut labels = group.to_builder();
        for (name, value) in target.iter() {
            labels.set(name, value);
        }
        labels.set(SCHEME, self.config.scheme.as_str());
        labels.set(PATH, &format!("{separator}{prefix}{API_PATH}"));
        let discovered = shown(&labels);
        if relabel(&self.relabel, &mut labels) == Relabelled::Drop {
            return Ok(Located::Dropped(discovered));
        }
        match labels.get(ADDRESS) {
            None => return Err("it has no address".to_owned()),
            Some(address) if address.contains('/') => {
                return Err(format!("{address:?} is not a valid hostname"));
            }
            Some(_) => {}
        }
        let shown = shown(&labels);
        let url = shown.parse().map_err(|error| format!("{shown:?} is no address: {error}"))?;
        Ok(Located::Active(url))
    }
}

/// The address that labels make.
fn shown(labels: &LabelsBuilder) -> String {
    let label = |name| labels.get(name).unwrap_or("");
    let path = label(PATH);
    let separator = if path.starts_with('/') { "" } else { "/" };
    format!("{}://{}{separator}{path}", label(SCHEME), label(ADDRESS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locate(yaml: &str, target: &[(&str, &str)]) -> Result<Located, String> {
        let config: AlertmanagerConfig = serde_saphyr::from_str(yaml).unwrap();
        let instances = Instances::new(config, "test", SendMetrics::default()).unwrap();
        instances.locate(&Labels::empty(), &Labels::from_pairs(target.iter().copied()))
    }

    #[tokio::test]
    async fn addresses_are_made_as_prometheus_makes_them() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let active = |yaml: &str| match locate(yaml, &[(ADDRESS, "am:9093")]) {
            Ok(Located::Active(url)) => url.to_string(),
            other => panic!("{other:?}"),
        };
        assert_eq!(active("timeout: 1s"), "http://am:9093/api/v2/alerts");
        for prefix in ["am", "/am", "/am/"] {
            let yaml = format!("{{scheme: https, path_prefix: {prefix}}}");
            assert_eq!(active(&yaml), "https://am:9093/am/api/v2/alerts");
        }
        let relabelled = "relabel_configs: [{target_label: __alerts_path__, replacement: x}, \
                          {target_label: __address__, replacement: other}]";
        assert_eq!(active(relabelled), "http://other/x");
    }

    #[tokio::test]
    async fn what_relabelling_drops_and_what_is_no_address() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let drop = "relabel_configs: [{source_labels: [__address__], action: drop}]";
        let dropped = Located::Dropped("http://am/api/v2/alerts".to_owned());
        assert_eq!(locate(drop, &[(ADDRESS, "am")]), Ok(dropped));
        assert!(locate("timeout: 1s", &[]).unwrap_err().contains("no address"));
        assert!(locate("timeout: 1s", &[(ADDRESS, "am/x")]).unwrap_err().contains("hostname"));
        assert!(locate("timeout: 1s", &[(ADDRESS, "a b")]).unwrap_err().contains("no address"));
    }
}
