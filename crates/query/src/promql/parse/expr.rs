//! Expressions: operators by precedence, calls, aggregations, literals.

use super::lexer::{Token, TokenKind};
use super::{DEPTH_MAX, ParseErrors, Parser};
use crate::promql::ast::{
    Aggregate, AggregateOp, Binary, BinaryOp, Call, Cardinality, Expr, Grouping, NumberLiteral,
    Paren, Span, StringLiteral, Unary, ValueType, VectorMatching,
};
use crate::promql::functions::signatures;
use model::PromDuration;

/// Unary signs bind like `*`, and so looser than `^`.
const UNARY_PRECEDENCE: u8 = 6;

impl Parser<'_> {
    /// An expression of any precedence.
    pub(super) fn expr(&mut self) -> Result<Expr, ParseErrors> {
        self.operators(1)
    }

    pub(super) fn enter(&mut self) -> Result<(), ParseErrors> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            let message = format!("the expression is nested deeper than {DEPTH_MAX} levels");
            return Err(self.error_at(self.peek().span, message));
        }
        Ok(())
    }

    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    fn operators(&mut self, precedence: u8) -> Result<Expr, ParseErrors> {
        self.enter()?;
        let mut left = self.unary()?;
        while let Some(op) = self.binary_op().filter(|op| op.precedence() >= precedence) {
            let op_token = self.next();
            let modifiers = self.modifiers(op)?;
            let next = op.precedence() + u8::from(!op.is_right_associative());
            let right = self.operators(next)?;
            left = self.binary(op, op_token.span, left, right, modifiers)?;
        }
        self.leave();
        Ok(left)
    }

    fn binary_op(&self) -> Option<BinaryOp> {
        let token = self.peek();
        Some(match token.kind {
            TokenKind::Add => BinaryOp::Add,
            TokenKind::Sub => BinaryOp::Sub,
            TokenKind::Mul => BinaryOp::Mul,
            TokenKind::Div => BinaryOp::Div,
            TokenKind::Mod => BinaryOp::Mod,
            TokenKind::Pow => BinaryOp::Pow,
            TokenKind::Eql => BinaryOp::Eql,
            TokenKind::Neq => BinaryOp::Neq,
            TokenKind::Gtr => BinaryOp::Gtr,
            TokenKind::Lss => BinaryOp::Lss,
            TokenKind::Gte => BinaryOp::Gte,
            TokenKind::Lte => BinaryOp::Lte,
            TokenKind::TrimUpper => BinaryOp::TrimUpper,
            TokenKind::TrimLower => BinaryOp::TrimLower,
            TokenKind::Identifier => match token.text.to_ascii_lowercase().as_str() {
                "and" => BinaryOp::And,
                "or" => BinaryOp::Or,
                "unless" => BinaryOp::Unless,
                "atan2" => BinaryOp::Atan2,
                _ => return None,
            },
            _ => return None,
        })
    }

    /// `bool`, `on (…)`, `group_left (…)`, `fill (…)` behind an operator.
    fn modifiers(&mut self, op: BinaryOp) -> Result<Modifiers, ParseErrors> {
        let mut modifiers = Modifiers::default();
        if let Some(token) = self.take_word("bool") {
            if !op.is_comparison() {
                return Err(self.error_at(
                    token.span,
                    "bool modifier can only be used on comparison operators",
                ));
            }
            modifiers.is_bool = true;
        }
        for (word, is_on) in [("on", true), ("ignoring", false)] {
            if self.is_word(word) && self.peek_second().kind == TokenKind::LeftParen {
                self.next();
                modifiers.is_written = true;
                modifiers.matching.is_on = is_on;
                modifiers.matching.labels = self.label_list("grouping opts")?;
                break;
            }
        }
        if modifiers.is_written {
            for (word, cardinality) in
                [("group_left", Cardinality::ManyToOne), ("group_right", Cardinality::OneToMany)]
            {
                if let Some(token) = self.take_word(word) {
                    if op.is_set() {
                        let message =
                            format!("no grouping allowed for {:?} operation", op.as_str());
                        return Err(self.error_at(token.span, message));
                    }
                    modifiers.matching.cardinality = cardinality;
                    if self.peek().kind == TokenKind::LeftParen {
                        modifiers.matching.include = self.label_list("grouping opts")?;
                    }
                    break;
                }
            }
        }
        self.fill_modifiers(op, &mut modifiers)?;
        Ok(modifiers)
    }

    fn fill_modifiers(
        &mut self,
        op: BinaryOp,
        modifiers: &mut Modifiers,
    ) -> Result<(), ParseErrors> {
        loop {
            let token = self.peek();
            let word = token.text.to_ascii_lowercase();
            let is_fill = token.kind == TokenKind::Identifier
                && matches!(word.as_str(), "fill" | "fill_left" | "fill_right")
                && self.peek_second().kind == TokenKind::LeftParen;
            if !is_fill {
                return Ok(());
            }
            self.next();
            if !self.options.experimental {
                return Err(self.error_at(
                    token.span,
                    "binary operation fill modifiers are experimental and not enabled",
                ));
            }
            if op.is_set() {
                let message = format!(
                    "filling in missing series not allowed for set operators: {:?}",
                    op.as_str()
                );
                return Err(self.error_at(token.span, message));
            }
            self.expect(TokenKind::LeftParen, "in fill modifier")?;
            let is_negative = self.take(TokenKind::Sub).is_some();
            let number = self.peek();
            let value = parse_number(number.text)
                .ok_or_else(|| self.unexpected("in fill modifier, expected number"))?;
            self.next();
            self.expect(TokenKind::RightParen, "in fill modifier")?;
            let value = Some(if is_negative { -value } else { value });
            if word != "fill_right" {
                modifiers.matching.fill_left = value;
            }
            if word != "fill_left" {
                modifiers.matching.fill_right = value;
            }
        }
    }

    fn binary(
        &mut self,
        op: BinaryOp,
        op_span: Span,
        lhs: Expr,
        rhs: Expr,
        modifiers: Modifiers,
    ) -> Result<Expr, ParseErrors> {
        let span = Span { start: lhs.span().start, end: rhs.span().end };
        let binary = Binary {
            op,
            is_bool: modifiers.is_bool,
            matching: self.check_binary(op, op_span, &lhs, &rhs, modifiers)?,
            lhs,
            rhs,
            span,
        };
        Ok(Expr::Binary(Box::new(binary)))
    }

    fn unary(&mut self) -> Result<Expr, ParseErrors> {
        let token = self.peek();
        if !matches!(token.kind, TokenKind::Add | TokenKind::Sub) {
            let primary = self.primary()?;
            return self.postfix(primary);
        }
        self.next();
        let is_negative = token.kind == TokenKind::Sub;
        let expr = self.operators(UNARY_PRECEDENCE)?;
        let span = Span { start: token.span.start, end: expr.span().end };
        match expr {
            Expr::Number(number) => {
                let value = if is_negative { -number.value } else { number.value };
                Ok(Expr::Number(NumberLiteral { value, span, ..number }))
            }
            expr => {
                self.check_unary(&expr, span)?;
                Ok(Expr::Unary(Unary { is_negative, expr: Box::new(expr), span }))
            }
        }
    }

    fn primary(&mut self) -> Result<Expr, ParseErrors> {
        let token = self.peek();
        match token.kind {
            TokenKind::Number | TokenKind::Duration => {
                self.next();
                self.number(token)
            }
            TokenKind::String => {
                let value = self.string()?;
                Ok(Expr::String(StringLiteral { value, span: token.span }))
            }
            TokenKind::LeftParen => {
                self.next();
                let expr = Box::new(self.expr()?);
                self.expect(TokenKind::RightParen, "in paren expression")?;
                let span = Span { start: token.span.start, end: self.last_end() };
                Ok(Expr::Paren(Paren { expr, span }))
            }
            TokenKind::LeftBrace => self.selector(),
            TokenKind::Identifier => self.word(token),
            _ => Err(self.unexpected("")),
        }
    }

    fn number(&self, token: Token<'_>) -> Result<Expr, ParseErrors> {
        let is_duration = token.kind == TokenKind::Duration;
        let value = if is_duration {
            PromDuration::parse(token.text).ok().map(PromDuration::as_secs_f64)
        } else {
            parse_number(token.text)
        };
        let value = value.ok_or_else(|| {
            self.error_at(token.span, format!("bad number or duration syntax: {:?}", token.text))
        })?;
        Ok(Expr::Number(NumberLiteral { value, is_duration, span: token.span }))
    }

    /// A word: a number, an aggregation, a call, or the name of a metric.
    fn word(&mut self, token: Token<'_>) -> Result<Expr, ParseErrors> {
        let second = self.peek_second();
        let is_called = second.kind == TokenKind::LeftParen;
        let is_grouped = second.kind == TokenKind::Identifier
            && ["by", "without"].iter().any(|word| second.text.eq_ignore_ascii_case(word));
        let op =
            AggregateOp::ALL.into_iter().find(|op| token.text.eq_ignore_ascii_case(op.as_str()));
        if let Some(op) = op.filter(|_| is_called || is_grouped) {
            self.next();
            return self.aggregate(op, token.span);
        }
        if is_called {
            self.next();
            return self.call(token);
        }
        let is_number = ["nan", "inf"].iter().any(|word| token.text.eq_ignore_ascii_case(word));
        if is_number && second.kind != TokenKind::LeftBrace {
            self.next();
            return self.number(token);
        }
        self.selector()
    }

    fn call(&mut self, name: Token<'_>) -> Result<Expr, ParseErrors> {
        let function = signatures::find(name.text).ok_or_else(|| {
            self.error_at(name.span, format!("unknown function with name {:?}", name.text))
        })?;
        if function.is_experimental && !self.options.experimental {
            return Err(
                self.error_at(name.span, format!("function {:?} is not enabled", name.text))
            );
        }
        let args = self.arguments("function call")?;
        let span = Span { start: name.span.start, end: self.last_end() };
        let call = Call { function, args, span };
        self.check_call(&call)?;
        Ok(Expr::Call(call))
    }

    fn arguments(&mut self, context: &str) -> Result<Vec<Expr>, ParseErrors> {
        self.expect(TokenKind::LeftParen, &format!("in {context}"))?;
        let mut args = Vec::new();
        if self.take(TokenKind::RightParen).is_some() {
            return Ok(args);
        }
        loop {
            args.push(self.expr()?);
            if self.take(TokenKind::Comma).is_none() {
                self.expect(TokenKind::RightParen, &format!("in {context}"))?;
                return Ok(args);
            }
        }
    }

    fn aggregate(&mut self, op: AggregateOp, name: Span) -> Result<Expr, ParseErrors> {
        if op.is_experimental() && !self.options.experimental {
            let message = format!("{}() is experimental and must be enabled", op.as_str());
            return Err(self.error_at(name, message));
        }
        let before = self.grouping()?;
        let mut args = self.arguments("aggregation")?;
        let grouping = match before {
            Some(grouping) => grouping,
            None => self.grouping()?.unwrap_or(Grouping::By(Vec::new())),
        };
        let span = Span { start: name.start, end: self.last_end() };
        let wanted = 1 + usize::from(op.param_type().is_some());
        if args.is_empty() {
            return Err(self.error_at(span, "no arguments for aggregate expression provided"));
        }
        if args.len() != wanted {
            let message = format!(
                "wrong number of arguments for aggregate expression provided, expected {wanted}, got {}",
                args.len()
            );
            return Err(self.error_at(span, message));
        }
        let expr = args.pop().map(Box::new).expect("there is at least one argument");
        let param = args.pop().map(Box::new);
        let aggregate = Aggregate { op, param, expr, grouping, span };
        self.check_aggregate(&aggregate)?;
        Ok(Expr::Aggregate(aggregate))
    }

    fn grouping(&mut self) -> Result<Option<Grouping>, ParseErrors> {
        if self.take_word("by").is_some() {
            return self.label_list("grouping opts").map(Grouping::By).map(Some);
        }
        if self.take_word("without").is_some() {
            return self.label_list("grouping opts").map(Grouping::Without).map(Some);
        }
        Ok(None)
    }

    fn label_list(&mut self, context: &str) -> Result<Vec<String>, ParseErrors> {
        self.expect(TokenKind::LeftParen, &format!("in {context}"))?;
        let mut labels = Vec::new();
        loop {
            if self.take(TokenKind::RightParen).is_some() {
                return Ok(labels);
            }
            let token = self.peek();
            match token.kind {
                TokenKind::Identifier if !token.text.contains(':') => {
                    self.next();
                    labels.push(token.text.to_owned());
                }
                TokenKind::String => labels.push(self.string()?),
                _ => return Err(self.unexpected(&format!("in {context}, expected label"))),
            }
            if self.take(TokenKind::Comma).is_none() {
                self.expect(TokenKind::RightParen, &format!("in {context}"))?;
                return Ok(labels);
            }
        }
    }
}

/// What stood behind a binary operator.
#[derive(Default)]
pub(super) struct Modifiers {
    pub(super) is_bool: bool,
    pub(super) is_written: bool,
    pub(super) matching: VectorMatching,
}

/// A number as PromQL writes it: decimal, hexadecimal, `Inf`, `NaN`, with `_` between digits.
pub(super) fn parse_number(text: &str) -> Option<f64> {
    let is_separated = |text: &str| !text.contains("__") && !text.ends_with('_');
    if !is_separated(text) {
        return None;
    }
    let plain = text.replace('_', "");
    if let Some(hex) = plain.strip_prefix("0x").or_else(|| plain.strip_prefix("0X")) {
        return u64::from_str_radix(hex, 16).ok().map(|value| value as f64);
    }
    let word = plain.to_ascii_lowercase();
    match word.as_str() {
        "inf" => return Some(f64::INFINITY),
        "nan" => return Some(f64::NAN),
        _ => {}
    }
    // As Go's ParseInt with base 0, which Prometheus tries first: a leading zero is octal.
    let is_octal =
        word.len() > 1 && word.starts_with('0') && word.bytes().all(|b| (b'0'..b'8').contains(&b));
    if is_octal {
        return u64::from_str_radix(&word, 8).ok().map(|value| value as f64);
    }
    let starts_like_one = word.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    word.parse().ok().filter(|_| starts_like_one)
}

/// Whether a value of this type can stand in arithmetic.
pub(super) fn is_operand(value_type: ValueType) -> bool {
    matches!(value_type, ValueType::Scalar | ValueType::Vector)
}
