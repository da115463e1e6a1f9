//! The HTTP client settings of `prometheus.yml` (`HTTPClientConfig`).

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize, Serializer};

use super::HttpClientError;
use crate::yaml_fields;

/// A text that is never shown: it prints and serialises as `<secret>`.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text itself, for sending it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("<secret>")
    }
}

/// How to reach a server over HTTP.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HttpClientConfig {
    /// A name and a password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basic_auth: Option<BasicAuth>,
    /// An `Authorization` header of another kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization: Option<Authorization>,
    /// A token from an OAuth 2.0 server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oauth2: Option<OAuth2>,
    /// The old way to write `authorization`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bearer_token: Option<Secret>,
    /// The old way to write `authorization` with a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bearer_token_file: Option<String>,
    /// Certificates and names.
    #[serde(skip_serializing_if = "TlsConfig::is_default")]
    pub tls_config: TlsConfig,
    /// Whether to go where a server redirects.
    pub follow_redirects: bool,
    /// Whether to speak HTTP/2 where the server does.
    pub enable_http2: bool,
    /// The proxy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy_url: Option<String>,
    /// Hosts that are reached without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_proxy: Option<String>,
    /// Whether `HTTP_PROXY` and its siblings count.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub proxy_from_environment: bool,
    /// Headers for the proxy itself.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub proxy_connect_header: BTreeMap<String, Vec<Secret>>,
    /// Headers of each request.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub http_headers: BTreeMap<String, HeaderValues>,
}

yaml_fields!(deserialize HttpClientConfig {
    basic_auth,
    authorization,
    oauth2,
    bearer_token,
    bearer_token_file,
    tls_config,
    follow_redirects,
    enable_http2,
    proxy_url,
    no_proxy,
    proxy_from_environment,
    proxy_connect_header,
    http_headers,
});

impl Default for HttpClientConfig {
    fn default() -> Self {
        Self {
            basic_auth: None,
            authorization: None,
            oauth2: None,
            bearer_token: None,
            bearer_token_file: None,
            tls_config: TlsConfig::default(),
            follow_redirects: true,
            enable_http2: true,
            proxy_url: None,
            no_proxy: None,
            proxy_from_environment: false,
            proxy_connect_header: BTreeMap::new(),
            http_headers: BTreeMap::new(),
        }
    }
}

/// A name and a password, or files that hold them.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct BasicAuth {
    username: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    username_file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<Secret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password_file: Option<String>,
}

impl BasicAuth {
    /// A name and a password that are written down.
    pub fn new(username: &str, password: Secret) -> Self {
        Self { username: username.to_owned(), password: Some(password), ..Self::default() }
    }

    pub(super) fn username(&self) -> Result<String, HttpClientError> {
        match &self.username_file {
            Some(path) => read_secret("username_file", path),
            None => Ok(self.username.clone()),
        }
    }

    pub(super) fn password(&self) -> Result<String, HttpClientError> {
        text_or_file("password_file", self.password.as_ref(), self.password_file.as_deref())
    }
}

/// An `Authorization` header.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Authorization {
    #[serde(rename = "type")]
    scheme: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credentials: Option<Secret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credentials_file: Option<String>,
}

/// The client-credentials grant of OAuth 2.0.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct OAuth2 {
    pub(super) client_id: String,
    #[serde(default)]
    client_secret: Option<Secret>,
    #[serde(default)]
    client_secret_file: Option<String>,
    #[serde(default)]
    pub(super) scopes: Vec<String>,
    pub(super) token_url: String,
    #[serde(default)]
    pub(super) endpoint_params: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) tls_config: TlsConfig,
    #[serde(default)]
    pub(super) proxy_url: Option<String>,
    #[serde(default)]
    pub(super) no_proxy: Option<String>,
    #[serde(default)]
    pub(super) proxy_from_environment: bool,
    #[serde(default)]
    pub(super) proxy_connect_header: BTreeMap<String, Vec<Secret>>,
}

impl OAuth2 {
    pub(super) fn secret(&self) -> Result<String, HttpClientError> {
        let (text, file) = (self.client_secret.as_ref(), self.client_secret_file.as_deref());
        text_or_file("client_secret_file", text, file)
    }
}

/// Certificates and names for TLS.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct TlsConfig {
    /// Certificate authorities in PEM, instead of the system's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
    /// A file with them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<String>,
    /// The client's own certificate in PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cert: Option<String>,
    /// A file with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cert_file: Option<String>,
    /// The key of that certificate in PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<Secret>,
    /// A file with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_file: Option<String>,
    /// The name to ask for and to check, instead of the URL's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_name: Option<String>,
    /// Whether any certificate will do.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub insecure_skip_verify: bool,
    /// The oldest version: `TLS12` or `TLS13`. Older ones are not spoken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_version: Option<String>,
    /// The newest version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_version: Option<String>,
}

impl TlsConfig {
    /// Makes relative paths start from `dir`.
    pub fn set_directory(&mut self, dir: &Path) {
        join(dir, &mut self.ca_file);
        join(dir, &mut self.cert_file);
        join(dir, &mut self.key_file);
    }

    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// The values of one header: written down, secret, or in files.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct HeaderValues {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    values: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    secrets: Vec<Secret>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    files: Vec<String>,
}

impl HeaderValues {
    pub(super) fn all(&self) -> Result<Vec<String>, HttpClientError> {
        let mut all = self.values.clone();
        all.extend(self.secrets.iter().map(|secret| secret.expose().to_owned()));
        for path in &self.files {
            all.push(read_secret("http_headers file", path)?);
        }
        Ok(all)
    }
}

/// Makes a relative path start from `dir`.
pub fn join(dir: &Path, path: &mut Option<String>) {
    if let Some(path) = path.as_mut().filter(|path| !path.is_empty()) {
        *path = dir.join(&*path).to_string_lossy().into_owned();
    }
}

impl HttpClientConfig {
    /// Makes relative paths start from `dir`.
    pub fn set_directory(&mut self, dir: &Path) {
        join(dir, &mut self.bearer_token_file);
        if let Some(basic) = &mut self.basic_auth {
            join(dir, &mut basic.username_file);
            join(dir, &mut basic.password_file);
        }
        if let Some(authorization) = &mut self.authorization {
            join(dir, &mut authorization.credentials_file);
        }
        if let Some(oauth2) = &mut self.oauth2 {
            join(dir, &mut oauth2.client_secret_file);
            oauth2.tls_config.set_directory(dir);
        }
        self.tls_config.set_directory(dir);
        for values in self.http_headers.values_mut() {
            for path in &mut values.files {
                *path = dir.join(&*path).to_string_lossy().into_owned();
            }
        }
    }

    /// Refuses settings that exclude each other.
    ///
    /// # Errors
    /// With a text that names them.
    pub fn check(&self) -> Result<(), HttpClientError> {
        let conflict = |text| Err(HttpClientError::Conflict(text));
        let has_bearer = self.bearer_token.is_some() || self.bearer_token_file.is_some();
        if self.bearer_token.is_some() && self.bearer_token_file.is_some() {
            return conflict("at most one of bearer_token & bearer_token_file must be configured");
        }
        let kinds = [
            self.basic_auth.is_some(),
            self.authorization.is_some(),
            self.oauth2.is_some(),
            has_bearer,
        ];
        if kinds.iter().filter(|set| **set).count() > 1 {
            return conflict(
                "at most one of basic_auth, oauth2, authorization & bearer_token must be configured",
            );
        }
        if let Some(basic) = &self.basic_auth
            && basic.password.is_some()
            && basic.password_file.is_some()
        {
            return conflict(
                "at most one of basic_auth password & password_file must be configured",
            );
        }
        if let Some(authorization) = &self.authorization {
            if authorization.credentials.is_some() && authorization.credentials_file.is_some() {
                return conflict(
                    "at most one of authorization credentials & credentials_file must be configured",
                );
            }
            if authorization.scheme.as_deref().is_some_and(|s| s.eq_ignore_ascii_case("basic")) {
                return conflict(
                    "authorization type cannot be set to \"basic\", use \"basic_auth\" instead",
                );
            }
        }
        Ok(())
    }

    /// The scheme and text of the `Authorization` header.
    pub(super) fn credentials(&self) -> Result<Option<(String, String)>, HttpClientError> {
        if let Some(auth) = &self.authorization {
            let scheme = auth.scheme.clone().unwrap_or_else(|| "Bearer".to_owned());
            let (text, file) = (auth.credentials.as_ref(), auth.credentials_file.as_deref());
            return Ok(Some((scheme, text_or_file("credentials_file", text, file)?)));
        }
        if self.bearer_token.is_none() && self.bearer_token_file.is_none() {
            return Ok(None);
        }
        let (text, file) = (self.bearer_token.as_ref(), self.bearer_token_file.as_deref());
        Ok(Some(("Bearer".to_owned(), text_or_file("bearer_token_file", text, file)?)))
    }
}

fn text_or_file(
    what: &'static str,
    text: Option<&Secret>,
    path: Option<&str>,
) -> Result<String, HttpClientError> {
    match path {
        Some(path) => read_secret(what, path),
        None => Ok(text.map(|text| text.expose().to_owned()).unwrap_or_default()),
    }
}

fn read_secret(what: &'static str, path: &str) -> Result<String, HttpClientError> {
    std::fs::read_to_string(path)
        .map(|text| text.trim().to_owned())
        .map_err(|source| HttpClientError::File { what, path: path.to_owned(), source })
}
