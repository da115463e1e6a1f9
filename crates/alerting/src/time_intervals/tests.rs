//! Intervals and times in and out of them.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::*;

fn at(text: &str) -> Timestamp {
    let time: DateTime = text.parse().unwrap();
    let zoned = time.to_zoned(TimeZone::UTC).unwrap();
    Timestamp::from_millis(zoned.timestamp().as_millisecond())
}

fn interval(yaml: &str) -> Result<TimeInterval, String> {
    serde_saphyr::from_str(yaml).map_err(|error| error.to_string())
}

#[test]
fn times_are_in_or_out() {
    let cases: &[(&str, &[&str], &[&str])] = &[
        ("{}", &["2026-01-01T00:00"], &[]),
        (
            "times: [{start_time: '09:00', end_time: '17:00'}]",
            &["2026-01-01T09:00", "2026-01-01T16:59"],
            &["2026-01-01T08:59", "2026-01-01T17:00"],
        ),
        (
            "times: [{start_time: '22:00', end_time: '24:00'}, {start_time: '00:00', end_time: '06:00'}]",
            &["2026-01-01T23:59", "2026-01-01T00:00", "2026-01-01T05:59"],
            &["2026-01-01T06:00", "2026-01-01T21:59"],
        ),
        (
            "weekdays: ['monday:friday']",
            &["2026-11-16T00:00", "2026-11-20T23:59"],
            &["2026-11-21T00:00", "2026-11-22T12:00"],
        ),
        (
            "weekdays: [Sunday, saturday]",
            &["2026-11-21T00:00", "2026-11-22T12:00"],
            &["2026-11-20T23:59"],
        ),
        (
            "days_of_month: ['1:3', '-1']",
            &["2026-02-03T10:00", "2026-02-28T10:00", "2024-02-29T10:00"],
            &["2024-02-28T10:00", "2026-02-04T00:00"],
        ),
        (
            "days_of_month: ['-3:-1']",
            &["2026-04-28T00:00", "2026-04-30T00:00"],
            &["2026-04-27T23:59"],
        ),
        ("days_of_month: ['31']", &["2026-01-31T00:00"], &["2026-04-30T00:00", "2026-02-28T00:00"]),
        (
            "days_of_month: ['5:-5']",
            &["2026-02-05T00:00", "2026-02-24T00:00"],
            &["2026-02-25T00:00", "2026-02-04T00:00"],
        ),
        (
            "months: ['january:march', '12']",
            &["2026-02-01T00:00", "2026-12-31T00:00"],
            &["2026-04-01T00:00"],
        ),
        (
            "years: ['2026:2027', '2030']",
            &["2026-01-01T00:00", "2030-01-01T00:00"],
            &["2028-01-01T00:00"],
        ),
        (
            "{times: [{start_time: '09:00', end_time: '10:00'}], location: Europe/Berlin}",
            &["2026-01-15T08:30", "2026-07-15T07:30"],
            &["2026-01-15T07:30", "2026-07-15T08:30"],
        ),
        (
            "{weekdays: [monday], location: Pacific/Auckland}",
            &["2026-11-15T12:00"],
            &["2026-11-16T12:00"],
        ),
    ];
    for (yaml, inside, outside) in cases {
        let interval = interval(yaml).unwrap();
        for time in *inside {
            assert!(interval.contains(at(time)), "{yaml} should hold at {time}");
        }
        for time in *outside {
            assert!(!interval.contains(at(time)), "{yaml} should not hold at {time}");
        }
    }
}

#[test]
fn what_is_no_interval_is_refused_with_a_reason() {
    for (yaml, reason) in [
        ("times: [{start_time: '9:00', end_time: '17:00'}]", "couldn't parse timestamp \"9:00\""),
        ("times: [{start_time: '17:00', end_time: '09:00'}]", "write two ranges"),
        ("times: [{start_time: '17:00'}]", "both start and end times"),
        ("times: [{start_time: '23:00', end_time: '24:01'}]", "out of range"),
        ("times: [{start_time: '23:00', end_time: '23:60'}]", "out of range"),
        ("weekdays: [funday]", "funday is not a valid weekday"),
        ("weekdays: ['friday:monday']", "start is after the end"),
        ("days_of_month: ['0']", "0 is not a valid day"),
        ("days_of_month: ['32']", "32 is not a valid day"),
        ("days_of_month: ['-1:5']", "end day must be negative"),
        ("days_of_month: ['10:5']", "always before start day"),
        ("days_of_month: ['-1:-3']", "always before start day"),
        ("months: ['13']", "13 is not a valid month"),
        ("years: ['x']", "x is not a valid year"),
        ("location: Mars/Base", "unknown time zone \"Mars/Base\""),
        ("hours: []", "unknown"),
    ] {
        let error = interval(yaml).unwrap_err();
        assert!(error.contains(reason), "{yaml}: {error}");
    }
}
