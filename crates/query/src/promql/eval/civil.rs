//! Dates and times of day, in UTC.

use model::Timestamp;

const SECS_PER_DAY: i128 = 86_400;
/// Where Go's calendar begins, in seconds before 1970: in the year -292277022399.
/// Times before that wrap around to its end.
const CALENDAR_START_SECS: u64 = 9_223_372_028_715_321_600;

/// A point in time on the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Civil {
    pub(crate) year: i64,
    /// 1 to 12.
    pub(crate) month: u8,
    /// 1 to 31.
    pub(crate) day: u8,
    /// 1 to 366.
    pub(crate) day_of_year: u16,
    /// 0 is Sunday.
    pub(crate) weekday: u8,
    pub(crate) hour: u8,
    pub(crate) minute: u8,
    pub(crate) second: u8,
}

impl Civil {
    /// From seconds since the Unix epoch as a sample has them. What is no such
    /// number, NaN too, becomes the far end of the calendar, as it does in
    /// Prometheus on amd64.
    pub(crate) fn from_sample(secs: f64) -> Self {
        let is_inside = secs >= i64::MIN as f64 && secs < i64::MAX as f64;
        Self::from_unix_secs(if is_inside { secs as i64 } else { i64::MIN })
    }

    /// From seconds since the Unix epoch.
    pub(crate) fn from_unix_secs(secs: i64) -> Self {
        let from_start = (secs as u64).wrapping_add(CALENDAR_START_SECS);
        let secs = i128::from(from_start) - i128::from(CALENDAR_START_SECS);
        let (days, of_day) = (secs.div_euclid(SECS_PER_DAY), secs.rem_euclid(SECS_PER_DAY));
        let days = days as i64;
        let (year, month, day) = date_of(days);
        Self {
            year,
            month,
            day,
            day_of_year: (days - days_until(year, 1, 1) + 1) as u16,
            weekday: (days + 4).rem_euclid(7) as u8,
            hour: (of_day / 3600) as u8,
            minute: (of_day / 60 % 60) as u8,
            second: (of_day % 60) as u8,
        }
    }

    /// The number of days of the month.
    pub(crate) fn days_in_month(&self) -> u8 {
        match self.month {
            2 if self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0) => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }
}

/// `2024-01-31T12:00:00Z`; parts of seconds are cut off.
pub(crate) fn rfc3339_secs(at: Timestamp) -> String {
    let at = Civil::from_unix_secs(at.as_millis().div_euclid(1000));
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        at.year, at.month, at.day, at.hour, at.minute, at.second
    )
}

/// Year, month and day of a day counted from 1970-01-01.
///
/// Years begin in March here, so that the leap day is the last of its year and
/// months have a regular pattern (Howard Hinnant, "chrono-Compatible Low-Level
/// Date Algorithms").
fn date_of(days: i64) -> (i64, u8, u8) {
    let from_march_0 = days + 719_468;
    let era = from_march_0.div_euclid(146_097);
    let of_era = from_march_0.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month as u8, day as u8)
}

/// The inverse of [`date_of`].
fn days_until(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_dates() {
        let leap = Civil::from_unix_secs(951_827_696);
        assert_eq!((leap.year, leap.month, leap.day), (2000, 2, 29));
        assert_eq!((leap.hour, leap.minute, leap.second), (12, 34, 56));
        assert_eq!((leap.weekday, leap.day_of_year, leap.days_in_month()), (2, 60, 29));
        let before = Civil::from_unix_secs(-1);
        assert_eq!((before.year, before.month, before.day), (1969, 12, 31));
        assert_eq!((before.weekday, before.day_of_year), (3, 365));
        assert_eq!(rfc3339_secs(Timestamp::from_millis(1_700_000_000_123)), "2023-11-14T22:13:20Z");
    }

    #[test]
    fn days_go_both_ways() {
        for days in (-1_000_000..1_000_000).step_by(997) {
            let days = days as i64;
            let (year, month, day) = date_of(days);
            assert_eq!(days_until(year, month.into(), day.into()), days);
        }
    }

    #[test]
    fn far_ends_do_not_overflow() {
        assert_eq!(Civil::from_unix_secs(i64::MAX).year, 292_277_026_596);
        let none = Civil::from_sample(f64::NAN);
        assert_eq!((none.year, none.month, none.day, none.hour), (292_277_026_596, 12, 4, 15));
        assert_eq!(Civil::from_sample(1e300), none);
        assert_eq!(Civil::from_sample(1e9).year, 2001);
    }
}
