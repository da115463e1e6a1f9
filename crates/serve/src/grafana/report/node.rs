//! A value in a JSON text that knows its path and its place.

use serde_json::value::RawValue;

use super::super::document::Document;
use super::Place;

#[derive(Clone)]
pub(super) struct Node<'a> {
    path: String,
    text: &'a str,
    start: usize,
}

impl<'a> Node<'a> {
    /// The object that a text is.
    pub(super) fn root(text: &'a str) -> serde_json::Result<Self> {
        let document = Document::parse(text)?;
        let start = text.len() - text.trim_start().len();
        Ok(Self { path: "$".to_owned(), text: document.text(), start })
    }

    fn inside(&self, path: String, text: &'a str) -> Self {
        // A part of our own text, so the difference of addresses is the distance.
        let start = self.start + (text.as_ptr() as usize - self.text.as_ptr() as usize);
        Self { path, text, start }
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Where it is in the whole text.
    pub(super) fn place(&self, whole: &str) -> Place {
        let before = &whole[..self.start];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Place {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }

    pub(super) fn is_object(&self) -> bool {
        self.text.starts_with('{')
    }

    pub(super) fn is_array(&self) -> bool {
        self.text.starts_with('[')
    }

    /// A member of an object that is not null.
    pub(super) fn member(&self, name: &str) -> Option<Self> {
        let document = Document::parse(self.text).ok()?;
        let text = document.get(name).filter(|text| *text != "null")?;
        Some(self.inside(format!("{}.{name}", self.path), text))
    }

    /// The members of an object.
    pub(super) fn members(&self) -> Vec<Self> {
        let Ok(document) = Document::parse(self.text) else { return Vec::new() };
        let member = |(name, text): (&str, &'a str)| {
            let name = serde_json::Value::from(name);
            self.inside(format!("{}[{name}]", self.path), text)
        };
        document.members().map(member).collect()
    }

    /// The items of a member that is an array.
    pub(super) fn items(&self, name: &str) -> Vec<Self> {
        let Some(array) = self.member(name) else { return Vec::new() };
        let Ok(items) = serde_json::from_str::<Vec<&'a RawValue>>(array.text) else {
            return Vec::new();
        };
        let item = |(index, item): (usize, &&'a RawValue)| {
            array.inside(format!("{}[{index}]", array.path), item.get())
        };
        items.iter().enumerate().map(item).collect()
    }

    pub(super) fn read<T: for<'de> serde::Deserialize<'de>>(&self) -> Option<T> {
        serde_json::from_str(self.text).ok()
    }

    /// A member that is a string and not empty.
    pub(super) fn string(&self, name: &str) -> Option<String> {
        self.member(name)?.read().filter(|text: &String| !text.is_empty())
    }
}
