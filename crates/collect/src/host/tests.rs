//! Each collector over the small hosts of `testdata/host/<collector>.test`, and
//! all of them over a host without any file.
//!
//! A case starts with `### what it shows`. Sections `-- path` hold files of its
//! host, `-- path -> target` links, `-- settings` a `HostConfig` in JSON; what
//! the collector exposes follows `== samples`, without help texts, `*` standing
//! for a value that is not the same each time, and how it fails `== error`.
//! `$ROOT` is the host's folder.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::collector::COLLECTORS;
use super::context::HostContext;
use super::{HostCollector, HostConfig};
use crate::exposition::Exposition;

#[test]
fn collectors_expose_what_their_cases_say() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/host");
    let mut names: Vec<_> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    assert!(names.len() > 25, "only {} files of cases", names.len());
    let mut faults = Vec::new();
    for path in names {
        let text = fs::read_to_string(&path).unwrap();
        let collector = path.file_stem().unwrap().to_str().unwrap();
        for case in text.split("### ").skip(1) {
            let (name, body) = case.split_once('\n').unwrap();
            if let Err(fault) = run(collector, body) {
                faults.push(format!("{collector}: {name}\n{fault}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

fn run(name: &str, case: &str) -> Result<(), String> {
    let dir = tempfile::tempdir().unwrap();
    let root = fs::canonicalize(dir.path()).unwrap();
    let (mut settings, mut samples, mut error) = ("{}".to_owned(), String::new(), String::new());
    for (heading, text) in sections(case) {
        let text = text.replace("$ROOT", root.to_str().unwrap());
        match heading.split_once(' ').unwrap() {
            ("--", "settings") => settings = text,
            ("--", path) => lay(&root, path, &text),
            ("==", "samples") => samples = text,
            ("==", "error") => error = text,
            _ => panic!("{heading}"),
        }
    }
    let config = HostConfig {
        procfs_path: root.join("proc"),
        sysfs_path: root.join("sys"),
        rootfs_path: root.clone(),
        udev_data_path: root.join("udev"),
        ..serde_json::from_str(&settings).unwrap()
    };
    let context = HostContext::new(config).unwrap();
    let collector = COLLECTORS.iter().find(|collector| collector.name == name).unwrap();
    let mut out = Exposition::default();
    let result = (collector.collect)(&context, &mut out);

    let rendered = out.render();
    let lines: Vec<&str> = rendered.lines().filter(|line| !line.starts_with("# HELP")).collect();
    let wanted: Vec<&str> = samples.lines().collect();
    let is_same = |line: &str, want: &str| match want.strip_suffix(" *") {
        Some(series) => line.rsplit_once(' ').is_some_and(|(left, _)| left == series),
        None => line == want,
    };
    let is_equal =
        lines.len() == wanted.len() && lines.iter().zip(&wanted).all(|(a, b)| is_same(a, b));
    if !is_equal {
        return Err(format!("wanted\n{}\ngot\n{}", wanted.join("\n"), lines.join("\n")));
    }
    let failed = result.err().map(|error| error.to_string()).unwrap_or_default();
    if failed != error.trim() {
        return Err(format!("wanted error {:?}, got {failed:?}", error.trim()));
    }
    Ok(())
}

fn sections(case: &str) -> Vec<(&str, String)> {
    let mut sections: Vec<(&str, String)> = Vec::new();
    for line in case.lines() {
        if line.starts_with("-- ") || line.starts_with("== ") {
            sections.push((line, String::new()));
        } else if let Some((_, text)) = sections.last_mut()
            && !line.is_empty()
        {
            text.push_str(line);
            text.push('\n');
        }
    }
    sections
}

fn lay(root: &Path, path: &str, text: &str) {
    let (path, target) = match path.split_once(" -> ") {
        Some((path, target)) => (path, Some(target)),
        None => (path, None),
    };
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    match target {
        Some(target) => symlink(target, path).unwrap(),
        None if path.to_str().unwrap().ends_with('/') => fs::create_dir_all(path).unwrap(),
        None => fs::write(path, text).unwrap(),
    }
}

#[test]
fn a_host_without_files_fails_collector_by_collector() {
    let dir = tempfile::tempdir().unwrap();
    let nowhere = dir.path().join("nowhere");
    let collector = HostCollector::new(HostConfig {
        procfs_path: nowhere.clone(),
        sysfs_path: nowhere.clone(),
        rootfs_path: nowhere,
        ..HostConfig::default()
    });
    let text = collector.unwrap().gather();
    let on = COLLECTORS.iter().filter(|collector| collector.is_default).count();
    assert_eq!(text.matches("\nnode_scrape_collector_success{").count(), on);
    assert!(text.contains("node_scrape_collector_success{collector=\"cpu\"} 0\n"));
    assert!(text.contains("node_scrape_collector_success{collector=\"uname\"} 1\n"));
    assert!(!text.contains("node_cpu_seconds_total"));
}

#[test]
fn collectors_are_sorted_and_can_be_switched() {
    assert!(COLLECTORS.is_sorted_by_key(|collector| collector.name));
    let config: HostConfig =
        serde_json::from_str(r#"{"enable": ["processes"], "disable": ["cpu"]}"#).unwrap();
    let text = HostCollector::new(config).unwrap().gather();
    assert!(text.contains("\nnode_processes_pids "));
    assert!(!text.contains("\nnode_cpu_seconds_total"));
    assert!(!text.contains("collector=\"cpu\""));
}

#[test]
fn settings_that_can_not_be_meant_are_refused_by_name() {
    let fault = |settings: &str| {
        let config: HostConfig = serde_json::from_str(settings).unwrap();
        HostCollector::new(config).unwrap_err().to_string()
    };
    let text = fault(r#"{"enable": ["cpus"]}"#);
    assert!(text.starts_with("enable: there is no collector \"cpus\"; known are arp, "), "{text}");
    let text = fault(r#"{"netdev_device_exclude": "("}"#);
    assert!(text.starts_with("netdev_device_exclude: regex parse error"), "{text}");
    let text = serde_json::from_str::<HostConfig>(r#"{"proc_path": "/proc"}"#).unwrap_err();
    assert!(text.to_string().starts_with("unknown field `proc_path`"), "{text}");
}
