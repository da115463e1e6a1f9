//! Records that are written are records that are read, and damage is noticed.

use proptest::prelude::*;

use super::*;

#[derive(Debug, Default, PartialEq)]
struct Seen {
    series: Vec<(u32, Labels)>,
    samples: Vec<(u32, i64, u64, Order)>,
    histograms: Vec<(u32, i64, Arc<Histogram>, Order)>,
}

impl PortionVisitor for Seen {
    fn series(&mut self, slot: u32, labels: &LabelsRef) {
        self.series.push((slot, labels.to_labels()));
    }

    fn sample(&mut self, slot: u32, timestamp: i64, value: f64, order: Order) {
        self.samples.push((slot, timestamp, value.to_bits(), order));
    }

    fn histogram(&mut self, slot: u32, timestamp: i64, histogram: Arc<Histogram>, order: Order) {
        self.histograms.push((slot, timestamp, histogram, order));
    }
}

fn visited(payload: &[u8]) -> Result<(u64, usize, Seen), Malformed> {
    let record = Record::decode(payload)?;
    let Body::Portion { shard, portion } = record.body else { return Err(Malformed) };
    let mut seen = Seen::default();
    portion.visit(&mut seen)?;
    Ok((record.sequence, shard, seen))
}

fn sample() -> impl Strategy<Value = (u32, i64, u64, Order)> {
    let time = prop_oneof![any::<i64>(), (0i64..5).prop_map(|step| step * 15_000)];
    let bits = prop_oneof![any::<u64>(), (0u32..1000).prop_map(|v| f64::from(v).to_bits())];
    let order = prop_oneof![Just(Order::InOrder), Just(Order::Late)];
    (prop_oneof![0u32..4, 0u32..1 << 28], time, bits, order)
}

proptest! {
    #[test]
    fn a_portion_returns(
        sequence in any::<u64>(),
        series in prop::collection::vec((any::<u32>(), "[a-z]{1,9}"), 0..5),
        samples in prop::collection::vec(sample(), 0..50),
        histogram_time in prop::option::of(any::<i64>()),
    ) {
        let mut expected = Seen { samples, ..Seen::default() };
        let mut encoder = PortionEncoder::default();
        for (slot, value) in series {
            let labels = Labels::from_pairs([("__name__", value)]);
            encoder.add_series(slot, &labels);
            expected.series.push((slot, labels));
        }
        for (slot, timestamp, bits, order) in &expected.samples {
            encoder.add_sample(*slot, *timestamp, f64::from_bits(*bits), *order);
        }
        if let Some(timestamp) = histogram_time {
            let mut histogram = Histogram::new(3);
            histogram.positive.push(-5, 2.0);
            histogram.positive.push(9, 0.5);
            histogram.count = 2.5;
            histogram.sum = -1.25;
            encoder.add_histogram(7, timestamp, &histogram, Order::Late);
            expected.histograms.push((7, timestamp, Arc::new(histogram), Order::Late));
        }
        let mut payload = Vec::new();
        encoder.encode(5, sequence, &mut payload);
        prop_assert_eq!(visited(&payload), Ok((sequence, 5, expected)));
        for end in 0..payload.len() {
            prop_assert!(visited(&payload[..end]).is_err(), "cut at {}", end);
        }
    }

    #[test]
    fn random_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = visited(&bytes);
        for kind in [PORTION, EXEMPLARS, METADATA, DELETE] {
            let mut payload = vec![kind];
            payload.extend_from_slice(&bytes);
            if let Ok(Record { body: Body::Portion { portion, .. }, .. }) = Record::decode(&payload) {
                let _ = portion.visit(&mut Seen::default());
            }
        }
    }
}

#[test]
fn the_other_kinds_return() {
    let series = Labels::from_pairs([("__name__", "a")]);
    let exemplar = Exemplar {
        labels: Labels::from_pairs([("trace_id", "1")]),
        value: 0.1,
        timestamp: Timestamp::from_millis(-3),
    };
    let mut payload = Vec::new();
    encode_exemplars([(&*series, &exemplar)].into_iter(), 9, &mut payload);
    let record = Record::decode(&payload).unwrap();
    assert!(matches!(record.body, Body::Exemplars(all) if all == [(series, exemplar)]));

    for kind in KINDS {
        let metadata = MetricMetadata {
            family: "a".into(),
            kind,
            unit: "seconds".into(),
            help: "what\nit means".into(),
        };
        payload.clear();
        encode_metadata([&metadata].into_iter(), 9, &mut payload);
        let record = Record::decode(&payload).unwrap();
        assert!(matches!(record.body, Body::Metadata(all) if all == [metadata]));
    }

    let deleted = TimeRange::new(Timestamp::from_millis(-5), Timestamp::MAX);
    payload.clear();
    encode_delete(15, &[3, 1, 1 << 27], deleted, u64::MAX, &mut payload);
    let record = Record::decode(&payload).unwrap();
    assert_eq!(record.sequence, u64::MAX);
    assert!(matches!(
        record.body,
        Body::Delete { shard: 15, range, slots } if range == deleted && slots == [3, 1, 1 << 27]
    ));
}
