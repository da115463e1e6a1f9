//! `/metrics`: what this process says of itself.

use std::sync::Arc;

use collect::exposition::Exposition;
use collect::host::process;
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;

/// The process's own metrics, ready to be shown.
#[derive(Clone)]
pub(crate) struct SelfMetrics {
    registry: Arc<Registry>,
}

impl SelfMetrics {
    /// Shows what was registered.
    pub(crate) fn new(registry: Registry) -> Self {
        Self { registry: Arc::new(registry) }
    }

    /// Everything in text format 0.0.4.
    pub(crate) fn gather(&self) -> String {
        let mut process = Exposition::default();
        process::write(&mut process);
        let version = env!("CARGO_PKG_VERSION");
        process.gauge("bellwether_build_info", "What was built.", &[("version", version)], 1.0);
        let mut text = process.render();
        let mut own = String::new();
        if encode(&mut own, &self.registry).is_ok() {
            append_as_classic(&own, &mut text);
        }
        text
    }
}

/// Appends OpenMetrics as text 0.0.4: there a counter's family is named like its
/// samples, with `_total`, and nothing marks the end.
fn append_as_classic(open_metrics: &str, out: &mut String) {
    let is_counter = |family: &str| open_metrics.contains(&format!("# TYPE {family} counter\n"));
    for line in open_metrics.lines().filter(|line| *line != "# EOF") {
        let mut words = line.splitn(4, ' ');
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some("#"), Some(keyword @ ("HELP" | "TYPE")), Some(family), Some(rest))
                if is_counter(family) =>
            {
                out.push_str(&format!("# {keyword} {family}_total {rest}\n"));
            }
            _ => {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_named_as_the_classic_format_does() {
        let mut out = String::new();
        let open = "# HELP a Help me.\n# TYPE a counter\na_total 1\n# HELP b Two.\n# TYPE b gauge\nb 2\n# EOF\n";
        append_as_classic(open, &mut out);
        assert_eq!(
            out,
            "# HELP a_total Help me.\n# TYPE a_total counter\na_total 1\n# HELP b Two.\n# TYPE b gauge\nb 2\n"
        );
    }
}
