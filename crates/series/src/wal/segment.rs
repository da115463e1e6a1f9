//! Segment files: names, order, creation.

use std::io;
use std::path::{Path, PathBuf};

use disk::{Disk, DiskFile};

const SEGMENT_SUFFIX: &str = ".wal";
const CHECKPOINT_PREFIX: &str = "checkpoint-";

/// A file of the log's directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogFile {
    /// Of a segment, its place in the log; of a checkpoint, the first segment
    /// that it does not cover.
    pub(crate) number: u64,
    pub(crate) path: PathBuf,
}

/// What the log's directory holds, each kind by number.
#[derive(Debug, Default)]
pub(crate) struct LogFiles {
    pub(crate) segments: Vec<LogFile>,
    pub(crate) checkpoints: Vec<LogFile>,
}

impl LogFiles {
    pub(crate) fn list(disk: &dyn Disk, dir: &Path) -> io::Result<Self> {
        let mut files = Self::default();
        for entry in disk.list(dir)? {
            let path = entry.path;
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            let segment = name.strip_suffix(SEGMENT_SUFFIX).and_then(|text| text.parse().ok());
            let checkpoint =
                name.strip_prefix(CHECKPOINT_PREFIX).and_then(|text| text.parse().ok());
            if let Some(number) = segment {
                files.segments.push(LogFile { number, path });
            } else if let Some(number) = checkpoint {
                files.checkpoints.push(LogFile { number, path });
            }
        }
        files.segments.sort_by_key(|file| file.number);
        files.checkpoints.sort_by_key(|file| file.number);
        Ok(files)
    }
}

pub(crate) fn segment_path(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("{number:08}{SEGMENT_SUFFIX}"))
}

pub(crate) fn checkpoint_path(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("{CHECKPOINT_PREFIX}{number:08}"))
}

/// Makes an empty segment whose name survives a crash of the machine.
pub(crate) fn create_segment(
    disk: &dyn Disk,
    dir: &Path,
    number: u64,
) -> io::Result<Box<dyn DiskFile>> {
    let file = disk.create(&segment_path(dir, number))?;
    disk.sync_dir(dir)?;
    Ok(file)
}
