//! HTTP requests with what `http_config` asks for.

use std::path::Path;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use tokio::sync::Mutex;

use super::{TransportError, chain, tls};
use crate::config::http::{HttpConfig, OAuth2};
use crate::config::secret::Secret;
use crate::notify::request::{HttpRequest, Method, Verdict};

/// The most of an answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 256 << 10;
const USER_AGENT: &str = concat!("Bellwether/", env!("CARGO_PKG_VERSION"));
/// How long before its end a token is fetched anew.
const TOKEN_MARGIN: std::time::Duration = std::time::Duration::from_secs(10);

/// A client for one configuration.
pub(super) struct HttpClient {
    client: reqwest::Client,
    config: HttpConfig,
    token: Mutex<Option<Token>>,
}

/// A token that was fetched.
struct Token {
    text: String,
    expires_at: Option<tokio::time::Instant>,
}

impl HttpClient {
    pub(super) fn new(config: &HttpConfig) -> Result<Self, TransportError> {
        let tls_config = config.tls_config.clone().unwrap_or_default();
        let mut builder = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .tls_backend_preconfigured(tls::client_config(&tls_config)?)
            .redirect(if config.follow_redirects { Policy::limited(10) } else { Policy::none() });
        if !config.enable_http2 {
            builder = builder.http1_only();
        }
        match &config.proxy_url {
            Some(url) => builder = builder.proxy(proxy(config, url.as_str())?),
            None if !config.proxy_from_environment => builder = builder.no_proxy(),
            None => {}
        }
        let client =
            builder.build().map_err(|error| TransportError::new("http_config", chain(&error)))?;
        Ok(Self { client, config: config.clone(), token: Mutex::new(None) })
    }

    /// Sends a request; what its answer means, and the answer.
    pub(super) async fn send(&self, request: &HttpRequest) -> (Verdict, String) {
        let sending = match self.prepare(request).await {
            Ok(builder) => builder.send().await,
            Err(error) => return (Verdict::Failed(error.to_string()), String::new()),
        };
        match sending {
            Ok(response) => {
                let status = response.status().as_u16();
                match read(response).await {
                    Ok(body) => (request.judge(status, &body), body),
                    Err(reason) => (Verdict::Retry(reason), String::new()),
                }
            }
            // The address may hold a secret.
            Err(error) => (Verdict::Retry(chain(&error.without_url())), String::new()),
        }
    }

    async fn prepare(
        &self,
        request: &HttpRequest,
    ) -> Result<reqwest::RequestBuilder, TransportError> {
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
        };
        let mut headers = self.configured_headers()?;
        for (name, value) in &request.headers {
            headers.insert(header_name(name)?, header_value(value)?);
        }
        let has_authorization = headers.contains_key(reqwest::header::AUTHORIZATION);
        let mut builder =
            self.client.request(method, &request.url).headers(headers).body(request.body.clone());
        if !has_authorization {
            builder = self.authorize(builder).await?;
        }
        Ok(builder)
    }

    fn configured_headers(&self) -> Result<HeaderMap, TransportError> {
        let mut headers = HeaderMap::new();
        for (name, values) in self.config.http_headers.iter().flatten() {
            let name = header_name(name)?;
            for value in values.values.iter().flatten() {
                headers.append(name.clone(), header_value(value)?);
            }
            for value in values.secrets.iter().flatten() {
                headers.append(name.clone(), header_value(value.reveal())?);
            }
            for path in values.files.iter().flatten() {
                headers.append(name.clone(), header_value(&read_file(path)?)?);
            }
        }
        Ok(headers)
    }

    async fn authorize(
        &self,
        builder: reqwest::RequestBuilder,
    ) -> Result<reqwest::RequestBuilder, TransportError> {
        let config = &self.config;
        if let Some(basic) = &config.basic_auth {
            let username = match &basic.username_file {
                Some(path) => read_file(path)?,
                None => basic.username.clone(),
            };
            let password = secret(basic.password.as_ref(), basic.password_file.as_deref())?;
            return Ok(builder.basic_auth(username, password));
        }
        if let Some(authorization) = &config.authorization {
            let credentials = secret(
                authorization.credentials.as_ref(),
                authorization.credentials_file.as_deref(),
            )?;
            let value = format!("{} {}", authorization.scheme, credentials.unwrap_or_default());
            return Ok(builder.header(reqwest::header::AUTHORIZATION, value));
        }
        if let Some(oauth2) = &config.oauth2 {
            return Ok(builder.bearer_auth(self.token(oauth2).await?));
        }
        match secret(config.bearer_token.as_ref(), config.bearer_token_file.as_deref())? {
            Some(token) => Ok(builder.bearer_auth(token)),
            None => Ok(builder),
        }
    }

    /// A token by the client's credentials (RFC 6749, section 4.4).
    async fn token(&self, oauth2: &OAuth2) -> Result<String, TransportError> {
        let fault = |reason: String| TransportError::new("oauth2", reason);
        let mut known = self.token.lock().await;
        let now = tokio::time::Instant::now();
        if let Some(token) = known.as_ref().filter(|t| t.expires_at.is_none_or(|at| now < at)) {
            return Ok(token.text.clone());
        }
        let client_secret =
            secret(oauth2.client_secret.as_ref(), oauth2.client_secret_file.as_deref())?;
        let scope = oauth2.scopes.clone().unwrap_or_default().join(" ");
        let mut pairs = vec![("grant_type", "client_credentials"), ("scope", scope.as_str())];
        pairs.retain(|(_, value)| !value.is_empty());
        let params = oauth2.endpoint_params.iter().flatten();
        pairs.extend(params.map(|(name, value)| (name.as_str(), value.as_str())));
        let request = self
            .client
            .post(&oauth2.token_url)
            .basic_auth(&oauth2.client_id, client_secret)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(crate::notify::text::form(pairs));
        let response = request.send().await.map_err(|e| fault(chain(&e.without_url())))?;
        let status = response.status();
        let body = read(response).await.map_err(fault)?;
        let answer: serde_json::Value = serde_json::from_str(&body)
            .map_err(|_| fault(format!("the answer of status {status} is no JSON")))?;
        let Some(text) = answer["access_token"].as_str() else {
            let reason = answer["error"].as_str().unwrap_or("there is no token in the answer");
            return Err(fault(format!("status {status}: {reason}")));
        };
        let lifetime = answer["expires_in"].as_u64().map(std::time::Duration::from_secs);
        let expires_at = lifetime.map(|lifetime| now + lifetime.saturating_sub(TOKEN_MARGIN));
        *known = Some(Token { text: text.to_owned(), expires_at });
        Ok(text.to_owned())
    }
}

fn proxy(config: &HttpConfig, url: &str) -> Result<reqwest::Proxy, TransportError> {
    let proxy = reqwest::Proxy::all(url)
        .map_err(|error| TransportError::new("proxy_url", chain(&error)))?;
    let no_proxy = config.no_proxy.as_deref().and_then(reqwest::NoProxy::from_string);
    let mut headers = HeaderMap::new();
    for (name, values) in config.proxy_connect_header.iter().flatten() {
        for value in values {
            headers.append(header_name(name)?, header_value(value.reveal())?);
        }
    }
    Ok(proxy.no_proxy(no_proxy).headers(headers))
}

/// An answer, up to a limit.
async fn read(mut response: reqwest::Response) -> Result<String, String> {
    let mut bytes = Vec::new();
    while bytes.len() < ANSWER_BYTES_MAX {
        match response.chunk().await {
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => break,
            Err(error) => return Err(chain(&error.without_url())),
        }
    }
    bytes.truncate(ANSWER_BYTES_MAX);
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn header_name(name: &str) -> Result<HeaderName, TransportError> {
    HeaderName::try_from(name).map_err(|error| TransportError::new("header", error))
}

fn header_value(value: &str) -> Result<HeaderValue, TransportError> {
    HeaderValue::try_from(value).map_err(|error| TransportError::new("header", error))
}

fn secret(inline: Option<&Secret>, file: Option<&Path>) -> Result<Option<String>, TransportError> {
    match (inline, file) {
        (Some(secret), _) => Ok(Some(secret.reveal().to_owned())),
        (None, Some(path)) => read_file(path).map(Some),
        (None, None) => Ok(None),
    }
}

fn read_file(path: &Path) -> Result<String, TransportError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(text.trim().to_owned()),
        Err(error) => Err(TransportError::new(
            "could not read a file",
            format!("{}: {error}", path.display()),
        )),
    }
}
