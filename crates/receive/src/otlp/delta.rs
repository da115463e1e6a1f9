//! From delta points to cumulative ones: what each stream has added up to.
//!
//! A store of Prometheus' kind wants sums since a start, delta senders say what
//! came since their last point. So the sum of each stream is kept here, in
//! memory: after a restart it starts at zero again, which readers take for the
//! counter reset that it is. A stream that has not been heard of for
//! [`Limits::idle_max`] is forgotten; one more than [`Limits::streams_max`] is refused.

use std::time::{Duration, Instant};

use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use model::histogram::{CountFlavor, ResetHint};
use model::{Histogram, SeriesHash};
use parking_lot::Mutex;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// How often idle streams are looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// How much is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most streams.
    pub streams_max: usize,
    /// For how long a stream may be silent.
    pub idle_max: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { streams_max: 500_000, idle_max: Duration::from_secs(15 * 60) }
    }
}

/// A delta point that can't be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum DeltaFault {
    #[error("a delta point is not later than the one before")]
    OutOfOrder,
    #[error("the limit of delta streams is reached; send cumulative temporality")]
    TooManyStreams,
}

/// What points add up to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Sum {
    Number(f64),
    Classic(Classic),
    Native(Box<Histogram>),
}

/// A histogram with explicit bounds.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Classic {
    pub(super) bounds: Vec<f64>,
    pub(super) counts: Vec<u64>,
    pub(super) count: u64,
    pub(super) sum: Option<f64>,
}

/// A point of a stream, and afterwards the stream's sum. Times in ns.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Point {
    pub(super) start_ns: u64,
    pub(super) time_ns: u64,
    pub(super) sum: Sum,
}

#[derive(Debug)]
struct Stream {
    total: Point,
    heard: Instant,
}

/// The sums of all streams.
#[derive(Debug)]
pub struct DeltaSums {
    streams: Mutex<Streams>,
    limits: Limits,
    live: Gauge,
    refused: Counter,
}

#[derive(Debug)]
struct Streams {
    by_hash: HashMap<SeriesHash, Stream>,
    swept: Instant,
}

impl DeltaSums {
    /// Nothing remembered yet.
    pub fn new(limits: Limits) -> Self {
        let streams = Streams { by_hash: HashMap::new(), swept: Instant::now() };
        Self {
            streams: Mutex::new(streams),
            limits,
            live: Gauge::default(),
            refused: Counter::default(),
        }
    }

    /// Shows what is counted on a registry.
    pub fn register_metrics(&self, registry: &mut Registry) {
        registry.register(
            "bellwether_otlp_delta_streams",
            "Streams of delta points whose sums are remembered",
            self.live.clone(),
        );
        registry.register(
            "bellwether_otlp_delta_points_refused",
            "Delta points that could not be added: late ones, and streams over the limit",
            self.refused.clone(),
        );
    }

    /// Adds a point to its stream and gives the stream's sum. A point that was
    /// added last is not added again: the sender repeated a request.
    pub(super) fn add(&self, stream: SeriesHash, point: Point) -> Result<Point, DeltaFault> {
        self.add_at(stream, point, Instant::now())
    }

    fn add_at(&self, stream: SeriesHash, point: Point, now: Instant) -> Result<Point, DeltaFault> {
        let mut streams = self.streams.lock();
        if now.duration_since(streams.swept) >= SWEEP_EVERY {
            let idle_max = self.limits.idle_max;
            streams.by_hash.retain(|_, stream| now.duration_since(stream.heard) <= idle_max);
            streams.swept = now;
        }
        let is_full = streams.by_hash.len() >= self.limits.streams_max;
        let result = match streams.by_hash.entry(stream) {
            Entry::Vacant(_) if is_full => Err(DeltaFault::TooManyStreams),
            Entry::Vacant(entry) => {
                entry.insert(Stream { total: point.clone(), heard: now });
                Ok(point)
            }
            Entry::Occupied(mut entry) => entry.get_mut().add(point, now),
        };
        self.live.set(streams.by_hash.len() as i64);
        if result.is_err() {
            self.refused.inc();
        }
        result
    }
}

impl Stream {
    fn add(&mut self, point: Point, now: Instant) -> Result<Point, DeltaFault> {
        self.heard = now;
        let total = &mut self.total;
        if point.time_ns == total.time_ns {
            return Ok(total.clone());
        }
        if point.time_ns < total.time_ns {
            return Err(DeltaFault::OutOfOrder);
        }
        if total.sum.add(&point.sum) {
            total.time_ns = point.time_ns;
        } else {
            // The sender changed its buckets: a new counter begins.
            *total = point;
        }
        Ok(total.clone())
    }
}

impl Sum {
    /// Adds `more`; whether that was possible.
    fn add(&mut self, more: &Self) -> bool {
        match (self, more) {
            (Self::Number(total), Self::Number(more)) => {
                *total += more;
                true
            }
            (Self::Classic(total), Self::Classic(more)) => total.add(more),
            (Self::Native(total), Self::Native(more)) => {
                let bounds_fit = total.custom_bounds == more.custom_bounds;
                let is_added = bounds_fit && total.add(more).is_ok();
                total.compact();
                total.flavor = CountFlavor::Integer;
                total.reset_hint = ResetHint::Unknown;
                is_added
            }
            _ => false,
        }
    }
}

impl Classic {
    fn add(&mut self, more: &Self) -> bool {
        if self.bounds != more.bounds || self.counts.len() != more.counts.len() {
            return false;
        }
        for (total, more) in self.counts.iter_mut().zip(&more.counts) {
            *total = total.saturating_add(*more);
        }
        self.count = self.count.saturating_add(more.count);
        self.sum = self.sum.zip(more.sum).map(|(total, more)| total + more);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: SeriesHash = SeriesHash(1);

    fn number(time_ns: u64, value: f64) -> Point {
        Point { start_ns: 1, time_ns, sum: Sum::Number(value) }
    }

    fn sums(streams_max: usize) -> DeltaSums {
        DeltaSums::new(Limits { streams_max, ..Limits::default() })
    }

    #[test]
    fn points_add_up_from_the_first_start_on() {
        let sums = sums(9);
        assert_eq!(sums.add(STREAM, number(10, 1.0)), Ok(number(10, 1.0)));
        let later = Point { start_ns: 10, ..number(20, 2.0) };
        assert_eq!(sums.add(STREAM, later), Ok(number(20, 3.0)));
        // A repeated request changes nothing, an old one is refused.
        assert_eq!(sums.add(STREAM, number(20, 2.0)), Ok(number(20, 3.0)));
        assert_eq!(sums.add(STREAM, number(15, 2.0)), Err(DeltaFault::OutOfOrder));
        assert_eq!(sums.add(STREAM, number(30, 1.0)), Ok(number(30, 4.0)));
        assert_eq!(sums.refused.get(), 1);
    }

    #[test]
    fn one_stream_too_many_is_refused_until_another_falls_silent() {
        let sums = sums(1);
        assert!(sums.add(STREAM, number(1, 1.0)).is_ok());
        let other = SeriesHash(2);
        assert_eq!(sums.add(other, number(1, 1.0)), Err(DeltaFault::TooManyStreams));
        assert!(sums.add(STREAM, number(2, 1.0)).is_ok(), "a known stream goes on");
        let later = Instant::now() + Limits::default().idle_max + SWEEP_EVERY;
        assert!(sums.add_at(other, number(3, 1.0), later).is_ok());
        assert_eq!(sums.live.get(), 1);
    }

    #[test]
    fn histograms_add_up_and_start_anew_with_new_bounds() {
        let classic = |bounds: &[f64], counts: &[u64]| {
            let count = counts.iter().sum();
            let (bounds, counts) = (bounds.to_vec(), counts.to_vec());
            Sum::Classic(Classic { bounds, counts, count, sum: Some(count as f64) })
        };
        let sums = sums(9);
        let add = |time_ns, sum| {
            sums.add(STREAM, Point { start_ns: time_ns, time_ns, sum })
                .map(|point| (point.start_ns, point.sum))
        };
        assert_eq!(add(1, classic(&[1.0], &[1, 2])), Ok((1, classic(&[1.0], &[1, 2]))));
        assert_eq!(add(2, classic(&[1.0], &[3, 0])), Ok((1, classic(&[1.0], &[4, 2]))));
        assert_eq!(add(3, classic(&[2.0], &[3, 0])), Ok((3, classic(&[2.0], &[3, 0]))));
    }

    #[test]
    fn native_histograms_meet_at_the_coarser_scale() {
        let native = |schema, index| {
            let mut histogram = Histogram::new(schema);
            histogram.positive.push(index, 1.0);
            histogram.count = 1.0;
            Sum::Native(Box::new(histogram))
        };
        let sums = sums(9);
        sums.add(STREAM, Point { start_ns: 0, time_ns: 1, sum: native(1, 3) }).unwrap();
        let total = sums.add(STREAM, Point { start_ns: 1, time_ns: 2, sum: native(0, 2) }).unwrap();
        let Sum::Native(total) = total.sum else { panic!("{total:?}") };
        assert_eq!((total.schema, total.count), (0, 2.0));
        assert_eq!(total.positive.iter().collect::<Vec<_>>(), [(2, 2.0)]);
        assert_eq!(total.validate(), Ok(()));
    }
}
