//! The files in `testdata/config`: what is accepted and what is refused, where
//! and why.

use std::path::{Path, PathBuf};

use super::*;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/config")
}

fn read(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap()
}

/// Cases between lines of dashes: a file, and its faults behind `=>`.
fn cases(name: &str) -> Vec<(String, Vec<String>)> {
    let text = read(name);
    text.split("\n---\n")
        .map(|case| {
            let (faults, yaml): (Vec<&str>, Vec<&str>) =
                case.lines().partition(|line| line.starts_with("=> "));
            let faults = faults.iter().map(|line| line["=> ".len()..].to_owned()).collect();
            (yaml.join("\n"), faults)
        })
        .collect()
}

#[test]
fn a_users_file_loads_as_it_is() {
    let text = read("iot.yml")
        .replace("${SMTP_PASSWORD}", "smtp-secret")
        .replace("${PAGERDUTY_ROUTING_KEY}", "pd-secret")
        .replace("${SLACK_WEBHOOK_URL}", "https://hooks.slack.com/services/slack-secret");
    let (config, warnings) = Config::parse(&text).unwrap();
    assert_eq!(warnings, []);
    assert_eq!(config.templates, ["/etc/alertmanager/templates/*.tmpl"]);
    assert_eq!(config.route.routes.len(), 4);
    assert_eq!(config.receivers.len(), 5);
    let kinds: Vec<_> = config
        .receivers
        .iter()
        .flat_map(|r| r.integrations.iter().map(Integration::kind))
        .collect();
    assert_eq!(kinds, ["email", "pagerduty", "slack", "email", "email"]);
    assert_eq!(config.inhibit_rules[0].equal, ["alertname", "instance"]);
    let Integration::Email(email) = &config.receiver("dev-team").unwrap().integrations[0] else {
        panic!("dev-team has no email");
    };
    assert_eq!(email.smarthost.as_deref(), Some("smtp.company.com:587"));
    assert_eq!(email.from.as_deref(), Some("alerts@company.com"));
    // Nothing secret shows.
    let shown = format!("{config:?}");
    assert!(!shown.contains("-secret"), "{shown}");
    assert!(shown.contains("<secret>"));
}

#[test]
fn valid_files_load() {
    for (yaml, _) in cases("valid.test") {
        if let Err(error) = Config::parse(&yaml) {
            panic!("{error}\n{yaml}");
        }
    }
}

#[test]
fn faults_are_found_with_their_place() {
    let mut failures = Vec::new();
    let cases = cases("invalid.test");
    assert!(cases.len() > 40);
    for (yaml, wanted) in cases {
        let found = match Config::parse(&yaml) {
            Ok(_) => "no fault".to_owned(),
            Err(error) => error.to_string(),
        };
        if wanted.len() != 1 || !found.contains(&wanted[0]) {
            failures.push(format!("{yaml}\n  wanted {wanted:?}\n  found  {found}"));
        }
    }
    assert!(failures.is_empty(), "{} failed:\n{}", failures.len(), failures.join("\n\n"));
}

#[test]
fn what_has_no_effect_is_a_warning() {
    let yaml = "route: {receiver: a}\nreceivers:\n- name: a\n  wechat_configs:\n  - {corp_id: x}\n";
    let (_, warnings) = Config::parse(yaml).unwrap();
    assert_eq!(warnings.len(), 1);
    assert_eq!(warnings[0].line, 5);
    assert!(warnings[0].message.contains("wechat_configs is not supported"));
}
