//! The course of a comparison: each server takes the data, answers, crashes,
//! starts, ends in good order, starts again and answers again.
//!
//! What a server does alone it does in turn with the others. Queries go round:
//! each is put to all servers one after the other, again and again, so that
//! whatever else the machine does meanwhile is in all of their medians.

use std::path::{Path, PathBuf};
use std::sync::Barrier;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, ensure};
use tempfile::TempDir;

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
/// What a server still does after its answer, such as collecting garbage, is not
/// to slow the next one.
const BETWEEN_SERVERS: Duration = Duration::from_millis(200);
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
    pub(crate) ingest: Ingest,
    /// The most memory after all queries.
    pub(crate) memory_bytes: u64,
    /// Of what is in memory and log, or wherever the server keeps the newest data.
    pub(crate) fresh: Vec<QueryTime>,
    pub(crate) restart: Restart,
    /// The same queries after it.
    pub(crate) stored: Vec<QueryTime>,
    /// The most memory of a server that only answered queries.
    pub(crate) stored_memory_bytes: u64,
}

/// What taking in the data took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ingest {
    /// Wall time of sending them, in seconds.
    pub(crate) secs: f64,
    /// Processor time of taking them in, until the server rests.
    pub(crate) cpu_secs: f64,
    /// The most memory until then.
    pub(crate) memory_bytes: u64,
}

/// What a crash, an end in good order and the starts after both took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Restart {
    /// From the start after a crash to the first right answer.
    pub(crate) crash_start_secs: f64,
    pub(crate) crash_start_cpu_secs: f64,
    /// The end in good order.
    pub(crate) shutdown_secs: f64,
    pub(crate) shutdown_cpu_secs: f64,
    pub(crate) disk_bytes: u64,
    /// From the start after that to the first right answer.
    pub(crate) start_secs: f64,
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
        let table = report::tables(&load, &compare(&ours, &load, args)?);
        println!("{table}");
        tables.push_str(&table);
    }
    if args.write {
        report::write(&tables)?;
    }
    Ok(())
}

/// A server that is being measured.
struct Contender {
    version: String,
    dir: TempDir,
    server: Server,
}

fn compare(ours: &Path, load: &Load, args: &CompareArgs) -> anyhow::Result<Vec<Measured>> {
    let (mut contenders, mut ingests, mut restarts) = (Vec::new(), Vec::new(), Vec::new());
    for program in Program::ALL {
        let name = program.name().to_ascii_lowercase();
        if !args.only.is_empty() && !args.only.contains(&name) {
            continue;
        }
        let Some(version) = program.version(ours) else {
            eprintln!("skipped: {} is not on this machine", program.name());
            continue;
        };
        eprintln!("{} series into {} {version}", load.series(), program.name());
        let parent = args.dir.clone().unwrap_or_else(std::env::temp_dir);
        let dir = tempfile::Builder::new().prefix("bellwether-bench-").tempdir_in(parent)?;
        let mut server = Server::start(program, ours, dir.path())?;
        ingests.push(measure_ingest(&mut server, load).with_context(|| name)?);
        contenders.push(Contender { version, dir, server });
    }
    let mut fresh = ask_all(&mut contenders, load, args.repeats)?;
    let mut memory_bytes = Vec::new();
    for contender in &mut contenders {
        memory_bytes.push(contender.server.peak_memory_bytes()?);
        eprintln!("{} series, restart {}", load.series(), contender.server.program.name());
        restarts.push(restart(contender, ours, load)?);
    }
    let mut stored = ask_all(&mut contenders, load, args.repeats)?;
    let mut measured = Vec::new();
    for (place, Contender { version, server, .. }) in contenders.into_iter().enumerate() {
        measured.push(Measured {
            program: server.program,
            version,
            samples: load.samples(),
            ingest: ingests[place],
            memory_bytes: memory_bytes[place],
            fresh: std::mem::take(&mut fresh[place]),
            restart: restarts[place],
            stored: std::mem::take(&mut stored[place]),
            stored_memory_bytes: server.peak_memory_bytes()?,
        });
    }
    Ok(measured)
}

fn measure_ingest(server: &mut Server, load: &Load) -> anyhow::Result<Ingest> {
    server.connect()?;
    let idle_cpu_secs = server.cpu_secs()?;
    let secs = ingest(server, load)?;
    server.settle()?;
    Ok(Ingest {
        secs,
        cpu_secs: server.cpu_secs()? - idle_cpu_secs,
        memory_bytes: server.peak_memory_bytes()?,
    })
}

/// Lets the server crash, start, end in good order, and start.
fn restart(contender: &mut Contender, ours: &Path, load: &Load) -> anyhow::Result<Restart> {
    let Contender { dir, server, .. } = contender;
    std::thread::sleep(BEFORE_CRASH);
    server.kill()?;
    *server = Server::start(server.program, ours, dir.path())?;
    let crash_start_secs = until_it_answers(server, load)?;
    let crash_start_cpu_secs = server.cpu_secs()?;
    server.settle()?;
    let before = server.cpu_secs()?;
    let shutdown = server.terminate()?;
    let disk_bytes = server.disk_bytes()?;
    *server = Server::start(server.program, ours, dir.path())?;
    let start_secs = until_it_answers(server, load)?;
    server.settle()?;
    Ok(Restart {
        crash_start_secs,
        crash_start_cpu_secs,
        shutdown_secs: shutdown.secs,
        shutdown_cpu_secs: shutdown.cpu_secs - before,
        disk_bytes,
        start_secs,
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

/// Measures the seconds until a server that was just started answers from all data.
fn until_it_answers(server: &mut Server, load: &Load) -> anyhow::Result<f64> {
    let mut connection = server.connect()?;
    loop {
        let answer = ask(&mut connection, server.program, &queries::TARGETS, load.end_secs())?;
        let elapsed = server.age();
        let counts = queries::parse(&answer.body)?;
        let found = counts.values().flat_map(|values| values.values()).copied().next();
        if found == Some(load.targets as f64) {
            return Ok(elapsed.as_secs_f64());
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

/// What each query took each server: by server, then by query.
fn ask_all(
    contenders: &mut [Contender],
    load: &Load,
    repeats: usize,
) -> anyhow::Result<Vec<Vec<QueryTime>>> {
    let mut times: Vec<Vec<QueryTime>> = contenders.iter().map(|_| Vec::new()).collect();
    for query in &QUERIES {
        let mut rounds = Vec::new();
        for contender in &mut *contenders {
            // The first is for caches.
            let mut round = Round::new(&mut contender.server)?;
            round.ask(&contender.server, query, load)?;
            rounds.push(Round { wall_ms: Vec::new(), cpu_ms: 0.0, ..round });
        }
        for _ in 0..repeats.max(1) {
            for (contender, round) in contenders.iter().zip(&mut rounds) {
                round.ask(&contender.server, query, load)?;
            }
        }
        for (times, round) in times.iter_mut().zip(rounds) {
            times.push(round.finish().with_context(|| query.text)?);
        }
    }
    Ok(times)
}

/// One query, put to one server several times.
struct Round {
    connection: Connection,
    wall_ms: Vec<f64>,
    cpu_ms: f64,
    body: Vec<u8>,
}

impl Round {
    fn new(server: &mut Server) -> anyhow::Result<Self> {
        let connection = server.connect()?;
        Ok(Self { connection, wall_ms: Vec::new(), cpu_ms: 0.0, body: Vec::new() })
    }

    fn ask(&mut self, server: &Server, query: &Query, load: &Load) -> anyhow::Result<()> {
        std::thread::sleep(BETWEEN_SERVERS);
        let cpu_before = server.threads_cpu_ms()?;
        let started = Instant::now();
        let answer = ask(&mut self.connection, server.program, query, load.end_secs())?;
        self.wall_ms.push(started.elapsed().as_secs_f64() * 1e3);
        self.cpu_ms += server.threads_cpu_ms()? - cpu_before;
        self.body = answer.body;
        Ok(())
    }

    fn finish(mut self) -> anyhow::Result<QueryTime> {
        self.wall_ms.sort_by(f64::total_cmp);
        Ok(QueryTime {
            wall_ms: self.wall_ms[self.wall_ms.len() / 2],
            cpu_ms: self.cpu_ms / self.wall_ms.len() as f64,
            answer: queries::parse(&self.body)?,
        })
    }
}
