//! A group across a change of its file.

use model::{Labels, SampleBatch, Timestamp};

use super::{Rule, RuleGroup, stale_batch};
use crate::rules::file::RuleDefinition;

impl RuleGroup {
    /// Takes over the state of the group that this one replaces: alerts and
    /// written series of the rules that both have. Series of rules that are gone
    /// become stale at the next evaluation.
    pub fn take_over(&mut self, mut old: Self) {
        for rule in &mut self.rules {
            let found =
                old.rules.iter().position(|known| is_same(&known.definition, &rule.definition));
            if let Some(index) = found {
                rule.take_over(old.rules.remove(index));
            }
        }
        let gone = old.rules.into_iter().flat_map(|rule| rule.written);
        self.abandoned.extend(old.abandoned.into_iter().chain(gone));
        self.evaluations = old.evaluations;
        self.evaluations_missed = old.evaluations_missed;
        self.last_evaluation = old.last_evaluation;
        self.restores_in = old.restores_in;
        self.published = old.published;
        self.publish();
    }

    /// Marks all series of the group stale: the group is gone. To be written
    /// to the sink when no other group has taken them over.
    pub fn close(self, at: Timestamp) -> SampleBatch {
        let written = self.rules.iter().flat_map(|rule| &rule.written);
        let series: Vec<&Labels> = written.chain(&self.abandoned).collect();
        stale_batch(series.into_iter(), at - self.query_offset)
    }
}

/// Whether a rule is still the same one: its name, labels and kind are. The
/// expression and the times may have changed.
fn is_same(a: &RuleDefinition, b: &RuleDefinition) -> bool {
    std::mem::discriminant(&a.kind) == std::mem::discriminant(&b.kind)
        && a.name() == b.name()
        && a.labels == b.labels
}

impl Rule {
    fn take_over(&mut self, old: Self) {
        self.written = old.written;
        self.failures = old.failures;
        self.health = old.health;
        self.last_error = old.last_error;
        self.last_evaluation = old.last_evaluation;
        self.evaluation_time = old.evaluation_time;
        if let (Some(new), Some(old)) = (&mut self.alerting, old.alerting) {
            new.active = old.active;
            new.is_restored = old.is_restored;
        }
    }
}
