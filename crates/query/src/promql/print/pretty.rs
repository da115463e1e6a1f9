//! Formatting a query over several lines, as `/api/v1/format_query` does.
//!
//! What fits into [`LINE_CHARACTERS_MAX`] stays on one line; what does not is
//! broken around its operator or parentheses, its parts a level deeper.

use super::super::ast::Expr;
use super::{AggregateHead, BinaryHead, SubqueryTail};

/// The longest expression that stays on one line.
pub(super) const LINE_CHARACTERS_MAX: usize = 100;

/// The expression on as many lines as it needs.
pub fn pretty(expr: &Expr) -> String {
    lines(expr, 0)
}

fn lines(expr: &Expr, level: usize) -> String {
    let indent = "  ".repeat(level);
    let line = expr.to_string();
    let fits = line.len() <= LINE_CHARACTERS_MAX;
    match expr {
        _ if fits => format!("{indent}{line}"),
        Expr::Number(_) | Expr::String(_) | Expr::Selector(_) | Expr::Range(_) => {
            format!("{indent}{line}")
        }
        Expr::Subquery(node) => format!("{}{}", lines(&node.expr, level), SubqueryTail(node)),
        Expr::Call(node) => {
            let args: Vec<_> = node.args.iter().map(|arg| lines(arg, level + 1)).collect();
            format!("{indent}{}(\n{}\n{indent})", node.function.name, args.join(",\n"))
        }
        Expr::Aggregate(node) => {
            let parts: Vec<_> = [node.param.as_deref(), Some(&*node.expr)]
                .into_iter()
                .flatten()
                .map(|part| lines(part, level + 1))
                .collect();
            format!("{indent}{}(\n{}\n{indent})", AggregateHead(node), parts.join(",\n"))
        }
        Expr::Binary(node) => format!(
            "{}\n{indent}{}\n{}",
            lines(&node.lhs, level + 1),
            BinaryHead(node),
            lines(&node.rhs, level + 1)
        ),
        Expr::Unary(node) => {
            let sign = if node.is_negative { '-' } else { '+' };
            format!("{indent}{sign}{}", lines(&node.expr, level).trim())
        }
        Expr::Paren(node) => format!("{indent}(\n{}\n{indent})", lines(&node.expr, level + 1)),
    }
}
