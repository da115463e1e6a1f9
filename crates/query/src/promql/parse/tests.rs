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
    assert_eq!(selector.name.as_deref(), Some("my.metric"));
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
    assert_eq!(ok("on{by=\"1\"}").value_type(), ValueType::Vector);
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
    for text in [
        "a[5m * 2]",
        "a offset (1h + 2m)",
        "a[step()]",
        "a[5m:step() * 2]",
        "rate(a[5m] anchored)",
        "rate(a[5m] smoothed)",
        "a </ 5",
        "limitk(1, a)",
        "info(a)",
        "a + fill(0) b",
        "sort_by_label(a, \"x\")",
        "a[max(5m, step())]",
        "mad_over_time(a[5m])",
    ] {
        experimental(text);
        assert!(parse(text, ParseOptions::default()).is_err(), "{text}");
    }
}

#[test]
fn faults_have_prometheus_messages_and_places() {
    fails("", "1:1: parse error: no expression found in input");
    fails("a +", "1:4: parse error: unexpected end of input");
    fails(
        "rate(a)",
        r#"1:6: parse error: expected type range vector in call to function "rate", got instant vector"#,
    );
    fails("rate(a[5m], 1)", r#"expected 1 argument(s) in call to "rate", got 2"#);
    fails("foo(a)", r#"1:1: parse error: unknown function with name "foo""#);
    fails("{}", "vector selector must contain at least one non-empty matcher");
    fails(r#"{a=~".*"}"#, "at least one non-empty matcher");
    fails(r#"a{a=~"("}"#, "error parsing regexp");
    fails("a[5m", "expected \"]\"");
    fails("a[0s]", "duration must be greater than 0");
    fails("1 == 2", "1:3: parse error: comparisons between scalars must use BOOL modifier");
    fails("a + bool b", "bool modifier can only be used on comparison operators");
    fails("1 and 2", r#"set operator "and" not allowed in binary scalar expression"#);
    fails("a + on (x) 1", "vector matching only allowed between instant vectors");
    fails("a and on (x) group_left b", "no grouping allowed for \"and\" operation");
    fails("a + on (x) group_left (x) b", "must not occur in ON and GROUP clause at once");
    fails("a[5m] + 1", "binary expression must contain only scalar and instant vector types");
    fails("-\"a\"", "unary expression only allowed");
    fails("sum(1)", "expected type instant vector in aggregation expression, got scalar");
    fails("topk(a)", "expected 2, got 1");
    fails("1 offset 5m", "offset modifier must be preceded by");
    fails("a offset 1m offset 2m", "offset may not be set multiple times");
    fails("a @ 1 @ 2", "may not be set multiple times");
    fails("sum(a)[5m]", "ranges only allowed for vector selectors");
    fails("a offset 1m [5m]", "no offset modifiers allowed before range");
    fails(r#"a{__name__="b"}"#, "metric name must not be set twice");
    fails("\"abc", "unterminated quoted string");
    fails("a\n+ + ~", "2:5: parse error: unexpected character: '~'");
    fails("5x", "bad number or duration syntax");
    fails(&"(".repeat(100_000), "nested deeper");
    fails(&"-".repeat(100_000), "nested deeper");
}

#[test]
fn strings_unescape_like_go() {
    for (text, want) in
        [(r#""a\n\t\"""#, "a\n\t\""), (r"'\'x\x41\u00e9\101'", "'xA\u{e9}A"), (r"`a\n`", r"a\n")]
    {
        let Expr::String(string) = ok(text) else { panic!("{text}") };
        assert_eq!(string.value, want);
    }
    fails(r#""\q""#, "unknown escape sequence");
    fails(r#""\xff""#, "not valid UTF-8");
}

proptest! {
    #[test]
    fn no_text_panics(text in r#"[a-z0-9 (){}\[\]"'`\\.,:@+*/%^=!~<>#-]{0,60}|(sum|rate|by|offset|a|5m|\[|\]|\(|\)|1|\+| ){0,20}"#) {
        let _ = parse(&text, ParseOptions { experimental: true });
    }
}
