//! Values as JSON, with the names that Go's structs have there.

use super::format;
use super::value::{TEXT_BYTES_MAX, Value};

/// A value as JSON text.
///
/// # Errors
/// Where it would be too long.
pub(super) fn to_json(value: &Value) -> Result<String, String> {
    let mut out = String::new();
    write(&mut out, value)?;
    Ok(out)
}

fn write(out: &mut String, value: &Value) -> Result<(), String> {
    if out.len() > TEXT_BYTES_MAX {
        return Err(format!("the text would be longer than {TEXT_BYTES_MAX} bytes"));
    }
    match value {
        Value::Nil => out.push_str("null"),
        Value::Duration(ns) => out.push_str(&ns.to_string()),
        Value::Float(float) if !float.is_finite() => {
            return Err(format!("json: unsupported value: {float}"));
        }
        Value::Bool(_) | Value::Int(_) | Value::Float(_) => format::print_value(out, value),
        Value::String(text) | Value::Safe(_, text) => string(out, text),
        Value::Time(time) => string(out, &time.format("2006-01-02T15:04:05.999999999Z07:00")),
        Value::List(list) => {
            out.push('[');
            for (index, item) in list.items.iter().enumerate() {
                separate(out, index);
                write(out, item)?;
            }
            out.push(']');
        }
        Value::Map(map) => {
            out.push('{');
            for (index, (name, item)) in map.entries.iter().enumerate() {
                separate(out, index);
                member(out, name, item)?;
            }
            out.push('}');
        }
        Value::Struct(object) => {
            out.push('{');
            for (index, (name, item)) in object.fields.iter().enumerate() {
                separate(out, index);
                match object.kind.is_json_camel {
                    true => member(out, &camel(name), item)?,
                    false => member(out, name, item)?,
                }
            }
            out.push('}');
        }
    }
    Ok(())
}

fn separate(out: &mut String, index: usize) {
    if index > 0 {
        out.push(',');
    }
}

fn member(out: &mut String, name: &str, value: &Value) -> Result<(), String> {
    string(out, name);
    out.push(':');
    write(out, value)
}

fn string(out: &mut String, text: &str) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

/// `startsAt` of `StartsAt`.
fn camel(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(|c| c.to_ascii_lowercase()).into_iter().chain(chars).collect()
}
