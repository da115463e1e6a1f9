//! `node_time_…`: the clock, its zone, and what drives it.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::context::{CollectError, HostContext, numbered, read};
use crate::exposition::Exposition;

pub(super) fn collect(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    out.gauge("node_time_seconds", "Unix time.", &[], now.as_secs_f64());

    let zone = TimeZone::system();
    let info = zone.to_offset_info(Timestamp::now());
    let help = "Offset of local time from UTC, in seconds.";
    let labels = [("time_zone", info.abbreviation())];
    let offset = info.offset().seconds().into();
    out.gauge("node_time_zone_offset_seconds", help, &labels, offset);
    clock_sources(context, out)
}

fn clock_sources(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let base = context.sys("devices/system/clocksource");
    for (name, device) in numbered(&base, "clocksource") {
        let dir = base.join(name);
        for source in read(&dir.join("available_clocksource"))?.split_whitespace() {
            let labels = [("clocksource", source), ("device", &device)];
            let help = "Constant 1, labelled by a clock source that there is.";
            out.gauge("node_time_clocksource_available_info", help, &labels, 1.0);
        }
        let current = read(&dir.join("current_clocksource"))?;
        let labels = [("clocksource", current.trim()), ("device", &device)];
        let help = "Constant 1, labelled by the clock source in use.";
        out.gauge("node_time_clocksource_current_info", help, &labels, 1.0);
    }
    Ok(())
}
