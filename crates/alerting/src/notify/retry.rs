//! When to try again.

use model::{Millis, Timestamp};

/// The first wait.
const FIRST: Millis = Millis::new(500);
/// The longest wait.
const LONGEST: Millis = Millis::from_secs(60);

/// Waits that grow by half each time, up to a minute, until a deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    wait: Millis,
    attempts: u32,
    deadline: Timestamp,
}

impl Backoff {
    /// Waits until `deadline`.
    pub fn until(deadline: Timestamp) -> Self {
        Self { wait: FIRST, attempts: 0, deadline }
    }

    /// How often was tried.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// When to try again after a failure at `now`; `None` where the deadline
    /// would have passed. `jitter` of 0 to 1 spreads the waits of many by half
    /// of their length to either side.
    pub fn next(&mut self, now: Timestamp, jitter: f64) -> Option<Timestamp> {
        self.attempts += 1;
        let spread = 0.5 + jitter.clamp(0.0, 1.0);
        let wait = Millis::new((self.wait.get() as f64 * spread) as i64);
        self.wait = Millis::new((self.wait.get() * 3 / 2).min(LONGEST.get()));
        let at = now + wait;
        (at < self.deadline).then_some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_a_minute_and_end_at_the_deadline() {
        let start = Timestamp::from_millis(0);
        let mut backoff = Backoff::until(start + Millis::from_secs(600));
        let mut now = start;
        let mut waits = Vec::new();
        while let Some(at) = backoff.next(now, 0.5) {
            waits.push(at.since(now).get());
            now = at;
        }
        assert_eq!(&waits[..4], [500, 750, 1125, 1687]);
        assert_eq!(waits.iter().max(), Some(&60_000));
        assert!(now < start + Millis::from_secs(600));
        assert_eq!(backoff.attempts() as usize, waits.len() + 1);
        let mut spread = Backoff::until(start + Millis::from_secs(600));
        assert_eq!(spread.next(start, 0.0), Some(start + Millis::new(250)));
        assert_eq!(spread.next(start, 1.0), Some(start + Millis::new(1125)));
    }
}
