//! `bellwether export`: history out of a data directory, for others.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, bail};
use disk::{Disk, FileDisk};
use model::{HistogramColumn, Matcher, Millis, SampleColumns, TimeRange, Timestamp};
use storage::{Cancel, SelectHints, SelectRequest, SeriesStore};
use tsdb::{BlockWriter, Damage, DataDir, Selection, TsdbError};

use super::offline::{self, grouped, shown};
use crate::cli::PrometheusExportArgs;

/// `export prometheus`: block by block, the oldest first.
pub(super) fn prometheus(args: &PrometheusExportArgs) -> anyhow::Result<ExitCode> {
    let disk: Arc<dyn Disk> = Arc::new(FileDisk);
    prepare(&*disk, &args.dir)?;
    let (store, _) = offline::open_store(&args.history)?;
    let selectors = args.history.selectors.iter().map(|selector| selector.0.clone()).collect();
    let want = Selection { selectors, range: offline::range(&args.history) };
    let mut exporter = Exporter { store: &*store, disk, args, want, total: Exported::default() };
    exporter.run()?;
    exporter.complete()?;
    store.shutdown().context("closing the store; nothing is lost")?;
    exporter.summarise();
    Ok(ExitCode::SUCCESS)
}

/// Makes the directory and refuses one with blocks: those of two exports overlap.
fn prepare(disk: &dyn Disk, dir: &Path) -> anyhow::Result<()> {
    disk.create_dir_all(dir).with_context(|| format!("unable to create {}", dir.display()))?;
    match DataDir::open(disk, dir, &mut Damage::default()) {
        Err(TsdbError::NothingThere(_)) => Ok(()),
        Err(error) => Err(error.into()),
        Ok(_) => bail!(
            "{} already holds data of Prometheus; export into an empty directory and move the blocks over \
             while Prometheus does not run",
            dir.display()
        ),
    }
}

/// An export in progress.
struct Exporter<'a> {
    store: &'a dyn SeriesStore,
    disk: Arc<dyn Disk>,
    args: &'a PrometheusExportArgs,
    want: Selection,
    total: Exported,
}

/// What was written.
#[derive(Default)]
struct Exported {
    blocks: u64,
    samples: u64,
    covered: Option<TimeRange>,
    /// Native histograms with custom buckets, written or left out.
    custom_buckets: u64,
}

impl Exporter<'_> {
    fn run(&mut self) -> anyhow::Result<()> {
        let window = self.args.block_duration.as_millis();
        for span in spans(&self.stored(), self.want.range, window) {
            self.block(span).with_context(|| {
                format!("exporting {} to {}", shown(span.start), shown(span.end))
            })?;
        }
        Ok(())
    }

    /// Makes of the blocks what promtool takes for a data directory: `tsdb dump`
    /// asks for a log, be it empty.
    fn complete(&self) -> anyhow::Result<()> {
        let wal = self.args.dir.join("wal");
        let made = self.disk.create_dir_all(&wal).and_then(|()| self.disk.sync_dir(&self.args.dir));
        made.with_context(|| format!("unable to create {}", wal.display()))
    }

    /// The times of all that is stored.
    fn stored(&self) -> Vec<TimeRange> {
        let status = self.store.status(0);
        let blocks = status.blocks.iter().map(|block| block.range);
        blocks.chain(status.head.range).collect()
    }

    fn block(&mut self, range: TimeRange) -> anyhow::Result<()> {
        let started = Instant::now();
        let cancel = Cancel::new();
        // The store takes one selector; of several, each series is looked at.
        let matchers: &[Matcher] = match self.want.selectors.as_slice() {
            [selector] => selector,
            _ => &[],
        };
        let selection = self.store.select(&SelectRequest {
            matchers,
            range,
            hints: SelectHints::default(),
            series_max: usize::MAX,
            cancel: &cancel,
        })?;
        let labels = selection.labels();
        let mut writer = BlockWriter::create(&self.disk, &self.args.dir, labels)?;
        let mut columns = SampleColumns::default();
        let skip_custom_buckets = self.args.skip_custom_buckets;
        for (place, labels) in labels.iter().enumerate() {
            if self.want.matches(labels) {
                columns.clear();
                selection.read(place, &mut columns)?;
                let custom = count_custom_buckets(&mut columns.histograms, skip_custom_buckets);
                self.total.custom_buckets += custom;
                writer.add(labels, &columns)?;
            }
        }
        let Some(meta) = writer.finish()? else { return Ok(()) };
        eprintln!(
            "block {}, {} to {}: {} samples of {} series, {:.1} s",
            meta.ulid,
            shown(meta.range().start),
            shown(meta.range().end),
            grouped(meta.stats.num_samples),
            grouped(meta.stats.num_series),
            started.elapsed().as_secs_f64(),
        );
        self.total.blocks += 1;
        self.total.samples += meta.stats.num_samples;
        let covered = self.total.covered.get_or_insert(meta.range());
        covered.end = meta.range().end;
        Ok(())
    }

    fn summarise(&self) {
        let total = &self.total;
        let dir = self.args.dir.display();
        println!(
            "Exported {} samples in {} blocks to {dir}.",
            grouped(total.samples),
            grouped(total.blocks)
        );
        if let Some(covered) = total.covered {
            println!("They are from {} to {}.", shown(covered.start), shown(covered.end));
        }
        if total.custom_buckets > 0 {
            let count = grouped(total.custom_buckets);
            if self.args.skip_custom_buckets {
                println!("{count} native histograms with custom buckets were left out.");
            } else {
                println!(
                    "{count} of them are native histograms with custom buckets, which Prometheus before 3.0 \
                     can't read; leave them out with --skip-custom-buckets."
                );
            }
        }
    }
}

/// Counts native histograms with custom buckets and, where they are to be
/// skipped, takes them out.
fn count_custom_buckets(column: &mut HistogramColumn, skip: bool) -> u64 {
    let custom = column.histograms.iter().filter(|h| h.uses_custom_buckets()).count();
    if custom > 0 && skip {
        let samples = column.timestamps.drain(..).zip(column.histograms.drain(..));
        let kept: Vec<_> = samples.filter(|(_, h)| !h.uses_custom_buckets()).collect();
        (column.timestamps, column.histograms) = kept.into_iter().unzip();
    }
    custom as u64
}

/// The spans of blocks to write: aligned windows that something is stored of,
/// each cut to what is asked for.
fn spans(stored: &[TimeRange], asked: TimeRange, window: Millis) -> Vec<TimeRange> {
    let mut asked_of: Vec<_> = stored
        .iter()
        .map(|range| range.intersect(&asked))
        .filter(|range| !range.is_empty())
        .collect();
    asked_of.sort_by_key(|range| range.start);
    let mut spans: Vec<TimeRange> = Vec::new();
    for range in asked_of {
        let behind = spans.last().map_or(Timestamp::MIN, |last| last.end + Millis::new(1));
        let mut at = range.start.max(behind);
        while at <= range.end {
            let start = at.align_down(window);
            let end = start + Millis::new(window.get() - 1);
            spans.push(TimeRange::new(start.max(asked.start), end.min(asked.end)));
            if end == Timestamp::MAX {
                break;
            }
            at = end + Millis::new(1);
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use model::histogram::{CUSTOM_BUCKETS_SCHEMA, CountFlavor, ResetHint};
    use model::sample::STALE_NAN;
    use model::{Histogram, Labels, PromDuration, SampleBatch};
    use storage::AppendOptions;

    use super::*;
    use crate::cli::{HistoryArgs, PrometheusImportArgs};
    use crate::commands::import;

    fn range(start: i64, end: i64) -> TimeRange {
        TimeRange::new(Timestamp::from_millis(start), Timestamp::from_millis(end))
    }

    #[test]
    fn spans_are_aligned_and_skip_what_is_empty() {
        let window = Millis::new(10);
        let of = |stored: &[TimeRange], asked| spans(stored, asked, window);
        assert_eq!(of(&[range(5, 12)], TimeRange::ALL), [range(0, 9), range(10, 19)]);
        let stored = [range(95, 99), range(3, 4), range(4, 12)];
        assert_eq!(of(&stored, TimeRange::ALL), [range(0, 9), range(10, 19), range(90, 99)]);
        assert_eq!(of(&stored, range(4, 11)), [range(4, 9), range(10, 11)]);
        assert!(of(&stored, range(20, 80)).is_empty());
        assert_eq!(of(&[range(-5, -5)], TimeRange::ALL), [range(-10, -1)]);
        assert_eq!(of(&[range(i64::MAX, i64::MAX)], TimeRange::ALL).len(), 1);
    }

    #[test]
    fn custom_buckets_are_counted_and_skipped_where_that_is_asked_for() {
        let mut column = HistogramColumn::default();
        for (time, schema) in [(1, 3), (2, CUSTOM_BUCKETS_SCHEMA), (3, 0)] {
            column.push(Timestamp::from_millis(time), Arc::new(Histogram::new(schema)));
        }
        assert_eq!((count_custom_buckets(&mut column, false), column.len()), (1, 3));
        assert_eq!((count_custom_buckets(&mut column, true), column.len()), (1, 2));
        assert_eq!(column.timestamps, [1, 3].map(Timestamp::from_millis));
        assert_eq!(count_custom_buckets(&mut column, true), 0);
    }

    fn history(data_dir: &Path) -> HistoryArgs {
        HistoryArgs {
            config: None,
            data_dir: Some(data_dir.to_owned()),
            selectors: Vec::new(),
            min_time: None,
            max_time: None,
        }
    }

    /// Five hours of a float and of native histograms of all kinds.
    fn fill(data_dir: &Path) {
        let now = Timestamp::now().as_millis() / 1000 * 1000;
        let mut batch = SampleBatch::default();
        for kind in ["float", "integer", "fractions", "gauge", "custom"] {
            batch.begin_series(&Labels::from_pairs([("__name__", kind)]));
            for minute in 0..300 {
                let at = Timestamp::from_millis(now - (300 - minute) * 60_000);
                let count = (minute % 100 + 1) as f64;
                let mut histogram = Histogram::new(3);
                histogram.positive.push(2, count);
                histogram.count = count;
                histogram.sum = count * 1.5;
                match kind {
                    "float" => {
                        batch.push(at, if minute % 50 == 49 { STALE_NAN } else { count });
                        continue;
                    }
                    "fractions" => histogram.flavor = CountFlavor::Float,
                    "gauge" => histogram.reset_hint = ResetHint::Gauge,
                    "custom" => {
                        histogram.schema = CUSTOM_BUCKETS_SCHEMA;
                        histogram.custom_bounds = vec![0.1, 0.25, 1.0 / 3.0];
                    }
                    _ => {}
                }
                batch.push_histogram(at, Arc::new(histogram));
            }
        }
        let (store, _) = offline::open_store(&history(data_dir)).unwrap();
        let outcome = store.append(&batch, &AppendOptions::default()).unwrap();
        assert!(outcome.samples_appended > 0);
        store.shutdown().unwrap();
    }

    /// All samples as text, without what an encoding may change.
    fn read(data_dir: &Path) -> Vec<String> {
        let (store, _) = offline::open_store(&history(data_dir)).unwrap();
        let cancel = Cancel::new();
        let request = SelectRequest {
            matchers: &[],
            range: TimeRange::ALL,
            hints: SelectHints::default(),
            series_max: usize::MAX,
            cancel: &cancel,
        };
        let selection = store.select(&request).unwrap();
        let mut all = Vec::new();
        for (place, labels) in selection.labels().iter().enumerate() {
            let mut columns = SampleColumns::default();
            selection.read(place, &mut columns).unwrap();
            for (at, value) in columns.floats.timestamps.iter().zip(&columns.floats.values) {
                all.push(format!("{labels} {at} {:x}", value.to_bits()));
            }
            let histograms = &columns.histograms;
            for (at, h) in histograms.timestamps.iter().zip(&histograms.histograms) {
                let is_gauge = h.reset_hint == ResetHint::Gauge;
                let buckets: Vec<_> = h.positive.iter().filter(|(_, count)| *count > 0.0).collect();
                all.push(format!(
                    "{labels} {at} {:?} {is_gauge} {} {} {} {buckets:?} {:?}",
                    h.flavor, h.schema, h.count, h.sum, h.custom_bounds
                ));
            }
        }
        all
    }

    #[test]
    fn what_is_exported_can_be_imported_and_is_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        fill(&path("ours"));
        let export = |to: &str, skip_custom_buckets| PrometheusExportArgs {
            dir: path(to),
            history: history(&path("ours")),
            block_duration: PromDuration::from_secs(7200),
            skip_custom_buckets,
        };
        prometheus(&export("blocks", false)).unwrap();
        let import = |from: &str, to: &str| {
            let args = PrometheusImportArgs { dir: path(from), history: history(&path(to)) };
            import::prometheus(&args).unwrap()
        };
        assert_eq!(import("blocks", "back"), ExitCode::SUCCESS);
        let (ours, back) = (read(&path("ours")), read(&path("back")));
        assert_eq!(ours.len(), 5 * 300);
        assert!(ours == back, "{:?}", ours.iter().zip(&back).find(|(a, b)| a != b));
        // Without custom buckets that series is not there, and all the rest is.
        prometheus(&export("older", true)).unwrap();
        import("older", "without");
        let rest: Vec<_> = ours.into_iter().filter(|line| !line.starts_with("custom")).collect();
        assert!(rest == read(&path("without")));
    }
}
