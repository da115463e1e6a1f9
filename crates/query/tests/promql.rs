//! The PromQL conformance suite: every script in `testdata/promql`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use query::promql::functions::signatures::FUNCTIONS;
use query::promql::{Engine, EngineConfig};
use query::testing::script;

/// The suite only grows.
const EVALS_MIN: usize = 1500;

#[test]
fn every_script_passes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/promql");
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let engine = engine();
    let (mut evals, mut failures) = (0, Vec::new());
    for file in files.iter().filter(|file| file.extension().is_some_and(|e| e == "test")) {
        let report = script::run(&fs::read_to_string(file).unwrap(), &engine);
        evals += report.evals;
        let name = file.file_name().unwrap().to_string_lossy();
        failures.extend(
            report
                .failures
                .iter()
                .map(|f| format!("testdata/promql/{name}:{}: {}", f.line, f.message)),
        );
    }
    println!("{evals} evaluations, {} failures", failures.len());
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
    assert!(evals >= EVALS_MIN, "only {evals} evaluations");
}

/// Every function, operator, aggregation and modifier that the parser knows is in the suite.
#[test]
fn the_suite_covers_the_language() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/promql");
    let mut words = BTreeSet::new();
    let mut text = String::new();
    for file in fs::read_dir(folder).unwrap() {
        text.push_str(&fs::read_to_string(file.unwrap().path()).unwrap());
    }
    // A call is a name with a parenthesis; other words may be labels of that name.
    for (at, _) in text.match_indices('(') {
        let before = text[..at].trim_end();
        let name = before.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next();
        words.insert(name.unwrap_or_default());
    }
    let functions = FUNCTIONS.iter().map(|function| function.name);
    let aggregations = [
        "avg",
        "bottomk",
        "count",
        "count_values",
        "group",
        "limit_ratio",
        "limitk",
        "max",
        "min",
        "quantile",
        "stddev",
        "stdvar",
        "sum",
        "topk",
    ];
    let modifiers = [
        "by",
        "without",
        "on",
        "ignoring",
        "group_left",
        "group_right",
        "fill",
        "fill_left",
        "fill_right",
    ];
    let all = functions.chain(aggregations).chain(modifiers);
    let missing: Vec<_> = all.filter(|name| !words.contains(name)).collect();
    assert!(missing.is_empty(), "not in the suite: {missing:?}");
    for operator in [
        " + ",
        " - ",
        " * ",
        " / ",
        " % ",
        " ^ ",
        " == ",
        " != ",
        " > ",
        " < ",
        " >= ",
        " <= ",
        " and ",
        " or ",
        " unless ",
        " atan2 ",
        " </ ",
        " >/ ",
        " bool ",
        " offset ",
        " offset -",
        " @ ",
        " @ start()",
        " @ end()",
        " anchored",
        " smoothed",
        "=~",
        "!~",
        "!=\"",
        ":1m]",
    ] {
        assert!(text.contains(operator), "not in the suite: {operator:?}");
    }
}

/// What a script must notice, lest a suite passes whatever the engine says.
#[test]
fn wrong_results_are_noticed() {
    for (expectation, part) in [
        ("a 1", ""),
        ("a 1.000001!", "expected 1.000001!"),
        ("a 2", "a: expected 2, got 1"),
        ("b 1", "expected b in place 0, not found"),
        ("empty", "not expected: a 1"),
        ("a 1; b 2", "expected b"),
        ("1", "expected another type"),
        ("\"a\"", "expected another type"),
        ("a {{count:1}}", "expected {{schema:0 count:1}}, got 1"),
        ("warn a 1", "should warn"),
        ("info a 1", "should warn or inform"),
        ("fail", "should fail"),
    ] {
        let script = format!("load 1m\n  a 1x5\ntable at 1m\n  a => {expectation}\n");
        let report = script::run(&script, &engine());
        let found: Vec<_> = report.failures.iter().map(ToString::to_string).collect();
        assert_eq!(found.is_empty(), part.is_empty(), "{expectation}: {found:?}");
        assert!(found.iter().all(|failure| failure.contains(part)), "{expectation}: {found:?}");
    }
}

fn engine() -> Engine {
    Engine::new(EngineConfig { experimental: true, ..EngineConfig::default() })
}
