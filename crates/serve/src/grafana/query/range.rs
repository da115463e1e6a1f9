//! The time range of a request, and the variables that queries may use of it.

use model::{PromDuration, Timestamp};

use crate::grafana::document::Document;
use crate::grafana::error::GrafanaError;

/// A time range, in ms since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) from_ms: i64,
    pub(super) to_ms: i64,
}

/// Reads `from` and `to`; the last hour where they are missing.
///
/// # Errors
/// Where one is no time, or they are the wrong way round.
pub(super) fn parse_range(document: &Document<'_>) -> Result<Range, GrafanaError> {
    let now_ms = Timestamp::now().as_millis();
    let time = |name: &str, default: &str| {
        let text = document
            .string(name)
            .or_else(|| Some(document.read::<i64>(name)?.to_string()))
            .unwrap_or_else(|| default.to_owned());
        parse_time(&text, now_ms).ok_or_else(|| {
            GrafanaError::bad_request(format!(
                "bad request data: {name} is no time: {text:?}; \
                 give milliseconds, RFC 3339, or something like now-5m"
            ))
        })
    };
    let range = Range { from_ms: time("from", "now-1h")?, to_ms: time("to", "now")? };
    if range.to_ms < range.from_ms {
        return Err(GrafanaError::bad_request("bad request data: to is before from"));
    }
    Ok(range)
}

fn parse_time(text: &str, now_ms: i64) -> Option<i64> {
    if let Some(offset) = text.strip_prefix("now") {
        let (sign, duration) = match offset.split_at_checked(1) {
            None => return Some(now_ms),
            Some(("-", duration)) => (-1, duration),
            Some(("+", duration)) => (1, duration),
            Some(_) => return None,
        };
        let distance = PromDuration::parse(duration).ok()?.as_millis().get();
        return now_ms.checked_add(sign * distance);
    }
    if let Ok(ms) = text.parse::<i64>() {
        // Beyond the year 9999 nothing was measured, and steps would overflow.
        return (0..=253_402_300_799_999).contains(&ms).then_some(ms);
    }
    let at: jiff::Timestamp = text.parse().ok()?;
    Some(at.as_millisecond())
}

/// The expression with the variables that stand for the range and the step.
pub(super) fn interpolate(expr: &str, range: Range, step_ms: i64) -> String {
    let span_ms = range.to_ms - range.from_ms;
    let duration = |ms: i64| {
        if ms % 1000 == 0 { format!("{}s", ms / 1000) } else { format!("{ms}ms") }
    };
    // Four times how often is scraped, as far as that is known here, and never less than a step
    // and one scrape more.
    let rate_ms = (step_ms + 15_000).max(60_000);
    // Longer names first: some begin with others.
    [
        ("__rate_interval", duration(rate_ms)),
        ("__interval_ms", step_ms.to_string()),
        ("__interval", duration(step_ms)),
        ("__range_ms", span_ms.to_string()),
        ("__range_s", (span_ms / 1000).to_string()),
        ("__range", duration(span_ms)),
    ]
    .into_iter()
    .fold(expr.to_owned(), |expr, (name, value)| {
        expr.replace(&format!("${{{name}}}"), &value).replace(&format!("${name}"), &value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_relative_or_absolute() {
        assert_eq!(parse_time("now", 10_000), Some(10_000));
        assert_eq!(parse_time("now-5s", 10_000), Some(5_000));
        assert_eq!(parse_time("now+1m", 0), Some(60_000));
        assert_eq!(parse_time("1500", 0), Some(1500));
        assert_eq!(parse_time("1970-01-01T00:00:02Z", 0), Some(2000));
        for text in ["", "nowhere", "now-", "-5", "yesterday", "9223372036854775807"] {
            assert_eq!(parse_time(text, 0), None, "{text}");
        }
    }

    #[test]
    fn variables_of_the_range() {
        let range = Range { from_ms: 0, to_ms: 3_600_000 };
        let expr =
            "rate(a[$__rate_interval]) ${__interval} $__interval_ms $__range $__range_s $other";
        assert_eq!(
            interpolate(expr, range, 30_500),
            "rate(a[60s]) 30500ms 30500 3600s 3600 $other"
        );
    }
}
