//! One metric family: its samples as the lines that they become.
//!
//! Lines are rendered when a sample comes in, all into one text, so that a sample
//! costs no allocation of its own; rendering sorts ranges of that text.

use std::collections::HashSet;
use std::fmt;
use std::ops::Range;

use xxhash_rust::xxh3::xxh3_64;

use super::LabelPairs;
use super::format::{write_label, write_value};

/// The type of a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FamilyKind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Unknown.
    Untyped,
    /// Observations in buckets.
    Histogram,
    /// Observations as quantiles.
    Summary,
}

impl FamilyKind {
    /// As a `# TYPE` line has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Untyped => "untyped",
            Self::Histogram => "histogram",
            Self::Summary => "summary",
        }
    }
}

impl fmt::Display for FamilyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A sample that a scraper would refuse.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpositionError {
    /// The family has samples of another type.
    #[error("{name} is a {is} and can't be a {wanted} as well")]
    Kind {
        /// The family.
        name: String,
        /// The type that came first.
        is: FamilyKind,
        /// The type that came now.
        wanted: FamilyKind,
    },
    /// The labels are there already.
    #[error("{name}{labels} was exposed before")]
    Duplicate {
        /// The family.
        name: String,
        /// The labels with their braces.
        labels: String,
    },
}

/// The labels of one sample, sorted by name and escaped: `a="x",b="y"`.
#[derive(Debug, Default)]
pub(super) struct LabelText(String);

impl LabelText {
    /// Writes `labels` over what was there.
    pub(super) fn set(&mut self, labels: &LabelPairs<'_>) {
        self.0.clear();
        if labels.is_sorted() {
            for (name, value) in labels {
                write_label(&mut self.0, name, value);
            }
        } else {
            let mut sorted = labels.to_vec();
            sorted.sort_unstable();
            for (name, value) in sorted {
                write_label(&mut self.0, name, value);
            }
        }
    }
}

#[derive(Debug)]
pub(super) struct Family {
    pub(super) kind: FamilyKind,
    pub(super) help: String,
    /// Label texts and lines of all samples, one behind the other.
    text: String,
    samples: Vec<Sample>,
    /// Hashes of the label texts, to find duplicates.
    seen: HashSet<u64>,
}

#[derive(Debug)]
struct Sample {
    labels: Range<usize>,
    lines: Range<usize>,
}

impl Family {
    pub(super) fn new(kind: FamilyKind, help: &str) -> Self {
        let help = help.to_owned();
        Self { kind, help, text: String::new(), samples: Vec::new(), seen: HashSet::new() }
    }

    /// Adds the lines of one label set.
    pub(super) fn insert(
        &mut self,
        name: &str,
        labels: &LabelText,
        write: impl FnOnce(&mut Lines<'_>),
    ) -> Result<(), ExpositionError> {
        if !self.seen.insert(xxh3_64(labels.0.as_bytes())) {
            let labels = format!("{{{}}}", labels.0);
            return Err(ExpositionError::Duplicate { name: name.to_owned(), labels });
        }
        let start = self.text.len();
        self.text.push_str(&labels.0);
        let middle = self.text.len();
        write(&mut Lines { text: &mut self.text, name, labels: &labels.0 });
        let end = self.text.len();
        self.samples.push(Sample { labels: start..middle, lines: middle..end });
        Ok(())
    }

    /// About how long the rendered text is.
    pub(super) fn size_bytes(&self) -> usize {
        self.text.len() + self.help.len() + 128
    }

    pub(super) fn render(&self, out: &mut String) {
        let mut order: Vec<&Sample> = self.samples.iter().collect();
        order.sort_unstable_by_key(|sample| &self.text[sample.labels.clone()]);
        for sample in order {
            out.push_str(&self.text[sample.lines.clone()]);
        }
    }
}

/// Where one label set's lines are written.
pub(super) struct Lines<'a> {
    text: &'a mut String,
    name: &'a str,
    labels: &'a str,
}

impl Lines<'_> {
    /// One line; `extra` is a label that only this line has (`le`, `quantile`).
    pub(super) fn sample(&mut self, suffix: &str, extra: Option<(&str, f64)>, value: f64) {
        self.text.push_str(self.name);
        self.text.push_str(suffix);
        if extra.is_some() || !self.labels.is_empty() {
            self.text.push('{');
            self.text.push_str(self.labels);
            if let Some((name, bound)) = extra {
                if !self.labels.is_empty() {
                    self.text.push(',');
                }
                self.text.push_str(name);
                self.text.push_str("=\"");
                write_value(self.text, bound);
                self.text.push('"');
            }
            self.text.push('}');
        }
        self.text.push(' ');
        write_value(self.text, value);
        self.text.push('\n');
    }
}
