//! Why a store could not do what it was asked.

use std::io;

/// A call on a store failed as a whole. Single samples that are refused are no
/// error but [`Rejections`](crate::Rejections).
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The caller went away or its time was up.
    #[error("the request was cancelled")]
    Cancelled,
    /// A selector matched more series than the request allows.
    #[error("the selector matches more than {max} series; narrow it or raise the limit")]
    TooManySeries {
        /// The limit of the request.
        max: usize,
    },
    /// The store is shutting down or opened for reading only.
    #[error("the store takes no writes: {0}")]
    ReadOnly(&'static str),
    /// The file system failed.
    #[error("{context}: {source}")]
    Io {
        /// What was being done, with the path.
        context: String,
        /// What the system said.
        source: io::Error,
    },
    /// Data on disk is not what was written.
    #[error("corrupt data: {0}")]
    Corrupt(String),
    /// This store does not do that.
    #[error("{0} is not supported by this store")]
    Unsupported(&'static str),
}

impl StoreError {
    /// An I/O error with the place where it happened.
    pub fn io(context: impl Into<String>, source: io::Error) -> Self {
        Self::Io { context: context.into(), source }
    }
}
