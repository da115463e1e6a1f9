//! What commands share that ask a running server.

use std::io::{ErrorKind, Write};

use anyhow::Context;
use serde_json::Value;
use url::Url;

/// The address of a call of the Prometheus API; `base` may have a path of its own.
pub(super) fn api(base: &str, name: &str) -> anyhow::Result<Url> {
    let base = base.trim_end_matches('/');
    Url::parse(&format!("{base}/api/v1/{name}")).with_context(|| format!("--url {base:?}"))
}

/// The answer of a server.
pub(super) async fn get(url: &Url) -> anyhow::Result<Value> {
    collect::http_client::get_json(url).await.with_context(|| {
        format!("no server answers at {}; --url names another", url.origin().ascii_serialization())
    })
}

/// Prints to the standard output; whoever reads it may have read enough.
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_may_live_under_a_path() {
        let url = |base| api(base, "query").map(String::from);
        assert_eq!(url("http://a:1").unwrap(), "http://a:1/api/v1/query");
        assert_eq!(url("http://a:1/prometheus/").unwrap(), "http://a:1/prometheus/api/v1/query");
        assert!(url("nowhere").unwrap_err().to_string().contains("--url"));
    }
}
