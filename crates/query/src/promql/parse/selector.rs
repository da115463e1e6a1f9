//! Selectors, and what is attached to them: ranges, subqueries, `offset`, `@`.

use model::{MatchOp, Matcher, Millis, Timestamp};

use super::grammar::{Context, Parsed, Parser, Tree};
use super::token::{Kind, Word};
use crate::promql::ast::{
    AtModifier, BinaryOp, DurationExpr, Expr, RangeMode, RangeSelector, Subquery, VectorSelector,
};

const LABEL_MATCHING: &str = "label matching";

/// The parts of a selector or subquery that modifiers change.
struct Modifiable<'e> {
    offset: &'e mut Millis,
    offset_expr: &'e mut Option<DurationExpr>,
    at: &'e mut Option<AtModifier>,
    end: &'e mut usize,
}

impl Parser<'_> {
    /// `name`, `name{a="b"}` or `{a="b"}`
    pub(super) fn vector_selector(&mut self) -> Parsed<VectorSelector> {
        let first = self.peek();
        let mut span = first.span;
        let mut name = None;
        if first.kind.is_metric_name() {
            self.next();
            name = Some(first.text.to_owned());
        } else if first.kind != Kind::LeftBrace {
            return Err(self.unexpected());
        }
        let mut matchers = Vec::new();
        if self.take(Kind::LeftBrace).is_some() {
            loop {
                if let Some(close) = self.take(Kind::RightBrace) {
                    span = span.to(close.span);
                    break;
                }
                matchers.extend(self.matcher()?);
                if self.take(Kind::Comma).is_none() && self.peek().kind != Kind::RightBrace {
                    return Err(self.unexpected_in(LABEL_MATCHING, "\",\" or \"}\""));
                }
            }
        }
        matchers.extend(name.as_deref().map(|name| Matcher::equal(model::METRIC_NAME, name)));
        Ok(VectorSelector {
            name,
            matchers,
            offset: Millis::ZERO,
            offset_expr: None,
            at: None,
            mode: RangeMode::Plain,
            span,
        })
    }

    /// `a="b"`, `"a.b"=~"c"`, `"metric.name"`; `None` after noting a bad expression.
    fn matcher(&mut self) -> Parsed<Option<Matcher>> {
        let token = self.peek();
        let label = match token.kind {
            Kind::Identifier => token.text.to_owned(),
            Kind::String => self.unquoted(token),
            _ => return Err(self.unexpected_in(LABEL_MATCHING, "identifier or \"}\"")),
        };
        self.next();
        let op = match self.peek().kind {
            Kind::Equal => MatchOp::Equal,
            Kind::Operator(BinaryOp::Neq) => MatchOp::NotEqual,
            Kind::EqualRegex => MatchOp::Regex,
            Kind::NotEqualRegex => MatchOp::NotRegex,
            _ if token.kind == Kind::String => {
                return Ok(Some(Matcher::equal(model::METRIC_NAME, label)));
            }
            _ => return Err(self.unexpected_in(LABEL_MATCHING, "label matching operator")),
        };
        self.next();
        let value = self.peek();
        if value.kind != Kind::String {
            return Err(self.unexpected_in(LABEL_MATCHING, "string"));
        }
        self.next();
        let text = self.unquoted(value);
        match Matcher::new(op, label, text) {
            Ok(matcher) => Ok(Some(matcher)),
            Err(error) => {
                self.note(token.span.to(value.span), error.to_string());
                Ok(None)
            }
        }
    }

    /// Reads one thing that is attached behind an operand, where there is one.
    pub(super) fn attachment(&mut self, tree: &mut Tree) -> Parsed<bool> {
        match self.peek().kind {
            Kind::LeftBracket => self.range(tree)?,
            Kind::At => self.at_modifier(&mut tree.expr)?,
            Kind::Word(Word::Offset) => self.offset(&mut tree.expr)?,
            Kind::Word(Word::Anchored) => self.mode(&mut tree.expr, RangeMode::Anchored),
            Kind::Word(Word::Smoothed) => self.mode(&mut tree.expr, RangeMode::Smoothed),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// `[5m]` or `[1h:5m]`
    fn range(&mut self, tree: &mut Tree) -> Parsed<()> {
        let open = self.next();
        let context = Context {
            inside: "subquery or range selector",
            expected: "number, duration, step(), or range()",
        };
        let range = self.within(context, Self::positive_duration)?;
        if self.take(Kind::Colon).is_some() {
            return self.subquery(tree, range);
        }
        let Some(close) = self.take(Kind::RightBracket) else {
            return Err(self.unexpected_in("subquery or range", "\":\" or \"]\""));
        };
        let fault =
            match &tree.expr {
                Expr::Selector(VectorSelector { offset_expr: None, at: None, offset, .. })
                    if *offset == Millis::ZERO =>
                {
                    None
                }
                Expr::Selector(VectorSelector {
                    at: Some(_), offset_expr: None, offset, ..
                }) if *offset == Millis::ZERO => Some("no @ modifiers allowed before range"),
                Expr::Selector(_) => Some("no offset modifiers allowed before range"),
                _ => Some("ranges only allowed for vector selectors"),
            };
        if let Some(fault) = fault {
            self.note(open.span.to(close.span), fault);
        }
        if let Expr::Selector(selector) = &tree.expr {
            let selector = selector.clone();
            let span = selector.span.to(close.span);
            let (range, range_expr) = (range.fixed, range.computed);
            tree.expr = Expr::Range(RangeSelector { selector, range, range_expr, span });
        }
        Ok(())
    }

    /// What follows `[1h:`
    fn subquery(&mut self, tree: &mut Tree, range: super::duration::Duration) -> Parsed<()> {
        let context = Context {
            inside: "subquery selector",
            expected: "number, duration, step(), range(), or \"]\"",
        };
        let mut step = None;
        if self.peek().kind != Kind::RightBracket {
            step = Some(self.within(context, Self::positive_duration)?);
        }
        let Some(close) = self.take(Kind::RightBracket) else {
            return Err(self.unexpected_in("subquery selector", "\"]\""));
        };
        let placeholder = self.placeholder(close.span).expr;
        let expr = Box::new(std::mem::replace(&mut tree.expr, placeholder));
        let span = expr.span().to(close.span);
        let (step, step_expr) = match step {
            Some(step) if step.computed.is_some() => (None, step.computed),
            Some(step) => (Some(step.fixed), None),
            None => (None, None),
        };
        tree.expr = Expr::Subquery(Subquery {
            expr,
            range: range.fixed,
            range_expr: range.computed,
            step,
            step_expr,
            offset: Millis::ZERO,
            offset_expr: None,
            at: None,
            span,
        });
        tree.height += 1;
        self.limit_height(tree.height)
    }

    fn offset(&mut self, expr: &mut Expr) -> Parsed<()> {
        self.next();
        let context =
            Context { inside: "offset", expected: "number, duration, step(), or range()" };
        let offset = self.within(context, Self::offset_duration)?;
        let (span, end) = (expr.span(), self.last_end());
        let Some(target) = modifiable(expr) else {
            self.note(span, preceded_by_selector("offset modifier"));
            return Ok(());
        };
        if *target.offset != Millis::ZERO || target.offset_expr.is_some() {
            self.note(span, "offset may not be set multiple times");
            return Ok(());
        }
        *target.offset = offset.fixed;
        *target.offset_expr = offset.computed;
        *target.end = end;
        Ok(())
    }

    /// `@ 1609746000`, `@ start()`
    fn at_modifier(&mut self, expr: &mut Expr) -> Parsed<()> {
        self.next();
        let span = expr.span();
        let word = self.peek();
        let at = match word.kind {
            Kind::Word(word @ (Word::Start | Word::End)) => {
                self.next();
                if self.take(Kind::LeftParen).is_none() || self.take(Kind::RightParen).is_none() {
                    return Err(self.unexpected_in("@", "timestamp"));
                }
                if word == Word::Start { AtModifier::Start } else { AtModifier::End }
            }
            _ => match self.signed_number()? {
                Some(seconds) => {
                    if seconds.is_nan() || seconds.abs() >= i64::MAX as f64 {
                        let message =
                            format!("timestamp out of bounds for @ modifier: {seconds:.6}");
                        self.note(span, message);
                    }
                    let millis = (seconds * 1000.0).round() as i64;
                    AtModifier::Timestamp(Timestamp::from_millis(millis))
                }
                None => return Err(self.unexpected_in("@", "timestamp")),
            },
        };
        let end = self.last_end();
        let Some(target) = modifiable(expr) else {
            self.note(span, preceded_by_selector("@ modifier"));
            return Ok(());
        };
        if target.at.is_some() {
            self.note(span, "@ <timestamp> may not be set multiple times");
            return Ok(());
        }
        *target.at = Some(at);
        *target.end = end;
        Ok(())
    }

    fn mode(&mut self, expr: &mut Expr, mode: RangeMode) {
        let word = self.next().text.to_ascii_lowercase();
        let span = expr.span();
        if !self.options.experimental {
            self.note(span, format!("{word} modifier is experimental and not enabled"));
            return;
        }
        let selector = match expr {
            Expr::Selector(selector) => selector,
            Expr::Range(range) => &mut range.selector,
            Expr::Subquery(_) => {
                self.note(span, format!("{word} modifier is not supported for subqueries"));
                return;
            }
            _ => {
                self.note(span, format!("{word} modifier not implemented"));
                return;
            }
        };
        if selector.mode != RangeMode::Plain && selector.mode != mode {
            self.note(span, "anchored and smoothed modifiers cannot be used together");
            return;
        }
        selector.mode = mode;
    }
}

fn preceded_by_selector(modifier: &str) -> String {
    format!(
        "{modifier} must be preceded by an instant vector selector or range vector selector or a subquery"
    )
}

fn modifiable(expr: &mut Expr) -> Option<Modifiable<'_>> {
    match expr {
        Expr::Selector(node) => Some(Modifiable {
            offset: &mut node.offset,
            offset_expr: &mut node.offset_expr,
            at: &mut node.at,
            end: &mut node.span.end,
        }),
        Expr::Range(node) => Some(Modifiable {
            offset: &mut node.selector.offset,
            offset_expr: &mut node.selector.offset_expr,
            at: &mut node.selector.at,
            end: &mut node.span.end,
        }),
        Expr::Subquery(node) => Some(Modifiable {
            offset: &mut node.offset,
            offset_expr: &mut node.offset_expr,
            at: &mut node.at,
            end: &mut node.span.end,
        }),
        _ => None,
    }
}
