//! Compiled regular expressions, kept for the next query that has the same ones.
//!
//! Dashboards and rules ask the same questions again and again, and to compile an
//! expression takes longer than to match it against all values of a label. What is
//! kept is never matched with: each user gets a copy with buffers of its own, which
//! threads need not share, so what is kept stays as small as it was compiled.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use regex::Regex;

/// The most expressions that are kept.
const ENTRIES_MAX: usize = 256;
/// The longest that are kept, in bytes.
const PATTERN_BYTES_MAX: usize = 4096;
/// The largest that are kept once compiled, in bytes; 32 MiB all together.
const COMPILED_BYTES_MAX: usize = 128 << 10;

static CACHE: LazyLock<Mutex<RegexCache>> = LazyLock::new(Mutex::default);

/// The expression, compiled now or before. `compile` is given the most bytes that
/// it may take.
pub(super) fn get_or_compile<E>(
    pattern: &str,
    size_bytes_max: usize,
    compile: impl Fn(usize) -> Result<Regex, E>,
) -> Result<Regex, E> {
    if pattern.len() > PATTERN_BYTES_MAX {
        return compile(size_bytes_max);
    }
    let lock = || CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(regex) = lock().get(pattern) {
        return Ok(regex);
    }
    // Compiled outside of the lock: it may take milliseconds.
    match compile(COMPILED_BYTES_MAX.min(size_bytes_max)) {
        Ok(regex) => {
            lock().put(pattern, &regex);
            Ok(regex)
        }
        Err(_) => compile(size_bytes_max),
    }
}

/// Expressions by their text, with the turn at which each was used last.
#[derive(Default)]
struct RegexCache {
    entries: HashMap<String, (Regex, u64)>,
    turn: u64,
}

impl RegexCache {
    fn get(&mut self, pattern: &str) -> Option<Regex> {
        self.turn += 1;
        let (regex, used) = self.entries.get_mut(pattern)?;
        *used = self.turn;
        Some(regex.clone())
    }

    /// Keeps a copy; the expression that was not used for longest makes room for it.
    fn put(&mut self, pattern: &str, regex: &Regex) {
        if self.entries.len() >= ENTRIES_MAX && !self.entries.contains_key(pattern) {
            let oldest = self.entries.iter().min_by_key(|(_, (_, used))| *used);
            if let Some(oldest) = oldest.map(|(pattern, _)| pattern.clone()) {
                self.entries.remove(&oldest);
            }
        }
        self.turn += 1;
        self.entries.insert(pattern.to_owned(), (regex.clone(), self.turn));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn what_was_used_last_stays_and_there_is_a_limit() {
        let mut cache = RegexCache::default();
        let regex = Regex::new("a").unwrap();
        for index in 0..ENTRIES_MAX {
            cache.put(&format!("a{index}"), &regex);
        }
        assert!(cache.get("a0").is_some());
        cache.put("b", &regex);
        assert_eq!(cache.entries.len(), ENTRIES_MAX);
        assert!(cache.get("a0").is_some() && cache.get("b").is_some());
        assert!(cache.get("a1").is_none(), "it was not used for longest");
    }

    #[test]
    fn an_expression_is_compiled_once_unless_it_is_large() {
        let compiled = Cell::new(0);
        let compile = |pattern: &'static str| {
            get_or_compile(pattern, 4 << 20, |size| {
                compiled.set(compiled.get() + 1);
                regex::RegexBuilder::new(pattern).size_limit(size).build()
            })
        };
        for _ in 0..3 {
            assert!(compile("only in this test [a-z]+").unwrap().is_match("only in this test x"));
        }
        assert_eq!(compiled.take(), 1);
        for _ in 0..2 {
            compile(r"\w{40} only in this test").unwrap();
        }
        assert_eq!(compiled.take(), 4, "tried small, then compiled as it is, each time");
        assert!(compile(r"(\w{1000}){1000}").is_err());
    }
}
