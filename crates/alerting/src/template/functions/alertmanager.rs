//! What notifications may call besides.

use super::super::html::escape_query;
use super::super::json;
use super::super::time::GoTime;
use super::super::value::{Safe, TEXT_BYTES_MAX, Value};
use super::{Context, Function, Param, text, time};

use Param::{Any, List, String as Text, Time};

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("title", &[Text], |_, args| Ok(title(text(args, 0)).into())),
    Function::new("trimSpace", &[Text], |_, args| Ok(text(args, 0).trim().into())),
    Function::new("join", &[Text, List], join),
    Function::variadic("stringSlice", &[], Text, |_, args| {
        Ok(Value::strings(args.iter().filter_map(Value::as_str)))
    }),
    Function::new("safeUrl", &[Text], |_, args| Ok(Value::Safe(Safe::Url, text(args, 0).into()))),
    Function::new("urlUnescape", &[Text], |_, args| Ok(url_unescape(text(args, 0))?.into())),
    Function::new("urlQueryEscape", &[Text], |_, args| Ok(escape_query(text(args, 0)).into())),
    Function::new("date", &[Text, Time], |_, args| {
        let time = time(args, 1).ok_or("date wants a time.Time")?;
        Ok(time.format(text(args, 0)).into())
    }),
    Function::new("tz", &[Text, Time], |_, args| {
        let time = time(args, 1).ok_or("tz wants a time.Time")?;
        Ok(Value::Time(time.in_zone(text(args, 0))?.into()))
    }),
    Function::new("since", &[Time], since),
    Function::new("now", &[], |context, _| {
        let now = GoTime::from_nanos(context.now_ns).ok_or("the time is out of range")?;
        Ok(Value::Time(now.into()))
    }),
    Function::new("toJson", &[Any], |_, args| Ok(json::to_json(&args[0])?.into())),
    Function::variadic("list", &[], Any, |_, args| Value::list(args.to_vec()).checked_depth()),
    Function::variadic("dict", &[], Any, dict),
    Function::variadic("append", &[List], Any, append),
];

/// Each word with a capital and the rest small.
fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut is_start = true;
    for c in text.chars() {
        match is_start {
            true => out.extend(c.to_uppercase()),
            false => out.extend(c.to_lowercase()),
        }
        // An apostrophe is within a word: "don't".
        is_start = !c.is_alphanumeric() && !matches!(c, '\'' | '_' | '’');
    }
    out
}

fn join(_: &Context<'_>, args: &[Value]) -> Result<Value, String> {
    let Value::List(list) = &args[1] else { return Ok("".into()) };
    let texts: Vec<&str> = list.items.iter().filter_map(Value::as_str).collect();
    if texts.len() != list.items.len() {
        return Err("join wants a list of strings".to_owned());
    }
    let separator = text(args, 0);
    let length: usize = texts.iter().map(|text| text.len() + separator.len()).sum();
    match length <= TEXT_BYTES_MAX {
        true => Ok(texts.join(separator).into()),
        false => Err(format!("the text would be longer than {TEXT_BYTES_MAX} bytes")),
    }
}

fn url_unescape(text: &str) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let escape = rest.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
                let value = escape.and_then(|hex| u8::from_str_radix(hex, 16).ok());
                bytes.push(value.ok_or_else(|| format!("invalid URL escape in {text:?}"))?);
                rest = &rest[2..];
            }
            _ => bytes.push(byte),
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn since(context: &Context<'_>, args: &[Value]) -> Result<Value, String> {
    let then = time(args, 0).ok_or("since wants a time.Time")?.as_nanos();
    let ns = (context.now_ns - then).clamp(i64::MIN.into(), i64::MAX.into());
    Ok(Value::Duration(ns as i64))
}

fn dict(_: &Context<'_>, args: &[Value]) -> Result<Value, String> {
    let pairs = args.chunks(2).map(|pair| match pair {
        [name, value] => match name {
            Value::String(name) => Ok((name.clone(), value.clone())),
            other => Err(format!("dict keys must be strings; got {}", other.type_name())),
        },
        _ => Err("dict wants an even number of arguments".to_owned()),
    });
    Value::map(pairs.collect::<Result<_, _>>()?).checked_depth()
}

fn append(_: &Context<'_>, args: &[Value]) -> Result<Value, String> {
    let Value::List(list) = &args[0] else {
        return Value::list(args[1..].to_vec()).checked_depth();
    };
    let mut items = list.items.clone();
    items.extend_from_slice(&args[1..]);
    Value::typed_list(list.kind, items).checked_depth()
}
