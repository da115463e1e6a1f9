//! Recording and alerting rules: what Prometheus' rule files ask for.
//!
//! [`RuleFile::parse`] reads and checks a file. A [`RuleGroup`] is a group that
//! runs: [`RuleGroup::evaluate`] computes its rules at a time, writes their
//! series to the sink and returns the alerts to send. [`Schedule`] says when a
//! group is due. What the API shows is published after each evaluation as plain
//! structs ([`GroupStatus`]), so that a reader never waits for an evaluation.
//!
//! **Architecture invariant:** no loop and no clock. The owner asks the
//! schedule, evaluates in its own thread, and hands the alerts on.

mod alert;
mod alerting;
mod expand;
mod file;
mod group;
mod order;
mod recording;
mod restore;
mod schedule;
mod status;
pub mod unit_tests;
mod validate;

pub use alert::{Alert, AlertState};
pub use file::{GroupDefinition, RuleDefinition, RuleFile, RuleKind};
pub use group::{EvaluationContext, GroupSettings, RuleGroup, SentAlert};
pub use restore::{FOR_GRACE_PERIOD, OUTAGE_TOLERANCE};
pub use schedule::{Due, Schedule};
pub use status::{AlertStatus, GroupStatus, RuleHealth, RuleStatus};
pub use validate::RuleFileError;

#[cfg(test)]
mod tests;
