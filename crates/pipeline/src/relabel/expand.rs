//! `$1` and `${name}` in replacements, as Go's `regexp.Expand` reads them.
//!
//! A name after `$` is the longest run of letters, digits and underscores, so
//! `$1x` is the group named `1x`; one that does not exist is empty. `$$` is a
//! dollar sign; a `$` before anything else stays.

use regex::Captures;

/// Fills the groups of `captures` into `template`.
pub(super) fn expand(template: &str, captures: &Captures<'_>) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
        } else if let Some((name, after)) = take_name(rest) {
            out.push_str(group(captures, name));
            rest = after;
        } else {
            out.push('$');
        }
    }
    out.push_str(rest);
    out
}

/// The name behind a `$`, with or without braces, and what follows it.
fn take_name(text: &str) -> Option<(&str, &str)> {
    if let Some(inner) = text.strip_prefix('{') {
        let (name, after) = inner.split_once('}')?;
        return is_name(name).then_some((name, after));
    }
    let end = text.find(|c: char| !is_name_char(c)).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_name_char)
}

fn is_name_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn group<'t>(captures: &Captures<'t>, name: &str) -> &'t str {
    let matched = match name.parse::<usize>() {
        Ok(index) => captures.get(index),
        Err(_) => captures.name(name),
    };
    matched.map_or("", |matched| matched.as_str())
}
