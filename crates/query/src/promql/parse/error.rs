//! What is wrong with a query, and where.

use std::fmt;

use crate::promql::ast::Span;

/// One fault of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Where it is.
    pub span: Span,
    /// The line of its start, from 1; `None` where there is no text at all.
    pub position: Option<(usize, usize)>,
    /// What it is.
    pub message: String,
}

impl ParseError {
    pub(super) fn new(text: &str, span: Span, message: impl Into<String>) -> Self {
        let position = (!text.is_empty()).then(|| span.line_column(text));
        Self { span, position, message: message.into() }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            Some((line, column)) => write!(f, "{line}:{column}: ")?,
            None => f.write_str("unknown position: ")?,
        }
        write!(f, "parse error: {}", self.message)
    }
}

/// All faults that were found in a query, at least one. Shown, it is the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseErrors(Vec<ParseError>);

impl ParseErrors {
    /// `None` where nothing is wrong.
    pub(super) fn from_found(found: Vec<ParseError>) -> Option<Self> {
        (!found.is_empty()).then_some(Self(found))
    }

    /// The faults in the order in which they were found.
    pub fn all(&self) -> &[ParseError] {
        &self.0
    }
}

impl From<ParseError> for ParseErrors {
    fn from(error: ParseError) -> Self {
        Self(vec![error])
    }
}

impl fmt::Display for ParseErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.first().map_or(Ok(()), |first| first.fmt(f))
    }
}

impl std::error::Error for ParseErrors {}
