//! Sends many requests through one carrier and prints how the process grows.
//!
//! ```sh
//! cargo run --release -p mock-server --features wiremock --example soak -- wiremock 1000000
//! ```
//!
//! The carrier is `standalone`, `wiremock` (swept) or `mounted` (wiremock as it comes, which keeps every
//! request). Resident memory is read from `/proc`, so the figures are for Linux.
#![expect(clippy::print_stdout, reason = "a program for people speaks on its standard output")]
#![expect(clippy::unwrap_used, reason = "a measurement that fails has nothing to say")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use mock_server::{Mock, Options, Server};

const CLIENTS: u64 = 4;

fn main() {
    let mut words = std::env::args().skip(1);
    let carrier = words.next().unwrap_or_else(|| "standalone".to_owned());
    let requests: u64 = words.next().and_then(|word| word.parse().ok()).unwrap_or(100_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let mock = Mock::new(Options::default()).unwrap();
    let world = mock.fresh_environment().unwrap();
    // Whatever carries the requests stays alive in one of these three.
    let (mut own, mut swept, mut mounted) = (None, None, None);
    let base_url = match carrier.as_str() {
        "wiremock" => {
            swept = Some(runtime.block_on(mock.wiremock(Vec::new)));
            swept.as_ref().unwrap().base_url()
        }
        "mounted" => {
            let server = wiremock::MockServer::builder().disable_request_recording();
            let server = runtime.block_on(server.start());
            runtime.block_on(mock.mount(&server));
            let base_url = format!("{}/api/v0", server.uri());
            mounted = Some(server);
            base_url
        }
        _ => {
            own = Some(Server::spawn(mock, "127.0.0.1:0".parse().unwrap()).unwrap());
            own.as_ref().unwrap().base_url()
        }
    };
    let url = Arc::new(format!("{base_url}/sdk/{}/nonces?count=5", world.id()));
    let sent = Arc::new(AtomicU64::new(0));
    println!("{carrier}: {} KiB before the first request", resident_kib());
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            let (url, sent) = (Arc::clone(&url), Arc::clone(&sent));
            scope.spawn(move || {
                let agent = ureq::Agent::new_with_defaults();
                for _ in 0..requests / CLIENTS {
                    let mut response = agent.get(url.as_str()).call().unwrap();
                    assert!(response.body_mut().read_to_string().unwrap().contains("nonces"));
                    let sent = sent.fetch_add(1, Ordering::Relaxed) + 1;
                    if sent.is_multiple_of((requests / 10).max(1)) {
                        println!("{sent:>9} requests: {:>8} KiB resident", resident_kib());
                    }
                }
            });
        }
    });
    drop((own, swept, mounted));
}

fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
