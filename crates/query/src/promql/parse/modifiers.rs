//! What may stand behind a binary operator: `bool`, `on`, `group_left`, `fill`.

use super::grammar::{Parsed, Parser};
use super::token::{Kind, Word};
use crate::promql::ast::{BinaryOp, Cardinality, VectorMatching};

/// The modifiers of one binary operator.
pub(super) struct BinaryModifiers {
    pub(super) is_bool: bool,
    pub(super) matching: VectorMatching,
}

impl Parser<'_> {
    pub(super) fn binary_modifiers(&mut self) -> Parsed<BinaryModifiers> {
        let is_bool = self.take(Kind::Word(Word::Bool)).is_some();
        let mut matching = VectorMatching::default();
        let names_labels = match self.peek().kind {
            Kind::Word(Word::On) => {
                matching.is_on = true;
                true
            }
            Kind::Word(Word::Ignoring) => true,
            _ => false,
        };
        if names_labels {
            self.next();
            matching.labels = self.grouping_labels()?;
            matching.cardinality = match self.peek().kind {
                Kind::Word(Word::GroupLeft) => Cardinality::ManyToOne,
                Kind::Word(Word::GroupRight) => Cardinality::OneToMany,
                _ => Cardinality::OneToOne,
            };
            if matching.cardinality != Cardinality::OneToOne {
                self.next();
                if self.peek().kind == Kind::LeftParen {
                    matching.include = self.grouping_labels()?;
                }
            }
        }
        self.fills(&mut matching)?;
        Ok(BinaryModifiers { is_bool, matching })
    }

    fn fills(&mut self, matching: &mut VectorMatching) -> Parsed<()> {
        if self.take(Kind::Word(Word::Fill)).is_some() {
            let value = Some(self.fill_value()?);
            matching.fill_left = value;
            matching.fill_right = value;
            return Ok(());
        }
        loop {
            let side = match self.peek().kind {
                Kind::Word(Word::FillLeft) if matching.fill_left.is_none() => {
                    &mut matching.fill_left
                }
                Kind::Word(Word::FillRight) if matching.fill_right.is_none() => {
                    &mut matching.fill_right
                }
                _ => return Ok(()),
            };
            self.next();
            *side = Some(self.fill_value()?);
        }
    }

    /// `(1)`, `(-5m)`
    fn fill_value(&mut self) -> Parsed<f64> {
        self.expect(Kind::LeftParen)?;
        let value = match self.signed_number()? {
            Some(value) => value,
            None => return Err(self.unexpected()),
        };
        self.expect(Kind::RightParen)?;
        Ok(value)
    }

    /// A number or duration with or without a sign; `None` where there is none.
    pub(super) fn signed_number(&mut self) -> Parsed<Option<f64>> {
        let sign = match self.peek().kind {
            Kind::Operator(BinaryOp::Sub) => -1.0,
            Kind::Operator(BinaryOp::Add) => 1.0,
            Kind::Number | Kind::Duration => {
                let token = self.next();
                return Ok(Some(self.number_literal(token).value));
            }
            _ => return Ok(None),
        };
        self.next();
        if !matches!(self.peek().kind, Kind::Number | Kind::Duration) {
            return Ok(None);
        }
        let token = self.next();
        Ok(Some(sign * self.number_literal(token).value))
    }

    /// `(a, "b.c",)`, as `by`, `on` and their siblings have it.
    pub(super) fn grouping_labels(&mut self) -> Parsed<Vec<String>> {
        const CONTEXT: &str = "grouping opts";
        if self.take(Kind::LeftParen).is_none() {
            return Err(self.unexpected_in(CONTEXT, "\"(\""));
        }
        let mut labels = Vec::new();
        while self.take(Kind::RightParen).is_none() {
            let token = self.peek();
            let label = match token.kind {
                Kind::String => self.unquoted(token),
                kind if kind.is_grouping_label() => token.text.to_owned(),
                _ => return Err(self.unexpected_in(CONTEXT, "label")),
            };
            self.next();
            if label.is_empty() {
                self.note(token.span, "invalid label name for grouping: \"\"");
            }
            labels.push(label);
            if self.take(Kind::Comma).is_none() && self.peek().kind != Kind::RightParen {
                return Err(self.unexpected_in(CONTEXT, "\",\" or \")\""));
            }
        }
        Ok(labels)
    }
}
