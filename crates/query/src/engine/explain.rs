//! The account of a query, part by part: what was read and what it has cost.

use std::time::Duration;

use storage::SelectStats;

/// One part of a query's expression and what its evaluation has cost.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExplainNode {
    /// Where the part stands in the query's text: its first byte and the one behind.
    pub span: (usize, usize),
    /// How long it took, its own parts included.
    pub duration: Duration,
    /// The series that it gave.
    pub series: u64,
    /// The points in time at which it was evaluated.
    pub points: u64,
    /// What the store read for it, its own parts included.
    pub select: SelectStats,
    /// How deep it lies in the expression; the whole is at 0.
    pub depth: usize,
}

/// The most parts that are explained one by one.
pub const NODES_MAX: usize = 1000;

/// The parts of a query, each before the parts that it consists of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Explain {
    /// The parts; of a query with more than [`NODES_MAX`], the first ones.
    pub nodes: Vec<ExplainNode>,
}

impl Explain {
    /// Begins a part and gives its place, for it comes before its own parts.
    pub fn begin(&mut self, node: ExplainNode) -> Option<usize> {
        if self.nodes.len() == NODES_MAX {
            return None;
        }
        self.nodes.push(node);
        Some(self.nodes.len() - 1)
    }

    /// The part at a place, to be filled in.
    pub fn node_mut(&mut self, place: Option<usize>) -> Option<&mut ExplainNode> {
        self.nodes.get_mut(place?)
    }
}

/// What was read between two readings of the same counters.
pub fn read_since(before: SelectStats, now: SelectStats) -> SelectStats {
    SelectStats {
        blocks_read: now.blocks_read - before.blocks_read,
        blocks_pruned: now.blocks_pruned - before.blocks_pruned,
        chunks_read: now.chunks_read - before.chunks_read,
        chunks_pruned: now.chunks_pruned - before.chunks_pruned,
        bytes_read: now.bytes_read - before.bytes_read,
        samples_decoded: now.samples_decoded - before.samples_decoded,
        chunks_damaged: now.chunks_damaged - before.chunks_damaged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_beyond_the_limit_are_left_out() {
        let mut explain = Explain::default();
        for _ in 0..NODES_MAX {
            assert!(explain.begin(ExplainNode::default()).is_some());
        }
        let beyond = explain.begin(ExplainNode::default());
        assert_eq!(beyond, None);
        assert!(explain.node_mut(beyond).is_none());
    }
}
