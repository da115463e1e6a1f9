//! PagerDuty: the events API, version 2, and version 1 for a `service_key`.

use std::collections::BTreeMap;

use model::PromDuration;
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

/// The longest summary, in characters.
const SUMMARY_CHARS_MAX: usize = 1024;
/// The largest event, in bytes.
const EVENT_BYTES_MAX: usize = 512_000;
/// Where events of version 1 go.
const VERSION_1_URL: &str = "https://events.pagerduty.com/generic/2010-04-15/create_event.json";

/// Settings of PagerDuty.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the keys are those of Alertmanager's documentation")]
pub struct PagerdutyConfig {
    pub send_resolved: bool,
    pub http_config: Option<HttpConfig>,
    pub service_key: Option<Secret>,
    pub service_key_file: Option<ConfigPath>,
    pub routing_key: Option<Secret>,
    pub routing_key_file: Option<ConfigPath>,
    pub url: Option<HttpUrl>,
    pub client: String,
    pub client_url: String,
    pub description: String,
    #[serde(deserialize_with = "or_default")]
    pub details: BTreeMap<String, String>,
    #[serde(deserialize_with = "or_default")]
    pub images: Vec<Image>,
    #[serde(deserialize_with = "or_default")]
    pub links: Vec<Link>,
    pub source: Option<String>,
    pub severity: String,
    pub class: String,
    pub component: String,
    pub group: String,
    pub timeout: PromDuration,
}

/// A picture.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the keys are those of Alertmanager's documentation")]
pub struct Image {
    pub src: String,
    pub alt: String,
    pub href: String,
}

/// A link.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the keys are those of Alertmanager's documentation")]
pub struct Link {
    pub href: String,
    pub text: String,
}

impl Default for PagerdutyConfig {
    fn default() -> Self {
        Self {
            send_resolved: true,
            http_config: None,
            service_key: None,
            service_key_file: None,
            routing_key: None,
            routing_key_file: None,
            url: None,
            client: r#"{{ template "pagerduty.default.client" . }}"#.to_owned(),
            client_url: r#"{{ template "pagerduty.default.clientURL" . }}"#.to_owned(),
            description: r#"{{ template "pagerduty.default.description" . }}"#.to_owned(),
            details: BTreeMap::new(),
            images: Vec::new(),
            links: Vec::new(),
            source: None,
            severity: String::new(),
            class: String::new(),
            component: String::new(),
            group: String::new(),
            timeout: PromDuration::default(),
        }
    }
}

impl PagerdutyConfig {
    pub(crate) fn inherit(&mut self, global: &GlobalConfig) -> Result<(), String> {
        let has_routing = self.routing_key.is_some() || self.routing_key_file.is_some();
        let has_service = self.service_key.is_some() || self.service_key_file.is_some();
        match (has_routing, has_service) {
            (false, false) => {
                return Err("missing service or routing key in PagerDuty config".to_owned());
            }
            (true, true) => {
                return Err(
                    "at most one of routing_key and service_key must be configured".to_owned()
                );
            }
            _ => {}
        }
        let instances =
            |of: &str| format!(r#"{{{{ template "pagerduty.default.instances" .Alerts.{of} }}}}"#);
        for (name, text) in [
            ("firing", instances("Firing")),
            ("resolved", instances("Resolved")),
            ("num_firing", "{{ .Alerts.Firing | len }}".to_owned()),
            ("num_resolved", "{{ .Alerts.Resolved | len }}".to_owned()),
        ] {
            self.details.entry(name.to_owned()).or_insert(text);
        }
        if self.url.is_none() {
            self.url.clone_from(&global.pagerduty_url);
        }
        Ok(())
    }

    pub(super) fn request(&self, rendering: &Rendering<'_>) -> Result<HttpRequest, NotifyError> {
        let is_version_1 = self.service_key.is_some() || self.service_key_file.is_some();
        let (url, body) = match is_version_1 {
            true => (VERSION_1_URL.to_owned(), self.version_1(rendering)?),
            false => {
                let url = self.url.as_ref().map(|url| url.as_str().to_owned());
                (url.unwrap_or_default(), self.version_2(rendering)?)
            }
        };
        let codes: &[u16] = if is_version_1 { &[403] } else { &[429] };
        Ok(HttpRequest::json(Method::Post, url, &body).retry_on(codes))
    }

    fn version_1(&self, rendering: &Rendering<'_>) -> Result<Json, NotifyError> {
        let key = rendering.secret(
            "service_key",
            self.service_key.as_ref(),
            self.service_key_file.as_deref(),
        )?;
        let summary = rendering.text("description", &self.description)?;
        let mut event = json!({
            "service_key": key,
            "event_type": if rendering.is_firing() { "trigger" } else { "resolve" },
            "incident_key": rendering.group_hash(),
            "description": truncate_chars(&summary, SUMMARY_CHARS_MAX),
            "details": rendering.texts(&self.details)?,
        });
        if rendering.is_firing() {
            event["client"] = rendering.text("client", &self.client)?.into();
            event["client_url"] = rendering.text("client_url", &self.client_url)?.into();
        }
        Ok(event)
    }

    fn version_2(&self, rendering: &Rendering<'_>) -> Result<Json, NotifyError> {
        let key = rendering.secret(
            "routing_key",
            self.routing_key.as_ref(),
            self.routing_key_file.as_deref(),
        )?;
        let severity = rendering.text("severity", &self.severity)?;
        let summary = rendering.text("description", &self.description)?;
        let source = self.source.as_ref().unwrap_or(&self.client);
        let mut event = json!({
            "client": rendering.text("client", &self.client)?,
            "client_url": rendering.text("client_url", &self.client_url)?,
            "routing_key": key,
            "event_action": if rendering.is_firing() { "trigger" } else { "resolve" },
            "dedup_key": rendering.group_hash(),
            "payload": {
                "summary": truncate_chars(&summary, SUMMARY_CHARS_MAX),
                "source": rendering.text("source", source)?,
                "severity": if severity.is_empty() { "error" } else { &severity },
                "custom_details": rendering.texts(&self.details)?,
                "class": rendering.text("class", &self.class)?,
                "component": rendering.text("component", &self.component)?,
                "group": rendering.text("group", &self.group)?,
            },
        });
        drop_empty(&mut event["payload"]);
        let images = self.images(rendering)?;
        if !images.is_empty() {
            event["images"] = images.into();
        }
        let links = self.links(rendering)?;
        if !links.is_empty() {
            event["links"] = links.into();
        }
        if event.to_string().len() > EVENT_BYTES_MAX {
            event["payload"]["custom_details"] = json!({
                "error": format!("the details were left out: the event is larger than {EVENT_BYTES_MAX} bytes"),
            });
        }
        Ok(event)
    }

    /// Pictures without an address are left out.
    fn images(&self, rendering: &Rendering<'_>) -> Result<Vec<Json>, NotifyError> {
        let mut images = Vec::new();
        for image in &self.images {
            let src = rendering.text("images", &image.src)?;
            if !src.is_empty() {
                images.push(json!({
                    "src": src,
                    "alt": rendering.text("images", &image.alt)?,
                    "href": rendering.text("images", &image.href)?,
                }));
            }
        }
        Ok(images)
    }

    /// Links without an address are left out.
    fn links(&self, rendering: &Rendering<'_>) -> Result<Vec<Json>, NotifyError> {
        let mut links = Vec::new();
        for link in &self.links {
            let href = rendering.text("links", &link.href)?;
            if !href.is_empty() {
                let text = rendering.text("links", &link.text)?;
                links.push(json!({ "href": href, "text": text }));
            }
        }
        Ok(links)
    }
}
