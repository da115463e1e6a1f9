//! The series that a scrape writes about itself: `up` and its siblings.

use model::{Labels, METRIC_NAME, SampleBatch, SeriesHash, Timestamp};

use super::ingest::IngestCounts;

/// What a job's targets are allowed, which each scrape repeats where it is asked to.
#[derive(Clone, Copy, Debug)]
pub struct Allowances {
    /// After how long a scrape is given up, in seconds.
    pub timeout_secs: f64,
    /// The most samples; zero is no limit.
    pub sample_limit: u64,
}

/// What a finished scrape says of itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Report {
    /// Whether it succeeded.
    pub is_up: bool,
    /// How long it took, in seconds.
    pub duration_secs: f64,
    /// What it brought.
    pub counts: IngestCounts,
    /// The bytes of its body, decompressed; -1 where it was over the limit.
    pub body_size_bytes: i64,
}

/// The report series of one target, their labels built once.
#[derive(Clone, Debug)]
pub struct ReportSeries {
    up: (Labels, SeriesHash),
    duration: (Labels, SeriesHash),
    scraped: (Labels, SeriesHash),
    post_relabel: (Labels, SeriesHash),
    added: (Labels, SeriesHash),
    extra: Option<ExtraSeries>,
}

/// The series of `extra_scrape_metrics`.
#[derive(Clone, Debug)]
struct ExtraSeries {
    allowances: Allowances,
    timeout: (Labels, SeriesHash),
    sample_limit: (Labels, SeriesHash),
    body_size: (Labels, SeriesHash),
}

impl ReportSeries {
    /// The series of a target with these labels; with `allowances`, the extra ones too.
    pub fn new(target: &Labels, allowances: Option<Allowances>) -> Self {
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
            extra: allowances.map(|allowances| ExtraSeries {
                allowances,
                timeout: named("scrape_timeout_seconds"),
                sample_limit: named("scrape_sample_limit"),
                body_size: named("scrape_body_size_bytes"),
            }),
        }
    }

    /// Adds the report of a scrape to its batch.
    pub fn push(&self, batch: &mut SampleBatch, at: Timestamp, report: &Report) {
        let counts = report.counts;
        let mut push = |(labels, hash): &(Labels, SeriesHash), value| {
            batch.begin_series_hashed(labels, *hash);
            batch.push(at, value);
        };
        push(&self.up, f64::from(u8::from(report.is_up)));
        push(&self.duration, report.duration_secs);
        push(&self.scraped, counts.scraped as f64);
        push(&self.post_relabel, counts.post_relabel as f64);
        push(&self.added, counts.added as f64);
        if let Some(extra) = &self.extra {
            push(&extra.timeout, extra.allowances.timeout_secs);
            push(&extra.sample_limit, extra.allowances.sample_limit as f64);
            push(&extra.body_size, report.body_size_bytes as f64);
        }
    }

    /// Adds one value for each report series: the marker of staleness, mostly.
    pub fn push_all(&self, batch: &mut SampleBatch, at: Timestamp, value: f64) {
        let always = [&self.up, &self.duration, &self.scraped, &self.post_relabel, &self.added];
        let extra = self.extra.iter().flat_map(|e| [&e.timeout, &e.sample_limit, &e.body_size]);
        for (labels, hash) in always.into_iter().chain(extra) {
            batch.begin_series_hashed(labels, *hash);
            batch.push(at, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extra_series_only_where_asked_for() {
        let names = |allowances| {
            let series = ReportSeries::new(&Labels::from_pairs([("job", "j")]), allowances);
            let mut batch = SampleBatch::default();
            let report = Report { is_up: true, body_size_bytes: 7, ..Report::default() };
            series.push(&mut batch, Timestamp::from_millis(1), &report);
            let values: Vec<_> =
                batch.series().map(|s| (s.labels.to_string(), s.values[0])).collect();
            let mut ends = SampleBatch::default();
            series.push_all(&mut ends, Timestamp::from_millis(2), 0.0);
            assert_eq!(ends.series_len(), values.len());
            values
        };
        assert_eq!(names(None).len(), 5);
        let all = names(Some(Allowances { timeout_secs: 2.5, sample_limit: 9 }));
        assert_eq!(
            all[5..],
            [
                (r#"scrape_timeout_seconds{job="j"}"#.to_owned(), 2.5),
                (r#"scrape_sample_limit{job="j"}"#.to_owned(), 9.0),
                (r#"scrape_body_size_bytes{job="j"}"#.to_owned(), 7.0),
            ]
        );
    }
}
