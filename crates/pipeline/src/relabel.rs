//! Relabelling: rewriting and filtering label sets by rules.
//!
//! The rules and their meaning are Prometheus' `relabel_config`; the same code
//! serves targets, scraped samples and remote write.

mod config;
mod expand;

use md5::{Digest, Md5};
use model::LabelsBuilder;

pub use config::{RelabelAction, RelabelConfig, RelabelError, RelabelRule};

/// Whether a label set survived its rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relabelled {
    /// It did.
    Keep,
    /// A rule dropped it.
    Drop,
}

/// Applies `rules` in order to `labels`; the first that drops ends it.
pub fn relabel(rules: &[RelabelRule], labels: &mut LabelsBuilder) -> Relabelled {
    for rule in rules {
        if rule.apply(labels) == Relabelled::Drop {
            return Relabelled::Drop;
        }
    }
    Relabelled::Keep
}

impl RelabelRule {
    /// Applies this rule alone.
    pub fn apply(&self, labels: &mut LabelsBuilder) -> Relabelled {
        match self.action {
            RelabelAction::Replace => self.replace(labels),
            RelabelAction::Keep => return keep_if(self.regex.is_match(&self.source(labels))),
            RelabelAction::Drop => return keep_if(!self.regex.is_match(&self.source(labels))),
            RelabelAction::KeepEqual => return keep_if(self.is_equal_to_target(labels)),
            RelabelAction::DropEqual => return keep_if(!self.is_equal_to_target(labels)),
            RelabelAction::HashMod => {
                let bucket = hash(&self.source(labels)) % self.modulus.max(1);
                labels.set(&self.target_label, &bucket.to_string());
            }
            RelabelAction::LabelMap => self.map_names(labels),
            RelabelAction::LabelDrop => {
                labels.retain(|name, _| !self.regex.is_match(name));
            }
            RelabelAction::LabelKeep => {
                labels.retain(|name, _| self.regex.is_match(name));
            }
            RelabelAction::Lowercase => {
                let value = self.source(labels).to_lowercase();
                labels.set(&self.target_label, &value);
            }
            RelabelAction::Uppercase => {
                let value = self.source(labels).to_uppercase();
                labels.set(&self.target_label, &value);
            }
        }
        Relabelled::Keep
    }

    fn replace(&self, labels: &mut LabelsBuilder) {
        let source = self.source(labels);
        let Some(captures) = self.regex.captures(&source) else { return };
        let target = expand::expand(&self.target_label, &captures);
        // As Prometheus: a target that expands to no name leaves the labels as they are.
        if target.is_empty() {
            return;
        }
        let value = expand::expand(&self.replacement, &captures);
        labels.set(&target, &value);
    }

    fn map_names(&self, labels: &mut LabelsBuilder) {
        let mapped: Vec<(String, String)> = labels
            .iter()
            .filter_map(|(name, value)| {
                let captures = self.regex.captures(name)?;
                Some((expand::expand(&self.replacement, &captures), value.to_owned()))
            })
            .collect();
        for (name, value) in mapped {
            labels.set(&name, &value);
        }
    }

    fn is_equal_to_target(&self, labels: &LabelsBuilder) -> bool {
        self.source(labels) == labels.get(&self.target_label).unwrap_or("")
    }

    /// The values of the source labels, joined.
    fn source(&self, labels: &LabelsBuilder) -> String {
        let mut joined = String::new();
        for (index, name) in self.source_labels.iter().enumerate() {
            if index > 0 {
                joined.push_str(&self.separator);
            }
            joined.push_str(labels.get(name).unwrap_or(""));
        }
        joined
    }
}

fn keep_if(condition: bool) -> Relabelled {
    if condition { Relabelled::Keep } else { Relabelled::Drop }
}

/// The low 64 bits of MD5, big endian: what shards of a fleet agree on.
fn hash(text: &str) -> u64 {
    let digest = Md5::digest(text.as_bytes());
    digest[8..].iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests;
