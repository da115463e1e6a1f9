//! No template makes the engine panic, run for ever or take memory without end.

use proptest::prelude::*;

use super::value::STRING_MAP;
use super::*;

/// Pieces that templates are made of, whole and broken.
fn piece() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "{{",
        "}}",
        "{{-",
        "-}}",
        "{{ ",
        " }}",
        "{{/*",
        "*/}}",
        "(",
        ")",
        "|",
        ":=",
        "=",
        ",",
        ".",
        "$",
        "$x",
        "$x.y",
        ".A",
        ".A.b",
        ".L",
        ".S",
        " ",
        "\n",
        "\"",
        "`",
        "'a'",
        "\"text\"",
        "1",
        "-1",
        "0x1f",
        "1.5",
        "1e9",
        "99999999999999999999",
        "true",
        "nil",
        "if",
        "else",
        "end",
        "range",
        "with",
        "define",
        "template",
        "block",
        "break",
        "continue",
        "\"t\"",
        "and",
        "or",
        "not",
        "eq",
        "lt",
        "len",
        "index",
        "slice",
        "print",
        "printf",
        "html",
        "js",
        "urlquery",
        "call",
        "title",
        "match",
        "reReplaceAll",
        "humanize",
        "humanizeDuration",
        "query",
        "first",
        "tmpl",
        "args",
        "toTime",
        "join",
        "date",
        "toJson",
        "é",
        "\u{0}",
        "<a href=\"",
        "\">",
        "<script>",
        "%d%s%v%q%5.2f%[2]d%*d",
    ]);
    prop_oneof![8 => words.prop_map(str::to_owned), 1 => "\\PC{0,6}"]
}

fn actions() -> impl Strategy<Value = String> {
    let inner = prop::collection::vec(piece(), 0..6).prop_map(|pieces| pieces.join(" "));
    let action = inner.prop_map(|inner| format!("{{{{ {inner} }}}}"));
    prop::collection::vec(prop_oneof![3 => action, 1 => piece()], 0..8)
        .prop_map(|parts| parts.concat())
}

fn data() -> Value {
    let map = Value::string_map(&STRING_MAP, [("b", "1"), ("c", "<x>")]);
    let entries = [
        ("A".into(), map),
        ("L".into(), Value::list(vec![Value::Int(1), Value::Nil, Value::Float(f64::NAN)])),
        ("S".into(), Value::string("日本\u{0}text")),
    ];
    Value::map(entries.into())
}

fn run(source: &str, dialect: Dialect) {
    let limits = Limits { output_bytes_max: 10_000, steps_max: 2_000, depth_max: 30 };
    let mut set = TemplateSet::new(dialect).with_limits(limits);
    if set.add("t", source).is_err() {
        return;
    }
    let context = Context { now_ns: 1, ..Context::default() };
    for escape in [Escape::None, Escape::Html] {
        if let Ok(out) = set.execute("t", &data(), escape, &context) {
            assert!(out.len() <= 10_000 * 8 + source.len(), "{} bytes", out.len());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn pieces_in_any_order(source in prop::collection::vec(piece(), 0..40)) {
        run(&source.concat(), Dialect::Prometheus);
    }

    #[test]
    fn actions_of_any_words(source in actions()) {
        run(&source, Dialect::Prometheus);
        run(&source, Dialect::Alertmanager);
    }

    #[test]
    fn formats_of_any_kind(format in "[%+\\-# 0-9.*\\[\\]a-zA-Zé]{0,24}") {
        let source = format!("{{{{ printf {format:?} 1 .S .L .A 2.5 nil true }}}}");
        run(&source, Dialect::Go);
    }

    #[test]
    fn layouts_of_any_kind(layout in "[ 0-9_.,:Z\\-JanMonuaryPMT]{0,24}") {
        run(&format!("{{{{ now | date {layout:?} }}}}"), Dialect::Alertmanager);
    }
}
