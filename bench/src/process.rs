//! What a process costs, as Linux tells under `/proc`.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use anyhow::Context;

/// The processor time that process `pid` has used, in seconds; also of one that
/// has ended and was not waited for yet.
pub(crate) fn cpu_secs(pid: u32) -> anyhow::Result<f64> {
    let fields = stat_fields(pid)?;
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok());
    let (user, system) = (ticks(11).context("utime")?, ticks(12).context("stime")?);
    Ok((user + system) as f64 / rustix::param::clock_ticks_per_second() as f64)
}

/// The processor time of the living threads of `pid`, in ms, far finer than
/// [`cpu_secs`].
pub(crate) fn threads_cpu_ms(pid: u32) -> anyhow::Result<f64> {
    let mut nanos = 0u64;
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread may end meanwhile.
        let Ok(text) = fs::read_to_string(task?.path().join("schedstat")) else { continue };
        nanos += text.split(' ').next().and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
    }
    Ok(nanos as f64 / 1e6)
}

/// Whether `pid` has ended and was not waited for yet.
pub(crate) fn has_ended(pid: u32) -> anyhow::Result<bool> {
    Ok(stat_fields(pid)?.first().is_some_and(|state| state == "Z"))
}

/// The most memory that `pid` had at a time, in bytes.
pub(crate) fn peak_memory_bytes(pid: u32) -> anyhow::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("VmHWM")?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kib * 1024)
}

/// The bytes that a directory takes on the disk.
pub(crate) fn disk_bytes(dir: &Path) -> anyhow::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(dir).with_context(|| format!("{}", dir.display()))? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        bytes += metadata.blocks() * 512;
        if metadata.is_dir() {
            bytes += disk_bytes(&entry.path())?;
        }
    }
    Ok(bytes)
}

/// The fields of `/proc/PID/stat` from the state on.
fn stat_fields(pid: u32) -> anyhow::Result<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The program's name stands in brackets and may hold anything.
    let (_, fields) = stat.rsplit_once(") ").context("no program in /proc/PID/stat")?;
    Ok(fields.split(' ').map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_costs_something() {
        let pid = std::process::id();
        let before = threads_cpu_ms(pid).unwrap();
        let mut sum = 0u64;
        while threads_cpu_ms(pid).unwrap() < before + 20.0 {
            sum = std::hint::black_box(sum + 1);
        }
        assert!(cpu_secs(pid).unwrap() > 0.0);
        assert!(peak_memory_bytes(pid).unwrap() > 100_000);
        assert!(!has_ended(pid).unwrap());
    }

    #[test]
    fn directories_are_added_up() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("inner")).unwrap();
        fs::write(dir.path().join("inner/file"), vec![1; 100_000]).unwrap();
        rustix::fs::sync();
        assert!(disk_bytes(dir.path()).unwrap() >= 100_000);
    }
}
