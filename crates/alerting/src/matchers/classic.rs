//! The classic syntax: names are identifiers, values may stand without quotes.

use model::Matcher;
use model::labels::is_legacy_metric_name;

use super::{matcher, operator};

/// Reads matchers that commas separate, with or without braces around them.
pub(super) fn parse(text: &str) -> Result<Vec<Matcher>, String> {
    let mut inner = text.trim();
    if let Some(rest) = inner.strip_prefix('{') {
        inner = rest.strip_suffix('}').ok_or("the closing brace is missing")?;
    } else if inner.ends_with('}') && !inner.contains('{') {
        return Err("the opening brace is missing".to_owned());
    }
    let mut matchers = Vec::new();
    let pieces = split(inner);
    let last = pieces.len() - 1;
    for (index, piece) in pieces.into_iter().enumerate() {
        if piece.trim().is_empty() {
            // Nothing at all, or a comma behind the last matcher.
            if index == last && (index == 0 || !matchers.is_empty()) {
                continue;
            }
            return Err("a matcher is missing between commas".to_owned());
        }
        matchers.push(one(piece)?);
    }
    Ok(matchers)
}

/// The pieces between commas that do not stand in quotes.
fn split(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut is_quoted, mut is_escaped) = (0, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => {
                pieces.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    pieces.push(&text[start..]);
    pieces
}

fn one(text: &str) -> Result<Matcher, String> {
    let text = text.trim();
    let name_len = text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | ':')));
    let (name, rest) = text.split_at(name_len.unwrap_or(text.len()));
    if !is_legacy_metric_name(name) {
        return Err("a label's name is missing".to_owned());
    }
    let (op, value) =
        operator(rest.trim_start()).ok_or("one of =, !=, =~, !~ must follow the name")?;
    matcher(name, op, &unquote(value.trim())?)
}

fn unquote(text: &str) -> Result<String, String> {
    let inner = match text.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"').ok_or("the closing quote is missing")?,
        None => text,
    };
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => return Err("a quote in the value must be escaped".to_owned()),
            '\\' => match chars.next() {
                Some('n') => out.push('\n'),
                Some(c @ ('"' | '\\')) => out.push(c),
                Some(c) => out.extend(['\\', c]),
                None => return Err("the value ends with a backslash".to_owned()),
            },
            _ => out.push(c),
        }
    }
    Ok(out)
}
