//! Who runs: threads that ask the service itself, or connections to a socket of it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Barrier};
use std::thread::JoinHandle;

use mock_server::Mock;

use super::heat::Entry;

/// Those who ask for the same thing at the same moment.
pub(crate) trait Track {
    /// Lets all of them send that; yields their statuses.
    fn run(&mut self, entry: &Entry) -> Vec<u16>;
}

/// Threads that go through [`Mock::answer`].
pub(crate) struct Threads {
    lanes: Vec<(Sender<Entry>, JoinHandle<()>)>,
    statuses: Receiver<u16>,
}

impl Threads {
    pub(crate) fn new(mock: &Mock, racers: usize) -> Self {
        let start = Arc::new(Barrier::new(racers));
        let (sender, statuses) = channel();
        let lanes = (0..racers)
            .map(|_| {
                let (entries, own): (Sender<Entry>, Receiver<Entry>) = channel();
                let (mock, start, sender) = (mock.clone(), Arc::clone(&start), sender.clone());
                let lane = move || {
                    for entry in own {
                        start.wait();
                        // Nobody listens any longer once the track was left in a panic.
                        let _ = sender.send(entry.send(&mock));
                    }
                };
                (entries, std::thread::spawn(lane))
            })
            .collect();
        Self { lanes, statuses }
    }
}

impl Track for Threads {
    fn run(&mut self, entry: &Entry) -> Vec<u16> {
        for (lane, _) in &self.lanes {
            lane.send(entry.clone()).unwrap();
        }
        self.lanes.iter().map(|_| self.statuses.recv().unwrap()).collect()
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        for (entries, lane) in self.lanes.drain(..) {
            drop(entries);
            // A lane that panicked has said so already.
            let _ = lane.join();
        }
    }
}

/// Connections to a server, all written to before any is read.
pub(crate) struct Connections(Vec<BufReader<TcpStream>>);

impl Connections {
    pub(crate) fn new(address: SocketAddr, racers: usize) -> Self {
        let connect = |_| {
            let stream = TcpStream::connect(address).unwrap();
            stream.set_nodelay(true).unwrap();
            BufReader::new(stream)
        };
        Self((0..racers).map(connect).collect())
    }
}

impl Track for Connections {
    fn run(&mut self, entry: &Entry) -> Vec<u16> {
        let Entry { method, path, headers, body } = entry;
        let mut request = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n");
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
        for connection in &mut self.0 {
            connection.get_mut().write_all(request.as_bytes()).unwrap();
        }
        self.0.iter_mut().map(status_of).collect()
    }
}

/// Reads one response to its end, so that the connection can be used again.
fn status_of(connection: &mut BufReader<TcpStream>) -> u16 {
    let mut line = String::new();
    connection.read_line(&mut line).unwrap();
    let status = line.split(' ').nth(1).unwrap().parse().unwrap();
    let mut length = 0;
    loop {
        line.clear();
        connection.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().unwrap();
        }
    }
    connection.read_exact(&mut vec![0; length]).unwrap();
    status
}
