//! Whole jobs: targets come and go, and so does their configuration.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use model::sample::is_stale_nan;
use model::{Matcher, MetricMetadata, SampleBatch, TimeRange};
use parking_lot::Mutex;
use pipeline::Sink;
use storage::{
    AppendOptions, AppendOutcome, ExemplarRequest, LabelRequest, Maintenance, MaintenanceOutcome,
    MetadataRequest, Names, SelectRequest, SeriesExemplars, SeriesSelection, SeriesStore,
    StoreError, StoreStatus,
};

use crate::scrape::config::GlobalConfig;
use crate::scrape::{ScrapeConfig, Scraper, ScraperOptions};

/// Remembers the values of each series.
#[derive(Default)]
struct Memory(Mutex<BTreeMap<String, Vec<f64>>>);

impl SeriesStore for Memory {
    fn append(
        &self,
        batch: &SampleBatch,
        _options: &AppendOptions,
    ) -> Result<AppendOutcome, StoreError> {
        let mut series = self.0.lock();
        for view in batch.series() {
            series.entry(view.labels.to_string()).or_default().extend(view.values);
        }
        Ok(AppendOutcome::default())
    }

    fn select(&self, _: &SelectRequest<'_>) -> Result<Box<dyn SeriesSelection>, StoreError> {
        unreachable!("scraping only writes")
    }

    fn label_names(&self, _: &LabelRequest<'_>) -> Result<Names, StoreError> {
        unreachable!("scraping only writes")
    }

    fn label_values(&self, _: &str, _: &LabelRequest<'_>) -> Result<Names, StoreError> {
        unreachable!("scraping only writes")
    }

    fn exemplars(&self, _: &ExemplarRequest<'_>) -> Result<Vec<SeriesExemplars>, StoreError> {
        unreachable!("scraping only writes")
    }

    fn metadata(&self, _: &MetadataRequest) -> Result<Vec<MetricMetadata>, StoreError> {
        unreachable!("scraping only writes")
    }

    fn delete(&self, _: &[Vec<Matcher>], _: TimeRange) -> Result<(), StoreError> {
        unreachable!("scraping only writes")
    }

    fn status(&self, _: usize) -> StoreStatus {
        unreachable!("scraping only writes")
    }

    fn maintain(&self, _: &Maintenance) -> Result<MaintenanceOutcome, StoreError> {
        unreachable!("scraping only writes")
    }
}

struct Place {
    memory: Arc<Memory>,
    scraper: Arc<Scraper>,
    /// `127.0.0.1:port` and the same server by another name.
    addresses: [String; 2],
    /// How often a target was asked that never answers.
    hanging: Arc<Mutex<u32>>,
}

impl Place {
    async fn new() -> Self {
        let text = async || ([("content-type", "text/plain")], "m 1\n");
        let hanging = Arc::new(Mutex::new(0));
        let count = Arc::clone(&hanging);
        let hang = async move || {
            *count.lock() += 1;
            std::future::pending::<&str>().await
        };
        let router = Router::new().route("/metrics", get(text)).route("/hang", get(hang));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let memory = Arc::new(Memory::default());
        let sink = Arc::new(Sink::new(Arc::clone(&memory) as Arc<dyn SeriesStore>));
        let options = ScraperOptions { user_agent: "test".into() };
        let addresses = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
        Self { memory, scraper: Scraper::new(sink, options), addresses, hanging }
    }

    async fn apply(&self, yaml: &str) {
        self.apply_at("50ms", yaml).await;
    }

    async fn apply_at(&self, interval: &str, yaml: &str) {
        let yaml = yaml.replace("ONE", &self.addresses[0]).replace("TWO", &self.addresses[1]);
        let config: ScrapeConfig = serde_saphyr::from_str(&format!(
            "{{job_name: j, scrape_interval: {interval}, scrape_timeout: {interval}, {yaml}}}"
        ))
        .unwrap();
        let config = config.resolve(&GlobalConfig::default()).unwrap();
        self.scraper.apply(vec![config]).await.unwrap();
    }

    fn values(&self, metric: &str, address: usize) -> Vec<f64> {
        let key = format!(r#"{metric}{{instance="{}", job="j"}}"#, self.addresses[address]);
        self.memory.0.lock().get(&key).cloned().unwrap_or_default()
    }

    /// Waits until the series has `more` further values.
    async fn until_more(&self, metric: &str, address: usize, more: usize) {
        let wanted = self.values(metric, address).len() + more;
        self.until(|place| place.values(metric, address).len() >= wanted).await;
    }

    async fn until_stale(&self, metric: &str, address: usize) {
        let is_stale = |place: &Self| {
            place.values(metric, address).last().is_some_and(|value| is_stale_nan(*value))
        };
        self.until(is_stale).await;
    }

    async fn until(&self, holds: impl Fn(&Self) -> bool) {
        for _ in 0..2000 {
            if holds(self) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("it never came: {:?}", self.memory.0.lock());
    }

    fn stale(&self, metric: &str, address: usize) -> usize {
        self.values(metric, address).iter().filter(|value| is_stale_nan(**value)).count()
    }
}

#[tokio::test]
async fn a_target_that_leaves_the_configuration_goes_stale_and_others_go_on() {
    let place = Place::new().await;
    place.apply("static_configs: [{targets: ['ONE', 'TWO']}]").await;
    place.until_more("m", 0, 1).await;
    place.until_more("m", 1, 1).await;
    place.apply("static_configs: [{targets: ['ONE']}]").await;
    place.until_stale("m", 1).await;
    place.until_stale("up", 1).await;
    place.until_more("m", 0, 2).await;
    assert_eq!((place.stale("m", 0), place.stale("up", 0)), (0, 0));
    // A job that is gone leaves nothing fresh behind.
    place.scraper.apply(Vec::new()).await.unwrap();
    assert_eq!((place.stale("m", 0), place.stale("up", 0)), (1, 1));
    assert!(place.scraper.targets().active.is_empty());
}

#[tokio::test]
async fn targets_come_and_go_by_discovery() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.json");
    let place = Place::new().await;
    let write = |address: &str| {
        let fresh = dir.path().join("fresh");
        std::fs::write(&fresh, format!(r#"[{{"targets": ["{address}"]}}]"#)).unwrap();
        std::fs::rename(fresh, &path).unwrap();
    };
    write(&place.addresses[0]);
    let yaml = format!("file_sd_configs: [{{files: ['{}']}}]", path.display());
    place.apply(&yaml).await;
    place.until_more("m", 0, 1).await;
    write(&place.addresses[1]);
    place.until_stale("m", 0).await;
    place.until_more("m", 1, 1).await;
    // Other settings, the same targets: nothing goes stale while they are sought anew.
    place.apply(&format!("{yaml}, sample_limit: 9")).await;
    place.until_more("m", 1, 2).await;
    assert_eq!(place.stale("m", 1), 0);
    place.scraper.shutdown().await;
    assert_eq!(place.stale("m", 1), 0);
}

#[tokio::test]
async fn a_scrape_under_way_is_given_up_when_its_job_ends() {
    let place = Place::new().await;
    place.apply_at("2s", "metrics_path: /hang, static_configs: [{targets: ['ONE']}]").await;
    place.until(|place| *place.hanging.lock() > 0).await;
    place.scraper.shutdown().await;
    // Waited for, it would have failed and said so.
    assert!(place.values("up", 0).is_empty());
}
