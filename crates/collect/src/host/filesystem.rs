//! File systems: how large, how full.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError, mpsc};
use std::time::Duration;

use regex::Regex;
use rustix::fs::{StatVfs, StatVfsMountFlags, statvfs};

use super::{CollectError, HostContext, read};
use crate::exposition::Exposition;

/// How long a mount may take to answer; a dead network file system never does.
const STAT_TIMEOUT: Duration = Duration::from_secs(5);

static IGNORED_MOUNTS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)",
    )
    .expect("the expression is fixed")
});

static IGNORED_TYPES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        "^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|sysfs|tracefs)$",
    )
    .expect("the expression is fixed")
});

/// Mounts that did not answer; they are asked again once their thread is back.
static STUCK: LazyLock<Mutex<HashSet<PathBuf>>> = LazyLock::new(Mutex::default);

/// `node_filesystem_…`
pub(super) fn sizes(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let mut seen = HashSet::new();
    let mounts = read(&context.procfs.join("1/mounts"))
        .or_else(|_| read(&context.procfs.join("self/mounts")))?;
    for line in mounts.lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [device, mount, fs_type, options, ..] = fields.as_slice() else { continue };
        let mount = unescape(mount);
        let is_new = seen.insert((device.to_string(), mount.clone()));
        if !is_new || IGNORED_MOUNTS.is_match(&mount) || IGNORED_TYPES.is_match(fs_type) {
            continue;
        }
        let labels = [
            ("device", *device),
            ("device_error", ""),
            ("fstype", *fs_type),
            ("mountpoint", &mount),
        ];
        let path = context.rootfs.join(mount.trim_start_matches('/'));
        match stat(&path) {
            Ok(stat) => write(&stat, options, &labels, out),
            Err(reason) => {
                let labels = [labels[0], ("device_error", reason.as_str()), labels[2], labels[3]];
                device_error(&labels, 1.0, out);
            }
        }
    }
    Ok(())
}

fn write(stat: &StatVfs, options: &str, labels: &[(&str, &str)], out: &mut Exposition) {
    let block = stat.f_frsize as f64;
    let is_read_only = stat.f_flag.contains(StatVfsMountFlags::RDONLY)
        || options.split(',').any(|option| option == "ro");
    for (name, help, value) in [
        ("node_filesystem_size_bytes", "Filesystem size in bytes.", stat.f_blocks as f64 * block),
        (
            "node_filesystem_free_bytes",
            "Filesystem free space in bytes.",
            stat.f_bfree as f64 * block,
        ),
        (
            "node_filesystem_avail_bytes",
            "Filesystem space available to non-root users in bytes.",
            stat.f_bavail as f64 * block,
        ),
        ("node_filesystem_files", "Filesystem total file nodes.", stat.f_files as f64),
        ("node_filesystem_files_free", "Filesystem total free file nodes.", stat.f_ffree as f64),
        (
            "node_filesystem_readonly",
            "Filesystem read-only status.",
            f64::from(u8::from(is_read_only)),
        ),
    ] {
        out.gauge(name, help, labels, value);
    }
    device_error(labels, 0.0, out);
}

fn device_error(labels: &[(&str, &str)], value: f64, out: &mut Exposition) {
    let help = "Whether an error occurred while getting statistics for the given device.";
    out.gauge("node_filesystem_device_error", help, labels, value);
}

/// Asks a mount on a thread of its own, so that a dead one can't hold up the scrape.
fn stat(path: &Path) -> Result<StatVfs, String> {
    if STUCK.lock().unwrap_or_else(PoisonError::into_inner).contains(path) {
        return Err("mountpoint timeout".to_owned());
    }
    let (sender, receiver) = mpsc::channel();
    let asked = path.to_owned();
    std::thread::spawn(move || {
        let result = statvfs(&asked).map_err(|error| error.to_string());
        STUCK.lock().unwrap_or_else(PoisonError::into_inner).remove(&asked);
        // Nobody listens any more once the time is up.
        let _ = sender.send(result);
    });
    receiver.recv_timeout(STAT_TIMEOUT).unwrap_or_else(|_| {
        STUCK.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned());
        Err("mountpoint timeout".to_owned())
    })
}

/// Undoes the octal escapes of `/proc/mounts`: a blank is `\040`.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code = (first == b'\\')
            .then(|| after.get(..3))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 8).ok());
        match code {
            Some(code) => {
                bytes.push(code);
                rest = &after[3..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::unescape;

    #[test]
    fn mount_points_are_unescaped() {
        assert_eq!(unescape(r"/mnt/my\040disk\134x"), r"/mnt/my disk\x");
        assert_eq!(unescape(r"/plain\"), r"/plain\");
    }
}
