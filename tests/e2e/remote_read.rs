//! A real Prometheus reads our samples and answers queries from them as we do.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::Value;

use crate::harness::{Peer, Server, encode, has_peer, now_ms, request};
use crate::remote_write::{self, Series};

/// The distance of samples, in ms.
const STEP_MS: i64 = 15_000;
const SAMPLES: i64 = 240;

const QUERIES: [&str; 12] = [
    "read_total",
    "read_total{job=\"a\"}",
    "read_total{job!=\"a\"}",
    "read_total{job=~\"a|b\"}",
    "read_total{job!~\"a|b\"}",
    "rate(read_total[2m])",
    "sum by (job) (read_total)",
    "max_over_time(read_gauge[10m])",
    "read_gauge{cluster=\"c1\"}",
    "read_gauge{cluster=\"c2\"}",
    "count(read_gauge offset 10m)",
    "absent(read_none)",
];

fn series(start: i64) -> Vec<Series> {
    let mut all = Vec::new();
    for (number, job) in ["a", "b", "c", "d"].into_iter().cycle().take(40).enumerate() {
        let number = number as i64;
        for metric in ["read_total", "read_gauge"] {
            let value = |sample: i64| match metric {
                "read_total" => (sample * (number + 1)) as f64,
                _ => ((sample * 37 + number * 11) % 101) as f64 / 7.0,
            };
            let pairs = [("__name__", metric), ("job", job), ("n", &number.to_string())];
            let labels = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
            let samples = (0..SAMPLES).map(|sample| (start + sample * STEP_MS, value(sample)));
            all.push(Series { labels, samples: samples.collect() });
        }
    }
    all
}

/// The result of a query without external labels, sorted.
fn result(port: u16, path: &str) -> Vec<String> {
    let answer = request(port, "GET", path, &[], &[]).unwrap();
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    let mut result = answer.json()["data"]["result"].clone();
    for series in result.as_array_mut().into_iter().flatten() {
        if let Some(metric) = series["metric"].as_object_mut() {
            metric.remove("cluster");
        }
    }
    let mut lines: Vec<_> = result.as_array().into_iter().flatten().map(Value::to_string).collect();
    lines.sort();
    lines
}

#[test]
fn a_real_prometheus_reads_us() {
    if !has_peer("prometheus") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let server =
        Server::with_prometheus_yml(dir.path(), "global: {external_labels: {cluster: c1}}\n");
    let start = (now_ms() / STEP_MS - SAMPLES) * STEP_MS;
    let headers = [("Content-Encoding", "snappy"), ("Content-Type", "application/x-protobuf")];
    let body = remote_write::encode_snappy(&series(start));
    let answer = request(server.port(), "POST", "/api/v1/write", &headers, &body).unwrap();
    assert_eq!(answer.status, 204, "{}", answer.body);
    let config = format!(
        "remote_read: [{{url: 'http://127.0.0.1:{}/api/v1/read', read_recent: true}}]\n",
        server.port()
    );
    let peer = Peer::prometheus(dir.path(), &config, &[]);
    let (from, to) = (start / 1000 + 1207, start / 1000 + SAMPLES * 15 - 8);
    for query in QUERIES {
        // Our own series have no external labels at home, but all have them abroad.
        let at_home = query.replace("{cluster=\"c1\"}", "");
        for times in
            [format!("query?time={to}"), format!("query_range?start={from}&end={to}&step=105")]
        {
            let path = |query: &str| format!("/api/v1/{times}&query={}", encode(query));
            let ours = result(server.port(), &path(&at_home));
            assert_eq!(result(peer.port(), &path(query)), ours, "{query} {times}");
            let is_empty = query.contains("c2");
            assert_eq!(ours.is_empty(), is_empty, "{query}");
        }
    }
    // Debian's version 2 asks for samples; version 3 would ask for streams of chunks.
    let metrics = server.get("/metrics").body;
    let asked = "bellwether_remote_read_requests_total{outcome=\"sampled\"}";
    assert!(metrics.lines().any(|line| line.starts_with(asked)), "{metrics}");
}

/// Posts a request; HTTP/1.0, so that the answer comes without chunks of its own.
fn read(port: u16, body: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let head = format!("POST /api/v1/read HTTP/1.0\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
    assert!(head.contains(" 200 ") && head.contains("application/x-streamed-protobuf"), "{head}");
    answer.split_off(end + 4)
}

/// A protobuf field of bytes.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    assert!(bytes.len() < 128);
    out.push(bytes.len() as u8);
    out.extend_from_slice(bytes);
    out
}

/// A variable-length integer.
fn varint(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..).step_by(7) {
        let (byte, rest) = bytes.split_first().unwrap();
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    value
}

/// The fields of a message: numbers, and the integers or bytes that they hold.
fn fields(mut message: &[u8]) -> Vec<(u64, u64, Vec<u8>)> {
    let mut all = Vec::new();
    while !message.is_empty() {
        let tag = varint(&mut message);
        match tag & 7 {
            0 => all.push((tag >> 3, varint(&mut message), Vec::new())),
            2 => {
                let length = varint(&mut message) as usize;
                let (bytes, rest) = message.split_at(length);
                all.push((tag >> 3, 0, bytes.to_vec()));
                message = rest;
            }
            other => panic!("wire type {other}"),
        }
    }
    all
}

/// CRC-32C, bit by bit.
fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            if sum & 1 == 1 { sum >> 1 ^ 0x82f6_3b78 } else { sum >> 1 }
        })
    })
}

/// Bits from the highest on.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: usize) -> u64 {
        (0..count).fold(0, |value, _| {
            let bit = self.bytes[self.at / 8] >> (7 - self.at % 8) & 1;
            self.at += 1;
            value << 1 | u64::from(bit)
        })
    }

    fn varint(&mut self) -> u64 {
        let mut value = 0;
        for shift in (0..).step_by(7) {
            let byte = self.take(8);
            value |= (byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        value
    }

    /// The difference of two distances in time.
    fn difference(&mut self) -> i64 {
        let ones = (0..4).take_while(|_| self.take(1) == 1).count();
        let bits = [0, 14, 17, 20, 64][ones];
        let value = self.take(bits);
        let is_negative = bits > 0 && bits < 64 && value > 1 << (bits - 1);
        value as i64 - if is_negative { 1 << bits } else { 0 }
    }
}

/// The samples of a chunk of floats, as Prometheus' format describes it
/// (`tsdb/docs/format/chunks.md` in its repository).
fn samples(chunk: &[u8]) -> Vec<(i64, f64)> {
    let mut bits = Bits { bytes: chunk, at: 16 };
    let (mut time, mut distance, mut value) = (0i64, 0i64, 0u64);
    let (mut leading, mut trailing) = (0, 0);
    let mut samples = Vec::new();
    for index in 0..u16::from_be_bytes([chunk[0], chunk[1]]) {
        match index {
            0 => {
                let zigzag = bits.varint();
                time = (zigzag >> 1) as i64 ^ -((zigzag & 1) as i64);
                value = bits.take(64);
            }
            1 => distance = bits.varint() as i64,
            _ => distance += bits.difference(),
        }
        if index > 0 {
            time += distance;
            if bits.take(1) == 1 {
                if bits.take(1) == 1 {
                    leading = bits.take(5) as usize;
                    let length = bits.take(6) as usize;
                    trailing = 64 - leading - if length == 0 { 64 } else { length };
                }
                value ^= bits.take(64 - leading - trailing) << trailing;
            }
        }
        samples.push((time, f64::from_bits(value)));
    }
    samples
}

#[test]
fn chunks_stream_as_prometheus_writes_them() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &[]);
    let start = (now_ms() / STEP_MS - SAMPLES) * STEP_MS;
    let pushed = series(start);
    let headers = [("Content-Encoding", "snappy"), ("Content-Type", "application/x-protobuf")];
    let body = remote_write::encode_snappy(&pushed);
    assert_eq!(
        request(server.port(), "POST", "/api/v1/write", &headers, &body).unwrap().status,
        204
    );
    // All series of read_gauge, at all times, as chunks.
    let matcher = [field(2, b"__name__"), field(3, b"read_gauge")].concat();
    let until = [0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
    let query = [until.to_vec(), field(3, &matcher)].concat();
    let body = [field(1, &query), vec![0x10, 1]].concat();
    let packed = snap::raw::Encoder::new().compress_vec(&body).unwrap();
    let answer = read(server.port(), &packed);
    let mut frames = answer.as_slice();
    let mut streamed = Vec::new();
    while !frames.is_empty() {
        let length = varint(&mut frames) as usize;
        let (checksum, rest) = frames.split_first_chunk::<4>().unwrap();
        let (message, rest) = rest.split_at(length);
        assert_eq!(u32::from_be_bytes(*checksum), crc32c(message));
        for (number, _, series) in fields(message) {
            assert!(number == 1 || number == 2);
            let chunks = fields(&series).into_iter().filter(|(number, ..)| *number == 2);
            let all = chunks.flat_map(|(_, _, chunk)| {
                let data = fields(&chunk).into_iter().find(|(number, ..)| *number == 4).unwrap().2;
                samples(&data)
            });
            streamed.push(all.collect::<Vec<_>>());
        }
        frames = rest;
    }
    let gauges = pushed.iter().filter(|series| series.labels[0].1 == "read_gauge");
    let mut expected: Vec<_> = gauges.map(|series| series.samples.clone()).collect();
    let order = |a: &Vec<(i64, f64)>, b: &Vec<(i64, f64)>| {
        let values = |samples: &[(i64, f64)]| {
            samples.iter().map(|(_, value)| value.to_bits()).collect::<Vec<_>>()
        };
        values(a).cmp(&values(b))
    };
    expected.sort_by(order);
    streamed.sort_by(order);
    assert_eq!(streamed.len(), 40);
    assert_eq!(streamed, expected);
}
