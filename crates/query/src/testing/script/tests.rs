//! Scripts that should be refused. That wrong results are noticed is proven
//! with the engine, in `tests/promql.rs`.

use super::read::read;
use super::*;

#[test]
fn commands_are_read_with_their_lines() {
    let script = "\
# comment
load 1m
  a 1 2
  # inside

  b{c=\"d\"} 3

eval_warn instant at 1m a + b
  {} 1.5!
  message text to find
table at 90
  1 => 1
  a => a 1; b{c=\"d\"} 3
  b => fail no such thing
clear";
    let steps = read(script).unwrap();
    let lines: Vec<_> = steps.iter().map(|step| step.line).collect();
    assert_eq!(lines, [2, 8, 12, 13, 14, 15]);
    let Command::Load { interval, series } = &steps[0].command else { panic!() };
    assert_eq!((interval.get(), series.len()), (60_000, 2));
    let Command::Eval(eval) = &steps[1].command else { panic!() };
    assert_eq!((eval.kind, eval.text.as_str()), (EvalKind::Warn, "a + b"));
    assert_eq!(eval.messages, ["text to find"]);
    let Expected::Series(series) = &eval.expected else { panic!() };
    assert!(series[0].values[0].is_exact && series[0].labels.is_empty());
    let Command::Eval(eval) = &steps[3].command else { panic!() };
    assert_eq!(eval.when, When::Instant(Timestamp::from_millis(90_000)));
    assert!(matches!(&eval.expected, Expected::Series(series) if series.len() == 2));
}

#[test]
fn what_is_no_command_is_refused_with_its_line() {
    for (script, line, message) in [
        ("\nfoo", 2, "unknown command"),
        ("load", 1, "not a valid duration"),
        ("load 5m\n  a b", 2, "expected a number"),
        ("eval at 5m a", 1, "expected `instant` or `range`"),
        ("eval instant in 5m a", 1, "expected `at`"),
        ("eval range from 0 to 5m a", 1, "expected `step`"),
        ("eval instant at 0 a\n  a x", 2, "expected a number"),
        ("eval instant at 0 a\n  a", 2, "expected a value"),
        ("table at 0\n  a", 2, "expected `EXPR => RESULT`"),
        ("table in 0", 1, "expected `table at TIME`"),
    ] {
        let failure = read(script).unwrap_err();
        assert_eq!(failure.line, line, "{script}: {failure}");
        assert!(failure.message.contains(message), "{script}: {failure}");
    }
}
