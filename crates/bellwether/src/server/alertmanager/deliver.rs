//! Sending: each delivery is a task; a receiver that hangs hinders itself only.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use alerting::alertmanager::Delivery;
use alerting::notify::Verdict;
use alerting::notify::log::LogKey;
use model::Timestamp;
use parking_lot::Mutex;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::{EmbeddedAlertmanager, InForce};

/// How many notifications of one integration are on their way at a time.
const AT_A_TIME: usize = 16;

/// Whose turn it is, for each integration of a receiver.
#[derive(Default)]
pub(super) struct Turns(Mutex<BTreeMap<(String, String, usize), Arc<Semaphore>>>);

impl Turns {
    fn of(&self, key: &LogKey) -> Arc<Semaphore> {
        let place = (key.receiver.clone(), key.integration.clone(), key.index);
        let mut turns = self.0.lock();
        Arc::clone(turns.entry(place).or_insert_with(|| Arc::new(Semaphore::new(AT_A_TIME))))
    }
}

impl EmbeddedAlertmanager {
    /// Sends once and reports; trying again is the core's business.
    pub(super) async fn deliver(self, delivery: Delivery) {
        let turn = self.turns.of(&delivery.key);
        let left = left(&delivery);
        // Too late is what the core has given up already.
        let Ok(Ok(_turn)) = timeout(left, turn.acquire_owned()).await else { return };
        let in_force = self.in_force.lock().clone();
        let (id, key) = (delivery.id, delivery.key.clone());
        let verdict = send(delivery, in_force).await;
        match &verdict {
            Verdict::Sent => {}
            Verdict::Retry(reason) | Verdict::Failed(reason) => tracing::warn!(
                receiver = key.receiver,
                integration = key.integration,
                group = key.group_key,
                reason,
                "a notification did not arrive"
            ),
        }
        self.core.lock().report(id, verdict, Timestamp::now(), jitter());
        self.keeper.ask();
        self.news.notify_one();
    }
}

async fn send(delivery: Delivery, in_force: InForce) -> Verdict {
    let integration = delivery.integration.clone();
    let time = integration.timeout().unwrap_or(Duration::MAX).min(left(&delivery));
    // Templates may compute for long.
    let rendered = tokio::task::spawn_blocking(move || {
        delivery.outgoing(&in_force.templates, |path| std::fs::read_to_string(path))
    });
    match rendered.await {
        Ok(Ok(outgoing)) => {
            in_force.transport.send(outgoing, integration.http_config(), time).await
        }
        Ok(Err(error)) => Verdict::Failed(error.to_string()),
        Err(error) => Verdict::Failed(format!("the notification could not be made: {error}")),
    }
}

/// How long the delivery may take yet.
fn left(delivery: &Delivery) -> Duration {
    delivery.deadline.since(Timestamp::now()).to_duration()
}

/// Something between 0 and 1.
fn jitter() -> f64 {
    f64::from(RandomState::new().hash_one(()) as u32) / f64::from(u32::MAX)
}
