//! Requests: batches and metadata as protobuf behind Snappy.

mod protobuf;
mod v1;
mod v2;

use model::{MetricMetadata, SampleBatch};

use super::config::MessageVersion;
use super::metadata::MetadataTable;

/// A request's headers for a message version, and what it holds.
pub(super) fn headers(version: MessageVersion) -> [(&'static str, &'static str); 3] {
    let (content_type, number) = match version {
        MessageVersion::V1 => ("application/x-protobuf", "0.1.0"),
        MessageVersion::V2 => {
            ("application/x-protobuf;proto=io.prometheus.write.v2.Request", "2.0.0")
        }
    };
    [
        ("Content-Encoding", "snappy"),
        ("Content-Type", content_type),
        ("X-Prometheus-Remote-Write-Version", number),
    ]
}

/// The series of a batch at `indices`.
pub(super) fn series(
    version: MessageVersion,
    batch: &SampleBatch,
    indices: &[usize],
    metadata: &MetadataTable,
) -> Vec<u8> {
    let views = indices.iter().map(|index| batch.view(*index));
    let message = match version {
        MessageVersion::V1 => v1::series(views),
        MessageVersion::V2 => v2::series(views, metadata),
    };
    pack(&message)
}

/// Metadata alone, which only version 1.0 sends.
pub(super) fn metadata(entries: &[MetricMetadata]) -> Vec<u8> {
    pack(&v1::metadata(entries))
}

fn pack(message: &[u8]) -> Vec<u8> {
    // Fails only for inputs of 4 GiB, and requests are cut long before.
    snap::raw::Encoder::new().compress_vec(message).unwrap_or_default()
}

#[cfg(test)]
mod tests;
