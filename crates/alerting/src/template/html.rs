//! Escaping for HTML by the place where a value stands.
//!
//! `html/template` works the places out before execution; this writer follows
//! the output instead and so arrives at the same places for templates whose
//! branches end where they began, which Go demands anyway. It knows text,
//! attributes (plain, addresses, scripts, styles), `<script>`, `<style>`,
//! `<textarea>`, `<title>` and comments, which are left out of the output.

mod escape;
mod place;
mod script;

pub(super) use escape::{escape_js, escape_query, escape_text};

use escape::{
    escape_css, escape_js_value, escape_place, escape_script_text, escape_unquoted,
    escape_url_part, filter_url,
};
use place::{AttributeKind, Place, Tracker};

use super::format;
use super::value::{Safe, Value};

/// Writes HTML: literal text as it is, values escaped.
#[derive(Debug, Default)]
pub(super) struct HtmlWriter {
    out: String,
    tracker: Tracker,
}

impl HtmlWriter {
    /// Writes text of the template itself.
    pub(super) fn text(&mut self, text: &str) {
        self.tracker.follow(text, &mut self.out);
    }

    /// Writes a value that a pipeline gave; `escaper` is the escaping function at
    /// its end, which is not done twice.
    pub(super) fn value(&mut self, value: &Value, escaper: Option<Escaper>) {
        let place = self.tracker.enter_value();
        let mut text = String::new();
        // Go's html/template prints nothing for a value that is not there.
        if !matches!(value, Value::Nil) {
            format::print_value(&mut text, value);
        }
        self.tracker.leave_value(&text);
        let safe = match value {
            Value::Safe(safe, _) => Some(*safe),
            _ => None,
        };
        let escaped = match place {
            Place::Text if safe == Some(Safe::Html) => text,
            Place::Text | Place::RawText if escaper == Some(Escaper::Html) => text,
            Place::Text | Place::RawText => escape_place(&text),
            Place::Comment => String::new(),
            Place::Script => escape_js_value(value),
            Place::ScriptText => escape_script_text(&text),
            Place::Style => escape_css(&text),
            Place::Tag => filter_name(&text),
            Place::Attribute { is_quoted: true, .. } if escaper == Some(Escaper::Html) => text,
            Place::Attribute { kind, is_quoted } => {
                let inner = in_attribute(kind, value, text, safe, escaper);
                if is_quoted { escape_place(&inner) } else { escape_unquoted(&inner) }
            }
        };
        self.out.push_str(&escaped);
    }

    /// The bytes written so far.
    pub(super) fn len(&self) -> usize {
        self.out.len()
    }

    /// What was written.
    pub(super) fn finish(self) -> String {
        self.out
    }
}

/// A function that escapes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escaper {
    /// `html`.
    Html,
    /// `urlquery`.
    UrlQuery,
}

/// A value for an attribute, before it is escaped for HTML.
fn in_attribute(
    kind: AttributeKind,
    value: &Value,
    text: String,
    safe: Option<Safe>,
    escaper: Option<Escaper>,
) -> String {
    match kind {
        AttributeKind::Plain if safe == Some(Safe::Html) => strip_tags(&text),
        AttributeKind::Plain => text,
        AttributeKind::Url { .. } | AttributeKind::UrlQuery
            if escaper == Some(Escaper::UrlQuery) =>
        {
            text
        }
        AttributeKind::Url { is_start } => filter_url(&text, is_start && safe != Some(Safe::Url)),
        AttributeKind::UrlQuery => escape_url_part(&text),
        AttributeKind::Script => escape_js_value(value),
        AttributeKind::ScriptText => escape_script_text(&text),
        AttributeKind::ScriptComment => String::new(),
        AttributeKind::Style => escape_css(&text),
    }
}

/// A value where a tag or attribute name should be: letters and digits only.
fn filter_name(text: &str) -> String {
    let is_name = !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !text.to_ascii_lowercase().starts_with("on")
        && !matches!(text.to_ascii_lowercase().as_str(), "style" | "src" | "href");
    if is_name { text.to_owned() } else { "ZgotmplZ".to_owned() }
}

/// The text of safe HTML without its tags, for attributes.
fn strip_tags(html: &str) -> String {
    let mut out = String::new();
    let mut is_in_tag = false;
    for c in html.chars() {
        match c {
            '<' => is_in_tag = true,
            '>' if is_in_tag => is_in_tag = false,
            _ if is_in_tag => {}
            _ => out.push(c),
        }
    }
    out
}
