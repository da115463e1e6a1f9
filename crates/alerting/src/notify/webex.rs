//! Webex: a message to a room.

use serde::Deserialize;
use serde_json::json;

use super::error::NotifyError;
use super::render::Rendering;
use super::request::{HttpRequest, Method};
use super::text::truncate_bytes;
use crate::config::GlobalConfig;
use crate::config::http::HttpConfig;
use crate::config::secret::HttpUrl;

/// The longest message, in bytes.
const MESSAGE_BYTES_MAX: usize = 7439;

/// Settings of Webex.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the keys are those of Alertmanager's documentation")]
pub struct WebexConfig {
    pub send_resolved: bool,
    pub http_config: Option<HttpConfig>,
    pub api_url: Option<HttpUrl>,
    pub message: String,
    pub room_id: String,
}

impl Default for WebexConfig {
    fn default() -> Self {
        Self {
            send_resolved: true,
            http_config: None,
            api_url: None,
            message: r#"{{ template "webex.default.message" . }}"#.to_owned(),
            room_id: String::new(),
        }
    }
}

impl WebexConfig {
    pub(crate) fn inherit(&mut self, global: &GlobalConfig) -> Result<(), String> {
        if self.room_id.is_empty() {
            return Err("missing room_id on webex_config".to_owned());
        }
        if self.http_config.as_ref().is_none_or(|http| http.authorization.is_none()) {
            return Err("missing webex_configs.http_config.authorization".to_owned());
        }
        if self.api_url.is_none() {
            self.api_url.clone_from(&global.webex_api_url);
        }
        Ok(())
    }

    pub(super) fn request(&self, rendering: &Rendering<'_>) -> Result<HttpRequest, NotifyError> {
        let message = rendering.text("message", &self.message)?;
        let body = json!({
            "markdown": truncate_bytes(&message, MESSAGE_BYTES_MAX),
            "roomId": rendering.text("room_id", &self.room_id)?,
        });
        let url = self.api_url.as_ref().map(HttpUrl::as_str).unwrap_or_default();
        Ok(HttpRequest::json(Method::Post, url, &body).retry_on(&[429]))
    }
}
