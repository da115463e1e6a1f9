//! From text to tokens.
//!
//! The whole text is cut at once. A fault becomes a last [`TokenKind::Fault`]
//! token, so that the parser may complain first of what stands before it.

/// A piece of a template; `start..end` are bytes of its source.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) start: usize,
    pub(super) end: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind {
    /// Between actions, after trimming.
    Text,
    /// `{{`, with a trim marker where there is one.
    Open,
    /// `}}`, likewise.
    Close,
    Space,
    Identifier,
    Keyword(Keyword),
    /// `.name`.
    Field,
    /// `$` or `$name`.
    Variable,
    Dot,
    Nil,
    Bool,
    Char,
    Number,
    String,
    RawString,
    Pipe,
    LeftParen,
    RightParen,
    /// `:=`.
    Declare,
    /// `=`.
    Assign,
    Comma,
    /// Another printable character; always an error, but the parser's.
    Other,
    End,
    Fault(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keyword {
    Block,
    Break,
    Continue,
    Define,
    Else,
    End,
    If,
    Range,
    Template,
    With,
}

impl Keyword {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "block" => Self::Block,
            "break" => Self::Break,
            "continue" => Self::Continue,
            "define" => Self::Define,
            "else" => Self::Else,
            "end" => Self::End,
            "if" => Self::If,
            "range" => Self::Range,
            "template" => Self::Template,
            "with" => Self::With,
            _ => return None,
        })
    }
}

const OPEN: &str = "{{";
const CLOSE: &str = "}}";

/// Cuts `source` into tokens; the last is [`TokenKind::End`] or a fault.
pub(super) fn tokens(source: &str) -> Vec<Token> {
    let mut lexer = Lexer { source, at: 0, parens: 0, tokens: Vec::new() };
    if let Err(message) = lexer.text() {
        lexer.push(TokenKind::Fault(message), lexer.at);
    }
    lexer.tokens
}

struct Lexer<'a> {
    source: &'a str,
    at: usize,
    parens: usize,
    tokens: Vec<Token>,
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// A character as Go's errors show it.
fn shown(c: char) -> String {
    format!("U+{:04X} '{c}'", u32::from(c))
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn push(&mut self, kind: TokenKind, start: usize) {
        self.tokens.push(Token { kind, start, end: self.at });
    }

    /// Moves over the characters that `wanted` accepts.
    fn skip_while(&mut self, wanted: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.find(|c| !wanted(c)).unwrap_or(rest.len());
    }

    /// Text and actions in turn, up to the end.
    fn text(&mut self) -> Result<(), String> {
        loop {
            let start = self.at;
            let Some(found) = self.rest().find(OPEN) else {
                self.at = self.source.len();
                self.push_text(start, self.at);
                self.push(TokenKind::End, self.at);
                return Ok(());
            };
            let open = start + found;
            let after = &self.source[open + OPEN.len()..];
            let is_trimmed = after.starts_with('-') && after[1..].starts_with(is_space);
            let text_end = match is_trimmed {
                true => start + self.source[start..open].trim_end_matches(is_space).len(),
                false => open,
            };
            self.push_text(start, text_end);
            self.at = open + OPEN.len() + if is_trimmed { 2 } else { 0 };
            let inner = self.rest().trim_start_matches(is_space);
            // A comment stands right behind its delimiter, or behind trimmed space.
            if self.rest().starts_with("/*") || (is_trimmed && inner.starts_with("/*")) {
                self.at = self.source.len() - inner.len();
                self.comment()?;
            } else {
                self.push(TokenKind::Open, open);
                self.action()?;
            }
        }
    }

    fn push_text(&mut self, start: usize, end: usize) {
        if end > start {
            self.tokens.push(Token { kind: TokenKind::Text, start, end });
        }
    }

    fn comment(&mut self) -> Result<(), String> {
        let Some(length) = self.rest().find("*/") else {
            return Err("unclosed comment".to_owned());
        };
        self.at += length + 2;
        let Some((length, is_trimmed)) = self.closing() else {
            return Err("comment ends before closing delimiter".to_owned());
        };
        self.at += length;
        if is_trimmed {
            self.skip_while(is_space);
        }
        Ok(())
    }

    /// The length of a closing delimiter that starts here, and whether it trims.
    fn closing(&self) -> Option<(usize, bool)> {
        let rest = self.rest();
        if rest.starts_with(CLOSE) {
            return Some((CLOSE.len(), false));
        }
        let trimmed = rest.strip_prefix(is_space)?.strip_prefix('-')?;
        trimmed.starts_with(CLOSE).then_some((2 + CLOSE.len(), true))
    }

    fn action(&mut self) -> Result<(), String> {
        self.parens = 0;
        loop {
            if let Some((length, is_trimmed)) = self.closing() {
                if self.parens > 0 {
                    return Err("unclosed left paren".to_owned());
                }
                let start = self.at;
                self.at += length;
                self.push(TokenKind::Close, start);
                if is_trimmed {
                    self.skip_while(is_space);
                }
                return Ok(());
            }
            self.token()?;
        }
    }

    fn token(&mut self) -> Result<(), String> {
        let start = self.at;
        let Some(c) = self.peek() else {
            return Err("unclosed action".to_owned());
        };
        let kind = match c {
            _ if is_space(c) => {
                while self.peek().is_some_and(is_space) && self.closing().is_none() {
                    self.at += 1;
                }
                TokenKind::Space
            }
            '.' if !self.rest()[1..].starts_with(|c: char| c.is_ascii_digit()) => {
                self.name(TokenKind::Dot, TokenKind::Field)?
            }
            '$' => self.name(TokenKind::Variable, TokenKind::Variable)?,
            '+' | '-' | '.' | '0'..='9' => self.number()?,
            '"' => self.quoted('"', "unterminated quoted string", TokenKind::String)?,
            '\'' => self.quoted('\'', "unterminated character constant", TokenKind::Char)?,
            '`' => self.raw_string()?,
            _ if is_word(c) => self.word()?,
            _ => self.punctuation(c)?,
        };
        self.push(kind, start);
        Ok(())
    }

    fn punctuation(&mut self, c: char) -> Result<TokenKind, String> {
        self.at += c.len_utf8();
        Ok(match c {
            '=' => TokenKind::Assign,
            ':' => {
                if self.peek() != Some('=') {
                    return Err("expected :=".to_owned());
                }
                self.at += 1;
                TokenKind::Declare
            }
            '|' => TokenKind::Pipe,
            ',' => TokenKind::Comma,
            '(' => {
                self.parens += 1;
                TokenKind::LeftParen
            }
            ')' => {
                if self.parens == 0 {
                    return Err("unexpected right paren".to_owned());
                }
                self.parens -= 1;
                TokenKind::RightParen
            }
            _ if c.is_ascii_graphic() => TokenKind::Other,
            _ => return Err(format!("unrecognized character in action: {}", shown(c))),
        })
    }

    /// `.`, `$` or such a sign with a name.
    fn name(&mut self, alone: TokenKind, named: TokenKind) -> Result<TokenKind, String> {
        self.at += 1;
        if self.is_at_terminator() {
            return Ok(alone);
        }
        self.skip_while(is_word);
        self.check_terminator()?;
        Ok(named)
    }

    fn word(&mut self) -> Result<TokenKind, String> {
        let start = self.at;
        self.skip_while(is_word);
        self.check_terminator()?;
        let word = &self.source[start..self.at];
        Ok(match (Keyword::of(word), word) {
            (Some(keyword), _) => TokenKind::Keyword(keyword),
            (None, "true" | "false") => TokenKind::Bool,
            (None, "nil") => TokenKind::Nil,
            (None, _) => TokenKind::Identifier,
        })
    }

    fn is_at_terminator(&self) -> bool {
        match self.peek() {
            None => true,
            Some(c) if is_space(c) => true,
            Some('.' | ',' | '|' | ':' | ')' | '(') => true,
            Some(_) => self.rest().starts_with(CLOSE),
        }
    }

    fn check_terminator(&self) -> Result<(), String> {
        match self.peek() {
            Some(c) if !self.is_at_terminator() => Err(format!("bad character {}", shown(c))),
            _ => Ok(()),
        }
    }

    fn number(&mut self) -> Result<TokenKind, String> {
        let start = self.at;
        if self.rest().starts_with(['+', '-']) {
            self.at += 1;
        }
        let prefix = self.rest().get(..2).map(str::to_ascii_lowercase);
        let is_hex = prefix.as_deref() == Some("0x");
        if is_hex || matches!(prefix.as_deref(), Some("0o" | "0b")) {
            self.at += 2;
        }
        let is_digit =
            |c: char| c == '_' || if is_hex { c.is_ascii_hexdigit() } else { c.is_ascii_digit() };
        self.skip_while(is_digit);
        if self.peek() == Some('.') {
            self.at += 1;
            self.skip_while(is_digit);
        }
        let exponent = if is_hex { ['p', 'P'] } else { ['e', 'E'] };
        if self.rest().starts_with(exponent) {
            self.at += 1;
            if self.rest().starts_with(['+', '-']) {
                self.at += 1;
            }
            self.skip_while(|c| c == '_' || c.is_ascii_digit());
        }
        if let Some(c) = self.peek().filter(|c| is_word(*c)) {
            self.at += c.len_utf8();
            return Err(format!("bad number syntax: {:?}", &self.source[start..self.at]));
        }
        Ok(TokenKind::Number)
    }

    fn quoted(&mut self, quote: char, fault: &str, kind: TokenKind) -> Result<TokenKind, String> {
        let mut is_escaped = false;
        for (offset, c) in self.rest().char_indices().skip(1) {
            match c {
                '\n' => break,
                _ if is_escaped => is_escaped = false,
                '\\' => is_escaped = true,
                _ if c == quote => {
                    self.at += offset + 1;
                    return Ok(kind);
                }
                _ => {}
            }
        }
        Err(fault.to_owned())
    }

    fn raw_string(&mut self) -> Result<TokenKind, String> {
        let Some(length) = self.rest()[1..].find('`') else {
            return Err("unterminated raw quoted string".to_owned());
        };
        self.at += length + 2;
        Ok(TokenKind::RawString)
    }
}
