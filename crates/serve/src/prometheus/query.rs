//! `/query`, `/query_range`, `/query_exemplars`,
//! `/format_query`, `/parse_query`.

use ::query::promql::ast::Expr;
use ::query::promql::{InstantQuery, ParseOptions, QueryOptions, RangeQuery, parse, print};
use axum::extract::State;
use axum::response::Response;
use model::{Millis, Timestamp};
use storage::{Cancel, ExemplarRequest};

use super::PrometheusState;
use super::answer::{StatsShown, answer};
use super::params::Params;
use super::respond::{ApiError, ErrorType, Notes, success, success_value};

/// The most points of a series that a range query may ask for.
const POINTS_MAX: i64 = 11_000;

/// Runs blocking work on a thread of its own; what it computes is cancelled when
/// the client goes.
pub(super) async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce(Cancel) -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    struct CancelOnDrop(Cancel);
    impl Drop for CancelOnDrop {
        fn drop(&mut self) {
            self.0.cancel();
        }
    }
    let guard = CancelOnDrop(Cancel::new());
    let cancel = guard.0.clone();
    let result = tokio::task::spawn_blocking(move || work(cancel)).await;
    drop(guard);
    result.unwrap_or_else(|error| {
        tracing::error!(%error, "a request failed inside");
        Err(ApiError::new(ErrorType::Internal, "the request failed inside; the log says more"))
    })
}

/// `/api/v1/query`
pub async fn instant(
    State(state): State<PrometheusState>,
    params: Params,
) -> Result<Response, ApiError> {
    let query = InstantQuery {
        text: params.get("query").unwrap_or("").to_owned(),
        time: params.time("time")?.unwrap_or_else(Timestamp::now),
        options: options(&params)?,
    };
    let stats = StatsShown::of(&params);
    run_blocking(move |cancel| {
        let query = InstantQuery { options: QueryOptions { cancel, ..query.options }, ..query };
        let output = state.engine.instant(&state.store, &query)?;
        Ok(answer(output, stats))
    })
    .await
}

/// `/api/v1/query_range`
pub async fn range(
    State(state): State<PrometheusState>,
    params: Params,
) -> Result<Response, ApiError> {
    let (start, end) = (params.required_time("start")?, params.required_time("end")?);
    if end < start {
        return Err(ApiError::parameter("end", "end timestamp must not be before start time"));
    }
    let step = params
        .duration("step")?
        .ok_or_else(|| ApiError::parameter("step", "cannot parse \"\" to a valid duration"))?;
    if step <= Millis::ZERO {
        return Err(ApiError::parameter(
            "step",
            "zero or negative query resolution step widths are not accepted. Try a positive integer",
        ));
    }
    if end.since(start).get() / step.get() > POINTS_MAX {
        return Err(ApiError::new(
            ErrorType::BadData,
            "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)",
        ));
    }
    let text = params.get("query").unwrap_or("").to_owned();
    let query = RangeQuery { text, start, end, step, options: options(&params)? };
    let stats = StatsShown::of(&params);
    run_blocking(move |cancel| {
        let query = RangeQuery { options: QueryOptions { cancel, ..query.options }, ..query };
        let output = state.engine.range(&state.store, &query)?;
        Ok(answer(output, stats))
    })
    .await
}

fn options(params: &Params) -> Result<QueryOptions, ApiError> {
    Ok(QueryOptions {
        lookback: params.duration("lookback_delta")?,
        timeout: params.timeout()?,
        cancel: Cancel::new(),
        limit: params.limit()?,
        explain: matches!(params.get("stats"), Some("all" | "explain")),
    })
}

/// `/api/v1/query_exemplars`
pub async fn exemplars(
    State(state): State<PrometheusState>,
    params: Params,
) -> Result<Response, ApiError> {
    let range = params.range()?;
    if range.is_empty() {
        let message = "end timestamp must not be before start timestamp";
        return Err(ApiError::new(ErrorType::BadData, message));
    }
    let expr = parsed(&params)?;
    let mut selectors = Vec::new();
    collect_selectors(&expr, &mut selectors);
    let found = run_blocking(move |cancel| {
        let request = ExemplarRequest { selectors: &selectors, range, cancel: &cancel };
        if selectors.is_empty() { Ok(Vec::new()) } else { Ok(state.store.exemplars(&request)?) }
    })
    .await?;
    Ok(success(&Notes::default(), |json| {
        json.array(&found, |json, series| {
            json.raw(r#"{"seriesLabels":"#);
            json.labels(&series.labels);
            json.raw(r#","exemplars":"#);
            json.array(&series.exemplars, |json, exemplar| {
                json.raw(r#"{"labels":"#);
                json.labels(&exemplar.labels);
                json.raw(r#","value":"#);
                json.value(exemplar.value);
                json.raw(r#","timestamp":"#);
                json.timestamp(exemplar.timestamp);
                json.raw("}");
            });
            json.raw("}");
        });
    }))
}

fn collect_selectors(expr: &Expr, into: &mut Vec<Vec<model::Matcher>>) {
    match expr {
        Expr::Selector(selector) => into.push(selector.matchers.clone()),
        Expr::Range(range) => into.push(range.selector.matchers.clone()),
        other => other.children().into_iter().for_each(|child| collect_selectors(child, into)),
    }
}

/// `/api/v1/format_query`
pub async fn format(params: Params) -> Result<Response, ApiError> {
    let expr = parsed(&params)?;
    Ok(success(&Notes::default(), |json| json.string(&print::pretty(&expr))))
}

/// `/api/v1/parse_query`
pub async fn tree(params: Params) -> Result<Response, ApiError> {
    let expr = parsed(&params)?;
    Ok(success_value(&print::tree(&expr)))
}

fn parsed(params: &Params) -> Result<Expr, ApiError> {
    parse(params.get("query").unwrap_or(""), ParseOptions { experimental: true })
        .map_err(|error| ApiError::parameter("query", error))
}
