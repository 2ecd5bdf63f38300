//! Requests over loopback: the service behind its socket, beside the cheapest axum there is, the
//! same answer mounted in wiremock, and what two cores can sign.
//!
//! The generator runs on the same cores as what it asks, so that the times hold both; the ratios
//! of a run compare like with like.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot set up its work must stop")]
#![expect(clippy::disallowed_methods, reason = "time over a socket is what is measured here")]

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use axum::serve::ListenerExt as _;
use benches::{Service, figure, load};
use mock_server::Server;
use mock_server::http::{Method, StatusCode};
use serde_json::{Value, json};

/// Connections that ask at once.
const CONNECTIONS: [usize; 3] = [1, 8, 64];
/// Connections of the calls that sign.
const SIGNING: usize = 8;
/// Rounds in which what is compared is measured in turn, and how long each takes at least.
const ROUNDS: usize = 15;
const ROUND: Duration = Duration::from_millis(100);
/// Reads of a round whose times are looked at one by one, with a pause after each.
const READS: u32 = 1_000;
const PAUSE: Duration = Duration::from_millis(1);
const P99_ROUNDS: usize = 5;

fn main() {
    let service = Service::replaying();
    let server = Server::spawn(service.mock(), "127.0.0.1:0".parse().unwrap()).unwrap();
    let here = server.address();
    let devices = service.request(Method::GET, "users/mfa", &Value::Null);
    let body = service.ask(&devices, StatusCode::OK);
    let (axum, wiremock) = (spawn_axum(body.to_vec()), Mounted::new(&body));
    let read = load::spoken(&devices);

    for connections in CONNECTIONS {
        let asked = vec![read.as_slice(); connections];
        let ask = |address| move |count| load::together(address, &asked.clone(), 200, count);
        in_turn(&mut [
            (&format!("axum_{connections}"), &mut ask.clone()(axum)),
            (&format!("devices_{connections}"), &mut ask.clone()(here)),
            (&format!("wiremock_{connections}"), &mut ask(wiremock.address)),
        ]);
    }
    let code = service.code();
    let totp = |wish: &Value| load::spoken(&service.totp_request(&code, wish));
    let two = totp(&Value::Null);
    let three = totp(&json!({ "requestedScopes": ["credential:link"] }));
    let sign = |request: &[u8], count| load::together(here, &[request; SIGNING], 200, count);
    in_turn(&mut [
        ("signature", &mut signed_by_two),
        ("totp_two_tokens", &mut |count| sign(&two, count)),
        ("totp_three_tokens", &mut |count| sign(&three, count)),
    ]);
    reads_beside_signatures(here, &read, &two);
}

/// Measures several things in turn, round by round, so that whatever slows the machine down slows
/// all of them; tells the median of each, in microseconds a piece.
fn in_turn(all: &mut [(&str, &mut dyn FnMut(u64) -> Duration)]) {
    let (rounds, length) = match benches::is_trial() {
        true => (1, Duration::ZERO),
        false => (ROUNDS, ROUND),
    };
    let counts: Vec<u64> = all.iter_mut().map(|(_, work)| fitting(work, length)).collect();
    let mut times = vec![Vec::new(); all.len()];
    for _ in 0..rounds {
        for (((_, work), count), times) in all.iter_mut().zip(&counts).zip(&mut times) {
            let pieces = f64::from(u32::try_from(*count).unwrap());
            times.push(work(*count).as_secs_f64() * 1e6 / pieces);
        }
    }
    for ((name, _), times) in all.iter().zip(times) {
        figure::tell(&format!("loopback/{name}"), figure::quantile(times, 0.5), "us").unwrap();
    }
}

/// How many pieces take about that long.
fn fitting(work: &mut dyn FnMut(u64) -> Duration, length: Duration) -> u64 {
    let mut count = 64;
    while work(count) < length {
        count *= 2;
    }
    count
}

/// How long the slowest reads take alone, and while others sign in without a pause; in turn.
fn reads_beside_signatures(here: SocketAddr, read: &[u8], sign: &[u8]) {
    let (rounds, count) = if benches::is_trial() { (1, 10) } else { (P99_ROUNDS, READS) };
    let p99 = || figure::quantile(load::paced(here, read, count, PAUSE), 0.99);
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        alone.push(p99());
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..SIGNING {
                scope.spawn(|| load::until(here, sign, &is_over));
            }
            beside.push(p99());
            is_over.store(true, Ordering::Relaxed);
        });
    }
    for (name, values) in [("alone", alone), ("beside_signatures", beside)] {
        let name = format!("loopback/read_p99_{name}");
        figure::tell(&name, figure::quantile(values, 0.5), "us").unwrap();
    }
}

/// The time in which two threads make so many signatures with a kept key and do nothing else.
fn signed_by_two(count: u64) -> Duration {
    let key = KeyPair::from_pkcs8(&benches::signing_key()).unwrap();
    let start = Instant::now();
    thread::scope(|scope| {
        for share in [count / 2, count - count / 2] {
            let key = &key;
            scope.spawn(move || {
                let (random, mut signature) =
                    (SystemRandom::new(), vec![0; key.public_modulus_len()]);
                for _ in 0..share {
                    key.sign(&RSA_PKCS1_SHA256, &random, b"what a token says", &mut signature)
                        .unwrap();
                }
            });
        }
    });
    start.elapsed()
}

/// An axum that answers everything with this body, on a runtime like that of the service.
fn spawn_axum(body: Vec<u8>) -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    listener.set_nonblocking(true).unwrap();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let app = axum::Router::new().fallback(async move || {
                ([(axum::http::header::CONTENT_TYPE, "application/json")], body.clone())
            });
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
            axum::serve(listener, app).await.unwrap();
        });
    });
    address
}

/// The same answer mounted in wiremock as it comes, but for its memory of requests.
struct Mounted {
    address: SocketAddr,
    _runtime: tokio::runtime::Runtime,
    _server: wiremock::MockServer,
}

impl Mounted {
    fn new(body: &[u8]) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let server = runtime.block_on(async {
            let server = wiremock::MockServer::builder().disable_request_recording().start().await;
            let answer =
                wiremock::ResponseTemplate::new(200).set_body_raw(body, "application/json");
            wiremock::Mock::given(wiremock::matchers::method("GET"))
                .respond_with(answer)
                .mount(&server)
                .await;
            server
        });
        Self { address: *server.address(), _runtime: runtime, _server: server }
    }
}
