//! Messages for an MQTT broker: connect, publish, wait for the word that it
//! arrived, and go.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rumqttc::{
    AsyncClient, ConnectionError, Event, EventLoop, MqttOptions, Outgoing, Packet, QoS,
    TlsConfiguration, Transport,
};

use super::{TransportError, chain, tls};
use crate::notify::request::{MqttMessage, Verdict};

/// Requests that wait for the connection: a message, and the goodbye.
const REQUESTS_MAX: usize = 2;
/// How often the broker hears of us while an answer is awaited.
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// The largest packet that is read; all of them are answers.
const PACKET_READ_BYTES_MAX: usize = 64 << 10;

/// Sends a message.
pub(super) async fn publish(message: &MqttMessage) -> Verdict {
    let options = match options(message) {
        Ok(options) => options,
        Err(error) => return Verdict::Failed(error.to_string()),
    };
    let (client, mut events) = AsyncClient::new(options, REQUESTS_MAX);
    let qos = if message.is_acknowledged { QoS::AtLeastOnce } else { QoS::AtMostOnce };
    let payload = message.payload.clone();
    if let Err(error) = client.try_publish(&message.topic, qos, message.is_retained, payload) {
        return Verdict::Failed(error.to_string());
    }
    match until_published(&mut events, qos).await {
        Ok(()) => {
            // The message is with the broker; a goodbye that fails changes nothing.
            if client.try_disconnect().is_ok() {
                let _ = events.poll().await;
            }
            Verdict::Sent
        }
        Err(error) => Verdict::Retry(chain(&error)),
    }
}

async fn until_published(events: &mut EventLoop, qos: QoS) -> Result<(), ConnectionError> {
    loop {
        match (events.poll().await?, qos) {
            (Event::Incoming(Packet::PubAck(_)), QoS::AtLeastOnce)
            | (Event::Outgoing(Outgoing::Publish(_)), QoS::AtMostOnce) => return Ok(()),
            _ => {}
        }
    }
}

fn options(message: &MqttMessage) -> Result<MqttOptions, TransportError> {
    let client_id = match message.client_id.as_str() {
        "" => own_id(),
        id => id.to_owned(),
    };
    let mut options = MqttOptions::new(client_id, &message.broker.host, message.broker.port);
    options.set_keep_alive(KEEP_ALIVE);
    let size_bytes_max = message.payload.len() + message.topic.len() + 1024;
    options.set_max_packet_size(PACKET_READ_BYTES_MAX, size_bytes_max);
    if !message.username.is_empty() {
        options.set_credentials(&message.username, message.password.reveal());
    }
    if message.broker.is_tls {
        let config = Arc::new(tls::client_config(&message.tls_config)?);
        options.set_transport(Transport::Tls(TlsConfiguration::Rustls(config)));
    }
    Ok(options)
}

/// A name that no other connection of ours has.
fn own_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("bellwether-{}-{number}", std::process::id())
}
