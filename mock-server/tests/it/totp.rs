//! TOTP devices: registering, confirming, authenticating.

use fixtures::rfc6238::{Algorithm as Published, ROWS};
use mock_server::UserSeed;
use mock_server::policy::{
    Algorithm, Enrollment, Method, MfaAction, Policy, ProtectedAction, Replay, UnverifiedDevice,
};
use serde_json::json;

use crate::client::{ALICE, Client, SECRET, claims, keys, legacy, policy, text};
use crate::oracle;

mod guide;
mod throttle;

#[test]
fn registering_hands_out_a_secret_and_an_otpauth_uri() {
    let mut client = Client::signed_in(legacy(|_| {}));
    let device = client.register(&[]).ok(200);
    assert_eq!(keys(&device), ["id", "secret", "type", "uri"]);
    assert_eq!(device["type"], json!("totp"));
    let secret = text(&device["secret"]);
    assert_eq!(data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).unwrap().len(), 20);
    let uri = format!(
        "otpauth://totp/Dynamic%20mock:alice@example.com?secret={secret}&issuer=Dynamic%20mock"
    );
    assert_eq!(device["uri"], json!(uri));

    // The label needs escaping as soon as the issuer is no plain word; other hashes are named.
    let mut client = Client::signed_in(legacy(|policy| {
        policy.totp.issuer = "A&B: ü/?#".into();
        policy.totp.algorithm = Algorithm::Sha256;
        policy.totp.secret_bytes = 32;
    }));
    let device = client.register(&[]).ok(200);
    let secret = text(&device["secret"]);
    assert_eq!(data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).unwrap().len(), 32);
    let issuer = "A%26B%3A%20%C3%BC%2F%3F%23";
    let uri = format!(
        "otpauth://totp/{issuer}:alice@example.com?secret={secret}&issuer={issuer}&algorithm=SHA256"
    );
    assert_eq!(device["uri"], json!(uri));
    // What an app makes of it is what the service expects.
    let shown = oracle::code_with(Published::Sha256, &secret, client.seconds());
    client.totp(&shown, json!({})).ok(200);
}

#[test]
fn the_published_vectors_are_accepted() {
    for row in ROWS {
        let algorithm = match row.algorithm {
            Published::Sha1 => Algorithm::Sha1,
            Published::Sha256 => Algorithm::Sha256,
            Published::Sha512 => Algorithm::Sha512,
        };
        let mut client = Client::new(policy(|policy| policy.totp.algorithm = algorithm));
        let at = jiff::Timestamp::from_second(row.time.try_into().unwrap()).unwrap();
        client.world.hold_clock_at(at).unwrap();
        let secret = data_encoding::BASE32_NOPAD.encode(row.seed);
        let seed =
            UserSeed { email: ALICE.into(), totp_secret: Some(secret), ..Default::default() };
        client.world.create_user(seed).unwrap();
        client.sign_in(ALICE);
        assert_eq!(client.world.totp_display(ALICE).unwrap().code, row.code6());
        let body = client.totp(row.code6(), json!({})).ok(200);
        assert_eq!(body["user"]["scope"], json!("user:basic"), "{row:?}");
    }
}

#[test]
fn confirming_makes_the_device_and_leaves_the_session() {
    let mut client = Client::signed_in(legacy(|_| {}));
    let id = client.register(&[]).ok(200)["id"].clone();
    let pending = client.get("users/mfa").ok(200)["devices"][0].clone();
    assert_eq!((&pending["verified"], &pending["verifiedAt"]), (&json!(false), &json!(null)));
    client.advance(7);
    let body = json!({ "type": "totp", "code": client.code() });
    let device = client.post("users/mfa/register/totp", &body).ok(200);
    assert_eq!(
        device,
        json!({
            "type": "totp", "verified": true, "id": id, "default": true,
            "createdAt": "2030-01-01T12:00:00.000Z", "verifiedAt": "2030-01-01T12:00:07.000Z",
        })
    );
    // No tokens came, and the session now owes the factor that it has.
    assert_eq!(client.scope(), "requiresAdditionalAuth");
    // The confirming code is spent like any other.
    client.totp(&client.code(), json!({})).wrong_code();
    client.advance(30);
    let upgraded = client.totp(&client.code(), json!({})).ok(200);
    assert_eq!(upgraded["user"]["mfaBackupCodeAcknowledgement"], json!("pending"));
    // There is nothing left to confirm.
    let again = json!({ "type": "totp", "code": client.code() });
    let none = client.post("users/mfa/register/totp", &again);
    none.refused(422, Some("mfa_device_not_found"), "MFA device not found");
}

#[test]
fn authenticating_confirms_unless_the_policy_wants_it_apart() {
    let mut client = Client::signed_in(legacy(|_| {}));
    client.register(&[]).ok(200);
    assert_eq!(client.get("users/mfa/methods").ok(200)["userHasVerifiedMfaMethods"], json!(false));
    // An unconfirmed device makes nobody a user with MFA.
    assert_eq!(client.scope(), "user:basic");
    let body = client.totp(&client.code(), json!({})).ok(200);
    assert_eq!(keys(&body), ["expiresAt", "jwt", "minifiedJwt", "user"]);
    let device = client.get("users/mfa").ok(200)["devices"][0].clone();
    assert_eq!((&device["verified"], &device["default"]), (&json!(true), &json!(true)));

    let apart = legacy(|policy| policy.totp.authentication_confirms = false);
    let mut client = Client::signed_in(apart);
    client.register(&[]).ok(200);
    let before = client.state();
    let reply = client.totp(&client.code(), json!({}));
    reply.refused(422, Some("mfa_invalid_request"), "MFA device is not verified");
    client.stays(&before);
    let body = json!({ "type": "totp", "code": client.code() });
    client.post("users/mfa/register/totp", &body).ok(200);
    client.advance(30);
    client.totp(&client.code(), json!({})).ok(200);
}

#[test]
fn the_window_is_one_step_and_can_be_set() {
    for (window, accepted) in [(0, 0..=0), (1, -1..=1), (2, -2..=2)] {
        for step in -3..=3_i64 {
            let mut client = Client::challenged(policy(|policy| policy.totp.window_steps = window));
            let at = client.seconds().checked_add_signed(step * 30).unwrap();
            let reply = client.totp(&oracle::code(SECRET, at), json!({}));
            assert_eq!(reply.status == 200, accepted.contains(&step), "{window} {step}");
            if reply.status != 200 {
                reply.wrong_code();
            }
        }
    }
}

#[test]
fn a_spent_step_is_refused_unless_allowed() {
    let mut client = Client::challenged(Policy::default());
    let (earlier, now) = (oracle::code(SECRET, client.seconds() - 30), client.code());
    client.totp(&now, json!({})).ok(200);
    client.totp(&now, json!({})).wrong_code();
    client.totp(&earlier, json!({})).wrong_code();
    // In another session of the same user it is the same device.
    client.elsewhere(ALICE).totp(&now, json!({})).wrong_code();
    let next = oracle::code(SECRET, client.seconds() + 30);
    client.totp(&next, json!({})).ok(200);
    client.advance(30);
    client.totp(&next, json!({})).wrong_code();

    let mut client = Client::challenged(policy(|policy| policy.totp.replay = Replay::Allow));
    let (earlier, now) = (oracle::code(SECRET, client.seconds() - 30), client.code());
    for code in [&now, &now, &earlier] {
        client.totp(code, json!({})).ok(200);
    }
}

#[test]
fn only_six_digits_can_be_right() {
    let mut client = Client::challenged(policy(|policy| policy.totp.failures_max = 1_000));
    let code = client.code();
    let wide: String = code
        .chars()
        .map(|digit| char::from_u32(u32::from(digit) - 0x30 + 0xff10).unwrap())
        .collect();
    let shortened = &code[..5];
    for typed in [
        "",
        " ",
        shortened,
        &format!("{code}0"),
        &format!(" {code}"),
        &format!("{code}\n"),
        &format!("+{shortened}"),
        &wide,
    ] {
        client.totp(typed, json!({})).wrong_code();
    }
    client.totp(&code, json!({})).ok(200);
}

#[test]
fn a_second_device_is_refused_until_the_first_is_gone() {
    for (change, status) in [(None, 401), (Some(409), 409)] {
        let mut client = Client::signed_in(legacy(|policy| {
            policy.totp.second_device_status = change.unwrap_or(policy.totp.second_device_status);
        }));
        client.register(&[]).ok(200);
        let token = client.mfa_token(true);
        client.put("users", &json!({ "mfaBackupCodeAcknowledgement": "complete" })).ok(200);
        let before = client.state();
        let error = "Only one verified TOTP device is allowed per user";
        client.register(&[]).refused(status, None, error);
        client.stays(&before);
        client
            .delete(&format!("users/mfa/{}", client.device()), &[("x-mfa-auth-token", &token)])
            .ok(204);
        client.register(&[]).ok(200);
    }
}

#[test]
fn an_unconfirmed_device_is_replaced_or_kept() {
    let mut client = Client::signed_in(legacy(|_| {}));
    let first = client.register(&[]).ok(200);
    let old_code = client.code();
    let second = client.register(&[]).ok(200);
    assert_ne!((&first["id"], &first["secret"]), (&second["id"], &second["secret"]));
    assert_eq!(client.get("users/mfa").ok(200)["count"], json!(1));
    client.totp(&old_code, json!({})).wrong_code();
    client.get(&format!("users/mfa/{}", text(&first["id"]))).refused(
        404,
        Some("not_found"),
        "Not Found",
    );
    client.totp(&client.code(), json!({})).ok(200);

    let keep = legacy(|policy| policy.totp.unverified_device = UnverifiedDevice::Keep);
    let mut client = Client::signed_in(keep);
    let first = client.register(&[]).ok(200);
    client.advance(100);
    assert_eq!(client.register(&[]).ok(200), first);
    client.totp(&client.code(), json!({})).ok(200);
}

#[test]
fn mfa_is_on_when_anything_asks_for_it() {
    let action = |required| ProtectedAction {
        action: MfaAction::WalletWaasSign,
        required,
        token_behavior: None,
        token_expiry_seconds: None,
    };
    let world = |change: &dyn Fn(&mut Policy)| {
        Client::signed_in(legacy(|policy| {
            policy.mfa.enabled = false;
            change(policy);
        }))
    };
    let on: [&dyn Fn(&mut Policy); 4] = [
        &|policy| policy.mfa.enabled = true,
        &|policy| policy.mfa.enrollment = Enrollment::Signup,
        &|policy| policy.mfa.enrollment = Enrollment::Action,
        &|policy| policy.mfa.actions.push(action(true)),
    ];
    for change in on {
        world(change).register(&[]).ok(200);
    }
    let off: [&dyn Fn(&mut Policy); 5] = [
        &|_| {},
        &|policy| policy.mfa.actions.push(action(false)),
        &|policy| (policy.mfa.enabled, policy.mfa.methods[0].enabled) = (true, false),
        &|policy| (policy.mfa.enabled, policy.mfa.methods) = (true, Vec::new()),
        &|policy| {
            let kind = mock_server::policy::MethodKind::Passkey;
            policy.mfa.enabled = true;
            policy.mfa.methods = vec![Method { kind, enabled: true, allow_backup_codes: true }];
        },
    ];
    for change in off {
        let mut client = world(change);
        let before = client.state();
        let error = "MFA is not enabled for this environment";
        client.register(&[]).refused(422, Some("mfa_invalid_request"), error);
        client.stays(&before);
    }
}

#[test]
fn the_device_may_be_named() {
    let mut client = Client::challenged(Policy::default());
    let before = client.state();
    for id in ["00000000-0000-4000-8000-000000000000", "nonsense", ""] {
        let reply = client.totp(&client.code(), json!({ "id": id }));
        reply.refused(422, Some("mfa_device_not_found"), "MFA device not found");
    }
    client.stays(&before);
    let more = json!({ "id": null, "createMfaToken": null, "requestedScopes": null });
    client.pass_totp(more);
    client.pass_totp(json!({ "id": client.device(), "requestedScopes": [] }));

    let mut nobody = Client::signed_in(Policy::default());
    let before = nobody.state();
    let none = (422, Some("mfa_device_not_found"), "MFA device not found");
    nobody.totp("123456", json!({})).refused(none.0, none.1, none.2);
    let confirm = json!({ "type": "totp", "code": "123456" });
    nobody.post("users/mfa/register/totp", &confirm).refused(none.0, none.1, none.2);
    nobody.stays(&before);
}

#[test]
fn what_cannot_be_granted_costs_no_code() {
    let mut client = Client::challenged(Policy::default());
    let before = client.state();
    for scopes in [json!(["wallet:*"]), json!(["wallet:sign", ""]), json!(["WALLET:SIGN"])] {
        let reply = client.totp(&client.code(), json!({ "requestedScopes": scopes }));
        reply.refused(422, Some("invalid_scopes"), "Invalid scopes");
    }
    client.stays(&before);
    client.totp(&client.code(), json!({ "requestedScopes": ["wallet:sign"] })).ok(200);
}

#[test]
fn passing_upgrades_this_session_only_and_not_its_end() {
    let mut client = Client::challenged(Policy::default());
    let other = client.elsewhere(ALICE);
    let before = claims(client.bearer.as_ref().unwrap());
    assert_eq!(before["scope"], json!("requiresAdditionalAuth"));
    client.advance(60);
    client.pass_totp(json!({}));
    let after = claims(client.bearer.as_ref().unwrap());
    assert_eq!(after["scope"], json!("user:basic"));
    assert_eq!((&after["sid"], &after["exp"]), (&before["sid"], &before["exp"]));
    assert_eq!(other.scope(), "requiresAdditionalAuth");
}
