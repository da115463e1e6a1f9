//! Mails over SMTP.

use std::time::{Duration, UNIX_EPOCH};

use lettre::address::Envelope;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use super::{TransportError, chain};
use crate::config::http::TlsConfig;
use crate::notify::email::{EmailMessage, EmailTls};
use crate::notify::request::Verdict;

/// Sends a mail to all its receivers.
pub(super) async fn send(mail: &EmailMessage) -> Verdict {
    let (message, transport) = match (message(mail), transport(mail)) {
        (Ok(message), Ok(transport)) => (message, transport),
        (Err(error), _) | (_, Err(error)) => return Verdict::Failed(error.to_string()),
    };
    match transport.send(message).await {
        Ok(_) => Verdict::Sent,
        // The server's word is final; all else may be better next time.
        Err(error) if error.is_permanent() => Verdict::Failed(chain(&error)),
        Err(error) => Verdict::Retry(chain(&error)),
    }
}

fn message(mail: &EmailMessage) -> Result<Message, TransportError> {
    let address = |text: &str| {
        let mailbox = text.parse::<Mailbox>();
        mailbox.map_err(|error| TransportError::new("address", format!("{text:?}: {error}")))
    };
    let from = address(&mail.from)?;
    let to = mail.to.iter().map(|text| address(text)).collect::<Result<Vec<_>, _>>()?;
    let receivers = to.iter().map(|mailbox| mailbox.email.clone()).collect();
    let envelope = Envelope::new(Some(from.email.clone()), receivers)
        .map_err(|error| TransportError::new("to", error))?;
    let date = UNIX_EPOCH + Duration::from_millis(mail.date.as_millis().max(0).unsigned_abs());
    // The builder wants a sender; the header of the configuration replaces it.
    let builder = Message::builder().from(from).envelope(envelope).message_id(None).date(date);
    let html = || SinglePart::builder().header(ContentType::TEXT_HTML).body(mail.html.clone());
    let text = || SinglePart::builder().header(ContentType::TEXT_PLAIN).body(mail.text.clone());
    let built = match (mail.text.is_empty(), mail.html.is_empty()) {
        (false, false) => {
            builder.multipart(MultiPart::alternative().singlepart(text()).singlepart(html()))
        }
        (true, false) => builder.singlepart(html()),
        _ => builder.singlepart(text()),
    };
    let mut message = built.map_err(|error| TransportError::new("mail", error))?;
    for (name, value) in &mail.headers {
        let name = HeaderName::new_from_ascii(name.clone())
            .map_err(|error| TransportError::new("header", format!("{name:?}: {error}")))?;
        message.headers_mut().insert_raw(HeaderValue::new(name, value.clone()));
    }
    Ok(message)
}

fn transport(mail: &EmailMessage) -> Result<AsyncSmtpTransport<Tokio1Executor>, TransportError> {
    let parameters = tls_parameters(&mail.host, &mail.tls_config)?;
    let tls = match mail.tls {
        EmailTls::Implicit => Tls::Wrapper(parameters),
        EmailTls::Required => Tls::Required(parameters),
        EmailTls::Opportunistic => Tls::Opportunistic(parameters),
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&mail.host)
        .port(mail.port)
        .tls(tls)
        .hello_name(ClientId::Domain(mail.hello.clone()));
    if let Some(auth) = &mail.auth {
        let password = auth.password.reveal().to_owned();
        builder = builder
            .credentials(Credentials::new(auth.username.clone(), password))
            .authentication(vec![Mechanism::Plain, Mechanism::Login]);
    }
    Ok(builder.build())
}

fn tls_parameters(host: &str, config: &TlsConfig) -> Result<TlsParameters, TransportError> {
    let fault = |error: &dyn std::error::Error| TransportError::new("tls_config", chain(error));
    let name = config.server_name.clone().filter(|name| !name.is_empty());
    let mut builder = TlsParameters::builder(name.unwrap_or_else(|| host.to_owned()))
        .dangerous_accept_invalid_certs(config.insecure_skip_verify);
    let ca = match (&config.ca, &config.ca_file) {
        (Some(text), _) => Some(text.clone()),
        (None, Some(path)) => Some(std::fs::read_to_string(&**path).map_err(|error| {
            TransportError::new("tls_config", format!("{}: {error}", path.display()))
        })?),
        (None, None) => None,
    };
    if let Some(ca) = ca {
        let certificate = Certificate::from_pem(ca.as_bytes()).map_err(|e| fault(&e))?;
        builder = builder.add_root_certificate(certificate);
    }
    builder.build_rustls().map_err(|error| fault(&error))
}
