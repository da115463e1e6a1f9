//! Requests over a real socket: what they carry, and what becomes of answers.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::post;
use parking_lot::Mutex;
use tokio::net::TcpListener;

use super::*;

type Seen = Arc<Mutex<Vec<(HeaderMap, Vec<u8>)>>>;

async fn receive(
    State(seen): State<Seen>,
    headers: HeaderMap,
    body: axum::body::Bytes,
) -> impl IntoResponse {
    seen.lock().push((headers, body.to_vec()));
    let written = [("x-prometheus-remote-write-samples-written", "3"), ("retry-after", "7")];
    (StatusCode::TOO_MANY_REQUESTS, written, "slow ".repeat(1000))
}

/// A receiver: its port and what it saw.
async fn server() -> (u16, Seen) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let seen = Seen::default();
    let stuck = || async { std::future::pending::<()>().await };
    let router = Router::new()
        .route("/write", post(receive))
        .route("/stuck", post(stuck))
        .with_state(Arc::clone(&seen));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (port, seen)
}

fn request() -> Outgoing {
    Outgoing {
        headers: vec![("X-Scope-OrgID".to_owned(), "t".to_owned())],
        body: b"hello".to_vec(),
        timeout: Duration::from_secs(5),
    }
}

fn transport_to(url: &str, client: &str) -> Transport {
    let config: HttpClientConfig = serde_saphyr::from_str(client).unwrap();
    transport(HttpClient::new(&config, "test/1").unwrap(), url.parse().unwrap())
}

#[tokio::test]
async fn requests_carry_credentials_and_answers_come_back() {
    let (port, seen) = server().await;
    let url = format!("http://127.0.0.1:{port}/write");
    let send = transport_to(&url, "basic_auth: {username: a, password: b}");
    let answer = send(request()).await.unwrap();
    assert_eq!((answer.status, answer.retry_after.as_deref()), (429, Some("7")));
    assert_eq!(answer.written, Some(Written { samples: 3, ..Written::default() }));
    assert_eq!(answer.body.len(), ANSWER_BYTES_MAX);
    let (headers, body) = seen.lock().pop().unwrap();
    assert_eq!(body, b"hello");
    for (name, value) in
        [("x-scope-orgid", "t"), ("authorization", "Basic YTpi"), ("user-agent", "test/1")]
    {
        assert_eq!(headers[name], value);
    }
}

#[tokio::test]
async fn silence_and_absence_are_faults() {
    let (port, _) = server().await;
    let stuck = transport_to(&format!("http://127.0.0.1:{port}/stuck"), "{}");
    let hurried = Outgoing { timeout: Duration::from_millis(50), ..request() };
    let fault = stuck(hurried).await.unwrap_err();
    assert!(fault.to_string().contains("timed out"), "{fault}");
    let nobody = transport_to("http://127.0.0.1:1/write", "{}");
    let fault = nobody(request()).await.unwrap_err();
    assert!(fault.to_string().to_lowercase().contains("refused"), "{fault}");
    let unreadable = transport_to("http://127.0.0.1:1/", "bearer_token_file: /nowhere");
    let fault = unreadable(request()).await.unwrap_err();
    assert!(fault.to_string().contains("/nowhere"), "{fault}");
}

#[test]
fn counts_that_are_missing_are_told_from_zeros() {
    assert_eq!(written(|_| None), None);
    let zero = written(|name| name.contains("exemplars").then(|| "0".to_owned()));
    assert_eq!(zero, Some(Written::default()));
    assert_eq!(written(|_| Some("many".to_owned())), None);
}
