//! Jira: an issue for each group, found again by a label, reopened and closed
//! by transitions.
//!
//! What to ask next depends on what was answered, so this is a plan: its owner
//! sends [`JiraPlan::first`] and hands each answer to [`JiraPlan::next`] until
//! there is nothing more to send.

mod plan;

use std::collections::BTreeMap;

use model::PromDuration;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::error::NotifyError;
use super::render::Rendering;
use super::text::truncate_chars;
use crate::config::GlobalConfig;
use crate::config::http::HttpConfig;
use crate::config::secret::HttpUrl;
use crate::yaml::or_default;

pub use plan::JiraPlan;

/// The longest texts, in characters.
const SUMMARY_CHARS_MAX: usize = 255;
const DESCRIPTION_CHARS_MAX: usize = 32_767;

/// Settings of Jira.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the keys are those of Alertmanager's documentation")]
pub struct JiraConfig {
    pub send_resolved: bool,
    pub http_config: Option<HttpConfig>,
    pub api_url: Option<HttpUrl>,
    pub api_type: String,
    pub project: String,
    pub summary: JiraText,
    pub description: JiraText,
    #[serde(deserialize_with = "or_default")]
    pub labels: Vec<String>,
    pub priority: String,
    pub issue_type: String,
    pub reopen_transition: String,
    pub resolve_transition: String,
    pub wont_fix_resolution: String,
    pub reopen_duration: PromDuration,
    #[serde(deserialize_with = "or_default")]
    pub fields: BTreeMap<String, Json>,
    #[serde(deserialize_with = "or_default")]
    pub custom_fields: BTreeMap<String, Json>,
}

/// A text, or a text with whether updates write it again.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "WrittenText")]
pub struct JiraText {
    template: String,
    is_updated: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenText {
    Plain(String),
    Settings { template: String, enable_update: Option<bool> },
}

impl From<WrittenText> for JiraText {
    fn from(written: WrittenText) -> Self {
        match written {
            WrittenText::Plain(template) => Self { template, is_updated: true },
            WrittenText::Settings { template, enable_update } => {
                Self { template, is_updated: enable_update.unwrap_or(true) }
            }
        }
    }
}

impl Default for JiraConfig {
    fn default() -> Self {
        let text = |name: &str| JiraText {
            template: format!(r#"{{{{ template "jira.default.{name}" . }}}}"#),
            is_updated: true,
        };
        Self {
            send_resolved: true,
            http_config: None,
            api_url: None,
            api_type: "auto".to_owned(),
            project: String::new(),
            summary: text("summary"),
            description: text("description"),
            labels: Vec::new(),
            priority: r#"{{ template "jira.default.priority" . }}"#.to_owned(),
            issue_type: String::new(),
            reopen_transition: String::new(),
            resolve_transition: String::new(),
            wont_fix_resolution: String::new(),
            reopen_duration: PromDuration::default(),
            fields: BTreeMap::new(),
            custom_fields: BTreeMap::new(),
        }
    }
}

impl JiraConfig {
    pub(crate) fn inherit(&mut self, global: &GlobalConfig) -> Result<(), String> {
        if self.project.is_empty() {
            return Err("missing project in jira_config".to_owned());
        }
        if self.issue_type.is_empty() {
            return Err("missing issue_type in jira_config".to_owned());
        }
        if self.api_url.is_none() {
            self.api_url.clone_from(&global.jira_api_url);
        }
        match self.api_url {
            Some(_) => Ok(()),
            None => Err("no global Jira Cloud URL set".to_owned()),
        }
    }

    pub(super) fn plan(&self, rendering: &Rendering<'_>) -> Result<JiraPlan, NotifyError> {
        let project = rendering.text("project", &self.project)?;
        let label = format!("ALERT{{{}}}", rendering.group_hash());
        let fields = self.issue_fields(rendering, &project, &label)?;
        let mut updated = fields.clone();
        for (name, text) in [("summary", &self.summary), ("description", &self.description)] {
            if !text.is_updated {
                updated.remove(name);
            }
        }
        Ok(JiraPlan::new(plan::Wanted {
            base: self.api_url.as_ref().map(|url| url.as_str().to_owned()).unwrap_or_default(),
            project,
            label,
            fields,
            updated,
            is_firing: rendering.is_firing(),
            reopen_transition: self.reopen_transition.clone(),
            resolve_transition: self.resolve_transition.clone(),
            wont_fix_resolution: self.wont_fix_resolution.clone(),
            reopen_minutes: self.reopen_duration.as_millis().get() / 60_000,
        }))
    }

    fn issue_fields(
        &self,
        rendering: &Rendering<'_>,
        project: &str,
        label: &str,
    ) -> Result<Map<String, Json>, NotifyError> {
        let mut fields = Map::new();
        for (name, value) in self.fields.iter().chain(&self.custom_fields) {
            fields.insert(name.clone(), expand_json(rendering, value)?);
        }
        let summary = rendering.text("summary", &self.summary.template)?;
        let description = rendering.text("description", &self.description.template)?;
        let issue_type = rendering.text("issue_type", &self.issue_type)?;
        let mut labels = self
            .labels
            .iter()
            .map(|text| rendering.text("labels", text))
            .collect::<Result<Vec<String>, _>>()?;
        labels.retain(|label| !label.is_empty());
        labels.push(label.to_owned());
        labels.sort();
        fields.insert("project".to_owned(), json!({ "key": project }));
        fields.insert("issuetype".to_owned(), json!({ "name": issue_type }));
        fields.insert("summary".to_owned(), truncate_chars(&summary, SUMMARY_CHARS_MAX).into());
        let description = truncate_chars(&description, DESCRIPTION_CHARS_MAX);
        fields.insert("description".to_owned(), description.into());
        fields.insert("labels".to_owned(), labels.into());
        if let Some(priority) = rendering.optional("priority", Some(&self.priority))? {
            fields.insert("priority".to_owned(), json!({ "name": priority }));
        }
        Ok(fields)
    }
}

/// Expands all texts in a value.
fn expand_json(rendering: &Rendering<'_>, value: &Json) -> Result<Json, NotifyError> {
    Ok(match value {
        Json::String(text) => rendering.text("fields", text)?.into(),
        Json::Array(items) => {
            let items = items.iter().map(|item| expand_json(rendering, item));
            Json::Array(items.collect::<Result<_, _>>()?)
        }
        Json::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| Ok((name.clone(), expand_json(rendering, value)?)));
            Json::Object(fields.collect::<Result<_, NotifyError>>()?)
        }
        other => other.clone(),
    })
}
