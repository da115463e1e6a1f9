//! `node_filesystem_…`: how large file systems are and how full.

use std::collections::HashSet;
use std::path::PathBuf;

use rustix::fs::StatVfs;

use super::context::{CollectError, HostContext, read};
use super::mounts::MountError;
use crate::exposition::{Exposition, LabelPairs};

/// A line of `/proc/<pid>/mountinfo` (proc_pid_mountinfo(5)).
#[derive(Debug, PartialEq)]
struct Mount {
    major: String,
    minor: String,
    mount_point: String,
    fs_type: String,
    device: String,
    is_read_only: bool,
}

pub(super) fn collect(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let mounts = mounts(context)?;
    let paths: Vec<PathBuf> = mounts.iter().map(|mount| context.root(&mount.mount_point)).collect();
    let timeout = context.config.filesystem_mount_timeout.to_duration();
    for (mount, answer) in mounts.iter().zip(context.mounts.ask(&paths, timeout)) {
        expose(mount, answer, out);
    }
    Ok(())
}

/// The mounts that count, each once.
fn mounts(context: &HostContext) -> Result<Vec<Mount>, CollectError> {
    // The mounts of init are the host's; where /proc is mounted with hidepid, ours must do.
    let path = context.proc("1/mountinfo");
    let (path, text) = match read(&path) {
        Ok(text) => (path, text),
        Err(_) => {
            let path = context.proc("self/mountinfo");
            let text = read(&path)?;
            (path, text)
        }
    };
    let mut seen = HashSet::new();
    let mut mounts = Vec::new();
    for line in text.lines() {
        let mut mount = parse(line).ok_or_else(|| CollectError::content(&path, line))?;
        mount.mount_point = under_root(&mount.mount_point, context);
        if context.mount_points_exclude.is_match(&mount.mount_point)
            || context.fs_types_exclude.is_match(&mount.fs_type)
        {
            continue;
        }
        let key = (mount.device.clone(), mount.mount_point.clone(), mount.fs_type.clone());
        if seen.insert(key) {
            mounts.push(mount);
        }
    }
    Ok(mounts)
}

/// The mount point as the host has it: in a container the host's root is a folder.
fn under_root(mount_point: &str, context: &HostContext) -> String {
    let root = context.config.rootfs_path.to_string_lossy();
    match mount_point.strip_prefix(root.trim_end_matches('/')) {
        Some("") => "/".to_owned(),
        Some(rest) if rest.starts_with('/') => rest.to_owned(),
        _ => mount_point.to_owned(),
    }
}

/// `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue`
fn parse(line: &str) -> Option<Mount> {
    let (left, right) = line.split_once(" - ")?;
    let mut left = left.split(' ');
    let (major, minor) = left.nth(2)?.split_once(':')?;
    let mount_point = unescape(left.nth(1)?);
    let options = left.next()?;
    let mut right = right.split(' ');
    let (fs_type, device) = (right.next()?, right.next()?);
    let super_options = right.next().unwrap_or_default();
    let is_read_only = options
        .split(',')
        .chain(super_options.split(','))
        .any(|option| option == "ro" || option == "emergency_ro");
    Some(Mount {
        major: major.to_owned(),
        minor: minor.to_owned(),
        mount_point,
        fs_type: fs_type.to_owned(),
        device: unescape(device),
        is_read_only,
    })
}

/// Blanks, tabs, line ends and backslashes stand as `\040` and so on.
fn unescape(field: &str) -> String {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let code = match (first, tail) {
            (b'\\', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', ..]) => {
                Some(((a - b'0') << 6) | ((b - b'0') << 3) | (c - b'0'))
            }
            _ => None,
        };
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &tail[3..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn expose(mount: &Mount, answer: Result<StatVfs, MountError>, out: &mut Exposition) {
    let labels = [
        ("device", mount.device.as_str()),
        ("fstype", &mount.fs_type),
        ("mountpoint", &mount.mount_point),
    ];
    let flag = |is_set: bool| f64::from(u8::from(is_set));
    let help = "Whether the file system is mounted read-only.";
    out.gauge("node_filesystem_readonly", help, &labels, flag(mount.is_read_only));
    out.gauge(
        "node_filesystem_mount_info",
        "Constant 1, labelled by the device numbers of a mount.",
        &[
            ("device", &mount.device),
            ("major", &mount.major),
            ("minor", &mount.minor),
            ("mountpoint", &mount.mount_point),
        ],
        1.0,
    );
    let help = "Whether the file system failed to tell its size.";
    match answer {
        Ok(stat) => {
            out.gauge("node_filesystem_device_error", help, &labels, 0.0);
            sizes(&stat, &labels, out);
        }
        Err(error) => {
            let reason = error.to_string();
            let [device, fs_type, mount_point] = labels;
            let labels = [device, ("device_error", reason.as_str()), fs_type, mount_point];
            out.gauge("node_filesystem_device_error", help, &labels, 1.0);
        }
    }
}

fn sizes(stat: &StatVfs, labels: &LabelPairs<'_>, out: &mut Exposition) {
    let block_bytes = stat.f_frsize as f64;
    for (name, help, value) in [
        ("size_bytes", "Size of the file system.", stat.f_blocks as f64 * block_bytes),
        ("free_bytes", "Space that is free.", stat.f_bfree as f64 * block_bytes),
        (
            "avail_bytes",
            "Space that is free for others than root.",
            stat.f_bavail as f64 * block_bytes,
        ),
        ("files", "Files that there can be at most.", stat.f_files as f64),
        ("files_free", "Files that can still be made.", stat.f_ffree as f64),
    ] {
        out.gauge(&format!("node_filesystem_{name}"), help, labels, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_mountinfo_with_blanks_and_optional_fields() {
        let line = r"36 35 98:0 /mnt1 /my\040disk\134x rw,noatime master:1 shared:7 - ext3 /dev/ro\011ot ro,errors=continue";
        assert_eq!(
            parse(line),
            Some(Mount {
                major: "98".to_owned(),
                minor: "0".to_owned(),
                mount_point: r"/my disk\x".to_owned(),
                fs_type: "ext3".to_owned(),
                device: "/dev/ro\tot".to_owned(),
                is_read_only: true,
            })
        );
        assert_eq!(parse("36 35 98:0 /mnt1 /mnt2 rw,noatime"), None);
    }

    #[test]
    fn escapes_that_are_none_stay() {
        assert_eq!(unescape(r"a\9\04\777\"), r"a\9\04\777\");
        assert_eq!(unescape(r"\303\274"), "ü");
    }
}
