//! What a session may call whose device is not trusted yet (rule J9).

use serde_json::json;

use super::{Device, TOKEN, known_alice, newest_token, waiting, wanted};
use crate::access::table::{ASSERTION, ATTESTATION, PROOF};
use crate::client::{ALICE, Client, Reply, SECRET};

const ID: &str = "00000000-0000-4000-8000-000000000000";

/// Method, path, body, and whether such a session reaches the call.
type Call = (&'static str, &'static str, &'static str, bool);

/// Every call of a signed-in user.
const CALLS: [Call; 30] = [
    ("POST", "deviceRegistration", "", true),
    ("POST", "refresh", "", true),
    ("GET", "session", "", true),
    ("GET", "users", "", true),
    ("GET", "users/mfa", "", true),
    ("GET", "users/mfa/methods", "", true),
    ("GET", "users/mfa/ID", "", true),
    ("POST", "users/mfa/auth/totp", r#"{"code":"1"}"#, true),
    ("POST", "users/mfa/auth/recovery", r#"{"code":"1"}"#, true),
    ("POST", "users/mfa/auth/email", PROOF, true),
    ("GET", "users/passkeys/authenticate", "", true),
    ("POST", "users/mfa/auth/passkey", ASSERTION, true),
    ("GET", "users/passkeys", "", true),
    ("GET", "users/passkeys/register", "", false),
    ("POST", "users/passkeys/register", ATTESTATION, false),
    ("POST", "smsVerifications/verify", PROOF, false),
    ("POST", "users/merge", "", false),
    ("POST", "stepUp/check", r#"{"scope":"wallet:sign"}"#, true),
    (
        "POST",
        "emailVerifications/verify",
        r#"{"verificationUUID":"00000000-0000-4000-8000-000000000000","verificationToken":"123456"}"#,
        false,
    ),
    ("PUT", "users", "{}", false),
    ("DELETE", "users", "", false),
    ("GET", "users/mfa/register/totp", "", false),
    ("POST", "users/mfa/register/totp", r#"{"type":"totp","code":"1"}"#, false),
    ("GET", "users/mfa/recovery", "", false),
    ("POST", "users/mfa/recovery", "", false),
    ("PUT", "users/mfa/ID", "", false),
    ("DELETE", "users/mfa/ID", "", false),
    ("GET", "deviceRegistrations", "", false),
    ("DELETE", "deviceRegistrations/ID", "", false),
    // Last, because nothing is registered after it.
    ("DELETE", "deviceRegistrations", "", false),
];

fn call(client: &Client, (method, path, body, _): Call) -> Reply {
    client.send(method, &path.replace("ID", ID), &[], body)
}

#[test]
fn an_unregistered_session_reaches_what_registers_it() {
    let client = known_alice(wanted(|_| {}));
    let (phone, mut alice, token) = waiting(&client, 2);
    for row in CALLS {
        let before = client.state();
        let reply = call(&alice, row);
        match row.3 {
            true => assert_ne!(reply.body["error"], json!("Access Forbidden"), "{row:?}"),
            false => {
                reply.refused(403, None, "Access Forbidden");
                client.stays(&before);
            }
        }
    }
    phone.register(&mut alice, &token).ok(200);
    for row in CALLS.into_iter().filter(|row| row.1 != "users" || row.0 != "DELETE") {
        assert_ne!(call(&alice, row).body["error"], json!("Access Forbidden"), "{row:?}");
    }
    // It may always leave.
    let (_, alice, _) = waiting(&client, 3);
    alice.send("POST", "revoke", &[], "").ok(204);
    alice.get("users").unauthorized();
}

#[test]
fn reach_and_status_can_be_set() {
    let client = known_alice(wanted(|policy| policy.device_registration.unregistered_status = 401));
    let (_, alice, _) = waiting(&client, 2);
    alice.get("users/mfa/recovery").refused(401, None, "Access Forbidden");
    let client = known_alice(wanted(|policy| {
        policy.device_registration.unregistered_reaches_everything = true;
    }));
    let (_, alice, _) = waiting(&client, 2);
    alice.get("users/mfa/recovery").ok(200);
    assert_eq!(alice.scope(), "device:register");
}

#[test]
fn a_second_factor_is_owed_beside_the_device() {
    for device_first in [true, false] {
        let client = Client::new(wanted(|_| {}));
        client.seed_alice();
        let phone = Device::number(2);
        let (mut alice, body) = phone.sign_in(&client, ALICE);
        alice.secret = SECRET.to_owned();
        assert_eq!(body["user"]["scope"], json!("requiresAdditionalAuth device:register"));
        let token = newest_token(&alice);
        match device_first {
            true => {
                let body = phone.register(&mut alice, &token).ok(200);
                assert_eq!(body["user"]["scope"], json!("requiresAdditionalAuth"));
                alice.get("deviceRegistrations").refused(403, None, "Access Forbidden");
                alice.pass_totp(json!({}));
            }
            false => {
                let body = alice.pass_totp(json!({}));
                assert_eq!(body["user"]["scope"], json!("device:register"));
                phone.register(&mut alice, &token).ok(200);
            }
        }
        assert_eq!(alice.scope(), "user:basic");
        assert_eq!(phone.list(&alice)["count"], json!(1));
    }
}

#[test]
fn a_world_that_asks_no_longer_lets_everybody_in() {
    let client = known_alice(wanted(|_| {}));
    let (_, alice, token) = waiting(&client, 2);
    let mut policy = client.world.policy();
    policy.device_registration.required = false;
    client.world.set_policy(policy.clone()).unwrap();
    assert_eq!(alice.scope(), "user:basic");
    let (unasked, _) = Device::number(3).sign_in(&client, ALICE);
    policy.device_registration.required = true;
    client.world.set_policy(policy).unwrap();
    assert_eq!(alice.scope(), "device:register");
    // Nobody was asked when this session was opened, so there is no mail to answer.
    assert_eq!(unasked.scope(), "user:basic");
    Device::number(2).send(&alice, "POST", "deviceRegistration", &[(TOKEN, &token)], "").ok(200);
}
