//! The classic shape: `panels`, or `rows` before version 16; `templating`; `annotations`.

use super::Findings;
use super::node::Node;
use super::supported::{SUPPORTED, is_built_in};

/// Looks through a dashboard.
pub(super) fn look(dashboard: &Node<'_>, findings: &mut Findings<'_>) {
    for name in ["panels", "rows", "tags", "links"] {
        if let Some(member) = dashboard.member(name).filter(|member| !member.is_array()) {
            findings.add(&member, format!("{name} that are no list"));
        }
    }
    panels(dashboard, findings);
    for row in dashboard.items("rows") {
        panels(&row, findings);
    }
    if let Some(templating) = dashboard.member("templating") {
        for variable in templating.items("list") {
            look_at_variable(&variable, findings);
        }
    }
    if let Some(annotations) = dashboard.member("annotations") {
        for query in annotations.items("list") {
            look_at_annotation(&query, findings);
        }
    }
}

fn panels(parent: &Node<'_>, findings: &mut Findings<'_>) {
    for panel in parent.items("panels") {
        look_at_panel(&panel, findings);
        // Rows that are collapsed hold their panels.
        panels(&panel, findings);
    }
}

fn look_at_panel(panel: &Node<'_>, findings: &mut Findings<'_>) {
    if !panel.is_object() {
        findings.add(panel, "a panel that is no object");
        return;
    }
    let library = panel.member("libraryPanel");
    let model = library.as_ref().and_then(|library| library.member("model"));
    let targets = panel.items("targets");
    let kind = panel.string("type").or(model.as_ref().and_then(|model| model.string("type")));
    if kind.as_deref() == Some("row") {
        return;
    }
    findings.panels += 1;
    match (&library, &model) {
        (Some(library), None) if targets.is_empty() => {
            findings.add(library, "library panel whose model is not in the file");
        }
        _ => {
            if let Some(fault) = SUPPORTED.panel_fault(kind.as_deref().unwrap_or("")) {
                findings.add(&panel.member("type").unwrap_or_else(|| panel.clone()), fault);
            }
        }
    }
    let of_panel = source(panel);
    for target in &targets {
        let has_expr = ["expr", "query"].iter().any(|name| target.string(name).is_some());
        let source = source(target).or(of_panel.clone()).unwrap_or_default();
        if let Some(fault) = SUPPORTED.source_fault(&source, has_expr) {
            findings.add(target, fault);
        }
    }
    for transformation in panel.items("transformations") {
        let is_disabled = transformation.member("disabled").and_then(|flag| flag.read());
        let id = transformation.string("id").unwrap_or_default();
        if !is_disabled.unwrap_or(false) && !SUPPORTED.transformations.contains(&id) {
            findings.add(&transformation, format!("transformation {id}"));
        }
    }
    let config = panel.member("fieldConfig");
    for override_ in config.iter().flat_map(|config| config.items("overrides")) {
        let Some(matcher) = override_.member("matcher") else { continue };
        let id = matcher.string("id").unwrap_or_default();
        if !SUPPORTED.matchers.contains(&id) {
            findings.add(&matcher, format!("matcher {id}"));
        }
    }
    if let Some(alert) = panel.member("alert") {
        findings.add(&alert, "alert kept in a panel");
    }
    for region in panel.items("timeRegions") {
        findings.add(&region, "time region");
    }
}

/// The type of a data source; where only its name is there, what that tells of the type.
fn source(node: &Node<'_>) -> Option<String> {
    let source = node.member("datasource")?;
    let telling = |name: Option<String>| name.filter(|name| SUPPORTED.is_telling(name));
    if let Some(name) = source.read::<String>() {
        return telling(Some(name));
    }
    let uid = telling(source.string("uid"));
    match source.string("type") {
        Some(kind) => Some(uid.filter(|uid| is_built_in(uid)).unwrap_or(kind)),
        None => uid,
    }
}

fn look_at_variable(variable: &Node<'_>, findings: &mut Findings<'_>) {
    findings.variables += 1;
    let kind = variable.string("type").unwrap_or_else(|| "query".to_owned());
    if !SUPPORTED.variables.contains(&kind) {
        findings.add(variable, format!("variable of type {kind}"));
        return;
    }
    if kind == "query"
        && let Some(fault) = SUPPORTED.source_fault(&source(variable).unwrap_or_default(), true)
    {
        findings.add(variable, format!("variable with {fault}"));
    }
}

fn look_at_annotation(query: &Node<'_>, findings: &mut Findings<'_>) {
    let is_built_in = query.member("builtIn").and_then(|flag| flag.read::<i64>()) == Some(1);
    let source = source(query).unwrap_or_default();
    // Notes that people made are the server's own.
    let is_own = is_built_in || source == "-- Grafana --" || source == "grafana";
    if !is_own && let Some(fault) = SUPPORTED.source_fault(&source, true) {
        findings.add(query, format!("annotations with {fault}"));
    }
}
