//! Amazon SNS: a message, signed.

mod sign;

use std::collections::BTreeMap;

use serde::Deserialize;

use super::error::NotifyError;
use super::render::Rendering;
use super::request::HttpRequest;
use super::text::{form, truncate_bytes};
use crate::config::GlobalConfig;
use crate::config::http::HttpConfig;
use crate::config::secret::Secret;
use crate::yaml::or_default;

/// The largest message, in bytes.
const MESSAGE_BYTES_MAX: usize = 256 << 10;
/// The longest subject, in characters.
const SUBJECT_CHARS_MAX: usize = 100;

/// Settings of SNS.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the keys are those of Alertmanager's documentation")]
pub struct SnsConfig {
    pub send_resolved: bool,
    pub http_config: Option<HttpConfig>,
    pub api_url: String,
    pub sigv4: SigV4Config,
    pub topic_arn: String,
    pub phone_number: String,
    pub target_arn: String,
    pub subject: String,
    pub message: String,
    #[serde(deserialize_with = "or_default")]
    pub attributes: BTreeMap<String, String>,
}

/// Who signs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the keys are those of Alertmanager's documentation")]
pub struct SigV4Config {
    pub region: String,
    pub access_key: String,
    pub secret_key: Option<Secret>,
    pub profile: String,
    pub role_arn: String,
    pub external_id: String,
    pub use_fips_sts_endpoint: bool,
}

impl Default for SnsConfig {
    fn default() -> Self {
        Self {
            send_resolved: true,
            http_config: None,
            api_url: String::new(),
            sigv4: SigV4Config::default(),
            topic_arn: String::new(),
            phone_number: String::new(),
            target_arn: String::new(),
            subject: r#"{{ template "sns.default.subject" . }}"#.to_owned(),
            message: r#"{{ template "sns.default.message" . }}"#.to_owned(),
            attributes: BTreeMap::new(),
        }
    }
}

impl SnsConfig {
    pub(crate) fn inherit(&mut self, _: &GlobalConfig) -> Result<(), String> {
        let targets = [&self.topic_arn, &self.phone_number, &self.target_arn];
        if targets.iter().filter(|target| !target.is_empty()).count() != 1 {
            return Err(
                "must provide either a Target ARN, Topic ARN, or Phone Number for SNS config"
                    .to_owned(),
            );
        }
        let has_key = !self.sigv4.access_key.is_empty();
        if has_key != self.sigv4.secret_key.is_some() {
            return Err("must provide a AWS SigV4 Access key and Secret Key if credentials are specified in the SNS config".to_owned());
        }
        Ok(())
    }

    pub(super) fn request(&self, rendering: &Rendering<'_>) -> Result<HttpRequest, NotifyError> {
        let mut pairs = vec![
            ("Action".to_owned(), "Publish".to_owned()),
            ("Version".to_owned(), "2010-03-31".to_owned()),
        ];
        let mut add = |name: &str, text: String| pairs.push((name.to_owned(), text));
        let topic = rendering.text("topic_arn", &self.topic_arn)?;
        for (name, field, template) in [
            ("PhoneNumber", "phone_number", &self.phone_number),
            ("TargetArn", "target_arn", &self.target_arn),
        ] {
            let text = rendering.text(field, template)?;
            if !text.is_empty() {
                add(name, text);
            }
        }
        if !topic.is_empty() {
            add("TopicArn", topic.clone());
        }
        // A topic that keeps the order wants to know what belongs together.
        if topic.ends_with(".fifo") {
            add("MessageGroupId", rendering.group_hash());
            let id = format!("{}-{}", rendering.group_hash(), rendering.notification().now);
            add("MessageDeduplicationId", id.chars().take(128).collect());
        }
        let subject = rendering.text("subject", &self.subject)?;
        if !subject.is_empty() {
            add("Subject", subject_line(&subject));
        }
        let message = rendering.text("message", &self.message)?;
        let is_truncated = message.len() > MESSAGE_BYTES_MAX;
        add("Message", truncate_bytes(&message, MESSAGE_BYTES_MAX));
        let mut attributes = rendering.texts(&self.attributes)?;
        if is_truncated {
            attributes.insert("truncated".to_owned(), "true".to_owned());
        }
        for (index, (name, value)) in attributes.iter().enumerate() {
            let prefix = format!("MessageAttributes.entry.{}", index + 1);
            add(&format!("{prefix}.Name"), name.clone());
            add(&format!("{prefix}.Value.DataType"), "String".to_owned());
            add(&format!("{prefix}.Value.StringValue"), value.clone());
        }
        let body = form(pairs.iter().map(|(name, text)| (name.as_str(), text.as_str())));
        let url = match rendering.text("api_url", &self.api_url)? {
            url if url.is_empty() => format!("https://sns.{}.amazonaws.com/", self.sigv4.region),
            url => url,
        };
        let request = HttpRequest::form(url, body).retry_on(&[429]);
        sign::sign(request, &self.sigv4, rendering.notification().now)
    }
}

/// Printable ASCII on one line, as SNS wants it.
fn subject_line(text: &str) -> String {
    let printable = text.chars().map(|c| if c.is_ascii_graphic() { c } else { ' ' });
    printable.take(SUBJECT_CHARS_MAX).collect::<String>().trim().to_owned()
}
