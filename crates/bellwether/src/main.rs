//! The `bellwether` binary: command line, configuration, wiring.
//!
//! **Architecture invariant:** the only place that names an engine and a
//! protocol together, and the only one that reads configuration and environment.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod cli;
mod commands;
mod config;
mod logging;
mod memory;
mod relabel_view;
mod self_metrics;
mod server;
mod targets_view;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    memory::share_arenas();
    let cli = cli::Cli::parse();
    logging::start();
    match commands::run(cli.command.unwrap_or_default()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("bellwether: {error:#}");
            ExitCode::FAILURE
        }
    }
}
