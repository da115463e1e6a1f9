//! Go's points in time: a text form, layouts and methods.

mod layout;

use std::fmt;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};

use super::value::{Method, Value};

pub(super) use layout::format_layout;

/// A point in time with its time zone.
#[derive(Clone, Debug)]
pub struct GoTime(Zoned);

/// The layout of Go's default text form.
const DEFAULT_LAYOUT: &str = "2006-01-02 15:04:05.999999999 -0700 MST";

/// The nanosecond of Go's zero time, 0001-01-01 00:00 UTC.
pub const ZERO_NS: i128 = -62_135_596_800 * 1_000_000_000;

impl GoTime {
    /// A point `ns` nanoseconds after the Unix epoch, in UTC; `None` where it is
    /// outside of the years -9999 to 9999.
    pub fn from_nanos(ns: i128) -> Option<Self> {
        let timestamp = Timestamp::from_nanosecond(ns).ok()?;
        Some(Self(timestamp.to_zoned(TimeZone::UTC)))
    }

    /// The same point in the zone `name`.
    ///
    /// # Errors
    /// Where no such zone is known.
    pub fn in_zone(&self, name: &str) -> Result<Self, String> {
        let zone = match name {
            "" | "UTC" => TimeZone::UTC,
            "Local" => TimeZone::system(),
            _ => TimeZone::get(name).map_err(|_| format!("unknown time zone {name}"))?,
        };
        Ok(Self(self.0.with_time_zone(zone)))
    }

    /// Nanoseconds since the Unix epoch.
    pub fn as_nanos(&self) -> i128 {
        self.0.timestamp().as_nanosecond()
    }

    /// By one of Go's layouts, such as `2006-01-02 15:04`.
    pub fn format(&self, layout: &str) -> String {
        format_layout(&self.0, layout)
    }
}

impl PartialEq for GoTime {
    fn eq(&self, other: &Self) -> bool {
        self.as_nanos() == other.as_nanos()
    }
}

impl fmt::Display for GoTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.format(DEFAULT_LAYOUT))
    }
}

/// The methods of `time.Time`.
pub(super) static METHODS: &[(&str, Method)] = &[
    ("Format", |value, args| {
        let layout = args.first().and_then(Value::as_str).ok_or("Format wants a layout")?;
        Ok(zoned(value)?.format(layout).into())
    }),
    ("String", |value, _| Ok(zoned(value)?.to_string().into())),
    ("Unix", |value, _| number(zoned(value)?.as_nanos().div_euclid(1_000_000_000))),
    ("UnixMilli", |value, _| number(zoned(value)?.as_nanos().div_euclid(1_000_000))),
    ("UnixNano", |value, _| number(zoned(value)?.as_nanos())),
    ("UTC", |value, _| in_zone(value, "UTC")),
    ("Local", |value, _| in_zone(value, "Local")),
    ("Year", |value, _| number(zoned(value)?.0.year().into())),
    ("Month", |value, _| Ok(zoned(value)?.format("January").into())),
    ("Day", |value, _| number(zoned(value)?.0.day().into())),
    ("Hour", |value, _| number(zoned(value)?.0.hour().into())),
    ("Minute", |value, _| number(zoned(value)?.0.minute().into())),
    ("Second", |value, _| number(zoned(value)?.0.second().into())),
    ("Nanosecond", |value, _| number(zoned(value)?.0.subsec_nanosecond().into())),
    ("Weekday", |value, _| Ok(zoned(value)?.format("Monday").into())),
    ("YearDay", |value, _| number(zoned(value)?.0.day_of_year().into())),
    ("IsZero", |value, _| Ok(Value::Bool(zoned(value)?.as_nanos() == ZERO_NS))),
    ("Add", add),
    ("Sub", sub),
    ("Before", |value, args| Ok(Value::Bool(zoned(value)?.as_nanos() < other(args)?))),
    ("After", |value, args| Ok(Value::Bool(zoned(value)?.as_nanos() > other(args)?))),
    ("Equal", |value, args| Ok(Value::Bool(zoned(value)?.as_nanos() == other(args)?))),
];

fn zoned(value: &Value) -> Result<&GoTime, String> {
    match value {
        Value::Time(time) => Ok(time),
        other => Err(format!("expected time.Time; got {}", other.type_name())),
    }
}

fn in_zone(value: &Value, name: &str) -> Result<Value, String> {
    Ok(Value::Time(zoned(value)?.in_zone(name)?.into()))
}

fn number(value: i128) -> Result<Value, String> {
    i64::try_from(value).map(Value::Int).map_err(|_| "time out of range".to_owned())
}

fn other(args: &[Value]) -> Result<i128, String> {
    Ok(zoned(args.first().ok_or("expected a time.Time")?)?.as_nanos())
}

fn add(value: &Value, args: &[Value]) -> Result<Value, String> {
    let ns = match args.first() {
        Some(Value::Duration(ns) | Value::Int(ns)) => *ns,
        _ => return Err("Add wants a time.Duration".to_owned()),
    };
    let time = zoned(value)?;
    let moved = time.0.checked_add(SignedDuration::from_nanos(ns));
    moved.map(|moved| Value::Time(GoTime(moved).into())).map_err(|error| error.to_string())
}

fn sub(value: &Value, args: &[Value]) -> Result<Value, String> {
    let ns = zoned(value)?.as_nanos() - other(args)?;
    // Go's differences stop at the longest duration, too.
    let ns = ns.clamp(i64::MIN.into(), i64::MAX.into());
    Ok(Value::Duration(ns as i64))
}
