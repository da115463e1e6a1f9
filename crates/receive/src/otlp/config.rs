//! `otlp:` of `prometheus.yml`.

use serde::{Deserialize, Serialize};

/// How metrics that come by OTLP are named and labelled.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct OtlpConfig {
    /// How names are made.
    pub translation_strategy: TranslationStrategy,
    /// Resource attributes that become labels of each series.
    pub promote_resource_attributes: Vec<String>,
    /// Whether all do.
    pub promote_all_resource_attributes: bool,
    /// Those that don't, where all do.
    pub ignore_resource_attributes: Vec<String>,
    /// Whether `target_info` also has `service.name`, `service.namespace` and
    /// `service.instance.id`, which make `job` and `instance`.
    pub keep_identifying_resource_attributes: bool,
    /// Whether histograms with explicit bounds become native ones with custom buckets.
    pub convert_histograms_to_nhcb: bool,
    /// Whether the scope's name, version, schema and attributes become labels `otel_scope_…`.
    pub promote_scope_metadata: bool,
    /// Whether a label name that starts with one underscore gets `key` before it.
    pub label_name_underscore_sanitization: bool,
    /// Whether underscores in a row stay in label names.
    pub label_name_preserve_multiple_underscores: bool,
}

impl Default for OtlpConfig {
    fn default() -> Self {
        Self {
            translation_strategy: TranslationStrategy::default(),
            promote_resource_attributes: Vec::new(),
            promote_all_resource_attributes: false,
            ignore_resource_attributes: Vec::new(),
            keep_identifying_resource_attributes: false,
            convert_histograms_to_nhcb: false,
            promote_scope_metadata: false,
            label_name_underscore_sanitization: true,
            label_name_preserve_multiple_underscores: true,
        }
    }
}

/// A configuration that can't be meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OtlpConfigError {
    /// Two ways to choose attributes at once.
    #[error(
        "otlp: promote_all_resource_attributes and promote_resource_attributes exclude each other"
    )]
    PromoteTwice,
    /// Exceptions from nothing.
    #[error("otlp: ignore_resource_attributes needs promote_all_resource_attributes: true")]
    IgnoreWithoutAll,
}

impl OtlpConfig {
    /// Refuses settings that exclude each other.
    ///
    /// # Errors
    /// Where Prometheus, too, refuses them.
    pub fn check(&self) -> Result<(), OtlpConfigError> {
        if self.promote_all_resource_attributes && !self.promote_resource_attributes.is_empty() {
            return Err(OtlpConfigError::PromoteTwice);
        }
        if !self.promote_all_resource_attributes && !self.ignore_resource_attributes.is_empty() {
            return Err(OtlpConfigError::IgnoreWithoutAll);
        }
        Ok(())
    }

    /// Whether the resource attribute `key` becomes a label of each series.
    pub(super) fn promotes(&self, key: &str) -> bool {
        if self.promote_all_resource_attributes {
            !self.ignore_resource_attributes.iter().any(|ignored| ignored == key)
        } else {
            self.promote_resource_attributes.iter().any(|promoted| promoted == key)
        }
    }
}

/// How OTLP's names become Prometheus' names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum TranslationStrategy {
    /// What is not `[a-zA-Z0-9_:]` becomes `_`; unit and type become suffixes.
    #[default]
    UnderscoreEscapingWithSuffixes,
    /// What is not `[a-zA-Z0-9_:]` becomes `_`.
    UnderscoreEscapingWithoutSuffixes,
    /// Names stay; unit and type become suffixes.
    NoUTF8EscapingWithSuffixes,
    /// Names stay.
    NoTranslation,
}

impl TranslationStrategy {
    /// Whether names are brought into the classic character set.
    pub const fn escapes(self) -> bool {
        matches!(
            self,
            Self::UnderscoreEscapingWithSuffixes | Self::UnderscoreEscapingWithoutSuffixes
        )
    }

    /// Whether unit and type become suffixes.
    pub const fn adds_suffixes(self) -> bool {
        matches!(self, Self::UnderscoreEscapingWithSuffixes | Self::NoUTF8EscapingWithSuffixes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_exclude_each_other_are_refused() {
        let both = OtlpConfig {
            promote_all_resource_attributes: true,
            promote_resource_attributes: vec!["a".to_owned()],
            ..Default::default()
        };
        assert_eq!(both.check(), Err(OtlpConfigError::PromoteTwice));
        let ignored = vec!["a".to_owned()];
        let none = OtlpConfig { ignore_resource_attributes: ignored.clone(), ..Default::default() };
        assert_eq!(none.check(), Err(OtlpConfigError::IgnoreWithoutAll));
        let all = OtlpConfig {
            promote_all_resource_attributes: true,
            ignore_resource_attributes: ignored,
            ..Default::default()
        };
        assert_eq!((all.check(), all.promotes("a"), all.promotes("b")), (Ok(()), false, true));
    }
}
