//! `bellwether test`: unit tests of rules and expressions.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use query::testing::rules_test::{self, Report, RuleFile, TestFile};

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
    let tests = TestFile::parse(&text).with_context(|| file.display().to_string())?;
    let mut rule_files = Vec::new();
    for pattern in &tests.rule_files {
        for path in matching(file, pattern)? {
            let rules = RuleFile::parse(&read(&path)?);
            rule_files.push(rules.with_context(|| path.display().to_string())?);
        }
    }
    Ok(rules_test::run(&tests, &rule_files))
}

/// The rule files that a pattern names, from where the tests' file is; one
/// without wildcards must be there.
fn matching(tests: &Path, pattern: &str) -> anyhow::Result<Vec<PathBuf>> {
    let pattern = tests.parent().unwrap_or(Path::new("")).join(pattern);
    let found = glob::glob(&pattern.to_string_lossy())
        .with_context(|| format!("rule_files: {}", pattern.display()))?;
    let mut paths = found.collect::<Result<Vec<_>, _>>()?;
    paths.sort();
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
