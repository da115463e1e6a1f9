//! `query:` of `bellwether.yml`: what a query may use.

use model::{ByteSize, PromDuration};
use query::promql::{EngineConfig, ParseOptions};
use serde::{Deserialize, Serialize};

/// What a PromQL query may use; the defaults are Prometheus' where it has such a limit.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct QuerySection {
    /// How long after its sample a series still has a value.
    pub(crate) lookback: PromDuration,
    /// The longest that a query may take, waiting for its turn included.
    pub(crate) timeout: PromDuration,
    /// The most samples that a query may hold in memory at a time.
    pub(crate) samples_max: u64,
    /// The most series that one selector may match.
    pub(crate) series_max: usize,
    /// The most evaluation points of one expression, subqueries included.
    pub(crate) points_max: usize,
    /// The most bytes, estimated, that a query may hold at a time.
    pub(crate) memory_max: ByteSize,
    /// The most queries that run at once; others wait.
    pub(crate) concurrent_max: usize,
    /// The step of a subquery that names none.
    pub(crate) subquery_step: PromDuration,
    /// Whether PromQL has the functions and modifiers that Prometheus calls experimental and
    /// has behind a flag; here it has unless told otherwise.
    pub(crate) experimental: bool,
}

impl Default for QuerySection {
    fn default() -> Self {
        let engine = EngineConfig::default();
        let secs = |millis: model::Millis| PromDuration::from_millis(millis.get());
        Self {
            lookback: secs(engine.lookback),
            timeout: PromDuration::from_secs(engine.timeout.as_secs().cast_signed()),
            samples_max: engine.samples_max,
            series_max: engine.series_max,
            points_max: engine.points_max,
            memory_max: ByteSize(engine.memory_bytes_max),
            concurrent_max: engine.concurrent_max,
            subquery_step: secs(engine.subquery_step),
            experimental: true,
        }
    }
}

impl QuerySection {
    /// The settings of the engine.
    pub(crate) fn engine(&self) -> EngineConfig {
        EngineConfig {
            lookback: self.lookback.as_millis(),
            timeout: self.timeout.to_duration(),
            samples_max: self.samples_max,
            series_max: self.series_max,
            points_max: self.points_max,
            memory_bytes_max: self.memory_max.0,
            concurrent_max: self.concurrent_max,
            subquery_step: self.subquery_step.as_millis(),
            experimental: self.experimental,
        }
    }

    /// What expressions may hold.
    pub(crate) fn parse_options(&self) -> ParseOptions {
        ParseOptions { experimental: self.experimental }
    }

    /// Settings as `/api/v1/status/flags` of Prometheus names them.
    pub(crate) fn flags(&self) -> [(&'static str, String); 5] {
        let features = if self.experimental {
            "promql-experimental-functions,promql-duration-expr,promql-extended-range-selectors,promql-binop-fill-modifiers"
        } else {
            ""
        };
        [
            ("query.lookback-delta", self.lookback.to_string()),
            ("query.timeout", self.timeout.to_string()),
            ("query.max-samples", self.samples_max.to_string()),
            ("query.max-concurrency", self.concurrent_max.to_string()),
            ("enable-feature", features.to_owned()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_those_of_the_engine_with_all_of_the_language() {
        let expected = EngineConfig { experimental: true, ..EngineConfig::default() };
        assert_eq!(QuerySection::default().engine(), expected);
    }

    #[test]
    fn what_is_set_reaches_the_engine() {
        let section: QuerySection =
            serde_saphyr::from_str("{lookback: 1m, memory_max: 1MB, experimental: true}").unwrap();
        let engine = section.engine();
        assert_eq!(engine.lookback, model::Millis::from_secs(60));
        assert_eq!((engine.memory_bytes_max, engine.experimental), (1 << 20, true));
        let flags = section.flags();
        assert_eq!(flags[0], ("query.lookback-delta", "1m".to_owned()));
        assert!(flags[4].1.contains("promql-experimental-functions"));
    }
}
