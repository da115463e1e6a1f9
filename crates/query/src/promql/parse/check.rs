//! What the grammar allows and the types do not.

use super::expr::{Modifiers, is_operand};
use super::{ParseErrors, Parser};
use crate::promql::ast::{
    Aggregate, BinaryOp, Call, Cardinality, Expr, Span, ValueType, VectorMatching,
};

impl Parser<'_> {
    /// Checks both sides of an operator; gives how they match where both are vectors.
    pub(super) fn check_binary(
        &self,
        op: BinaryOp,
        op_span: Span,
        lhs: &Expr,
        rhs: &Expr,
        modifiers: Modifiers,
    ) -> Result<Option<VectorMatching>, ParseErrors> {
        let (left, right) = (lhs.value_type(), rhs.value_type());
        for (side, value_type) in [(lhs, left), (rhs, right)] {
            if !is_operand(value_type) {
                return Err(self.error_at(
                    side.span(),
                    "binary expression must contain only scalar and instant vector types",
                ));
            }
        }
        if matches!(op, BinaryOp::TrimUpper | BinaryOp::TrimLower) && !self.options.experimental {
            let message = format!("operator {} is experimental and not enabled", op.as_str());
            return Err(self.error_at(op_span, message));
        }
        let both_scalar = left == ValueType::Scalar && right == ValueType::Scalar;
        if both_scalar && op.is_comparison() && !modifiers.is_bool {
            return Err(
                self.error_at(op_span, "comparisons between scalars must use BOOL modifier")
            );
        }
        if left == ValueType::Vector && right == ValueType::Vector {
            return self.check_matching(op, op_span, modifiers.matching).map(Some);
        }
        if modifiers.is_written {
            return Err(
                self.error_at(op_span, "vector matching only allowed between instant vectors")
            );
        }
        if op.is_set() {
            let message =
                format!("set operator {:?} not allowed in binary scalar expression", op.as_str());
            return Err(self.error_at(op_span, message));
        }
        Ok(None)
    }

    fn check_matching(
        &self,
        op: BinaryOp,
        op_span: Span,
        mut matching: VectorMatching,
    ) -> Result<VectorMatching, ParseErrors> {
        if op.is_set() {
            matching.cardinality = Cardinality::ManyToMany;
        }
        if matching.is_on {
            for label in &matching.labels {
                if matching.include.contains(label) {
                    let message =
                        format!("label {label:?} must not occur in ON and GROUP clause at once");
                    return Err(self.error_at(op_span, message));
                }
            }
        }
        Ok(matching)
    }

    pub(super) fn check_unary(&self, expr: &Expr, span: Span) -> Result<(), ParseErrors> {
        let value_type = expr.value_type();
        if is_operand(value_type) {
            return Ok(());
        }
        let message = format!(
            "unary expression only allowed on expressions of type scalar or instant vector, got {:?}",
            value_type.describe()
        );
        Err(self.error_at(span, message))
    }

    pub(super) fn check_call(&self, call: &Call) -> Result<(), ParseErrors> {
        let (function, count) = (call.function, call.args.len());
        let wrong_count = |expected: String| {
            let message = format!(
                "expected {expected} argument(s) in call to {:?}, got {count}",
                function.name
            );
            Err(self.error_at(call.span, message))
        };
        let min = function.args_min();
        match function.args_max() {
            Some(max) if max == min && count != max => return wrong_count(max.to_string()),
            Some(max) if count > max => return wrong_count(format!("at most {max}")),
            _ if count < min => return wrong_count(format!("at least {min}")),
            _ => {}
        }
        for (index, arg) in call.args.iter().enumerate() {
            let context = format!("call to function {:?}", function.name);
            self.check_type(arg, function.arg_type(index), &context)?;
        }
        if function.name == "info"
            && let Some(selector) = call.args.get(1)
            && !matches!(selector.unparenthesised(), Expr::Selector(_))
        {
            return Err(self.error_at(selector.span(), "expected label selectors only"));
        }
        Ok(())
    }

    pub(super) fn check_aggregate(&self, aggregate: &Aggregate) -> Result<(), ParseErrors> {
        self.check_type(&aggregate.expr, ValueType::Vector, "aggregation expression")?;
        if let (Some(param), Some(wanted)) = (&aggregate.param, aggregate.op.param_type()) {
            self.check_type(param, wanted, "aggregation parameter")?;
        }
        Ok(())
    }

    fn check_type(&self, expr: &Expr, wanted: ValueType, context: &str) -> Result<(), ParseErrors> {
        let found = expr.value_type();
        if found == wanted {
            return Ok(());
        }
        let message =
            format!("expected type {} in {context}, got {}", wanted.describe(), found.describe());
        Err(self.error_at(expr.span(), message))
    }
}
