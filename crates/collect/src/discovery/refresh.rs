//! Mechanisms that look again and again, for want of anybody who would tell them.

use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;

use super::{DiscoveryError, TargetGroup, Updates};

/// Intervals shorter than this are stretched to it: a loop without rest helps nobody.
const INTERVAL_MIN: Duration = Duration::from_millis(10);

/// A mechanism that can be asked for all of its groups.
pub(super) trait Refresh: Send {
    /// All groups as they are now.
    fn refresh(&mut self) -> impl Future<Output = Result<Vec<TargetGroup>, DiscoveryError>> + Send;
}

/// Asks every `interval` and sends what changed. After a failure the groups stay.
pub(super) async fn every(interval: Duration, mut source: impl Refresh, updates: Updates) {
    let mut sent = Sent::default();
    let mut ticks = tokio::time::interval(interval.max(INTERVAL_MIN));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match source.refresh().await {
            Ok(groups) => sent.send(groups, &updates).await,
            Err(error) => updates.failed(&error),
        }
    }
}

/// What was sent last, by source.
#[derive(Debug, Default)]
pub(super) struct Sent {
    groups: HashMap<String, TargetGroup>,
    has_sent: bool,
}

impl Sent {
    /// Sends those of `groups`, which are all, that changed, and an empty group
    /// for each that is gone. The first time everything is sent, even nothing.
    pub(super) async fn send(&mut self, groups: Vec<TargetGroup>, updates: &Updates) {
        let mut next = HashMap::new();
        let mut changed = Vec::new();
        for group in groups {
            let before = self.groups.remove(&group.source);
            if before.as_ref() != Some(&group) {
                changed.push(group.clone());
            }
            next.insert(group.source.clone(), group);
        }
        changed.extend(self.groups.drain().map(|(source, _)| TargetGroup::gone(source)));
        self.groups = next;
        if !changed.is_empty() || !self.has_sent {
            self.has_sent = true;
            updates.send(changed).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::updates::tests::{failures, next, updates};
    use super::*;
    use model::Labels;

    struct Script(std::vec::IntoIter<Result<Vec<TargetGroup>, DiscoveryError>>);

    impl Refresh for Script {
        async fn refresh(&mut self) -> Result<Vec<TargetGroup>, DiscoveryError> {
            match self.0.next() {
                Some(result) => result,
                None => std::future::pending().await,
            }
        }
    }

    fn group(source: &str, address: &str) -> TargetGroup {
        TargetGroup {
            source: source.into(),
            labels: Labels::empty(),
            targets: vec![Labels::from_pairs([("__address__", address)])],
        }
    }

    #[tokio::test]
    async fn changes_are_sent_and_failures_keep_what_was() {
        let (updates, mut receiver) = updates();
        let (a, b) = (group("a", "1"), group("b", "1"));
        let broken = || Err(DiscoveryError::Setup("broken".into()));
        let script = vec![
            broken(),
            Ok(vec![a.clone(), b.clone()]),
            broken(),
            Ok(vec![a.clone(), b.clone()]),
            Ok(vec![a.clone(), group("b", "2")]),
            Ok(vec![a.clone()]),
        ];
        let task = tokio::spawn(every(
            Duration::from_millis(1),
            Script(script.into_iter()),
            updates.clone(),
        ));
        assert_eq!(next(&mut receiver).await, [a, b]);
        assert_eq!(next(&mut receiver).await, [group("b", "2")]);
        assert_eq!(next(&mut receiver).await, [TargetGroup::gone("b")]);
        assert_eq!(failures(&updates), 2);
        task.abort();
    }
}
