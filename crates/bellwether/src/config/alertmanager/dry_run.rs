//! Making each receiver's notification of an example, so that a template that
//! fails shows before the first alert and not with it.

use std::collections::BTreeMap;

use alerting::alerts::Alert;
use alerting::config::Config;
use alerting::notify::{Notification, Rendering};
use alerting::template::TemplateSet;
use model::{Labels, Millis, Timestamp};

/// What fails: the line of the receiver, and why.
pub(super) fn failures(config: &Config, templates: &TemplateSet) -> Vec<(usize, String)> {
    let mut failures = Vec::new();
    for receiver in &config.receivers {
        let notification = example(&receiver.name);
        let rendering =
            Rendering::new(templates, &notification, |path| std::fs::read_to_string(path));
        for integration in &receiver.integrations {
            if let Err(error) = integration.outgoing(&rendering) {
                let (name, kind) = (&receiver.name, integration.kind());
                let message = format!("receiver {name:?} fails on an example: {kind}: {error}");
                failures.push((receiver.line, message));
            }
        }
    }
    failures
}

fn example(receiver: &str) -> Notification {
    let now = Timestamp::now();
    let labels = Labels::from_pairs([
        ("alertname", "Example"),
        ("instance", "host:9100"),
        ("job", "node"),
        ("severity", "critical"),
    ]);
    let texts = ["summary", "description", "runbook_url"];
    let annotations: BTreeMap<String, String> =
        texts.map(|name| (name.to_owned(), format!("an example of a {name}"))).into();
    let alert = Alert {
        labels: labels.clone(),
        annotations,
        starts_at: now,
        ends_at: now + Millis::from_secs(300),
        updated_at: now,
        generator_url: "http://localhost/graph".to_owned(),
        is_timeout: true,
    };
    Notification {
        receiver: receiver.to_owned(),
        group_key: "{}:{alertname=\"Example\"}".to_owned(),
        group_labels: labels,
        alerts: vec![alert],
        now,
        external_url: "http://localhost".to_owned(),
    }
}
