//! Reading the log at start-up: the newest checkpoint, then the segments behind it.
//!
//! Files are mapped, one at a time, so that memory stays bounded. Checksums are
//! verified by one thread, records are applied by several, each with shards of
//! its own: within a shard the order of the log is kept.

use std::io;
use std::ops::Range;
use std::path::Path;

use disk::{Disk, frame};
use model::LabelsRef;
use storage::ReplayStatus;
use tracing::warn;

use super::checkpoint::{CheckpointFrame, remove_covered, unpack_series};
use super::record::{Body, Record};
use super::segment::LogFiles;
use super::varint::Malformed;
use crate::head::{Head, Replayed, SHARDS};

/// What a replay found.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ReplayOutcome {
    /// What `status` reports.
    pub(crate) status: ReplayStatus,
    /// The number of the segment to write next.
    pub(crate) next_segment: u64,
    /// The number of the record to write next.
    pub(crate) next_sequence: u64,
    /// Bytes of segments that were read.
    pub(crate) segment_bytes: u64,
}

/// Rebuilds `head` from the log in `dir`. Damage is skipped, counted and logged.
///
/// # Errors
/// Where a file can't be read at all.
pub(crate) fn replay(head: &Head, disk: &dyn Disk, dir: &Path) -> io::Result<ReplayOutcome> {
    let files = LogFiles::list(disk, dir)?;
    let mut replay = Replay { head, disk, outcome: ReplayOutcome::default(), covered: [0; SHARDS] };
    let covered = files.checkpoints.last().map_or(0, |checkpoint| checkpoint.number);
    if let Some(checkpoint) = files.checkpoints.last() {
        replay.checkpoint(&checkpoint.path)?;
        remove_covered(disk, dir, checkpoint.number)?;
    }
    let segments: Vec<_> =
        files.segments.iter().filter(|segment| segment.number >= covered).collect();
    if let (Some(first), Some(last)) = (segments.first(), segments.last()) {
        replay.outcome.status.min = first.number;
        replay.outcome.status.max = last.number;
    }
    for segment in &segments {
        replay.outcome.status.current = segment.number;
        replay.segment(&segment.path)?;
    }
    let last = segments.last().map_or(0, |segment| segment.number);
    replay.outcome.next_segment = covered.max(last + 1);
    let checkpointed = replay.covered.into_iter().max().unwrap_or(0);
    replay.outcome.next_sequence = replay.outcome.next_sequence.max(checkpointed);
    head.end_replay();
    Ok(replay.outcome)
}

struct Replay<'a> {
    head: &'a Head,
    disk: &'a dyn Disk,
    outcome: ReplayOutcome,
    /// By shard: records below this number are in the checkpoint.
    covered: [u64; SHARDS],
}

/// Records of one segment, and what there was to say about them.
#[derive(Debug, Default)]
struct Applied {
    damaged: u64,
    orphaned: u64,
    next_sequence: u64,
}

impl Replay<'_> {
    fn checkpoint(&mut self, path: &Path) -> io::Result<()> {
        let map = self.disk.map(path)?;
        let mut damaged = 0;
        let mut is_complete = false;
        let report = frame::scan(&map, |payload| match self.checkpoint_frame(payload) {
            Ok(is_end) => is_complete |= is_end,
            Err(Malformed) => damaged += 1,
        });
        damaged += report.damaged + u64::from(report.is_torn);
        if damaged == 0 && !is_complete {
            damaged += 1;
        }
        self.report_damage(path, damaged, report.skipped_bytes);
        Ok(())
    }

    /// Returns whether this was the end.
    fn checkpoint_frame(&mut self, payload: &[u8]) -> Result<bool, Malformed> {
        match CheckpointFrame::decode(payload)? {
            CheckpointFrame::Header { in_order_min, newest } => {
                self.head.restore_bounds(in_order_min, newest);
            }
            CheckpointFrame::Series { shard, packed } => {
                self.head.restore_series(shard, &unpack_series(packed)?)?;
            }
            CheckpointFrame::ShardEnd { shard, sequence } => self.covered[shard] = sequence,
            CheckpointFrame::LogRecord(record) => {
                apply_shared(self.head, Record::decode(record)?.body)
            }
            CheckpointFrame::End { .. } => return Ok(true),
        }
        Ok(false)
    }

    fn segment(&mut self, path: &Path) -> io::Result<()> {
        let map = self.disk.map(path)?;
        let bytes: &[u8] = &map;
        self.outcome.segment_bytes += bytes.len() as u64;
        let workers = std::thread::available_parallelism().map_or(1, usize::from).min(SHARDS);
        let mut work: Vec<Vec<Range<usize>>> = vec![Vec::new(); workers];
        let mut applied = Applied::default();
        let report = frame::scan(bytes, |payload| match Record::decode(payload) {
            Ok(record) => {
                applied.next_sequence = applied.next_sequence.max(record.sequence + 1);
                match record.body {
                    Body::Portion { shard, .. } | Body::Delete { shard, .. } => {
                        let start = payload.as_ptr().addr() - bytes.as_ptr().addr();
                        work[shard % workers].push(start..start + payload.len());
                    }
                    shared => apply_shared(self.head, shared),
                }
            }
            Err(Malformed) => applied.damaged += 1,
        });
        std::thread::scope(|scope| {
            let threads: Vec<_> = work
                .into_iter()
                .map(|records| {
                    let (head, covered) = (self.head, &self.covered);
                    scope.spawn(move || apply_records(head, covered, bytes, records))
                })
                .collect();
            for thread in threads {
                let part = thread.join().expect("a replaying thread does not panic");
                applied.damaged += part.damaged;
                applied.orphaned += part.orphaned;
            }
        });
        if applied.orphaned > 0 {
            warn!(
                segment = %path.display(),
                records = applied.orphaned,
                "log records name series whose own record was damaged; their samples are lost"
            );
        }
        self.outcome.next_sequence = self.outcome.next_sequence.max(applied.next_sequence);
        // A torn tail is what a crash leaves; nothing in it was acknowledged.
        let damaged = report.damaged + applied.damaged + applied.orphaned;
        self.report_damage(path, damaged, report.skipped_bytes);
        Ok(())
    }

    fn report_damage(&mut self, path: &Path, damaged: u64, skipped_bytes: u64) {
        self.outcome.status.damaged_records += damaged;
        if damaged > 0 || skipped_bytes > 0 {
            warn!(
                file = %path.display(),
                damaged,
                skipped_bytes,
                "the write-ahead log has damaged or unfinished records; they are skipped"
            );
        }
    }
}

/// Applies what belongs to one worker's shards, in order.
fn apply_records(
    head: &Head,
    covered: &[u64; SHARDS],
    bytes: &[u8],
    records: Vec<Range<usize>>,
) -> Applied {
    let mut applied = Applied::default();
    for range in records {
        let Ok(Record { sequence, body }) = Record::decode(&bytes[range]) else { continue };
        match body {
            Body::Portion { shard, portion } if sequence >= covered[shard] => {
                match head.replay_portion(shard, portion) {
                    Ok(Replayed::Whole) => {}
                    Ok(Replayed::WithoutItsSeries) => applied.orphaned += 1,
                    Err(Malformed) => applied.damaged += 1,
                }
            }
            Body::Delete { shard, range, slots } if sequence >= covered[shard] => {
                head.replay_delete(shard, &slots, range);
            }
            _ => {}
        }
    }
    applied
}

/// Applies a record that belongs to no shard. To apply it twice does no harm.
fn apply_shared(head: &Head, body: Body<'_>) {
    match body {
        Body::Exemplars(exemplars) => {
            let mut ring = head.exemplars().lock();
            for (labels, exemplar) in &exemplars {
                let labels: &LabelsRef = labels;
                // Refused is what is there already.
                let _ = ring.add(labels.series_hash(), labels, exemplar);
            }
        }
        Body::Metadata(families) => {
            let mut table = head.metadata().write();
            for metadata in &families {
                table.set(metadata);
            }
        }
        Body::Portion { .. } | Body::Delete { .. } => {}
    }
}
