//! Asking name servers: over UDP, over TCP where an answer does not fit.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use simple_dns::rdata::{OPT, RData};
use simple_dns::{CLASS, Name, Packet, PacketFlag, QTYPE, Question, RCODE, TYPE};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

use super::RecordType;
use crate::discovery::DiscoveryError;

const RESOLV_CONF: &str = "/etc/resolv.conf";
/// How long a server has, over UDP and again over TCP.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);
/// The longest answer over UDP that we take (and say so, by EDNS).
const UDP_BYTES_MAX: u16 = 4096;

/// A record of one of the kinds that can be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Record {
    Srv { target: String, port: u16 },
    Address(IpAddr),
    Mx(String),
    Ns(String),
}

/// Name servers and the domains in which short names are sought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Resolver {
    pub(super) servers: Arc<[SocketAddr]>,
    pub(super) search: Arc<[String]>,
    /// Names with this many dots are tried as they are first.
    pub(super) ndots: usize,
}

/// What servers said about one full name.
enum Answer {
    Records(Vec<Record>),
    NoSuchName,
}

impl Resolver {
    /// As `/etc/resolv.conf` says.
    pub(super) fn of_the_system() -> Result<Self, DiscoveryError> {
        let text = std::fs::read_to_string(RESOLV_CONF)
            .map_err(|source| DiscoveryError::File { path: RESOLV_CONF.to_owned(), source })?;
        Ok(Self::parse(&text))
    }

    fn parse(text: &str) -> Self {
        let (mut servers, mut search, mut ndots) = (Vec::new(), Vec::new(), 1);
        for line in text.lines() {
            let line = line.split(['#', ';']).next().unwrap_or("");
            let mut words = line.split_whitespace();
            match words.next() {
                Some("nameserver") => {
                    let ip = words.next().and_then(|ip| ip.split('%').next()?.parse().ok());
                    servers.extend(ip.map(|ip: IpAddr| SocketAddr::new(ip, 53)));
                }
                Some("search" | "domain") => search = words.map(str::to_owned).collect(),
                Some("options") => {
                    let mut said =
                        words.filter_map(|word| word.strip_prefix("ndots:")?.parse().ok());
                    ndots = said.next_back().unwrap_or(ndots);
                }
                _ => {}
            }
        }
        if servers.is_empty() {
            servers.push(SocketAddr::from((Ipv4Addr::LOCALHOST, 53)));
        }
        Self { servers: servers.into(), search: search.into(), ndots }
    }

    /// The records of `name`, tried in the search domains too. A name that does
    /// not exist has none; that no server knows is an error.
    pub(super) async fn lookup(
        &self,
        name: &str,
        kind: RecordType,
    ) -> Result<Vec<Record>, DiscoveryError> {
        let mut failure = None;
        for full in self.full_names(name) {
            match self.ask_any(&full, kind).await {
                Ok(Answer::Records(records)) => return Ok(records),
                Ok(Answer::NoSuchName) => {}
                Err(reason) => failure = Some(reason),
            }
        }
        match failure {
            None => Ok(Vec::new()),
            Some(reason) => Err(DiscoveryError::Resolve { name: name.to_owned(), reason }),
        }
    }

    fn full_names(&self, name: &str) -> Vec<String> {
        if let Some(full) = name.strip_suffix('.') {
            return vec![full.to_owned()];
        }
        let mut names: Vec<String> =
            self.search.iter().map(|d| format!("{name}.{}", d.trim_matches('.'))).collect();
        let is_long = name.matches('.').count() >= self.ndots;
        names.insert(if is_long { 0 } else { names.len() }, name.to_owned());
        names
    }

    async fn ask_any(&self, name: &str, kind: RecordType) -> Result<Answer, String> {
        let mut reasons = Vec::new();
        for server in &*self.servers {
            match ask(*server, name, kind).await {
                Ok(answer) => return Ok(answer),
                Err(reason) => reasons.push(format!("{server}: {reason}")),
            }
        }
        Err(reasons.join("; "))
    }
}

async fn ask(server: SocketAddr, name: &str, kind: RecordType) -> Result<Answer, String> {
    let id = fresh_id();
    let query = query(id, name, kind)?;
    let timed = |result: Result<_, tokio::time::error::Elapsed>| match result {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) => Err(format!("{error}")),
        Err(_) => Err(format!("no answer within {ANSWER_TIMEOUT:?}")),
    };
    let bytes: Vec<u8> =
        timed(tokio::time::timeout(ANSWER_TIMEOUT, over_udp(server, &query, id)).await)?;
    match read(&bytes, kind)? {
        Some(answer) => Ok(answer),
        None => {
            let bytes =
                timed(tokio::time::timeout(ANSWER_TIMEOUT, over_tcp(server, &query)).await)?;
            read(&bytes, kind)?.ok_or_else(|| "an answer over TCP is cut short".to_owned())
        }
    }
}

/// An identifier that others can't foresee.
fn fresh_id() -> u16 {
    use std::hash::{BuildHasher, Hasher};
    std::collections::hash_map::RandomState::new().build_hasher().finish() as u16
}

fn query(id: u16, name: &str, kind: RecordType) -> Result<Vec<u8>, String> {
    let kind = match kind {
        RecordType::Srv => TYPE::SRV,
        RecordType::A => TYPE::A,
        RecordType::Aaaa => TYPE::AAAA,
        RecordType::Mx => TYPE::MX,
        RecordType::Ns => TYPE::NS,
    };
    let name = Name::new(name).map_err(|error| error.to_string())?;
    let mut packet = Packet::new_query(id);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    *packet.opt_mut() =
        Some(OPT { opt_codes: Vec::new(), udp_packet_size: UDP_BYTES_MAX, version: 0 });
    packet.questions.push(Question::new(name, QTYPE::TYPE(kind), CLASS::IN.into(), false));
    packet.build_bytes_vec().map_err(|error| error.to_string())
}

async fn over_udp(server: SocketAddr, query: &[u8], id: u16) -> std::io::Result<Vec<u8>> {
    let any: IpAddr =
        if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(server).await?;
    socket.send(query).await?;
    let mut buffer = vec![0; usize::from(UDP_BYTES_MAX)];
    loop {
        let length = socket.recv(&mut buffer).await?;
        // An answer to another question is late, or forged.
        if buffer.get(..2) == Some(&id.to_be_bytes()) && length >= 2 {
            buffer.truncate(length);
            return Ok(buffer);
        }
    }
}

/// RFC 1035, section 4.2.2: messages behind their length.
async fn over_tcp(server: SocketAddr, query: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(server).await?;
    stream.write_all(&(query.len() as u16).to_be_bytes()).await?;
    stream.write_all(query).await?;
    let mut answer = vec![0; usize::from(stream.read_u16().await?)];
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}

/// Reads an answer; `None` where it is cut short.
fn read(bytes: &[u8], kind: RecordType) -> Result<Option<Answer>, String> {
    let packet = Packet::parse(bytes).map_err(|error| error.to_string())?;
    match packet.rcode() {
        RCODE::NameError => return Ok(Some(Answer::NoSuchName)),
        RCODE::NoError => {}
        other => return Err(format!("the server answered {other:?}")),
    }
    if packet.has_flags(PacketFlag::TRUNCATION) {
        return Ok(None);
    }
    let full = |name: &Name<'_>| format!("{name}.");
    let records = packet.answers.iter().filter_map(|answer| match (&answer.rdata, kind) {
        (RData::SRV(srv), RecordType::Srv) => {
            Some(Record::Srv { target: full(&srv.target), port: srv.port })
        }
        (RData::A(a), RecordType::A) => Some(Record::Address(Ipv4Addr::from(a.address).into())),
        (RData::AAAA(a), RecordType::Aaaa) => {
            Some(Record::Address(Ipv6Addr::from(a.address).into()))
        }
        (RData::MX(mx), RecordType::Mx) => Some(Record::Mx(full(&mx.exchange))),
        (RData::NS(ns), RecordType::Ns) => Some(Record::Ns(full(&ns.0))),
        // Names on the way to the records, mostly.
        _ => None,
    });
    Ok(Some(Answer::Records(records.collect())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolv_conf() {
        let text = "# comment\nnameserver 10.0.0.1\nnameserver fe80::1%eth0 ; x\nnameserver no\n\
                    search a.local b.local.\noptions timeout:1 ndots:2\n";
        let resolver = Resolver::parse(text);
        assert_eq!(
            *resolver.servers,
            ["10.0.0.1:53".parse().unwrap(), "[fe80::1]:53".parse().unwrap()]
        );
        assert_eq!(resolver.full_names("x.y"), ["x.y.a.local", "x.y.b.local", "x.y"]);
        assert_eq!(resolver.full_names("x.y.z"), ["x.y.z", "x.y.z.a.local", "x.y.z.b.local"]);
        assert_eq!(resolver.full_names("x."), ["x"]);
        assert_eq!(*Resolver::parse("").servers, ["127.0.0.1:53".parse().unwrap()]);
    }

    proptest::proptest! {
        #[test]
        fn no_answer_panics(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..120)) {
            let _ = read(&bytes, RecordType::Srv);
        }

        #[test]
        fn no_name_panics(name in "\\PC{0,300}") {
            let _ = query(1, &name, RecordType::A);
        }
    }
}
