//! Speed of Prometheus' blocks, written and read: `cargo bench -p tsdb --bench block -- [SERIES] [SAMPLES] [DIR]`.
//!
//! Two thirds of the series are counters, the others gauges with one decimal, at
//! 15 s. All of it follows from a fixed seed. With `DIR` the block stays there,
//! for `bellwether import prometheus` and `promtool tsdb analyze`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use disk::{Disk, FileDisk};
use model::{Labels, SampleColumns, Timestamp};
use tsdb::{Block, BlockWriter, Damage, Selection, TsdbError};

const STEP_MS: i64 = 15_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let number =
        |at: usize, default| arguments.get(at).and_then(|a| a.parse().ok()).unwrap_or(default);
    let (series, samples) = (number(0, 10_000), number(1, 480));
    let kept = arguments.get(2).map(PathBuf::from);
    let temporary = std::env::temp_dir().join(format!("tsdb-bench-{}", std::process::id()));
    let dir = kept.clone().unwrap_or_else(|| temporary.clone());
    std::fs::create_dir_all(&dir).expect("the directory can be written");
    measure(series, samples, &dir);
    if kept.is_none() {
        std::fs::remove_dir_all(&temporary).expect("the directory can be removed");
    }
}

fn measure(series: usize, samples: usize, dir: &Path) {
    let mut labels: Vec<Labels> = (0..series).map(labels).collect();
    labels.sort();
    let disk: Arc<dyn Disk> = Arc::new(FileDisk);
    let total = series * samples;
    let mut columns = SampleColumns::default();

    let started = Instant::now();
    let mut writer = BlockWriter::create(&disk, dir, &labels).expect("the block begins");
    for (place, labels) in labels.iter().enumerate() {
        fill(place as u64, samples, &mut columns);
        writer.add(labels, &columns).expect("the block takes the series");
    }
    let meta = writer.finish().expect("the block ends").expect("the block has samples");
    report("write", total, started);

    let block = dir.join(meta.ulid.as_str());
    let bytes = disk::file::dir_size_bytes(&*disk, &block).expect("the block is there");
    println!("{:.2} bytes a sample", bytes as f64 / total as f64);

    let started = Instant::now();
    let opened = Block::open(&*disk, &block).expect("the block opens");
    let mut damage = Damage::default();
    let mut read = 0;
    opened
        .visit(&Selection::all(), &mut damage, |_, columns| {
            read += columns.len();
            Ok::<_, TsdbError>(())
        })
        .expect("the block is read");
    report("read", total, started);
    assert!(read == total && damage.is_empty(), "all samples come back");
}

fn report(what: &str, samples: usize, started: Instant) {
    let seconds = started.elapsed().as_secs_f64();
    println!("{what}: {:.1} million samples a second", samples as f64 / seconds / 1e6);
}

fn labels(number: usize) -> Labels {
    Labels::from_pairs([
        ("__name__", format!("metric_{}", number % 500)),
        ("instance", format!("host-{}:9100", number / 500)),
        ("job", "node".to_owned()),
    ])
}

/// Samples up to now, so that no retention drops them.
fn fill(seed: u64, samples: usize, columns: &mut SampleColumns) {
    columns.clear();
    let end = Timestamp::now().as_millis() / STEP_MS * STEP_MS;
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut value = 0.0;
    for sample in 0..samples {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        value =
            if seed % 3 == 2 { (state % 1000) as f64 / 10.0 } else { value + (state % 50) as f64 };
        let time = end - (samples - sample) as i64 * STEP_MS;
        columns.floats.push(Timestamp::from_millis(time), value);
    }
}
