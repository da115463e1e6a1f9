//! `global`: what receivers inherit.

use model::PromDuration;
use serde::Deserialize;

use super::http::{HttpConfig, TlsConfig};
use super::path::ConfigPath;
use super::secret::{HttpUrl, Secret, SecretUrl};

/// What holds for all receivers that say nothing else.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the keys are those of Alertmanager's documentation")]
pub struct GlobalConfig {
    /// When an alert counts as resolved that was sent without an end and not again.
    pub resolve_timeout: PromDuration,
    pub http_config: Option<HttpConfig>,
    pub smtp_from: Option<String>,
    pub smtp_hello: String,
    pub smtp_smarthost: Option<String>,
    pub smtp_auth_username: Option<String>,
    pub smtp_auth_password: Option<Secret>,
    pub smtp_auth_password_file: Option<ConfigPath>,
    pub smtp_auth_secret: Option<Secret>,
    pub smtp_auth_secret_file: Option<ConfigPath>,
    pub smtp_auth_identity: Option<String>,
    pub smtp_require_tls: bool,
    pub smtp_force_implicit_tls: Option<bool>,
    pub smtp_tls_config: Option<TlsConfig>,
    pub slack_api_url: Option<SecretUrl>,
    pub slack_api_url_file: Option<ConfigPath>,
    pub slack_app_token: Option<Secret>,
    pub slack_app_token_file: Option<ConfigPath>,
    pub slack_app_url: Option<HttpUrl>,
    pub victorops_api_key: Option<Secret>,
    pub victorops_api_key_file: Option<ConfigPath>,
    pub victorops_api_url: Option<HttpUrl>,
    pub pagerduty_url: Option<HttpUrl>,
    pub opsgenie_api_key: Option<Secret>,
    pub opsgenie_api_key_file: Option<ConfigPath>,
    pub opsgenie_api_url: Option<HttpUrl>,
    pub telegram_api_url: Option<HttpUrl>,
    pub telegram_bot_token: Option<Secret>,
    pub telegram_bot_token_file: Option<ConfigPath>,
    pub webex_api_url: Option<HttpUrl>,
    pub jira_api_url: Option<HttpUrl>,
    pub rocketchat_api_url: Option<HttpUrl>,
    pub rocketchat_token: Option<Secret>,
    pub rocketchat_token_file: Option<ConfigPath>,
    pub rocketchat_token_id: Option<Secret>,
    pub rocketchat_token_id_file: Option<ConfigPath>,
    pub wechat_api_url: Option<HttpUrl>,
    pub wechat_api_secret: Option<Secret>,
    pub wechat_api_secret_file: Option<ConfigPath>,
    pub wechat_api_corp_id: Option<String>,
}

impl Default for GlobalConfig {
    fn default() -> Self {
        let url = |text: &str| HttpUrl::try_from(text.to_owned()).ok();
        Self {
            resolve_timeout: PromDuration::from_secs(5 * 60),
            http_config: None,
            smtp_from: None,
            smtp_hello: "localhost".to_owned(),
            smtp_smarthost: None,
            smtp_auth_username: None,
            smtp_auth_password: None,
            smtp_auth_password_file: None,
            smtp_auth_secret: None,
            smtp_auth_secret_file: None,
            smtp_auth_identity: None,
            smtp_require_tls: true,
            smtp_force_implicit_tls: None,
            smtp_tls_config: None,
            slack_api_url: None,
            slack_api_url_file: None,
            slack_app_token: None,
            slack_app_token_file: None,
            slack_app_url: url("https://slack.com/api/chat.postMessage"),
            victorops_api_key: None,
            victorops_api_key_file: None,
            victorops_api_url: url(
                "https://alert.victorops.com/integrations/generic/20131114/alert/",
            ),
            pagerduty_url: url("https://events.pagerduty.com/v2/enqueue"),
            opsgenie_api_key: None,
            opsgenie_api_key_file: None,
            opsgenie_api_url: url("https://api.opsgenie.com/"),
            telegram_api_url: url("https://api.telegram.org"),
            telegram_bot_token: None,
            telegram_bot_token_file: None,
            webex_api_url: url("https://webexapis.com/v1/messages"),
            jira_api_url: None,
            rocketchat_api_url: url("https://open.rocket.chat/"),
            rocketchat_token: None,
            rocketchat_token_file: None,
            rocketchat_token_id: None,
            rocketchat_token_id_file: None,
            wechat_api_url: None,
            wechat_api_secret: None,
            wechat_api_secret_file: None,
            wechat_api_corp_id: None,
        }
    }
}
