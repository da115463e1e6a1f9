//! Targets that were found together.

use model::Labels;

/// The label that says where a target is.
pub const ADDRESS: &str = "__address__";

/// Targets that share labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetGroup {
    /// Where it comes from; unique within a mechanism.
    pub source: String,
    /// Labels of all targets.
    pub labels: Labels,
    /// Each target's own labels, with `__address__` at least.
    pub targets: Vec<Labels>,
}

impl TargetGroup {
    /// What says that the group of `source` is gone.
    pub fn gone(source: impl Into<String>) -> Self {
        Self { source: source.into(), labels: Labels::empty(), targets: Vec::new() }
    }
}

/// `host:port`, with brackets around the address where it is of IPv6.
pub fn host_port(host: &str, port: impl std::fmt::Display) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    #[test]
    fn addresses() {
        assert_eq!(host_port("10.0.0.1", 80), "10.0.0.1:80");
        assert_eq!(host_port("fe80::1", 80), "[fe80::1]:80");
    }

    /// A group as lines: its source and labels, then each target.
    pub(in super::super) fn shown(group: &TargetGroup) -> Vec<String> {
        let head = format!("{} {}", group.source, group.labels);
        let mut lines = vec![head.trim_end().to_owned()];
        lines.extend(group.targets.iter().map(|target| format!("  {target}")));
        lines
    }
}
