//! From a job's relabelling rules to the steps that the API shows.

use collect::scrape::ScrapeConfig;
use model::Labels;
use pipeline::{RelabelConfig, Relabelled};
use serde_json::{Value, json};
use serve::prometheus::RelabelStep;

/// What each rule of a job makes of `labels`. Rules behind one that drops the
/// target are shown with the labels that it left.
pub(crate) fn steps(job: &ScrapeConfig, labels: &Labels) -> Vec<RelabelStep> {
    let mut builder = labels.to_builder();
    let mut is_kept = true;
    let mut steps = Vec::new();
    for config in &job.relabel_configs {
        // Jobs in force were checked.
        let Ok(rule) = config.compile() else { continue };
        if is_kept {
            is_kept = rule.apply(&mut builder) == Relabelled::Keep;
        }
        // As Prometheus: of a target that is dropped nothing is left.
        let output = if is_kept { builder.build() } else { Labels::empty() };
        steps.push(RelabelStep { rule: rule_json(config), output, is_kept });
    }
    steps
}

/// A rule in Prometheus' JSON, defaults included.
fn rule_json(config: &RelabelConfig) -> Value {
    let mut rule = json!({
        "separator": config.separator.as_deref().unwrap_or(";"),
        "regex": config.regex.as_deref().unwrap_or("(.*)"),
        "replacement": config.replacement.as_deref().unwrap_or("$1"),
        "action": config.action,
    });
    if !config.source_labels.is_empty() {
        rule["sourceLabels"] = json!(config.source_labels);
    }
    if let Some(target) = &config.target_label {
        rule["targetLabel"] = json!(target);
    }
    if let Some(modulus) = config.modulus {
        rule["modulus"] = json!(modulus);
    }
    rule
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_is_a_step() {
        let rules = [
            r#"{"source_labels":["a"],"target_label":"b"}"#,
            r#"{"source_labels":["a"],"regex":"2","action":"keep"}"#,
            r#"{"regex":"a","action":"labeldrop"}"#,
        ];
        let job = ScrapeConfig {
            relabel_configs: rules.iter().map(|rule| serde_json::from_str(rule).unwrap()).collect(),
            ..ScrapeConfig::default()
        };
        let shown: Vec<_> = steps(&job, &Labels::from_pairs([("a", "1")]))
            .iter()
            .map(|step| format!("{} {}", step.output, step.is_kept))
            .collect();
        assert_eq!(shown, [r#"{a="1", b="1"} true"#, "{} false", "{} false"]);
        let kept = steps(&job, &Labels::from_pairs([("a", "2")]));
        assert_eq!(kept[2].output.to_string(), r#"{b="2"}"#);
        assert_eq!(
            kept[0].rule,
            json!({"sourceLabels": ["a"], "separator": ";", "regex": "(.*)", "replacement": "$1",
                   "targetLabel": "b", "action": "replace"})
        );
    }
}
