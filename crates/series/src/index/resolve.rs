//! Matchers against an index.
//!
//! A matcher that a missing label satisfies (`a=""`, `a!="x"`, `a=~".*"`) is
//! taken as "all but those that fail it"; all others select. Selections come
//! first, so that the set only shrinks.

use model::{MatchOp, Matcher};
use roaring::RoaringBitmap;

use super::Postings;
use super::pattern::Pattern;

/// The series that satisfy all of `matchers`.
pub fn resolve(index: &impl Postings, matchers: &[Matcher]) -> RoaringBitmap {
    let (removing, selecting): (Vec<_>, Vec<_>) =
        matchers.iter().partition(|matcher| matcher.matches_missing());
    let mut series: Option<RoaringBitmap> = None;
    for matcher in selecting {
        let found = selected(index, matcher);
        let narrowed = match series {
            Some(before) => before & found,
            None => found,
        };
        if narrowed.is_empty() {
            return narrowed;
        }
        series = Some(narrowed);
    }
    let mut series = series.unwrap_or_else(|| index.all());
    for matcher in removing {
        series -= failing(index, matcher);
    }
    series
}

/// The series whose label has a value, not empty, that satisfies `matcher`.
fn selected(index: &impl Postings, matcher: &Matcher) -> RoaringBitmap {
    let name = matcher.name();
    match matcher.op() {
        MatchOp::Equal => index.of_pair(name, matcher.value()),
        MatchOp::Regex => match Pattern::of(matcher.value()) {
            Pattern::Literals(values) => of_each(index, name, &values),
            Pattern::Prefix(prefix) => {
                index.of_values(name, &prefix, &mut |value| matcher.matches(value))
            }
        },
        // Only `!=""` and `!~` of an expression that matches nothing come here.
        MatchOp::NotEqual | MatchOp::NotRegex => {
            index.of_values(name, "", &mut |value| matcher.matches(value))
        }
    }
}

/// The series whose label has a value that does not satisfy `matcher`.
fn failing(index: &impl Postings, matcher: &Matcher) -> RoaringBitmap {
    let name = matcher.name();
    match matcher.op() {
        MatchOp::NotEqual => index.of_pair(name, matcher.value()),
        MatchOp::NotRegex => match Pattern::of(matcher.value()) {
            Pattern::Literals(values) => of_each(index, name, &values),
            Pattern::Prefix(prefix) => {
                index.of_values(name, &prefix, &mut |value| !matcher.matches(value))
            }
        },
        MatchOp::Regex if matcher.value() == ".*" => RoaringBitmap::new(),
        MatchOp::Equal | MatchOp::Regex => {
            index.of_values(name, "", &mut |value| !matcher.matches(value))
        }
    }
}

fn of_each(index: &impl Postings, name: &str, values: &[String]) -> RoaringBitmap {
    values
        .iter()
        .filter(|value| !value.is_empty())
        .fold(RoaringBitmap::new(), |all, value| all | index.of_pair(name, value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::MemoryIndex;
    use model::Labels;
    use proptest::prelude::*;

    fn labels() -> impl Strategy<Value = Labels> {
        proptest::collection::btree_map("[ab]", "[xyz]{0,2}", 0..3).prop_map(Labels::from_pairs)
    }

    fn matcher() -> impl Strategy<Value = Matcher> {
        let op = prop_oneof![
            Just(MatchOp::Equal),
            Just(MatchOp::NotEqual),
            Just(MatchOp::Regex),
            Just(MatchOp::NotRegex)
        ];
        let value = prop_oneof![
            "[xyz]{0,2}",
            Just(".*".into()),
            Just(".+".into()),
            Just("x.*".into()),
            Just("x|y|".into()),
            Just("[xy]z?".into())
        ];
        (op, "[ab]", value).prop_map(|(op, name, value)| Matcher::new(op, name, value).unwrap())
    }

    proptest! {
        #[test]
        fn the_index_agrees_with_the_matchers(
            series in proptest::collection::vec(labels(), 0..12),
            matchers in proptest::collection::vec(matcher(), 0..4),
        ) {
            let mut index = MemoryIndex::default();
            for (number, labels) in series.iter().enumerate() {
                index.insert(number as u32, labels);
            }
            let want: Vec<u32> = (0..series.len() as u32)
                .filter(|number| matchers.iter().all(|m| m.matches_labels(&series[*number as usize])))
                .collect();
            prop_assert_eq!(resolve(&index, &matchers).iter().collect::<Vec<_>>(), want);
        }
    }
}
