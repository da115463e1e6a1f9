//! What the UI supports: the list that it shares with this crate.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use serde::Deserialize;

/// Grafana's name for expressions over other queries, as a data source.
const EXPRESSIONS: &str = "__expr__";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Supported {
    panels: HashSet<String>,
    later_panels: HashSet<String>,
    /// Old types of Grafana, and the types as which they are drawn.
    migrated_panels: HashMap<String, String>,
    /// The same of plugins.
    succeeded_panels: HashMap<String, String>,
    pub(super) transformations: HashSet<String>,
    pub(super) matchers: HashSet<String>,
    pub(super) variables: HashSet<String>,
    /// Parts of the names of data sources that speak PromQL.
    promql_sources: Vec<String>,
    /// Parts of the names of those that do not.
    other_sources: Vec<String>,
}

/// The one list.
pub(super) static SUPPORTED: LazyLock<Supported> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../../../ui/src/dashboard/supported.json"))
        .expect("a test reads the list")
});

/// Whether a name is one of Grafana's own sources.
pub(super) fn is_built_in(name: &str) -> bool {
    name == EXPRESSIONS || (name.starts_with("-- ") && name.ends_with(" --"))
}

fn is_of(name: &str, parts: &[String]) -> bool {
    let name = name.to_lowercase();
    parts.iter().any(|part| name.contains(part.as_str()))
}

impl Supported {
    /// Why panels of a type are not drawn.
    pub(super) fn panel_fault(&self, kind: &str) -> Option<String> {
        let successor = self.migrated_panels.get(kind).or_else(|| self.succeeded_panels.get(kind));
        let drawn_as = successor.map_or(kind, String::as_str);
        if self.panels.contains(drawn_as) {
            return None;
        }
        let shown = if kind.is_empty() { "(none)" } else { kind };
        Some(if self.later_panels.contains(drawn_as) {
            format!("panel of type {shown}, which comes later")
        } else {
            format!("panel of type {shown}")
        })
    }

    /// Why queries of a data source, by the name of its type or its own, are not asked.
    pub(super) fn source_fault(&self, source: &str, has_expr: bool) -> Option<String> {
        match source {
            "" | "-- Mixed --" | "datasource" | "default" => None,
            EXPRESSIONS => Some("expression over other queries".to_owned()),
            "-- Dashboard --" => Some("the results of another panel".to_owned()),
            "-- Grafana --" | "grafana" => Some("Grafana's built-in data".to_owned()),
            _ if is_of(source, &self.promql_sources) => None,
            _ if is_of(source, &self.other_sources) || !has_expr => {
                Some(format!("queries in {source}"))
            }
            _ => None,
        }
    }

    /// Whether a name tells of which type a data source is.
    pub(super) fn is_telling(&self, name: &str) -> bool {
        is_built_in(name) || is_of(name, &self.promql_sources) || is_of(name, &self.other_sources)
    }
}
