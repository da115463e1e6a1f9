//! Durations: plain ones, and those that a query computes.

use model::{Millis, PromDuration};

use super::lexer::TokenKind;
use super::{ParseErrors, Parser};
use crate::promql::ast::{BinaryOp, DurationExpr, Span};

/// A duration as it stands in a query: known, or to be computed when it runs.
pub(super) struct Written {
    pub(super) millis: Millis,
    pub(super) expr: Option<DurationExpr>,
    pub(super) span: Span,
}

impl Parser<'_> {
    /// A duration; `is_offset` where one may be negative and, without
    /// parentheses, ends before the next operator.
    pub(super) fn duration(&mut self, is_offset: bool) -> Result<Written, ParseErrors> {
        let start = self.peek().span.start;
        let expr = if is_offset { self.duration_unary()? } else { self.duration_sum()? };
        let span = Span { start, end: self.last_end() };
        if let Some(millis) = plain(&expr) {
            return Ok(Written { millis, expr: None, span });
        }
        if !self.options.experimental {
            return Err(self.error_at(span, "experimental duration expression is not enabled"));
        }
        Ok(Written { millis: Millis::ZERO, expr: Some(expr), span })
    }

    /// A range or a step, which must be more than zero where it is known.
    pub(super) fn positive_duration(&mut self) -> Result<Written, ParseErrors> {
        let written = self.duration(false)?;
        if written.expr.is_none() && written.millis <= Millis::ZERO {
            return Err(self.error_at(written.span, "duration must be greater than 0"));
        }
        Ok(written)
    }

    fn duration_sum(&mut self) -> Result<DurationExpr, ParseErrors> {
        self.duration_operators(4)
    }

    fn duration_operators(&mut self, precedence: u8) -> Result<DurationExpr, ParseErrors> {
        self.enter()?;
        let mut left = self.duration_unary()?;
        while let Some(op) = arithmetic(self.peek().kind).filter(|op| op.precedence() >= precedence)
        {
            self.next();
            let next = op.precedence() + u8::from(!op.is_right_associative());
            let right = self.duration_operators(next)?;
            left = DurationExpr::Arithmetic(op, Box::new(left), Box::new(right));
        }
        self.leave();
        Ok(left)
    }

    fn duration_unary(&mut self) -> Result<DurationExpr, ParseErrors> {
        if self.take(TokenKind::Add).is_some() {
            return self.duration_unary();
        }
        if self.take(TokenKind::Sub).is_some() {
            let operand = self.duration_unary()?;
            return Ok(match operand {
                DurationExpr::Literal(millis) => DurationExpr::Literal(-millis),
                other => DurationExpr::Negate(Box::new(other)),
            });
        }
        self.duration_primary()
    }

    fn duration_primary(&mut self) -> Result<DurationExpr, ParseErrors> {
        let token = self.peek();
        match token.kind {
            TokenKind::Duration => {
                self.next();
                let duration = PromDuration::parse(token.text)
                    .map_err(|error| self.error_at(token.span, error.to_string()))?;
                Ok(DurationExpr::Literal(duration.as_millis()))
            }
            TokenKind::Number => {
                self.next();
                let seconds = super::expr::parse_number(token.text)
                    .ok_or_else(|| self.error_at(token.span, "bad number syntax"))?;
                if seconds.abs() > 9.2e15 {
                    return Err(self.error_at(token.span, "duration out of range"));
                }
                Ok(DurationExpr::Literal(Millis::new((seconds * 1000.0).round() as i64)))
            }
            TokenKind::LeftParen => {
                self.next();
                let inner = self.duration_sum()?;
                self.expect(TokenKind::RightParen, "in duration expression")?;
                Ok(DurationExpr::Paren(Box::new(inner)))
            }
            TokenKind::Identifier => self.duration_function(),
            _ => Err(self.unexpected(
                "in duration expression, expected number, duration, step(), or range()",
            )),
        }
    }

    fn duration_function(&mut self) -> Result<DurationExpr, ParseErrors> {
        let name = self.peek();
        let word = name.text.to_ascii_lowercase();
        if !matches!(word.as_str(), "step" | "range" | "min" | "max") {
            return Err(self.unexpected(
                "in duration expression, expected number, duration, step(), or range()",
            ));
        }
        self.next();
        self.expect(TokenKind::LeftParen, "in duration expression")?;
        let expr = match word.as_str() {
            "step" => DurationExpr::Step,
            "range" => DurationExpr::Range,
            _ => {
                let left = Box::new(self.duration_sum()?);
                self.expect(TokenKind::Comma, "in duration expression")?;
                let right = Box::new(self.duration_sum()?);
                if word == "min" {
                    DurationExpr::Min(left, right)
                } else {
                    DurationExpr::Max(left, right)
                }
            }
        };
        self.expect(TokenKind::RightParen, "in duration expression")?;
        Ok(expr)
    }
}

fn plain(expr: &DurationExpr) -> Option<Millis> {
    match expr {
        DurationExpr::Literal(millis) => Some(*millis),
        _ => None,
    }
}

fn arithmetic(kind: TokenKind) -> Option<BinaryOp> {
    Some(match kind {
        TokenKind::Add => BinaryOp::Add,
        TokenKind::Sub => BinaryOp::Sub,
        TokenKind::Mul => BinaryOp::Mul,
        TokenKind::Div => BinaryOp::Div,
        TokenKind::Mod => BinaryOp::Mod,
        TokenKind::Pow => BinaryOp::Pow,
        _ => return None,
    })
}
