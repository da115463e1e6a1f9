//! A client that follows its certificates: files that were replaced are read anew.
//!
//! Certificates are renewed while this process runs, every few hours by some
//! authorities. A new file is seen within [`LOOK_INTERVAL`]; one that can't be
//! used, because it is half written perhaps, is reported and the old one stays.

use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use reqwest::Client;

use super::{HttpClientConfig, HttpClientError, build, unbuilt};

/// How often files are looked at, at most.
const LOOK_INTERVAL: Duration = Duration::from_secs(5);

/// A client and what it was made of.
#[derive(Clone, Debug)]
pub(super) struct LiveClient(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: HttpClientConfig,
    user_agent: String,
    socket: Option<PathBuf>,
    look_interval: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    client: Client,
    stamps: Vec<Stamp>,
    looked_at: Instant,
}

/// What changes when a file does; `None` where it is not there.
type Stamp = Option<(u64, i64, i64, u64)>;

impl LiveClient {
    pub(super) fn new(
        config: &HttpClientConfig,
        user_agent: &str,
        socket: Option<PathBuf>,
    ) -> Result<Self, HttpClientError> {
        Self::looking_every(LOOK_INTERVAL, config, user_agent, socket)
    }

    fn looking_every(
        look_interval: Duration,
        config: &HttpClientConfig,
        user_agent: &str,
        socket: Option<PathBuf>,
    ) -> Result<Self, HttpClientError> {
        // Looked at before they are read: what changes in between is seen later.
        let stamps = stamps(config);
        let client = make(config, user_agent, socket.as_ref())?;
        Ok(Self(Arc::new(Inner {
            config: config.clone(),
            user_agent: user_agent.to_owned(),
            socket,
            look_interval,
            state: Mutex::new(State { client, stamps, looked_at: Instant::now() }),
        })))
    }

    /// The client with certificates as they are now.
    pub(super) fn current(&self) -> Client {
        let inner = &*self.0;
        let mut state = inner.state.lock();
        if state.stamps.is_empty() || state.looked_at.elapsed() < inner.look_interval {
            return state.client.clone();
        }
        state.looked_at = Instant::now();
        let stamps = stamps(&inner.config);
        if stamps != state.stamps {
            state.stamps = stamps;
            match make(&inner.config, &inner.user_agent, inner.socket.as_ref()) {
                Ok(client) => state.client = client,
                Err(error) => {
                    tracing::warn!(%error, "new certificates can't be used; the old ones stay");
                }
            }
        }
        state.client.clone()
    }
}

fn make(
    config: &HttpClientConfig,
    user_agent: &str,
    socket: Option<&PathBuf>,
) -> Result<Client, HttpClientError> {
    let builder = build(config, user_agent)?;
    let builder = match socket {
        Some(path) => builder.unix_socket(path.as_path()),
        None => builder,
    };
    builder.build().map_err(unbuilt)
}

fn stamps(config: &HttpClientConfig) -> Vec<Stamp> {
    let tls = &config.tls_config;
    let files = [&tls.ca_file, &tls.cert_file, &tls.key_file];
    let stamp = |path: &String| {
        let metadata = std::fs::metadata(path).ok()?;
        Some((metadata.ino(), metadata.mtime(), metadata.mtime_nsec(), metadata.len()))
    };
    files.into_iter().flatten().filter(|path| !path.is_empty()).map(stamp).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    fn testdata(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/tls").join(name)
    }

    /// A server with the certificate of that name.
    async fn serve(name: &str) -> String {
        let chain = CertificateDer::from_pem_file(testdata(&format!("{name}.crt"))).unwrap();
        let key = PrivateKeyDer::from_pem_file(testdata(&format!("{name}.key"))).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![chain], key)
            .unwrap();
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    let _ = stream.read(&mut [0; 1024]).await;
                    let answer = b"HTTP/1.1 204 Fine\r\nConnection: close\r\n\r\n";
                    let _ = stream.write_all(answer).await;
                    let _ = stream.shutdown().await;
                });
            }
        });
        url
    }

    #[tokio::test]
    async fn a_replaced_authority_counts_and_a_broken_one_does_not() {
        let (old, new) = (serve("old").await, serve("new").await);
        let dir = tempfile::tempdir().unwrap();
        let ca_file = dir.path().join("ca.crt");
        let replace = |name: &str| {
            let fresh = dir.path().join("fresh");
            match name {
                "" => std::fs::write(&fresh, "half a cert").unwrap(),
                name => drop(std::fs::copy(testdata(name), &fresh).unwrap()),
            }
            std::fs::rename(fresh, &ca_file).unwrap();
        };
        replace("old.crt");
        let mut config = HttpClientConfig::default();
        config.tls_config.ca_file = Some(ca_file.display().to_string());
        let client = LiveClient::looking_every(Duration::ZERO, &config, "test", None).unwrap();
        let works = async |url: &str| client.current().get(url).send().await.is_ok();
        assert!(works(&old).await && !works(&new).await);
        replace("new.crt");
        assert!(!works(&old).await && works(&new).await);
        replace("");
        assert!(works(&new).await);
        std::fs::remove_file(&ca_file).unwrap();
        assert!(works(&new).await);
        replace("old.crt");
        assert!(works(&old).await);
    }
}
