//! Pushover: a message to a user's devices.

use model::PromDuration;
use serde::Deserialize;

use super::error::NotifyError;
use super::render::Rendering;
use super::request::HttpRequest;
use super::text::{form, truncate_chars};
use crate::config::ConfigPath;
use crate::config::GlobalConfig;
use crate::config::http::HttpConfig;
use crate::config::secret::Secret;

const URL: &str = "https://api.pushover.net/1/messages.json";
/// The longest texts, in characters.
const TITLE_CHARS_MAX: usize = 250;
const MESSAGE_CHARS_MAX: usize = 1024;
const LINK_CHARS_MAX: usize = 512;
const LINK_TITLE_CHARS_MAX: usize = 100;

/// Settings of Pushover.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the keys are those of Alertmanager's documentation")]
pub struct PushoverConfig {
    pub send_resolved: bool,
    pub http_config: Option<HttpConfig>,
    pub user_key: Option<Secret>,
    pub user_key_file: Option<ConfigPath>,
    pub token: Option<Secret>,
    pub token_file: Option<ConfigPath>,
    pub title: String,
    pub message: String,
    pub url: String,
    pub url_title: String,
    pub device: String,
    pub sound: String,
    pub priority: String,
    pub retry: PromDuration,
    pub expire: PromDuration,
    pub ttl: PromDuration,
    pub html: bool,
    pub monospace: bool,
}

impl Default for PushoverConfig {
    fn default() -> Self {
        let named = |name: &str| format!(r#"{{{{ template "pushover.default.{name}" . }}}}"#);
        Self {
            send_resolved: true,
            http_config: None,
            user_key: None,
            user_key_file: None,
            token: None,
            token_file: None,
            title: named("title"),
            message: named("message"),
            url: named("url"),
            url_title: String::new(),
            device: String::new(),
            sound: String::new(),
            // Emergency while it fires, normal when it has ended.
            priority: r#"{{ if eq .Status "firing" }}2{{ else }}0{{ end }}"#.to_owned(),
            retry: PromDuration::from_secs(60),
            expire: PromDuration::from_secs(60 * 60),
            ttl: PromDuration::default(),
            html: false,
            monospace: false,
        }
    }
}

impl PushoverConfig {
    pub(crate) fn inherit(&mut self, _: &GlobalConfig) -> Result<(), String> {
        if self.user_key.is_none() && self.user_key_file.is_none() {
            return Err("one of user_key or user_key_file must be configured".to_owned());
        }
        if self.token.is_none() && self.token_file.is_none() {
            return Err("one of token or token_file must be configured".to_owned());
        }
        match self.html && self.monospace {
            true => Err("at most one of monospace & html must be configured".to_owned()),
            false => Ok(()),
        }
    }

    pub(super) fn request(&self, rendering: &Rendering<'_>) -> Result<HttpRequest, NotifyError> {
        let message = match self.html {
            true => rendering.html("message", &self.message)?,
            false => rendering.text("message", &self.message)?,
        };
        let message = truncate_chars(message.trim(), MESSAGE_CHARS_MAX);
        let message = if message.is_empty() { "(no details)".to_owned() } else { message };
        let title = rendering.text("title", &self.title)?;
        let link = rendering.text("url", &self.url)?;
        let link_title = rendering.text("url_title", &self.url_title)?;
        let seconds = |duration: PromDuration| (duration.as_millis().get() / 1000).to_string();
        let mut pairs = vec![
            ("token", rendering.secret("token", self.token.as_ref(), self.token_file.as_deref())?),
            (
                "user",
                rendering.secret(
                    "user_key",
                    self.user_key.as_ref(),
                    self.user_key_file.as_deref(),
                )?,
            ),
            ("title", truncate_chars(&title, TITLE_CHARS_MAX)),
            ("message", message),
            ("url", truncate_chars(&link, LINK_CHARS_MAX)),
            ("url_title", truncate_chars(&link_title, LINK_TITLE_CHARS_MAX)),
            ("priority", rendering.text("priority", &self.priority)?),
            ("retry", seconds(self.retry)),
            ("expire", seconds(self.expire)),
            ("device", rendering.text("device", &self.device)?),
            ("sound", rendering.text("sound", &self.sound)?),
        ];
        if !self.ttl.is_zero() {
            pairs.push(("ttl", seconds(self.ttl)));
        }
        if self.html {
            pairs.push(("html", "1".to_owned()));
        }
        if self.monospace {
            pairs.push(("monospace", "1".to_owned()));
        }
        let optional = ["device", "sound", "url_title"];
        pairs.retain(|(name, text)| !text.is_empty() || !optional.contains(name));
        let body = form(pairs.iter().map(|(name, text)| (*name, text.as_str())));
        Ok(HttpRequest::form(URL, body).retry_on(&[429]))
    }
}
