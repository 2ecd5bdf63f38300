//! Who may register a passkey, and what registering one brings.

use mock_server::policy::{Enrollment, FirstEnrolment, Policy, SpentOn};
use serde_json::json;

use super::{REGISTER, enrol, enrolled};
use crate::authenticator::Authenticator;
use crate::client::{ALICE, Client, ELEVATED, MFA_TOKEN, by_action, legacy, policy, text};

#[test]
fn registering_needs_an_elevated_token_and_its_options_do_not() {
    let mut client = Client::signed_in(policy(|_| {}));
    let mut authenticator = Authenticator::new(1);
    let options = client.creation();
    let body = authenticator.make(&options);
    let unlink = client.elevate_by_email(&["credential:unlink"]);
    let before = client.state();
    client.enrol(&body, &[]).wants_elevation();
    client.enrol(&body, &[(MFA_TOKEN, "nonsense")]).wants_elevation();
    client.enrol(&body, &[(ELEVATED, &unlink)]).wants_elevation();
    client.stays(&before);
    let link = client.elevate_by_email(&["credential:link"]);
    client.enrol(&body, &[(ELEVATED, &link)]).ok(200);
}

#[test]
fn a_registration_that_is_refused_for_itself_costs_no_token() {
    let single = |policy: &mut Policy| {
        policy.elevation.single_use_scopes = policy.elevation.required_scopes.clone();
        policy.elevation.spent_on = SpentOn::Acceptance;
    };
    let mut client = Client::signed_in(policy(single));
    let mut authenticator = Authenticator::new(1);
    let link = client.elevate_by_email(&["credential:link"]);
    let headers = [(ELEVATED, link.as_str())];
    let options = client.creation();
    let wrong = authenticator.make_bent(&options, |it| it.rp_id.push('x'));
    assert_eq!(client.enrol(&wrong, &headers).status, 422);
    client.enrol(&authenticator.make(&options), &headers).ok(200);
    let second = Authenticator::new(2).make(&client.creation());
    client.enrol(&second, &headers).wants_elevation();
}

#[test]
fn the_first_method_of_a_session_that_must_have_one_is_exempt() {
    for (rule, status) in [(FirstEnrolment::Exempt, 200), (FirstEnrolment::NeedsToken, 403)] {
        let mut client = Client::signed_in(policy(|policy| {
            policy.mfa.enrollment = Enrollment::Signup;
            policy.elevation.first_enrolment = rule;
        }));
        assert_eq!(client.scope(), "requiresAdditionalAuth");
        let body = Authenticator::new(1).make(&client.creation());
        assert_eq!(client.enrol(&body, &[]).status, status);
        let scope = if status == 200 { "user:basic" } else { "requiresAdditionalAuth" };
        assert_eq!(client.scope(), scope);
    }
}

#[test]
fn a_factor_that_is_owed_cannot_be_stepped_around() {
    // With a device, no passkey; with a passkey, no device: whoever holds the mail box alone could
    // otherwise pass with a factor of their own.
    let client = Client::challenged(legacy(|_| {}));
    let before = client.state();
    client.get(REGISTER).refused(403, None, "Access Forbidden");
    client.stays(&before);
    let mut other = client.elsewhere(ALICE);
    other.pass_totp(json!({}));
    let options = other.creation();
    let mut taken = other.clone();
    taken.bearer.clone_from(&client.bearer);
    let made = Authenticator::new(1).make(&options);
    taken.enrol(&made, &[]).refused(403, None, "Access Forbidden");

    let (client, _) = enrolled(legacy(|_| {}));
    let mut partial = client.elsewhere(ALICE);
    let before = partial.state();
    partial.register(&[]).refused(403, None, "Access Forbidden");
    partial.get(REGISTER).refused(403, None, "Access Forbidden");
    partial.stays(&before);

    let open = |policy: &mut Policy| policy.session.partial_reaches_everything = true;
    let (client, _) = enrolled(legacy(open));
    client.elsewhere(ALICE).creation();
}

#[test]
fn a_secret_shown_before_another_method_came_confirms_nothing() {
    // Both sessions are open before there is a factor; one shows itself a secret, the other
    // registers a passkey.
    let early = Client::signed_in(legacy(|_| {}));
    let mut owner = early.elsewhere(ALICE);
    let mut thief = early.clone();
    thief.register(&[]).ok(200);
    enrol(&mut owner, 1);
    let mut late = early.elsewhere(ALICE);
    assert_eq!(late.scope(), "requiresAdditionalAuth");
    let before = late.state();
    for session in [&mut thief, &mut late] {
        let code = session.code();
        session.totp(&code, json!({})).refused(403, None, "Access Forbidden");
        let confirm = json!({ "type": "totp", "code": code });
        let reply = session.post("users/mfa/register/totp", &confirm);
        reply.refused(403, None, "Access Forbidden");
        session.stays(&before);
    }
    // Whoever passed the passkey may confirm it.
    let code = thief.code();
    owner.totp(&code, json!({})).ok(200);
}

#[test]
fn a_further_method_may_ask_for_the_first_where_sessions_owe_none() {
    // Action-based MFA alone: no session owes a factor, so nothing else stands in the way.
    for (asks, status) in [(false, 200), (true, 403)] {
        let action = |policy: &mut Policy| {
            by_action(policy);
            policy.devices.further_needs_factor = asks;
        };
        let mut client = Client::challenged(legacy(action));
        assert_eq!(client.scope(), "user:basic");
        assert_eq!(client.get(REGISTER).status, status);
        let second = client.verify_email("second@example.com", json!({}));
        assert_eq!(second.status, status);
        client.pass_totp(json!({}));
        client.creation();
        client.verify_email("third@example.com", json!({})).ok(200);
    }
}

#[test]
fn registering_passes_the_second_factor_and_may_bring_a_token() {
    let mut client = Client::signed_in(legacy(|policy| {
        policy.mfa.enrollment = Enrollment::Signup;
    }));
    assert_eq!(client.scope(), "requiresAdditionalAuth");
    let mut body = Authenticator::new(1).make(&client.creation());
    body["createMfaToken"] = json!({ "singleUse": true });
    let granted = client.enrol(&body, &[]).ok(200);
    assert_eq!(client.scope(), "user:basic");
    assert!(granted.get("elevatedAccessToken").is_none());
    let id = granted["user"]["lastVerifiedCredentialId"].clone();
    let format = |known: &serde_json::Value| known["id"] == id && known["format"] == "passkey";
    assert!(granted["user"]["verifiedCredentials"].as_array().unwrap().iter().any(format));
    let token = text(&granted["mfaToken"]);
    let body = json!({ "passkeyId": id }).to_string();
    let reply = client.send("DELETE", "users/passkeys", &[(MFA_TOKEN, &token)], body);
    reply.ok(204);
}

#[test]
fn recovery_codes_come_only_where_the_method_brings_them() {
    for (brings, count) in [(false, 0), (true, 10)] {
        let mut client = Client::signed_in(legacy(|policy| {
            policy.mfa.methods[1].allow_backup_codes = brings;
        }));
        let body = Authenticator::new(1).make(&client.creation());
        let granted = client.enrol(&body, &[]).ok(200);
        assert_eq!(client.world.user(ALICE).unwrap().recovery_codes.len(), count);
        let state = if brings { json!("pending") } else { json!(null) };
        assert_eq!(granted["user"]["mfaBackupCodeAcknowledgement"], state);
    }
}

#[test]
fn passkeys_that_are_neither_factor_nor_sign_in_are_refused() {
    let off = |policy: &mut Policy| {
        policy.passkey.sign_in = false;
        policy.mfa.methods[1].enabled = false;
    };
    let mut client = Client::signed_in(legacy(off));
    let made = Authenticator::new(1).make(&Client::signed_in(legacy(|_| {})).creation());
    let before = client.state();
    let error = "Passkeys are not enabled for this environment";
    let code = Some("mfa_invalid_request");
    client.get(REGISTER).refused(422, code, error);
    client.get("users/mfa/register/passkey").refused(422, code, error);
    client.enrol(&made, &[]).refused(422, code, error);
    client.stays(&before);
    // Either use alone is enough.
    let changes: [fn(&mut Policy); 3] = [
        |policy| policy.passkey.sign_in = false,
        |policy| policy.mfa.methods[1].enabled = false,
        |policy| policy.mfa.enabled = false,
    ];
    for change in changes {
        let mut client = Client::signed_in(legacy(change));
        enrol(&mut client, 1);
        assert_eq!(client.passkeys().len(), 1);
    }
}
