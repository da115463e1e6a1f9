//! Names of blocks: ULIDs.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use model::{Labels, Timestamp};
use serde::{Deserialize, Serialize};

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static SEQUENCE: AtomicU64 = AtomicU64::new(0);

/// A block's name: 26 characters of Crockford's base 32.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ulid(String);

impl Ulid {
    /// A new name.
    pub fn generate() -> Self {
        let millis = Timestamp::now().as_millis().max(0) as u128 & ((1 << 48) - 1);
        let nanos =
            SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.subsec_nanos());
        let count = SEQUENCE.fetch_add(1, Ordering::Relaxed);
        let seed = format!("{} {count} {nanos}", std::process::id());
        let random = Labels::from_pairs([("seed", seed)]).series_hash().0 & ((1 << 80) - 1);
        let bits = millis << 80 | random;
        let digit = |place: u32| ALPHABET[(bits >> (place * 5) & 31) as usize] as char;
        Self((0..26).rev().map(digit).collect())
    }

    /// Reads a directory's name; `None` where it is no block's.
    pub fn parse(name: &str) -> Option<Self> {
        let is_ulid = name.len() == 26 && name.bytes().all(|byte| ALPHABET.contains(&byte));
        is_ulid.then(|| Self(name.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Ulid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_differ_and_are_recognised() {
        let (a, b) = (Ulid::generate(), Ulid::generate());
        assert_ne!(a, b);
        assert_eq!(Ulid::parse(a.as_str()), Some(a));
        assert_eq!(Ulid::parse("chunks_head"), None);
    }
}
