//! Each action on small label sets.

use model::{Labels, LabelsBuilder};

use super::*;

type Pairs<'a> = &'a [(&'a str, &'a str)];

fn config(action: RelabelAction) -> RelabelConfig {
    RelabelConfig { action, ..RelabelConfig::default() }
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// What becomes of `before`; `None` where it is dropped.
fn run(config: &RelabelConfig, before: Pairs<'_>) -> Option<Labels> {
    let mut labels = LabelsBuilder::default();
    for (name, value) in before {
        labels.set(name, value);
    }
    match config.compile().unwrap().apply(&mut labels) {
        Relabelled::Keep => Some(labels.build()),
        Relabelled::Drop => None,
    }
}

#[track_caller]
fn check(config: &RelabelConfig, before: Pairs<'_>, after: Option<Pairs<'_>>) {
    let after = after.map(|pairs| Labels::from_pairs(pairs.iter().copied()));
    assert_eq!(run(config, before), after, "{config:?}");
}

#[test]
fn replace_joins_matches_and_expands() {
    let address = RelabelConfig {
        source_labels: names(&["__address__", "port"]),
        regex: some(r"([^:]+)(?::\d+)?;(\d+)"),
        replacement: some("$1:$2"),
        target_label: some("__address__"),
        ..config(RelabelAction::Replace)
    };
    check(
        &address,
        &[("__address__", "10.0.0.1:80"), ("port", "9102")],
        Some(&[("__address__", "10.0.0.1:9102"), ("port", "9102")]),
    );
    check(&address, &[("__address__", "a")], Some(&[("__address__", "a")]));
}

#[test]
fn replace_sets_constants_removes_with_empty_and_builds_target_names() {
    let constant = RelabelConfig {
        target_label: some("a"),
        replacement: some("x"),
        ..config(RelabelAction::Replace)
    };
    check(&constant, &[("b", "1")], Some(&[("a", "x"), ("b", "1")]));
    let removed = RelabelConfig { replacement: some(""), ..constant.clone() };
    check(&removed, &[("a", "1"), ("b", "1")], Some(&[("b", "1")]));
    let named = RelabelConfig {
        source_labels: names(&["b"]),
        regex: some("(.+)-(?P<rest>.+)"),
        target_label: some("to_${1}"),
        replacement: some("${rest}$$$nothing"),
        ..config(RelabelAction::Replace)
    };
    check(&named, &[("b", "k-v")], Some(&[("b", "k-v"), ("to_k", "v$")]));
}

#[test]
fn keep_and_drop() {
    let rule = |action| RelabelConfig {
        source_labels: names(&["a", "b"]),
        separator: some("/"),
        regex: some("1/2|3/4"),
        ..config(action)
    };
    let (hit, miss): (Pairs<'_>, Pairs<'_>) =
        (&[("a", "1"), ("b", "2")], &[("a", "1"), ("b", "4")]);
    check(&rule(RelabelAction::Keep), hit, Some(hit));
    check(&rule(RelabelAction::Keep), miss, None);
    check(&rule(RelabelAction::Drop), hit, None);
    check(&rule(RelabelAction::Drop), miss, Some(miss));
}

#[test]
fn keepequal_and_dropequal() {
    let rule = |action| RelabelConfig {
        source_labels: names(&["a"]),
        target_label: some("b"),
        ..config(action)
    };
    let (equal, other): (Pairs<'_>, Pairs<'_>) =
        (&[("a", "1"), ("b", "1")], &[("a", "1"), ("b", "2")]);
    check(&rule(RelabelAction::KeepEqual), equal, Some(equal));
    check(&rule(RelabelAction::KeepEqual), other, None);
    check(&rule(RelabelAction::DropEqual), equal, None);
    check(&rule(RelabelAction::DropEqual), other, Some(other));
}

#[test]
fn hashmod_is_the_low_half_of_md5() {
    // md5("foo") = acbd18db4cc2f85cedef654fccc4a4d8
    let rule = RelabelConfig {
        source_labels: names(&["a"]),
        target_label: some("shard"),
        modulus: Some(1000),
        ..config(RelabelAction::HashMod)
    };
    let bucket = (0xedef_654f_ccc4_a4d8_u64 % 1000).to_string();
    check(&rule, &[("a", "foo")], Some(&[("a", "foo"), ("shard", &bucket)]));
}

#[test]
fn label_names_are_mapped_kept_and_dropped() {
    let map = RelabelConfig { regex: some("__meta_(.+)"), ..config(RelabelAction::LabelMap) };
    check(&map, &[("__meta_x", "1")], Some(&[("__meta_x", "1"), ("x", "1")]));
    let drop = RelabelConfig { regex: some("b.*"), ..config(RelabelAction::LabelDrop) };
    check(&drop, &[("a", "1"), ("b1", "2")], Some(&[("a", "1")]));
    let keep = RelabelConfig { regex: some("b.*"), ..config(RelabelAction::LabelKeep) };
    check(&keep, &[("a", "1"), ("b1", "2")], Some(&[("b1", "2")]));
}

#[test]
fn cases_change() {
    let rule = |action| RelabelConfig {
        source_labels: names(&["a"]),
        target_label: some("b"),
        ..config(action)
    };
    check(&rule(RelabelAction::Lowercase), &[("a", "Xy")], Some(&[("a", "Xy"), ("b", "xy")]));
    check(&rule(RelabelAction::Uppercase), &[("a", "Xy")], Some(&[("a", "Xy"), ("b", "XY")]));
}

#[test]
fn rules_that_cannot_be_meant_are_refused() {
    let refused = |config: RelabelConfig| config.compile().unwrap_err();
    assert_eq!(refused(config(RelabelAction::Replace)), RelabelError::TargetLabel("replace"));
    assert_eq!(
        refused(RelabelConfig { target_label: some("a"), ..config(RelabelAction::HashMod) }),
        RelabelError::Modulus
    );
    assert!(matches!(
        refused(RelabelConfig { regex: some("("), ..config(RelabelAction::LabelDrop) }),
        RelabelError::Regex { .. }
    ));
    assert!(matches!(
        refused(RelabelConfig { target_label: some("a"), ..config(RelabelAction::LabelDrop) }),
        RelabelError::OtherFields { .. }
    ));
    assert!(matches!(
        refused(RelabelConfig { target_label: some("$x"), ..config(RelabelAction::Uppercase) }),
        RelabelError::TargetName { .. }
    ));
}
