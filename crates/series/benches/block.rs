//! Bytes and speed of blocks: `cargo bench -p series --bench block -- [HOSTS] [STEPS] [EXPORT_FILE]`.
//!
//! The data resembles what node exporters say: 500 series a host at 15 s, of
//! which two fifths hardly change, a fifth are CPU seconds with two decimals, a
//! fifth count bytes and packets, the rest are memory in pages, load, ratios and
//! durations. Half of the hosts are scraped to the millisecond, the others with
//! a jitter of a few. All of it follows from a fixed seed. With `EXPORT_FILE` the
//! same samples are written as JSON lines that VictoriaMetrics imports at
//! `/api/v1/import`.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use disk::{Disk, FileDisk};
use model::{Labels, SampleColumns, TimeRange, Timestamp};
use rustix::time::{ClockId, clock_gettime};
use series::block::{Block, BlockWriter};
use series::metrics::StoreMetrics;
use storage::SelectStats;

const SERIES_PER_HOST: usize = 500;
const START_MS: i64 = 1_700_006_400_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let number =
        |at: usize, default| arguments.get(at).and_then(|a| a.parse().ok()).unwrap_or(default);
    let (hosts, steps) = (number(0, 20), number(1, 480));
    let mut series: Vec<(Labels, SampleColumns)> = (0..hosts)
        .flat_map(|host| (0..SERIES_PER_HOST).map(move |id| make_series(host, id, steps)))
        .collect();
    series.sort_by(|a, b| a.0.cmp(&b.0));
    if let Some(path) = arguments.get(2) {
        export(&series, Path::new(path));
    }
    let dir = std::env::temp_dir().join(format!("bellwether-bench-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("the temporary directory can be written");
    measure(&series, &dir);
    std::fs::remove_dir_all(&dir).expect("the directory can be removed");
}

fn measure(series: &[(Labels, SampleColumns)], dir: &Path) {
    let samples: usize = series.iter().map(|(_, columns)| columns.len()).sum();
    println!("{} series, {samples} samples", series.len());
    let clock = Clock::start();
    let mut writer = BlockWriter::create(&disk(), dir, 1, Vec::new()).expect("the block begins");
    for (labels, columns) in series {
        writer.add(labels, columns).expect("the block takes the series");
    }
    let path = writer.finish().expect("the block ends").expect("the block has samples");
    clock.report("write", samples);
    for file in ["chunks", "times", "index"] {
        let bytes = std::fs::metadata(path.join(file)).expect("the file is there").len() as f64;
        println!(
            "  {file:<10} {:>8.3} B/sample {:>8.1} B/series",
            bytes / samples as f64,
            bytes / series.len() as f64
        );
    }
    report_kinds(series, dir);

    let clock = Clock::start();
    let block = Block::open(&disk(), &path, StoreMetrics::default()).expect("the block opens");
    clock.report("open", samples);
    let clock = Clock::start();
    for number in 0..series.len() as u32 {
        assert_eq!(block.labels(number).expect("the labels are there"), series[number as usize].0);
    }
    clock.report("labels", series.len());
    let clock = Clock::start();
    let (mut columns, mut read) = (SampleColumns::default(), 0);
    for number in 0..series.len() as u32 {
        columns.clear();
        block
            .read(number, TimeRange::ALL, &mut columns, &mut SelectStats::default())
            .expect("the samples are there");
        read += columns.len();
    }
    clock.report("read", read);
}

/// Bytes a sample for each kind of series, from a block of its own.
fn report_kinds(series: &[(Labels, SampleColumns)], dir: &Path) {
    for (kind, _) in KINDS {
        let mut writer =
            BlockWriter::create(&disk(), dir, 1, Vec::new()).expect("the block begins");
        let mut samples = 0;
        for (labels, columns) in
            series.iter().filter(|(labels, _)| labels.get("kind") == Some(kind))
        {
            samples += columns.len();
            writer.add(labels, columns).expect("the block takes the series");
        }
        let Some(path) = writer.finish().expect("the block ends") else { continue };
        let bytes = std::fs::metadata(path.join("chunks")).expect("the file is there").len();
        println!("    {kind:<12} {:>8.3} B/sample of chunks", bytes as f64 / samples as f64);
    }
}

fn disk() -> Arc<dyn Disk> {
    Arc::new(FileDisk)
}

type Values = fn(&mut Random, f64) -> f64;

/// Kinds of series, and how the next value follows from the last.
const KINDS: [(&str, Values); 7] = [
    ("constant", |_, last| last),
    ("flag", |random, last| if random.below(400) == 0 { 1.0 - last.min(1.0) } else { last }),
    ("cpu", |random, last| ((last * 100.0).round() + random.below(150) as f64) / 100.0),
    ("counter", |random, last| last + (random.below(1 << 9) * random.below(1 << 11)) as f64),
    ("pages", |random, last| (last + 4096.0 * (random.below(401) as f64 - 200.0)).max(0.0)),
    ("gauge", |random, last| ((last * 100.0).round() + random.below(21) as f64 - 10.0) / 100.0),
    ("duration", |random, _| random.below(1 << 24) as f64 / 1e9),
];

fn make_series(host: usize, id: usize, steps: usize) -> (Labels, SampleColumns) {
    let (kind, next) = KINDS[match id % 50 {
        0..=15 => 0,
        16..=19 => 1,
        20..=29 => 2,
        30..=39 => 3,
        40..=44 => 4,
        45..=48 => 5,
        _ => 6,
    }];
    let labels = Labels::from_pairs([
        ("__name__", format!("node_{kind}_{}_total", id % 50)),
        ("instance", format!("host-{host:05}.example.net:9100")),
        ("job", "node".to_owned()),
        ("device", format!("dev{}", id / 50)),
        ("kind", kind.to_owned()),
    ]);
    let mut random = Random((host as u64) << 32 | (id as u64) << 1 | 1);
    let mut value = match kind {
        "pages" => ((1 << 21) + random.below(1 << 20)) as f64 * 4096.0,
        _ => random.below(100_000) as f64,
    };
    let mut columns = SampleColumns::default();
    // A target's series share the times of its scrapes.
    let mut jitter = Random(host as u64 * 2 + 1);
    let offset = (host as i64 * 7919) % 15_000;
    for step in 0..steps as i64 {
        let off = if host.is_multiple_of(2) { 0 } else { jitter.below(7) as i64 - 3 };
        columns.floats.push(Timestamp::from_millis(START_MS + offset + step * 15_000 + off), value);
        value = next(&mut random, value);
    }
    (labels, columns)
}

fn export(series: &[(Labels, SampleColumns)], path: &Path) {
    let file = std::fs::File::create(path).expect("the export can be written");
    let mut out = std::io::BufWriter::new(file);
    for (labels, columns) in series {
        let metric: std::collections::BTreeMap<_, _> = labels.iter().collect();
        let line = serde_json::json!({
            "metric": metric,
            "values": columns.floats.values,
            "timestamps": Timestamp::column_as_millis(&columns.floats.timestamps),
        });
        writeln!(out, "{line}").expect("the export can be written");
    }
}

/// xorshift64*.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) % limit
    }
}

struct Clock {
    wall: Instant,
    cpu: Duration,
}

impl Clock {
    fn start() -> Self {
        Self { wall: Instant::now(), cpu: cpu_time() }
    }

    fn report(&self, what: &str, count: usize) {
        let (wall, cpu) = (self.wall.elapsed(), cpu_time() - self.cpu);
        println!(
            "  {what:<10} {:>8.1} ms, {:>8.1} CPU-ms, {:>8.1} ns each",
            wall.as_secs_f64() * 1e3,
            cpu.as_secs_f64() * 1e3,
            cpu.as_secs_f64() * 1e9 / count as f64
        );
    }
}

fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
