//! Programs beside the server: started for a test, ended with it.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::{eventually, free_port, request};

/// A running program that listens on a port.
pub(crate) struct Peer {
    child: Child,
    port: u16,
}

impl Peer {
    /// Starts `command`, which is to listen on `port`, and waits until `GET path` succeeds.
    pub(crate) fn start(command: &mut Command, port: u16, path: &str) -> Self {
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let peer = Self { child, port };
        eventually(&format!("{command:?} answers"), || {
            request(port, "GET", path, &[], &[]).is_ok_and(|answer| answer.status == 200)
        });
        peer
    }

    /// Starts Debian's Prometheus with this configuration, its data in `dir`.
    /// `{port}` in the configuration is its own port.
    pub(crate) fn prometheus(dir: &Path, config: &str, args: &[&str]) -> Self {
        let port = free_port();
        let file = dir.join(format!("prometheus-{port}.yml"));
        std::fs::write(&file, config.replace("{port}", &port.to_string())).unwrap();
        let mut command = Command::new("prometheus");
        command
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.tsdb.path={}", dir.join(format!("peer-{port}")).display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .args(args);
        Self::start(&mut command, port, "/-/ready")
    }

    /// Starts a Python program of `tests/e2e/apps`, which takes its port as its argument.
    pub(crate) fn python(app: &str, path: &str) -> Self {
        let port = free_port();
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("e2e/apps").join(app);
        Self::start(Command::new(python()).arg(file).arg(port.to_string()), port, path)
    }

    /// Runs a Python program of `tests/e2e/apps` to its end; it must succeed.
    pub(crate) fn run_python(app: &str, args: &[&str]) {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("e2e/apps").join(app);
        let output = Command::new(python()).arg(file).args(args).output().unwrap();
        assert!(output.status.success(), "{app}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Its port.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The Python of the tests' own environment, where the client libraries are.
fn python() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/python/bin/python")
}

/// Whether the Python client libraries are there; on CI they must be.
pub(crate) fn has_python() -> bool {
    let is_there = python().exists();
    if !is_there {
        assert!(std::env::var_os("CI").is_none(), "CI needs the Python environment of ./test");
        eprintln!("skipped: no Python environment; ./test makes it");
    }
    is_there
}
