//! What a store says of itself.

use model::TimeRange;

/// A store's state at one moment.
#[derive(Clone, Debug, Default)]
pub struct StoreStatus {
    /// The part in memory.
    pub head: HeadStatus,
    /// The immutable blocks, by time.
    pub blocks: Vec<BlockStatus>,
    /// Bytes on disk of all blocks.
    pub blocks_bytes: u64,
    /// Bytes on disk of the write-ahead log.
    pub wal_bytes: u64,
    /// How far the start-up replay is.
    pub replay: ReplayStatus,
    /// Series of each metric name, most first.
    pub series_by_metric: Vec<CardinalityEntry>,
    /// Values of each label name, most first.
    pub values_by_label: Vec<CardinalityEntry>,
    /// Bytes that the values of each label name take, most first.
    pub bytes_by_label: Vec<CardinalityEntry>,
    /// Series of each `name=value` pair, most first.
    pub series_by_pair: Vec<CardinalityEntry>,
}

/// The part of a store that takes writes.
#[derive(Clone, Copy, Debug, Default)]
pub struct HeadStatus {
    /// Series in memory.
    pub series: u64,
    /// Distinct label pairs.
    pub label_pairs: u64,
    /// Chunks in memory.
    pub chunks: u64,
    /// Bytes of all chunks in memory.
    pub chunk_bytes: u64,
    /// The times of its samples; `None` while it is empty.
    pub range: Option<TimeRange>,
}

/// One immutable block.
#[derive(Clone, Debug)]
pub struct BlockStatus {
    /// Its directory's name.
    pub id: String,
    /// The times that it covers.
    pub range: TimeRange,
    /// Its series.
    pub series: u64,
    /// Its samples.
    pub samples: u64,
    /// Its bytes on disk.
    pub bytes: u64,
    /// How often its data was compacted.
    pub level: u32,
}

/// One row of a cardinality table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardinalityEntry {
    /// What is counted.
    pub name: String,
    /// How many, or how many bytes.
    pub value: u64,
}

/// The replay of the write-ahead log at start-up, in segments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReplayStatus {
    /// The first segment.
    pub min: u64,
    /// The last segment.
    pub max: u64,
    /// The segment being read.
    pub current: u64,
    /// Records left out because they were damaged.
    pub damaged_records: u64,
}
