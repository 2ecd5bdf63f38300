//! Bodies that are announced and not sent: an answer all the same, and the connection is closed.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use mock_server::{Mock, Options, Server};
use serde_json::json;

use crate::client::{Client, WORLD};
use crate::socket::{Received, exchange};

/// So long that a test which waits for it has failed.
const NEVER: Duration = Duration::from_secs(3_600);
/// So short that a test can wait for it.
const SOON: Duration = Duration::from_millis(150);

fn behind(body_wait_max: Duration) -> (Client, Server) {
    let mock = Mock::new(Options { body_wait_max, ..Options::default() }).unwrap();
    let server = Server::spawn(mock.clone(), "127.0.0.1:0".parse().unwrap()).unwrap();
    (Client::of(&mock, WORLD), server)
}

/// Sends a head and a part of what it announces, and reads until the other side closes.
#[expect(clippy::disallowed_methods, reason = "how long an answer took is what is asked here")]
fn announced(server: &Server, path: &str, length: &str, part: &[u8]) -> (Received, Duration) {
    let address = server.address();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\norigin: http://{address}\r\n{length}\r\n\r\n"
    );
    let begun = Instant::now();
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(part).unwrap();
    let mut all = Vec::new();
    stream.read_to_end(&mut all).unwrap();
    (crate::socket::parse(&all), begun.elapsed())
}

const CREATE: &str = "emailVerifications/create";
const ENVIRONMENTS: &str = "/_mock/v1/environments";

#[test]
fn a_body_that_is_not_sent_is_waited_for_no_longer_than_told() {
    let (client, server) = behind(SOON);
    let before = client.world.snapshot();
    for (length, part) in [
        ("content-length: 100", &b""[..]),
        ("content-length: 100", br#"{"email":"#),
        ("transfer-encoding: chunked", b"5\r\n{\"ema"),
    ] {
        let (received, took) = announced(&server, &client.path(CREATE), length, part);
        assert_eq!(received.ok(408), json!({ "error": "Request Timeout" }), "{length}");
        assert_eq!(received.header("connection"), Some("close"));
        assert!(received.header("access-control-allow-origin").is_some(), "pages may read why");
        assert!(took >= SOON, "{took:?}");
        let noted = client.world.journal().pop().unwrap();
        assert_eq!(noted.status, 408);
        let why = noted.refusal.unwrap().reason;
        assert_eq!(why, "the body was announced and did not arrive in time");
        let (received, _) = announced(&server, ENVIRONMENTS, length, part);
        assert!(received.ok(408)["error"].as_str().unwrap().contains("did not arrive in time"));
    }
    assert_eq!(client.world.snapshot(), before);
    assert_eq!(client.mock.environment_ids().len(), 1);
    // What is sent is heard, also in two halves.
    let body = br#"{"email":"alice@example.com"}"#;
    exchange(server.address(), "POST", &client.path(CREATE), &[], body).ok(201);
}

#[test]
fn a_body_that_announces_too_much_is_refused_before_it_is_sent() {
    let (client, server) = behind(NEVER);
    for length in [65_537_u64, 99_999_999_999] {
        let length = format!("content-length: {length}");
        for part in [&b""[..], b"{"] {
            let (received, _) = announced(&server, &client.path(CREATE), &length, part);
            assert_eq!(received.ok(413), json!({ "error": "Payload Too Large" }));
            assert_eq!(received.header("connection"), Some("close"));
            assert_eq!(client.world.journal().pop().unwrap().status, 413);
        }
        let asking = format!("{length}\r\nexpect: 100-continue");
        announced(&server, &client.path(CREATE), &asking, b"").0.ok(413);
    }
    let length = format!("content-length: {}", (64 << 20) + 1);
    let (received, _) = announced(&server, ENVIRONMENTS, &length, b"");
    let error = received.ok(413)["error"].clone();
    assert_eq!(error, json!("the body is longer than 67108864 bytes"));
    // Whoever sends it all the same still hears the answer.
    let long = vec![b' '; 4 << 20];
    exchange(server.address(), "POST", &client.path(CREATE), &[], &long).ok(413);
    let whole = vec![b' '; 65_536];
    exchange(server.address(), "POST", &client.path(CREATE), &[], &whole).ok(400);
}
