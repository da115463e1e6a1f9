//! From `tls_config` to a configuration of rustls.

use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    SupportedProtocolVersion,
};

use super::TransportError;
use crate::config::http::TlsConfig;

/// The configuration for a client.
pub(super) fn client_config(config: &TlsConfig) -> Result<ClientConfig, TransportError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Verifier {
        authorities: authorities(config, &provider)?,
        is_anybody_trusted: config.insecure_skip_verify,
        name: name(config)?,
        provider: Arc::clone(&provider),
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&versions(config)?)
        .map_err(fault)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let cert = pem(config.cert.as_deref(), config.cert_file.as_deref())?;
    let key = config.key.as_ref().map(|key| key.reveal());
    match (cert, pem(key, config.key_file.as_deref())?) {
        (Some(cert), Some(key)) => {
            let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(fault)?;
            builder.with_client_auth_cert(certificates(&cert)?, key).map_err(fault)
        }
        (None, None) => Ok(builder.with_no_client_auth()),
        _ => Err(fault("a certificate and its key must be configured together")),
    }
}

fn fault(reason: impl ToString) -> TransportError {
    TransportError::new("tls_config", reason)
}

fn versions(config: &TlsConfig) -> Result<Vec<&'static SupportedProtocolVersion>, TransportError> {
    use rustls::version::{TLS12, TLS13};
    let at = |text: &Option<String>, default: u8| match text.as_deref() {
        None | Some("") => Ok(default),
        // Older versions are not spoken: at least them is at least 1.2.
        Some("TLS10" | "TLS11" | "TLS12") => Ok(12),
        Some("TLS13") => Ok(13),
        Some(other) => Err(fault(format!("unknown TLS version: {other:?}"))),
    };
    let (min, max) = (at(&config.min_version, 12)?, at(&config.max_version, 13)?);
    let all: [(u8, &'static SupportedProtocolVersion); 2] = [(13, &TLS13), (12, &TLS12)];
    let wanted: Vec<_> =
        all.into_iter().filter(|(v, _)| (min..=max).contains(v)).map(|(_, v)| v).collect();
    if wanted.is_empty() { Err(fault("max_version is below min_version")) } else { Ok(wanted) }
}

fn name(config: &TlsConfig) -> Result<Option<ServerName<'static>>, TransportError> {
    let name = config.server_name.as_ref().filter(|name| !name.is_empty());
    name.map(|name| ServerName::try_from(name.clone()).map_err(fault)).transpose()
}

/// Who vouches for servers; `None` on a machine that knows no authorities.
fn authorities(
    config: &TlsConfig,
    provider: &Arc<CryptoProvider>,
) -> Result<Option<Arc<WebPkiServerVerifier>>, TransportError> {
    let mut roots = RootCertStore::empty();
    match pem(config.ca.as_deref(), config.ca_file.as_deref())? {
        Some(text) => {
            for certificate in certificates(&text)? {
                roots.add(certificate).map_err(fault)?;
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if roots.is_empty() {
        return Ok(None);
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map(Some)
        .map_err(fault)
}

fn certificates(text: &str) -> Result<Vec<CertificateDer<'static>>, TransportError> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
    let found = found.map_err(fault)?;
    if found.is_empty() { Err(fault("there is no certificate in it")) } else { Ok(found) }
}

fn pem(text: Option<&str>, file: Option<&Path>) -> Result<Option<String>, TransportError> {
    match (text, file) {
        (Some(text), _) => Ok(Some(text.to_owned())),
        (None, Some(path)) => std::fs::read_to_string(path)
            .map(Some)
            .map_err(|error| fault(format!("{}: {error}", path.display()))),
        (None, None) => Ok(None),
    }
}

/// Checks servers against authorities, for the configured name or the one that
/// was called, or not at all.
#[derive(Debug)]
struct Verifier {
    authorities: Option<Arc<WebPkiServerVerifier>>,
    is_anybody_trusted: bool,
    name: Option<ServerName<'static>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        called: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.is_anybody_trusted {
            return Ok(ServerCertVerified::assertion());
        }
        let Some(authorities) = &self.authorities else {
            let reason = "no certificate authorities are known here; set tls_config.ca_file";
            return Err(Error::General(reason.to_owned()));
        };
        let name = self.name.as_ref().unwrap_or(called);
        authorities.verify_server_cert(end_entity, intermediates, name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, cert, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
