//! `bellwether check rules`: rule files, as `promtool check rules` checks them.

use std::path::Path;
use std::process::ExitCode;

use alerting::rules::{RuleDefinition, RuleFile};
use query::promql::ParseOptions;

use crate::cli::{CheckRulesArgs, Lint};
use crate::config::rules::read;

/// promtool's exit code where nothing but lint failed.
const LINT_FAILED: u8 = 3;

/// Checks each file. Exit code 1 where one has a fault, 3 where lint is fatal and
/// found something.
pub(crate) fn rules(args: &CheckRulesArgs) -> ExitCode {
    let options = ParseOptions { experimental: args.promql_experimental };
    let (mut is_sound, mut is_clean) = (true, true);
    for path in &args.files {
        println!("Checking {}", path.display());
        match read(path, options) {
            Ok(file) => {
                let rules: usize = file.groups.iter().map(|group| group.rules.len()).sum();
                println!("  SUCCESS: {rules} rules found\n");
                is_clean &= !args.lint.has_duplicates() || lint(path, &file);
            }
            Err(faults) => {
                is_sound = false;
                eprintln!("  FAILED:");
                faults.iter().for_each(|fault| eprintln!("{fault}"));
            }
        }
    }
    match (is_sound, is_clean || !args.lint_fatal) {
        (false, _) => ExitCode::FAILURE,
        (true, false) => ExitCode::from(LINT_FAILED),
        (true, true) => ExitCode::SUCCESS,
    }
}

/// Warns of rules that overwrite each other; whether there are none.
fn lint(path: &Path, file: &RuleFile) -> bool {
    let duplicates = file.duplicates();
    for rule in &duplicates {
        let (file, line, shown) = (path.display(), rule.line, shown(rule));
        eprintln!(
            "{file}:{line}: warning: duplicate rule {shown}: it and the one before overwrite each other's series"
        );
    }
    duplicates.is_empty()
}

fn shown(rule: &RuleDefinition) -> String {
    let labels = model::Labels::from_pairs(&rule.labels);
    format!("{}{}", rule.name(), if labels.is_empty() { String::new() } else { labels.to_string() })
}

impl Lint {
    const fn has_duplicates(self) -> bool {
        matches!(self, Self::All | Self::DuplicateRules)
    }
}
