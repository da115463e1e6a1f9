//! From the text of one file to whole families.

use std::collections::{BTreeMap, HashMap};

use model::{Labels, LabelsBuilder, LabelsRef, MetricKind};

use crate::exposition::FamilyKind;
use crate::scrape::parse::{Entry, ParseError, parse_series_key, text};

/// A family of one file.
#[derive(Debug)]
pub(super) struct Family {
    pub(super) kind: FamilyKind,
    pub(super) help: Option<String>,
    pub(super) samples: Samples,
}

/// The samples of a family, in the order of the file.
#[derive(Debug)]
pub(super) enum Samples {
    Numbers(Vec<(Labels, f64)>),
    Histograms(Vec<(Labels, Observed)>),
    Summaries(Vec<(Labels, Observed)>),
}

/// A histogram or a summary of one label set.
#[derive(Debug, Default)]
pub(super) struct Observed {
    /// Upper bounds and counts, or quantiles and values, in rising order.
    pub(super) points: Vec<(f64, f64)>,
    pub(super) sum: f64,
    pub(super) count: f64,
}

/// A file that is left out.
#[derive(Debug, thiserror::Error)]
pub(super) enum FileError {
    #[error(transparent)]
    Syntax(#[from] ParseError),
    #[error("{0}: {1}")]
    Series(String, String),
    #[error("{0} has a timestamp, which can't be passed on: write current values without one")]
    Timestamp(String),
    #[error("{0} has no {1} label")]
    NoPoint(String, &'static str),
}

/// Parses a whole file in text format 0.0.4.
///
/// # Errors
/// At the first fault; nothing of the file is to be used then.
pub(super) fn parse(body: &str) -> Result<BTreeMap<String, Family>, FileError> {
    let mut families = Families::default();
    for entry in text::Decoder::new(body) {
        match entry? {
            Entry::Kind { family, kind } => families.set_kind(family, kind),
            Entry::Help { family, help } => {
                families.help.insert(family, help);
            }
            // The text format has neither.
            Entry::Unit { .. } | Entry::Histogram(_) => {}
            Entry::Series(series) if series.timestamp.is_some() => {
                return Err(FileError::Timestamp(series.key.to_owned()));
            }
            Entry::Series(series) => {
                let mut labels = LabelsBuilder::default();
                parse_series_key(series.key, &mut labels)
                    .map_err(|reason| FileError::Series(series.key.to_owned(), reason))?;
                families.add(series.key, &labels.build(), series.value)?;
            }
        }
    }
    Ok(families.finish())
}

#[derive(Default)]
struct Families {
    kinds: HashMap<String, FamilyKind>,
    help: HashMap<String, String>,
    samples: BTreeMap<String, Samples>,
    /// Where the histogram or summary of a label set is in its family.
    places: HashMap<(String, Labels), usize>,
}

impl Families {
    fn set_kind(&mut self, family: String, kind: MetricKind) {
        let kind = match kind {
            MetricKind::Counter => FamilyKind::Counter,
            MetricKind::Gauge => FamilyKind::Gauge,
            MetricKind::Histogram => FamilyKind::Histogram,
            MetricKind::Summary => FamilyKind::Summary,
            _ => FamilyKind::Untyped,
        };
        self.kinds.insert(family, kind);
    }

    fn add(&mut self, key: &str, labels: &LabelsRef, value: f64) -> Result<(), FileError> {
        let name = labels.metric_name().unwrap_or_default();
        let (family, suffix) = self.family_of(name);
        match self.kinds.get(family) {
            Some(FamilyKind::Histogram) => {
                let point = (suffix == "_bucket").then_some("le");
                self.observe(key, family.to_owned(), suffix, point, labels, value)
            }
            Some(FamilyKind::Summary) => {
                let point = suffix.is_empty().then_some("quantile");
                self.observe(key, family.to_owned(), suffix, point, labels, value)
            }
            _ => {
                let samples = self.samples.entry(family.to_owned());
                if let Samples::Numbers(samples) =
                    samples.or_insert_with(|| Samples::Numbers(Vec::new()))
                {
                    samples.push((without(labels, None), value));
                }
                Ok(())
            }
        }
    }

    /// The family that a sample's name belongs to, and what stands behind it.
    fn family_of<'a>(&self, name: &'a str) -> (&'a str, &'a str) {
        let is_kind = |family: &str, kinds: &[FamilyKind]| {
            self.kinds.get(family).is_some_and(|kind| kinds.contains(kind))
        };
        for (suffix, kinds) in [
            ("_bucket", &[FamilyKind::Histogram][..]),
            ("_sum", &[FamilyKind::Histogram, FamilyKind::Summary]),
            ("_count", &[FamilyKind::Histogram, FamilyKind::Summary]),
        ] {
            if let Some(family) = name.strip_suffix(suffix).filter(|f| is_kind(f, kinds)) {
                return name.split_at(family.len());
            }
        }
        (name, "")
    }

    fn observe(
        &mut self,
        key: &str,
        family: String,
        suffix: &str,
        point: Option<&'static str>,
        labels: &LabelsRef,
        value: f64,
    ) -> Result<(), FileError> {
        let is_histogram = self.kinds.get(&family) == Some(&FamilyKind::Histogram);
        if is_histogram && suffix.is_empty() {
            return Err(FileError::NoPoint(key.to_owned(), "le"));
        }
        let position = match point {
            Some(label) => Some(
                labels
                    .get(label)
                    .and_then(|text| text.parse::<f64>().ok())
                    .ok_or_else(|| FileError::NoPoint(key.to_owned(), label))?,
            ),
            None => None,
        };
        let own = without(labels, point);
        let samples = self.samples.entry(family.clone()).or_insert_with(|| {
            if is_histogram {
                Samples::Histograms(Vec::new())
            } else {
                Samples::Summaries(Vec::new())
            }
        });
        let (Samples::Histograms(all) | Samples::Summaries(all)) = samples else { return Ok(()) };
        let place = *self.places.entry((family, own.clone())).or_insert_with(|| {
            all.push((own, Observed::default()));
            all.len() - 1
        });
        let observed = &mut all[place].1;
        match (position, suffix) {
            (Some(position), _) => observed.points.push((position, value)),
            (None, "_sum") => observed.sum = value,
            (None, _) => observed.count = value,
        }
        Ok(())
    }

    fn finish(mut self) -> BTreeMap<String, Family> {
        let mut families = BTreeMap::new();
        for (name, mut samples) in self.samples {
            if let Samples::Histograms(all) | Samples::Summaries(all) = &mut samples {
                for (_, observed) in all {
                    observed.points.sort_by(|a, b| a.0.total_cmp(&b.0));
                }
            }
            let kind = self.kinds.get(&name).copied().unwrap_or(FamilyKind::Untyped);
            let help = self.help.remove(&name);
            families.insert(name, Family { kind, help, samples });
        }
        families
    }
}

/// The labels without the name, and without the one that tells buckets apart.
fn without(labels: &LabelsRef, point: Option<&str>) -> Labels {
    let is_own = |name: &str| name != model::METRIC_NAME && Some(name) != point;
    Labels::from_pairs(labels.iter().filter(|(name, _)| is_own(name)))
}
