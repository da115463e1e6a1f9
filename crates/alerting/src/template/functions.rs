//! What a template may call, by dialect.
//!
//! A function is an entry in a static table: its name, what it takes, and its
//! body. Names are looked up once, when a template is parsed.

mod alertmanager;
mod common;
mod go;
mod humanize;
mod prometheus;

use super::time::GoTime;
use super::value::Value;

/// Runs an expression for the function `query`: one element a series.
pub type QueryTemplate<'a> = &'a dyn Fn(&str) -> Result<Vec<QueriedSample>, String>;

/// A series that the function `query` found.
#[derive(Clone, Debug, PartialEq)]
pub struct QueriedSample {
    /// Its labels.
    pub labels: Vec<(String, String)>,
    /// Its value.
    pub value: f64,
}

/// The set of functions that a template may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Only what Go brings.
    Go,
    /// In rules.
    Prometheus,
    /// In notifications.
    Alertmanager,
}

/// What functions may ask of the world.
#[derive(Clone, Copy, Default)]
pub struct Context<'a> {
    /// The time, in nanoseconds since the Unix epoch.
    pub now_ns: i128,
    /// Where users reach this server.
    pub external_url: &'a str,
    /// The path of that address.
    pub path_prefix: &'a str,
    /// Runs queries; without it `query` is an error.
    pub query: Option<QueryTemplate<'a>>,
}

/// What an argument must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Param {
    Any,
    String,
    List,
    Time,
}

impl Param {
    /// The type as Go names it.
    pub(super) const fn type_name(self) -> &'static str {
        match self {
            Self::Any => "interface {}",
            Self::String => "string",
            Self::List => "[]string",
            Self::Time => "time.Time",
        }
    }

    /// Whether a value may be handed over as it is.
    pub(super) fn accepts(self, value: &Value) -> bool {
        match self {
            Self::Any => true,
            Self::String => value.as_str().is_some(),
            Self::List => matches!(value, Value::List(_) | Value::Nil),
            Self::Time => matches!(value, Value::Time(_)),
        }
    }
}

/// How a function is called.
#[derive(Clone, Copy)]
pub(super) enum Body {
    /// With all arguments evaluated and checked.
    Plain(fn(&Context<'_>, &[Value]) -> Result<Value, String>),
    /// The first false argument or the last; the rest is not evaluated.
    And,
    /// The first true argument or the last; the rest is not evaluated.
    Or,
    /// Executes the template that the first argument names on the second.
    Template,
}

/// A function that templates may call.
pub(super) struct Function {
    pub(super) name: &'static str,
    pub(super) params: &'static [Param],
    /// What any number of further arguments must be.
    pub(super) variadic: Option<Param>,
    pub(super) body: Body,
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl Function {
    const fn new(
        name: &'static str,
        params: &'static [Param],
        body: fn(&Context<'_>, &[Value]) -> Result<Value, String>,
    ) -> Self {
        Self { name, params, variadic: None, body: Body::Plain(body) }
    }

    const fn variadic(
        name: &'static str,
        params: &'static [Param],
        variadic: Param,
        body: fn(&Context<'_>, &[Value]) -> Result<Value, String>,
    ) -> Self {
        Self { name, params, variadic: Some(variadic), body: Body::Plain(body) }
    }

    /// What argument `index` must be; the caller has checked their number.
    pub(super) fn param(&self, index: usize) -> Param {
        self.params.get(index).copied().or(self.variadic).unwrap_or(Param::Any)
    }
}

impl Dialect {
    /// The function `name`.
    pub(super) fn function(self, name: &str) -> Option<&'static Function> {
        let tables: &[&'static [Function]] = match self {
            Self::Go => &[go::FUNCTIONS],
            Self::Prometheus => &[prometheus::FUNCTIONS, common::FUNCTIONS, go::FUNCTIONS],
            Self::Alertmanager => &[alertmanager::FUNCTIONS, common::FUNCTIONS, go::FUNCTIONS],
        };
        tables.iter().flat_map(|table| table.iter()).find(|function| function.name == name)
    }
}

/// The text of argument `index`, which the table declares as a text.
fn text(args: &[Value], index: usize) -> &str {
    args.get(index).and_then(Value::as_str).unwrap_or_default()
}

/// The time of argument `index`, which the table declares as one.
fn time(args: &[Value], index: usize) -> Option<&GoTime> {
    match args.get(index) {
        Some(Value::Time(time)) => Some(time),
        _ => None,
    }
}
