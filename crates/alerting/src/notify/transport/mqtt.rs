//! Messages for an MQTT broker: connect, publish, wait for the word that it
//! arrived, and go. The packets are rumqttc's; a connection for one message needs
//! none of its session.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::BytesMut;
use rumqttc::mqttbytes::v4::{Connect, ConnectReturnCode, Disconnect, Packet, Publish};
use rumqttc::mqttbytes::{Error as PacketError, QoS};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::tls;
use crate::notify::request::{MqttMessage, Verdict};

/// The largest packet that is read; all of them are answers.
const PACKET_BYTES_MAX: usize = 64 << 10;
/// The packet that the broker acknowledges; there is no other.
const PACKET_ID: u16 = 1;

/// Sends a message.
pub(super) async fn publish(message: &MqttMessage) -> Verdict {
    let broker = &message.broker;
    let address = (broker.host.as_str(), broker.port);
    let stream = match TcpStream::connect(address).await {
        Ok(stream) => stream,
        Err(error) => return Verdict::Retry(format!("{}:{}: {error}", broker.host, broker.port)),
    };
    if !broker.is_tls {
        return speak(stream, message).await;
    }
    let config = match tls::client_config(&message.tls_config) {
        Ok(config) => Arc::new(config),
        Err(error) => return Verdict::Failed(error.to_string()),
    };
    let Ok(name) = ServerName::try_from(broker.host.clone()) else {
        return Verdict::Failed(format!("{:?} is no name for a certificate", broker.host));
    };
    match TlsConnector::from(config).connect(name, stream).await {
        Ok(stream) => speak(stream, message).await,
        Err(error) => Verdict::Retry(super::chain(&error)),
    }
}

/// The whole conversation.
async fn speak(stream: impl AsyncRead + AsyncWrite + Unpin, message: &MqttMessage) -> Verdict {
    let mut connection = Connection { stream, read: BytesMut::new() };
    match connection.conversation(message).await {
        Ok(verdict) => verdict,
        Err(error) => Verdict::Retry(error.to_string()),
    }
}

struct Connection<S> {
    stream: S,
    read: BytesMut,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    async fn conversation(&mut self, message: &MqttMessage) -> io::Result<Verdict> {
        self.write(|out| connect(message).write(out)).await?;
        match self.read().await? {
            Packet::ConnAck(answer) if answer.code == ConnectReturnCode::Success => {}
            Packet::ConnAck(answer) => {
                let reason = format!("the broker refuses the connection: {:?}", answer.code);
                return Ok(match answer.code {
                    ConnectReturnCode::ServiceUnavailable => Verdict::Retry(reason),
                    _ => Verdict::Failed(reason),
                });
            }
            other => return Err(unexpected(&other)),
        }
        let publish = publish_packet(message);
        self.write(|out| publish.write(out)).await?;
        if message.is_acknowledged {
            match self.read().await? {
                Packet::PubAck(answer) if answer.pkid == PACKET_ID => {}
                other => return Err(unexpected(&other)),
            }
        }
        self.write(|out| Disconnect.write(out)).await?;
        // The message is with the broker; a connection that breaks now takes nothing back.
        let _ = self.stream.shutdown().await;
        Ok(Verdict::Sent)
    }

    async fn write(
        &mut self,
        packet: impl FnOnce(&mut BytesMut) -> Result<usize, PacketError>,
    ) -> io::Result<()> {
        let mut out = BytesMut::new();
        packet(&mut out).map_err(io::Error::other)?;
        self.stream.write_all(&out).await?;
        self.stream.flush().await
    }

    async fn read(&mut self) -> io::Result<Packet> {
        loop {
            match Packet::read(&mut self.read, PACKET_BYTES_MAX) {
                Ok(packet) => return Ok(packet),
                Err(PacketError::InsufficientBytes(_)) => {}
                Err(error) => return Err(io::Error::other(error)),
            }
            if self.stream.read_buf(&mut self.read).await? == 0 {
                return Err(io::Error::other("the broker closed the connection"));
            }
        }
    }
}

fn unexpected(packet: &Packet) -> io::Error {
    io::Error::other(format!("the broker answers with an unexpected packet: {packet:?}"))
}

fn connect(message: &MqttMessage) -> Connect {
    let mut connect = Connect::new(match message.client_id.as_str() {
        "" => own_id(),
        id => id.to_owned(),
    });
    if !message.username.is_empty() {
        connect.set_login(&message.username, message.password.reveal());
    }
    connect
}

fn publish_packet(message: &MqttMessage) -> Publish {
    let qos = if message.is_acknowledged { QoS::AtLeastOnce } else { QoS::AtMostOnce };
    let mut publish = Publish::new(&message.topic, qos, message.payload.as_bytes());
    publish.retain = message.is_retained;
    publish.pkid = PACKET_ID;
    publish
}

/// A name that no other connection of ours has.
fn own_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("bellwether-{}-{number}", std::process::id())
}
