//! Why a notification can't be made.

use std::path::PathBuf;

use crate::template::TemplateError;

/// A notification that can't be made from its settings; trying again is no use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotifyError {
    /// A template failed.
    #[error("{field}: {error}")]
    Template {
        /// The setting that holds it.
        field: String,
        /// What failed.
        error: Box<TemplateError>,
    },
    /// A file with a secret could not be read.
    #[error("could not read {path}: {reason}")]
    SecretFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// A setting came out as something that can't be sent.
    #[error("{field}: {reason}")]
    Invalid {
        /// The setting.
        field: &'static str,
        /// What is wrong.
        reason: String,
    },
}
