//! Secrets of a configuration, which never show.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};
use url::Url;

/// What is shown in the place of a secret.
pub(super) const HIDDEN: &str = "<secret>";

/// A text that is neither logged nor shown.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// A secret of its text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for use.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(HIDDEN)
    }
}

/// An address of http or https that holds a secret, as webhooks' do.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct SecretUrl(HttpUrl);

/// An address of http or https.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct HttpUrl(String);

impl HttpUrl {
    /// The address as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address with `path` behind its own path.
    pub fn join(&self, path: &str) -> String {
        format!("{}/{}", self.0.trim_end_matches('/'), path.trim_start_matches('/'))
    }
}

impl TryFrom<String> for HttpUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        // The text may be a secret and stays out of the error.
        let url = Url::parse(&text).map_err(|error| format!("unsupported URL: {error}"))?;
        match url.scheme() {
            "http" | "https" if url.has_host() => Ok(Self(text)),
            "http" | "https" => Err("missing host for URL".to_owned()),
            scheme => Err(format!("unsupported scheme {scheme:?} for URL")),
        }
    }
}

impl SecretUrl {
    /// The address, for use.
    pub fn reveal(&self) -> &str {
        self.0.as_str()
    }
}

impl TryFrom<String> for SecretUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        HttpUrl::try_from(text).map(Self)
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}
