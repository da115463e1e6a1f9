//! `node_rapl_…_joules_total`: energy that parts of the processor used.

use std::collections::HashMap;

use super::context::{CollectError, HostContext, names, read_number, read_trimmed};
use crate::exposition::Exposition;

const MICROJOULES: f64 = 1e6;

pub(super) fn collect(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let class = context.sys("class/powercap");
    let mut seen: HashMap<String, usize> = HashMap::new();
    for zone in names(&class)? {
        // intel-rapl:0 is a package, intel-rapl:0:1 a part of it; other types have other energies.
        if !zone.contains("rapl:") {
            continue;
        }
        let dir = class.join(&zone);
        let name = read_trimmed(&dir.join("name"))?;
        // "package-1" has its number in its name; "dram" of the second package gets the next.
        let (name, number) = match name.rsplit_once('-') {
            Some((name, number)) if number.bytes().all(|b| b.is_ascii_digit()) => {
                (name.to_owned(), number.parse().ok())
            }
            _ => (name, None),
        };
        let next = seen.entry(name.clone()).or_default();
        let index = number.unwrap_or(*next).to_string();
        *next += 1;
        let joules = read_number(&dir.join("energy_uj"))? / MICROJOULES;
        let metric = format!("node_rapl_{}_joules_total", sanitize(&name));
        let help = format!("Energy that {name} used, in joules.");
        let path = dir.to_string_lossy();
        out.counter(&metric, &help, &[("index", &index), ("path", &path)], joules);
    }
    Ok(())
}

fn sanitize(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect()
}
