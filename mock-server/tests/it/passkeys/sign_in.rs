//! Signing in with a passkey, without a session before.

use mock_server::policy::Policy;
use serde_json::json;

use super::assertion::WRONG;
use super::{SIGN_IN, enrol, enrolled};
use crate::authenticator::Authenticator;
use crate::client::{ALICE, Client, claims, keys, legacy, policy, text};

/// The same world, seen by somebody who is not signed in.
fn stranger(client: &Client) -> Client {
    let mut stranger = client.clone();
    stranger.bearer = None;
    stranger
}

#[test]
fn a_passkey_opens_a_session_that_still_owes_the_second_factor() {
    let (client, mut authenticator) = enrolled(legacy(|_| {}));
    let mut stranger = stranger(&client);
    let options = stranger.get(SIGN_IN).ok(200);
    assert_eq!(keys(&options), ["challenge", "rpId", "timeout", "userVerification"]);
    let body = authenticator.sign_in(&options).to_string();
    let headers = [("origin", "http://localhost:3000"), ("x-dyn-version", "ClientSDK/1.27.1")];
    let reply = stranger.send("POST", SIGN_IN, &headers, body);
    let granted = stranger.keep(reply).ok(200);
    assert_eq!(granted["user"]["email"], json!(ALICE));
    let id = client.passkeys()[0]["id"].clone();
    let told = claims(&text(&granted["minifiedJwt"]));
    assert_eq!(told["signin_credential_id"], id);
    assert_eq!(told["last_verified_credential_id"], id);
    assert_eq!(told["aud"], json!("http://localhost:3000"));
    assert_eq!(told["scope"], json!("requiresAdditionalAuth"));
    assert_ne!(stranger.bearer, client.bearer);
    stranger.pass_passkey(&mut authenticator, json!({}));
    assert_eq!(stranger.scope(), "user:basic");
}

#[test]
fn it_passes_the_second_factor_only_where_the_settings_say_so() {
    let passes = |policy: &mut Policy| policy.passkey.sign_in_passes_mfa = true;
    let (client, mut authenticator) = enrolled(legacy(passes));
    let mut stranger = stranger(&client);
    let body = authenticator.sign_in(&stranger.get(SIGN_IN).ok(200));
    let reply = stranger.post(SIGN_IN, &body);
    let granted = stranger.keep(reply).ok(200);
    assert_eq!(claims(&text(&granted["minifiedJwt"]))["scope"], json!("user:basic"));
    assert_eq!(stranger.scope(), "user:basic");
}

#[test]
fn every_flaw_is_401_to_a_stranger_and_has_its_reason_in_the_journal() {
    for (bend, step, word) in WRONG {
        let mut client = Client::signed_in(legacy(|_| {}));
        let mut authenticator = Authenticator::new(1);
        authenticator.counter = 7;
        client.enrol(&authenticator.make(&client.creation()), &[]).ok(200);
        let stranger = stranger(&client);
        let options = stranger.get(SIGN_IN).ok(200);
        let wrong = authenticator.sign_in_bent(&options, bend);
        let before = stranger.state();
        stranger.post(SIGN_IN, &wrong).unauthorized();
        let (rule, reason) = stranger.reason();
        assert_eq!(rule, format!("WebAuthn 7.2 step {step}"), "{reason}");
        assert!(reason.contains(word), "{reason}");
        stranger.stays(&before);
        stranger.post(SIGN_IN, &authenticator.sign_in(&options)).ok(200);
    }
}

#[test]
fn a_passkey_of_nobody_and_a_missing_user_handle_open_nothing() {
    let (client, mut authenticator) = enrolled(legacy(|_| {}));
    let stranger = stranger(&client);
    let options = stranger.get(SIGN_IN).ok(200);
    let before = stranger.state();
    stranger.post(SIGN_IN, &Authenticator::new(2).sign_in(&options)).unauthorized();
    assert!(stranger.reason().1.contains("no user has"), "{:?}", stranger.reason());
    let body = authenticator.sign_in_bent(&options, |it| it.user_handle = None);
    stranger.post(SIGN_IN, &body).unauthorized();
    assert!(stranger.reason().1.contains("missing"), "{:?}", stranger.reason());
    stranger.stays(&before);
    let body = authenticator.sign_in(&options);
    stranger.post(SIGN_IN, &body).ok(200);
    stranger.post(SIGN_IN, &body).unauthorized();
}

#[test]
fn it_is_off_where_the_settings_say_so() {
    let (client, mut authenticator) = enrolled(legacy(|_| {}));
    let stranger = stranger(&client);
    let body = authenticator.sign_in(&stranger.get(SIGN_IN).ok(200));
    let mut off = stranger.world.policy();
    off.passkey.sign_in = false;
    stranger.world.set_policy(off.clone()).unwrap();
    let before = stranger.state();
    let error = "Passkey sign-in is not enabled for this environment";
    stranger.get(SIGN_IN).refused(400, None, error);
    stranger.post(SIGN_IN, &body).refused(400, None, error);
    stranger.stays(&before);
    let is_offered = |client: &Client| {
        let settings = client.get("settings").ok(200);
        let providers = settings["providers"].as_array().unwrap().clone();
        providers.iter().any(|shown| shown["provider"] == json!("passkey"))
    };
    assert!(!is_offered(&stranger));
    off.passkey.sign_in = true;
    stranger.world.set_policy(off).unwrap();
    assert!(is_offered(&stranger));
    stranger.post(SIGN_IN, &body).ok(200);
}

#[test]
fn a_passkey_registered_as_a_factor_alone_does_not_sign_in() {
    let (client, mut authenticator) = enrolled(legacy(|policy| policy.passkey.sign_in = false));
    client.world.set_policy(legacy(|_| {})).unwrap();
    let mut client = client;
    let second = enrol(&mut client, 2);
    let stranger = stranger(&client);
    let options = stranger.get(SIGN_IN).ok(200);
    let before = stranger.state();
    let code = Some("credential_not_enabled_for_sign_in");
    let reply = stranger.post(SIGN_IN, &authenticator.sign_in(&options));
    reply.refused(422, code, "Credential is not enabled for sign-in");
    stranger.stays(&before);
    let mut second = second;
    stranger.post(SIGN_IN, &second.sign_in(&options)).ok(200);
}

#[test]
fn a_related_relying_party_must_be_known() {
    let related = |policy: &mut Policy| policy.passkey.related_rp_ids = vec!["example.org".into()];
    let (mut client, mut authenticator) = enrolled(policy(|policy| {
        related(policy);
        policy.elevation.required_scopes = [].into_iter().collect();
    }));
    for path in ["users/passkeys/authenticate", SIGN_IN] {
        for (asked, answered) in
            [("", "localhost"), ("localhost", "localhost"), ("example.org", "example.org")]
        {
            let options = client.get(&format!("{path}?relatedOriginRpId={asked}")).ok(200);
            assert_eq!(options["rpId"], json!(answered));
        }
        let before = client.state();
        let reply = client.get(&format!("{path}?relatedOriginRpId=evil.example"));
        reply.refused(400, None, "Invalid relatedOriginRpId");
        client.stays(&before);
    }
    // The authenticator must have acted for the one that was asked for.
    let options = client.get("users/passkeys/authenticate?relatedOriginRpId=example.org").ok(200);
    let body = authenticator.sign_in_bent(&options, |it| it.rp_id = "localhost".to_owned());
    assert_eq!(client.assert(body, json!({})).status, 422);
    assert_eq!(client.reason().0, "WebAuthn 7.2 step 15");
    client.assert(authenticator.sign_in(&options), json!({})).ok(200);
}
