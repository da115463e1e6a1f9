//! The series that a scrape writes about itself: `up` and its siblings.

use model::{Labels, METRIC_NAME, SampleBatch, SeriesHash, Timestamp};

use super::ingest::IngestCounts;

/// What a finished scrape says of itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Report {
    /// Whether it succeeded.
    pub is_up: bool,
    /// How long it took, in seconds.
    pub duration_secs: f64,
    /// What it brought.
    pub counts: IngestCounts,
}

/// The report series of one target, their labels built once.
#[derive(Clone, Debug)]
pub struct ReportSeries {
    up: (Labels, SeriesHash),
    duration: (Labels, SeriesHash),
    scraped: (Labels, SeriesHash),
    post_relabel: (Labels, SeriesHash),
    added: (Labels, SeriesHash),
}

impl ReportSeries {
    /// The series of a target with these labels.
    pub fn new(target: &Labels) -> Self {
        let named = |name: &str| {
            let labels = target.to_builder().set(METRIC_NAME, name).build();
            let hash = labels.series_hash();
            (labels, hash)
        };
        Self {
            up: named("up"),
            duration: named("scrape_duration_seconds"),
            scraped: named("scrape_samples_scraped"),
            post_relabel: named("scrape_samples_post_metric_relabeling"),
            added: named("scrape_series_added"),
        }
    }

    /// Adds the report of a scrape to its batch.
    pub fn push(&self, batch: &mut SampleBatch, at: Timestamp, report: &Report) {
        let counts = report.counts;
        for ((labels, hash), value) in [
            (&self.up, f64::from(u8::from(report.is_up))),
            (&self.duration, report.duration_secs),
            (&self.scraped, counts.scraped as f64),
            (&self.post_relabel, counts.post_relabel as f64),
            (&self.added, counts.added as f64),
        ] {
            batch.begin_series_hashed(labels, *hash);
            batch.push(at, value);
        }
    }

    /// Adds one value for each report series: the marker of staleness, mostly.
    pub fn push_all(&self, batch: &mut SampleBatch, at: Timestamp, value: f64) {
        for (labels, hash) in
            [&self.up, &self.duration, &self.scraped, &self.post_relabel, &self.added]
        {
            batch.begin_series_hashed(labels, *hash);
            batch.push(at, value);
        }
    }
}
