//! Where in an HTML document the output has got to.

use super::script::{Script, ScriptTracker};

/// The place of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Between tags.
    Text,
    /// In `<title>` or `<textarea>`.
    RawText,
    /// In a comment.
    Comment,
    /// In `<script>`, as code.
    Script,
    /// In `<script>`, in a string.
    ScriptText,
    /// In `<style>`.
    Style,
    /// In a tag, where a name is expected.
    Tag,
    /// In an attribute's value.
    Attribute {
        /// What the attribute holds.
        kind: AttributeKind,
        /// Whether quotes stand around the value.
        is_quoted: bool,
    },
}

/// What an attribute holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AttributeKind {
    /// Text.
    Plain,
    /// An address before its query.
    Url {
        /// Whether nothing of the address stands yet.
        is_start: bool,
    },
    /// The query or fragment of an address.
    UrlQuery,
    /// JavaScript.
    Script,
    /// JavaScript, in a string.
    ScriptText,
    /// JavaScript, in a comment.
    ScriptComment,
    /// CSS.
    Style,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    TagName,
    /// In a tag, before an attribute's name.
    Tag,
    AttributeName,
    /// Behind a name or `=`, before a value.
    BeforeValue,
    Value(Quote),
    Comment,
    /// In an element whose content is no HTML, up to its end tag.
    Raw(Raw),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quote {
    Single,
    Double,
    Absent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Raw {
    Script,
    Style,
    Textarea,
    Title,
}

impl Raw {
    const fn end_tag(self) -> &'static str {
        match self {
            Self::Script => "</script",
            Self::Style => "</style",
            Self::Textarea => "</textarea",
            Self::Title => "</title",
        }
    }
}

/// Follows the output through tags and attributes.
#[derive(Debug, Default)]
pub(super) struct Tracker {
    state: State,
    /// The name of the tag that is open.
    tag: String,
    /// The name of the attribute.
    attribute: String,
    /// The start of the attribute's value, enough to know where in an address it is.
    value_seen: bool,
    query_seen: bool,
    script: ScriptTracker,
}

impl Tracker {
    /// Follows text of the template and writes it, without comments.
    pub(super) fn follow(&mut self, text: &str, out: &mut String) {
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let taken = self.step(rest, c, out);
            rest = &rest[taken..];
        }
    }

    /// Handles what stands at the start of `rest`; the bytes that it took.
    fn step(&mut self, rest: &str, c: char, out: &mut String) -> usize {
        match self.state {
            State::Comment => {
                if rest.starts_with("-->") {
                    self.state = State::Text;
                    return 3;
                }
                return c.len_utf8();
            }
            State::Text if rest.starts_with("<!--") => {
                self.state = State::Comment;
                return 4;
            }
            State::Text if c == '<' => {
                if !starts_tag(rest) {
                    // It means nothing but itself, so it is written as text.
                    let is_doctype =
                        rest.get(..9).is_some_and(|t| t.eq_ignore_ascii_case("<!doctype"));
                    out.push_str(if is_doctype { "<" } else { "&lt;" });
                    return 1;
                }
                self.state = State::TagName;
                self.tag.clear();
            }
            State::Text => {}
            State::Raw(raw) => {
                let end = raw.end_tag();
                if rest.get(..end.len()).is_some_and(|t| t.eq_ignore_ascii_case(end)) {
                    self.state = State::TagName;
                    self.tag.clear();
                } else if raw == Raw::Script {
                    return self.in_script(rest, c, false, out);
                }
            }
            State::TagName | State::Tag | State::AttributeName | State::BeforeValue => {
                self.in_tag(c);
            }
            State::Value(quote) => {
                self.in_value(c, quote);
                if self.state == State::Value(quote) && self.is_script_attribute() {
                    return self.in_script(rest, c, true, out);
                }
            }
        }
        out.push(c);
        c.len_utf8()
    }

    /// Go leaves comments out of scripts, but not out of attributes.
    fn in_script(&mut self, rest: &str, c: char, keeps_comments: bool, out: &mut String) -> usize {
        let (taken, is_code) = self.script.step(rest, c);
        if is_code || keeps_comments {
            out.push_str(&rest[..taken]);
        }
        taken
    }

    fn in_tag(&mut self, c: char) {
        self.state = match (self.state, c) {
            (State::BeforeValue, '"') => self.start_value(Quote::Double),
            (State::BeforeValue, '\'') => self.start_value(Quote::Single),
            (State::BeforeValue, _) if c.is_ascii_whitespace() => State::BeforeValue,
            (_, '>') => self.close_tag(),
            (State::BeforeValue, _) => {
                self.start_value(Quote::Absent);
                self.value_seen = true;
                State::Value(Quote::Absent)
            }
            (State::TagName, _) if c.is_ascii_whitespace() => State::Tag,
            (State::TagName, '/') if self.tag.is_empty() => {
                self.tag.push('/');
                State::TagName
            }
            (State::TagName, '/') => State::Tag,
            (State::TagName, _) => {
                self.tag.push(c.to_ascii_lowercase());
                State::TagName
            }
            (State::AttributeName, '=') => State::BeforeValue,
            (State::AttributeName, _) if c.is_ascii_whitespace() => State::Tag,
            // Space may stand between a name and its `=`.
            (State::Tag, '=') => State::BeforeValue,
            (State::Tag, _) if c.is_ascii_whitespace() || c == '/' => State::Tag,
            (State::Tag, _) => {
                self.attribute.clear();
                self.attribute.push(c.to_ascii_lowercase());
                State::AttributeName
            }
            (state, _) => {
                self.attribute.push(c.to_ascii_lowercase());
                state
            }
        };
    }

    fn start_value(&mut self, quote: Quote) -> State {
        self.value_seen = false;
        self.query_seen = false;
        self.script = ScriptTracker::default();
        State::Value(quote)
    }

    fn in_value(&mut self, c: char, quote: Quote) {
        let is_end = match quote {
            Quote::Double => c == '"',
            Quote::Single => c == '\'',
            Quote::Absent => c.is_ascii_whitespace(),
        };
        if is_end {
            self.state = State::Tag;
        } else if quote == Quote::Absent && c == '>' {
            self.state = self.close_tag();
        } else {
            self.value_seen = true;
            self.query_seen |= matches!(c, '?' | '#');
        }
    }

    fn close_tag(&mut self) -> State {
        self.script = ScriptTracker::default();
        match self.tag.as_str() {
            "script" => State::Raw(Raw::Script),
            "style" => State::Raw(Raw::Style),
            "textarea" => State::Raw(Raw::Textarea),
            "title" => State::Raw(Raw::Title),
            _ => State::Text,
        }
    }

    /// The place of a value that is written now.
    pub(super) fn enter_value(&mut self) -> Place {
        match self.state {
            State::Text => Place::Text,
            State::Comment => Place::Comment,
            State::Raw(Raw::Script) => match self.script.place {
                Script::Code => Place::Script,
                Script::Text(_) => Place::ScriptText,
                Script::LineComment | Script::BlockComment => Place::Comment,
            },
            State::Raw(Raw::Style) => Place::Style,
            State::Raw(Raw::Textarea | Raw::Title) => Place::RawText,
            State::TagName | State::Tag | State::AttributeName => Place::Tag,
            State::BeforeValue => {
                self.state = self.start_value(Quote::Absent);
                Place::Attribute { kind: self.attribute_kind(), is_quoted: false }
            }
            State::Value(quote) => {
                Place::Attribute { kind: self.attribute_kind(), is_quoted: quote != Quote::Absent }
            }
        }
    }

    /// Notes what a value added to the place.
    pub(super) fn leave_value(&mut self, text: &str) {
        if let State::Value(_) = self.state {
            self.value_seen |= !text.is_empty();
            self.query_seen |= text.contains(['?', '#']);
        }
    }

    /// The name of the attribute, by which its kind is known.
    fn attribute_name(&self) -> &str {
        self.attribute.strip_prefix("data-").unwrap_or(&self.attribute)
    }

    fn is_script_attribute(&self) -> bool {
        self.attribute_name().starts_with("on")
    }

    fn attribute_kind(&self) -> AttributeKind {
        let name = self.attribute_name();
        let is_url = matches!(
            name,
            "action"
                | "archive"
                | "background"
                | "cite"
                | "classid"
                | "codebase"
                | "data"
                | "formaction"
                | "href"
                | "icon"
                | "longdesc"
                | "manifest"
                | "poster"
                | "profile"
                | "src"
                | "usemap"
                | "xmlns"
        ) || name.contains("src")
            || name.contains("uri")
            || name.contains("url");
        match name {
            "style" => AttributeKind::Style,
            _ if name.starts_with("on") => match self.script.place {
                Script::Code => AttributeKind::Script,
                Script::Text(_) => AttributeKind::ScriptText,
                Script::LineComment | Script::BlockComment => AttributeKind::ScriptComment,
            },
            _ if is_url && self.query_seen => AttributeKind::UrlQuery,
            _ if is_url => AttributeKind::Url { is_start: !self.value_seen },
            _ => AttributeKind::Plain,
        }
    }
}

/// Whether a tag begins at the start of `rest`.
fn starts_tag(rest: &str) -> bool {
    let name = rest.strip_prefix("</").or_else(|| rest.strip_prefix('<'));
    name.is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()))
}
