//! Notifications: from a group of alerts to what is sent.
//!
//! A receiver is a file: its settings ([`WebhookConfig`](webhook::WebhookConfig)
//! and so on) and a pure function from settings and a [`Rendering`] to requests
//! ([`Outgoing`]). Nothing here opens a connection but [`transport`].

pub mod discord;
pub mod email;
pub mod jira;
pub mod log;
pub mod logfile;
pub mod mqtt;
pub mod msteams;
pub mod msteamsv2;
pub mod opsgenie;
pub mod pagerduty;
pub mod pushover;
pub mod rocketchat;
pub mod slack;
pub mod sns;
pub mod telegram;
pub mod transport;
pub mod victorops;
pub mod webex;
pub mod webhook;

mod data;
mod error;
mod render;
mod request;
mod retry;
mod text;

pub use data::{AlertData, Data, Notification};
pub use error::NotifyError;
pub use render::{ReadFile, Rendering, default_templates};
pub use request::{HttpRequest, LogLine, Method, MqttMessage, Outgoing, Verdict};
pub use retry::Backoff;

use crate::config::Integration;

impl Integration {
    /// What to send.
    ///
    /// # Errors
    /// Where a template fails or a secret can't be read; it is not worth a retry.
    pub fn outgoing(&self, rendering: &Rendering<'_>) -> Result<Outgoing, NotifyError> {
        match self {
            Self::Webhook(config) => config.request(rendering).map(Outgoing::one),
            Self::Email(config) => config.message(rendering).map(|m| Outgoing::Email(m.into())),
            Self::Pagerduty(config) => config.request(rendering).map(Outgoing::one),
            Self::Opsgenie(config) => config.requests(rendering).map(Outgoing::Http),
            Self::Slack(config) => config.request(rendering).map(Outgoing::one),
            Self::Victorops(config) => config.request(rendering).map(Outgoing::one),
            Self::Pushover(config) => config.request(rendering).map(Outgoing::one),
            Self::Sns(config) => config.request(rendering).map(Outgoing::one),
            Self::Telegram(config) => config.request(rendering).map(Outgoing::one),
            Self::Discord(config) => config.request(rendering).map(Outgoing::one),
            Self::Webex(config) => config.request(rendering).map(Outgoing::one),
            Self::MsTeams(config) => config.request(rendering).map(Outgoing::one),
            Self::MsTeamsV2(config) => config.request(rendering).map(Outgoing::one),
            Self::Jira(config) => config.plan(rendering).map(|plan| Outgoing::Jira(plan.into())),
            Self::Rocketchat(config) => config.request(rendering).map(Outgoing::one),
            Self::Mqtt(config) => config.message(rendering).map(|m| Outgoing::Mqtt(m.into())),
            Self::Log(config) => config.line(rendering).map(Outgoing::Log),
        }
    }
}

#[cfg(test)]
mod tests;
