//! A query as JSON, as `/api/v1/parse_query` gives it to Prometheus' query page.

use model::{Matcher, Millis};
use serde_json::{Value, json};

use super::super::ast::{
    AtModifier, Binary, DurationExpr, Expr, Grouping, NumberLiteral, RangeMode, VectorMatching,
    VectorSelector,
};
use super::super::functions::signatures::{Function, VARIADIC};
use super::Number;

/// The expression as JSON.
pub fn tree(expr: &Expr) -> Value {
    match expr {
        Expr::Number(node) => json!({ "type": "numberLiteral", "val": number(node.value) }),
        Expr::String(node) => json!({ "type": "stringLiteral", "val": node.value }),
        Expr::Selector(node) => selector("vectorSelector", node),
        Expr::Range(node) => {
            let mut object = selector("matrixSelector", &node.selector);
            object["range"] = fixed(node.range, node.range_expr.as_ref());
            object["rangeExpr"] = computed(node.range_expr.as_ref());
            object
        }
        Expr::Subquery(node) => {
            let (timestamp, start_or_end) = at(node.at);
            json!({
                "type": "subquery",
                "expr": tree(&node.expr),
                "range": fixed(node.range, node.range_expr.as_ref()),
                "rangeExpr": computed(node.range_expr.as_ref()),
                "step": fixed(node.step.unwrap_or_default(), node.step_expr.as_ref()),
                "stepExpr": computed(node.step_expr.as_ref()),
                "offset": fixed(node.offset, node.offset_expr.as_ref()),
                "offsetExpr": computed(node.offset_expr.as_ref()),
                "timestamp": timestamp,
                "startOrEnd": start_or_end,
            })
        }
        Expr::Call(node) => json!({
            "type": "call",
            "func": function(node.function),
            "args": node.args.iter().map(tree).collect::<Vec<_>>(),
        }),
        Expr::Aggregate(node) => {
            let (labels, without) = match &node.grouping {
                Grouping::By(labels) => (labels, false),
                Grouping::Without(labels) => (labels, true),
            };
            json!({
                "type": "aggregation",
                "op": node.op.as_str(),
                "expr": tree(&node.expr),
                "param": node.param.as_deref().map(tree),
                "grouping": labels,
                "without": without,
            })
        }
        Expr::Binary(node) => binary(node),
        Expr::Unary(node) => json!({
            "type": "unaryExpr",
            "op": if node.is_negative { "-" } else { "+" },
            "expr": tree(&node.expr),
        }),
        Expr::Paren(node) => json!({ "type": "parenExpr", "expr": tree(&node.expr) }),
    }
}

fn binary(node: &Binary) -> Value {
    let matching = |matching: &VectorMatching| {
        json!({
            "card": matching.cardinality.as_str(),
            "labels": matching.labels,
            "on": matching.is_on,
            "include": matching.include,
            "fillValues": { "lhs": matching.fill_left, "rhs": matching.fill_right },
        })
    };
    json!({
        "type": "binaryExpr",
        "op": node.op.as_str(),
        "lhs": tree(&node.lhs),
        "rhs": tree(&node.rhs),
        "matching": node.matching.as_ref().map(matching),
        "bool": node.is_bool,
    })
}

fn selector(kind: &str, node: &VectorSelector) -> Value {
    let (timestamp, start_or_end) = at(node.at);
    json!({
        "type": kind,
        "name": node.name.as_deref().unwrap_or_default(),
        "offset": fixed(node.offset, node.offset_expr.as_ref()),
        "offsetExpr": computed(node.offset_expr.as_ref()),
        "matchers": node.matchers.iter().map(matcher).collect::<Vec<_>>(),
        "timestamp": timestamp,
        "startOrEnd": start_or_end,
        "anchored": node.mode == RangeMode::Anchored,
        "smoothed": node.mode == RangeMode::Smoothed,
    })
}

fn matcher(matcher: &Matcher) -> Value {
    json!({ "name": matcher.name(), "value": matcher.value(), "type": matcher.op().as_str() })
}

fn function(function: &Function) -> Value {
    let variadic = match function.optional {
        VARIADIC => Value::from(-1),
        optional => Value::from(optional),
    };
    json!({
        "name": function.name,
        "argTypes": function.args.iter().map(|arg| arg.as_str()).collect::<Vec<_>>(),
        "variadic": variadic,
        "returnType": function.returns.as_str(),
    })
}

/// The fixed time in milliseconds, and which end of the range it is; one is null.
fn at(at: Option<AtModifier>) -> (Value, Value) {
    match at {
        None => (Value::Null, Value::Null),
        Some(AtModifier::Timestamp(at)) => (Value::from(at.as_millis()), Value::Null),
        Some(AtModifier::Start) => (Value::Null, Value::from("start")),
        Some(AtModifier::End) => (Value::Null, Value::from("end")),
    }
}

/// Milliseconds; what is computed counts as 0.
fn fixed(duration: Millis, computed: Option<&DurationExpr>) -> Value {
    Value::from(if computed.is_some() { 0 } else { duration.get() })
}

fn computed(duration: Option<&DurationExpr>) -> Value {
    duration.map_or(Value::Null, |duration| duration_tree(duration, false))
}

fn duration_tree(duration: &DurationExpr, wrapped: bool) -> Value {
    let operation = |op: &str, lhs: Option<&DurationExpr>, rhs: Option<&DurationExpr>| {
        json!({
            "type": "durationExpr",
            "op": op,
            "lhs": computed(lhs),
            "rhs": computed(rhs),
            "wrapped": wrapped,
        })
    };
    match duration {
        // A number in parentheses is a wrapped sum with nothing.
        DurationExpr::Literal(literal) if wrapped => json!({
            "type": "durationExpr",
            "op": "+",
            "lhs": null,
            "rhs": literal_tree(literal),
            "wrapped": true,
        }),
        DurationExpr::Literal(literal) => literal_tree(literal),
        DurationExpr::Step => operation("step", None, None),
        DurationExpr::Range => operation("range", None, None),
        DurationExpr::MinOf(a, b) => operation("min_of", Some(a), Some(b)),
        DurationExpr::MaxOf(a, b) => operation("max_of", Some(a), Some(b)),
        DurationExpr::Negate(a) => operation("-", None, Some(a)),
        DurationExpr::Arithmetic(op, a, b) => operation(op.as_str(), Some(a), Some(b)),
        DurationExpr::Paren(a) => duration_tree(a, true),
    }
}

fn literal_tree(literal: &NumberLiteral) -> Value {
    json!({
        "type": "numberLiteral",
        "val": number(literal.value),
        "duration": literal.is_duration,
    })
}

fn number(value: f64) -> String {
    Number(value).to_string()
}
