//! `node_disk_…`: what block devices read and wrote, how long that took, what they are.

use std::collections::HashMap;

use super::context::{CollectError, HostContext, number, read, read_number};
use crate::exposition::{Exposition, FamilyKind};

/// What a column counts (Documentation/block/stat.rst).
#[derive(Clone, Copy)]
enum Unit {
    Requests,
    /// Of 512 bytes, whatever the device's own are.
    Sectors,
    Milliseconds,
}

impl Unit {
    fn to_base(self, value: f64) -> f64 {
        match self {
            Self::Requests => value,
            Self::Sectors => value * 512.0,
            Self::Milliseconds => value / 1000.0,
        }
    }
}

/// What a column of `/proc/diskstats` becomes: name, unit, help.
const COLUMNS: [(&str, Unit, &str); 17] = [
    ("reads_completed_total", Unit::Requests, "Reads completed."),
    ("reads_merged_total", Unit::Requests, "Reads merged with others."),
    ("read_bytes_total", Unit::Sectors, "Bytes read."),
    ("read_time_seconds_total", Unit::Milliseconds, "Seconds that all reads took."),
    ("writes_completed_total", Unit::Requests, "Writes completed."),
    ("writes_merged_total", Unit::Requests, "Writes merged with others."),
    ("written_bytes_total", Unit::Sectors, "Bytes written."),
    ("write_time_seconds_total", Unit::Milliseconds, "Seconds that all writes took."),
    (IO_NOW, Unit::Requests, "Reads and writes at work."),
    ("io_time_seconds_total", Unit::Milliseconds, "Seconds with reads or writes at work."),
    (
        "io_time_weighted_seconds_total",
        Unit::Milliseconds,
        "Seconds with reads or writes at work, times how many there were.",
    ),
    ("discards_completed_total", Unit::Requests, "Discards completed."),
    ("discards_merged_total", Unit::Requests, "Discards merged with others."),
    ("discarded_sectors_total", Unit::Requests, "Sectors discarded."),
    ("discard_time_seconds_total", Unit::Milliseconds, "Seconds that all discards took."),
    ("flush_requests_total", Unit::Requests, "Flushes completed."),
    ("flush_requests_time_seconds_total", Unit::Milliseconds, "Seconds that all flushes took."),
];
/// The one column that falls, too.
const IO_NOW: &str = "io_now";

/// Properties of udev on ATA disks, with metric and help.
const ATA: [(&str, &str, &str); 3] = [
    ("ID_ATA_WRITE_CACHE", "node_disk_ata_write_cache", "Whether the disk has a write cache."),
    (
        "ID_ATA_WRITE_CACHE_ENABLED",
        "node_disk_ata_write_cache_enabled",
        "Whether the disk's write cache is on.",
    ),
    (
        "ID_ATA_ROTATION_RATE_RPM",
        "node_disk_ata_rotation_rate_rpm",
        "Rotations of the disk a minute; 0 where nothing turns.",
    ),
];

pub(super) fn collect(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let path = context.proc("diskstats");
    for line in read(&path)?.lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [major, minor, device, columns @ ..] = fields.as_slice() else {
            return Err(CollectError::content(&path, line));
        };
        if context.diskstats_exclude.is_match(device) {
            continue;
        }
        let labels = [("device", *device)];
        for ((name, unit, help), column) in COLUMNS.iter().zip(columns) {
            let kind = if *name == IO_NOW { FamilyKind::Gauge } else { FamilyKind::Counter };
            let value: f64 = number(&path, column)?;
            out.number(kind, &format!("node_disk_{name}"), help, &labels, unit.to_base(value));
        }
        let properties = Properties::read(context, major, minor);
        info(context, device, major, minor, &properties, out);
        layers(device, &properties, out);
    }
    Ok(())
}

fn info(
    context: &HostContext,
    device: &str,
    major: &str,
    minor: &str,
    properties: &Properties,
    out: &mut Exposition,
) {
    // The number on the disk's label is the first of these, where there is one.
    let serial = ["SCSI_IDENT_SERIAL", "ID_SERIAL_SHORT", "ID_SERIAL"]
        .into_iter()
        .map(|name| properties.get(name))
        .find(|serial| !serial.is_empty())
        .unwrap_or_default();
    let rotational = context.sys(&format!("block/{device}/queue/rotational"));
    let is_rotational = read_number(&rotational).is_ok_and(|value| value == 1.0);
    out.gauge(
        "node_disk_info",
        "Constant 1, labelled by what else is known of a block device.",
        &[
            ("device", device),
            ("major", major),
            ("minor", minor),
            ("model", properties.get("ID_MODEL")),
            ("path", properties.get("ID_PATH")),
            ("revision", properties.get("ID_REVISION")),
            ("rotational", if is_rotational { "1" } else { "0" }),
            ("serial", serial),
            ("wwn", properties.get("ID_WWN")),
        ],
        1.0,
    );
}

/// What lies on the device: a file system, a mapping; and what an ATA disk can do.
fn layers(device: &str, properties: &Properties, out: &mut Exposition) {
    let property = |name| properties.get(name);
    if !property("ID_FS_TYPE").is_empty() {
        out.gauge(
            "node_disk_filesystem_info",
            "Constant 1, labelled by the file system on a block device.",
            &[
                ("device", device),
                ("type", property("ID_FS_TYPE")),
                ("usage", property("ID_FS_USAGE")),
                ("uuid", property("ID_FS_UUID")),
                ("version", property("ID_FS_VERSION")),
            ],
            1.0,
        );
    }
    if !property("DM_NAME").is_empty() {
        out.gauge(
            "node_disk_device_mapper_info",
            "Constant 1, labelled by the mapping that a block device is.",
            &[
                ("device", device),
                ("lv_layer", property("DM_LV_LAYER")),
                ("lv_name", property("DM_LV_NAME")),
                ("name", property("DM_NAME")),
                ("uuid", property("DM_UUID")),
                ("vg_name", property("DM_VG_NAME")),
            ],
            1.0,
        );
    }
    if !property("ID_ATA").is_empty() {
        for (name, metric, help) in ATA {
            if let Ok(value) = property(name).parse() {
                out.gauge(metric, help, &[("device", device)], value);
            }
        }
    }
}

/// What udev knows of a device; empty where there is no udev.
#[derive(Default)]
struct Properties(HashMap<String, String>);

impl Properties {
    /// Lines of the device's database file that start with `E:` (systemd, sd-device).
    fn read(context: &HostContext, major: &str, minor: &str) -> Self {
        let path = context.config.udev_data_path.join(format!("b{major}:{minor}"));
        let text = read(&path).unwrap_or_default();
        let properties = text
            .lines()
            .filter_map(|line| line.strip_prefix("E:")?.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self(properties.collect())
    }

    fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}
