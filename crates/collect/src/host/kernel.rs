//! The kernel: load, interrupts, pressure, file handles, time, who it is.

use std::time::{SystemTime, UNIX_EPOCH};

use super::{CollectError, HostContext, read, read_number};
use crate::exposition::Exposition;

/// `node_load1`, `node_load5`, `node_load15`
pub(super) fn load(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let text = read(&context.procfs.join("loadavg"))?;
    for (minutes, value) in ["1", "5", "15"].iter().zip(text.split_whitespace()) {
        if let Ok(value) = value.parse() {
            out.gauge(
                &format!("node_load{minutes}"),
                &format!("{minutes}m load average."),
                &[],
                value,
            );
        }
    }
    Ok(())
}

/// `node_intr_total`, `node_context_switches_total`, `node_forks_total`, `node_boot_time_seconds`, `node_procs_…`
pub(super) fn stat(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    for line in read(&context.procfs.join("stat"))?.lines() {
        let mut fields = line.split_whitespace();
        let (Some(name), Some(value)) = (fields.next(), fields.next().and_then(|v| v.parse().ok()))
        else {
            continue;
        };
        match name {
            "intr" => {
                out.counter("node_intr_total", "Total number of interrupts serviced.", &[], value)
            }
            "ctxt" => out.counter(
                "node_context_switches_total",
                "Total number of context switches.",
                &[],
                value,
            ),
            "processes" => out.counter("node_forks_total", "Total number of forks.", &[], value),
            "btime" => {
                out.gauge("node_boot_time_seconds", "Node boot time, in unixtime.", &[], value)
            }
            "procs_running" => out.gauge(
                "node_procs_running",
                "Number of processes in runnable state.",
                &[],
                value,
            ),
            "procs_blocked" => out.gauge(
                "node_procs_blocked",
                "Number of processes blocked waiting for I/O to complete.",
                &[],
                value,
            ),
            _ => {}
        }
    }
    Ok(())
}

/// `node_pressure_…_seconds_total`
pub(super) fn pressure(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    for (resource, some, full) in [
        ("cpu", "node_pressure_cpu_waiting_seconds_total", None),
        (
            "io",
            "node_pressure_io_waiting_seconds_total",
            Some("node_pressure_io_stalled_seconds_total"),
        ),
        (
            "memory",
            "node_pressure_memory_waiting_seconds_total",
            Some("node_pressure_memory_stalled_seconds_total"),
        ),
    ] {
        for line in read(&context.procfs.join("pressure").join(resource))?.lines() {
            let total = line.rsplit_once("total=").and_then(|(_, total)| total.parse::<f64>().ok());
            let name = if line.starts_with("some") { Some(some) } else { full };
            if let (Some(name), Some(total)) = (name, total) {
                let help =
                    format!("Total time in seconds that processes have waited for {resource}.");
                out.counter(name, &help, &[], total / 1e6);
            }
        }
    }
    Ok(())
}

/// `node_filefd_allocated`, `node_filefd_maximum`
pub(super) fn file_descriptors(
    context: &HostContext,
    out: &mut Exposition,
) -> Result<(), CollectError> {
    let text = read(&context.procfs.join("sys/fs/file-nr"))?;
    let fields: Vec<f64> = text.split_whitespace().filter_map(|field| field.parse().ok()).collect();
    if let [allocated, _, maximum] = fields.as_slice() {
        out.gauge(
            "node_filefd_allocated",
            "File descriptor statistics: allocated.",
            &[],
            *allocated,
        );
        out.gauge("node_filefd_maximum", "File descriptor statistics: maximum.", &[], *maximum);
    }
    Ok(())
}

/// `node_entropy_…_bits`
pub(super) fn entropy(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let base = context.procfs.join("sys/kernel/random");
    out.gauge(
        "node_entropy_available_bits",
        "Bits of available entropy.",
        &[],
        read_number(&base.join("entropy_avail"))?,
    );
    out.gauge(
        "node_entropy_pool_size_bits",
        "Bits of entropy pool.",
        &[],
        read_number(&base.join("poolsize"))?,
    );
    Ok(())
}

/// `node_time_seconds`, `node_time_zone_offset_seconds`, `node_time_clocksource_…`
pub(super) fn time(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    out.gauge("node_time_seconds", "System time in seconds since epoch (1970).", &[], now);
    let base = context.sysfs.join("devices/system/clocksource/clocksource0");
    let available = read(&base.join("available_clocksource")).unwrap_or_default();
    for source in available.split_whitespace() {
        out.gauge(
            "node_time_clocksource_available_info",
            "Available clocksources read from '/sys/devices/system/clocksource'.",
            &[("device", "0"), ("clocksource", source)],
            1.0,
        );
    }
    if let Ok(current) = read(&base.join("current_clocksource")) {
        out.gauge(
            "node_time_clocksource_current_info",
            "Current clocksource read from '/sys/devices/system/clocksource'.",
            &[("device", "0"), ("clocksource", current.trim())],
            1.0,
        );
    }
    Ok(())
}

/// `node_uname_info`
pub(super) fn uname(_: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let uname = rustix::system::uname();
    let text = |part: &std::ffi::CStr| part.to_string_lossy().into_owned();
    out.gauge(
        "node_uname_info",
        "Labeled system information as provided by the uname system call.",
        &[
            ("sysname", &text(uname.sysname())),
            ("release", &text(uname.release())),
            ("version", &text(uname.version())),
            ("machine", &text(uname.machine())),
            ("nodename", &text(uname.nodename())),
            ("domainname", &text(uname.domainname())),
        ],
        1.0,
    );
    Ok(())
}

/// `node_os_info`, `node_os_version`
pub(super) fn os_release(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let text = read(&context.rootfs.join("etc/os-release"))
        .or_else(|_| read(&context.rootfs.join("usr/lib/os-release")))?;
    let field = |name: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
            .map(|value| value.trim_matches(['"', '\'']).to_owned())
            .unwrap_or_default()
    };
    let id = field("ID");
    out.gauge(
        "node_os_info",
        "A metric with a constant '1' value labeled by build_id, id, id_like, image_id, image_version, name, pretty_name, variant, variant_id, version, version_codename, version_id.",
        &[
            ("build_id", &field("BUILD_ID")), ("id", &id), ("id_like", &field("ID_LIKE")),
            ("image_id", &field("IMAGE_ID")), ("image_version", &field("IMAGE_VERSION")),
            ("name", &field("NAME")), ("pretty_name", &field("PRETTY_NAME")),
            ("variant", &field("VARIANT")), ("variant_id", &field("VARIANT_ID")),
            ("version", &field("VERSION")), ("version_codename", &field("VERSION_CODENAME")),
            ("version_id", &field("VERSION_ID")),
        ],
        1.0,
    );
    let version = field("VERSION_ID");
    let mut parts = version.splitn(3, '.');
    let major_minor =
        [parts.next(), parts.next()].into_iter().flatten().collect::<Vec<_>>().join(".");
    if let Ok(version) = major_minor.parse() {
        let help = "Metric containing the major.minor part of the OS version.";
        out.gauge(
            "node_os_version",
            help,
            &[("id", &id), ("id_like", &field("ID_LIKE")), ("name", &field("NAME"))],
            version,
        );
    }
    Ok(())
}
