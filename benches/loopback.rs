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
use criterion::Throughput;
use mock_server::Server;
use mock_server::http::{Method, StatusCode};
use serde_json::{Value, json};

/// Connections that ask at once.
const CONNECTIONS: [usize; 3] = [1, 8, 64];
/// Connections of the calls that sign.
const SIGNING: usize = 8;
/// Reads whose times are looked at one by one.
const READS: u32 = 3_000;

fn main() {
    let mut criterion = benches::criterion();
    let service = Service::replaying();
    let server = Server::spawn(service.mock(), "127.0.0.1:0".parse().unwrap()).unwrap();
    let here = server.address();
    let devices = service.request(Method::GET, "users/mfa", &Value::Null);
    let body = service.ask(&devices, StatusCode::OK);
    let (axum, wiremock) = (spawn_axum(body.to_vec()), Mounted::new(&body));
    let read = load::spoken(&devices);

    let mut group = criterion.benchmark_group("loopback");
    group.throughput(Throughput::Elements(1));
    for connections in CONNECTIONS {
        let asked = vec![read.as_slice(); connections];
        for (name, address) in [("axum", axum), ("devices", here), ("wiremock", wiremock.address)] {
            group.bench_function(format!("{name}/{connections}"), |bencher| {
                bencher.iter_custom(|count| load::together(address, &asked, 200, count));
            });
        }
    }
    group.bench_function("signatures", |bencher| bencher.iter_custom(signed_by_two));
    let scopes = json!({ "requestedScopes": ["credential:link"] });
    let code = service.code();
    for (name, wish) in [("totp_two_tokens", Value::Null), ("totp_three_tokens", scopes)] {
        let request = load::spoken(&service.totp_request(&code, &wish));
        let asked = vec![request.as_slice(); SIGNING];
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|count| load::together(here, &asked, 200, count));
        });
    }
    group.finish();
    reads_beside_signatures(here, &read, &load::spoken(&service.totp_request(&code, &Value::Null)));
    criterion.final_summary();
}

/// How long the slowest reads take alone, and while others sign in without a pause.
fn reads_beside_signatures(here: SocketAddr, read: &[u8], sign: &[u8]) {
    let count = if benches::is_trial() { 10 } else { READS };
    let pause = Duration::from_millis(1);
    let p99 = |times: Vec<f64>| figure::quantile(times, 0.99);
    let alone = p99(load::paced(here, read, count, pause));
    let is_over = AtomicBool::new(false);
    let beside = thread::scope(|scope| {
        for _ in 0..SIGNING {
            scope.spawn(|| load::until(here, sign, &is_over));
        }
        let times = load::paced(here, read, count, pause);
        is_over.store(true, Ordering::Relaxed);
        p99(times)
    });
    figure::tell("loopback/read_p99_alone", alone, "us").unwrap();
    figure::tell("loopback/read_p99_beside_signatures", beside, "us").unwrap();
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
