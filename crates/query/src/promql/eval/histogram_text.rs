//! A native histogram as text, as `count_values` puts it into a label.

use std::fmt::Write;

use model::Histogram;

use super::go_float::general;

/// `{count:3, sum:5, [-1,1]:1, (1,2]:2}`: the populated buckets, lowest first.
pub(crate) fn histogram_text(histogram: &Histogram) -> String {
    let mut text = format!("{{count:{}, sum:{}", general(histogram.count), general(histogram.sum));
    for bucket in histogram.all_buckets().into_iter().filter(|bucket| bucket.count != 0.0) {
        let is_zero = bucket.lower == -bucket.upper && !histogram.uses_custom_buckets();
        let is_negative = bucket.upper < 0.0;
        let open = if is_zero || is_negative { '[' } else { '(' };
        let close = if is_negative { ')' } else { ']' };
        let (lower, upper) = (general(bucket.lower), general(bucket.upper));
        // Writing into a String cannot fail.
        let _ = write!(text, ", {open}{lower},{upper}{close}:{}", general(bucket.count));
    }
    text.push('}');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn populated_buckets_are_listed() {
        let mut histogram = Histogram::new(0);
        histogram.zero_threshold = 0.5;
        histogram.zero_count = 1.0;
        histogram.positive.push(1, 2.0);
        histogram.positive.push(2, 0.0);
        histogram.negative.push(1, 4.0);
        histogram.count = 7.0;
        histogram.sum = 5.5;
        assert_eq!(
            histogram_text(&histogram),
            "{count:7, sum:5.5, [-2,-1):4, [-0.5,0.5]:1, (1,2]:2}"
        );
    }
}
