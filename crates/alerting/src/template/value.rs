//! What a template sees: values with Go's kinds.
//!
//! Lists, maps and structs carry a [`TypeInfo`]: the name under which Go's
//! errors and `%T` show the type, and its methods.

use std::collections::BTreeMap;
use std::sync::Arc;

pub use super::time::{GoTime, ZERO_NS};

/// A value in a template. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// No value; prints as `<no value>`.
    #[default]
    Nil,
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A floating point number.
    Float(f64),
    /// A text.
    String(Arc<str>),
    /// A text that HTML escaping leaves as it is, in the place that its kind names.
    Safe(Safe, Arc<str>),
    /// A length of time, in nanoseconds.
    Duration(i64),
    /// A point in time, with its time zone.
    Time(Arc<GoTime>),
    /// Values by position.
    List(Arc<List>),
    /// Values by name, sorted.
    Map(Arc<Map>),
    /// Named fields.
    Struct(Arc<Struct>),
}

/// Where a text may go without being escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safe {
    /// Between tags.
    Html,
    /// In an attribute that holds an address.
    Url,
}

/// A method of a type: takes the receiver and the arguments.
pub type Method = fn(&Value, &[Value]) -> Result<Value, String>;

/// A type as Go would name it, and its methods by name.
#[derive(Debug)]
pub struct TypeInfo {
    /// The name, such as `template.KV`.
    pub name: &'static str,
    /// The methods.
    pub methods: &'static [(&'static str, Method)],
    /// Whether a struct's fields start with a small letter in JSON.
    pub is_json_camel: bool,
}

/// The longest text that a function makes, in bytes. The limit of a whole
/// template is lower; this one ends a single call that would not come back.
pub(super) const TEXT_BYTES_MAX: usize = 16 << 20;

/// The deepest that functions may put values into each other.
pub(super) const DEPTH_MAX: usize = 64;

/// Values by position.
#[derive(Clone, Debug)]
pub struct List {
    /// The type.
    pub kind: &'static TypeInfo,
    /// The values.
    pub items: Vec<Value>,
    /// How deep values stand in each other.
    depth: usize,
}

/// Values by name.
#[derive(Clone, Debug)]
pub struct Map {
    /// The type.
    pub kind: &'static TypeInfo,
    /// The values.
    pub entries: BTreeMap<Arc<str>, Value>,
    /// What a missing name gives: the zero of the type of the values.
    pub missing: Value,
    /// How deep values stand in each other.
    depth: usize,
}

/// Named fields, in their order.
#[derive(Clone, Debug)]
pub struct Struct {
    /// The type.
    pub kind: &'static TypeInfo,
    /// The fields.
    pub fields: Vec<(&'static str, Value)>,
}

/// `[]string`.
pub static STRINGS: TypeInfo = TypeInfo { name: "[]string", methods: &[], is_json_camel: false };
/// `[]interface {}`.
pub static ANY_LIST: TypeInfo =
    TypeInfo { name: "[]interface {}", methods: &[], is_json_camel: false };
/// `map[string]string`.
pub static STRING_MAP: TypeInfo =
    TypeInfo { name: "map[string]string", methods: &[], is_json_camel: false };
/// `map[string]interface {}`.
pub static ANY_MAP: TypeInfo =
    TypeInfo { name: "map[string]interface {}", methods: &[], is_json_camel: false };

impl Value {
    /// A text.
    pub fn string(text: impl Into<Arc<str>>) -> Self {
        Self::String(text.into())
    }

    /// A list of texts.
    pub fn strings<T: Into<Arc<str>>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::typed_list(&STRINGS, texts.into_iter().map(Self::string).collect())
    }

    /// A list of anything.
    pub fn list(items: Vec<Self>) -> Self {
        Self::typed_list(&ANY_LIST, items)
    }

    /// A list of type `kind`.
    pub fn typed_list(kind: &'static TypeInfo, items: Vec<Self>) -> Self {
        let depth = 1 + items.iter().map(Self::depth).max().unwrap_or(0);
        Self::List(Arc::new(List { kind, items, depth }))
    }

    /// A map of texts with type `kind`; a name that is missing gives the empty text.
    pub fn string_map<N: Into<Arc<str>>, T: Into<Arc<str>>>(
        kind: &'static TypeInfo,
        entries: impl IntoIterator<Item = (N, T)>,
    ) -> Self {
        let entries =
            entries.into_iter().map(|(name, text)| (name.into(), Self::string(text))).collect();
        Self::Map(Arc::new(Map { kind, entries, missing: Self::string(""), depth: 1 }))
    }

    /// A map of anything.
    pub fn map(entries: BTreeMap<Arc<str>, Self>) -> Self {
        let depth = 1 + entries.values().map(Self::depth).max().unwrap_or(0);
        Self::Map(Arc::new(Map { kind: &ANY_MAP, entries, missing: Self::Nil, depth }))
    }

    /// A struct of type `kind`.
    pub fn object(kind: &'static TypeInfo, fields: Vec<(&'static str, Self)>) -> Self {
        Self::Struct(Arc::new(Struct { kind, fields }))
    }

    /// The text of a string, also of a safe one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) | Self::Safe(_, text) => Some(text),
            _ => None,
        }
    }

    /// The name of the type, as Go's errors and `%T` show it.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Nil => "<nil>",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float64",
            Self::String(_) => "string",
            Self::Safe(Safe::Html, _) => "template.HTML",
            Self::Safe(Safe::Url, _) => "template.URL",
            Self::Duration(_) => "time.Duration",
            Self::Time(_) => "time.Time",
            Self::List(list) => list.kind.name,
            Self::Map(map) => map.kind.name,
            Self::Struct(object) => object.kind.name,
        }
    }

    /// Whether `if` takes it for true: all but the zero value of its type. A
    /// struct is always true.
    pub fn is_true(&self) -> bool {
        match self {
            Self::Nil => false,
            Self::Bool(value) => *value,
            Self::Int(value) | Self::Duration(value) => *value != 0,
            Self::Float(value) => *value != 0.0,
            Self::String(text) | Self::Safe(_, text) => !text.is_empty(),
            Self::List(list) => !list.items.is_empty(),
            Self::Map(map) => !map.entries.is_empty(),
            Self::Time(_) | Self::Struct(_) => true,
        }
    }

    /// The method `name` of the value's type.
    pub(super) fn method(&self, name: &str) -> Option<Method> {
        let methods = match self {
            Self::List(list) => list.kind.methods,
            Self::Map(map) => map.kind.methods,
            Self::Struct(object) => object.kind.methods,
            Self::Time(_) => super::time::METHODS,
            Self::Duration(_) => super::duration::METHODS,
            _ => &[],
        };
        methods.iter().find(|(known, _)| *known == name).map(|(_, method)| *method)
    }

    /// How deep values stand in each other in it.
    fn depth(&self) -> usize {
        match self {
            Self::List(list) => list.depth,
            Self::Map(map) => map.depth,
            Self::Struct(object) => {
                1 + object.fields.iter().map(|(_, value)| value.depth()).max().unwrap_or(0)
            }
            _ => 0,
        }
    }

    /// The value, unless it is nested too deep to be walked.
    pub(super) fn checked_depth(self) -> Result<Self, String> {
        match self.depth() <= DEPTH_MAX {
            true => Ok(self),
            false => Err(format!("values are nested deeper than {DEPTH_MAX}")),
        }
    }

    /// The bytes that printing it would at least take; bounds what functions build.
    pub(super) fn text_len(&self) -> usize {
        match self {
            Self::String(text) | Self::Safe(_, text) => text.len(),
            Self::List(list) => list.items.len(),
            _ => 0,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::string(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::string(text)
    }
}

impl From<serde_json::Value> for Value {
    /// A number without fraction becomes an integer.
    fn from(json: serde_json::Value) -> Self {
        use serde_json::Value as Json;
        match json {
            Json::Null => Self::Nil,
            Json::Bool(value) => Self::Bool(value),
            Json::Number(number) => match number.as_i64() {
                Some(value) => Self::Int(value),
                None => Self::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            Json::String(text) => Self::string(text),
            Json::Array(items) => Self::list(items.into_iter().map(Self::from).collect()),
            Json::Object(entries) => Self::map(
                entries.into_iter().map(|(name, value)| (name.into(), value.into())).collect(),
            ),
        }
    }
}
