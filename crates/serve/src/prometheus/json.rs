//! JSON written straight into bytes: results can hold millions of samples.

use model::histogram::CUSTOM_BUCKETS_SCHEMA;
use model::{Histogram, LabelsRef, Timestamp};
use std::io::Write;

/// Floats without decimals below this are written as integers: all of their digits count.
const INTEGERS_MAX: f64 = 9_007_199_254_740_992.0;

/// A growing JSON text.
#[derive(Debug, Default)]
pub struct JsonWriter {
    out: Vec<u8>,
}

impl JsonWriter {
    /// The text.
    pub fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    /// Takes what was written so far, and goes on from there.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// The length of what was written since, in bytes.
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// Whether nothing was written since.
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// Appends text that is JSON already.
    pub fn raw(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    /// Appends a string, quoted and escaped.
    pub fn string(&mut self, text: &str) {
        let is_plain = text.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\');
        if is_plain {
            self.out.push(b'"');
            self.out.extend_from_slice(text.as_bytes());
            self.out.push(b'"');
        } else {
            serde_json::to_writer(&mut self.out, text).expect("writing to memory does not fail");
        }
    }

    /// Appends an array whose items `each` writes.
    pub fn array<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut each: impl FnMut(&mut Self, T),
    ) {
        self.out.push(b'[');
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            each(self, item);
        }
        self.out.push(b']');
    }

    /// Appends labels as an object.
    pub fn labels(&mut self, labels: &LabelsRef) {
        self.out.push(b'{');
        for (index, (name, value)) in labels.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.string(name);
            self.out.push(b':');
            self.string(value);
        }
        self.out.push(b'}');
    }

    /// Appends a number.
    pub fn number(&mut self, number: impl std::fmt::Display) {
        write!(self.out, "{number}").expect("writing to memory does not fail");
    }

    /// Appends a time in seconds, with milliseconds where there are any.
    pub fn timestamp(&mut self, at: Timestamp) {
        let millis = at.as_millis();
        if millis < 0 {
            self.out.push(b'-');
        }
        let (seconds, rest) = (millis.unsigned_abs() / 1000, millis.unsigned_abs() % 1000);
        self.integer(seconds);
        if rest != 0 {
            let digit = |of: u64| b'0' + (of % 10) as u8;
            self.out.extend_from_slice(&[b'.', digit(rest / 100), digit(rest / 10), digit(rest)]);
        }
    }

    fn integer(&mut self, number: impl itoa::Integer) {
        self.raw(itoa::Buffer::new().format(number));
    }

    /// Appends a time in seconds as Go's own JSON writes a number: with as few decimals
    /// as will do.
    pub fn seconds(&mut self, at: Timestamp) {
        self.number(at.as_secs_f64());
    }

    /// Appends `[time, "value"]` of a scalar, whose value never has an exponent.
    pub fn scalar(&mut self, at: Timestamp, value: f64) {
        self.raw("[");
        self.seconds(at);
        self.raw(",\"");
        if value.is_finite() {
            self.number(value)
        } else {
            self.float(value)
        }
        self.raw("\"]");
    }

    /// Appends a sample's value as the string that the API makes of it.
    pub fn value(&mut self, value: f64) {
        self.out.push(b'"');
        self.float(value);
        self.out.push(b'"');
    }

    fn float(&mut self, value: f64) {
        if value.is_nan() {
            self.raw("NaN");
        } else if value.is_infinite() {
            self.raw(if value > 0.0 { "+Inf" } else { "-Inf" });
        } else if value != 0.0 && !(1e-6..1e21).contains(&value.abs()) {
            self.raw(&go_exponent(value));
        } else if value.fract() == 0.0 && value.abs() < INTEGERS_MAX && value != 0.0 {
            self.integer(value as i64);
        } else {
            let mut buffer = zmij::Buffer::new();
            let text = buffer.format_finite(value);
            if text.contains('e') {
                self.number(value);
            } else {
                self.raw(text.strip_suffix(".0").unwrap_or(text));
            }
        }
    }

    /// Appends `[time, "value"]`.
    pub fn sample(&mut self, at: Timestamp, value: f64) {
        self.out.push(b'[');
        self.timestamp(at);
        self.out.push(b',');
        self.value(value);
        self.out.push(b']');
    }

    /// Appends `[time, {histogram}]`.
    pub fn histogram_sample(&mut self, at: Timestamp, histogram: &Histogram) {
        self.out.push(b'[');
        self.timestamp(at);
        self.out.push(b',');
        self.histogram(histogram);
        self.out.push(b']');
    }

    fn histogram(&mut self, histogram: &Histogram) {
        self.raw(r#"{"count":"#);
        self.value(histogram.count);
        self.raw(r#","sum":"#);
        self.value(histogram.sum);
        let buckets = display_buckets(histogram);
        if !buckets.is_empty() {
            self.raw(r#","buckets":"#);
            self.array(&buckets, |json, bucket| {
                json.raw("[");
                json.number(bucket.rule);
                for value in [bucket.lower, bucket.upper, bucket.count] {
                    json.raw(",");
                    json.value(value);
                }
                json.raw("]");
            });
        }
        self.raw("}");
    }
}

/// A number as Go writes it with an exponent: signed, two digits at least.
pub(super) fn go_exponent(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let text = format!("{value:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, digits) = match exponent.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', exponent),
    };
    format!("{mantissa}e{sign}{digits:0>2}")
}

/// A bucket as the API shows it.
struct DisplayBucket {
    /// Which bounds belong to it: 0 the upper, 1 the lower, 2 none, 3 both.
    rule: u8,
    lower: f64,
    upper: f64,
    count: f64,
}

/// The buckets that are not empty, from the most negative to the most positive.
fn display_buckets(histogram: &Histogram) -> Vec<DisplayBucket> {
    let mut buckets = Vec::new();
    let bound = |index: i32| histogram.upper_bound(index);
    for (index, count) in histogram.negative.iter() {
        let (lower, upper) = (-bound(index), -bound(index - 1));
        buckets.push(DisplayBucket { rule: 1, lower, upper, count });
    }
    buckets.reverse();
    if histogram.zero_count > 0.0 {
        let threshold = histogram.zero_threshold;
        let count = histogram.zero_count;
        buckets.push(DisplayBucket { rule: 3, lower: -threshold, upper: threshold, count });
    }
    for (index, count) in histogram.positive.iter() {
        let (rule, lower, upper) = if histogram.schema == CUSTOM_BUCKETS_SCHEMA {
            let at = |index: i32| {
                usize::try_from(index)
                    .ok()
                    .and_then(|index| histogram.custom_bounds.get(index))
                    .copied()
            };
            let lower = at(index - 1).unwrap_or(f64::NEG_INFINITY);
            (if index == 0 { 3 } else { 0 }, lower, at(index).unwrap_or(f64::INFINITY))
        } else {
            (0, bound(index - 1), bound(index))
        };
        buckets.push(DisplayBucket { rule, lower, upper, count });
    }
    buckets.retain(|bucket| bucket.count != 0.0);
    buckets
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Labels;

    fn written(write: impl FnOnce(&mut JsonWriter)) -> String {
        let mut json = JsonWriter::default();
        write(&mut json);
        String::from_utf8(json.into_bytes()).unwrap()
    }

    #[test]
    fn samples_have_prometheus_shape() {
        let sample =
            |millis, value| written(|json| json.sample(Timestamp::from_millis(millis), value));
        assert_eq!(sample(1_435_781_430_781, 1.0), r#"[1435781430.781,"1"]"#);
        assert_eq!(sample(1500, f64::NAN), r#"[1.500,"NaN"]"#);
        assert_eq!(sample(2005, f64::INFINITY), r#"[2.005,"+Inf"]"#);
        assert_eq!(sample(-1500, f64::NEG_INFINITY), r#"[-1.500,"-Inf"]"#);
        assert_eq!(sample(0, 1e20), r#"[0,"100000000000000000000"]"#);
        assert_eq!(sample(0, 1.5e21), r#"[0,"1.5e+21"]"#);
        assert_eq!(sample(0, -1e-7), r#"[0,"-1e-07"]"#);
        assert_eq!(sample(0, 1e300), r#"[0,"1e+300"]"#);
        assert_eq!(sample(0, -0.0), r#"[0,"-0"]"#);
        assert_eq!(sample(0, 0.0), r#"[0,"0"]"#);
    }

    /// The shortest digits that read back as the same number; of two that are equally
    /// near the even one, as Go writes it and the standard library does not.
    #[test]
    fn numbers_are_as_short_as_they_can_be() {
        let mut state = 7u64;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state >> 11
        };
        let mut values =
            vec![1e15, 1e16, 9_007_199_254_740_993.0, 1e20, 123e18, 1e-6, 0.1, 1.0 / 3.0];
        for _ in 0..20_000 {
            let (digits, shift) = (random() as f64, (random() % 32) as i32 - 20);
            values.push(digits * 10f64.powi(shift));
            values.push((random() % 1_000_000) as f64 / 100.0);
        }
        for value in values.into_iter().filter(|value| (1e-6..1e21).contains(value)) {
            let text = written(|json| json.value(value));
            let plain = text.trim_matches('"');
            assert_eq!(
                (plain.parse(), plain.len()),
                (Ok(value), value.to_string().len()),
                "{text}"
            );
            assert_eq!(written(|json| json.value(-value)), format!("\"-{plain}\""));
        }
        assert_eq!(
            written(|json| json.value(567_681_060_490_804.0 + 0.25)),
            r#""567681060490804.2""#
        );
        assert_eq!(
            written(|json| json.value(567_681_060_490_804.0 + 0.75)),
            r#""567681060490804.8""#
        );
    }

    #[test]
    fn scalars_have_a_shape_of_their_own() {
        let scalar =
            |millis, value| written(|json| json.scalar(Timestamp::from_millis(millis), value));
        assert_eq!(scalar(1_795_917_749_580, 1.0), r#"[1795917749.58,"1"]"#);
        assert_eq!(scalar(1000, 1e21), r#"[1,"1000000000000000000000"]"#);
        assert_eq!(scalar(0, 1e-7), r#"[0,"0.0000001"]"#);
        assert_eq!(scalar(0, f64::NEG_INFINITY), r#"[0,"-Inf"]"#);
    }

    #[test]
    fn labels_are_escaped() {
        let labels = Labels::from_pairs([("a", "x\"\\\n"), ("b", "</script>")]);
        assert_eq!(written(|json| json.labels(&labels)), r#"{"a":"x\"\\\n","b":"</script>"}"#);
    }

    #[test]
    fn histograms_list_their_buckets() {
        let mut histogram = Histogram::new(0);
        histogram.count = 6.0;
        histogram.sum = 12.5;
        histogram.zero_count = 1.0;
        histogram.zero_threshold = 0.001;
        histogram.positive.push(1, 3.0);
        histogram.negative.push(0, 2.0);
        assert_eq!(
            written(|json| json.histogram(&histogram)),
            r#"{"count":"6","sum":"12.5","buckets":[[1,"-1","-0.5","2"],[3,"-0.001","0.001","1"],[0,"1","2","3"]]}"#
        );
    }
}
