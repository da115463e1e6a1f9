//! A response body whose parts come through a channel, from wherever they are made.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::Frame;
use tokio::sync::mpsc;

/// Ends where the sender is dropped, breaks off where it sends an error.
pub(super) struct ChannelBody<E>(pub(super) mpsc::Receiver<Result<Bytes, E>>);

impl<E: Error + Send + Sync + 'static> hyper::body::Body for ChannelBody<E> {
    type Data = Bytes;
    type Error = E;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, E>>> {
        self.0.poll_recv(context).map(|part| Some(part?.map(Frame::data)))
    }
}
