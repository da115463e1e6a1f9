//! Inhibition: alerts that mute others.
//!
//! A rule's sources are the active alerts that match its source side. An alert
//! that matches the target side is muted where a source agrees with it in all
//! labels of `equal`; a label that neither has is one in which they agree.
//!
//! Sources are indexed by those labels, so that asking costs the same however
//! many alerts there are.

use std::collections::{BTreeMap, HashMap};

use model::{Labels, LabelsRef, Timestamp};

use crate::alerts::{Alert, Fingerprint};
use crate::config::InhibitRuleConfig;

/// The rules with the alerts that mute at the moment.
#[derive(Clone, Debug)]
pub struct Inhibitor {
    rules: Vec<Rule>,
}

#[derive(Clone, Debug)]
struct Rule {
    config: InhibitRuleConfig,
    /// Sources and their ends by the labels in which targets must agree.
    sources: HashMap<Labels, BTreeMap<Labels, Timestamp>>,
}

impl Inhibitor {
    /// Rules without sources.
    pub fn new(rules: &[InhibitRuleConfig]) -> Self {
        let rule =
            |config: &InhibitRuleConfig| Rule { config: config.clone(), sources: HashMap::new() };
        Self { rules: rules.iter().map(rule).collect() }
    }

    /// Takes note of an alert that was put.
    pub fn observe(&mut self, alert: &Alert) {
        for rule in &mut self.rules {
            if rule.config.source.iter().all(|m| m.matches_labels(&alert.labels)) {
                let key = rule.key(&alert.labels);
                let sources = rule.sources.entry(key).or_default();
                sources.insert(alert.labels.clone(), alert.ends_at);
            }
        }
    }

    /// The alert that mutes one with these labels at `at`.
    pub fn muted_by(&self, labels: &LabelsRef, at: Timestamp) -> Option<Fingerprint> {
        self.rules.iter().find_map(|rule| rule.muted_by(labels, at))
    }

    /// Forgets sources that have ended.
    pub fn collect(&mut self, at: Timestamp) {
        for rule in &mut self.rules {
            rule.sources.retain(|_, sources| {
                sources.retain(|_, ends_at| *ends_at > at);
                !sources.is_empty()
            });
        }
    }
}

impl Rule {
    fn key(&self, labels: &LabelsRef) -> Labels {
        labels.filtered(|name| self.config.equal.iter().any(|equal| equal == name))
    }

    fn muted_by(&self, labels: &LabelsRef, at: Timestamp) -> Option<Fingerprint> {
        let matches = |side: &[model::Matcher], labels: &LabelsRef| {
            side.iter().all(|matcher| matcher.matches_labels(labels))
        };
        if !matches(&self.config.target, labels) {
            return None;
        }
        // An alert that is on both sides is not muted by others that are, too;
        // else alerts would mute each other, or themselves.
        let is_source = matches(&self.config.source, labels);
        let sources = self.sources.get(&self.key(labels))?;
        let mut active = sources.iter().filter(|(_, ends_at)| **ends_at > at);
        let source =
            active.find(|(source, _)| !(is_source && matches(&self.config.target, source)));
        source.map(|(source, _)| Fingerprint::of(source))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn inhibitor(rules: &str) -> Inhibitor {
        let yaml =
            format!("route: {{receiver: a}}\nreceivers: [{{name: a}}]\ninhibit_rules:\n{rules}");
        Inhibitor::new(&Config::parse(&yaml).unwrap().0.inhibit_rules)
    }

    fn labels(text: &str) -> Labels {
        Labels::from_pairs(text.split_whitespace().map(|pair| pair.split_once('=').unwrap()))
    }

    fn put(inhibitor: &mut Inhibitor, text: &str, ends: i64) {
        inhibitor.observe(&Alert {
            labels: labels(text),
            annotations: BTreeMap::new(),
            starts_at: Timestamp::from_millis(0),
            ends_at: Timestamp::from_millis(ends),
            updated_at: Timestamp::from_millis(0),
            generator_url: String::new(),
            is_timeout: false,
        });
    }

    #[test]
    fn both_syntaxes_mute() {
        for rules in [
            "- source_match: {severity: critical}\n  target_match: {severity: warning}\n  equal: [alertname, instance]",
            "- source_matchers: [severity=critical]\n  target_matchers: ['severity=~\"warn.*\"']\n  equal: [alertname, instance]",
            "- source_match_re: {severity: crit.*}\n  target_match_re: {severity: warning|info}\n  equal: [alertname, instance]",
        ] {
            let mut inhibitor = inhibitor(rules);
            put(&mut inhibitor, "alertname=A instance=1 severity=critical", 100);
            let muted = |text: &str, at: i64| {
                inhibitor.muted_by(&labels(text), Timestamp::from_millis(at)).is_some()
            };
            assert!(muted("alertname=A instance=1 severity=warning", 50), "{rules}");
            assert!(!muted("alertname=A instance=2 severity=warning", 50));
            assert!(!muted("alertname=A severity=warning", 50));
            assert!(!muted("alertname=A instance=1 severity=critical", 50));
            // The source has ended.
            assert!(!muted("alertname=A instance=1 severity=warning", 100));
        }
    }

    #[test]
    fn labels_that_neither_has_agree() {
        let mut inhibitor =
            inhibitor("- {source_matchers: [a=1], target_matchers: [b=1], equal: [x]}");
        put(&mut inhibitor, "a=1", 100);
        let source = inhibitor.muted_by(&labels("b=1"), Timestamp::from_millis(1));
        assert_eq!(source, Some(Fingerprint::of(&labels("a=1"))));
        assert!(inhibitor.muted_by(&labels("b=1 x=1"), Timestamp::from_millis(1)).is_none());
    }

    #[test]
    fn no_alert_mutes_itself_or_its_like() {
        let mut inhibitor = inhibitor("- {source_matchers: [a=1], target_matchers: [b=1]}");
        put(&mut inhibitor, "a=1 b=1", 100);
        let at = Timestamp::from_millis(1);
        assert!(inhibitor.muted_by(&labels("a=1 b=1"), at).is_none());
        assert!(inhibitor.muted_by(&labels("a=1 b=1 c=1"), at).is_none());
        assert!(inhibitor.muted_by(&labels("b=1"), at).is_some());
        put(&mut inhibitor, "a=1", 100);
        assert!(inhibitor.muted_by(&labels("a=1 b=1"), at).is_some());
    }

    #[test]
    fn an_end_is_noticed_and_ended_sources_are_forgotten() {
        let mut inhibitor = inhibitor("- {source_matchers: [a=1], target_matchers: [b=1]}");
        put(&mut inhibitor, "a=1", 100);
        put(&mut inhibitor, "a=1", 40);
        assert!(inhibitor.muted_by(&labels("b=1"), Timestamp::from_millis(50)).is_none());
        inhibitor.collect(Timestamp::from_millis(50));
        assert!(inhibitor.rules[0].sources.is_empty());
    }
}
