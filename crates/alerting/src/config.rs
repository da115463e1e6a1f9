//! `alertmanager.yml`: what Alertmanager's configuration says, read and checked.
//!
//! [`Config::parse`] takes the text with its variables expanded already. What
//! receivers inherit from `global` is filled in, so that nobody behind this
//! module looks there again. Keys that Alertmanager does not know are errors at
//! their line; parts that we can't honour are [`ConfigWarning`]s.

pub mod http;
pub mod secret;

mod global;
mod path;
mod receiver;
mod route;
mod shown;
mod validate;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use model::Matcher;
use serde::Deserialize;
use serde_saphyr::Spanned;

pub use global::GlobalConfig;
pub use path::ConfigPath;
pub use receiver::{Integration, ReceiverConfig};
pub use route::{GroupBy, RouteConfig};
pub use shown::shown;

use crate::time_intervals::TimeInterval;
use crate::yaml::{self, YamlFault};

/// The largest file that is read, in bytes.
pub const FILE_SIZE_BYTES_MAX: usize = 16 << 20;

/// A configuration that was read and checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// What holds for all.
    pub global: GlobalConfig,
    /// The patterns of the files with templates, as written.
    pub templates: Vec<String>,
    /// The root of the routes.
    pub route: RouteConfig,
    /// Who is notified, and how.
    pub receivers: Vec<ReceiverConfig>,
    /// Which alerts silence which.
    pub inhibit_rules: Vec<InhibitRuleConfig>,
    /// Time intervals by name.
    pub time_intervals: BTreeMap<String, Vec<TimeInterval>>,
}

/// Alerts that match `source` mute those that match `target`.
#[derive(Clone, Debug, Default)]
pub struct InhibitRuleConfig {
    /// What the muting alerts must match.
    pub source: Vec<Matcher>,
    /// What the muted alerts must match.
    pub target: Vec<Matcher>,
    /// The labels in which both must agree.
    pub equal: Vec<String>,
}

/// Why a configuration is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError {
    /// The line, from 1; 0 where it is not known.
    pub line: usize,
    /// The column, from 1; 0 where it is not known.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "{}:{}: ", self.line, self.column)?;
        }
        f.write_str(&self.message)
    }
}

impl ConfigError {
    fn at<T>(place: &Spanned<T>, message: impl Into<String>) -> Self {
        let location = place.referenced;
        Self {
            line: location.line() as usize,
            column: location.column() as usize,
            message: message.into(),
        }
    }

    /// A fault of the file as a whole, told of its beginning.
    fn of_file(message: impl Into<String>) -> Self {
        Self { line: 1, column: 1, message: message.into() }
    }

    fn of_yaml(fault: YamlFault) -> Self {
        Self { line: fault.line, column: fault.column, message: fault.message }
    }
}

/// Something that is accepted but not honoured as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigWarning {
    /// The line, from 1.
    pub line: usize,
    /// What about it.
    pub message: String,
}

/// The file as it is written.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Written {
    global: Option<GlobalConfig>,
    templates: Option<Vec<String>>,
    route: Option<Spanned<route::WrittenRoute>>,
    receivers: Option<Vec<Spanned<receiver::WrittenReceiver>>>,
    inhibit_rules: Option<Vec<Spanned<WrittenInhibitRule>>>,
    time_intervals: Option<Vec<Spanned<NamedIntervals>>>,
    /// The older name of `time_intervals`.
    mute_time_intervals: Option<Vec<Spanned<NamedIntervals>>>,
    /// Where the tracer of Alertmanager itself sends to.
    tracing: Option<Spanned<serde::de::IgnoredAny>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedIntervals {
    name: String,
    time_intervals: Option<Vec<TimeInterval>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct WrittenInhibitRule {
    /// A name for people, in newer files.
    name: Option<String>,
    source_match: Option<BTreeMap<String, String>>,
    source_match_re: Option<BTreeMap<String, String>>,
    source_matchers: Option<Vec<String>>,
    target_match: Option<BTreeMap<String, String>>,
    target_match_re: Option<BTreeMap<String, String>>,
    target_matchers: Option<Vec<String>>,
    equal: Option<Vec<String>>,
}

impl Config {
    /// Reads and checks a configuration.
    ///
    /// # Errors
    /// The first fault that was found, as Alertmanager loads a file whole or not.
    pub fn parse(text: &str) -> Result<(Self, Vec<ConfigWarning>), ConfigError> {
        Self::parse_in(text, Path::new(""))
    }

    /// The same with relative paths of secrets and certificates starting from
    /// `directory`, where the file is.
    ///
    /// # Errors
    /// As [`Config::parse`].
    pub fn parse_in(
        text: &str,
        directory: &Path,
    ) -> Result<(Self, Vec<ConfigWarning>), ConfigError> {
        if text.len() > FILE_SIZE_BYTES_MAX {
            let message = format!("the file is larger than {FILE_SIZE_BYTES_MAX} bytes");
            return Err(ConfigError::of_file(message));
        }
        if text.trim().is_empty() {
            return Err(ConfigError::of_file("no route provided in config"));
        }
        let written = path::starting_from(directory, || yaml::read::<Written>(text));
        let written = written.map_err(ConfigError::of_yaml)?;
        validate::build(written)
    }

    /// The receiver `name`.
    pub fn receiver(&self, name: &str) -> Option<&ReceiverConfig> {
        self.receivers.iter().find(|receiver| receiver.name == name)
    }
}

#[cfg(test)]
mod tests;
