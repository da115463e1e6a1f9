//! Rocket.Chat: a message with one attachment, by its API.

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::error::NotifyError;
use super::render::Rendering;
use super::request::{HttpRequest, Method};
use super::slack::{Field, texts};
use super::text::truncate_chars;
use crate::config::ConfigPath;
use crate::config::GlobalConfig;
use crate::config::http::HttpConfig;
use crate::config::secret::{HttpUrl, Secret};
use crate::yaml::or_default;

/// The longest title, in characters.
const TITLE_CHARS_MAX: usize = 1024;

/// Settings of Rocket.Chat.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the keys are those of Alertmanager's documentation")]
pub struct RocketchatConfig {
    pub send_resolved: bool,
    pub http_config: Option<HttpConfig>,
    pub api_url: Option<HttpUrl>,
    pub token: Option<Secret>,
    pub token_file: Option<ConfigPath>,
    pub token_id: Option<Secret>,
    pub token_id_file: Option<ConfigPath>,
    pub channel: String,
    pub color: String,
    pub title: String,
    pub title_link: String,
    pub text: String,
    #[serde(deserialize_with = "or_default")]
    pub fields: Vec<Field>,
    pub short_fields: bool,
    pub emoji: String,
    pub icon_url: String,
    pub image_url: String,
    pub thumb_url: String,
    pub link_names: bool,
    #[serde(deserialize_with = "or_default")]
    pub actions: Vec<Action>,
}

/// A button.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the keys are those of Alertmanager's documentation")]
pub struct Action {
    #[serde(rename = "type")]
    pub kind: String,
    pub text: String,
    pub url: String,
    pub msg: String,
}

impl Default for RocketchatConfig {
    fn default() -> Self {
        let named = |name: &str| format!(r#"{{{{ template "rocketchat.default.{name}" . }}}}"#);
        Self {
            send_resolved: false,
            http_config: None,
            api_url: None,
            token: None,
            token_file: None,
            token_id: None,
            token_id_file: None,
            channel: String::new(),
            color: r#"{{ if eq .Status "firing" }}red{{ else }}green{{ end }}"#.to_owned(),
            title: named("title"),
            title_link: named("titlelink"),
            text: named("text"),
            fields: Vec::new(),
            short_fields: false,
            emoji: named("emoji"),
            icon_url: named("iconurl"),
            image_url: String::new(),
            thumb_url: String::new(),
            link_names: false,
            actions: Vec::new(),
        }
    }
}

impl RocketchatConfig {
    pub(crate) fn inherit(&mut self, global: &GlobalConfig) -> Result<(), String> {
        if self.api_url.is_none() {
            self.api_url.clone_from(&global.rocketchat_api_url);
        }
        if self.token.is_none() && self.token_file.is_none() {
            self.token.clone_from(&global.rocketchat_token);
            self.token_file.clone_from(&global.rocketchat_token_file);
        }
        if self.token_id.is_none() && self.token_id_file.is_none() {
            self.token_id.clone_from(&global.rocketchat_token_id);
            self.token_id_file.clone_from(&global.rocketchat_token_id_file);
        }
        if self.token.is_none() && self.token_file.is_none() {
            return Err("no global Rocketchat Token set either inline or in a file".to_owned());
        }
        if self.token_id.is_none() && self.token_id_file.is_none() {
            return Err("no global Rocketchat TokenID set either inline or in a file".to_owned());
        }
        Ok(())
    }

    pub(super) fn request(&self, rendering: &Rendering<'_>) -> Result<HttpRequest, NotifyError> {
        let token = rendering.secret("token", self.token.as_ref(), self.token_file.as_deref())?;
        let user =
            rendering.secret("token_id", self.token_id.as_ref(), self.token_id_file.as_deref())?;
        let mut attachment = texts(
            rendering,
            &[
                ("title_link", &self.title_link),
                ("text", &self.text),
                ("image_url", &self.image_url),
                ("thumb_url", &self.thumb_url),
                ("color", &self.color),
            ],
        )?;
        let title = rendering.text("title", &self.title)?;
        attachment.insert("title".to_owned(), truncate_chars(&title, TITLE_CHARS_MAX).into());
        if !self.fields.is_empty() {
            attachment.insert("fields".to_owned(), self.fields(rendering)?.into());
        }
        if !self.actions.is_empty() {
            attachment.insert("actions".to_owned(), self.actions(rendering)?.into());
        }
        let mut body = texts(
            rendering,
            &[("channel", &self.channel), ("emoji", &self.emoji), ("avatar", &self.icon_url)],
        )?;
        body.insert("attachments".to_owned(), json!([attachment]));
        if self.link_names {
            body.insert("parseUrls".to_owned(), true.into());
        }
        let url = self.api_url.as_ref().map(|url| url.join("api/v1/chat.postMessage"));
        Ok(HttpRequest::json(Method::Post, url.unwrap_or_default(), &Json::Object(body))
            .header("X-Auth-Token", token)
            .header("X-User-Id", user)
            .retry_on(&[429]))
    }

    fn fields(&self, rendering: &Rendering<'_>) -> Result<Vec<Json>, NotifyError> {
        let fields = self.fields.iter().map(|field| {
            Ok(json!({
                "title": rendering.text("fields", &field.title)?,
                "value": rendering.text("fields", &field.value)?,
                "short": field.short.unwrap_or(self.short_fields),
            }))
        });
        fields.collect()
    }

    fn actions(&self, rendering: &Rendering<'_>) -> Result<Vec<Json>, NotifyError> {
        let actions = self.actions.iter().map(|action| {
            let action = texts(
                rendering,
                &[
                    ("type", &action.kind),
                    ("text", &action.text),
                    ("url", &action.url),
                    ("msg", &action.msg),
                ],
            )?;
            Ok(Json::Object(action))
        });
        actions.collect()
    }
}
