//! JSON written straight into bytes: results can hold millions of samples.

use model::histogram::CUSTOM_BUCKETS_SCHEMA;
use model::{Histogram, LabelsRef, Timestamp};
use std::io::Write;

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
        let sign = if millis < 0 { "-" } else { "" };
        let (seconds, rest) = (millis.unsigned_abs() / 1000, millis.unsigned_abs() % 1000);
        if rest == 0 {
            self.number(format_args!("{sign}{seconds}"));
        } else {
            self.number(format_args!("{sign}{seconds}.{rest:03}"));
        }
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
        } else {
            self.number(value);
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
    let bound = |index: i32| exponential_bound(histogram.schema, index);
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

fn exponential_bound(schema: i8, index: i32) -> f64 {
    2f64.powf(f64::from(index) * 2f64.powi(-i32::from(schema)))
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
