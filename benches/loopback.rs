//! Requests over loopback: the service behind its socket, beside the cheapest axum there is.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot set up its work must stop")]
#![expect(clippy::disallowed_methods, reason = "time over a socket is what is measured here")]

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use axum::serve::ListenerExt as _;
use benches::Service;
use criterion::Throughput;
use mock_server::Server;
use mock_server::bytes::Bytes;
use mock_server::http::{Method, Request};
use serde_json::{Value, json};

/// Connections that ask at once, each one request after the other.
const CONNECTIONS: u64 = 4;

fn main() {
    let mut criterion = benches::criterion();
    let service = Service::start();
    let server = Server::spawn(service.mock(), "127.0.0.1:0".parse().unwrap()).unwrap();
    let (here, hello) = (server.address(), spawn_hello());
    let read = spoken(&service.request(Method::GET, "users/mfa", &Value::Null));
    let health = spoken(&service.request(Method::GET, "healthcheck", &Value::Null));
    let refresh = spoken(&service.request(Method::POST, "refresh", &json!({})));
    // The axum of the comparison gets the same bytes, so both parse the same headers.
    let rows = [
        ("axum_hello", hello, &health),
        ("healthcheck", here, &health),
        ("list_devices", here, &read),
        ("refresh", here, &refresh),
    ];

    let mut group = criterion.benchmark_group("loopback");
    group.throughput(Throughput::Elements(1));
    for (name, address, request) in rows {
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|requests| together(address, request, requests));
        });
    }
    // One connection reads; then again, while another user's sessions are signed without a pause.
    group.bench_function("read_alone", |bencher| {
        bencher.iter_custom(|requests| ask(here, &read, requests));
    });
    let is_over = Arc::new(AtomicBool::new(false));
    let signing = sign_without_pause(here, other_users_refresh(&service), &is_over);
    group.bench_function("read_beside_signatures", |bencher| {
        bencher.iter_custom(|requests| ask(here, &read, requests));
    });
    is_over.store(true, Ordering::Relaxed);
    let signed = signing.join().unwrap();
    group.finish();
    eprintln!("another user's tokens were signed {signed} times beside the reads");
    criterion.final_summary();
}

/// An axum that only says hello, on a runtime like that of the service.
fn spawn_hello() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    listener.set_nonblocking(true).unwrap();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let app = axum::Router::new().fallback(async || "Hello, World!");
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
            axum::serve(listener, app).await.unwrap();
        });
    });
    address
}

/// A request as it travels.
fn spoken(request: &Request<Bytes>) -> Vec<u8> {
    let path = request.uri().path();
    let mut text = format!("{} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n", request.method());
    for (name, value) in request.headers() {
        text += &format!("{name}: {}\r\n", value.to_str().unwrap());
    }
    text += &format!("content-length: {}\r\n\r\n", request.body().len());
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(request.body());
    bytes
}

/// The time that so many requests take over all connections.
fn together(address: SocketAddr, request: &[u8], requests: u64) -> Duration {
    let start = Instant::now();
    thread::scope(|scope| {
        for number in 0..CONNECTIONS {
            let share = requests / CONNECTIONS + u64::from(number < requests % CONNECTIONS);
            scope.spawn(move || ask(address, request, share));
        }
    });
    start.elapsed()
}

/// The time that so many requests take over one connection, one after the other.
fn ask(address: SocketAddr, request: &[u8], requests: u64) -> Duration {
    let mut stream = connect(address);
    let mut buffer = vec![0; 65_536];
    let start = Instant::now();
    for _ in 0..requests {
        exchange(&mut stream, request, &mut buffer);
    }
    start.elapsed()
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// One request and its whole answer, which must be a success.
fn exchange(stream: &mut TcpStream, request: &[u8], buffer: &mut [u8]) {
    stream.write_all(request).unwrap();
    let mut filled = 0;
    let whole = loop {
        filled += stream.read(buffer.get_mut(filled..).unwrap()).unwrap();
        let got = buffer.get(..filled).unwrap();
        if let Some(head) = got.windows(4).position(|four| four == b"\r\n\r\n") {
            assert!(got.starts_with(b"HTTP/1.1 20"), "{}", String::from_utf8_lossy(got));
            break head + 4 + content_length(got.get(..head).unwrap());
        }
    };
    while filled < whole {
        filled += stream.read(buffer.get_mut(filled..).unwrap()).unwrap();
    }
}

fn content_length(head: &[u8]) -> usize {
    let head = str::from_utf8(head).unwrap();
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    let (_, length) = lines.find(|(name, _)| name.eq_ignore_ascii_case("content-length")).unwrap();
    length.parse().unwrap()
}

/// A request of another user that is answered with signed tokens.
fn other_users_refresh(service: &Service) -> Vec<u8> {
    let bearer = service.bearer_of("bob@example.com");
    let mut request = service.request(Method::POST, "refresh", &json!({}));
    request.headers_mut().insert("authorization", format!("Bearer {bearer}").parse().unwrap());
    spoken(&request)
}

fn sign_without_pause(
    address: SocketAddr,
    request: Vec<u8>,
    is_over: &Arc<AtomicBool>,
) -> thread::JoinHandle<u64> {
    let is_over = Arc::clone(is_over);
    thread::spawn(move || {
        let mut signed = 0;
        while !is_over.load(Ordering::Relaxed) {
            ask(address, &request, 1);
            signed += 1;
        }
        signed
    })
}
