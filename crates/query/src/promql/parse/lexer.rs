//! From text to words.
//!
//! What a character means depends on where it stands: inside of braces there are
//! no keywords, inside of brackets names are allowed in certain places only.

use super::number::{self, Scanned};
use super::text;
use super::token::{Kind, Token, Word};
use crate::promql::ast::{BinaryOp, Span};

/// The words of a text; the last is [`Kind::End`] or [`Kind::Bad`].
pub(super) struct Words<'a> {
    pub(super) tokens: Vec<Token<'a>>,
    /// Why the last one is bad.
    pub(super) fault: Option<String>,
}

/// Cuts `text` into words; comments are left out.
pub(super) fn lex(text: &str) -> Words<'_> {
    let mut lexer =
        Lexer { text, at: 0, place: Place::Outside, open_parens: 0, tokens: Vec::new() };
    let fault = lexer.run().err().map(|fault| {
        let span = Span { start: fault.at, end: text.len() };
        lexer.tokens.push(Token { kind: Kind::Bad, text: &text[fault.at..], span });
        fault.message
    });
    Words { tokens: lexer.tokens, fault }
}

/// Where the lexer is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Outside,
    Braces,
    /// Behind `[`, before the first number.
    Range {
        colon: bool,
    },
    /// Behind the first number in brackets.
    RangeTail {
        colon: bool,
    },
}

struct Fault {
    at: usize,
    message: String,
}

struct Lexer<'a> {
    text: &'a str,
    /// The byte to be read next.
    at: usize,
    place: Place,
    open_parens: usize,
    tokens: Vec<Token<'a>>,
}

impl<'a> Lexer<'a> {
    fn run(&mut self) -> Result<(), Fault> {
        loop {
            self.skip_blank();
            let Some(next) = self.peek() else { return self.end() };
            match self.place {
                Place::Braces => self.in_braces(next)?,
                Place::Range { colon } => self.in_range(next, colon)?,
                Place::Outside | Place::RangeTail { .. } => self.outside(next)?,
            }
        }
    }

    fn end(&mut self) -> Result<(), Fault> {
        let message = match self.place {
            Place::Braces => "unexpected end of input inside braces",
            Place::Range { .. } => "unexpected end of input in duration expression",
            _ if self.open_parens > 0 => "unclosed left parenthesis",
            Place::RangeTail { .. } => "unclosed left bracket",
            Place::Outside => {
                self.emit(Kind::End, 0);
                return Ok(());
            }
        };
        self.fault(message)
    }

    fn outside(&mut self, next: char) -> Result<(), Fault> {
        let second = self.peek_behind(next);
        match next {
            ',' => self.emit(Kind::Comma, 1),
            '@' => self.emit(Kind::At, 1),
            '=' if second == Some('=') => self.emit(Kind::Operator(BinaryOp::Eql), 2),
            '=' if second == Some('~') => {
                return self.fault("unexpected character after '=': '~'");
            }
            '=' => self.emit(Kind::Equal, 1),
            '!' if second == Some('=') => self.emit(Kind::Operator(BinaryOp::Neq), 2),
            '!' => {
                return self.fault(format!("unexpected character after '!': {}", quoted(second)));
            }
            '<' if second == Some('=') => self.emit(Kind::Operator(BinaryOp::Lte), 2),
            '<' if second == Some('/') => self.emit(Kind::Operator(BinaryOp::TrimUpper), 2),
            '<' => self.emit(Kind::Operator(BinaryOp::Lss), 1),
            '>' if second == Some('=') => self.emit(Kind::Operator(BinaryOp::Gte), 2),
            '>' if second == Some('/') => self.emit(Kind::Operator(BinaryOp::TrimLower), 2),
            '>' => self.emit(Kind::Operator(BinaryOp::Gtr), 1),
            '(' | ')' => self.paren(next)?,
            '{' => {
                self.emit(Kind::LeftBrace, 1);
                self.place = Place::Braces;
            }
            '[' if self.place != Place::Outside => {
                return self.fault("unexpected left bracket '['");
            }
            '[' => {
                self.emit(Kind::LeftBracket, 1);
                self.place = Place::Range { colon: false };
            }
            ']' if self.place == Place::Outside => {
                return self.fault("unexpected right bracket ']'");
            }
            ']' => self.close_bracket(),
            '"' | '\'' | '`' => self.string(next)?,
            _ if is_number_start(next, second) => self.number()?,
            _ if is_name_start(next) || next == ':' => self.name(next)?,
            _ => match arithmetic(next) {
                Some(op) => self.emit(Kind::Operator(op), 1),
                None => return self.fault(format!("unexpected character: {next:?}")),
            },
        }
        Ok(())
    }

    fn in_braces(&mut self, next: char) -> Result<(), Fault> {
        let second = self.peek_behind(next);
        match next {
            ',' => self.emit(Kind::Comma, 1),
            '"' | '\'' | '`' => self.string(next)?,
            '=' if second == Some('~') => self.emit(Kind::EqualRegex, 2),
            '=' => self.emit(Kind::Equal, 1),
            '!' if second == Some('~') => self.emit(Kind::NotEqualRegex, 2),
            '!' if second == Some('=') => self.emit(Kind::Operator(BinaryOp::Neq), 2),
            '!' => {
                let second = quoted(second);
                return self
                    .fault(format!("unexpected character after '!' inside braces: {second}"));
            }
            '{' => return self.fault("unexpected left brace '{'"),
            '}' => {
                self.emit(Kind::RightBrace, 1);
                self.place = Place::Outside;
            }
            _ if is_name_start(next) => self.emit(Kind::Identifier, self.name_len(false)),
            _ => return self.fault(format!("unexpected character inside braces: {next:?}")),
        }
        Ok(())
    }

    fn in_range(&mut self, next: char, colon: bool) -> Result<(), Fault> {
        let unexpected = || format!("unexpected character in duration expression: {next:?}");
        match next {
            ',' => self.emit(Kind::Comma, 1),
            '(' | ')' => self.paren(next)?,
            ']' => self.close_bracket(),
            ':' if colon => {
                return self.fault("unexpected repeated colon in duration expression");
            }
            ':' if !self.has_duration() => {
                return self.fault("unexpected colon before duration in duration expression");
            }
            ':' => self.colon(),
            _ if is_number_start(next, self.peek_behind(next)) => {
                self.number()?;
                self.place = Place::RangeTail { colon };
            }
            _ if is_name_start(next) => match self.duration_word() {
                Some((word, len)) => self.emit(Kind::Word(word), len),
                None => return self.fault(unexpected()),
            },
            _ => match arithmetic(next) {
                Some(op) => self.emit(Kind::Operator(op), 1),
                None => return self.fault(unexpected()),
            },
        }
        Ok(())
    }

    /// Whether something stands between the bracket and here.
    fn has_duration(&self) -> bool {
        self.tokens.last().is_some_and(|token| token.kind != Kind::LeftBracket)
    }

    fn paren(&mut self, which: char) -> Result<(), Fault> {
        if which == '(' {
            self.emit(Kind::LeftParen, 1);
            self.open_parens += 1;
            return Ok(());
        }
        let Some(open) = self.open_parens.checked_sub(1) else {
            return self.fault("unexpected right parenthesis ')'");
        };
        self.open_parens = open;
        self.emit(Kind::RightParen, 1);
        Ok(())
    }

    fn close_bracket(&mut self) {
        self.emit(Kind::RightBracket, 1);
        self.place = Place::Outside;
    }

    fn colon(&mut self) {
        self.emit(Kind::Colon, 1);
        self.place = match self.place {
            Place::Range { .. } => Place::Range { colon: true },
            _ => Place::RangeTail { colon: true },
        };
    }

    fn name(&mut self, next: char) -> Result<(), Fault> {
        let Place::RangeTail { colon } = self.place else {
            let len = self.name_len(true);
            let mut kind = Kind::of_name(&self.text[self.at..self.at + len]);
            let is_fill = matches!(kind, Kind::Word(Word::Fill | Word::FillLeft | Word::FillRight));
            if is_fill && !self.text[self.at + len..].trim_start().starts_with('(') {
                kind = Kind::Identifier;
            }
            self.emit(kind, len);
            return Ok(());
        };
        match self.duration_word() {
            _ if next == ':' && colon => self.fault("unexpected colon ':'"),
            _ if next == ':' => {
                self.colon();
                Ok(())
            }
            Some((word, len)) => {
                self.emit(Kind::Word(word), len);
                Ok(())
            }
            None => self.fault(format!("unexpected character: {next:?}, expected ':'")),
        }
    }

    /// A word that may stand in brackets: `step`, `range`, `max_of`, `min_of`.
    fn duration_word(&self) -> Option<(Word, usize)> {
        let len = self.name_len(false);
        match Kind::of_name(&self.text[self.at..self.at + len]) {
            Kind::Word(word @ (Word::Step | Word::Range | Word::MaxOf | Word::MinOf)) => {
                Some((word, len))
            }
            _ => None,
        }
    }

    fn number(&mut self) -> Result<(), Fault> {
        match number::scan(&self.text[self.at..]) {
            Scanned::Number(len) => self.emit(Kind::Number, len),
            Scanned::Duration(len) => self.emit(Kind::Duration, len),
            Scanned::Neither(len) => {
                let read = &self.text[self.at..self.at + len];
                return self.fault(format!("bad number or duration syntax: {read:?}"));
            }
        }
        Ok(())
    }

    fn string(&mut self, quote: char) -> Result<(), Fault> {
        match text::scan(&self.text[self.at..], quote) {
            Ok(len) => self.emit(Kind::String, len),
            Err(reason) => return self.fault(reason),
        }
        Ok(())
    }

    fn name_len(&self, with_colons: bool) -> usize {
        let rest = &self.text[self.at..];
        rest.find(|c: char| !(is_name(c) || with_colons && c == ':')).unwrap_or(rest.len())
    }

    fn skip_blank(&mut self) {
        loop {
            let rest = &self.text[self.at..];
            let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
            self.at += blank;
            let may_comment = !matches!(self.place, Place::Range { .. });
            if !(may_comment && self.peek() == Some('#')) {
                return;
            }
            let comment = &self.text[self.at..];
            self.at += comment.find(['\r', '\n']).unwrap_or(comment.len());
        }
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn peek_behind(&self, next: char) -> Option<char> {
        self.text[self.at + next.len_utf8()..].chars().next()
    }

    fn emit(&mut self, kind: Kind, len: usize) {
        let span = Span { start: self.at, end: self.at + len };
        self.tokens.push(Token { kind, text: &self.text[span.start..span.end], span });
        self.at = span.end;
    }

    fn fault<T>(&self, message: impl Into<String>) -> Result<T, Fault> {
        Err(Fault { at: self.at, message: message.into() })
    }
}

fn quoted(c: Option<char>) -> String {
    c.map_or_else(|| "end of input".to_owned(), |c| format!("{c:?}"))
}

fn is_number_start(next: char, second: Option<char>) -> bool {
    next.is_ascii_digit() || next == '.' && second.is_some_and(|c| c.is_ascii_digit())
}

fn is_name_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_'
}

fn is_name(c: char) -> bool {
    is_name_start(c) || c.is_ascii_digit()
}

fn arithmetic(c: char) -> Option<BinaryOp> {
    Some(match c {
        '+' => BinaryOp::Add,
        '-' => BinaryOp::Sub,
        '*' => BinaryOp::Mul,
        '/' => BinaryOp::Div,
        '%' => BinaryOp::Mod,
        '^' => BinaryOp::Pow,
        _ => return None,
    })
}
