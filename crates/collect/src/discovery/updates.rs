//! The way from a mechanism to the gathering of its job.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::metrics::{DiscoveryMetrics, MechanismLabels};
use super::{DiscoveryError, TargetGroup};

/// Groups and the mechanism that sends them, by its place in the job.
pub(super) type Update = (usize, Vec<TargetGroup>);

/// Where one mechanism sends its groups and says what went wrong.
#[derive(Clone, Debug)]
pub struct Updates {
    pub(super) provider: usize,
    pub(super) mechanism: &'static str,
    pub(super) job: Arc<str>,
    pub(super) user_agent: Arc<str>,
    pub(super) sender: mpsc::Sender<Update>,
    pub(super) metrics: DiscoveryMetrics,
}

impl Updates {
    /// Sends groups, waiting while the job is behind.
    pub async fn send(&self, groups: Vec<TargetGroup>) {
        let labels = MechanismLabels { mechanism: self.mechanism };
        self.metrics.received_updates.get_or_create(&labels).inc();
        // Nobody listens only while the job is being stopped.
        let _ = self.sender.send((self.provider, groups)).await;
    }

    /// Counts and reports a failure.
    pub fn failed(&self, error: &DiscoveryError) {
        let labels = MechanismLabels { mechanism: self.mechanism };
        self.metrics.refresh_failures.get_or_create(&labels).inc();
        tracing::warn!(
            job = &*self.job, mechanism = self.mechanism, %error,
            "service discovery failed; targets found before stay"
        );
    }

    /// What servers see as `User-Agent`.
    pub fn user_agent(&self) -> &str {
        &self.user_agent
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A way whose other end a test holds.
    pub(in super::super) fn updates() -> (Updates, mpsc::Receiver<Update>) {
        let (sender, receiver) = mpsc::channel(16);
        let updates = Updates {
            provider: 0,
            mechanism: "test",
            job: "job".into(),
            user_agent: "test".into(),
            sender,
            metrics: DiscoveryMetrics::default(),
        };
        (updates, receiver)
    }

    /// The next update, which has to come within ten seconds.
    pub(in super::super) async fn next(receiver: &mut mpsc::Receiver<Update>) -> Vec<TargetGroup> {
        let next = tokio::time::timeout(std::time::Duration::from_secs(10), receiver.recv());
        next.await.expect("no update came").expect("the mechanism ended").1
    }

    /// The next update as lines.
    pub(in super::super) async fn next_shown(receiver: &mut mpsc::Receiver<Update>) -> Vec<String> {
        next(receiver).await.iter().flat_map(super::super::group::tests::shown).collect()
    }

    /// Waits until the mechanism failed `more` times more.
    pub(in super::super) async fn until_failed(updates: &Updates, more: u64) {
        let wanted = failures(updates) + more;
        for _ in 0..2000 {
            if failures(updates) >= wanted {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        panic!("it did not fail {more} times more");
    }

    /// How often the mechanism failed.
    pub(in super::super) fn failures(updates: &Updates) -> u64 {
        let labels = MechanismLabels { mechanism: updates.mechanism };
        updates.metrics.refresh_failures.get_or_create(&labels).get()
    }
}
