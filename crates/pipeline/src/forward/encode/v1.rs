//! `prometheus.WriteRequest`.

use model::{LabelsRef, MetricKind, MetricMetadata, SeriesView};

use super::protobuf::Message;

/// A request of series.
pub(super) fn series<'a>(views: impl Iterator<Item = SeriesView<'a>>) -> Vec<u8> {
    let mut request = Message::default();
    let (mut outer, mut inner, mut pair) =
        (Message::default(), Message::default(), Message::default());
    for view in views {
        request.message(1, &mut outer, |series| {
            labels(1, view.labels, series, &mut inner);
            for (at, value) in view.timestamps.iter().zip(view.values) {
                series.message(2, &mut inner, |sample| {
                    sample.double(1, *value);
                    sample.int(2, at.as_millis());
                });
            }
            for exemplar in view.exemplars {
                series.message(3, &mut inner, |message| {
                    labels(1, &exemplar.labels, message, &mut pair);
                    message.double(2, exemplar.value);
                    message.int(3, exemplar.timestamp.as_millis());
                });
            }
            for (at, histogram) in view.histograms {
                series.message(4, &mut inner, |message| message.histogram(*at, histogram));
            }
        });
    }
    request.0
}

/// A request of metadata.
pub(super) fn metadata(entries: &[MetricMetadata]) -> Vec<u8> {
    let mut request = Message::default();
    let mut scratch = Message::default();
    for entry in entries {
        request.message(3, &mut scratch, |message| {
            message.uint(1, kind(entry.kind));
            message.text(2, &entry.family);
            message.text(4, &entry.help);
            message.text(5, &entry.unit);
        });
    }
    request.0
}

/// The numbers of the metric types, the same in both versions.
pub(super) fn kind(kind: MetricKind) -> u64 {
    match kind {
        MetricKind::Unknown => 0,
        MetricKind::Counter => 1,
        MetricKind::Gauge => 2,
        MetricKind::Histogram => 3,
        MetricKind::GaugeHistogram => 4,
        MetricKind::Summary => 5,
        MetricKind::Info => 6,
        MetricKind::StateSet => 7,
    }
}

fn labels(number: u32, labels: &LabelsRef, message: &mut Message, scratch: &mut Message) {
    for (name, value) in labels {
        message.message(number, scratch, |pair| {
            pair.text(1, name);
            pair.text(2, value);
        });
    }
}
