//! Mappings of YAML whose keys are shared out between structs.
//!
//! A scrape config mixes its own keys with those of an HTTP client, of limits
//! and of discovery. `serde(flatten)` can read that, but then unknown keys pass
//! unseen and errors lose their line. Here each struct names its keys with
//! [`yaml_fields!`](crate::yaml_fields) and the keys are offered to one part after
//! the other while the file is read: what no part takes is an error, at its line,
//! that names the known key nearest to it.
//!
//! As in Prometheus, a key without a value keeps its default.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserializer;
use serde::de::{Error, MapAccess, Visitor};

/// A struct, or a part of one, that is read key by key.
pub trait Fields {
    /// Adds the keys that [`Fields::read`] takes.
    fn names(names: &mut Vec<&'static &'static str>);

    /// Reads the value of `name`; false where that is no key of this part.
    ///
    /// # Errors
    /// Where the value is not what the key needs.
    fn read<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error>;
}

/// Implements [`Fields`] for a struct: its own keys, then fields that are parts.
///
/// A key is named as its field, or `field = "key"`. With `deserialize` in front,
/// `Deserialize` comes too: from the struct's `Default` on, refusing keys that
/// nobody knows.
#[macro_export]
macro_rules! yaml_fields {
    (@key $field:ident) => { stringify!($field) };
    (@key $field:ident $key:literal) => { $key };
    (
        deserialize $type:ty { $($field:ident $(= $key:literal)?),* $(,)? }
        $(+ $part:ident: $part_type:ident)*
    ) => {
        $crate::yaml_fields!($type { $($field $(= $key)?),* } $(+ $part: $part_type)*);
        impl<'de> ::serde::Deserialize<'de> for $type {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::fields::deserialize(deserializer)
            }
        }
    };
    ($type:ty { $($field:ident $(= $key:literal)?),* $(,)? } $(+ $part:ident: $part_type:ident)*) => {
        impl $crate::fields::Fields for $type {
            fn names(names: &mut Vec<&'static &'static str>) {
                const OWN: &[&str] = &[$($crate::yaml_fields!(@key $field $($key)?)),*];
                names.extend(OWN);
                $(<$part_type as $crate::fields::Fields>::names(names);)*
            }

            fn read<'de, A: ::serde::de::MapAccess<'de>>(
                &mut self,
                name: &str,
                map: &mut A,
            ) -> Result<bool, A::Error> {
                match name {
                    $($crate::yaml_fields!(@key $field $($key)?) => {
                        if let Some(value) = map.next_value::<Option<_>>()? {
                            self.$field = value;
                        }
                        Ok(true)
                    })*
                    _ => Ok(false $(|| $crate::fields::Fields::read(&mut self.$part, name, map)?)*),
                }
            }
        }
    };
}

/// Reads a mapping into the default of `T`.
///
/// # Errors
/// Where a value is wrong or a key is unknown.
pub fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Fields + Default,
    D: Deserializer<'de>,
{
    deserializer.deserialize_map(FieldsVisitor(PhantomData))
}

struct FieldsVisitor<T>(PhantomData<T>);

impl<'de, T: Fields + Default> Visitor<'de> for FieldsVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let mut value = T::default();
        while let Some(name) = map.next_key::<String>()? {
            if !value.read(&name, &mut map)? {
                // Of all constructors of errors only serde's own are given a line.
                let nearest = nearest::<T>(&name).map_or(&[][..], std::slice::from_ref);
                return Err(A::Error::unknown_field(&name, nearest));
            }
        }
        Ok(value)
    }
}

/// The known key that takes the fewest edits.
fn nearest<T: Fields>(name: &str) -> Option<&'static &'static str> {
    let mut names = Vec::new();
    T::names(&mut names);
    names.into_iter().min_by_key(|known| edits(name, known))
}

/// How many edits make one word of another: the Levenshtein distance, in bytes.
pub fn edits(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, to) in b.bytes().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq)]
    struct Part {
        limit: Option<u64>,
    }

    #[derive(Debug, Default, PartialEq)]
    struct Whole {
        scrape_interval: String,
        names: Vec<String>,
        part: Part,
    }

    yaml_fields!(Part { limit });
    yaml_fields!(deserialize Whole { scrape_interval, names } + part: Part);

    fn read(yaml: &str) -> Result<Whole, String> {
        serde_saphyr::from_str(yaml).map_err(|error| error.to_string())
    }

    #[test]
    fn keys_go_to_their_parts_and_empty_ones_keep_defaults() {
        let whole = read("scrape_interval: 5s\nnames:\nlimit: 3\n").unwrap();
        assert_eq!(whole.scrape_interval, "5s");
        assert_eq!((whole.names.len(), whole.part.limit), (0, Some(3)));
        assert_eq!(read("limit:").unwrap(), Whole::default());
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line_and_its_nearest_kin() {
        let error = read("names: []\nscrape_intervall: 5s\n").unwrap_err();
        assert!(error.contains("`scrape_intervall`, expected"), "{error}");
        assert!(
            error.contains("scrape_interval\n") || error.contains("scrape_interval`"),
            "{error}"
        );
        assert!(error.contains("line 2"), "{error}");
        let error = read("names: []\n\nlimit: many\n").unwrap_err();
        assert!(error.contains("line 3"), "{error}");
    }

    #[test]
    fn distances() {
        for (a, b, want) in [("", "", 0), ("a", "", 1), ("kitten", "sitting", 3), ("ab", "ba", 2)] {
            assert_eq!(edits(a, b), want, "{a} {b}");
        }
    }
}
