//! Writing syntax trees: on one line ([`std::fmt::Display`]), formatted over
//! several ([`pretty`]), as JSON ([`tree`]).
//!
//! The texts are those of Prometheus (`promql/parser/printer.go`, `prettier.go`),
//! and read again they give the same tree.

mod pretty;
mod tree;

use std::fmt::{self, Display, Formatter, Write};

use model::labels::{is_legacy_label_name, write_quoted};
use model::{MatchOp, Millis, PromDuration};

use super::ast::{
    Aggregate, AtModifier, Binary, Call, Cardinality, DurationExpr, Expr, Grouping, NumberLiteral,
    RangeMode, RangeSelector, Subquery, VectorMatching, VectorSelector,
};

pub use pretty::pretty;
pub use tree::tree;

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(node) => node.fmt(f),
            Self::String(node) => write_quoted(f, &node.value),
            Self::Selector(node) => node.fmt(f),
            Self::Range(node) => node.fmt(f),
            Self::Subquery(node) => write!(f, "{}{}", node.expr, SubqueryTail(node)),
            Self::Call(node) => node.fmt(f),
            Self::Aggregate(node) => node.fmt(f),
            Self::Binary(node) => node.fmt(f),
            Self::Unary(node) => {
                write!(f, "{}{}", if node.is_negative { '-' } else { '+' }, node.expr)
            }
            Self::Paren(node) => write!(f, "({})", node.expr),
        }
    }
}

impl Display for NumberLiteral {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.is_duration {
            let sign = if self.value < 0.0 { "-" } else { "" };
            return write!(
                f,
                "{sign}{}",
                duration(Millis::new((self.value.abs() * 1e3).round() as i64))
            );
        }
        Number(self.value).fmt(f)
    }
}

/// A number without exponent, infinities with a sign.
struct Number(f64);

impl Display for Number {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            value if value == f64::INFINITY => f.write_str("+Inf"),
            value if value == f64::NEG_INFINITY => f.write_str("-Inf"),
            value if value.is_nan() => f.write_str("NaN"),
            value => write!(f, "{value}"),
        }
    }
}

fn duration(length: Millis) -> PromDuration {
    PromDuration::from_millis(length.get())
}

impl Display for VectorSelector {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write_metric(f, self)?;
        write_at(f, self.at)?;
        write_mode(f, self.mode)?;
        write_offset(f, self.offset, self.offset_expr.as_ref())
    }
}

/// Name and conditions, sorted; the name stands before the braces or among them.
fn write_metric(f: &mut Formatter<'_>, selector: &VectorSelector) -> fmt::Result {
    let name = selector.name.as_deref();
    f.write_str(name.unwrap_or_default())?;
    let is_name = |matcher: &&model::Matcher| {
        matcher.name() == model::METRIC_NAME
            && matcher.op() == MatchOp::Equal
            && Some(matcher.value()) == name
    };
    let mut matchers: Vec<String> = selector
        .matchers
        .iter()
        .filter(|matcher| !is_name(matcher))
        .map(ToString::to_string)
        .collect();
    matchers.sort_unstable();
    match (matchers.is_empty(), name) {
        (true, Some(_)) => Ok(()),
        _ => write!(f, "{{{}}}", matchers.join(",")),
    }
}

fn write_at(f: &mut Formatter<'_>, at: Option<AtModifier>) -> fmt::Result {
    match at {
        None => Ok(()),
        Some(AtModifier::Timestamp(at)) => write!(f, " @ {:.3}", at.as_secs_f64()),
        Some(AtModifier::Start) => f.write_str(" @ start()"),
        Some(AtModifier::End) => f.write_str(" @ end()"),
    }
}

fn write_mode(f: &mut Formatter<'_>, mode: RangeMode) -> fmt::Result {
    f.write_str(match mode {
        RangeMode::Plain => "",
        RangeMode::Anchored => " anchored",
        RangeMode::Smoothed => " smoothed",
    })
}

fn write_offset(
    f: &mut Formatter<'_>,
    offset: Millis,
    computed: Option<&DurationExpr>,
) -> fmt::Result {
    match computed {
        Some(computed) => write!(f, " offset {computed}"),
        None if offset == Millis::ZERO => Ok(()),
        None if offset < Millis::ZERO => write!(f, " offset -{}", duration(-offset)),
        None => write!(f, " offset {}", duration(offset)),
    }
}

fn write_duration(
    f: &mut Formatter<'_>,
    fixed: Millis,
    computed: Option<&DurationExpr>,
) -> fmt::Result {
    match computed {
        Some(computed) => computed.fmt(f),
        None => duration(fixed).fmt(f),
    }
}

impl Display for RangeSelector {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write_metric(f, &self.selector)?;
        f.write_char('[')?;
        write_duration(f, self.range, self.range_expr.as_ref())?;
        f.write_char(']')?;
        write_mode(f, self.selector.mode)?;
        write_at(f, self.selector.at)?;
        write_offset(f, self.selector.offset, self.selector.offset_expr.as_ref())
    }
}

/// What stands behind a subquery's expression.
struct SubqueryTail<'a>(&'a Subquery);

impl Display for SubqueryTail<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let node = self.0;
        f.write_char('[')?;
        write_duration(f, node.range, node.range_expr.as_ref())?;
        f.write_char(':')?;
        if let Some(step) = node.step {
            duration(step).fmt(f)?;
        } else if let Some(step) = &node.step_expr {
            step.fmt(f)?;
        }
        f.write_char(']')?;
        write_at(f, node.at)?;
        write_offset(f, node.offset, node.offset_expr.as_ref())
    }
}

impl Display for DurationExpr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(literal) => literal.fmt(f),
            Self::Step => f.write_str("step()"),
            Self::Range => f.write_str("range()"),
            Self::MinOf(a, b) => write!(f, "min_of({a}, {b})"),
            Self::MaxOf(a, b) => write!(f, "max_of({a}, {b})"),
            Self::Negate(a) => write!(f, "-{a}"),
            Self::Arithmetic(op, a, b) => write!(f, "{a} {} {b}", op.as_str()),
            Self::Paren(a) => write!(f, "({a})"),
        }
    }
}

impl Display for Call {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", self.function.name)?;
        for (index, arg) in self.args.iter().enumerate() {
            write!(f, "{}{arg}", if index == 0 { "" } else { ", " })?;
        }
        f.write_char(')')
    }
}

impl Display for Aggregate {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", AggregateHead(self))?;
        if let Some(param) = &self.param {
            write!(f, "{param}, ")?;
        }
        write!(f, "{})", self.expr)
    }
}

/// The operator of an aggregation with its grouping.
struct AggregateHead<'a>(&'a Aggregate);

impl Display for AggregateHead<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.op.as_str())?;
        match &self.0.grouping {
            Grouping::By(labels) if labels.is_empty() => Ok(()),
            Grouping::By(labels) => write!(f, " by ({}) ", Labels(labels)),
            Grouping::Without(labels) => write!(f, " without ({}) ", Labels(labels)),
        }
    }
}

/// Label names, quoted where they need it.
struct Labels<'a>(&'a [String]);

impl Display for Labels<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (index, label) in self.0.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { ", " })?;
            if is_legacy_label_name(label) {
                f.write_str(label)?;
            } else {
                write_quoted(f, label)?;
            }
        }
        Ok(())
    }
}

impl Display for Binary {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.lhs, BinaryHead(self), self.rhs)
    }
}

/// A binary operator with its modifiers.
struct BinaryHead<'a>(&'a Binary);

impl Display for BinaryHead<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.op.as_str())?;
        if self.0.is_bool {
            f.write_str(" bool")?;
        }
        self.0.matching.as_ref().map_or(Ok(()), |matching| write_matching(f, matching))
    }
}

fn write_matching(f: &mut Formatter<'_>, matching: &VectorMatching) -> fmt::Result {
    let group = match matching.cardinality {
        Cardinality::ManyToOne => Some("group_left"),
        Cardinality::OneToMany => Some("group_right"),
        Cardinality::OneToOne | Cardinality::ManyToMany => None,
    };
    if !matching.labels.is_empty() || matching.is_on || group.is_some() {
        let word = if matching.is_on { "on" } else { "ignoring" };
        write!(f, " {word} ({})", Labels(&matching.labels))?;
    }
    if let Some(group) = group {
        write!(f, " {group} ({})", Labels(&matching.include))?;
    }
    match (matching.fill_left, matching.fill_right) {
        (Some(left), Some(right)) if left == right => write!(f, " fill ({})", Number(left)),
        (left, right) => {
            for (side, value) in [("left", left), ("right", right)] {
                if let Some(value) = value {
                    write!(f, " fill_{side} ({})", Number(value))?;
                }
            }
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests;
