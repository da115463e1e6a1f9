//! Webhook: all that is known of the group, as JSON.

use model::PromDuration;
use serde::{Deserialize, Serialize};

use super::data::{Data, Notification};
use super::error::NotifyError;
use super::render::Rendering;
use super::request::{HttpRequest, Method};
use crate::config::ConfigPath;
use crate::config::GlobalConfig;
use crate::config::http::HttpConfig;
use crate::config::secret::{Secret, SecretUrl};

/// Settings of a webhook.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the keys are those of Alertmanager's documentation")]
pub struct WebhookConfig {
    pub send_resolved: bool,
    pub http_config: Option<HttpConfig>,
    pub url: Option<SecretUrl>,
    pub url_file: Option<ConfigPath>,
    /// The most alerts in a request; 0 is no limit.
    pub max_alerts: usize,
    /// How long a request may take; 0 is up to the group's interval.
    pub timeout: PromDuration,
}

impl Default for WebhookConfig {
    fn default() -> Self {
        Self {
            send_resolved: true,
            http_config: None,
            url: None,
            url_file: None,
            max_alerts: 0,
            timeout: PromDuration::default(),
        }
    }
}

/// The body, version 4.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Message<'a> {
    #[serde(flatten)]
    data: &'a Data,
    version: &'static str,
    group_key: &'a str,
    truncated_alerts: usize,
}

impl WebhookConfig {
    pub(crate) fn inherit(&mut self, _: &GlobalConfig) -> Result<(), String> {
        match (&self.url, &self.url_file) {
            (None, None) => Err("one of url or url_file must be configured".to_owned()),
            (Some(_), Some(_)) => {
                Err("at most one of url & url_file must be configured".to_owned())
            }
            _ => Ok(()),
        }
    }

    pub(super) fn request(&self, rendering: &Rendering<'_>) -> Result<HttpRequest, NotifyError> {
        let inline = self.url.as_ref().map(|url| Secret::new(url.reveal()));
        let url = rendering.secret("url", inline.as_ref(), self.url_file.as_deref())?;
        let body = body(rendering.notification(), self.max_alerts)?;
        let mut request = HttpRequest::json(Method::Post, url, &serde_json::Value::Null);
        request.body = body;
        Ok(request)
    }
}

/// All that is known of a group, as JSON, with at most `alerts_max` alerts (0 is
/// no limit).
pub(super) fn body(notification: &Notification, alerts_max: usize) -> Result<String, NotifyError> {
    let mut notification = notification.clone();
    let truncated_alerts = match alerts_max {
        0 => 0,
        max => notification.alerts.len().saturating_sub(max),
    };
    notification.alerts.truncate(notification.alerts.len() - truncated_alerts);
    // What the alerts share is what those share that are sent.
    let data = notification.data();
    let message =
        Message { data: &data, version: "4", group_key: &notification.group_key, truncated_alerts };
    serde_json::to_string(&message)
        .map_err(|error| NotifyError::Invalid { field: "body", reason: error.to_string() })
}
