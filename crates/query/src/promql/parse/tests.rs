//! What parses, into what, and what does not, with which message.

use model::Millis;
use proptest::prelude::*;

use super::*;
use crate::promql::ast::{AtModifier, BinaryOp, Cardinality, Grouping, ValueType};

fn ok(text: &str) -> Expr {
    parse(text, ParseOptions::default()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn experimental(text: &str) -> Expr {
    parse(text, ParseOptions { experimental: true })
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[track_caller]
fn fails(text: &str, message: &str) {
    let error = parse(text, ParseOptions::default()).map(|expr| format!("{expr:?}")).unwrap_err();
    assert!(error.to_string().contains(message), "{text}: {error}");
}

#[track_caller]
fn fails_with(text: &str, message: &str) {
    let error = parse(text, ParseOptions::default()).map(|expr| format!("{expr:?}")).unwrap_err();
    assert_eq!(error.to_string(), message, "{text}");
}

/// The tree as S-expression, for precedence.
fn shape(expr: &Expr) -> String {
    match expr {
        Expr::Number(node) => node.value.to_string(),
        Expr::Selector(node) => node.name.clone().unwrap_or_default(),
        Expr::Binary(node) => {
            format!("({} {} {})", node.op.as_str(), shape(&node.lhs), shape(&node.rhs))
        }
        Expr::Unary(node) => format!("(- {})", shape(&node.expr)),
        Expr::Paren(node) => shape(&node.expr),
        other => format!("{other:?}"),
    }
}

#[test]
fn operators_bind_as_documented() {
    for (text, want) in [
        ("a + b * c", "(+ a (* b c))"),
        ("a * b + c", "(+ (* a b) c)"),
        ("a ^ b ^ c", "(^ a (^ b c))"),
        ("-a ^ b", "(- (^ a b))"),
        ("-a * b", "(* (- a) b)"),
        ("a - b - c", "(- (- a b) c)"),
        ("a or b and c", "(or a (and b c))"),
        ("a unless b or c", "(or (unless a b) c)"),
        ("a > b + c", "(> a (+ b c))"),
        ("a == b > c", "(> (== a b) c)"),
        ("a atan2 b + c", "(+ (atan2 a b) c)"),
        ("2 ^ -1", "(^ 2 -1)"),
        ("(a + b) * c", "(* (+ a b) c)"),
    ] {
        assert_eq!(shape(&ok(text)), want, "{text}");
    }
}

#[test]
fn numbers_of_every_kind() {
    for (text, want) in [
        ("1", 1.0),
        ("-1", -1.0),
        ("+5.5e-3", 0.0055),
        ("0x1f", 31.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("1_000", 1000.0),
        ("Inf", f64::INFINITY),
        ("-inf", f64::NEG_INFINITY),
        ("1h30m", 5400.0),
        ("5ms", 0.005),
        ("010", 8.0),
        ("1e3", 1000.0),
    ] {
        let Expr::Number(number) = ok(text) else { panic!("{text}") };
        assert_eq!(number.value, want, "{text}");
    }
}

#[test]
fn selectors_and_their_modifiers() {
    let Expr::Selector(selector) = ok(r#"up{job="a",x!~"b.*"} offset -5m @ 1.5"#) else { panic!() };
    assert_eq!(selector.matchers.len(), 3);
    assert_eq!(selector.offset, Millis::new(-300_000));
    assert_eq!(selector.at, Some(AtModifier::Timestamp(model::Timestamp::from_millis(1500))));
    let Expr::Selector(selector) = ok(r#"{"my.metric", "a.b"='c'}"#) else { panic!() };
    assert_eq!(selector.name, None);
    assert_eq!(selector.matchers[0], model::Matcher::equal("__name__", "my.metric"));
    let Expr::Range(range) = ok("up[5m] @ start() offset 1h") else { panic!() };
    assert_eq!(
        (range.range, range.selector.offset),
        (Millis::new(300_000), Millis::new(3_600_000))
    );
    assert_eq!(range.selector.at, Some(AtModifier::Start));
    let Expr::Subquery(subquery) = ok("rate(up[5m])[1h:]") else { panic!() };
    assert_eq!((subquery.range, subquery.step), (Millis::new(3_600_000), None));
    assert_eq!(ok("a:b:c[1h:5m]").value_type(), ValueType::Matrix);
    assert_eq!(ok("sum").value_type(), ValueType::Vector);
    assert_eq!(ok("offset{by=\"1\"}").value_type(), ValueType::Vector);
}

#[test]
fn aggregations_and_matching() {
    let Expr::Aggregate(aggregate) = ok("sum by (a, b) (up)") else { panic!() };
    assert_eq!(aggregate.grouping, Grouping::By(vec!["a".into(), "b".into()]));
    let Expr::Aggregate(aggregate) = ok("topk(3, up) without (a)") else { panic!() };
    assert_eq!(aggregate.grouping, Grouping::Without(vec!["a".into()]));
    let Expr::Binary(binary) = ok("a / on (x) group_left (y) b") else { panic!() };
    let matching = binary.matching.unwrap();
    assert_eq!(matching.cardinality, Cardinality::ManyToOne);
    assert_eq!(matching.include, ["y"]);
    let Expr::Binary(binary) = ok("a and ignoring (x) b") else { panic!() };
    assert_eq!(binary.matching.unwrap().cardinality, Cardinality::ManyToMany);
    let Expr::Binary(binary) = ok("1 == bool 2") else { panic!() };
    assert!(binary.is_bool && binary.op == BinaryOp::Eql && binary.matching.is_none());
}

#[test]
fn what_is_experimental_is_behind_the_flag() {
    for (text, message) in [
        ("a[5m * 2]", "1:3: parse error: experimental duration expression is not enabled"),
        ("a offset (1h + 2m)", "experimental duration expression is not enabled"),
        ("a offset -step()", "experimental duration expression is not enabled"),
        ("a[step()]", "experimental duration expression is not enabled"),
        ("a[5m:step() * 2]", "experimental duration expression is not enabled"),
        ("a[max_of(5m, step())]", "experimental duration expression is not enabled"),
        ("rate(a[5m] anchored)", "anchored modifier is experimental and not enabled"),
        ("rate(a[5m] smoothed)", "smoothed modifier is experimental and not enabled"),
        ("a + fill(0) b", "binop fill modifiers are experimental and not enabled"),
        ("a + fill_left(-1) fill_right(2) b", "binop fill modifiers are experimental"),
        ("sum(limitk(1, a))", "1:5: parse error: limitk() is experimental and is not enabled"),
        ("limit_ratio(0.5, a)", "limit_ratio() is experimental and is not enabled"),
        ("info(a)", "1:1: parse error: function \"info\" is not enabled"),
        ("info(a, {})", "function \"info\" is not enabled"),
        ("sort_by_label(a, \"x\")", "function \"sort_by_label\" is not enabled"),
        ("mad_over_time(a[5m])", "function \"mad_over_time\" is not enabled"),
        ("start()", "function \"start\" is not enabled"),
        ("step() + range()", "function \"step\" is not enabled"),
        ("max_of(1, 2)", "function \"max_of\" is not enabled"),
    ] {
        experimental(text);
        fails(text, message);
    }
    // What Prometheus 3 has without a flag.
    ok("a </ 5 >/ 3");
    ok("first_over_time(a[5m])");
}

#[test]
fn computed_durations_bind_like_numbers() {
    let range = |text: &str| match experimental(text) {
        Expr::Range(range) => range.range_expr.map_or(range.range, |computed| {
            computed.resolve(Millis::from_secs(15), Millis::from_secs(3600), false).unwrap()
        }),
        other => panic!("{text}: {other:?}"),
    };
    for (text, seconds) in [
        ("a[5m + 2m * 3]", 660),
        ("a[(5m + 2m) * 3]", 1260),
        ("a[2 ^ 3 ^ 2]", 512),
        ("a[20 + -2 ^ 2]", 16),
        ("a[20 - -2 * 3]", 26),
        ("a[1h - 30m - 10m]", 1200),
        ("a[-(-5m)]", 300),
        ("a[step() * 4 + range() / 60]", 120),
        ("a[min_of(step(), 1m)]", 15),
        ("a[max_of(step(), 1m) % 7]", 4),
        ("a[300]", 300),
    ] {
        assert_eq!(range(text), Millis::from_secs(seconds), "{text}");
    }
    let Expr::Binary(product) = experimental("a offset 5m * 2") else { panic!() };
    assert_eq!(product.op, BinaryOp::Mul);
    let Expr::Selector(selector) = experimental("a offset -(5m * 2)") else { panic!() };
    let offset = selector.offset_expr.unwrap();
    let resolved = offset.resolve(Millis::new(1), Millis::new(1), true);
    assert_eq!(resolved, Ok(Millis::from_secs(-600)));
    for (text, reason) in [
        ("a[step() - 15]", "duration must be greater than 0"),
        ("a[1 / (step() - 15)]", "division by zero"),
        ("a[1 % (step() - 15)]", "modulo by zero"),
        ("a[10 ^ 400]", "duration is NaN or infinite"),
        ("a[10 ^ 12]", "duration is out of range"),
    ] {
        let Expr::Range(node) = experimental(text) else { panic!("{text}") };
        let computed = node.range_expr.unwrap();
        let found = computed.resolve(Millis::from_secs(15), Millis::ZERO, false);
        assert_eq!(found, Err(reason), "{text}");
    }
}

#[test]
fn keywords_are_names_where_nothing_else_fits() {
    for text in [
        "sum",
        "by",
        "without",
        "offset",
        "fill + fill(1) fill",
        "and",
        "or and or",
        "start",
        "end",
        "step",
        "range",
        "anchored",
        "smoothed",
        "max_of",
        "topk{a=\"b\"}",
        "count_values",
        "limitk + limit_ratio",
        "sum by (by, on, bool, atan2, group_left, offset, x:y) (a)",
        "a * on (sum) group_left (start) b",
        "a{sum=\"1\", by=\"2\"}",
        "SUM BY (a) (b)",
        "a OFFSET 5m",
        "sum without () (a)",
        "sum by (a,) (b)",
        "{a=\"b\",}",
        "sum by (\"a.b\", 'ü') (c)",
        "a # comment\n + b",
        "# only\na",
    ] {
        experimental(text);
    }
}

#[test]
fn faults_have_prometheus_messages_and_places() {
    for (text, message) in [
        ("", "unknown position: parse error: no expression found in input"),
        ("  ", "1:1: parse error: no expression found in input"),
        ("# a", "1:1: parse error: no expression found in input"),
        ("a +", "1:4: parse error: unexpected end of input"),
        ("a b", "1:3: parse error: unexpected identifier \"b\""),
        ("a 5", "1:3: parse error: unexpected number \"5\""),
        ("a 5m", "1:3: parse error: unexpected duration \"5m\""),
        ("a \"a long string\"", "1:3: parse error: unexpected string \"\\\"a long st\"..."),
        ("a a:b", "1:3: parse error: unexpected metric identifier \"a:b\""),
        ("* a", "1:1: parse error: unexpected <op:*>"),
        ("a + * b", "1:5: parse error: unexpected <op:*>"),
        ("a , b", "1:3: parse error: unexpected \",\""),
        ("a = b", "1:3: parse error: unexpected \"=\""),
        ("a + sum", "1:5: parse error: ok"),
        ("a + group_left b", "1:5: parse error: unexpected <group_left>"),
        (
            "a + on b",
            "1:8: parse error: unexpected identifier \"b\" in grouping opts, expected \"(\"",
        ),
        (
            "sum by (1) (a)",
            "1:9: parse error: unexpected number \"1\" in grouping opts, expected label",
        ),
        (
            "sum by (a b) (c)",
            "1:11: parse error: unexpected identifier \"b\" in grouping opts, expected \",\" or \")\"",
        ),
        ("sum(a b)", "1:7: parse error: unexpected identifier \"b\" in aggregation"),
        ("sum by (a) b", "1:12: parse error: unexpected identifier \"b\" in aggregation"),
        ("sum(rate(a b))", "1:12: parse error: unexpected identifier \"b\" in aggregation"),
        ("rate(a b)", "1:8: parse error: unexpected identifier \"b\""),
        ("rate(a[5m],)", "1:11: parse error: trailing commas not allowed in function call args"),
        ("(a", "1:3: parse error: unclosed left parenthesis"),
        ("a)", "1:2: parse error: unexpected right parenthesis ')'"),
        ("a]", "1:2: parse error: unexpected right bracket ']'"),
        ("a[5m", "1:5: parse error: unclosed left bracket"),
        ("a[", "1:3: parse error: unexpected end of input in duration expression"),
        (
            "a[]",
            "1:3: parse error: unexpected \"]\" in subquery or range selector, expected number, duration, step(), or range()",
        ),
        ("a[b]", "1:3: parse error: unexpected character in duration expression: 'b'"),
        ("a[5m b]", "1:6: parse error: unexpected character: 'b', expected ':'"),
        (
            "a[5m 5m]",
            "1:6: parse error: unexpected duration \"5m\" in subquery or range, expected \":\" or \"]\"",
        ),
        ("a[:5m]", "1:3: parse error: unexpected colon before duration in duration expression"),
        ("a[5m:5m:5m]", "1:8: parse error: unexpected colon ':'"),
        (
            "a[5m:5m 5m]",
            "1:9: parse error: unexpected duration \"5m\" in subquery selector, expected \"]\"",
        ),
        ("a[5m][5m]", "1:6: parse error: ranges only allowed for vector selectors"),
        ("sum(a)[5m]", "1:7: parse error: ranges only allowed for vector selectors"),
        ("a offset 1m [5m]", "1:13: parse error: no offset modifiers allowed before range"),
        ("a @ 1 [5m]", "1:7: parse error: no @ modifiers allowed before range"),
        ("a[0s]", "1:3: parse error: duration must be greater than 0"),
        ("a[-5m]", "1:3: parse error: duration must be greater than 0"),
        ("a[5m:0]", "1:6: parse error: duration must be greater than 0"),
        ("a[300y]", "1:3: parse error: duration out of range"),
        (
            "a[5m5m]",
            "1:3: parse error: not a valid duration string: \"5m5m\"; write it like 30s, 5m or 1h30m",
        ),
        (
            "a offset b",
            "1:10: parse error: unexpected identifier \"b\" in offset, expected number, duration, step(), or range()",
        ),
        (
            "1 offset 5m",
            "1:1: parse error: offset modifier must be preceded by an instant vector selector or range vector selector or a subquery",
        ),
        (
            "sum(a) offset 5m",
            "1:1: parse error: offset modifier must be preceded by an instant vector selector or range vector selector or a subquery",
        ),
        ("a offset 1m offset 2m", "1:1: parse error: offset may not be set multiple times"),
        ("a @ b", "1:5: parse error: unexpected identifier \"b\" in @, expected timestamp"),
        ("a @ start(1)", "1:11: parse error: unexpected number \"1\" in @, expected timestamp"),
        ("a @ 1 @ 2", "1:1: parse error: @ <timestamp> may not be set multiple times"),
        (
            "1 @ 1",
            "1:1: parse error: @ modifier must be preceded by an instant vector selector or range vector selector or a subquery",
        ),
        ("a @ Inf", "1:1: parse error: timestamp out of bounds for @ modifier: inf"),
        ("a{", "1:3: parse error: unexpected end of input inside braces"),
        (
            "a{b}",
            "1:4: parse error: unexpected \"}\" in label matching, expected label matching operator",
        ),
        ("a{b=}", "1:5: parse error: unexpected \"}\" in label matching, expected string"),
        (
            "a{b=c}",
            "1:5: parse error: unexpected identifier \"c\" in label matching, expected string",
        ),
        (
            "a{,}",
            "1:3: parse error: unexpected \",\" in label matching, expected identifier or \"}\"",
        ),
        (
            "a{b=\"c\" d=\"e\"}",
            "1:9: parse error: unexpected identifier \"d\" in label matching, expected \",\" or \"}\"",
        ),
        ("a{b>\"c\"}", "1:4: parse error: unexpected character inside braces: '>'"),
        ("a{b!\"c\"}", "1:4: parse error: unexpected character after '!' inside braces: '\"'"),
        ("a{{", "1:3: parse error: unexpected left brace '{'"),
        ("a{b=\"c\"}{d=\"e\"}", "1:9: parse error: unexpected \"{\""),
        ("{}", "1:1: parse error: vector selector must contain at least one non-empty matcher"),
        (
            "{a=~\".*\"}",
            "1:1: parse error: vector selector must contain at least one non-empty matcher",
        ),
        (
            "a{__name__=\"b\"}",
            "1:1: parse error: metric name must not be set twice: \"a\" or \"b\"",
        ),
        ("a{\"b\"}", "1:1: parse error: metric name must not be set twice: \"a\" or \"b\""),
        ("foo(a)", "1:1: parse error: unknown function with name \"foo\""),
        ("Rate(a[5m])", "1:1: parse error: unknown function with name \"Rate\""),
        (
            "rate(a)",
            "1:6: parse error: expected type range vector in call to function \"rate\", got instant vector",
        ),
        (
            "abs(\"a\")",
            "1:5: parse error: expected type instant vector in call to function \"abs\", got string",
        ),
        ("rate(a[5m], 1)", "1:1: parse error: expected 1 argument(s) in call to \"rate\", got 2"),
        (
            "round()",
            "1:1: parse error: expected at least 1 argument(s) in call to \"round\", got 0",
        ),
        (
            "round(a, 1, 2)",
            "1:1: parse error: expected at most 2 argument(s) in call to \"round\", got 3",
        ),
        (
            "label_join(a, \"b\")",
            "1:1: parse error: expected at least 3 argument(s) in call to \"label_join\", got 2",
        ),
        (
            "label_join(a, \"b\", \",\", \"c\", 1)",
            "1:30: parse error: expected type string in call to function \"label_join\", got scalar",
        ),
        ("sum()", "1:1: parse error: no arguments for aggregate expression provided"),
        (
            "sum(a, b)",
            "1:1: parse error: wrong number of arguments for aggregate expression provided, expected 1, got 2",
        ),
        (
            "topk(a)",
            "1:1: parse error: wrong number of arguments for aggregate expression provided, expected 2, got 1",
        ),
        (
            "sum(1)",
            "1:5: parse error: expected type instant vector in aggregation expression, got scalar",
        ),
        (
            "topk(a, b)",
            "1:6: parse error: expected type scalar in aggregation parameter, got instant vector",
        ),
        (
            "count_values(1, b)",
            "1:14: parse error: expected type string in aggregation parameter, got scalar",
        ),
        ("1 == 2", "1:3: parse error: comparisons between scalars must use BOOL modifier"),
        ("a + bool b", "1:3: parse error: bool modifier can only be used on comparison operators"),
        (
            "1 and 2",
            "1:1: parse error: set operator \"and\" not allowed in binary scalar expression",
        ),
        ("a or 2", "1:1: parse error: set operator \"or\" not allowed in binary scalar expression"),
        ("a + on (x) 1", "1:1: parse error: vector matching only allowed between instant vectors"),
        (
            "a and on (x) group_left b",
            "1:1: parse error: no grouping allowed for \"and\" operation",
        ),
        (
            "a + on (x) group_left (x) b",
            "1:3: parse error: label \"x\" must not occur in ON and GROUP clause at once",
        ),
        (
            "a[5m] + 1",
            "1:1: parse error: binary expression must contain only scalar and instant vector types",
        ),
        (
            "1 + \"a\"",
            "1:5: parse error: binary expression must contain only scalar and instant vector types",
        ),
        (
            "-\"a\"",
            "1:1: parse error: unary expression only allowed on expressions of type scalar or instant vector, got \"string\"",
        ),
        (
            "-a[5m]",
            "1:1: parse error: unary expression only allowed on expressions of type scalar or instant vector, got \"range vector\"",
        ),
        (
            "1[5m:1m]",
            "1:1: parse error: subquery is only allowed on instant vector, got scalar instead",
        ),
        ("\"abc", "1:1: parse error: unterminated quoted string"),
        ("\"\\q\"", "1:1: parse error: unknown escape sequence U+0071 'q'"),
        ("a\n+ + ~", "2:5: parse error: unexpected character: '~'"),
        ("ä", "1:1: parse error: unexpected character: 'ä'"),
        ("a ! b", "1:3: parse error: unexpected character after '!': ' '"),
        ("a =~ b", "1:3: parse error: unexpected character after '=': '~'"),
        ("5x", "1:1: parse error: bad number or duration syntax: \"5\""),
        ("1_", "1:1: parse error: bad number or duration syntax: \"1_\""),
        ("max_of(1, 2, 3)", "1:1: parse error: function \"max_of\" is not enabled"),
    ] {
        if message.ends_with(": ok") {
            ok(text);
            continue;
        }
        fails_with(text, message);
    }
    fails("a{b=~\"(\"}", "1:3: parse error: invalid regular expression \"(\" for label \"b\"");
}

#[test]
fn faults_that_only_experimental_queries_have() {
    for (text, message) in [
        (
            "info(a, b)",
            "1:9: parse error: expected label selectors only, got vector selector instead",
        ),
        ("info(a, sum(b))", "1:9: parse error: expected label selectors only"),
        ("info(a, 1)", "1:9: parse error: expected label selectors only"),
        (
            "a anchored smoothed",
            "1:1: parse error: anchored and smoothed modifiers cannot be used together",
        ),
        (
            "a[5m:1m] anchored",
            "1:1: parse error: anchored modifier is not supported for subqueries",
        ),
        ("sum(a) smoothed", "1:1: parse error: smoothed modifier not implemented"),
        ("a[5m / 0]", "1:6: parse error: division by zero"),
        ("a[5m % 0]", "1:6: parse error: modulo by zero"),
        (
            "a[(5m]",
            "1:6: parse error: unexpected \"]\" in subquery or range selector, expected number, duration, step(), or range()",
        ),
        (
            "1 + fill(1) a",
            "1:1: parse error: filling in missing series only allowed between instant vectors",
        ),
        (
            "a and fill(1) b",
            "1:1: parse error: filling in missing series not allowed for set operators",
        ),
        ("a + fill(b) c", "1:10: parse error: unexpected identifier \"b\""),
        ("max_of(1)", "1:1: parse error: expected 2 argument(s) in call to \"max_of\", got 1"),
        (
            "histogram_quantiles(a, \"q\")",
            "1:1: parse error: expected at least 3 argument(s) in call to \"histogram_quantiles\", got 2",
        ),
    ] {
        let error = parse(text, ParseOptions { experimental: true }).unwrap_err();
        assert_eq!(error.to_string(), message, "{text}");
    }
}

#[test]
fn places_cover_what_was_written() {
    let cut = |text: &'static str, expr: &Expr| &text[expr.span().start..expr.span().end];
    for text in [
        "a offset 5m",
        "a{b=\"c\"} @ end()",
        "a[5m] @ 1.5 offset -1h",
        "a[1h:5m] offset 5m",
        "sum(a) by (b)",
        "sum by (b) (a)",
        "rate(a[5m])",
        "-a",
        "-1.5",
        "(a + b)",
        "a + on (x) b",
        "\"text\"",
        "topk(1, a)",
    ] {
        assert_eq!(cut(text, &ok(text)), text);
    }
    let text = "sum( a + rate(b[5m]) )";
    let Expr::Aggregate(sum) = ok(text) else { panic!() };
    assert_eq!(cut(text, &sum.expr), "a + rate(b[5m])");
}

#[test]
fn what_is_too_deep_or_too_long_is_refused() {
    let too_deep = [
        "(".repeat(100_000),
        "-".repeat(100_000),
        "abs(".repeat(100_000),
        "sum(".repeat(100_000),
        format!("a{}", "+a".repeat(100_000)),
        format!("a{}", "^a".repeat(100_000)),
        format!("a{}", "[1h:]".repeat(100_000)),
        format!("a[{}", "(".repeat(100_000)),
        format!("a[{}", "-".repeat(100_000)),
        format!("a[1{}]", "+1".repeat(100_000)),
        format!("a[1{}]", "^1".repeat(100_000)),
    ];
    for text in too_deep {
        let error = parse(&text, ParseOptions { experimental: true }).unwrap_err();
        assert!(error.to_string().contains("levels deep"), "{:.10}: {error}", text);
    }
    let deep = NESTING_MAX - 1;
    ok(&format!("{}a{}", "(".repeat(deep), ")".repeat(deep)));
    ok(&format!("a{}", " ^ a".repeat(deep)));
    ok(&format!("a{}", " + a".repeat(DEPTH_MAX - 2)));
    fails(&" ".repeat(LENGTH_BYTES_MAX + 1), "make it shorter");
}

#[test]
fn selectors_alone_may_match_everything() {
    assert_eq!(parse_selector("{}").unwrap(), []);
    let matchers = parse_selector("up{a!=\"b\"}").unwrap();
    assert_eq!(format!("{matchers:?}"), "[a!=\"b\", __name__=\"up\"]");
    for text in ["up[5m]", "up offset 5m", "1", "sum(up)", "up up", ""] {
        assert!(parse_selector(text).is_err(), "{text}");
    }
}

#[test]
fn strings_unescape_like_go() {
    for (text, want) in
        [(r#""a\n\t\"""#, "a\n\t\""), (r"'\'x\x41\u00e9\101'", "'xA\u{e9}A"), (r"`a\n`", r"a\n")]
    {
        let Expr::String(string) = ok(text) else { panic!("{text}") };
        assert_eq!(string.value, want);
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in r#"[a-z0-9 (){}\[\]"'`\\.,:@+*/%^=!~<>#-]{0,60}|(sum|rate|by|offset|a|5m|\[|\]|\(|\)|1|\+| ){0,20}"#) {
        let _ = parse(&text, ParseOptions { experimental: true });
    }
}
