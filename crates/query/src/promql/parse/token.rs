//! The words of PromQL.

use std::fmt;

use crate::promql::ast::{AggregateOp, BinaryOp, Span};

/// A word and its place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    /// As it was written; the reason for [`Kind::Bad`] is kept by the lexer.
    pub(super) text: &'a str,
    pub(super) span: Span,
}

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The end of the text.
    End,
    /// Text that is no word; the last token.
    Bad,
    /// A name without colons.
    Identifier,
    /// A name with colons.
    MetricIdentifier,
    /// A quoted text, quotes included.
    String,
    Number,
    Duration,
    LeftParen,
    RightParen,
    LeftBrace,
    RightBrace,
    LeftBracket,
    RightBracket,
    Comma,
    Colon,
    At,
    /// `=`
    Equal,
    /// `=~`
    EqualRegex,
    /// `!~`
    NotEqualRegex,
    /// `!=` within braces is this, too.
    Operator(BinaryOp),
    Aggregate(AggregateOp),
    Word(Word),
}

/// Words that mean something in certain places and are names elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Bool,
    By,
    GroupLeft,
    GroupRight,
    Fill,
    FillLeft,
    FillRight,
    Ignoring,
    Offset,
    Smoothed,
    Anchored,
    On,
    Without,
    Start,
    End,
    Step,
    Range,
    MaxOf,
    MinOf,
}

impl Word {
    const ALL: [(&'static str, Self); 19] = [
        ("bool", Self::Bool),
        ("by", Self::By),
        ("group_left", Self::GroupLeft),
        ("group_right", Self::GroupRight),
        ("fill", Self::Fill),
        ("fill_left", Self::FillLeft),
        ("fill_right", Self::FillRight),
        ("ignoring", Self::Ignoring),
        ("offset", Self::Offset),
        ("smoothed", Self::Smoothed),
        ("anchored", Self::Anchored),
        ("on", Self::On),
        ("without", Self::Without),
        ("start", Self::Start),
        ("end", Self::End),
        ("step", Self::Step),
        ("range", Self::Range),
        ("max_of", Self::MaxOf),
        ("min_of", Self::MinOf),
    ];

    /// Those that may be called: `step()`.
    pub(super) const fn is_callable(self) -> bool {
        matches!(
            self,
            Self::Start | Self::End | Self::Step | Self::Range | Self::MaxOf | Self::MinOf
        )
    }

    /// Those that may name a metric where nothing says otherwise.
    const fn is_metric_name(self) -> bool {
        !matches!(self, Self::Bool | Self::GroupLeft | Self::GroupRight | Self::Ignoring | Self::On)
    }
}

impl Kind {
    /// What a name is: a keyword in any case, or just a name.
    pub(super) fn of_name(name: &str) -> Self {
        keyword(&name.to_ascii_lowercase()).unwrap_or(if name.contains(':') {
            Self::MetricIdentifier
        } else {
            Self::Identifier
        })
    }

    /// Whether it may name a metric.
    pub(super) const fn is_metric_name(self) -> bool {
        match self {
            Self::Identifier | Self::MetricIdentifier | Self::Aggregate(_) => true,
            Self::Operator(op) => op.is_set(),
            Self::Word(word) => word.is_metric_name(),
            _ => false,
        }
    }

    /// Whether it may name a label of a grouping.
    pub(super) const fn is_grouping_label(self) -> bool {
        match self {
            Self::Identifier | Self::MetricIdentifier | Self::Aggregate(_) | Self::Word(_) => true,
            Self::Operator(op) => op.is_set() || matches!(op, BinaryOp::Atan2),
            _ => false,
        }
    }
}

/// The keyword of this name, which is in lower case.
fn keyword(name: &str) -> Option<Kind> {
    let operators = [BinaryOp::And, BinaryOp::Or, BinaryOp::Unless, BinaryOp::Atan2];
    let operator = operators.into_iter().find(|op| op.as_str() == name).map(Kind::Operator);
    let aggregate =
        || AggregateOp::ALL.into_iter().find(|op| op.as_str() == name).map(Kind::Aggregate);
    let word = || Word::ALL.into_iter().find(|(text, _)| *text == name).map(|(_, word)| word);
    operator
        .or_else(aggregate)
        .or_else(|| word().map(Kind::Word))
        .or_else(|| matches!(name, "inf" | "nan").then_some(Kind::Number))
}

impl fmt::Display for Token<'_> {
    /// As messages about unexpected words name it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.text;
        match self.kind {
            Kind::End => f.write_str("end of input"),
            Kind::Bad => f.write_str(text),
            Kind::Identifier => write!(f, "identifier {text:?}"),
            Kind::MetricIdentifier => write!(f, "metric identifier {text:?}"),
            Kind::String => write!(f, "string {}", Shortened(text)),
            Kind::Number => write!(f, "number {}", Shortened(text)),
            Kind::Duration => write!(f, "duration {}", Shortened(text)),
            Kind::Operator(_) | Kind::At | Kind::EqualRegex | Kind::NotEqualRegex => {
                write!(f, "<op:{text}>")
            }
            Kind::Aggregate(_) => write!(f, "<aggr:{text}>"),
            Kind::Word(word) if !word.is_callable() => write!(f, "<{text}>"),
            _ => write!(f, "{}", Shortened(text)),
        }
    }
}

/// A quoted text of which at most ten characters are shown.
struct Shortened<'a>(&'a str);

impl fmt::Display for Shortened<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.len() > 10 {
            let start: String = self.0.chars().take(10).collect();
            write!(f, "{start:?}...")
        } else {
            write!(f, "{:?}", self.0)
        }
    }
}
