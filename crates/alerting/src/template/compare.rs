//! `eq`, `lt` and their kin: comparison by Go's kinds.

use std::cmp::Ordering;

use super::value::Value;

const INCOMPATIBLE: &str = "incompatible types for comparison";
const INVALID: &str = "invalid type for comparison";

/// Whether `a` equals `b`.
pub(super) fn equal(a: &Value, b: &Value) -> Result<bool, String> {
    Ok(match (a, b) {
        (Value::Nil, Value::Nil) => true,
        (Value::Nil, _) | (_, Value::Nil) => false,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int(a) | Value::Duration(a), Value::Int(b) | Value::Duration(b)) => a == b,
        (Value::Float(a), Value::Float(b)) => a == b,
        (Value::Time(a), Value::Time(b)) => a == b,
        _ => match (a.as_str(), b.as_str()) {
            (Some(a), Some(b)) => a == b,
            _ => return Err(fault(a, b)),
        },
    })
}

fn fault(a: &Value, b: &Value) -> String {
    for value in [a, b] {
        if matches!(value, Value::List(_) | Value::Map(_)) {
            return format!("non-comparable type {}", value.type_name());
        }
    }
    INCOMPATIBLE.to_owned()
}

/// The order of `a` and `b`; `None` where one is not a number.
pub(super) fn order(a: &Value, b: &Value) -> Result<Option<Ordering>, String> {
    Ok(match (a, b) {
        (Value::Int(a) | Value::Duration(a), Value::Int(b) | Value::Duration(b)) => Some(a.cmp(b)),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        _ => match (a.as_str(), b.as_str()) {
            (Some(a), Some(b)) => Some(a.cmp(b)),
            _ if is_ordered(a) && is_ordered(b) => return Err(INCOMPATIBLE.to_owned()),
            _ => return Err(INVALID.to_owned()),
        },
    })
}

fn is_ordered(value: &Value) -> bool {
    matches!(value, Value::Int(_) | Value::Duration(_) | Value::Float(_))
        || value.as_str().is_some()
}
