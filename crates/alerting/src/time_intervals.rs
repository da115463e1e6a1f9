//! Time intervals: when routes are muted or active.
//!
//! An interval holds at a time where each of its conditions does: times of the
//! day, days of the week, days of the month, months, years; in its time zone. A
//! condition that is not there holds always. The syntax is Alertmanager's.

mod ranges;

use jiff::Timestamp as Instant;
use jiff::tz::TimeZone;
use model::Timestamp;
use serde::Deserialize;

use ranges::{DayOfMonthRange, MonthRange, TimeRange, WeekdayRange, YearRange};

/// One interval.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TimeInterval {
    times: Option<Vec<TimeRange>>,
    weekdays: Option<Vec<WeekdayRange>>,
    days_of_month: Option<Vec<DayOfMonthRange>>,
    months: Option<Vec<MonthRange>>,
    years: Option<Vec<YearRange>>,
    location: Option<Zone>,
}

/// A time zone by its name, such as `Europe/Berlin`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "String")]
struct Zone(TimeZone);

impl TryFrom<String> for Zone {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        match name.as_str() {
            "" | "UTC" => Ok(Self(TimeZone::UTC)),
            "Local" => Ok(Self(TimeZone::system())),
            _ => TimeZone::get(&name).map(Self).map_err(|_| {
                format!("unknown time zone {name:?}; name one like Europe/Berlin, or UTC or Local")
            }),
        }
    }
}

impl TimeInterval {
    /// Whether `at` lies in the interval.
    pub fn contains(&self, at: Timestamp) -> bool {
        let Ok(instant) = Instant::from_millisecond(at.as_millis()) else { return false };
        let zone = self.location.as_ref().map_or(TimeZone::UTC, |zone| zone.0.clone());
        let local = instant.to_zoned(zone);
        let minute = i32::from(local.hour()) * 60 + i32::from(local.minute());
        let weekday = i32::from(local.weekday().to_sunday_zero_offset());
        let (day, days) = (i32::from(local.day()), i32::from(local.days_in_month()));
        let month = i32::from(local.month());
        let year = i32::from(local.year());
        holds(self.times.as_deref(), |range| range.contains(minute))
            && holds(self.days_of_month.as_deref(), |range| range.contains(day, days))
            && holds(self.months.as_deref(), |range| range.0.contains(&month))
            && holds(self.weekdays.as_deref(), |range| range.0.contains(&weekday))
            && holds(self.years.as_deref(), |range| range.0.contains(&year))
    }
}

/// Whether one of the ranges holds; no condition holds always.
fn holds<R>(ranges: Option<&[R]>, contains: impl FnMut(&R) -> bool) -> bool {
    ranges.is_none_or(|ranges| ranges.iter().any(contains))
}

#[cfg(test)]
mod tests;
