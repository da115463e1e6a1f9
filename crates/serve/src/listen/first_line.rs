//! A connection whose first line may hold what people type at a shell.
//!
//! `curl 'localhost:9090/api/v1/query?query=up>0'` sends `"`, `<` and `>` as they
//! are. Go's server takes them, so Prometheus answers; the HTTP library here
//! refuses such a request line. They are escaped on their way in, in the first line of
//! a connection only: a client that keeps a connection is a program, and programs
//! escape.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How much is read at a time until the first line has ended, in bytes.
const READ_SIZE_BYTES: usize = 1024;

/// A stream that escapes its first line.
pub(super) struct FirstLineEscaped<T> {
    inner: T,
    /// What was read and not handed on yet.
    pending: Vec<u8>,
    is_in_first_line: bool,
}

impl<T> FirstLineEscaped<T> {
    pub(super) fn new(inner: T) -> Self {
        Self { inner, pending: Vec::new(), is_in_first_line: true }
    }

    fn escape(&mut self, bytes: &[u8]) {
        for (index, byte) in bytes.iter().enumerate() {
            match byte {
                b'"' => self.pending.extend_from_slice(b"%22"),
                b'<' => self.pending.extend_from_slice(b"%3C"),
                b'>' => self.pending.extend_from_slice(b"%3E"),
                b'\n' => {
                    self.is_in_first_line = false;
                    self.pending.extend_from_slice(&bytes[index..]);
                    return;
                }
                byte => self.pending.push(*byte),
            }
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for FirstLineEscaped<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.is_in_first_line && self.pending.is_empty() {
            let mut bytes = [0; READ_SIZE_BYTES];
            let mut read = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut self.inner).poll_read(context, &mut read))?;
            self.escape(read.filled());
            // Nothing read is the end of the stream, and is told as such.
            if self.pending.is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
        if self.pending.is_empty() {
            return Pin::new(&mut self.inner).poll_read(context, buffer);
        }
        let count = self.pending.len().min(buffer.remaining());
        buffer.put_slice(&self.pending[..count]);
        self.pending.drain(..count);
        if !self.is_in_first_line && self.pending.is_empty() {
            self.pending = Vec::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for FirstLineEscaped<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    async fn through(pieces: &[&[u8]]) -> Vec<u8> {
        let (mut client, server) = tokio::io::duplex(1 << 20);
        for piece in pieces {
            client.write_all(piece).await.unwrap();
        }
        drop(client);
        let mut out = Vec::new();
        FirstLineEscaped::new(server).read_to_end(&mut out).await.unwrap();
        out
    }

    #[tokio::test]
    async fn only_the_first_line_is_escaped() {
        let out = through(&[
            b"GET /api/v1/query?query=up{job=\"a\"}>0 HTTP/1.1\r\nX: \"<>\"\r\n\r\n",
            b"\"body\"",
        ]);
        let expected: &[u8] =
            b"GET /api/v1/query?query=up{job=%22a%22}%3E0 HTTP/1.1\r\nX: \"<>\"\r\n\r\n\"body\"";
        assert_eq!(out.await, expected);
    }

    #[tokio::test]
    async fn lines_longer_than_a_read_come_through() {
        let long = "<".repeat(5000);
        let sent = format!("{long}\n{long}");
        let expected = format!("{}\n{long}", "%3C".repeat(5000));
        assert_eq!(through(&[sent.as_bytes()]).await, expected.as_bytes());
        assert_eq!(through(&[]).await, b"");
    }
}
