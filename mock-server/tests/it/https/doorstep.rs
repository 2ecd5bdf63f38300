//! Clients that speak otherwise, slowly, or not at all.

use std::sync::atomic::{AtomicUsize, Ordering};

use mock_server::Door;
use mock_server::tls::PLAIN_HTTP;
use serde_json::json;

use super::*;
use crate::socket::exchange;

/// The first bytes of a TLS handshake: a record that announces more than ever comes.
const HALF_A_HELLO: [u8; 6] = [0x16, 3, 1, 1, 0, 1];

#[test]
fn plain_http_is_told_that_this_is_https() {
    let authority = Authority::new(&[], now()).unwrap();
    let tls = authority.vouch(&[], now()).unwrap();
    let server = serve(&tls);
    let told = json!({ "error": PLAIN_HTTP, "hint": "write https:// in place of http://" });
    let path = format!("/api/v0/sdk/{WORLD}/settings");
    let large = vec![b'a'; 50_000];
    for (method, path, body) in [
        ("GET", path.as_str(), &b""[..]),
        ("POST", "/_mock/v1/environments", b"{}"),
        ("POST", "/", &large),
    ] {
        let reply = exchange(server.address(), method, path, &[], body);
        assert_eq!(reply.ok(400), told);
        assert_eq!(reply.header("connection"), Some("close"));
    }
    assert_eq!(tls.troubles().plain, 3);
    Caller::trusting(&authority.certificate_pem()).reaches(&server, "localhost").unwrap();
}

#[test]
fn what_is_neither_is_hung_up_on() {
    let authority = Authority::new(&[], now()).unwrap();
    let server = serve(&authority.vouch(&[], now()).unwrap());
    for noise in [&b"\0\0\0\0"[..], b"hello\r\n\r\n", b"\x16\x03\x01\xff\xff", &[0xff; 4_096]] {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(noise).unwrap();
        let mut all = Vec::new();
        // A reset is an end as well; only a time-out would be none.
        if let Err(error) = stream.read_to_end(&mut all) {
            assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
        }
        assert!(all.is_empty() || all[0] == 0x15, "an alert at most: {all:?}");
    }
    Caller::trusting(&authority.certificate_pem()).reaches(&server, "localhost").unwrap();
}

#[test]
fn who_hangs_up_instead_of_asking_is_counted() {
    let authority = Authority::new(&[], now()).unwrap();
    let tls = authority.vouch(&[], now()).unwrap();
    let server = serve(&tls);
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.write_all(&HALF_A_HELLO).unwrap();
    drop(stream);
    until("it is counted", || tls.troubles().silent == 1);
    // A probe of the port says nothing, and means nothing.
    drop(TcpStream::connect(server.address()).unwrap());
    Caller::trusting(&authority.certificate_pem()).reaches(&server, "localhost").unwrap();
    assert_eq!(tls.troubles().silent, 1);
}

#[test]
fn a_dead_handshake_holds_nobody_up_and_ends() {
    let authority = Authority::new(&[], now()).unwrap();
    let tls = authority.vouch(&[], now()).unwrap().with_patience(Duration::from_millis(600));
    let server = serve(&tls);
    let dead = |first: &[u8]| {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.write_all(first).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    };
    let caller = Caller::trusting(&authority.certificate_pem());
    // Nothing said, half of TLS, half of HTTP: each is let go, and somebody else is answered.
    let waiting = [&b""[..], &HALF_A_HELLO, b"GET / HT"].map(dead);
    caller.reaches(&server, "localhost").unwrap();
    for mut stream in waiting {
        let mut all = Vec::new();
        let ended = stream.read_to_end(&mut all);
        assert!(ended.is_ok_and(|length| length == 0), "{all:?}");
    }
    // As many as may be under way at once, and more: whoever comes then is answered after them.
    let crowd: Vec<TcpStream> = (0..300).map(|_| dead(&HALF_A_HELLO)).collect();
    let is_answered = || {
        // One who waited as long as they did may be let go with them.
        let asked = caller.ask(server.address(), "localhost", "/", "");
        asked.is_ok_and(|reply| reply.status == Some(200))
    };
    until("the crowd is let go", is_answered);
    drop(crowd);
}

#[test]
fn tls_on_a_plain_port_is_told_of_once() {
    let told = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&told);
    let door = Door::plain(move || {
        counter.fetch_add(1, Ordering::Relaxed);
    });
    assert_eq!(door.scheme(), "http");
    let address = "127.0.0.1:0".parse().unwrap();
    let server = Server::spawn_behind(still(), address, Guard::loopback(), door).unwrap();
    exchange(server.address(), "GET", "/", &[], b"").ok(200);
    assert_eq!(told.load(Ordering::Relaxed), 0, "plain HTTP is nothing to speak of");
    for _ in 0..3 {
        let error = Caller::trusting("").get(server.address(), "localhost", "/", "").unwrap_err();
        assert!(matches!(error, Error::InvalidMessage(_)), "{error}");
        assert_eq!(told.load(Ordering::Relaxed), 1);
    }
    exchange(server.address(), "GET", "/", &[], b"").ok(200);
}
