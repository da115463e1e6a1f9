//! `/graph`: links that alerts carry, in the form of Prometheus' page. They lead
//! to the same queries on ours.

use axum::extract::RawQuery;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use url::form_urlencoded::{Serializer, parse};

/// The most queries of a link; the page has no room for more.
const QUERIES_MAX: usize = 12;

/// Redirects to the queries of the link.
pub(super) async fn graph(RawQuery(query): RawQuery) -> Response {
    // Relative, so that it holds behind a proxy with a path of its own.
    let location = format!("explore?{}", explore(query.as_deref().unwrap_or("")));
    (StatusCode::FOUND, [(header::LOCATION, location)]).into_response()
}

/// The parameters of our page: each `gN.expr`, and of the first one the range
/// and whether it is a table.
fn explore(query: &str) -> String {
    let pairs: Vec<(String, String)> = parse(query.as_bytes()).into_owned().collect();
    let first =
        |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let mut out = Serializer::new(String::new());
    let is_expr = |key: &str| key.starts_with('g') && key.ends_with(".expr");
    let exprs = pairs.iter().filter(|(key, _)| is_expr(key));
    for (_, expr) in exprs.take(QUERIES_MAX) {
        out.append_pair("q", expr);
    }
    if let Some(range) = first("g0.range_input").filter(|range| !range.is_empty()) {
        out.append_pair("from", &format!("now-{range}")).append_pair("to", "now");
    }
    if matches!(first("g0.tab"), Some("1" | "table")) {
        out.append_pair("view", "table");
    }
    out.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_alerts_lead_to_the_same_query() {
        assert_eq!(explore("g0.expr=up+%3D%3D+0&g0.tab=1"), "q=up+%3D%3D+0&view=table");
        assert_eq!(
            explore("g0.expr=a&g0.range_input=2h&g0.tab=0&g1.expr=b"),
            "q=a&q=b&from=now-2h&to=now"
        );
        assert_eq!(explore(""), "");
        let many: String = (0..20).map(|index| format!("g{index}.expr=a&")).collect();
        assert_eq!(explore(&many).matches("q=a").count(), QUERIES_MAX);
    }
}
