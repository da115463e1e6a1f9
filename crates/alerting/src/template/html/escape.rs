//! The escapers, each for one kind of place.

use std::fmt::Write;

use super::super::format;
use super::super::value::{TEXT_BYTES_MAX, Value};

/// For `html`.
pub(in super::super) fn escape_text(text: &str) -> String {
    escape(text, false)
}

/// For text between tags and in quoted attributes: also `+`, as some old
/// browsers read UTF-7 out of it.
pub(super) fn escape_place(text: &str) -> String {
    escape(text, true)
}

fn escape(text: &str, also_plus: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '+' if also_plus => out.push_str("&#43;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\'' => out.push_str("&#39;"),
            '"' => out.push_str("&#34;"),
            '\0' => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
    out
}

/// For an attribute's value without quotes: also what would end it.
pub(super) fn escape_unquoted(text: &str) -> String {
    if text.is_empty() {
        return "ZgotmplZ".to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for c in escape_text(text).chars() {
        match c {
            ' ' | '\t' | '\n' | '\r' | '\u{c}' | '\u{b}' | '=' | '`' | '+' => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out
}

/// For a string in a script.
pub(super) fn escape_script_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '/' => out.push_str("\\/"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{c}' => out.push_str("\\f"),
            '"' | '\'' | '`' | '&' | '+' | '<' | '>' | '\0' | '\u{b}' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out
}

/// For `js`.
pub(in super::super) fn escape_js(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\'' => out.push_str("\\'"),
            '"' => out.push_str("\\\""),
            '<' | '>' | '&' | '=' => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            _ if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out
}

/// A value as a JavaScript expression: JSON that can't close a script.
pub(super) fn escape_js_value(value: &Value) -> String {
    let mut out = String::new();
    json(&mut out, value);
    out
}

fn json(out: &mut String, value: &Value) {
    // It is too long already, and will be refused as a whole.
    if out.len() > TEXT_BYTES_MAX {
        return;
    }
    match value {
        Value::Nil => out.push_str("null"),
        Value::Bool(_) | Value::Int(_) | Value::Duration(_) | Value::Float(_) => {
            let mut text = String::new();
            match value {
                Value::Duration(ns) => text = ns.to_string(),
                _ => format::print_value(&mut text, value),
            }
            out.push_str(&text);
        }
        Value::List(list) => {
            out.push('[');
            for (index, item) in list.items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                json(out, item);
            }
            out.push(']');
        }
        Value::Map(map) => {
            out.push('{');
            for (index, (name, item)) in map.entries.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                json_text(out, name);
                out.push(':');
                json(out, item);
            }
            out.push('}');
        }
        other => {
            let mut text = String::new();
            format::print_value(&mut text, other);
            json_text(out, &text);
        }
    }
}

fn json_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            _ if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}

/// For style sheets: everything but plain words and numbers is refused.
pub(super) fn escape_css(text: &str) -> String {
    let is_plain =
        |c: char| c.is_alphanumeric() || matches!(c, ' ' | '#' | '%' | '.' | '-' | '_' | ',' | '!');
    let lower = text.to_ascii_lowercase();
    let is_suspicious = lower.contains("expression") || lower.contains("mozbinding");
    match text.chars().all(is_plain) && !is_suspicious {
        true => text.to_owned(),
        false => "ZgotmplZ".to_owned(),
    }
}

/// For an address: what may not stand in one is percent-encoded. At its
/// start, a scheme other than http, https or mailto is refused.
pub(super) fn filter_url(text: &str, is_checked: bool) -> String {
    let scheme = text.split_once(':').map(|(scheme, _)| scheme).filter(|s| !s.contains('/'));
    let is_known =
        |scheme: &str| matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https" | "mailto");
    if is_checked && scheme.is_some_and(|scheme| !is_known(scheme)) {
        return "#ZgotmplZ".to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let bytes = text.as_bytes();
    for (index, byte) in bytes.iter().copied().enumerate() {
        let is_escape = byte == b'%'
            && bytes.get(index + 1..index + 3).is_some_and(|h| h.iter().all(u8::is_ascii_hexdigit));
        let is_kept = is_unreserved(byte) || b"!#$&*+,/:;=?@[]".contains(&byte) || is_escape;
        if is_kept {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02x}");
        }
    }
    out
}

/// For a value in the query of an address: nothing that means something there stays.
pub(super) fn escape_url_part(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if is_unreserved(byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02x}");
        }
    }
    out
}

/// For `urlquery`: as a form encodes a value.
pub(in super::super) fn escape_query(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            _ if is_unreserved(byte) => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

/// What an address may hold anywhere (RFC 3986, section 2.3).
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}
