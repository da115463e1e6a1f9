//! `prometheus.WriteRequest`: each series brings its labels along.

use std::sync::Arc;

use model::{Exemplar, LabelsBuilder, MetricMetadata, SampleBatch, Timestamp};

use super::decode::{Decoded, Pair, kind, label_set, series_labels};
use super::native;
use crate::protobuf::{Fields, WireError};

/// Reads a request into `decoded`.
pub(super) fn decode(body: &[u8], decoded: &mut Decoded) -> Result<(), WireError> {
    let mut scratch = Scratch::default();
    for field in Fields::of(body) {
        let field = field?;
        match field.number {
            1 => series(field.bytes()?, &mut scratch, decoded)?,
            3 => decoded.batch.push_metadata(metadata(field.bytes()?)?),
            _ => {}
        }
    }
    Ok(())
}

#[derive(Default)]
struct Scratch<'a> {
    pairs: Vec<Pair<'a>>,
    labels: LabelsBuilder,
}

fn series<'a>(
    message: &'a [u8],
    scratch: &mut Scratch<'a>,
    decoded: &mut Decoded,
) -> Result<(), WireError> {
    scratch.pairs.clear();
    for field in Fields::of(message) {
        let field = field?;
        if field.number == 1 {
            scratch.pairs.push(pair(field.bytes()?)?);
        }
    }
    let labels = match series_labels(&scratch.pairs, &mut scratch.labels) {
        Ok(labels) => labels,
        Err(reason) => {
            decoded.invalid.add(1, || reason);
            return Ok(());
        }
    };
    decoded.batch.begin_series(&labels);
    for field in Fields::of(message) {
        let field = field?;
        match field.number {
            2 => sample(field.bytes()?, &mut decoded.batch)?,
            3 => exemplar(field.bytes()?, scratch, decoded)?,
            4 => {
                let sample = native::decode(field.bytes()?)?;
                decoded.batch.push_histogram(sample.timestamp, Arc::new(sample.histogram));
            }
            _ => {}
        }
    }
    Ok(())
}

fn pair(message: &[u8]) -> Result<Pair<'_>, WireError> {
    let (mut name, mut value) = (&[][..], &[][..]);
    for field in Fields::of(message) {
        let field = field?;
        match field.number {
            1 => name = field.bytes()?,
            2 => value = field.bytes()?,
            _ => {}
        }
    }
    Ok((name, value))
}

fn sample(message: &[u8], batch: &mut SampleBatch) -> Result<(), WireError> {
    let (mut value, mut timestamp) = (0.0, 0);
    for field in Fields::of(message) {
        let field = field?;
        match field.number {
            1 => value = field.double()?,
            2 => timestamp = field.int64()?,
            _ => {}
        }
    }
    batch.push(Timestamp::from_millis(timestamp), value);
    Ok(())
}

fn exemplar<'a>(
    message: &'a [u8],
    scratch: &mut Scratch<'a>,
    decoded: &mut Decoded,
) -> Result<(), WireError> {
    scratch.pairs.clear();
    let (mut value, mut timestamp) = (0.0, 0);
    for field in Fields::of(message) {
        let field = field?;
        match field.number {
            1 => scratch.pairs.push(pair(field.bytes()?)?),
            2 => value = field.double()?,
            3 => timestamp = field.int64()?,
            _ => {}
        }
    }
    let timestamp = Timestamp::from_millis(timestamp);
    match label_set(&scratch.pairs, &mut scratch.labels) {
        Ok(labels) => decoded.batch.push_exemplar(Exemplar { labels, value, timestamp }),
        Err(reason) => decoded.invalid.add(1, || format!("exemplar: {reason}")),
    }
    Ok(())
}

fn metadata(message: &[u8]) -> Result<MetricMetadata, WireError> {
    let text = |bytes| String::from_utf8_lossy(bytes).as_ref().into();
    let mut metadata = MetricMetadata {
        family: "".into(),
        kind: model::MetricKind::Unknown,
        unit: "".into(),
        help: "".into(),
    };
    for field in Fields::of(message) {
        let field = field?;
        match field.number {
            1 => metadata.kind = kind(field.varint()?),
            2 => metadata.family = text(field.bytes()?),
            4 => metadata.help = text(field.bytes()?),
            5 => metadata.unit = text(field.bytes()?),
            _ => {}
        }
    }
    Ok(metadata)
}

#[cfg(test)]
mod tests {
    use super::super::decode::{Message, decode};
    use super::super::proto;
    use proptest::prelude::*;
    use prost::Message as _;

    fn label(name: &str, value: &str) -> proto::Label {
        proto::Label { name: name.into(), value: value.into() }
    }

    fn request(timeseries: Vec<proto::TimeSeries>) -> Vec<u8> {
        proto::WriteRequest { timeseries, metadata: Vec::new() }.encode_to_vec()
    }

    #[test]
    fn good_series_are_kept_and_bad_ones_named() {
        let sample = proto::Sample { value: 1.5, timestamp: 7 };
        let series =
            |labels| proto::TimeSeries { labels, samples: vec![sample], ..Default::default() };
        let body = request(vec![
            series(vec![label("__name__", "up"), label("job", "a")]),
            series(vec![label("job", "a")]),
            series(vec![label("__name__", "up"), label("x", "1"), label("x", "2")]),
            series(vec![label("__name__", "up"), label("", "1")]),
        ]);
        let decoded = decode(&body, Message::V1).unwrap();
        assert_eq!(decoded.batch.series_len(), 1);
        assert_eq!(decoded.batch.view(0).labels.to_string(), r#"up{job="a"}"#);
        assert_eq!(decoded.batch.view(0).values, [1.5]);
        assert_eq!(decoded.invalid.count, 3);
        let examples = &decoded.invalid.reasons;
        assert!(examples[1].contains("\"x\" stands twice"), "{examples:?}");
    }

    #[test]
    fn a_label_that_is_no_text_costs_its_series_only() {
        let mut body = request(vec![
            proto::TimeSeries { labels: vec![label("__name__", "zzzz")], ..Default::default() },
            proto::TimeSeries { labels: vec![label("__name__", "up")], ..Default::default() },
        ]);
        let at = body.windows(4).position(|window| window == b"zzzz").unwrap();
        body[at] = 0xff;
        let decoded = decode(&body, Message::V1).unwrap();
        assert_eq!((decoded.batch.series_len(), decoded.invalid.count), (1, 1));
        assert!(decoded.invalid.reasons[0].contains("UTF-8"), "{:?}", decoded.invalid);
    }

    #[test]
    fn a_request_that_is_cut_short_is_none() {
        let sample = proto::Sample { value: 1.5, timestamp: 7 };
        let body = request(vec![proto::TimeSeries {
            labels: vec![label("__name__", "up")],
            samples: vec![sample],
            ..Default::default()
        }]);
        for end in 1..body.len() {
            assert!(decode(&body[..end], Message::V1).is_err(), "{end}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = decode(&bytes, Message::V1);
        }
    }
}
