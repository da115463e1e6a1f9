//! What all query engines share: the grid of evaluation times, the limits of
//! one query, the gate that lets only so many run at once, and the account of
//! what a query has cost.

pub mod budget;
pub mod explain;
pub mod gate;
pub mod grid;

pub use budget::{Budget, Hold, LimitError, Limits};
pub use explain::{Explain, ExplainNode};
pub use gate::{Gate, Ticket};
pub use grid::TimeGrid;
