//! Email: a mail with a text and an HTML part.

use std::collections::BTreeMap;

use model::Timestamp;
use serde::Deserialize;

use super::error::NotifyError;
use super::render::Rendering;
use crate::config::ConfigPath;
use crate::config::GlobalConfig;
use crate::config::http::{HttpConfig, TlsConfig};
use crate::config::secret::Secret;
use crate::yaml::or_default;

/// The port on which TLS comes first.
const IMPLICIT_TLS_PORT: u16 = 465;

/// Settings of email. `subject` and `body` are not Alertmanager's: people write
/// them for the header and the text, and mean them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the keys are those of Alertmanager's documentation")]
pub struct EmailConfig {
    pub send_resolved: bool,
    #[serde(skip)]
    pub http_config: Option<HttpConfig>,
    pub to: String,
    pub from: Option<String>,
    pub hello: Option<String>,
    pub smarthost: Option<String>,
    pub auth_username: Option<String>,
    pub auth_password: Option<Secret>,
    pub auth_password_file: Option<ConfigPath>,
    pub auth_secret: Option<Secret>,
    pub auth_secret_file: Option<ConfigPath>,
    pub auth_identity: Option<String>,
    #[serde(deserialize_with = "or_default")]
    pub headers: BTreeMap<String, String>,
    pub subject: Option<String>,
    pub body: Option<String>,
    pub html: Option<String>,
    pub text: String,
    pub require_tls: Option<bool>,
    pub force_implicit_tls: Option<bool>,
    pub tls_config: Option<TlsConfig>,
    pub threading: Threading,
}

/// Whether mails of a group form a conversation.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the keys are those of Alertmanager's documentation")]
pub struct Threading {
    pub enabled: bool,
    pub thread_by_date: String,
}

/// A mail and the way to send it.
#[derive(Clone, Debug)]
pub struct EmailMessage {
    /// The server, and its port.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The name to greet it with.
    pub hello: String,
    /// How to speak TLS.
    pub tls: EmailTls,
    /// How to trust the server.
    pub tls_config: TlsConfig,
    /// Who we are to it.
    pub auth: Option<EmailAuth>,
    /// The sender.
    pub from: String,
    /// The receivers.
    pub to: Vec<String>,
    /// All headers, `From`, `To` and `Subject` among them.
    pub headers: Vec<(String, String)>,
    /// When it was written.
    pub date: Timestamp,
    /// The text part; empty for none.
    pub text: String,
    /// The HTML part; empty for none.
    pub html: String,
}

/// How a mail server is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmailTls {
    /// TLS from the first byte.
    Implicit,
    /// STARTTLS, or nothing is sent.
    Required,
    /// STARTTLS where it is offered.
    Opportunistic,
}

/// Who we are to a mail server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailAuth {
    /// The user.
    pub username: String,
    /// The password, for PLAIN and LOGIN.
    pub password: Secret,
    /// Whom to act for, in PLAIN.
    pub identity: String,
}

impl EmailConfig {
    pub(crate) fn inherit(&mut self, global: &GlobalConfig) -> Result<(), String> {
        if self.to.is_empty() {
            return Err("missing to address in email config".to_owned());
        }
        let mut names: Vec<String> = self.headers.keys().map(|n| n.to_lowercase()).collect();
        names.sort();
        if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(format!("duplicate header {:?} in email config", pair[0]));
        }
        fn fill<T: Clone>(own: &mut Option<T>, global: &Option<T>) {
            if own.is_none() {
                own.clone_from(global);
            }
        }
        fill(&mut self.smarthost, &global.smtp_smarthost);
        fill(&mut self.from, &global.smtp_from);
        fill(&mut self.hello, &Some(global.smtp_hello.clone()));
        fill(&mut self.auth_username, &global.smtp_auth_username);
        if self.auth_password.is_none() && self.auth_password_file.is_none() {
            self.auth_password.clone_from(&global.smtp_auth_password);
            self.auth_password_file.clone_from(&global.smtp_auth_password_file);
        }
        if self.auth_secret.is_none() && self.auth_secret_file.is_none() {
            self.auth_secret.clone_from(&global.smtp_auth_secret);
            self.auth_secret_file.clone_from(&global.smtp_auth_secret_file);
        }
        fill(&mut self.auth_identity, &global.smtp_auth_identity);
        fill(&mut self.require_tls, &Some(global.smtp_require_tls));
        fill(&mut self.force_implicit_tls, &global.smtp_force_implicit_tls);
        fill(&mut self.tls_config, &global.smtp_tls_config);
        let Some(smarthost) = &self.smarthost else {
            return Err("no global SMTP smarthost set".to_owned());
        };
        host_port(smarthost)?;
        match self.from {
            Some(_) => Ok(()),
            None => Err("no global SMTP from set".to_owned()),
        }
    }

    pub(super) fn message(&self, rendering: &Rendering<'_>) -> Result<EmailMessage, NotifyError> {
        let smarthost = self.smarthost.as_deref().unwrap_or_default();
        let (host, port) = host_port(smarthost)
            .map_err(|reason| NotifyError::Invalid { field: "smarthost", reason })?;
        let from = rendering.text("from", self.from.as_deref().unwrap_or_default())?;
        let to = rendering.text("to", &self.to)?;
        let tls = match self.force_implicit_tls.unwrap_or(port == IMPLICIT_TLS_PORT) {
            true => EmailTls::Implicit,
            false if self.require_tls.unwrap_or(true) => EmailTls::Required,
            false => EmailTls::Opportunistic,
        };
        Ok(EmailMessage {
            host: host.to_owned(),
            port,
            hello: self.hello.clone().unwrap_or_default(),
            tls,
            tls_config: self.tls_config.clone().unwrap_or_default(),
            auth: self.auth(rendering)?,
            headers: self.headers(rendering, &from, &to)?,
            from,
            to: addresses(&to),
            date: rendering.notification().now,
            text: self.text_part(rendering)?,
            html: self.html_part(rendering)?,
        })
    }

    fn text_part(&self, rendering: &Rendering<'_>) -> Result<String, NotifyError> {
        let template = self.body.as_ref().filter(|_| self.text.is_empty()).unwrap_or(&self.text);
        rendering.text("text", template)
    }

    /// The default is HTML, unless a text of one's own stands alone.
    fn html_part(&self, rendering: &Rendering<'_>) -> Result<String, NotifyError> {
        const DEFAULT: &str = r#"{{ template "email.default.html" . }}"#;
        match &self.html {
            Some(html) => rendering.html("html", html),
            None if self.body.is_some() => Ok(String::new()),
            None => rendering.html("html", DEFAULT),
        }
    }

    fn headers(
        &self,
        rendering: &Rendering<'_>,
        from: &str,
        to: &str,
    ) -> Result<Vec<(String, String)>, NotifyError> {
        const DEFAULT_SUBJECT: &str = r#"{{ template "email.default.subject" . }}"#;
        let mut headers = rendering.texts(&self.headers)?;
        let has = |headers: &BTreeMap<String, String>, name: &str| {
            headers.keys().any(|known| known.eq_ignore_ascii_case(name))
        };
        if !has(&headers, "Subject") {
            let template = self.subject.as_deref().unwrap_or(DEFAULT_SUBJECT);
            headers.insert("Subject".to_owned(), rendering.text("subject", template)?);
        }
        for (name, value) in [("From", from), ("To", to)] {
            if !has(&headers, name) {
                headers.insert(name.to_owned(), value.to_owned());
            }
        }
        if self.threading.enabled {
            let id = self.thread_id(rendering);
            headers.insert("References".to_owned(), id.clone());
            headers.insert("In-Reply-To".to_owned(), id);
        }
        // A line's end in a value would begin another header.
        let one_line = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        Ok(headers.into_iter().map(|(name, value)| (name, one_line(value))).collect())
    }

    fn thread_id(&self, rendering: &Rendering<'_>) -> String {
        let now = rendering.notification().now.as_millis();
        let day = match self.threading.thread_by_date.as_str() {
            "none" => String::new(),
            _ => format!("-{}", now.div_euclid(86_400_000)),
        };
        format!("<alert-{}{day}@alertmanager>", rendering.group_hash())
    }

    fn auth(&self, rendering: &Rendering<'_>) -> Result<Option<EmailAuth>, NotifyError> {
        let Some(username) = self.auth_username.as_ref().filter(|name| !name.is_empty()) else {
            return Ok(None);
        };
        let password = rendering.secret(
            "auth_password",
            self.auth_password.as_ref().or(self.auth_secret.as_ref()),
            self.auth_password_file.as_deref().or(self.auth_secret_file.as_deref()),
        )?;
        Ok(Some(EmailAuth {
            username: username.clone(),
            password: Secret::new(password),
            identity: self.auth_identity.clone().unwrap_or_default(),
        }))
    }
}

/// The addresses between commas; a comma in quotes separates nothing.
fn addresses(text: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut is_quoted = false;
    for c in text.chars() {
        is_quoted ^= c == '"';
        match found.last_mut() {
            Some(last) if c != ',' || is_quoted => last.push(c),
            _ => found.push(String::new()),
        }
    }
    found.iter().map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect()
}

/// The parts of `host:port`.
fn host_port(text: &str) -> Result<(&str, u16), String> {
    let fault = || format!("smarthost {text:?} must be host:port");
    let (host, port) = text.rsplit_once(':').ok_or_else(fault)?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let port = port.parse().map_err(|_| fault())?;
    if host.is_empty() { Err(fault()) } else { Ok((host, port)) }
}
