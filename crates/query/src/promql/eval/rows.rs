//! Computing the rows of a table, several at a time where that pays.

use model::Labels;
use rayon::prelude::*;

use super::QueryError;
use super::evaluator::Evaluator;
use super::notes::Notes;
use super::table::{RowMut, Table};

/// Below this many values a table is computed by one thread: handing work to
/// others would cost more than it saves.
const PARALLEL_VALUES_MIN: usize = 4096;
/// The fewest rows that are handed to a thread at once.
const PARALLEL_ROWS_MIN: usize = 8;

/// What one thread keeps from row to row.
#[derive(Default)]
pub(crate) struct Worker<S> {
    /// Buffers.
    pub(crate) scratch: S,
    /// What was noteworthy.
    pub(crate) notes: Notes,
}

/// Computes a table with a row for each of `labels`; `fill` gets the row's
/// index. Rows that stay empty are left out.
///
/// `values_each` is about how many values are looked at for a row.
pub(crate) fn compute<S: Default + Send>(
    evaluator: &Evaluator<'_>,
    labels: Vec<Labels>,
    steps: usize,
    values_each: usize,
    fill: impl Fn(&mut Worker<S>, usize, RowMut<'_>) -> Result<(), QueryError> + Sync,
) -> Result<Table, QueryError> {
    let count = labels.len();
    let mut table = Table::with_rows(labels, steps, &evaluator.budget)?;
    if count == 0 || steps == 0 {
        return Ok(table);
    }
    let (floats, histograms) = table.parts_mut();
    let one = |worker: &mut Worker<S>, index, floats, histograms| {
        evaluator.budget.check()?;
        fill(worker, index, RowMut { floats, histograms })
    };
    if count.saturating_mul(values_each.max(steps)) < PARALLEL_VALUES_MIN {
        let mut worker = Worker::default();
        let rows = floats.chunks_exact_mut(steps).zip(histograms).enumerate();
        for (index, (floats, histograms)) in rows {
            one(&mut worker, index, floats, histograms)?;
        }
        evaluator.note(worker.notes);
    } else {
        let notes = floats
            .par_chunks_exact_mut(steps)
            .zip(histograms)
            .enumerate()
            .with_min_len(PARALLEL_ROWS_MIN)
            .try_fold(Worker::<S>::default, |mut worker, (index, (floats, histograms))| {
                one(&mut worker, index, floats, histograms)?;
                Ok::<_, QueryError>(worker)
            })
            .map(|worker| worker.map(|worker| worker.notes))
            .try_reduce(Notes::default, |mut all, part| {
                all.merge(part);
                Ok(all)
            })?;
        evaluator.note(notes);
    }
    table.finish()
}
