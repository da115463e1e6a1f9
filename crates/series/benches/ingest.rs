//! Measures the store with deterministic data: `cargo bench -p series --bench ingest -- [SERIES] [STEPS]`.
//!
//! Each step appends one sample to each series at a distance of 15 s, in batches
//! of 2,000 series as a scrape or a remote write brings them. A quarter of the
//! series each are counters, constants, gauges with two decimals, and noise.
//! Times are CPU time, without that of making the data.

use std::path::Path;
use std::time::{Duration, Instant};

use model::{Labels, Matcher, SampleBatch, SampleColumns, SeriesHash, TimeRange, Timestamp};
use rustix::time::{ClockId, clock_gettime};
use series::{Config, Store};
use storage::{AppendOptions, Cancel, Maintenance, SelectHints, SelectRequest, SeriesStore};

const STEP_MS: i64 = 15_000;
const BATCH_SERIES: usize = 2000;
const START_MS: i64 = 1_700_006_400_000;

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse().ok());
    match (numbers.next(), numbers.next()) {
        (Some(series), Some(steps)) => run(series, steps as i64),
        _ => {
            // Each size in a process of its own, so that memory is counted from zero.
            let program = std::env::current_exe().expect("the bench has a path");
            for arguments in [["10000", "1440"], ["100000", "480"]] {
                let status = std::process::Command::new(&program).args(arguments).status();
                assert!(status.expect("the bench starts itself").success());
            }
        }
    }
}

fn run(series: usize, steps: i64) {
    let dir = std::env::temp_dir().join(format!("bellwether-bench-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("the temporary directory can be written");
    let mut data = Data::new(series);
    let samples = series as f64 * steps as f64;
    let empty_bytes = resident_bytes();
    println!("{series} series x {steps} steps");

    let store = Store::open(Config::default(), &dir).expect("the store opens");
    let (started, cpu) = (Instant::now(), cpu_time());
    let mut generating = Duration::ZERO;
    let mut batch = SampleBatch::default();
    for step in 0..steps {
        for first in (0..series).step_by(BATCH_SERIES) {
            let before = thread_cpu_time();
            data.fill(&mut batch, first, step);
            generating += thread_cpu_time() - before;
            store.append(&batch, &AppendOptions::default()).expect("the store takes the batch");
        }
    }
    let cpu = cpu_time() - cpu - generating;
    let rate = samples / cpu.as_secs_f64();
    println!(
        "  ingest      {:>9.2} M samples/CPU-s, {:.1} s",
        rate / 1e6,
        started.elapsed().as_secs_f64()
    );
    let memory = resident_bytes() - empty_bytes;
    println!("  memory      {:>9.1} MB, {:.0} B/series", memory / 1e6, memory / series as f64);
    let status = store.status(0);
    println!(
        "  head        {:>9.1} MB of chunks, log {:.1} MB ({:.2} B/sample)",
        status.head.chunk_bytes as f64 / 1e6,
        status.wal_bytes as f64 / 1e6,
        status.wal_bytes as f64 / samples
    );

    let (started, cpu) = (Instant::now(), cpu_time());
    store.maintain(&Maintenance::Compact).expect("the store compacts");
    println!(
        "  cut         {:>9.2} CPU-s, {:.2} s",
        (cpu_time() - cpu).as_secs_f64(),
        started.elapsed().as_secs_f64()
    );
    query(&store, "one metric", &[Matcher::equal("__name__", "bench_metric_1_total")], steps);
    query(&store, "everything", &[], steps);

    println!("  peak memory {:>9.1} MB", status_bytes("VmHWM:") / 1e6);

    drop(store);
    let (started, cpu) = (Instant::now(), cpu_time());
    let store = Store::open(Config::default(), &dir).expect("the store opens again");
    println!(
        "  replay      {:>9.2} CPU-s, {:.2} s",
        (cpu_time() - cpu).as_secs_f64(),
        started.elapsed().as_secs_f64()
    );

    let (started, cpu) = (Instant::now(), cpu_time());
    store.shutdown().expect("the store shuts down");
    println!(
        "  shutdown    {:>9.2} CPU-s, {:.2} s",
        (cpu_time() - cpu).as_secs_f64(),
        started.elapsed().as_secs_f64()
    );
    println!("  disk        {:>9.3} B/sample", dir_bytes(&dir) as f64 / samples);
    query(&store, "one metric", &[Matcher::equal("__name__", "bench_metric_1_total")], steps);
    query(&store, "everything", &[], steps);
    drop(store);
    std::fs::remove_dir_all(&dir).expect("the directory can be removed");
}

fn query(store: &Store, what: &str, matchers: &[Matcher], steps: i64) {
    let cancel = Cancel::new();
    let range = TimeRange::new(at(0), at(steps));
    let hints = SelectHints::default();
    let request = SelectRequest { matchers, range, hints, series_max: usize::MAX, cancel: &cancel };
    let started = Instant::now();
    let selection = store.select(&request).expect("the selector is sound");
    let selected = started.elapsed();
    let mut columns = SampleColumns::default();
    let mut samples = 0;
    for index in 0..selection.labels().len() {
        columns.clear();
        selection.read(index, &mut columns).expect("the data can be read");
        samples += columns.len();
    }
    let read = started.elapsed() - selected;
    println!(
        "  {what:<11} {:>9.1} ms to select {} series, {:.1} ms to read {samples} samples ({:.0} M/s)",
        selected.as_secs_f64() * 1e3,
        selection.labels().len(),
        read.as_secs_f64() * 1e3,
        samples as f64 / read.as_secs_f64() / 1e6
    );
}

/// The labels and the state of every series.
struct Data {
    labels: Vec<(Labels, SeriesHash)>,
    values: Vec<f64>,
    random: u64,
}

impl Data {
    fn new(series: usize) -> Self {
        let labels = (0..series)
            .map(|id| {
                let labels = Labels::from_pairs([
                    ("__name__", format!("bench_metric_{}_total", id % 100)),
                    ("job", "bench".to_owned()),
                    ("instance", format!("host-{:05}:9100", id / 500)),
                    ("device", format!("dev{}", id / 100 % 5)),
                    ("region", format!("eu-west-{}", id / 500 % 3)),
                ]);
                let hash = labels.series_hash();
                (labels, hash)
            })
            .collect();
        Self { labels, values: vec![0.0; series], random: 1 }
    }

    fn fill(&mut self, batch: &mut SampleBatch, first: usize, step: i64) {
        batch.clear();
        for id in first..(first + BATCH_SERIES).min(self.labels.len()) {
            let random = self.next_random();
            let value = &mut self.values[id];
            *value = match id % 4 {
                0 => *value + (random % 1000) as f64,
                1 => 42.0,
                2 => ((*value * 100.0 + (random % 201) as f64 - 100.0).round()) / 100.0,
                _ => (random >> 11) as f64 / (1u64 << 53) as f64,
            };
            let (labels, hash) = &self.labels[id];
            batch.begin_series_hashed(labels, *hash);
            batch.push(at(step), *value);
        }
    }

    fn next_random(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }
}

fn at(step: i64) -> Timestamp {
    Timestamp::from_millis(START_MS + step * STEP_MS)
}

fn cpu_time() -> Duration {
    to_duration(clock_gettime(ClockId::ProcessCPUTime))
}

fn thread_cpu_time() -> Duration {
    to_duration(clock_gettime(ClockId::ThreadCPUTime))
}

fn to_duration(time: rustix::time::Timespec) -> Duration {
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

fn resident_bytes() -> f64 {
    status_bytes("VmRSS:")
}

/// A line of `/proc/self/status`.
fn status_bytes(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("this is Linux");
    let line = status.lines().find(|line| line.starts_with(name)).expect("the line is there");
    let kib: f64 = line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).expect("a number");
    kib * 1024.0
}

fn dir_bytes(dir: &Path) -> u64 {
    disk::file::dir_size_bytes(&disk::FileDisk, dir).expect("the directory can be read")
}
