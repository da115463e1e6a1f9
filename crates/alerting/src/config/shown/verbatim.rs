//! YAML read without types and written as it was: `n` stays `n` and `1.50` stays
//! `1.50`, where a tree of JSON would make `false` and `1.5` of them.

use std::fmt;

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_saphyr::Spanned;

use crate::yaml::{self, YamlFault};

/// A text as a tree in which what is no string has a name of its own.
pub(super) struct Verbatim {
    /// The tree.
    pub(super) value: Value,
    /// What stands for each name, by number.
    plain: Vec<String>,
}

impl Verbatim {
    pub(super) fn read(text: &str) -> Result<Self, YamlFault> {
        let node: Spanned<Node> = yaml::read(text)?;
        let lines: Vec<&str> = text.lines().collect();
        let mut plain = Vec::new();
        let value = value(node, &lines, &mut plain);
        Ok(Self { value, plain })
    }

    /// The tree as text, with what was written in the place of its name.
    pub(super) fn write(&self) -> String {
        let mut text = serde_saphyr::to_string(&self.value).unwrap_or_default();
        for (number, written) in self.plain.iter().enumerate() {
            text = text.replace(&name(number), written);
        }
        text
    }
}

fn name(number: usize) -> String {
    format!("__plain_{number}__")
}

enum Node {
    Null,
    /// A number or a truth value.
    Plain,
    Text(String),
    List(Vec<Spanned<Node>>),
    Map(Vec<(String, Spanned<Node>)>),
}

fn value(node: Spanned<Node>, lines: &[&str], plain: &mut Vec<String>) -> Value {
    match node.value {
        Node::Null => Value::Null,
        Node::Text(text) => Value::String(text),
        Node::List(items) => items.into_iter().map(|item| value(item, lines, plain)).collect(),
        Node::Map(pairs) => {
            let pairs = pairs.into_iter();
            pairs.map(|(key, item)| (key, value(item, lines, plain))).collect()
        }
        Node::Plain => {
            let place = node.defined;
            let line = lines.get((place.line() as usize).saturating_sub(1)).unwrap_or(&"");
            let rest = line.chars().skip((place.column() as usize).saturating_sub(1));
            plain.push(rest.take_while(|c| !c.is_whitespace() && !",]}".contains(*c)).collect());
            Value::String(name(plain.len() - 1))
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Node, E> {
        Ok(Node::Plain)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Node, E> {
        Ok(Node::Plain)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Node, E> {
        Ok(Node::Plain)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Node, E> {
        Ok(Node::Plain)
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Node::Map(pairs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_kept() {
        let text =
            "a: n\nb: [yes, 1.50, 007, \"no\", null]\nc: {d: true, e: -3}\nf: |\n  two\n  lines\n";
        let written = Verbatim::read(text).unwrap().write();
        let plain: Vec<&str> = written.lines().map(str::trim).collect();
        for line in ["a: n", "- yes", "- 1.50", "- 007", "d: true", "e: -3", "two", "lines"] {
            assert!(plain.contains(&line), "{line} is not in:\n{written}");
        }
        assert!(!plain.contains(&"- no"), "{written}");
    }
}
