//! `cargo run --release -p bench -- compare`: Bellwether and its peers, driven
//! in turn with the same data by remote write, and measured from outside.
//!
//! Nothing here uses a crate of the server: what is measured is what a user
//! gets. `data` makes the samples, `server` knows how each program is started
//! and what it costs, `compare` is the course of a run, `report` the table.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod compare;
mod data;
mod http;
mod process;
mod queries;
mod report;
mod server;

use clap::Parser;

/// Measures the server beside its peers.
#[derive(Debug, Parser)]
enum Command {
    /// Drives us and the peers that this machine has in turn with identical data.
    Compare(compare::CompareArgs),
}

fn main() -> anyhow::Result<()> {
    let Command::Compare(args) = Command::parse();
    compare::run(&args)
}
