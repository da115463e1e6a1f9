//! From a request's bytes to a batch; the two messages are read in [`super::v1`]
//! and [`super::v2`].

use model::{Labels, LabelsBuilder, MetricKind, SampleBatch};

use super::{v1, v2};
use crate::protobuf::WireError;
use crate::refusals::Refusals;

/// Which message a body holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// `prometheus.WriteRequest`, remote write 1.0.
    V1,
    /// `io.prometheus.write.v2.Request`, remote write 2.0.
    V2,
}

/// A body that is no write request.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The bytes are no such message.
    #[error("the body is no remote write request: {0}")]
    Protobuf(#[from] WireError),
    /// Few strings are used by so many series that together they take too much memory.
    #[error(
        "the labels of all series in this request take more than {max_bytes} bytes; send smaller ones"
    )]
    Expanded {
        /// The limit.
        max_bytes: usize,
    },
}

/// The labels of all series of a 2.0 request together, in bytes: a symbol stands
/// there once, but in the batch for each use.
const LABELS_BYTES_MAX: usize = 256 << 20;

/// A decoded request.
#[derive(Debug, Default)]
pub struct Decoded {
    /// What can be stored.
    pub batch: SampleBatch,
    /// What was left out.
    pub invalid: Refusals,
}

/// Decodes a request. A series whose labels make no sense is left out and named;
/// the others go on.
///
/// # Errors
/// Where the bytes are no request at all.
pub fn decode(body: &[u8], message: Message) -> Result<Decoded, DecodeError> {
    let mut decoded = Decoded::default();
    match message {
        Message::V1 => v1::decode(body, &mut decoded)?,
        Message::V2 => v2::decode(body, LABELS_BYTES_MAX, &mut decoded)?,
    }
    Ok(decoded)
}

/// A label pair as it came.
pub(super) type Pair<'a> = (&'a [u8], &'a [u8]);

/// The label set of a series; a text where it can't be one.
pub(super) fn series_labels(
    pairs: &[Pair<'_>],
    scratch: &mut LabelsBuilder,
) -> Result<Labels, String> {
    let labels = label_set(pairs, scratch)?;
    match labels.metric_name() {
        Some(_) => Ok(labels),
        None => Err(format!("missing metric name (__name__ label) in {}", show(pairs))),
    }
}

/// Any label set, such as that of an exemplar.
pub(super) fn label_set(pairs: &[Pair<'_>], scratch: &mut LabelsBuilder) -> Result<Labels, String> {
    scratch.clear();
    for (name, value) in pairs {
        let (Ok(name), Ok(value)) = (str::from_utf8(name), str::from_utf8(value)) else {
            return Err(format!("a label is not valid UTF-8 in {}", show(pairs)));
        };
        if name.is_empty() {
            return Err(format!("a label name is empty in {}", show(pairs)));
        }
        if scratch.get(name).is_some() {
            return Err(format!("label {name:?} stands twice in {}", show(pairs)));
        }
        scratch.set(name, value);
    }
    Ok(scratch.build())
}

fn show(pairs: &[Pair<'_>]) -> String {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let shown: Vec<_> =
        pairs.iter().map(|(name, value)| format!("{}={:?}", text(name), text(value))).collect();
    format!("{{{}}}", shown.join(", "))
}

/// The metric types of both messages.
pub(super) fn kind(number: u64) -> MetricKind {
    match number {
        1 => MetricKind::Counter,
        2 => MetricKind::Gauge,
        3 => MetricKind::Histogram,
        4 => MetricKind::GaugeHistogram,
        5 => MetricKind::Summary,
        6 => MetricKind::Info,
        7 => MetricKind::StateSet,
        _ => MetricKind::Unknown,
    }
}
