//! The points in time at which a query is evaluated.

use model::{Millis, Timestamp};

/// Points at an equal distance: `start`, `start + step`, …
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeGrid {
    start: Timestamp,
    step: Millis,
    len: usize,
}

impl TimeGrid {
    /// A single point.
    pub const fn instant(at: Timestamp) -> Self {
        Self { start: at, step: Millis::new(1), len: 1 }
    }

    /// From `start` in steps of `step` (which must be positive) as far as `end`
    /// reaches; nothing where `end` lies before `start`.
    pub fn range(start: Timestamp, end: Timestamp, step: Millis) -> Self {
        debug_assert!(step.get() > 0, "a grid moves forward");
        let len = if end < start { 0 } else { end.since(start).get() / step.get().max(1) + 1 };
        Self { start, step, len: usize::try_from(len).unwrap_or(usize::MAX) }
    }

    /// The number of points.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no point.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Point `index`, which may lie behind the last.
    #[inline]
    pub const fn at(&self, index: usize) -> Timestamp {
        self.start.saturating_add(Millis::new(self.step.get().saturating_mul(index as i64)))
    }

    /// The first point.
    pub const fn start(&self) -> Timestamp {
        self.start
    }

    /// The last point; the first of an empty grid.
    pub const fn end(&self) -> Timestamp {
        self.at(self.len.saturating_sub(1))
    }

    /// The distance of the points.
    pub const fn step(&self) -> Millis {
        self.step
    }

    /// Its first point alone.
    pub const fn first(&self) -> Self {
        Self { len: if self.len == 0 { 0 } else { 1 }, ..*self }
    }

    /// All points.
    pub fn iter(&self) -> impl Iterator<Item = Timestamp> + '_ {
        (0..self.len).map(|index| self.at(index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_included_where_a_step_meets_it() {
        let at = Timestamp::from_millis;
        let grid = TimeGrid::range(at(0), at(30), Millis::new(10));
        assert_eq!(grid.iter().map(Timestamp::as_millis).collect::<Vec<_>>(), [0, 10, 20, 30]);
        assert_eq!(TimeGrid::range(at(0), at(29), Millis::new(10)).end(), at(20));
        assert_eq!(TimeGrid::range(at(5), at(5), Millis::new(10)).len(), 1);
        assert!(TimeGrid::range(at(5), at(4), Millis::new(10)).is_empty());
    }
}
