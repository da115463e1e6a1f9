//! `bellwether test rules` beside `promtool test rules`: the same files pass and fail.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::harness::{binary, has_peer};

/// Files `pass_*` pass, `fail_*` fail.
fn files() -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("e2e/rules");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    let is_test = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with("pass_") || name.starts_with("fail_")
    };
    files.retain(is_test);
    files.sort();
    files
}

fn test_rules(program: impl AsRef<std::ffi::OsStr>, file: &Path) -> Output {
    Command::new(program).args(["test", "rules"]).arg(file).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn files_pass_and_fail_as_with_promtool() {
    let has_promtool = has_peer("promtool");
    let files = files();
    assert!(files.len() >= 8, "{files:?}");
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let ours = test_rules(binary(), &file);
        let (said, failed) = (text(&ours.stdout), text(&ours.stderr));
        let code = if name.starts_with("pass_") { 0 } else { 1 };
        assert_eq!(ours.status.code(), Some(code), "{name}: {said}{failed}");
        assert_eq!(said.contains("  SUCCESS\n"), code == 0, "{name}: {said}");
        assert_eq!(failed.contains("  FAILED:\n"), code == 1, "{name}: {failed}");
        if !has_promtool {
            continue;
        }
        let theirs = test_rules("promtool", &file);
        assert_eq!(theirs.status.code(), Some(code), "{name}: {}", text(&theirs.stderr));
        assert_eq!(said.trim_end(), text(&theirs.stdout).trim_end(), "{name}");
        // The same expressions and alerts fail, at the same times.
        let faults = |text: &str| -> Vec<String> {
            let is_fault =
                |line: &&str| line.starts_with("    expr: ") || line.starts_with("    alertname: ");
            let lines = text.lines().filter(is_fault);
            lines.map(|line| line.split(", err: ").next().unwrap().trim_end().to_owned()).collect()
        };
        assert_eq!(faults(&failed), faults(&text(&theirs.stderr)), "{name}");
    }
}

#[test]
fn several_files_are_all_run_and_one_that_is_missing_fails() {
    let file = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("e2e/rules").join(name);
    let run = |names: &[&str]| {
        let mut command = Command::new(binary());
        command.args(["test", "rules"]).args(names.iter().map(|name| file(name)));
        command.output().unwrap()
    };
    let output = run(&["fail_values.yml", "pass_recording.yml"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("  SUCCESS\n"), "the second file ran");
    let output = run(&["missing.yml"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("missing.yml"), "{}", text(&output.stderr));
}

#[test]
fn bundled_rules_pass_their_tests() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../content/rules/tests");
    let files: Vec<PathBuf> =
        std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 4, "{files:?}");
    let has_promtool = has_peer("promtool");
    for file in files {
        let output = test_rules(binary(), &file);
        assert!(output.status.success(), "{}", text(&output.stderr));
        if has_promtool {
            let output = test_rules("promtool", &file);
            assert!(output.status.success(), "{}", text(&output.stderr));
        }
    }
}
