//! What is printed reads again as the same tree.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::promql::ast::ValueType;
use crate::promql::functions::signatures::FUNCTIONS;
use crate::promql::parse::{ParseOptions, parse};

fn read(text: &str) -> Expr {
    parse(text, ParseOptions { experimental: true }).unwrap_or_else(|e| panic!("{text}: {e}"))
}

#[test]
fn queries_have_one_canonical_text() {
    for (text, canonical) in [
        ("a", "a"),
        ("{__name__='a'}", r#"{__name__="a"}"#),
        (r#"{"a.b", c="d"}"#, r#"{__name__="a.b",c="d"}"#),
        (r#"a{z="1",b=~"2|3",  "ü"!="4"}"#, r#"a{"ü"!="4",b=~"2|3",z="1"}"#),
        ("a offset 90s @ 1.5", "a @ 1.500 offset 1m30s"),
        ("a[300] @ end() offset -1d", "a[5m] @ end() offset -1d"),
        ("a[5m] smoothed", "a[5m] smoothed"),
        ("a anchored offset 1m", "a anchored offset 1m"),
        ("a[1h:] offset 1m", "a[1h:] offset 1m"),
        ("rate(a[5m])[1h:30s]@start()", "rate(a[5m])[1h:30s] @ start()"),
        ("a[ 5m*2 ]", "a[5m * 2]"),
        ("a[max_of(step(),-(1m+2))]", "a[max_of(step(), -(1m + 2))]"),
        ("a offset -step()", "a offset -step()"),
        ("0x1F + 1_000.5 + 1e3 + Inf", "31 + 1000.5 + 1000 + +Inf"),
        ("5m + -90s", "5m + -1m30s"),
        ("- 1", "-1"),
        ("-a + +b", "-a + +b"),
        ("'a\"b\\n'", r#""a\"b\n""#),
        ("SUM(a)BY(c,\"d.e\")", "sum by (c, \"d.e\") (a)"),
        ("sum by () (a)", "sum(a)"),
        ("sum without () (a)", "sum without () (a)"),
        ("topk by (x) (3,a)", "topk by (x) (3, a)"),
        ("a==bool on()b", "a == bool on () b"),
        ("a*ignoring(x)group_left b", "a * ignoring (x) group_left () b"),
        ("a/on(x,y)group_right(z)b", "a / on (x, y) group_right (z) b"),
        ("a + fill_right(2) fill_left(1) b", "a + fill_left (1) fill_right (2) b"),
        ("a + on(x) fill(-0.5) b", "a + on (x) fill (-0.5) b"),
        ("( a or b )  unless c", "(a or b) unless c"),
        ("a </ 5", "a </ 5"),
        ("time( )", "time()"),
        ("label_join(a,'x',',','y','z')", r#"label_join(a, "x", ",", "y", "z")"#),
        ("info(a, {})", "info(a, {})"),
    ] {
        assert_eq!(read(text).to_string(), canonical, "{text}");
        assert_eq!(read(canonical).to_string(), canonical, "{text}");
    }
}

#[test]
fn long_queries_are_broken_where_they_branch() {
    let short = "sum by (job) (rate(requests_total[5m]))";
    assert_eq!(pretty(&read(short)), short);
    let long = "histogram_quantile(0.99, sum by (le, handler) (rate(http_request_duration_seconds_bucket{job=\"api\"}[5m])))
        / -on (handler_of_the_request_that_was_made_long_enough) + 1";
    let long =
        long.replace("-on (handler_of_the_request_that_was_made_long_enough) + 1", "(1 + 2)");
    assert_eq!(
        pretty(&read(&long)),
        "  histogram_quantile(
    0.99,
    sum by (le, handler) (rate(http_request_duration_seconds_bucket{job=\"api\"}[5m]))
  )
/
  (1 + 2)"
    );
    let name = "a".repeat(60);
    let text = format!("topk(3, (-max_over_time(({name} * {name})[1h:])))");
    let indented = format!(
        "topk(
  3,
  (
    -max_over_time(
      (
          {name}
        *
          {name}
      )[1h:]
    )
  )
)"
    );
    assert_eq!(pretty(&read(&text)), indented);
    assert_eq!(read(&indented).to_string(), read(&text).to_string());
}

#[test]
fn trees_have_the_shape_of_the_api() {
    assert_eq!(
        tree(&read(
            "sum without (x) (rate(a{b!=\"c\"}[5m] offset 1m)) / on (y) group_left (z) -1.5e0 ^ b @ 2"
        )),
        json!({
            "type": "binaryExpr", "op": "/", "bool": false,
            "matching": {
                "card": "many-to-one", "labels": ["y"], "on": true, "include": ["z"],
                "fillValues": { "lhs": null, "rhs": null },
            },
            "lhs": {
                "type": "aggregation", "op": "sum", "grouping": ["x"], "without": true, "param": null,
                "expr": {
                    "type": "call",
                    "func": { "name": "rate", "argTypes": ["matrix"], "variadic": 0, "returnType": "vector" },
                    "args": [{
                        "type": "matrixSelector", "name": "a", "range": 300_000, "rangeExpr": null,
                        "offset": 60_000, "offsetExpr": null, "timestamp": null, "startOrEnd": null,
                        "anchored": false, "smoothed": false,
                        "matchers": [
                            { "name": "b", "value": "c", "type": "!=" },
                            { "name": "__name__", "value": "a", "type": "=" },
                        ],
                    }],
                },
            },
            "rhs": {
                "type": "unaryExpr", "op": "-",
                "expr": {
                    "type": "binaryExpr", "op": "^", "bool": false, "matching": null,
                    "lhs": { "type": "numberLiteral", "val": "1.5" },
                    "rhs": {
                        "type": "vectorSelector", "name": "b", "offset": 0, "offsetExpr": null,
                        "timestamp": 2000, "startOrEnd": null, "anchored": false, "smoothed": false,
                        "matchers": [{ "name": "__name__", "value": "b", "type": "=" }],
                    },
                },
            },
        })
    );
    let computed = tree(&read("(a)[1h:(5m)] @ end() offset (step() * 2)"));
    assert_eq!(computed["stepExpr"]["wrapped"], true);
    assert_eq!(
        computed["stepExpr"]["rhs"],
        json!({ "type": "numberLiteral", "val": "300", "duration": true })
    );
    assert_eq!(computed["offsetExpr"]["op"], "*");
    assert_eq!(computed["offsetExpr"]["lhs"]["op"], "step");
    assert_eq!(computed["startOrEnd"], "end");
    assert_eq!(computed["expr"]["type"], "parenExpr");
    assert_eq!(tree(&read("label_join(a, 'b', ',')"))["func"]["variadic"], -1);
    assert_eq!(
        tree(&read("count_values('x', a)"))["param"],
        json!({ "type": "stringLiteral", "val": "x" })
    );
}

/// Queries of one type, as text; parentheses keep their parts apart.
fn query(wanted: ValueType, levels: u32) -> BoxedStrategy<String> {
    let leaf = match wanted {
        ValueType::Scalar => prop_oneof![
            any::<f64>().prop_map(|value| Number(value).to_string()),
            (1u32..10_000_000).prop_map(|ms| duration(Millis::new(i64::from(ms))).to_string()),
            Just("time()".to_owned()),
        ]
        .boxed(),
        ValueType::String => "\\PC{0,8}".prop_map(quoted).boxed(),
        ValueType::Vector => (selector_text(), modifiers()).prop_map(|(s, m)| s + &m).boxed(),
        ValueType::Matrix => (selector_text(), duration_text(2), modifiers())
            .prop_map(|(s, d, m)| format!("{s}[{d}]{m}"))
            .boxed(),
    };
    if levels == 0 {
        return leaf;
    }
    let part = |wanted| query(wanted, levels - 1);
    match wanted {
        ValueType::Scalar => prop_oneof![
            leaf,
            part(ValueType::Vector).prop_map(|v| format!("scalar({v})")),
            (part(ValueType::Scalar), arithmetic(), part(ValueType::Scalar))
                .prop_map(|(a, op, b)| format!("({a}) {op} ({b})")),
            part(ValueType::Scalar).prop_map(|a| format!("-({a})")),
        ]
        .boxed(),
        ValueType::String => leaf,
        ValueType::Vector => prop_oneof![
            leaf,
            (part(ValueType::Vector), binary_head(), part(ValueType::Vector))
                .prop_map(|(a, op, b)| format!("({a}) {op} ({b})")),
            (part(ValueType::Vector), comparison(), part(ValueType::Scalar))
                .prop_map(|(a, op, b)| format!("({a}) {op} ({b})")),
            (aggregate_head(), part(ValueType::Vector))
                .prop_map(|(head, v)| format!("{head} {v})")),
            call(levels),
            part(ValueType::Vector).prop_map(|v| format!("+{v}")),
        ]
        .boxed(),
        ValueType::Matrix => prop_oneof![
            leaf,
            (
                part(ValueType::Vector),
                duration_text(2),
                duration_text(1),
                any::<bool>(),
                modifiers()
            )
                .prop_map(|(v, range, step, has_step, m)| {
                    format!(
                        "({v})[{range}:{}]{}",
                        if has_step { step } else { String::new() },
                        m.replace(" anchored", "")
                    )
                }),
        ]
        .boxed(),
    }
}

/// Any function, with as many arguments as it wants.
fn call(levels: u32) -> BoxedStrategy<String> {
    (0..FUNCTIONS.len(), 0usize..3)
        .prop_flat_map(move |(index, more)| {
            let function = &FUNCTIONS[index];
            let count = function.args_min() + more;
            let count = count.min(function.args_max().unwrap_or(count));
            let args: Vec<_> = (0..count)
                .map(|at| match (function.name, at) {
                    ("info", 1) => Just("{a=\"b\"}".to_owned()).boxed(),
                    _ => query(function.arg_type(at), levels - 1),
                })
                .collect();
            (Just(function), args)
        })
        .prop_map(|(function, args)| match function.returns {
            ValueType::Vector => format!("{}({})", function.name, args.join(", ")),
            _ => format!("vector({}({}))", function.name, args.join(", ")),
        })
        .boxed()
}

/// At most one condition, for they are printed in order.
fn selector_text() -> impl Strategy<Value = String> {
    let name = prop_oneof![Just("up"), Just("a:b"), Just("sum"), Just("offset"), Just("step")];
    let matcher = (
        "[a-z_]{1,4}|\\PC{1,4}",
        prop_oneof![Just("="), Just("!="), Just("=~"), Just("!~")],
        "[a-z.]{1,4}",
    )
        .prop_map(|(label, op, value)| format!("{}{op}{}", quoted(label), quoted(value)));
    (name, prop::collection::vec(matcher, 0..2)).prop_map(|(name, matchers)| {
        let matchers = matchers.join(", ");
        format!("{name}{{{matchers}}}")
    })
}

fn modifiers() -> impl Strategy<Value = String> {
    let mode = prop_oneof![Just(""), Just(" anchored")];
    let at = prop_oneof![
        Just(String::new()),
        Just(" @ start()".to_owned()),
        Just(" @ end()".to_owned()),
        (-1_000_000_000i64..1_000_000_000).prop_map(|ms| format!(
            " @ {}.{:03}",
            ms / 1000,
            (ms % 1000).abs()
        )),
    ];
    let offset = prop_oneof![
        Just(String::new()),
        duration_text(2).prop_map(|d| format!(" offset ({d})")),
        (1i64..10_000_000).prop_map(|ms| format!(" offset -{}", duration(Millis::new(ms)))),
    ];
    (mode, at, offset).prop_map(|(mode, at, offset)| format!("{mode}{at}{offset}"))
}

fn duration_text(levels: u32) -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        (1i64..100_000_000).prop_map(|ms| duration(Millis::new(ms)).to_string()),
        (1u32..10_000).prop_map(|seconds| seconds.to_string()),
        Just("step()".to_owned()),
        Just("range()".to_owned()),
    ];
    leaf.prop_recursive(levels, 8, 2, |inner| {
        prop_oneof![
            (inner.clone(), arithmetic(), inner.clone())
                .prop_map(|(a, op, b)| format!("({a}) {op} {b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("min_of({a}, {b})")),
            inner.prop_map(|a| format!("-(-({a}))")),
        ]
    })
    .boxed()
}

fn arithmetic() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["+", "-", "*", "/", "%", "^"])
}

fn comparison() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["==", "!= bool", ">", "<= bool", "atan2", "</"])
}

fn binary_head() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "+",
        "and",
        "or on (a)",
        "unless ignoring (b, \"c.d\")",
        "* on () ",
        "== bool ignoring (a)",
        "/ on (a) group_left",
        "/ ignoring (a) group_right (b, c)",
        "+ fill (1)",
        "- on (a) fill_left (-5m) fill_right (2)",
    ])
}

fn aggregate_head() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "sum (",
        "avg by (a, \"b.c\") (",
        "max without () (",
        "topk by (x) (3, ",
        "count_values (\"x\", ",
        "limit_ratio (-0.5, ",
        "quantile without (a) (0.9, ",
    ])
}

fn quoted(text: String) -> String {
    let mut quoted = String::new();
    write_quoted(&mut quoted, &text).unwrap();
    quoted
}

proptest! {
    #[test]
    fn what_is_printed_reads_as_the_same(text in query(ValueType::Vector, 3)) {
        let Ok(expr) = parse(&text, ParseOptions { experimental: true }) else {
            // Numbers that make a duration zero, and the like.
            return Ok(());
        };
        let printed = expr.to_string();
        let again = read(&printed);
        prop_assert_eq!(again.to_string(), printed.clone());
        prop_assert_eq!(tree(&again), tree(&expr), "{}", printed);
        let formatted = read(&pretty(&expr));
        prop_assert_eq!(tree(&formatted), tree(&expr));
    }
}
