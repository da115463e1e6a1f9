//! Values as JSON, with the names that Go's structs have there.

use serde_json::{Map, Number, Value as Json};

use super::value::Value;

/// A value as JSON text.
pub(super) fn to_json(value: &Value) -> String {
    convert(value).to_string()
}

fn convert(value: &Value) -> Json {
    match value {
        Value::Nil => Json::Null,
        Value::Bool(truth) => Json::Bool(*truth),
        Value::Int(int) | Value::Duration(int) => Json::Number((*int).into()),
        Value::Float(float) => Number::from_f64(*float).map_or(Json::Null, Json::Number),
        Value::String(text) | Value::Safe(_, text) => Json::String(text.to_string()),
        Value::Time(time) => Json::String(time.format("2006-01-02T15:04:05.999999999Z07:00")),
        Value::List(list) => Json::Array(list.items.iter().map(convert).collect()),
        Value::Map(map) => {
            let entries = map.entries.iter();
            Json::Object(entries.map(|(name, item)| (name.to_string(), convert(item))).collect())
        }
        Value::Struct(object) => {
            let mut entries = Map::new();
            for (name, item) in &object.fields {
                let name = match object.kind.is_json_camel {
                    true => camel(name),
                    false => (*name).to_owned(),
                };
                entries.insert(name, convert(item));
            }
            Json::Object(entries)
        }
    }
}

/// `startsAt` of `StartsAt`.
fn camel(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(|c| c.to_ascii_lowercase()).into_iter().chain(chars).collect()
}
