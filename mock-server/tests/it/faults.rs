//! Each fault through a real socket: what arrives, when, and what has changed.

use std::time::{Duration, Instant};

use mock_server::policy::Policy;
use mock_server::{Effect, Fault, Server};
use serde_json::json;

use crate::client::{ALICE, Client};
use crate::socket::{Received, exchange};

const CREATE: &str = "emailVerifications/create";

/// A world behind a port.
struct Behind {
    client: Client,
    server: Server,
}

fn behind() -> Behind {
    let client = Client::new(Policy::default());
    let server = Server::spawn(client.mock.clone(), "127.0.0.1:0".parse().unwrap()).unwrap();
    Behind { client, server }
}

impl Behind {
    fn inject(&self, operation: &str, effect: Effect) {
        self.client.world.inject_fault(Fault::on(operation, effect)).unwrap();
    }

    /// Opens a verification, which mails a code: a change that is easy to see.
    fn create(&self) -> Received {
        let body = json!({ "email": ALICE }).to_string();
        let address = self.server.address();
        exchange(address, "POST", &self.client.path(CREATE), &[], body.as_bytes())
    }

    fn mails(&self) -> usize {
        self.client.world.inbox(None, 0).len()
    }

    fn last_fault(&self) -> Option<String> {
        self.client.world.journal().pop().unwrap().fault
    }
}

#[expect(clippy::disallowed_methods, reason = "how long an answer took is what is asked here")]
fn timed<T>(run: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let value = run();
    (value, start.elapsed())
}

#[test]
fn a_status_answers_and_changes_nothing() {
    let behind = behind();
    let coded =
        |status: u16, code: &str| Effect::Status { status, code: Some(code.into()), body: None };
    for (effect, status, body) in [
        (Effect::status(400), 400, json!({ "error": "Bad Request" })),
        (Effect::status(401), 401, json!({ "error": "Unauthorized" })),
        (Effect::status(403), 403, json!({ "error": "Access Forbidden" })),
        (Effect::status(404), 404, json!({ "error": "Not Found", "code": "not_found" })),
        (Effect::status(418), 418, json!({ "error": "I'm a teapot" })),
        // The gateway in front of the service has no `error` in its body.
        (Effect::status(429), 429, json!({ "message": "Rate limit exceeded", "code": 429 })),
        (Effect::status(500), 500, json!({ "error": "Internal Server Error" })),
        (Effect::status(503), 503, json!({ "error": "Service Unavailable" })),
        (Effect::status(599), 599, json!({ "error": "Unknown Error" })),
        (
            coded(422, "mfa_invalid_code"),
            422,
            json!({ "error": "Unprocessable Entity", "code": "mfa_invalid_code" }),
        ),
        (
            coded(429, "too_many_requests"),
            429,
            json!({ "error": "Too Many Requests", "code": "too_many_requests" }),
        ),
        (
            Effect::Status {
                status: 502,
                code: Some("ignored".into()),
                body: Some(json!(["any"])),
            },
            502,
            json!(["any"]),
        ),
    ] {
        behind.inject("createEmailVerification", effect);
        let received = behind.create();
        assert_eq!(received.ok(status), body);
        assert_eq!(received.header("content-type"), Some("application/json; charset=utf-8"));
        assert_eq!(received.header("vary"), Some("Origin"));
        assert_eq!(behind.mails(), 0);
        assert_eq!(behind.last_fault(), Some(format!("status {status}")));
    }
    behind.create().ok(201);
    assert_eq!((behind.mails(), behind.last_fault()), (1, None));
}

#[test]
fn delays_add_up() {
    let behind = behind();
    for milliseconds in [60, 40] {
        behind.inject("createEmailVerification", Effect::Delay { milliseconds });
    }
    let (received, took) = timed(|| behind.create());
    received.ok(201);
    assert!(took >= Duration::from_millis(100), "{took:?}");
    assert_eq!(behind.last_fault(), Some("delay of 100 ms".to_owned()));
    // One answer that waits keeps no other one waiting.
    behind.inject("createEmailVerification", Effect::Delay { milliseconds: 400 });
    std::thread::scope(|scope| {
        let slow = scope.spawn(|| timed(|| behind.create()));
        let path = behind.client.path("healthcheck");
        while behind.client.world.faults().iter().any(|fault| fault.fired == 0) {
            std::thread::yield_now();
        }
        let (received, took) = timed(|| exchange(behind.server.address(), "GET", &path, &[], b""));
        received.ok(200);
        let (slow, slow_took) = slow.join().unwrap();
        slow.ok(201);
        assert!(took < slow_took, "{took:?} {slow_took:?}");
    });
}

#[test]
fn a_drop_before_leaves_the_world_as_it_was() {
    let behind = behind();
    let before = behind.client.state();
    behind.inject("createEmailVerification", Effect::DropBefore);
    assert_eq!(behind.create(), Received { status: None, headers: Vec::new(), body: Vec::new() });
    assert_eq!((behind.mails(), behind.last_fault()), (0, Some("drop_before".to_owned())));
    behind.client.differs_only(&before, &["/faults/list", "/faults/next_id"]);
    behind.create().ok(201);
}

#[test]
fn a_drop_after_is_the_lost_answer() {
    let behind = behind();
    behind.inject("createEmailVerification", Effect::DropAfter);
    assert_eq!(behind.create().status, None);
    assert_eq!((behind.mails(), behind.last_fault()), (1, Some("drop_after".to_owned())));
    // Whoever repeats a call whose answer was lost finds the code spent.
    let mut client = Client::of(&behind.client.mock, &behind.client.world.id());
    client.seed_alice();
    client.sign_in(ALICE);
    behind.inject("authMfaTotpDevice", Effect::DropAfter);
    let bearer = format!("Bearer {}", client.bearer.as_ref().unwrap());
    let body = json!({ "code": client.code() }).to_string();
    let send = || {
        let path = client.path("users/mfa/auth/totp");
        let headers = [("authorization", bearer.as_str())];
        exchange(behind.server.address(), "POST", &path, &headers, body.as_bytes())
    };
    assert_eq!(send().status, None);
    assert_eq!(client.scope(), "user:basic");
    assert_eq!(send().ok(422)["code"], json!("mfa_invalid_code"));
}

#[test]
fn a_truncated_answer_announces_its_whole_length() {
    let behind = behind();
    let whole = behind.create().body.len();
    for (bytes, arrives) in [(0, 0), (1, 1), (20, 20), (whole, whole), (whole + 100, whole)] {
        behind.inject("createEmailVerification", Effect::Truncate { bytes });
        let received = behind.create();
        assert_eq!(received.status, Some(201));
        assert_eq!(received.header("content-length"), Some(whole.to_string().as_str()));
        assert_eq!(received.body.len(), arrives);
        assert_eq!(behind.last_fault(), Some(format!("truncate to {bytes} bytes")));
    }
    assert_eq!(behind.mails(), 6);
    // An answer without a body has nothing to break off.
    behind.inject("logDynamicSdkSettings", Effect::Truncate { bytes: 5 });
    let path = behind.client.path("sdkSettings");
    let received = exchange(behind.server.address(), "POST", &path, &[], b"{}");
    assert_eq!((received.status, received.body.len()), (Some(204), 0));
    behind.create().ok(201);
}

#[test]
fn an_edited_answer_is_whole_and_the_change_is_made() {
    let behind = behind();
    let whole = behind.create();
    let own = whole.ok(201);
    for (effect, fault, body) in [
        (
            Effect::Edit { merge: json!({ "email": null, "verificationUUID": { "odd": true } }) },
            "edit",
            json!({ "verificationUUID": { "odd": true } }),
        ),
        (Effect::Edit { merge: json!([]) }, "edit", json!([])),
        (Effect::Replace { body: json!({ "user": null }) }, "replace", json!({ "user": null })),
    ] {
        behind.inject("createEmailVerification", effect);
        let received = behind.create();
        assert_eq!(received.ok(201), body);
        assert_eq!(received.header("content-type"), whole.header("content-type"));
        assert_eq!(behind.last_fault(), Some(fault.to_owned()));
        // The journal tells what was answered.
        assert_eq!(behind.client.world.journal().pop().unwrap().response_body, body);
    }
    assert_eq!(behind.mails(), 4);
    // A field that is not named stays, and a refusal is edited like any other answer.
    behind.inject("createEmailVerification", Effect::Edit { merge: json!({ "more": 1 }) });
    assert_eq!(behind.create().ok(201)["email"], own["email"]);
    behind.inject("getAuthenticatedUser", Effect::Edit { merge: json!({ "code": 7 }) });
    let path = behind.client.path("users");
    let refused = exchange(behind.server.address(), "GET", &path, &[], b"").ok(401);
    assert_eq!((&refused["code"], refused["error"].is_string()), (&json!(7), true));
    // An answer without a body has nothing to edit.
    for effect in [Effect::Edit { merge: json!({}) }, Effect::Replace { body: json!({}) }] {
        behind.inject("logDynamicSdkSettings", effect);
        let path = behind.client.path("sdkSettings");
        let received = exchange(behind.server.address(), "POST", &path, &[], b"{}");
        assert_eq!((received.status, received.body.len()), (Some(204), 0));
    }
}

#[test]
fn a_fault_meets_its_own_calls_only() {
    let behind = behind();
    let fault = Fault {
        nth: 2,
        times: Some(2),
        ..Fault::on("createEmailVerification", Effect::status(503))
    };
    behind.client.world.inject_fault(fault).unwrap();
    behind.client.get("healthcheck").ok(200);
    let statuses: Vec<_> = (0..5).map(|_| behind.create().status.unwrap()).collect();
    assert_eq!(statuses, [201, 503, 503, 201, 201]);
    let listed = behind.client.world.faults();
    assert_eq!((listed[0].seen, listed[0].fired), (5, 2));

    let always = Fault { times: None, ..Fault::on("*", Effect::status(500)) };
    let id = behind.client.world.inject_fault(always).unwrap();
    for path in ["settings", "healthcheck", "users"] {
        assert_eq!(behind.client.get(path).status, 500);
    }
    // What is no operation meets none: an unknown path, a preflight, another world.
    assert_eq!(behind.client.get("nonsense").status, 404);
    assert_eq!(behind.client.send("OPTIONS", "users", &[], "").status, 204);
    let other = Client::of(&behind.client.mock, "00000000-0000-4000-8000-00000000bbbb");
    other.get("settings").ok(200);
    assert_eq!([id, id].map(|id| behind.client.world.remove_fault(id).unwrap()), [true, false]);
    behind.client.get("settings").ok(200);
    behind.client.world.clear_faults().unwrap();
    assert!(behind.client.world.faults().is_empty());
}

#[test]
fn of_several_faults_the_first_wins_and_a_delay_joins_any() {
    let behind = behind();
    let operation = "createEmailVerification";
    for effect in [
        Effect::Delay { milliseconds: 30 },
        Effect::status(503),
        Effect::DropBefore,
        Effect::DropAfter,
    ] {
        behind.inject(operation, effect);
    }
    let (received, took) = timed(|| behind.create());
    assert_eq!((received.status, behind.mails()), (Some(503), 0));
    assert!(took >= Duration::from_millis(30));
    // All four were met, so all four are over.
    behind.create().ok(201);
}
