//! Order, restarts, crashes and the limits of disk and memory.

use disk::faulty::{Fault, Kept};
use disk::{FaultyDisk, FileDisk};
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;

const ROOMY: Limits =
    Limits { disk_bytes_max: 1 << 30, segment_bytes_max: 200, memory_bytes_max: 100 };

fn open(dir: &TempDir, limits: Limits) -> (Queue, Loss) {
    Queue::open(Arc::new(FileDisk), dir.path(), limits).unwrap()
}

fn record(number: u64) -> Vec<u8> {
    number.to_le_bytes().repeat(3)
}

fn push(queue: &mut Queue, number: u64) -> Loss {
    queue.push(record(number), 2).unwrap()
}

fn take(queue: &mut Queue) -> Option<(u64, Position)> {
    let taken = queue.take().unwrap()?;
    assert_eq!(taken.samples, 2);
    Some((u64::from_le_bytes(*taken.record.first_chunk().unwrap()), taken.end))
}

fn drain(queue: &mut Queue) -> Vec<u64> {
    std::iter::from_fn(|| take(queue).map(|(number, _)| number)).collect()
}

fn files(dir: &TempDir) -> usize {
    let names = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path());
    names.filter(|path| segment_number(path).is_some()).count()
}

#[test]
fn records_come_in_order_through_memory_and_disk() {
    let dir = tempfile::tempdir().unwrap();
    let (mut queue, loss) = open(&dir, ROOMY);
    assert_eq!(loss, Loss::default());
    (0..50).for_each(|number| assert_eq!(push(&mut queue, number), Loss::default()));
    assert_eq!(queue.samples(), 100);
    assert!(files(&dir) > 5, "segments are closed");
    assert_eq!(drain(&mut queue), (0..50).collect::<Vec<_>>());
    // Once emptied, memory serves again.
    push(&mut queue, 50);
    assert_eq!(queue.waiting.len(), 1);
    assert_eq!(drain(&mut queue), [50]);
    assert_eq!(queue.samples(), 0);
}

#[test]
fn what_was_acknowledged_is_gone_and_the_rest_comes_again() {
    let dir = tempfile::tempdir().unwrap();
    let (mut queue, _) = open(&dir, ROOMY);
    (0..20).for_each(|number| assert_eq!(push(&mut queue, number), Loss::default()));
    let mut end = Position::default();
    for _ in 0..12 {
        end = take(&mut queue).unwrap().1;
    }
    queue.acknowledge(end).unwrap();
    let before = files(&dir);
    drop(queue);
    let (mut queue, loss) = open(&dir, ROOMY);
    assert_eq!((loss, queue.samples()), (Loss::default(), 16));
    push(&mut queue, 20);
    assert_eq!(drain(&mut queue), (12..=20).collect::<Vec<_>>());
    let end = {
        push(&mut queue, 21);
        take(&mut queue).unwrap().1
    };
    queue.acknowledge(end).unwrap();
    assert!(files(&dir) < before, "segments that were sent are removed");
}

#[test]
fn the_oldest_goes_where_the_disk_is_full() {
    let dir = tempfile::tempdir().unwrap();
    let limits = Limits { disk_bytes_max: 1000, ..ROOMY };
    let (mut queue, _) = open(&dir, limits);
    let mut lost = 0;
    for number in 0..100 {
        lost += push(&mut queue, number).samples;
        assert!(queue.disk_bytes() <= 1000);
    }
    let rest = drain(&mut queue);
    assert_eq!(rest.len() as u64 * 2 + lost, 200);
    assert_eq!(rest, (100 - rest.len() as u64..100).collect::<Vec<_>>());
    assert!(rest.len() > 5);
}

#[test]
fn a_torn_tail_loses_nothing_else_and_is_not_appended_to() {
    let dir = tempfile::tempdir().unwrap();
    let (mut queue, _) = open(&dir, ROOMY);
    (0..2).for_each(|number| assert_eq!(push(&mut queue, number), Loss::default()));
    drop(queue);
    let path = dir.path().join("00000001.queue");
    let mut content = std::fs::read(&path).unwrap();
    content.extend_from_slice(&content.clone()[..20]);
    std::fs::write(&path, &content).unwrap();
    let (mut queue, loss) = open(&dir, ROOMY);
    assert_eq!(loss, Loss::default());
    push(&mut queue, 2);
    assert_eq!(drain(&mut queue), [0, 1, 2]);
}

#[test]
fn a_flipped_bit_costs_one_record_and_is_reported() {
    let dir = tempfile::tempdir().unwrap();
    let (mut queue, _) = open(&dir, ROOMY);
    (0..3).for_each(|number| assert_eq!(push(&mut queue, number), Loss::default()));
    drop(queue);
    let path = dir.path().join("00000001.queue");
    let mut content = std::fs::read(&path).unwrap();
    content[frame::HEADER_BYTES + 9] ^= 1;
    std::fs::write(&path, &content).unwrap();
    let (mut queue, loss) = open(&dir, ROOMY);
    assert_eq!(loss.damaged, 1);
    assert_eq!(drain(&mut queue), [1, 2]);
}

proptest! {
    /// Whatever is done in whatever order, each record comes once and in order,
    /// and after a restart again from the last acknowledgement on.
    #[test]
    fn nothing_is_lost(steps in proptest::collection::vec(0u8..8, 0..200)) {
        let dir = tempfile::tempdir().unwrap();
        let (mut queue, _) = open(&dir, ROOMY);
        let (mut pushed, mut taken, mut acknowledged) = (0, 0, 0);
        let (mut last, mut safe) = (Position::default(), Position::default());
        for step in steps {
            match step {
                0..4 => {
                    push(&mut queue, pushed);
                    pushed += 1;
                }
                4 | 5 => {
                    if let Some((number, end)) = take(&mut queue) {
                        prop_assert_eq!(number, taken);
                        (taken, last) = (taken + 1, end);
                    } else {
                        prop_assert_eq!(taken, pushed);
                    }
                }
                6 => {
                    queue.acknowledge(last).unwrap();
                    (acknowledged, safe) = (taken, last);
                }
                _ => {
                    drop(queue);
                    (queue, _) = open(&dir, ROOMY);
                    (taken, last) = (acknowledged, safe);
                }
            }
            prop_assert_eq!(queue.samples(), 2 * (pushed - taken));
        }
        prop_assert_eq!(drain(&mut queue), (taken..pushed).collect::<Vec<_>>());
    }
}

/// What a queue was told and told, until its disk failed.
#[derive(Debug, Default)]
struct History {
    /// Records that were taken in.
    pushed: Vec<u64>,
    /// The first record that was not sent.
    unacknowledged: u64,
}

/// Pushes, takes and acknowledges in turn; some of it fails.
fn use_queue(disk: &FaultyDisk) -> History {
    let mut history = History::default();
    let disk: Arc<dyn Disk> = Arc::new(disk.clone());
    let Ok((mut queue, _)) = Queue::open(disk, Path::new("/q"), ROOMY) else { return history };
    for number in 0..30 {
        if queue.push(record(number), 2).is_ok() {
            history.pushed.push(number);
        }
        if number % 4 == 3 {
            let taken: Vec<_> = (0..3).map_while(|_| queue.take().ok().flatten()).collect();
            if let Some(last) = taken.last() {
                // They were sent, whether or not the disk can note it.
                let _ = queue.acknowledge(last.end);
                history.unacknowledged =
                    u64::from_le_bytes(*last.record.first_chunk().unwrap()) + 1;
            }
        }
    }
    history
}

/// What a queue on this disk still has, in order.
fn rest(disk: &FaultyDisk) -> Vec<u64> {
    let (mut queue, _) = Queue::open(Arc::new(disk.clone()), Path::new("/q"), ROOMY).unwrap();
    let rest = drain(&mut queue);
    assert!(rest.is_sorted_by(|a, b| a < b), "{rest:?}");
    rest
}

/// How many operations the history takes where nothing fails.
fn operations() -> u64 {
    let disk = FaultyDisk::default();
    use_queue(&disk);
    disk.operations()
}

#[test]
fn an_operation_that_fails_costs_at_most_its_own_record() {
    for at in 0..operations() {
        let disk = FaultyDisk::default();
        disk.set_fault(Fault::FailIn(at));
        let history = use_queue(&disk);
        disk.clear_fault();
        let rest = rest(&disk);
        for number in history.pushed.iter().filter(|n| **n >= history.unacknowledged) {
            assert!(
                rest.contains(number),
                "operation {at}: {number} of {history:?} is lost: {rest:?}"
            );
        }
    }
}

#[test]
fn a_crash_of_the_process_loses_nothing_at_any_moment() {
    for at in 0..operations() {
        let disk = FaultyDisk::default();
        disk.set_fault(Fault::CrashIn(at));
        let history = use_queue(&disk);
        let rest_of = |kept| rest(&disk.after_crash(kept));
        let whole = rest_of(Kept::Everything);
        for number in history.pushed.iter().filter(|n| **n >= history.unacknowledged) {
            assert!(
                whole.contains(number),
                "operation {at}: {number} of {history:?} is lost: {whole:?}"
            );
        }
        // One of the machine may; what is left is in order and can be read.
        for kept in Kept::samples() {
            rest_of(kept);
        }
    }
}

#[test]
fn a_full_disk_refuses_and_recovers() {
    let disk = FaultyDisk::default();
    let (mut queue, _) = Queue::open(Arc::new(disk.clone()), Path::new("/q"), ROOMY).unwrap();
    disk.set_fault(Fault::FullIn(100));
    let taken_in: Vec<_> =
        (0..10).filter(|number| queue.push(record(*number), 2).is_ok()).collect();
    assert!((1..10).contains(&taken_in.len()));
    disk.clear_fault();
    push(&mut queue, 10);
    let expected: Vec<_> = taken_in.into_iter().chain([10]).collect();
    assert_eq!(drain(&mut queue), expected);
    assert_eq!(rest(&disk), expected, "and again after a restart");
}
