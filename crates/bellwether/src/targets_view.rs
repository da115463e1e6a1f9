//! From the scraper's targets to those that the API shows.

use std::sync::Arc;

use collect::scrape::{ActiveTarget, TargetsSnapshot};
use serve::prometheus::TargetsView;
use serve::prometheus::targets::{ActiveTargetView, FamilyView};

/// The API's view of a snapshot.
pub(crate) fn view(snapshot: TargetsSnapshot) -> TargetsView {
    TargetsView {
        pools: snapshot.pools,
        active: snapshot.active.into_iter().map(active).collect(),
        dropped: snapshot
            .dropped
            .into_iter()
            .map(|target| (target.pool, target.discovered))
            .collect(),
        dropped_counts: snapshot.dropped_counts,
    }
}

fn active(target: ActiveTarget) -> ActiveTargetView {
    let families = target.metadata.iter().map(|(family, metadata)| FamilyView {
        family: family.clone(),
        kind: metadata.kind,
        help: metadata.help.clone(),
        unit: metadata.unit.clone(),
    });
    ActiveTargetView {
        metadata: Arc::new(families.collect()),
        pool: target.pool,
        discovered: target.discovered,
        labels: target.labels,
        url: target.url,
        health: target.health.as_str(),
        last_error: target.last_error,
        last_scrape: target.last_scrape,
        last_duration_secs: target.last_duration_secs,
        interval: target.interval.to_string(),
        timeout: target.timeout.to_string(),
    }
}
