//! Listening: ports, shared layers, graceful end.

mod first_line;

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::serve::Listener;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

use self::first_line::FirstLineEscaped;

/// How long open requests may go on once the process is asked to end.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);
/// Bodies of API calls are forms; receivers set their own, larger limits.
const BODY_BYTES_MAX: usize = 10 << 20;

/// A port could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("unable to listen on {address}: {source}{hint}")]
pub struct ListenError {
    /// Where.
    pub address: SocketAddr,
    /// What the system said.
    pub source: io::Error,
    hint: &'static str,
}

/// Opens `address`.
///
/// # Errors
/// Where it is taken or not ours to open.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, ListenError> {
    TcpListener::bind(address).await.map_err(|source| {
        let hint = match source.kind() {
            io::ErrorKind::AddrInUse => {
                "; another process has it: stop that or choose another port"
            }
            io::ErrorKind::PermissionDenied => "; ports below 1024 need privileges",
            _ => "",
        };
        ListenError { address, source, hint }
    })
}

/// Serves `router` on `listener` until `cancel` is set and open requests are done.
pub async fn serve(listener: TcpListener, router: Router, cancel: CancellationToken) {
    let app = router.layer(compression()).layer(DefaultBodyLimit::max(BODY_BYTES_MAX));
    let serving = axum::serve(LenientListener(listener), app)
        .with_graceful_shutdown(cancel.clone().cancelled_owned());
    let drained = async {
        cancel.cancelled().await;
        tokio::time::sleep(DRAIN_TIMEOUT).await;
    };
    tokio::select! {
        result = serving => {
            if let Err(error) = result {
                tracing::error!(%error, "a listener ended");
            }
        }
        () = drained => tracing::warn!("requests were still open after {DRAIN_TIMEOUT:?}; they are cut off"),
    }
}

/// Accepts connections whose first line may be typed by hand.
struct LenientListener(TcpListener);

impl Listener for LenientListener {
    type Io = FirstLineEscaped<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        (FirstLineEscaped::new(stream), address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

fn compression() -> CompressionLayer<impl Predicate> {
    let worth_it = SizeAbove::new(1024)
        .and(NotForContentType::IMAGES)
        .and(NotForContentType::const_new("application/x-protobuf"));
    CompressionLayer::new().gzip(true).zstd(true).compress_when(worth_it)
}
