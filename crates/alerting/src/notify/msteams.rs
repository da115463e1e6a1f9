//! Microsoft Teams: a message card, to a connector's webhook.

use serde::Deserialize;
use serde_json::json;

use super::error::NotifyError;
use super::render::Rendering;
use super::request::{HttpRequest, Method};
use crate::config::ConfigPath;
use crate::config::GlobalConfig;
use crate::config::http::HttpConfig;
use crate::config::secret::{Secret, SecretUrl};

/// Red, while it fires.
const COLOR_FIRING: &str = "8C1A1A";
/// Green, when it has ended.
const COLOR_RESOLVED: &str = "2DC72D";

/// Settings of Teams' connectors.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the keys are those of Alertmanager's documentation")]
pub struct MsTeamsConfig {
    pub send_resolved: bool,
    pub http_config: Option<HttpConfig>,
    pub webhook_url: Option<SecretUrl>,
    pub webhook_url_file: Option<ConfigPath>,
    pub title: String,
    pub summary: String,
    pub text: String,
}

impl Default for MsTeamsConfig {
    fn default() -> Self {
        let named = |name: &str| format!(r#"{{{{ template "msteams.default.{name}" . }}}}"#);
        Self {
            send_resolved: true,
            http_config: None,
            webhook_url: None,
            webhook_url_file: None,
            title: named("title"),
            summary: named("summary"),
            text: named("text"),
        }
    }
}

impl MsTeamsConfig {
    pub(crate) fn inherit(&mut self, _: &GlobalConfig) -> Result<(), String> {
        one_address(self.webhook_url.is_some(), self.webhook_url_file.is_some())
    }

    pub(super) fn request(&self, rendering: &Rendering<'_>) -> Result<HttpRequest, NotifyError> {
        let inline = self.webhook_url.as_ref().map(|url| Secret::new(url.reveal()));
        let url =
            rendering.secret("webhook_url", inline.as_ref(), self.webhook_url_file.as_deref())?;
        let body = json!({
            "@context": "http://schema.org/extensions",
            "type": "MessageCard",
            "title": rendering.text("title", &self.title)?,
            "summary": rendering.text("summary", &self.summary)?,
            "text": rendering.text("text", &self.text)?,
            "themeColor": if rendering.is_firing() { COLOR_FIRING } else { COLOR_RESOLVED },
        });
        Ok(HttpRequest::json(Method::Post, url, &body).retry_on(&[429]))
    }
}

/// An address stands in the settings or in a file.
pub(super) fn one_address(is_inline: bool, is_in_file: bool) -> Result<(), String> {
    match (is_inline, is_in_file) {
        (false, false) => {
            Err("one of webhook_url or webhook_url_file must be configured".to_owned())
        }
        (true, true) => {
            Err("at most one of webhook_url & webhook_url_file must be configured".to_owned())
        }
        _ => Ok(()),
    }
}
