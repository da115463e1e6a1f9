//! `node_cpu_…`: what processors spend their time on, which are online, isolated, throttled.

use std::collections::{BTreeMap, HashMap};

use parking_lot::Mutex;

use super::context::{
    CollectError, HostContext, number, numbered, read, read_if_there, read_number,
};
use super::cpulist;
use crate::exposition::Exposition;

/// Columns of a `cpu` line of `/proc/stat` (proc_stat(5)), without those of guests.
const MODES: [&str; 8] = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"];
const GUEST_MODES: [&str; 2] = ["user", "nice"];
const IDLE: usize = 3;

pub(super) fn collect(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    seconds(context, out)?;
    isolated(context, out)?;
    throttles(context, out);
    online(context, out);
    Ok(())
}

/// Seconds that a number of the kernel's clock ticks is.
pub(super) fn ticks_to_seconds(ticks: f64) -> f64 {
    ticks / rustix::param::clock_ticks_per_second() as f64
}

type Seconds = [f64; MODES.len() + GUEST_MODES.len()];

/// What each CPU was seen to have spent, so that counters never fall.
///
/// The kernel's idle and iowait times go back by some ticks now and then
/// (proc_stat(5) on iowait), which `rate()` would take for a restart.
#[derive(Debug, Default)]
pub(super) struct SecondsSeen(Mutex<HashMap<String, Seconds>>);

impl SecondsSeen {
    /// A CPU whose idle time falls by more than that was offline in between, as
    /// node_exporter has it.
    const HOTPLUG_SECS: f64 = 3.0;

    fn rising(&self, cpu: &str, now: Seconds) -> Seconds {
        let mut all = self.0.lock();
        let Some(seen) = all.get_mut(cpu) else {
            all.insert(cpu.to_owned(), now);
            return now;
        };
        if seen[IDLE] - now[IDLE] > Self::HOTPLUG_SECS {
            *seen = now;
        }
        for (seen, now) in seen.iter_mut().zip(now) {
            *seen = seen.max(now);
        }
        *seen
    }
}

fn seconds(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let path = context.proc("stat");
    for line in read(&path)?.lines() {
        let mut fields = line.split_whitespace();
        let Some(cpu) = fields.next().and_then(|name| name.strip_prefix("cpu")) else { break };
        if cpu.is_empty() {
            continue;
        }
        let mut spent = Seconds::default();
        for (spent, field) in spent.iter_mut().zip(fields) {
            *spent = ticks_to_seconds(number(&path, field)?);
        }
        let spent = context.cpu_seconds.rising(cpu, spent);
        let (modes, guest) = spent.split_at(MODES.len());
        for (mode, seconds) in MODES.iter().zip(modes) {
            let help = "Seconds that each CPU spent in each mode.";
            out.counter("node_cpu_seconds_total", help, &[("cpu", cpu), ("mode", mode)], *seconds);
        }
        for (mode, seconds) in GUEST_MODES.iter().zip(guest) {
            let help = "Seconds that each CPU spent in virtual machines, by mode.";
            let labels = [("cpu", cpu), ("mode", *mode)];
            out.counter("node_cpu_guest_seconds_total", help, &labels, *seconds);
        }
    }
    Ok(())
}

fn isolated(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let Some(list) = read_if_there(&context.sys("devices/system/cpu/isolated"))? else {
        return Ok(());
    };
    for cpu in cpulist::parse(&list) {
        let help = "CPUs that the scheduler leaves alone.";
        out.gauge("node_cpu_isolated", help, &[("cpu", &cpu.to_string())], 1.0);
    }
    Ok(())
}

/// A CPU that can't be unplugged has no file `online`; then nothing is said of it.
fn online(context: &HostContext, out: &mut Exposition) {
    let base = context.sys("devices/system/cpu");
    for (name, cpu) in numbered(&base, "cpu") {
        if let Ok(is_online) = read_number(&base.join(name).join("online")) {
            let help = "Whether the CPU is online.";
            out.gauge("node_cpu_online", help, &[("cpu", &cpu)], is_online);
        }
    }
}

/// Threads of a core share its counter, cores of a package theirs.
fn throttles(context: &HostContext, out: &mut Exposition) {
    let base = context.sys("devices/system/cpu");
    let mut packages = BTreeMap::new();
    let mut cores = BTreeMap::new();
    for (name, _) in numbered(&base, "cpu") {
        let dir = base.join(name);
        let (Ok(package), Ok(core)) = (
            read_number(&dir.join("topology/physical_package_id")),
            read_number(&dir.join("topology/core_id")),
        ) else {
            continue;
        };
        // The kernel says -1 where it does not know the package.
        let (package, core) = (package as i64, core as i64);
        if let Ok(count) = read_number(&dir.join("thermal_throttle/core_throttle_count")) {
            cores.entry((package, core)).or_insert(count);
        }
        if let Ok(count) = read_number(&dir.join("thermal_throttle/package_throttle_count")) {
            packages.entry(package).or_insert(count);
        }
    }
    for ((package, core), count) in cores {
        let (package, core) = (package.to_string(), core.to_string());
        let labels = [("core", core.as_str()), ("package", &package)];
        let help = "How often a core was throttled for its heat.";
        out.counter("node_cpu_core_throttles_total", help, &labels, count);
    }
    for (package, count) in packages {
        let help = "How often a package was throttled for its heat.";
        let labels = [("package", &*package.to_string())];
        out.counter("node_cpu_package_throttles_total", help, &labels, count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn idle(seconds: f64) -> Seconds {
        let mut spent = Seconds::default();
        spent[IDLE] = seconds;
        spent
    }

    #[test]
    fn small_steps_back_are_held_and_large_ones_start_anew() {
        let seen = SecondsSeen::default();
        assert_eq!(seen.rising("0", idle(100.0))[IDLE], 100.0);
        assert_eq!(seen.rising("0", idle(99.5))[IDLE], 100.0);
        assert_eq!(seen.rising("0", idle(100.5))[IDLE], 100.5);
        assert_eq!(seen.rising("0", idle(2.0))[IDLE], 2.0);
        assert_eq!(seen.rising("1", idle(1.0))[IDLE], 1.0);
    }
}
