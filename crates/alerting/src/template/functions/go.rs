//! The functions that Go itself brings.

use std::cmp::Ordering;

use super::super::value::Value;
use super::super::{compare, format, html};
use super::{Body, Context, Function, Param, text};

use Param::{Any, String as Text};

pub(super) static FUNCTIONS: &[Function] = &[
    Function { name: "and", params: &[Any], variadic: Some(Any), body: Body::And },
    Function { name: "or", params: &[Any], variadic: Some(Any), body: Body::Or },
    Function::new("not", &[Any], |_, args| Ok(Value::Bool(!args[0].is_true()))),
    Function::variadic("eq", &[Any], Any, eq),
    Function::new("ne", &[Any, Any], |_, args| {
        Ok(Value::Bool(!compare::equal(&args[0], &args[1])?))
    }),
    Function::new("lt", &[Any, Any], |_, args| ordered(args, Ordering::is_lt)),
    Function::new("le", &[Any, Any], |_, args| ordered(args, Ordering::is_le)),
    Function::new("gt", &[Any, Any], |_, args| ordered(args, Ordering::is_gt)),
    Function::new("ge", &[Any, Any], |_, args| ordered(args, Ordering::is_ge)),
    Function::new("len", &[Any], len),
    Function::variadic("index", &[Any], Any, index),
    Function::variadic("slice", &[Any], Any, slice),
    Function::variadic("print", &[], Any, |_, args| Ok(format::sprint(args).into())),
    Function::variadic("println", &[], Any, |_, args| Ok(format::sprintln(args).into())),
    Function::variadic("printf", &[Text], Any, |_, args| {
        Ok(format::sprintf(text(args, 0), &args[1..]).into())
    }),
    Function::variadic("html", &[], Any, |_, args| {
        Ok(html::escape_text(&format::sprint(args)).into())
    }),
    Function::variadic("js", &[], Any, |_, args| Ok(html::escape_js(&format::sprint(args)).into())),
    Function::variadic("urlquery", &[], Any, |_, args| {
        Ok(html::escape_query(&format::sprint(args)).into())
    }),
    Function::variadic("call", &[Any], Any, |_, args| {
        Err(format!("non-function of type {}", args[0].type_name()))
    }),
];

/// Whether the first argument equals one of the others.
fn eq(_: &Context<'_>, args: &[Value]) -> Result<Value, String> {
    let (first, others) = args.split_first().ok_or("missing argument for comparison")?;
    if others.is_empty() {
        return Err("missing argument for comparison".to_owned());
    }
    for other in others {
        if compare::equal(first, other)? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn ordered(args: &[Value], wanted: fn(Ordering) -> bool) -> Result<Value, String> {
    Ok(Value::Bool(compare::order(&args[0], &args[1])?.is_some_and(wanted)))
}

fn len(_: &Context<'_>, args: &[Value]) -> Result<Value, String> {
    let length = match &args[0] {
        Value::List(list) => list.items.len(),
        Value::Map(map) => map.entries.len(),
        Value::Nil => return Err("len of nil pointer".to_owned()),
        other => match other.as_str() {
            Some(text) => text.len(),
            None => return Err(format!("len of type {}", other.type_name())),
        },
    };
    Ok(Value::Int(length as i64))
}

fn index(_: &Context<'_>, args: &[Value]) -> Result<Value, String> {
    let (first, path) = args.split_first().ok_or("index of untyped nil")?;
    let mut value = first.clone();
    for key in path {
        value = element(&value, key)?;
    }
    Ok(value)
}

fn element(value: &Value, key: &Value) -> Result<Value, String> {
    match value {
        Value::List(list) => Ok(list.items[position(key, list.items.len())?].clone()),
        Value::Map(map) => match key.as_str() {
            Some(name) => Ok(map.entries.get(name).cloned().unwrap_or_else(|| map.missing.clone())),
            None if matches!(key, Value::Nil) => {
                Err("value is nil; should be of type string".to_owned())
            }
            None => Err(format!("value has type {}; should be string", key.type_name())),
        },
        Value::Nil => Err("index of untyped nil".to_owned()),
        other => match other.as_str() {
            Some(text) => Ok(Value::Int(i64::from(text.as_bytes()[position(key, text.len())?]))),
            None => Err(format!("can't index item of type {}", other.type_name())),
        },
    }
}

/// A place in something of length `length`.
fn position(key: &Value, length: usize) -> Result<usize, String> {
    match key {
        Value::Int(index) => usize::try_from(*index)
            .ok()
            .filter(|index| *index < length)
            .ok_or_else(|| format!("index out of range: {index}")),
        Value::Nil => Err("cannot index slice/array with nil".to_owned()),
        other => Err(format!("cannot index slice/array with type {}", other.type_name())),
    }
}

fn slice(_: &Context<'_>, args: &[Value]) -> Result<Value, String> {
    let (value, bounds) = args.split_first().ok_or("slice of untyped nil")?;
    if bounds.len() > 3 {
        return Err(format!("too many slice indexes: {}", bounds.len()));
    }
    let length = match value {
        Value::List(list) => list.items.len(),
        Value::Nil => return Err("slice of untyped nil".to_owned()),
        other => match other.as_str() {
            Some(_) if bounds.len() == 3 => {
                return Err("cannot 3-index slice a string".to_owned());
            }
            Some(text) => text.len(),
            None => return Err(format!("can't slice item of type {}", other.type_name())),
        },
    };
    let mut places = [0, length];
    for (place, bound) in places.iter_mut().zip(bounds) {
        *place = position(bound, length + 1)?;
    }
    let [start, end] = places;
    if start > end {
        return Err(format!("invalid slice index: {start} > {end}"));
    }
    match value {
        Value::List(list) => Ok(Value::typed_list(list.kind, list.items[start..end].to_vec())),
        other => {
            let bytes = &other.as_str().unwrap_or_default().as_bytes()[start..end];
            Ok(String::from_utf8_lossy(bytes).into_owned().into())
        }
    }
}
