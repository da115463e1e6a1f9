//! What can be wrong with files of Prometheus.

use std::path::{Path, PathBuf};

/// How many damaged places are described one by one; the rest is only counted.
const DAMAGE_EXAMPLES_MAX: usize = 8;

/// A file of Prometheus can't be read or written.
#[derive(Debug, thiserror::Error)]
pub enum TsdbError {
    /// The file system failed.
    #[error("{path}: {source}")]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The bytes are not what Prometheus writes.
    #[error("{path} is damaged at byte {offset}: {reason}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where in it.
        offset: u64,
        /// What is wrong there.
        reason: &'static str,
    },
    /// `meta.json` is no JSON, or not the expected one.
    #[error("{path} is damaged: {source}")]
    Meta {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A layout that is not known.
    #[error("{path} has version {version}, which is not supported; {supported} is")]
    Version {
        /// The file.
        path: PathBuf,
        /// What it says.
        version: u32,
        /// What is known.
        supported: u32,
    },
    /// Nothing of Prometheus is there.
    #[error("{0} holds no blocks and no write-ahead log of Prometheus")]
    NothingThere(PathBuf),
    /// A Prometheus runs on it.
    #[error(
        "{0} is in use by a running Prometheus; stop it, or take a snapshot of it and read that"
    )]
    InUse(PathBuf),
    /// More than the format can say.
    #[error("{path}: {what} is more than a block of Prometheus can hold; export shorter blocks")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// What is too large.
        what: &'static str,
    },
}

impl TsdbError {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }

    pub(crate) fn damaged(path: &Path, offset: u64, reason: &'static str) -> Self {
        Self::Damaged { path: path.to_owned(), offset, reason }
    }
}

/// Bytes are not what was expected at some place of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed {
    /// Where, from the start of the bytes that were read.
    pub(crate) at: usize,
    /// What is wrong there.
    pub(crate) reason: &'static str,
}

impl Malformed {
    /// The error in its file, where the bytes begin at `base`.
    pub(crate) fn within(self, path: &Path, base: u64) -> TsdbError {
        TsdbError::damaged(path, base + self.at as u64, self.reason)
    }
}

/// What was damaged and left out while the rest was read: counted in full,
/// described in part.
#[derive(Debug, Default)]
pub struct Damage {
    count: u64,
    examples: Vec<TsdbError>,
}

impl Damage {
    /// Counts a damaged place and, while there is room, keeps it as an example.
    pub fn add(&mut self, error: TsdbError) {
        self.count += 1;
        if self.examples.len() < DAMAGE_EXAMPLES_MAX {
            self.examples.push(error);
        }
    }

    /// How many places were damaged.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Whether nothing was.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The first few.
    pub fn examples(&self) -> &[TsdbError] {
        &self.examples
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_of_damage_are_capped_and_the_count_is_not() {
        let mut damage = Damage::default();
        for offset in 0..20 {
            damage.add(TsdbError::damaged(
                Path::new("chunks/000001"),
                offset,
                "its checksum is wrong",
            ));
        }
        assert_eq!((damage.count(), damage.examples().len()), (20, DAMAGE_EXAMPLES_MAX));
        assert_eq!(
            damage.examples()[3].to_string(),
            "chunks/000001 is damaged at byte 3: its checksum is wrong"
        );
    }
}
