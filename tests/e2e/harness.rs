//! Starting the real server, asking it, and stopping it in every way.

mod peer;
mod sink;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;

pub(crate) use peer::{Peer, has_python};
pub(crate) use sink::{Arrival, Sink};

/// How long the server may take to be ready, or a condition to come true.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server in a directory of its own.
pub(crate) struct Server {
    child: Child,
    port: u16,
}

/// An answer: status and body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: String,
    pub(crate) body: String,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

impl Server {
    /// Starts the server on `dir` with these arguments besides and waits until it answers.
    pub(crate) fn start(dir: &Path, args: &[&str]) -> Self {
        Self::start_on(free_port(), dir, args)
    }

    /// Starts the server on a certain port.
    pub(crate) fn start_on(port: u16, dir: &Path, args: &[&str]) -> Self {
        let child = Command::new(binary())
            .args(["serve", "--ports", "none", "--listen", &format!("127.0.0.1:{port}")])
            .arg("--data-dir")
            .arg(dir)
            .args(args)
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let server = Self { child, port };
        eventually("the server answers", || {
            TcpStream::connect(("127.0.0.1", port)).is_ok() && server.get("/-/ready").status == 200
        });
        server
    }

    /// Starts the server with a `prometheus.yml` of this text.
    pub(crate) fn with_prometheus_yml(dir: &Path, text: &str) -> Self {
        std::fs::write(dir.join("prometheus.yml"), text).unwrap();
        let config = dir.join("bellwether.yml");
        std::fs::write(&config, "collect: {prometheus: [prometheus.yml]}\n").unwrap();
        Self::start(&dir.join("data"), &["--config", &config.display().to_string()])
    }

    /// Starts the server with a `bellwether.yml` of this text.
    pub(crate) fn with_config(dir: &Path, text: &str) -> Self {
        let config = dir.join("bellwether.yml");
        std::fs::write(&config, text).unwrap();
        Self::start(&dir.join("data"), &["--config", &config.display().to_string()])
    }

    /// The main port.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// `GET`s a path.
    pub(crate) fn get(&self, path: &str) -> Answer {
        request(self.port, "GET", path, &[], &[]).expect("the server answers")
    }

    /// The result of an instant query.
    pub(crate) fn query(&self, expr: &str) -> Value {
        let answer = self.get(&format!("/api/v1/query?query={}", encode(expr)));
        assert_eq!(answer.status, 200, "{expr}: {}", answer.body);
        answer.json()["data"]["result"].clone()
    }

    /// Ends it as an operator does, and waits.
    pub(crate) fn terminate(mut self) {
        let pid = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}");
    }

    /// Ends it as a crash does.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The server's binary, beside this test's; `BELLWETHER_BIN` names another.
pub(crate) fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("BELLWETHER_BIN") {
        return path.into();
    }
    let test = std::env::current_exe().unwrap();
    let path = test.parent().unwrap().parent().unwrap().join("bellwether");
    assert!(path.exists(), "{} is not built: cargo build -p bellwether", path.display());
    path
}

/// A port that nobody had a moment ago.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Now, in ms since the epoch.
pub(crate) fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64
}

/// Waits until `condition` holds.
#[track_caller]
pub(crate) fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Whether a peer from Debian is there; on CI it must be.
pub(crate) fn has_peer(program: &str) -> bool {
    let is_there = Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok();
    if !is_there {
        assert!(std::env::var_os("CI").is_none(), "CI needs {program}");
        eprintln!("skipped: {program} is not installed");
    }
    is_there
}

/// One HTTP/1.1 request on a connection of its own.
pub(crate) fn request(
    port: u16,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\nContent-Length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    stream.write_all(body)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let text = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = text
        .split_once("\r\n\r\n")
        .ok_or_else(|| std::io::Error::other(format!("no answer: {text:?}")))?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    let is_chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
    let body = if is_chunked { unchunk(body) } else { body.to_owned() };
    Ok(Answer { status, headers: head.to_owned(), body })
}

fn unchunk(body: &str) -> String {
    let (mut out, mut rest) = (String::new(), body);
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).unwrap_or(0);
        if size == 0 || after.len() < size {
            break;
        }
        out.push_str(&after[..size]);
        rest = after[size..].trim_start_matches("\r\n");
    }
    out
}

/// Percent-encodes a query parameter.
pub(crate) fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}
