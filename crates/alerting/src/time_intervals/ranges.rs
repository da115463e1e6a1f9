//! The ranges of a time interval, as they are written.

use std::ops::RangeInclusive;

use serde::Deserialize;

const WEEKDAYS: [&str; 7] =
    ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Minutes of a day; the end is not part of it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "WrittenTimes")]
pub(super) struct TimeRange {
    start: i32,
    end: i32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTimes {
    start_time: Option<String>,
    end_time: Option<String>,
}

impl TryFrom<WrittenTimes> for TimeRange {
    type Error = String;

    fn try_from(written: WrittenTimes) -> Result<Self, String> {
        let (Some(start), Some(end)) = (&written.start_time, &written.end_time) else {
            return Err("both start and end times must be provided".to_owned());
        };
        let (start, end) = (minute(start)?, minute(end)?);
        if start >= end {
            return Err("start time cannot be equal or greater than end time; write two ranges \
                        for one that goes over midnight"
                .to_owned());
        }
        Ok(Self { start, end })
    }
}

/// The minute of `HH:MM`; `24:00` is the end of the day.
fn minute(text: &str) -> Result<i32, String> {
    let fault = || format!("couldn't parse timestamp {text:?}, invalid format; write HH:MM");
    let (hour, minute) = text.split_once(':').ok_or_else(fault)?;
    let is_written = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
    if !is_written(hour) || !is_written(minute) {
        return Err(fault());
    }
    let hour: i32 = hour.parse().map_err(|_| fault())?;
    let minute: i32 = minute.parse().map_err(|_| fault())?;
    let total = hour * 60 + minute;
    if minute > 59 || total > 24 * 60 {
        return Err(format!("timestamp {text:?} is out of range; a day has 00:00 to 24:00"));
    }
    Ok(total)
}

impl TimeRange {
    pub(super) fn contains(&self, minute: i32) -> bool {
        (self.start..self.end).contains(&minute)
    }
}

/// `monday:friday` or `sunday`, counted from Sunday.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct WeekdayRange(pub(super) RangeInclusive<i32>);

impl TryFrom<String> for WeekdayRange {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let day = |word: &str| {
            let found = WEEKDAYS.iter().position(|name| *name == word);
            found.map(|index| index as i32).ok_or_else(|| format!("{word} is not a valid weekday"))
        };
        range(&text, day).map(Self)
    }
}

/// `1:12`, `january:march` or `may`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct MonthRange(pub(super) RangeInclusive<i32>);

impl TryFrom<String> for MonthRange {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let month = |word: &str| {
            let found = MONTHS.iter().position(|name| *name == word).map(|index| index as i32 + 1);
            let number = word.parse().ok().filter(|number| (1..=12).contains(number));
            found.or(number).ok_or_else(|| format!("{word} is not a valid month"))
        };
        range(&text, month).map(Self)
    }
}

/// `2026` or `2026:2028`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct YearRange(pub(super) RangeInclusive<i32>);

impl TryFrom<String> for YearRange {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let year = |word: &str| word.parse().map_err(|_| format!("{word} is not a valid year"));
        range(&text, year).map(Self)
    }
}

/// `1:5`, `-3:-1`: days of a month, from its end where negative.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct DayOfMonthRange {
    start: i32,
    end: i32,
}

impl TryFrom<String> for DayOfMonthRange {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let day = |word: &str| {
            let number: i32 = word.parse().map_err(|_| format!("{word} is not a valid day"))?;
            match number {
                0 => Err("0 is not a valid day of the month: out of range".to_owned()),
                -31..=31 => Ok(number),
                _ => Err(format!("{number} is not a valid day of the month: out of range")),
            }
        };
        let (first, last) = text.split_once(':').unwrap_or((&text, &text));
        let (start, end) = (day(first.trim())?, day(last.trim())?);
        if start < 0 && end > 0 {
            return Err("end day must be negative if start day is negative".to_owned());
        }
        // Both are compared in the longest month, in which the fewest ranges are empty.
        let in_longest = |day: i32| if day < 0 { 32 + day } else { day };
        if in_longest(start) > in_longest(end) {
            return Err(format!("end day {end} is always before start day {start}"));
        }
        Ok(Self { start, end })
    }
}

impl DayOfMonthRange {
    /// Whether `day` of a month with `days` days is part of it.
    pub(super) fn contains(&self, day: i32, days: i32) -> bool {
        let from_start = |day: i32| if day < 0 { days + 1 + day } else { day };
        let (start, end) = (from_start(self.start), from_start(self.end));
        // A month that ends before the range begins has no part of it.
        start <= days && (start.max(1)..=end.min(days)).contains(&day)
    }
}

/// `first:last` or one for both; words in any case.
fn range(
    text: &str,
    read: impl Fn(&str) -> Result<i32, String>,
) -> Result<RangeInclusive<i32>, String> {
    let lower = text.to_lowercase();
    let (first, last) = lower.split_once(':').unwrap_or((&lower, &lower));
    let (start, end) = (read(first.trim())?, read(last.trim())?);
    if start > end {
        return Err(format!("in {text:?} the start is after the end"));
    }
    Ok(start..=end)
}
