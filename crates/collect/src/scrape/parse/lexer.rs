//! What the two text formats share: walking lines, keys, numbers.

use memchr::{memchr, memchr2};
use model::sample::NORMAL_NAN_BITS;

use super::{ParseError, Position};

/// A position in a body that knows its line.
#[derive(Clone, Debug)]
pub struct Cursor<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Cursor<'a> {
    /// The start of `body`.
    pub fn new(body: &'a str) -> Self {
        Self { rest: body, line: 0 }
    }

    /// The next line without its break, and whether it had one; `None` at the end.
    pub fn next_line(&mut self) -> Option<(&'a str, bool)> {
        if self.rest.is_empty() {
            return None;
        }
        self.line += 1;
        // A line break inside of a quoted value is written `\n`, so a raw one always ends the line.
        match memchr(b'\n', self.rest.as_bytes()) {
            Some(end) => {
                let line = &self.rest[..end];
                self.rest = &self.rest[end + 1..];
                Some((line, true))
            }
            None => Some((std::mem::take(&mut self.rest), false)),
        }
    }

    /// Whether nothing is left.
    pub fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// An error at the line read last; nothing is left to read after it.
    pub fn fail(&mut self, reason: impl Into<String>) -> ParseError {
        self.rest = "";
        ParseError { position: Position::Line(self.line.max(1)), reason: reason.into() }
    }
}

/// Splits `name{...}` or `{...}` or `name` off the front of `line`.
///
/// Nothing inside is checked but that quotes and braces are closed.
pub fn take_series_key(line: &str) -> Result<(&str, &str), String> {
    let bytes = line.as_bytes();
    let name_end = bytes
        .iter()
        .position(|byte| matches!(byte, b'{' | b' ' | b'\t' | b'#'))
        .unwrap_or(bytes.len());
    if bytes.get(name_end) != Some(&b'{') {
        if name_end == 0 {
            return Err(format!("expected a metric name, got {:?}", clip(line)));
        }
        // `name {label="value"}` is legal in the classic format; the space belongs to no key.
        let after = line[name_end..].trim_start_matches([' ', '\t']);
        if !after.starts_with('{') {
            return Ok(line.split_at(name_end));
        }
    }
    let open = memchr(b'{', bytes).ok_or_else(|| "expected '{'".to_owned())?;
    let close = closing_brace(&line[open..])
        .ok_or_else(|| format!("label set is not closed: {:?}", clip(line)))?;
    Ok(line.split_at(open + close + 1))
}

/// The offset of the `}` that closes the set which `text` opens with.
pub fn closing_brace(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 1;
    loop {
        at += memchr2(b'"', b'}', bytes.get(at..)?)?;
        if bytes[at] == b'}' {
            return Some(at);
        }
        at = closing_quote(bytes, at)? + 1;
    }
}

/// The offset of the quote that closes the one at `open`.
pub fn closing_quote(bytes: &[u8], open: usize) -> Option<usize> {
    let mut at = open + 1;
    loop {
        at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

/// Undoes `\\`, `\"` and `\n`; a backslash before anything else stays.
pub fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let mut chars = rest.chars();
        match chars.next() {
            Some('n') => out.push('\n'),
            Some(c @ ('\\' | '"')) => out.push(c),
            Some(c) => out.extend(['\\', c]),
            None => out.push('\\'),
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
    out
}

/// Reads a value: a decimal number, `NaN`, `+Inf`, `-Inf`.
pub fn parse_value(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| format!("{:?} is not a number", clip(text)))?;
    Ok(if value.is_nan() { f64::from_bits(NORMAL_NAN_BITS) } else { value })
}

/// The start of `text`, short enough for an error message.
pub fn clip(text: &str) -> &str {
    const CHARS_MAX: usize = 60;
    text.char_indices().nth(CHARS_MAX).map_or(text, |(end, _)| &text[..end])
}
