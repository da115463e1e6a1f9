//! What is reported, and where.

use super::*;

fn issues(text: &str) -> Vec<(String, String)> {
    let report = report(text).unwrap();
    report.issues.into_iter().map(|issue| (issue.path, issue.feature)).collect()
}

fn one(text: &str) -> (String, String) {
    let mut issues = issues(text);
    assert_eq!(issues.len(), 1, "{issues:?}");
    issues.remove(0)
}

fn panel(text: &str) -> String {
    format!(r#"{{"title":"T","panels":[{text}]}}"#)
}

#[test]
fn each_issue_has_its_path_and_its_place() {
    let text = "{\n  \"title\": \"Tür\",\n  \"panels\": [\n    {\"type\": \"row\", \"panels\": [\n      {\"title\": \"ü\", \"type\": \"nope\"}\n    ]}\n  ]\n}\n";
    let report = report(text).unwrap();
    assert_eq!((report.title.as_str(), report.panels, report.variables), ("Tür", 1, 0));
    assert_eq!(
        report.issues,
        [Issue {
            path: "$.panels[0].panels[0].type".to_owned(),
            place: Place { line: 5, column: 30 },
            feature: "panel of type nope".to_owned(),
        }]
    );
    let wrapped = format!("{{\"dashboard\": {}}}", panel(r#"{"type":"canvas"}"#));
    let (path, feature) = one(&wrapped);
    assert_eq!(path, "$.dashboard.panels[0].type");
    assert_eq!(feature, "panel of type canvas, which comes later");
}

#[test]
fn what_is_drawn_is_no_issue() {
    for kind in [
        "timeseries",
        "graph",
        "singlestat",
        "table-old",
        "grafana-piechart-panel",
        "grafana-worldmap-panel",
    ] {
        assert!(issues(&panel(&format!(r#"{{"type":"{kind}"}}"#))).is_empty(), "{kind}");
    }
    assert_eq!(
        one(&panel(r#"{"title":"x"}"#)),
        ("$.panels[0]".into(), "panel of type (none)".into())
    );
    let rows = r#"{"title":"T","rows":[{"panels":[{"type":"nope"}]}]}"#;
    assert_eq!(one(rows).0, "$.rows[0].panels[0].type");
}

#[test]
fn queries_that_are_not_asked() {
    let target = |panel_source: &str, target: &str| {
        panel(&format!(r#"{{"type":"stat","datasource":{panel_source},"targets":[{target}]}}"#))
    };
    for (source, query) in [
        ("null", r#"{"expr":"up"}"#),
        (r#""Prometheus""#, r#"{"expr":"up"}"#),
        (r#""${datasource}""#, "{}"),
        (r#"{"type":"prometheus","uid":"${ds}"}"#, r#"{"expr":"up"}"#),
        (r#"{"type":"victoriametrics-metrics-datasource","uid":"a"}"#, r#"{"expr":"up"}"#),
        (r#""-- Mixed --""#, r#"{"expr":"up","datasource":"Thanos"}"#),
        (r#""Our metrics""#, r#"{"expr":"up"}"#),
    ] {
        assert!(issues(&target(source, query)).is_empty(), "{source} {query}");
    }
    for (source, query, feature) in [
        (r#"{"type":"loki","uid":"x"}"#, r#"{"expr":"{}"}"#, "queries in loki"),
        (
            "null",
            r#"{"datasource":{"type":"__expr__","uid":"__expr__"}}"#,
            "expression over other queries",
        ),
        (r#"{"type":"datasource","uid":"-- Dashboard --"}"#, "{}", "the results of another panel"),
        (r#""-- Grafana --""#, "{}", "Grafana's built-in data"),
        (r#""${DS_LOKI}""#, r#"{"expr":"{}"}"#, "queries in ${DS_LOKI}"),
        (r#"{"type":"some-plugin","uid":"x"}"#, "{}", "queries in some-plugin"),
    ] {
        assert_eq!(one(&target(source, query)), ("$.panels[0].targets[0]".into(), feature.into()));
    }
}

#[test]
fn the_rest_of_a_panel_and_of_a_dashboard() {
    for (text, path, feature) in [
        (
            r#""transformations":[{"id":"noop"},{"id":"fancy"}]"#,
            ".transformations[1]",
            "transformation fancy",
        ),
        (
            r#""fieldConfig":{"overrides":[{"matcher":{"id":"byMoon"}}]}"#,
            ".fieldConfig.overrides[0].matcher",
            "matcher byMoon",
        ),
        (r#""alert":{}"#, ".alert", "alert kept in a panel"),
        (r#""timeRegions":[{}]"#, ".timeRegions[0]", "time region"),
        (
            r#""libraryPanel":{"uid":"x"}"#,
            ".libraryPanel",
            "library panel whose model is not in the file",
        ),
    ] {
        let found = one(&panel(&format!(r#"{{"type":"stat",{text}}}"#)));
        assert_eq!(found, (format!("$.panels[0]{path}"), feature.to_owned()));
    }
    let disabled = r#"{"type":"stat","transformations":[{"id":"fancy","disabled":true}]}"#;
    assert!(issues(&panel(disabled)).is_empty());
    let rest = r#"{"title":"T","panels":[],"templating":{"list":[{"type":"query"},{"type":"switch"},
        {"type":"query","datasource":{"type":"mysql"}}]},
        "annotations":{"list":[{"builtIn":1,"datasource":"-- Grafana --"},{"datasource":{"type":"loki"}}]}}"#;
    assert_eq!(
        issues(rest),
        [
            ("$.templating.list[1]".to_owned(), "variable of type switch".to_owned()),
            ("$.templating.list[2]".to_owned(), "variable with queries in mysql".to_owned()),
            ("$.annotations.list[1]".to_owned(), "annotations with queries in loki".to_owned()),
        ]
    );
    assert_eq!(one(r#"{"title":"T","panels":{}}"#).1, "panels that are no list");
}

#[test]
fn dashboards_of_version_2() {
    let text = r#"{"apiVersion":"dashboard.grafana.app/v2beta1","metadata":{"name":"n"},"spec":{
        "title":"T","elements":{"p 1":{"kind":"Panel","spec":{"vizConfig":{"kind":"VizConfig","group":"nope"},
            "data":{"spec":{"queries":[{"spec":{"query":{"group":"loki"}}}],"transformations":[{"kind":"fancy"}]}}}}},
        "layout":{"kind":"RowsLayout","spec":{"rows":[{"spec":{"layout":{"kind":"Spiral"}}}]}},
        "variables":[{"kind":"TextVariable"},{"kind":"SwitchVariable"}]}}"#;
    assert_eq!(
        issues(text),
        [
            (
                r#"$.spec.elements["p 1"].spec.vizConfig"#.to_owned(),
                "panel of type nope".to_owned()
            ),
            (
                r#"$.spec.elements["p 1"].spec.data.spec.queries[0]"#.to_owned(),
                "queries in loki".to_owned()
            ),
            (
                r#"$.spec.elements["p 1"].spec.data.spec.transformations[0]"#.to_owned(),
                "transformation fancy".to_owned()
            ),
            (
                "$.spec.layout.spec.rows[0].spec.layout".to_owned(),
                "layout of kind Spiral".to_owned()
            ),
            ("$.spec.variables[1]".to_owned(), "variable of kind SwitchVariable".to_owned()),
        ]
    );
}

#[test]
fn what_is_no_dashboard_is_said_with_its_place() {
    let fault = |text: &str| report(text).unwrap_err();
    assert_eq!(fault("{\n \"a\": }").place, Place { line: 2, column: 7 });
    assert!(fault("[]").message.contains("object"));
    assert!(fault("{\"panels\":[]}").message.contains("title"));
    assert_eq!(fault("{\"dashboard\": {\"panels\":[]}}").place, Place { line: 1, column: 15 });
    assert!(fault("{\"title\":\"T\"}").message.contains("no panels"));
}
