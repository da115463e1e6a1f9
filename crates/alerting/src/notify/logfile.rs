//! A file in the data directory: a line of JSON for each notification. For a desk
//! without mail or network, and for scripts that follow a file.

use model::ByteSize;
use serde::Deserialize;

use super::error::NotifyError;
use super::render::Rendering;
use super::request::LogLine;
use super::webhook;
use crate::config::GlobalConfig;
use crate::config::http::HttpConfig;

/// Settings of a file. Alertmanager has no such receiver.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// Whether ends are written, too.
    pub send_resolved: bool,
    #[serde(skip)]
    pub(crate) http_config: Option<HttpConfig>,
    /// The file's name; it lies in the data directory.
    pub file: String,
    /// How large the file may get. It is then renamed to end in `.1`, and the one
    /// that was so named goes.
    pub size_max: ByteSize,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            send_resolved: true,
            http_config: None,
            file: "notifications.jsonl".to_owned(),
            size_max: ByteSize(16 << 20),
        }
    }
}

impl LogConfig {
    pub(crate) fn inherit(&mut self, _: &GlobalConfig) -> Result<(), String> {
        // Nothing but new files of this directory may be written.
        let is_name = !self.file.starts_with('.') && !self.file.contains(['/', '\\', '\0']);
        match is_name && self.file.ends_with(".jsonl") {
            true => Ok(()),
            false => Err(format!(
                "file {:?} must be a name that ends in .jsonl, without directories",
                self.file
            )),
        }
    }

    pub(super) fn line(&self, rendering: &Rendering<'_>) -> Result<LogLine, NotifyError> {
        Ok(LogLine {
            file: self.file.clone(),
            size_bytes_max: self.size_max.0,
            text: webhook::body(rendering.notification(), 0)?,
        })
    }
}
