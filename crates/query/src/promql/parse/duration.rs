//! Durations in brackets and behind `offset`, computed ones included.

use model::Millis;

use super::grammar::{Parsed, Parser, Stop};
use super::number::is_out_of_range;
use super::token::{Kind, Word};
use crate::promql::ast::{BinaryOp, DurationExpr, NumberLiteral, Span};

/// A duration that is known, or how it is computed (and is 0 until then).
pub(super) struct Duration {
    pub(super) fixed: Millis,
    pub(super) computed: Option<DurationExpr>,
}

/// A duration expression with its place and how many levels it has.
struct Part {
    expr: DurationExpr,
    span: Span,
    height: usize,
}

impl Parser<'_> {
    /// A duration above zero, as ranges and steps need it.
    pub(super) fn positive_duration(&mut self) -> Parsed<Duration> {
        let part = self.duration_operators(0, 0)?;
        if let DurationExpr::Literal(literal) = &part.expr
            && literal.value <= 0.0
        {
            self.note(literal.span, "duration must be greater than 0");
        }
        Ok(self.duration(part))
    }

    /// The duration behind `offset`. Without parentheses it ends before the first
    /// operator: `a offset 5m * 2` is `(a offset 5m) * 2`.
    pub(super) fn offset_duration(&mut self) -> Parsed<Duration> {
        let part = match self.peek().kind {
            Kind::LeftParen => self.duration_operators(0, 0)?,
            _ => self.signed_duration(0, Self::duration_operand)?,
        };
        Ok(self.duration(part))
    }

    fn duration(&mut self, part: Part) -> Duration {
        match part.expr {
            DurationExpr::Literal(literal) => {
                // Prometheus rounds to nanoseconds and cuts those to milliseconds.
                let millis = ((literal.value * 1e9).round() / 1e6).trunc();
                Duration { fixed: Millis::new(millis as i64), computed: None }
            }
            computed => {
                if !self.options.experimental {
                    self.note(part.span, "experimental duration expression is not enabled");
                }
                Duration { fixed: Millis::ZERO, computed: Some(computed) }
            }
        }
    }

    fn duration_operators(&mut self, precedence_min: u8, nesting: usize) -> Parsed<Part> {
        self.limit_nesting(nesting)?;
        let mut left = self.signed_duration(nesting, Self::factor)?;
        while let Kind::Operator(op) = self.peek().kind
            && op.precedence() >= precedence_min
            && is_arithmetic(op)
        {
            let operator = self.next();
            let tighter = u8::from(!op.is_right_associative());
            let right = self.duration_operators(op.precedence() + tighter, nesting + 1)?;
            self.refuse_zero_divisor(op, operator.span, &right);
            let height = 1 + left.height.max(right.height);
            self.limit_height(nesting + height)?;
            let span = left.span.to(right.span);
            let expr = DurationExpr::Arithmetic(op, Box::new(left.expr), Box::new(right.expr));
            left = Part { expr, span, height };
        }
        Ok(left)
    }

    fn refuse_zero_divisor(&mut self, op: BinaryOp, span: Span, divisor: &Part) {
        let is_zero =
            matches!(&divisor.expr, DurationExpr::Literal(literal) if literal.value == 0.0);
        match op {
            BinaryOp::Div if is_zero => self.note(span, "division by zero"),
            BinaryOp::Mod if is_zero => self.note(span, "modulo by zero"),
            _ => {}
        }
    }

    /// An operand with or without a sign, which stands before a `signed` part.
    fn signed_duration(
        &mut self,
        nesting: usize,
        signed: fn(&mut Self, usize) -> Parsed<Part>,
    ) -> Parsed<Part> {
        self.limit_nesting(nesting)?;
        let sign = self.peek();
        let is_negative = match sign.kind {
            Kind::Operator(BinaryOp::Sub) => true,
            Kind::Operator(BinaryOp::Add) => false,
            _ => return self.duration_operand(nesting),
        };
        self.next();
        let part = signed(self, nesting + 1)?;
        let span = sign.span.to(part.span);
        let (expr, height) = match part.expr {
            DurationExpr::Literal(literal) => {
                let value = if is_negative { -literal.value } else { literal.value };
                (DurationExpr::Literal(NumberLiteral { value, span, ..literal }), part.height)
            }
            expr if is_negative => (DurationExpr::Negate(Box::new(expr)), part.height + 1),
            expr => (expr, part.height),
        };
        Ok(Part { expr, span, height })
    }

    /// In brackets a sign binds as tightly as `*`: `-2 ^ 2` is `-(2 ^ 2)`.
    fn factor(&mut self, nesting: usize) -> Parsed<Part> {
        self.duration_operators(BinaryOp::Mul.precedence() + 1, nesting)
    }

    /// One part; behind `offset` a sign belongs to that alone.
    fn duration_operand(&mut self, nesting: usize) -> Parsed<Part> {
        let token = self.peek();
        let (expr, height) = match token.kind {
            Kind::Number | Kind::Duration => {
                self.next();
                let mut literal = self.number_literal(token);
                if is_out_of_range(literal.value) {
                    self.note(token.span, "duration out of range");
                    literal.value = 0.0;
                }
                (DurationExpr::Literal(literal), 1)
            }
            Kind::LeftParen => {
                self.next();
                let inner = self.duration_operators(0, nesting + 1)?;
                self.expect(Kind::RightParen)?;
                (DurationExpr::Paren(Box::new(inner.expr)), inner.height + 1)
            }
            Kind::Word(word) => self.duration_function(word, nesting)?,
            _ => return Err(self.unexpected()),
        };
        let span = Span { start: token.span.start, end: self.last_end() };
        Ok(Part { expr, span, height })
    }

    fn duration_function(
        &mut self,
        word: Word,
        nesting: usize,
    ) -> Result<(DurationExpr, usize), Stop> {
        if !matches!(word, Word::Step | Word::Range | Word::MinOf | Word::MaxOf) {
            return Err(self.unexpected());
        }
        self.next();
        self.expect(Kind::LeftParen)?;
        let (expr, height) = match word {
            Word::Step => (DurationExpr::Step, 1),
            Word::Range => (DurationExpr::Range, 1),
            _ => {
                let a = self.duration_operators(0, nesting + 1)?;
                self.expect(Kind::Comma)?;
                let b = self.duration_operators(0, nesting + 1)?;
                let make =
                    if word == Word::MinOf { DurationExpr::MinOf } else { DurationExpr::MaxOf };
                let height = 1 + a.height.max(b.height);
                (make(Box::new(a.expr), Box::new(b.expr)), height)
            }
        };
        self.expect(Kind::RightParen)?;
        Ok((expr, height))
    }
}

fn is_arithmetic(op: BinaryOp) -> bool {
    use BinaryOp::{Add, Div, Mod, Mul, Pow, Sub};
    matches!(op, Add | Sub | Mul | Div | Mod | Pow)
}
