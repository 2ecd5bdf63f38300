//! The same service through every carrier: called, on a port, and inside wiremock.

use jiff::SignedDuration;
use mock_server::bytes::Bytes;
use mock_server::http::{HeaderName, HeaderValue};
use mock_server::policy::Policy;
use mock_server::{Effect, Fault, Hosting, Mock, Server, UserSeed, WiremockServer};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use wiremock::matchers::{method, path_regex};
use wiremock::{MockServer, ResponseTemplate};

use crate::client::{ALICE, ELEVATED, MFA_TOKEN, SECRET, WORLD, still_mock, text};
use crate::oracle;
use crate::socket::{Received, exchange};

#[cfg(target_os = "linux")]
mod memory;
mod unsent;

/// A way to send a request and to see everything that came back.
type Carrier = Box<dyn Fn(&str, &str, &[(&str, &str)], &[u8]) -> Received>;

fn called(mock: &Mock) -> Carrier {
    let mock = mock.clone();
    Box::new(move |method, path, headers, body| {
        let body = Bytes::copy_from_slice(body);
        let reply = crate::client::send(&mock, method, path, headers, body);
        let pair = |(name, value): (&HeaderName, &HeaderValue)| {
            (name.as_str().to_owned(), value.to_str().unwrap().to_owned())
        };
        Received {
            status: Some(reply.status),
            headers: reply.headers.iter().map(pair).collect(),
            body: reply.bytes.to_vec(),
        }
    })
}

fn on_a_port(server: Server) -> Carrier {
    Box::new(move |method, path, headers, body| {
        exchange(server.address(), method, path, headers, body)
    })
}

fn in_wiremock(runtime: &Runtime, mock: &Mock) -> Carrier {
    let server: WiremockServer = runtime.block_on(mock.wiremock(Vec::new));
    let address = server.base_url().replace("http://", "").replace("/api/v0", "").parse().unwrap();
    Box::new(move |method, path, headers, body| {
        let _alive = &server;
        exchange(address, method, path, headers, body)
    })
}

fn mounted(runtime: &Runtime, mock: &Mock) -> Carrier {
    let server = runtime.block_on(async {
        let server = MockServer::start().await;
        mock.mount(&server).await;
        server
    });
    Box::new(move |method, path, headers, body| {
        exchange(*server.address(), method, path, headers, body)
    })
}

/// The headers that belong to one connection, and not to the answer.
const HOP: [&str; 4] = ["date", "connection", "content-length", "transfer-encoding"];

/// What must be the same wherever an answer travels.
fn shown(mut received: Received) -> Received {
    received.body = without_port(received.body);
    received.headers.retain(|(name, _)| !HOP.contains(&name.as_str()));
    received.headers.sort();
    received
}

/// The settings name the address that was called, and each carrier has one of its own.
fn without_port(body: Vec<u8>) -> Vec<u8> {
    let Ok(text) = String::from_utf8(body.clone()) else { return body };
    let mut parts = text.split("http://127.0.0.1:");
    let first = parts.next().unwrap_or_default().to_owned();
    let plain = parts.map(|part| part.trim_start_matches(|letter: char| letter.is_ascii_digit()));
    plain.fold(first, |text, part| text + "http://localhost" + part).into_bytes()
}

/// Somebody who plays one script over a carrier, and keeps every answer.
struct Player<'carrier> {
    carrier: &'carrier Carrier,
    world: Hosting,
    bearer: String,
    seen: Vec<Received>,
}

impl Player<'_> {
    fn send(&mut self, method: &str, path: &str, more: &[(&str, &str)], body: &str) -> Value {
        let mut headers =
            vec![("origin", "http://localhost:3000"), ("content-type", "application/json")];
        headers.extend(more);
        let authorization = format!("Bearer {}", self.bearer);
        if !self.bearer.is_empty() {
            headers.push(("authorization", &authorization));
        }
        let path = format!("/api/v0/sdk/{WORLD}/{path}");
        let received = (self.carrier)(method, &path, &headers, body.as_bytes());
        self.seen.push(shown(received.clone()));
        let answer: Value = serde_json::from_slice(&received.body).unwrap_or_default();
        if let Some(token) = answer["minifiedJwt"].as_str() {
            token.clone_into(&mut self.bearer);
        }
        answer
    }

    fn post(&mut self, path: &str, body: &Value) -> Value {
        self.send("POST", path, &[], &body.to_string())
    }

    /// The code of the next step, which is fresh.
    fn code(&self) -> String {
        let now = self.world.advance_clock(SignedDuration::from_secs(30)).unwrap();
        oracle::code(SECRET, now.as_second().try_into().unwrap())
    }

    /// Start-up, sign-in, the second factor, wrong codes until they are too many.
    fn begin(&mut self) -> Value {
        let asked = [("access-control-request-headers", "authorization")];
        self.send("OPTIONS", "users", &asked, "");
        self.send("GET", "settings?sdkVersion=ClientSDK%2F1.27.1", &[], "");
        self.send("GET", "nonces?count=5", &[], "");
        self.send("GET", ".well-known/jwks", &[], "");
        self.send("POST", "sdkSettings", &[], "{}");
        let opened = self.post("emailVerifications/create", &json!({ "email": ALICE }));
        let code = self.world.inbox(Some(ALICE), 0).pop().unwrap().code;
        let id = text(&opened["verificationUUID"]);
        let body = json!({ "verificationUUID": id, "verificationToken": code }).to_string();
        let version = [("x-dyn-version", "ClientSDK/1.27.1")];
        self.send("POST", "emailVerifications/signin", &version, &body);
        self.send("GET", "users/mfa/recovery", &[], "");
        let wishes = json!({
            "code": self.code(),
            "createMfaToken": { "singleUse": true },
            "requestedScopes": ["credential:link"],
        });
        let factor = self.post("users/mfa/auth/totp", &wishes);
        let profile = json!({ "alias": "Ä\u{1f511}", "metadata": { "x": [1, 2.5] } });
        self.send("PUT", "users", &[], &profile.to_string());
        for _ in 0..6 {
            self.post("users/mfa/auth/totp", &json!({ "code": "12345" }));
        }
        factor
    }

    /// Deletion with both kinds of token, requests of a wrong shape, faults, the end.
    fn end(&mut self, mfa: &str, elevated: &str) {
        let device = text(&self.send("GET", "users/mfa", &[], "")["devices"][0]["id"]);
        let path = format!("users/mfa/{device}");
        self.send("DELETE", &path, &[(MFA_TOKEN, ""), (ELEVATED, elevated)], "");
        self.send("DELETE", &path, &[(MFA_TOKEN, mfa), (ELEVATED, "")], "");
        self.send("GET", "users/mfa/register/totp", &[(ELEVATED, elevated)], "");
        for (method, path, body) in [
            ("GET", "nonsense", ""),
            ("GET", "users/mfa/a%2Fb", ""),
            ("PATCH", "users", "{}"),
            ("POST", "users/mfa/auth/totp", "{"),
            ("POST", "users/mfa/auth/totp", "[]"),
            ("GET", "nonces?count=0&x=%20", ""),
            ("PUT", "users", &*" ".repeat(70_000)),
        ] {
            self.send(method, path, &[], body);
        }
        for effect in [Effect::status(429), Effect::status(503), Effect::Delay { milliseconds: 5 }]
        {
            self.world.inject_fault(Fault::on("getAuthenticatedUser", effect)).unwrap();
            self.send("GET", "users", &[], "");
        }
        self.send("POST", "refresh", &[], "");
        self.send("POST", "revoke", &[("x-dyn-logout-reason", "user")], "");
        self.send("GET", "users", &[], "");
    }
}

fn play(mock: &Mock, carrier: &Carrier) -> Vec<Received> {
    let world = mock.environment(WORLD).unwrap();
    let secret = Some(SECRET.to_owned());
    let seed = UserSeed { email: ALICE.into(), totp_secret: secret, ..Default::default() };
    world.create_user(seed).unwrap();
    let mut player = Player { carrier, world, bearer: String::new(), seen: Vec::new() };
    let factor = player.begin();
    player.end(&text(&factor["mfaToken"]), &text(&factor["elevatedAccessToken"]));
    player.seen
}

#[test]
fn every_carrier_brings_the_same_answers() {
    let runtime = Runtime::new().unwrap();
    let mocks: Vec<Mock> = (0..4).map(|_| still_mock(Policy::default())).collect();
    let server = Server::spawn(mocks[1].clone(), "127.0.0.1:0".parse().unwrap()).unwrap();
    let carriers = [
        called(&mocks[0]),
        on_a_port(server),
        in_wiremock(&runtime, &mocks[2]),
        mounted(&runtime, &mocks[3]),
    ];
    let played: Vec<Vec<Received>> =
        mocks.iter().zip(&carriers).map(|(mock, carrier)| play(mock, carrier)).collect();
    for (name, other) in ["a port", "wiremock", "mounted"].iter().zip(&played[1..]) {
        assert_eq!(played[0].len(), other.len());
        for (number, (left, right)) in played[0].iter().zip(other).enumerate() {
            assert_eq!(left, right, "{name}, answer {number}");
        }
    }
    let statuses: std::collections::BTreeSet<_> =
        played[0].iter().filter_map(|received| received.status).collect();
    let expected = [200, 201, 204, 400, 401, 403, 404, 405, 413, 422, 429, 503];
    assert_eq!(statuses, expected.into());
    // What was seen is the same as well, but for the headers that a connection adds.
    let journals = mocks.iter().map(|mock| {
        let journal = mock.environment(WORLD).unwrap().journal();
        let brief = |seen: &mock_server::Exchange| {
            (
                seen.method.clone(),
                seen.path.clone(),
                seen.request_body.clone(),
                seen.status,
                seen.fault.clone(),
            )
        };
        journal.iter().map(brief).collect::<Vec<_>>()
    });
    let journals: Vec<_> = journals.collect();
    for other in &journals[1..] {
        assert_eq!(journals[0], *other);
    }
}

#[test]
fn a_mock_of_ones_own_stands_above() {
    let runtime = Runtime::new().unwrap();
    let mock = still_mock(Policy::default());
    let teapot = || {
        let template = ResponseTemplate::new(418).set_body_json(json!({ "own": true }));
        wiremock::Mock::given(method("GET")).and(path_regex("/healthcheck$")).respond_with(template)
    };
    let path = |rest: &str| format!("/api/v0/sdk/{WORLD}/{rest}");
    let server = runtime.block_on(async {
        let server = MockServer::start().await;
        mock.mount(&server).await;
        teapot().expect(1).mount(&server).await;
        server
    });
    let address = *server.address();
    assert_eq!(
        exchange(address, "GET", &path("healthcheck"), &[], b"").ok(418),
        json!({ "own": true })
    );
    exchange(address, "GET", &path("settings"), &[], b"").ok(200);
    exchange(address, "GET", &path("nonsense"), &[], b"").ok(404);
    // The service never saw what the other mock answered.
    assert_eq!(mock.environment(WORLD).unwrap().journal().len(), 2);
    runtime.block_on(server.verify());

    let server = runtime.block_on(mock.wiremock(move || vec![teapot()]));
    let base = server.base_url();
    let address = base.strip_prefix("http://").unwrap().strip_suffix("/api/v0").unwrap();
    let address = address.parse().unwrap();
    // It still stands there after the server has thrown away what it kept.
    for _ in 0..1_100 {
        exchange(address, "GET", &path("nonce"), &[], b"").ok(200);
    }
    exchange(address, "GET", &path("healthcheck"), &[], b"").ok(418);
}

#[test]
fn what_wiremock_cannot_carry_says_so() {
    let runtime = Runtime::new().unwrap();
    let mock = still_mock(Policy::default());
    let carrier = in_wiremock(&runtime, &mock);
    let world = mock.environment(WORLD).unwrap();
    let path = format!("/api/v0/sdk/{WORLD}/healthcheck");
    let whole = carrier("GET", &path, &[], b"").body;
    for effect in [Effect::DropBefore, Effect::DropAfter] {
        world.inject_fault(Fault::on("getHealthcheck", effect)).unwrap();
        let body = carrier("GET", &path, &[], b"").ok(502);
        assert_eq!(body, json!({ "error": "a fault would have dropped the connection here" }));
    }
    world.inject_fault(Fault::on("getHealthcheck", Effect::Truncate { bytes: 4 })).unwrap();
    let received = carrier("GET", &path, &[], b"");
    assert_eq!((received.status, received.body.as_slice()), (Some(200), &whole[..4]));
    assert_eq!(received.header("content-length"), Some("4"));
}

#[test]
fn wiremock_resolves_dots_in_a_path_before_anybody_sees_it() {
    // A client's URL library does the same, so no SDK notices; a raw request does.
    let runtime = Runtime::new().unwrap();
    let mock = still_mock(Policy::default());
    let server = Server::spawn(mock.clone(), "127.0.0.1:0".parse().unwrap()).unwrap();
    let (port, wiremock) = (on_a_port(server), in_wiremock(&runtime, &mock));
    for rest in ["users/../settings", "users/%2e%2e/settings", "./settings"] {
        let path = format!("/api/v0/sdk/{WORLD}/{rest}");
        port("GET", &path, &[], b"").ok(404);
        wiremock("GET", &path, &[], b"").ok(200);
    }
}

#[test]
fn a_server_ends_with_its_handle() {
    let mock = still_mock(Policy::default());
    let server = Server::spawn(mock, "127.0.0.1:0".parse().unwrap()).unwrap();
    let address = server.address();
    assert_eq!(server.base_url(), format!("http://{address}/api/v0"));
    let idle = std::net::TcpStream::connect(address).unwrap();
    drop(server);
    assert!(std::net::TcpStream::connect(address).is_err());
    let mut nothing = Vec::new();
    let _ = std::io::Read::read_to_end(&mut &idle, &mut nothing);
    assert!(nothing.is_empty());
}
