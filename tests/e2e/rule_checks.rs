//! `bellwether check rules` beside `promtool check rules`: the same files are
//! sound, with as many rules, and the same lines of the others are named.

use std::path::Path;
use std::process::{Command, Output};

use crate::harness::{binary, has_peer};

/// A name, the rules of one group, and the lines where faults are.
const FILES: [(&str, &str, &[usize]); 16] = [
    ("record", "- {record: a, expr: sum(b)}", &[]),
    (
        "alert",
        "- {alert: A, expr: b > 1, for: 5m, keep_firing_for: 1m, labels: {x: '{{ $value }}'}}",
        &[],
    ),
    (
        "templates",
        "- {alert: A, expr: b, annotations: {a: '{{ with query \"b\" }}{{ . | first | value | humanize }}{{ end }}'}}",
        &[],
    ),
    ("utf8", "- {alert: 'Kessel heiß', expr: b, annotations: {a: größer}}", &[]),
    ("no_name", "- {expr: b}", &[4]),
    ("two_names", "- {record: a, alert: b, expr: c}", &[4]),
    ("no_expr", "- {record: a}", &[4]),
    ("expr", "- {record: a, expr: 'sum('}\n  - {record: b, expr: 1 +}", &[4, 5]),
    ("record_for", "- {record: a, expr: b, for: 1m}", &[4]),
    ("record_annotations", "- {record: a, expr: b, annotations: {a: b}}", &[4]),
    ("record_name", "- {record: 'a{b=\"c\"}', expr: b}", &[4]),
    ("template", "- {alert: A, expr: b, annotations: {a: '{{ $x }}'}}", &[4]),
    ("function", "- {alert: A, expr: b, labels: {a: '{{ nonsense 1 }}'}}", &[4]),
    ("label_name", "- {alert: A, expr: b, labels: {__name__: c}}", &[4]),
    ("group_twice", "- {record: a, expr: b}\n- name: g\n  rules: []", &[5]),
    ("unknown_key", "- {record: a, expr: b, fro: 1m}", &[4]),
];

fn check(program: impl AsRef<std::ffi::OsStr>, dir: &Path, name: &str) -> Output {
    let args = ["check", "rules", name];
    Command::new(program).args(args).current_dir(dir).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The lines that faults name, as `file:line:column` or `file: line:column` or
/// `line N`; 0 where one names none.
fn lines(file: &str, faults: &str) -> Vec<usize> {
    let number = |text: &str| -> usize {
        let digits = text.trim_start().split(|c: char| !c.is_ascii_digit()).next();
        digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
    };
    let mut found = Vec::new();
    for line in faults.lines() {
        if let Some(rest) = line.strip_prefix(&format!("{file}:")) {
            if !rest.contains("yaml: unmarshal errors") {
                found.push(number(rest));
            }
        } else if let Some(rest) = line.trim_start().strip_prefix("line ") {
            found.push(number(rest));
        }
    }
    found
}

#[test]
fn the_same_files_are_sound_as_with_promtool() {
    let has_promtool = has_peer("promtool");
    let dir = tempfile::tempdir().unwrap();
    for (name, rules, wanted) in FILES {
        let file = format!("{name}.yml");
        std::fs::write(
            dir.path().join(&file),
            format!("groups:\n- name: g\n  rules:\n  {rules}\n"),
        )
        .unwrap();
        let ours = check(binary(), dir.path(), &file);
        let (said, faults) = (text(&ours.stdout), text(&ours.stderr));
        let code = i32::from(!wanted.is_empty());
        assert_eq!(ours.status.code(), Some(code), "{name}: {said}{faults}");
        assert_eq!(lines(&file, &faults), wanted, "{name}: {faults}");
        if !has_promtool {
            continue;
        }
        let theirs = check("promtool", dir.path(), &file);
        let (they_said, their_faults) = (text(&theirs.stdout), text(&theirs.stderr));
        assert_eq!(theirs.status.code(), Some(code), "{name}: {they_said}{their_faults}");
        assert_eq!(said.trim_end(), they_said.trim_end(), "{name}");
        let theirs = lines(&file, &their_faults);
        assert_eq!(theirs.len(), wanted.len(), "{name}: {their_faults}");
        // promtool does not always know the line.
        let mut pairs = theirs.iter().zip(wanted);
        assert!(pairs.all(|(a, b)| *a == 0 || a == b), "{name}: {their_faults}");
    }
}

#[test]
fn rules_that_overwrite_each_other_are_warned_of() {
    let dir = tempfile::tempdir().unwrap();
    let rules =
        "groups:\n- name: g\n  rules:\n  - {record: a, expr: b}\n  - {record: a, expr: c}\n";
    std::fs::write(dir.path().join("a.yml"), rules).unwrap();
    let run = |flags: &[&str]| {
        let mut command = Command::new(binary());
        command.args(["check", "rules", "a.yml"]).args(flags).current_dir(dir.path());
        let output = command.output().unwrap();
        (output.status.code(), text(&output.stderr))
    };
    let (code, warned) = run(&[]);
    assert_eq!(code, Some(0));
    assert!(warned.starts_with("a.yml:5: warning: duplicate rule a: "), "{warned}");
    assert_eq!(run(&["--lint-fatal"]).0, Some(3));
    assert_eq!(run(&["--lint", "none", "--lint-fatal"]), (Some(0), String::new()));
}

#[test]
fn configurations_are_checked_with_their_rule_files() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    write("good.yml", "groups: [{name: g, rules: [{record: a, expr: b}, {record: c, expr: d}]}]");
    write("bad.yml", "groups:\n- name: g\n  rules:\n  - record: a\n    expr: 'sum('\n");
    write("prometheus.yml", "global: {}\nrule_files: [good.yml]\n");
    write("bellwether.yml", "alerting: {rules: ['goo*.yml']}\n");
    write("broken.yml", "alerting: {rules: [bad.yml]}\n");
    write("none.yml", "alerting: {rules: [missing.yml]}\n");
    let check = |name: &str| {
        let mut command = Command::new(binary());
        let output = command.args(["check", "config", name]).current_dir(dir.path()).output();
        let output = output.unwrap();
        (output.status.code(), text(&output.stdout) + &text(&output.stderr))
    };
    for name in ["prometheus.yml", "bellwether.yml"] {
        assert_eq!(check(name), (Some(0), format!("good.yml: 2 rules\n{name}: ok\n")));
    }
    let (code, said) = check("broken.yml");
    assert!(code == Some(1) && said.starts_with("bad.yml:5:11: "), "{said}");
    let (code, said) = check("none.yml");
    assert!(code == Some(0) && said.contains("warning: alerting.rules: missing.yml"), "{said}");
}
