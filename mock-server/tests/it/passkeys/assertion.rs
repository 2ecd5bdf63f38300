//! Every check of an assertion for the second factor, each by one that is wrong in that one thing.

use mock_server::policy::{CounterRule, Policy, UserVerification};
use serde_json::json;

use super::{BOB, enrol, enrolled};
use crate::authenticator::{Authenticator, BE, BS, ED, UP, UV, Using};
use crate::client::{ALICE, Client, claims, legacy, policy, text};

const INVALID: (u16, Option<&str>, &str) =
    (422, Some("mfa_invalid_request"), "Passkey authentication could not be verified");
const NOT_FOUND: (u16, Option<&str>, &str) = (422, Some("passkey_not_found"), "Passkey not found");

type Bend = fn(&mut Using);

/// What is wrong, the step that must find it, and a word of its reason.
pub(super) const WRONG: [(Bend, &str, &str); 18] = [
    (|it| it.user_handle = Some(vec![1; 16]), "6", "user handle"),
    (|it| it.tail.push(0), "7", "bytes follow"),
    (|it| it.flags |= ED, "7", "ends too early"),
    (|it| it.client_data = json!([]), "9", "clientDataJSON"),
    (|it| it.client_data["challenge"] = json!(null), "9", "clientDataJSON"),
    (|it| it.client_data["type"] = json!("webauthn.create"), "10", "type"),
    (|it| it.client_data["challenge"] = json!("AAAA"), "11", "not issued here"),
    (|it| it.client_data["origin"] = json!("http://127.0.0.1:3000"), "12", "127.0.0.1"),
    (|it| it.client_data["origin"] = json!("http://localhost:3000/"), "12", "allowedOrigins"),
    (|it| it.client_data["crossOrigin"] = json!(true), "13", "frame"),
    (|it| it.client_data["topOrigin"] = json!("http://localhost"), "13", "frame"),
    (|it| it.rp_id = "LOCALHOST".to_owned(), "15", "localhost"),
    (|it| it.flags &= !UP, "16", "UP"),
    (|it| it.flags &= !BE, "18", "BS"),
    (|it| it.flags &= !(BE | BS), "19", "BE"),
    (|it| it.signature_error = 1, "21", "signature"),
    (|it| it.counter = 6, "22", "6 after 7"),
    (|it| it.counter = 7, "22", "7 after 7"),
];

#[test]
fn each_check_refuses_for_its_own_reason_and_costs_nothing() {
    for (bend, step, word) in WRONG {
        let mut client = Client::signed_in(legacy(|_| {}));
        let mut authenticator = Authenticator::new(1);
        authenticator.counter = 7;
        client.enrol(&authenticator.make(&client.creation()), &[]).ok(200);
        let mut client = client.elsewhere(ALICE);
        let options = client.request();
        let wrong = authenticator.sign_in_bent(&options, bend);
        let before = client.state();
        client.assert(wrong, json!({})).refused(INVALID.0, INVALID.1, INVALID.2);
        let (rule, reason) = client.reason();
        assert_eq!(rule, format!("WebAuthn 7.2 step {step}"), "{reason}");
        assert!(reason.contains(word), "{reason}");
        client.stays(&before);
        // The same ceremony without the mistake passes.
        client.assert(authenticator.sign_in(&options), json!({})).ok(200);
        assert_eq!(client.scope(), "user:basic");
    }
}

#[test]
fn a_signature_covers_every_bit() {
    let (mut client, mut authenticator) = enrolled(legacy(|_| {}));
    let body = authenticator.sign_in(&client.request());
    let before = client.state();
    for part in ["signature", "authenticatorData", "clientDataJSON"] {
        let bytes = |body: &serde_json::Value| {
            let text = text(&body["response"][part]);
            data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).unwrap()
        };
        for bit in 0..bytes(&body).len() * 8 {
            let mut bytes = bytes(&body);
            bytes[bit / 8] ^= 1 << (bit % 8);
            let mut bent = body.clone();
            bent["response"][part] = json!(data_encoding::BASE64URL_NOPAD.encode(&bytes));
            let reply = client.assert(bent, json!({}));
            assert_eq!(reply.status, 422, "{part}, bit {bit}: {}", reply.body);
        }
    }
    client.stays(&before);
    client.assert(body, json!({})).ok(200);
}

#[test]
fn a_passkey_of_nobody_and_one_of_another_look_alike() {
    let (mut alice, _) = enrolled(legacy(|_| {}));
    let mut bob = alice.elsewhere(BOB);
    let mut bobs = enrol(&mut bob, 2);
    let mut nobodys = Authenticator::new(3);
    let options = alice.request();
    let before = alice.state();
    for (authenticator, step) in [(&mut bobs, "5"), (&mut nobodys, "6")] {
        let body = authenticator.sign_in(&options);
        alice.assert(body, json!({})).refused(NOT_FOUND.0, NOT_FOUND.1, NOT_FOUND.2);
        assert_eq!(alice.reason().0, format!("WebAuthn 7.2 step {step}"));
    }
    alice.stays(&before);
}

#[test]
fn one_users_key_does_not_sign_for_anothers_credential() {
    let (mut client, _) = enrolled(legacy(|_| {}));
    let mut impostor = Authenticator::new(9);
    impostor.credential_id = Authenticator::new(1).credential_id;
    let body = impostor.sign_in(&client.request());
    client.assert(body, json!({})).refused(INVALID.0, INVALID.1, INVALID.2);
    assert_eq!(client.reason().0, "WebAuthn 7.2 step 21");
}

#[test]
fn the_user_handle_may_be_missing_where_the_user_is_known() {
    let (mut client, mut authenticator) = enrolled(legacy(|_| {}));
    authenticator.user_handle = None;
    client.pass_passkey(&mut authenticator, json!({}));
    let mut body = authenticator.sign_in(&client.request());
    body["response"]["userHandle"] = json!("");
    client.assert(body, json!({})).ok(200);
}

#[test]
fn user_verification_and_the_counter_follow_the_settings() {
    let strict =
        |policy: &mut Policy| policy.passkey.user_verification = UserVerification::Required;
    let (mut client, mut authenticator) = enrolled(legacy(strict));
    let options = client.request();
    assert_eq!(options["userVerification"], json!("required"));
    let body = authenticator.sign_in_bent(&options, |it| it.flags &= !UV);
    client.assert(body, json!({})).refused(INVALID.0, INVALID.1, INVALID.2);
    assert_eq!(client.reason().0, "WebAuthn 7.2 step 17");
    client.assert(authenticator.sign_in(&options), json!({})).ok(200);

    let mild = |policy: &mut Policy| policy.passkey.counter = CounterRule::Ignore;
    let (mut client, mut authenticator) = enrolled(legacy(mild));
    for (sent, kept) in [(9, 9), (4, 9), (0, 9), (10, 10)] {
        let options = client.request();
        let body = authenticator.sign_in_bent(&options, |it| it.counter = sent);
        client.assert(body, json!({})).ok(200);
        assert_eq!(client.world.user(ALICE).unwrap().passkeys[0].sign_count, kept);
    }
}

#[test]
fn three_kinds_of_keys_pass() {
    for mut authenticator in [Authenticator::new(1), Authenticator::ed25519(), Authenticator::rsa()]
    {
        let mut client = Client::signed_in(legacy(|_| {}));
        client.enrol(&authenticator.make(&client.creation()), &[]).ok(200);
        client.pass_passkey(&mut authenticator, json!({}));
        let body = authenticator.sign_in_bent(&client.request(), |it| it.signature_error = 1);
        client.assert(body, json!({})).refused(INVALID.0, INVALID.1, INVALID.2);
    }
}

#[test]
fn tokens_come_as_asked_for_and_open_what_they_should() {
    let (client, mut authenticator) = enrolled(policy(|policy| {
        policy.elevation.required_scopes = [].into_iter().collect();
    }));
    let mut client = client.elsewhere(ALICE);
    let granted = client.pass_passkey(&mut authenticator, json!({}));
    assert!(granted.get("mfaToken").is_none() && granted.get("elevatedAccessToken").is_none());
    let wishes = json!({ "createMfaToken": { "singleUse": false }, "requestedScopes": [
        "wallet:sign", "credential:link",
    ] });
    let granted = client.pass_passkey(&mut authenticator, wishes);
    let elevated = claims(&text(&granted["elevatedAccessToken"]));
    assert_eq!(elevated["scope"], json!("credential:link wallet:sign"));
    assert_eq!(elevated["singleUse"], json!(true));
    let body = authenticator.sign_in(&client.request());
    let before = client.state();
    let unknown = json!({ "requestedScopes": ["wallet:*"] });
    let reply = client.assert(body.clone(), unknown);
    reply.refused(422, Some("invalid_scopes"), "Invalid scopes");
    client.stays(&before);
    client.assert(body, json!({})).ok(200);
}

#[test]
fn with_a_passkey_reauthentication_no_longer_elevates() {
    let (mut client, _) = enrolled(legacy(|_| {}));
    client.world.set_policy(Policy::default()).unwrap();
    let more = json!({ "requestedScopes": ["credential:unlink"] });
    let error = "MFA is required to obtain an elevated access token";
    client.verify_email(ALICE, more).refused(403, None, error);
}

#[test]
fn step_up_lists_the_device_before_the_passkeys() {
    let mut client = Client::authenticated(policy(|_| {}));
    let link = client.elevate(&["credential:link"]);
    let mut authenticator = Authenticator::new(1);
    let headers = [(crate::client::ELEVATED, link.as_str())];
    client.enrol(&authenticator.make(&client.creation()), &headers).ok(200);
    let shown = client.post("stepUp/check", &json!({ "scope": "credential:unlink" })).ok(200);
    assert_eq!(shown["defaultCredentialId"], json!(client.device()));
    let passkey = client.passkeys()[0]["id"].clone();
    let listed = json!({ "id": passkey, "format": "passkey", "type": "passkey" });
    assert_eq!(shown["credentials"][1], listed);
    assert_eq!(shown["credentials"].as_array().unwrap().len(), 2);
}
