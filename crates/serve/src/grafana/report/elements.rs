//! The shape of version 2: named `elements`, and a `layout` that places them.

use super::Findings;
use super::node::Node;
use super::supported::SUPPORTED;

/// Looks through a dashboard's spec.
pub(super) fn look(spec: &Node<'_>, findings: &mut Findings<'_>) {
    for element in spec.member("elements").iter().flat_map(Node::members) {
        look_at_element(&element, findings);
    }
    if let Some(layout) = spec.member("layout") {
        look_at_layout(&layout, findings);
    }
    for variable in spec.items("variables") {
        findings.variables += 1;
        let kind = variable.string("kind").unwrap_or_default();
        let classic = kind.trim_end_matches("Variable").to_lowercase();
        let classic = if classic == "text" { "textbox" } else { &classic };
        if !SUPPORTED.variables.contains(classic) {
            findings.add(&variable, format!("variable of kind {kind}"));
        }
    }
}

fn look_at_element(element: &Node<'_>, findings: &mut Findings<'_>) {
    findings.panels += 1;
    if element.string("kind").as_deref() == Some("LibraryPanel") {
        findings.add(element, "library panel whose model is not in the file");
        return;
    }
    let Some(spec) = element.member("spec") else {
        findings.add(element, "an element without \"spec\"");
        return;
    };
    let visual = spec.member("vizConfig");
    // Later drafts of the shape name the plugin in `group`.
    let kind = |node: &Node<'_>| node.string("group").or(node.string("kind")).unwrap_or_default();
    let fault = SUPPORTED.panel_fault(&visual.as_ref().map(kind).unwrap_or_default());
    if let Some(fault) = fault {
        findings.add(visual.as_ref().unwrap_or(element), fault);
    }
    let Some(data) = spec.member("data").and_then(|data| data.member("spec")) else { return };
    for query in data.items("queries") {
        let Some(spec) = query.member("spec") else { continue };
        let source = spec.member("datasource").and_then(|source| source.string("type"));
        let source = source.or(spec.member("query").map(|query| kind(&query))).unwrap_or_default();
        if let Some(fault) = SUPPORTED.source_fault(&source, true) {
            findings.add(&query, fault);
        }
    }
    for transformation in data.items("transformations") {
        let id = kind(&transformation);
        if !SUPPORTED.transformations.contains(&id) {
            findings.add(&transformation, format!("transformation {id}"));
        }
    }
}

fn look_at_layout(layout: &Node<'_>, findings: &mut Findings<'_>) {
    let kind = layout.string("kind").unwrap_or_default();
    let parts = match kind.as_str() {
        "GridLayout" | "AutoGridLayout" => return,
        "RowsLayout" => "rows",
        "TabsLayout" => "tabs",
        _ => {
            findings.add(layout, format!("layout of kind {kind}"));
            return;
        }
    };
    for part in layout.member("spec").iter().flat_map(|spec| spec.items(parts)) {
        if let Some(inside) = part.member("spec").and_then(|spec| spec.member("layout")) {
            look_at_layout(&inside, findings);
        }
    }
}
