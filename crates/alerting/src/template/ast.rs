//! The tree of a parsed template.

use super::functions::Function;
use super::number::Number;

/// Where a node stands in the source, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
    /// The place that errors name: Go names the second field of a chain.
    pub(super) at: usize,
}

impl Span {
    /// A span that errors name by its start.
    pub(super) fn new(start: usize, end: usize) -> Self {
        Self { start, end, at: start }
    }
}

/// A template: what `define` names, or a whole text.
#[derive(Debug)]
pub(super) struct Template {
    pub(super) name: String,
    /// The name of the text that it was read from, for errors.
    pub(super) source_name: String,
    /// That text, for errors.
    pub(super) source: std::sync::Arc<str>,
    pub(super) body: Vec<Node>,
}

impl Template {
    /// Whether executing it prints nothing but white space. Such a template does
    /// not replace another of its name.
    pub(super) fn is_blank(&self) -> bool {
        self.body.iter().all(|node| matches!(node, Node::Text(text) if text.trim().is_empty()))
    }
}

#[derive(Debug)]
pub(super) enum Node {
    Text(String),
    /// `{{ pipeline }}`.
    Action(Pipe),
    If(Branch),
    With(Branch),
    Range(Branch),
    /// `{{ template "name" pipeline }}`, also of `block`.
    Template {
        span: Span,
        name: String,
        data: Option<Pipe>,
    },
    Break,
    Continue,
}

/// `if`, `with` or `range` with what follows `else`.
#[derive(Debug)]
pub(super) struct Branch {
    pub(super) span: Span,
    pub(super) pipe: Pipe,
    pub(super) body: Vec<Node>,
    pub(super) otherwise: Vec<Node>,
}

/// Commands, each of which gets the result of the one before as its last argument.
#[derive(Debug)]
pub(super) struct Pipe {
    pub(super) span: Span,
    /// The variables that get the result, with their `$`.
    pub(super) variables: Vec<String>,
    /// Whether they exist already (`=`) instead of being declared (`:=`).
    pub(super) is_assignment: bool,
    pub(super) commands: Vec<Command>,
}

/// A function, field or value with arguments; never empty.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) span: Span,
    pub(super) words: Vec<Expr>,
}

#[derive(Debug)]
pub(super) struct Expr {
    pub(super) span: Span,
    pub(super) kind: ExprKind,
}

#[derive(Debug)]
pub(super) enum ExprKind {
    Dot,
    Nil,
    Bool(bool),
    Number(Number),
    String(String),
    /// `.a.b`.
    Field(Vec<String>),
    /// `$x.a.b`; the name with its `$`.
    Variable(String, Vec<String>),
    /// `(pipeline).a.b`, `function.a`.
    Chain(Box<Expr>, Vec<String>),
    Function(&'static Function),
    /// `(pipeline)`.
    Pipe(Box<Pipe>),
}
