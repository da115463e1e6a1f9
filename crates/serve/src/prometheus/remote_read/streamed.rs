//! Chunks, frame by frame, while they are read.
//!
//! A frame is the length of its message (a variable-length integer), the
//! message's CRC-32C (big endian) and the message, which holds chunks of one
//! series. A series with more chunks than fit has several frames.

use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use model::{Labels, SampleColumns};
use prost::Message;
use prost::encoding::encode_varint;
use storage::{Cancel, SelectRequest, SeriesSelection, SeriesStore};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};

use super::proto::{Chunk, ChunkedReadResponse, ChunkedSeries};
use super::{Limits, ReadError, ReadQuery, with_external};
use crate::prometheus::channel_body::ChannelBody;

/// How many frames wait for a slow reader.
const FRAMES_WAITING_MAX: usize = 8;

/// Why a stream breaks off. The reader sees a connection that ends early.
#[derive(Debug, thiserror::Error)]
#[error("the stream of chunks broke off: {0}")]
struct Broken(String);

/// Starts reading and gives the body that follows it.
///
/// # Errors
/// Where the series can't be selected; later faults break the stream off.
pub(super) async fn start(
    store: Arc<dyn SeriesStore>,
    queries: Vec<ReadQuery>,
    external: Labels,
    limits: Limits,
    turn: OwnedSemaphorePermit,
) -> Result<Body, ReadError> {
    let (frames, body) = mpsc::channel(FRAMES_WAITING_MAX);
    let (selected, is_selected) = oneshot::channel();
    let reading = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let cancel = Cancel::new();
        let selections = match select(&*store, &queries, limits, &cancel) {
            Ok(selections) => selections,
            Err(error) => {
                // Nobody listens where the client has gone.
                let _ = selected.send(Err(error));
                return;
            }
        };
        let _ = selected.send(Ok(()));
        if let Err(error) = stream(&selections, &external, limits, &frames) {
            tracing::warn!(%error, "a remote read answer broke off");
            let _ = frames.blocking_send(Err(error));
        }
    });
    match is_selected.await {
        Ok(Ok(())) => Ok(Body::new(ChannelBody(body))),
        Ok(Err(error)) => Err(error),
        Err(_) => {
            let error = reading.await.err().map(|error| error.to_string()).unwrap_or_default();
            tracing::error!(%error, "a remote read request failed inside");
            Err(ReadError::Inside)
        }
    }
}

fn select(
    store: &dyn SeriesStore,
    queries: &[ReadQuery],
    limits: Limits,
    cancel: &Cancel,
) -> Result<Vec<Box<dyn SeriesSelection>>, ReadError> {
    let select = |query: &ReadQuery| {
        Ok(store.select(&SelectRequest {
            matchers: &query.matchers,
            range: query.range,
            hints: query.hints,
            series_max: limits.series_max,
            cancel,
        })?)
    };
    queries.iter().map(select).collect()
}

/// Sends all frames; ends early, without a word, where the reader has gone.
fn stream(
    selections: &[Box<dyn SeriesSelection>],
    external: &Labels,
    limits: Limits,
    frames: &mpsc::Sender<Result<Bytes, Broken>>,
) -> Result<(), Broken> {
    let mut columns = SampleColumns::default();
    for (query_index, selection) in selections.iter().enumerate() {
        for (index, labels) in selection.labels().iter().enumerate() {
            columns.clear();
            selection.read(index, &mut columns).map_err(|error| Broken(error.to_string()))?;
            let mut series =
                ChunkedSeries { labels: with_external(labels, external), chunks: Vec::new() };
            let labels_bytes = series.encoded_len();
            let mut bytes = labels_bytes;
            let mut chunks = tsdb::chunk::encode(&columns).into_iter().peekable();
            while let Some(chunk) = chunks.next() {
                bytes += chunk.data.len();
                series.chunks.push(Chunk {
                    min_time_ms: chunk.first.as_millis(),
                    max_time_ms: chunk.last.as_millis(),
                    encoding: i32::from(chunk.encoding.as_byte()),
                    data: chunk.data,
                });
                if bytes < limits.frame_bytes_max && chunks.peek().is_some() {
                    continue;
                }
                let frame = frame(&mut series, query_index as i64);
                bytes = labels_bytes;
                if frames.blocking_send(Ok(frame)).is_err() {
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}

/// A frame of the chunks so far, which leave the series.
fn frame(series: &mut ChunkedSeries, query_index: i64) -> Bytes {
    let response = ChunkedReadResponse { chunked_series: vec![series.clone()], query_index };
    series.chunks.clear();
    let message = response.encode_to_vec();
    let mut frame = Vec::with_capacity(message.len() + 14);
    encode_varint(message.len() as u64, &mut frame);
    frame.extend_from_slice(&crc32c::crc32c(&message).to_be_bytes());
    frame.extend_from_slice(&message);
    frame.into()
}
