//! Which rules of a group may run at the same time.
//!
//! A rule that reads what another writes must see the same as if all ran in
//! their order: the new value of rules above it, the old one of rules below.
//! So two rules of which one reads the other stay in their order, and all
//! others may run together.

use model::{METRIC_NAME, MatchOp, Matcher};
use query::promql::ast::Expr;
use query::promql::{ParseOptions, parse};

use super::alerting::{ALERT_NAME, ALERTS, ALERTS_FOR_STATE};
use super::file::{RuleDefinition, RuleKind};

/// The stage of each rule: all rules of a stage may run together, after those
/// of the stages before.
pub(super) fn stages(rules: &[RuleDefinition], options: ParseOptions) -> Vec<usize> {
    let selectors: Vec<Vec<Vec<Matcher>>> =
        rules.iter().map(|rule| selectors_of(&rule.expr, options)).collect();
    let mut stages: Vec<usize> = Vec::with_capacity(rules.len());
    for (index, rule) in rules.iter().enumerate() {
        let after = (0..index)
            .filter(|earlier| {
                reads(&selectors[index], &rules[*earlier]) || reads(&selectors[*earlier], rule)
            })
            .map(|earlier| stages[earlier] + 1)
            .max();
        stages.push(after.unwrap_or(0));
    }
    stages
}

fn selectors_of(expr: &str, options: ParseOptions) -> Vec<Vec<Matcher>> {
    let mut found = Vec::new();
    if let Ok(expr) = parse(expr, options) {
        collect(&expr, &mut found);
    }
    found
}

fn collect(expr: &Expr, found: &mut Vec<Vec<Matcher>>) {
    match expr {
        Expr::Selector(selector) => found.push(selector.matchers.clone()),
        Expr::Range(range) => found.push(range.selector.matchers.clone()),
        _ => expr.children().into_iter().for_each(|child| collect(child, found)),
    }
}

/// Whether one of the selectors may find what `rule` writes.
fn reads(selectors: &[Vec<Matcher>], rule: &RuleDefinition) -> bool {
    selectors.iter().any(|matchers| match &rule.kind {
        RuleKind::Record(name) => {
            passes(matchers, METRIC_NAME, name)
                && rule.labels.iter().all(|(name, value)| passes(matchers, name, value))
        }
        RuleKind::Alert { name, .. } => {
            let is_read = passes(matchers, METRIC_NAME, ALERTS)
                || passes(matchers, METRIC_NAME, ALERTS_FOR_STATE);
            is_read && passes(matchers, ALERT_NAME, name)
        }
    })
}

/// Whether a series with this label may pass; a selector that does not name
/// the label lets all pass.
fn passes(matchers: &[Matcher], name: &str, value: &str) -> bool {
    let mut named = matchers.iter().filter(|matcher| matcher.name() == name);
    named.all(|matcher| match matcher.op() {
        MatchOp::Equal => matcher.value() == value,
        _ => matcher.matches(value),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::RuleFile;

    fn stages_of(rules: &[(&str, &str)]) -> Vec<usize> {
        let mut yaml = String::from("groups:\n- name: g\n  rules:\n");
        for (name, expr) in rules {
            let kind = if name.starts_with(char::is_uppercase) { "alert" } else { "record" };
            yaml.push_str(&format!("  - {kind}: {name}\n    expr: '{expr}'\n"));
        }
        let options = ParseOptions { experimental: false };
        let file = RuleFile::parse(&yaml, options).unwrap();
        stages(&file.groups[0].rules, options)
    }

    #[test]
    fn what_reads_nothing_of_others_runs_together() {
        assert_eq!(stages_of(&[("a", "x"), ("b", "y"), ("C", "z > 1")]), [0, 0, 0]);
    }

    #[test]
    fn readers_come_after_writers_above_and_before_writers_below() {
        assert_eq!(
            stages_of(&[("a", "x"), ("b", "a"), ("c", "sum(b) + a"), ("d", "y")]),
            [0, 1, 2, 0]
        );
        assert_eq!(stages_of(&[("b", "a"), ("a", "x")]), [0, 1]);
        assert_eq!(stages_of(&[("a", "rate(b[5m])"), ("b", "max_over_time(a[1m])")]), [0, 1]);
    }

    #[test]
    fn selectors_without_a_name_and_alerts_count() {
        assert_eq!(stages_of(&[("a", "x"), ("b", "{job=\"j\"}")]), [0, 1]);
        assert_eq!(stages_of(&[("a", "x"), ("b", "{__name__=~\"a.*\"}")]), [0, 1]);
        assert_eq!(stages_of(&[("a", "x"), ("b", "{__name__!=\"a\", job=\"j\"}")]), [0, 0]);
        assert_eq!(stages_of(&[("Down", "up"), ("n", "count(ALERTS)")]), [0, 1]);
        assert_eq!(
            stages_of(&[("Down", "up"), ("n", "count(ALERTS{alertname=\"Other\"})")]),
            [0, 0]
        );
    }
}
