//! What rules and notifications may both call.

use regex::Regex;

use super::super::value::{Safe, TEXT_BYTES_MAX, Value};
use super::{Context, Function, Param, humanize, text};

use Param::{Any, String as Text};

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("toUpper", &[Text], |_, args| Ok(text(args, 0).to_uppercase().into())),
    Function::new("toLower", &[Text], |_, args| Ok(text(args, 0).to_lowercase().into())),
    Function::new("match", &[Text, Text], |_, args| {
        Ok(Value::Bool(regex(text(args, 0))?.is_match(text(args, 1))))
    }),
    Function::new("reReplaceAll", &[Text, Text, Text], replace_all),
    Function::new("safeHtml", &[Text], |_, args| Ok(Value::Safe(Safe::Html, text(args, 0).into()))),
    Function::new("humanizeDuration", &[Any], humanize_duration),
];

/// Go's syntax and this engine's are the same for what people write.
fn regex(pattern: &str) -> Result<Regex, String> {
    Regex::new(pattern).map_err(|error| {
        let reason = error.to_string();
        let reason = reason.lines().last().unwrap_or_default().trim();
        format!("error parsing regexp {pattern:?}: {reason}")
    })
}

fn replace_all(_: &Context<'_>, args: &[Value]) -> Result<Value, String> {
    let (regex, replacement, text) = (regex(text(args, 0))?, text(args, 1), text(args, 2));
    let mut out = String::new();
    let mut copied = 0;
    for captures in regex.captures_iter(text) {
        let Some(found) = captures.get(0) else { continue };
        out.push_str(&text[copied..found.start()]);
        captures.expand(replacement, &mut out);
        copied = found.end();
        if out.len() > TEXT_BYTES_MAX {
            return Err(format!("the text would be longer than {TEXT_BYTES_MAX} bytes"));
        }
    }
    out.push_str(&text[copied..]);
    Ok(out.into())
}

fn humanize_duration(_: &Context<'_>, args: &[Value]) -> Result<Value, String> {
    Ok(humanize::humanize_duration(humanize::to_float(&args[0])?).into())
}
