//! `prometheus.WriteRequest`: each series brings its labels along.

use std::sync::Arc;

use model::{Exemplar, LabelsBuilder, METRIC_NAME, MetricMetadata, SampleBatch, Timestamp};

use super::decode::{Decoded, Pair, kind, label_set, series_labels};
use super::native;
use crate::protobuf::{Field, Fields, WireError};

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
    let message = match PlainLabels::split_off(message) {
        Some((labels, rest)) if labels.begin_series(&mut decoded.batch) => rest,
        _ => {
            scratch.pairs.clear();
            for field in Fields::of(message) {
                let field = field?;
                if field.number == 1 {
                    scratch.pairs.push(pair(field.bytes()?)?);
                }
            }
            match series_labels(&scratch.pairs, &mut scratch.labels) {
                Ok(labels) => decoded.batch.begin_series(&labels),
                Err(reason) => {
                    decoded.invalid.add(1, || reason);
                    return Ok(());
                }
            }
            message
        }
    };
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

/// The labels of a series as every sender writes them: before all else, sorted,
/// in valid UTF-8, and each so short that its lengths are single bytes. Then the
/// whole of them is one text, of which names and values are slices.
#[derive(Clone, Copy)]
struct PlainLabels<'a> {
    text: &'a str,
}

impl<'a> PlainLabels<'a> {
    const LABEL: u8 = 1 << 3 | 2;
    const NAME: u8 = 1 << 3 | 2;
    const VALUE: u8 = 2 << 3 | 2;

    /// Splits labels and the rest of a series; `None` where labels are written in
    /// another way, which need not be wrong.
    fn split_off(message: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let mut end = 0;
        while message.get(end) == Some(&Self::LABEL) {
            let length = *message.get(end + 1)?;
            if length >= 0x80 {
                return None;
            }
            end += 2 + usize::from(length);
        }
        let (labels, rest) = message.split_at_checked(end)?;
        // More labels behind a sample are allowed, but nobody does that.
        let is_label =
            |field: Result<Field<'_>, WireError>| !matches!(field, Ok(f) if f.number != 1);
        if Fields::of(rest).any(is_label) {
            return None;
        }
        Some((Self { text: str::from_utf8(labels).ok()? }, rest))
    }

    /// Begins a series with these labels; returns whether it could.
    fn begin_series(self, batch: &mut SampleBatch) -> bool {
        let has_name = self.pairs().any(|(name, _)| name == METRIC_NAME);
        has_name && batch.begin_series_sorted(self.pairs())
    }

    /// The pairs; what is written in another way becomes an empty one, which no
    /// series has.
    fn pairs(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let mut rest = self.text;
        std::iter::from_fn(move || {
            let pair = (!rest.is_empty()).then(|| Self::take_pair(&mut rest).unwrap_or_default());
            if pair == Some(("", "")) {
                rest = "";
            }
            pair
        })
    }

    fn take_pair(rest: &mut &'a str) -> Option<(&'a str, &'a str)> {
        let bytes = rest.as_bytes();
        let end = 2 + usize::from(*bytes.get(1)?);
        let name_end = 4 + usize::from(*bytes.get(3)?);
        let value_end = name_end + 2 + usize::from(*bytes.get(name_end + 1)?);
        let is_plain = bytes[2] == Self::NAME
            && bytes[name_end] == Self::VALUE
            && bytes[name_end + 1] < 0x80
            && value_end == end;
        let pair = is_plain.then_some((rest.get(4..name_end)?, rest.get(name_end + 2..value_end)?));
        *rest = rest.get(end..)?;
        pair
    }
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

    /// Labels that are plain and such that are not, in any order.
    fn labels() -> impl Strategy<Value = Vec<proto::Label>> {
        let text = prop_oneof![
            8 => "[a-cä]{1,3}",
            2 => Just("__name__".to_owned()),
            1 => Just(String::new()),
            1 => "x{120,140}",
        ];
        let pairs = proptest::collection::btree_map(text.clone(), text, 0..5);
        (pairs, any::<bool>()).prop_map(|(pairs, is_reversed)| {
            let mut labels: Vec<_> = pairs.iter().map(|(name, value)| label(name, value)).collect();
            if is_reversed {
                labels.reverse();
            }
            labels
        })
    }

    proptest! {
        #[test]
        fn plain_labels_are_read_as_others(labels in labels(), value in any::<i32>()) {
            let sample = proto::Sample { value: f64::from(value), timestamp: 1 };
            let series = proto::TimeSeries { labels, samples: vec![sample], ..Default::default() };
            let plain = series.encode_to_vec();
            // With the sample in front, labels are not plain.
            let mut other = proto::TimeSeries { labels: Vec::new(), ..series.clone() }.encode_to_vec();
            other.extend(proto::TimeSeries { samples: Vec::new(), ..series }.encode_to_vec());
            let read = |message: &[u8]| {
                let mut body = vec![0x0a];
                prost::encoding::encode_varint(message.len() as u64, &mut body);
                body.extend_from_slice(message);
                let decoded = decode(&body, Message::V1).unwrap();
                let views = decoded.batch.series();
                let views = views.map(|v| (v.labels.to_labels(), v.hash, v.values.to_vec()));
                (views.collect::<Vec<_>>(), decoded.invalid.reasons)
            };
            prop_assert_eq!(read(&plain), read(&other));
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = decode(&bytes, Message::V1);
        }
    }
}
