//! What a browser is told: preflights, origins, readable headers.

use mock_server::policy::Policy;
use serde_json::json;

use crate::client::{Client, Reply, policy};
use crate::routes::{ROUTES, filled};

const PAGE: &str = "http://localhost:3000";

/// Every header that the SDK was seen to send beside the simple ones.
const SDK_HEADERS: [&str; 14] = [
    "authorization",
    "content-type",
    "x-dyn-api-version",
    "x-dyn-elevated-access-token",
    "x-dyn-logout-reason",
    "x-dyn-request-id",
    "x-dyn-session-id",
    "x-dyn-session-public-key",
    "x-dyn-version",
    "x-dynamic-device-nonce",
    "x-dynamic-device-publickey",
    "x-dynamic-device-signed-nonce",
    "x-dynamic-platform",
    "x-mfa-auth-token",
];

fn header<'reply>(reply: &'reply Reply, name: &str) -> Option<&'reply str> {
    assert!(reply.headers.get_all(name).iter().count() <= 1, "{name} stands there twice");
    reply.headers.get(name).map(|value| value.to_str().unwrap())
}

fn may_read(reply: &Reply, origin: &str) {
    assert_eq!(header(reply, "access-control-allow-origin"), Some(origin));
    assert_eq!(header(reply, "access-control-allow-credentials"), Some("true"));
    assert_eq!(header(reply, "access-control-expose-headers"), Some("retry-after"));
    assert_eq!(header(reply, "vary"), Some("Origin"));
}

fn may_not_read(reply: &Reply) {
    assert_eq!(header(reply, "access-control-allow-origin"), None);
    assert_eq!(header(reply, "access-control-allow-credentials"), None);
    assert_eq!(header(reply, "vary"), Some("Origin"));
}

#[test]
fn every_route_answers_its_preflight() {
    let client = Client::new(Policy::default());
    let before = client.state();
    for (method, path, _) in ROUTES.iter().copied() {
        let asked = "authorization,x-dyn-something-new, X-Mfa-Auth-Token";
        let headers = [
            ("origin", PAGE),
            ("access-control-request-method", method),
            ("access-control-request-headers", asked),
        ];
        let reply = client.send("OPTIONS", &filled(path), &headers, "");
        assert_eq!((reply.status, reply.bytes.len()), (204, 0), "{path}");
        may_read(&reply, PAGE);
        assert_eq!(header(&reply, "access-control-allow-headers"), Some(asked));
        let methods = header(&reply, "access-control-allow-methods").unwrap();
        assert!(methods.split(", ").any(|allowed| allowed == method), "{method} {path}");
        assert_eq!(header(&reply, "access-control-max-age"), Some("600"));
    }
    client.stays(&before);
    // A preflight belongs to no operation, so it is not in the journal.
    assert!(client.world.journal().is_empty());
}

#[test]
fn a_preflight_that_names_no_headers_is_told_them() {
    let reply = Client::new(Policy::default()).send("OPTIONS", "users", &[("origin", PAGE)], "");
    let allowed = header(&reply, "access-control-allow-headers").unwrap();
    let allowed: Vec<&str> = allowed.split(", ").collect();
    for name in SDK_HEADERS {
        assert!(allowed.contains(&name), "{name}");
    }
}

#[test]
fn any_origin_is_echoed_where_none_is_set() {
    let client = Client::new(Policy::default());
    for origin in [PAGE, "https://app.example.com", "null", "chrome-extension://abc"] {
        may_read(&client.send("GET", "settings", &[("origin", origin)], ""), origin);
    }
    may_not_read(&client.get("settings"));
}

#[test]
fn a_page_may_read_its_refusals_too() {
    let client = Client::new(Policy::default());
    let page = [("origin", PAGE)];
    for (method, path, body, status) in [
        ("GET", "users", String::new(), 401),
        ("GET", "nonsense", String::new(), 404),
        ("PATCH", "users", String::new(), 405),
        ("POST", "connect", "x".repeat(100_000), 413),
        ("POST", "emailVerifications/create", "{".to_owned(), 400),
    ] {
        let reply = client.send(method, path, &page, body);
        assert_eq!(reply.status, status);
        may_read(&reply, PAGE);
    }
    let malformed = "/api/v0/sdk/test-env/settings";
    may_read(&crate::client::send(&client.mock, "OPTIONS", malformed, &page, ""), PAGE);
}

#[test]
fn only_the_origins_that_are_set_may_read() {
    let client = Client::new(policy(|policy| {
        policy.cors_origins = vec![PAGE.into(), "https://*.example.com".into()];
    }));
    for (origin, reads) in [
        (PAGE, true),
        ("http://localhost:3001", false),
        ("https://localhost:3000", false),
        ("http://localhost:3000/", false),
        ("https://app.example.com", true),
        ("https://a.b.example.com", true),
        ("https://example.com", false),
        ("http://app.example.com", false),
        ("https://app.example.com.evil.example", false),
        ("null", false),
    ] {
        for method in ["OPTIONS", "GET"] {
            let reply = client.send(method, "users", &[("origin", origin)], "");
            match reads {
                true => may_read(&reply, origin),
                false => may_not_read(&reply),
            }
        }
    }
    // Whom a browser keeps from reading is still answered, as in the real world.
    let body = json!({ "email": "alice@example.com" }).to_string();
    let evil = [("origin", "https://evil.example")];
    client.send("POST", "emailVerifications/create", &evil, body).ok(201);
}
