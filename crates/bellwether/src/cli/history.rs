//! Arguments that say which history is meant.

use model::{Matcher, Millis, PromDuration, Timestamp};

/// The shortest block that Prometheus makes.
const BLOCK_DURATION_MIN: Millis = Millis::from_secs(2 * 3600);

/// A selector as it is given on the command line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Selector(pub(crate) Vec<Matcher>);

/// Reads a selector.
pub(super) fn selector(text: &str) -> Result<Selector, String> {
    query::promql::parse_selector(text).map(Selector).map_err(|error| error.to_string())
}

/// Reads a time: RFC 3339, or seconds with decimals.
pub(super) fn time(text: &str) -> Result<Timestamp, String> {
    if let Ok(seconds) = text.parse::<f64>()
        && (seconds * 1000.0).abs() < 9.2e18
    {
        return Ok(Timestamp::from_millis((seconds * 1000.0).round() as i64));
    }
    let at: jiff::Timestamp = text.parse().map_err(|_| {
        "neither a time such as 2026-01-31T12:00:00Z nor seconds since 1970".to_owned()
    })?;
    Ok(Timestamp::from_millis(at.as_millisecond()))
}

/// Reads the span of a block: a multiple of two hours.
pub(super) fn block_duration(text: &str) -> Result<PromDuration, String> {
    let duration = PromDuration::parse(text).map_err(|error| error.to_string())?;
    let millis = duration.as_millis().get();
    if millis > 0 && millis % BLOCK_DURATION_MIN.get() == 0 {
        Ok(duration)
    } else {
        Err("blocks of Prometheus begin at multiples of 2h and span multiples of 2h".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_seconds_or_rfc3339() {
        let at = |text| time(text).map(|at| at.as_millis());
        assert_eq!(at("1700000000.5"), Ok(1_700_000_000_500));
        assert_eq!(at("-1"), Ok(-1000));
        assert_eq!(at("2023-11-14T22:13:20Z"), Ok(1_700_000_000_000));
        for text in ["yesterday", "", "NaN", "1e30"] {
            assert!(at(text).is_err(), "{text}");
        }
    }

    #[test]
    fn blocks_span_multiples_of_two_hours() {
        assert!(block_duration("2h").is_ok() && block_duration("18h").is_ok());
        for text in ["1h", "3h", "0", "x"] {
            assert!(block_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn selectors_are_those_of_promql() {
        assert_eq!(selector("up{job=\"x\"}").unwrap().0.len(), 2);
        assert!(selector("rate(up[5m])").is_err());
    }
}
