//! `kill -9` in a loop: what was acknowledged is there.
//!
//! A writer pushes samples over remote write and notes each that the server
//! acknowledged; the server is killed at a moment that it cannot foresee,
//! started again on the same directory, and asked for every one of them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::harness::{Server, request};

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
    let body = write_request(&[("__name__", "crash_test"), ("job", "test")], time, value as f64);
    let headers = [("Content-Type", "application/x-protobuf"), ("Content-Encoding", "identity")];
    request(port, "POST", "/api/v1/write", &headers, &body).is_ok_and(|answer| answer.status == 204)
}

/// A remote write request with one sample, as protobuf.
fn write_request(labels: &[(&str, &str)], time: i64, value: f64) -> Vec<u8> {
    let mut series = Vec::new();
    for (name, label) in labels {
        let mut pair = Vec::new();
        field(1, name.as_bytes(), &mut pair);
        field(2, label.as_bytes(), &mut pair);
        field(1, &pair, &mut series);
    }
    let mut sample = vec![0x09];
    sample.extend_from_slice(&value.to_le_bytes());
    sample.push(0x10);
    varint(time as u64, &mut sample);
    field(2, &sample, &mut series);
    let mut request = Vec::new();
    field(1, &series, &mut request);
    request
}

fn field(number: u8, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(number << 3 | 2);
    varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
