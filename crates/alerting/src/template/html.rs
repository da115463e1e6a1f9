//! Escaping for HTML by the place where a value stands.
//!
//! `html/template` works the places out before execution; this writer follows
//! the output instead and so arrives at the same places for templates whose
//! branches end where they began, which Go demands anyway. It knows text,
//! attributes (plain, addresses, scripts, styles), `<script>`, `<style>`,
//! `<textarea>`, `<title>` and comments, which are left out of the output.

mod escape;
mod place;

pub(super) use escape::{escape_js, escape_query, escape_text};

use escape::{
    escape_attribute, escape_css, escape_js_value, escape_unquoted, escape_url_part, filter_url,
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

    /// Writes a value.
    pub(super) fn value(&mut self, value: &Value) {
        let place = self.tracker.enter_value();
        let mut text = String::new();
        match value {
            // Go's html/template prints nothing for a value that is not there.
            Value::Nil => {}
            _ => format::print_value(&mut text, value),
        }
        self.tracker.leave_value(&text);
        let safe = match value {
            Value::Safe(safe, _) => Some(*safe),
            _ => None,
        };
        let escaped = match place {
            Place::Text if safe == Some(Safe::Html) => text,
            Place::Text | Place::RawText => escape_text(&text),
            Place::Comment => String::new(),
            Place::Script => escape_js_value(value),
            Place::Style => escape_css(&text),
            Place::Tag => filter_name(&text),
            Place::Attribute { kind, is_quoted } => {
                let inner = match kind {
                    AttributeKind::Plain if safe == Some(Safe::Html) => strip_tags(&text),
                    AttributeKind::Plain => text,
                    AttributeKind::Url { is_start } => {
                        filter_url(&text, is_start && safe != Some(Safe::Url))
                    }
                    AttributeKind::UrlQuery => escape_url_part(&text),
                    AttributeKind::Script => escape_js_value(value),
                    AttributeKind::Style => escape_css(&text),
                };
                if is_quoted { escape_attribute(&inner) } else { escape_unquoted(&inner) }
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
