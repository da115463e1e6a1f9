//! `bellwether test`: unit tests of rules and expressions.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use alerting::rules::unit_tests::{self, Report, TestFile};
use anyhow::{Context, anyhow};
use query::promql::ParseOptions;

use crate::config::rules;

/// `test rules`: runs each file and prints what promtool prints. Exit code 1
/// where something failed.
pub(super) fn rules(files: &[PathBuf]) -> ExitCode {
    let mut is_success = true;
    for file in files {
        println!("Unit Testing:  {}", file.display());
        match run(file) {
            Ok(report) if report.is_success() => println!("  SUCCESS\n"),
            Ok(report) => {
                is_success = false;
                eprint!("{}", failures(&report));
            }
            Err(error) => {
                is_success = false;
                eprintln!("  FAILED:\n{error:#}\n");
            }
        }
    }
    if is_success { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run(file: &Path) -> anyhow::Result<Report> {
    let text = read(file)?;
    let tests = TestFile::parse(&text).map_err(|fault| anyhow!("{}:{fault}", file.display()))?;
    let mut rule_files = Vec::new();
    for pattern in &tests.rule_files {
        for path in matching(file, pattern)? {
            let rules = rules::read(&path, ParseOptions { experimental: true });
            rule_files.push(rules.map_err(|faults| anyhow!("{}", faults.join("\n")))?);
        }
    }
    Ok(unit_tests::run(&tests, &rule_files))
}

/// The rule files that a pattern names, from where the tests' file is.
fn matching(tests: &Path, pattern: &str) -> anyhow::Result<Vec<PathBuf>> {
    let pattern = tests.parent().unwrap_or(Path::new("")).join(pattern);
    let paths =
        rules::matching(&pattern).with_context(|| format!("rule_files: {}", pattern.display()))?;
    if paths.is_empty() {
        eprintln!("  WARNING: no file match pattern {}", pattern.display());
    }
    Ok(paths)
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| path.display().to_string())
}

fn failures(report: &Report) -> String {
    let mut text = "  FAILED:\n".to_owned();
    for group in &report.groups {
        if group.failures.is_empty() {
            continue;
        }
        if let Some(name) = &group.name {
            text.push_str(&format!("  name: {name},\n"));
        }
        for failure in &group.failures {
            text.push_str(&format!("    {}\n\n", failure.replace('\n', "\n    ")));
        }
    }
    text.push('\n');
    text
}
