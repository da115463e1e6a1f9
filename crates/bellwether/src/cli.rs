//! The command line.

mod history;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use model::{PromDuration, Timestamp};

pub(crate) use history::Selector;

/// The whole monitoring stack in one binary.
#[derive(Debug, Parser)]
#[command(name = "bellwether", version, about, propagate_version = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server (also what happens without a command)
    Serve(ServeArgs),
    /// Run the server on this host's own metrics, to look around
    Demo(ServeArgs),
    /// Check files and say what is wrong with them
    #[command(subcommand)]
    Check(CheckCommand),
    /// Ask a running server
    #[command(subcommand)]
    Query(QueryCommand),
    /// Say how a running server is doing
    Status(StatusArgs),
    /// Bring history in from elsewhere, while the server does not run
    #[command(subcommand)]
    Import(ImportCommand),
    /// Write history out for others, while the server does not run
    #[command(subcommand)]
    Export(ExportCommand),
    /// Run unit tests
    #[command(subcommand)]
    Test(TestCommand),
    /// Try out how alerts are notified
    #[command(subcommand)]
    Alerting(AlertingCommand),
}

impl Default for Command {
    fn default() -> Self {
        // Parsed, not built: defaults and environment variables apply.
        match Cli::try_parse_from(["bellwether", "serve"]).map(|cli| cli.command) {
            Ok(Some(command)) => command,
            _ => unreachable!("`serve` parses without arguments"),
        }
    }
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ServeArgs {
    /// The configuration; none is needed
    #[arg(long, env = "BELLWETHER_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Where the data live
    #[arg(long, env = "BELLWETHER_DATA_DIR", value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// The main address; loopback only while there is no authentication
    #[arg(long, env = "BELLWETHER_LISTEN", value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
    /// Whether dialects also listen on the ports that their clients know
    #[arg(long, env = "BELLWETHER_PORTS", value_enum)]
    pub(crate) ports: Option<Ports>,
    /// Open /api/v1/admin/… (deleting series, snapshots)
    #[arg(long, env = "BELLWETHER_ENABLE_ADMIN_API")]
    pub(crate) enable_admin_api: bool,
    /// Whether PromQL has what Prometheus calls experimental; it has where nothing is said
    #[arg(
        long,
        env = "BELLWETHER_PROMQL_EXPERIMENTAL",
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pub(crate) promql_experimental: Option<bool>,
}

/// Which ports are opened.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, serde::Deserialize, serde::Serialize,
)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Ports {
    /// The main one and those that clients know: 4318, 9090, 9093, 9100
    #[default]
    Standard,
    /// The main one only
    None,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CheckCommand {
    /// Check bellwether.yml or prometheus.yml
    Config {
        /// The files
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Check files of recording and alerting rules
    Rules(CheckRulesArgs),
    /// Report what of Grafana dashboards is not supported
    Dashboard {
        /// The files
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Check alertmanager.yml and its templates
    Alertmanager {
        /// The files
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum AlertingCommand {
    /// Say which receivers an alert with these labels goes to, and why
    RouteTest(RouteTestArgs),
}

#[derive(Debug, Args)]
pub(crate) struct RouteTestArgs {
    /// The routes
    #[arg(long, value_name = "FILE", default_value = "alertmanager.yml")]
    pub(crate) config: PathBuf,
    /// The labels of the alert
    #[arg(value_name = "LABEL=VALUE")]
    pub(crate) labels: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct CheckRulesArgs {
    /// The files
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// What to warn of besides
    #[arg(long, value_enum, default_value_t)]
    pub(crate) lint: Lint,
    /// End with exit code 3 where there are warnings
    #[arg(long)]
    pub(crate) lint_fatal: bool,
    /// Whether expressions may use what Prometheus calls experimental
    #[arg(
        long,
        env = "BELLWETHER_PROMQL_EXPERIMENTAL",
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_value_t = true,
        default_missing_value = "true",
        action = clap::ArgAction::Set
    )]
    pub(crate) promql_experimental: bool,
}

/// What `check rules` warns of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lint {
    /// Everything below
    All,
    /// Rules of the same name and labels
    #[default]
    DuplicateRules,
    /// Nothing
    None,
}

#[derive(Debug, Subcommand)]
pub(crate) enum QueryCommand {
    /// Evaluate a PromQL expression
    Promql(PromqlArgs),
}

#[derive(Debug, Args)]
pub(crate) struct PromqlArgs {
    /// The expression
    pub(crate) expr: String,
    /// The first point of a range: RFC 3339, seconds, or how long ago, such as 1h
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// The last point of a range, or the time of an instant query
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<String>,
    /// The distance of points
    #[arg(long, default_value = "1m")]
    pub(crate) step: String,
    /// The server
    #[arg(long, env = "BELLWETHER_URL", default_value = "http://127.0.0.1:3000")]
    pub(crate) url: String,
    /// Print the server's JSON
    #[arg(long, conflicts_with = "csv")]
    pub(crate) json: bool,
    /// Print comma-separated values
    #[arg(long)]
    pub(crate) csv: bool,
}

#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// The server
    #[arg(long, env = "BELLWETHER_URL", default_value = "http://127.0.0.1:3000")]
    pub(crate) url: String,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ImportCommand {
    /// Read a data directory of Prometheus: blocks and write-ahead log
    Prometheus(PrometheusImportArgs),
}

#[derive(Debug, Args)]
pub(crate) struct PrometheusImportArgs {
    /// The data directory, a snapshot of it, or a single block
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    #[command(flatten)]
    pub(crate) history: HistoryArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ExportCommand {
    /// Write blocks that Prometheus reads
    Prometheus(PrometheusExportArgs),
}

#[derive(Debug, Args)]
pub(crate) struct PrometheusExportArgs {
    /// Where the blocks go; holds none yet
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    #[command(flatten)]
    pub(crate) history: HistoryArgs,
    /// The span of a block: 2h, 6h, 18h, 54h and so on are what Prometheus itself makes
    #[arg(long, value_name = "DURATION", default_value = "18h", value_parser = history::block_duration)]
    pub(crate) block_duration: PromDuration,
    /// Leave out native histograms with custom buckets, which Prometheus before 3.0 can't read
    #[arg(long)]
    pub(crate) skip_custom_buckets: bool,
}

/// Which history, and of which store.
#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    /// The configuration of the server whose data they are
    #[arg(long, env = "BELLWETHER_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Where the data live
    #[arg(long, env = "BELLWETHER_DATA_DIR", value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Only series that this selector matches, such as '{job="api"}'; may be repeated
    #[arg(long = "match", value_name = "SELECTOR", value_parser = history::selector)]
    pub(crate) selectors: Vec<Selector>,
    /// Only samples from this time on: RFC 3339 or seconds
    #[arg(long, value_name = "TIME", allow_negative_numbers = true, value_parser = history::time)]
    pub(crate) min_time: Option<Timestamp>,
    /// Only samples up to this time
    #[arg(long, value_name = "TIME", allow_negative_numbers = true, value_parser = history::time)]
    pub(crate) max_time: Option<Timestamp>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TestCommand {
    /// Test rules, alerts and expressions with files in promtool's format
    Rules {
        /// The files
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
        assert!(matches!(Command::default(), Command::Serve(_)));
    }
}
