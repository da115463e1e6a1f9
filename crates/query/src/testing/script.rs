//! Test scripts: series to load, expressions to evaluate, results to expect.
//!
//! ```text
//! # Everything behind a # at the start of a line is a comment.
//! load 5m
//!   requests{path="/"} 0+10x10
//!   requests{path="/b"} 0+20x10
//!
//! eval instant at 50m sum(rate(requests[10m]))
//!   {} 0.05
//!
//! eval range from 0 to 10m step 5m requests{path="/"}
//!   requests{path="/"} 0 10 20
//!
//! eval_fail instant at 50m rate(requests)
//!   message expected type range vector
//!
//! table at 50m
//!   count(requests)           => {} 2
//!   requests > 150            => requests{path="/b"} 200
//!   requests > 1e9            => empty
//!   1 + 1                     => 2
//!   rate(requests)            => fail expected type range vector
//!   quantile(2, requests)     => warn {} +Inf
//!   sort_desc(requests)       => ordered requests{path="/b"} 200; requests{path="/"} 100
//!
//! clear
//! ```
//!
//! - `load INTERVAL` adds series, their values from 0 on, `INTERVAL` apart.
//! - `eval instant at TIME EXPR` is followed by the expected elements, in any order,
//!   one a line; `eval range from TIME to TIME step DURATION EXPR` likewise, with a
//!   value for each step (`_` for none). A scalar is written as a number, a text in
//!   quotes, `empty` or nothing is no element.
//! - `eval_ordered` wants that order, `eval_fail` an error, `eval_warn` and
//!   `eval_info` a warning or info. `message TEXT` lines give a part of its text. A
//!   warning that is not asked for is a failure.
//! - `table at TIME` has one evaluation a line.
//! - Numbers may differ by one millionth; one with a `!` behind it may not differ.
//! - An instant evaluation runs again as the middle of a range query, where that
//!   makes sense, and must give the same.

mod check;
mod read;
mod run;

use std::fmt;

pub use read::{Command, Eval, EvalKind, Expected, Series, Step, Wanted};
pub use run::run;

use model::{Millis, Timestamp};

/// What came of a script.
#[derive(Debug, Default)]
pub struct Report {
    /// How many evaluations there were.
    pub evals: usize,
    /// What went wrong, by line.
    pub failures: Vec<Failure>,
}

/// One thing that went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The line of the script, from 1.
    pub line: usize,
    /// What, on one or several lines.
    pub message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

/// The points at which an expression is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Once.
    Instant(Timestamp),
    /// At each step.
    Range {
        /// The first point.
        start: Timestamp,
        /// No point lies behind it.
        end: Timestamp,
        /// The distance of the points.
        step: Millis,
    },
}

#[cfg(test)]
mod tests;
