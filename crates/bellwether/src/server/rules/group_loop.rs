//! One group: evaluated when it is due, until it is told to end.

use std::sync::Arc;
use std::time::Duration;

use alerting::rules::{RuleGroup, Schedule};
use model::Timestamp;
use tokio_util::sync::CancellationToken;

use super::Shared;

/// The loop of one group.
pub(super) struct GroupLoop {
    pub(super) shared: Arc<Shared>,
    pub(super) cancel: CancellationToken,
}

impl GroupLoop {
    /// Evaluates until it is cancelled, and gives the group back; none where an
    /// evaluation panicked.
    pub(super) async fn run(self, mut group: RuleGroup) -> Option<RuleGroup> {
        let mut schedule = schedule(&group);
        loop {
            let wait = schedule.next().since(Timestamp::now());
            if wait > group.interval() {
                // The clock was put back.
                schedule = self::schedule(&group);
                continue;
            }
            if self.is_cancelled_within(wait.to_duration()).await {
                return Some(group);
            }
            let turn = tokio::select! {
                () = self.cancel.cancelled() => return Some(group),
                turn = Arc::clone(&self.shared.turns).acquire_owned() => turn.ok()?,
            };
            let Some(due) = schedule.due(Timestamp::now()) else { continue };
            let shared = Arc::clone(&self.shared);
            let (file, name) = (group.file().to_owned(), group.name().to_owned());
            let evaluated = tokio::task::spawn_blocking(move || {
                shared.evaluate(&mut group, due);
                drop(turn);
                group
            });
            group = match evaluated.await {
                Ok(group) => group,
                Err(error) => {
                    tracing::error!(file, group = name, %error, "a rule group ended badly; a reload starts it again");
                    return None;
                }
            };
        }
    }

    async fn is_cancelled_within(&self, wait: Duration) -> bool {
        tokio::select! {
            () = self.cancel.cancelled() => true,
            () = tokio::time::sleep(wait) => false,
        }
    }
}

fn schedule(group: &RuleGroup) -> Schedule {
    Schedule::new(group.file(), group.name(), group.interval(), Timestamp::now())
}
