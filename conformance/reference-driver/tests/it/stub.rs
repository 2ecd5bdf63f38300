//! A tiny HTTP server: it records what arrives and answers what it was told.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use serde_json::{Value, json};

/// One request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub(crate) method: String,
    /// Relative to the environment, with its query.
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Recorded {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

#[derive(Default)]
struct Shared {
    requests: Mutex<Vec<Recorded>>,
    answers: Mutex<BTreeMap<String, (u16, String)>>,
    nonces_issued: Mutex<u64>,
    stopped: AtomicBool,
}

/// The server; it stops when dropped.
pub(crate) struct Stub {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Stub {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let served = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if served.stopped.load(Ordering::SeqCst) {
                    return;
                }
                serve(&stream.unwrap(), &served);
            }
        });
        Self { address, shared, thread: Some(thread) }
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://{}/api/v0", self.address)
    }

    /// From now on, answers `METHOD path` with this.
    pub(crate) fn answer(&self, route: &str, status: u16, body: &Value) {
        self.answer_raw(route, status, &body.to_string());
    }

    pub(crate) fn answer_raw(&self, route: &str, status: u16, body: &str) {
        self.shared.answers.lock().unwrap().insert(route.into(), (status, body.into()));
    }

    pub(crate) fn requests(&self) -> Vec<Recorded> {
        self.shared.requests.lock().unwrap().clone()
    }

    /// The requests as `METHOD path`.
    pub(crate) fn routes(&self) -> Vec<String> {
        self.requests().iter().map(|seen| format!("{} {}", seen.method, seen.path)).collect()
    }

    pub(crate) fn last(&self) -> Recorded {
        self.requests().pop().unwrap()
    }

    pub(crate) fn forget_requests(&self) {
        self.shared.requests.lock().unwrap().clear();
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // The thread waits for a connection, so it gets one.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

fn serve(stream: &TcpStream, shared: &Shared) {
    let Some(request) = read(stream) else { return };
    let route = format!("{} {}", request.method, request.path);
    shared.requests.lock().unwrap().push(request);
    let told = shared.answers.lock().unwrap().get(&route).cloned();
    let (status, body) = told.unwrap_or_else(|| usual(&route, shared));
    let mut stream = stream;
    // The SDK may have given up by now; what it makes of that is for the test to see.
    let _ = write!(
        stream,
        "HTTP/1.1 {status} x\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
}

fn read(stream: &TcpStream) -> Option<Recorded> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").map_or(0, |text| text.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let path = target.strip_prefix("/api/v0/sdk/")?.split_once('/')?.1.to_owned();
    Some(Recorded { method, path, headers, body: String::from_utf8(body).ok()? })
}

fn usual(route: &str, shared: &Shared) -> (u16, String) {
    let body = match route {
        "GET settings?sdkVersion=ReferenceSDK%2F0.0.0" => {
            json!({ "chains": [], "kyc": [], "security": {} })
        }
        "GET nonces?count=5" => {
            let mut issued = shared.nonces_issued.lock().unwrap();
            let first = *issued;
            *issued += 5;
            json!({ "nonces": (first..*issued).map(|n| format!("nonce-{n}")).collect::<Vec<_>>() })
        }
        "POST emailVerifications/create" => json!({ "verificationUUID": "v-1", "email": "x" }),
        _ => return (204, String::new()),
    };
    (200, body.to_string())
}
