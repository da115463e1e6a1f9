//! The configuration as the API shows it: what was written, secrets masked.
//!
//! amtool reads it to draw and test routes, so that it must be a configuration
//! that Alertmanager reads.

mod verbatim;

use serde_json::{Map, Value};
use url::Url;

use super::{ConfigError, secret};
use verbatim::Verbatim;

/// Keys whose values nobody may see, wherever they stand.
const SECRETS: &[&str] = &[
    "api_key",
    "api_secret",
    "auth_password",
    "auth_secret",
    "bearer_token",
    "bot_token",
    "client_secret",
    "credentials",
    "key",
    "opsgenie_api_key",
    "password",
    "proxy_connect_header",
    "rocketchat_token",
    "rocketchat_token_id",
    "routing_key",
    "secret_key",
    "secrets",
    "service_key",
    "slack_api_url",
    "slack_app_token",
    "smtp_auth_password",
    "smtp_auth_secret",
    "telegram_bot_token",
    "token",
    "token_id",
    "user_key",
    "victorops_api_key",
    "webhook_url",
    "wechat_api_secret",
];
/// Keys whose values nobody may see in some kinds of receivers.
const SECRETS_OF_KINDS: &[(&str, &str)] = &[("slack_configs", "api_url")];
/// Keys of addresses that may hold a user, a password or a token.
const ADDRESSES: &[&str] = &["proxy_url", "url"];

/// The text without its secrets.
///
/// # Errors
/// Where it is no YAML.
pub fn shown(text: &str) -> Result<String, ConfigError> {
    let mut verbatim = Verbatim::read(text).map_err(ConfigError::of_yaml)?;
    mask(&mut verbatim.value, "");
    Ok(verbatim.write())
}

/// Masks what is below `kind`, the nearest key of a receiver's integrations.
fn mask(value: &mut Value, kind: &str) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| mask(item, kind)),
        Value::Object(map) => {
            if kind == "email_configs" {
                as_alertmanager_writes_mail(map);
            }
            for (key, value) in map {
                let kind = if key.ends_with("_configs") { key.as_str() } else { kind };
                let is_secret = SECRETS.contains(&key.as_str())
                    || SECRETS_OF_KINDS.contains(&(kind, key.as_str()));
                match value {
                    _ if is_secret => hide(value),
                    Value::String(url) if ADDRESSES.contains(&key.as_str()) => hide_in_url(url),
                    _ => mask(value, kind),
                }
            }
        }
        _ => {}
    }
}

fn hide(value: &mut Value) {
    match value {
        Value::String(text) if text.is_empty() => {}
        Value::String(text) => *text = secret::HIDDEN.to_owned(),
        Value::Array(items) => items.iter_mut().for_each(hide),
        Value::Object(map) => map.values_mut().for_each(hide),
        _ => {}
    }
}

/// Leaves the host, by which people know the receiver.
fn hide_in_url(text: &mut String) {
    let Ok(url) = Url::parse(text) else { return };
    let Some(host) = url.host_str() else { return };
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    *text = format!("{}://{host}{port}/{}", url.scheme(), secret::HIDDEN);
}

/// `subject` and `body` are ours; Alertmanager has a header and a text.
fn as_alertmanager_writes_mail(mail: &mut Map<String, Value>) {
    if let Some(body) = mail.remove("body") {
        mail.entry("text").or_insert(body);
    }
    if let Some(subject) = mail.remove("subject")
        && let Some(headers) =
            mail.entry("headers").or_insert_with(|| Value::Object(Map::new())).as_object_mut()
    {
        headers.entry("Subject").or_insert(subject);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn secrets_are_masked_and_the_rest_is_a_configuration() {
        let text = "
global: {smtp_auth_password: hunter1, slack_api_url: 'https://hooks.slack.com/hunter2'}
route: {receiver: a, group_by: ['...'], routes: [{matchers: ['a=\"b\"'], receiver: b}]}
receivers:
- name: a
  webhook_configs:
  - url: http://u:hunter3@sink:8080/hunter4?t=hunter5
    http_config:
      authorization: {credentials: hunter6}
      http_headers: {X-Key: {secrets: [hunter7]}}
      tls_config: {key: hunter8}
  slack_configs: [{api_url: 'https://hooks.slack.com/hunter9', channel: '#c'}]
  pagerduty_configs: [{routing_key: hunter10}]
- name: b
  email_configs: [{to: a@b.c, from: d@e.f, smarthost: 'h:25', subject: 's', body: 't'}]
";
        let shown = shown(text).unwrap();
        assert!(!shown.contains("hunter"), "{shown}");
        assert!(shown.contains("http://sink:8080/<secret>"), "{shown}");
        assert!(shown.contains("Subject: s") && shown.contains("text: t"), "{shown}");
        assert!(!shown.contains("subject"), "{shown}");
        let readable = shown.replace("<secret>", "https://x/y");
        assert!(Config::parse(&readable).is_ok(), "{readable}");
    }

    #[test]
    fn what_is_no_yaml_has_its_place() {
        assert_eq!(shown("a: [").unwrap_err().line, 1);
    }
}
