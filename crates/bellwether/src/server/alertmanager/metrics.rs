//! What the Alertmanager says of itself on `/metrics`.

use std::fmt;
use std::sync::{Arc, Weak};

use alerting::alertmanager::Alertmanager;
use alerting::silences::SilenceState;
use model::Timestamp;
use parking_lot::Mutex;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, MetricEncoder};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

/// Shows what the core counts, read when it is scraped.
pub(super) fn register(core: &Arc<Mutex<Alertmanager>>, registry: &mut Registry) {
    registry.register_collector(Box::new(CoreCollector { core: Arc::downgrade(core) }));
}

#[derive(Debug)]
struct CoreCollector {
    core: Weak<Mutex<Alertmanager>>,
}

/// A family: its name, help, and values by labels.
struct Family {
    kind: MetricType,
    name: &'static str,
    help: &'static str,
    values: Vec<(Vec<(&'static str, String)>, u64)>,
}

impl Collector for CoreCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Some(core) = self.core.upgrade() else { return Ok(()) };
        let families = families(&core.lock(), Timestamp::now());
        for Family { kind, name, help, values } in families {
            let mut family = encoder.encode_descriptor(name, help, None, kind)?;
            match values.as_slice() {
                [(labels, value)] if labels.is_empty() => encode(kind, *value, family)?,
                _ => {
                    for (labels, value) in values {
                        encode(kind, value, family.encode_family(&labels)?)?;
                    }
                }
            }
        }
        Ok(())
    }
}

fn encode(kind: MetricType, value: u64, encoder: MetricEncoder<'_>) -> fmt::Result {
    match kind {
        MetricType::Counter => ConstCounter::new(value).encode(encoder),
        _ => ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX)).encode(encoder),
    }
}

fn families(core: &Alertmanager, now: Timestamp) -> Vec<Family> {
    let counters = core.counters();
    let gauge = |name, help, values| Family { kind: MetricType::Gauge, name, help, values };
    let counter = |name, help, values| Family { kind: MetricType::Counter, name, help, values };
    let label =
        |name: &'static str, value: &str, count: u64| (vec![(name, value.to_owned())], count);
    let alone = |count: u64| vec![(Vec::new(), count)];
    let integrations = |count: &dyn Fn(&alerting::alertmanager::IntegrationCounters) -> u64| {
        let each = counters.integrations.iter().map(|((integration, receiver), counters)| {
            let labels = [("integration", integration), ("receiver", receiver)];
            (labels.map(|(name, value)| (name, value.clone())).to_vec(), count(counters))
        });
        each.collect::<Vec<_>>()
    };
    let silences = |state: SilenceState| {
        let count = core.silences().iter().filter(|silence| silence.state(now) == state).count();
        label("state", state.as_str(), count as u64)
    };
    let mut suppressed = 0;
    let mut active = 0;
    for alert in core.alerts().active(now) {
        match core.mutes(&alert.labels, now).is_muted() {
            true => suppressed += 1,
            false => active += 1,
        }
    }
    vec![
        gauge(
            "bellwether_alertmanager_alerts",
            "Alerts that have not ended, by state",
            vec![label("state", "active", active), label("state", "suppressed", suppressed)],
        ),
        counter(
            "bellwether_alertmanager_alerts_received",
            "Alerts that were received, by status",
            vec![
                label("status", "firing", counters.received_firing),
                label("status", "resolved", counters.received_resolved),
            ],
        ),
        counter(
            "bellwether_alertmanager_alerts_invalid",
            "Alerts that were refused",
            alone(counters.received_invalid),
        ),
        gauge(
            "bellwether_alert_groups",
            "Groups of alerts",
            alone(core.groups().iter().count() as u64),
        ),
        counter(
            "bellwether_alert_groups_dropped",
            "Alerts that found no room for their group",
            alone(core.groups().dropped()),
        ),
        gauge(
            "bellwether_silences",
            "Silences, by state",
            [SilenceState::Active, SilenceState::Pending, SilenceState::Expired]
                .map(silences)
                .to_vec(),
        ),
        gauge(
            "bellwether_notification_log_entries",
            "Entries of the notification log",
            alone(core.log().entries().count() as u64),
        ),
        counter(
            "bellwether_notifications_suppressed",
            "Alerts that were left out of a notification, by reason",
            vec![
                label("reason", "silence", counters.muted_by_silence),
                label("reason", "inhibition", counters.muted_by_inhibition),
                label("reason", "time_interval", counters.muted_by_interval),
            ],
        ),
        counter(
            "bellwether_notifications_sent",
            "Notifications that arrived",
            integrations(&|counters| counters.sent),
        ),
        counter(
            "bellwether_notifications_failed",
            "Notifications that were given up",
            integrations(&|counters| counters.failed),
        ),
        counter(
            "bellwether_notification_attempts",
            "Attempts to send a notification",
            integrations(&|counters| counters.attempts),
        ),
        counter(
            "bellwether_notification_attempts_failed",
            "Attempts that failed, whether another followed or not",
            integrations(&|counters| counters.attempts_failed),
        ),
    ]
}
