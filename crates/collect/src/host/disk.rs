//! Block devices: what was read and written, and how long that took.

use super::{CollectError, HostContext, read};
use crate::exposition::Exposition;

const SECTOR_BYTES: f64 = 512.0;
const MILLISECONDS: f64 = 1000.0;

/// What a column of `/proc/diskstats` becomes: name, help, factor, whether it is a counter.
const COLUMNS: [(&str, &str, f64, bool); 17] = [
    (
        "node_disk_reads_completed_total",
        "The total number of reads completed successfully.",
        1.0,
        true,
    ),
    ("node_disk_reads_merged_total", "The total number of reads merged.", 1.0, true),
    (
        "node_disk_read_bytes_total",
        "The total number of bytes read successfully.",
        SECTOR_BYTES,
        true,
    ),
    (
        "node_disk_read_time_seconds_total",
        "The total number of seconds spent by all reads.",
        1.0 / MILLISECONDS,
        true,
    ),
    (
        "node_disk_writes_completed_total",
        "The total number of writes completed successfully.",
        1.0,
        true,
    ),
    ("node_disk_writes_merged_total", "The number of writes merged.", 1.0, true),
    (
        "node_disk_written_bytes_total",
        "The total number of bytes written successfully.",
        SECTOR_BYTES,
        true,
    ),
    (
        "node_disk_write_time_seconds_total",
        "This is the total number of seconds spent by all writes.",
        1.0 / MILLISECONDS,
        true,
    ),
    ("node_disk_io_now", "The number of I/Os currently in progress.", 1.0, false),
    (
        "node_disk_io_time_seconds_total",
        "Total seconds spent doing I/Os.",
        1.0 / MILLISECONDS,
        true,
    ),
    (
        "node_disk_io_time_weighted_seconds_total",
        "The weighted # of seconds spent doing I/Os.",
        1.0 / MILLISECONDS,
        true,
    ),
    (
        "node_disk_discards_completed_total",
        "The total number of discards completed successfully.",
        1.0,
        true,
    ),
    ("node_disk_discards_merged_total", "The total number of discards merged.", 1.0, true),
    (
        "node_disk_discarded_sectors_total",
        "The total number of sectors discarded successfully.",
        1.0,
        true,
    ),
    (
        "node_disk_discard_time_seconds_total",
        "This is the total number of seconds spent by all discards.",
        1.0 / MILLISECONDS,
        true,
    ),
    (
        "node_disk_flush_requests_total",
        "The total number of flush requests completed successfully",
        1.0,
        true,
    ),
    (
        "node_disk_flush_requests_time_seconds_total",
        "This is the total number of seconds spent by all flush requests.",
        1.0 / MILLISECONDS,
        true,
    ),
];

/// `node_disk_…`
pub(super) fn stats(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    for line in read(&context.procfs.join("diskstats"))?.lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [major, minor, device, columns @ ..] = fields.as_slice() else { continue };
        if is_ignored(device) {
            continue;
        }
        let link = context.sysfs.join(format!("dev/block/{major}:{minor}"));
        let attribute = |name: &str| {
            read(&link.join(name)).map(|text| text.trim().to_owned()).unwrap_or_default()
        };
        out.gauge(
            "node_disk_info",
            "Info of /sys/block/<block_device>.",
            &[
                ("device", device),
                ("major", major),
                ("minor", minor),
                ("model", &attribute("device/model")),
                ("path", ""),
                ("revision", &attribute("device/rev")),
                ("serial", &attribute("serial")),
                ("wwn", ""),
            ],
            1.0,
        );
        for ((name, help, factor, is_counter), column) in COLUMNS.iter().zip(columns) {
            let Ok(value) = column.parse::<f64>() else { continue };
            let labels = [("device", *device)];
            if *is_counter {
                out.counter(name, help, &labels, value * factor);
            } else {
                out.gauge(name, help, &labels, value * factor);
            }
        }
    }
    Ok(())
}

/// RAM disks, loop devices, floppies and partitions, as node_exporter leaves them out.
fn is_ignored(device: &str) -> bool {
    let numbered = |prefix: &str| {
        device
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()) && !rest.is_empty())
    };
    let is_partition = ["hd", "sd", "vd", "xvd"].iter().any(|prefix| {
        device.strip_prefix(prefix).is_some_and(|rest| {
            let letters = rest.bytes().take_while(u8::is_ascii_lowercase).count();
            letters > 0
                && letters < rest.len()
                && rest[letters..].bytes().all(|b| b.is_ascii_digit())
        })
    });
    let is_nvme_partition = device.strip_prefix("nvme").is_some_and(|rest| rest.contains('p'));
    let is_special = ["z", ""].iter().any(|z| numbered(&format!("{z}ram")));
    is_partition || is_nvme_partition || is_special || numbered("loop") || numbered("fd")
}

#[cfg(test)]
mod tests {
    use super::is_ignored;

    #[test]
    fn partitions_and_memory_disks_are_left_out() {
        for device in ["loop0", "ram1", "zram0", "sda1", "vda12", "xvda3", "nvme0n1p1", "fd0"] {
            assert!(is_ignored(device), "{device}");
        }
        for device in ["sda", "vda", "nvme0n1", "dm-0", "md0", "sr0"] {
            assert!(!is_ignored(device), "{device}");
        }
    }
}
