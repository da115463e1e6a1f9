//! How long typical queries take over a store in memory.
//!
//! `cargo bench -p query` prints milliseconds a query, the best of several runs.
//! It asserts nothing: machines differ.

use std::sync::Arc;

use model::{Labels, Millis, SampleBatch, Timestamp};
use query::promql::{Engine, EngineConfig, QueryOptions, RangeQuery};
use query::testing::memory_store::MemoryStore;
use storage::{AppendOptions, SeriesStore};

const SERIES: usize = 10_000;
const SAMPLES: i64 = 720;
const INTERVAL_MS: i64 = 15_000;
const RUNS: usize = 5;

const QUERIES: [&str; 10] = [
    "requests_total",
    "rate(requests_total[5m])",
    "sum by (job) (rate(requests_total[5m]))",
    "sum(requests_total)",
    "avg without (instance) (requests_total)",
    "max_over_time(requests_total[1h])",
    "sum_over_time(requests_total[30m])",
    "topk(5, rate(requests_total[5m]))",
    "rate(requests_total[5m]) / on (instance, job) requests_total",
    "quantile by (job) (0.9, requests_total)",
];

fn main() {
    let store: Arc<dyn SeriesStore> = Arc::new(filled());
    let engine = Engine::new(EngineConfig::default());
    for text in QUERIES {
        let query = RangeQuery {
            text: text.to_owned(),
            start: Timestamp::from_millis(3_600_000),
            end: Timestamp::from_millis(SAMPLES * INTERVAL_MS),
            step: Millis::from_secs(60),
            options: QueryOptions::default(),
        };
        let mut best_ms = f64::INFINITY;
        for _ in 0..RUNS {
            match engine.range(&store, &query) {
                Ok(output) => {
                    // The store in memory copies all samples when it selects, so that
                    // is left out.
                    let took = output.stats.timings.inner_eval + output.stats.timings.result_sort;
                    best_ms = best_ms.min(took.as_secs_f64() * 1000.0);
                }
                Err(error) => println!("{text}: {error}"),
            }
        }
        println!("{best_ms:9.1} ms  {text}");
    }
}

fn filled() -> MemoryStore {
    let store = MemoryStore::new();
    for index in 0..SERIES {
        let labels = Labels::from_pairs([
            ("__name__", "requests_total"),
            ("instance", format!("host-{}:9100", index / 10).as_str()),
            ("job", format!("job-{}", index % 10).as_str()),
        ]);
        let mut batch = SampleBatch::default();
        batch.begin_series(&labels);
        for at in 0..SAMPLES {
            let value = (at * (index as i64 % 97 + 1)) as f64 * 0.1;
            batch.push(Timestamp::from_millis(at * INTERVAL_MS), value);
        }
        if let Err(error) = store.append(&batch, &AppendOptions::default()) {
            println!("cannot fill the store: {error}");
        }
    }
    store
}
