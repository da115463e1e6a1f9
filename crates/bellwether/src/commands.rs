//! What each command does.

mod alerting;
mod ask;
mod check;
mod export;
mod import;
mod offline;
mod query;
mod status;
mod test;

use std::process::ExitCode;

use crate::cli::{
    AlertingCommand, CheckCommand, Command, ExportCommand, ImportCommand, QueryCommand, TestCommand,
};
use crate::server;

/// Runs a command to its end.
pub(crate) fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(args) | Command::Demo(args) => {
            runtime()?.block_on(server::run(&args)).map(|()| ExitCode::SUCCESS)
        }
        Command::Check(CheckCommand::Config { files }) => Ok(check::config(&files)),
        Command::Check(CheckCommand::Rules(args)) => Ok(check::rules(&args)),
        Command::Check(CheckCommand::Dashboard { files }) => Ok(check::dashboard(&files)),
        Command::Check(CheckCommand::Alertmanager { files }) => Ok(check::alertmanager(&files)),
        Command::Alerting(AlertingCommand::RouteTest(args)) => {
            alerting::route_test(&args).map(|()| ExitCode::SUCCESS)
        }
        Command::Query(QueryCommand::Promql(args)) => {
            runtime()?.block_on(query::promql(&args)).map(|()| ExitCode::SUCCESS)
        }
        Command::Status(args) => {
            runtime()?.block_on(status::status(&args)).map(|()| ExitCode::SUCCESS)
        }
        Command::Import(ImportCommand::Prometheus(args)) => import::prometheus(&args),
        Command::Export(ExportCommand::Prometheus(args)) => export::prometheus(&args),
        Command::Test(TestCommand::Rules { files }) => Ok(test::rules(&files)),
    }
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}
