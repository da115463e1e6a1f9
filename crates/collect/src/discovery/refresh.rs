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

/// Asks every `interval` and sends what changed. After a failure the groups stay,
/// and the source is made anew: certificates may have been replaced since.
pub(super) async fn every<R: Refresh>(
    interval: Duration,
    mut make: impl FnMut() -> Result<R, DiscoveryError> + Send,
    updates: Updates,
) {
    let mut sent = Sent::default();
    let mut made: Option<R> = None;
    let mut ticks = tokio::time::interval(interval.max(INTERVAL_MIN));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let mut source = match made.take().map_or_else(&mut make, Ok) {
            Ok(source) => source,
            Err(error) => {
                updates.failed(&error);
                continue;
            }
        };
        match source.refresh().await {
            Ok(groups) => {
                sent.send(groups, &updates).await;
                made = Some(source);
            }
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
    use std::collections::VecDeque;
    use std::sync::Arc;

    use model::Labels;
    use parking_lot::Mutex;

    use super::super::updates::tests::{failures, next, updates};
    use super::*;

    type Answer = Result<Vec<TargetGroup>, DiscoveryError>;

    /// Answers as it is told; what is left goes to the next one made.
    struct Script(Arc<Mutex<VecDeque<Answer>>>);

    impl Refresh for Script {
        async fn refresh(&mut self) -> Result<Vec<TargetGroup>, DiscoveryError> {
            let next = self.0.lock().pop_front();
            match next {
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
        let script: [Answer; 6] = [
            broken(),
            Ok(vec![a.clone(), b.clone()]),
            broken(),
            Ok(vec![a.clone(), b.clone()]),
            Ok(vec![a.clone(), group("b", "2")]),
            Ok(vec![a.clone()]),
        ];
        let (script, made) =
            (Arc::new(Mutex::new(VecDeque::from(script))), Arc::new(Mutex::new(0)));
        let count = Arc::clone(&made);
        let make = move || {
            *count.lock() += 1;
            match *count.lock() {
                1 => Err(DiscoveryError::Setup("no certificate yet".into())),
                _ => Ok(Script(Arc::clone(&script))),
            }
        };
        let task = tokio::spawn(every(Duration::from_millis(1), make, updates.clone()));
        assert_eq!(next(&mut receiver).await, [a, b]);
        assert_eq!(next(&mut receiver).await, [group("b", "2")]);
        assert_eq!(next(&mut receiver).await, [TargetGroup::gone("b")]);
        // One that could not be made, one before and one after something was found.
        assert_eq!((failures(&updates), *made.lock()), (3, 4));
        task.abort();
    }
}
