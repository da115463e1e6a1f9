//! `node_power_supply_…`: batteries and mains (Documentation/power/power_supply_class.rst).

use super::context::{CollectError, HostContext, names, read_number, read_trimmed};
use crate::exposition::Exposition;

/// Numbers as they are: file and name in the metric.
const PLAIN: [(&str, &str); 10] = [
    ("authentic", "authentic"),
    ("calibrate", "calibrate"),
    ("capacity", "capacity"),
    ("capacity_alert_max", "capacity_alert_max"),
    ("capacity_alert_min", "capacity_alert_min"),
    ("cycle_count", "cyclecount"),
    ("online", "online"),
    ("present", "present"),
    ("time_to_empty_now", "time_to_empty_seconds"),
    ("time_to_full_now", "time_to_full_seconds"),
];

/// Numbers in millionths: µA, µWh, µV, µW.
const MICRO: [(&str, &str); 31] = [
    ("current_boot", "current_boot"),
    ("current_max", "current_max"),
    ("current_now", "current_ampere"),
    ("energy_empty", "energy_empty"),
    ("energy_empty_design", "energy_empty_design"),
    ("energy_full", "energy_full"),
    ("energy_full_design", "energy_full_design"),
    ("energy_now", "energy_watthour"),
    ("voltage_boot", "voltage_boot"),
    ("voltage_max", "voltage_max"),
    ("voltage_max_design", "voltage_max_design"),
    ("voltage_min", "voltage_min"),
    ("voltage_min_design", "voltage_min_design"),
    ("voltage_now", "voltage_volt"),
    ("voltage_ocv", "voltage_ocv"),
    ("charge_control_limit", "charge_control_limit"),
    ("charge_control_limit_max", "charge_control_limit_max"),
    ("charge_counter", "charge_counter"),
    ("charge_empty", "charge_empty"),
    ("charge_empty_design", "charge_empty_design"),
    ("charge_full", "charge_full"),
    ("charge_full_design", "charge_full_design"),
    ("charge_now", "charge_ampere"),
    ("charge_term_current", "charge_term_current"),
    ("constant_charge_current", "constant_charge_current"),
    ("constant_charge_current_max", "constant_charge_current_max"),
    ("constant_charge_voltage", "constant_charge_voltage"),
    ("constant_charge_voltage_max", "constant_charge_voltage_max"),
    ("precharge_current", "precharge_current"),
    ("input_current_limit", "input_current_limit"),
    ("power_now", "power_watt"),
];

/// Temperatures in tenths of a degree.
const TENTHS: [(&str, &str); 8] = [
    ("temp", "temp_celsius"),
    ("temp_alert_max", "temp_alert_max_celsius"),
    ("temp_alert_min", "temp_alert_min_celsius"),
    ("temp_ambient", "temp_ambient_celsius"),
    ("temp_ambient_alert_max", "temp_ambient_max_celsius"),
    ("temp_ambient_alert_min", "temp_ambient_min_celsius"),
    ("temp_max", "temp_max_celsius"),
    ("temp_min", "temp_min_celsius"),
];

/// Files whose text is a label of `node_power_supply_info`.
const TEXTS: [&str; 11] = [
    "capacity_level",
    "charge_type",
    "health",
    "manufacturer",
    "model_name",
    "scope",
    "serial_number",
    "status",
    "technology",
    "type",
    "usb_type",
];

pub(super) fn collect(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let class = context.sys("class/power_supply");
    for supply in names(&class)? {
        let dir = class.join(&supply);
        for (files, divisor) in [(&PLAIN[..], 1.0), (&MICRO[..], 1e6), (&TENTHS[..], 10.0)] {
            for (file, name) in files {
                // A supply has the files that it can fill; one that it can't answers ENODATA.
                let Ok(value) = read_number(&dir.join(file)) else { continue };
                let metric = format!("node_power_supply_{name}");
                let help = format!("{file} of a power supply.");
                out.gauge(&metric, &help, &[("power_supply", &supply)], value / divisor);
            }
        }
        let texts: Vec<(&str, String)> = TEXTS
            .iter()
            .filter_map(|file| Some((*file, read_trimmed(&dir.join(file)).ok()?)))
            .filter(|(_, text)| !text.is_empty())
            .collect();
        let mut labels: Vec<_> = texts.iter().map(|(name, text)| (*name, text.as_str())).collect();
        labels.push(("power_supply", &supply));
        let help = "Constant 1, labelled by what a power supply is.";
        out.gauge("node_power_supply_info", help, &labels, 1.0);
    }
    Ok(())
}
