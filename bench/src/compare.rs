//! The course of a comparison: each server takes the data, answers, crashes,
//! starts, ends in good order, starts again and answers again.

use std::path::{Path, PathBuf};
use std::sync::Barrier;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, ensure};

use crate::data::{RequestStream, SERIES_PER_TARGET, STEP_MS, TARGETS_PER_REQUEST};
use crate::http::Connection;
use crate::queries::{self, QUERIES, Query, Series};
use crate::report;
use crate::server::{Program, Server, ask};

/// The data end where a block would: how the server cuts time must not depend
/// on when the bench runs.
const ALIGNMENT_SECS: i64 = 7200;
/// The longest that a server may take from its start until it has all data.
const START_PATIENCE: Duration = Duration::from_secs(120);
/// VictoriaMetrics has no log and puts the newest samples into files every few
/// seconds; a crash right away would lose them, and is not what is compared.
const BEFORE_CRASH: Duration = Duration::from_secs(15);
/// Connections that send at a time.
const SENDERS: usize = 2;

/// What to compare, and how.
#[derive(Debug, clap::Args)]
pub(crate) struct CompareArgs {
    /// How many series; a run for each number.
    #[arg(long, value_delimiter = ',', default_value = "10000,100000")]
    series: Vec<usize>,
    /// Hours of data.
    #[arg(long, default_value_t = 2)]
    hours: i64,
    /// How often each query is asked; the median counts.
    #[arg(long, default_value_t = 5)]
    repeats: usize,
    /// Only these servers (bellwether, victoriametrics, prometheus).
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Our server; by default the one beside this program.
    #[arg(long, value_name = "FILE")]
    bellwether: Option<PathBuf>,
    /// Where the data are put meanwhile; by default the system's temporary directory.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Writes the tables into docs/bench.md besides.
    #[arg(long)]
    write: bool,
}

/// What was measured of one server.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) program: Program,
    pub(crate) version: String,
    /// Samples sent.
    pub(crate) samples: u64,
    /// Wall time of sending them.
    pub(crate) ingest_secs: f64,
    /// Processor time of taking them in, until the server rests.
    pub(crate) ingest_cpu_secs: f64,
    /// The most memory until then.
    pub(crate) ingest_memory_bytes: u64,
    /// The most memory after all queries.
    pub(crate) memory_bytes: u64,
    /// What was stored in memory and log, or wherever the server keeps the newest data.
    pub(crate) fresh: Vec<QueryTime>,
    /// From the start after a crash to the first right answer.
    pub(crate) crash_start_secs: f64,
    pub(crate) crash_start_cpu_secs: f64,
    /// The end in good order.
    pub(crate) shutdown_secs: f64,
    pub(crate) shutdown_cpu_secs: f64,
    pub(crate) disk_bytes: u64,
    /// From the start after that to the first right answer.
    pub(crate) start_secs: f64,
    /// The same queries after it.
    pub(crate) stored: Vec<QueryTime>,
    /// The most memory of a server that only answered queries.
    pub(crate) stored_memory_bytes: u64,
}

/// What one query took.
#[derive(Debug)]
pub(crate) struct QueryTime {
    /// The median from asking to the last byte, in ms.
    pub(crate) wall_ms: f64,
    /// The server's processor time for one, in ms.
    pub(crate) cpu_ms: f64,
    pub(crate) answer: Series,
}

/// The data of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) targets: usize,
    pub(crate) start_ms: i64,
    pub(crate) steps: i64,
}

impl Load {
    fn new(series: usize, hours: i64) -> anyhow::Result<Self> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() as i64;
        let end_secs = now.div_euclid(ALIGNMENT_SECS) * ALIGNMENT_SECS;
        let start_ms = (end_secs - hours * 3600) * 1000;
        let targets = (series / SERIES_PER_TARGET).max(1);
        Ok(Self { targets, start_ms, steps: hours * 3600 * 1000 / STEP_MS })
    }

    /// Series of all targets.
    pub(crate) fn series(&self) -> usize {
        self.targets * SERIES_PER_TARGET
    }

    /// Samples of all series.
    pub(crate) fn samples(&self) -> u64 {
        self.series() as u64 * self.steps as u64
    }

    /// When queries ask: a full minute, as dashboards do, at the end of the data.
    fn end_secs(&self) -> i64 {
        (self.start_ms + self.steps * STEP_MS) / 1000
    }
}

/// Runs the comparison and prints its tables.
pub(crate) fn run(args: &CompareArgs) -> anyhow::Result<()> {
    let ours = match &args.bellwether {
        Some(path) => path.clone(),
        None => std::env::current_exe()?.with_file_name("bellwether"),
    };
    ensure!(
        ours.exists(),
        "{} is not there; build it with `cargo build --release -p bellwether`",
        ours.display()
    );
    let mut tables = String::new();
    for series in &args.series {
        let load = Load::new(*series, args.hours)?;
        let mut measured = Vec::new();
        for program in Program::ALL {
            let name = program.name().to_ascii_lowercase();
            if !args.only.is_empty() && !args.only.contains(&name) {
                continue;
            }
            let Some(version) = program.version(&ours) else {
                eprintln!("skipped: {} is not on this machine", program.name());
                continue;
            };
            eprintln!("{} series, {} {version}", load.series(), program.name());
            let one = measure(program, version, &ours, &load, args)
                .with_context(|| format!("measure {}", program.name()))?;
            measured.push(one);
        }
        let table = report::tables(&load, &measured);
        println!("{table}");
        tables.push_str(&table);
    }
    if args.write {
        report::write(&tables)?;
    }
    Ok(())
}

fn measure(
    program: Program,
    version: String,
    ours: &Path,
    load: &Load,
    args: &CompareArgs,
) -> anyhow::Result<Measured> {
    let parent = args.dir.clone().unwrap_or_else(std::env::temp_dir);
    let dir = tempfile::Builder::new().prefix("bellwether-bench-").tempdir_in(parent)?;
    let start = || Server::start(program, ours, dir.path());

    let mut server = start()?;
    server.connect()?;
    let idle_cpu_secs = server.cpu_secs()?;
    let ingest_secs = ingest(&server, load)?;
    server.settle()?;
    let ingest_cpu_secs = server.cpu_secs()? - idle_cpu_secs;
    let ingest_memory_bytes = server.peak_memory_bytes()?;
    let fresh = ask_all(&mut server, load, args.repeats)?;
    let memory_bytes = server.peak_memory_bytes()?;
    std::thread::sleep(BEFORE_CRASH);
    server.kill()?;

    let (mut server, crash_start_secs) = start_to_answer(start, load)?;
    let crash_start_cpu_secs = server.cpu_secs()?;
    server.settle()?;
    let before = server.cpu_secs()?;
    let shutdown = server.terminate()?;
    let disk_bytes = server.disk_bytes()?;
    drop(server);

    let (mut server, start_secs) = start_to_answer(start, load)?;
    server.settle()?;
    let stored = ask_all(&mut server, load, args.repeats)?;
    Ok(Measured {
        program,
        version,
        samples: load.samples(),
        ingest_secs,
        ingest_cpu_secs,
        ingest_memory_bytes,
        memory_bytes,
        fresh,
        crash_start_secs,
        crash_start_cpu_secs,
        shutdown_secs: shutdown.secs,
        shutdown_cpu_secs: shutdown.cpu_secs - before,
        disk_bytes,
        start_secs,
        stored,
        stored_memory_bytes: server.peak_memory_bytes()?,
    })
}

/// Sends all data, step by step, over a few connections; returns the seconds that it took.
fn ingest(server: &Server, load: &Load) -> anyhow::Result<f64> {
    let groups: Vec<_> = (0..load.targets)
        .step_by(TARGETS_PER_REQUEST)
        .map(|first| first..(first + TARGETS_PER_REQUEST).min(load.targets))
        .collect();
    // No connection runs ahead: real targets are scraped at the same time.
    let step_begins = Barrier::new(SENDERS);
    let started = Instant::now();
    std::thread::scope(|scope| {
        let send = |number: usize| {
            let mine = groups.iter().skip(number).step_by(SENDERS);
            let mut streams: Vec<_> = mine.cloned().map(RequestStream::new).collect();
            let mut connection = Connection::open(server.port());
            let mut result = Ok(());
            for step in 0..load.steps {
                // One that has failed still keeps the step, or the others would wait for ever.
                step_begins.wait();
                if result.is_ok() {
                    let at = load.start_ms + step * STEP_MS;
                    result = connection
                        .as_mut()
                        .map_err(|e| anyhow::anyhow!("connect: {e}"))
                        .and_then(|connection| send_step(connection, &mut streams, at));
                }
            }
            result
        };
        let threads: Vec<_> =
            (0..SENDERS).map(|number| scope.spawn(move || send(number))).collect();
        threads.into_iter().try_for_each(|thread| match thread.join() {
            Ok(result) => result,
            Err(_) => Err(anyhow::anyhow!("a sender panicked")),
        })
    })?;
    Ok(started.elapsed().as_secs_f64())
}

fn send_step(
    connection: &mut Connection,
    streams: &mut [RequestStream],
    at: i64,
) -> anyhow::Result<()> {
    for stream in streams {
        let answer = connection.remote_write(stream.next(at)?)?;
        ensure!(
            answer.status / 100 == 2,
            "refused with {}: {}",
            answer.status,
            String::from_utf8_lossy(&answer.body)
        );
    }
    Ok(())
}

/// Starts a server and measures the seconds until it answers from all data.
fn start_to_answer(
    start: impl Fn() -> anyhow::Result<Server>,
    load: &Load,
) -> anyhow::Result<(Server, f64)> {
    let started = Instant::now();
    let mut server = start()?;
    let mut connection = server.connect()?;
    loop {
        let answer = ask(&mut connection, server.program, &queries::TARGETS, load.end_secs())?;
        let elapsed = started.elapsed();
        let counts = queries::parse(&answer.body)?;
        let found = counts.values().flat_map(|values| values.values()).copied().next();
        if found == Some(load.targets as f64) {
            return Ok((server, elapsed.as_secs_f64()));
        }
        ensure!(
            elapsed < START_PATIENCE,
            "{} has {found:?} targets after a start instead of {}",
            server.program.name(),
            load.targets
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn ask_all(server: &mut Server, load: &Load, repeats: usize) -> anyhow::Result<Vec<QueryTime>> {
    QUERIES.iter().map(|query| measure_query(server, query, load, repeats)).collect()
}

fn measure_query(
    server: &mut Server,
    query: &Query,
    load: &Load,
    repeats: usize,
) -> anyhow::Result<QueryTime> {
    let mut connection = server.connect()?;
    // The first is for caches.
    let mut answer = ask(&mut connection, server.program, query, load.end_secs())?;
    let cpu_before = server.threads_cpu_ms()?;
    let mut times = Vec::new();
    for _ in 0..repeats.max(1) {
        let started = Instant::now();
        answer = ask(&mut connection, server.program, query, load.end_secs())?;
        times.push(started.elapsed().as_secs_f64() * 1e3);
    }
    let cpu_ms = (server.threads_cpu_ms()? - cpu_before) / times.len() as f64;
    times.sort_by(f64::total_cmp);
    Ok(QueryTime {
        wall_ms: times[times.len() / 2],
        cpu_ms,
        answer: queries::parse(&answer.body).with_context(|| query.text)?,
    })
}
