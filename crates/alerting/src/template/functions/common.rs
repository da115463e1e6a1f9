//! What rules and notifications may both call.

use regex::Regex;

use super::super::value::{Safe, Value};
use super::{Context, Function, Param, humanize, text};

use Param::{Any, String as Text};

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("toUpper", &[Text], |_, args| Ok(text(args, 0).to_uppercase().into())),
    Function::new("toLower", &[Text], |_, args| Ok(text(args, 0).to_lowercase().into())),
    Function::new("match", &[Text, Text], |_, args| {
        Ok(Value::Bool(regex(text(args, 0))?.is_match(text(args, 1))))
    }),
    Function::new("reReplaceAll", &[Text, Text, Text], |_, args| {
        let regex = regex(text(args, 0))?;
        Ok(regex.replace_all(text(args, 2), text(args, 1)).into_owned().into())
    }),
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

fn humanize_duration(_: &Context<'_>, args: &[Value]) -> Result<Value, String> {
    Ok(humanize::humanize_duration(humanize::to_float(&args[0])?).into())
}
