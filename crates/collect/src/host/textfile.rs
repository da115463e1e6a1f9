//! Metrics that others put into files: `*.prom` in the configured directories.
//!
//! A file that can't be read or parsed, or has timestamps, is left out whole; a
//! sample that conflicts with one that came earlier is left out alone. Either
//! sets `node_textfile_scrape_error` and is logged.

mod parse;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use parse::{Family, Samples};

use super::context::{CollectError, HostContext, names};
use crate::exposition::{Exposition, ExpositionError, HistogramState, SummaryState};

/// A file beyond this is left out.
const FILE_SIZE_BYTES_MAX: u64 = 16 << 20;

pub(super) fn collect(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let mut failed = false;
    for dir in &context.config.textfile_directories {
        let names = names(dir).unwrap_or_else(|error| {
            tracing::warn!(%error, "unable to read a directory of textfiles");
            failed = true;
            Vec::new()
        });
        for name in names.iter().filter(|name| name.ends_with(".prom")) {
            let path = dir.join(name);
            if let Err(error) = file(&path, out) {
                tracing::warn!(?path, %error, "a textfile is not exposed, or not all of it");
                failed = true;
            }
        }
    }
    let help = "Whether a textfile or a part of one could not be exposed.";
    out.gauge("node_textfile_scrape_error", help, &[], f64::from(u8::from(failed)));
    Ok(())
}

/// Why a file, or a part of it, is not exposed.
#[derive(Debug, thiserror::Error)]
enum TextfileError {
    #[error("unable to read it: {0}")]
    Io(#[from] std::io::Error),
    #[error("it has {0} bytes, more than the {FILE_SIZE_BYTES_MAX} that are read")]
    Size(u64),
    #[error(transparent)]
    Parse(#[from] parse::FileError),
    #[error("{0}")]
    Conflict(#[from] ExpositionError),
    #[error("{name} has another help text than elsewhere: {help:?}")]
    Help { name: String, help: String },
}

fn file(path: &PathBuf, out: &mut Exposition) -> Result<(), TextfileError> {
    let size_bytes = fs::metadata(path)?.len();
    if size_bytes > FILE_SIZE_BYTES_MAX {
        return Err(TextfileError::Size(size_bytes));
    }
    let text = fs::read_to_string(path)?;
    let families = parse::parse(&text)?;
    let mut first_conflict = None;
    for (name, family) in &families {
        if let Err(error) = expose(path, name, family, out) {
            first_conflict.get_or_insert(error);
        }
    }
    // Only now, so that the time of a file that can't be parsed does not look fresh.
    let modified = fs::metadata(path)?.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    let help = "When a textfile that could be read was changed, as Unix time.";
    let labels = [("file", &*path.to_string_lossy())];
    out.gauge("node_textfile_mtime_seconds", help, &labels, modified.as_secs_f64());
    first_conflict.map_or(Ok(()), Err)
}

/// Adds all samples that can be added; the first that can't is the error.
fn expose(
    path: &Path,
    name: &str,
    family: &Family,
    out: &mut Exposition,
) -> Result<(), TextfileError> {
    let earlier = out.family(name).map(|(_, help)| help.to_owned());
    let help = match (&family.help, &earlier) {
        (Some(help), _) => help.clone(),
        (None, Some(help)) => help.clone(),
        (None, None) => format!("Metric read from {}", path.display()),
    };
    let mut result = Ok(());
    let mut note = |outcome: Result<(), ExpositionError>| {
        if result.is_ok() {
            result = outcome;
        }
    };
    match &family.samples {
        Samples::Numbers(samples) => {
            for (labels, value) in samples {
                let labels: Vec<_> = labels.iter().collect();
                note(out.try_number(family.kind, name, &help, &labels, *value));
            }
        }
        Samples::Histograms(samples) => {
            for (labels, state) in samples {
                let labels: Vec<_> = labels.iter().collect();
                let (buckets, sum, count) = (&state.points, state.sum, state.count);
                let buckets: Vec<_> =
                    buckets.iter().map(|(bound, count)| (*bound, *count as u64)).collect();
                let state = HistogramState { buckets: &buckets, sum, count: count as u64 };
                note(out.try_histogram(name, &help, &labels, &state));
            }
        }
        Samples::Summaries(samples) => {
            for (labels, state) in samples {
                let labels: Vec<_> = labels.iter().collect();
                let (quantiles, sum, count) = (&state.points, state.sum, state.count as u64);
                let state = SummaryState { quantiles, sum, count };
                note(out.try_summary(name, &help, &labels, &state));
            }
        }
    }
    result?;
    match earlier {
        Some(earlier) if earlier != help => {
            Err(TextfileError::Help { name: name.to_owned(), help })
        }
        _ => Ok(()),
    }
}
