//! A JSON object as text: its members are read, and some are replaced, while all else
//! stays as it was to the byte.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// An object and where its members are in the text.
pub(super) struct Document<'a> {
    text: &'a str,
    members: Vec<(String, &'a str)>,
}

impl<'a> Document<'a> {
    /// Finds the members of the object in `text`; what is inside of them is only checked.
    ///
    /// # Errors
    /// Where the text is no JSON, or no object.
    pub(super) fn parse(text: &'a str) -> serde_json::Result<Self> {
        let Members(members) = serde_json::from_str(text)?;
        Ok(Self { text: text.trim(), members })
    }

    /// The whole text.
    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// The members, in order.
    pub(super) fn members(&self) -> impl Iterator<Item = (&str, &'a str)> {
        self.members.iter().map(|(name, text)| (name.as_str(), *text))
    }

    /// The text of a member; of several with one name the last counts, as for other readers.
    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        self.members().filter(|(member, _)| *member == name).last().map(|(_, text)| text)
    }

    /// A member that is an object.
    pub(super) fn object(&self, name: &str) -> Option<Document<'a>> {
        Document::parse(self.get(name)?).ok()
    }

    /// A member as a type that borrows nothing; `None` where it is missing or of another type.
    pub(super) fn read<T: for<'de> Deserialize<'de>>(&self, name: &str) -> Option<T> {
        serde_json::from_str(self.get(name)?).ok()
    }

    /// A member that is a string and not empty.
    pub(super) fn string(&self, name: &str) -> Option<String> {
        self.read(name).filter(|text: &String| !text.is_empty())
    }

    /// The text with other values for some members; those that are missing come first.
    pub(super) fn with(&self, values: &[(&str, String)]) -> String {
        let mut out = String::with_capacity(self.text.len() + 64);
        let mut missing: Vec<&(&str, String)> = values.iter().collect();
        let mut copied = 0;
        let mut rest = String::new();
        for (name, text) in self.members() {
            let Some((_, value)) = values.iter().find(|(wanted, _)| *wanted == name) else {
                continue;
            };
            missing.retain(|(wanted, _)| *wanted != name);
            let at = self.offset(text);
            rest.push_str(&self.text[copied..at]);
            rest.push_str(value);
            copied = at + text.len();
        }
        rest.push_str(&self.text[copied..]);
        let inside = &rest[1..];
        out.push('{');
        for (index, (name, value)) in missing.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            out.push_str(&format!("{comma}{}:{value}", quoted(name)));
        }
        if !missing.is_empty() && !self.members.is_empty() {
            out.push(',');
        }
        out.push_str(inside);
        out
    }

    /// The text without some members.
    pub(super) fn without(&self, names: &[&str]) -> String {
        let kept = self.members().filter(|(name, _)| !names.contains(name));
        let members: Vec<String> =
            kept.map(|(name, text)| format!("{}:{text}", quoted(name))).collect();
        format!("{{{}}}", members.join(","))
    }

    /// Where a member's text starts; it is a part of ours.
    fn offset(&self, member: &str) -> usize {
        member.as_ptr() as usize - self.text.as_ptr() as usize
    }
}

/// A string as JSON.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

struct Members<'a>(Vec<(String, &'a str)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a JSON object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut members = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, &'de RawValue>()? {
                    members.push((name, value.get()));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_named_changes() {
        let text =
            "{ \"b\": 1.50,\n\t\"id\" :null, \"x\": {\"id\": 7}, \"a\": [1e3, \"\\ud800\"] }";
        let document = Document::parse(text).unwrap();
        let changed = document.with(&[("id", "3".into()), ("uid", "\"u\"".into())]);
        assert_eq!(
            changed,
            "{\"uid\":\"u\", \"b\": 1.50,\n\t\"id\" :3, \"x\": {\"id\": 7}, \"a\": [1e3, \"\\ud800\"] }"
        );
        assert_eq!(Document::parse("{}").unwrap().with(&[("a", "1".into())]), "{\"a\":1}");
        assert_eq!(document.without(&["b", "x", "a"]), "{\"id\":null}");
    }

    #[test]
    fn of_several_members_with_one_name_the_last_counts_and_all_are_replaced() {
        let document = Document::parse("{\"id\":1,\"id\":2}").unwrap();
        assert_eq!(document.read::<i64>("id"), Some(2));
        assert_eq!(document.with(&[("id", "3".into())]), "{\"id\":3,\"id\":3}");
    }

    #[test]
    fn what_is_no_object_is_refused_with_its_place() {
        for text in ["", "[]", "1", "{\"a\":1,}", "{\"a\":{]}", "{} {}"] {
            assert!(Document::parse(text).is_err(), "{text}");
        }
        let error = Document::parse("{\n  \"a\": tru }").err().unwrap();
        assert_eq!(error.line(), 2);
    }
}
