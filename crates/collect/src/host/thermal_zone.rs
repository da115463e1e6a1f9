//! `node_thermal_zone_temp`, `node_cooling_device_…` (Documentation/driver-api/thermal).

use super::context::{CollectError, HostContext, names, numbered, read_number, read_trimmed};
use crate::exposition::Exposition;

const MILLIDEGREES: f64 = 1000.0;

pub(super) fn collect(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let class = context.sys("class/thermal");
    names(&class)?;
    for (name, zone) in numbered(&class, "thermal_zone") {
        let dir = class.join(name);
        // A zone that is off answers EINVAL or EAGAIN; the others have their say.
        let (Ok(kind), Ok(temperature)) =
            (read_trimmed(&dir.join("type")), read_number(&dir.join("temp")))
        else {
            continue;
        };
        let labels = [("type", kind.as_str()), ("zone", &zone)];
        let help = "Temperature of a zone in degrees Celsius.";
        out.gauge("node_thermal_zone_temp", help, &labels, temperature / MILLIDEGREES);
    }
    for (name, device) in numbered(&class, "cooling_device") {
        let dir = class.join(name);
        let Ok(kind) = read_trimmed(&dir.join("type")) else { continue };
        let labels = [("name", device.as_str()), ("type", &kind)];
        if let Ok(state) = read_number(&dir.join("cur_state")) {
            let help = "How much a device cools.";
            out.gauge("node_cooling_device_cur_state", help, &labels, state);
        }
        if let Ok(state) = read_number(&dir.join("max_state")) {
            let help = "How much a device can cool at most.";
            out.gauge("node_cooling_device_max_state", help, &labels, state);
        }
    }
    Ok(())
}
