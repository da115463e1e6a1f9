//! Selectors: names, matchers, and what may follow them.

use model::{METRIC_NAME, MatchOp, Matcher, Millis, Timestamp};

use super::lexer::TokenKind;
use super::strings::unquote;
use super::{ParseErrors, Parser};
use crate::promql::ast::{
    AtModifier, Expr, RangeMode, RangeSelector, Span, Subquery, ValueType, VectorSelector,
};

impl Parser<'_> {
    /// `name{…}`, `name` or `{…}`.
    pub(super) fn selector(&mut self) -> Result<Expr, ParseErrors> {
        let start = self.peek().span.start;
        let mut name = self.take(TokenKind::Identifier).map(|token| token.text.to_owned());
        let mut matchers = Vec::new();
        if self.take(TokenKind::LeftBrace).is_some() {
            self.matchers(&mut name, &mut matchers)?;
        }
        if let Some(name) = &name {
            matchers.insert(0, Matcher::equal(METRIC_NAME, name));
        }
        let span = Span { start, end: self.last_end() };
        if matchers.iter().all(Matcher::matches_missing) {
            return Err(
                self.error_at(span, "vector selector must contain at least one non-empty matcher")
            );
        }
        Ok(Expr::Selector(VectorSelector {
            name,
            matchers,
            offset: Millis::ZERO,
            offset_expr: None,
            at: None,
            mode: RangeMode::Plain,
            span,
        }))
    }

    fn matchers(
        &mut self,
        name: &mut Option<String>,
        matchers: &mut Vec<Matcher>,
    ) -> Result<(), ParseErrors> {
        loop {
            if self.take(TokenKind::RightBrace).is_some() {
                return Ok(());
            }
            self.matcher(name, matchers)?;
            if self.take(TokenKind::Comma).is_none() {
                self.expect(TokenKind::RightBrace, "in label matching")?;
                return Ok(());
            }
        }
    }

    fn matcher(
        &mut self,
        name: &mut Option<String>,
        matchers: &mut Vec<Matcher>,
    ) -> Result<(), ParseErrors> {
        let token = self.peek();
        let label = match token.kind {
            TokenKind::Identifier if !token.text.contains(':') => {
                self.next();
                token.text.to_owned()
            }
            TokenKind::String => {
                let quoted = self.string()?;
                if matches!(self.peek().kind, TokenKind::Comma | TokenKind::RightBrace) {
                    return self.quoted_name(name, quoted, token.span);
                }
                quoted
            }
            _ => return Err(self.unexpected("in label matching, expected identifier or \"}\"")),
        };
        let op = match self.peek().kind {
            TokenKind::Assign => MatchOp::Equal,
            TokenKind::Neq => MatchOp::NotEqual,
            TokenKind::EqlRegex => MatchOp::Regex,
            TokenKind::NeqRegex => MatchOp::NotRegex,
            _ => return Err(self.unexpected("in label matching, expected label matching operator")),
        };
        self.next();
        if self.peek().kind != TokenKind::String {
            return Err(self.unexpected("in label matching, expected string"));
        }
        let value_span = self.peek().span;
        let value = self.string()?;
        if label == METRIC_NAME && op == MatchOp::Equal {
            if let Some(name) = name {
                let message = format!("metric name must not be set twice: {name:?} or {value:?}");
                return Err(self.error_at(token.span, message));
            }
        }
        let matcher = Matcher::new(op, label, value).map_err(|error| {
            self.error_at(
                value_span,
                format!("error parsing regexp: {}: `{}`", error.reason, error.pattern),
            )
        })?;
        matchers.push(matcher);
        Ok(())
    }

    fn quoted_name(
        &mut self,
        name: &mut Option<String>,
        quoted: String,
        span: Span,
    ) -> Result<(), ParseErrors> {
        if let Some(name) = name {
            let message = format!("metric name must not be set twice: {name:?} or {quoted:?}");
            return Err(self.error_at(span, message));
        }
        *name = Some(quoted);
        Ok(())
    }

    /// A quoted string, unquoted.
    pub(super) fn string(&mut self) -> Result<String, ParseErrors> {
        let token = self.expect(TokenKind::String, "")?;
        unquote(token.text).map_err(|reason| self.error_at(token.span, reason))
    }

    /// What may follow an expression: `[…]`, `offset`, `@`, `anchored`, `smoothed`.
    pub(super) fn postfix(&mut self, mut expr: Expr) -> Result<Expr, ParseErrors> {
        loop {
            expr = if self.peek().kind == TokenKind::LeftBracket {
                self.bracket(expr)?
            } else if self.take_word("offset").is_some() {
                self.offset(expr)?
            } else if self.take(TokenKind::At).is_some() {
                self.at_modifier(expr)?
            } else if self.is_word("anchored") || self.is_word("smoothed") {
                self.range_mode(expr)?
            } else {
                return Ok(expr);
            };
        }
    }

    fn bracket(&mut self, expr: Expr) -> Result<Expr, ParseErrors> {
        let open = self.next();
        let range = self.positive_duration()?;
        if self.take(TokenKind::Colon).is_some() {
            return self.subquery(expr, range);
        }
        self.expect(TokenKind::RightBracket, "in subquery or range")?;
        let whole = Span { start: expr.span().start, end: self.last_end() };
        let Expr::Selector(selector) = expr else {
            return Err(self.error_at(whole, "ranges only allowed for vector selectors"));
        };
        if selector.offset != Millis::ZERO || selector.offset_expr.is_some() {
            return Err(self.error_at(open.span, "no offset modifiers allowed before range"));
        }
        if selector.at.is_some() {
            return Err(self.error_at(open.span, "no @ modifiers allowed before range"));
        }
        Ok(Expr::Range(RangeSelector {
            selector,
            range: range.millis,
            range_expr: range.expr,
            span: whole,
        }))
    }

    fn subquery(
        &mut self,
        expr: Expr,
        range: super::duration::Written,
    ) -> Result<Expr, ParseErrors> {
        let step = if self.peek().kind == TokenKind::RightBracket {
            None
        } else {
            Some(self.positive_duration()?)
        };
        self.expect(TokenKind::RightBracket, "in subquery selector")?;
        let span = Span { start: expr.span().start, end: self.last_end() };
        if expr.value_type() != ValueType::Vector && expr.value_type() != ValueType::Scalar {
            let message = format!(
                "subquery is only allowed on instant vector, got {} instead",
                expr.value_type().as_str()
            );
            return Err(self.error_at(span, message));
        }
        let (step, step_expr) = match step {
            Some(written) if written.expr.is_some() => (None, written.expr),
            Some(written) => (Some(written.millis), None),
            None => (None, None),
        };
        Ok(Expr::Subquery(Subquery {
            expr: Box::new(expr),
            range: range.millis,
            range_expr: range.expr,
            step,
            step_expr,
            offset: Millis::ZERO,
            offset_expr: None,
            at: None,
            span,
        }))
    }

    fn offset(&mut self, mut expr: Expr) -> Result<Expr, ParseErrors> {
        let written = self.duration(true)?;
        let end = self.last_end();
        let (offset, offset_expr, span) = match &mut expr {
            Expr::Selector(node) => (&mut node.offset, &mut node.offset_expr, &mut node.span),
            Expr::Range(node) => {
                (&mut node.selector.offset, &mut node.selector.offset_expr, &mut node.span)
            }
            Expr::Subquery(node) => (&mut node.offset, &mut node.offset_expr, &mut node.span),
            other => {
                let span = Span { start: other.span().start, end };
                return Err(self.error_at(span, "offset modifier must be preceded by an instant vector selector or range vector selector or a subquery"));
            }
        };
        if *offset != Millis::ZERO || offset_expr.is_some() {
            let span = *span;
            return Err(self.error_at(span, "offset may not be set multiple times"));
        }
        *offset = written.millis;
        *offset_expr = written.expr;
        span.end = end;
        Ok(expr)
    }

    fn at_modifier(&mut self, mut expr: Expr) -> Result<Expr, ParseErrors> {
        let modifier = self.at_value()?;
        let end = self.last_end();
        let (at, span) = match &mut expr {
            Expr::Selector(node) => (&mut node.at, &mut node.span),
            Expr::Range(node) => (&mut node.selector.at, &mut node.span),
            Expr::Subquery(node) => (&mut node.at, &mut node.span),
            other => {
                let span = Span { start: other.span().start, end };
                return Err(self.error_at(span, "@ modifier must be preceded by an instant vector selector or range vector selector or a subquery"));
            }
        };
        if at.is_some() {
            let span = *span;
            return Err(self.error_at(span, "@ <timestamp> may not be set multiple times"));
        }
        *at = Some(modifier);
        span.end = end;
        Ok(expr)
    }

    fn at_value(&mut self) -> Result<AtModifier, ParseErrors> {
        let start = self.peek().span.start;
        for (word, modifier) in [("start", AtModifier::Start), ("end", AtModifier::End)] {
            if self.take_word(word).is_some() {
                self.expect(TokenKind::LeftParen, "in @")?;
                self.expect(TokenKind::RightParen, "in @")?;
                return Ok(modifier);
            }
        }
        let is_negative = match self.peek().kind {
            TokenKind::Sub => self.next().kind == TokenKind::Sub,
            TokenKind::Add => self.next().kind == TokenKind::Sub,
            _ => false,
        };
        let token = self.peek();
        let value = match token.kind {
            TokenKind::Number => super::expr::parse_number(token.text),
            TokenKind::Identifier => super::expr::parse_number(token.text),
            _ => None,
        };
        let Some(value) = value else {
            return Err(self.unexpected("in @, expected timestamp"));
        };
        self.next();
        let seconds = if is_negative { -value } else { value };
        let millis = seconds * 1000.0;
        if !millis.is_finite() || millis.abs() >= i64::MAX as f64 {
            let span = Span { start, end: self.last_end() };
            return Err(self
                .error_at(span, format!("timestamp out of bounds for @ modifier: {seconds:.6}")));
        }
        Ok(AtModifier::Timestamp(Timestamp::from_millis(millis.round() as i64)))
    }

    fn range_mode(&mut self, mut expr: Expr) -> Result<Expr, ParseErrors> {
        let token = self.next();
        let mode = if token.text.eq_ignore_ascii_case("anchored") {
            RangeMode::Anchored
        } else {
            RangeMode::Smoothed
        };
        if !self.options.experimental {
            let message = format!("{} modifier is experimental and not enabled", token.text);
            return Err(self.error_at(token.span, message));
        }
        match &mut expr {
            Expr::Range(node) => {
                node.selector.mode = mode;
                node.span.end = token.span.end;
            }
            Expr::Selector(node) if mode == RangeMode::Smoothed => {
                node.mode = mode;
                node.span.end = token.span.end;
            }
            _ => {
                let message =
                    format!("{} modifier must be preceded by a range vector selector", token.text);
                return Err(self.error_at(token.span, message));
            }
        }
        Ok(expr)
    }
}
