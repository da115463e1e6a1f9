//! Telegram: a message by a bot.

use serde::Deserialize;
use serde_json::json;

use super::error::NotifyError;
use super::render::Rendering;
use super::request::{HttpRequest, Method};
use super::text::truncate_chars;
use crate::config::ConfigPath;
use crate::config::GlobalConfig;
use crate::config::http::HttpConfig;
use crate::config::secret::{HttpUrl, Secret};

/// The longest message, in characters.
const MESSAGE_CHARS_MAX: usize = 4096;

/// Settings of Telegram.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the keys are those of Alertmanager's documentation")]
pub struct TelegramConfig {
    pub send_resolved: bool,
    pub http_config: Option<HttpConfig>,
    pub api_url: Option<HttpUrl>,
    pub bot_token: Option<Secret>,
    pub bot_token_file: Option<ConfigPath>,
    pub chat_id: i64,
    pub chat_id_file: Option<ConfigPath>,
    pub message_thread_id: i64,
    pub message: String,
    pub disable_notifications: bool,
    pub parse_mode: String,
}

impl Default for TelegramConfig {
    fn default() -> Self {
        Self {
            send_resolved: true,
            http_config: None,
            api_url: None,
            bot_token: None,
            bot_token_file: None,
            chat_id: 0,
            chat_id_file: None,
            message_thread_id: 0,
            message: r#"{{ template "telegram.default.message" . }}"#.to_owned(),
            disable_notifications: false,
            parse_mode: "HTML".to_owned(),
        }
    }
}

impl TelegramConfig {
    pub(crate) fn inherit(&mut self, global: &GlobalConfig) -> Result<(), String> {
        if self.bot_token.is_none() && self.bot_token_file.is_none() {
            self.bot_token.clone_from(&global.telegram_bot_token);
            self.bot_token_file.clone_from(&global.telegram_bot_token_file);
        }
        if self.bot_token.is_none() && self.bot_token_file.is_none() {
            return Err("missing bot_token or bot_token_file on telegram_config".to_owned());
        }
        if self.bot_token.is_some() && self.bot_token_file.is_some() {
            return Err("at most one of bot_token & bot_token_file must be configured".to_owned());
        }
        if self.chat_id == 0 && self.chat_id_file.is_none() {
            return Err("missing chat_id or chat_id_file on telegram_config".to_owned());
        }
        if !matches!(self.parse_mode.as_str(), "" | "Markdown" | "MarkdownV2" | "HTML") {
            return Err("unknown parse_mode on telegram_config, must be Markdown, MarkdownV2, HTML or empty string".to_owned());
        }
        if self.api_url.is_none() {
            self.api_url.clone_from(&global.telegram_api_url);
        }
        Ok(())
    }

    pub(super) fn request(&self, rendering: &Rendering<'_>) -> Result<HttpRequest, NotifyError> {
        let token = rendering.secret(
            "bot_token",
            self.bot_token.as_ref(),
            self.bot_token_file.as_deref(),
        )?;
        let chat_id = match self.chat_id {
            0 => {
                let text = rendering.secret("chat_id", None, self.chat_id_file.as_deref())?;
                text.parse::<i64>().map_err(|_| NotifyError::Invalid {
                    field: "chat_id",
                    reason: format!("{text:?} is not a number"),
                })?
            }
            id => id,
        };
        let text = match self.parse_mode.as_str() {
            "HTML" => rendering.html("message", &self.message)?,
            _ => rendering.text("message", &self.message)?,
        };
        let mut body = json!({
            "chat_id": chat_id,
            "text": truncate_chars(&text, MESSAGE_CHARS_MAX),
            "disable_web_page_preview": true,
            "disable_notification": self.disable_notifications,
        });
        if !self.parse_mode.is_empty() {
            body["parse_mode"] = self.parse_mode.as_str().into();
        }
        if self.message_thread_id != 0 {
            body["message_thread_id"] = self.message_thread_id.into();
        }
        let path = format!("bot{token}/sendMessage");
        let url = self.api_url.as_ref().map(|url| url.join(&path)).unwrap_or_default();
        Ok(HttpRequest::json(Method::Post, url, &body).retry_on(&[429]))
    }
}
