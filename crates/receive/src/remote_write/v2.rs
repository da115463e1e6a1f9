//! `io.prometheus.write.v2.Request`: strings stand once in a table, and series
//! refer to them.

use std::collections::HashSet;
use std::sync::Arc;

use model::{
    Exemplar, LabelsBuilder, METRIC_NAME, MetricKind, MetricMetadata, SampleBatch, Timestamp,
};

use super::decode::{DecodeError, Decoded, Pair, kind, label_set, series_labels};
use super::native;
use crate::protobuf::{Fields, WireError};

/// Reads a request, whose labels may take `labels_bytes_max`, into `decoded`.
pub(super) fn decode(
    body: &[u8],
    labels_bytes_max: usize,
    decoded: &mut Decoded,
) -> Result<(), DecodeError> {
    let allowance = Allowance { left: labels_bytes_max, max_bytes: labels_bytes_max };
    let mut reader = Reader { allowance, ..Reader::default() };
    // The table may stand behind the series that refer to it.
    for field in Fields::of(body) {
        let field = field?;
        if field.number == 4 {
            let bytes = field.bytes()?;
            reader.symbols.push(Symbol { bytes, text: str::from_utf8(bytes).ok() });
        }
    }
    for field in Fields::of(body) {
        let field = field?;
        if field.number == 5 {
            reader.series(field.bytes()?, decoded)?;
        }
    }
    Ok(())
}

/// A string of the table, which is checked once and used often.
#[derive(Clone, Copy)]
struct Symbol<'a> {
    bytes: &'a [u8],
    text: Option<&'a str>,
}

#[derive(Default)]
struct Reader<'a> {
    symbols: Vec<Symbol<'a>>,
    refs: Vec<u32>,
    pairs: Vec<Pair<'a>>,
    /// The same pairs; shorter where one is no text.
    texts: Vec<(&'a str, &'a str)>,
    labels: LabelsBuilder,
    /// Metadata comes with each series; a family's is kept once.
    seen: HashSet<(Arc<str>, Metadata)>,
    allowance: Allowance,
}

/// The bytes that strings may still take in the batch.
#[derive(Default)]
struct Allowance {
    left: usize,
    max_bytes: usize,
}

impl Allowance {
    fn spend(&mut self, bytes: usize) -> Result<(), DecodeError> {
        let left = self.left.checked_sub(bytes);
        self.left = left.ok_or(DecodeError::Expanded { max_bytes: self.max_bytes })?;
        Ok(())
    }
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
struct Metadata {
    kind: MetricKind,
    help: u32,
    unit: u32,
}

impl<'a> Reader<'a> {
    fn series(&mut self, message: &'a [u8], decoded: &mut Decoded) -> Result<(), DecodeError> {
        self.refs.clear();
        let (mut metadata, mut created) = (None, 0);
        let mut has_sample = false;
        for field in Fields::of(message) {
            let field = field?;
            match field.number {
                1 => field.each_varint(|index| self.refs.push(narrow(index)))?,
                2 | 3 => has_sample = true,
                5 => metadata = Some(read_metadata(field.bytes()?)?),
                6 => created = field.int64()?,
                _ => {}
            }
        }
        let resolved = self.resolve();
        self.allowance.spend(self.pairs_bytes())?;
        let resolved = resolved.and_then(|()| match has_sample {
            true => Ok(()),
            // As Prometheus does; what comes beside, such as metadata, is then nobody's.
            false => Err(format!("series {:?} has neither a sample nor a histogram", self.texts)),
        });
        if let Err(reason) = resolved.and_then(|()| self.begin_series(&mut decoded.batch)) {
            decoded.invalid.add(1, || reason);
            return Ok(());
        }
        let metric = self.texts.iter().find(|(name, _)| *name == METRIC_NAME);
        let metric = metric.map_or("", |(_, value)| *value);
        let mut start = (created != 0).then_some(Timestamp::from_millis(created));
        for field in Fields::of(message) {
            let field = field?;
            match field.number {
                2 => start = sample(field.bytes()?, &mut decoded.batch)?.or(start),
                3 => {
                    let sample = native::decode(field.bytes()?)?;
                    start = sample.start.or(start);
                    decoded.batch.push_histogram(sample.timestamp, Arc::new(sample.histogram));
                }
                4 => self.exemplar(field.bytes()?, decoded)?,
                _ => {}
            }
        }
        if let Some(start) = start {
            decoded.batch.set_created(start);
        }
        if let Some(metadata) = metadata {
            self.metadata(metric, metadata, decoded)?;
        }
        Ok(())
    }

    /// Begins a series with the labels in `pairs`: straight in the batch where
    /// they are as every sender writes them, otherwise with a look at what is wrong.
    fn begin_series(&mut self, batch: &mut SampleBatch) -> Result<(), String> {
        let is_plain = self.texts.len() == self.pairs.len()
            && self.texts.iter().any(|(name, _)| *name == METRIC_NAME);
        if !is_plain || !batch.begin_series_sorted(self.texts.iter().copied()) {
            batch.begin_series(&series_labels(&self.pairs, &mut self.labels)?);
        }
        Ok(())
    }

    /// Fills `pairs` and `texts` with what `refs` refer to.
    fn resolve(&mut self) -> Result<(), String> {
        self.pairs.clear();
        self.texts.clear();
        let (refs, rest) = self.refs.as_chunks::<2>();
        if !rest.is_empty() {
            return Err(format!("labels {:?} have a name without a value", self.refs));
        }
        for [name, value] in refs {
            let (name, value) = (self.symbol(*name)?, self.symbol(*value)?);
            self.pairs.push((name.bytes, value.bytes));
            self.texts.extend(name.text.zip(value.text));
        }
        Ok(())
    }

    fn pairs_bytes(&self) -> usize {
        self.pairs.iter().map(|(name, value)| name.len() + value.len()).sum()
    }

    fn symbol(&self, index: u32) -> Result<Symbol<'a>, String> {
        self.symbols.get(index as usize).copied().ok_or_else(|| {
            format!(
                "labels {:?} refer to symbol {index}, but the table has {}",
                self.refs,
                self.symbols.len()
            )
        })
    }

    fn exemplar(&mut self, message: &[u8], decoded: &mut Decoded) -> Result<(), DecodeError> {
        self.refs.clear();
        let (mut value, mut timestamp) = (0.0, 0);
        for field in Fields::of(message) {
            let field = field?;
            match field.number {
                1 => field.each_varint(|index| self.refs.push(narrow(index)))?,
                2 => value = field.double()?,
                3 => timestamp = field.int64()?,
                _ => {}
            }
        }
        let timestamp = Timestamp::from_millis(timestamp);
        let resolved = self.resolve();
        self.allowance.spend(self.pairs_bytes())?;
        match resolved.and_then(|()| label_set(&self.pairs, &mut self.labels)) {
            Ok(labels) => decoded.batch.push_exemplar(Exemplar { labels, value, timestamp }),
            Err(reason) => decoded.invalid.add(1, || format!("exemplar: {reason}")),
        }
        Ok(())
    }

    fn metadata(
        &mut self,
        metric: &str,
        metadata: Metadata,
        decoded: &mut Decoded,
    ) -> Result<(), DecodeError> {
        let (Some(help), Some(unit)) =
            (self.symbols.get(metadata.help as usize), self.symbols.get(metadata.unit as usize))
        else {
            decoded.invalid.add(1, || {
                format!(
                    "metadata of {metric} refers to symbols {} and {}, but the table has {}",
                    metadata.help,
                    metadata.unit,
                    self.symbols.len()
                )
            });
            return Ok(());
        };
        if metadata == Metadata::default() {
            return Ok(());
        }
        let family: Arc<str> = family(metric, metadata.kind).into();
        if self.seen.insert((Arc::clone(&family), metadata)) {
            self.allowance.spend(help.bytes.len() + unit.bytes.len())?;
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).as_ref().into();
            let (unit, help) = (text(unit.bytes), text(help.bytes));
            let kind = metadata.kind;
            decoded.batch.push_metadata(MetricMetadata { family, kind, unit, help });
        }
        Ok(())
    }
}

/// A reference; one that is too large to be one refers to nothing.
fn narrow(index: u64) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// The family of a series: without what its type adds to the name.
fn family(metric: &str, kind: MetricKind) -> &str {
    let suffixes: &[&str] = match kind {
        MetricKind::Histogram => &["_bucket", "_sum", "_count"],
        MetricKind::GaugeHistogram => &["_bucket", "_gsum", "_gcount"],
        MetricKind::Summary => &["_sum", "_count"],
        _ => &[],
    };
    suffixes.iter().find_map(|suffix| metric.strip_suffix(suffix)).unwrap_or(metric)
}

fn read_metadata(message: &[u8]) -> Result<Metadata, WireError> {
    let mut metadata = Metadata::default();
    for field in Fields::of(message) {
        let field = field?;
        match field.number {
            1 => metadata.kind = kind(field.varint()?),
            3 => metadata.help = narrow(field.varint()?),
            4 => metadata.unit = narrow(field.varint()?),
            _ => {}
        }
    }
    Ok(metadata)
}

/// Reads a sample; gives when its counter started, where it says so.
fn sample(message: &[u8], batch: &mut SampleBatch) -> Result<Option<Timestamp>, WireError> {
    let (mut value, mut timestamp, mut start) = (0.0, 0, 0);
    for field in Fields::of(message) {
        let field = field?;
        match field.number {
            1 => value = field.double()?,
            2 => timestamp = field.int64()?,
            3 => start = field.int64()?,
            _ => {}
        }
    }
    batch.push(Timestamp::from_millis(timestamp), value);
    Ok((start != 0).then_some(Timestamp::from_millis(start)))
}

#[cfg(test)]
mod tests {
    use super::super::decode::{Message, decode};
    use super::super::proto;
    use super::super::proto::v2::{Exemplar, Metadata, Request, Sample, TimeSeries};
    use super::*;
    use proptest::prelude::*;
    use prost::Message as _;

    fn symbols() -> Vec<String> {
        [
            "",
            "__name__",
            "rpc_seconds_bucket",
            "job",
            "a",
            "trace_id",
            "abc",
            "How long.",
            "seconds",
        ]
        .map(str::to_owned)
        .to_vec()
    }

    fn request(timeseries: Vec<TimeSeries>) -> Vec<u8> {
        Request { symbols: symbols(), timeseries }.encode_to_vec()
    }

    fn series(labels_refs: &[u32]) -> TimeSeries {
        TimeSeries {
            labels_refs: labels_refs.to_vec(),
            samples: vec![Sample { value: 1.5, timestamp: 7, start_timestamp: 0 }],
            ..Default::default()
        }
    }

    #[test]
    fn everything_about_a_series_is_read() {
        let mut whole = series(&[1, 2, 3, 4]);
        whole.exemplars = vec![Exemplar { labels_refs: vec![5, 6], value: 0.5, timestamp: 6 }];
        whole.metadata = Some(Metadata { kind: 3, help_ref: 7, unit_ref: 8 });
        whole.samples[0].start_timestamp = 3;
        let histogram = proto::Histogram { schema: 2, timestamp: 8, ..Default::default() };
        whole.histograms = vec![histogram];
        let decoded = decode(&request(vec![whole.clone(), whole]), Message::V2).unwrap();
        let (batch, invalid) = (decoded.batch, decoded.invalid);
        assert_eq!(invalid.count, 0, "{invalid:?}");
        let view = batch.view(0);
        assert_eq!(view.labels.to_string(), r#"rpc_seconds_bucket{job="a"}"#);
        assert_eq!((view.values, view.timestamps[0].as_millis()), (&[1.5][..], 7));
        assert_eq!(view.created, Some(Timestamp::from_millis(3)));
        assert_eq!(view.histograms[0].1.schema, 2);
        assert_eq!(view.exemplars[0].labels.to_string(), r#"{trace_id="abc"}"#);
        let metadata = batch.metadata();
        assert_eq!(metadata.len(), 1, "a family's metadata is kept once");
        assert_eq!(&*metadata[0].family, "rpc_seconds");
        assert_eq!((&*metadata[0].help, &*metadata[0].unit), ("How long.", "seconds"));
    }

    #[test]
    fn an_older_sender_says_when_a_series_was_created() {
        let created = TimeSeries { created_timestamp: 4, ..series(&[1, 2]) };
        let batch = decode(&request(vec![created]), Message::V2).unwrap().batch;
        assert_eq!(batch.view(0).created, Some(Timestamp::from_millis(4)));
    }

    #[test]
    fn references_into_nothing_are_named_and_the_rest_is_kept() {
        let mut bad_exemplar = series(&[1, 2, 3, 4]);
        bad_exemplar.exemplars = vec![Exemplar { labels_refs: vec![5, 99], ..Default::default() }];
        let mut bad_metadata = series(&[1, 2]);
        bad_metadata.metadata = Some(Metadata { kind: 1, help_ref: 77, unit_ref: 0 });
        let empty = TimeSeries { labels_refs: vec![1, 2], ..Default::default() };
        let body = request(vec![
            series(&[1, 2, 3]),
            series(&[1, 42]),
            series(&[1, u32::MAX]),
            series(&[3, 4]),
            empty,
            bad_exemplar,
            bad_metadata,
        ]);
        let decoded = decode(&body, Message::V2).unwrap();
        assert_eq!(decoded.batch.series_len(), 2);
        assert_eq!(decoded.batch.samples_len(), 2);
        let reasons = decoded.invalid.reasons;
        for (reason, part) in reasons.iter().zip([
            "name without a value",
            "symbol 42, but the table has 9",
            "symbol 4294967295",
            "missing metric name",
            "neither a sample nor a histogram",
            "exemplar: labels [5, 99] refer to symbol 99",
            "refers to symbols 77 and 0",
        ]) {
            assert!(reason.contains(part), "{reason}: {part}");
        }
        assert_eq!((reasons.len(), decoded.invalid.count), (7, 7));
    }

    #[test]
    fn symbols_that_are_used_very_often_are_refused_in_time() {
        let body = request(vec![series(&[1, 2, 3, 4]); 10]);
        let size = 10 * "__name__rpc_seconds_bucketjoba".len();
        assert!(super::decode(&body, size, &mut Decoded::default()).is_ok());
        let error = super::decode(&body, size - 1, &mut Decoded::default()).unwrap_err();
        assert!(matches!(error, DecodeError::Expanded { .. }), "{error}");
    }

    #[test]
    fn a_request_that_is_cut_short_is_none() {
        let body = request(vec![series(&[1, 2])]);
        // Cut where a symbol ends, it is a sound request with fewer symbols and no series.
        let refused = (1..body.len()).filter(|end| decode(&body[..*end], Message::V2).is_err());
        assert_eq!(refused.count(), body.len() - 1 - symbols().len());
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = decode(&bytes, Message::V2);
        }
    }
}
