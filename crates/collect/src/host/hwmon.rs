//! `node_hwmon_…`: temperatures, fans, voltages, currents, power.
//!
//! A file of a chip is `<kind><number>_<element>`; kinds and units are those of
//! Documentation/hwmon/sysfs-interface.rst, names those of node_exporter.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use super::context::{CollectError, HostContext, names, read_trimmed};
use crate::exposition::{Exposition, FamilyKind};

const KINDS: [&str; 14] = [
    "vrm",
    "beep_enable",
    "update_interval",
    "in",
    "cpu",
    "fan",
    "pwm",
    "temp",
    "curr",
    "power",
    "energy",
    "humidity",
    "intrusion",
    "freq",
];

const MILLI: f64 = 1e3;
const MICRO: f64 = 1e6;

/// A directory of `/sys/class/hwmon` and how its chip is called.
struct Chip {
    dir: PathBuf,
    /// From the device that it belongs to, so that it survives a reboot.
    label: String,
    /// What the driver calls it.
    name: Option<String>,
}

/// Elements of one sensor, the empty name being the sensor's own file.
type Elements = BTreeMap<String, String>;

pub(super) fn collect(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    for chip in chips(&context.sys("class/hwmon"))? {
        if let Some(name) = &chip.name {
            let labels = [("chip", chip.label.as_str()), ("chip_name", name)];
            let help = "Constant 1, labelled by what the driver calls a chip.";
            out.gauge("node_hwmon_chip_names", help, &labels, 1.0);
        }
        let mut sensors: BTreeMap<String, (&'static str, Elements)> = BTreeMap::new();
        read_sensors(&chip.dir, &mut sensors)?;
        let device = chip.dir.join("device");
        if device.exists() {
            // Drivers older than Linux 3.15 put their files there.
            read_sensors(&device, &mut sensors)?;
        }
        for (sensor, (kind, elements)) in &sensors {
            expose(&chip.label, sensor, kind, elements, out);
        }
    }
    Ok(())
}

/// All chips, no two with one label: several can belong to one device.
fn chips(class: &Path) -> Result<Vec<Chip>, CollectError> {
    let mut chips: Vec<Chip> = names(class)?
        .into_iter()
        .map(|entry| class.join(entry))
        .filter(|dir| dir.is_dir())
        .map(|dir| {
            let name = read_trimmed(&dir.join("name")).ok().map(|name| clean(&name));
            let name = name.filter(|name| !name.is_empty());
            let label = label(&dir, name.as_deref());
            Chip { dir, label, name }
        })
        .collect();
    let mut labels: HashMap<String, usize> = HashMap::new();
    let mut full: HashMap<(String, Option<String>), usize> = HashMap::new();
    for chip in &chips {
        *labels.entry(chip.label.clone()).or_default() += 1;
        *full.entry((chip.label.clone(), chip.name.clone())).or_default() += 1;
    }
    for chip in &mut chips {
        if labels[&chip.label] > 1 {
            let is_unique = full[&(chip.label.clone(), chip.name.clone())] == 1;
            let suffix = chip.name.clone().filter(|_| is_unique);
            let suffix = suffix.unwrap_or_else(|| clean(&last_component(&chip.dir)));
            chip.label = format!("{}_{suffix}", chip.label);
        }
    }
    Ok(chips)
}

/// `platform_coretemp_0` of `/sys/devices/platform/coretemp.0`, else the driver's
/// name, else `hwmon3`, which depends on the order in which drivers were loaded.
fn label(dir: &Path, name: Option<&str>) -> String {
    if let Ok(device) = fs::canonicalize(dir.join("device")) {
        let bus = device.parent().map(|bus| clean(&last_component(bus))).unwrap_or_default();
        let device = clean(&last_component(&device));
        match (bus.is_empty(), device.is_empty()) {
            (false, false) => return format!("{bus}_{device}"),
            (true, false) => return device,
            _ => {}
        }
    }
    name.map_or_else(|| clean(&last_component(dir)), str::to_owned)
}

fn last_component(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Lower case, and only what a metric's name may hold.
fn clean(text: &str) -> String {
    let is_allowed = |c: &char| matches!(c, 'a'..='z' | '0'..='9' | ':' | '_');
    let replaced: String =
        text.trim().to_lowercase().chars().map(|c| if is_allowed(&c) { c } else { '_' }).collect();
    replaced.trim_matches('_').to_owned()
}

fn read_sensors(
    dir: &Path,
    sensors: &mut BTreeMap<String, (&'static str, Elements)>,
) -> Result<(), CollectError> {
    for file in names(dir)? {
        let Some((kind, number, element)) = split(&file) else { continue };
        // A sensor without a value answers with an error (ENODATA, EAGAIN): it is left out.
        let Ok(value) = read_trimmed(&dir.join(&file)) else { continue };
        let sensor = sensors.entry(format!("{kind}{number}")).or_insert((kind, Elements::new()));
        sensor.1.insert(element.to_owned(), value);
    }
    Ok(())
}

/// `temp1_crit_alarm` is `temp`, 1, `crit_alarm`.
fn split(file: &str) -> Option<(&'static str, u32, &str)> {
    let digits_at = file.find(|c: char| c.is_ascii_digit()).unwrap_or(file.len());
    let (prefix, rest) = file.split_at(digits_at);
    let digits_end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (digits, rest) = rest.split_at(digits_end);
    if digits.is_empty() {
        let kind = KINDS.iter().find(|kind| **kind == prefix)?;
        return Some((*kind, 0, ""));
    }
    let kind = KINDS.iter().find(|kind| **kind == prefix)?;
    let element = if rest.is_empty() { "" } else { rest.strip_prefix('_')? };
    Some((*kind, digits.parse().ok()?, element))
}

fn expose(chip: &str, sensor: &str, kind: &str, elements: &Elements, out: &mut Exposition) {
    let labels = [("chip", chip), ("sensor", sensor)];
    if let Some(label) = elements.get("label") {
        let labels = [("chip", chip), ("label", label.as_str()), ("sensor", sensor)];
        let help = "Constant 1, labelled by what a sensor is for.";
        out.gauge("node_hwmon_sensor_label", help, &labels, 1.0);
    }
    for (element, text) in elements {
        let Ok(value) = text.parse::<f64>() else { continue };
        if let (kind @ ("freq", "input"), Some(label)) =
            ((kind, element.as_str()), elements.get("label"))
        {
            let sensor = clean(label);
            let labels = [("chip", chip), ("sensor", sensor.as_str())];
            let help = format!("Hardware monitor: {} {}.", kind.0, kind.1);
            out.gauge("node_hwmon_freq_freq_mhz", &help, &labels, value / MICRO);
            continue;
        }
        let has_own_file = elements.contains_key("");
        let Some(reading) = reading(kind, element, has_own_file) else { continue };
        let metric = format!("node_hwmon_{}", reading.name);
        let help = format!("Hardware monitor: {kind} {element}.");
        out.number(reading.kind, &metric, help.trim_end(), &labels, value / reading.divisor);
    }
}

/// What an element of a sensor becomes.
struct Reading {
    name: String,
    kind: FamilyKind,
    divisor: f64,
}

/// `None` for what is no number.
fn reading(kind: &str, element: &str, has_own_file: bool) -> Option<Reading> {
    let gauge = |name: String, divisor| Some(Reading { name, kind: FamilyKind::Gauge, divisor });
    match (kind, element) {
        (_, "label") | ("freq", "input") => return None,
        ("beep_enable", _) => return gauge("beep_enabled".to_owned(), 1.0),
        ("vrm", _) => return gauge("voltage_regulator_version".to_owned(), 1.0),
        ("update_interval", _) => return gauge("update_interval_seconds".to_owned(), MILLI),
        _ => {}
    }
    // The input is the value itself, unless the sensor has a file without an element.
    let base = match element {
        "" => kind.to_owned(),
        "input" if !has_own_file => kind.to_owned(),
        element => format!("{kind}_{}", clean(element)),
    };
    match (kind, element) {
        (_, "fault" | "alarm") => gauge(base, 1.0),
        (_, "beep") => gauge(format!("{base}_enabled"), 1.0),
        ("in" | "cpu", _) => gauge(format!("{base}_volts"), MILLI),
        ("temp", element) if element != "type" => gauge(format!("{base}_celsius"), MILLI),
        ("curr", _) => gauge(format!("{base}_amps"), MILLI),
        ("energy", _) => Some(Reading {
            name: format!("{base}_joule_total"),
            kind: FamilyKind::Counter,
            divisor: MICRO,
        }),
        ("power", "accuracy") => gauge(base, MICRO),
        ("power", "average_interval" | "average_interval_min" | "average_interval_max") => {
            gauge(format!("{base}_seconds"), MILLI)
        }
        ("power", _) => gauge(format!("{base}_watt"), MICRO),
        ("humidity", _) => gauge(base, MICRO),
        ("fan", "input" | "min" | "max" | "target") => gauge(format!("{base}_rpm"), 1.0),
        _ => gauge(base, 1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_split() {
        assert_eq!(split("temp1_crit_alarm"), Some(("temp", 1, "crit_alarm")));
        assert_eq!(split("pwm2"), Some(("pwm", 2, "")));
        assert_eq!(split("update_interval"), Some(("update_interval", 0, "")));
        assert_eq!(split("name"), None);
        assert_eq!(split("uevent"), None);
        assert_eq!(split("temp1x"), None);
    }

    #[test]
    fn readings_have_the_names_and_units_of_node_exporter() {
        let name = |kind, element| {
            let reading = reading(kind, element, false).unwrap();
            format!("{} {}", reading.name, reading.divisor)
        };
        assert_eq!(name("temp", "input"), "temp_celsius 1000");
        assert_eq!(name("temp", "crit_alarm"), "temp_crit_alarm_celsius 1000");
        assert_eq!(name("temp", "alarm"), "temp_alarm 1");
        assert_eq!(name("temp", "type"), "temp_type 1");
        assert_eq!(name("fan", "min"), "fan_min_rpm 1");
        assert_eq!(name("fan", "pulses"), "fan_pulses 1");
        assert_eq!(name("in", "beep"), "in_beep_enabled 1");
        assert_eq!(name("power", "average_interval"), "power_average_interval_seconds 1000");
        assert_eq!(name("power", "cap"), "power_cap_watt 1000000");
        assert!(reading("temp", "label", false).is_none());
        let with_file = reading("pwm", "input", true).unwrap();
        assert_eq!(with_file.name, "pwm_input");
    }
}
