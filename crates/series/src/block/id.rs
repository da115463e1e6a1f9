//! Names of blocks: ULIDs, so that names sort by the time of writing.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use model::Timestamp;
use serde::{Deserialize, Serialize};

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static SEQUENCE: AtomicU64 = AtomicU64::new(0);

/// A block's name: 26 characters of Crockford's base 32.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BlockId(String);

impl BlockId {
    /// A new name, different from all others.
    pub fn generate() -> Self {
        let millis = Timestamp::now().as_millis().max(0) as u128 & ((1 << 48) - 1);
        // Unique within the data directory, which has one owner: process and count suffice.
        let count = SEQUENCE.fetch_add(1, Ordering::Relaxed);
        let seed = [u64::from(std::process::id()), count, millis as u64];
        let labels = model::Labels::from_pairs([("seed", format!("{seed:?}"))]);
        // Names of the same millisecond rise with the count: blocks rank by them.
        let order = u128::from(count as u16) << 64;
        let random = labels.series_hash().0 & ((1 << 64) - 1);
        Self::from_bits(millis << 80 | order | random)
    }

    fn from_bits(bits: u128) -> Self {
        let digit = |place: u32| ALPHABET[(bits >> (place * 5) & 31) as usize] as char;
        Self((0..26).rev().map(digit).collect())
    }

    /// Reads a directory's name; `None` where it is no block's.
    pub fn parse(name: &str) -> Option<Self> {
        let is_id = name.len() == 26 && name.bytes().all(|byte| ALPHABET.contains(&byte));
        is_id.then(|| Self(name.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BlockId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_ulids_and_differ() {
        let (a, b) = (BlockId::generate(), BlockId::generate());
        assert!(a < b, "also within a millisecond");
        assert_eq!(BlockId::parse(a.as_str()), Some(a));
        assert_eq!(BlockId::parse("wal"), None);
        assert_eq!(BlockId::from_bits(0).as_str(), "0".repeat(26));
    }
}
