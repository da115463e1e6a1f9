//! `http_config`: how requests are made.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::path::ConfigPath;
use super::secret::{HttpUrl, Secret};

/// How a receiver is reached over HTTP.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpConfig {
    /// A user and a password.
    pub basic_auth: Option<BasicAuth>,
    /// A token with its scheme.
    pub authorization: Option<Authorization>,
    /// The older way to write a token.
    pub bearer_token: Option<Secret>,
    /// The same in a file.
    pub bearer_token_file: Option<ConfigPath>,
    /// A token that is fetched.
    pub oauth2: Option<OAuth2>,
    /// How to trust the server.
    pub tls_config: Option<TlsConfig>,
    /// The proxy.
    pub proxy_url: Option<HttpUrl>,
    /// The hosts that are reached without it.
    pub no_proxy: Option<String>,
    /// Whether the environment names the proxy.
    pub proxy_from_environment: bool,
    /// Headers for the proxy.
    pub proxy_connect_header: Option<BTreeMap<String, Vec<Secret>>>,
    /// Whether redirects are followed.
    pub follow_redirects: bool,
    /// Whether HTTP/2 may be used.
    pub enable_http2: bool,
    /// Headers to send.
    pub http_headers: Option<BTreeMap<String, HeaderValues>>,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            basic_auth: None,
            authorization: None,
            bearer_token: None,
            bearer_token_file: None,
            oauth2: None,
            tls_config: None,
            proxy_url: None,
            no_proxy: None,
            proxy_from_environment: false,
            proxy_connect_header: None,
            follow_redirects: true,
            enable_http2: true,
            http_headers: None,
        }
    }
}

/// A user and a password.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BasicAuth {
    /// The user.
    pub username: String,
    /// The user, in a file.
    pub username_file: Option<ConfigPath>,
    /// The password.
    pub password: Option<Secret>,
    /// The password, in a file.
    pub password_file: Option<ConfigPath>,
}

/// An `Authorization` header.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Authorization {
    /// The scheme, such as `Bearer`.
    #[serde(rename = "type")]
    pub scheme: String,
    /// The token.
    pub credentials: Option<Secret>,
    /// The token, in a file.
    pub credentials_file: Option<ConfigPath>,
}

impl Default for Authorization {
    fn default() -> Self {
        Self { scheme: "Bearer".to_owned(), credentials: None, credentials_file: None }
    }
}

/// A token that is fetched with a client's credentials.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OAuth2 {
    /// The client.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Option<Secret>,
    /// Its secret, in a file.
    pub client_secret_file: Option<ConfigPath>,
    /// What it asks for.
    pub scopes: Option<Vec<String>>,
    /// Where it asks.
    pub token_url: String,
    /// What else it sends.
    pub endpoint_params: Option<BTreeMap<String, String>>,
    /// How to trust that server.
    pub tls_config: Option<TlsConfig>,
    /// The proxy there.
    pub proxy_url: Option<HttpUrl>,
}

/// How to trust a server and to be trusted by it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TlsConfig {
    /// The authority's certificates.
    pub ca: Option<String>,
    /// The authority's certificates, in a file.
    pub ca_file: Option<ConfigPath>,
    /// Our certificate.
    pub cert: Option<String>,
    /// Our certificate, in a file.
    pub cert_file: Option<ConfigPath>,
    /// Our key.
    pub key: Option<Secret>,
    /// Our key, in a file.
    pub key_file: Option<ConfigPath>,
    /// The name that the server's certificate must have.
    pub server_name: Option<String>,
    /// Whether any certificate is taken.
    pub insecure_skip_verify: bool,
    /// The oldest version of TLS: `TLS12` or `TLS13`.
    pub min_version: Option<String>,
    /// The newest.
    pub max_version: Option<String>,
}

/// The values of a header.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HeaderValues {
    /// That show.
    pub values: Option<Vec<String>>,
    /// That don't.
    pub secrets: Option<Vec<Secret>>,
    /// In files.
    pub files: Option<Vec<ConfigPath>>,
}

impl HttpConfig {
    /// What is wrong with the combination of settings.
    pub(super) fn fault(&self) -> Option<String> {
        let ways = [
            self.basic_auth.is_some(),
            self.authorization.is_some(),
            self.bearer_token.is_some() || self.bearer_token_file.is_some(),
            self.oauth2.is_some(),
        ];
        if ways.iter().filter(|is_used| **is_used).count() > 1 {
            return Some(
                "at most one of basic_auth, authorization, bearer_token and oauth2 must be \
                 configured"
                    .to_owned(),
            );
        }
        if self.bearer_token.is_some() && self.bearer_token_file.is_some() {
            let message = "at most one of bearer_token & bearer_token_file must be configured";
            return Some(message.to_owned());
        }
        let basic = self.basic_auth.as_ref()?;
        let has_both = basic.password.is_some() && basic.password_file.is_some();
        has_both.then(|| {
            "at most one of basic_auth password & password_file must be configured".to_owned()
        })
    }
}
