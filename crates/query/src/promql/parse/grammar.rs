//! The grammar of expressions: operators, calls, aggregations, parentheses.
//!
//! A fault of grammar ends the parse. Faults of meaning (an unknown function, a
//! second `offset`) are noted, and the parse goes on.

use super::error::{ParseError, ParseErrors};
use super::lexer;
use super::number;
use super::text::unquote;
use super::token::{Kind, Token, Word};
use super::{DEPTH_MAX, LENGTH_BYTES_MAX, NESTING_MAX, ParseOptions};
use crate::promql::ast::{
    Aggregate, AggregateOp, Binary, BinaryOp, Call, Expr, Grouping, NumberLiteral, Paren, Span,
    StringLiteral, Unary,
};
use crate::promql::functions::signatures;

/// The parse cannot go on; what is wrong has been noted.
#[derive(Debug)]
pub(super) struct Stop;

/// A part that was read, or the end of the parse.
pub(super) type Parsed<T> = Result<T, Stop>;

/// An expression and how many levels it has.
pub(super) struct Tree {
    pub(super) expr: Expr,
    pub(super) height: usize,
}

impl Tree {
    pub(super) fn leaf(expr: Expr) -> Self {
        Self { expr, height: 1 }
    }
}

/// Reads one text.
pub(super) struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token<'a>>,
    /// Why the last token is bad.
    lexer_fault: Option<String>,
    at: usize,
    errors: Vec<ParseError>,
    pub(super) options: ParseOptions,
    /// How many expressions the one being read stands in.
    nesting: usize,
    /// What an unexpected word is said to be unexpected in, innermost last.
    contexts: Vec<Context>,
}

/// Where a word is unexpected, and what would have been expected; both may be empty.
#[derive(Clone, Copy, Default)]
pub(super) struct Context {
    pub(super) inside: &'static str,
    pub(super) expected: &'static str,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str, options: ParseOptions) -> Result<Self, ParseErrors> {
        if text.len() > LENGTH_BYTES_MAX {
            let message = format!(
                "the query is {} bytes long, more than {LENGTH_BYTES_MAX}; make it shorter",
                text.len()
            );
            return Err(ParseError::new(text, Span::default(), message).into());
        }
        let words = lexer::lex(text);
        Ok(Self {
            text,
            tokens: words.tokens,
            lexer_fault: words.fault,
            at: 0,
            errors: Vec::new(),
            options,
            nesting: 0,
            contexts: Vec::new(),
        })
    }

    /// Reads with `read`; the result counts only where nothing was noted.
    pub(super) fn finish<T>(
        mut self,
        read: impl FnOnce(&mut Self) -> Parsed<T>,
    ) -> Result<T, ParseErrors> {
        let result = read(&mut self);
        match (result, ParseErrors::from_found(self.errors)) {
            (_, Some(errors)) => Err(errors),
            (Ok(value), None) => Ok(value),
            (Err(Stop), None) => unreachable!("a parse stops only after noting why"),
        }
    }

    /// A whole text that is one expression.
    pub(super) fn query(&mut self) -> Parsed<Expr> {
        if self.peek().kind == Kind::End {
            return Err(self.stop(Span::default(), "no expression found in input"));
        }
        let tree = self.expression(0)?;
        self.expect_end()?;
        Ok(tree.expr)
    }

    /// An expression whose operators bind at least as tightly as `precedence_min`.
    pub(super) fn expression(&mut self, precedence_min: u8) -> Parsed<Tree> {
        self.nesting += 1;
        self.limit_nesting(0)?;
        let mut left = self.unary()?;
        while let Kind::Operator(op) = self.peek().kind
            && op.precedence() >= precedence_min
        {
            self.next();
            let modifiers = self.binary_modifiers()?;
            let tighter = u8::from(!op.is_right_associative());
            let right = self.expression(op.precedence() + tighter)?;
            let height = 1 + left.height.max(right.height);
            self.limit_height(height)?;
            let span = left.expr.span().to(right.expr.span());
            let fills = &modifiers.matching;
            if !self.options.experimental
                && (fills.fill_left.is_some() || fills.fill_right.is_some())
            {
                self.note(span, "binop fill modifiers are experimental and not enabled");
            }
            let binary = Binary {
                op,
                lhs: left.expr,
                rhs: right.expr,
                is_bool: modifiers.is_bool,
                matching: Some(modifiers.matching),
                span,
            };
            left = Tree { expr: Expr::Binary(Box::new(binary)), height };
        }
        self.nesting -= 1;
        Ok(left)
    }

    /// A sign binds as tightly as `*`: `-a ^ b` is `-(a ^ b)`, `-a * b` is `(-a) * b`.
    fn unary(&mut self) -> Parsed<Tree> {
        let sign = self.peek();
        let is_negative = match sign.kind {
            Kind::Operator(BinaryOp::Sub) => true,
            Kind::Operator(BinaryOp::Add) => false,
            _ => return self.operand(),
        };
        self.next();
        let operand = self.expression(BinaryOp::Mul.precedence() + 1)?;
        let span = sign.span.to(operand.expr.span());
        if let Expr::Number(mut number) = operand.expr {
            number.value = if is_negative { -number.value } else { number.value };
            number.span = span;
            return Ok(Tree::leaf(Expr::Number(number)));
        }
        let unary = Unary { is_negative, expr: Box::new(operand.expr), span };
        Ok(Tree { expr: Expr::Unary(unary), height: operand.height + 1 })
    }

    /// An operand with all that is attached behind it: `[5m]`, `offset`, `@`.
    fn operand(&mut self) -> Parsed<Tree> {
        let mut tree = self.primary()?;
        while self.attachment(&mut tree)? {}
        Ok(tree)
    }

    fn primary(&mut self) -> Parsed<Tree> {
        let token = self.peek();
        match token.kind {
            Kind::Number | Kind::Duration => {
                self.next();
                Ok(Tree::leaf(Expr::Number(self.number_literal(token))))
            }
            Kind::String => {
                self.next();
                let value = self.unquoted(token);
                Ok(Tree::leaf(Expr::String(StringLiteral { value, span: token.span })))
            }
            Kind::LeftParen => self.parenthesised(),
            Kind::Aggregate(op) if self.is_aggregation() => self.aggregation(op),
            Kind::Identifier if self.is_call() => self.call(),
            Kind::Word(word) if word.is_callable() && self.is_call() => self.call(),
            Kind::LeftBrace => self.selector(),
            kind if kind.is_metric_name() => self.selector(),
            _ => Err(self.unexpected()),
        }
    }

    fn selector(&mut self) -> Parsed<Tree> {
        Ok(Tree::leaf(Expr::Selector(self.vector_selector()?)))
    }

    fn parenthesised(&mut self) -> Parsed<Tree> {
        let open = self.next();
        let inner = self.expression(0)?;
        let close = self.expect(Kind::RightParen)?;
        let paren = Paren { expr: Box::new(inner.expr), span: open.span.to(close.span) };
        Ok(Tree { expr: Expr::Paren(paren), height: inner.height + 1 })
    }

    fn is_call(&self) -> bool {
        self.peek_second() == Kind::LeftParen
    }

    fn is_aggregation(&self) -> bool {
        matches!(
            self.peek_second(),
            Kind::LeftParen | Kind::Word(Word::By) | Kind::Word(Word::Without)
        )
    }

    fn call(&mut self) -> Parsed<Tree> {
        let name = self.next();
        let (args, height, end) = self.arguments()?;
        let span = name.span.to(end);
        let Some(function) = signatures::find(name.text) else {
            self.note(name.span, format!("unknown function with name {:?}", name.text));
            return Ok(self.placeholder(span));
        };
        if function.is_experimental && !self.options.experimental {
            self.note(name.span, format!("function {:?} is not enabled", name.text));
        }
        Ok(Tree { expr: Expr::Call(Call { function, args, span }), height: height + 1 })
    }

    /// `(a, b)`; gives the arguments, their greatest height, and the place of `)`.
    fn arguments(&mut self) -> Parsed<(Vec<Expr>, usize, Span)> {
        self.expect(Kind::LeftParen)?;
        let mut args = Vec::new();
        let mut height = 0;
        if self.peek().kind != Kind::RightParen {
            loop {
                let arg = self.expression(0)?;
                height = height.max(arg.height);
                args.push(arg.expr);
                let comma = self.peek();
                if comma.kind != Kind::Comma {
                    break;
                }
                self.next();
                if matches!(self.peek().kind, Kind::RightParen | Kind::Comma | Kind::End) {
                    let message = "trailing commas not allowed in function call args";
                    return Err(self.stop(comma.span, message));
                }
            }
        }
        let close = self.expect(Kind::RightParen)?;
        Ok((args, height, close.span))
    }

    fn aggregation(&mut self, op: AggregateOp) -> Parsed<Tree> {
        let name = self.next();
        self.within(Context { inside: "aggregation", expected: "" }, |parser| {
            let before = parser.grouping()?;
            let (args, height, mut end) = parser.arguments()?;
            let grouping = match before {
                Some(grouping) => grouping,
                None => parser.grouping()?.unwrap_or(Grouping::By(Vec::new())),
            };
            if parser.tokens[parser.at - 1].kind == Kind::RightParen {
                end = parser.tokens[parser.at - 1].span;
            }
            let span = name.span.to(end);
            let Some((param, expr)) = parser.aggregation_arguments(op, args, span) else {
                return Ok(parser.placeholder(span));
            };
            let aggregate = Aggregate { op, param, expr: Box::new(expr), grouping, span };
            Ok(Tree { expr: Expr::Aggregate(aggregate), height: height + 1 })
        })
    }

    fn grouping(&mut self) -> Parsed<Option<Grouping>> {
        let make = match self.peek().kind {
            Kind::Word(Word::By) => Grouping::By,
            Kind::Word(Word::Without) => Grouping::Without,
            _ => return Ok(None),
        };
        self.next();
        Ok(Some(make(self.grouping_labels()?)))
    }

    /// The parameter, where the operator has one, and what is aggregated; `None`
    /// after noting that they do not fit.
    fn aggregation_arguments(
        &mut self,
        op: AggregateOp,
        mut args: Vec<Expr>,
        span: Span,
    ) -> Option<(Option<Box<Expr>>, Expr)> {
        if args.is_empty() {
            self.note(span, "no arguments for aggregate expression provided");
            return None;
        }
        if op.is_experimental() && !self.options.experimental {
            self.note(span, format!("{}() is experimental and is not enabled", op.as_str()));
            return None;
        }
        let wanted = 1 + usize::from(op.param_type().is_some());
        if args.len() != wanted {
            let message = format!(
                "wrong number of arguments for aggregate expression provided, expected {wanted}, got {}",
                args.len()
            );
            self.note(span, message);
            return None;
        }
        let expr = args.pop()?;
        Some((args.pop().map(Box::new), expr))
    }

    /// Stands in for what has no meaning, once that has been noted.
    pub(super) fn placeholder(&self, span: Span) -> Tree {
        Tree::leaf(Expr::Number(NumberLiteral { value: 0.0, is_duration: false, span }))
    }

    /// The value of a number or duration.
    pub(super) fn number_literal(&mut self, token: Token<'_>) -> NumberLiteral {
        let is_duration = token.kind == Kind::Duration;
        let value = if is_duration {
            number::duration_seconds(token.text)
        } else {
            number::value(token.text)
                .ok_or_else(|| format!("error parsing number: {:?} is out of range", token.text))
        };
        let value = value.unwrap_or_else(|message| {
            self.note(token.span, message);
            0.0
        });
        NumberLiteral { value, is_duration, span: token.span }
    }

    /// What a quoted text says.
    pub(super) fn unquoted(&mut self, token: Token<'_>) -> String {
        unquote(token.text).unwrap_or_else(|reason| {
            self.note(token.span, format!("error unquoting string {:?}: {reason}", token.text));
            String::new()
        })
    }

    // Words.

    pub(super) fn peek(&self) -> Token<'a> {
        self.tokens[self.at]
    }

    fn peek_second(&self) -> Kind {
        self.tokens.get(self.at + 1).map_or(Kind::End, |token| token.kind)
    }

    /// Takes a word; the last one stays.
    pub(super) fn next(&mut self) -> Token<'a> {
        let token = self.peek();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    /// Takes a word of this kind, where it is the next.
    pub(super) fn take(&mut self, kind: Kind) -> Option<Token<'a>> {
        (self.peek().kind == kind).then(|| self.next())
    }

    pub(super) fn expect(&mut self, kind: Kind) -> Parsed<Token<'a>> {
        self.take(kind).ok_or_else(|| self.unexpected())
    }

    pub(super) fn expect_end(&mut self) -> Parsed<()> {
        if self.peek().kind == Kind::End { Ok(()) } else { Err(self.unexpected()) }
    }

    /// Where the word taken last ends.
    pub(super) fn last_end(&self) -> usize {
        self.at.checked_sub(1).map_or(0, |last| self.tokens[last].span.end)
    }

    // Faults.

    pub(super) fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }

    /// The text that is being read.
    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// Notes a fault of meaning.
    pub(super) fn note(&mut self, span: Span, message: impl Into<String>) {
        self.errors.push(ParseError::new(self.text, span, message));
    }

    /// Notes a fault after which nothing can be read.
    pub(super) fn stop(&mut self, span: Span, message: impl Into<String>) -> Stop {
        self.note(span, message);
        Stop
    }

    /// The next word fits nowhere.
    pub(super) fn unexpected(&mut self) -> Stop {
        let context = self.contexts.last().copied().unwrap_or_default();
        self.unexpected_in(context.inside, context.expected)
    }

    /// The next word does not fit; an empty `inside` or `expected` is left out.
    pub(super) fn unexpected_in(&mut self, inside: &str, expected: &str) -> Stop {
        let token = self.peek();
        if let (Kind::Bad, Some(fault)) = (token.kind, self.lexer_fault.take()) {
            return self.stop(token.span, fault);
        }
        let mut message = format!("unexpected {token}");
        for (word, what) in [(" in ", inside), (", expected ", expected)] {
            if !what.is_empty() {
                message.push_str(word);
                message.push_str(what);
            }
        }
        self.stop(token.span, message)
    }

    /// Reads something; words that are unexpected there are so in `context`.
    pub(super) fn within<T>(
        &mut self,
        context: Context,
        read: impl FnOnce(&mut Self) -> Parsed<T>,
    ) -> Parsed<T> {
        self.contexts.push(context);
        let result = read(self);
        self.contexts.pop();
        result
    }

    /// Stops where an expression would stand in too many others.
    pub(super) fn limit_nesting(&mut self, more: usize) -> Parsed<()> {
        self.limit(self.nesting + more, NESTING_MAX)
    }

    /// Stops where the tree would become too deep.
    pub(super) fn limit_height(&mut self, height: usize) -> Parsed<()> {
        self.limit(self.nesting + height, DEPTH_MAX)
    }

    fn limit(&mut self, levels: usize, max: usize) -> Parsed<()> {
        if levels <= max {
            return Ok(());
        }
        let message =
            format!("the query is more than {max} levels deep; split it with recording rules");
        Err(self.stop(self.peek().span, message))
    }
}
