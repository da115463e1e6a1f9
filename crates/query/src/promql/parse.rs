//! Reading PromQL: text to a checked syntax tree.
//!
//! [`lexer`] cuts the text into tokens, [`grammar`] and its neighbours build the
//! tree (recursive descent, operators by precedence), [`check`] proves its types.
//! The language is that of Prometheus 3 (`promql/parser/generated_parser.y`), and
//! so are positions and texts of errors, for people search for them.
//!
//! Bounds: a query of [`LENGTH_BYTES_MAX`] bytes and a tree of [`DEPTH_MAX`]
//! levels, so that no query can exhaust the stack of whoever walks its tree.

mod check;
mod duration;
mod error;
mod grammar;
mod lexer;
mod modifiers;
mod number;
mod selector;
mod text;
mod token;

pub use error::{ParseError, ParseErrors};
pub use text::unquote;

use model::Matcher;

use super::ast::Expr;
use grammar::Parser;

/// The longest query, in bytes.
pub const LENGTH_BYTES_MAX: usize = 1 << 20;

/// How many parentheses, calls and right sides of operators may stand in one another.
pub const NESTING_MAX: usize = 100;

/// The deepest tree; `a + b + c + …` nests to the left without bound in the text.
pub const DEPTH_MAX: usize = 250;

/// Which parts of the language are allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ParseOptions {
    /// Functions, operators and modifiers that Prometheus calls experimental.
    pub experimental: bool,
}

/// Reads a query and checks its types.
///
/// # Errors
/// All errors that were found, the first of them with the text and position that
/// Prometheus gives. After an error of grammar nothing else is looked for.
pub fn parse(text: &str, options: ParseOptions) -> Result<Expr, ParseErrors> {
    Parser::new(text, options)?.finish(|parser| {
        let mut expr = parser.query()?;
        if !parser.has_errors() {
            check::check(&mut expr, parser);
        }
        Ok(expr)
    })
}

/// Reads a series selector, as `match[]` parameters of the HTTP API hold it:
/// `up{job="a"}`.
///
/// # Errors
/// Where it is none. Unlike in a query, a selector may match everything.
pub fn parse_selector(text: &str) -> Result<Vec<Matcher>, ParseErrors> {
    Parser::new(text, ParseOptions::default())?.finish(|parser| {
        let selector = parser.vector_selector()?;
        parser.expect_end()?;
        Ok(selector.matchers)
    })
}

#[cfg(test)]
mod tests;
