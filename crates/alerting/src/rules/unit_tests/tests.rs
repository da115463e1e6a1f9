//! A file of tests that passes, and what one that does not reports.

use query::promql::ParseOptions;

use super::*;

const RULES: &str = "
groups:
- name: second
  rules:
  - record: job:up:twice
    expr: job:up:sum * 2
- name: first
  rules:
  - record: job:up:sum
    expr: sum by (job) (up)
  - alert: Down
    expr: up == 0
    for: 2m
    labels: {severity: page, site: '{{ $externalLabels.site }}'}
    annotations: {summary: '{{ $labels.job }} is {{ $value }} at {{ $externalURL }}'}
";

const TESTS: &str = "
rule_files: [rules.yml]
evaluation_interval: 1m
group_eval_order: [first, second]
tests:
- name: alerts
  interval: 1m
  external_labels: {site: lab}
  external_url: http://x
  input_series:
  - {series: 'up{job=\"a\", i=\"1\"}', values: '1 0x10'}
  - {series: 'up{job=\"a\", i=\"2\"}', values: '1x10'}
  alert_rule_test:
  - {eval_time: 2m, alertname: Down}
  - {eval_time: 2m59s, alertname: Down, exp_alerts: []}
  - eval_time: 3m
    alertname: Down
    exp_alerts:
    - exp_labels: {severity: page, site: lab, job: a, i: '1'}
      exp_annotations: {summary: a is 0 at http://x}
  promql_expr_test:
  - {expr: 'job:up:twice', eval_time: 0, exp_samples: [{labels: 'job:up:twice{job=\"a\"}', value: 4}]}
  - {expr: 'job:up:twice', eval_time: 3m, exp_samples: [{labels: 'job:up:twice{job=\"a\"}', value: 2}]}
  - {expr: 'ALERTS', eval_time: 4m, exp_samples: [{labels: 'ALERTS{alertname=\"Down\", alertstate=\"firing\", i=\"1\", job=\"a\", severity=\"page\", site=\"lab\"}', value: 1}]}
  - {expr: 'vector(NaN)', eval_time: 1m, exp_samples: [{value: .nan}]}
  - {expr: '1 / 0', eval_time: 1m, exp_samples: [{value: .inf}]}
";

fn report(tests: &str) -> Vec<String> {
    let rules = RuleFile::parse(RULES, ParseOptions { experimental: false }).unwrap();
    let tests = TestFile::parse(tests).unwrap();
    run(&tests, &[rules]).groups.into_iter().flat_map(|group| group.failures).collect()
}

#[test]
fn what_is_expected_passes() {
    assert_eq!(report(TESTS), Vec::<String>::new());
}

#[test]
fn what_is_not_expected_is_reported() {
    let late = report(&TESTS.replace("eval_time: 2m59s", "eval_time: 5m"));
    assert_eq!(late.len(), 1);
    assert_eq!(
        late[0],
        "alertname: Down, time: 5m,\n    exp: nil\n    got: \n        labels: {alertname=\"Down\", i=\"1\", \
         job=\"a\", severity=\"page\", site=\"lab\"}\n        annotations: {summary=\"a is 0 at http://x\"}"
    );
    let wrong = report(&TESTS.replace("a is 0 at", "a is 1 at"));
    assert_eq!(wrong.len(), 1);
    let order = report(&TESTS.replace("group_eval_order: [first, second]", ""));
    assert!(order[0].starts_with("expr: \"job:up:twice\", time: 0s, "), "{order:?}");
    let costly = report(
        &TESTS
            .replace("evaluation_interval: 1m", "evaluation_interval: 1ms")
            .replace("5m", "10h")
            .replace("4m", "10h"),
    );
    assert!(costly[0].contains("are more than 10000000"), "{costly:?}");
    assert!(TestFile::parse("tests: [{alert_rule_tests: []}]").is_err());
}

#[test]
fn samples_that_differ_are_shown() {
    let failures = report(
        r#"
tests:
  - input_series: [{series: 'a{b="c"}', values: '1 2 3'}]
    promql_expr_test:
      - {expr: a, eval_time: 1m, exp_samples: [{labels: 'a{b="c"}', value: 3}]}
      - {expr: a, eval_time: 1m}
      - {expr: rate(a), eval_time: 1m}
      - {expr: 'a[5m]', eval_time: 1m}
      - {expr: a, eval_time: 1m, exp_samples: [{labels: 'a{b="c"}', histogram: '{{}}'}]}
      - {expr: 0.1 + 0.2, exp_samples: [{labels: '{}', value: 0.3}]}
  - input_series: [{series: a, values: x}]
"#,
    );
    let parts = [
        "exp: \n        a{b=\"c\"} 3\n    got: \n        a{b=\"c\"} 2",
        "exp: nil",
        "expected type range vector",
        "not a vector or scalar",
        "{{schema:0}}",
        "0.30000000000000004",
        "series \"a\": expected a number",
    ];
    assert_eq!(failures.len(), parts.len(), "{failures:#?}");
    for (failure, part) in failures.iter().zip(parts) {
        assert!(failure.contains(part), "{failure}");
    }
}

#[test]
fn neighbours_are_equal_where_the_file_says_so() {
    let text = "tests: [{promql_expr_test: [{expr: 0.1 + 0.2, exp_samples: [{labels: '{}', value: 0.3}]}]}]";
    assert_eq!(report(text).len(), 1);
    assert_eq!(report(&format!("fuzzy_compare: true\n{text}")).len(), 0);
}

#[test]
fn rules_that_fail_end_the_group() {
    let tests = TestFile::parse(
        "tests: [{input_series: [{series: 'a{b=\"1\"}', values: 1}, {series: 'a{b=\"2\"}', values: 1}], promql_expr_test: [{expr: x}]}]",
    )
    .unwrap();
    for (rule, part) in [
        ("rules: [{record: x, expr: a, labels: {b: c}}]", "same labelset"),
        ("limit: 1\n  rules: [{record: x, expr: a}]", "exceeded limit of 1 with 2 series"),
        ("rules: [{record: x, expr: 'a[5m]'}]", "not a vector or scalar"),
    ] {
        let rules = format!("groups:\n- name: g\n  {rule}\n");
        let rules = RuleFile::parse(&rules, ParseOptions { experimental: false }).unwrap();
        let report = run(&tests, &[rules]);
        assert!(!report.is_success());
        assert!(report.groups[0].failures[0].contains(part), "{:?}", report.groups[0].failures);
    }
}

#[test]
fn files_that_are_none_are_refused_with_the_place() {
    for (text, part) in [
        ("tests:\n- nam: x", "2:3: "),
        ("evaluation_interval: 5", "not a valid duration"),
        (
            "tests: [{promql_expr_test: [{expr: a, exp_samples: [{labels: a, value: x}]}]}]",
            "is no number",
        ),
    ] {
        let error = TestFile::parse(text).unwrap_err();
        assert!(error.contains(part), "{text}: {error}");
    }
}
