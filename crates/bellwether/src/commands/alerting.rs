//! `bellwether alerting`: who would hear of an alert, and why.

use std::collections::BTreeMap;
use std::fmt::Write;

use alerting::matchers;
use alerting::routes::{RouteTree, Step};
use anyhow::bail;
use model::{Labels, Millis, PromDuration};

use crate::cli::RouteTestArgs;
use crate::config::AlertmanagerFile;

/// `alerting route-test`: the routes that take an alert with these labels, each
/// with the way to it, and why others were passed by.
pub(super) fn route_test(args: &RouteTestArgs) -> anyhow::Result<()> {
    let file = AlertmanagerFile::read(Some(&args.config))?;
    let mut pairs = BTreeMap::new();
    for text in &args.labels {
        let Some((name, value)) = text.split_once('=').filter(|(name, _)| !name.is_empty()) else {
            bail!("{text:?} is not of the form LABEL=VALUE");
        };
        pairs.insert(name.to_owned(), value.to_owned());
    }
    let tree = RouteTree::new(&file.config.route);
    print!("{}", explanation(&tree, &Labels::from_pairs(pairs)));
    Ok(())
}

fn explanation(tree: &RouteTree, labels: &Labels) -> String {
    let mut text = String::new();
    let receivers: Vec<&str> =
        tree.matching(labels).into_iter().map(|route| route.receiver.as_str()).collect();
    // Writing into a text does not fail.
    let _ = writeln!(text, "{}\n", receivers.join("\n"));
    for step in tree.explain(labels) {
        let _ = writeln!(text, "{}", line(tree, labels, &step));
    }
    text
}

fn line(tree: &RouteTree, labels: &Labels, step: &Step) -> String {
    let route = tree.get(step.route);
    let indent = "  ".repeat(step.depth);
    let matchers = match step.depth {
        0 => "default-route".to_owned(),
        _ => matchers::show(&route.matchers),
    };
    let why = match (&step.failed, step.is_taken) {
        (Some(failed), _) => format!("no: {failed} does not hold"),
        (None, false) => "matches; a route below takes the alert".to_owned(),
        (None, true) => format!(
            "receiver {}, grouped by {}, first after {}, news every {}, again after {}",
            route.receiver,
            route.group_labels(labels),
            duration(route.group_wait),
            duration(route.group_interval),
            duration(route.repeat_interval),
        ),
    };
    format!("{indent}{matchers} (line {}): {why}", route.line)
}

fn duration(length: Millis) -> String {
    PromDuration::from_millis(length.get()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_of_an_alert_is_told() {
        let yaml = "
route:
  receiver: default
  group_by: [alertname]
  routes:
  - {matchers: [team=db], receiver: db}
  - matchers: ['severity=\"page\"']
    receiver: pager
    routes: [{matchers: [night=yes], receiver: night}]
receivers: [{name: default}, {name: db}, {name: pager}, {name: night}]
";
        let config = alerting::config::Config::parse(yaml).unwrap().0;
        let labels = Labels::from_pairs([("alertname", "A"), ("severity", "page")]);
        assert_eq!(
            explanation(&RouteTree::new(&config.route), &labels),
            "pager

default-route (line 3): matches; a route below takes the alert
  {team=\"db\"} (line 6): no: team=\"db\" does not hold
  {severity=\"page\"} (line 7): receiver pager, grouped by {alertname=\"A\"}, first after 30s, news every 5m, again after 4h
    {night=\"yes\"} (line 9): no: night=\"yes\" does not hold
"
        );
    }
}
