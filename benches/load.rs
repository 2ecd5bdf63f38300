//! A load generator: kept connections, each one request after the other, no allocation on the way.
//!
//! It speaks just enough HTTP/1.1 to cost little: what it takes from the machine it takes from the
//! service that is measured, and from the one that stands beside it.
#![expect(clippy::disallowed_methods, reason = "time over a socket is what is measured here")]

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use mock_server::bytes::Bytes;
use mock_server::http::Request;

/// The largest answer that is read.
const ANSWER_BYTES_MAX: usize = 65_536;

/// A request as it travels.
pub fn spoken(request: &Request<Bytes>) -> Vec<u8> {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let mut text = format!("{} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n", request.method());
    for (name, value) in request.headers() {
        write!(text, "{name}: {}\r\n", value.to_str().unwrap()).unwrap();
    }
    write!(text, "content-length: {}\r\n\r\n", request.body().len()).unwrap();
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(request.body());
    bytes
}

/// One kept connection.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// How many bytes of the buffer are the last answer.
    answered: usize,
}

impl Connection {
    /// Connects, without waiting for more to send together.
    pub fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, buffer: vec![0; ANSWER_BYTES_MAX], answered: 0 }
    }

    /// Sends a request, reads the whole answer, and yields its status.
    pub fn exchange(&mut self, request: &[u8]) -> u16 {
        self.stream.write_all(request).unwrap();
        let mut filled = 0;
        let (status, whole) = loop {
            filled += self.read_on(filled);
            let got = self.buffer.get(..filled).unwrap();
            if let Some(head) = got.windows(4).position(|four| four == b"\r\n\r\n") {
                let told = str::from_utf8(got.get(..head).unwrap()).unwrap();
                break (status(told), head + 4 + content_length(told));
            }
        };
        while filled < whole {
            filled += self.read_on(filled);
        }
        self.answered = filled;
        status
    }

    fn read_on(&mut self, filled: usize) -> usize {
        let read = self.stream.read(self.buffer.get_mut(filled..).unwrap()).unwrap();
        assert!(read > 0, "the connection was closed, or the answer is too long");
        read
    }

    /// Sends a request, and yields the status and the body of the answer; for preparations.
    pub fn exchange_text(&mut self, request: &[u8]) -> (u16, String) {
        let status = self.exchange(request);
        let text = String::from_utf8_lossy(self.buffer.get(..self.answered).unwrap()).into_owned();
        let body = text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
        (status, body.unwrap_or_default())
    }
}

fn status(head: &str) -> u16 {
    head.split(' ').nth(1).unwrap().parse().unwrap()
}

fn content_length(head: &str) -> usize {
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    let length = lines.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    length.map_or(0, |(_, length)| length.parse().unwrap())
}

/// The time in which so many requests are answered over several connections.
///
/// Each connection has its own request, sent one after the other.
///
/// # Panics
/// If an answer has another status than the expected one.
pub fn together(address: SocketAddr, requests: &[&[u8]], expected: u16, count: u64) -> Duration {
    in_turn(address, requests.len(), requests, expected, count)
}

/// The same where the connections take turns with more requests than there are connections.
///
/// # Panics
/// If an answer has another status than the expected one, with both in the words.
pub fn in_turn(
    address: SocketAddr,
    connections: usize,
    requests: &[&[u8]],
    expected: u16,
    count: u64,
) -> Duration {
    let mut open: Vec<_> = (0..connections).map(|_| Connection::open(address)).collect();
    let connections_u64 = u64::try_from(connections).unwrap();
    let start = Instant::now();
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for (number, connection) in open.iter_mut().enumerate() {
            let is_longer = u64::try_from(number).unwrap() < count % connections_u64;
            let share = count / connections_u64 + u64::from(is_longer);
            let turns = requests.iter().cycle().skip(number).step_by(connections);
            threads.push(scope.spawn(move || {
                for (_, request) in (0..share).zip(turns) {
                    let status = connection.exchange(request);
                    assert!(status == expected, "an answer had status {status}, not {expected}");
                }
            }));
        }
        for thread in threads {
            // A scope would say only that somebody panicked.
            thread.join().unwrap_or_else(|words| resume_unwind(words));
        }
    });
    start.elapsed()
}

/// The microseconds that each of so many requests took, one after the other, a pause after each.
pub fn paced(address: SocketAddr, request: &[u8], count: u32, pause: Duration) -> Vec<f64> {
    let mut connection = Connection::open(address);
    let mut taken = Vec::new();
    for _ in 0..count {
        let start = Instant::now();
        assert_eq!(connection.exchange(request), 200);
        taken.push(start.elapsed().as_secs_f64() * 1e6);
        thread::sleep(pause);
    }
    taken
}

/// Sends requests without a pause until it is over; yields how many were answered.
pub fn until(address: SocketAddr, request: &[u8], is_over: &AtomicBool) -> u64 {
    let mut connection = Connection::open(address);
    let mut answered = 0;
    while !is_over.load(Ordering::Relaxed) {
        assert_eq!(connection.exchange(request), 200);
        answered += 1;
    }
    answered
}
