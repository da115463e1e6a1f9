//! What is kept comes back, and a write that fails is told and loses nothing.

use std::collections::BTreeMap;

use alerting::alertmanager::{PostedAlert, Settings};
use alerting::silences::SilenceState;
use model::{Labels, Matcher, Millis, Timestamp};

use super::*;
use crate::config::AlertmanagerFile;

fn core(kept: Kept, now: Timestamp) -> Arc<Mutex<Alertmanager>> {
    let config = AlertmanagerFile::read(None).unwrap().config;
    let mut core = Alertmanager::new(config, Settings::default(), kept.silences, kept.log);
    core.load_alerts(kept.alerts, now);
    Arc::new(Mutex::new(core))
}

fn put(core: &Mutex<Alertmanager>, now: Timestamp) {
    let posted = PostedAlert {
        labels: Labels::from_pairs([("alertname", "A \"quoted\"")]),
        annotations: BTreeMap::from([("summary".to_owned(), "s".to_owned())]),
        starts_at: Some(now),
        ends_at: None,
        generator_url: "http://g".to_owned(),
    };
    core.lock().put_alerts(vec![posted], now);
}

#[tokio::test]
async fn alerts_and_silences_come_back() {
    let database = Arc::new(Database::in_memory().unwrap());
    let now = Timestamp::now();
    let first = core(load(&database).unwrap(), now);
    let keeper = Arc::new(Keeper::new(Arc::clone(&first), Arc::clone(&database)));
    let running = tokio::spawn(Arc::clone(&keeper).run());
    put(&first, now);
    let silence = Silence {
        id: None,
        matchers: vec![Matcher::equal("a", "b")],
        starts_at: now,
        ends_at: now + Millis::from_secs(3600),
        updated_at: now,
        created_by: "me".to_owned(),
        comment: String::new(),
    };
    let id = first.lock().set_silence(silence, || "one".to_owned(), now).unwrap().unwrap();
    keeper.keep().await.unwrap();
    first.lock().expire_silence(&id, now).unwrap();
    keeper.keep().await.unwrap();
    running.abort();
    let second = core(load(&database).unwrap(), now);
    assert_eq!(second.lock().silences().get(&id).unwrap().state(now), SilenceState::Expired);
    let (first, second) = (first.lock(), second.lock());
    let of = |core: &Alertmanager| core.alerts().iter().cloned().collect::<Vec<_>>();
    assert_eq!(of(&first), of(&second));
    assert_eq!(of(&second).len(), 1);
}

#[tokio::test]
async fn what_has_gone_goes_from_the_disk() {
    let database = Arc::new(Database::in_memory().unwrap());
    let now = Timestamp::now();
    let core = core(load(&database).unwrap(), now);
    let keeper = Arc::new(Keeper::new(Arc::clone(&core), Arc::clone(&database)));
    let running = tokio::spawn(Arc::clone(&keeper).run());
    put(&core, now);
    keeper.keep().await.unwrap();
    core.lock().collect(now + Millis::from_secs(7200));
    keeper.keep().await.unwrap();
    running.abort();
    assert!(database.alertmanager_rows(AlertmanagerTable::Alerts).unwrap().is_empty());
}

#[tokio::test]
async fn a_write_that_fails_is_told_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.db");
    let database = Arc::new(Database::open(&path).unwrap());
    let now = Timestamp::now();
    let core = core(load(&database).unwrap(), now);
    let keeper = Arc::new(Keeper::new(Arc::clone(&core), Arc::clone(&database)));
    let running = tokio::spawn(Arc::clone(&keeper).run());
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("ALTER TABLE alerts RENAME TO elsewhere").unwrap();
    put(&core, now);
    let error = keeper.keep().await.unwrap_err();
    assert!(error.contains("alerts"), "{error}");
    other.execute_batch("ALTER TABLE elsewhere RENAME TO alerts").unwrap();
    keeper.keep().await.unwrap();
    running.abort();
    assert_eq!(database.alertmanager_rows(AlertmanagerTable::Alerts).unwrap().len(), 1);
}
