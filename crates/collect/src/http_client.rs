//! HTTP clients as `prometheus.yml` configures them.
//!
//! One [`HttpClientConfig`] serves scraping, HTTP-based discovery and remote
//! write: basic authentication, bearer tokens, TLS, proxies, extra headers.
//! Secrets in files are read anew for each request, and certificates when their
//! files change, so what is rotated works without a reload.

mod config;
mod live;
mod oauth2;
mod tls;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Method, RequestBuilder};

use live::LiveClient;
use oauth2::TokenSource;

pub use config::{
    Authorization, BasicAuth, HeaderValues, HttpClientConfig, OAuth2, Secret, TlsConfig, join,
};

/// A client could not be made, or a secret could not be read.
#[derive(Debug, thiserror::Error)]
pub enum HttpClientError {
    /// Two settings exclude each other.
    #[error("{0}")]
    Conflict(&'static str),
    /// A file that the configuration names can't be read.
    #[error("unable to read {what} {path:?}: {source}")]
    File {
        /// What the file holds.
        what: &'static str,
        /// Its path.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Certificates, keys, names or headers that are not what they should be.
    #[error("{what}: {reason}")]
    Invalid {
        /// Which setting.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A token could not be obtained.
    #[error("unable to get an OAuth 2.0 token from {url}: {reason}")]
    OAuth2 {
        /// The token endpoint.
        url: String,
        /// What happened.
        reason: String,
    },
}

/// A client that adds what its configuration asks for to each request.
#[derive(Clone, Debug)]
pub struct HttpClient {
    client: LiveClient,
    config: HttpClientConfig,
    headers: HeaderMap,
    tokens: Option<TokenSource>,
}

impl HttpClient {
    /// Builds a client.
    ///
    /// # Errors
    /// Where settings conflict, or certificates, keys or proxies are not sound.
    pub fn new(config: &HttpClientConfig, user_agent: &str) -> Result<Self, HttpClientError> {
        Self::over(config, user_agent, None)
    }

    /// Builds a client that talks to the Unix socket at `path`, whatever host a URL names.
    ///
    /// # Errors
    /// As [`HttpClient::new`].
    pub fn over_unix_socket(
        config: &HttpClientConfig,
        user_agent: &str,
        path: &Path,
    ) -> Result<Self, HttpClientError> {
        Self::over(config, user_agent, Some(path.to_owned()))
    }

    fn over(
        config: &HttpClientConfig,
        user_agent: &str,
        socket: Option<PathBuf>,
    ) -> Result<Self, HttpClientError> {
        let tokens = config.oauth2.as_ref().map(|oauth2| TokenSource::new(oauth2, user_agent));
        Ok(Self {
            client: LiveClient::new(config, user_agent, socket)?,
            headers: extra_headers(&config.http_headers)?,
            config: config.clone(),
            tokens: tokens.transpose()?,
        })
    }

    /// Starts a request with authentication and extra headers in place.
    ///
    /// # Errors
    /// Where a file with a secret can't be read or no token can be obtained.
    pub async fn request(
        &self,
        method: Method,
        url: reqwest::Url,
    ) -> Result<RequestBuilder, HttpClientError> {
        let request = self.client.current().request(method, url).headers(self.headers.clone());
        let config = &self.config;
        if let Some(basic) = &config.basic_auth {
            return Ok(request.basic_auth(basic.username()?, Some(basic.password()?)));
        }
        if let Some(tokens) = &self.tokens {
            return Ok(request.bearer_auth(tokens.token().await?));
        }
        match config.credentials()? {
            Some((scheme, credentials)) => {
                Ok(request.header("Authorization", format!("{scheme} {credentials}")))
            }
            None => Ok(request),
        }
    }
}

fn build(
    config: &HttpClientConfig,
    user_agent: &str,
) -> Result<reqwest::ClientBuilder, HttpClientError> {
    config.check()?;
    let mut builder = reqwest::Client::builder()
        .user_agent(user_agent)
        .tls_backend_preconfigured(tls::client_config(&config.tls_config)?)
        .redirect(if config.follow_redirects { Policy::limited(10) } else { Policy::none() })
        .pool_max_idle_per_host(2);
    if !config.enable_http2 {
        builder = builder.http1_only();
    }
    proxy(builder, config)
}

fn unbuilt(error: reqwest::Error) -> HttpClientError {
    HttpClientError::Invalid { what: "HTTP client", reason: chain(&error) }
}

/// Fetches a JSON answer, whatever its status: APIs explain their errors in it.
///
/// # Errors
/// Where there is no answer or it is no JSON.
pub async fn get_json(url: &reqwest::Url) -> Result<serde_json::Value, HttpClientError> {
    let client = HttpClient::new(&HttpClientConfig::default(), "bellwether")?;
    let request = client.request(Method::GET, url.clone()).await?;
    let failed = |reason: String| HttpClientError::Invalid { what: "answer", reason };
    let response = request.send().await.map_err(|error| failed(chain(&error)))?;
    let body = response.bytes().await.map_err(|error| failed(chain(&error)))?;
    serde_json::from_slice(&body).map_err(|error| failed(error.to_string()))
}

/// The text of an error with all that caused it: `reqwest` says only the top.
pub fn chain(error: &dyn std::error::Error) -> String {
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

fn proxy(
    builder: reqwest::ClientBuilder,
    config: &HttpClientConfig,
) -> Result<reqwest::ClientBuilder, HttpClientError> {
    let Some(url) = config.proxy_url.as_deref().filter(|url| !url.is_empty()) else {
        // Without the option Prometheus ignores the environment, and so do we.
        return Ok(if config.proxy_from_environment { builder } else { builder.no_proxy() });
    };
    let invalid = |error: &dyn std::error::Error| HttpClientError::Invalid {
        what: "proxy_url",
        reason: chain(error),
    };
    let mut proxy = reqwest::Proxy::all(url).map_err(|error| invalid(&error))?;
    if let Some(no_proxy) = &config.no_proxy {
        proxy = proxy.no_proxy(reqwest::NoProxy::from_string(no_proxy));
    }
    let headers = config
        .proxy_connect_header
        .iter()
        .flat_map(|(name, values)| values.iter().map(move |value| (name.as_str(), value.expose())));
    let headers = header_map("proxy_connect_header", headers)?;
    if !headers.is_empty() {
        proxy = proxy.headers(headers);
    }
    Ok(builder.proxy(proxy))
}

fn extra_headers(headers: &BTreeMap<String, HeaderValues>) -> Result<HeaderMap, HttpClientError> {
    let mut pairs = Vec::new();
    for (name, values) in headers {
        for value in values.all()? {
            pairs.push((name.as_str(), value));
        }
    }
    header_map("http_headers", pairs.iter().map(|(name, value)| (*name, value.as_str())))
}

fn header_map<'a>(
    what: &'static str,
    pairs: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<HeaderMap, HttpClientError> {
    let mut map = HeaderMap::new();
    for (name, value) in pairs {
        let invalid =
            |_| HttpClientError::Invalid { what, reason: format!("{name:?} can't be sent") };
        let value = HeaderValue::from_str(value).map_err(|error| invalid(error.to_string()))?;
        let name = HeaderName::try_from(name).map_err(|error| invalid(error.to_string()))?;
        map.append(name, value);
    }
    Ok(map)
}

/// A client without any settings, for tests that need none.
#[cfg(test)]
pub(crate) fn plain_client() -> reqwest::Client {
    HttpClient::new(&HttpClientConfig::default(), "test").unwrap().client.current()
}

#[cfg(test)]
mod tests;
