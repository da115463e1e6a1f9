//! Slack: a message with one attachment, to an incoming webhook or the API.

use model::PromDuration;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::error::NotifyError;
use super::render::Rendering;
use super::request::{HttpRequest, Method};
use super::text::truncate_chars;
use crate::config::ConfigPath;
use crate::config::GlobalConfig;
use crate::config::http::{Authorization, HttpConfig};
use crate::config::secret::{HttpUrl, Secret, SecretUrl};
use crate::yaml::or_default;

/// The longest title, in characters.
const TITLE_CHARS_MAX: usize = 1024;

/// Settings of Slack.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the keys are those of Alertmanager's documentation")]
pub struct SlackConfig {
    pub send_resolved: bool,
    pub http_config: Option<HttpConfig>,
    pub api_url: Option<SecretUrl>,
    pub api_url_file: Option<ConfigPath>,
    pub app_token: Option<Secret>,
    pub app_token_file: Option<ConfigPath>,
    pub app_url: Option<HttpUrl>,
    pub channel: String,
    pub username: String,
    pub color: String,
    pub title: String,
    pub title_link: String,
    pub pretext: String,
    pub text: String,
    #[serde(deserialize_with = "or_default")]
    pub fields: Vec<Field>,
    pub short_fields: bool,
    pub footer: String,
    pub fallback: String,
    pub callback_id: String,
    pub icon_emoji: String,
    pub icon_url: String,
    pub image_url: String,
    pub thumb_url: String,
    pub link_names: bool,
    pub mrkdwn_in: Option<Vec<String>>,
    pub message_text: String,
    #[serde(deserialize_with = "or_default")]
    pub actions: Vec<Action>,
    pub timeout: PromDuration,
}

/// A field of an attachment.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the keys are those of Alertmanager's documentation")]
pub struct Field {
    pub title: String,
    pub value: String,
    pub short: Option<bool>,
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
    pub style: String,
    pub name: String,
    pub value: String,
    pub confirm: Option<Confirmation>,
}

/// A question before a button acts.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the keys are those of Alertmanager's documentation")]
pub struct Confirmation {
    pub text: String,
    pub title: String,
    pub ok_text: String,
    pub dismiss_text: String,
}

impl Default for SlackConfig {
    fn default() -> Self {
        let named = |name: &str| format!(r#"{{{{ template "slack.default.{name}" . }}}}"#);
        Self {
            send_resolved: false,
            http_config: None,
            api_url: None,
            api_url_file: None,
            app_token: None,
            app_token_file: None,
            app_url: None,
            channel: String::new(),
            username: named("username"),
            color: r#"{{ if eq .Status "firing" }}danger{{ else }}good{{ end }}"#.to_owned(),
            title: named("title"),
            title_link: named("titlelink"),
            pretext: named("pretext"),
            text: named("text"),
            fields: Vec::new(),
            short_fields: false,
            footer: named("footer"),
            fallback: named("fallback"),
            callback_id: named("callbackid"),
            icon_emoji: named("iconemoji"),
            icon_url: named("iconurl"),
            image_url: String::new(),
            thumb_url: String::new(),
            link_names: false,
            mrkdwn_in: None,
            message_text: String::new(),
            actions: Vec::new(),
            timeout: PromDuration::default(),
        }
    }
}

impl SlackConfig {
    pub(crate) fn inherit(&mut self, global: &GlobalConfig) -> Result<(), String> {
        if self.api_url.is_some() && self.api_url_file.is_some() {
            return Err("at most one of api_url & api_url_file must be configured".to_owned());
        }
        for field in &self.fields {
            if field.title.is_empty() || field.value.is_empty() {
                return Err("a field of a Slack config needs a title and a value".to_owned());
            }
        }
        for action in &self.actions {
            if action.kind.is_empty() || action.text.is_empty() {
                return Err("an action of a Slack config needs a type and a text".to_owned());
            }
            if action.url.is_empty() && action.name.is_empty() {
                return Err("an action of a Slack config needs a name or url".to_owned());
            }
        }
        let has_own = self.api_url.is_some() || self.api_url_file.is_some();
        let has_own_token = self.app_token.is_some() || self.app_token_file.is_some();
        if !has_own && !has_own_token {
            self.api_url.clone_from(&global.slack_api_url);
            self.api_url_file.clone_from(&global.slack_api_url_file);
            self.app_token.clone_from(&global.slack_app_token);
            self.app_token_file.clone_from(&global.slack_app_token_file);
        }
        let app_url = self.app_url.take().or_else(|| global.slack_app_url.clone());
        let has_token = self.app_token.is_some() || self.app_token_file.is_some();
        if has_token && self.api_url.is_none() && self.api_url_file.is_none() {
            self.app_url = app_url;
            let http = self
                .http_config
                .get_or_insert_with(|| global.http_config.clone().unwrap_or_default());
            http.authorization = Some(Authorization {
                credentials: self.app_token.clone(),
                credentials_file: self.app_token_file.clone(),
                ..Authorization::default()
            });
        }
        match self.api_url.is_some() || self.api_url_file.is_some() || self.app_url.is_some() {
            true => Ok(()),
            false => Err("no global Slack API URL set either inline or in a file".to_owned()),
        }
    }

    pub(super) fn request(&self, rendering: &Rendering<'_>) -> Result<HttpRequest, NotifyError> {
        let url = match &self.app_url {
            Some(url) => url.as_str().to_owned(),
            None => {
                let inline = self.api_url.as_ref().map(|url| Secret::new(url.reveal()));
                rendering.secret("api_url", inline.as_ref(), self.api_url_file.as_deref())?
            }
        };
        let mut message = texts(
            rendering,
            &[
                ("channel", &self.channel),
                ("username", &self.username),
                ("icon_emoji", &self.icon_emoji),
                ("icon_url", &self.icon_url),
                ("text", &self.message_text),
            ],
        )?;
        if self.link_names {
            message.insert("link_names".to_owned(), true.into());
        }
        message.insert("attachments".to_owned(), json!([self.attachment(rendering)?]));
        let body = Json::Object(message);
        Ok(HttpRequest::json(Method::Post, url, &body).retry_on(&[429]))
    }

    fn attachment(&self, rendering: &Rendering<'_>) -> Result<Json, NotifyError> {
        let mut attachment = texts(
            rendering,
            &[
                ("title_link", &self.title_link),
                ("pretext", &self.pretext),
                ("text", &self.text),
                ("fallback", &self.fallback),
                ("callback_id", &self.callback_id),
                ("image_url", &self.image_url),
                ("thumb_url", &self.thumb_url),
                ("footer", &self.footer),
                ("color", &self.color),
            ],
        )?;
        let title = rendering.text("title", &self.title)?;
        attachment.insert("title".to_owned(), truncate_chars(&title, TITLE_CHARS_MAX).into());
        let default = || ["fallback", "pretext", "text"].map(str::to_owned).to_vec();
        let mrkdwn_in = self.mrkdwn_in.clone().unwrap_or_else(default);
        attachment.insert("mrkdwn_in".to_owned(), mrkdwn_in.into());
        if !self.fields.is_empty() {
            let fields = self.fields.iter().map(|field| {
                Ok(json!({
                    "title": rendering.text("fields", &field.title)?,
                    "value": rendering.text("fields", &field.value)?,
                    "short": field.short.unwrap_or(self.short_fields),
                }))
            });
            let fields = fields.collect::<Result<Vec<Json>, NotifyError>>()?;
            attachment.insert("fields".to_owned(), fields.into());
        }
        if !self.actions.is_empty() {
            let actions = self.actions.iter().map(|action| action.json(rendering));
            let actions = actions.collect::<Result<Vec<Json>, NotifyError>>()?;
            attachment.insert("actions".to_owned(), actions.into());
        }
        Ok(Json::Object(attachment))
    }
}

impl Action {
    fn json(&self, rendering: &Rendering<'_>) -> Result<Json, NotifyError> {
        let mut action = texts(
            rendering,
            &[
                ("type", &self.kind),
                ("text", &self.text),
                ("url", &self.url),
                ("style", &self.style),
                ("name", &self.name),
                ("value", &self.value),
            ],
        )?;
        if let Some(confirm) = &self.confirm {
            let confirm = texts(
                rendering,
                &[
                    ("text", &confirm.text),
                    ("title", &confirm.title),
                    ("ok_text", &confirm.ok_text),
                    ("dismiss_text", &confirm.dismiss_text),
                ],
            )?;
            action.insert("confirm".to_owned(), Json::Object(confirm));
        }
        Ok(Json::Object(action))
    }
}

/// The texts that are not empty, by their names.
pub(super) fn texts(
    rendering: &Rendering<'_>,
    templates: &[(&str, &String)],
) -> Result<Map<String, Json>, NotifyError> {
    let mut texts = Map::new();
    for (name, template) in templates {
        let text = rendering.text(name, template)?;
        if !text.is_empty() {
            texts.insert((*name).to_owned(), text.into());
        }
    }
    Ok(texts)
}
