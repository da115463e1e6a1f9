//! Time as the metric side of the house counts it: whole milliseconds.
//!
//! [`Timestamp`] is a point, [`Millis`] a distance; mixing them up does not
//! compile. Both may be negative: PromQL offsets look into the future, and
//! Prometheus accepts samples from before 1970.

use std::fmt;
use std::ops::{Add, Neg, Sub};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytemuck::TransparentWrapper;
use serde::{Deserialize, Serialize};

/// A point in time, in milliseconds since the Unix epoch (UTC).
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    TransparentWrapper,
)]
#[repr(transparent)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The earliest representable point.
    pub const MIN: Self = Self(i64::MIN);
    /// The latest representable point.
    pub const MAX: Self = Self(i64::MAX);

    /// A point `millis` milliseconds after the Unix epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Seconds since the Unix epoch, as PromQL's `time()` and the JSON API show it.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// The wall clock's now.
    pub fn now() -> Self {
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => Self(since.as_millis().min(i64::MAX as u128) as i64),
            Err(before) => Self(-(before.duration().as_millis().min(i64::MAX as u128) as i64)),
        }
    }

    /// `self + distance`, stopping at the representable ends.
    pub const fn saturating_add(self, distance: Millis) -> Self {
        Self(self.0.saturating_add(distance.0))
    }

    /// `self - distance`, stopping at the representable ends.
    pub const fn saturating_sub(self, distance: Millis) -> Self {
        Self(self.0.saturating_sub(distance.0))
    }

    /// The distance from `earlier` to `self`, stopping at the representable ends.
    pub const fn since(self, earlier: Self) -> Millis {
        Millis(self.0.saturating_sub(earlier.0))
    }

    /// The start of the window of length `window` (which must be positive) that holds `self`.
    pub const fn align_down(self, window: Millis) -> Self {
        Self(self.0.div_euclid(window.0) * window.0)
    }

    /// A column of timestamps seen as plain milliseconds, without a copy.
    pub fn column_as_millis(column: &[Self]) -> &[i64] {
        Self::peel_slice(column)
    }

    /// A column of milliseconds seen as timestamps, without a copy.
    pub fn column_from_millis(column: &[i64]) -> &[Self] {
        Self::wrap_slice(column)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl Add<Millis> for Timestamp {
    type Output = Self;
    fn add(self, distance: Millis) -> Self {
        self.saturating_add(distance)
    }
}

impl Sub<Millis> for Timestamp {
    type Output = Self;
    fn sub(self, distance: Millis) -> Self {
        self.saturating_sub(distance)
    }
}

/// A distance in time, in milliseconds; may be negative.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Millis(i64);

impl Millis {
    /// No distance.
    pub const ZERO: Self = Self(0);

    /// A distance of `millis` milliseconds.
    pub const fn new(millis: i64) -> Self {
        Self(millis)
    }

    /// A distance of `secs` seconds, stopping at the representable ends.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// The count of milliseconds.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The distance in seconds.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// As a [`Duration`]; a negative distance becomes zero.
    pub const fn to_duration(self) -> Duration {
        if self.0 > 0 { Duration::from_millis(self.0 as u64) } else { Duration::ZERO }
    }

    /// `self + other`, stopping at the representable ends.
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl From<Duration> for Millis {
    fn from(duration: Duration) -> Self {
        Self(duration.as_millis().min(i64::MAX as u128) as i64)
    }
}

impl Neg for Millis {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

/// A span of time, **both ends included**, as Prometheus' API and storage count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TimeRange {
    /// The first point inside.
    pub start: Timestamp,
    /// The last point inside; a range with `end < start` holds nothing.
    pub end: Timestamp,
}

impl TimeRange {
    /// All of time.
    pub const ALL: Self = Self { start: Timestamp::MIN, end: Timestamp::MAX };

    /// From `start` to `end`, both included.
    pub const fn new(start: Timestamp, end: Timestamp) -> Self {
        Self { start, end }
    }

    /// Whether `at` lies inside.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.start <= at && at <= self.end
    }

    /// Whether the two ranges share a point.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.start <= other.end && other.start <= self.end && !self.is_empty() && !other.is_empty()
    }

    /// The shared part; empty where there is none.
    pub fn intersect(&self, other: &Self) -> Self {
        Self { start: self.start.max(other.start), end: self.end.min(other.end) }
    }

    /// Whether no point lies inside.
    pub fn is_empty(&self) -> bool {
        self.end < self.start
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alignment_rounds_toward_the_past_on_both_sides_of_the_epoch() {
        let window = Millis::new(1000);
        assert_eq!(Timestamp::from_millis(1999).align_down(window).as_millis(), 1000);
        assert_eq!(Timestamp::from_millis(-1).align_down(window).as_millis(), -1000);
        assert_eq!(Timestamp::from_millis(-1000).align_down(window).as_millis(), -1000);
    }

    #[test]
    fn ranges_include_both_ends() {
        let at = Timestamp::from_millis;
        let range = TimeRange::new(at(10), at(20));
        assert!(range.contains(at(10)) && range.contains(at(20)));
        assert!(range.overlaps(&TimeRange::new(at(20), at(30))));
        assert!(!range.overlaps(&TimeRange::new(at(21), at(30))));
        assert!(range.intersect(&TimeRange::new(at(21), at(30))).is_empty());
    }

    #[test]
    fn arithmetic_stops_at_the_ends() {
        assert_eq!(Timestamp::MAX + Millis::new(1), Timestamp::MAX);
        assert_eq!(Timestamp::MIN - Millis::new(1), Timestamp::MIN);
        assert_eq!(-Millis::new(i64::MIN), Millis::new(i64::MAX));
    }
}
