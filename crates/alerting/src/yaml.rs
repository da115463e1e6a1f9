//! Reading YAML: faults with their place, and maps as Go reads them.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_saphyr::{Error, MessageFormatter, UserMessageFormatter};

/// A fault of a YAML text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct YamlFault {
    /// The line, from 1; 0 where it is not known.
    pub(crate) line: usize,
    /// The column, from 1; 0 where it is not known.
    pub(crate) column: usize,
    /// What is wrong.
    pub(crate) message: String,
}

/// Reads a text.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, YamlFault> {
    serde_saphyr::from_str(text).map_err(|error: Error| {
        let location = error.location();
        let error = error.without_snippet();
        YamlFault {
            line: location.map_or(0, |location| location.line() as usize),
            column: location.map_or(0, |location| location.column() as usize),
            message: UserMessageFormatter.format_message(error).into_owned(),
        }
    })
}

/// A map of texts in which a name without a value has the empty text, as Go's
/// YAML reads it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Texts(pub(crate) BTreeMap<String, String>);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Option::<BTreeMap<String, Option<String>>>::deserialize(deserializer)?;
        let pairs = written.unwrap_or_default().into_iter();
        Ok(Self(pairs.map(|(name, text)| (name, text.unwrap_or_default())).collect()))
    }
}

/// A list or map that is empty where its key has no value.
pub(crate) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}
