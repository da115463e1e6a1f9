//! Whether a value is the expected one.

use std::collections::BTreeMap;

use model::Histogram;
use model::histogram::{Buckets, ResetHint};

/// How far numbers may lie apart, as a part of their size; promtool's tolerance.
pub const TOLERANCE: f64 = 1e-6;

/// Whether two numbers are equal but for rounding; NaN equals NaN.
pub fn floats_are_close(a: f64, b: f64) -> bool {
    if a == b || a.is_nan() && b.is_nan() {
        return true;
    }
    if !a.is_finite() || !b.is_finite() {
        return false;
    }
    let (distance, size) = ((a - b).abs(), a.abs() + b.abs());
    // Beside zero there is no relative distance.
    size == 0.0
        || distance < f64::MIN_POSITIVE * TOLERANCE
        || distance / size.min(f64::MAX) < TOLERANCE
}

/// Whether two numbers are the same to the bit; all NaN are one.
pub fn floats_are_same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
}

/// Whether two histograms are equal but for rounding, empty buckets, the flavor of
/// their counts, and the reset hint where `check_hint` is not set.
pub fn histograms_are_close(a: &Histogram, b: &Histogram, check_hint: bool) -> bool {
    a.schema == b.schema
        && (!check_hint || a.reset_hint == b.reset_hint)
        && floats_are_close(a.zero_threshold, b.zero_threshold)
        && floats_are_close(a.zero_count, b.zero_count)
        && floats_are_close(a.count, b.count)
        && floats_are_close(a.sum, b.sum)
        && a.custom_bounds.len() == b.custom_bounds.len()
        && a.custom_bounds.iter().zip(&b.custom_bounds).all(|(a, b)| floats_are_close(*a, *b))
        && buckets_are_close(&a.positive, &b.positive)
        && buckets_are_close(&a.negative, &b.negative)
}

fn buckets_are_close(a: &Buckets, b: &Buckets) -> bool {
    let filled = |buckets: &Buckets| -> BTreeMap<i32, f64> {
        buckets.iter().filter(|(_, count)| *count != 0.0).collect()
    };
    let (a, b) = (filled(a), filled(b));
    a.len() == b.len()
        && a.iter().zip(&b).all(|((at, count), (other_at, other_count))| {
            at == other_at && floats_are_close(*count, *other_count)
        })
}

/// A histogram in the notation of tests.
pub fn show_histogram(histogram: &Histogram) -> String {
    let mut fields = vec![format!("schema:{}", histogram.schema)];
    let mut number = |name: &str, value: f64| {
        if value != 0.0 {
            fields.push(format!("{name}:{}", show_float(value)));
        }
    };
    number("count", histogram.count);
    number("sum", histogram.sum);
    number("z_bucket", histogram.zero_count);
    number("z_bucket_w", histogram.zero_threshold);
    if !histogram.custom_bounds.is_empty() {
        fields.push(format!("custom_values:[{}]", show_list(&histogram.custom_bounds)));
    }
    for (prefix, buckets) in [("", &histogram.positive), ("n_", &histogram.negative)] {
        let filled: BTreeMap<i32, f64> = buckets.iter().collect();
        if let (Some((first, _)), Some((last, _))) =
            (filled.first_key_value(), filled.last_key_value())
        {
            let counts: Vec<f64> =
                (*first..=*last).map(|index| filled.get(&index).copied().unwrap_or(0.0)).collect();
            if *first != 0 {
                fields.push(format!("{prefix}offset:{first}"));
            }
            fields.push(format!("{prefix}buckets:[{}]", show_list(&counts)));
        }
    }
    match histogram.reset_hint {
        ResetHint::Unknown => {}
        ResetHint::Reset => fields.push("counter_reset_hint:reset".into()),
        ResetHint::NotReset => fields.push("counter_reset_hint:not_reset".into()),
        ResetHint::Gauge => fields.push("counter_reset_hint:gauge".into()),
    }
    format!("{{{{{}}}}}", fields.join(" "))
}

/// A number in the notation of tests.
pub fn show_float(value: f64) -> String {
    match value {
        value if value == f64::INFINITY => "+Inf".into(),
        value if value == f64::NEG_INFINITY => "-Inf".into(),
        value if model::sample::is_stale_nan(value) => "stale".into(),
        value if value != 0.0 && !(1e-7..1e21).contains(&value.abs()) => format!("{value:e}"),
        value => value.to_string(),
    }
}

fn show_list(values: &[f64]) -> String {
    values.iter().map(|value| show_float(*value)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::series_notation::{SequenceValue, parse_values};

    #[test]
    fn closeness_is_relative() {
        assert!(floats_are_close(1e9, 1e9 + 1.0));
        assert!(!floats_are_close(1.0, 1.00001));
        assert!(!floats_are_close(0.0, 1e-9));
        assert!(!floats_are_close(f64::INFINITY, f64::NEG_INFINITY));
        assert!(!floats_are_close(f64::INFINITY, 1.0));
        assert!(floats_are_close(f64::NAN, -f64::NAN));
        assert!(floats_are_close(f64::MAX, f64::MAX * (1.0 - 1e-9)));
        assert!(!floats_are_same(0.0, -0.0) && floats_are_close(0.0, -0.0));
    }

    #[test]
    fn histograms_show_as_they_are_written() {
        for text in [
            "{{schema:0}}",
            "{{schema:1 count:3 sum:-0.5 offset:-2 buckets:[1 0 2] n_buckets:[4]}}",
            "{{schema:-53 count:3 custom_values:[1 +Inf] buckets:[1 2] counter_reset_hint:gauge}}",
        ] {
            let values = parse_values(text).unwrap();
            let SequenceValue::Histogram { histogram, .. } = &values[0] else { panic!() };
            assert_eq!(show_histogram(histogram), text);
            assert!(histograms_are_close(histogram, histogram, true));
        }
    }
}
