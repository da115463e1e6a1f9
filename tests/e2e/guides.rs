//! What the guides show works: their rules are sound, and their alerts fire.

use std::path::Path;
use std::process::Command;

use crate::harness::binary;

/// The blocks of YAML in a guide.
fn yaml_blocks(guide: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guide").join(guide);
    let text = std::fs::read_to_string(path).unwrap();
    let blocks = text.split("```yaml\n").skip(1);
    blocks.map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

fn run(args: &[&str], file: &Path) -> String {
    let output = Command::new(binary()).args(args).arg(file).output().unwrap();
    let text = [output.stdout, output.stderr].map(|part| String::from_utf8(part).unwrap()).concat();
    assert!(output.status.success(), "{text}");
    text
}

/// A month in which each of the guide's alerts has a reason to fire.
const ANOMALIES: &str = r#"
rule_files: [rules.yml]
evaluation_interval: 30m
tests:
  - name: load and disk
    interval: 30m
    input_series:
      - {series: 'node_load1{instance="calm"}', values: '1 1.1 0.9 1 1.1 0.9 1 1.1 0.9 1 1.1 0.9 1 1.1 0.9 1'}
      - {series: 'node_load1{instance="busy"}', values: '1 1.1 0.9 1 1.1 0.9 1 1.1 0.9 1 1.1 0.9 1 9 9 9'}
      - {series: 'node_filesystem_avail_bytes{instance="a",mountpoint="/",fstype="ext4"}', values: '1000x15'}
      - {series: 'node_filesystem_avail_bytes{instance="a",mountpoint="/var",fstype="ext4"}', values: '1000-9x15'}
      - {series: 'node_filesystem_avail_bytes{instance="a",mountpoint="/data",fstype="ext4"}', values: '1000-60x15'}
      - {series: 'node_filesystem_avail_bytes{instance="a",mountpoint="/run",fstype="tmpfs"}', values: '1000-9x15'}
    alert_rule_test:
      - {alertname: LoadIsUnusual, eval_time: 6h, exp_alerts: []}
      - alertname: LoadIsUnusual
        eval_time: 7h
        exp_alerts:
          - exp_labels: {severity: warning, instance: busy}
            exp_annotations: {summary: Load of busy is 53.96 deviations above its median}
      - alertname: DiskMayBeFullInThreeDays
        eval_time: 6h
        exp_alerts:
          - exp_labels: {severity: warning, instance: a, mountpoint: /var, fstype: ext4}
            exp_annotations: {summary: /var of a may be full in three days}
          - exp_labels: {severity: warning, instance: a, mountpoint: /data, fstype: ext4}
            exp_annotations: {summary: /data of a may be full in three days}
      - alertname: DiskWillBeFullTomorrow
        eval_time: 6h
        exp_alerts:
          - exp_labels: {severity: critical, instance: a, mountpoint: /data, fstype: ext4}
            exp_annotations: {summary: "/data of a is full in a day, and hardly later"}
  - name: traffic
    interval: 30m
    input_series:
      - {series: 'job:http_requests:rate5m{job="shop"}', values: '100x1340 500x20'}
      - {series: 'job:http_requests:rate5m{job="other"}', values: '100x1360'}
    alert_rule_test:
      - {alertname: TrafficIsUnusualForThisTimeOfTheWeek, eval_time: 27d, exp_alerts: []}
      - alertname: TrafficIsUnusualForThisTimeOfTheWeek
        eval_time: 28d5h
        exp_alerts:
          - exp_labels: {severity: warning, job: shop}
            exp_annotations: {summary: shop has 400 requests a second more or less than usual}
"#;

#[test]
fn alerts_on_anomalies_fire() {
    let dir = tempfile::tempdir().unwrap();
    let blocks = yaml_blocks("anomalies.md");
    assert_eq!(blocks.len(), 1);
    let rules = dir.path().join("rules.yml");
    std::fs::write(&rules, &blocks[0]).unwrap();
    assert!(run(&["check", "rules"], &rules).contains("5 rules found"));
    let tests = dir.path().join("tests.yml");
    std::fs::write(&tests, ANOMALIES).unwrap();
    run(&["test", "rules"], &tests);
}
