//! When a group is due.

use model::{Millis, Timestamp};
use xxhash_rust::xxh64::xxh64;

/// The evaluation times of one group: a fixed grid, whose shift depends on the
/// group's name, so that groups do not all run at once and a restart changes
/// nothing.
#[derive(Clone, Debug)]
pub struct Schedule {
    interval: Millis,
    next: Timestamp,
    /// The evaluations that were due.
    scheduled: u64,
    /// Those of them that were left out, because the one before took too long.
    missed: u64,
}

/// An evaluation that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The time to evaluate at.
    pub at: Timestamp,
    /// How many evaluations before were left out.
    pub missed: u64,
}

impl Schedule {
    /// The schedule of group `name` in `file`, from `now` on. `interval` is more than zero.
    pub fn new(file: &str, name: &str, interval: Millis, now: Timestamp) -> Self {
        let hash = xxh64(format!("{file};{name}").as_bytes(), 0);
        let interval = Millis::new(interval.get().max(1));
        let shift = Millis::new((hash % interval.get().unsigned_abs()) as i64);
        let next = (now - shift).align_down(interval) + shift + interval;
        Self { interval, next, scheduled: 0, missed: 0 }
    }

    /// When the next evaluation is due.
    pub fn next(&self) -> Timestamp {
        self.next
    }

    /// The evaluation that is due at `now`, if one is. Of several only the last
    /// is done, at its own time on the grid; the others are missed.
    pub fn due(&mut self, now: Timestamp) -> Option<Due> {
        if now < self.next {
            return None;
        }
        let missed = now.since(self.next).get() / self.interval.get();
        let at = self.next + Millis::new(missed * self.interval.get());
        let missed = missed.unsigned_abs();
        self.next = at + self.interval;
        self.scheduled += 1 + missed;
        self.missed += missed;
        Some(Due { at, missed })
    }

    /// How many evaluations were due, and how many of them were missed.
    pub fn counts(&self) -> (u64, u64) {
        (self.scheduled, self.missed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grid_depends_on_the_name_and_not_on_the_start() {
        let at = Timestamp::from_millis;
        let interval = Millis::from_secs(60);
        let shift = |name: &str, now: i64| {
            Schedule::new("f", name, interval, at(now)).next().as_millis().rem_euclid(60_000)
        };
        assert_eq!(shift("a", 1_000_000), shift("a", 1_777_777));
        assert_ne!(shift("a", 1_000_000), shift("b", 1_000_000));
        let schedule = Schedule::new("f", "a", interval, at(1_000_000));
        assert!(schedule.next() > at(1_000_000) && schedule.next() <= at(1_060_000));
    }

    #[test]
    fn a_slow_evaluation_makes_the_next_ones_missed() {
        let interval = Millis::from_secs(10);
        let mut schedule = Schedule::new("f", "a", interval, Timestamp::from_millis(0));
        let first = schedule.next();
        assert_eq!(schedule.due(first - Millis::new(1)), None);
        assert_eq!(schedule.due(first), Some(Due { at: first, missed: 0 }));
        assert_eq!(schedule.due(first), None);
        let late = first + Millis::from_secs(35);
        assert_eq!(schedule.due(late), Some(Due { at: first + Millis::from_secs(30), missed: 2 }));
        assert_eq!(schedule.next(), first + Millis::from_secs(40));
        assert_eq!(schedule.counts(), (4, 2));
    }
}
