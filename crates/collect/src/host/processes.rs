//! `node_processes_…`: processes and threads by state.
//!
//! Off by default: a file is read for each thread of the host.

use std::collections::BTreeMap;
use std::path::Path;

use super::context::{CollectError, HostContext, numbered, read, read_number};
use crate::exposition::Exposition;

pub(super) fn collect(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let mut processes: BTreeMap<char, u32> = BTreeMap::new();
    let mut threads: BTreeMap<char, u32> = BTreeMap::new();
    for (pid, _) in numbered(&context.config.procfs_path, "") {
        let dir = context.proc(&pid);
        // What ended since the list was read is left out.
        let Some(state) = state(&dir.join("stat")) else { continue };
        *processes.entry(state).or_default() += 1;
        for (tid, _) in numbered(&dir.join("task"), "") {
            if let Some(state) = self::state(&dir.join("task").join(tid).join("stat")) {
                *threads.entry(state).or_default() += 1;
            }
        }
    }
    let sum = |states: &BTreeMap<char, u32>| f64::from(states.values().sum::<u32>());
    out.gauge("node_processes_pids", "Processes that there are.", &[], sum(&processes));
    out.gauge("node_processes_threads", "Threads that there are.", &[], sum(&threads));
    for (state, count) in &processes {
        let labels = [("state", &*state.to_string())];
        out.gauge("node_processes_state", "Processes by state.", &labels, (*count).into());
    }
    for (state, count) in &threads {
        let labels = [("thread_state", &*state.to_string())];
        out.gauge("node_processes_threads_state", "Threads by state.", &labels, (*count).into());
    }
    let threads_max = read_number(&context.proc("sys/kernel/threads-max"))?;
    let help = "Threads that there can be at most.";
    out.gauge("node_processes_max_threads", help, &[], threads_max);
    let pid_max = read_number(&context.proc("sys/kernel/pid_max"))?;
    let help = "Processes that there can be at most.";
    out.gauge("node_processes_max_processes", help, &[], pid_max);
    Ok(())
}

/// The letter behind the name in parentheses, which may hold anything (proc_pid_stat(5)).
fn state(path: &Path) -> Option<char> {
    read(path).ok()?.rsplit_once(") ")?.1.chars().next()
}
