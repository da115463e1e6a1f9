//! Dates and times of day, in UTC.

use model::Timestamp;

const SECS_PER_DAY: i64 = 86_400;
/// Beyond this many years the calendar means nothing and its arithmetic would overflow.
const SECS_MAX: i64 = 1 << 46;

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
    /// From seconds since the Unix epoch.
    pub(crate) fn from_unix_secs(secs: i64) -> Self {
        let secs = secs.clamp(-SECS_MAX, SECS_MAX);
        let (days, of_day) = (secs.div_euclid(SECS_PER_DAY), secs.rem_euclid(SECS_PER_DAY));
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
            let (year, month, day) = date_of(days);
            assert_eq!(days_until(year, month.into(), day.into()), days);
        }
    }

    #[test]
    fn far_ends_do_not_overflow() {
        Civil::from_unix_secs(i64::MAX);
        Civil::from_unix_secs(i64::MIN);
    }
}
