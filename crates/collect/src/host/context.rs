//! What collectors work with: where the host's files are, and how they are read.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use regex::Regex;

use super::HostConfig;
use super::config::HostConfigError;
use super::cpu::SecondsSeen;
use super::mounts::MountWatch;

/// The most that is read of one file of procfs or sysfs, in bytes. `/proc/net/udp`
/// of a host with 100,000 sockets is 13 MB long.
const FILE_SIZE_BYTES_MAX: u64 = 64 << 20;

/// A collector has nothing to say, or not all of it.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// The host does not have that: no such hardware, or a kernel without it.
    #[error("{0:?} is not there")]
    Missing(PathBuf),
    /// A file can't be read.
    #[error("unable to read {path:?}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file says something else than expected.
    #[error("unexpected content in {path:?}: {text:?}")]
    Content {
        /// The file.
        path: PathBuf,
        /// The text that was not understood, clipped.
        text: String,
    },
    /// The system refused a call.
    #[error("{call} failed: {source}")]
    Call {
        /// The call.
        call: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// Samples that can't be exposed together.
    #[error("{0}")]
    Conflict(String),
}

impl CollectError {
    /// An error about `text` in the file at `path`.
    pub(super) fn content(path: &Path, text: &str) -> Self {
        const SHOWN_CHARS_MAX: usize = 80;
        let text = text.trim().chars().take(SHOWN_CHARS_MAX).collect();
        Self::Content { path: path.to_owned(), text }
    }
}

/// Where the host's files are and which devices count; made from a [`HostConfig`].
#[derive(Debug)]
pub struct HostContext {
    /// The settings.
    pub(super) config: HostConfig,
    pub(super) mount_points_exclude: Regex,
    pub(super) fs_types_exclude: Regex,
    pub(super) diskstats_exclude: Regex,
    /// None where every device counts: the empty pattern would match all names.
    pub(super) netdev_exclude: Option<Regex>,
    pub(super) netclass_ignored: Regex,
    pub(super) netstat_fields: Regex,
    pub(super) vmstat_fields: Regex,
    pub(super) cpu_seconds: SecondsSeen,
    pub(super) mounts: MountWatch,
}

impl HostContext {
    /// Compiles the patterns of `config`.
    pub(super) fn new(config: HostConfig) -> Result<Self, HostConfigError> {
        let compile = |key, pattern: &str| {
            Regex::new(pattern).map_err(|source| HostConfigError::Pattern { key, source })
        };
        Ok(Self {
            mount_points_exclude: compile(
                "filesystem_mount_points_exclude",
                &config.filesystem_mount_points_exclude,
            )?,
            fs_types_exclude: compile(
                "filesystem_fs_types_exclude",
                &config.filesystem_fs_types_exclude,
            )?,
            diskstats_exclude: compile(
                "diskstats_device_exclude",
                &config.diskstats_device_exclude,
            )?,
            netdev_exclude: match config.netdev_device_exclude.as_str() {
                "" => None,
                pattern => Some(compile("netdev_device_exclude", pattern)?),
            },
            netclass_ignored: compile(
                "netclass_ignored_devices",
                &config.netclass_ignored_devices,
            )?,
            netstat_fields: compile("netstat_fields", &config.netstat_fields)?,
            vmstat_fields: compile("vmstat_fields", &config.vmstat_fields)?,
            cpu_seconds: SecondsSeen::default(),
            mounts: MountWatch::default(),
            config,
        })
    }

    /// A file of procfs.
    pub(super) fn proc(&self, path: &str) -> PathBuf {
        self.config.procfs_path.join(path)
    }

    /// A file of sysfs.
    pub(super) fn sys(&self, path: &str) -> PathBuf {
        self.config.sysfs_path.join(path)
    }

    /// A file of the host, by its absolute path there.
    pub(super) fn root(&self, path: &str) -> PathBuf {
        self.config.rootfs_path.join(path.trim_start_matches('/'))
    }
}

/// A file's text; bytes that are no UTF-8 become `U+FFFD`.
pub(super) fn read(path: &Path) -> Result<String, CollectError> {
    let mut bytes = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(FILE_SIZE_BYTES_MAX).read_to_end(&mut bytes))
        .map_err(|source| io_error(path, source))?;
    Ok(String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

/// As [`read`], without the blanks and line ends around it.
pub(super) fn read_trimmed(path: &Path) -> Result<String, CollectError> {
    read(path).map(|text| text.trim().to_owned())
}

/// As [`read`]; `None` where there is no such file.
pub(super) fn read_if_there(path: &Path) -> Result<Option<String>, CollectError> {
    match read(path) {
        Ok(text) => Ok(Some(text)),
        Err(CollectError::Missing(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A file that holds one number.
pub(super) fn read_number(path: &Path) -> Result<f64, CollectError> {
    number(path, read(path)?.trim())
}

/// The number that `text` of the file at `path` is.
pub(super) fn number<T: FromStr>(path: &Path, text: &str) -> Result<T, CollectError> {
    text.parse().map_err(|_| CollectError::content(path, text))
}

/// The names in a directory, sorted.
pub(super) fn names(dir: &Path) -> Result<Vec<String>, CollectError> {
    let entries = fs::read_dir(dir).map_err(|source| io_error(dir, source))?;
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort_unstable();
    Ok(names)
}

/// The names in a directory that are `prefix` and digits, with the digits; none
/// where there is no such directory.
pub(super) fn numbered(dir: &Path, prefix: &str) -> Vec<(String, String)> {
    let is_number = |rest: &str| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit());
    let names = names(dir).unwrap_or_default();
    names
        .into_iter()
        .filter_map(|name| {
            let rest = name.strip_prefix(prefix).filter(|rest| is_number(rest))?.to_owned();
            Some((name, rest))
        })
        .collect()
}

fn io_error(path: &Path, source: io::Error) -> CollectError {
    // A device without the attribute answers so when its file is opened or read.
    let is_missing = matches!(source.kind(), io::ErrorKind::NotFound)
        || source.raw_os_error() == Some(rustix::io::Errno::NODEV.raw_os_error())
        || source.raw_os_error() == Some(rustix::io::Errno::OPNOTSUPP.raw_os_error());
    if is_missing {
        CollectError::Missing(path.to_owned())
    } else {
        CollectError::Io { path: path.to_owned(), source }
    }
}
