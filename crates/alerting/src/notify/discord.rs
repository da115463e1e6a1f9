//! Discord: an embed, to a channel's webhook.

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::error::NotifyError;
use super::render::Rendering;
use super::request::{HttpRequest, Method};
use super::text::truncate_chars;
use crate::config::ConfigPath;
use crate::config::GlobalConfig;
use crate::config::http::HttpConfig;
use crate::config::secret::{Secret, SecretUrl};

/// The longest texts, in characters.
const TITLE_CHARS_MAX: usize = 256;
const DESCRIPTION_CHARS_MAX: usize = 4096;
const CONTENT_CHARS_MAX: usize = 2000;
/// Red, while it fires.
const COLOR_FIRING: u32 = 0x99_2d_22;
/// Green, when it has ended.
const COLOR_RESOLVED: u32 = 0x2e_cc_71;

/// Settings of Discord.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the keys are those of Alertmanager's documentation")]
pub struct DiscordConfig {
    pub send_resolved: bool,
    pub http_config: Option<HttpConfig>,
    pub webhook_url: Option<SecretUrl>,
    pub webhook_url_file: Option<ConfigPath>,
    pub content: String,
    pub title: String,
    pub message: String,
    pub username: String,
    pub avatar_url: String,
}

impl Default for DiscordConfig {
    fn default() -> Self {
        Self {
            send_resolved: true,
            http_config: None,
            webhook_url: None,
            webhook_url_file: None,
            content: r#"{{ template "discord.default.content" . }}"#.to_owned(),
            title: r#"{{ template "discord.default.title" . }}"#.to_owned(),
            message: r#"{{ template "discord.default.message" . }}"#.to_owned(),
            username: String::new(),
            avatar_url: String::new(),
        }
    }
}

impl DiscordConfig {
    pub(crate) fn inherit(&mut self, _: &GlobalConfig) -> Result<(), String> {
        match (&self.webhook_url, &self.webhook_url_file) {
            (None, None) => {
                Err("one of webhook_url or webhook_url_file must be configured".to_owned())
            }
            (Some(_), Some(_)) => {
                Err("at most one of webhook_url & webhook_url_file must be configured".to_owned())
            }
            _ => Ok(()),
        }
    }

    pub(super) fn request(&self, rendering: &Rendering<'_>) -> Result<HttpRequest, NotifyError> {
        let inline = self.webhook_url.as_ref().map(|url| Secret::new(url.reveal()));
        let url =
            rendering.secret("webhook_url", inline.as_ref(), self.webhook_url_file.as_deref())?;
        let title = rendering.text("title", &self.title)?;
        let message = rendering.text("message", &self.message)?;
        let content = rendering.text("content", &self.content)?;
        let mut body = json!({
            "content": truncate_chars(&content, CONTENT_CHARS_MAX),
            "embeds": [{
                "title": truncate_chars(&title, TITLE_CHARS_MAX),
                "description": truncate_chars(&message, DESCRIPTION_CHARS_MAX),
                "color": if rendering.is_firing() { COLOR_FIRING } else { COLOR_RESOLVED },
            }],
        });
        for (name, template) in [("username", &self.username), ("avatar_url", &self.avatar_url)] {
            if let Some(text) = rendering.optional(name, Some(template))? {
                body[name] = Json::from(text);
            }
        }
        Ok(HttpRequest::json(Method::Post, url, &body).retry_on(&[429]))
    }
}
