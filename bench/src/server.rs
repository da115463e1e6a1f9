//! The servers under test: how each is started, flushed and stopped, and what
//! that costs.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

use crate::http::{self, Answer, Connection};
use crate::process;

/// The longest wait for a server to start, settle or end.
const PATIENCE: Duration = Duration::from_secs(180);
/// A server rests when it used less than this share of one processor for [`REST`].
const REST_SHARE: f64 = 0.03;
const REST: Duration = Duration::from_secs(3);

/// A program under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    Bellwether,
    VictoriaMetrics,
    Prometheus,
}

impl Program {
    /// All, in the order in which they run.
    pub(crate) const ALL: [Self; 3] = [Self::Bellwether, Self::VictoriaMetrics, Self::Prometheus];

    /// What it is called.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Bellwether => "Bellwether",
            Self::VictoriaMetrics => "VictoriaMetrics",
            Self::Prometheus => "Prometheus",
        }
    }

    /// Its version as it says itself; `None` where it is not on this machine.
    pub(crate) fn version(self, ours: &Path) -> Option<String> {
        let (program, argument) = match self {
            Self::Bellwether => (ours, "--version"),
            Self::VictoriaMetrics => (Path::new("victoria-metrics"), "-version"),
            Self::Prometheus => (Path::new("prometheus"), "--version"),
        };
        let output = Command::new(program).arg(argument).output().ok()?;
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text);
        // Debian's VictoriaMetrics does not know its version; the package does.
        let version = text.split(|c: char| c.is_whitespace() || c == ',');
        let is_version =
            |word: &&str| word.contains('.') && word.starts_with(|c: char| c.is_ascii_digit());
        let version = version.map(str::trim).find(is_version).map(str::to_owned);
        Some(version.or_else(|| self.package_version()).unwrap_or_else(|| "?".to_owned()))
    }

    fn package_version(self) -> Option<String> {
        let package = self.name().to_ascii_lowercase();
        let package = if self == Self::VictoriaMetrics { "victoria-metrics" } else { &package };
        let query = ["-W", "-f", "${Version}", package];
        let output = Command::new("dpkg-query").args(query).output().ok()?;
        Some(String::from_utf8_lossy(&output.stdout).into_owned()).filter(|text| !text.is_empty())
    }

    /// Nothing but what the bench sends is stored; everything else is as it comes.
    fn command(self, ours: &Path, dir: &Path, port: u16) -> anyhow::Result<Command> {
        let listen = format!("127.0.0.1:{port}");
        let data = dir.join("data");
        let command = match self {
            Self::Bellwether => {
                let config = dir.join("bellwether.yml");
                std::fs::write(&config, "collect: {host: false, itself: false}\n")?;
                let mut command = Command::new(ours);
                command.args(["serve", "--ports", "none", "--listen", &listen, "--config"]);
                command.arg(config).arg("--data-dir").arg(data);
                command
            }
            Self::VictoriaMetrics => {
                let mut command = Command::new("victoria-metrics");
                command.arg(format!("-httpListenAddr={listen}"));
                command.arg(format!("-storageDataPath={}", data.display()));
                // Without the offset the newest samples would not be found.
                command.args(["-retentionPeriod=12", "-search.latencyOffset=0s"]);
                command
            }
            Self::Prometheus => {
                let config = dir.join("prometheus.yml");
                std::fs::write(&config, "global: {}\n")?;
                let mut command = Command::new("prometheus");
                command.arg(format!("--config.file={}", config.display()));
                command.arg(format!("--storage.tsdb.path={}", data.display()));
                command.arg(format!("--web.listen-address={listen}"));
                command.arg("--web.enable-remote-write-receiver");
                command
            }
        };
        Ok(command)
    }
}

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) program: Program,
    started: Instant,
    child: Child,
    port: u16,
    data_dir: PathBuf,
}

/// What an end in good order took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shutdown {
    /// From the request to the end, in seconds.
    pub(crate) secs: f64,
    /// All processor time that the process has used from its start, in seconds.
    pub(crate) cpu_secs: f64,
}

impl Server {
    /// Starts `program` in `dir`. It need not answer yet.
    pub(crate) fn start(program: Program, ours: &Path, dir: &Path) -> anyhow::Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut command = program.command(ours, dir, port)?;
        let started = Instant::now();
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("start {}", program.name()))?;
        Ok(Self { program, started, child, port, data_dir: dir.join("data") })
    }

    /// A connection, as soon as the server takes one and says that it is ready.
    pub(crate) fn connect(&mut self) -> anyhow::Result<Connection> {
        let path = match self.program {
            Program::Bellwether | Program::Prometheus => "/-/ready",
            Program::VictoriaMetrics => "/health",
        };
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if let Ok(mut connection) = Connection::open(self.port)
                && connection.get(path).is_ok_and(|answer| answer.status == 200)
            {
                return Ok(connection);
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended at once: {status}", self.program.name());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        bail!("{} is not ready after {PATIENCE:?}", self.program.name())
    }

    /// Waits until all that was written can be queried and nothing goes on any more.
    pub(crate) fn settle(&self) -> anyhow::Result<()> {
        if self.program == Program::VictoriaMetrics {
            let answer = Connection::open(self.port)?.get("/internal/force_flush")?;
            ensure!(answer.status == 200, "VictoriaMetrics does not flush: {}", answer.status);
        }
        let started = Instant::now();
        let mut before = self.cpu_secs()?;
        while started.elapsed() < PATIENCE {
            std::thread::sleep(REST);
            let now = self.cpu_secs()?;
            if now - before < REST_SHARE * REST.as_secs_f64() {
                return Ok(());
            }
            before = now;
        }
        bail!("{} does not come to rest", self.program.name())
    }

    /// The processor time used so far, in seconds.
    pub(crate) fn cpu_secs(&self) -> anyhow::Result<f64> {
        process::cpu_secs(self.child.id())
    }

    /// The same of the living threads only, in ms, and finer.
    pub(crate) fn threads_cpu_ms(&self) -> anyhow::Result<f64> {
        process::threads_cpu_ms(self.child.id())
    }

    /// The most memory used at a time so far, in bytes.
    pub(crate) fn peak_memory_bytes(&self) -> anyhow::Result<u64> {
        process::peak_memory_bytes(self.child.id())
    }

    /// The bytes that its data take on the disk.
    pub(crate) fn disk_bytes(&self) -> anyhow::Result<u64> {
        rustix::fs::sync();
        process::disk_bytes(&self.data_dir)
    }

    /// The port it listens on.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The time since it was started.
    pub(crate) fn age(&self) -> Duration {
        self.started.elapsed()
    }

    /// Ends it as a crash does.
    pub(crate) fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Ends it as an operator does.
    pub(crate) fn terminate(&mut self) -> anyhow::Result<Shutdown> {
        let pid = rustix::process::Pid::from_child(&self.child);
        let started = Instant::now();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM)?;
        while !process::has_ended(self.child.id())? {
            ensure!(started.elapsed() < PATIENCE, "{} does not end", self.program.name());
            std::thread::sleep(Duration::from_millis(2));
        }
        let shutdown =
            Shutdown { secs: started.elapsed().as_secs_f64(), cpu_secs: self.cpu_secs()? };
        self.child.wait()?;
        Ok(shutdown)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks a query at one time or over a range.
pub(crate) fn ask(
    connection: &mut Connection,
    program: Program,
    query: &crate::queries::Query,
    end_secs: i64,
) -> anyhow::Result<Answer> {
    let text = http::encode(query.text);
    // Otherwise VictoriaMetrics would answer from what it remembers of the last time.
    let uncached = if program == Program::VictoriaMetrics { "&nocache=1" } else { "" };
    let path = match query.range {
        None => format!("/api/v1/query?time={end_secs}&query={text}{uncached}"),
        Some(range) => format!(
            "/api/v1/query_range?start={}&end={end_secs}&step={}&query={text}{uncached}",
            end_secs - range.length_secs,
            range.step_secs
        ),
    };
    let answer = connection.get(&path)?;
    ensure!(
        answer.status == 200,
        "{}: {} answers {}: {}",
        query.text,
        program.name(),
        answer.status,
        String::from_utf8_lossy(&answer.body)
    );
    Ok(answer)
}
