//! Remote write requests, written by hand: the tests share no code with the receiver.

/// A series: its labels and its samples as (ms, value).
pub(crate) struct Series {
    pub(crate) labels: Vec<(String, String)>,
    pub(crate) samples: Vec<(i64, f64)>,
}

/// A remote write 1.0 request as protobuf.
pub(crate) fn encode(all: &[Series]) -> Vec<u8> {
    let mut request = Vec::new();
    for series in all {
        let mut message = Vec::new();
        let mut labels = series.labels.clone();
        labels.sort();
        for (name, value) in &labels {
            let mut pair = Vec::new();
            field(1, name.as_bytes(), &mut pair);
            field(2, value.as_bytes(), &mut pair);
            field(1, &pair, &mut message);
        }
        for (time, value) in &series.samples {
            let mut sample = vec![0x09];
            sample.extend_from_slice(&value.to_le_bytes());
            sample.push(0x10);
            varint(*time as u64, &mut sample);
            field(2, &sample, &mut message);
        }
        field(1, &message, &mut request);
    }
    request
}

/// The same behind Snappy, as every receiver takes it.
pub(crate) fn encode_snappy(all: &[Series]) -> Vec<u8> {
    snap::raw::Encoder::new().compress_vec(&encode(all)).unwrap()
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
