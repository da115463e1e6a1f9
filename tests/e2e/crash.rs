//! `kill -9` in a loop: what was acknowledged is there.
//!
//! A writer pushes samples over remote write and notes each that the server
//! acknowledged; the server is killed at a moment that it cannot foresee,
//! started again on the same directory, and asked for every one of them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::harness::{Server, request};
use crate::remote_write::{self, Series};

/// How often the server is killed.
const CYCLES: u64 = 50;

#[test]
fn every_acknowledged_sample_survives() {
    let dir = tempfile::tempdir().unwrap();
    let base = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64 - 1_800_000;
    let mut acknowledged = 0i64;
    for cycle in 0..CYCLES {
        let server = Server::start(dir.path(), &[]);
        // The crash may swallow the acknowledgement of one sample that was written.
        let stored = stored(&server);
        let is_whole = stored == acknowledged || stored == acknowledged + 1;
        assert!(is_whole, "{stored} of {acknowledged} samples before cycle {cycle}");
        acknowledged = stored;
        let port = server.port();
        let is_over = AtomicBool::new(false);
        acknowledged = std::thread::scope(|scope| {
            let writer = scope.spawn(|| {
                let mut sample = acknowledged;
                while !is_over.load(Ordering::Relaxed) {
                    if !push(port, base + sample, sample) {
                        break;
                    }
                    sample += 1;
                }
                sample
            });
            std::thread::sleep(Duration::from_millis(20 + cycle * 7 % 90));
            server.kill();
            is_over.store(true, Ordering::Relaxed);
            writer.join().unwrap()
        });
    }
    assert!(acknowledged > CYCLES as i64, "only {acknowledged} samples were pushed");
}

/// How many samples of the series there are: 0, 1, 2 and so on, none missing.
fn stored(server: &Server) -> i64 {
    let result = server.query("crash_test[1h]");
    let Some(values) = result[0]["values"].as_array() else { return 0 };
    let numbers: Vec<i64> =
        values.iter().map(|pair| pair[1].as_str().unwrap().parse().unwrap()).collect();
    assert_eq!(numbers, (0..numbers.len() as i64).collect::<Vec<_>>());
    numbers.len() as i64
}

/// Pushes one sample; whether it was acknowledged.
fn push(port: u16, time: i64, value: i64) -> bool {
    let labels = [("__name__", "crash_test"), ("job", "test")];
    let labels = labels.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let body = remote_write::encode(&[Series { labels, samples: vec![(time, value as f64)] }]);
    let headers = [("Content-Type", "application/x-protobuf"), ("Content-Encoding", "identity")];
    request(port, "POST", "/api/v1/write", &headers, &body).is_ok_and(|answer| answer.status == 204)
}
