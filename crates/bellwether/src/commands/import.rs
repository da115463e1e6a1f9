//! `bellwether import`: history from elsewhere into a data directory.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use disk::FileDisk;
use model::{Labels, SampleBatch, SampleColumns, TimeRange, Timestamp};
use series::{Import, ImportOutcome, Store};
use storage::{AppendOptions, SeriesStore};
use tsdb::wal::{Wal, WalContent};
use tsdb::{Block, Damage, DataDir, Selection};

use super::offline::{self, grouped, shown};
use crate::cli::PrometheusImportArgs;

/// How many exemplars are appended at a time.
const EXEMPLARS_PER_BATCH: usize = 1000;
/// How often a long part says how far it is.
const PROGRESS_INTERVAL: Duration = Duration::from_secs(5);

/// `import prometheus`: blocks one by one, the oldest first, then the log. Exit
/// code 1 where something was damaged and left out.
pub(super) fn prometheus(args: &PrometheusImportArgs) -> anyhow::Result<ExitCode> {
    let mut damage = Damage::default();
    let source = DataDir::open(&FileDisk, &args.dir, &mut damage)?;
    let (store, config) = offline::open_store(&args.history)?;
    let oldest_kept = store.oldest_kept(Timestamp::now());
    let range = offline::range(&args.history);
    let mut importer = Importer {
        store: &store,
        want: Selection {
            selectors: args.history.selectors.iter().map(|selector| selector.0.clone()).collect(),
            range: TimeRange::new(range.start.max(oldest_kept), range.end),
        },
        damage,
        total: ImportOutcome::default(),
        expired: Expired::default(),
    };
    importer.blocks(&source, range)?;
    if let Some(wal) = Wal::open(&FileDisk, &source)? {
        importer.wal(&wal)?;
    }
    store.shutdown().context("flushing the store; the log still has everything")?;
    importer.summarise(&args.dir, &config.storage.data_dir);
    let retention = config.storage.series.retention_time;
    if importer.expired.blocks > 0 || importer.expired.is_cut {
        println!(
            "Left out as older than the retention of {retention}, before {}: {} blocks of {} samples{}. \
             To bring them in, raise storage.series.retention_time in the configuration, name it with --config, \
             and run this again.",
            shown(oldest_kept),
            importer.expired.blocks,
            grouped(importer.expired.samples),
            if importer.expired.is_cut { " and the beginning of another" } else { "" },
        );
    }
    Ok(report(&importer.damage))
}

/// What was damaged, for people.
fn report(damage: &Damage) -> ExitCode {
    if damage.is_empty() {
        return ExitCode::SUCCESS;
    }
    eprintln!("{} damaged places were left out:", grouped(damage.count()));
    damage.examples().iter().for_each(|error| eprintln!("  {error}"));
    let more = damage.count() - damage.examples().len() as u64;
    if more > 0 {
        eprintln!("  and {} more", grouped(more));
    }
    ExitCode::FAILURE
}

/// A block or the log on its way into the store.
struct Part<'a> {
    what: &'a str,
    import: Import<'a>,
    samples: u64,
    /// When it was last said how far it is.
    told: Instant,
}

impl Part<'_> {
    fn add(&mut self, labels: &Labels, columns: &SampleColumns) -> anyhow::Result<()> {
        self.samples += columns.len() as u64;
        if self.told.elapsed() >= PROGRESS_INTERVAL {
            self.told = Instant::now();
            eprintln!("{}: {} samples so far, at {labels}", self.what, grouped(self.samples));
        }
        Ok(self.import.add(labels, columns)?)
    }
}

/// An import in progress.
struct Importer<'a> {
    store: &'a Arc<Store>,
    want: Selection,
    damage: Damage,
    total: ImportOutcome,
    expired: Expired,
}

/// What is older than the store keeps.
#[derive(Default)]
struct Expired {
    blocks: u64,
    samples: u64,
    /// Whether a block was cut where retention ends.
    is_cut: bool,
}

impl Importer<'_> {
    /// `asked` is the range without regard to retention.
    fn blocks(&mut self, source: &DataDir, asked: TimeRange) -> anyhow::Result<()> {
        let asked: Vec<_> =
            source.blocks.iter().filter(|(_, meta)| meta.range().overlaps(&asked)).collect();
        for (place, (dir, meta)) in asked.iter().enumerate() {
            if !meta.range().overlaps(&self.want.range) {
                self.expired.blocks += 1;
                self.expired.samples += meta.stats.num_samples;
                continue;
            }
            self.expired.is_cut |= meta.min_time < self.want.range.start;
            let what = format!("block {} of {}, {}", place + 1, asked.len(), meta.ulid);
            match Block::open(&FileDisk, dir) {
                Ok(block) => self.block(&block, &what)?,
                // The others are worth having.
                Err(error) => self.damage.add(error),
            }
        }
        Ok(())
    }

    fn block(&mut self, block: &Block, what: &str) -> anyhow::Result<()> {
        let range = block.meta().range().intersect(&self.want.range);
        let want = Selection { range, ..self.want.clone() };
        let mut damage = std::mem::take(&mut self.damage);
        let imported = self.run(what, range, |part| {
            block.visit(&want, &mut damage, |labels, columns| part.add(labels, columns))
        });
        self.damage = damage;
        imported
    }

    fn wal(&mut self, wal: &Wal) -> anyhow::Result<()> {
        eprintln!("write-ahead log: reading the labels of its series");
        let content = wal.survey(&FileDisk, &self.want, &mut self.damage)?;
        if content.orphans > 0 {
            let orphans = grouped(content.orphans);
            eprintln!("write-ahead log: {orphans} samples belong to series that it does not name");
        }
        if let Some(range) = content.range {
            let want = self.want.clone();
            self.run("write-ahead log", range, |part| {
                wal.visit(&FileDisk, &content, &want, |labels, columns| part.add(labels, columns))
            })?;
        }
        self.append_others(&content)
    }

    /// Exemplars and metadata live in the head, as in Prometheus.
    fn append_others(&self, content: &WalContent) -> anyhow::Result<()> {
        let append = |batch: &SampleBatch| {
            self.store
                .append(batch, &AppendOptions::default())
                .map(drop)
                .map_err(anyhow::Error::from)
        };
        let mut batch = SampleBatch::default();
        content.metadata.iter().for_each(|metadata| batch.push_metadata(metadata.clone()));
        append(&batch)?;
        for exemplars in content.exemplars.chunks(EXEMPLARS_PER_BATCH) {
            batch.clear();
            for (labels, exemplar) in exemplars {
                batch.begin_series(labels);
                batch.push_exemplar(exemplar.clone());
            }
            append(&batch)?;
        }
        Ok(())
    }

    /// Imports one part of the source, which `fill` adds, and tells of it.
    fn run(
        &mut self,
        what: &str,
        range: TimeRange,
        fill: impl FnOnce(&mut Part<'_>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let started = Instant::now();
        let import = self.store.import(range)?;
        let mut part = Part { what, import, samples: 0, told: started };
        fill(&mut part).with_context(|| format!("importing {what}"))?;
        let outcome = part.import.finish().with_context(|| format!("importing {what}"))?;
        eprintln!(
            "{what}, {} to {}: {} samples of {} series, {} already there, {:.1} s",
            shown(range.start),
            shown(range.end),
            grouped(outcome.samples),
            grouped(outcome.series),
            grouped(outcome.samples_known),
            started.elapsed().as_secs_f64(),
        );
        self.total.samples += outcome.samples;
        self.total.samples_known += outcome.samples_known;
        self.total.blocks += outcome.blocks;
        if let Some(range) = outcome.range {
            let covered = self.total.range.get_or_insert(range);
            *covered = TimeRange::new(covered.start.min(range.start), covered.end.max(range.end));
        }
        Ok(())
    }

    fn summarise(&self, from: &Path, to: &Path) {
        println!(
            "Imported {} samples from {} to {} in {} blocks; {} were already there.",
            grouped(self.total.samples),
            from.display(),
            to.display(),
            self.total.blocks,
            grouped(self.total.samples_known),
        );
        if let Some(covered) = self.total.range {
            println!("They are from {} to {}.", shown(covered.start), shown(covered.end));
        }
    }
}
