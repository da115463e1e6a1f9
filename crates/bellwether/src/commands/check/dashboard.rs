//! `check dashboard`: what of a dashboard is not supported, and where that is.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serve::grafana::report::report;

use crate::config::BellwetherConfig;
use crate::config::dashboards::find;

/// Warns of files of a configuration that are no dashboards, or that are not there.
pub(crate) fn check_files(config_file: &Path, config: &BellwetherConfig) -> anyhow::Result<()> {
    let found = find(&config.dashboard_places())?;
    for pattern in &found.unmatched {
        let (shown, pattern) = (config_file.display(), pattern.display());
        println!("{shown}: warning: serve.dashboards: no file matches {pattern}");
    }
    for file in found.files {
        let shown = file.path.display();
        match std::fs::read_to_string(&file.path).map(|text| report(&text)) {
            Ok(Ok(_)) => {}
            Ok(Err(fault)) => {
                println!("{shown}:{}:{}: warning: {fault}", fault.place.line, fault.place.column);
            }
            Err(error) => println!("{shown}: warning: {error}"),
        }
    }
    Ok(())
}

/// Reports on each file. Features that are not supported are no fault; a file that is no
/// dashboard is.
pub(crate) fn dashboard(files: &[PathBuf]) -> ExitCode {
    let mut is_sound = true;
    for file in files {
        is_sound &= check(file);
    }
    if is_sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn check(file: &Path) -> bool {
    let shown = file.display();
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("{shown}: {error}");
            return false;
        }
    };
    match report(&text) {
        Ok(report) => {
            for issue in &report.issues {
                let (line, column) = (issue.place.line, issue.place.column);
                println!(
                    "{shown}:{line}:{column}: {}: not supported: {}",
                    issue.path, issue.feature
                );
            }
            println!(
                "{shown}: {:?}, {} panels, {} variables, {} not supported",
                report.title,
                report.panels,
                report.variables,
                report.issues.len()
            );
            true
        }
        Err(fault) => {
            eprintln!("{shown}:{}:{}: {fault}", fault.place.line, fault.place.column);
            false
        }
    }
}
