//! All mechanisms of one job: their groups gathered, updates held together.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::metrics::{DiscoveryMetrics, JobLabels};
use super::updates::{Update, Updates};
use super::{
    DiscoveryConfigs, TargetGroup, consul, dns, docker, dockerswarm, ec2, file, http, kubernetes,
};

/// Updates that may wait before mechanisms do.
const QUEUE_MAX: usize = 16;
/// The least time between two updates of a pool, Prometheus' own.
pub const UPDATE_INTERVAL: Duration = Duration::from_secs(5);

/// For whom targets are sought.
#[derive(Clone, Debug)]
pub struct Seeker {
    /// The job.
    pub job: Arc<str>,
    /// What servers see as `User-Agent`.
    pub user_agent: Arc<str>,
    /// What is counted.
    pub metrics: DiscoveryMetrics,
}

/// Sends all groups that `config` finds to `pool`, again whenever they change but
/// at most every [`UPDATE_INTERVAL`], until `cancel` is set.
pub async fn run(
    config: DiscoveryConfigs,
    seeker: Seeker,
    pool: mpsc::Sender<Vec<Arc<TargetGroup>>>,
    cancel: CancellationToken,
) {
    tokio::select! {
        () = cancel.cancelled() => {}
        () = gather(config, seeker, pool, UPDATE_INTERVAL) => {}
    }
}

async fn gather(
    config: DiscoveryConfigs,
    seeker: Seeker,
    pool: mpsc::Sender<Vec<Arc<TargetGroup>>>,
    interval: Duration,
) {
    let mut gathered = Gathered::default();
    gathered.take((0, static_groups(&config)));
    let (sender, mut receiver) = mpsc::channel(QUEUE_MAX);
    // Dropped with this function, and the mechanisms with it.
    let mut providers = Providers { sender, seeker: seeker.clone(), tasks: JoinSet::new() };
    providers.start(config);
    let Providers { sender, mut tasks, .. } = providers;
    drop(sender);
    if gathered.is_changed || tasks.is_empty() {
        gathered.hand_on(&seeker, &pool).await;
    }
    let mut next = tokio::time::Instant::now();
    loop {
        tokio::select! {
            update = receiver.recv() => match update {
                Some(update) => gathered.take(update),
                None => break,
            },
            () = tokio::time::sleep_until(next), if gathered.is_changed => {
                gathered.hand_on(&seeker, &pool).await;
                next = tokio::time::Instant::now() + interval;
            }
            Some(Err(error)) = tasks.join_next(), if !tasks.is_empty() => {
                tracing::error!(job = &*seeker.job, %error, "a discovery mechanism ended badly");
            }
        }
    }
    // Nothing will change any more, but the groups stay.
    std::future::pending::<()>().await;
}

fn static_groups(config: &DiscoveryConfigs) -> Vec<TargetGroup> {
    let configs = config.static_configs.iter().enumerate();
    configs.map(|(index, config)| config.to_group(index.to_string())).collect()
}

/// All groups of the job.
#[derive(Default)]
struct Gathered {
    groups: HashMap<(usize, String), Arc<TargetGroup>>,
    is_changed: bool,
}

impl Gathered {
    fn take(&mut self, (provider, groups): Update) {
        for group in groups {
            let key = (provider, group.source.clone());
            if group.targets.is_empty() {
                self.groups.remove(&key);
            } else {
                self.groups.insert(key, Arc::new(group));
            }
            self.is_changed = true;
        }
    }

    async fn hand_on(&mut self, seeker: &Seeker, pool: &mpsc::Sender<Vec<Arc<TargetGroup>>>) {
        let labels = JobLabels { job: seeker.job.to_string() };
        let targets: usize = self.groups.values().map(|group| group.targets.len()).sum();
        seeker.metrics.discovered_targets.get_or_create(&labels).set(targets as i64);
        seeker.metrics.updates.get_or_create(&labels).inc();
        self.is_changed = false;
        // Nobody listens only while the job is being stopped.
        let _ = pool.send(self.groups.values().cloned().collect()).await;
    }
}

/// The mechanisms of the job at work.
struct Providers {
    sender: mpsc::Sender<Update>,
    seeker: Seeker,
    tasks: JoinSet<()>,
}

impl Providers {
    fn start(&mut self, config: DiscoveryConfigs) {
        for config in config.file_sd_configs {
            let updates = self.updates("file");
            self.tasks.spawn(file::run(config, updates));
        }
        for config in config.http_sd_configs {
            let updates = self.updates("http");
            self.tasks.spawn(http::run(config, updates));
        }
        for config in config.dns_sd_configs {
            let updates = self.updates("dns");
            self.tasks.spawn(dns::run(config, updates));
        }
        for config in config.kubernetes_sd_configs {
            let updates = self.updates("kubernetes");
            self.tasks.spawn(kubernetes::run(config, updates));
        }
        for config in config.consul_sd_configs {
            let updates = self.updates("consul");
            self.tasks.spawn(consul::run(config, updates));
        }
        for config in config.docker_sd_configs {
            let updates = self.updates("docker");
            self.tasks.spawn(docker::run(config, updates));
        }
        for config in config.dockerswarm_sd_configs {
            let updates = self.updates("dockerswarm");
            self.tasks.spawn(dockerswarm::run(config, updates));
        }
        for config in config.ec2_sd_configs {
            let updates = self.updates("ec2");
            self.tasks.spawn(ec2::run(config, updates));
        }
    }

    fn updates(&self, mechanism: &'static str) -> Updates {
        Updates {
            // Provider 0 is what is written down.
            provider: self.tasks.len() + 1,
            mechanism,
            job: Arc::clone(&self.seeker.job),
            user_agent: Arc::clone(&self.seeker.user_agent),
            sender: self.sender.clone(),
            metrics: self.seeker.metrics.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUP: &str = r#"[{"targets": ["file:1", "file:2"]}]"#;

    fn seeker() -> Seeker {
        Seeker {
            job: "job".into(),
            user_agent: "test".into(),
            metrics: DiscoveryMetrics::default(),
        }
    }

    async fn addresses(receiver: &mut mpsc::Receiver<Vec<Arc<TargetGroup>>>) -> Vec<String> {
        let next = tokio::time::timeout(Duration::from_secs(10), receiver.recv());
        let groups = next.await.unwrap().unwrap();
        let targets = groups.iter().flat_map(|group| &group.targets);
        let mut addresses: Vec<_> =
            targets.map(|target| target.get("__address__").unwrap().to_owned()).collect();
        addresses.sort();
        addresses
    }

    #[tokio::test]
    async fn mechanisms_are_gathered_and_held_together() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        std::fs::write(&path, GROUP).unwrap();
        let yaml = format!(
            "static_configs: [{{targets: [static]}}]\nfile_sd_configs: [{{files: [{path:?}, {path:?}]}}]"
        );
        let config: DiscoveryConfigs = serde_saphyr::from_str(&yaml).unwrap();
        let (sender, mut receiver) = mpsc::channel(1);
        let seeker = seeker();
        let interval = Duration::from_millis(300);
        let task = tokio::spawn(gather(config, seeker.clone(), sender, interval));
        assert_eq!(addresses(&mut receiver).await, ["static"]);
        assert_eq!(addresses(&mut receiver).await, ["file:1", "file:2", "static"]);
        let since = std::time::Instant::now();
        std::fs::write(&path, "[]").unwrap();
        assert_eq!(addresses(&mut receiver).await, ["static"]);
        assert!(since.elapsed() > Duration::from_millis(200), "updates are not held together");
        let job = JobLabels { job: "job".into() };
        assert_eq!(seeker.metrics.discovered_targets.get_or_create(&job).get(), 1);
        assert_eq!(seeker.metrics.updates.get_or_create(&job).get(), 3);
        task.abort();
    }

    #[tokio::test]
    async fn nothing_configured_is_nothing_found() {
        let (sender, mut receiver) = mpsc::channel(1);
        let cancel = CancellationToken::new();
        let task = tokio::spawn(run(DiscoveryConfigs::default(), seeker(), sender, cancel.clone()));
        assert!(addresses(&mut receiver).await.is_empty());
        cancel.cancel();
        task.await.unwrap();
    }
}
