//! Files of tests that pass, fail, and are refused.

use super::*;

const RULES: &str = r#"
groups:
  - name: late
    rules:
      - record: double
        expr: job:requests:rate5m * 2
  - name: early
    interval: 30s
    labels: {team: a, job: replaced}
    rules:
      - record: job:requests:rate5m
        expr: sum by (job) (rate(requests_total[5m]))
        labels:
          level: job
      - alert: Never
        expr: vector(0) > 1
        for: 5m
        annotations: {summary: none}
"#;

fn outcome(tests: &str) -> Vec<Vec<String>> {
    let file = TestFile::parse(tests).unwrap_or_else(|error| panic!("{error}"));
    let report = run(&file, &[RuleFile::parse(RULES).unwrap()]);
    report.groups.into_iter().map(|group| group.failures).collect()
}

#[test]
fn rules_run_in_order_and_expressions_give_what_is_expected() {
    let failures = outcome(
        r#"
rule_files: [rules.yml]
evaluation_interval: 1m
group_eval_order: [early, late]
tests:
  - name: rates
    interval: 1m
    input_series:
      - series: 'requests_total{job="a", instance="1"}'
        values: '0+60x10 _x20'
      - series: 'latency'
        values: '{{schema:0 count:3 sum:4 buckets:[1 2]}}x10'
    promql_expr_test:
      - expr: job:requests:rate5m
        eval_time: 10m
        exp_samples:
          - labels: 'job:requests:rate5m{job="replaced", level="job", team="a"}'
            value: 1
      - expr: double
        eval_time: 10m
        exp_samples:
          - {labels: 'double{job="replaced", level="job", team="a"}', value: 2}
      - expr: double
        eval_time: 20m
      - expr: sum(latency)
        eval_time: 5m
        exp_samples:
          - labels: '{}'
            histogram: '{{schema:0 count:3 sum:4 buckets:[1 2]}}'
      - {expr: 1 + 1, eval_time: 0, exp_samples: [{labels: '{}', value: 2}]}
      - {expr: -1 / 0 + vector(0), exp_samples: [{labels: '', value: -Inf}, ]}
"#,
    );
    assert_eq!(failures, [Vec::<String>::new()]);
}

#[test]
fn failures_say_what_differs() {
    let failures = outcome(
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
    alert_rule_test: [{alertname: x, eval_time: 1m}]
  - input_series: [{series: a, values: x}]
"#,
    );
    let parts = [
        "alert_rule_test is not supported yet",
        "exp: \n        a{b=\"c\"} 3\n    got: \n        a{b=\"c\"} 2",
        "exp: nil",
        "expected type range vector",
        "not a vector or scalar",
        "{{schema:0}}",
        "0.30000000000000004",
    ];
    assert_eq!(failures[0].len(), parts.len(), "{:#?}", failures[0]);
    for (failure, part) in failures[0].iter().zip(parts) {
        assert!(failure.contains(part), "{failure}");
    }
    assert!(failures[1][0].contains("series \"a\": expected a number"), "{}", failures[1][0]);
}

#[test]
fn neighbours_are_equal_where_the_file_says_so() {
    let text = "tests: [{promql_expr_test: [{expr: 0.1 + 0.2, exp_samples: [{labels: '{}', value: 0.3}]}]}]";
    assert_eq!(outcome(text)[0].len(), 1);
    assert_eq!(outcome(&format!("fuzzy_compare: true\n{text}"))[0].len(), 0);
}

#[test]
fn rules_that_fail_end_the_group() {
    let file = TestFile::parse(
        "tests: [{input_series: [{series: 'a{b=\"1\"}', values: 1}, {series: 'a{b=\"2\"}', values: 1}], promql_expr_test: [{expr: x}]}]",
    )
    .unwrap();
    for (rule, part) in [
        ("rules: [{record: x, expr: rate(a)}]", "expected type range vector"),
        ("rules: [{record: x, expr: a, labels: {b: c}}]", "same labelset"),
        ("limit: 1\n    rules: [{record: x, expr: a}]", "exceeded limit of 1 with 2 series"),
    ] {
        let rules = RuleFile::parse(&format!("groups:\n  - name: g\n    {rule}\n")).unwrap();
        let report = run(&file, &[rules]);
        assert!(!report.is_success());
        assert!(report.groups[0].failures[0].contains(part), "{:?}", report.groups[0].failures);
    }
}

#[test]
fn files_that_are_none_are_refused_with_the_place() {
    for (text, part) in [
        ("tests: [{nam: x}]", "nam"),
        ("evaluation_interval: 5", "not a valid duration"),
        (
            "tests: [{promql_expr_test: [{expr: a, exp_samples: [{labels: a, value: x}]}]}]",
            "is no number",
        ),
    ] {
        let error = TestFile::parse(text).unwrap_err().to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
    for (text, part) in [
        ("groups: [{name: a, rules: [{expr: b}]}]", "one of 'record' or 'alert'"),
        ("groups: [{name: a, rules: [{expr: b, record: c, alert: d}]}]", "only one of"),
        ("groups: [{name: a, rules: [{record: c}]}]", "expr"),
    ] {
        let error = RuleFile::parse(text).unwrap_err().to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
}

#[test]
fn too_many_rule_evaluations_are_refused() {
    let failures = outcome(
        "evaluation_interval: 1ms\ntests: [{promql_expr_test: [{expr: a, eval_time: 1d}]}]",
    );
    assert!(failures[0][0].contains("raise evaluation_interval"), "{:?}", failures[0]);
}
