//! The encoding of label sets holds for every string, and its order is that of the pairs.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

#[test]
fn display_is_what_people_write() {
    let show = |pairs: &[(&str, &str)]| Labels::from_pairs(pairs.iter().copied()).to_string();
    assert_eq!(show(&[]), "{}");
    assert_eq!(show(&[("__name__", "up")]), "up");
    assert_eq!(show(&[("job", "a"), ("__name__", "up")]), r#"up{job="a"}"#);
    assert_eq!(show(&[("b", "x\"\\\n"), ("a", "1")]), r#"{a="1", b="x\"\\\n"}"#);
    assert_eq!(show(&[("__name__", "my.metric"), ("a.b", "c")]), r#"{"my.metric", "a.b"="c"}"#);
}

#[test]
fn empty_values_are_no_labels_and_the_last_wins() {
    let labels = Labels::from_pairs([("a", ""), ("b", "1"), ("b", "2")]);
    assert_eq!(labels.iter().collect::<Vec<_>>(), [("b", "2")]);
    assert_eq!(labels.get("a"), None);
}

#[test]
fn decoding_refuses_what_is_not_canonical() {
    let good = Labels::from_pairs([("a", "1"), ("b", "2")]);
    assert!(LabelsRef::from_encoded(good.encoded()).is_ok());
    assert_eq!(
        LabelsRef::from_encoded(&good.encoded()[..good.encoded().len() - 1]),
        Err(LabelsDecodeError::Truncated)
    );
    let mut unsorted = String::new();
    push_pair(&mut unsorted, "b", "1");
    push_pair(&mut unsorted, "a", "1");
    assert_eq!(LabelsRef::from_encoded(&unsorted), Err(LabelsDecodeError::NotCanonical));
}

#[test]
fn lengths_around_every_digit_boundary_survive() {
    for length in [1, 127, 128, 2047, 2048, 16_383, 16_384, 16_385, 300_000] {
        let value = "x".repeat(length);
        let labels = Labels::from_pairs([("name", value.as_str()), ("z", "end")]);
        assert_eq!(labels.get("name").unwrap().len(), length);
        assert_eq!(labels.get("z"), Some("end"));
        assert!(LabelsRef::from_encoded(labels.encoded()).is_ok());
    }
}

proptest! {
    #[test]
    fn a_set_is_its_map(pairs in proptest::collection::btree_map(".{0,40}", ".{0,300}", 0..12)) {
        let labels = Labels::from_pairs(&pairs);
        let want: BTreeMap<_, _> =
            pairs.iter().filter(|(_, v)| !v.is_empty()).map(|(n, v)| (n.as_str(), v.as_str())).collect();
        prop_assert_eq!(labels.iter().collect::<BTreeMap<_, _>>(), want.clone());
        for (name, value) in want {
            prop_assert_eq!(labels.get(name), Some(value));
        }
        prop_assert_eq!(LabelsRef::from_encoded(labels.encoded()), Ok(&*labels));
    }

    #[test]
    fn order_is_that_of_the_pairs(
        a in proptest::collection::btree_map("[ab]{1,2}", "[xyäö]{1,2}|x{6,9}|x{126,130}", 0..4),
        b in proptest::collection::btree_map("[ab]{1,2}", "[xyäö]{1,2}|x{6,9}|x{126,130}", 0..4),
    ) {
        prop_assert_eq!(Labels::from_pairs(&a).cmp(&Labels::from_pairs(&b)), a.iter().cmp(b.iter()));
    }

    #[test]
    fn sorted_pairs_are_built_as_others(
        pairs in proptest::collection::vec(("[abä]{0,2}", "[xyö]{0,2}"), 0..4),
    ) {
        let built = Labels::from_sorted_pairs(
            pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())),
            &mut "left over".to_owned(),
        );
        let is_sorted = pairs.windows(2).all(|two| two[0].0 < two[1].0);
        let is_whole = pairs.iter().all(|(name, value)| !name.is_empty() && !value.is_empty());
        let want = (is_sorted && is_whole)
            .then(|| Labels::from_pairs(pairs.iter().map(|(n, v)| (n, v))));
        prop_assert_eq!(built, want);
    }

    #[test]
    fn decoding_any_string_never_panics(text in ".{0,64}") {
        if let Ok(labels) = LabelsRef::from_encoded(&text) {
            prop_assert_eq!(labels.iter().count(), labels.len());
        }
    }
}
