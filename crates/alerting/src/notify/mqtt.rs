//! MQTT: a message for a topic, for homes and workshops whose lamps and displays
//! listen to a broker.

use serde::Deserialize;
use serde::de::Error as _;
use url::Url;

use super::error::NotifyError;
use super::render::Rendering;
use super::request::MqttMessage;
use super::webhook;
use crate::config::ConfigPath;
use crate::config::GlobalConfig;
use crate::config::http::{HttpConfig, TlsConfig};
use crate::config::secret::Secret;

/// The longest topic, in bytes.
const TOPIC_BYTES_MAX: usize = 65_535;

/// Settings of MQTT. Alertmanager has no such receiver.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MqttConfig {
    /// Whether ends are told, too.
    pub send_resolved: bool,
    #[serde(skip)]
    pub(crate) http_config: Option<HttpConfig>,
    /// Where the broker is.
    pub broker: Option<Broker>,
    /// The topic, a template.
    pub topic: String,
    /// The message, a template; what a webhook gets where it is empty.
    pub message: String,
    /// 0 for at most once, 1 for at least once.
    pub qos: u8,
    /// Whether the broker keeps the message for those who listen later.
    pub retain: bool,
    /// How we are called; made up for each message where it is empty.
    pub client_id: String,
    /// The user.
    pub username: String,
    /// The password.
    pub password: Option<Secret>,
    /// The password, in a file.
    pub password_file: Option<ConfigPath>,
    /// How to trust the broker.
    pub tls_config: Option<TlsConfig>,
}

impl Default for MqttConfig {
    fn default() -> Self {
        Self {
            send_resolved: true,
            http_config: None,
            broker: None,
            topic: "alerts/{{ .Receiver }}".to_owned(),
            message: String::new(),
            qos: 1,
            retain: false,
            client_id: String::new(),
            username: String::new(),
            password: None,
            password_file: None,
            tls_config: None,
        }
    }
}

/// An address such as `mqtt://host:1883` or `mqtts://host:8883`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broker {
    /// The host.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Whether TLS is spoken.
    pub is_tls: bool,
}

impl<'de> Deserialize<'de> for Broker {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let url =
            Url::parse(&text).map_err(|error| D::Error::custom(format!("broker: {error}")))?;
        let (is_tls, port) = match url.scheme() {
            "mqtt" => (false, 1883),
            "mqtts" => (true, 8883),
            scheme => {
                let message =
                    format!("broker: unsupported scheme {scheme:?}; write mqtt:// or mqtts://");
                return Err(D::Error::custom(message));
            }
        };
        let host = url.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| D::Error::custom("broker: the host is missing"))?;
        Ok(Self { host: host.to_owned(), port: url.port().unwrap_or(port), is_tls })
    }
}

impl MqttConfig {
    pub(crate) fn inherit(&mut self, _: &GlobalConfig) -> Result<(), String> {
        if self.broker.is_none() {
            return Err("missing broker in mqtt_config".to_owned());
        }
        if self.qos > 1 {
            return Err("qos in mqtt_config must be 0 or 1".to_owned());
        }
        match (&self.password, &self.password_file) {
            (Some(_), Some(_)) => {
                Err("at most one of password & password_file must be configured".to_owned())
            }
            _ => Ok(()),
        }
    }

    pub(super) fn message(&self, rendering: &Rendering<'_>) -> Result<MqttMessage, NotifyError> {
        let invalid =
            |field, reason: &str| NotifyError::Invalid { field, reason: reason.to_owned() };
        let broker = self.broker.clone().ok_or_else(|| invalid("broker", "is not configured"))?;
        let topic = rendering.text("topic", &self.topic)?;
        if topic.is_empty() || topic.len() > TOPIC_BYTES_MAX || topic.contains(['+', '#', '\0']) {
            return Err(invalid("topic", &format!("{topic:?} is no topic to publish to")));
        }
        let payload = match self.message.as_str() {
            "" => webhook::body(rendering.notification(), 0)?,
            template => rendering.text("message", template)?,
        };
        let password = match (&self.password, &self.password_file) {
            (None, None) => Secret::default(),
            (inline, file) => {
                Secret::new(rendering.secret("password", inline.as_ref(), file.as_deref())?)
            }
        };
        Ok(MqttMessage {
            broker,
            topic,
            payload,
            is_acknowledged: self.qos > 0,
            is_retained: self.retain,
            client_id: self.client_id.clone(),
            username: self.username.clone(),
            password,
            tls_config: self.tls_config.clone().unwrap_or_default(),
        })
    }
}
