//! Sensors: temperatures, fans, voltages.

use super::{CollectError, HostContext, names, read, read_number};
use crate::exposition::Exposition;

/// `node_thermal_zone_temp`
pub(super) fn thermal_zones(
    context: &HostContext,
    out: &mut Exposition,
) -> Result<(), CollectError> {
    let base = context.sysfs.join("class/thermal");
    for name in names(&base) {
        let Some(zone) = name.strip_prefix("thermal_zone") else { continue };
        let dir = base.join(&name);
        if let (Ok(kind), Ok(millidegrees)) =
            (read(&dir.join("type")), read_number(&dir.join("temp")))
        {
            let labels = [("zone", zone), ("type", kind.trim())];
            out.gauge(
                "node_thermal_zone_temp",
                "Zone temperature in Celsius",
                &labels,
                millidegrees / 1000.0,
            );
        }
    }
    Ok(())
}

/// `node_hwmon_…`
pub(super) fn hwmon(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let base = context.sysfs.join("class/hwmon");
    for chip in names(&base) {
        let dir = base.join(&chip);
        if let Ok(name) = read(&dir.join("name")) {
            let labels = [("chip", chip.as_str()), ("chip_name", name.trim())];
            out.gauge(
                "node_hwmon_chip_names",
                "Annotation metric for human-readable chip names",
                &labels,
                1.0,
            );
        }
        for file in names(&dir) {
            let Some((sensor, property)) = file.split_once('_') else { continue };
            let Some((suffix, factor)) = unit(sensor) else { continue };
            if property != "input" {
                continue;
            }
            if let Ok(value) = read_number(&dir.join(&file)) {
                let kind = sensor.trim_end_matches(|c: char| c.is_ascii_digit());
                let metric = format!("node_hwmon_{kind}_{suffix}");
                let labels = [("chip", chip.as_str()), ("sensor", sensor)];
                let help = format!("Hardware monitor for {kind} (input)");
                out.gauge(&metric, &help, &labels, value * factor);
            }
        }
    }
    Ok(())
}

/// The unit of a kind of sensor and its factor.
fn unit(sensor: &str) -> Option<(&'static str, f64)> {
    let kind = sensor.trim_end_matches(|c: char| c.is_ascii_digit());
    Some(match kind {
        "temp" => ("celsius", 0.001),
        "fan" => ("rpm", 1.0),
        "in" => ("volts", 0.001),
        "curr" => ("amps", 0.001),
        "power" => ("watt", 1e-6),
        "energy" => ("joule_total", 1e-6),
        "humidity" => ("ratio", 1e-5),
        _ => return None,
    })
}
