//! `/labels`, `/label/<name>/values`, `/series`, `/metadata`.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::response::Response;
use model::{Labels, MetricMetadata};
use storage::{LabelRequest, MetadataRequest, Names, SelectHints, SelectRequest};

use super::PrometheusState;
use super::params::Params;
use super::query::run_blocking;
use super::respond::{ApiError, ErrorType, Notes, success};

/// The most series that `/series` goes through.
const SERIES_MAX: usize = 5_000_000;

/// `/api/v1/labels`
pub async fn names(
    State(state): State<PrometheusState>,
    params: Params,
) -> Result<Response, ApiError> {
    let (selectors, range, limit) = (params.selectors()?, params.range()?, params.limit()?);
    let names = run_blocking(move |cancel| {
        let request = LabelRequest { selectors: &selectors, range, limit, cancel: &cancel };
        Ok(state.store.label_names(&request)?)
    })
    .await?;
    Ok(list(&names))
}

/// `/api/v1/label/<name>/values`
pub async fn values(
    State(state): State<PrometheusState>,
    Path(name): Path<String>,
    params: Params,
) -> Result<Response, ApiError> {
    let name = unescape_name(&name).filter(|name| !name.is_empty()).ok_or_else(|| {
        ApiError::new(ErrorType::BadData, format!("invalid label name: {name:?}"))
    })?;
    let (selectors, range, limit) = (params.selectors()?, params.range()?, params.limit()?);
    let values = run_blocking(move |cancel| {
        let request = LabelRequest { selectors: &selectors, range, limit, cancel: &cancel };
        Ok(state.store.label_values(&name, &request)?)
    })
    .await?;
    Ok(list(&values))
}

fn list(names: &Names) -> Response {
    success(&truncation(names.is_truncated), |json| {
        json.array(&names.values, |json, name| json.string(name));
    })
}

fn truncation(is_truncated: bool) -> Notes {
    let warnings =
        if is_truncated { vec!["results truncated due to limit".to_owned()] } else { Vec::new() };
    Notes { warnings, infos: Vec::new() }
}

/// `U__a_2e_b` is `a.b`: names that a path can't hold (Prometheus' "Values" escaping).
fn unescape_name(name: &str) -> Option<String> {
    let Some(mut rest) = name.strip_prefix("U__") else { return Some(name.to_owned()) };
    let mut out = String::new();
    while let Some(at) = rest.find('_') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('_') {
            out.push('_');
            rest = after;
            continue;
        }
        let (code, after) = rest.split_once('_')?;
        out.push(char::from_u32(u32::from_str_radix(code, 16).ok()?)?);
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

/// `/api/v1/series`
pub async fn series(
    State(state): State<PrometheusState>,
    params: Params,
) -> Result<Response, ApiError> {
    let (selectors, range, limit) = (params.selectors()?, params.range()?, params.limit()?);
    if selectors.is_empty() {
        return Err(ApiError::new(ErrorType::BadData, "no match[] parameter provided"));
    }
    let found = run_blocking(move |cancel| {
        let mut all: Vec<Labels> = Vec::new();
        for matchers in &selectors {
            let request = SelectRequest {
                matchers,
                range,
                hints: SelectHints::default(),
                series_max: SERIES_MAX,
                cancel: &cancel,
            };
            all.extend_from_slice(state.store.select(&request)?.labels());
        }
        all.sort();
        all.dedup();
        Ok(all)
    })
    .await?;
    let max = limit.unwrap_or(usize::MAX);
    Ok(success(&truncation(found.len() > max), |json| {
        json.array(found.iter().take(max), |json, labels| json.labels(labels));
    }))
}

/// `/api/v1/metadata`
pub async fn metadata(
    State(state): State<PrometheusState>,
    params: Params,
) -> Result<Response, ApiError> {
    let limit = params.lenient_limit("limit")?;
    // Zero is no limit here, unlike above: so it is in Prometheus.
    let per_metric = Some(params.lenient_limit("limit_per_metric")?)
        .filter(|max| *max > 0)
        .unwrap_or(usize::MAX);
    let request = MetadataRequest { family: params.get("metric").map(str::to_owned), limit: None };
    let all = run_blocking(move |_| Ok(state.store.metadata(&request)?)).await?;
    let mut families: BTreeMap<&str, Vec<&MetricMetadata>> = BTreeMap::new();
    for entry in &all {
        families.entry(&entry.family).or_default().push(entry);
    }
    Ok(success(&Notes::default(), |json| {
        json.raw("{");
        for (index, (family, entries)) in families.iter().take(limit).enumerate() {
            json.raw(if index > 0 { "," } else { "" });
            json.string(family);
            json.raw(":");
            json.array(entries.iter().take(per_metric), |json, entry| {
                json.raw(r#"{"type":"#);
                json.string(entry.kind.as_str());
                json.raw(r#","help":"#);
                json.string(&entry.help);
                json.raw(r#","unit":"#);
                json.string(&entry.unit);
                json.raw("}");
            });
        }
        json.raw("}");
    }))
}

#[cfg(test)]
mod tests {
    use super::unescape_name;

    #[test]
    fn names_are_unescaped() {
        assert_eq!(unescape_name("job").as_deref(), Some("job"));
        assert_eq!(unescape_name("U__a_2e_b__c").as_deref(), Some("a.b_c"));
        assert_eq!(unescape_name("U__a_zz_"), None);
    }
}
