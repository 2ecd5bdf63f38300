//! What a session may call that still owes its second factor (rules J11, U27).

use mock_server::policy::Policy;
use serde_json::json;

use crate::client::{Client, Reply, policy};

const DEVICE: &str = "users/mfa/00000000-0000-4000-8000-000000000000";
const REGISTRATION: &str = "deviceRegistrations/00000000-0000-4000-8000-000000000000";

/// Method, path, body, and whether a session that owes its factor reaches the call.
type Call = (&'static str, &'static str, &'static str, bool);

/// Every call of a signed-in user.
const CALLS: [Call; 25] = [
    (
        "POST",
        "emailVerifications/verify",
        r#"{"verificationUUID":"00000000-0000-4000-8000-000000000000","verificationToken":"123456"}"#,
        true,
    ),
    (
        "POST",
        "smsVerifications/verify",
        r#"{"verificationUUID":"00000000-0000-4000-8000-000000000000","verificationToken":"123456"}"#,
        true,
    ),
    ("POST", "externalAuth/verify", r#"{"jwt":"a.b.c"}"#, true),
    (
        "POST",
        "users/mfa/auth/email",
        r#"{"verificationUUID":"00000000-0000-4000-8000-000000000000","verificationToken":"123456"}"#,
        true,
    ),
    ("POST", "refresh", "", true),
    ("GET", "users", "", true),
    ("PUT", "users", "{}", true),
    ("GET", "users/mfa", "", true),
    ("GET", "users/mfa/methods", "", true),
    ("GET", DEVICE, "", true),
    ("GET", "users/mfa/register/totp", "", true),
    ("POST", "users/mfa/register/totp", r#"{"type":"totp","code":"1"}"#, true),
    ("POST", "users/mfa/auth/totp", r#"{"code":"1"}"#, true),
    ("POST", "users/mfa/auth/recovery", r#"{"code":"1"}"#, true),
    ("POST", "stepUp/check", r#"{"scope":"wallet:sign"}"#, true),
    ("GET", "users/mfa/recovery", "", false),
    ("POST", "users/mfa/recovery", "", false),
    ("PUT", DEVICE, "", false),
    ("DELETE", DEVICE, "", false),
    ("DELETE", "users", "", false),
    ("POST", "deviceRegistration", "", true),
    ("GET", "deviceRegistrations", "", false),
    ("DELETE", "deviceRegistrations", "", false),
    ("DELETE", REGISTRATION, "", false),
    // Last, because it ends the session.
    ("POST", "revoke", "", true),
];

fn call(client: &Client, (method, path, body, _): Call) -> Reply {
    client.send(method, path, &[], body)
}

#[test]
fn a_partial_session_reaches_what_finishes_it() {
    let client = Client::challenged(Policy::default());
    for row in CALLS {
        let before = client.state();
        let reply = call(&client, row);
        if row.3 {
            assert_ne!(reply.body["error"], json!("Access Forbidden"), "{row:?}");
        } else {
            reply.refused(403, None, "Access Forbidden");
            client.stays(&before);
        }
    }
    client.get("users").unauthorized();
}

#[test]
fn a_whole_session_reaches_everything() {
    let client = Client::authenticated(Policy::default());
    for row in CALLS.into_iter().filter(|row| row.1 != "users" || row.0 != "DELETE") {
        let reply = call(&client, row);
        assert!(
            ![401, 403].contains(&reply.status) || row.1.ends_with("register/totp"),
            "{row:?}: {reply:?}"
        );
    }
    Client::authenticated(Policy::default()).delete("users", &[]).ok(204);
}

#[test]
fn reach_and_status_can_be_set() {
    let client = Client::challenged(policy(|policy| policy.session.partial_status = 401));
    client.get("users/mfa/recovery").refused(401, None, "Access Forbidden");
    let client =
        Client::challenged(policy(|policy| policy.session.partial_reaches_everything = true));
    client.get("users/mfa/recovery").ok(200);
    assert_eq!(client.scope(), "requiresAdditionalAuth");
}

#[test]
fn codes_that_nobody_acknowledged_withhold_the_scope_and_no_call() {
    let mut client = Client::signed_in(crate::client::legacy(|_| {}));
    client.register(&[]).ok(200);
    client.pass_totp(json!({}));
    assert_eq!(client.scope(), "");
    client.get("users/mfa/recovery").ok(200);
}
