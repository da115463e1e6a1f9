//! `io.prometheus.write.v2.Request`: each string once.

use std::collections::HashMap;

use model::{LabelsRef, SeriesView};

use super::super::metadata::MetadataTable;
use super::protobuf::Message;
use super::v1::kind;

/// A request of series, each with what its metric means.
pub(super) fn series<'a>(
    views: impl Iterator<Item = SeriesView<'a>>,
    metadata: &MetadataTable,
) -> Vec<u8> {
    let mut symbols = Symbols::default();
    let mut all = Message::default();
    let (mut outer, mut inner) = (Message::default(), Message::default());
    for view in views {
        let metadata = view.labels.metric_name().and_then(|name| metadata.of_metric(name));
        all.message(5, &mut outer, |series| {
            let refs = symbols.refs(view.labels);
            series.packed_uints(1, refs);
            let created = view.created.map_or(0, |at| at.as_millis());
            for (at, value) in view.timestamps.iter().zip(view.values) {
                series.message(2, &mut inner, |sample| {
                    sample.double(1, *value);
                    sample.int(2, at.as_millis());
                    sample.int(3, created);
                });
            }
            for (at, histogram) in view.histograms {
                series.message(3, &mut inner, |message| {
                    message.histogram(*at, histogram);
                    message.int(17, created);
                });
            }
            for exemplar in view.exemplars {
                let refs = symbols.refs(&exemplar.labels);
                series.message(4, &mut inner, |message| {
                    message.packed_uints(1, refs);
                    message.double(2, exemplar.value);
                    message.int(3, exemplar.timestamp.as_millis());
                });
            }
            if let Some(metadata) = &metadata {
                let (help, unit) = (symbols.index(&metadata.help), symbols.index(&metadata.unit));
                series.message(5, &mut inner, |message| {
                    message.uint(1, kind(metadata.kind));
                    message.uint(3, help);
                    message.uint(4, unit);
                });
            }
        });
    }
    let mut request = Message(Vec::with_capacity(all.0.len() + symbols.bytes));
    symbols.write(&mut request);
    request.0.extend_from_slice(&all.0);
    request.0
}

/// The table of strings; the first is empty.
#[derive(Default)]
struct Symbols {
    indices: HashMap<String, u64>,
    order: Vec<String>,
    bytes: usize,
}

impl Symbols {
    fn refs(&mut self, labels: &LabelsRef) -> Vec<u64> {
        let pairs = labels.iter().flat_map(|(name, value)| [name, value]);
        pairs.map(|text| self.index(text)).collect()
    }

    fn index(&mut self, text: &str) -> u64 {
        if text.is_empty() {
            return 0;
        }
        if let Some(index) = self.indices.get(text) {
            return *index;
        }
        self.order.push(text.to_owned());
        self.bytes += text.len() + 6;
        let index = self.order.len() as u64;
        self.indices.insert(text.to_owned(), index);
        index
    }

    fn write(&self, request: &mut Message) {
        request.bytes(4, b"");
        self.order.iter().for_each(|text| request.bytes(4, text.as_bytes()));
    }
}
