//! The writing end of the log: numbering, group commit, segments, syncing.
//!
//! Records are queued in memory, under the lock of the shard that they are
//! about, which fixes their order. Whoever then waits for its record first
//! becomes the writer for all that are queued: concurrent appends share one
//! `write(2)`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use disk::{Disk, DiskFile, frame};
use parking_lot::{Condvar, Mutex, MutexGuard};

use super::segment::create_segment;
use crate::config::WalSync;

/// How much of the log comes before a point in it, in bytes since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LogPosition(u64);

/// The buffer of a burst is given back once it is larger than this.
const BUFFER_BYTES_KEPT: usize = 4 << 20;

/// The log, open for writing.
pub(crate) struct Wal {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    sync: WalSync,
    segment_bytes_max: u64,
    queue: Mutex<Queue>,
    /// Signalled when the writer of a moment is done.
    is_done: Condvar,
    stats: WalStats,
}

/// What the log counts.
#[derive(Debug, Default)]
pub(crate) struct WalStats {
    pub(crate) records: AtomicU64,
    pub(crate) written_bytes: AtomicU64,
    pub(crate) writes: AtomicU64,
    pub(crate) write_failures: AtomicU64,
    pub(crate) syncs: AtomicU64,
}

struct Queue {
    /// Framed records that nobody has written yet.
    pending: Vec<u8>,
    /// One record before it is framed.
    payload: Vec<u8>,
    next_sequence: u64,
    queued: LogPosition,
    written: LogPosition,
    /// How many writes have failed; the ones that wait then give up.
    failures: u64,
    last_failure: Option<io::ErrorKind>,
    /// `None` while somebody writes.
    segment: Option<Segment>,
}

/// The segment that is being written.
struct Segment {
    number: u64,
    file: Box<dyn DiskFile>,
    bytes: u64,
    /// A write failed half-way: what is written next belongs into a new segment.
    is_torn: bool,
    has_unsynced: bool,
    /// Segments that were closed since the last sync.
    unsynced: Vec<Box<dyn DiskFile>>,
    buffer: Vec<u8>,
}

impl Wal {
    /// Starts segment `number` of the log in `dir`; records are numbered from
    /// `next_sequence` on.
    pub(crate) fn create(
        disk: Arc<dyn Disk>,
        dir: &Path,
        number: u64,
        next_sequence: u64,
        sync: WalSync,
        segment_bytes_max: u64,
    ) -> io::Result<Self> {
        let file = create_segment(&*disk, dir, number)?;
        let segment = Segment {
            number,
            file,
            bytes: 0,
            is_torn: false,
            has_unsynced: false,
            unsynced: Vec::new(),
            buffer: Vec::new(),
        };
        Ok(Self {
            disk,
            dir: dir.to_owned(),
            sync,
            segment_bytes_max,
            queue: Mutex::new(Queue {
                pending: Vec::new(),
                payload: Vec::new(),
                next_sequence,
                queued: LogPosition::default(),
                written: LogPosition::default(),
                failures: 0,
                last_failure: None,
                segment: Some(segment),
            }),
            is_done: Condvar::new(),
            stats: WalStats::default(),
        })
    }

    pub(crate) fn stats(&self) -> &WalStats {
        &self.stats
    }

    /// Queues the record that `encode(sequence, payload)` writes. It is in the
    /// log once [`Wal::commit`] returned for the position.
    pub(crate) fn push(&self, encode: impl FnOnce(u64, &mut Vec<u8>)) -> LogPosition {
        let mut queue = self.queue.lock();
        let Queue { pending, payload, next_sequence, queued, .. } = &mut *queue;
        payload.clear();
        encode(*next_sequence, payload);
        *next_sequence += 1;
        let before = pending.len();
        frame::write(payload, pending);
        queued.0 += (pending.len() - before) as u64;
        self.stats.records.fetch_add(1, Ordering::Relaxed);
        *queued
    }

    /// The number that the next record gets.
    pub(crate) fn next_sequence(&self) -> u64 {
        self.queue.lock().next_sequence
    }

    /// Waits until everything up to `position` was handed to the operating
    /// system, and synced where the policy says so.
    ///
    /// # Errors
    /// Where it could not be written. It stays queued and is tried again with
    /// the next commit.
    pub(crate) fn commit(&self, position: LogPosition) -> io::Result<()> {
        let mut queue = self.queue.lock();
        let failures = queue.failures;
        loop {
            if queue.written >= position {
                return Ok(());
            }
            if queue.failures != failures {
                return Err(queue.last_failure.unwrap_or(io::ErrorKind::Other).into());
            }
            match queue.segment.take() {
                Some(segment) => {
                    let (after, result) = self.write_pending(queue, segment, |_| Ok(()));
                    result?;
                    queue = after;
                }
                None => self.is_done.wait(&mut queue),
            }
        }
    }

    /// Tries what an earlier failure left queued.
    ///
    /// # Errors
    /// Where it still can't be written: then nothing more should be queued.
    pub(crate) fn retry_failed(&self) -> io::Result<()> {
        let position = {
            let queue = self.queue.lock();
            if queue.last_failure.is_none() {
                return Ok(());
            }
            queue.queued
        };
        self.commit(position)
    }

    /// Writes what is queued and closes the segment. Returns the number of the new one.
    pub(crate) fn rotate(&self) -> io::Result<u64> {
        self.exclusively(|segment| {
            self.next_segment(segment)?;
            Ok(segment.number)
        })
    }

    /// Writes what is queued and syncs all of the log.
    pub(crate) fn flush(&self) -> io::Result<()> {
        self.exclusively(|segment| self.sync_files(segment))
    }

    /// Syncs what was written since the last sync, without holding up appends.
    pub(crate) fn sync_in_background(&self) -> io::Result<()> {
        if self.sync == WalSync::Never {
            return Ok(());
        }
        let (closed, open) = {
            let mut queue = self.queue.lock();
            let segment = loop {
                match &mut queue.segment {
                    Some(segment) if segment.has_unsynced => break segment,
                    Some(_) => return Ok(()),
                    None => {}
                }
                self.is_done.wait(&mut queue);
            };
            let open = segment.file.try_clone()?;
            segment.has_unsynced = false;
            (std::mem::take(&mut segment.unsynced), open)
        };
        for mut file in closed.into_iter().chain([open]) {
            file.sync()?;
            self.stats.syncs.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Becomes the writer, writes what is queued, then runs `then`.
    fn exclusively<T>(&self, then: impl FnOnce(&mut Segment) -> io::Result<T>) -> io::Result<T> {
        let mut queue = self.queue.lock();
        loop {
            match queue.segment.take() {
                Some(segment) => return self.write_pending(queue, segment, then).1,
                None => self.is_done.wait(&mut queue),
            }
        }
    }

    /// Writes what is queued, with the queue open for others meanwhile.
    fn write_pending<'a, T>(
        &'a self,
        mut queue: MutexGuard<'a, Queue>,
        mut segment: Segment,
        then: impl FnOnce(&mut Segment) -> io::Result<T>,
    ) -> (MutexGuard<'a, Queue>, io::Result<T>) {
        let mut buffer = std::mem::take(&mut segment.buffer);
        std::mem::swap(&mut buffer, &mut queue.pending);
        let until = queue.queued;
        let (written, result) = MutexGuard::unlocked(&mut queue, || {
            let written = self.write(&mut segment, &buffer);
            let is_written = written.is_ok();
            (is_written, written.and_then(|()| then(&mut segment)))
        });
        if written {
            queue.written = until;
            queue.last_failure = None;
            buffer.clear();
            if buffer.capacity() <= BUFFER_BYTES_KEPT {
                segment.buffer = buffer;
            }
        } else {
            buffer.extend_from_slice(&queue.pending);
            queue.pending = buffer;
            queue.failures += 1;
            queue.last_failure = result.as_ref().err().map(io::Error::kind);
            self.stats.write_failures.fetch_add(1, Ordering::Relaxed);
        }
        queue.segment = Some(segment);
        self.is_done.notify_all();
        (queue, result)
    }

    fn write(&self, segment: &mut Segment, frames: &[u8]) -> io::Result<()> {
        if frames.is_empty() {
            return Ok(());
        }
        if segment.is_torn || segment.bytes >= self.segment_bytes_max {
            self.next_segment(segment)?;
        }
        segment.file.write_all(frames).inspect_err(|_| segment.is_torn = true)?;
        segment.bytes += frames.len() as u64;
        segment.has_unsynced = true;
        self.stats.writes.fetch_add(1, Ordering::Relaxed);
        self.stats.written_bytes.fetch_add(frames.len() as u64, Ordering::Relaxed);
        if self.sync == WalSync::Always {
            // What a sync failed for may be gone from the cache, so it is written anew.
            self.sync_files(segment).inspect_err(|_| segment.is_torn = true)?;
        }
        Ok(())
    }

    fn next_segment(&self, segment: &mut Segment) -> io::Result<()> {
        let file = create_segment(&*self.disk, &self.dir, segment.number + 1)?;
        let closed = std::mem::replace(&mut segment.file, file);
        if segment.has_unsynced {
            segment.unsynced.push(closed);
        }
        segment.number += 1;
        segment.bytes = 0;
        segment.is_torn = false;
        Ok(())
    }

    fn sync_files(&self, segment: &mut Segment) -> io::Result<()> {
        for file in segment.unsynced.iter_mut().chain([&mut segment.file]) {
            file.sync()?;
            self.stats.syncs.fetch_add(1, Ordering::Relaxed);
        }
        segment.unsynced.clear();
        segment.has_unsynced = false;
        Ok(())
    }
}
