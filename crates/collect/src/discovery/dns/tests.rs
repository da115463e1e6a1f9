//! Names resolved by a name server of our own, over UDP and TCP.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use simple_dns::rdata::{A, AAAA, CNAME, MX, NS, RData, SRV};
use simple_dns::{CLASS, Name, Packet, PacketFlag, RCODE, ResourceRecord};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};

use super::super::updates::tests::{next_shown, until_failed, updates};
use super::*;

/// Records by name; a name that is not there does not exist, and `None` is a failing server.
type Zone = Arc<Mutex<HashMap<String, Option<Vec<RData<'static>>>>>>;

fn answer(query: &[u8], zone: &Zone, is_tcp: bool) -> Vec<u8> {
    let query = Packet::parse(query).unwrap();
    let mut reply = Packet::new_reply(query.id());
    let name = query.questions[0].qname.to_string();
    match zone.lock().get(&name) {
        None => *reply.rcode_mut() = RCODE::NameError,
        Some(None) => *reply.rcode_mut() = RCODE::ServerFailure,
        // More than two do not fit into what this server sends over UDP.
        Some(Some(records)) if records.len() > 2 && !is_tcp => {
            reply.set_flags(PacketFlag::TRUNCATION);
        }
        Some(Some(records)) => reply.answers.extend(records.iter().map(|record| {
            ResourceRecord::new(query.questions[0].qname.clone(), CLASS::IN, 1, record.clone())
        })),
    }
    reply.build_bytes_vec_compressed().unwrap()
}

async fn serve(zone: Zone) -> SocketAddr {
    let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = tcp.local_addr().unwrap();
    let udp = UdpSocket::bind(address).await.unwrap();
    let tcp_zone = Arc::clone(&zone);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = tcp.accept().await.unwrap();
            let mut query = vec![0; usize::from(stream.read_u16().await.unwrap())];
            stream.read_exact(&mut query).await.unwrap();
            let reply = answer(&query, &tcp_zone, true);
            stream.write_all(&(reply.len() as u16).to_be_bytes()).await.unwrap();
            stream.write_all(&reply).await.unwrap();
        }
    });
    tokio::spawn(async move {
        let mut buffer = [0; 512];
        loop {
            let (length, from) = udp.recv_from(&mut buffer).await.unwrap();
            // A stranger's answer first: it has another identifier.
            udp.send_to(&[!buffer[0], buffer[1], 0, 0], from).await.unwrap();
            udp.send_to(&answer(&buffer[..length], &zone, false), from).await.unwrap();
        }
    });
    address
}

fn name(text: &'static str) -> Name<'static> {
    Name::new(text).unwrap()
}

fn srv(target: &'static str, port: u16) -> RData<'static> {
    RData::SRV(SRV { priority: 1, weight: 1, port, target: name(target) })
}

async fn resolver(zone: &Zone) -> Resolver {
    // The first server is deaf: nobody listens there.
    let deaf = "127.0.0.1:1".parse().unwrap();
    let servers = [deaf, serve(Arc::clone(zone)).await];
    Resolver { servers: servers.into(), search: ["in.test".to_owned()].into(), ndots: 1 }
}

fn config(yaml: &str) -> Config {
    let config: Config = serde_saphyr::from_str(yaml).unwrap();
    config.check().unwrap();
    config
}

#[tokio::test]
async fn every_kind_of_record() {
    let zone = Zone::default();
    let alias = RData::CNAME(CNAME(name("other.test")));
    let address = RData::A(A { address: u32::from(std::net::Ipv4Addr::new(10, 0, 0, 7)) });
    zone.lock().extend([
        ("srv.test".into(), Some(vec![srv("b.test", 2), srv("a.test", 1), srv("c.test", 3)])),
        ("a.in.test".into(), Some(vec![alias, address])),
        ("six.test".into(), Some(vec![RData::AAAA(AAAA { address: 1 })])),
        ("mx.test".into(), Some(vec![RData::MX(MX { preference: 1, exchange: name("m.test") })])),
        ("ns.test".into(), Some(vec![RData::NS(NS(name("n.test")))])),
    ]);
    let resolver = resolver(&zone).await;
    let resolved = async |yaml: &str| {
        let (updates, mut receiver) = updates();
        let resolver = resolver.clone();
        let task = tokio::spawn(follow(config(yaml), move || Ok(resolver.clone()), updates));
        let lines = next_shown(&mut receiver).await;
        task.abort();
        lines
    };
    assert_eq!(
        resolved("names: [srv.test]").await,
        [
            "srv.test {}",
            r#"  {__address__="a.test:1", __meta_dns_name="srv.test", __meta_dns_srv_record_port="1", __meta_dns_srv_record_target="a.test."}"#,
            r#"  {__address__="b.test:2", __meta_dns_name="srv.test", __meta_dns_srv_record_port="2", __meta_dns_srv_record_target="b.test."}"#,
            r#"  {__address__="c.test:3", __meta_dns_name="srv.test", __meta_dns_srv_record_port="3", __meta_dns_srv_record_target="c.test."}"#,
        ]
    );
    assert_eq!(
        resolved("{names: [a, gone], type: A, port: 80}").await,
        ["a {}", r#"  {__address__="10.0.0.7:80", __meta_dns_name="a"}"#, "gone {}"]
    );
    assert_eq!(
        resolved("{names: [six.test], type: AAAA, port: 80}").await,
        ["six.test {}", r#"  {__address__="[::1]:80", __meta_dns_name="six.test"}"#]
    );
    assert_eq!(
        resolved("{names: [mx.test], type: MX, port: 25}").await[1],
        r#"  {__address__="m.test:25", __meta_dns_mx_record_target="m.test.", __meta_dns_name="mx.test"}"#
    );
    assert_eq!(
        resolved("{names: [ns.test], type: NS, port: 53}").await[1],
        r#"  {__address__="n.test:53", __meta_dns_name="ns.test", __meta_dns_ns_record_target="n.test."}"#
    );
}

#[tokio::test]
async fn a_name_that_fails_keeps_its_targets_and_one_that_goes_loses_them() {
    let zone = Zone::default();
    zone.lock().insert("one.test".into(), Some(vec![srv("a.test", 1)]));
    zone.lock().insert("two.test".into(), Some(vec![srv("b.test", 2)]));
    let (updates, mut receiver) = updates();
    let config = config("{names: [one.test, two.test], refresh_interval: 20ms}");
    let resolver = resolver(&zone).await;
    let task = tokio::spawn(follow(config, move || Ok(resolver.clone()), updates.clone()));
    assert_eq!(next_shown(&mut receiver).await.len(), 4);
    zone.lock().insert("one.test".into(), None);
    until_failed(&updates, 1).await;
    zone.lock().remove("two.test");
    assert_eq!(next_shown(&mut receiver).await, ["two.test {}"]);
    zone.lock().insert("one.test".into(), Some(vec![srv("c.test", 3)]));
    assert!(next_shown(&mut receiver).await[1].contains("c.test:3"));
    task.abort();
}

#[test]
fn what_can_be_meant() {
    let check = |yaml: &str| serde_saphyr::from_str::<Config>(yaml).unwrap().check();
    assert!(check("names: [a]").is_ok());
    assert!(check("{names: [a], type: a, port: 1}").is_ok());
    assert!(check("{}").is_err());
    assert!(check("{names: [a], type: MX}").is_err());
    assert!(serde_saphyr::from_str::<Config>("{names: [a], type: TXT}").is_err());
}
