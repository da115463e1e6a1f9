//! `kill -9` in a loop: what was acknowledged is there.
//!
//! Writers push samples over remote write and note each that the server
//! acknowledged; the server is killed at a moment that it cannot foresee,
//! started again on the same directory, and asked for every one of them.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::harness::{Server, now_ms, request};
use crate::remote_write::{self, Series};

/// How often the server is killed.
const CYCLES: u64 = 50;
/// How many connections push at a time, each a series of its own.
const WRITERS: usize = 4;

#[test]
fn every_acknowledged_sample_survives() {
    let dir = tempfile::tempdir().unwrap();
    let base = now_ms() - 1_800_000;
    let mut acknowledged = [0i64; WRITERS];
    for cycle in 0..CYCLES {
        let server = Server::start(dir.path(), &[]);
        for (writer, acknowledged) in acknowledged.iter_mut().enumerate() {
            // The crash may swallow the acknowledgement of one sample that was written.
            let stored = stored(&server, writer);
            let is_whole = stored == *acknowledged || stored == *acknowledged + 1;
            assert!(is_whole, "{stored} of {acknowledged} of {writer} before cycle {cycle}");
            *acknowledged = stored;
        }
        let port = server.port();
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for (writer, acknowledged) in acknowledged.iter_mut().enumerate() {
                let is_over = &is_over;
                scope.spawn(move || {
                    while !is_over.load(Ordering::Relaxed) {
                        let sample = *acknowledged;
                        if !push(port, writer, base + sample, sample) {
                            break;
                        }
                        *acknowledged += 1;
                    }
                });
            }
            std::thread::sleep(Duration::from_millis(20 + cycle * 7 % 90));
            server.kill();
            is_over.store(true, Ordering::Relaxed);
        });
    }
    let pushed: i64 = acknowledged.iter().sum();
    println!("{CYCLES} crashes, {pushed} samples");
    assert!(pushed > CYCLES as i64, "only {pushed} samples were pushed");
}

/// What happens to a file's bytes.
type Damage = fn(&mut Vec<u8>);

/// How many series the damaged stores hold, and samples of each.
const SERIES: i64 = 20;
const SAMPLES: i64 = 200;

/// A data directory with samples that end now; `is_killed` leaves them in the log,
/// otherwise they are in a block.
fn data_dir(dir: &Path, is_killed: bool) -> Server {
    let server = Server::with_config(dir, QUIET);
    let start = now_ms() - SAMPLES * 1000;
    for sample in 0..SAMPLES {
        let series = |index: i64| Series {
            labels: [("__name__", "kept".to_owned()), ("i", index.to_string())]
                .map(|(name, value)| (name.to_owned(), value))
                .to_vec(),
            samples: vec![(start + sample * 1000, (sample * 7919 % 1000) as f64)],
        };
        let body = remote_write::encode(&(0..SERIES).map(series).collect::<Vec<_>>());
        let headers =
            [("Content-Type", "application/x-protobuf"), ("Content-Encoding", "identity")];
        let answer = request(server.port(), "POST", "/api/v1/write", &headers, &body).unwrap();
        assert_eq!(answer.status, 204, "{}", answer.body);
    }
    if is_killed {
        server.kill()
    } else {
        server.terminate()
    }
    Server::with_config(dir, QUIET)
}

/// Nothing but what the test writes.
const QUIET: &str = "collect: {host: false, itself: false}\n";

/// The largest file below `dir` whose path holds `part`.
fn largest(dir: &Path, part: &str) -> PathBuf {
    let mut largest = (0, PathBuf::new());
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().contains(part) {
                largest = largest.max((entry.metadata().unwrap().len(), path));
            }
        }
    }
    assert!(largest.0 > 0, "no {part} in {}", dir.display());
    largest.1
}

/// How many samples there are.
fn samples(server: &Server) -> i64 {
    let sum = server.query("sum(count_over_time(kept[1h]))");
    sum[0]["value"][1].as_str().map_or(0, |count| count.parse().unwrap())
}

/// The value of a metric of the server's own.
fn metric(server: &Server, name: &str) -> i64 {
    let body = server.get("/metrics").body;
    let line = body.lines().find(|line| line.starts_with(&format!("{name} ")));
    line.unwrap_or_else(|| panic!("no {name}")).rsplit(' ').next().unwrap().parse().unwrap()
}

#[test]
fn a_damaged_log_is_reported_and_the_rest_served() {
    let all = SERIES * SAMPLES;
    let damages: [(&str, Damage); 2] = [
        ("flipped", |bytes| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 4;
        }),
        ("truncated", |bytes| bytes.truncate(bytes.len() - 5)),
    ];
    for (name, damage) in damages {
        let dir = tempfile::tempdir().unwrap();
        let server = data_dir(dir.path(), true);
        assert_eq!(samples(&server), all, "{name}: a killed server loses nothing");
        server.kill();
        let file = largest(&dir.path().join("data/series/wal"), "");
        let mut bytes = std::fs::read(&file).unwrap();
        damage(&mut bytes);
        std::fs::write(&file, bytes).unwrap();
        let server = Server::with_config(dir.path(), QUIET);
        let left = samples(&server);
        assert!((all - 4 * SERIES..all).contains(&left), "{name}: {left} of {all} in {file:?}");
        let info = server.get("/api/v1/status/runtimeinfo").json();
        // The end of a file that is missing was never acknowledged as far as anyone can tell.
        let expected = i64::from(name == "flipped");
        assert_eq!(info["data"]["corruptionCount"], expected, "{name}");
        assert_eq!(metric(&server, "bellwether_wal_damaged_records_total"), expected, "{name}");
    }
}

#[test]
fn a_damaged_block_is_reported_and_the_rest_served() {
    let all = SERIES * SAMPLES;
    let flip: Damage = |bytes| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 4;
    };
    let truncate: Damage = |bytes| bytes.truncate(bytes.len() / 2);
    for (file, damage, is_left) in [
        ("/chunks", flip, true),
        ("/chunks", truncate, true),
        ("/index", flip, false),
        ("/index", truncate, false),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let server = data_dir(dir.path(), false);
        assert_eq!(samples(&server), all);
        server.terminate();
        let path = largest(&dir.path().join("data/series/blocks"), file);
        let mut bytes = std::fs::read(&path).unwrap();
        damage(&mut bytes);
        std::fs::write(&path, bytes).unwrap();
        let server = Server::with_config(dir.path(), QUIET);
        let left = samples(&server);
        let place = path.display();
        assert_eq!(left > 0, is_left, "{place}: {left}");
        assert!(left < all, "{place}: {left}");
        let damaged = dir.path().join("data/series/damaged");
        let reports = metric(&server, "bellwether_damaged_chunks_total");
        assert_eq!(reports > 0, is_left, "{place}");
        assert_eq!(damaged.exists(), !is_left, "{place}");
        let answer = server.get("/api/v1/query?query=kept[1h]").json();
        let warning = answer["warnings"][0].as_str().unwrap_or("");
        assert_eq!(warning.contains("damaged chunks"), is_left, "{place}: {warning}");
        // It takes new samples all the same.
        let labels = [("__name__", "kept"), ("i", "new")];
        let labels = labels.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let new = remote_write::encode(&[Series { labels, samples: vec![(now_ms(), 1.0)] }]);
        let headers =
            [("Content-Type", "application/x-protobuf"), ("Content-Encoding", "identity")];
        let answer = request(server.port(), "POST", "/api/v1/write", &headers, &new).unwrap();
        assert_eq!(answer.status, 204, "{place}: {}", answer.body);
        assert_eq!(samples(&server), left + 1, "{place}");
    }
}

/// How many samples of a writer's series there are: 0, 1, 2 and so on, none missing.
fn stored(server: &Server, writer: usize) -> i64 {
    let result = server.query(&format!("crash_test{{writer=\"{writer}\"}}[1h]"));
    let Some(values) = result[0]["values"].as_array() else { return 0 };
    let numbers: Vec<i64> =
        values.iter().map(|pair| pair[1].as_str().unwrap().parse().unwrap()).collect();
    assert_eq!(numbers, (0..numbers.len() as i64).collect::<Vec<_>>());
    numbers.len() as i64
}

/// Pushes one sample; whether it was acknowledged.
fn push(port: u16, writer: usize, time: i64, value: i64) -> bool {
    let labels = [("__name__", "crash_test".to_owned()), ("writer", writer.to_string())];
    let labels = labels.map(|(name, value)| (name.to_owned(), value)).to_vec();
    let body = remote_write::encode(&[Series { labels, samples: vec![(time, value as f64)] }]);
    let headers = [("Content-Type", "application/x-protobuf"), ("Content-Encoding", "identity")];
    request(port, "POST", "/api/v1/write", &headers, &body).is_ok_and(|answer| answer.status == 204)
}
