//! From `tls_config` to a rustls configuration.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use super::{HttpClientError, TlsConfig};

/// Builds the rustls configuration that `config` describes.
pub(super) fn client_config(config: &TlsConfig) -> Result<ClientConfig, HttpClientError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&versions(config)?)
        .map_err(|error| invalid("tls_config", error))?;
    let verifier = Arc::new(Verifier::new(config, provider)?);
    let builder = builder.dangerous().with_custom_certificate_verifier(verifier);
    match identity(config)? {
        Some((chain, key)) => builder
            .with_client_auth_cert(chain, key)
            .map_err(|error| invalid("tls_config client certificate", error)),
        None => Ok(builder.with_no_client_auth()),
    }
}

fn versions(
    config: &TlsConfig,
) -> Result<Vec<&'static rustls::SupportedProtocolVersion>, HttpClientError> {
    use rustls::version::{TLS12, TLS13};
    let level = |text: Option<&str>, absent: u8| match text {
        None => Ok(absent),
        // Versions before 1.2 are not spoken: asking for at least them asks for 1.2.
        Some("TLS10" | "TLS11" | "TLS12") => Ok(12),
        Some("TLS13") => Ok(13),
        Some(other) => Err(HttpClientError::Invalid {
            what: "tls_config version",
            reason: format!("unknown TLS version {other:?}; TLS12 and TLS13 are known"),
        }),
    };
    match (level(config.min_version.as_deref(), 12)?, level(config.max_version.as_deref(), 13)?) {
        (12, 12) => Ok(vec![&TLS12]),
        (13, 13) => Ok(vec![&TLS13]),
        (12, _) => Ok(vec![&TLS13, &TLS12]),
        _ => Err(HttpClientError::Conflict("tls_config: max_version is below min_version")),
    }
}

/// Whose certificates count.
#[derive(Debug)]
enum Trust {
    /// Anybody's: `insecure_skip_verify`.
    Anybody,
    /// Those that these authorities signed.
    Authorities(Arc<WebPkiServerVerifier>),
    /// Nobody's: no authorities are known. Plain HTTP still works.
    Nobody,
}

/// Checks servers as configured: against which authorities, for which name, or not at all.
#[derive(Debug)]
struct Verifier {
    trust: Trust,
    server_name: Option<ServerName<'static>>,
    schemes: Vec<SignatureScheme>,
    provider: Arc<rustls::crypto::CryptoProvider>,
}

impl Verifier {
    fn new(
        config: &TlsConfig,
        provider: Arc<rustls::crypto::CryptoProvider>,
    ) -> Result<Self, HttpClientError> {
        let trust = trust(config, &provider)?;
        let server_name = match config.server_name.as_deref().filter(|name| !name.is_empty()) {
            Some(name) => Some(
                ServerName::try_from(name.to_owned())
                    .map_err(|error| invalid("tls_config server_name", error))?,
            ),
            None => None,
        };
        let schemes = provider.signature_verification_algorithms.supported_schemes();
        Ok(Self { trust, server_name, schemes, provider })
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let name = self.server_name.as_ref().unwrap_or(server_name);
        match &self.trust {
            Trust::Anybody => Ok(ServerCertVerified::assertion()),
            Trust::Authorities(verifier) => {
                verifier.verify_server_cert(end_entity, intermediates, name, ocsp_response, now)
            }
            Trust::Nobody => Err(rustls::Error::General(
                "this machine has no certificate authorities; set tls_config.ca_file".to_owned(),
            )),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.schemes.clone()
    }
}

fn trust(
    config: &TlsConfig,
    provider: &Arc<rustls::crypto::CryptoProvider>,
) -> Result<Trust, HttpClientError> {
    if config.insecure_skip_verify {
        return Ok(Trust::Anybody);
    }
    let roots = roots(config)?;
    if roots.is_empty() {
        return Ok(Trust::Nobody);
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map(Trust::Authorities)
        .map_err(|error| invalid("tls_config ca", error))
}

fn roots(config: &TlsConfig) -> Result<RootCertStore, HttpClientError> {
    let mut roots = RootCertStore::empty();
    match pem("ca_file", config.ca.as_deref(), config.ca_file.as_deref())? {
        Some(text) => {
            for certificate in certificates("tls_config ca", &text)? {
                roots.add(certificate).map_err(|error| invalid("tls_config ca", error))?;
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    Ok(roots)
}

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn identity(config: &TlsConfig) -> Result<Option<Identity>, HttpClientError> {
    let cert = pem("cert_file", config.cert.as_deref(), config.cert_file.as_deref())?;
    let key = config.key.as_ref().map(super::Secret::expose);
    let key = pem("key_file", key, config.key_file.as_deref())?;
    match (cert, key) {
        (None, None) => Ok(None),
        (Some(cert), Some(key)) => {
            let chain = certificates("tls_config cert", &cert)?;
            let key = PrivateKeyDer::from_pem_slice(key.as_bytes())
                .map_err(|error| invalid("tls_config key", error))?;
            Ok(Some((chain, key)))
        }
        (Some(_), None) => Err(HttpClientError::Conflict(
            "exactly one of key or key_file must be configured when a client certificate is configured",
        )),
        (None, Some(_)) => Err(HttpClientError::Conflict(
            "exactly one of cert or cert_file must be configured when a client key is configured",
        )),
    }
}

fn pem(
    what: &'static str,
    text: Option<&str>,
    path: Option<&str>,
) -> Result<Option<String>, HttpClientError> {
    match (text, path) {
        (Some(text), _) => Ok(Some(text.to_owned())),
        (None, Some(path)) => std::fs::read_to_string(path)
            .map(Some)
            .map_err(|source| HttpClientError::File { what, path: path.to_owned(), source }),
        (None, None) => Ok(None),
    }
}

fn certificates(
    what: &'static str,
    text: &str,
) -> Result<Vec<CertificateDer<'static>>, HttpClientError> {
    let all = CertificateDer::pem_slice_iter(text.as_bytes()).collect::<Result<Vec<_>, _>>();
    let all = all.map_err(|error| invalid(what, error))?;
    if all.is_empty() {
        return Err(HttpClientError::Invalid { what, reason: "no certificate in it".to_owned() });
    }
    Ok(all)
}

fn invalid(what: &'static str, error: impl std::fmt::Display) -> HttpClientError {
    HttpClientError::Invalid { what, reason: error.to_string() }
}
