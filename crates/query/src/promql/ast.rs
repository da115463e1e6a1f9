//! The syntax tree of PromQL.
//!
//! Every node knows where it stands in the text. The parser has checked types,
//! so an evaluator may rely on them: a [`Call`] has the arguments that its
//! function asks for, an [`Aggregate`] an instant vector, and so on. It has also
//! seen to it that no tree is deeper than [`DEPTH_MAX`](super::parse::DEPTH_MAX),
//! so a walk may recurse.

mod duration;

use model::{Matcher, Millis, Timestamp};

use super::functions::signatures::Function;

/// A place in the query's text, in bytes; `end` is the first byte behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The first byte behind.
    pub end: usize,
}

impl Span {
    /// From the start of `self` to the end of `last`.
    pub const fn to(self, last: Self) -> Self {
        Self { start: self.start, end: last.end }
    }

    /// Line and column of the start in `text`, both from 1; columns count bytes,
    /// as Prometheus' messages do.
    pub fn line_column(self, text: &str) -> (usize, usize) {
        let before = &text.as_bytes()[..self.start.min(text.len())];
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        (line, before.len() - line_start + 1)
    }
}

/// The type of what an expression evaluates to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// A number.
    Scalar,
    /// A text.
    String,
    /// One sample a series.
    Vector,
    /// Several samples a series.
    Matrix,
}

impl ValueType {
    /// As messages name it: `instant vector`.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::String => "string",
            Self::Vector => "instant vector",
            Self::Matrix => "range vector",
        }
    }

    /// As the API names it: `vector`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::String => "string",
            Self::Vector => "vector",
            Self::Matrix => "matrix",
        }
    }
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// `1.5`, `0x1f`, `Inf`, `5m`
    Number(NumberLiteral),
    /// `"text"`
    String(StringLiteral),
    /// `up{job="a"} offset 5m`
    Selector(VectorSelector),
    /// `up[5m]`
    Range(RangeSelector),
    /// `rate(up[5m])[1h:1m]`
    Subquery(Subquery),
    /// `rate(...)`
    Call(Call),
    /// `sum by (job) (...)`
    Aggregate(Aggregate),
    /// `a + b`
    Binary(Box<Binary>),
    /// `-a`
    Unary(Unary),
    /// `(a)`
    Paren(Paren),
}

/// A number.
#[derive(Clone, Debug, PartialEq)]
pub struct NumberLiteral {
    /// Its value; a duration counts in seconds.
    pub value: f64,
    /// Whether it was written as a duration.
    pub is_duration: bool,
    /// Where.
    pub span: Span,
}

/// A text.
#[derive(Clone, Debug, PartialEq)]
pub struct StringLiteral {
    /// Its value, unquoted.
    pub value: String,
    /// Where.
    pub span: Span,
}

/// What `@` fixes the evaluation time to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtModifier {
    /// A point in time.
    Timestamp(Timestamp),
    /// The start of the query's range.
    Start,
    /// The end of the query's range.
    End,
}

/// A duration that the query computes: `5m * 2`, `step()`. Only behind the flag
/// for experimental features. Everything counts in seconds.
#[derive(Clone, Debug, PartialEq)]
pub enum DurationExpr {
    /// A duration or a number of seconds.
    Literal(NumberLiteral),
    /// The query's step.
    Step,
    /// The length of the query's range.
    Range,
    /// `min_of(a, b)`
    MinOf(Box<Self>, Box<Self>),
    /// `max_of(a, b)`
    MaxOf(Box<Self>, Box<Self>),
    /// `-a`
    Negate(Box<Self>),
    /// `a + b` and the like; the operator is arithmetic.
    Arithmetic(BinaryOp, Box<Self>, Box<Self>),
    /// `(a)`
    Paren(Box<Self>),
}

/// How samples at the borders of a range count; experimental.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RangeMode {
    /// Only samples inside.
    #[default]
    Plain,
    /// The border takes the value of the sample before: `anchored`.
    Anchored,
    /// The border is interpolated: `smoothed`.
    Smoothed,
}

/// An instant vector selector.
#[derive(Clone, Debug, PartialEq)]
pub struct VectorSelector {
    /// The metric's name where it stands before the braces; the last of
    /// `matchers` is then the condition on it. A name that is quoted inside of
    /// the braces is a matcher like any other.
    pub name: Option<String>,
    /// The conditions, in the order in which they were written.
    pub matchers: Vec<Matcher>,
    /// How far back to look: `offset`.
    pub offset: Millis,
    /// Where the offset is computed.
    pub offset_expr: Option<DurationExpr>,
    /// The fixed time: `@`.
    pub at: Option<AtModifier>,
    /// `anchored` or `smoothed`.
    pub mode: RangeMode,
    /// Where.
    pub span: Span,
}

/// A range vector selector.
#[derive(Clone, Debug, PartialEq)]
pub struct RangeSelector {
    /// The series, with offset and `@` of the whole.
    pub selector: VectorSelector,
    /// The length of the range.
    pub range: Millis,
    /// Where the range is computed.
    pub range_expr: Option<DurationExpr>,
    /// Where.
    pub span: Span,
}

/// A range over an expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Subquery {
    /// What is evaluated.
    pub expr: Box<Expr>,
    /// The length of the range.
    pub range: Millis,
    /// Where the range is computed.
    pub range_expr: Option<DurationExpr>,
    /// The distance of evaluations; `None` for the engine's default.
    pub step: Option<Millis>,
    /// Where the step is computed.
    pub step_expr: Option<DurationExpr>,
    /// How far back: `offset`.
    pub offset: Millis,
    /// Where the offset is computed.
    pub offset_expr: Option<DurationExpr>,
    /// The fixed time: `@`.
    pub at: Option<AtModifier>,
    /// Where.
    pub span: Span,
}

/// A function call.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The function.
    pub function: &'static Function,
    /// Its arguments, of the types that it asks for.
    pub args: Vec<Expr>,
    /// Where.
    pub span: Span,
}

/// An aggregation operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AggregateOp {
    /// `sum`
    Sum,
    /// `avg`
    Avg,
    /// `count`
    Count,
    /// `min`
    Min,
    /// `max`
    Max,
    /// `group`
    Group,
    /// `stddev`
    Stddev,
    /// `stdvar`
    Stdvar,
    /// `topk`
    Topk,
    /// `bottomk`
    Bottomk,
    /// `count_values`
    CountValues,
    /// `quantile`
    Quantile,
    /// `limitk`; experimental
    Limitk,
    /// `limit_ratio`; experimental
    LimitRatio,
}

impl AggregateOp {
    /// All operators.
    pub const ALL: [Self; 14] = [
        Self::Sum,
        Self::Avg,
        Self::Count,
        Self::Min,
        Self::Max,
        Self::Group,
        Self::Stddev,
        Self::Stdvar,
        Self::Topk,
        Self::Bottomk,
        Self::CountValues,
        Self::Quantile,
        Self::Limitk,
        Self::LimitRatio,
    ];

    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sum => "sum",
            Self::Avg => "avg",
            Self::Count => "count",
            Self::Min => "min",
            Self::Max => "max",
            Self::Group => "group",
            Self::Stddev => "stddev",
            Self::Stdvar => "stdvar",
            Self::Topk => "topk",
            Self::Bottomk => "bottomk",
            Self::CountValues => "count_values",
            Self::Quantile => "quantile",
            Self::Limitk => "limitk",
            Self::LimitRatio => "limit_ratio",
        }
    }

    /// The type of its parameter, where it has one.
    pub const fn param_type(self) -> Option<ValueType> {
        match self {
            Self::Topk | Self::Bottomk | Self::Quantile | Self::Limitk | Self::LimitRatio => {
                Some(ValueType::Scalar)
            }
            Self::CountValues => Some(ValueType::String),
            _ => None,
        }
    }

    /// Whether it is behind the flag for experimental features.
    pub const fn is_experimental(self) -> bool {
        matches!(self, Self::Limitk | Self::LimitRatio)
    }
}

/// Which labels make a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// `by (a, b)`; without a clause, `by ()`.
    By(Vec<String>),
    /// `without (a, b)`
    Without(Vec<String>),
}

/// An aggregation.
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregate {
    /// The operator.
    pub op: AggregateOp,
    /// Its parameter.
    pub param: Option<Box<Expr>>,
    /// What it aggregates: an instant vector.
    pub expr: Box<Expr>,
    /// Into which groups.
    pub grouping: Grouping,
    /// Where.
    pub span: Span,
}

/// A binary operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `%`
    Mod,
    /// `^`
    Pow,
    /// `atan2`
    Atan2,
    /// `==`
    Eql,
    /// `!=`
    Neq,
    /// `>`
    Gtr,
    /// `<`
    Lss,
    /// `>=`
    Gte,
    /// `<=`
    Lte,
    /// `and`
    And,
    /// `or`
    Or,
    /// `unless`
    Unless,
    /// `</`: a histogram without what lies above a value; experimental
    TrimUpper,
    /// `>/`: a histogram without what lies below a value; experimental
    TrimLower,
}

impl BinaryOp {
    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::Mod => "%",
            Self::Pow => "^",
            Self::Atan2 => "atan2",
            Self::Eql => "==",
            Self::Neq => "!=",
            Self::Gtr => ">",
            Self::Lss => "<",
            Self::Gte => ">=",
            Self::Lte => "<=",
            Self::And => "and",
            Self::Or => "or",
            Self::Unless => "unless",
            Self::TrimUpper => "</",
            Self::TrimLower => ">/",
        }
    }

    /// `==`, `<` and their siblings.
    pub const fn is_comparison(self) -> bool {
        matches!(self, Self::Eql | Self::Neq | Self::Gtr | Self::Lss | Self::Gte | Self::Lte)
    }

    /// `and`, `or`, `unless`.
    pub const fn is_set(self) -> bool {
        matches!(self, Self::And | Self::Or | Self::Unless)
    }

    /// How tightly it binds: a higher number binds tighter.
    pub const fn precedence(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And | Self::Unless => 2,
            Self::Eql | Self::Neq | Self::Gtr | Self::Lss | Self::Gte | Self::Lte => 3,
            Self::TrimUpper | Self::TrimLower => 3,
            Self::Add | Self::Sub => 4,
            Self::Mul | Self::Div | Self::Mod | Self::Atan2 => 5,
            Self::Pow => 6,
        }
    }

    /// Whether `a op b op c` means `a op (b op c)`.
    pub const fn is_right_associative(self) -> bool {
        matches!(self, Self::Pow)
    }
}

/// How many elements of each side match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Cardinality {
    /// One to one.
    #[default]
    OneToOne,
    /// Many on the left: `group_left`.
    ManyToOne,
    /// Many on the right: `group_right`.
    OneToMany,
    /// Any on both sides: set operators.
    ManyToMany,
}

impl Cardinality {
    /// As the API names it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OneToOne => "one-to-one",
            Self::ManyToOne => "many-to-one",
            Self::OneToMany => "one-to-many",
            Self::ManyToMany => "many-to-many",
        }
    }
}

/// How the elements of two vectors find each other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VectorMatching {
    /// How many of each side match.
    pub cardinality: Cardinality,
    /// The labels of `on` or `ignoring`.
    pub labels: Vec<String>,
    /// Whether it is `on`; otherwise `ignoring`, also where nothing is written.
    pub is_on: bool,
    /// Labels taken over from the "one" side.
    pub include: Vec<String>,
    /// What a missing element on the left counts as; experimental.
    pub fill_left: Option<f64>,
    /// What a missing element on the right counts as; experimental.
    pub fill_right: Option<f64>,
}

/// A binary expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Binary {
    /// The operator.
    pub op: BinaryOp,
    /// The left side.
    pub lhs: Expr,
    /// The right side.
    pub rhs: Expr,
    /// Whether a comparison gives 0 or 1 rather than filtering.
    pub is_bool: bool,
    /// Set where both sides are instant vectors.
    pub matching: Option<VectorMatching>,
    /// Where.
    pub span: Span,
}

/// A sign.
#[derive(Clone, Debug, PartialEq)]
pub struct Unary {
    /// Whether it is `-`; otherwise `+`.
    pub is_negative: bool,
    /// What it stands before.
    pub expr: Box<Expr>,
    /// Where.
    pub span: Span,
}

/// Parentheses; kept, so that an expression prints as it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Paren {
    /// What stands inside.
    pub expr: Box<Expr>,
    /// Where.
    pub span: Span,
}

impl Expr {
    /// What it evaluates to.
    pub fn value_type(&self) -> ValueType {
        match self {
            Self::Number(_) => ValueType::Scalar,
            Self::String(_) => ValueType::String,
            Self::Selector(_) | Self::Aggregate(_) => ValueType::Vector,
            Self::Range(_) | Self::Subquery(_) => ValueType::Matrix,
            Self::Call(call) => call.function.returns,
            Self::Binary(binary) => {
                let sides = [binary.lhs.value_type(), binary.rhs.value_type()];
                if sides == [ValueType::Scalar; 2] { ValueType::Scalar } else { ValueType::Vector }
            }
            Self::Unary(unary) => unary.expr.value_type(),
            Self::Paren(paren) => paren.expr.value_type(),
        }
    }

    /// Where it stands.
    pub fn span(&self) -> Span {
        match self {
            Self::Number(node) => node.span,
            Self::String(node) => node.span,
            Self::Selector(node) => node.span,
            Self::Range(node) => node.span,
            Self::Subquery(node) => node.span,
            Self::Call(node) => node.span,
            Self::Aggregate(node) => node.span,
            Self::Binary(node) => node.span,
            Self::Unary(node) => node.span,
            Self::Paren(node) => node.span,
        }
    }

    /// The expression without parentheses around it.
    pub fn unparenthesised(&self) -> &Self {
        match self {
            Self::Paren(paren) => paren.expr.unparenthesised(),
            other => other,
        }
    }

    /// Its direct parts, from left to right.
    pub fn children(&self) -> Vec<&Self> {
        match self {
            Self::Number(_) | Self::String(_) | Self::Selector(_) | Self::Range(_) => Vec::new(),
            Self::Subquery(node) => vec![&node.expr],
            Self::Call(node) => node.args.iter().collect(),
            Self::Aggregate(node) => {
                node.param.iter().map(AsRef::as_ref).chain([node.expr.as_ref()]).collect()
            }
            Self::Binary(node) => vec![&node.lhs, &node.rhs],
            Self::Unary(node) => vec![&node.expr],
            Self::Paren(node) => vec![&node.expr],
        }
    }
}
