//! Sections of `prometheus.yml` that nothing here acts on: their keys are
//! checked all the same, so that a typing error shows before the file moves on.

use collect::http_client::HttpClientConfig;
use collect::yaml_fields;
use model::PromDuration;
use serde::de::IgnoredAny;

/// `runtime:`, settings of Go's collector.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct RuntimeSection {
    gogc: Option<i64>,
}

yaml_fields!(deserialize RuntimeSection { gogc });

/// `storage:`
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct StorageSection {
    tsdb: TsdbSection,
    exemplars: ExemplarsSection,
}

yaml_fields!(deserialize StorageSection { tsdb, exemplars });

#[derive(Clone, Debug, Default, PartialEq)]
struct TsdbSection {
    out_of_order_time_window: Option<PromDuration>,
    stale_series_compaction_threshold: Option<f64>,
    retention: RetentionSection,
}

yaml_fields!(deserialize TsdbSection {
    out_of_order_time_window,
    stale_series_compaction_threshold,
    retention,
});

#[derive(Clone, Debug, Default, PartialEq)]
struct RetentionSection {
    time: Option<PromDuration>,
    size: Option<String>,
    percentage: Option<f64>,
}

yaml_fields!(deserialize RetentionSection { time, size, percentage });

#[derive(Clone, Debug, Default, PartialEq)]
struct ExemplarsSection {
    max_exemplars: Option<i64>,
}

yaml_fields!(deserialize ExemplarsSection { max_exemplars });

/// `tracing:`
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct TracingSection {
    client_type: IgnoredAny,
    endpoint: IgnoredAny,
    sampling_fraction: Option<f64>,
    insecure: Option<bool>,
    tls_config: IgnoredAny,
    headers: IgnoredAny,
    compression: IgnoredAny,
    timeout: Option<PromDuration>,
}

yaml_fields!(deserialize TracingSection {
    client_type,
    endpoint,
    sampling_fraction,
    insecure,
    tls_config,
    headers,
    compression,
    timeout,
});

/// An entry of `remote_read`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct RemoteReadConfig {
    url: String,
    name: Option<String>,
    remote_timeout: Option<PromDuration>,
    headers: IgnoredAny,
    chunked_read_limit: IgnoredAny,
    read_recent: Option<bool>,
    required_matchers: IgnoredAny,
    filter_external_labels: Option<bool>,
    client: HttpClientConfig,
}

yaml_fields!(deserialize RemoteReadConfig {
    url,
    name,
    remote_timeout,
    headers,
    chunked_read_limit,
    read_recent,
    required_matchers,
    filter_external_labels,
} + client: HttpClientConfig);
