//! `bellwether check alertmanager`: files of Alertmanager, in amtool's words.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::config::AlertmanagerFile;

/// Reads each file with its templates and says what is in it. Exit code 1 where
/// one has a fault.
pub(in crate::commands) fn alertmanager(files: &[PathBuf]) -> ExitCode {
    let mut failures = 0;
    for path in files {
        print!("Checking '{}'", path.display());
        match AlertmanagerFile::read(Some(path)) {
            Ok(file) => print!("  SUCCESS\n{}", summary(&file)),
            Err(error) => {
                failures += 1;
                println!("  FAILED");
                eprintln!("{error:#}");
            }
        }
        println!();
    }
    match failures {
        0 => ExitCode::SUCCESS,
        failures => {
            eprintln!("failed to validate {failures} file(s)");
            ExitCode::FAILURE
        }
    }
}

fn summary(file: &AlertmanagerFile) -> String {
    let config = &file.config;
    let mut text = format!(
        "Found:\n - global config\n - route\n - {} inhibit rules\n - {} receivers\n - {} templates\n",
        config.inhibit_rules.len(),
        config.receivers.len(),
        config.templates.len(),
    );
    if !file.template_files.is_empty() {
        text.push_str("Templates read:\n");
    }
    for path in &file.template_files {
        text.push_str(&format!(" - {}\n", path.display()));
    }
    for warning in &file.warnings {
        text.push_str(&format!("{warning}\n"));
    }
    text
}
