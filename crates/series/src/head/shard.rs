//! One shard: its series, and the map that finds them by hash.

use hashbrown::HashTable;
use model::SeriesHash;

use super::series::{MemSeries, SeriesRef};

/// The low bits of a [`SeriesRef`] name the shard.
pub(crate) const SHARD_BITS: u32 = 4;
/// How many shards a head has.
pub(crate) const SHARDS: usize = 1 << SHARD_BITS;

/// A sixteenth of all series.
#[derive(Debug)]
pub(crate) struct Shard {
    number: u32,
    slots: Vec<Option<Box<MemSeries>>>,
    /// Slots that may be given to new series.
    free: Vec<u32>,
    /// Slots that are free once no log record from before means them.
    free_after_checkpoint: Vec<u32>,
    by_hash: HashTable<Place>,
}

/// Where a series is, in the map by hash.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// Bits of the hash that neither the shard nor the map is chosen by: they tell
    /// nearly all other series apart without a look at any.
    tag: u32,
    slot: u32,
}

fn tag_of(hash: SeriesHash) -> u32 {
    (hash.0 >> 96) as u32
}

/// The shard of a series. The map within the shard uses the low half of the
/// hash, so this uses the high one.
pub(crate) fn shard_of(hash: SeriesHash) -> usize {
    (hash.0 >> 64) as usize & (SHARDS - 1)
}

impl SeriesRef {
    pub(crate) fn shard(self) -> usize {
        self.0 as usize & (SHARDS - 1)
    }

    pub(crate) fn slot(self) -> usize {
        (self.0 >> SHARD_BITS) as usize
    }

    pub(super) fn new(shard: u32, slot: u32) -> Self {
        Self(slot << SHARD_BITS | shard)
    }
}

impl Shard {
    pub(crate) fn new(number: usize) -> Self {
        Self {
            number: number as u32,
            slots: Vec::new(),
            free: Vec::new(),
            free_after_checkpoint: Vec::new(),
            by_hash: HashTable::new(),
        }
    }

    /// The slot of the series with this hash.
    #[inline]
    pub(crate) fn find(&self, hash: SeriesHash) -> Option<SeriesRef> {
        let (slots, tag) = (&self.slots, tag_of(hash));
        let place = self.by_hash.find(hash.0 as u64, |place| {
            place.tag == tag
                && slots[place.slot as usize].as_ref().is_some_and(|series| series.hash == hash)
        })?;
        Some(SeriesRef::new(self.number, place.slot))
    }

    /// The series that has this hash if any has: the caller looks at its hash
    /// when it looks at the series, which are cache misses better had together.
    #[inline]
    pub(crate) fn candidate(&self, hash: SeriesHash) -> Option<SeriesRef> {
        let tag = tag_of(hash);
        let place = self.by_hash.find(hash.0 as u64, |place| place.tag == tag)?;
        Some(SeriesRef::new(self.number, place.slot))
    }

    #[inline]
    pub(crate) fn get(&self, series: SeriesRef) -> Option<&MemSeries> {
        self.slots.get(series.slot())?.as_deref()
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, series: SeriesRef) -> Option<&mut MemSeries> {
        self.slots.get_mut(series.slot())?.as_deref_mut()
    }

    /// Adds a series that is not there yet.
    pub(crate) fn insert(&mut self, series: MemSeries) -> SeriesRef {
        let slot = self.free.pop().unwrap_or(self.slots.len() as u32);
        self.insert_at(slot, series)
    }

    /// Drops a series. Its slot is given away after the next checkpoint only: were
    /// a log record lost that gives it to another series, samples of that one
    /// would otherwise be taken for samples of this one.
    pub(crate) fn remove(&mut self, series: SeriesRef) -> Option<Box<MemSeries>> {
        let removed = self.evict(series)?;
        self.free_after_checkpoint.push(series.slot() as u32);
        Some(removed)
    }

    /// Says that a checkpoint takes the place of all log records until now.
    pub(crate) fn begin_checkpoint(&mut self) {
        self.free.append(&mut self.free_after_checkpoint);
    }

    /// Lists the slots that a replay left empty.
    pub(crate) fn end_replay(&mut self) {
        let empty = self.slots.iter().enumerate().filter(|(_, series)| series.is_none());
        self.free_after_checkpoint = empty.map(|(slot, _)| slot as u32).collect();
    }

    /// Empties a slot.
    pub(super) fn evict(&mut self, series: SeriesRef) -> Option<Box<MemSeries>> {
        let slot = series.slot();
        let evicted = self.slots.get_mut(slot)?.take()?;
        let found =
            self.by_hash.find_entry(evicted.hash.0 as u64, |place| place.slot as usize == slot);
        if let Ok(entry) = found {
            entry.remove();
        }
        Some(evicted)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (SeriesRef, &MemSeries)> {
        let number = self.number;
        self.slots.iter().enumerate().filter_map(move |(slot, series)| {
            Some((SeriesRef::new(number, slot as u32), series.as_deref()?))
        })
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (SeriesRef, &mut MemSeries)> {
        let number = self.number;
        self.slots.iter_mut().enumerate().filter_map(move |(slot, series)| {
            Some((SeriesRef::new(number, slot as u32), series.as_deref_mut()?))
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.by_hash.len()
    }

    /// Puts a series into an empty slot.
    pub(super) fn insert_at(&mut self, slot: u32, series: MemSeries) -> SeriesRef {
        let hash = series.hash;
        if slot as usize >= self.slots.len() {
            self.slots.resize_with(slot as usize + 1, || None);
        }
        self.slots[slot as usize] = Some(Box::new(series));
        let slots = &self.slots;
        self.by_hash.insert_unique(hash.0 as u64, Place { tag: tag_of(hash), slot }, |other| {
            slots[other.slot as usize].as_ref().map_or(0, |series| series.hash.0 as u64)
        });
        SeriesRef::new(self.number, slot)
    }
}
