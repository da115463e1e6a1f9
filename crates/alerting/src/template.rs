//! Go's `text/template` and the part of `html/template` that notifications need.
//!
//! Rules use it for labels and annotations, notifications for their texts. A
//! [`TemplateSet`] holds parsed templates by name; executing one walks its tree
//! over a [`Value`]. The functions that a template may call depend on its
//! [`Dialect`], and are bound when it is parsed. What the language means follows
//! the documentation of Go's packages `text/template`, `html/template` and `fmt`.
//!
//! A template comes from users, so [`Limits`] bound its output, its steps and
//! its depth.

pub mod value;

mod ast;
mod compare;
mod duration;
mod error;
mod eval;
mod format;
mod functions;
mod html;
mod json;
mod lexer;
mod number;
mod parse;
mod set;
mod time;

pub(crate) use number::unquote;

pub use error::TemplateError;
pub use functions::{Context, Dialect, QueriedSample, QueryTemplate};
pub use set::{Escape, Limits, TemplateSet};
pub use value::Value;

#[cfg(test)]
mod fuzz_tests;
#[cfg(test)]
mod tests;
