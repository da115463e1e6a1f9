//! Tokens by the client-credentials grant (RFC 6749, section 4.4).

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::config::{HttpClientConfig, OAuth2};
use super::live::LiveClient;
use super::{HttpClientError, chain};

/// A token is renewed this long before it expires.
const RENEW_BEFORE: Duration = Duration::from_secs(10);

/// Gets tokens and keeps each until it is about to expire.
#[derive(Clone, Debug)]
pub(super) struct TokenSource {
    client: LiveClient,
    config: OAuth2,
    token: Arc<Mutex<Option<Token>>>,
}

struct Token {
    text: String,
    /// None: the server does not say, so it is good until a reload.
    renew_at: Option<Instant>,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<secret>")
    }
}

#[derive(serde::Deserialize)]
struct Answer {
    access_token: String,
    expires_in: Option<u64>,
}

impl TokenSource {
    pub(super) fn new(config: &OAuth2, user_agent: &str) -> Result<Self, HttpClientError> {
        let http = HttpClientConfig {
            tls_config: config.tls_config.clone(),
            proxy_url: config.proxy_url.clone(),
            no_proxy: config.no_proxy.clone(),
            proxy_from_environment: config.proxy_from_environment,
            proxy_connect_header: config.proxy_connect_header.clone(),
            ..HttpClientConfig::default()
        };
        Ok(Self {
            client: LiveClient::new(&http, user_agent, None)?,
            config: config.clone(),
            token: Arc::default(),
        })
    }

    /// A token that is good for now.
    pub(super) async fn token(&self) -> Result<String, HttpClientError> {
        let mut kept = self.token.lock().await;
        if let Some(token) = &*kept
            && token.renew_at.is_none_or(|at| Instant::now() < at)
        {
            return Ok(token.text.clone());
        }
        let asked_at = Instant::now();
        let answer = self.ask().await?;
        let renew_at = answer
            .expires_in
            .map(|secs| asked_at + Duration::from_secs(secs).saturating_sub(RENEW_BEFORE));
        *kept = Some(Token { text: answer.access_token.clone(), renew_at });
        Ok(answer.access_token)
    }

    async fn ask(&self) -> Result<Answer, HttpClientError> {
        let url = &self.config.token_url;
        let failed = |reason: String| HttpClientError::OAuth2 { url: url.clone(), reason };
        let response = self
            .client
            .current()
            .post(url)
            .basic_auth(&self.config.client_id, Some(self.config.secret()?))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(form(&self.config))
            .send()
            .await
            .and_then(reqwest::Response::error_for_status)
            .map_err(|error| failed(chain(&error)))?;
        let body = response.bytes().await.map_err(|error| failed(chain(&error)))?;
        serde_json::from_slice(&body).map_err(|error| failed(error.to_string()))
    }
}

fn form(config: &OAuth2) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "client_credentials");
    if !config.scopes.is_empty() {
        form.append_pair("scope", &config.scopes.join(" "));
    }
    for (name, value) in &config.endpoint_params {
        form.append_pair(name, value);
    }
    form.finish()
}
