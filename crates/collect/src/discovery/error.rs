//! Why a mechanism found nothing new.

use crate::http_client::HttpClientError;

/// A look for targets that failed; those found before stay.
#[derive(Debug, thiserror::Error)]
pub enum DiscoveryError {
    /// The HTTP client could not ask.
    #[error(transparent)]
    Client(#[from] HttpClientError),
    /// No answer, or one that broke off.
    #[error("{url}: {reason}")]
    Request {
        /// Who was asked.
        url: String,
        /// What happened.
        reason: String,
    },
    /// An answer that says no.
    #[error("{url}: server returned HTTP status {status}{}{body}", if body.is_empty() { "" } else { ": " })]
    Status {
        /// Who was asked.
        url: String,
        /// What it said.
        status: u16,
        /// The start of what it said about it.
        body: String,
    },
    /// An answer longer than any list of targets.
    #[error("{url}: the answer is longer than {max} bytes")]
    Size {
        /// Who was asked.
        url: String,
        /// The most bytes.
        max: usize,
    },
    /// An answer or a file that is not what it should be.
    #[error("{place}: {reason}")]
    Malformed {
        /// Which.
        place: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file that can't be read.
    #[error("unable to read {path:?}: {source}")]
    File {
        /// Its path.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A name that no server resolves.
    #[error("could not resolve {name:?}: {reason}")]
    Resolve {
        /// The name.
        name: String,
        /// What the servers said.
        reason: String,
    },
    /// Settings or an environment that lack something.
    #[error("{0}")]
    Setup(String),
}
