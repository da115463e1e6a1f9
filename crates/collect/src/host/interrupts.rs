//! `node_interrupts_total`: interrupts by CPU and source.
//!
//! Off by default: a series for each CPU and source.

use super::context::{CollectError, HostContext, number, read};
use crate::exposition::Exposition;

pub(super) fn collect(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let path = context.proc("interrupts");
    let text = read(&path)?;
    let mut lines = text.lines();
    let header = lines.next().unwrap_or_default();
    let cpus: Vec<&str> =
        header.split_whitespace().map(|cpu| cpu.trim_start_matches("CPU")).collect();
    for line in lines {
        let Some((source, rest)) = line.split_once(':') else { continue };
        let source = source.trim();
        let fields: Vec<&str> = rest.split_whitespace().collect();
        // ERR and MIS have one number for the whole host and nothing behind it.
        if fields.len() <= cpus.len() {
            continue;
        }
        let (counts, names) = fields.split_at(cpus.len());
        // Behind a number stand the controller and the devices; behind a name, what it is.
        let (info, devices) = match names.split_first() {
            Some((controller, devices)) if source.bytes().all(|b| b.is_ascii_digit()) => {
                ((*controller).to_owned(), devices.join(" "))
            }
            _ => (names.join(" "), String::new()),
        };
        for (cpu, count) in cpus.iter().zip(counts) {
            let labels = [("cpu", *cpu), ("devices", &devices), ("info", &info), ("type", source)];
            let help = "Interrupts by CPU and source.";
            out.counter("node_interrupts_total", help, &labels, number(&path, count)?);
        }
    }
    Ok(())
}
