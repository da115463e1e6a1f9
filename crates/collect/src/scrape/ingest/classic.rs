//! Classic histograms gathered into native ones with custom buckets.
//!
//! The series of a classic histogram come one by one; this collects those of a
//! family by their labels without `le` until the family ends.

use std::collections::HashMap;

use model::histogram::{Buckets, CUSTOM_BUCKETS_SCHEMA, CountFlavor};
use model::labels::BUCKET_LABEL;
use model::{Histogram, Labels, LabelsBuilder, METRIC_NAME, Timestamp};

use crate::scrape::parse::{SeriesEntry, parse_series_key};

/// The classic histograms of one family.
#[derive(Debug, Default)]
pub(super) struct ClassicFamily {
    position_of: HashMap<Labels, usize>,
    groups: Vec<Group>,
    scratch: LabelsBuilder,
}

/// The series of one histogram.
#[derive(Debug)]
struct Group {
    labels: Labels,
    /// Upper bounds and cumulative counts.
    buckets: Vec<(f64, f64)>,
    count: Option<f64>,
    sum: f64,
    timestamp: Option<Timestamp>,
    created: Option<Timestamp>,
    is_native_too: bool,
}

/// A histogram whose series all came.
#[derive(Debug)]
pub(super) struct Converted {
    /// Its series, as a text format would write it.
    pub(super) key: String,
    pub(super) histogram: Histogram,
    pub(super) timestamp: Option<Timestamp>,
    pub(super) created: Option<Timestamp>,
}

impl ClassicFamily {
    /// Takes a series of a histogram of `family`; false where it is no part of one.
    ///
    /// # Errors
    /// Where the series is not written right.
    pub(super) fn take(&mut self, family: &str, entry: &SeriesEntry<'_>) -> Result<bool, String> {
        self.scratch.clear();
        parse_series_key(entry.key, &mut self.scratch)?;
        let name = self.scratch.get(METRIC_NAME).unwrap_or_default();
        let bound = self.scratch.get(BUCKET_LABEL).and_then(|text| text.parse::<f64>().ok());
        let part = match (name.strip_prefix(family), bound) {
            (Some("_bucket"), Some(bound)) => Part::Bucket(bound),
            (Some("_count"), _) => Part::Count,
            (Some("_sum"), _) => Part::Sum,
            _ => return Ok(false),
        };
        let group = self.group(family);
        match part {
            Part::Bucket(bound) => group.buckets.push((bound, entry.value)),
            Part::Count => group.count = Some(entry.value),
            Part::Sum => group.sum = entry.value,
        }
        group.timestamp = entry.timestamp;
        group.created = group.created.or(entry.created);
        Ok(true)
    }

    /// Notes that a histogram comes as a native one, which is better than a converted one.
    ///
    /// # Errors
    /// Where the series is not written right.
    pub(super) fn note_native(&mut self, family: &str, key: &str) -> Result<(), String> {
        self.scratch.clear();
        parse_series_key(key, &mut self.scratch)?;
        self.group(family).is_native_too = true;
        Ok(())
    }

    /// Ends the family: hands out its histograms, those that make no sense left out.
    pub(super) fn finish(&mut self) -> Vec<Converted> {
        self.position_of.clear();
        let groups = self.groups.drain(..).filter(|group| !group.is_native_too);
        groups.filter_map(Group::convert).collect()
    }

    /// The group of the labels in `scratch`.
    fn group(&mut self, family: &str) -> &mut Group {
        self.scratch.remove(BUCKET_LABEL).set(METRIC_NAME, family);
        let labels = self.scratch.build();
        let position = *self.position_of.entry(labels.clone()).or_insert_with(|| {
            self.groups.push(Group {
                labels,
                buckets: Vec::new(),
                count: None,
                sum: 0.0,
                timestamp: None,
                created: None,
                is_native_too: false,
            });
            self.groups.len() - 1
        });
        &mut self.groups[position]
    }
}

enum Part {
    Bucket(f64),
    Count,
    Sum,
}

impl Group {
    fn convert(mut self) -> Option<Converted> {
        self.buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
        let of_all = self.buckets.iter().find(|(bound, _)| *bound == f64::INFINITY);
        let count = self.count.or(of_all.map(|(_, count)| *count))?;
        self.buckets.retain(|(bound, _)| *bound != f64::INFINITY);
        let mut histogram = Histogram::new(CUSTOM_BUCKETS_SCHEMA);
        histogram.count = count;
        histogram.sum = self.sum;
        histogram.custom_bounds = self.buckets.iter().map(|(bound, _)| *bound).collect();
        let (mut before, mut buckets) = (0.0, Buckets::default());
        let cumulative = self.buckets.iter().map(|(_, count)| *count).chain([count]);
        for (index, up_to_here) in (0i32..).zip(cumulative) {
            let here = up_to_here - before;
            if here != 0.0 {
                buckets.push(index, here);
            }
            before = up_to_here;
        }
        let is_whole = |count: &f64| count.fract() == 0.0;
        let is_integer = is_whole(&count) && buckets.counts.iter().all(is_whole);
        histogram.flavor = if is_integer { CountFlavor::Integer } else { CountFlavor::Float };
        histogram.positive = buckets;
        histogram.validate().ok()?;
        Some(Converted {
            key: self.labels.to_string(),
            histogram,
            timestamp: self.timestamp,
            created: self.created,
        })
    }
}
