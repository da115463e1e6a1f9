//! The age of alerts after a restart, from what `ALERTS_FOR_STATE` says.
//!
//! The rules are Prometheus' (`Group.RestoreForState`): an alert that was
//! firing fires on; one that was waiting goes on waiting, without the time that
//! the process was down, and for a grace period at least.

use std::collections::BTreeMap;

use model::{Labels, METRIC_NAME, Matcher, Millis, SampleColumns, TimeRange, Timestamp, sample};
use storage::{Cancel, SelectHints, SelectRequest, SeriesStore, StoreError};

use super::alert::Alert;
use super::alerting::{ALERT_NAME, ALERTS_FOR_STATE, AlertingRule};

/// How old a state may be to count.
pub const OUTAGE_TOLERANCE: Millis = Millis::from_secs(60 * 60);
/// The least that an alert waits after a restart; rules whose `for` is shorter
/// are not restored.
pub const FOR_GRACE_PERIOD: Millis = Millis::from_secs(10 * 60);
/// The most series of one rule that are read.
const SERIES_MAX: usize = 1_000_000;

/// Gives the alerts of `rule` the age that they had before the restart.
///
/// # Errors
/// Where the store can't be read; the rule counts as restored nevertheless.
pub(super) fn restore(
    rule: &mut AlertingRule,
    store: &dyn SeriesStore,
    at: Timestamp,
) -> Result<(), StoreError> {
    rule.is_restored = true;
    if rule.active.is_empty() {
        return Ok(());
    }
    let known = last_states(&rule.name, store, at)?;
    for alert in rule.active.values_mut() {
        if let Some((down_at, active_at)) = known.get(&alert.labels) {
            restore_alert(alert, rule.hold, *down_at, *active_at, at);
        }
    }
    Ok(())
}

/// By the alert's labels: when it was last seen, and since when it was there then.
fn last_states(
    rule: &str,
    store: &dyn SeriesStore,
    at: Timestamp,
) -> Result<BTreeMap<Labels, (Timestamp, Timestamp)>, StoreError> {
    let matchers =
        [Matcher::equal(METRIC_NAME, ALERTS_FOR_STATE), Matcher::equal(ALERT_NAME, rule)];
    let cancel = Cancel::new();
    let selection = store.select(&SelectRequest {
        matchers: &matchers,
        range: TimeRange::new(at - OUTAGE_TOLERANCE, at),
        hints: SelectHints::default(),
        series_max: SERIES_MAX,
        cancel: &cancel,
    })?;
    let mut states = BTreeMap::new();
    let mut samples = SampleColumns::default();
    for (index, labels) in selection.labels().iter().enumerate() {
        samples.clear();
        selection.read(index, &mut samples)?;
        let last = samples.floats.timestamps.last().zip(samples.floats.values.last());
        if let Some((seen, since)) = last.filter(|(_, since)| !sample::is_stale_nan(**since)) {
            let since = Timestamp::from_millis((since * 1000.0) as i64);
            states.insert(labels.without_metric_name(), (*seen, since));
        }
    }
    Ok(states)
}

fn restore_alert(
    alert: &mut Alert,
    hold: Millis,
    down_at: Timestamp,
    active_at: Timestamp,
    at: Timestamp,
) {
    let waited = down_at.since(active_at).get();
    let remaining = hold.get() - waited;
    alert.active_at = if remaining <= 0 {
        // It was firing; the next evaluation lets it fire again.
        active_at
    } else if remaining < FOR_GRACE_PERIOD.get() {
        at + FOR_GRACE_PERIOD - hold
    } else {
        active_at + at.since(down_at)
    };
}
