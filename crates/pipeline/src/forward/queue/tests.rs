//! Order, restarts, crashes and the limits of disk and memory.

use disk::FileDisk;
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
