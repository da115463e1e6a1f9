//! What commands that work on a data directory share, while no server runs on it.

use std::sync::Arc;

use anyhow::Context;
use model::{TimeRange, Timestamp};
use series::Store;

use crate::cli::HistoryArgs;
use crate::config::BellwetherConfig;

/// The name of the metric store's directory in the data directory.
const SERIES_DIR: &str = "series";

/// Opens the metric store that a server with these arguments would open.
pub(super) fn open_store(args: &HistoryArgs) -> anyhow::Result<(Arc<Store>, BellwetherConfig)> {
    let mut config = BellwetherConfig::read(args.config.as_deref())?;
    if let Some(dir) = &args.data_dir {
        config.storage.data_dir.clone_from(dir);
    }
    let data_dir = &config.storage.data_dir;
    let store = Store::open(config.storage.series.clone(), &data_dir.join(SERIES_DIR))
        .with_context(|| format!("unable to open the data directory {}", data_dir.display()))?;
    Ok((store, config))
}

/// The times that are asked for.
pub(super) fn range(args: &HistoryArgs) -> TimeRange {
    TimeRange::new(args.min_time.unwrap_or(Timestamp::MIN), args.max_time.unwrap_or(Timestamp::MAX))
}

/// A time for people: to the second.
pub(super) fn shown(at: Timestamp) -> String {
    jiff::Timestamp::from_second(at.as_millis().div_euclid(1000))
        .map_or_else(|_| format!("{at} ms"), |at| at.to_string())
}

/// A count for people: with a comma behind each three digits.
pub(super) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_times_are_for_people() {
        let counts = [0, 999, 1_000, 1_234_567].map(grouped);
        assert_eq!(counts, ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(shown(Timestamp::from_millis(1_700_000_000_999)), "2023-11-14T22:13:20Z");
        assert_eq!(shown(Timestamp::MAX), format!("{} ms", i64::MAX));
    }
}
