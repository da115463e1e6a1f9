//! Types: what may stand where. The rules and texts are those of Prometheus'
//! `checkAST`, and so is the order in which faults are found.

use super::grammar::Parser;
use crate::promql::ast::{
    Aggregate, AggregateOp, Binary, Call, Cardinality, Expr, Span, ValueType, VectorSelector,
};

/// Notes every fault of type in `expr`, and completes what depends on types.
pub(super) fn check(expr: &mut Expr, parser: &mut Parser<'_>) {
    Checker { parser }.expr(expr);
}

struct Checker<'p, 'a> {
    parser: &'p mut Parser<'a>,
}

impl Checker<'_, '_> {
    fn expr(&mut self, expr: &mut Expr) -> ValueType {
        match expr {
            Expr::Number(_) | Expr::String(_) => {}
            Expr::Selector(selector) => self.selector(selector),
            Expr::Range(range) => self.selector(&range.selector),
            Expr::Subquery(subquery) => {
                let inner = self.expr(&mut subquery.expr);
                if inner != ValueType::Vector {
                    let message = format!(
                        "subquery is only allowed on instant vector, got {} instead",
                        inner.as_str()
                    );
                    self.parser.note(subquery.span, message);
                }
            }
            Expr::Call(call) => self.call(call),
            Expr::Aggregate(aggregate) => self.aggregate(aggregate),
            Expr::Binary(binary) => self.binary(binary),
            Expr::Unary(unary) => {
                let inner = self.expr(&mut unary.expr);
                if !is_operand(inner) {
                    let message = format!(
                        "unary expression only allowed on expressions of type scalar or instant vector, got {:?}",
                        inner.describe()
                    );
                    self.parser.note(unary.span, message);
                }
            }
            Expr::Paren(paren) => {
                self.expr(&mut paren.expr);
            }
        }
        expr.value_type()
    }

    fn expect(&mut self, expr: &mut Expr, wanted: ValueType, context: &str) {
        let found = self.expr(expr);
        self.expect_type(expr.span(), wanted, found, context);
    }

    fn expect_type(&mut self, span: Span, wanted: ValueType, found: ValueType, context: &str) {
        if found != wanted {
            let (wanted, found) = (wanted.describe(), found.describe());
            self.parser.note(span, format!("expected type {wanted} in {context}, got {found}"));
        }
    }

    fn aggregate(&mut self, aggregate: &mut Aggregate) {
        self.expect(&mut aggregate.expr, ValueType::Vector, "aggregation expression");
        if let (Some(param), Some(wanted)) = (&mut aggregate.param, aggregate.op.param_type()) {
            self.expect(param, wanted, "aggregation parameter");
        }
        debug_assert!(
            aggregate.param.is_some() == aggregate.op.param_type().is_some(),
            "the grammar counts arguments: {:?} of {:?}",
            aggregate.op,
            AggregateOp::ALL
        );
    }

    fn binary(&mut self, binary: &mut Binary) {
        let lhs = self.expr(&mut binary.lhs);
        let rhs = self.expr(&mut binary.rhs);
        let op = binary.op;
        let both_scalar = lhs == ValueType::Scalar && rhs == ValueType::Scalar;
        if binary.is_bool && !op.is_comparison() {
            let span = self.operator_span(binary);
            self.parser.note(span, "bool modifier can only be used on comparison operators");
        }
        if op.is_comparison() && !binary.is_bool && both_scalar {
            let span = self.operator_span(binary);
            self.parser.note(span, "comparisons between scalars must use BOOL modifier");
        }
        self.included_labels(binary);
        for (side, found) in [(&binary.lhs, lhs), (&binary.rhs, rhs)] {
            if !is_operand(found) {
                let message = "binary expression must contain only scalar and instant vector types";
                self.parser.note(side.span(), message);
            }
        }
        self.matching(binary, lhs == ValueType::Vector && rhs == ValueType::Vector);
        if op.is_set() && (lhs == ValueType::Scalar || rhs == ValueType::Scalar) {
            let message =
                format!("set operator {:?} not allowed in binary scalar expression", op.as_str());
            self.parser.note(binary.span, message);
        }
    }

    fn included_labels(&mut self, binary: &Binary) {
        let Some(matching) = binary.matching.as_ref().filter(|matching| matching.is_on) else {
            return;
        };
        for label in matching.labels.iter().filter(|label| matching.include.contains(label)) {
            let message = format!("label {label:?} must not occur in ON and GROUP clause at once");
            let span = self.operator_span(binary);
            self.parser.note(span, message);
        }
    }

    fn matching(&mut self, binary: &mut Binary, between_vectors: bool) {
        let Some(matching) = &mut binary.matching else { return };
        let fills = matching.fill_left.is_some() || matching.fill_right.is_some();
        if !between_vectors {
            if !matching.labels.is_empty() {
                let message = "vector matching only allowed between instant vectors";
                self.parser.note(binary.span, message);
            }
            if fills {
                let message = "filling in missing series only allowed between instant vectors";
                self.parser.note(binary.span, message);
            }
            binary.matching = None;
        } else if binary.op.is_set() {
            if matching.cardinality == Cardinality::OneToOne {
                matching.cardinality = Cardinality::ManyToMany;
            } else {
                let message = format!("no grouping allowed for {:?} operation", binary.op.as_str());
                self.parser.note(binary.span, message);
            }
            if fills {
                let message = "filling in missing series not allowed for set operators";
                self.parser.note(binary.span, message);
            }
        }
    }

    /// What stands between the two sides, without blanks.
    fn operator_span(&self, binary: &Binary) -> Span {
        let (start, end) = (binary.lhs.span().end, binary.rhs.span().start);
        let Some(between) = self.parser.text().get(start..end) else { return binary.span };
        let blank = between.len() - between.trim_start().len();
        Span { start: start + blank, end: start + between.trim_end().len() }
    }

    fn call(&mut self, call: &mut Call) {
        let function = call.function;
        let (name, count) = (function.name, call.args.len());
        let (min, max) = (function.args_min(), function.args_max());
        let wanted = match max {
            Some(max) if max == min && count != min => Some(format!("expected {min}")),
            _ if count < min => Some(format!("expected at least {min}")),
            Some(max) if count > max => Some(format!("expected at most {max}")),
            _ => None,
        };
        if let Some(wanted) = wanted {
            let message = format!("{wanted} argument(s) in call to {name:?}, got {count}");
            self.parser.note(call.span, message);
        }
        let context = format!("call to function {name:?}");
        let args_max = if function.optional == 0 { function.args.len() } else { usize::MAX };
        for (index, arg) in call.args.iter_mut().enumerate().take(args_max) {
            let found = if name == "info" && index == 1 {
                self.info_selector(arg);
                arg.value_type()
            } else {
                self.expr(arg)
            };
            self.expect_type(arg.span(), function.arg_type(index), found, &context);
        }
    }

    /// The second argument of `info`: conditions on labels, perhaps none at all.
    fn info_selector(&mut self, arg: &Expr) {
        match arg {
            Expr::Selector(selector) if selector.name.is_none() => {}
            Expr::Selector(_) => {
                let message = "expected label selectors only, got vector selector instead";
                self.parser.note(arg.span(), message);
            }
            _ => self.parser.note(arg.span(), "expected label selectors only"),
        }
    }

    fn selector(&mut self, selector: &VectorSelector) {
        let Some(name) = &selector.name else {
            if selector.matchers.iter().all(model::Matcher::matches_missing) {
                let message = "vector selector must contain at least one non-empty matcher";
                self.parser.note(selector.span, message);
            }
            return;
        };
        let inside = selector.matchers.split_last().map_or(&[][..], |(_, inside)| inside);
        for matcher in inside.iter().filter(|matcher| matcher.name() == model::METRIC_NAME) {
            let value = matcher.value();
            let message = format!("metric name must not be set twice: {name:?} or {value:?}");
            self.parser.note(selector.span, message);
        }
    }
}

fn is_operand(found: ValueType) -> bool {
    matches!(found, ValueType::Scalar | ValueType::Vector)
}
