//! Opsgenie: alerts are created, updated and closed by the alias of their group.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::error::NotifyError;
use super::render::Rendering;
use super::request::{HttpRequest, Method};
use super::text::{drop_empty, truncate_chars};
use crate::config::ConfigPath;
use crate::config::GlobalConfig;
use crate::config::http::HttpConfig;
use crate::config::secret::{HttpUrl, Secret};
use crate::yaml::or_default;

/// The longest message, in characters.
const MESSAGE_CHARS_MAX: usize = 130;
const RETRY_CODES: &[u16] = &[429];

/// Settings of Opsgenie.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the keys are those of Alertmanager's documentation")]
pub struct OpsgenieConfig {
    pub send_resolved: bool,
    pub http_config: Option<HttpConfig>,
    pub api_key: Option<Secret>,
    pub api_key_file: Option<ConfigPath>,
    pub api_url: Option<HttpUrl>,
    pub message: String,
    pub description: String,
    pub source: String,
    #[serde(deserialize_with = "or_default")]
    pub details: BTreeMap<String, String>,
    pub entity: String,
    #[serde(deserialize_with = "or_default")]
    pub responders: Vec<Responder>,
    pub actions: String,
    pub tags: String,
    pub note: String,
    pub priority: String,
    pub update_alerts: bool,
}

/// Who is called.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the keys are those of Alertmanager's documentation")]
pub struct Responder {
    pub id: String,
    pub name: String,
    pub username: String,
    #[serde(rename = "type")]
    pub kind: String,
}

impl Default for OpsgenieConfig {
    fn default() -> Self {
        let named = |name: &str| format!(r#"{{{{ template "opsgenie.default.{name}" . }}}}"#);
        Self {
            send_resolved: true,
            http_config: None,
            api_key: None,
            api_key_file: None,
            api_url: None,
            message: named("message"),
            description: named("description"),
            source: named("source"),
            details: BTreeMap::new(),
            entity: String::new(),
            responders: Vec::new(),
            actions: String::new(),
            tags: String::new(),
            note: String::new(),
            priority: String::new(),
            update_alerts: false,
        }
    }
}

impl OpsgenieConfig {
    pub(crate) fn inherit(&mut self, global: &GlobalConfig) -> Result<(), String> {
        if self.api_url.is_none() {
            self.api_url.clone_from(&global.opsgenie_api_url);
        }
        if self.api_key.is_none() && self.api_key_file.is_none() {
            self.api_key.clone_from(&global.opsgenie_api_key);
            self.api_key_file.clone_from(&global.opsgenie_api_key_file);
        }
        if self.api_key.is_none() && self.api_key_file.is_none() {
            return Err("no global OpsGenie API Key set either inline or in a file".to_owned());
        }
        for responder in &self.responders {
            let names = [&responder.id, &responder.username, &responder.name];
            if names.iter().all(|name| name.is_empty()) {
                return Err("an OpsGenie responder has to have at least one of id, username or name specified".to_owned());
            }
            let kind = responder.kind.to_lowercase();
            let is_known =
                matches!(kind.as_str(), "team" | "teams" | "user" | "escalation" | "schedule");
            if !is_known && !kind.contains("{{") {
                return Err(format!("an OpsGenie responder of type {kind:?} is not known"));
            }
        }
        Ok(())
    }

    pub(super) fn requests(
        &self,
        rendering: &Rendering<'_>,
    ) -> Result<Vec<HttpRequest>, NotifyError> {
        let key =
            rendering.secret("api_key", self.api_key.as_ref(), self.api_key_file.as_deref())?;
        let alias = rendering.group_hash();
        let url =
            |path: String| self.api_url.as_ref().map(|url| url.join(&path)).unwrap_or_default();
        let request = |method, path: String, body: &Json| {
            HttpRequest::json(method, url(path), body)
                .header("Authorization", format!("GenieKey {key}"))
                .retry_on(RETRY_CODES)
        };
        let source = rendering.text("source", &self.source)?;
        if !rendering.is_firing() {
            let path = format!("v2/alerts/{alias}/close?identifierType=alias");
            return Ok(vec![request(Method::Post, path, &json!({ "source": source }))]);
        }
        let message = rendering.text("message", &self.message)?;
        let message = truncate_chars(&message, MESSAGE_CHARS_MAX);
        let description = rendering.text("description", &self.description)?;
        let mut details = rendering.data().common_labels.clone();
        details.extend(rendering.texts(&self.details)?);
        let mut alert = json!({
            "alias": alias,
            "message": message,
            "description": description,
            "details": details,
            "source": source,
            "responders": self.responders(rendering)?,
            "tags": list(&rendering.text("tags", &self.tags)?),
            "actions": list(&rendering.text("actions", &self.actions)?),
            "note": rendering.text("note", &self.note)?,
            "priority": rendering.text("priority", &self.priority)?,
            "entity": rendering.text("entity", &self.entity)?,
        });
        drop_empty(&mut alert);
        let mut requests = vec![request(Method::Post, "v2/alerts".to_owned(), &alert)];
        if self.update_alerts {
            let path = |part: &str| format!("v2/alerts/{alias}/{part}?identifierType=alias");
            let body = json!({ "message": message });
            requests.push(request(Method::Put, path("message"), &body));
            let body = json!({ "description": description });
            requests.push(request(Method::Put, path("description"), &body));
        }
        Ok(requests)
    }

    fn responders(&self, rendering: &Rendering<'_>) -> Result<Vec<Json>, NotifyError> {
        let mut found = Vec::new();
        for responder in &self.responders {
            let mut one = json!({
                "id": rendering.text("responders", &responder.id)?,
                "name": rendering.text("responders", &responder.name)?,
                "username": rendering.text("responders", &responder.username)?,
                "type": rendering.text("responders", &responder.kind)?,
            });
            let is_nobody = ["id", "name", "username"].iter().all(|name| one[name] == "");
            if is_nobody {
                continue;
            }
            // A list of teams in one text.
            if one["type"] == "teams" {
                let names = list(one["name"].as_str().unwrap_or_default());
                found.extend(names.into_iter().map(|name| json!({ "name": name, "type": "team" })));
                continue;
            }
            drop_empty(&mut one);
            found.push(one);
        }
        Ok(found)
    }
}

/// The words between commas.
fn list(text: &str) -> Vec<String> {
    let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}
