//! What one query may use: time, samples in memory, bytes in memory.
//!
//! All threads of a query share one [`Budget`]. Whatever keeps samples in
//! memory keeps a [`Hold`], which gives them back when it is dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use storage::Cancel;

/// The limits of one query.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The longest that it may run.
    pub timeout: Duration,
    /// Set when nobody waits for it any more.
    pub cancel: Cancel,
    /// The most samples that it may hold at a time.
    pub samples_max: u64,
    /// The most bytes, estimated, that it may hold at a time.
    pub memory_bytes_max: u64,
}

/// A query went over one of its limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitError {
    /// Its time is up.
    Timeout,
    /// It was cancelled.
    Cancelled,
    /// It holds too many samples.
    Samples,
    /// It holds too many bytes; what the limit is.
    Memory(u64),
}

/// What one query uses at the moment, and its limits.
#[derive(Debug)]
pub struct Budget {
    limits: Limits,
    started: Instant,
    samples: AtomicU64,
    samples_peak: AtomicU64,
    bytes: AtomicU64,
    bytes_peak: AtomicU64,
}

impl Budget {
    /// A budget whose time starts to run at `started`.
    pub fn new(limits: Limits, started: Instant) -> Arc<Self> {
        Arc::new(Self {
            limits,
            started,
            samples: AtomicU64::new(0),
            samples_peak: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            bytes_peak: AtomicU64::new(0),
        })
    }

    /// Fails where the query was cancelled or its time is up.
    #[inline]
    pub fn check(&self) -> Result<(), LimitError> {
        if self.limits.cancel.is_cancelled() {
            return Err(LimitError::Cancelled);
        }
        if self.started.elapsed() > self.limits.timeout {
            return Err(LimitError::Timeout);
        }
        Ok(())
    }

    /// Fails where `samples` and `bytes` more would be too much, and remembers the peak.
    pub fn check_transient(&self, samples: u64, bytes: u64) -> Result<(), LimitError> {
        let samples = self.samples.load(Ordering::Relaxed).saturating_add(samples);
        let bytes = self.bytes.load(Ordering::Relaxed).saturating_add(bytes);
        self.samples_peak.fetch_max(samples, Ordering::Relaxed);
        self.bytes_peak.fetch_max(bytes, Ordering::Relaxed);
        if samples > self.limits.samples_max {
            return Err(LimitError::Samples);
        }
        if bytes > self.limits.memory_bytes_max {
            return Err(LimitError::Memory(self.limits.memory_bytes_max));
        }
        Ok(())
    }

    /// A hold on nothing yet.
    pub fn hold(self: &Arc<Self>) -> Hold {
        Hold { budget: Arc::clone(self), samples: 0, bytes: 0 }
    }

    /// The flag that ends the query.
    pub fn cancel(&self) -> &Cancel {
        &self.limits.cancel
    }

    /// The most samples held at a time so far.
    pub fn samples_peak(&self) -> u64 {
        self.samples_peak.load(Ordering::Relaxed)
    }

    /// The most bytes held at a time so far.
    pub fn bytes_peak(&self) -> u64 {
        self.bytes_peak.load(Ordering::Relaxed)
    }
}

/// Samples and bytes that are held until this is dropped.
#[derive(Debug)]
pub struct Hold {
    budget: Arc<Budget>,
    samples: u64,
    bytes: u64,
}

impl Hold {
    /// Holds more.
    pub fn grow(&mut self, samples: u64, bytes: u64) -> Result<(), LimitError> {
        self.budget.check_transient(samples, bytes)?;
        self.budget.samples.fetch_add(samples, Ordering::Relaxed);
        self.budget.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.samples += samples;
        self.bytes += bytes;
        Ok(())
    }

    /// Holds this many instead of what was held.
    pub fn set(&mut self, samples: u64, bytes: u64) -> Result<(), LimitError> {
        self.release();
        self.grow(samples, bytes)
    }

    /// Takes over what `other` holds of the same budget.
    pub fn absorb(&mut self, mut other: Self) {
        debug_assert!(Arc::ptr_eq(&self.budget, &other.budget), "one query has one budget");
        self.samples += std::mem::take(&mut other.samples);
        self.bytes += std::mem::take(&mut other.bytes);
    }

    /// The budget that is used.
    pub fn budget(&self) -> &Arc<Budget> {
        &self.budget
    }

    fn release(&mut self) {
        self.budget.samples.fetch_sub(self.samples, Ordering::Relaxed);
        self.budget.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
        (self.samples, self.bytes) = (0, 0);
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.release();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(timeout: Duration) -> Arc<Budget> {
        let limits =
            Limits { timeout, cancel: Cancel::new(), samples_max: 10, memory_bytes_max: 100 };
        Budget::new(limits, Instant::now())
    }

    #[test]
    fn what_is_held_counts_until_it_is_dropped() {
        let budget = budget(Duration::MAX);
        let mut first = budget.hold();
        first.grow(6, 60).unwrap();
        let mut second = budget.hold();
        assert_eq!(second.grow(5, 0), Err(LimitError::Samples));
        assert_eq!(second.grow(0, 41), Err(LimitError::Memory(100)));
        second.grow(4, 40).unwrap();
        drop(first);
        second.grow(6, 60).unwrap();
        assert_eq!(budget.samples_peak(), 11);
    }

    #[test]
    fn time_and_cancel_end_a_query() {
        assert_eq!(budget(Duration::ZERO).check(), Err(LimitError::Timeout));
        let budget = budget(Duration::MAX);
        budget.check().unwrap();
        budget.cancel().cancel();
        assert_eq!(budget.check(), Err(LimitError::Cancelled));
    }
}
