//! Microsoft Teams: an adaptive card, to a workflow's webhook.

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::error::NotifyError;
use super::msteams::one_address;
use super::render::Rendering;
use super::request::{HttpRequest, Method};
use crate::config::ConfigPath;
use crate::config::GlobalConfig;
use crate::config::http::HttpConfig;
use crate::config::secret::{Secret, SecretUrl};

/// Settings of Teams' workflows.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the keys are those of Alertmanager's documentation")]
pub struct MsTeamsV2Config {
    pub send_resolved: bool,
    pub http_config: Option<HttpConfig>,
    pub webhook_url: Option<SecretUrl>,
    pub webhook_url_file: Option<ConfigPath>,
    pub title: String,
    pub text: String,
}

impl Default for MsTeamsV2Config {
    fn default() -> Self {
        Self {
            send_resolved: true,
            http_config: None,
            webhook_url: None,
            webhook_url_file: None,
            title: r#"{{ template "msteamsv2.default.title" . }}"#.to_owned(),
            text: r#"{{ template "msteamsv2.default.text" . }}"#.to_owned(),
        }
    }
}

impl MsTeamsV2Config {
    pub(crate) fn inherit(&mut self, _: &GlobalConfig) -> Result<(), String> {
        one_address(self.webhook_url.is_some(), self.webhook_url_file.is_some())
    }

    pub(super) fn request(&self, rendering: &Rendering<'_>) -> Result<HttpRequest, NotifyError> {
        let inline = self.webhook_url.as_ref().map(|url| Secret::new(url.reveal()));
        let url =
            rendering.secret("webhook_url", inline.as_ref(), self.webhook_url_file.as_deref())?;
        let card = json!({
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard",
            "version": "1.4",
            "msteams": { "width": "full" },
            "body": [
                {
                    "type": "TextBlock",
                    "text": rendering.text("title", &self.title)?,
                    "weight": "Bolder",
                    "size": "Medium",
                    "wrap": true,
                    "style": "heading",
                    "color": if rendering.is_firing() { "Attention" } else { "Good" },
                },
                {
                    "type": "TextBlock",
                    "text": rendering.text("text", &self.text)?,
                    "wrap": true,
                },
            ],
        });
        let body = json!({
            "type": "message",
            "attachments": [{
                "contentType": "application/vnd.microsoft.card.adaptive",
                "contentUrl": Json::Null,
                "content": card,
            }],
        });
        Ok(HttpRequest::json(Method::Post, url, &body).retry_on(&[429]))
    }
}
