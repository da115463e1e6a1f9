//! The functions of PromQL: one file a function, or a family of them.
//!
//! A file holds what the function computes and, as `DOC`, what it says of
//! itself in the help of an editor. [`signatures`] says what arguments it
//! takes, [`kernel`] finds the code.

mod absent;
mod avg_over_time;
mod changes;
mod clamp;
mod classic;
mod count_over_time;
mod date;
mod deriv;
mod double_exponential_smoothing;
mod extended_rate;
mod first_last_over_time;
mod histogram_fraction;
mod histogram_quantile;
mod histogram_stats;
mod histogram_variance;
mod info;
mod irate;
mod label_join;
mod label_replace;
mod mad_over_time;
mod math;
mod min_max_of;
mod min_max_over_time;
mod predict_linear_bounds;
mod quantile_over_time;
mod rate;
mod resets;
mod robust;
mod round;
mod scalar;
mod seasonal;
pub mod signatures;
mod sort;
mod stddev_over_time;
mod student_t;
mod sum_over_time;
mod time;
mod timestamp;
mod transitions;
mod trigonometry;
mod vector;
mod window_sums;
mod zscore_robust_over_time;

use model::Histogram;

use super::ast::Call;
use super::eval::QueryError;
use super::eval::evaluator::{Evaluator, Scope};
use super::eval::table::Table;
use super::eval::window::RangeKernel;

/// How a function is computed.
pub(crate) enum Kernel {
    /// From each float alone; histograms are left out and the name is dropped.
    Float(fn(f64) -> f64),
    /// From each histogram alone; floats are left out and the name is dropped.
    Histogram(fn(&Histogram) -> f64),
    /// From the samples of a range vector, series by series.
    Range {
        /// Computes one series.
        kernel: RangeKernel,
        /// Whether the result is the same quantity and keeps its name.
        keeps_name: bool,
    },
    /// In any other way, to an instant vector.
    Vector(fn(&Evaluator<'_>, &Call, &Scope) -> Result<Table, QueryError>),
    /// In any other way, to a scalar.
    Scalar(fn(&Evaluator<'_>, &Call, &Scope) -> Result<Vec<f64>, QueryError>),
}

/// The code of one function.
struct Implementation {
    name: &'static str,
    doc: &'static str,
    kernel: Kernel,
}

/// How function `name` is computed.
pub(crate) fn kernel(name: &str) -> Option<&'static Kernel> {
    find(name).map(|implementation| &implementation.kernel)
}

/// What function `name` says of itself: a sentence or two.
pub fn doc(name: &str) -> Option<&'static str> {
    find(name).map(|implementation| implementation.doc)
}

fn find(name: &str) -> Option<&'static Implementation> {
    let at = IMPLEMENTATIONS.binary_search_by(|implementation| implementation.name.cmp(name));
    at.ok().map(|at| &IMPLEMENTATIONS[at])
}

const fn float(name: &'static str, doc: &'static str, f: fn(f64) -> f64) -> Implementation {
    Implementation { name, doc, kernel: Kernel::Float(f) }
}

const fn histogram(
    name: &'static str,
    doc: &'static str,
    f: fn(&Histogram) -> f64,
) -> Implementation {
    Implementation { name, doc, kernel: Kernel::Histogram(f) }
}

const fn range(name: &'static str, doc: &'static str, kernel: RangeKernel) -> Implementation {
    Implementation { name, doc, kernel: Kernel::Range { kernel, keeps_name: false } }
}

const fn selecting(name: &'static str, doc: &'static str, kernel: RangeKernel) -> Implementation {
    Implementation { name, doc, kernel: Kernel::Range { kernel, keeps_name: true } }
}

const fn vector(
    name: &'static str,
    doc: &'static str,
    f: fn(&Evaluator<'_>, &Call, &Scope) -> Result<Table, QueryError>,
) -> Implementation {
    Implementation { name, doc, kernel: Kernel::Vector(f) }
}

const fn scalar(
    name: &'static str,
    doc: &'static str,
    f: fn(&Evaluator<'_>, &Call, &Scope) -> Result<Vec<f64>, QueryError>,
) -> Implementation {
    Implementation { name, doc, kernel: Kernel::Scalar(f) }
}

/// All functions, by name.
static IMPLEMENTATIONS: &[Implementation] = &[
    float("abs", math::ABS_DOC, f64::abs),
    vector("absent", absent::DOC, absent::absent),
    vector("absent_over_time", absent::OVER_TIME_DOC, absent::absent_over_time),
    float("acos", trigonometry::ACOS_DOC, f64::acos),
    float("acosh", trigonometry::ACOSH_DOC, f64::acosh),
    float("asin", trigonometry::ASIN_DOC, f64::asin),
    float("asinh", trigonometry::ASINH_DOC, f64::asinh),
    float("atan", trigonometry::ATAN_DOC, f64::atan),
    float("atanh", trigonometry::ATANH_DOC, f64::atanh),
    range("avg_over_time", avg_over_time::DOC, avg_over_time::avg_over_time),
    float("ceil", math::CEIL_DOC, f64::ceil),
    range("changes", changes::DOC, changes::changes),
    vector("clamp", clamp::DOC, clamp::clamp),
    vector("clamp_max", clamp::MAX_DOC, clamp::clamp_max),
    vector("clamp_min", clamp::MIN_DOC, clamp::clamp_min),
    float("cos", trigonometry::COS_DOC, f64::cos),
    float("cosh", trigonometry::COSH_DOC, f64::cosh),
    range("count_over_time", count_over_time::DOC, count_over_time::count_over_time),
    vector("day_of_month", date::DAY_OF_MONTH_DOC, date::day_of_month),
    vector("day_of_week", date::DAY_OF_WEEK_DOC, date::day_of_week),
    vector("day_of_year", date::DAY_OF_YEAR_DOC, date::day_of_year),
    vector("days_in_month", date::DAYS_IN_MONTH_DOC, date::days_in_month),
    float("deg", trigonometry::DEG_DOC, trigonometry::deg),
    range("delta", rate::DELTA_DOC, rate::delta),
    range("deriv", deriv::DOC, deriv::deriv),
    range(
        "double_exponential_smoothing",
        double_exponential_smoothing::DOC,
        double_exponential_smoothing::double_exponential_smoothing,
    ),
    scalar("end", time::END_DOC, time::end),
    float("exp", math::EXP_DOC, f64::exp),
    selecting("first_over_time", first_last_over_time::FIRST_DOC, first_last_over_time::first),
    float("floor", math::FLOOR_DOC, f64::floor),
    histogram("histogram_avg", histogram_stats::AVG_DOC, histogram_stats::avg),
    histogram("histogram_count", histogram_stats::COUNT_DOC, histogram_stats::count),
    vector("histogram_fraction", histogram_fraction::DOC, histogram_fraction::histogram_fraction),
    vector("histogram_quantile", histogram_quantile::DOC, histogram_quantile::histogram_quantile),
    vector(
        "histogram_quantiles",
        histogram_quantile::SEVERAL_DOC,
        histogram_quantile::histogram_quantiles,
    ),
    histogram("histogram_stddev", histogram_variance::STDDEV_DOC, histogram_variance::stddev),
    histogram("histogram_stdvar", histogram_variance::STDVAR_DOC, histogram_variance::stdvar),
    histogram("histogram_sum", histogram_stats::SUM_DOC, histogram_stats::sum),
    vector("hour", date::HOUR_DOC, date::hour),
    range("idelta", irate::IDELTA_DOC, irate::idelta),
    range("increase", rate::INCREASE_DOC, rate::increase),
    vector("info", info::DOC, info::info),
    range("irate", irate::DOC, irate::irate),
    vector("label_join", label_join::DOC, label_join::label_join),
    vector("label_replace", label_replace::DOC, label_replace::label_replace),
    selecting("last_over_time", first_last_over_time::LAST_DOC, first_last_over_time::last),
    float("ln", math::LN_DOC, f64::ln),
    float("log10", math::LOG10_DOC, f64::log10),
    float("log2", math::LOG2_DOC, f64::log2),
    range("mad_over_time", mad_over_time::DOC, mad_over_time::mad_over_time),
    scalar("max_of", min_max_of::MAX_DOC, min_max_of::max_of),
    range("max_over_time", min_max_over_time::MAX_DOC, min_max_over_time::max_over_time),
    scalar("min_of", min_max_of::MIN_DOC, min_max_of::min_of),
    range("min_over_time", min_max_over_time::MIN_DOC, min_max_over_time::min_over_time),
    vector("minute", date::MINUTE_DOC, date::minute),
    vector("month", date::MONTH_DOC, date::month),
    scalar("pi", trigonometry::PI_DOC, trigonometry::pi),
    range("predict_linear", deriv::PREDICT_DOC, deriv::predict_linear),
    range("predict_linear_lower", predict_linear_bounds::LOWER_DOC, predict_linear_bounds::lower),
    range("predict_linear_upper", predict_linear_bounds::UPPER_DOC, predict_linear_bounds::upper),
    range("present_over_time", count_over_time::PRESENT_DOC, count_over_time::present_over_time),
    range("quantile_over_time", quantile_over_time::DOC, quantile_over_time::quantile_over_time),
    float("rad", trigonometry::RAD_DOC, trigonometry::rad),
    scalar("range", time::RANGE_DOC, time::range),
    range("rate", rate::DOC, rate::rate),
    range("resets", resets::DOC, resets::resets),
    vector("round", round::DOC, round::round),
    scalar("scalar", scalar::DOC, scalar::scalar),
    range("seasonal_baseline_over_time", seasonal::BASELINE_DOC, seasonal::baseline),
    range("seasonal_deviation_over_time", seasonal::DEVIATION_DOC, seasonal::deviation),
    float("sgn", math::SGN_DOC, math::sgn),
    float("sin", trigonometry::SIN_DOC, f64::sin),
    float("sinh", trigonometry::SINH_DOC, f64::sinh),
    vector("sort", sort::DOC, sort::sort),
    vector("sort_by_label", sort::BY_LABEL_DOC, sort::sort_by_label),
    vector("sort_by_label_desc", sort::BY_LABEL_DESC_DOC, sort::sort_by_label_desc),
    vector("sort_desc", sort::DESC_DOC, sort::sort_desc),
    float("sqrt", math::SQRT_DOC, f64::sqrt),
    scalar("start", time::START_DOC, time::start),
    vector("start_timestamp", timestamp::START_DOC, timestamp::start_timestamp),
    range("stddev_over_time", stddev_over_time::DOC, stddev_over_time::stddev_over_time),
    range("stdvar_over_time", stddev_over_time::STDVAR_DOC, stddev_over_time::stdvar_over_time),
    scalar("step", time::STEP_DOC, time::step),
    range("sum_over_time", sum_over_time::DOC, sum_over_time::sum_over_time),
    float("tan", trigonometry::TAN_DOC, f64::tan),
    float("tanh", trigonometry::TANH_DOC, f64::tanh),
    scalar("time", time::DOC, time::time),
    vector("timestamp", timestamp::DOC, timestamp::timestamp),
    range(
        "ts_of_first_over_time",
        first_last_over_time::TS_OF_FIRST_DOC,
        first_last_over_time::ts_of_first,
    ),
    range(
        "ts_of_last_over_time",
        first_last_over_time::TS_OF_LAST_DOC,
        first_last_over_time::ts_of_last,
    ),
    range("ts_of_max_over_time", min_max_over_time::TS_OF_MAX_DOC, min_max_over_time::ts_of_max),
    range("ts_of_min_over_time", min_max_over_time::TS_OF_MIN_DOC, min_max_over_time::ts_of_min),
    vector("vector", vector::DOC, vector::vector),
    vector("year", date::YEAR_DOC, date::year),
    range(
        "zscore_robust_over_time",
        zscore_robust_over_time::DOC,
        zscore_robust_over_time::zscore_robust_over_time,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signature_has_its_code_and_its_words() {
        assert!(IMPLEMENTATIONS.is_sorted_by(|a, b| a.name < b.name));
        for function in signatures::FUNCTIONS {
            assert!(kernel(function.name).is_some(), "{}", function.name);
            assert!(doc(function.name).is_some_and(|doc| doc.ends_with('.')), "{}", function.name);
        }
        for implementation in IMPLEMENTATIONS {
            assert!(signatures::find(implementation.name).is_some(), "{}", implementation.name);
        }
    }
}
