//! Relabelling rules as configuration writes them, and their checked form.

use model::labels::is_legacy_label_name;
use model::matcher::anchored_regex;
use regex::Regex;
use serde::{Deserialize, Serialize};

/// What a rule does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RelabelAction {
    /// Sets the target label where the source matches.
    #[default]
    Replace,
    /// Drops what does not match.
    Keep,
    /// Drops what matches.
    Drop,
    /// Drops where source and target label differ.
    KeepEqual,
    /// Drops where source and target label are equal.
    DropEqual,
    /// Sets the target label to a hash of the source modulo `modulus`.
    HashMod,
    /// Copies labels whose name matches to a new name.
    LabelMap,
    /// Removes labels whose name matches.
    LabelDrop,
    /// Removes labels whose name does not match.
    LabelKeep,
    /// Sets the target label to the source in lower case.
    Lowercase,
    /// Sets the target label to the source in upper case.
    Uppercase,
}

impl RelabelAction {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Replace => "replace",
            Self::Keep => "keep",
            Self::Drop => "drop",
            Self::KeepEqual => "keepequal",
            Self::DropEqual => "dropequal",
            Self::HashMod => "hashmod",
            Self::LabelMap => "labelmap",
            Self::LabelDrop => "labeldrop",
            Self::LabelKeep => "labelkeep",
            Self::Lowercase => "lowercase",
            Self::Uppercase => "uppercase",
        }
    }
}

/// One `relabel_config`, as written.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RelabelConfig {
    /// Labels whose values are joined to the source.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub source_labels: Vec<String>,
    /// What stands between joined values; `;` where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub separator: Option<String>,
    /// The label that is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_label: Option<String>,
    /// The anchored expression; `(.*)` where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regex: Option<String>,
    /// For `hashmod`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modulus: Option<u64>,
    /// What a match becomes; `$1` where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replacement: Option<String>,
    /// What the rule does.
    #[serde(default)]
    pub action: RelabelAction,
}

/// A rule that can't be meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RelabelError {
    /// The expression does not compile.
    #[error("relabel configuration has an invalid regex {pattern:?}: {reason}")]
    Regex {
        /// The expression.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// `hashmod` without a modulus.
    #[error("relabel configuration for hashmod requires non-zero modulus")]
    Modulus,
    /// An action that sets a label, without one.
    #[error("relabel configuration for {0} action requires 'target_label' value")]
    TargetLabel(&'static str),
    /// A target that can't be a label name.
    #[error("{label:?} is invalid 'target_label' for {action} action")]
    TargetName {
        /// What was written.
        label: String,
        /// The action.
        action: &'static str,
    },
    /// A `labelmap` replacement that can't be a label name.
    #[error("{0:?} is invalid 'replacement' for labelmap action")]
    Replacement(String),
    /// A field that the action does not use.
    #[error("{action} action requires only {uses}, and no other fields")]
    OtherFields {
        /// The action.
        action: &'static str,
        /// The fields that it uses.
        uses: &'static str,
    },
}

/// A rule that was checked and compiled.
#[derive(Clone, Debug)]
pub struct RelabelRule {
    pub(super) source_labels: Vec<String>,
    pub(super) separator: String,
    pub(super) target_label: String,
    pub(super) regex: Regex,
    pub(super) modulus: u64,
    pub(super) replacement: String,
    pub(super) action: RelabelAction,
}

impl RelabelConfig {
    /// Checks and compiles the rule.
    ///
    /// # Errors
    /// Where Prometheus, too, refuses the rule.
    pub fn compile(&self) -> Result<RelabelRule, RelabelError> {
        self.check()?;
        let pattern = self.regex.as_deref().unwrap_or("(.*)");
        let regex = anchored_regex(pattern)
            .map_err(|reason| RelabelError::Regex { pattern: pattern.to_owned(), reason })?;
        Ok(RelabelRule {
            source_labels: self.source_labels.clone(),
            separator: self.separator.clone().unwrap_or_else(|| ";".to_owned()),
            target_label: self.target_label.clone().unwrap_or_default(),
            regex,
            modulus: self.modulus.unwrap_or(0),
            replacement: self.replacement.clone().unwrap_or_else(|| "$1".to_owned()),
            action: self.action,
        })
    }

    /// Compiles a list; the first fault ends it.
    ///
    /// # Errors
    /// As [`RelabelConfig::compile`].
    pub fn compile_all(configs: &[Self]) -> Result<Vec<RelabelRule>, RelabelError> {
        configs.iter().map(Self::compile).collect()
    }

    fn check(&self) -> Result<(), RelabelError> {
        use RelabelAction as Action;
        let action = self.action.as_str();
        let target = self.target_label.as_deref().unwrap_or("");
        if self.action == Action::HashMod && self.modulus.unwrap_or(0) == 0 {
            return Err(RelabelError::Modulus);
        }
        let sets_target = matches!(
            self.action,
            Action::Replace
                | Action::HashMod
                | Action::Lowercase
                | Action::Uppercase
                | Action::KeepEqual
                | Action::DropEqual
        );
        if sets_target && target.is_empty() {
            return Err(RelabelError::TargetLabel(action));
        }
        // A `$` in a target is expanded for each label set, so it is checked then.
        if sets_target
            && !(self.action == Action::Replace && target.contains('$'))
            && target.contains('$')
        {
            return Err(RelabelError::TargetName { label: target.to_owned(), action });
        }
        let replacement = self.replacement.as_deref().unwrap_or("$1");
        if self.action == Action::LabelMap
            && !replacement.contains('$')
            && !is_legacy_label_name(replacement)
        {
            return Err(RelabelError::Replacement(replacement.to_owned()));
        }
        self.check_unused_fields(action)
    }

    fn check_unused_fields(&self, action: &'static str) -> Result<(), RelabelError> {
        use RelabelAction as Action;
        let uses = match self.action {
            Action::LabelDrop | Action::LabelKeep => {
                let others = !self.source_labels.is_empty()
                    || self.target_label.is_some()
                    || self.modulus.is_some()
                    || self.separator.is_some()
                    || self.replacement.is_some();
                others.then_some("'regex'")
            }
            Action::KeepEqual | Action::DropEqual => {
                let others = self.regex.is_some()
                    || self.modulus.is_some()
                    || self.separator.is_some()
                    || self.replacement.is_some();
                others.then_some("'source_labels' and `target_label`")
            }
            _ => None,
        };
        uses.map_or(Ok(()), |uses| Err(RelabelError::OtherFields { action, uses }))
    }
}
