//! `node_edac_…`: memory errors that controllers corrected or could not correct.

use std::path::Path;

use super::context::{CollectError, HostContext, names, numbered, read_number, read_trimmed};
use crate::exposition::Exposition;

/// The row of errors of which the controller does not know where they happened.
const UNKNOWN_ROW: &str = "unknown";

pub(super) fn collect(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let base = context.sys("devices/system/edac/mc");
    for (name, controller) in numbered(&base, "mc") {
        let dir = base.join(name);
        for (file, kind) in [("ce", Kind::Correctable), ("ue", Kind::Uncorrectable)] {
            let errors = read_number(&dir.join(format!("{file}_count")))?;
            let (metric, help) = kind.of_controller();
            out.counter(metric, help, &[("controller", &controller)], errors);
            let errors = read_number(&dir.join(format!("{file}_noinfo_count")))?;
            row(kind, &controller, UNKNOWN_ROW, errors, out);
        }
        for (name, number) in numbered(&dir, "csrow") {
            rows(&dir.join(name), &controller, &number, out)?;
        }
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Kind {
    Correctable,
    Uncorrectable,
}

impl Kind {
    fn of_controller(self) -> (&'static str, &'static str) {
        match self {
            Self::Correctable => {
                ("node_edac_correctable_errors_total", "Memory errors that were corrected.")
            }
            Self::Uncorrectable => {
                ("node_edac_uncorrectable_errors_total", "Memory errors that were not corrected.")
            }
        }
    }

    fn of_row(self) -> (&'static str, &'static str) {
        match self {
            Self::Correctable => (
                "node_edac_csrow_correctable_errors_total",
                "Memory errors of a row that were corrected.",
            ),
            Self::Uncorrectable => (
                "node_edac_csrow_uncorrectable_errors_total",
                "Memory errors of a row that were not corrected.",
            ),
        }
    }

    fn of_channel(self) -> (&'static str, &'static str) {
        match self {
            Self::Correctable => (
                "node_edac_channel_correctable_errors_total",
                "Memory errors of a channel that were corrected.",
            ),
            Self::Uncorrectable => (
                "node_edac_channel_uncorrectable_errors_total",
                "Memory errors of a channel that were not corrected.",
            ),
        }
    }
}

fn row(kind: Kind, controller: &str, csrow: &str, errors: f64, out: &mut Exposition) {
    let (metric, help) = kind.of_row();
    out.counter(metric, help, &[("controller", controller), ("csrow", csrow)], errors);
}

fn rows(
    dir: &Path,
    controller: &str,
    csrow: &str,
    out: &mut Exposition,
) -> Result<(), CollectError> {
    row(Kind::Correctable, controller, csrow, read_number(&dir.join("ce_count"))?, out);
    row(Kind::Uncorrectable, controller, csrow, read_number(&dir.join("ue_count"))?, out);
    for file in names(dir)? {
        let Some(channel) = file.strip_prefix("ch").and_then(|rest| rest.strip_suffix("_ce_count"))
        else {
            continue;
        };
        let dimm_label = read_trimmed(&dir.join(format!("ch{channel}_dimm_label")))
            .map_or_else(|_| "unknown".to_owned(), |label| clean(&label));
        let labels = [
            ("channel", channel),
            ("controller", controller),
            ("csrow", csrow),
            ("dimm_label", &dimm_label),
        ];
        let (metric, help) = Kind::Correctable.of_channel();
        out.counter(metric, help, &labels, read_number(&dir.join(&file))?);
        if let Ok(errors) = read_number(&dir.join(format!("ch{channel}_ue_count"))) {
            let (metric, help) = Kind::Uncorrectable.of_channel();
            out.counter(metric, help, &labels, errors);
        }
    }
    Ok(())
}

/// `mc#0csrow#1channel#0` as node_exporter writes it: `mc0_csrow1_channel0`.
fn clean(dimm_label: &str) -> String {
    dimm_label.replace('#', "").replace("csrow", "_csrow").replace("channel", "_channel")
}
