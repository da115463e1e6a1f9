//! `/federate`: the newest sample of each series, for another Prometheus to scrape.
//!
//! The answer is text format 0.0.4 or, where the scraper prefers it, delimited
//! protobuf, which alone can say native histograms. As for Prometheus, every
//! family is untyped, a series without `instance` says so with an empty one
//! (so that `honor_labels` keeps it empty), and external labels are added where
//! a series has none of that name.

mod protobuf;
mod text;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use model::sample::is_stale_nan;
use model::{Histogram, Labels, LabelsRef, Matcher, Millis, SampleColumns, TimeRange, Timestamp};
use storage::{Cancel, SelectHints, SelectRequest, SeriesStore};

use super::params::Params;
use super::query::run_blocking;
use super::respond::{ApiError, ErrorType};

/// How old the newest sample of a series may be: PromQL's lookback.
const LOOKBACK: Millis = Millis::from_secs(300);
/// The most series of one answer.
const SERIES_MAX: usize = 5_000_000;

/// What federation needs.
#[derive(Clone)]
pub struct Federation {
    /// The metrics.
    pub store: Arc<dyn SeriesStore>,
    /// Labels of all series that leave this server, at this moment.
    pub external_labels: Arc<dyn Fn() -> Labels + Send + Sync>,
}

impl Federation {
    /// The route.
    pub fn router(self) -> Router {
        Router::new().route("/federate", get(federate)).with_state(self)
    }
}

async fn federate(
    State(federation): State<Federation>,
    headers: HeaderMap,
    params: Params,
) -> Response {
    let selectors = match selectors(&params) {
        Ok(selectors) => selectors,
        Err(error) => return (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response(),
    };
    let format = Format::negotiate(&headers);
    let body = run_blocking(move |cancel| {
        let samples = federation.newest(&selectors, Timestamp::now(), &cancel)?;
        Ok(format.encode(&samples, &(federation.external_labels)()))
    });
    match body.await {
        Ok(body) => ([(header::CONTENT_TYPE, format.content_type())], body).into_response(),
        Err(error) => plain_error(&error),
    }
}

fn selectors(params: &Params) -> Result<Vec<Vec<Matcher>>, String> {
    params
        .all("match[]")
        .map(|text| ::query::promql::parse_selector(text).map_err(|error| error.to_string()))
        .collect()
}

/// Errors are plain text here: it is a scraper that reads them.
fn plain_error(error: &ApiError) -> Response {
    let status = match error.error_type {
        ErrorType::Execution => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    (status, format!("{}\n", error.message)).into_response()
}

/// The newest sample of a series.
#[derive(Debug)]
struct Newest {
    labels: Labels,
    at: Timestamp,
    value: Value,
}

#[derive(Debug)]
enum Value {
    Float(f64),
    Histogram(Arc<Histogram>),
}

impl Federation {
    /// The newest sample of each series that a selector matches, by metric name
    /// and then by labels; series that ended have none.
    fn newest(
        &self,
        selectors: &[Vec<Matcher>],
        now: Timestamp,
        cancel: &Cancel,
    ) -> Result<Vec<Newest>, ApiError> {
        let mut newest = Vec::new();
        let mut columns = SampleColumns::default();
        for matchers in selectors {
            let selection = self.store.select(&SelectRequest {
                matchers,
                range: TimeRange::new(now - LOOKBACK, now),
                hints: SelectHints::default(),
                series_max: SERIES_MAX,
                cancel,
            })?;
            for (index, labels) in selection.labels().iter().enumerate() {
                columns.clear();
                selection.read(index, &mut columns)?;
                // A series without a name can't be written.
                if labels.metric_name().is_some()
                    && let Some((at, value)) = last(&columns)
                {
                    newest.push(Newest { labels: labels.clone(), at, value });
                }
            }
        }
        newest.sort_by(|a, b| {
            let names = a.labels.metric_name().cmp(&b.labels.metric_name());
            names.then_with(|| a.labels.cmp(&b.labels))
        });
        newest.dedup_by(|a, b| a.labels == b.labels);
        Ok(newest)
    }
}

/// The later of the last samples of both columns, unless it ends the series.
fn last(columns: &SampleColumns) -> Option<(Timestamp, Value)> {
    let float = columns.floats.timestamps.last().zip(columns.floats.values.last());
    let histogram = columns.histograms.timestamps.last().zip(columns.histograms.histograms.last());
    match (float, histogram) {
        (Some((at, value)), before) if before.is_none_or(|(other, _)| other < at) => {
            (!is_stale_nan(*value)).then_some((*at, Value::Float(*value)))
        }
        (_, Some((at, histogram))) => {
            (!histogram.is_stale()).then(|| (*at, Value::Histogram(Arc::clone(histogram))))
        }
        _ => None,
    }
}

/// The labels of a series as they are written: its own but the name, then
/// external ones, and `instance` in any case.
fn written_labels<'a>(
    labels: &'a LabelsRef,
    external: &'a LabelsRef,
) -> impl Iterator<Item = (&'a str, &'a str)> {
    let own = labels.iter().filter(|(name, _)| *name != model::METRIC_NAME);
    let added = external.iter().filter(|(name, _)| labels.get(name).is_none());
    let has_instance = labels.get("instance").or(external.get("instance")).is_some();
    own.chain(added).chain((!has_instance).then_some(("instance", "")))
}

/// How the answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Text { quotes_names: bool },
    Protobuf,
}

impl Format {
    /// What the scraper likes best of what there is.
    fn negotiate(headers: &HeaderMap) -> Self {
        let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
        let mut best = (Self::Text { quotes_names: false }, 0.0);
        for offer in accept.unwrap_or("").split(',') {
            let mut parts = offer.split(';').map(str::trim);
            let media_type = parts.next().unwrap_or("");
            let parameters: Vec<_> = parts.filter_map(|part| part.split_once('=')).collect();
            let parameter =
                |name| parameters.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
            let quality = parameter("q").and_then(|q| q.parse().ok()).unwrap_or(1.0);
            let format = match media_type {
                "application/vnd.google.protobuf"
                    if parameter("proto") == Some("io.prometheus.client.MetricFamily")
                        && parameter("encoding") == Some("delimited") =>
                {
                    Self::Protobuf
                }
                "text/plain"
                    if parameter("version").is_none_or(|v| v == "0.0.4" || v == "1.0.0") =>
                {
                    Self::Text { quotes_names: parameter("escaping") == Some("allow-utf-8") }
                }
                _ => continue,
            };
            if quality > best.1 {
                best = (format, quality);
            }
        }
        best.0
    }

    const fn content_type(self) -> &'static str {
        match self {
            Self::Text { quotes_names: false } => "text/plain; version=0.0.4; charset=utf-8",
            Self::Text { quotes_names: true } => {
                "text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8"
            }
            Self::Protobuf => {
                "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
            }
        }
    }

    fn encode(self, samples: &[Newest], external: &LabelsRef) -> Vec<u8> {
        match self {
            Self::Text { quotes_names } => {
                text::encode(samples, external, quotes_names).into_bytes()
            }
            Self::Protobuf => protobuf::encode(samples, external),
        }
    }
}

#[cfg(test)]
mod tests;
