//! The tables: ours, theirs, the ratio, and what it should be.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context;

use crate::compare::{Load, Measured, QueryTime};
use crate::queries::{Agreement, QUERIES, compare};
use crate::server::Program;

/// Where `--write` puts the tables.
const FILE: &str = "docs/bench.md";
/// The line in that file behind which the tables are; what stands before it is kept.
const MARK: &str = "<!-- tables: written by `bench compare --write` -->";

/// Which ratio of ours to VictoriaMetrics' is aimed at.
#[derive(Clone, Copy, Debug)]
enum Target {
    AtLeast(f64),
    AtMost(f64),
    None,
}

struct Row {
    title: &'static str,
    value: fn(&Measured) -> f64,
    decimals: usize,
    target: Target,
}

const ROWS: [Row; 15] = [
    Row {
        title: "samples per CPU-second, taking in, thousands",
        value: |m| m.samples as f64 / m.ingest.cpu_secs / 1e3,
        decimals: 0,
        target: Target::AtLeast(1.5),
    },
    Row {
        title: "the same with the shutdown that follows",
        value: |m| m.samples as f64 / (m.ingest.cpu_secs + m.restart.shutdown_cpu_secs) / 1e3,
        decimals: 0,
        target: Target::AtLeast(1.5),
    },
    Row {
        title: "samples per second, taking in, thousands",
        value: |m| m.samples as f64 / m.ingest.secs / 1e3,
        decimals: 0,
        target: Target::None,
    },
    Row {
        title: "peak memory, taking in, MB",
        value: |m| m.ingest.memory_bytes as f64 / 1e6,
        decimals: 0,
        target: Target::AtMost(0.8),
    },
    Row {
        title: "peak memory with queries, MB",
        value: |m| m.memory_bytes as f64 / 1e6,
        decimals: 0,
        target: Target::AtMost(0.8),
    },
    Row {
        title: "peak memory, restarted and queried, MB",
        value: |m| m.stored_memory_bytes as f64 / 1e6,
        decimals: 0,
        target: Target::AtMost(0.8),
    },
    Row {
        title: "bytes per sample on disk after shutdown",
        value: |m| m.restart.disk_bytes as f64 / m.samples as f64,
        decimals: 3,
        target: Target::AtMost(0.8),
    },
    Row {
        title: "start after kill -9 to the first answer, s",
        value: |m| m.restart.crash_start_secs,
        decimals: 2,
        target: Target::None,
    },
    Row {
        title: "its processor time, s",
        value: |m| m.restart.crash_start_cpu_secs,
        decimals: 2,
        target: Target::None,
    },
    Row {
        title: "shutdown, s",
        value: |m| m.restart.shutdown_secs,
        decimals: 2,
        target: Target::None,
    },
    Row {
        title: "start after a shutdown to the first answer, s",
        value: |m| m.restart.start_secs,
        decimals: 2,
        target: Target::None,
    },
    Row {
        title: "all queries on fresh data, geometric mean, ms",
        value: |m| geometric_mean(&m.fresh, |time| time.wall_ms),
        decimals: 2,
        target: Target::AtMost(0.7),
    },
    Row {
        title: "the server's processor time for them, ms",
        value: |m| geometric_mean(&m.fresh, |time| time.cpu_ms),
        decimals: 2,
        target: Target::None,
    },
    Row {
        title: "all queries after a restart, geometric mean, ms",
        value: |m| geometric_mean(&m.stored, |time| time.wall_ms),
        decimals: 2,
        target: Target::AtMost(0.7),
    },
    Row {
        title: "the server's processor time for them, ms",
        value: |m| geometric_mean(&m.stored, |time| time.cpu_ms),
        decimals: 2,
        target: Target::None,
    },
];

/// The tables of one run in Markdown.
pub(crate) fn tables(load: &Load, all: &[Measured]) -> String {
    let mut out = format!(
        "\n## {} series, {} samples each: {:.1} million samples\n\n",
        load.series(),
        load.steps,
        load.samples() as f64 / 1e6
    );
    header(&mut out, "", all);
    for row in &ROWS {
        let values: Vec<f64> = all.iter().map(row.value).collect();
        line(&mut out, row.title, all, &values, row.decimals, row.target);
    }
    for (title, pick) in [
        ("on fresh data", (|m| &m.fresh) as fn(&Measured) -> &Vec<QueryTime>),
        ("after a restart", |m| &m.stored),
    ] {
        let _ = write!(out, "\n### Queries {title}, ms\n\n");
        header(&mut out, "median, the server's processor time in brackets", all);
        for (index, query) in QUERIES.iter().enumerate() {
            query_line(&mut out, query.title, all, index, pick);
        }
    }
    out
}

fn header(out: &mut String, title: &str, all: &[Measured]) {
    let mut rule = "|---|".to_owned();
    let _ = write!(out, "| {title} |");
    for measured in all {
        let _ = write!(out, " {} {} |", measured.program.name(), measured.version);
        rule.push_str("---:|");
        if measured.program != Program::Bellwether {
            out.push_str(" ours/theirs |");
            rule.push_str("---:|");
        }
        if measured.program == Program::VictoriaMetrics {
            out.push_str(" target |");
            rule.push_str("---|");
        }
    }
    let _ = writeln!(out, "\n{rule}");
}

fn line(
    out: &mut String,
    title: &str,
    all: &[Measured],
    values: &[f64],
    decimals: usize,
    target: Target,
) {
    let ours = our_place(all).map(|place| values[place]);
    let _ = write!(out, "| {title} |");
    for (measured, value) in all.iter().zip(values) {
        let _ = write!(out, " {value:.decimals$} |");
        if measured.program != Program::Bellwether {
            ratio_cells(out, measured.program, ours.map(|ours| ours / value), target);
        }
    }
    out.push('\n');
}

fn query_line(
    out: &mut String,
    title: &str,
    all: &[Measured],
    index: usize,
    pick: fn(&Measured) -> &Vec<QueryTime>,
) {
    let ours = our_place(all).map(|place| &pick(&all[place])[index]);
    let _ = write!(out, "| {title} |");
    for measured in all {
        let time = &pick(measured)[index];
        let _ = write!(out, " {:.2} ({:.1}) |", time.wall_ms, time.cpu_ms);
        if measured.program != Program::Bellwether {
            let ratio = ours.map(|ours| ours.wall_ms / time.wall_ms);
            ratio_cells(out, measured.program, ratio, Target::AtMost(0.7));
            if let Some(ours) = ours {
                note_agreement(out, compare(&ours.answer, &time.answer));
            }
        }
    }
    out.push('\n');
}

/// A note in the cell before where the answers are not the same.
fn note_agreement(out: &mut String, agreement: Agreement) {
    /// Sums may be added up in another order.
    const SAME: f64 = 1e-9;
    let note = match agreement {
        Agreement::Within(share) if share <= SAME => return,
        Agreement::Within(share) => format!(" values differ by up to {:.2} %", share * 100.0),
        Agreement::Differs { points, of } => format!(" {points} of {of} points are only in one"),
    };
    out.truncate(out.trim_end_matches(" |").len());
    let _ = write!(out, ";{note} |");
}

fn ratio_cells(out: &mut String, program: Program, ratio: Option<f64>, target: Target) {
    let Some(ratio) = ratio else {
        out.push_str(" |");
        return;
    };
    let _ = write!(out, " {ratio:.2} |");
    if program == Program::VictoriaMetrics {
        let _ = match target {
            Target::None => write!(out, " |"),
            Target::AtLeast(least) => write!(out, " ≥ {least}{} |", mark(ratio >= least)),
            Target::AtMost(most) => write!(out, " ≤ {most}{} |", mark(ratio <= most)),
        };
    }
}

const fn mark(is_met: bool) -> &'static str {
    if is_met { "" } else { ": **missed**" }
}

fn our_place(all: &[Measured]) -> Option<usize> {
    all.iter().position(|measured| measured.program == Program::Bellwether)
}

fn geometric_mean(times: &[QueryTime], of: fn(&QueryTime) -> f64) -> f64 {
    let logs: f64 = times.iter().map(|time| of(time).ln()).sum();
    (logs / times.len() as f64).exp()
}

/// Puts the tables behind what the file says of them.
pub(crate) fn write(tables: &str) -> anyhow::Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(FILE);
    let before = std::fs::read_to_string(&path).unwrap_or_default();
    let head = before.split(MARK).next().unwrap_or_default();
    std::fs::write(&path, format!("{head}{MARK}\n{tables}")).with_context(|| FILE.to_owned())
}
