//! Go's durations: nanoseconds with a text form and methods.

use std::fmt::Write;

use super::value::{Method, Value};

const MICRO: u64 = 1_000;
const MILLI: u64 = 1_000_000;
const SECOND: u64 = 1_000_000_000;

/// The methods of `time.Duration`.
pub(super) static METHODS: &[(&str, Method)] = &[
    ("Seconds", |value, _| Ok(Value::Float(nanos(value) as f64 / 1e9))),
    ("Minutes", |value, _| Ok(Value::Float(nanos(value) as f64 / 60e9))),
    ("Hours", |value, _| Ok(Value::Float(nanos(value) as f64 / 3600e9))),
    ("Milliseconds", |value, _| Ok(Value::Int(nanos(value) / 1_000_000))),
    ("Microseconds", |value, _| Ok(Value::Int(nanos(value) / 1_000))),
    ("Nanoseconds", |value, _| Ok(Value::Int(nanos(value)))),
    ("String", |value, _| Ok(go_text(nanos(value)).into())),
    ("Round", |value, args| Ok(Value::Duration(multiple(value, args, true)))),
    ("Truncate", |value, args| Ok(Value::Duration(multiple(value, args, false)))),
    ("Abs", |value, _| Ok(Value::Duration(nanos(value).saturating_abs()))),
];

fn nanos(value: &Value) -> i64 {
    match value {
        Value::Duration(ns) | Value::Int(ns) => *ns,
        _ => 0,
    }
}

/// The duration brought to a multiple of the argument; half away from zero.
fn multiple(value: &Value, args: &[Value], is_rounded: bool) -> i64 {
    let (ns, unit) = (nanos(value), args.first().map_or(0, nanos));
    if unit <= 0 {
        return ns;
    }
    let rest = ns % unit;
    let down = ns - rest;
    match is_rounded && rest.unsigned_abs() * 2 >= unit.unsigned_abs() {
        true => down.saturating_add(unit * ns.signum()),
        false => down,
    }
}

/// `1h2m3.5s`, `1.5ms`, `0s`: as Go prints a duration.
pub(super) fn go_text(ns: i64) -> String {
    let magnitude = ns.unsigned_abs();
    let mut out = String::from(if ns < 0 { "-" } else { "" });
    let (unit, name) = match magnitude {
        0 => return "0s".to_owned(),
        1..MICRO => (1, "ns"),
        MICRO..MILLI => (MICRO, "µs"),
        MILLI..SECOND => (MILLI, "ms"),
        _ => (SECOND, "s"),
    };
    if magnitude < SECOND {
        fraction(&mut out, magnitude, unit);
        out.push_str(name);
        return out;
    }
    let seconds = magnitude / SECOND;
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    if hours > 0 {
        let _ = write!(out, "{hours}h");
    }
    if hours > 0 || minutes > 0 {
        let _ = write!(out, "{minutes}m");
    }
    fraction(&mut out, magnitude % (60 * SECOND), SECOND);
    out.push('s');
    out
}

/// `value / unit` with as many decimals as are not zero.
fn fraction(out: &mut String, value: u64, unit: u64) {
    let _ = write!(out, "{}", value / unit);
    let rest = value % unit;
    if rest > 0 {
        let width = unit.ilog10() as usize;
        let digits = format!("{rest:0width$}");
        let _ = write!(out, ".{}", digits.trim_end_matches('0'));
    }
}
