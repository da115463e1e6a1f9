//! Where notifications arrive: a small HTTP server and a small mail server, each
//! of which remembers what it got.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use serde_json::Value;

/// Something that arrived.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    /// The path of a request, or the receiver of a mail.
    pub(crate) to: String,
    /// The body, or the mail with its headers.
    pub(crate) text: String,
    /// When.
    pub(crate) at: Instant,
}

impl Arrival {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }
}

/// A server that remembers. It goes with the process.
pub(crate) struct Sink {
    port: u16,
    arrivals: Arc<Mutex<Vec<Arrival>>>,
}

impl Sink {
    /// Takes HTTP requests. What is below `/broken` gets a 500, what is below
    /// `/hanging` no answer; all else a 200.
    pub(crate) fn http() -> Self {
        Self::start(serve_http)
    }

    /// Takes mails.
    pub(crate) fn smtp() -> Self {
        Self::start(serve_smtp)
    }

    fn start(serve: fn(TcpStream, &Mutex<Vec<Arrival>>) -> std::io::Result<()>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let arrivals = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&arrivals);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                // A client that goes away ends its own connection only.
                std::thread::spawn(move || drop(serve(stream, &shared)));
            }
        });
        Self { port, arrivals }
    }

    /// Its port.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The address of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// All that arrived at `to`, in order.
    pub(crate) fn at(&self, to: &str) -> Vec<Arrival> {
        let mut arrivals = self.all();
        arrivals.retain(|arrival| arrival.to == to);
        arrivals
    }

    /// All that arrived, in order.
    pub(crate) fn all(&self) -> Vec<Arrival> {
        self.arrivals.lock().unwrap().clone()
    }
}

fn serve_http(stream: TcpStream, arrivals: &Mutex<Vec<Arrival>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut stream = stream;
    loop {
        let mut first = String::new();
        if reader.read_line(&mut first)? == 0 {
            return Ok(());
        }
        let to = first.split(' ').nth(1).unwrap_or_default().to_owned();
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let line = line.trim_end().to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
            if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let text = String::from_utf8_lossy(&body).into_owned();
        let (is_broken, is_hanging) = (to.starts_with("/broken"), to.starts_with("/hanging"));
        arrivals.lock().unwrap().push(Arrival { to, text, at: Instant::now() });
        if is_hanging {
            // Until the client has enough of it.
            let _ = reader.read(&mut [0]);
            return Ok(());
        }
        let status = if is_broken { "500 Internal Server Error" } else { "200 OK" };
        stream.write_all(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").as_bytes())?;
    }
}

fn serve_smtp(stream: TcpStream, arrivals: &Mutex<Vec<Arrival>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut stream = stream;
    stream.write_all(b"220 sink\r\n")?;
    let mut to = String::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let command = line.trim_end().to_ascii_uppercase();
        let answer: &[u8] = match command.split([' ', ':']).next().unwrap_or_default() {
            "EHLO" => b"250-sink\r\n250 8BITMIME\r\n",
            "RCPT" => {
                to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                b"250 ok\r\n"
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n")?;
                let text = mail(&mut reader)?;
                arrivals.lock().unwrap().push(Arrival { to: to.clone(), text, at: Instant::now() });
                b"250 ok\r\n"
            }
            "QUIT" => {
                stream.write_all(b"221 bye\r\n")?;
                return Ok(());
            }
            _ => b"250 ok\r\n",
        };
        stream.write_all(answer)?;
    }
}

fn mail(reader: &mut impl BufRead) -> std::io::Result<String> {
    let mut text = String::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line == ".\r\n" {
            return Ok(text);
        }
        text.push_str(&line);
    }
}
