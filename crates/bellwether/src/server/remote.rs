//! What comes and leaves by other servers' protocols: forwarding, OTLP's
//! settings, external labels. A reload changes all of it together.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Context;
use collect::http_client::{HttpClient, HttpClientConfig, chain};
use model::Labels;
use parking_lot::{Mutex, RwLock};
use pipeline::Forwarders;
use pipeline::forward::transport::Written;
use pipeline::forward::{Answer, Endpoint, Outgoing, Transport, TransportError};
use receive::OtlpReceiver;
use reqwest::{Method, Response, Url};

use crate::config::RemoteConfig;

/// How much of an answer's body is kept, for messages.
const ANSWER_BYTES_MAX: usize = 500;

/// The parts that `prometheus.yml` says about other servers.
pub(super) struct Remote {
    pub(super) forwarders: Arc<Forwarders>,
    pub(super) otlp: OtlpReceiver,
    external_labels: Arc<RwLock<Labels>>,
    user_agent: String,
    /// The client of each URL, and how often it changed.
    clients: Mutex<HashMap<String, (HttpClientConfig, u64)>>,
}

impl Remote {
    pub(super) fn new(forwarders: Arc<Forwarders>, otlp: OtlpReceiver, user_agent: &str) -> Self {
        Self {
            forwarders,
            otlp,
            external_labels: Arc::new(RwLock::new(Labels::empty())),
            user_agent: user_agent.to_owned(),
            clients: Mutex::new(HashMap::new()),
        }
    }

    /// External labels at the moment of a call.
    pub(super) fn external_labels(&self) -> Arc<dyn Fn() -> Labels + Send + Sync> {
        let labels = Arc::clone(&self.external_labels);
        Arc::new(move || labels.read().clone())
    }

    /// Puts a configuration in force.
    pub(super) async fn apply(&self, config: RemoteConfig) -> anyhow::Result<()> {
        let mut endpoints = Vec::new();
        for entry in &config.remote_write {
            let forward = entry.forward();
            let client = HttpClient::new(&entry.client, &self.user_agent)
                .with_context(|| format!("remote_write to {}", forward.url))?;
            let url: Url = forward
                .url
                .parse()
                .with_context(|| format!("remote_write: url {:?}", forward.url))?;
            let name = forward.name.clone().unwrap_or_else(|| forward.url.clone());
            let transport_version = self.client_version(name, &entry.client);
            let transport = transport(client, url);
            endpoints.push(Endpoint { config: forward, transport, transport_version });
        }
        self.forwarders
            .apply(endpoints, &config.external_labels)
            .await
            .context("unable to start remote_write")?;
        self.otlp.set_config(config.otlp);
        *self.external_labels.write() = config.external_labels;
        Ok(())
    }

    /// Another text whenever the client's configuration changed.
    fn client_version(&self, name: String, config: &HttpClientConfig) -> String {
        let mut clients = self.clients.lock();
        let known = clients.entry(name).or_insert_with(|| (config.clone(), 0));
        if known.0 != *config {
            *known = (config.clone(), known.1 + 1);
        }
        known.1.to_string()
    }
}

/// Requests through a client.
fn transport(client: HttpClient, url: Url) -> Transport {
    Arc::new(move |request| {
        let (client, url) = (client.clone(), url.clone());
        Box::pin(async move { send(&client, url, request).await })
    })
}

async fn send(client: &HttpClient, url: Url, request: Outgoing) -> Result<Answer, TransportError> {
    let fault = |error: &dyn std::error::Error| TransportError(chain(error));
    let mut post = client.request(Method::POST, url).await.map_err(|error| fault(&error))?;
    for (name, value) in &request.headers {
        post = post.header(name, value);
    }
    let post = post.timeout(request.timeout).body(request.body);
    let mut response = post.send().await.map_err(|error| fault(&error))?;
    let header = |name: &str| {
        let value = response.headers().get(name)?.to_str().ok()?;
        Some(value.to_owned())
    };
    Ok(Answer {
        status: response.status().as_u16(),
        retry_after: header("retry-after"),
        written: written(header),
        body: beginning(&mut response).await,
    })
}

/// What a receiver of version 2.0 says that it wrote; `None` where it says nothing.
fn written(header: impl Fn(&str) -> Option<String>) -> Option<Written> {
    let count = |kind: &str| {
        header(&format!("x-prometheus-remote-write-{kind}-written"))?.trim().parse().ok()
    };
    let counts = (count("samples"), count("histograms"), count("exemplars"));
    if counts == (None, None, None) {
        return None;
    }
    Some(Written {
        samples: counts.0.unwrap_or(0),
        histograms: counts.1.unwrap_or(0),
        exemplars: counts.2.unwrap_or(0),
    })
}

async fn beginning(response: &mut Response) -> String {
    let mut body = Vec::new();
    while body.len() < ANSWER_BYTES_MAX
        && let Ok(Some(chunk)) = response.chunk().await
    {
        body.extend_from_slice(&chunk);
    }
    body.truncate(ANSWER_BYTES_MAX);
    String::from_utf8_lossy(&body).into_owned()
}

#[cfg(test)]
mod tests;
