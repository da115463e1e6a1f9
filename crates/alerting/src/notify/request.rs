//! What a notification is on the wire, before anybody sends it.

use super::email::EmailMessage;
use super::jira::JiraPlan;
use super::mqtt::Broker;
use crate::config::http::TlsConfig;
use crate::config::secret::Secret;

/// What is to be sent.
#[derive(Clone, Debug)]
pub enum Outgoing {
    /// Requests, one after the other; the first that fails ends it.
    Http(Vec<HttpRequest>),
    /// A mail.
    Email(Box<EmailMessage>),
    /// Requests of which each depends on the answer before.
    Jira(Box<JiraPlan>),
    /// A message for an MQTT broker.
    Mqtt(Box<MqttMessage>),
    /// A line in a file.
    Log(LogLine),
}

impl Outgoing {
    /// One request.
    pub(super) fn one(request: HttpRequest) -> Self {
        Self::Http(vec![request])
    }
}

/// A message and the broker that gets it.
#[derive(Clone, Debug)]
pub struct MqttMessage {
    /// The broker.
    pub broker: Broker,
    /// The topic.
    pub topic: String,
    /// What is said.
    pub payload: String,
    /// Whether the broker says that it arrived.
    pub is_acknowledged: bool,
    /// Whether the broker keeps it for those who listen later.
    pub is_retained: bool,
    /// How we are called; empty for a name of its own.
    pub client_id: String,
    /// The user; empty for none.
    pub username: String,
    /// The password.
    pub password: Secret,
    /// How to trust the broker.
    pub tls_config: TlsConfig,
}

/// A line for the end of a file of the data directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// The file's name.
    pub file: String,
    /// How large the file may get, in bytes, before another takes its place.
    pub size_bytes_max: u64,
    /// The line, without its end.
    pub text: String,
}

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "they are what they are called")]
pub enum Method {
    Get,
    Post,
    Put,
}

/// An HTTP request. Its address and headers may hold secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// The address.
    pub url: String,
    /// Headers besides those of the HTTP settings.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
    /// What besides a server's error is worth a retry.
    pub retry_codes: &'static [u16],
}

impl std::fmt::Debug for HttpRequest {
    /// Without what may be secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let host =
            url::Url::parse(&self.url).ok().and_then(|url| url.host_str().map(str::to_owned));
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("host", &host)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What an answer means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It arrived.
    Sent,
    /// It did not, but may later; why.
    Retry(String),
    /// It will not; why.
    Failed(String),
}

/// The longest part of an answer that an error quotes, in characters.
const QUOTED_CHARS_MAX: usize = 300;

impl HttpRequest {
    /// A request with a JSON body.
    pub(super) fn json(method: Method, url: impl Into<String>, body: &serde_json::Value) -> Self {
        Self {
            method,
            url: url.into(),
            headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
            body: body.to_string(),
            retry_codes: &[],
        }
    }

    /// A request with a form as its body.
    pub(super) fn form(url: impl Into<String>, body: String) -> Self {
        let kind = "application/x-www-form-urlencoded; charset=utf-8";
        Self {
            method: Method::Post,
            url: url.into(),
            headers: vec![("Content-Type".to_owned(), kind.to_owned())],
            body,
            retry_codes: &[],
        }
    }

    /// The same with another header.
    pub(super) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The same, to be sent again on these answers, too.
    pub(super) fn retry_on(mut self, codes: &'static [u16]) -> Self {
        self.retry_codes = codes;
        self
    }

    /// What an answer with `status` and `body` means.
    pub fn judge(&self, status: u16, body: &str) -> Verdict {
        let quoted = super::text::truncate_chars(body.trim(), QUOTED_CHARS_MAX);
        let reason = format!("unexpected status code {status}: {quoted}");
        match status {
            // Slack says in a 200 that it failed.
            200..=299 => match slack_error(body) {
                Some(error) => Verdict::Failed(format!("the answer says: {error}")),
                None => Verdict::Sent,
            },
            500..=599 => Verdict::Retry(reason),
            _ if self.retry_codes.contains(&status) => Verdict::Retry(reason),
            _ => Verdict::Failed(reason),
        }
    }
}

/// The error in an answer such as `{"ok": false, "error": "no_channel"}`.
fn slack_error(body: &str) -> Option<String> {
    let answer: serde_json::Value = serde_json::from_str(body).ok()?;
    if answer.get("ok")?.as_bool()? {
        return None;
    }
    let error = answer.get("error").or_else(|| answer.get("description"));
    Some(error.and_then(|e| e.as_str()).unwrap_or("not ok").to_owned())
}
