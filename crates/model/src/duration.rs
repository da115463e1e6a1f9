//! Durations and sizes as Prometheus' configuration and PromQL write them:
//! `1h30m`, `15s`, `512MB`.
//!
//! Units of a duration fall from years to milliseconds and none stands twice
//! (prometheus/common, `model/time.go`). Sizes count in powers of 1024.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Millis;

/// Units by falling size: name, milliseconds, whether the unit is only printed
/// where the rest is a whole multiple of it.
const UNITS: [(&str, i64, bool); 7] = [
    ("y", 365 * 24 * 3_600_000, true),
    ("w", 7 * 24 * 3_600_000, true),
    ("d", 24 * 3_600_000, true),
    ("h", 3_600_000, false),
    ("m", 60_000, false),
    ("s", 1_000, false),
    ("ms", 1, false),
];

/// A duration that is not negative, read from and shown as text such as `1m30s`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PromDuration(Millis);

/// Text that is no duration or size.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// No duration.
    #[error("not a valid duration string: {0:?}; write it like 30s, 5m or 1h30m")]
    Duration(String),
    /// A duration of more than 292 million years.
    #[error("duration out of range: {0:?}")]
    OutOfRange(String),
    /// No size.
    #[error("not a valid size string: {0:?}; write it like 512MB or 10GiB")]
    Size(String),
}

impl PromDuration {
    /// A duration of `millis` milliseconds; a negative count becomes zero.
    pub const fn from_millis(millis: i64) -> Self {
        Self(Millis::new(if millis < 0 { 0 } else { millis }))
    }

    /// A duration of whole seconds.
    pub const fn from_secs(secs: i64) -> Self {
        Self::from_millis(secs.saturating_mul(1000))
    }

    /// Reads `1h30m`, `250ms`, `0`.
    ///
    /// # Errors
    /// Where the text is empty, has no or an unknown unit, units out of order,
    /// or is too large.
    pub fn parse(text: &str) -> Result<Self, UnitError> {
        if text == "0" {
            return Ok(Self::default());
        }
        let invalid = || UnitError::Duration(text.to_owned());
        let mut rest = text;
        let mut units = UNITS.iter();
        let mut total = 0i64;
        while !rest.is_empty() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let (number, after) = rest.split_at(digits);
            let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
            let (unit, after) = after.split_at(letters);
            let out_of_range = || UnitError::OutOfRange(text.to_owned());
            if number.is_empty() {
                return Err(invalid());
            }
            // `units` is not rewound, so a unit that was passed can't come again.
            let (_, millis, _) = units.find(|(name, ..)| *name == unit).ok_or_else(invalid)?;
            let number: i64 = number.parse().map_err(|_| out_of_range())?;
            total = number
                .checked_mul(*millis)
                .and_then(|part| total.checked_add(part))
                .ok_or_else(out_of_range)?;
            rest = after;
        }
        if text.is_empty() { Err(invalid()) } else { Ok(Self::from_millis(total)) }
    }

    /// The length in milliseconds.
    pub const fn as_millis(self) -> Millis {
        self.0
    }

    /// The length in seconds.
    pub fn as_secs_f64(self) -> f64 {
        self.0.as_secs_f64()
    }

    /// As the standard library's duration.
    pub const fn to_duration(self) -> Duration {
        self.0.to_duration()
    }

    /// Whether it is no time at all.
    pub const fn is_zero(self) -> bool {
        self.0.get() == 0
    }
}

impl fmt::Display for PromDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0.get();
        if rest == 0 {
            return f.write_str("0s");
        }
        for (unit, millis, only_whole) in UNITS {
            if only_whole && rest % millis != 0 {
                continue;
            }
            if rest >= millis {
                write!(f, "{}{unit}", rest / millis)?;
                rest %= millis;
            }
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for PromDuration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl Serialize for PromDuration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A count of bytes, read from text such as `10MB`; 1 kB is 1024 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSize(pub u64);

impl ByteSize {
    /// Reads `512`, `10KB`, `1.5GiB`.
    ///
    /// # Errors
    /// Where the text is no number with a known unit.
    pub fn parse(text: &str) -> Result<Self, UnitError> {
        let invalid = || UnitError::Size(text.to_owned());
        let at = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (number, unit) = text.split_at(at);
        let number: f64 = number.parse().map_err(|_| invalid())?;
        let exponent = match unit.trim().to_ascii_uppercase().as_str() {
            "" | "B" => 0,
            "K" | "KB" | "KIB" => 1,
            "M" | "MB" | "MIB" => 2,
            "G" | "GB" | "GIB" => 3,
            "T" | "TB" | "TIB" => 4,
            "P" | "PB" | "PIB" => 5,
            "E" | "EB" | "EIB" => 6,
            _ => return Err(invalid()),
        };
        Ok(Self((number * 1024f64.powi(exponent)) as u64))
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMES: [&str; 7] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
        let mut rest = self.0;
        let mut unit = 0;
        while rest >= 1024 && rest.is_multiple_of(1024) && unit + 1 < NAMES.len() {
            rest /= 1024;
            unit += 1;
        }
        write!(f, "{rest}{}", NAMES[unit])
    }
}

impl<'de> Deserialize<'de> for ByteSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(u64),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Number(bytes) => Ok(Self(bytes)),
            Written::Text(text) => Self::parse(&text).map_err(serde::de::Error::custom),
        }
    }
}

impl Serialize for ByteSize {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_and_show() {
        for (text, millis, shown) in [
            ("0", 0, "0s"),
            ("0s", 0, "0s"),
            ("15s", 15_000, "15s"),
            ("90s", 90_000, "1m30s"),
            ("1h30m", 5_400_000, "1h30m"),
            ("1d", 86_400_000, "1d"),
            ("25h", 90_000_000, "25h"),
            ("15d", 1_296_000_000, "15d"),
            ("2w", 1_209_600_000, "2w"),
            ("1y", 31_536_000_000, "1y"),
            ("5ms", 5, "5ms"),
            ("1s1ms", 1001, "1s1ms"),
        ] {
            let duration = PromDuration::parse(text).unwrap();
            assert_eq!(duration.as_millis().get(), millis, "{text}");
            assert_eq!(duration.to_string(), shown, "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in ["", "1", "-1s", "s", "1.5h", "1m1h", "1s1s", "1x", "1 s", "99999999999999y"] {
            assert!(PromDuration::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_count_in_1024() {
        assert_eq!(ByteSize::parse("10MB"), Ok(ByteSize(10 << 20)));
        assert_eq!(ByteSize::parse("1.5GiB"), Ok(ByteSize(3 << 29)));
        assert_eq!(ByteSize::parse("7"), Ok(ByteSize(7)));
        assert!(ByteSize::parse("7 apples").is_err());
        assert_eq!(ByteSize(10 << 20).to_string(), "10MiB");
    }
}
