//! VictorOps (Splunk On-Call): its REST endpoint.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::error::NotifyError;
use super::render::Rendering;
use super::request::{HttpRequest, Method};
use super::text::{encode, truncate_chars};
use crate::config::ConfigPath;
use crate::config::GlobalConfig;
use crate::config::http::HttpConfig;
use crate::config::secret::{HttpUrl, Secret};
use crate::yaml::or_default;

/// The longest message, in characters.
const MESSAGE_CHARS_MAX: usize = 20_480;
/// The fields that are ours.
const OWN_FIELDS: [&str; 6] = [
    "routing_key",
    "message_type",
    "state_message",
    "entity_display_name",
    "monitoring_tool",
    "entity_id",
];

/// Settings of VictorOps.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the keys are those of Alertmanager's documentation")]
pub struct VictoropsConfig {
    pub send_resolved: bool,
    pub http_config: Option<HttpConfig>,
    pub api_key: Option<Secret>,
    pub api_key_file: Option<ConfigPath>,
    pub api_url: Option<HttpUrl>,
    pub routing_key: String,
    pub message_type: String,
    pub state_message: String,
    pub entity_display_name: String,
    pub monitoring_tool: String,
    #[serde(deserialize_with = "or_default")]
    pub custom_fields: BTreeMap<String, String>,
}

impl Default for VictoropsConfig {
    fn default() -> Self {
        let named = |name: &str| format!(r#"{{{{ template "victorops.default.{name}" . }}}}"#);
        Self {
            send_resolved: true,
            http_config: None,
            api_key: None,
            api_key_file: None,
            api_url: None,
            routing_key: String::new(),
            message_type: "CRITICAL".to_owned(),
            state_message: named("state_message"),
            entity_display_name: named("entity_display_name"),
            monitoring_tool: named("monitoring_tool"),
            custom_fields: BTreeMap::new(),
        }
    }
}

impl VictoropsConfig {
    pub(crate) fn inherit(&mut self, global: &GlobalConfig) -> Result<(), String> {
        if self.api_url.is_none() {
            self.api_url.clone_from(&global.victorops_api_url);
        }
        if self.api_key.is_none() && self.api_key_file.is_none() {
            self.api_key.clone_from(&global.victorops_api_key);
            self.api_key_file.clone_from(&global.victorops_api_key_file);
        }
        if self.api_key.is_none() && self.api_key_file.is_none() {
            return Err("no global VictorOps API Key set".to_owned());
        }
        if self.routing_key.is_empty() {
            return Err("missing Routing key in VictorOps config".to_owned());
        }
        match self.custom_fields.keys().find(|name| OWN_FIELDS.contains(&name.as_str())) {
            Some(name) => Err(format!(
                "VictorOps config contains custom field {name:?} which cannot be used as it conflicts with the fixed/static fields"
            )),
            None => Ok(()),
        }
    }

    pub(super) fn request(&self, rendering: &Rendering<'_>) -> Result<HttpRequest, NotifyError> {
        let key =
            rendering.secret("api_key", self.api_key.as_ref(), self.api_key_file.as_deref())?;
        let routing = rendering.text("routing_key", &self.routing_key)?;
        let path = format!("{}/{}", encode(&key), encode(&routing));
        let url = self.api_url.as_ref().map(|url| url.join(&path)).unwrap_or_default();
        let written = rendering.text("message_type", &self.message_type)?;
        let kind = match (rendering.is_firing(), written.as_str()) {
            (false, _) => "RECOVERY",
            (true, "WARNING" | "INFO" | "CRITICAL") => &written,
            (true, _) => "CRITICAL",
        };
        let message = rendering.text("state_message", &self.state_message)?;
        let mut body = Map::new();
        let mut set = |name: &str, text: &str| body.insert(name.to_owned(), Json::from(text));
        set("message_type", kind);
        set("entity_id", &rendering.group_hash());
        set("state_message", &truncate_chars(&message, MESSAGE_CHARS_MAX));
        let name = rendering.text("entity_display_name", &self.entity_display_name)?;
        set("entity_display_name", &name);
        set("monitoring_tool", &rendering.text("monitoring_tool", &self.monitoring_tool)?);
        for (name, text) in rendering.texts(&self.custom_fields)? {
            set(&name, &text);
        }
        Ok(HttpRequest::json(Method::Post, url, &Json::Object(body)))
    }
}
