//! Answers of the servers that mechanisms ask: read whole, up to a limit.

use reqwest::header::HeaderMap;
use reqwest::{RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;

use super::DiscoveryError;
use crate::http_client::chain;

/// The most bytes of an answer: a list of targets is far shorter.
const ANSWER_BYTES_MAX: usize = 128 << 20;
/// How much of a refusal is shown.
const SHOWN_BYTES_MAX: usize = 300;

/// A successful answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) url: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// Sends `request` and reads what comes; any status but 2xx is an error.
    pub(super) async fn to(request: RequestBuilder) -> Result<Self, DiscoveryError> {
        Self::to_up_to(request, ANSWER_BYTES_MAX).await
    }

    async fn to_up_to(request: RequestBuilder, max: usize) -> Result<Self, DiscoveryError> {
        let response = send(request).await?;
        let (url, headers) = (shown_url(&response), response.headers().clone());
        let body = read(response, max).await?;
        Ok(Self { url, headers, body })
    }

    /// The body as JSON.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, DiscoveryError> {
        serde_json::from_slice(&self.body).map_err(|error| DiscoveryError::Malformed {
            place: self.url.clone(),
            reason: error.to_string(),
        })
    }

    /// A header as text; empty where there is none.
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
    }
}

/// Sends `request`; any status but 2xx is an error.
pub(super) async fn send(request: RequestBuilder) -> Result<Response, DiscoveryError> {
    let response = request.send().await.map_err(failed)?;
    if response.status().is_success() {
        return Ok(response);
    }
    let (url, status) = (shown_url(&response), response.status());
    Err(refused(url, status, read(response, ANSWER_BYTES_MAX).await.unwrap_or_default()))
}

fn refused(url: String, status: StatusCode, body: Vec<u8>) -> DiscoveryError {
    let shown = &body[..body.len().min(SHOWN_BYTES_MAX)];
    let body = String::from_utf8_lossy(shown).trim().to_owned();
    DiscoveryError::Status { url, status: status.as_u16(), body }
}

async fn read(mut response: Response, max: usize) -> Result<Vec<u8>, DiscoveryError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > max {
            return Err(DiscoveryError::Size { url: shown_url(&response), max });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// An error of the transport; the address stands once, without a password.
pub(super) fn failed(error: reqwest::Error) -> DiscoveryError {
    let url = error.url().map(|url| without_password(url.clone())).unwrap_or_default();
    DiscoveryError::Request { url, reason: chain(&error.without_url()) }
}

fn shown_url(response: &Response) -> String {
    without_password(response.url().clone())
}

fn without_password(mut url: reqwest::Url) -> String {
    // Neither fails for a URL with a host, and others have no password.
    let _ = url.set_password(None);
    url.to_string()
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::get;

    use super::*;

    async fn serve() -> reqwest::Url {
        let router = Router::new()
            .route("/sized", get(async || "0123456789"))
            .route("/no", get(async || (StatusCode::FORBIDDEN, "x".repeat(1000))));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}/").parse().unwrap()
    }

    fn client() -> reqwest::Client {
        crate::http_client::plain_client()
    }

    #[tokio::test]
    async fn answers_are_read_up_to_the_limit() {
        let url = serve().await.join("sized").unwrap();
        let ask = async |max| Answer::to_up_to(client().get(url.clone()), max).await;
        assert_eq!(ask(10).await.unwrap().body.len(), 10);
        assert!(matches!(ask(9).await, Err(DiscoveryError::Size { max: 9, .. })));
    }

    #[tokio::test]
    async fn refusals_are_cut_short() {
        let url = serve().await.join("no").unwrap();
        let Err(DiscoveryError::Status { status, body, .. }) = Answer::to(client().get(url)).await
        else {
            panic!("it was no refusal")
        };
        assert_eq!((status, body.len()), (403, SHOWN_BYTES_MAX));
    }
}
