//! `node_cpu_frequency_…`, `node_cpu_scaling_…`: how fast processors may and do run.

use super::context::{CollectError, HostContext, numbered, read_number, read_trimmed};
use crate::exposition::Exposition;

/// Files of `cpufreq/`, in kHz: file, metric, help.
const FREQUENCIES: [(&str, &str, &str); 6] = [
    ("cpuinfo_cur_freq", "node_cpu_frequency_hertz", "Frequency of a CPU thread."),
    ("cpuinfo_min_freq", "node_cpu_frequency_min_hertz", "Lowest frequency of a CPU thread."),
    ("cpuinfo_max_freq", "node_cpu_frequency_max_hertz", "Highest frequency of a CPU thread."),
    ("scaling_cur_freq", "node_cpu_scaling_frequency_hertz", "Scaled frequency of a CPU thread."),
    (
        "scaling_min_freq",
        "node_cpu_scaling_frequency_min_hertz",
        "Lowest scaled frequency of a CPU thread.",
    ),
    (
        "scaling_max_freq",
        "node_cpu_scaling_frequency_max_hertz",
        "Highest scaled frequency of a CPU thread.",
    ),
];
const HERTZ_PER_KHZ: f64 = 1000.0;

pub(super) fn collect(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let base = context.sys("devices/system/cpu");
    for (name, cpu) in numbered(&base, "cpu") {
        let dir = base.join(name).join("cpufreq");
        for (file, metric, help) in FREQUENCIES {
            // Drivers leave out some; reading the current one may need privileges.
            if let Ok(khz) = read_number(&dir.join(file)) {
                out.gauge(metric, help, &[("cpu", &cpu)], khz * HERTZ_PER_KHZ);
            }
        }
        let Ok(chosen) = read_trimmed(&dir.join("scaling_governor")) else { continue };
        let known = read_trimmed(&dir.join("scaling_available_governors")).unwrap_or_default();
        for governor in known.split_whitespace() {
            let is_chosen = f64::from(u8::from(governor == chosen));
            let labels = [("cpu", cpu.as_str()), ("governor", governor)];
            let help = "Frequency governors of a CPU; 1 for the one at work.";
            out.gauge("node_cpu_scaling_governor", help, &labels, is_chosen);
        }
    }
    Ok(())
}
