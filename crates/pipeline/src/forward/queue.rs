//! A queue of records on disk: written at one end, read at the other, bounded.
//!
//! A directory holds segments, `00000001.queue` and so on, each a sequence of
//! frames (`disk::frame`), and `acknowledged`, a log of how far the other side
//! has answered. What was written last also waits in memory, so that a queue
//! that is emptied as fast as it is filled is never read from disk. When the
//! disk's share is used up the oldest segment goes, unsent.
//!
//! Nothing is synced: what was written survives a crash of the process, not one
//! of the machine, like the store's own log by default.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use disk::{Disk, DiskFile, frame};

const SEGMENT_SUFFIX: &str = ".queue";
const ACKNOWLEDGED: &str = "acknowledged";
/// How large the log of acknowledgements grows before it is written anew.
const ACKNOWLEDGED_BYTES_MAX: usize = 64 << 10;

/// How much a queue may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    /// Bytes of all segments.
    pub(super) disk_bytes_max: u64,
    /// Bytes after which a segment is closed.
    pub(super) segment_bytes_max: u64,
    /// Bytes of records that wait in memory too.
    pub(super) memory_bytes_max: usize,
}

/// A place between two frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Position {
    segment: u64,
    offset: u64,
}

/// A record that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) record: Vec<u8>,
    pub(super) samples: u64,
    /// The place behind it.
    pub(super) end: Position,
}

/// What opening a queue found, and what dropping a segment lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Loss {
    /// Samples that will not be sent.
    pub(super) samples: u64,
    /// Places that could not be read.
    pub(super) damaged: u64,
}

#[derive(Debug)]
struct Segment {
    number: u64,
    bytes: u64,
    /// Samples in it that were not taken.
    samples: u64,
}

impl Segment {
    /// The place behind its last frame.
    fn end(&self) -> Position {
        Position { segment: self.number, offset: self.bytes }
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct Queue {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    limits: Limits,
    /// By number; the last one is written to.
    segments: VecDeque<Segment>,
    file: Option<Box<dyn DiskFile>>,
    /// What is taken next, in order.
    waiting: VecDeque<Taken>,
    waiting_bytes: usize,
    /// The first segment of which nothing is in `waiting`, where records were
    /// written that found no room in memory.
    unread_from: Option<Position>,
    acknowledged: Position,
    acknowledgements: Option<Box<dyn DiskFile>>,
    acknowledgements_bytes: usize,
    samples: u64,
}

impl Queue {
    /// Opens the queue in `dir`, which is made where it is missing.
    pub(super) fn open(
        disk: Arc<dyn Disk>,
        dir: &Path,
        limits: Limits,
    ) -> io::Result<(Self, Loss)> {
        disk.create_dir_all(dir)?;
        disk::file::remove_temporaries(&*disk, dir)?;
        let mut queue = Self {
            disk,
            dir: dir.to_owned(),
            limits,
            segments: VecDeque::new(),
            file: None,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            unread_from: None,
            acknowledged: Position::default(),
            acknowledgements: None,
            acknowledgements_bytes: 0,
            samples: 0,
        };
        queue.read_acknowledged()?;
        let loss = queue.find_segments()?;
        Ok((queue, loss))
    }

    /// Appends a record of `samples` samples; gives what had to go for it.
    pub(super) fn push(&mut self, record: Vec<u8>, samples: u64) -> io::Result<Loss> {
        let payload = with_count(samples, &record);
        if payload.len() > frame::PAYLOAD_BYTES_MAX {
            return Ok(Loss { samples, damaged: 0 });
        }
        let mut framed = Vec::with_capacity(payload.len() + frame::HEADER_BYTES);
        frame::write(&payload, &mut framed);
        let loss = self.make_room(framed.len() as u64)?;
        let end = self.write(&framed, samples)?;
        self.samples += samples;
        let fits = self.waiting_bytes + record.len() <= self.limits.memory_bytes_max;
        if self.unread_from.is_none() && fits {
            self.waiting_bytes += record.len();
            self.waiting.push_back(Taken { record, samples, end });
        } else if self.unread_from.is_none() {
            self.unread_from = Some(Position { offset: end.offset - framed.len() as u64, ..end });
        }
        Ok(loss)
    }

    /// Takes the oldest record that was not taken.
    pub(super) fn take(&mut self) -> io::Result<Option<Taken>> {
        while self.waiting.is_empty() && self.unread_from.is_some() {
            self.read_segment()?;
        }
        let Some(taken) = self.waiting.pop_front() else { return Ok(None) };
        self.waiting_bytes -= taken.record.len();
        self.samples = self.samples.saturating_sub(taken.samples);
        if let Some(segment) = self.segments.iter_mut().find(|s| s.number == taken.end.segment) {
            segment.samples = segment.samples.saturating_sub(taken.samples);
        }
        Ok(Some(taken))
    }

    /// Everything before `end` was answered: it is forgotten.
    pub(super) fn acknowledge(&mut self, end: Position) -> io::Result<()> {
        if end <= self.acknowledged {
            return Ok(());
        }
        self.acknowledged = end;
        self.write_acknowledged()?;
        while self.segments.len() > 1 && self.segments[0].end() <= end {
            self.remove_oldest()?;
        }
        Ok(())
    }

    /// Samples that were not taken.
    pub(super) fn samples(&self) -> u64 {
        self.samples
    }

    /// Whether nothing waits to be taken.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.unread_from.is_none()
    }

    /// Bytes of all segments.
    pub(super) fn disk_bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.bytes).sum()
    }

    fn write(&mut self, framed: &[u8], samples: u64) -> io::Result<Position> {
        let is_full = |segment: &Segment| segment.bytes >= self.limits.segment_bytes_max;
        if self.file.is_none() || self.segments.back().is_none_or(is_full) {
            self.begin_segment()?;
        }
        let file = self.file.as_mut().ok_or_else(|| io::Error::other("no segment is open"))?;
        if let Err(error) = file.write_all(framed) {
            // What is torn stays behind in a segment that nothing is appended to.
            self.file = None;
            return Err(error);
        }
        let segment =
            self.segments.back_mut().ok_or_else(|| io::Error::other("no segment is open"))?;
        segment.bytes += framed.len() as u64;
        segment.samples += samples;
        Ok(segment.end())
    }

    fn begin_segment(&mut self) -> io::Result<()> {
        let last = self.segments.back().map_or(self.acknowledged.segment, |last| last.number);
        let number = last + 1;
        self.file = Some(self.disk.append(&self.path(number))?);
        self.segments.push_back(Segment { number, bytes: 0, samples: 0 });
        Ok(())
    }

    /// Drops the oldest segments until `bytes` more fit.
    fn make_room(&mut self, bytes: u64) -> io::Result<Loss> {
        let mut loss = Loss::default();
        while self.disk_bytes() + bytes > self.limits.disk_bytes_max && !self.segments.is_empty() {
            loss.samples += self.segments[0].samples;
            if self.segments.len() == 1 {
                self.file = None;
            }
            self.remove_oldest()?;
        }
        Ok(loss)
    }

    fn remove_oldest(&mut self) -> io::Result<()> {
        let Some(oldest) = self.segments.pop_front() else { return Ok(()) };
        let next = Position { segment: oldest.number + 1, offset: 0 };
        self.acknowledged = self.acknowledged.max(next);
        self.samples = self.samples.saturating_sub(oldest.samples);
        while self.waiting.front().is_some_and(|taken| taken.end.segment <= oldest.number) {
            if let Some(dropped) = self.waiting.pop_front() {
                self.waiting_bytes -= dropped.record.len();
            }
        }
        self.unread_from = self.unread_from.map(|from| from.max(next));
        if self.segments.is_empty() {
            self.unread_from = None;
        }
        self.disk.remove_file(&self.path(oldest.number))
    }

    /// Reads what was not read of one segment. The one that is being written to
    /// is closed first, so that no file is read while it grows.
    fn read_segment(&mut self) -> io::Result<()> {
        let Some(from) = self.unread_from else { return Ok(()) };
        let Some(at) = self.segments.iter().position(|segment| segment.number >= from.segment)
        else {
            self.unread_from = None;
            return Ok(());
        };
        let number = self.segments[at].number;
        if at + 1 == self.segments.len() && self.file.is_some() {
            self.begin_segment()?;
        }
        let content = self.disk.read(&self.path(number))?;
        let offset = if number == from.segment { from.offset } else { 0 };
        each_frame(&content, offset as usize, |payload, end| {
            if let Some((samples, record)) = without_count(payload) {
                let end = Position { segment: number, offset: end as u64 };
                self.waiting_bytes += record.len();
                self.waiting.push_back(Taken { record: record.to_vec(), samples, end });
            }
        });
        let is_last = at + 1 == self.segments.len();
        let next_is_empty = self.segments.get(at + 1).is_some_and(|next| next.bytes == 0);
        let all_is_read = is_last || at + 2 == self.segments.len() && next_is_empty;
        self.unread_from = (!all_is_read).then_some(Position { segment: number + 1, offset: 0 });
        Ok(())
    }

    fn find_segments(&mut self) -> io::Result<Loss> {
        let mut loss = Loss::default();
        for entry in self.disk.list(&self.dir)? {
            let Some(number) = segment_number(&entry.path) else { continue };
            if number < self.acknowledged.segment {
                self.disk.remove_file(&entry.path)?;
                continue;
            }
            let content = self.disk.read(&entry.path)?;
            let from =
                if number == self.acknowledged.segment { self.acknowledged.offset } else { 0 };
            let mut samples = 0;
            // A torn tail is what a crash leaves; anything else is damage.
            let report = frame::scan(content.get(from as usize..).unwrap_or(&[]), |payload| {
                samples += without_count(payload).map_or(0, |(samples, _)| samples);
            });
            loss.damaged += report.damaged;
            self.samples += samples;
            self.segments.push_back(Segment { number, bytes: content.len() as u64, samples });
        }
        // What is there is only read: a tail that a crash tore is never appended to.
        self.unread_from = self.segments.front().map(|first| {
            let start = Position { segment: first.number, offset: 0 };
            start.max(self.acknowledged)
        });
        Ok(loss)
    }

    fn read_acknowledged(&mut self) -> io::Result<()> {
        let content = match self.disk.read(&self.dir.join(ACKNOWLEDGED)) {
            Ok(content) => content,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        frame::scan(&content, |payload| {
            if let Some((segment, rest)) = payload.split_first_chunk()
                && let Some((offset, _)) = rest.split_first_chunk()
            {
                let at = Position {
                    segment: u64::from_le_bytes(*segment),
                    offset: u64::from_le_bytes(*offset),
                };
                self.acknowledged = self.acknowledged.max(at);
            }
        });
        // Written anew with the next acknowledgement.
        self.acknowledgements_bytes = ACKNOWLEDGED_BYTES_MAX;
        Ok(())
    }

    fn write_acknowledged(&mut self) -> io::Result<()> {
        let Position { segment, offset } = self.acknowledged;
        let mut framed = Vec::new();
        frame::write(&[segment.to_le_bytes(), offset.to_le_bytes()].concat(), &mut framed);
        let path = self.dir.join(ACKNOWLEDGED);
        if self.acknowledgements_bytes >= ACKNOWLEDGED_BYTES_MAX {
            self.acknowledgements = None;
            disk::file::replace(&*self.disk, &path, &framed)?;
            self.acknowledgements_bytes = framed.len();
            return Ok(());
        }
        if self.acknowledgements.is_none() {
            self.acknowledgements = Some(self.disk.append(&path)?);
        }
        self.acknowledgements_bytes += framed.len();
        match &mut self.acknowledgements {
            Some(file) => file.write_all(&framed),
            None => Ok(()),
        }
    }

    fn path(&self, number: u64) -> PathBuf {
        self.dir.join(format!("{number:08}{SEGMENT_SUFFIX}"))
    }
}

fn segment_number(path: &Path) -> Option<u64> {
    path.file_name()?.to_str()?.strip_suffix(SEGMENT_SUFFIX)?.parse().ok()
}

/// Hands each payload behind `offset` to `each`, with the place behind its frame.
fn each_frame(content: &[u8], offset: usize, mut each: impl FnMut(&[u8], usize)) {
    let start = content.as_ptr() as usize;
    frame::scan(content.get(offset..).unwrap_or(&[]), |payload| {
        each(payload, payload.as_ptr() as usize + payload.len() - start);
    });
}

fn with_count(samples: u64, record: &[u8]) -> Vec<u8> {
    [&samples.to_le_bytes(), record].concat()
}

fn without_count(payload: &[u8]) -> Option<(u64, &[u8])> {
    let (samples, record) = payload.split_first_chunk()?;
    Some((u64::from_le_bytes(*samples), record))
}

#[cfg(test)]
mod tests;
