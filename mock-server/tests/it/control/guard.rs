//! No web page may drive the control API, and no machine but this one.

use serde_json::json;

use super::Control;

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
