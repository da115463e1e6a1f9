//! Settings that conflict are refused, secrets are sent but never shown.

use super::*;

fn read(yaml: &str) -> HttpClientConfig {
    serde_saphyr::from_str(yaml).unwrap()
}

async fn authorization(yaml: &str) -> Option<String> {
    let client = HttpClient::new(&read(yaml), "test").unwrap();
    let url = "http://127.0.0.1:1/".parse().unwrap();
    let request = client.request(Method::GET, url).await.unwrap().build().unwrap();
    request.headers().get("authorization").map(|value| value.to_str().unwrap().to_owned())
}

#[tokio::test]
async fn credentials_are_sent() {
    assert_eq!(authorization("{}").await, None);
    assert_eq!(
        authorization("basic_auth: {username: a, password: b}").await.as_deref(),
        Some("Basic YTpi")
    );
    assert_eq!(authorization("bearer_token: x").await.as_deref(), Some("Bearer x"));
    assert_eq!(
        authorization("authorization: {type: Token, credentials: x}").await.as_deref(),
        Some("Token x")
    );
}

#[tokio::test]
async fn a_secret_file_is_read_for_each_request() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "one\n").unwrap();
    let config = HttpClientConfig {
        bearer_token_file: Some(file.path().display().to_string()),
        ..HttpClientConfig::default()
    };
    let client = HttpClient::new(&config, "test").unwrap();
    for token in ["one", "two"] {
        std::fs::write(file.path(), token).unwrap();
        let url = "http://127.0.0.1:1/".parse().unwrap();
        let request = client.request(Method::GET, url).await.unwrap().build().unwrap();
        assert_eq!(request.headers()["authorization"], format!("Bearer {token}"));
    }
}

#[test]
fn conflicts_are_refused() {
    for yaml in [
        "{bearer_token: a, bearer_token_file: b}",
        "{bearer_token: a, basic_auth: {username: b}}",
        "{basic_auth: {password: a, password_file: b}}",
        "{authorization: {type: basic}}",
        "{tls_config: {cert: x}}",
        "{tls_config: {ca: x}}",
        "{tls_config: {min_version: TLS14}}",
        "{tls_config: {min_version: TLS13, max_version: TLS12}}",
        "{proxy_url: 'http://a b'}",
        "{http_headers: {'a b': {values: [c]}}}",
    ] {
        assert!(HttpClient::new(&read(yaml), "test").is_err(), "{yaml}");
    }
}

#[test]
fn secrets_are_never_shown() {
    let config = read("basic_auth: {username: a, password: hunter2}");
    let shown = format!("{config:?} {}", serde_json::to_string(&config).unwrap());
    assert!(!shown.contains("hunter2") && shown.contains("<secret>"), "{shown}");
}

#[tokio::test]
async fn a_token_is_kept_until_it_expires() {
    use axum::routing::post;
    let asked = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
    let counter = std::sync::Arc::clone(&asked);
    let answer = move |body: String| {
        let count = counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        async move {
            assert_eq!(body, "grant_type=client_credentials&scope=a+b");
            // The first token expires at once, the second one later.
            let expires_in = if count == 0 { 0 } else { 3600 };
            format!(r#"{{"access_token": "t{count}", "expires_in": {expires_in}}}"#)
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        axum::serve(listener, axum::Router::new().route("/token", post(answer))).await
    });
    let config = read(&format!(
        "oauth2: {{client_id: me, client_secret: x, scopes: [a, b], token_url: 'http://{address}/token'}}"
    ));
    let client = HttpClient::new(&config, "test").unwrap();
    for token in ["t0", "t1", "t1"] {
        let url = "http://127.0.0.1:1/".parse().unwrap();
        let request = client.request(Method::GET, url).await.unwrap().build().unwrap();
        assert_eq!(request.headers()["authorization"], format!("Bearer {token}"));
    }
    assert_eq!(asked.load(std::sync::atomic::Ordering::Relaxed), 2);
}
