//! A receiver of webhooks: a listener that keeps what it was sent.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver as Inbox, Sender, channel};
use std::time::Duration;

use serde_json::Value;

/// How a receiver answers.
enum Manner {
    With(Arc<AtomicU16>),
    RedirectingTo(String),
    /// Keeps the connection open and says nothing.
    Silent,
}

pub(crate) struct Receiver {
    address: SocketAddr,
    status: Arc<AtomicU16>,
    seen: Arc<AtomicUsize>,
    over: Arc<AtomicBool>,
    inbox: Inbox<Received>,
}

/// One request.
pub(crate) struct Received {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The name of the event.
    pub(crate) fn name(&self) -> String {
        let body: Value = serde_json::from_slice(&self.body).unwrap();
        body["eventName"].as_str().unwrap().to_owned()
    }
}

impl Receiver {
    pub(crate) fn answering(status: u16) -> Self {
        let status = Arc::new(AtomicU16::new(status));
        Self::listen(Manner::With(Arc::clone(&status)), status)
    }

    pub(crate) fn redirecting_to(url: &str) -> Self {
        Self::listen(Manner::RedirectingTo(url.to_owned()), Arc::default())
    }

    pub(crate) fn silent() -> Self {
        Self::listen(Manner::Silent, Arc::default())
    }

    fn listen(manner: Manner, status: Arc<AtomicU16>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (seen, over) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let (sender, inbox) = channel();
        let ears = (Arc::clone(&seen), Arc::clone(&over));
        std::thread::spawn(move || hear(&listener, &manner, &sender, &ears));
        Self { address, status, seen, over, inbox }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    pub(crate) fn answer_with(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    /// The next request, waited for.
    pub(crate) fn next(&self) -> Received {
        self.inbox.recv_timeout(Duration::from_secs(20)).expect("no request came")
    }

    /// How many requests have come.
    pub(crate) fn seen(&self) -> usize {
        // A hanging request was counted when it came, so the first one only has to be waited for.
        for _ in 0..100 {
            if self.seen.load(Ordering::SeqCst) > 0 {
                break;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        self.seen.load(Ordering::SeqCst)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        // Wakes the listener, so that its thread sees that it is over.
        let _ = TcpStream::connect(self.address);
    }
}

fn hear(
    listener: &TcpListener,
    manner: &Manner,
    sender: &Sender<Received>,
    (seen, over): &(Arc<AtomicUsize>, Arc<AtomicBool>),
) {
    let mut hanging = Vec::new();
    for stream in listener.incoming() {
        let Ok(mut stream) = stream else { return };
        if over.load(Ordering::SeqCst) {
            return;
        }
        let Some(received) = read(&mut stream) else { continue };
        seen.fetch_add(1, Ordering::SeqCst);
        let _ = sender.send(received);
        let answer = match manner {
            Manner::With(status) => {
                format!(
                    "HTTP/1.1 {} x\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok",
                    status.load(Ordering::SeqCst)
                )
            }
            Manner::RedirectingTo(url) => {
                format!(
                    "HTTP/1.1 302 x\r\nlocation: {url}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                )
            }
            Manner::Silent => {
                hanging.push(stream);
                continue;
            }
        };
        let _ = stream.write_all(answer.as_bytes());
    }
}

fn read(stream: &mut TcpStream) -> Option<Received> {
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    let mut bytes = Vec::new();
    let mut part = [0; 4_096];
    loop {
        let count = stream.read(&mut part).ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&part[..count]);
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let received = Received { head, body: bytes[end + 4..].to_vec() };
        let length: usize = received.header("content-length")?.parse().ok()?;
        if received.body.len() >= length {
            return Some(received);
        }
    }
}
