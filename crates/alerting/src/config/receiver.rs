//! Receivers: a name and the integrations that notify it.

use std::time::Duration;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_saphyr::Spanned;

use super::global::GlobalConfig;
use super::http::HttpConfig;
use crate::notify::discord::DiscordConfig;
use crate::notify::email::EmailConfig;
use crate::notify::jira::JiraConfig;
use crate::notify::logfile::LogConfig;
use crate::notify::mqtt::MqttConfig;
use crate::notify::msteams::MsTeamsConfig;
use crate::notify::msteamsv2::MsTeamsV2Config;
use crate::notify::opsgenie::OpsgenieConfig;
use crate::notify::pagerduty::PagerdutyConfig;
use crate::notify::pushover::PushoverConfig;
use crate::notify::rocketchat::RocketchatConfig;
use crate::notify::slack::SlackConfig;
use crate::notify::sns::SnsConfig;
use crate::notify::telegram::TelegramConfig;
use crate::notify::victorops::VictoropsConfig;
use crate::notify::webex::WebexConfig;
use crate::notify::webhook::WebhookConfig;

/// Who is notified, and how.
#[derive(Clone, Debug)]
pub struct ReceiverConfig {
    /// The name that routes use.
    pub name: String,
    /// The ways to notify; none is a receiver that drops alerts.
    pub integrations: Vec<Integration>,
    /// The line where it begins, from 1.
    pub line: usize,
}

macro_rules! integrations {
    ($($variant:ident($config:ident) = $key:ident $kind:literal;)*) => {
        /// A way to notify someone, with its settings.
        #[derive(Clone, Debug)]
        #[allow(missing_docs, reason = "each is the peer of its name")]
        pub enum Integration {
            $($variant(Box<$config>),)*
        }

        impl Integration {
            /// The kind, as metrics and the API name it.
            pub const fn kind(&self) -> &'static str {
                match self { $(Self::$variant(_) => $kind,)* }
            }

            /// Whether it tells of alerts that have ended.
            pub const fn sends_resolved(&self) -> bool {
                match self { $(Self::$variant(config) => config.send_resolved,)* }
            }

            /// How it makes HTTP requests.
            pub fn http_config(&self) -> Option<&HttpConfig> {
                match self { $(Self::$variant(config) => config.http_config.as_ref(),)* }
            }

            /// Fills in what the settings inherit.
            ///
            /// # Errors
            /// What is missing in both, or contradicts itself.
            fn inherit(&mut self, global: &GlobalConfig) -> Result<(), String> {
                match self {
                    $(Self::$variant(config) => {
                        config.inherit(global)?;
                        if config.http_config.is_none() {
                            config.http_config.clone_from(&global.http_config);
                        }
                        match config.http_config.as_ref().and_then(HttpConfig::fault) {
                            Some(fault) => Err(fault),
                            None => Ok(()),
                        }
                    })*
                }
            }
        }

        #[derive(Deserialize, Default)]
        #[serde(deny_unknown_fields, default)]
        pub(super) struct WrittenReceiver {
            pub(super) name: Option<String>,
            $($key: Option<Vec<Spanned<$config>>>,)*
            pub(super) wechat_configs: Option<Vec<Spanned<IgnoredAny>>>,
        }

        impl WrittenReceiver {
            /// The integrations with their places, as they stand in the file.
            fn integrations(&mut self) -> Vec<(Spanned<()>, Integration)> {
                let mut found = Vec::new();
                $(for written in self.$key.take().into_iter().flatten() {
                    let place = Spanned {
                        value: (),
                        referenced: written.referenced,
                        defined: written.defined,
                    };
                    found.push((place, Integration::$variant(Box::new(written.value))));
                })*
                found
            }
        }
    };
}

integrations! {
    Webhook(WebhookConfig) = webhook_configs "webhook";
    Email(EmailConfig) = email_configs "email";
    Pagerduty(PagerdutyConfig) = pagerduty_configs "pagerduty";
    Opsgenie(OpsgenieConfig) = opsgenie_configs "opsgenie";
    Slack(SlackConfig) = slack_configs "slack";
    Victorops(VictoropsConfig) = victorops_configs "victorops";
    Pushover(PushoverConfig) = pushover_configs "pushover";
    Sns(SnsConfig) = sns_configs "sns";
    Telegram(TelegramConfig) = telegram_configs "telegram";
    Discord(DiscordConfig) = discord_configs "discord";
    Webex(WebexConfig) = webex_configs "webex";
    MsTeams(MsTeamsConfig) = msteams_configs "msteams";
    MsTeamsV2(MsTeamsV2Config) = msteamsv2_configs "msteamsv2";
    Jira(JiraConfig) = jira_configs "jira";
    Rocketchat(RocketchatConfig) = rocketchat_configs "rocketchat";
    Mqtt(MqttConfig) = mqtt_configs "mqtt";
    Log(LogConfig) = log_configs "log";
}

impl Integration {
    /// How long one attempt may take, where the settings say.
    pub fn timeout(&self) -> Option<Duration> {
        let timeout = match self {
            Self::Webhook(config) => config.timeout,
            Self::Pagerduty(config) => config.timeout,
            Self::Slack(config) => config.timeout,
            _ => return None,
        };
        (!timeout.is_zero()).then(|| timeout.to_duration())
    }
}

/// Checks a receiver and fills in what it inherits.
pub(super) fn build(
    mut written: Spanned<WrittenReceiver>,
    global: &GlobalConfig,
) -> Result<ReceiverConfig, super::ConfigError> {
    let name = written.value.name.clone().unwrap_or_default();
    if name.is_empty() {
        return Err(super::ConfigError::at(&written, "missing name in receiver"));
    }
    let mut integrations = Vec::new();
    for (place, mut integration) in written.value.integrations() {
        integration.inherit(global).map_err(|message| super::ConfigError::at(&place, message))?;
        integrations.push(integration);
    }
    Ok(ReceiverConfig { name, integrations, line: written.referenced.line() as usize })
}
