//! The data: targets as a cluster has them, made anew for each server and the
//! same each time.
//!
//! Every target is one instance of a service with [`SERIES_PER_TARGET`] series:
//! request counters at very different rates, classic histograms, processor
//! seconds, gauges with two decimals, sizes in pages, small counts, and
//! constants. It is scraped every 15 s at an offset of its own.

use std::fmt::Write as _;

/// The distance of the samples of a series.
pub(crate) const STEP_MS: i64 = 15_000;
/// How many series a target has.
pub(crate) const SERIES_PER_TARGET: usize = 250;
/// A request brings one scrape each of so many targets: 2,000 samples, the
/// most that Prometheus sends by default.
pub(crate) const TARGETS_PER_REQUEST: usize = 8;

const HANDLERS: [&str; 10] = [
    "/",
    "/login",
    "/api/v1/users",
    "/api/v1/users/:id",
    "/api/v1/orders",
    "/api/v1/orders/:id",
    "/api/v1/search",
    "/api/v1/cart",
    "/static/*",
    "/healthz",
];
const METHODS: [&str; 3] = ["GET", "POST", "DELETE"];
const BOUNDS: [&str; 11] =
    ["0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "10", "+Inf"];
/// The share of requests that end in each bucket.
const SHARES: [f64; 11] = [0.21, 0.24, 0.2, 0.13, 0.09, 0.06, 0.04, 0.02, 0.006, 0.003, 0.001];
const MODES: [&str; 4] = ["user", "system", "iowait", "idle"];
const JOBS: [&str; 5] = ["api", "web", "worker", "billing", "search"];

/// The scrapes of some targets as remote write requests, step by step.
///
/// Labels do not change, so a request is encoded once and then only times and
/// values are put in.
#[derive(Debug)]
pub(crate) struct RequestStream {
    targets: Vec<Target>,
    plain: Vec<u8>,
    /// Where the sample of each series begins in `plain`.
    samples: Vec<usize>,
    packed: Vec<u8>,
}

#[derive(Debug)]
struct Target {
    /// When it is scraped, after the full step.
    offset_ms: i64,
    series: Vec<Source>,
    random: Random,
}

/// How the values of a series come about.
#[derive(Clone, Debug)]
enum Source {
    Constant(f64),
    /// Rises by whole numbers, `per_step` on average.
    Counter {
        value: f64,
        per_step: f64,
    },
    /// Rises by hundredths of a second.
    Seconds {
        value: f64,
        share: f64,
    },
    /// Wanders in steps of `unit`.
    Walk {
        value: f64,
        unit: f64,
        reach: f64,
    },
    /// The buckets of a histogram, which stand behind one another; then sum and count.
    Histogram(Box<Histogram>),
    /// What the histogram before it makes.
    Part,
}

#[derive(Clone, Debug)]
struct Histogram {
    buckets: [f64; BOUNDS.len()],
    sum: f64,
    per_step: f64,
}

impl RequestStream {
    /// The requests of the targets in `targets`.
    pub(crate) fn new(targets: std::ops::Range<usize>) -> Self {
        let (mut plain, mut samples, mut made) = (Vec::new(), Vec::new(), Vec::new());
        for number in targets {
            let (labels, target) = target(number);
            for labels in &labels {
                samples.push(encode_series(labels, &mut plain));
            }
            made.push(target);
        }
        Self { targets: made, plain, samples, packed: Vec::new() }
    }

    /// The next request, packed with Snappy; `step_at` is the time of the step in ms.
    pub(crate) fn next(&mut self, step_at: i64) -> anyhow::Result<&[u8]> {
        let mut samples = self.samples.iter();
        let plain = &mut self.plain;
        for target in &mut self.targets {
            let at = step_at + target.offset_ms;
            target.scrape(|value| {
                if let Some(start) = samples.next() {
                    plain[*start..start + 8].copy_from_slice(&value.to_le_bytes());
                    put_time(at, &mut plain[start + 9..start + 15]);
                }
            });
        }
        self.packed.resize(snap::raw::max_compress_len(plain.len()), 0);
        let length = snap::raw::Encoder::new().compress(plain, &mut self.packed)?;
        Ok(&self.packed[..length])
    }
}

impl Target {
    /// Hands on the next value of each series.
    fn scrape(&mut self, mut each: impl FnMut(f64)) {
        for source in &mut self.series {
            let random = &mut self.random;
            match source {
                Source::Constant(value) => each(*value),
                Source::Counter { value, per_step } => {
                    *value += (*per_step * random.around_one() + random.unit()).floor();
                    each(*value);
                }
                Source::Seconds { value, share } => {
                    *value += (*share * 1500.0 * random.around_one()).round() / 100.0;
                    *value = (*value * 100.0).round() / 100.0;
                    each(*value);
                }
                Source::Walk { value, unit, reach } => {
                    let moved =
                        *value + ((random.unit() * 2.0 - 1.0) * *reach / *unit).round() * *unit;
                    *value = (moved.max(0.0) / *unit).round() * *unit;
                    // Divided, so that it is the number nearest to the decimals.
                    each(if *unit < 1.0 { (*value * 100.0).round() / 100.0 } else { *value });
                }
                Source::Histogram(histogram) => histogram.observe(random, &mut each),
                Source::Part => {}
            }
        }
    }
}

impl Histogram {
    fn observe(&mut self, random: &mut Random, each: &mut impl FnMut(f64)) {
        let requests = self.per_step * random.around_one();
        let mut all = 0.0;
        for (bucket, share) in self.buckets.iter_mut().zip(SHARES) {
            let more = (requests * share + random.unit()).floor();
            *bucket += more;
            all += *bucket;
            self.sum += more * share * random.around_one();
            each(all);
        }
        each(self.sum);
        each(all);
    }
}

type LabelPairs = Vec<(&'static str, String)>;

/// The series of target `number`: their labels, and where their values come from.
fn target(number: usize) -> (Vec<LabelPairs>, Target) {
    let mut random = Random(number as u64 ^ 0x5851_f42d_4c95_7f2d);
    let job = JOBS[number % JOBS.len()];
    let common = [
        ("cluster", format!("eu-west-{}", number / 500 + 1)),
        ("instance", format!("10.{}.{}.{}:8080", number >> 12, number >> 6 & 63, number & 63)),
        ("job", job.to_owned()),
        ("namespace", format!("shop-{}", number / 20)),
        ("pod", format!("{job}-{:09x}-{:05x}", random.next() >> 28, random.next() >> 44)),
    ];
    let (mut labels, mut series) = (Vec::new(), Vec::new());
    let mut add = |name: &str, own: &[(&'static str, &str)], source: Source| {
        let mut pairs = vec![("__name__", name.to_owned())];
        pairs.extend(common.iter().cloned());
        pairs.extend(own.iter().map(|(name, value)| (*name, (*value).to_owned())));
        pairs.sort();
        labels.push(pairs);
        series.push(source);
    };
    add("up", &[], Source::Constant(1.0));
    for handler in HANDLERS {
        for method in METHODS {
            // From once in a while to hundreds a second, errors far fewer.
            let per_step = 10f64.powf(random.unit() * 5.0 - 1.0);
            for (code, share) in [("200", 1.0), ("500", 0.004)] {
                let value = (random.unit() * 1e6).floor();
                let own = [("code", code), ("handler", handler), ("method", method)];
                let source = Source::Counter { value, per_step: per_step * share };
                add("http_requests_total", &own, source);
            }
        }
    }
    for handler in HANDLERS {
        let per_step = 10f64.powf(random.unit() * 4.0);
        let buckets = SHARES.map(|share| (share * 1e6 * random.unit()).floor());
        let mut source = Source::Histogram(Box::new(Histogram { buckets, sum: 1234.5, per_step }));
        for bound in BOUNDS {
            let source = std::mem::replace(&mut source, Source::Part);
            add(
                "http_request_duration_seconds_bucket",
                &[("handler", handler), ("le", bound)],
                source,
            );
        }
        for name in ["http_request_duration_seconds_sum", "http_request_duration_seconds_count"] {
            add(name, &[("handler", handler)], Source::Part);
        }
    }
    let mut text = String::new();
    for cpu in 0..4 {
        for (mode, share) in MODES.into_iter().zip([0.2, 0.07, 0.01, 0.7]) {
            number_text(cpu, &mut text);
            let value = (random.unit() * 1e7).round() / 100.0;
            let own = [("cpu", text.as_str()), ("mode", mode)];
            add("node_cpu_seconds_total", &own, Source::Seconds { value, share });
        }
    }
    for queue in 0..12 {
        number_text(queue, &mut text);
        let source = Source::Walk { value: 40.0, unit: 0.01, reach: 0.5 };
        add("app_queue_latency_milliseconds", &[("queue", &text)], source);
    }
    for pool in 0..8 {
        number_text(pool, &mut text);
        let source = Source::Walk { value: 4096.0 * 25_000.0, unit: 4096.0, reach: 1e6 };
        add("app_memory_bytes", &[("pool", &text)], source);
    }
    for state in ["active", "idle", "waiting", "closing", "failed", "new"] {
        let source = Source::Walk { value: 12.0, unit: 1.0, reach: 1.4 };
        add("app_connections", &[("state", state)], source);
    }
    let build = [("revision", "3f1c9e0"), ("version", "2.14.3")];
    add("app_build_info", &build, Source::Constant(1.0));
    for resource in 0..16 {
        number_text(resource, &mut text);
        let source = Source::Constant(f64::from(1 << (resource % 8)) * 1000.0);
        add("app_limit", &[("resource", &text)], source);
    }
    debug_assert_eq!(labels.len(), SERIES_PER_TARGET, "the documented number");
    // Never on a full step, so that no range begins or ends on a sample.
    let offset_ms = 1 + (random.next() % (STEP_MS as u64 - 2)) as i64;
    (labels, Target { offset_ms, series, random })
}

fn number_text(number: usize, text: &mut String) {
    text.clear();
    let written = write!(text, "{number}");
    debug_assert!(written.is_ok(), "writing to memory does not fail");
}

/// Appends a `TimeSeries` with one sample and returns where the value stands.
fn encode_series(labels: &LabelPairs, out: &mut Vec<u8>) -> usize {
    let mut message = Vec::new();
    for (name, value) in labels {
        let mut pair = Vec::new();
        put_bytes(1, name.as_bytes(), &mut pair);
        put_bytes(2, value.as_bytes(), &mut pair);
        put_bytes(1, &pair, &mut message);
    }
    // Value and time have a fixed length: the varint of any time of this century has six bytes.
    let mut sample = vec![0x09, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0x80, 0x80, 0x80, 0x80, 0x80, 0];
    let sample_len = sample.len();
    put_bytes(2, &sample, &mut message);
    put_bytes(1, &message, out);
    sample.clear();
    out.len() - sample_len + 1
}

fn put_bytes(field: u8, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(field << 3 | 2);
    let mut length = bytes.len();
    while length >= 0x80 {
        out.push(length as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
    out.extend_from_slice(bytes);
}

/// Writes a time, in ms, as a varint of just the length of `out`.
fn put_time(at: i64, out: &mut [u8]) {
    let last = out.len() - 1;
    for (index, byte) in out.iter_mut().enumerate() {
        let more = if index < last { 0x80 } else { 0 };
        *byte = (at >> (7 * index)) as u8 & 0x7f | more;
    }
}

/// A small generator of random numbers (SplitMix64).
#[derive(Clone, Debug)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to below 1.
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// From 0.5 to 1.5.
    fn around_one(&mut self) -> f64 {
        0.5 + self.unit()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_the_same_each_time_and_differs_by_step() {
        let (mut a, mut b) = (RequestStream::new(0..2), RequestStream::new(0..2));
        let first = a.next(1_700_000_000_000).unwrap().to_vec();
        assert_eq!(first, b.next(1_700_000_000_000).unwrap());
        assert_ne!(first, a.next(1_700_000_015_000).unwrap());
    }

    #[test]
    fn a_request_has_a_sample_for_each_series() {
        let mut stream = RequestStream::new(3..5);
        let packed = stream.next(1_700_000_000_000).unwrap();
        let plain = snap::raw::Decoder::new().decompress_vec(packed).unwrap();
        let (mut rest, mut series) = (plain.as_slice(), 0);
        while !rest.is_empty() {
            assert_eq!(rest[0], 0x0a, "a series");
            let length = usize::from(rest[1] & 0x7f) | usize::from(rest[2]) << 7;
            let message = &rest[3..3 + length];
            // Its last field is the sample: tag, length, value, time.
            let sample = &message[length - 18..];
            assert_eq!((sample[0], sample[1], sample[2], sample[11]), (0x12, 16, 0x09, 0x10));
            let at = (0..6).fold(0i64, |at, i| at | i64::from(sample[12 + i] & 0x7f) << (7 * i));
            assert!((1_700_000_000_001..1_700_000_015_000).contains(&at), "{at}");
            rest = &rest[3 + length..];
            series += 1;
        }
        assert_eq!(series, 2 * SERIES_PER_TARGET);
    }

    #[test]
    fn buckets_are_cumulative() {
        let (labels, mut target) = target(7);
        let mut values = Vec::new();
        target.scrape(|value| values.push(value));
        assert_eq!(values.len(), labels.len());
        let first = labels.iter().position(|pairs| pairs.iter().any(|p| p.0 == "le")).unwrap();
        let buckets = &values[first..first + BOUNDS.len()];
        assert!(buckets.is_sorted(), "{buckets:?}");
        assert_eq!(buckets[BOUNDS.len() - 1], values[first + BOUNDS.len() + 1], "the count");
    }
}
