//! Frames: how records stand in a log so that damage is found and stays small.
//!
//! `docs/format/frame.md` draws the bytes. A frame that is damaged is skipped
//! where its length is still believable; otherwise the search goes on byte by
//! byte for the next frame that checks out.

/// Bytes in front of a payload: magic, length, checksum.
pub const HEADER_BYTES: usize = 12;
/// The largest payload; a longer length is damage.
pub const PAYLOAD_BYTES_MAX: usize = 64 << 20;

const MAGIC: u32 = 0x4257_4652;

/// Appends a frame around `payload` to `out`.
///
/// # Panics
/// Where `payload` is larger than [`PAYLOAD_BYTES_MAX`]: the writer splits before.
pub fn write(payload: &[u8], out: &mut Vec<u8>) {
    assert!(payload.len() <= PAYLOAD_BYTES_MAX, "a record is split before it is framed");
    let length = payload.len() as u32;
    out.extend_from_slice(&MAGIC.to_le_bytes());
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&checksum(length, payload).to_le_bytes());
    out.extend_from_slice(payload);
}

/// What reading a log found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScanReport {
    /// Frames that checked out.
    pub frames: u64,
    /// Damaged places that were skipped.
    pub damaged: u64,
    /// Bytes that were skipped, a torn tail included.
    pub skipped_bytes: u64,
    /// Whether the log ends within a frame, as after a crash.
    pub is_torn: bool,
}

/// Hands the payload of each sound frame in `log` to `each`, in order.
pub fn scan(log: &[u8], mut each: impl FnMut(&[u8])) -> ScanReport {
    let mut report = ScanReport::default();
    let mut at = 0;
    while at < log.len() {
        match read(&log[at..]) {
            Ok(payload) => {
                each(payload);
                report.frames += 1;
                at += HEADER_BYTES + payload.len();
            }
            Err(fault) => {
                let next = next_frame(log, at + 1);
                report.skipped_bytes += (next - at) as u64;
                if next == log.len() && fault == Fault::Torn {
                    report.is_torn = true;
                } else {
                    report.damaged += 1;
                }
                at = next;
            }
        }
    }
    report
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// The bytes end before the frame does.
    Torn,
    /// The bytes are not a frame.
    Damaged,
}

fn read(log: &[u8]) -> Result<&[u8], Fault> {
    let header = log.get(..HEADER_BYTES).ok_or(Fault::Torn)?;
    let word = |at: usize| {
        u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
    };
    let length = word(4);
    if word(0) != MAGIC || length as usize > PAYLOAD_BYTES_MAX {
        return Err(Fault::Damaged);
    }
    let payload = log.get(HEADER_BYTES..HEADER_BYTES + length as usize).ok_or(Fault::Torn)?;
    if word(8) == checksum(length, payload) { Ok(payload) } else { Err(Fault::Damaged) }
}

/// The offset of the next sound frame from `from` on, or the end.
fn next_frame(log: &[u8], from: usize) -> usize {
    let magic = MAGIC.to_le_bytes();
    let mut at = from;
    while at + HEADER_BYTES <= log.len() {
        if log[at..].starts_with(&magic) && read(&log[at..]).is_ok() {
            return at;
        }
        at += 1;
    }
    log.len()
}

/// CRC-32C over length and payload, so that a wrong length is found too.
fn checksum(length: u32, payload: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&length.to_le_bytes()), payload)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn log(payloads: &[Vec<u8>]) -> Vec<u8> {
        let mut out = Vec::new();
        for payload in payloads {
            write(payload, &mut out);
        }
        out
    }

    fn read_all(log: &[u8]) -> (Vec<Vec<u8>>, ScanReport) {
        let mut found = Vec::new();
        let report = scan(log, |payload| found.push(payload.to_vec()));
        (found, report)
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(payloads in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..20)) {
            let (found, report) = read_all(&log(&payloads));
            prop_assert_eq!(report, ScanReport { frames: payloads.len() as u64, ..Default::default() });
            prop_assert_eq!(found, payloads);
        }

        #[test]
        fn a_torn_tail_loses_the_last_frame_only(cut in 1usize..30) {
            let payloads = vec![vec![1; 20], vec![2; 20], vec![3; 20]];
            let whole = log(&payloads);
            let (found, report) = read_all(&whole[..whole.len() - cut]);
            prop_assert_eq!(&found, &payloads[..2]);
            prop_assert!(report.is_torn && report.damaged == 0);
        }

        #[test]
        fn a_flipped_bit_loses_one_frame_only(bit in 0usize..(3 * 32 * 8)) {
            let payloads = vec![vec![1; 20], vec![2; 20], vec![3; 20]];
            let mut damaged = log(&payloads);
            damaged[bit / 8] ^= 1 << (bit % 8);
            let (found, report) = read_all(&damaged);
            prop_assert_eq!(found.len(), 2);
            prop_assert!(found.iter().all(|payload| payloads.contains(payload)));
            prop_assert_eq!(report.damaged + u64::from(report.is_torn), 1);
        }
    }
}
