//! Numbers for people: `humanize` and its kin.

use std::sync::Arc;

use super::super::format::float_with_verb;
use super::super::time::GoTime;
use super::super::value::Value;

const LARGE: [&str; 8] = ["k", "M", "G", "T", "P", "E", "Z", "Y"];
const SMALL: [&str; 8] = ["m", "u", "n", "p", "f", "a", "z", "y"];
const BINARY: [&str; 8] = ["ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"];

/// A number from anything that can be taken for one.
pub(super) fn to_float(value: &Value) -> Result<f64, String> {
    match value {
        Value::Float(value) => Ok(*value),
        Value::Int(value) => Ok(*value as f64),
        Value::Duration(ns) => Ok(*ns as f64 / 1e9),
        _ => match value.as_str() {
            Some(text) => parse(text)
                .ok_or_else(|| format!("strconv.ParseFloat: parsing {text:?}: invalid syntax")),
            None => Err(format!("can't convert {} to float", value.type_name())),
        },
    }
}

fn parse(text: &str) -> Option<f64> {
    let lower = text.to_ascii_lowercase();
    let unsigned = lower.trim_start_matches(['+', '-']);
    match unsigned {
        "inf" | "infinity" | "nan" => lower.parse().ok(),
        _ if unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') => lower.parse().ok(),
        _ => None,
    }
}

fn four_digits(value: f64) -> String {
    float_with_verb(value, 'g', Some(4))
}

/// `1.5k`, `20m`: with a prefix for powers of 1000.
pub(super) fn humanize(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return four_digits(value);
    }
    let (value, prefix) = match value.abs() >= 1.0 {
        true => scaled(value, &LARGE, |v| v.abs() >= 1000.0, |v| v / 1000.0),
        false => scaled(value, &SMALL, |v| v.abs() < 1.0, |v| v * 1000.0),
    };
    format!("{}{prefix}", four_digits(value))
}

/// `1.5ki`: with a prefix for powers of 1024.
pub(super) fn humanize_1024(value: f64) -> String {
    if value.abs() <= 1.0 || !value.is_finite() {
        return four_digits(value);
    }
    let (value, prefix) = scaled(value, &BINARY, |v| v.abs() >= 1024.0, |v| v / 1024.0);
    format!("{}{prefix}", four_digits(value))
}

fn scaled(
    mut value: f64,
    prefixes: &[&'static str],
    goes_on: fn(f64) -> bool,
    next: fn(f64) -> f64,
) -> (f64, &'static str) {
    let mut used = "";
    for prefix in prefixes {
        if !goes_on(value) {
            break;
        }
        used = prefix;
        value = next(value);
    }
    (value, used)
}

/// `1d 2h 3m 4s` of a number of seconds; less than a minute has four digits.
pub(super) fn humanize_duration(value: f64) -> String {
    if !value.is_finite() {
        return four_digits(value);
    }
    if value == 0.0 {
        return format!("{}s", four_digits(value));
    }
    if value.abs() < 1.0 {
        let (value, prefix) = scaled(value, &SMALL, |v| v.abs() < 1.0, |v| v * 1000.0);
        return format!("{}{prefix}s", four_digits(value));
    }
    let sign = if value < 0.0 { "-" } else { "" };
    let whole = value.abs() as i64;
    let (seconds, minutes) = (whole % 60, whole / 60 % 60);
    let (hours, days) = (whole / 3600 % 24, whole / 86_400);
    if days != 0 {
        format!("{sign}{days}d {hours}h {minutes}m {seconds}s")
    } else if hours != 0 {
        format!("{sign}{hours}h {minutes}m {seconds}s")
    } else if minutes != 0 {
        format!("{sign}{minutes}m {seconds}s")
    } else {
        format!("{sign}{}s", four_digits(value.abs()))
    }
}

/// `12.5%` of a ratio.
pub(super) fn humanize_percentage(value: f64) -> String {
    format!("{}%", four_digits(value * 100.0))
}

/// A number of seconds since the Unix epoch as a time, to the millisecond.
pub(super) fn to_time(value: f64) -> Result<Option<Arc<GoTime>>, String> {
    if !value.is_finite() {
        return Ok(None);
    }
    let ns = (value * 1e9) as i128;
    let ms = ns.div_euclid(1_000_000);
    match GoTime::from_nanos(ms * 1_000_000) {
        Some(time) if i64::try_from(ns).is_ok() => Ok(Some(time.into())),
        _ => Err(format!(
            "{value:?} cannot be represented as a nanoseconds timestamp since it overflows int64"
        )),
    }
}

/// A number of seconds since the Unix epoch as text.
pub(super) fn humanize_timestamp(value: f64) -> Result<String, String> {
    Ok(match to_time(value)? {
        Some(time) => time.to_string(),
        None => four_digits(value),
    })
}
