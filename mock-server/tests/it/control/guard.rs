//! No web page may drive the control API, and no machine but this one.

use mock_server::Secret;
use mock_server::control::Guard;
use serde_json::json;

use super::Control;
use crate::socket::Received;

/// Refused before anything else is looked at: also where there is nothing.
fn refused(control: &Control, headers: &[(&str, &str)], error: &str) {
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/_mock/v1/"),
        ("GET", "/_mock/v1/nonsense"),
        ("POST", "/_mock/v1/environments"),
        ("OPTIONS", "/_mock/v1/environments"),
        ("DELETE", "/_mock/v1/environments/00000000-0000-4000-8000-00000000aaaa"),
    ] {
        let received = control.raw(method, path, headers, "");
        assert_eq!(received.status, Some(403), "{method} {path}");
        let body = received.json();
        assert_eq!(body["error"], json!(error));
        assert!(body["hint"].is_string());
        assert_eq!(received.header("access-control-allow-origin"), None);
    }
    assert_eq!(control.mock.environment_ids().len(), 1);
}

#[test]
fn strangers_are_refused() {
    let control = Control::new();
    control.client();
    for host in ["evil.example", "localhost.evil.example:80", "192.168.1.7:4400", "0.0.0.0:4400"] {
        let error = format!("the control API does not answer to the host name {host:?}");
        refused(&control, &[("host", host)], &error);
    }
    let error =
        |what: &str| format!("the control API refuses requests of other web pages ({what})");
    for origin in ["http://evil.example", "http://localhost:3000", "null", "https://localhost"] {
        refused(&control, &[("origin", origin)], &error(origin));
    }
    for site in ["cross-site", "same-site", ""] {
        refused(&control, &[("sec-fetch-site", site)], &error("Sec-Fetch-Site"));
    }
}

#[test]
fn programs_and_its_own_pages_are_let_in() {
    let control = Control::new();
    let port = control.server.address().port();
    for host in [
        format!("localhost:{port}"),
        format!("127.0.0.1:{port}"),
        "[::1]:9".to_owned(),
        "app.localhost".to_owned(),
    ] {
        control.raw("GET", "/_mock/v1/", &[("host", &host)], "").ok(200);
        let own = format!("http://{host}");
        let page = [("host", host.as_str()), ("origin", &own), ("sec-fetch-site", "same-origin")];
        control.raw("GET", "/_mock/v1/", &page, "").ok(200);
    }
    control.raw("GET", "/_mock/v1/", &[("sec-fetch-site", "none")], "").ok(200);
    // A host name that is none at all is a stranger's.
    let nameless = "GET /_mock/v1/ HTTP/1.0\r\n\r\n";
    let mut stream = std::net::TcpStream::connect(control.server.address()).unwrap();
    std::io::Write::write_all(&mut stream, nameless.as_bytes()).unwrap();
    let mut answer = String::new();
    std::io::Read::read_to_string(&mut stream, &mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.0 403") || answer.starts_with("HTTP/1.1 403"), "{answer}");
}

#[test]
fn the_api_of_the_sdks_is_open_to_all_pages() {
    let control = Control::new();
    let path = control.client().path("settings");
    for headers in [
        [("host", "evil.example"), ("x", "y")],
        [("origin", "http://evil.example"), ("sec-fetch-site", "cross-site")],
    ] {
        control.raw("GET", &path, &headers, "").ok(200);
    }
}

const PAGE: &str = "http://localhost:3000";
const LIST: &str = "/_mock/v1/environments";

/// The headers by which a browser decides, in alphabetical order.
fn cors(received: &Received) -> Vec<(&str, &str)> {
    let is_cors = |name: &str| name.starts_with("access-control-") || name == "vary";
    let mut headers: Vec<_> = received
        .headers
        .iter()
        .filter(|(name, _)| is_cors(name))
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    headers.sort_unstable();
    headers
}

fn preflight(control: &Control, origin: &str, more: &[(&str, &str)]) -> Received {
    let asked = [("origin", origin), ("access-control-request-method", "DELETE")];
    control.raw("OPTIONS", LIST, &[&asked[..], more].concat(), "")
}

#[test]
fn a_listed_page_may_call_and_read_what_is_answered() {
    // As people write it, and as browsers do.
    for origin in [PAGE, "http://localhost:3000/"] {
        let control = Control::guarded(Guard::loopback().with_origins(vec![origin.to_owned()]));
        let headers = ("access-control-request-headers", "content-type,x-mine");
        let received = preflight(&control, PAGE, &[headers, ("sec-fetch-site", "same-site")]);
        assert_eq!((received.status, received.body.len()), (Some(204), 0));
        let readable = [("access-control-allow-origin", PAGE), ("vary", "Origin")];
        let allowed = [
            ("access-control-allow-headers", "content-type,x-mine"),
            ("access-control-allow-methods", "GET, POST, PUT, PATCH, DELETE"),
            readable[0],
            ("access-control-max-age", "600"),
            readable[1],
        ];
        assert_eq!(cors(&received), allowed);
        let page = [("origin", PAGE), ("sec-fetch-site", "same-site")];
        for (method, path, body, status) in [
            ("GET", LIST, "", 200),
            ("POST", LIST, "", 201),
            ("GET", "/_mock/v1/nonsense", "", 404),
            ("PATCH", LIST, "", 405),
            ("OPTIONS", LIST, "", 405),
        ] {
            let received = control.raw(method, path, &page, body);
            assert_eq!(received.status, Some(status), "{method} {path}");
            assert_eq!(cors(&received), readable, "{method} {path}");
        }
        // A page of a public address may be let in, too, and its browser asks for that.
        let private = ("access-control-request-private-network", "true");
        let received = preflight(&control, PAGE, &[private]);
        assert_eq!(received.header("access-control-allow-private-network"), Some("true"));
        let usual = received.header("access-control-allow-headers");
        assert_eq!(usual, Some("authorization, content-type"));
        // Others are refused as before, and so is a listed page that calls by a name of its own.
        for origin in ["http://evil.example", "http://localhost:3000.evil.example", "null"] {
            let received = preflight(&control, origin, &[]);
            assert_eq!(received.status, Some(403), "{origin}");
            assert_eq!(cors(&received), [("vary", "Origin")]);
        }
        assert_eq!(preflight(&control, PAGE, &[("host", "evil.example")]).status, Some(403));
        let without = control.raw("GET", LIST, &[], "");
        assert_eq!(cors(&without), [("vary", "Origin")]);
    }
    let unlisted = Control::new();
    let received = preflight(&unlisted, PAGE, &[]);
    assert_eq!((received.status, cors(&received).len()), (Some(403), 0));
}

#[test]
fn a_listed_page_shows_the_token_but_not_in_its_preflight() {
    let guard = Guard::loopback().with_token(Secret::new("s3cret"));
    let control = Control::guarded(guard.with_origins(vec![PAGE.to_owned()]));
    for host in ["localhost", "box.lan:4400"] {
        let received = preflight(&control, PAGE, &[("host", host)]);
        assert_eq!(received.status, Some(204), "{host}");
        assert_eq!(received.header("access-control-allow-origin"), Some(PAGE));
    }
    let stranger = preflight(&control, "http://evil.example", &[]);
    assert_eq!((stranger.status, cors(&stranger)), (Some(401), vec![("vary", "Origin")]));
    // What is no preflight needs the token, and the page may read that it does.
    for (method, shown) in [("GET", "Bearer wrong"), ("OPTIONS", "Bearer wrong"), ("POST", "")] {
        let headers = [("origin", PAGE), ("authorization", shown)];
        let received = control.raw(method, LIST, &headers, "");
        received.ok(401);
        assert_eq!(received.header("access-control-allow-origin"), Some(PAGE), "{method}");
    }
    assert_eq!(control.mock.environment_ids().len(), 0);
    let headers = [("origin", PAGE), ("authorization", "Bearer s3cret")];
    let received = control.raw("POST", LIST, &headers, "");
    received.ok(201);
    assert_eq!(received.header("access-control-allow-origin"), Some(PAGE));
}
