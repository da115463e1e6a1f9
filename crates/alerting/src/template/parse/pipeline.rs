//! Pipelines: declarations, commands, operands.

use super::Parser;
use crate::template::ast::{Command, Expr, ExprKind, Pipe, Span};
use crate::template::error::TemplateError;
use crate::template::lexer::{Token, TokenKind};
use crate::template::number::{self, Number};

impl Parser<'_> {
    /// A pipeline with the token that ends it.
    pub(super) fn pipeline(
        &mut self,
        context: &str,
        end: &TokenKind,
    ) -> Result<Pipe, TemplateError> {
        let start = self.peek_non_space().start;
        let (variables, is_assignment) = self.declarations(context)?;
        let mut commands: Vec<Command> = Vec::new();
        loop {
            let token = self.peek_non_space().clone();
            match token.kind {
                ref kind if kind == end => {
                    self.next();
                    self.check_commands(&commands, context, token.start)?;
                    let span = Span::new(start, self.end_of(&commands, token.start));
                    return Ok(Pipe { span, variables, is_assignment, commands });
                }
                TokenKind::Bool
                | TokenKind::Char
                | TokenKind::Dot
                | TokenKind::Field
                | TokenKind::Identifier
                | TokenKind::Number
                | TokenKind::Nil
                | TokenKind::RawString
                | TokenKind::String
                | TokenKind::Variable
                | TokenKind::LeftParen => commands.push(self.command()?),
                _ => return self.unexpected(&token, context),
            }
        }
    }

    fn end_of(&self, commands: &[Command], otherwise: usize) -> usize {
        commands.last().map_or(otherwise, |command| command.span.end)
    }

    /// `$x :=`, `$x =`, and for `range` also `$i, $x :=`.
    fn declarations(&mut self, context: &str) -> Result<(Vec<String>, bool), TemplateError> {
        let restart = self.at;
        let mut names: Vec<String> = Vec::new();
        loop {
            let token = self.peek_non_space().clone();
            if token.kind != TokenKind::Variable {
                break;
            }
            self.next();
            names.push(self.text(&token).to_owned());
            let next = self.peek_non_space().clone();
            match next.kind {
                TokenKind::Declare => {
                    self.next();
                    self.variables.extend(names.iter().cloned());
                    return Ok((names, false));
                }
                TokenKind::Assign => {
                    self.next();
                    for name in &names {
                        self.check_variable(name, token.start)?;
                    }
                    return Ok((names, true));
                }
                TokenKind::Comma if context == "range" && names.len() < 2 => {
                    self.next();
                }
                TokenKind::Comma => {
                    return self.fault(next.start, format!("too many declarations in {context}"));
                }
                _ => break,
            }
        }
        if names.len() > 1 {
            let token = self.peek().clone();
            return self.unexpected(&token, context);
        }
        self.at = restart;
        Ok((Vec::new(), false))
    }

    /// A pipeline has a command, and only its first may be a plain value.
    fn check_commands(
        &self,
        commands: &[Command],
        context: &str,
        at: usize,
    ) -> Result<(), TemplateError> {
        if commands.is_empty() {
            return self.fault(at, format!("missing value for {context}"));
        }
        for (stage, command) in commands.iter().enumerate().skip(1) {
            let is_plain = matches!(
                command.words[0].kind,
                ExprKind::Bool(_)
                    | ExprKind::Dot
                    | ExprKind::Nil
                    | ExprKind::Number(_)
                    | ExprKind::String(_)
            );
            if is_plain {
                let stage = stage + 1;
                return self.fault(
                    command.span.start,
                    format!("non executable command in pipeline stage {stage}"),
                );
            }
        }
        Ok(())
    }

    /// Operands up to `|` or the end of the pipeline.
    fn command(&mut self) -> Result<Command, TemplateError> {
        let start = self.peek_non_space().start;
        let mut words = Vec::new();
        loop {
            self.peek_non_space();
            if let Some(operand) = self.operand()? {
                words.push(operand);
            }
            let token = self.next();
            match token.kind {
                TokenKind::Space => continue,
                TokenKind::Close | TokenKind::RightParen => self.at -= 1,
                // Go lets a pipeline end in a pipe, and so it stays.
                TokenKind::Pipe => {}
                _ => return self.unexpected(&token, "operand"),
            }
            break;
        }
        if words.is_empty() {
            return self.fault(start, "empty command");
        }
        let end = words.last().map_or(start, |word| word.span.end);
        Ok(Command { span: Span::new(start, end), words })
    }

    /// A term and the fields behind it.
    fn operand(&mut self) -> Result<Option<Expr>, TemplateError> {
        let Some(term) = self.term()? else { return Ok(None) };
        if self.peek().kind != TokenKind::Field {
            return Ok(Some(term));
        }
        let mut fields = Vec::new();
        let (at, mut end) = (self.peek().start, term.span.end);
        while self.peek().kind == TokenKind::Field {
            let token = self.next();
            fields.push(self.text(&token)[1..].to_owned());
            end = token.end;
        }
        let span = Span { start: term.span.start, end, at };
        let kind = match term.kind {
            ExprKind::Field(mut first) => {
                first.extend(fields);
                ExprKind::Field(first)
            }
            ExprKind::Variable(name, _) => ExprKind::Variable(name, fields),
            ExprKind::Dot
            | ExprKind::Nil
            | ExprKind::Bool(_)
            | ExprKind::Number(_)
            | ExprKind::String(_) => {
                let text = &self.source[term.span.start..term.span.end];
                return self.fault(term.span.end, format!("unexpected . after term {text:?}"));
            }
            _ => ExprKind::Chain(Box::new(term), fields),
        };
        Ok(Some(Expr { span, kind }))
    }

    fn term(&mut self) -> Result<Option<Expr>, TemplateError> {
        let token = self.peek().clone();
        let kind = match token.kind {
            TokenKind::Identifier => {
                let name = self.text(&token);
                let Some(function) = self.dialect.function(name) else {
                    return self.fault(token.start, format!("function {name:?} not defined"));
                };
                ExprKind::Function(function)
            }
            TokenKind::Dot => ExprKind::Dot,
            TokenKind::Nil => ExprKind::Nil,
            TokenKind::Bool => ExprKind::Bool(self.text(&token) == "true"),
            TokenKind::Variable => {
                self.check_variable(self.text(&token), token.start)?;
                ExprKind::Variable(self.text(&token).to_owned(), Vec::new())
            }
            TokenKind::Field => ExprKind::Field(vec![self.text(&token)[1..].to_owned()]),
            TokenKind::Char | TokenKind::Number => ExprKind::Number(self.number(&token)?),
            TokenKind::String | TokenKind::RawString => ExprKind::String(self.string(&token)?),
            TokenKind::LeftParen => {
                self.next();
                let pipe =
                    self.nested(|p| p.pipeline("parenthesized pipeline", &TokenKind::RightParen))?;
                let end = self.tokens[self.at - 1].end;
                let span = Span::new(token.start, end);
                return Ok(Some(Expr { span, kind: ExprKind::Pipe(Box::new(pipe)) }));
            }
            _ => return Ok(None),
        };
        self.next();
        Ok(Some(Expr { span: Span::new(token.start, token.end), kind }))
    }

    fn check_variable(&self, name: &str, at: usize) -> Result<(), TemplateError> {
        if self.variables.iter().any(|known| known == name) {
            return Ok(());
        }
        self.fault(at, format!("undefined variable {name:?}"))
    }

    fn number(&self, token: &Token) -> Result<Number, TemplateError> {
        let text = self.text(token);
        let parsed = match token.kind {
            TokenKind::Char => Number::of_char(text),
            _ => Number::parse(text),
        };
        match parsed {
            Some(number) => Ok(number),
            None if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.fault(token.start, format!("integer overflow: {text:?}"))
            }
            None => self.fault(token.start, format!("illegal number syntax: {text:?}")),
        }
    }

    pub(super) fn string(&self, token: &Token) -> Result<String, TemplateError> {
        let text = self.text(token);
        let parsed = match token.kind {
            TokenKind::RawString => Some(text[1..text.len() - 1].replace('\r', "")),
            _ => number::unquote(text),
        };
        match parsed {
            Some(text) => Ok(text),
            None => self.fault(token.start, "invalid syntax"),
        }
    }
}
