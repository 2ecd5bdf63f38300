//! Requests of a wrong shape: the exact refusal, and a world that did not notice.

use mock_server::policy::Policy;
use serde_json::{Value, json};

use crate::client::{Client, Reply, WORLD, still_mock};

mod astray;
mod bearer;
mod credentials;
mod device_signature;
mod every;
mod messages;
mod passkey;

/// A body, and the `error` that it earns.
type Bad = (&'static str, &'static str);

/// Bodies that are wrong for every call that takes a JSON object.
const EMPTY: Bad = ("", "the body is empty");
const NO_OBJECTS: [&str; 6] = ["[]", "null", "1", "true", "\"text\"", " [ ] "];
const NO_JSON: [&str; 8] = [
    "{",
    "{\"email\":",
    "email=alice",
    "{'email':1}",
    "{\"a\":1,}",
    "{} {}",
    "{\"a\":1e400}",
    "\u{feff}{}",
];

/// A call that takes a body, how it refuses a wrong shape, and shapes that are wrong for it.
struct Call {
    method: &'static str,
    path: &'static str,
    status: u16,
    code: Option<&'static str>,
    bad: &'static [Bad],
}

const MFA: Option<&str> = Some("mfa_invalid_request");
const UUID: &str = "not a lower-case UUID";

const CALLS: [Call; 10] = [
    Call { method: "POST", path: "sdkSettings", status: 422, code: None, bad: &[] },
    Call {
        method: "POST",
        path: "connect",
        status: 400,
        code: None,
        bad: &[
            ("{}", "missing field `address`"),
            (r#"{"address":1}"#, "address: invalid type: integer `1`, expected a string"),
        ],
    },
    Call {
        method: "POST",
        path: "emailVerifications/create",
        status: 400,
        code: None,
        bad: &[
            ("{}", "missing field `email`"),
            (r#"{"email":5}"#, "email: invalid type: integer `5`, expected a string"),
            (r#"{"email":null}"#, "email: invalid type: null, expected a string"),
            (r#"{"email":""}"#, "email: not an e-mail address"),
            (r#"{"email":"alice"}"#, "email: not an e-mail address"),
            (r#"{"email":"a@b@c"}"#, "email: not an e-mail address"),
            (r#"{"email":"a b@c"}"#, "email: not an e-mail address"),
            (r#"{"email":"a\u0000@c"}"#, "email: not an e-mail address"),
            (r#"{"email":"a@b","email":"c@d"}"#, "duplicate field `email`"),
        ],
    },
    Call {
        method: "POST",
        path: "emailVerifications/retry",
        status: 400,
        code: None,
        bad: &[
            (r#"{"email":"a@b"}"#, "missing field `verificationUUID`"),
            (r#"{"verificationUUID":"x"}"#, "missing field `email`"),
            (
                r#"{"verificationUUID":"x","email":"a@b"}"#,
                "verificationUUID: not a lower-case UUID",
            ),
        ],
    },
    Call {
        method: "POST",
        path: "emailVerifications/signin",
        status: 400,
        code: None,
        bad: VERIFY,
    },
    Call {
        method: "POST",
        path: "emailVerifications/verify",
        status: 400,
        code: None,
        bad: VERIFY,
    },
    Call {
        method: "PUT",
        path: "users",
        status: 422,
        code: None,
        bad: &[(r#"{"alias":[1]}"#, "alias: invalid type: sequence, expected a string")],
    },
    Call {
        method: "POST",
        path: "users/mfa/register/totp",
        status: 422,
        code: MFA,
        bad: &[
            (r#"{"code":"123456"}"#, "missing field `type`"),
            (r#"{"type":"totp"}"#, "missing field `code`"),
            (
                r#"{"type":"totp","code":123456}"#,
                "code: invalid type: integer `123456`, expected a string",
            ),
            (
                r#"{"type":"passkey","code":"1"}"#,
                "type: unknown variant `passkey`, expected `totp`",
            ),
        ],
    },
    Call { method: "POST", path: "users/mfa/auth/totp", status: 422, code: MFA, bad: FACTOR },
    Call { method: "POST", path: "users/mfa/auth/recovery", status: 422, code: MFA, bad: FACTOR },
];

const VERIFY: &[Bad] = &[
    ("{}", "missing field `verificationUUID`"),
    (
        r#"{"verificationUUID":1,"verificationToken":"123456"}"#,
        "verificationUUID: invalid type: integer `1`, expected a string",
    ),
    (
        r#"{"verificationUUID":"00000000-0000-4000-8000-00000000AAAA","verificationToken":"123456"}"#,
        "verificationUUID: not a lower-case UUID",
    ),
    (
        r#"{"verificationUUID":"00000000000040008000000000000000","verificationToken":"123456"}"#,
        "verificationUUID: not a lower-case UUID",
    ),
    (
        r#"{"verificationUUID":"00000000-0000-4000-8000-00000000aaaa"}"#,
        "missing field `verificationToken`",
    ),
    (
        r#"{"verificationUUID":"00000000-0000-4000-8000-00000000aaaa","verificationToken":123456}"#,
        "verificationToken: invalid type: integer `123456`, expected a string",
    ),
    (
        r#"{"verificationUUID":"00000000-0000-4000-8000-00000000aaaa","verificationToken":"12345"}"#,
        "verificationToken: not six digits",
    ),
    (
        r#"{"verificationUUID":"00000000-0000-4000-8000-00000000aaaa","verificationToken":"abcdef"}"#,
        "verificationToken: not six digits",
    ),
    (
        r#"{"verificationUUID":"00000000-0000-4000-8000-00000000aaaa","verificationToken":"123456","requestedScopes":"wallet:sign"}"#,
        "requestedScopes: invalid type: string \"wallet:sign\", expected a sequence",
    ),
    (
        r#"{"verificationUUID":"00000000-0000-4000-8000-00000000aaaa","verificationToken":"123456","allowNewMFALinking":"yes"}"#,
        "allowNewMFALinking: invalid type: string \"yes\", expected a boolean",
    ),
];

const FACTOR: &[Bad] = &[
    ("{}", "missing field `code`"),
    (r#"{"code":null}"#, "code: invalid type: null, expected a string"),
    (r#"{"code":123456}"#, "code: invalid type: integer `123456`, expected a string"),
    (
        r#"{"code":"1","createMfaToken":true}"#,
        "createMfaToken: invalid type: boolean `true`, expected an object",
    ),
    (r#"{"code":"1","createMfaToken":{}}"#, "createMfaToken: missing field `singleUse`"),
    (
        r#"{"code":"1","createMfaToken":{"singleUse":1}}"#,
        "createMfaToken.singleUse: invalid type: integer `1`, expected a boolean",
    ),
    (
        r#"{"code":"1","requestedScopes":"wallet:sign"}"#,
        "requestedScopes: invalid type: string \"wallet:sign\", expected a sequence",
    ),
    (
        r#"{"code":"1","requestedScopes":[1]}"#,
        "requestedScopes[0]: invalid type: integer `1`, expected a string",
    ),
];

#[test]
fn bodies_of_a_wrong_shape_are_refused_by_name() {
    let client = Client::authenticated(Policy::default());
    let before = client.state();
    for call in CALLS.iter().chain(&messages::CALLS).chain(passkey::CALLS).chain(credentials::CALLS)
    {
        let send = |body: &'static str| client.send(call.method, call.path, &[], body);
        for (body, error) in [EMPTY].iter().chain(call.bad) {
            send(body).refused(call.status, call.code, error);
        }
        for body in NO_OBJECTS {
            send(body).refused(call.status, call.code, "the body is not a JSON object");
        }
    }
    let check = |body: Value| client.post("stepUp/check", &body);
    check(json!({})).refused(422, None, "missing field `scope`");
    check(json!({ "scope": ["wallet:sign"] })).refused(
        422,
        None,
        "scope: invalid type: sequence, expected a string",
    );
    check(json!({ "scope": "" })).refused(422, Some("invalid_scopes"), "unknown scope ``");
    check(json!({ "scope": "wallet:sign wallet:export" })).refused(
        422,
        Some("invalid_scopes"),
        "unknown scope `wallet:sign wallet:export`",
    );
    client.stays(&before);
    assert!(CALLS[3].bad[2].1.ends_with(UUID));
}

#[test]
fn what_is_no_json_is_400_everywhere() {
    let client = Client::authenticated(Policy::default());
    let before = client.state();
    let deep = "[".repeat(100_000 / 2);
    for call in CALLS.iter().chain(&messages::CALLS).chain(passkey::CALLS).chain(credentials::CALLS)
    {
        let mut replies: Vec<Reply> =
            NO_JSON.iter().map(|body| client.send(call.method, call.path, &[], *body)).collect();
        replies.push(client.send(call.method, call.path, &[], deep.clone()));
        replies.push(client.send(call.method, call.path, &[], vec![b'{', b'"', 0xff, 0xfe, b'"']));
        for reply in replies {
            assert_eq!(reply.status, 400, "{} {}", call.path, reply.body);
            assert_eq!(crate::client::keys(&reply.body), ["error"]);
            assert!(reply.body["error"].as_str().unwrap().starts_with("the body is not JSON: "));
        }
    }
    client.stays(&before);
}

#[test]
fn calls_without_a_body_ignore_one() {
    // The SDK announces JSON and sends nothing; a stray body must do no harm either.
    let client = Client::authenticated(Policy::default());
    for body in ["", "{}", "nonsense", "[1"] {
        client.send("GET", "users", &[], body).ok(200);
        client.send("POST", "refresh", &[], body).ok(200);
        client.send("POST", "users/mfa/recovery", &[], body).ok(200);
        client.send("GET", "nonces?count=2", &[], body).ok(200);
    }
}

#[test]
fn a_body_has_64_kib_at_most() {
    let client = Client::authenticated(Policy::default());
    let of_length = |length: usize| {
        let frame = r#"{"metadata":{"text":""}}"#;
        format!(r#"{{"metadata":{{"text":"{}"}}}}"#, "x".repeat(length - frame.len()))
    };
    client.send("PUT", "users", &[], of_length(64 << 10)).ok(200);
    let before = client.state();
    let reply = client.send("PUT", "users", &[], of_length((64 << 10) + 1));
    reply.refused(413, None, "Payload Too Large");
    let reply = client.send("POST", "revoke", &[], vec![b' '; 1 << 20]);
    reply.refused(413, None, "Payload Too Large");
    client.stays(&before);
    client.get("users").ok(200);
}

#[test]
fn a_path_that_does_not_exist_is_not_found() {
    let client = Client::authenticated(Policy::default());
    let before = client.state();
    let world = |rest: &str| client.path(rest);
    let upper = format!("/api/v0/sdk/{}/settings", "0000ABCD-0000-4000-8000-00000000AAAA");
    for path in [
        world("nonsense"),
        world("settings/"),
        world("Settings"),
        world("settings/extra"),
        world("users/mfa/"),
        world("users/mfa/a/b"),
        world("users//mfa"),
        world(""),
        world("%75sers"),
        world("../settings"),
        upper,
        "/api/v0/sdk/test-env/settings".to_owned(),
        "/api/v0/sdk/00000000000040008000-00000000aaaa----/settings".to_owned(),
        "/api/v0/sdk//settings".to_owned(),
        "/api/v0/sdk/".to_owned(),
        "/api/v0".to_owned(),
        "/api/v1/sdk/settings".to_owned(),
        "/nonsense".to_owned(),
        "/".to_owned(),
        "*".to_owned(),
    ] {
        for method in ["GET", "POST", "OPTIONS"] {
            let reply = crate::client::send(&client.mock, method, &path, &[], "");
            reply.not_found();
        }
    }
    let doubled = format!("/api/v0//sdk/{WORLD}/settings");
    let reply = crate::client::send(&client.mock, "GET", &doubled, &[], "");
    let error = "Not Found: the path has an empty segment; does apiBaseUrl end in a slash?";
    reply.refused(404, Some("not_found"), error);
    client.stays(&before);
    assert_eq!(client.mock.environment_ids(), [WORLD]);
}

#[test]
fn a_path_that_was_nearly_right_says_so() {
    let client = Client::new(Policy::default());
    for (path, meant) in [
        ("user/mfa", "users/mfa"),
        ("users/mfa/auth/totpp", "users/mfa/auth/totp"),
        ("emailVerification/create", "emailVerifications/create"),
        ("users/mfa/auth/totp/", "users/mfa/auth/totp"),
        ("Settings", "settings"),
    ] {
        let reply = client.send("GET", path, &[], "");
        let error = format!("Not Found: no operation has this path; did you mean `{meant}`?");
        reply.refused(404, Some("not_found"), &error);
    }
    let reply = client.send("GET", "nothing-like-any-path-of-the-api", &[], "");
    reply.refused(404, Some("not_found"), "Not Found: no operation has this path");
}

#[test]
fn an_operation_that_is_not_served_is_named_and_counted() {
    let client = Client::new(Policy::default());
    let reply = client.send("GET", "onramps", &[], "");
    assert_eq!(reply.status, 501);
    let error = "Not mocked: getSupportedOnramps is an operation of the API that this mock does \
                 not serve";
    let operation = "getSupportedOnramps";
    assert_eq!(reply.body, json!({ "error": error, "code": "not_mocked", "operation": operation }));
    assert_eq!(client.world.journal_count(operation, 0), 1);
    let path = client.path("onramps");
    assert_eq!(crate::client::send(&client.mock, "OPTIONS", &path, &[], "").status, 204);
    client.send("GET", "onramps/", &[], "").not_found();
}

#[test]
fn a_known_path_names_the_methods_it_takes() {
    let client = Client::authenticated(Policy::default());
    let before = client.state();
    for (path, methods) in [
        ("settings", "GET, OPTIONS"),
        ("connect", "POST, OPTIONS"),
        ("users", "GET, PUT, DELETE, OPTIONS"),
        ("users/mfa/methods", "GET, OPTIONS"),
        ("users/mfa/recovery", "GET, POST, OPTIONS"),
        ("users/mfa/register/totp", "GET, POST, OPTIONS"),
        ("users/mfa/00000000-0000-4000-8000-000000000000", "GET, PUT, DELETE, OPTIONS"),
        ("refresh", "POST, OPTIONS"),
    ] {
        for method in ["PATCH", "HEAD", "TRACE", "get", "BREW"] {
            let reply = client.send(method, path, &[], "{}");
            reply.refused(405, None, "Method Not Allowed");
            assert_eq!(reply.headers["allow"], methods, "{method} {path}");
        }
    }
    client.stays(&before);
}

#[test]
fn a_refused_request_makes_no_world() {
    let mock = still_mock(Policy::default());
    let path = |rest: &str| format!("/api/v0/sdk/{WORLD}/{rest}");
    crate::client::send(&mock, "GET", &path("nonsense"), &[], "").not_found();
    crate::client::send(&mock, "PATCH", &path("users"), &[], "").refused(
        405,
        None,
        "Method Not Allowed",
    );
    assert!(mock.environment_ids().is_empty());
    assert!(mock.existing_environment(WORLD).is_none());
    crate::client::send(&mock, "GET", &path("settings"), &[], "").ok(200);
    assert_eq!(mock.environment_ids(), [WORLD]);
}
