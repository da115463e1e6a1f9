//! What a regular expression needs of an index.
//!
//! Most expressions in dashboards are no expressions: `a|b|c` from a variable
//! with several values, or `api-.*`. Those are answered by look-ups and ranges;
//! the regex engine sees only values that could match.

use regex_syntax::hir::{Class, Hir, HirKind};

/// An alternation of more literals than this is matched, not looked up.
const LITERALS_MAX: usize = 4096;

/// What is known of the values that an expression matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Exactly these.
    Literals(Vec<String>),
    /// Only values that start so; the expression decides.
    Prefix(String),
}

impl Pattern {
    /// Looks into an expression that is anchored at both ends.
    pub fn of(expression: &str) -> Self {
        let parsed =
            regex_syntax::ParserBuilder::new().dot_matches_new_line(true).build().parse(expression);
        match parsed {
            Ok(hir) => literals(&hir).map_or_else(|| Self::Prefix(prefix(&hir)), Self::Literals),
            // It compiled once; should the syntax differ, the engine decides on every value.
            Err(_) => Self::Prefix(String::new()),
        }
    }
}

/// All strings that `hir` matches, where they are few.
fn literals(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Empty => Some(vec![String::new()]),
        HirKind::Literal(literal) => Some(vec![String::from_utf8(literal.0.to_vec()).ok()?]),
        HirKind::Class(Class::Unicode(class)) => {
            let count: usize = class.iter().map(regex_syntax::hir::ClassUnicodeRange::len).sum();
            (count <= 16).then(|| {
                class
                    .iter()
                    .flat_map(|range| range.start()..=range.end())
                    .map(String::from)
                    .collect()
            })
        }
        HirKind::Capture(capture) => literals(&capture.sub),
        HirKind::Alternation(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(literals(part)?);
                if all.len() > LITERALS_MAX {
                    return None;
                }
            }
            Some(all)
        }
        HirKind::Concat(parts) => {
            let mut all = vec![String::new()];
            for part in parts {
                let tails = literals(part)?;
                if all.len() * tails.len() > LITERALS_MAX {
                    return None;
                }
                all = all
                    .iter()
                    .flat_map(|head| tails.iter().map(move |tail| format!("{head}{tail}")))
                    .collect();
            }
            Some(all)
        }
        _ => None,
    }
}

/// The literal that everything that `hir` matches starts with.
fn prefix(hir: &Hir) -> String {
    match hir.kind() {
        HirKind::Literal(literal) => String::from_utf8(literal.0.to_vec()).unwrap_or_default(),
        HirKind::Capture(capture) => prefix(&capture.sub),
        HirKind::Concat(parts) => {
            let mut all = String::new();
            for part in parts {
                match literals(part).as_deref() {
                    Some([only]) => all.push_str(only),
                    _ => {
                        all.push_str(&prefix(part));
                        break;
                    }
                }
            }
            all
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_that_are_none() {
        let literals = |texts: &[&str]| {
            Pattern::Literals(texts.iter().map(|text| (*text).to_owned()).collect())
        };
        assert_eq!(Pattern::of("a"), literals(&["a"]));
        assert_eq!(Pattern::of("foo|bar|"), literals(&["foo", "bar", ""]));
        assert_eq!(Pattern::of("a(b|c)d"), literals(&["abd", "acd"]));
        assert_eq!(Pattern::of("a[12]"), literals(&["a1", "a2"]));
        assert_eq!(Pattern::of("10\\.0\\.0\\.1:80"), literals(&["10.0.0.1:80"]));
        assert_eq!(Pattern::of("api-.*"), Pattern::Prefix("api-".into()));
        assert_eq!(Pattern::of("(api)-v[0-9]+x"), Pattern::Prefix("api-v".into()));
        assert_eq!(Pattern::of(".*"), Pattern::Prefix(String::new()));
        assert_eq!(Pattern::of("(?i)a"), literals(&["A", "a"]));
    }
}
