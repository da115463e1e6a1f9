//! Which functions there are: names, arguments, results.

use crate::promql::ast::ValueType;

use ValueType::{Matrix, Scalar, String, Vector};

/// A function's signature.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// The types of its arguments.
    pub args: &'static [ValueType],
    /// Where not zero, the last of `args` may be missing or repeat up to this
    /// often; [`VARIADIC`] for any number.
    pub optional: usize,
    /// The type of its result.
    pub returns: ValueType,
    /// Whether it is behind the flag for experimental features.
    pub is_experimental: bool,
    /// Whether it is ours: Prometheus has no such function.
    pub is_own: bool,
}

/// The last argument may be missing or repeat.
pub const VARIADIC: usize = usize::MAX;

impl Function {
    /// The fewest arguments.
    pub const fn args_min(&self) -> usize {
        if self.optional == 0 { self.args.len() } else { self.args.len() - 1 }
    }

    /// The most arguments; `None` where there is no end.
    pub const fn args_max(&self) -> Option<usize> {
        if self.optional == VARIADIC { None } else { Some(self.args_min() + self.optional) }
    }

    /// The type of argument `index`.
    pub fn arg_type(&self, index: usize) -> ValueType {
        self.args.get(index).or(self.args.last()).copied().unwrap_or(Vector)
    }
}

/// The function of this name.
pub fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.binary_search_by(|function| function.name.cmp(name)).ok().map(|at| &FUNCTIONS[at])
}

const fn function(
    name: &'static str,
    args: &'static [ValueType],
    optional: usize,
    returns: ValueType,
) -> Function {
    Function { name, args, optional, returns, is_experimental: false, is_own: false }
}

const fn own(name: &'static str, args: &'static [ValueType], optional: usize) -> Function {
    Function { name, args, optional, returns: Vector, is_experimental: false, is_own: true }
}

const fn experimental(
    name: &'static str,
    args: &'static [ValueType],
    optional: usize,
    returns: ValueType,
) -> Function {
    Function { name, args, optional, returns, is_experimental: true, is_own: false }
}

/// All functions, by name.
pub static FUNCTIONS: &[Function] = &[
    function("abs", &[Vector], 0, Vector),
    function("absent", &[Vector], 0, Vector),
    function("absent_over_time", &[Matrix], 0, Vector),
    function("acos", &[Vector], 0, Vector),
    function("acosh", &[Vector], 0, Vector),
    function("asin", &[Vector], 0, Vector),
    function("asinh", &[Vector], 0, Vector),
    function("atan", &[Vector], 0, Vector),
    function("atanh", &[Vector], 0, Vector),
    function("avg_over_time", &[Matrix], 0, Vector),
    function("ceil", &[Vector], 0, Vector),
    function("changes", &[Matrix], 0, Vector),
    function("clamp", &[Vector, Scalar, Scalar], 0, Vector),
    function("clamp_max", &[Vector, Scalar], 0, Vector),
    function("clamp_min", &[Vector, Scalar], 0, Vector),
    function("cos", &[Vector], 0, Vector),
    function("cosh", &[Vector], 0, Vector),
    function("count_over_time", &[Matrix], 0, Vector),
    function("day_of_month", &[Vector], 1, Vector),
    function("day_of_week", &[Vector], 1, Vector),
    function("day_of_year", &[Vector], 1, Vector),
    function("days_in_month", &[Vector], 1, Vector),
    function("deg", &[Vector], 0, Vector),
    function("delta", &[Matrix], 0, Vector),
    function("deriv", &[Matrix], 0, Vector),
    experimental("double_exponential_smoothing", &[Matrix, Scalar, Scalar], 0, Vector),
    experimental("end", &[], 0, Scalar),
    function("exp", &[Vector], 0, Vector),
    function("first_over_time", &[Matrix], 0, Vector),
    function("floor", &[Vector], 0, Vector),
    function("histogram_avg", &[Vector], 0, Vector),
    function("histogram_count", &[Vector], 0, Vector),
    function("histogram_fraction", &[Scalar, Scalar, Vector], 0, Vector),
    function("histogram_quantile", &[Scalar, Vector], 0, Vector),
    experimental("histogram_quantiles", &[Vector, String, Scalar, Scalar], 9, Vector),
    function("histogram_stddev", &[Vector], 0, Vector),
    function("histogram_stdvar", &[Vector], 0, Vector),
    function("histogram_sum", &[Vector], 0, Vector),
    function("hour", &[Vector], 1, Vector),
    function("idelta", &[Matrix], 0, Vector),
    function("increase", &[Matrix], 0, Vector),
    experimental("info", &[Vector, Vector], 1, Vector),
    function("irate", &[Matrix], 0, Vector),
    function("label_join", &[Vector, String, String, String], VARIADIC, Vector),
    function("label_replace", &[Vector, String, String, String, String], 0, Vector),
    function("last_over_time", &[Matrix], 0, Vector),
    function("ln", &[Vector], 0, Vector),
    function("log10", &[Vector], 0, Vector),
    function("log2", &[Vector], 0, Vector),
    experimental("mad_over_time", &[Matrix], 0, Vector),
    experimental("max_of", &[Scalar, Scalar], 0, Scalar),
    function("max_over_time", &[Matrix], 0, Vector),
    experimental("min_of", &[Scalar, Scalar], 0, Scalar),
    function("min_over_time", &[Matrix], 0, Vector),
    function("minute", &[Vector], 1, Vector),
    function("month", &[Vector], 1, Vector),
    function("pi", &[], 0, Scalar),
    function("predict_linear", &[Matrix, Scalar], 0, Vector),
    own("predict_linear_lower", &[Matrix, Scalar, Scalar], 1),
    own("predict_linear_upper", &[Matrix, Scalar, Scalar], 1),
    function("present_over_time", &[Matrix], 0, Vector),
    function("quantile_over_time", &[Scalar, Matrix], 0, Vector),
    function("rad", &[Vector], 0, Vector),
    experimental("range", &[], 0, Scalar),
    function("rate", &[Matrix], 0, Vector),
    function("resets", &[Matrix], 0, Vector),
    function("round", &[Vector, Scalar], 1, Vector),
    function("scalar", &[Vector], 0, Scalar),
    own("seasonal_baseline_over_time", &[Matrix, Scalar, Scalar], 1),
    own("seasonal_deviation_over_time", &[Matrix, Scalar, Scalar], 1),
    function("sgn", &[Vector], 0, Vector),
    function("sin", &[Vector], 0, Vector),
    function("sinh", &[Vector], 0, Vector),
    function("sort", &[Vector], 0, Vector),
    experimental("sort_by_label", &[Vector, String], VARIADIC, Vector),
    experimental("sort_by_label_desc", &[Vector, String], VARIADIC, Vector),
    function("sort_desc", &[Vector], 0, Vector),
    function("sqrt", &[Vector], 0, Vector),
    experimental("start", &[], 0, Scalar),
    experimental("start_timestamp", &[Vector], 0, Vector),
    function("stddev_over_time", &[Matrix], 0, Vector),
    function("stdvar_over_time", &[Matrix], 0, Vector),
    experimental("step", &[], 0, Scalar),
    function("sum_over_time", &[Matrix], 0, Vector),
    function("tan", &[Vector], 0, Vector),
    function("tanh", &[Vector], 0, Vector),
    function("time", &[], 0, Scalar),
    function("timestamp", &[Vector], 0, Vector),
    experimental("ts_of_first_over_time", &[Matrix], 0, Vector),
    experimental("ts_of_last_over_time", &[Matrix], 0, Vector),
    experimental("ts_of_max_over_time", &[Matrix], 0, Vector),
    experimental("ts_of_min_over_time", &[Matrix], 0, Vector),
    function("vector", &[Scalar], 0, Vector),
    function("year", &[Vector], 1, Vector),
    own("zscore_robust_over_time", &[Matrix], 0),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_so_that_they_are_found() {
        assert!(FUNCTIONS.is_sorted_by(|a, b| a.name < b.name));
        assert_eq!(find("rate").map(|function| function.name), Some("rate"));
        assert_eq!(find("holt_winters"), None);
    }

    #[test]
    fn the_number_of_arguments_follows_from_the_signature() {
        let bounds = |name| find(name).map(|f| (f.args_min(), f.args_max())).unwrap();
        assert_eq!(bounds("pi"), (0, Some(0)));
        assert_eq!(bounds("hour"), (0, Some(1)));
        assert_eq!(bounds("round"), (1, Some(2)));
        assert_eq!(bounds("label_join"), (3, None));
        assert_eq!(bounds("histogram_quantiles"), (3, Some(12)));
        assert_eq!(find("label_join").unwrap().arg_type(7), String);
    }
}
