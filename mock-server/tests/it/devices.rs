//! The list of MFA devices: reading, ranking, deleting.

use mock_server::policy::{DeleteDefault, DeleteProof, Enrollment, Policy};
use mock_server::{SeededTotp, UserSeed};
use serde_json::json;

use crate::client::{ALICE, Client, ELEVATED, MFA_TOKEN, Reply, legacy, policy, text};

const MISSING: (u16, Option<&str>, &str) = (401, None, "MFA token required");
const UNUSABLE: (u16, Option<&str>, &str) = (401, None, "Invalid MFA token");
const NOT_FOUND: (u16, Option<&str>, &str) = (404, Some("not_found"), "Not Found");

fn pending(change: impl FnOnce(&mut Policy)) -> Client {
    let mut client = Client::signed_in(legacy(change));
    client.register(&[]).ok(200);
    client
}

fn delete(client: &Client, headers: &[(&str, &str)]) -> Reply {
    client.delete(&format!("users/mfa/{}", client.device()), headers)
}

#[test]
fn an_unconfirmed_device_is_listed_unless_set_otherwise() {
    let client = pending(|_| {});
    let list = client.get("users/mfa").ok(200);
    assert_eq!(list["count"], json!(1));
    let device = list["devices"][0].clone();
    assert_eq!(
        device,
        json!({
            "id": device["id"], "type": "totp", "verified": false, "default": false,
            "createdAt": "2030-01-01T12:00:00.000Z", "verifiedAt": null,
        })
    );
    assert_eq!(client.get(&format!("users/mfa/{}", text(&device["id"]))).ok(200), device);

    let client = pending(|policy| policy.devices.list_unverified = false);
    assert_eq!(client.get("users/mfa").ok(200), json!({ "count": 0, "devices": [] }));
    let methods = client.get("users/mfa/methods?verifiedOnly=false").ok(200);
    let id = text(&methods["devices"][0]["id"]);
    client.get(&format!("users/mfa/{id}")).ok(200);
}

#[test]
fn methods_show_what_is_verified_unless_asked_for_all() {
    let client = pending(|_| {});
    let none = json!({ "devices": [], "passkeys": [], "userHasVerifiedMfaMethods": false });
    for query in ["", "?verifiedOnly=true", "?other=1"] {
        assert_eq!(client.get(&format!("users/mfa/methods{query}")).ok(200), none, "{query}");
    }
    let all = client.get("users/mfa/methods?verifiedOnly=false").ok(200);
    assert_eq!(all["devices"][0]["verified"], json!(false));
    assert_eq!(all["userHasVerifiedMfaMethods"], json!(false));
    for bad in ["1", "", "TRUE"] {
        let reply = client.get(&format!("users/mfa/methods?verifiedOnly={bad}"));
        let code = Some("mfa_invalid_request");
        reply.refused(422, code, "verifiedOnly: neither true nor false");
    }
    let client = Client::challenged(Policy::default());
    let methods = client.get("users/mfa/methods").ok(200);
    assert_eq!(methods["userHasVerifiedMfaMethods"], json!(true));
    assert_eq!(methods["devices"][0]["verified"], json!(true));
}

#[test]
fn the_default_device_is_set_with_and_without_a_body() {
    let client = Client::authenticated(Policy::default());
    let path = format!("users/mfa/{}", client.device());
    let before = client.state();
    for body in ["", r#"{"default":true}"#, r#"{"default":false}"#] {
        assert_eq!(client.send("PUT", &path, &[], body).ok(204), json!(null));
        // The only device stays the default one.
        assert_eq!(client.get(&path).ok(200)["default"], json!(true), "{body}");
    }
    let reply = client.send("PUT", &path, &[], "{}");
    reply.refused(400, None, "missing field `default`");
    let reply = client.send("PUT", &path, &[], r#"{"default":"yes"}"#);
    reply.refused(400, None, "default: invalid type: string \"yes\", expected a boolean");
    for id in ["00000000-0000-4000-8000-000000000000", "nonsense", "%20"] {
        for method in ["GET", "PUT", "DELETE"] {
            let reply = client.send(method, &format!("users/mfa/{id}"), &[], "");
            reply.refused(NOT_FOUND.0, NOT_FOUND.1, NOT_FOUND.2);
        }
    }
    client.stays(&before);

    let client = pending(|_| {});
    let reply = client.send("PUT", &format!("users/mfa/{}", client.device()), &[], "");
    reply.refused(422, Some("mfa_invalid_request"), "MFA device is not verified");
}

#[test]
fn a_device_is_its_owners_only() {
    let mut client = Client::authenticated(Policy::default());
    let path = format!("users/mfa/{}", client.device());
    let seed = UserSeed {
        email: "bob@example.com".into(),
        totp: SeededTotp::Enrolled,
        ..Default::default()
    };
    client.world.create_user(seed).unwrap();
    let mut bob = client.elsewhere("bob@example.com");
    bob.secret = client.world.user("bob@example.com").unwrap().devices[0].secret.clone();
    let token = bob.mfa_token(false);
    let before = client.state();
    for (method, header) in [("GET", ""), ("PUT", ""), ("DELETE", token.as_str())] {
        let reply = bob.send(method, &path, &[(MFA_TOKEN, header)], "");
        reply.refused(NOT_FOUND.0, NOT_FOUND.1, NOT_FOUND.2);
    }
    client.stays(&before);
    client.pass_totp(json!({}));
}

/// What a deletion shows: an MFA token, and an elevated token of this scope.
type Shown = (bool, Option<&'static str>);

/// The kinds of proof that are tried: none; MFA token; elevated token, good and of another scope.
const PROOFS: [Shown; 6] = [
    (false, None),
    (true, None),
    (false, Some("credential:unlink")),
    (false, Some("credential:link")),
    (true, Some("credential:link")),
    (true, Some("credential:unlink")),
];

fn deletion(policy: Policy, (mfa, elevated): Shown) -> u16 {
    let mut client = Client::authenticated(policy);
    let mfa = if mfa { client.mfa_token(true) } else { String::new() };
    let elevated = elevated.map(|scope| client.elevate(&[scope])).unwrap_or_default();
    // Headers that are there but empty count as absent, so every call may send both.
    let reply = delete(&client, &[(MFA_TOKEN, &mfa), (ELEVATED, &elevated)]);
    match reply.status {
        204 => assert_eq!(client.get("users/mfa").ok(200)["count"], json!(0)),
        403 => reply.wants_elevation(),
        _ => reply.refused(MISSING.0, MISSING.1, MISSING.2),
    }
    reply.status
}

#[test]
fn a_deletion_needs_a_proof_of_the_kind_that_is_set() {
    let only = |policy: &mut Policy| policy.devices.delete_proof = DeleteProof::ElevatedOnly;
    let worlds = [
        (policy(|_| {}), [403, 204, 204, 403, 204, 204]),
        (policy(only), [403, 403, 204, 403, 403, 204]),
        (legacy(|_| {}), [401, 204, 204, 403, 204, 204]),
        // "No fallback" is said of environments that enforce step-up; elsewhere there is none to fall back from.
        (legacy(only), [401, 204, 204, 403, 204, 204]),
        (
            policy(|policy| policy.elevation.required_scopes = [].into_iter().collect()),
            [401, 204, 204, 403, 204, 204],
        ),
    ];
    for (policy, expected) in worlds {
        assert_eq!(PROOFS.map(|shown| deletion(policy.clone(), shown)), expected);
    }
}

#[test]
fn with_both_proofs_the_mfa_token_is_kept() {
    let mut client = Client::authenticated(legacy(|_| {}));
    let (mfa, elevated) = (client.mfa_token(true), client.elevate(&["credential:unlink"]));
    delete(&client, &[(MFA_TOKEN, &mfa), (ELEVATED, &elevated)]).ok(204);
    client.register(&[]).ok(200);
    client.pass_totp(json!({}));
    delete(&client, &[(MFA_TOKEN, &mfa)]).ok(204);
}

#[test]
fn single_use_tokens_are_spent_and_others_are_not() {
    for (single_use, second) in [(true, 401), (false, 204)] {
        let mut client = Client::authenticated(legacy(|_| {}));
        let token = client.mfa_token(single_use);
        delete(&client, &[(MFA_TOKEN, &token)]).ok(204);
        client.register(&[]).ok(200);
        client.pass_totp(json!({}));
        let reply = delete(&client, &[(MFA_TOKEN, &token)]);
        assert_eq!(reply.status, second);
        if second == 401 {
            reply.refused(UNUSABLE.0, UNUSABLE.1, UNUSABLE.2);
        }
    }
}

#[test]
fn an_mfa_token_is_good_in_its_session_only() {
    let mut client = Client::authenticated(legacy(|_| {}));
    let mut there = client.elsewhere(ALICE);
    there.pass_totp(json!({}));
    let token = client.mfa_token(false);
    let before = client.state();
    for stranger in [token.as_str(), "nonsense", "é", &token[1..]] {
        let bytes = [(MFA_TOKEN, stranger)];
        let reply = delete(&there, &bytes);
        // A header that is no text is as good as none.
        let (status, code, error) = if stranger == "é" { MISSING } else { UNUSABLE };
        reply.refused(status, code, error);
    }
    client.stays(&before);
    delete(&client, &[(MFA_TOKEN, &token)]).ok(204);
}

#[test]
fn a_token_made_with_a_recovery_code_deletes_unless_set_otherwise() {
    for (deletes, status) in [(true, 204), (false, 401)] {
        let client =
            Client::challenged(legacy(|policy| policy.devices.recovery_code_deletes = deletes));
        let code = client.world.user(ALICE).unwrap().recovery_codes[0].clone();
        let wishes = json!({ "code": code, "createMfaToken": { "singleUse": true } });
        let token = text(&client.post("users/mfa/auth/recovery", &wishes).ok(200)["mfaToken"]);
        let before = client.state();
        let reply = delete(&client, &[(MFA_TOKEN, &token)]);
        assert_eq!(reply.status, status);
        if status == 401 {
            reply.refused(UNUSABLE.0, UNUSABLE.1, UNUSABLE.2);
            client.stays(&before);
        }
    }
}

#[test]
fn the_default_device_goes_unless_it_never_may() {
    for (rule, goes) in [
        (DeleteDefault::IfOnlyDevice, true),
        (DeleteDefault::Always, true),
        (DeleteDefault::Never, false),
    ] {
        let mut client =
            Client::authenticated(policy(|policy| policy.devices.delete_default = rule));
        let token = client.elevate(&["credential:unlink"]);
        let before = client.state();
        let reply = delete(&client, &[(ELEVATED, &token)]);
        match goes {
            true => drop(reply.ok(204)),
            false => {
                reply.refused(400, None, "Cannot delete the default MFA device");
                client.stays(&before);
            }
        }
    }
}

#[test]
fn the_last_device_goes_although_mfa_is_required_unless_set_otherwise() {
    let required = |may_go: bool| {
        policy(|policy| {
            policy.mfa.enrollment = Enrollment::Signup;
            policy.devices.delete_last_while_required = may_go;
        })
    };
    let mut client = Client::authenticated(required(true));
    let token = client.elevate(&["credential:unlink"]);
    delete(&client, &[(ELEVATED, &token)]).ok(204);
    // Whoever must have a factor and has none any more owes one again, here and elsewhere.
    assert_eq!(client.scope(), "requiresAdditionalAuth");
    assert_eq!(client.elsewhere(ALICE).scope(), "requiresAdditionalAuth");

    let mut client = Client::authenticated(required(false));
    let token = client.elevate(&["credential:unlink"]);
    let before = client.state();
    let reply = delete(&client, &[(ELEVATED, &token)]);
    reply.refused(400, None, "Cannot delete the last MFA device");
    client.stays(&before);
}

#[test]
fn an_unconfirmed_device_needs_the_same_proof() {
    let mut client = pending(|_| {});
    delete(&client, &[]).refused(MISSING.0, MISSING.1, MISSING.2);
    let token = client.elevate_by_email(&["credential:unlink"]);
    delete(&client, &[(ELEVATED, &token)]).ok(204);
    assert_eq!(client.get("users/mfa").ok(200)["count"], json!(0));
}
