//! What a block says of itself: `meta.json`.

use std::path::Path;

use disk::Disk;
use model::{TimeRange, Timestamp};
use serde::{Deserialize, Serialize};

use super::{BlockError, BlockId};

/// The version of the layout that is written.
pub const VERSION: u32 = 1;
/// The file's name.
pub const FILE: &str = "meta.json";

/// `meta.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockMeta {
    /// The layout of the block's files.
    pub version: u32,
    /// The block.
    pub id: BlockId,
    /// The time of its first sample, in ms.
    pub time_min: Timestamp,
    /// The time of its last sample, in ms.
    pub time_max: Timestamp,
    /// Its series.
    pub series: u64,
    /// Its samples.
    pub samples: u64,
    /// Its chunks.
    pub chunks: u64,
    /// How often its data was compacted; 1 is cut from the head.
    pub level: u32,
    /// The blocks that it was made of; none where it was cut from the head.
    #[serde(default)]
    pub parents: Vec<BlockId>,
    /// The name under which the oldest of its data was first written; its own
    /// where it was cut from the head. Of two blocks with a sample of the same
    /// time the one with the smaller name counts.
    #[serde(default)]
    pub first: Option<BlockId>,
    /// The distance of samples where it was downsampled; 0 where not.
    #[serde(default)]
    pub resolution_ms: u64,
    /// CRC-32C of the other fields as JSON without spaces, in this order.
    checksum: u32,
}

impl BlockMeta {
    /// The times of its samples.
    pub fn range(&self) -> TimeRange {
        TimeRange::new(self.time_min, self.time_max)
    }

    /// What blocks are ordered by where both have a sample of the same time.
    pub fn rank(&self) -> &BlockId {
        self.first.as_ref().unwrap_or(&self.id)
    }

    /// The meta of a block without samples.
    pub(super) fn empty(id: BlockId, level: u32, parents: Vec<BlockId>) -> Self {
        Self {
            version: VERSION,
            id,
            time_min: Timestamp::MAX,
            time_max: Timestamp::MIN,
            series: 0,
            samples: 0,
            chunks: 0,
            level,
            parents,
            first: None,
            resolution_ms: 0,
            checksum: 0,
        }
    }

    /// The bytes of the file.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let sealed = Self { checksum: self.content_checksum(), ..self.clone() };
        serde_json::to_vec_pretty(&sealed).expect("a block's meta is plain data")
    }

    fn content_checksum(&self) -> u32 {
        let content = Self { checksum: 0, ..self.clone() };
        let bytes = serde_json::to_vec(&content).expect("a block's meta is plain data");
        crc32c::crc32c(&bytes)
    }

    /// Reads the file in `dir`.
    ///
    /// # Errors
    /// Where it can't be read, is no such file, or is of a newer version.
    pub fn read(disk: &dyn Disk, dir: &Path) -> Result<Self, BlockError> {
        let path = dir.join(FILE);
        let bytes = disk.read(&path).map_err(BlockError::io(&path))?;
        let meta: Self = serde_json::from_slice(&bytes)
            .map_err(|error| BlockError::damaged(&path, error.to_string()))?;
        if meta.checksum != meta.content_checksum() {
            return Err(BlockError::damaged(&path, "its checksum is wrong"));
        }
        if meta.version != VERSION {
            let reason = format!("version {} is not known, {VERSION} is", meta.version);
            return Err(BlockError::damaged(&path, reason));
        }
        Ok(meta)
    }
}
