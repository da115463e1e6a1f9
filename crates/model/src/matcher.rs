//! Label matchers: `=`, `!=`, `=~`, `!~`.
//!
//! A regular expression is anchored at both ends, and `.` matches a line break
//! too, as in Prometheus. A missing label counts as an empty value.

mod regex_cache;

use std::fmt;

use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::LabelsRef;
use crate::labels::{is_legacy_label_name, write_quoted};

/// The memory that one compiled expression may take, in bytes; past it a matcher is refused.
const REGEX_SIZE_BYTES_MAX: usize = 4 << 20;

/// How a matcher compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MatchOp {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`
    Regex,
    /// `!~`
    NotRegex,
}

impl MatchOp {
    /// The operator as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Regex => "=~",
            Self::NotRegex => "!~",
        }
    }

    /// Whether the operator wants the value *not* to match.
    pub const fn is_negative(self) -> bool {
        matches!(self, Self::NotEqual | Self::NotRegex)
    }
}

/// A condition on one label.
#[derive(Clone)]
pub struct Matcher {
    name: String,
    op: MatchOp,
    value: String,
    regex: Option<Regex>,
}

/// A matcher's regular expression does not compile or is too large.
#[derive(Debug, Clone, thiserror::Error)]
#[error("invalid regular expression {pattern:?} for label {label:?}: {reason}")]
pub struct MatcherError {
    /// The label.
    pub label: String,
    /// The expression as it was written.
    pub pattern: String,
    /// What the regex engine says, on one line.
    pub reason: String,
}

impl Matcher {
    /// A condition on label `name`; fails only for an expression that does not compile.
    pub fn new(
        op: MatchOp,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<Self, MatcherError> {
        let (name, value) = (name.into(), value.into());
        let regex = match op {
            MatchOp::Equal | MatchOp::NotEqual => None,
            MatchOp::Regex | MatchOp::NotRegex => {
                Some(anchored_regex(&value).map_err(|reason| MatcherError {
                    label: name.clone(),
                    pattern: value.clone(),
                    reason,
                })?)
            }
        };
        Ok(Self { name, op, value, regex })
    }

    /// `name="value"`, which cannot fail.
    pub fn equal(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), op: MatchOp::Equal, value: value.into(), regex: None }
    }

    /// The label.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it compares.
    pub fn op(&self) -> MatchOp {
        self.op
    }

    /// The text or expression that it compares with, as it was written.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Whether a label with this value (empty for a missing one) passes.
    pub fn matches(&self, value: &str) -> bool {
        match (&self.regex, self.op) {
            (Some(regex), op) => regex.is_match(value) != op.is_negative(),
            (None, op) => (self.value == value) != op.is_negative(),
        }
    }

    /// Whether a series without the label passes.
    pub fn matches_missing(&self) -> bool {
        self.matches("")
    }

    /// Whether the label of this set passes.
    pub fn matches_labels(&self, labels: &LabelsRef) -> bool {
        self.matches(labels.get(&self.name).unwrap_or(""))
    }
}

/// Compiles `pattern` the way that Prometheus reads it: anchored, `.` matches everything.
///
/// Returns the reason on one line where it does not compile.
pub fn anchored_regex(pattern: &str) -> Result<Regex, String> {
    regex_cache::get_or_compile(pattern, REGEX_SIZE_BYTES_MAX, |size_bytes_max| {
        // Read alone first: `a)(b` would otherwise be made valid by the group around it.
        regex_syntax::parse(pattern).map_err(|error| last_line(&error.to_string()))?;
        regex::RegexBuilder::new(&format!("^(?s:{pattern})$"))
            .size_limit(size_bytes_max)
            .build()
            .map_err(|error| match error {
                regex::Error::CompiledTooBig(limit) => {
                    format!("it needs more than {limit} bytes of memory; make it simpler")
                }
                other => last_line(&other.to_string()),
            })
    })
}

fn last_line(text: &str) -> String {
    text.lines().last().unwrap_or(text).trim_start_matches("error: ").to_owned()
}

impl PartialEq for Matcher {
    fn eq(&self, other: &Self) -> bool {
        self.op == other.op && self.name == other.name && self.value == other.value
    }
}

impl Eq for Matcher {}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_legacy_label_name(&self.name) {
            f.write_str(&self.name)?;
        } else {
            write_quoted(f, &self.name)?;
        }
        f.write_str(self.op.as_str())?;
        write_quoted(f, &self.value)
    }
}

impl fmt::Debug for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matcher(op: MatchOp, value: &str) -> Matcher {
        Matcher::new(op, "a", value).unwrap()
    }

    #[test]
    fn expressions_are_anchored_and_dots_match_line_breaks() {
        assert!(matcher(MatchOp::Regex, "fo+").matches("foo"));
        assert!(!matcher(MatchOp::Regex, "fo+").matches("xfoo"));
        assert!(matcher(MatchOp::Regex, "a|b").matches("b"));
        assert!(!matcher(MatchOp::Regex, "a|b").matches("ab"));
        assert!(matcher(MatchOp::Regex, "a.b").matches("a\nb"));
        assert!(matcher(MatchOp::NotRegex, "fo+").matches("xfoo"));
    }

    #[test]
    fn missing_is_empty() {
        assert!(matcher(MatchOp::Equal, "").matches_missing());
        assert!(matcher(MatchOp::NotEqual, "x").matches_missing());
        assert!(matcher(MatchOp::Regex, ".*").matches_missing());
        assert!(!matcher(MatchOp::Regex, ".+").matches_missing());
    }

    #[test]
    fn bad_expressions_are_refused_with_the_reason() {
        let error = Matcher::new(MatchOp::Regex, "a", "a)(b").unwrap_err();
        assert!(error.to_string().contains("a)(b"), "{error}");
        assert!(!error.to_string().contains('\n'), "{error}");
        assert!(Matcher::new(MatchOp::Regex, "a", "(\\w{1000}){1000}").is_err());
    }
}
