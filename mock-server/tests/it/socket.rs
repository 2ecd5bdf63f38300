//! HTTP over a raw socket, for what a client library would hide: half answers, lost connections.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// What came back before the connection closed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Received {
    /// Status; none if the connection closed without a word.
    pub(crate) status: Option<u16>,
    /// Names in lower case, in the order of arrival.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        match self.body.is_empty() {
            true => Value::Null,
            false => serde_json::from_slice(&self.body).unwrap(),
        }
    }

    /// The JSON of an answer with this status.
    #[track_caller]
    pub(crate) fn ok(&self, status: u16) -> Value {
        assert_eq!(self.status, Some(status), "{}", String::from_utf8_lossy(&self.body));
        self.json()
    }
}

/// Sends one request on a connection of its own and reads until that is closed.
pub(crate) fn exchange(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Received {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut head = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n");
    if !headers.iter().any(|(name, _)| *name == "host") {
        head.push_str(&format!("host: {address}\r\n"));
    }
    if !body.is_empty() {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut all = Vec::new();
    // A connection that is broken off may end in an error; what arrived before counts.
    let _ = stream.read_to_end(&mut all);
    parse(&all)
}

pub(crate) fn parse(all: &[u8]) -> Received {
    let Some(end) = all.windows(4).position(|four| four == b"\r\n\r\n") else {
        assert!(all.is_empty(), "half a head: {}", String::from_utf8_lossy(all));
        return Received { status: None, headers: Vec::new(), body: Vec::new() };
    };
    let head = String::from_utf8(all[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let pair = |line: &str| {
        let (name, value) = line.split_once(": ").unwrap();
        (name.to_lowercase(), value.to_owned())
    };
    let headers = lines.map(pair).collect();
    Received { status: Some(status), headers, body: all[end + 4..].to_vec() }
}
