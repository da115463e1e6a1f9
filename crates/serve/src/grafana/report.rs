//! What of a dashboard's JSON is not supported, each with its place in the file.
//!
//! What the UI draws and does is listed in one file that the UI and this report share.

mod classic;
mod elements;
mod node;
mod supported;

use super::body::DashboardBody;
use super::error::GrafanaError;
use node::Node;

/// A dashboard and what of it is not supported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Its title.
    pub title: String,
    /// How many panels it has, rows not counted.
    pub panels: usize,
    /// How many variables it has.
    pub variables: usize,
    /// What is not supported, in the order of the file.
    pub issues: Vec<Issue>,
}

/// Something that is not supported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// Its path, such as `$.panels[0].type`.
    pub path: String,
    /// Where it is.
    pub place: Place,
    /// What it is.
    pub feature: String,
}

/// A place in a text, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

/// Why a text is no dashboard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct NoDashboard {
    /// Where.
    pub place: Place,
    /// What is wrong.
    pub message: String,
}

/// Reads a dashboard: bare, in the wrapper of the HTTP API, or as a resource.
///
/// # Errors
/// Where the text is no JSON, or a save would refuse it.
pub fn report(text: &str) -> Result<Report, NoDashboard> {
    let text = text.trim_start_matches('\u{feff}');
    let root = Node::root(text).map_err(|error| NoDashboard {
        place: Place { line: error.line(), column: error.column() },
        message: error.to_string(),
    })?;
    let dashboard =
        root.member("dashboard").filter(Node::is_object).unwrap_or_else(|| root.clone());
    let is_resource = dashboard.member("apiVersion").is_some();
    let spec = dashboard.member("spec").filter(|spec| is_resource && spec.is_object());
    let refused =
        |error: GrafanaError| NoDashboard { place: dashboard.place(text), message: error.message };
    let body = DashboardBody::read(dashboard.text()).map_err(refused)?;
    let spec = spec.unwrap_or_else(|| dashboard.clone());
    let mut findings = Findings { text, issues: Vec::new(), panels: 0, variables: 0 };
    if spec.member("elements").is_some_and(|elements| elements.is_object()) {
        elements::look(&spec, &mut findings);
    } else {
        let looks_right = ["panels", "rows", "templating", "schemaVersion", "annotations"];
        if looks_right.iter().all(|name| spec.member(name).is_none()) {
            let place = spec.place(text);
            let message = "it has no panels: it is no dashboard".to_owned();
            return Err(NoDashboard { place, message });
        }
        classic::look(&spec, &mut findings);
    }
    let Findings { mut issues, panels, variables, .. } = findings;
    issues.sort_by_key(|issue| issue.place);
    Ok(Report { title: body.title, panels, variables, issues })
}

/// What was found so far.
struct Findings<'a> {
    text: &'a str,
    issues: Vec<Issue>,
    panels: usize,
    variables: usize,
}

impl Findings<'_> {
    fn add(&mut self, at: &Node<'_>, feature: impl Into<String>) {
        let issue = Issue {
            path: at.path().to_owned(),
            place: at.place(self.text),
            feature: feature.into(),
        };
        self.issues.push(issue);
    }
}

#[cfg(test)]
mod tests;
