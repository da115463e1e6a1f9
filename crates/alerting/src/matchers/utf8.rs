//! The newer syntax: names and values are any UTF-8, in quotes where they hold
//! characters that mean something.

use model::Matcher;

use super::{matcher, operator};

/// Reads matchers that commas separate, with or without braces around them.
pub(super) fn parse(text: &str) -> Result<Vec<Matcher>, String> {
    let mut rest = text.trim();
    let is_braced = rest.starts_with('{');
    if is_braced {
        rest = rest[1..].trim_start();
    }
    let mut matchers = Vec::new();
    loop {
        if is_braced && rest.starts_with('}') {
            break;
        }
        if rest.is_empty() {
            break;
        }
        let (name, after) = word(rest, "a label's name")?;
        if name.is_empty() {
            return Err("a label's name is empty".to_owned());
        }
        let (op, after) =
            operator(after.trim_start()).ok_or("one of =, !=, =~, !~ must follow the name")?;
        let (value, after) = word(after.trim_start(), "a value")?;
        matchers.push(matcher(&name, op, &value)?);
        rest = after.trim_start();
        match rest.strip_prefix(',') {
            Some(after) => rest = after.trim_start(),
            None => break,
        }
    }
    if is_braced {
        rest = rest.strip_prefix('}').ok_or("expected a comma or a closing brace")?.trim_start();
    }
    match rest.chars().next() {
        None => Ok(matchers),
        Some(c) => Err(format!("unexpected {c:?}; expected a comma or the end")),
    }
}

fn is_reserved(c: char) -> bool {
    c.is_whitespace() || "{}!=~,\\'\"`".contains(c)
}

/// A word, with or without quotes, and what is behind it.
fn word<'t>(text: &'t str, what: &str) -> Result<(String, &'t str), String> {
    if !text.starts_with('"') {
        let length = text.find(is_reserved).unwrap_or(text.len());
        if length == 0 {
            return Err(format!("expected {what}"));
        }
        return Ok((text[..length].to_owned(), &text[length..]));
    }
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => {
                let (quoted, rest) = text.split_at(at + 1);
                let read = crate::template::unquote(quoted);
                return Ok((read.ok_or_else(|| format!("{quoted} has an unknown escape"))?, rest));
            }
            _ => {}
        }
    }
    Err(format!("the quote that closes {what} is missing"))
}
