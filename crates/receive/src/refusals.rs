//! What a receiver leaves out of a request: all counted, the first few described.

use storage::append::REJECTION_EXAMPLES_MAX;

/// How long a description may be, in bytes: it may quote what was sent.
const REASON_BYTES_MAX: usize = 500;

/// Series, points or exemplars that were left out before the store saw them.
#[derive(Debug, Default)]
pub struct Refusals {
    /// How many.
    pub count: u64,
    /// Why, for the first few.
    pub reasons: Vec<String>,
}

impl Refusals {
    /// Counts `count` things that were left out for one reason.
    pub(crate) fn add(&mut self, count: u64, reason: impl FnOnce() -> String) {
        self.count += count;
        if self.reasons.len() < REJECTION_EXAMPLES_MAX {
            self.reasons.push(shorten(reason()));
        }
    }
}

fn shorten(mut text: String) -> String {
    if text.len() > REASON_BYTES_MAX {
        text.truncate(text.floor_char_boundary(REASON_BYTES_MAX));
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_counted_and_few_described() {
        let mut refusals = Refusals::default();
        for _ in 0..100 {
            refusals.add(2, || "ä".repeat(1000));
        }
        assert_eq!((refusals.count, refusals.reasons.len()), (200, REJECTION_EXAMPLES_MAX));
        assert!(refusals.reasons[0].len() <= REASON_BYTES_MAX + "…".len());
    }
}
