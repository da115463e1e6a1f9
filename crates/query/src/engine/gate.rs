//! Only so many queries at once; the others wait for their turn.

use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use storage::Cancel;

use super::LimitError;

/// How often one who waits looks whether anybody still wants the answer.
const CANCEL_POLL: Duration = Duration::from_millis(50);

/// A counted gate.
#[derive(Debug)]
pub struct Gate {
    free: Mutex<usize>,
    freed: Condvar,
}

/// The right to run; the next one's turn comes when it is dropped.
#[derive(Debug)]
pub struct Ticket<'a>(&'a Gate);

impl Gate {
    /// A gate that lets `concurrent_max` through at a time; at least one.
    pub fn new(concurrent_max: usize) -> Self {
        Self { free: Mutex::new(concurrent_max.max(1)), freed: Condvar::new() }
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// [`LimitError::Timeout`] after `timeout`, [`LimitError::Cancelled`] where
    /// `cancel` is set meanwhile.
    pub fn enter(&self, timeout: Duration, cancel: &Cancel) -> Result<Ticket<'_>, LimitError> {
        let started = Instant::now();
        let mut free = self.free.lock();
        while *free == 0 {
            if cancel.is_cancelled() {
                return Err(LimitError::Cancelled);
            }
            let left = timeout.saturating_sub(started.elapsed());
            if left.is_zero() {
                return Err(LimitError::Timeout);
            }
            self.freed.wait_for(&mut free, left.min(CANCEL_POLL));
        }
        *free -= 1;
        Ok(Ticket(self))
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        *self.0.free.lock() += 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_over_the_limit_waits() {
        let gate = Gate::new(1);
        let cancel = Cancel::new();
        let ticket = gate.enter(Duration::ZERO, &cancel).unwrap();
        assert_eq!(gate.enter(Duration::ZERO, &cancel).unwrap_err(), LimitError::Timeout);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| gate.enter(Duration::MAX, &cancel).map(drop));
            drop(ticket);
            waiting.join().unwrap().unwrap();
        });
        let _ticket = gate.enter(Duration::ZERO, &cancel).unwrap();
        cancel.cancel();
        assert_eq!(gate.enter(Duration::MAX, &cancel).unwrap_err(), LimitError::Cancelled);
    }
}
