//! What is wrong with a rule file: the checks of Prometheus' `rulefmt`, with
//! the places where they fail.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use model::METRIC_NAME;
use query::promql::{ParseOptions, parse};
use serde_saphyr::Spanned;

use super::expand;
use super::file::{WrittenFile, WrittenGroup, WrittenRule};
use crate::yaml::YamlFault;

/// A fault of a rule file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct RuleFileError {
    /// The line, from 1; 0 where it is not known.
    pub line: usize,
    /// The column, from 1; 0 where it is not known.
    pub column: usize,
    /// The group, the number of the rule in it from 1, and the rule's name,
    /// where the fault is in a rule.
    pub rule: Option<(String, usize, String)>,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for RuleFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "{}:{}: ", self.line, self.column)?;
        }
        if let Some((group, number, name)) = &self.rule {
            write!(f, "group {group:?}, rule {number}, {name:?}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl RuleFileError {
    /// A file that is no YAML, or has keys or values that no rule file has.
    pub(super) fn of_yaml(fault: YamlFault) -> Self {
        Self { line: fault.line, column: fault.column, rule: None, message: fault.message }
    }
}

/// Where a fault is, and which rule it is in.
struct Faults {
    found: Vec<RuleFileError>,
    group: String,
    rule: Option<(usize, String)>,
}

impl Faults {
    fn add<T>(&mut self, at: &Spanned<T>, message: impl Into<String>) {
        let rule = self.rule.clone().map(|(number, name)| (self.group.clone(), number, name));
        self.found.push(RuleFileError {
            line: at.referenced.line() as usize,
            column: at.referenced.column() as usize,
            rule,
            message: message.into(),
        });
    }
}

/// All faults of a file.
pub(super) fn check(file: &WrittenFile, options: ParseOptions) -> Vec<RuleFileError> {
    let mut faults = Faults { found: Vec::new(), group: String::new(), rule: None };
    let mut names = BTreeSet::new();
    for group in file.groups.iter().flatten() {
        check_group(&mut faults, group, &mut names, options);
    }
    faults.found
}

fn check_group<'a>(
    faults: &mut Faults,
    group: &'a Spanned<WrittenGroup>,
    names: &mut BTreeSet<&'a str>,
    options: ParseOptions,
) {
    let name = group.value.name.as_ref().map_or("", |name| name.value.as_str());
    faults.rule = None;
    faults.group = name.to_owned();
    if name.is_empty() {
        faults.add(group, "Groupname must not be empty");
    }
    if !names.insert(name) {
        faults.add(group, format!("groupname: {name:?} is repeated in the same file"));
    }
    if group.value.limit.is_some_and(|limit| limit < 0) {
        faults.add(group, "limit must not be negative; 0 is no limit");
    }
    for (name, value) in group.value.labels.iter().flat_map(|labels| &labels.0) {
        if !is_label_name(name) {
            faults.add(group, format!("invalid label name: {name}"));
        }
        if value.contains('\0') {
            faults.add(group, format!("invalid label value: {value}"));
        }
    }
    for (index, rule) in group.value.rules.iter().flatten().enumerate() {
        let name = rule.value.alert.as_ref().or(rule.value.record.as_ref());
        let name = name.map(|name| name.value.clone()).unwrap_or_default();
        faults.rule = Some((index + 1, name));
        check_rule(faults, rule, options);
    }
}

fn is_label_name(name: &str) -> bool {
    !name.is_empty() && name != METRIC_NAME
}

fn check_rule(faults: &mut Faults, rule: &Spanned<WrittenRule>, options: ParseOptions) {
    let written = &rule.value;
    match (&written.record, &written.alert) {
        (Some(record), Some(_)) => {
            faults.add(record, "only one of 'record' and 'alert' must be set");
        }
        (None, None) => faults.add(rule, "one of 'record' or 'alert' must be set"),
        (None, Some(alert)) if alert.value.is_empty() => {
            faults.add(alert, "one of 'record' or 'alert' must be set");
        }
        _ => {}
    }
    check_expr(faults, rule, options);
    if let Some(record) = &written.record {
        check_record(faults, written, record);
    }
    check_names(faults, rule);
    if written.record.is_none() {
        check_templates(faults, rule);
    }
}

fn check_expr(faults: &mut Faults, rule: &Spanned<WrittenRule>, options: ParseOptions) {
    match &rule.value.expr {
        None => faults.add(rule, "field 'expr' must be set in rule"),
        Some(expr) if expr.value.is_empty() => {
            faults.add(expr, "field 'expr' must be set in rule");
        }
        Some(expr) => {
            if let Err(error) = parse(&expr.value, options) {
                faults.add(expr, format!("could not parse expression: {error}"));
            }
        }
    }
}

fn check_record(faults: &mut Faults, rule: &WrittenRule, record: &Spanned<String>) {
    let unwanted = [
        ("annotations", rule.annotations.as_ref().is_some_and(|texts| !texts.0.is_empty())),
        ("for", rule.hold.is_some_and(|hold| !hold.is_zero())),
        ("keep_firing_for", rule.keep_firing_for.is_some_and(|keep| !keep.is_zero())),
    ];
    for (field, _) in unwanted.iter().filter(|(_, is_set)| *is_set) {
        faults.add(record, format!("invalid field '{field}' in recording rule"));
    }
    let name = &record.value;
    if name.is_empty() {
        faults.add(record, format!("invalid recording rule name: {name}"));
    }
    // Any text is a name; braces are what someone meant for the expression.
    if name.contains(['{', '}']) {
        let hint = "braces present in the recording rule name; should it be in expr?";
        faults.add(record, format!("{hint}: {name}"));
    }
}

fn check_names(faults: &mut Faults, rule: &Spanned<WrittenRule>) {
    for (name, value) in rule.value.labels.iter().flat_map(|labels| &labels.0) {
        if !is_label_name(name) {
            faults.add(rule, format!("invalid label name: {name}"));
        }
        if value.contains('\0') {
            faults.add(rule, format!("invalid label value: {value}"));
        }
    }
    for name in rule.value.annotations.iter().flat_map(|texts| texts.0.keys()) {
        if name.is_empty() {
            faults.add(rule, format!("invalid annotation name: {name}"));
        }
    }
}

/// Templates must parse. What they do with data shows when they are expanded.
fn check_templates(faults: &mut Faults, rule: &Spanned<WrittenRule>) {
    let name = rule.value.alert.as_ref().map_or("", |alert| alert.value.as_str());
    let empty = BTreeMap::new();
    let labels = rule.value.labels.as_ref().map_or(&empty, |labels| &labels.0);
    let annotations = rule.value.annotations.as_ref().map_or(&empty, |texts| &texts.0);
    let texts = labels
        .iter()
        .map(|text| ("label", text))
        .chain(annotations.iter().map(|text| ("annotation", text)));
    for (kind, (field, text)) in texts {
        if let Err(error) = expand::check(name, text) {
            faults.add(rule, format!("{kind} {field:?}: {error}"));
        }
    }
}
