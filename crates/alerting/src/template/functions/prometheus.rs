//! What rules may call besides.

use std::net::IpAddr;
use std::sync::Arc;

use model::PromDuration;

use super::super::html::escape_query;
use super::super::value::{STRING_MAP, TypeInfo, Value};
use super::{Body, Context, Function, Param, humanize, text};

use Param::{Any, List, String as Text};

/// What `query` returns.
static QUERY_RESULT: TypeInfo =
    TypeInfo { name: "template.queryResult", methods: &[], is_json_camel: false };
/// One series of it.
static SAMPLE: TypeInfo = TypeInfo { name: "template.sample", methods: &[], is_json_camel: false };

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("query", &[Text], query),
    Function::new("first", &[List], first),
    Function::new("label", &[Text, Any], |_, args| label(&args[1], text(args, 0))),
    Function::new("value", &[Any], |_, args| field(&args[0], "Value")),
    Function::new("strvalue", &[Any], |_, args| label(&args[0], "__value__")),
    Function::new("sortByLabel", &[Text, List], sort_by_label),
    Function::variadic("args", &[], Any, args_map),
    Function { name: "tmpl", params: &[Text, Any], variadic: None, body: Body::Template },
    Function::new("title", &[Text], |_, args| Ok(title(text(args, 0)).into())),
    Function::new("graphLink", &[Text], |_, args| Ok(graph_link(text(args, 0), 0))),
    Function::new("tableLink", &[Text], |_, args| Ok(graph_link(text(args, 0), 1))),
    Function::new("externalURL", &[], |context, _| Ok(context.external_url.into())),
    Function::new("pathPrefix", &[], |context, _| Ok(context.path_prefix.into())),
    Function::new("urlQueryEscape", &[Text], |_, args| Ok(escape_query(text(args, 0)).into())),
    Function::new("parseDuration", &[Text], |_, args| {
        let parsed = PromDuration::parse(text(args, 0)).map_err(|error| error.to_string())?;
        Ok(Value::Float(parsed.as_secs_f64()))
    }),
    Function::new("stripPort", &[Text], |_, args| Ok(strip_port(text(args, 0)).into())),
    Function::new("stripDomain", &[Text], |_, args| Ok(strip_domain(text(args, 0)).into())),
    Function::new("humanize", &[Any], |_, args| {
        Ok(humanize::humanize(humanize::to_float(&args[0])?).into())
    }),
    Function::new("humanize1024", &[Any], |_, args| {
        Ok(humanize::humanize_1024(humanize::to_float(&args[0])?).into())
    }),
    Function::new("humanizePercentage", &[Any], |_, args| {
        Ok(humanize::humanize_percentage(humanize::to_float(&args[0])?).into())
    }),
    Function::new("humanizeTimestamp", &[Any], |_, args| {
        Ok(humanize::humanize_timestamp(humanize::to_float(&args[0])?)?.into())
    }),
    Function::new("toTime", &[Any], |_, args| {
        Ok(humanize::to_time(humanize::to_float(&args[0])?)?.map_or(Value::Nil, Value::Time))
    }),
    Function::new("toDuration", &[Any], |_, args| {
        Ok(Value::Duration((humanize::to_float(&args[0])? * 1e9) as i64))
    }),
    Function::new("now", &[], |context, _| Ok(Value::Float(context.now_ns as f64 / 1e9))),
];

fn query(context: &Context<'_>, args: &[Value]) -> Result<Value, String> {
    let query = context.query.ok_or("queries are not possible here")?;
    let samples = query(text(args, 0))?.into_iter().map(|sample| {
        let labels = Value::string_map(&STRING_MAP, sample.labels);
        let fields = vec![("Labels", labels), ("Value", Value::Float(sample.value))];
        Value::object(&SAMPLE, fields)
    });
    Ok(Value::typed_list(&QUERY_RESULT, samples.collect()))
}

fn items(value: &Value) -> &[Value] {
    match value {
        Value::List(list) => &list.items,
        _ => &[],
    }
}

fn first(_: &Context<'_>, args: &[Value]) -> Result<Value, String> {
    let first = items(&args[0]).first().cloned();
    first.ok_or_else(|| "first() called on vector with no elements".to_owned())
}

fn field(sample: &Value, name: &str) -> Result<Value, String> {
    let field = match sample {
        Value::Struct(object) => object.fields.iter().find(|(known, _)| *known == name),
        _ => None,
    };
    let wrong = || format!("expected a sample of a query; got {}", sample.type_name());
    field.map(|(_, value)| value.clone()).ok_or_else(wrong)
}

fn label(sample: &Value, name: &str) -> Result<Value, String> {
    match field(sample, "Labels")? {
        Value::Map(labels) => {
            Ok(labels.entries.get(name).cloned().unwrap_or_else(|| labels.missing.clone()))
        }
        _ => Ok("".into()),
    }
}

fn sort_by_label(_: &Context<'_>, args: &[Value]) -> Result<Value, String> {
    let name = text(args, 0);
    let mut keyed = items(&args[1])
        .iter()
        .map(|sample| Ok((label(sample, name)?, sample.clone())))
        .collect::<Result<Vec<_>, String>>()?;
    keyed.sort_by(|(a, _), (b, _)| a.as_str().cmp(&b.as_str()));
    let sorted = keyed.into_iter().map(|(_, sample)| sample).collect();
    Ok(Value::typed_list(&QUERY_RESULT, sorted))
}

fn args_map(_: &Context<'_>, args: &[Value]) -> Result<Value, String> {
    let named = args.iter().enumerate();
    let named = named.map(|(index, arg)| (Arc::from(format!("arg{index}")), arg.clone()));
    Value::map(named.collect()).checked_depth()
}

/// Each word with a capital; the rest stays.
fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut is_start = true;
    for c in text.chars() {
        match is_start {
            true => out.extend(c.to_uppercase()),
            false => out.push(c),
        }
        is_start = match c.is_ascii() {
            true => !c.is_ascii_alphanumeric() && c != '_',
            false => c.is_whitespace(),
        };
    }
    out
}

fn graph_link(expr: &str, tab: u8) -> Value {
    format!("/graph?g0.expr={}&g0.tab={tab}", escape_query(expr)).into()
}

/// Host and port of `host:port` or `[v6]:port`.
fn split_host_port(text: &str) -> Option<(&str, &str)> {
    if let Some(bracketed) = text.strip_prefix('[') {
        let (host, rest) = bracketed.split_once(']')?;
        return Some((host, rest.strip_prefix(':')?));
    }
    let (host, port) = text.rsplit_once(':')?;
    (!host.contains([':', '[', ']'])).then_some((host, port))
}

fn strip_port(text: &str) -> &str {
    split_host_port(text).map_or(text, |(host, _)| host)
}

fn strip_domain(text: &str) -> String {
    let (host, port) = match split_host_port(text) {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    if host.parse::<IpAddr>().is_ok() {
        return text.to_owned();
    }
    let name = host.split('.').next().unwrap_or_default();
    match port {
        Some(port) => format!("{name}:{port}"),
        None => name.to_owned(),
    }
}
