//! The trees in `testdata/routes`: a configuration, and for labels the routes
//! that take them.
//!
//! Behind a line `---` each line is `labels => receiver by (labels) wait/interval/repeat`,
//! with `;` between several.

use std::path::Path;

use super::*;
use crate::config::Config;

fn labels(text: &str) -> Labels {
    let pairs = text.split_whitespace().map(|pair| pair.split_once('=').unwrap());
    Labels::from_pairs(pairs)
}

fn shown(route: &Route) -> String {
    let by = match &route.group_by {
        GroupBy::All => "...".to_owned(),
        GroupBy::Labels(names) => names.iter().cloned().collect::<Vec<_>>().join(","),
    };
    let times = [route.group_wait, route.group_interval, route.repeat_interval]
        .map(|time| model::PromDuration::from_millis(time.get()).to_string());
    format!("{} by ({by}) {}", route.receiver, times.join("/"))
}

fn tree(yaml: &str) -> RouteTree {
    RouteTree::new(&Config::parse(yaml).unwrap().0.route)
}

#[test]
fn alerts_go_where_the_tree_sends_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/routes");
    let mut failures = Vec::new();
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let (yaml, cases) = text.split_once("\n---\n").unwrap();
        let tree = tree(yaml);
        for case in cases.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (alert, wanted) = case.split_once(" => ").unwrap();
            let found: Vec<String> = tree.matching(&labels(alert)).into_iter().map(shown).collect();
            count += 1;
            if found.join("; ") != wanted {
                failures.push(format!("{alert}\n  wanted {wanted}\n  found  {}", found.join("; ")));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(count > 20);
}

const YAML: &str = "
route:
  receiver: a
  group_by: [job]
  routes:
  - matchers: [severity=critical]
    receiver: b
    routes:
    - matchers: [team=~\"x|y\"]
  - receiver: c
    matchers: [env!=prod]
    group_by: ['...']
receivers: [{name: a}, {name: b}, {name: c}]
";

#[test]
fn keys_show_the_way_down() {
    let tree = tree(YAML);
    let keys: Vec<&str> = tree.iter().map(|route| route.key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "{}",
            "{}/{severity=\"critical\"}",
            "{}/{severity=\"critical\"}/{team=~\"x|y\"}",
            "{}/{env!=\"prod\"}"
        ]
    );
    let alert = labels("job=j severity=critical team=x");
    assert_eq!(tree.get(RouteId(2)).group_labels(&alert), labels("job=j"));
    assert_eq!(tree.get(RouteId(3)).group_labels(&alert), alert);
}

#[test]
fn the_way_is_explained() {
    let tree = tree(YAML);
    let steps = tree.explain(&labels("severity=critical team=z env=prod"));
    let shown: Vec<(usize, usize, Option<&str>, bool)> =
        steps.iter().map(|s| (s.route.0, s.depth, s.failed.as_deref(), s.is_taken)).collect();
    assert_eq!(
        shown,
        [(0, 0, None, false), (1, 1, None, true), (2, 2, Some("team=~\"x|y\""), false),]
    );
}
