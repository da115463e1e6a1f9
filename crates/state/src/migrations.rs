//! The schema, as the steps that led to it.
//!
//! A step that was released never changes; what shall be otherwise is a new step.
//! `PRAGMA user_version` is the number of steps that a file has taken.

use rusqlite::{Connection, TransactionBehavior};

use crate::StateError;

/// The steps, oldest first.
const STEPS: &[&str] = &[
    crate::alertmanager::STEP,
    crate::dashboards::STEP,
    crate::annotations::STEP,
    crate::preferences::STEP,
];

/// Takes the steps that `connection` has not taken, all or none.
///
/// # Errors
/// Where the file was written by a newer version, or SQLite fails.
pub(crate) fn run(connection: &mut Connection) -> Result<(), StateError> {
    run_steps(connection, STEPS)
}

fn run_steps(connection: &mut Connection, steps: &[&str]) -> Result<(), StateError> {
    // Immediate: two processes that start at once don't take a step twice.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let taken: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let taken = taken as usize;
    if taken > steps.len() {
        return Err(StateError::TooNew { found: taken, known: steps.len() });
    }
    for step in &steps[taken..] {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", steps.len() as u32)?;
    Ok(transaction.commit()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_taken_once_and_in_order() {
        let mut connection = Connection::open_in_memory().unwrap();
        let steps = ["CREATE TABLE a (x)", "INSERT INTO a VALUES (1)", "INSERT INTO a VALUES (2)"];
        run_steps(&mut connection, &steps[..2]).unwrap();
        run_steps(&mut connection, &steps).unwrap();
        run_steps(&mut connection, &steps).unwrap();
        let sum: i64 = connection.query_row("SELECT sum(x) FROM a", [], |row| row.get(0)).unwrap();
        assert_eq!(sum, 3);
    }

    #[test]
    fn a_step_that_fails_leaves_the_file_as_it_was() {
        let mut connection = Connection::open_in_memory().unwrap();
        assert!(run_steps(&mut connection, &["CREATE TABLE a (x)", "nonsense"]).is_err());
        run_steps(&mut connection, &["CREATE TABLE a (x)"]).unwrap();
    }

    #[test]
    fn a_file_of_a_newer_version_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        run_steps(&mut connection, &["CREATE TABLE a (x)"; 1]).unwrap();
        let error = run_steps(&mut connection, &[]).unwrap_err();
        assert!(matches!(error, StateError::TooNew { found: 1, known: 0 }), "{error}");
    }
}
