//! From tokens to trees.
//!
//! A recursive descent over the grammar of `text/template`. Error texts follow
//! Go's, which people search for.

mod pipeline;

use std::sync::Arc;

use super::ast::{Branch, Node, Pipe, Span, Template};
use super::error::TemplateError;
use super::functions::Dialect;
use super::lexer::{Keyword, Token, TokenKind, tokens};

/// The longest text that is read, in bytes.
const SOURCE_BYTES_MAX: usize = 4 << 20;
/// The deepest that actions and parentheses may stand in each other.
const NESTING_MAX: usize = 100;

/// Reads `source`: the template `name` itself first, then those that it defines.
pub(super) fn parse(
    name: &str,
    source: &str,
    dialect: Dialect,
) -> Result<Vec<Template>, TemplateError> {
    if source.len() > SOURCE_BYTES_MAX {
        return Err(TemplateError::Parse {
            name: name.to_owned(),
            line: 1,
            message: format!("the template is longer than {SOURCE_BYTES_MAX} bytes"),
        });
    }
    let source: Arc<str> = source.into();
    let mut parser = Parser {
        name,
        source: &source,
        dialect,
        tokens: tokens(&source),
        at: 0,
        variables: vec!["$".to_owned()],
        range_depth: 0,
        nesting: 0,
        defined: Vec::new(),
    };
    let body = parser.top_level()?;
    let defined = std::mem::take(&mut parser.defined);
    let template = |name: &str, body| Template {
        name: name.to_owned(),
        source_name: parser.name.to_owned(),
        source: Arc::clone(&source),
        body,
    };
    let mut all: Vec<Template> = Vec::new();
    for (name, body) in std::iter::once((name.to_owned(), body)).chain(defined) {
        let template = template(&name, body);
        match all.iter_mut().find(|known| known.name == name) {
            None => all.push(template),
            Some(known) if known.is_blank() => *known = template,
            Some(_) if template.is_blank() => {}
            Some(_) => {
                let message = format!("multiple definition of template {name:?}");
                return parser.fault(source.len(), message);
            }
        }
    }
    Ok(all)
}

/// The most of a token that an error shows, in characters.
const SHOWN_CHARS_MAX: usize = 10;

struct Parser<'a> {
    name: &'a str,
    source: &'a str,
    dialect: Dialect,
    tokens: Vec<Token>,
    at: usize,
    /// The variables in scope.
    variables: Vec<String>,
    range_depth: usize,
    nesting: usize,
    defined: Vec<(String, Vec<Node>)>,
}

/// What ended a list of nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    End,
    Else,
}

impl Parser<'_> {
    fn peek(&self) -> &Token {
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    fn peek_non_space(&mut self) -> &Token {
        while self.peek().kind == TokenKind::Space {
            self.at += 1;
        }
        self.peek()
    }

    fn next_non_space(&mut self) -> Token {
        self.peek_non_space();
        self.next()
    }

    fn text(&self, token: &Token) -> &str {
        &self.source[token.start..token.end]
    }

    fn fault<T>(&self, at: usize, message: impl Into<String>) -> Result<T, TemplateError> {
        let before = &self.source[..at.min(self.source.len())];
        Err(TemplateError::Parse {
            name: self.name.to_owned(),
            line: 1 + before.matches('\n').count(),
            message: message.into(),
        })
    }

    fn unexpected<T>(&self, token: &Token, context: &str) -> Result<T, TemplateError> {
        let shown = match &token.kind {
            TokenKind::Fault(message) => return self.fault(token.start, message.clone()),
            TokenKind::End => "EOF".to_owned(),
            TokenKind::Keyword(_) | TokenKind::Dot | TokenKind::Nil => {
                format!("<{}>", self.text(token))
            }
            _ => match self.text(token).char_indices().nth(SHOWN_CHARS_MAX) {
                Some((end, _)) => format!("{:?}...", &self.text(token)[..end]),
                None => format!("{:?}", self.text(token)),
            },
        };
        self.fault(token.start, format!("unexpected {shown} in {context}"))
    }

    fn nested<T>(
        &mut self,
        parse: impl FnOnce(&mut Self) -> Result<T, TemplateError>,
    ) -> Result<T, TemplateError> {
        if self.nesting == NESTING_MAX {
            let at = self.peek().start;
            return self.fault(at, format!("actions are nested deeper than {NESTING_MAX}"));
        }
        self.nesting += 1;
        let parsed = parse(self);
        self.nesting -= 1;
        parsed
    }

    fn top_level(&mut self) -> Result<Vec<Node>, TemplateError> {
        let mut nodes = Vec::new();
        loop {
            let token = self.peek().clone();
            if token.kind == TokenKind::End {
                return Ok(nodes);
            }
            if token.kind == TokenKind::Open {
                let restart = self.at;
                self.next();
                let keyword = self.next_non_space();
                if keyword.kind == TokenKind::Keyword(Keyword::Define) {
                    self.define()?;
                    continue;
                }
                self.at = restart;
            }
            if let Some(stop) = self.node(&mut nodes)? {
                let word = if stop == Stop::End { "{{end}}" } else { "{{else}}" };
                return self.fault(token.start, format!("unexpected {word}"));
            }
        }
    }

    fn define(&mut self) -> Result<(), TemplateError> {
        let name = self.template_name("define clause")?;
        self.close("define clause")?;
        let body = self.separate_body("define clause")?;
        self.defined.push((name, body));
        Ok(())
    }

    /// The nodes up to `end`, which see no variable of what surrounds them.
    fn separate_body(&mut self, context: &str) -> Result<Vec<Node>, TemplateError> {
        let outer = std::mem::replace(&mut self.variables, vec!["$".to_owned()]);
        let outer_range_depth = std::mem::take(&mut self.range_depth);
        let (body, stop) = self.nested(Self::nodes)?;
        if stop != Stop::End {
            let at = self.peek().start;
            return self.fault(at, format!("unexpected {{{{else}}}} in {context}"));
        }
        self.variables = outer;
        self.range_depth = outer_range_depth;
        Ok(body)
    }

    fn template_name(&mut self, context: &str) -> Result<String, TemplateError> {
        let token = self.next_non_space();
        match token.kind {
            TokenKind::String | TokenKind::RawString => self.string(&token),
            _ => self.unexpected(&token, context),
        }
    }

    fn close(&mut self, context: &str) -> Result<(), TemplateError> {
        let token = self.next_non_space();
        if token.kind == TokenKind::Close {
            return Ok(());
        }
        self.unexpected(&token, context)
    }

    /// Nodes up to `end` or `else`.
    fn nodes(&mut self) -> Result<(Vec<Node>, Stop), TemplateError> {
        let mut nodes = Vec::new();
        loop {
            if self.peek().kind == TokenKind::End {
                let at = self.peek().start;
                return self.fault(at, "unexpected EOF");
            }
            if let Some(stop) = self.node(&mut nodes)? {
                return Ok((nodes, stop));
            }
        }
    }

    /// Appends the next text or action, or says that a list ends here.
    fn node(&mut self, nodes: &mut Vec<Node>) -> Result<Option<Stop>, TemplateError> {
        let token = self.next();
        match token.kind {
            TokenKind::Text => {
                nodes.push(Node::Text(self.text(&token).to_owned()));
                Ok(None)
            }
            TokenKind::Open => self.action(nodes),
            _ => self.unexpected(&token, "input"),
        }
    }

    fn action(&mut self, nodes: &mut Vec<Node>) -> Result<Option<Stop>, TemplateError> {
        let token = self.peek_non_space().clone();
        let TokenKind::Keyword(keyword) = token.kind else {
            nodes.push(Node::Action(self.pipeline("command", &TokenKind::Close)?));
            return Ok(None);
        };
        self.next();
        match keyword {
            Keyword::If => nodes.push(Node::If(self.branch(keyword, token.start)?)),
            Keyword::With => nodes.push(Node::With(self.branch(keyword, token.start)?)),
            Keyword::Range => nodes.push(Node::Range(self.branch(keyword, token.start)?)),
            Keyword::Template => nodes.push(self.template_call()?),
            Keyword::Block => nodes.push(self.block()?),
            Keyword::Break => nodes.push(self.loop_control(Node::Break, "break", token.start)?),
            Keyword::Continue => {
                nodes.push(self.loop_control(Node::Continue, "continue", token.start)?);
            }
            Keyword::Define => return self.unexpected(&token, "command"),
            Keyword::End => {
                self.close("end")?;
                return Ok(Some(Stop::End));
            }
            Keyword::Else => {
                // `else if` and `else with` stay open: `branch` reads them on.
                let next = self.peek_non_space().kind.clone();
                let is_chained = matches!(next, TokenKind::Keyword(Keyword::If | Keyword::With));
                if !is_chained {
                    self.close("else")?;
                }
                return Ok(Some(Stop::Else));
            }
        }
        Ok(None)
    }

    fn loop_control(&mut self, node: Node, word: &str, at: usize) -> Result<Node, TemplateError> {
        let token = self.next_non_space();
        if token.kind != TokenKind::Close {
            return self.unexpected(&token, &format!("{{{{{word}}}}}"));
        }
        if self.range_depth == 0 {
            return self.fault(at, format!("{{{{{word}}}}} outside {{{{range}}}}"));
        }
        Ok(node)
    }

    fn branch(&mut self, keyword: Keyword, start: usize) -> Result<Branch, TemplateError> {
        self.nested(|parser| parser.branch_inside(keyword, start))
    }

    fn branch_inside(&mut self, keyword: Keyword, start: usize) -> Result<Branch, TemplateError> {
        let scope = self.variables.len();
        let context = match keyword {
            Keyword::If => "if",
            Keyword::With => "with",
            _ => "range",
        };
        let pipe = self.pipeline(context, &TokenKind::Close)?;
        let span = Span::new(start, pipe.span.end);
        let depth = self.range_depth;
        self.range_depth += usize::from(keyword == Keyword::Range);
        let (body, stop) = self.nodes()?;
        self.range_depth = depth;
        let otherwise = match stop {
            Stop::End => Vec::new(),
            Stop::Else => self.otherwise(keyword)?,
        };
        self.variables.truncate(scope);
        Ok(Branch { span, pipe, body, otherwise })
    }

    /// What follows `else`, up to the `end` of the branch.
    fn otherwise(&mut self, of: Keyword) -> Result<Vec<Node>, TemplateError> {
        let token = self.peek_non_space().clone();
        match (of, &token.kind) {
            (Keyword::If, TokenKind::Keyword(Keyword::If)) => {
                self.next();
                Ok(vec![Node::If(self.branch(Keyword::If, token.start)?)])
            }
            (Keyword::With, TokenKind::Keyword(Keyword::With)) => {
                self.next();
                Ok(vec![Node::With(self.branch(Keyword::With, token.start)?)])
            }
            (_, TokenKind::Keyword(Keyword::If | Keyword::With)) if self.follows_else() => {
                self.unexpected(&token, "else")
            }
            _ => {
                let (nodes, stop) = self.nodes()?;
                if stop == Stop::Else {
                    let at = self.peek().start;
                    return self.fault(at, "expected end; found {{else}}");
                }
                Ok(nodes)
            }
        }
    }

    /// Whether the token before this one is `else`, so that it was not closed.
    fn follows_else(&self) -> bool {
        let before = self.tokens[..self.at].iter().rev().find(|t| t.kind != TokenKind::Space);
        before.is_some_and(|token| token.kind == TokenKind::Keyword(Keyword::Else))
    }

    fn template_call(&mut self) -> Result<Node, TemplateError> {
        let start = self.peek_non_space().start;
        let name = self.template_name("template clause")?;
        let (data, end) = self.optional_pipeline("template clause")?;
        Ok(Node::Template { span: Span::new(start, end), name, data })
    }

    fn optional_pipeline(&mut self, context: &str) -> Result<(Option<Pipe>, usize), TemplateError> {
        let token = self.peek_non_space().clone();
        if token.kind == TokenKind::Close {
            self.next();
            return Ok((None, token.start));
        }
        let pipe = self.pipeline(context, &TokenKind::Close)?;
        let end = pipe.span.end;
        Ok((Some(pipe), end))
    }

    fn block(&mut self) -> Result<Node, TemplateError> {
        let start = self.peek_non_space().start;
        let name = self.template_name("block clause")?;
        let pipe = self.pipeline("block clause", &TokenKind::Close)?;
        let body = self.separate_body("block clause")?;
        self.defined.push((name.clone(), body));
        let span = Span::new(start, pipe.span.end);
        Ok(Node::Template { span, name, data: Some(pipe) })
    }
}
