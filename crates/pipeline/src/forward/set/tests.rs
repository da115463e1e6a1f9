//! Endpoints at work, before receivers that fail in every way.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use disk::FileDisk;
use model::{PromDuration, Timestamp};
use parking_lot::Mutex;
use tempfile::TempDir;

use super::*;
use crate::forward::transport::{Answer, Outgoing, TransportError};

/// A receiver: it answers by a script and remembers what it took.
#[derive(Default)]
struct Receiver {
    /// Statuses of the next answers; 204 once there are none. 0 is no answer.
    script: Mutex<Vec<u16>>,
    bodies: Mutex<Vec<Outgoing>>,
    tries: AtomicUsize,
    /// Whether it says what it wrote, as one of version 2.0 does.
    is_v2: bool,
}

impl Receiver {
    fn scripted(script: &[u16]) -> Arc<Self> {
        Arc::new(Self { script: Mutex::new(script.to_vec()), ..Self::default() })
    }

    fn transport(self: &Arc<Self>) -> Transport {
        let receiver = Arc::clone(self);
        Arc::new(move |request| {
            let receiver = Arc::clone(&receiver);
            Box::pin(async move { receiver.answer(request) })
        })
    }

    fn answer(&self, request: Outgoing) -> Result<Answer, TransportError> {
        self.tries.fetch_add(1, Ordering::Relaxed);
        let mut script = self.script.lock();
        let status = if script.is_empty() { 204 } else { script.remove(0) };
        if status == 0 {
            return Err(TransportError("connection refused".to_owned()));
        }
        if status / 100 == 2 {
            self.bodies.lock().push(request);
        }
        let written = self.is_v2.then(Default::default);
        Ok(Answer { status, written, ..Answer::default() })
    }

    /// The values of each series in the order in which they came; bodies are version 1.0.
    fn received(&self) -> BTreeMap<String, Vec<f64>> {
        let mut all: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for request in self.bodies.lock().iter() {
            let plain = snap::raw::Decoder::new().decompress_vec(&request.body).unwrap();
            for (name, values) in crate::forward::set::tests::v1::read(&plain) {
                all.entry(name).or_default().extend(values);
            }
        }
        all
    }

    fn samples(&self) -> usize {
        self.received().values().map(Vec::len).sum()
    }
}

/// Just enough of `prometheus.WriteRequest`.
mod v1 {
    use prost::Message;

    #[derive(Clone, PartialEq, prost::Message)]
    struct Request {
        #[prost(message, repeated, tag = "1")]
        series: Vec<Series>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    struct Series {
        #[prost(message, repeated, tag = "1")]
        labels: Vec<Label>,
        #[prost(message, repeated, tag = "2")]
        samples: Vec<Sample>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    struct Label {
        #[prost(string, tag = "1")]
        name: String,
        #[prost(string, tag = "2")]
        value: String,
    }
    #[derive(Clone, Copy, PartialEq, prost::Message)]
    struct Sample {
        #[prost(double, tag = "1")]
        value: f64,
    }

    /// The metric names and their values.
    pub(super) fn read(body: &[u8]) -> Vec<(String, Vec<f64>)> {
        let request = Request::decode(body).unwrap();
        let each = request.series.into_iter().map(|series| {
            let name = series.labels.iter().find(|label| label.name == "__name__").unwrap();
            (name.value.clone(), series.samples.iter().map(|sample| sample.value).collect())
        });
        each.collect()
    }
}

fn config() -> ForwardConfig {
    let mut config = ForwardConfig { url: "http://other/write".to_owned(), ..Default::default() };
    config.queue_config.batch_send_deadline = PromDuration::from_millis(5);
    config.queue_config.min_backoff = PromDuration::from_millis(1);
    config.queue_config.max_backoff = PromDuration::from_millis(4);
    config.queue_config.max_samples_per_send = 10;
    config
}

fn forwarders(dir: &TempDir, metrics: &ForwardMetrics) -> Forwarders {
    Forwarders::new(Arc::new(FileDisk), dir.path().to_owned(), 1 << 20, metrics.clone())
}

fn endpoint(config: ForwardConfig, receiver: &Arc<Receiver>) -> Endpoint {
    let transport_version = format!("{:p}", Arc::as_ptr(receiver));
    Endpoint { config, transport: receiver.transport(), transport_version }
}

/// `series` series, each with the value `value` now.
fn batch(series: usize, value: f64) -> SampleBatch {
    let mut batch = SampleBatch::default();
    for number in 0..series {
        batch.begin_series(&Labels::from_pairs([("__name__", format!("m{number}"))]));
        batch.push(Timestamp::now(), value);
    }
    batch
}

async fn eventually(what: &str, condition: impl Fn() -> bool) {
    for _ in 0..2000 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("not within ten seconds: {what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_arrives_once_and_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let (receiver, metrics) = (Receiver::scripted(&[]), ForwardMetrics::default());
    let forwarders = forwarders(&dir, &metrics);
    forwarders.apply(vec![endpoint(config(), &receiver)], &Labels::empty()).await.unwrap();
    for value in 0..50 {
        forwarders.offer(&batch(25, f64::from(value)));
    }
    eventually("all arrive", || receiver.samples() == 50 * 25).await;
    let expected: Vec<f64> = (0..50).map(f64::from).collect();
    assert!(receiver.received().values().all(|values| *values == expected));
    let request = receiver.bodies.lock()[0].clone();
    assert!(request.headers.contains(&("Content-Encoding".to_owned(), "snappy".to_owned())));
    assert!(
        request
            .headers
            .contains(&("X-Prometheus-Remote-Write-Version".to_owned(), "0.1.0".to_owned()))
    );
    let counted = metrics.of_endpoint(&name(&config()), &config().url).sent_and_failed();
    assert_eq!(counted, (50 * 25, 0));
    forwarders.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_tried_again_and_refusals_are_not() {
    let dir = tempfile::tempdir().unwrap();
    // No answer, unavailable, too many, then all is well; the last is refused for good.
    let receiver = Receiver::scripted(&[0, 503, 429, 500, 204, 400]);
    let metrics = ForwardMetrics::default();
    let forwarders = forwarders(&dir, &metrics);
    forwarders.apply(vec![endpoint(config(), &receiver)], &Labels::empty()).await.unwrap();
    forwarders.offer(&batch(1, 1.0));
    eventually("the first arrives", || receiver.samples() == 1).await;
    forwarders.offer(&batch(1, 2.0));
    let counted = || metrics.of_endpoint(&name(&config()), &config().url).sent_and_failed();
    eventually("the second is refused", || counted() == (1, 1)).await;
    forwarders.offer(&batch(1, 3.0));
    eventually("the third arrives", || receiver.samples() == 2).await;
    assert_eq!(receiver.received()["m0"], [1.0, 3.0]);
    forwarders.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_goes_on_where_the_last_answer_was() {
    let dir = tempfile::tempdir().unwrap();
    let metrics = ForwardMetrics::default();
    let down = Receiver::scripted(&[0; 10_000]);
    let first = forwarders(&dir, &metrics);
    first.apply(vec![endpoint(config(), &down)], &Labels::empty()).await.unwrap();
    (0..20).for_each(|value| first.offer(&batch(5, f64::from(value))));
    eventually("it is tried", || down.tries.load(Ordering::Relaxed) > 3).await;
    first.shutdown().await;
    drop(first);

    let up = Receiver::scripted(&[]);
    let second = forwarders(&dir, &metrics);
    second.apply(vec![endpoint(config(), &up)], &Labels::empty()).await.unwrap();
    eventually("what waited arrives", || up.samples() == 100).await;
    second.offer(&batch(5, 20.0));
    eventually("and what is new", || up.samples() == 105).await;
    let expected: Vec<f64> = (0..=20).map(f64::from).collect();
    assert!(up.received().values().all(|values| *values == expected), "{:?}", up.received());
    second.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_keeps_the_queue_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let metrics = ForwardMetrics::default();
    let forwarders = forwarders(&dir, &metrics);
    let down = Receiver::scripted(&[503; 10_000]);
    forwarders.apply(vec![endpoint(config(), &down)], &Labels::empty()).await.unwrap();
    forwarders.offer(&batch(3, 1.0));
    eventually("it is tried", || down.tries.load(Ordering::Relaxed) > 0).await;
    let up = Receiver::scripted(&[]);
    let external = Labels::from_pairs([("cluster", "c1")]);
    forwarders.apply(vec![endpoint(config(), &up)], &external).await.unwrap();
    forwarders.offer(&batch(3, 2.0));
    eventually("both arrive", || up.samples() == 6).await;
    assert_eq!(up.received()["m0"], [1.0, 2.0]);
    // One that is not configured any more is forgotten with its queue.
    forwarders.apply(Vec::new(), &external).await.unwrap();
    forwarders.offer(&batch(3, 3.0));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_oldest_is_dropped_and_counted_where_the_disk_is_full() {
    let dir = tempfile::tempdir().unwrap();
    let metrics = ForwardMetrics::default();
    let forwarders =
        Forwarders::new(Arc::new(FileDisk), dir.path().to_owned(), 20_000, metrics.clone());
    let receiver = Receiver::scripted(&[503; 100_000]);
    forwarders.apply(vec![endpoint(config(), &receiver)], &Labels::empty()).await.unwrap();
    (0..500).for_each(|value| forwarders.offer(&batch(5, f64::from(value))));
    let counted = metrics.of_endpoint(&name(&config()), &config().url);
    use crate::forward::metrics::DropReason;
    assert!(counted.dropped_for(DropReason::QueueFull) > 1000);
    receiver.script.lock().clear();
    eventually("the newest arrives", || {
        receiver.received().get("m0").is_some_and(|values| values.last() == Some(&499.0))
    })
    .await;
    forwarders.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_of_version_one_gets_version_one() {
    let dir = tempfile::tempdir().unwrap();
    let metrics = ForwardMetrics::default();
    let forwarders = forwarders(&dir, &metrics);
    let wanted = ForwardConfig { protobuf_message: crate::forward::MessageVersion::V2, ..config() };
    let old = Receiver::scripted(&[415]);
    forwarders.apply(vec![endpoint(wanted.clone(), &old)], &Labels::empty()).await.unwrap();
    forwarders.offer(&batch(1, 1.0));
    eventually("it arrives", || old.bodies.lock().len() == 1).await;
    assert_eq!(old.samples(), 1);

    let new = Arc::new(Receiver { is_v2: true, ..Receiver::default() });
    forwarders.apply(vec![endpoint(wanted, &new)], &Labels::empty()).await.unwrap();
    forwarders.offer(&batch(1, 2.0));
    eventually("it arrives", || new.bodies.lock().len() == 1).await;
    let is_v2 =
        |(name, value): &(String, String)| name == "Content-Type" && value.contains("v2.Request");
    assert!(new.bodies.lock()[0].headers.iter().any(is_v2));
    forwarders.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn old_samples_are_left_out() {
    let dir = tempfile::tempdir().unwrap();
    let metrics = ForwardMetrics::default();
    let forwarders = forwarders(&dir, &metrics);
    let receiver = Receiver::scripted(&[]);
    let mut config = config();
    config.queue_config.sample_age_limit = PromDuration::from_secs(60);
    forwarders.apply(vec![endpoint(config.clone(), &receiver)], &Labels::empty()).await.unwrap();
    let mut mixed = batch(1, 1.0);
    mixed.begin_series(&Labels::from_pairs([("__name__", "old")]));
    mixed.push(Timestamp::from_millis(1), 1.0);
    forwarders.offer(&mixed);
    eventually("the young one arrives", || receiver.samples() == 1).await;
    let counted = metrics.of_endpoint(&name(&config), &config.url);
    assert_eq!(counted.dropped_for(crate::forward::metrics::DropReason::TooOld), 1);
    forwarders.shutdown().await;
}

#[tokio::test]
async fn endpoints_that_can_not_be_told_apart_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let forwarders = forwarders(&dir, &ForwardMetrics::default());
    let receiver = Receiver::scripted(&[]);
    let twice = vec![endpoint(config(), &receiver), endpoint(config(), &receiver)];
    let error = forwarders.apply(twice, &Labels::empty()).await.unwrap_err();
    assert!(matches!(error, ForwardError::Duplicate(_)), "{error}");
    let empty = vec![endpoint(ForwardConfig::default(), &receiver)];
    let error = forwarders.apply(empty, &Labels::empty()).await.unwrap_err();
    assert!(error.to_string().contains("remote_write[0]: url"), "{error}");
}
