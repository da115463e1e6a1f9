//! Lives of silences.

use model::Labels;

use super::*;
use crate::matchers::parse_matchers;

fn at(secs: i64) -> Timestamp {
    Timestamp::from_millis(secs * 1000)
}

fn silence(matchers: &str, starts: i64, ends: i64) -> Silence {
    Silence {
        id: None,
        matchers: parse_matchers(matchers).unwrap(),
        starts_at: at(starts),
        ends_at: at(ends),
        updated_at: at(0),
        created_by: "me".to_owned(),
        comment: "because".to_owned(),
    }
}

fn set(silences: &mut Silences, silence: Silence, now: i64) -> Result<Vec<String>, SilenceError> {
    let id = format!("id{}", silences.iter().count());
    let changed = silences.set(silence, || id, at(now))?;
    Ok(changed
        .iter()
        .map(|s| format!("{} {}", s.id.as_ref().unwrap(), s.state(at(now)).as_str()))
        .collect())
}

fn muting(silences: &Silences, labels: &str, now: i64) -> Vec<String> {
    let labels =
        Labels::from_pairs(labels.split_whitespace().map(|pair| pair.split_once('=').unwrap()));
    silences.muting(&labels, at(now)).map(ToString::to_string).collect()
}

#[test]
fn a_silence_mutes_from_its_start_to_its_end() {
    let mut silences = Silences::default();
    assert_eq!(
        set(&mut silences, silence("a=~\"x|y\",b!=c", 100, 200), 10).unwrap(),
        ["id0 pending"]
    );
    assert!(muting(&silences, "a=x", 99).is_empty());
    assert_eq!(muting(&silences, "a=x", 100), ["id0"]);
    assert_eq!(muting(&silences, "a=y b=d", 199), ["id0"]);
    assert!(muting(&silences, "a=y b=c", 150).is_empty());
    assert!(muting(&silences, "a=z", 150).is_empty());
    assert!(muting(&silences, "a=x", 200).is_empty());
}

#[test]
fn a_start_in_the_past_becomes_now() {
    let mut silences = Silences::default();
    set(&mut silences, silence("a=x", 0, 200), 50).unwrap();
    assert_eq!(silences.iter().next().unwrap().starts_at, at(50));
}

#[test]
fn an_edit_changes_or_replaces() {
    let mut silences = Silences::default();
    set(&mut silences, silence("a=x", 10, 200), 10).unwrap();
    let edit = |matchers: &str, starts: i64, ends: i64| {
        let mut edited = silence(matchers, starts, ends);
        edited.id = Some(SilenceId("id0".to_owned()));
        edited
    };
    // Longer, and another comment: the same silence.
    assert_eq!(set(&mut silences, edit("a=x", 10, 300), 50).unwrap(), ["id0 active"]);
    assert_eq!(silences.iter().next().unwrap().ends_at, at(300));
    // About other alerts: another silence, and this one ends.
    assert_eq!(
        set(&mut silences, edit("a=y", 10, 300), 60).unwrap(),
        ["id0 expired", "id1 active"]
    );
    assert!(muting(&silences, "a=x", 60).is_empty());
    assert_eq!(muting(&silences, "a=y", 60), ["id1"]);
    // An expired one is written anew.
    assert_eq!(set(&mut silences, edit("a=x", 10, 300), 70).unwrap(), ["id2 active"]);
    let unknown = Silence { id: Some(SilenceId("none".to_owned())), ..silence("a=x", 0, 100) };
    assert_eq!(
        set(&mut silences, unknown, 0),
        Err(SilenceError::NotFound(SilenceId("none".to_owned())))
    );
}

#[test]
fn ended_silences_stay_as_history_for_a_time() {
    let mut silences = Silences::default();
    set(&mut silences, silence("a=x", 0, 1000), 0).unwrap();
    let id = SilenceId("id0".to_owned());
    assert_eq!(silences.expire(&id, at(100)).unwrap().ends_at, at(100));
    assert_eq!(
        silences.expire(&id, at(101)).unwrap_err(),
        SilenceError::AlreadyExpired(id.clone())
    );
    let kept: Vec<Silence> = silences.iter().cloned().collect();
    let mut restored = Silences::default();
    restored.load(kept);
    assert_eq!(restored.get(&id).unwrap().comment, "because");
    assert_eq!(restored.collect(at(199), Millis::from_secs(100)), []);
    assert_eq!(restored.collect(at(200), Millis::from_secs(100)), [id]);
}

#[test]
fn a_pending_silence_that_is_ended_never_was() {
    let mut silences = Silences::default();
    set(&mut silences, silence("a=x", 500, 1000), 0).unwrap();
    let ended = silences.expire(&SilenceId("id0".to_owned()), at(100)).unwrap();
    assert_eq!((ended.starts_at, ended.ends_at), (at(100), at(100)));
}

#[test]
fn nonsense_is_refused() {
    let mut silences = Silences::new(1);
    let mut many = silence("a=x", 0, 10);
    many.matchers = vec![Matcher::equal("a", "b"); MATCHERS_MAX + 1];
    for (wrong, error) in [
        (silence("", 0, 10), SilenceError::NoMatchers),
        (silence("a=~\".*\"", 0, 10), SilenceError::MatchesEverything),
        (silence("a=\"\"", 0, 10), SilenceError::MatchesEverything),
        (silence("a=x", 10, 5), SilenceError::EndsBeforeStart),
        (silence("a=x", 1, 2), SilenceError::EndsInThePast),
        (many, SilenceError::TooManyMatchers { max: MATCHERS_MAX }),
    ] {
        assert_eq!(set(&mut silences, wrong, 3), Err(error));
    }
    set(&mut silences, silence("a=x", 0, 10), 3).unwrap();
    assert_eq!(set(&mut silences, silence("a=y", 0, 10), 3), Err(SilenceError::TooMany { max: 1 }));
}
