//! Sending to servers on this machine.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::any;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use super::*;
use crate::config::http::{Authorization, BasicAuth, HeaderValues, OAuth2};
use crate::config::secret::Secret;
use crate::notify::email::{EmailAuth, EmailMessage, EmailTls};
use crate::notify::request::Method;

const TIMEOUT: Duration = Duration::from_secs(20);

type Seen = Arc<Mutex<Vec<String>>>;

/// A server that notes what it sees; `/fail/N` answers with that status.
async fn http_server() -> (String, Seen) {
    let seen = Seen::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(any(answer)).with_state(Arc::clone(&seen));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, seen)
}

async fn answer(
    State(seen): State<Seen>,
    method: axum::http::Method,
    uri: axum::http::Uri,
    headers: HeaderMap,
    body: String,
) -> axum::response::Response {
    let header = |name: &str| headers.get(name).map_or("", |v| v.to_str().unwrap()).to_owned();
    let line =
        format!("{method} {uri} [{}] [{}] {body}", header("authorization"), header("x-team"));
    let count = {
        let mut seen = seen.lock();
        seen.push(line);
        seen.len()
    };
    match uri.path() {
        "/token" => "{\"access_token\": \"fetched\", \"expires_in\": 3600}".into_response(),
        "/slow" => {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            StatusCode::OK.into_response()
        }
        "/redirect" => (StatusCode::TEMPORARY_REDIRECT, [("location", "/target")]).into_response(),
        "/rest/api/2/search" => "{\"issues\": []}".into_response(),
        path => match path.strip_prefix("/fail/").and_then(|code| code.parse::<u16>().ok()) {
            Some(code) => {
                (StatusCode::from_u16(code).unwrap(), format!("n{count}")).into_response()
            }
            None => "{}".into_response(),
        },
    }
}

fn post(url: String) -> HttpRequest {
    HttpRequest::json(Method::Post, url, &serde_json::json!({ "a": 1 }))
}

async fn send(url: String, config: &HttpConfig) -> Verdict {
    Transport::default().send(Outgoing::Http(vec![post(url)]), Some(config), TIMEOUT).await
}

#[tokio::test]
async fn requests_arrive_with_what_the_configuration_asks_for() {
    let (url, seen) = http_server().await;
    let token = |text: &str| Some(Secret::new(text));
    let basic = BasicAuth { username: "u".into(), password: token("p"), ..BasicAuth::default() };
    let authorization =
        Authorization { scheme: "Token".into(), credentials: token("c"), credentials_file: None };
    let oauth2 = OAuth2 {
        client_id: "id".into(),
        client_secret: token("s"),
        token_url: format!("{url}/token"),
        scopes: Some(vec!["x".into(), "y".into()]),
        ..OAuth2::default()
    };
    let headers = HeaderValues { values: Some(vec!["core".into()]), ..HeaderValues::default() };
    let default = HttpConfig::default;
    for config in [
        default(),
        HttpConfig { basic_auth: Some(basic), ..default() },
        HttpConfig { authorization: Some(authorization), ..default() },
        HttpConfig { bearer_token: token("b"), ..default() },
        HttpConfig { oauth2: Some(oauth2), ..default() },
        HttpConfig {
            http_headers: Some(BTreeMap::from([("X-Team".to_owned(), headers)])),
            ..default()
        },
    ] {
        assert_eq!(send(format!("{url}/hook"), &config).await, Verdict::Sent);
    }
    assert_eq!(
        *seen.lock(),
        [
            "POST /hook [] [] {\"a\":1}",
            "POST /hook [Basic dTpw] [] {\"a\":1}",
            "POST /hook [Token c] [] {\"a\":1}",
            "POST /hook [Bearer b] [] {\"a\":1}",
            "POST /token [Basic aWQ6cw==] [] grant_type=client_credentials&scope=x+y",
            "POST /hook [Bearer fetched] [] {\"a\":1}",
            "POST /hook [] [core] {\"a\":1}",
        ]
    );
}

#[tokio::test]
async fn answers_and_silence_are_told_apart() {
    let (url, seen) = http_server().await;
    let config = HttpConfig::default();
    let refused = Verdict::Failed("unexpected status code 400: n1".to_owned());
    assert_eq!(send(format!("{url}/fail/400"), &config).await, refused);
    let later = Verdict::Retry("unexpected status code 503: n2".to_owned());
    assert_eq!(send(format!("{url}/fail/503"), &config).await, later);
    assert_eq!(send(format!("{url}/redirect"), &config).await, Verdict::Sent);
    let stays = HttpConfig { follow_redirects: false, ..HttpConfig::default() };
    assert!(matches!(send(format!("{url}/redirect"), &stays).await, Verdict::Failed(_)));
    // Nobody listens there.
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let verdict = send(format!("http://{closed}/secret"), &config).await;
    let Verdict::Retry(reason) = verdict else { panic!("{verdict:?}") };
    assert!(!reason.contains("secret"), "{reason}");
    let slow = Outgoing::Http(vec![post(format!("{url}/slow"))]);
    let verdict = Transport::default().send(slow, None, Duration::from_millis(50)).await;
    assert_eq!(verdict, Verdict::Retry("no answer within 50ms".to_owned()));
    // The first that fails ends a series.
    seen.lock().clear();
    let series = vec![post(format!("{url}/fail/500")), post(format!("{url}/never"))];
    Transport::default().send(Outgoing::Http(series), None, TIMEOUT).await;
    assert_eq!(seen.lock().len(), 1);
}

#[tokio::test]
async fn clients_are_kept() {
    let (url, _) = http_server().await;
    let transport = Transport::default();
    for _ in 0..3 {
        transport.send(Outgoing::Http(vec![post(url.clone())]), None, TIMEOUT).await;
    }
    assert_eq!(transport.clients.lock().len(), 1);
}

/// A mail server for one mail; the lines that it got.
async fn mail_server(refuses: bool) -> (u16, tokio::task::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let (read, mut write) = stream.split();
        let mut lines = BufReader::new(read).lines();
        let mut seen = Vec::new();
        let mut is_data = false;
        write.write_all(b"220 test\r\n").await.unwrap();
        while let Ok(Some(line)) = lines.next_line().await {
            seen.push(line.clone());
            let answer = match line.split([' ', ':']).next().unwrap_or_default() {
                "." if is_data => {
                    is_data = false;
                    "250 queued"
                }
                _ if is_data => continue,
                "EHLO" => "250-test\r\n250 AUTH PLAIN LOGIN",
                "AUTH" => "235 welcome",
                "RCPT" if refuses => "550 nobody of that name",
                "DATA" => {
                    is_data = true;
                    "354 go on"
                }
                "QUIT" => "221 bye",
                _ => "250 ok",
            };
            write.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
        }
        seen
    });
    (port, task)
}

fn mail(port: u16, tls: EmailTls) -> EmailMessage {
    EmailMessage {
        host: "127.0.0.1".to_owned(),
        port,
        hello: "monitor.example".to_owned(),
        tls,
        tls_config: Default::default(),
        auth: Some(EmailAuth {
            username: "u".to_owned(),
            password: Secret::new("p"),
            identity: String::new(),
        }),
        from: "Alerts <am@example.com>".to_owned(),
        to: vec!["ops@example.com".to_owned(), "\"Doe, J\" <j@example.com>".to_owned()],
        headers: vec![
            ("From".to_owned(), "am@example.com".to_owned()),
            ("Subject".to_owned(), "Schön [FIRING:1]".to_owned()),
            ("To".to_owned(), "ops@example.com".to_owned()),
            ("X-Job".to_owned(), "api".to_owned()),
        ],
        date: model::Timestamp::from_millis(1_700_000_000_000),
        text: "plain text".to_owned(),
        html: "<p>html</p>".to_owned(),
    }
}

async fn send_mail(mail: EmailMessage) -> Verdict {
    Transport::default().send(Outgoing::Email(mail.into()), None, TIMEOUT).await
}

#[tokio::test]
async fn a_mail_arrives_in_all_its_parts() {
    let (port, server) = mail_server(false).await;
    assert_eq!(send_mail(mail(port, EmailTls::Opportunistic)).await, Verdict::Sent);
    let seen = server.await.unwrap();
    for line in [
        "EHLO monitor.example",
        "MAIL FROM:<am@example.com>",
        "RCPT TO:<ops@example.com>",
        "RCPT TO:<j@example.com>",
        "From: am@example.com",
        "X-Job: api",
        "plain text",
        "<p>html</p>",
    ] {
        assert!(seen.iter().any(|s| s.trim_end() == line), "{line} is not in {seen:#?}");
    }
    assert!(seen.iter().any(|line| line.starts_with("AUTH PLAIN ")));
    assert!(seen.iter().any(|line| line.starts_with("Subject: =?utf-8?")), "{seen:#?}");
    assert!(
        seen.iter().any(|line| line.starts_with("Date: Tue, 14 Nov 2023 22:13:20")),
        "{seen:#?}"
    );
    assert!(seen.iter().any(|line| line.starts_with("Content-Type: multipart/alternative")));
}

#[tokio::test]
async fn a_mail_is_not_sent_in_the_clear_where_it_must_not_be() {
    let (port, server) = mail_server(false).await;
    let verdict = send_mail(mail(port, EmailTls::Required)).await;
    assert!(!matches!(verdict, Verdict::Sent), "{verdict:?}");
    let seen = server.await.unwrap();
    assert!(!seen.iter().any(|line| line.starts_with("AUTH") || line.starts_with("MAIL")));
}

#[tokio::test]
async fn a_refusal_is_final_and_a_closed_door_is_not() {
    let (port, _server) = mail_server(true).await;
    let verdict = send_mail(mail(port, EmailTls::Opportunistic)).await;
    let Verdict::Failed(reason) = verdict else { panic!("{verdict:?}") };
    assert!(reason.contains("nobody of that name"), "{reason}");
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    assert!(matches!(send_mail(mail(closed, EmailTls::Opportunistic)).await, Verdict::Retry(_)));
    let mut wrong = mail(closed, EmailTls::Opportunistic);
    wrong.to = vec!["nobody".to_owned()];
    let verdict = send_mail(wrong).await;
    assert!(
        matches!(&verdict, Verdict::Failed(reason) if reason.contains("nobody")),
        "{verdict:?}"
    );
}
