//! Parts of dates: `year`, `month`, `day_of_month`, `hour`, … of each sample,
//! which counts seconds since 1970 in UTC; without an argument, of the evaluation time.

use model::Labels;

use super::{Call, Evaluator, QueryError, Scope, Table};
use crate::promql::eval::call::{first, floats};
use crate::promql::eval::civil::Civil;

pub(super) const DAY_OF_MONTH_DOC: &str = "The day of the month, 1 to 31, of each time in UTC.";
pub(super) const DAY_OF_WEEK_DOC: &str = "The day of the week, 0 is Sunday, of each time in UTC.";
pub(super) const DAY_OF_YEAR_DOC: &str = "The day of the year, 1 to 366, of each time in UTC.";
pub(super) const DAYS_IN_MONTH_DOC: &str = "The length of the month, 28 to 31 days, of each time.";
pub(super) const HOUR_DOC: &str = "The hour of the day, 0 to 23, of each time in UTC.";
pub(super) const MINUTE_DOC: &str = "The minute of the hour, 0 to 59, of each time in UTC.";
pub(super) const MONTH_DOC: &str = "The month, 1 to 12, of each time in UTC.";
pub(super) const YEAR_DOC: &str = "The year of each time in UTC.";

macro_rules! part {
    ($name:ident, $part:expr) => {
        pub(super) fn $name(
            evaluator: &Evaluator<'_>,
            call: &Call,
            scope: &Scope,
        ) -> Result<Table, QueryError> {
            of_each(evaluator, call, scope, $part)
        }
    };
}

part!(day_of_month, |at| f64::from(at.day));
part!(day_of_week, |at| f64::from(at.weekday));
part!(day_of_year, |at| f64::from(at.day_of_year));
part!(days_in_month, |at| f64::from(at.days_in_month()));
part!(hour, |at| f64::from(at.hour));
part!(minute, |at| f64::from(at.minute));
part!(month, |at| f64::from(at.month));
part!(year, |at| at.year as f64);

fn of_each(
    evaluator: &Evaluator<'_>,
    call: &Call,
    scope: &Scope,
    part: fn(&Civil) -> f64,
) -> Result<Table, QueryError> {
    if call.args.is_empty() {
        let mut table = evaluator.empty(scope);
        let row = table.push(Labels::empty())?;
        for (value, at) in row.floats.iter_mut().zip(scope.grid.iter()) {
            *value = part(&Civil::from_unix_secs(at.as_millis().div_euclid(1000)));
        }
        return table.finish();
    }
    let table = evaluator.vector(first(call)?, scope)?;
    floats(table, |secs| part(&Civil::from_sample(secs)))
}
