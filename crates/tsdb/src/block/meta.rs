//! What a block says of itself: `meta.json`.

use std::path::Path;

use disk::Disk;
use model::{TimeRange, Timestamp};
use serde::{Deserialize, Serialize};

use super::Ulid;
use crate::error::TsdbError;

/// The file's name.
pub(crate) const FILE: &str = "meta.json";
const VERSION: u32 = 1;

/// `meta.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BlockMeta {
    /// The block's name.
    pub ulid: Ulid,
    /// No sample is older, in ms.
    pub min_time: Timestamp,
    /// All samples are older, in ms.
    pub max_time: Timestamp,
    /// What is in it; files of old versions don't say.
    #[serde(default)]
    pub stats: BlockStats,
    /// How it came about.
    #[serde(default)]
    pub compaction: Compaction,
    /// The version of this file.
    pub version: u32,
}

/// What is in a block.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BlockStats {
    /// Samples of all kinds.
    pub num_samples: u64,
    /// Float samples.
    #[serde(skip_serializing_if = "is_zero")]
    pub num_float_samples: u64,
    /// Native histograms.
    #[serde(skip_serializing_if = "is_zero")]
    pub num_histogram_samples: u64,
    /// Series.
    pub num_series: u64,
    /// Chunks.
    pub num_chunks: u64,
}

/// How a block came about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Compaction {
    /// How often its data was compacted; 1 for new blocks.
    pub level: u32,
    /// The level-1 blocks that it comes from.
    pub sources: Vec<Ulid>,
    /// The blocks that it was made of and stands for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parents: Vec<ParentBlock>,
}

/// A block that another stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParentBlock {
    /// Its name.
    pub ulid: Ulid,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl BlockMeta {
    /// The meta of a new block.
    pub(super) fn new(ulid: Ulid, range: TimeRange, stats: BlockStats) -> Self {
        let compaction = Compaction { level: 1, sources: vec![ulid.clone()], parents: Vec::new() };
        let max_time = Timestamp::from_millis(range.end.as_millis().saturating_add(1));
        Self { ulid, min_time: range.start, max_time, stats, compaction, version: VERSION }
    }

    /// The times that its samples may have.
    pub fn range(&self) -> TimeRange {
        let last = self.max_time.as_millis().saturating_sub(1);
        TimeRange::new(self.min_time, Timestamp::from_millis(last))
    }

    /// Reads the file in `dir`.
    ///
    /// # Errors
    /// Where it can't be read, is no such file, or of a version that is not known.
    pub fn read(disk: &dyn Disk, dir: &Path) -> Result<Self, TsdbError> {
        let path = dir.join(FILE);
        let bytes = disk.read(&path).map_err(TsdbError::io(&path))?;
        let meta: Self = serde_json::from_slice(&bytes)
            .map_err(|source| TsdbError::Meta { path: path.clone(), source })?;
        if meta.version != VERSION {
            return Err(TsdbError::Version { path, version: meta.version, supported: VERSION });
        }
        Ok(meta)
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).expect("a block's meta is plain data")
    }
}
