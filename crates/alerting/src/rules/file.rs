//! A rule file as it is written.

use std::collections::{BTreeMap, BTreeSet};

use model::PromDuration;
use query::promql::ParseOptions;
use serde::Deserialize;
use serde_saphyr::Spanned;

use super::validate::{self, RuleFileError};
use crate::yaml::{self, Texts};

/// A rule file that was read and checked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RuleFile {
    /// The groups, in their order.
    pub groups: Vec<GroupDefinition>,
}

/// A group of rules that are evaluated together.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupDefinition {
    /// The name, unique in its file.
    pub name: String,
    /// How often to evaluate, where it is not the default.
    pub interval: Option<PromDuration>,
    /// How far back to evaluate, where it is not the default.
    pub query_offset: Option<PromDuration>,
    /// The most series or alerts that one rule may give; 0 is no limit.
    pub limit: usize,
    /// Labels for all rules; those of a rule win.
    pub labels: BTreeMap<String, String>,
    /// The rules, in their order.
    pub rules: Vec<RuleDefinition>,
    /// The line where the group begins, from 1.
    pub line: usize,
}

/// A rule.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleDefinition {
    /// What becomes of the result.
    pub kind: RuleKind,
    /// The expression.
    pub expr: String,
    /// Labels to add, those of the group included. Of an alert they are templates.
    pub labels: BTreeMap<String, String>,
    /// The line where the rule begins, from 1.
    pub line: usize,
}

/// What a rule does with the result of its expression.
#[derive(Clone, Debug, PartialEq)]
pub enum RuleKind {
    /// Writes it as series of this name.
    Record(String),
    /// Makes an alert of each series.
    Alert {
        /// The name.
        name: String,
        /// How long a series must be there until its alert fires.
        hold: PromDuration,
        /// How long an alert fires on after its series has gone.
        keep_firing: PromDuration,
        /// Texts for people; templates.
        annotations: BTreeMap<String, String>,
    },
}

impl RuleDefinition {
    /// The name of the series or alert.
    pub fn name(&self) -> &str {
        match &self.kind {
            RuleKind::Record(name) | RuleKind::Alert { name, .. } => name,
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenFile {
    pub(super) groups: Option<Vec<Spanned<WrittenGroup>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenGroup {
    pub(super) name: Option<Spanned<String>>,
    pub(super) interval: Option<PromDuration>,
    pub(super) query_offset: Option<PromDuration>,
    pub(super) limit: Option<i64>,
    pub(super) labels: Option<Texts>,
    pub(super) rules: Option<Vec<Spanned<WrittenRule>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenRule {
    pub(super) record: Option<Spanned<String>>,
    pub(super) alert: Option<Spanned<String>>,
    pub(super) expr: Option<Spanned<String>>,
    #[serde(rename = "for")]
    pub(super) hold: Option<PromDuration>,
    pub(super) keep_firing_for: Option<PromDuration>,
    pub(super) labels: Option<Texts>,
    pub(super) annotations: Option<Texts>,
}

impl RuleFile {
    /// Reads and checks a rule file.
    ///
    /// # Errors
    /// All faults that were found, in the order of the file. Like Prometheus, a
    /// file with a fault is not loaded at all.
    pub fn parse(text: &str, options: ParseOptions) -> Result<Self, Vec<RuleFileError>> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let written: Option<WrittenFile> =
            yaml::read(text).map_err(|fault| vec![RuleFileError::of_yaml(fault)])?;
        let written = written.unwrap_or_default();
        let faults = validate::check(&written, options);
        if !faults.is_empty() {
            return Err(faults);
        }
        let groups = written.groups.unwrap_or_default().into_iter().map(group).collect();
        Ok(Self { groups })
    }

    /// The rules that stand more than once with the same name and labels: each
    /// writes over the series of the other. Prometheus' tool warns of them.
    pub fn duplicates(&self) -> Vec<&RuleDefinition> {
        let mut seen = BTreeSet::new();
        let rules = self.groups.iter().flat_map(|group| &group.rules);
        rules.filter(|rule| !seen.insert((rule.name(), &rule.labels))).collect()
    }
}

fn line_of<T>(spanned: &Spanned<T>) -> usize {
    spanned.referenced.line() as usize
}

fn group(written: Spanned<WrittenGroup>) -> GroupDefinition {
    let line = line_of(&written);
    let group = written.value;
    let labels = group.labels.unwrap_or_default().0;
    let rules = group.rules.unwrap_or_default();
    GroupDefinition {
        name: group.name.map(|name| name.value).unwrap_or_default(),
        interval: group.interval.filter(|interval| !interval.is_zero()),
        query_offset: group.query_offset,
        limit: usize::try_from(group.limit.unwrap_or(0)).unwrap_or(0),
        rules: rules.into_iter().map(|written| rule(written, &labels)).collect(),
        labels,
        line,
    }
}

fn rule(written: Spanned<WrittenRule>, of_group: &BTreeMap<String, String>) -> RuleDefinition {
    let line = line_of(&written);
    let rule = written.value;
    let mut labels = of_group.clone();
    labels.extend(rule.labels.unwrap_or_default().0);
    let kind = match (rule.record, rule.alert) {
        (Some(name), _) => RuleKind::Record(name.value),
        (None, name) => RuleKind::Alert {
            name: name.map(|name| name.value).unwrap_or_default(),
            hold: rule.hold.unwrap_or_default(),
            keep_firing: rule.keep_firing_for.unwrap_or_default(),
            annotations: rule.annotations.unwrap_or_default().0,
        },
    };
    let expr = rule.expr.map(|expr| expr.value).unwrap_or_default();
    RuleDefinition { kind, expr, labels, line }
}
