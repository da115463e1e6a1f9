//! What a target exposed last time, so that most of a scrape needs no parsing.
//!
//! The key is the series as the exposition writes it. The entry holds what
//! parsing and relabelling made of it. A series that the newest scrape did not
//! bring is stale and leaves the cache.

use hashbrown::HashMap;
use model::{Labels, SeriesHash};

/// The series of one target.
#[derive(Debug, Default)]
pub struct SeriesCache {
    entries: HashMap<Box<str>, CachedSeries>,
    generation: u64,
}

/// What became of one exposed series.
#[derive(Debug)]
pub enum CachedSeries {
    /// A rule dropped it.
    Dropped {
        /// The scrape that brought it last.
        seen: u64,
    },
    /// It is stored.
    Stored(StoredSeries),
}

/// A series that is stored.
#[derive(Debug)]
pub struct StoredSeries {
    /// Its labels after relabelling.
    pub labels: Labels,
    /// Their hash.
    pub hash: SeriesHash,
    /// Whether it gets a staleness marker when it vanishes.
    pub is_tracked: bool,
    seen: u64,
}

impl SeriesCache {
    /// Begins a scrape.
    pub fn begin(&mut self) {
        self.generation += 1;
    }

    /// The entry of `key`, marked as seen by this scrape.
    pub fn get(&mut self, key: &str) -> Option<&mut CachedSeries> {
        let generation = self.generation;
        let entry = self.entries.get_mut(key)?;
        match entry {
            CachedSeries::Dropped { seen } => *seen = generation,
            CachedSeries::Stored(series) => series.seen = generation,
        }
        Some(entry)
    }

    /// Remembers that `key` is dropped.
    pub fn insert_dropped(&mut self, key: &str) {
        self.entries.insert(key.into(), CachedSeries::Dropped { seen: self.generation });
    }

    /// Remembers what `key` became.
    pub fn insert_stored(&mut self, key: &str, labels: Labels, hash: SeriesHash, is_tracked: bool) {
        let series = StoredSeries { labels, hash, is_tracked, seen: self.generation };
        self.entries.insert(key.into(), CachedSeries::Stored(series));
    }

    /// Ends a scrape: forgets what it did not bring, handing stored series to `vanished`.
    pub fn end(&mut self, mut vanished: impl FnMut(&StoredSeries)) {
        let generation = self.generation;
        self.entries.retain(|_, entry| match entry {
            CachedSeries::Dropped { seen } => *seen == generation,
            CachedSeries::Stored(series) => {
                let is_seen = series.seen == generation;
                if !is_seen && series.is_tracked {
                    vanished(series);
                }
                is_seen
            }
        });
    }

    /// Forgets everything, handing stored series to `vanished`.
    pub fn clear(&mut self, mut vanished: impl FnMut(&StoredSeries)) {
        for entry in self.entries.values() {
            if let CachedSeries::Stored(series) = entry
                && series.is_tracked
            {
                vanished(series);
            }
        }
        self.entries.clear();
    }
}
