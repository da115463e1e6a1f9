//! Sending: the only part of notifications that opens connections.
//!
//! A [`Transport`] sends what a receiver made and says what became of it. It
//! keeps a client for each HTTP configuration, so that connections are reused.

mod http;
mod logfile;
mod mqtt;
mod smtp;
mod tls;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::jira::JiraPlan;
use super::request::{HttpRequest, LogLine, Outgoing, Verdict};
use crate::config::http::HttpConfig;
use http::HttpClient;

/// The most requests that one plan of Jira's takes; more is an endless loop.
const PLAN_REQUESTS_MAX: usize = 8;

/// A client or a mail could not be made; trying again is no use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {reason}")]
pub struct TransportError {
    what: &'static str,
    reason: String,
}

impl TransportError {
    fn new(what: &'static str, reason: impl ToString) -> Self {
        Self { what, reason: reason.to_string() }
    }
}

/// Sends notifications.
#[derive(Default)]
pub struct Transport {
    /// One for each configuration; there are as many as the file has.
    clients: Mutex<Vec<(HttpConfig, Arc<HttpClient>)>>,
    /// Where files of notifications are; one writer at a time.
    log_dir: Arc<Mutex<PathBuf>>,
}

impl Transport {
    /// Writes files of notifications in `log_dir`.
    pub fn new(log_dir: PathBuf) -> Self {
        Self { clients: Mutex::default(), log_dir: Arc::new(Mutex::new(log_dir)) }
    }

    /// Sends, and says what became of it. It takes no longer than `timeout`.
    pub async fn send(
        &self,
        outgoing: Outgoing,
        config: Option<&HttpConfig>,
        timeout: Duration,
    ) -> Verdict {
        let sending = async {
            match outgoing {
                Outgoing::Email(mail) => smtp::send(&mail).await,
                Outgoing::Http(requests) => self.send_all(&requests, config).await,
                Outgoing::Jira(plan) => self.follow(*plan, config).await,
                Outgoing::Mqtt(message) => mqtt::publish(&message).await,
                Outgoing::Log(line) => self.log(line).await,
            }
        };
        match tokio::time::timeout(timeout, sending).await {
            Ok(verdict) => verdict,
            Err(_) => Verdict::Retry(format!("no answer within {timeout:?}")),
        }
    }

    async fn log(&self, line: LogLine) -> Verdict {
        let dir = Arc::clone(&self.log_dir);
        let writing = tokio::task::spawn_blocking(move || logfile::append(&dir.lock(), &line));
        writing.await.unwrap_or_else(|error| Verdict::Retry(error.to_string()))
    }

    async fn send_all(&self, requests: &[HttpRequest], config: Option<&HttpConfig>) -> Verdict {
        let client = match self.client(config) {
            Ok(client) => client,
            Err(error) => return Verdict::Failed(error.to_string()),
        };
        for request in requests {
            match client.send(request).await {
                (Verdict::Sent, _) => {}
                (other, _) => return other,
            }
        }
        Verdict::Sent
    }

    async fn follow(&self, mut plan: JiraPlan, config: Option<&HttpConfig>) -> Verdict {
        let client = match self.client(config) {
            Ok(client) => client,
            Err(error) => return Verdict::Failed(error.to_string()),
        };
        let mut request = plan.first();
        for _ in 0..PLAN_REQUESTS_MAX {
            let answer = match client.send(&request).await {
                (Verdict::Sent, answer) => answer,
                (other, _) => return other,
            };
            match plan.next(&answer) {
                Ok(Some(next)) => request = next,
                Ok(None) => return Verdict::Sent,
                Err(reason) => return Verdict::Failed(reason),
            }
        }
        Verdict::Failed("the issue takes more requests than expected".to_owned())
    }

    fn client(&self, config: Option<&HttpConfig>) -> Result<Arc<HttpClient>, TransportError> {
        let default = HttpConfig::default();
        let config = config.unwrap_or(&default);
        let mut clients = self.clients.lock();
        if let Some((_, client)) = clients.iter().find(|(known, _)| known == config) {
            return Ok(Arc::clone(client));
        }
        let client = Arc::new(HttpClient::new(config)?);
        clients.push((config.clone(), Arc::clone(&client)));
        Ok(client)
    }
}

/// The text of an error with all that caused it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests;
