//! Label sets as people write them: `http_requests_total{method="GET"}`.
//!
//! A metric or label name outside of the legacy character set is quoted, the
//! metric then standing inside of the braces: `{"http.requests", "a.b"="c"}`
//! (Prometheus' UTF-8 names, `proposals/2023-08-21-utf8.md`).

use std::fmt::{self, Write};

use super::{LabelsRef, METRIC_NAME};

impl fmt::Display for LabelsRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let metric = self.metric_name();
        let quoted_metric = metric.filter(|name| !is_legacy_metric_name(name));
        if let (Some(name), None) = (metric, quoted_metric) {
            f.write_str(name)?;
        }
        let mut pairs = self.iter().filter(|(name, _)| *name != METRIC_NAME).peekable();
        if metric.is_some() && quoted_metric.is_none() && pairs.peek().is_none() {
            return Ok(());
        }
        f.write_char('{')?;
        let mut separator = "";
        if let Some(name) = quoted_metric {
            write_quoted(f, name)?;
            separator = ", ";
        }
        for (name, value) in pairs {
            f.write_str(separator)?;
            separator = ", ";
            if is_legacy_label_name(name) {
                f.write_str(name)?;
            } else {
                write_quoted(f, name)?;
            }
            f.write_char('=')?;
            write_quoted(f, value)?;
        }
        f.write_char('}')
    }
}

/// Whether `name` matches `[a-zA-Z_:][a-zA-Z0-9_:]*` and so needs no quotes.
pub fn is_legacy_metric_name(name: &str) -> bool {
    is_identifier(name, |byte| byte == b':')
}

/// Whether `name` matches `[a-zA-Z_][a-zA-Z0-9_]*` and so needs no quotes.
pub fn is_legacy_label_name(name: &str) -> bool {
    is_identifier(name, |_| false)
}

fn is_identifier(name: &str, also: impl Fn(u8) -> bool) -> bool {
    let starts = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_' || also(byte);
    let mut bytes = name.bytes();
    bytes.next().is_some_and(starts) && bytes.all(|byte| starts(byte) || byte.is_ascii_digit())
}

/// Writes `text` in double quotes, escaped as Go's `strconv.Quote` does for
/// the characters that matter: quotes, backslashes and control characters.
pub fn write_quoted(out: &mut impl Write, text: &str) -> fmt::Result {
    out.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' => out.write_str("\\\"")?,
            '\\' => out.write_str("\\\\")?,
            '\n' => out.write_str("\\n")?,
            '\r' => out.write_str("\\r")?,
            '\t' => out.write_str("\\t")?,
            '\x07' => out.write_str("\\a")?,
            '\x08' => out.write_str("\\b")?,
            '\x0b' => out.write_str("\\v")?,
            '\x0c' => out.write_str("\\f")?,
            c if u32::from(c) < 0x20 || c == '\x7f' => write!(out, "\\x{:02x}", u32::from(c))?,
            c => out.write_char(c)?,
        }
    }
    out.write_char('"')
}
