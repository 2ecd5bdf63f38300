//! One HTTP request over a socket: what asking a service on this machine takes.
//!
//! No client library, because the whole of one would be carried along for two questions; the TLS
//! is that of the service.

use std::io::{Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use crate::tls::PLAIN_HTTP;

use crate::trust::{Distrust, Trust};

/// The longest answer that is read.
const ANSWER_BYTES_MAX: u64 = 8 << 20;
const PATIENCE: Duration = Duration::from_secs(3);

/// An address in a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) is_tls: bool,
    /// As in the URL; an IPv6 address keeps its brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// What follows, with its slash; empty if nothing does.
    pub(crate) path: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// Why nothing came back.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Silence {
    /// The name is unknown, or nothing listens there.
    Nobody(String),
    /// Something listens, and speaks TLS, though it was asked without.
    SpeaksTls,
    /// Something listens, and speaks no TLS, though it was asked with it.
    SpeaksPlain,
    /// It speaks TLS, and is not to be trusted.
    Distrusted(Distrust),
    /// Something listens, and the handshake failed.
    NoTls(String),
    /// Something listens, and says nothing, or no HTTP.
    NoHttp,
}

impl Target {
    /// Reads a URL.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn read(url: &str) -> Result<Self, String> {
        let (is_tls, rest) = match (url.strip_prefix("http://"), url.strip_prefix("https://")) {
            (Some(rest), _) => (false, rest),
            (_, Some(rest)) => (true, rest),
            _ => return Err(format!("{url:?} does not begin with http:// or https://")),
        };
        let (authority, path) = match rest.find('/') {
            Some(slash) => rest.split_at(slash),
            None => (rest, ""),
        };
        let default = if is_tls { 443 } else { 80 };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => match port.parse() {
                Ok(port) => (host, port),
                Err(_) => return Err(format!("{url:?}: {port:?} is no port")),
            },
            _ => (authority, default),
        };
        match host.is_empty() {
            true => Err(format!("{url:?} names no host")),
            false => Ok(Self { is_tls, host: host.to_owned(), port, path: path.to_owned() }),
        }
    }

    /// Host and port, as in a `Host` header.
    pub(crate) fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// Sends one request and reads the whole answer.
    ///
    /// # Errors
    /// Nobody answers, or not in HTTP.
    pub(crate) fn ask(
        &self,
        trust: &Trust,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<Reply, Silence> {
        let name = self.host.trim_start_matches('[').trim_end_matches(']');
        let nobody = |error: std::io::Error| Silence::Nobody(error.to_string());
        let mut stream = connect(name, self.port).map_err(nobody)?;
        let mut answer = Vec::new();
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\n", self.authority());
        for (name, value) in headers.iter().chain(&[("connection", "close")]) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        if self.is_tls {
            let mut stream = trust.wrap(stream, name)?;
            let sent = stream.write_all(head.as_bytes()).and_then(|()| stream.flush());
            sent.map_err(|error| trust.failed(&error, name))?;
            let _ = stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer);
        } else {
            stream.write_all(head.as_bytes()).map_err(nobody)?;
            // Whatever arrived before the peer broke off is looked at.
            let _ = stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer);
        }
        let reply = Reply::read(&answer)?;
        // Our own service says so in an answer.
        match !self.is_tls && reply.status == 400 && reply.text("error") == PLAIN_HTTP {
            true => Err(Silence::SpeaksTls),
            false => Ok(reply),
        }
    }
}

fn connect(name: &str, port: u16) -> std::io::Result<TcpStream> {
    let mut last = std::io::Error::other("the name has no address");
    for address in (name, port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(stream) => {
                stream.set_read_timeout(Some(PATIENCE))?;
                stream.set_write_timeout(Some(PATIENCE))?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

impl Reply {
    fn read(answer: &[u8]) -> Result<Self, Silence> {
        // A TLS alert or handshake record begins with 0x15 or 0x16 and the version 3 (RFC 8446 5.1).
        if let [0x15 | 0x16, 3, ..] = answer {
            return Err(Silence::SpeaksTls);
        }
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").ok_or(Silence::NoHttp)?;
        let (head, body) = answer.split_at(end);
        let head = String::from_utf8_lossy(head);
        let mut lines = head.split("\r\n");
        let status = lines.next().filter(|line| line.starts_with("HTTP/1."));
        let status = status.and_then(|line| line.split(' ').nth(1)?.parse().ok());
        let pair = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        };
        Ok(Self {
            status: status.ok_or(Silence::NoHttp)?,
            headers: lines.filter_map(pair).collect(),
            body: body.get(4..).unwrap_or_default().to_vec(),
        })
    }

    /// A header by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// A text of a JSON body; empty if there is none.
    pub(crate) fn text(&self, key: &str) -> String {
        let body = self.json();
        body.get(key).and_then(|text| text.as_str()).unwrap_or_default().to_owned()
    }

    /// The body as JSON; null if it is none.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart() {
        let read = |url| Target::read(url).unwrap();
        let local = read("http://127.0.0.1:4400/api/v0");
        assert_eq!((local.port, local.path.as_str(), local.is_tls), (4400, "/api/v0", false));
        assert_eq!(local.authority(), "127.0.0.1:4400");
        let six = read("http://[::1]:80");
        assert_eq!((six.host.as_str(), six.port, six.path.as_str()), ("[::1]", 80, ""));
        assert_eq!(read("http://[::1]").port, 80);
        assert_eq!(read("https://localhost/").port, 443);
        for wrong in ["", "localhost:4400", "http://", "http:///api", "http://a:b", "ftp://a"] {
            assert!(Target::read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_answer_is_http_or_not() {
        let reply = Reply::read(b"HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\nrest").unwrap();
        assert_eq!((reply.status, reply.header("x-a")), (204, Some("b")));
        assert_eq!(reply.body, b"rest");
        assert_eq!(Reply::read(b"\x15\x03\x01\0\x02").unwrap_err(), Silence::SpeaksTls);
        for wrong in [&b""[..], b"220 mail\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK"] {
            assert_eq!(Reply::read(wrong).unwrap_err(), Silence::NoHttp);
        }
    }
}
