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
        // OpenMetrics but for its last line is text 0.0.4 to every parser that we know.
        if encode(&mut own, &self.registry).is_ok() {
            text.push_str(own.trim_end_matches("# EOF\n"));
        }
        text
    }
}
