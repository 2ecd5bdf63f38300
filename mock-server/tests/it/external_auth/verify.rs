//! Stepping up with an assertion of the app's own issuer (rules E23, E24, E2).

use mock_server::policy::{Policy, ReauthenticationWithMfa, UnknownScopes};
use mock_server::{SeededTotp, UserSeed};
use serde_json::{Value, json};

use super::{SUB, invalid, sign_in_with, signed_in, ticket, trusting, with};
use crate::client::{ALICE, Client, ELEVATED, Reply, claims, keys, text};
use crate::issuer;

const MFA_FIRST: &str = "MFA is required to obtain an elevated access token";

/// Everything that an assertion must have.
fn assertion(client: &Client, jti: &str) -> Value {
    with(with(ticket(client), "scope", json!("credential:link")), "jti", json!(jti))
}

fn verify(client: &Client, claims: &Value) -> Reply {
    client.post("externalAuth/verify", &json!({ "jwt": issuer::sign(claims) }))
}

#[test]
fn an_assertion_becomes_an_elevated_token_and_nothing_else() {
    let client = signed_in(trusting(|_| {}));
    let asked = with(assertion(&client, "1"), "scope", json!("user:update  credential:link"));
    let before = client.state();
    let body = verify(&client, &asked).ok(200);
    assert_eq!(keys(&body), ["elevatedAccessToken"]);
    let token = text(&body["elevatedAccessToken"]);
    let bearer = claims(client.bearer.as_ref().unwrap());
    let shown = claims(&token);
    assert_eq!(shown["scope"], json!("credential:link user:update"));
    assert_eq!((&shown["sub"], &shown["sid"]), (&bearer["sub"], &bearer["sid"]));
    assert_eq!(
        (&shown["singleUse"], &shown["exp"]),
        (&json!(false), &json!(client.seconds() + 600))
    );
    // Neither the user nor the session has moved.
    client.differs_only(&before, &["/spent_assertions"]);
    client.clone().register(&[(ELEVATED, &token)]).ok(200);
    // A wallet's scope is single-use here as everywhere (rule K1).
    let wallet = with(assertion(&client, "2"), "scope", json!("wallet:sign"));
    let token = text(&verify(&client, &wallet).ok(200)["elevatedAccessToken"]);
    assert_eq!(claims(&token)["singleUse"], json!(true));
}

#[test]
fn every_claim_is_needed() {
    let client = signed_in(trusting(|_| {}));
    let now = client.seconds();
    let before = client.state();
    for (claim, value, why) in [
        ("sub", json!(null), "lacks the claim `sub`"),
        ("sub", json!("app-user-2"), "another user than the one who is signed in"),
        ("exp", json!(null), "lacks the claim `exp`"),
        ("exp", json!(now), "has expired"),
        ("nbf", json!(now + 1), "is not valid yet"),
        ("jti", json!(null), "lacks the claim `jti`"),
        ("jti", json!(""), "lacks the claim `jti`"),
        ("jti", json!(7), "wrong type"),
        ("scope", json!(null), "lacks the claim `scope`"),
        ("scope", json!(" "), "lacks the claim `scope`"),
        ("scope", json!(["credential:link"]), "wrong type"),
        ("scope", json!("credential:link wallet:*"), "unknown scope `wallet:*`"),
        ("scope", json!("openid"), "unknown scope `openid`"),
    ] {
        invalid(&verify(&client, &with(assertion(&client, "1"), claim, value)));
        client.stays(&before);
        let reason = client.world.journal().pop().unwrap().refusal.unwrap().reason;
        assert!(reason.contains(why), "{claim}: {reason}");
    }
    invalid(&client.post("externalAuth/verify", &json!({})));
    client.stays(&before);
    // No refusal spent the `jti`.
    verify(&client, &assertion(&client, "1")).ok(200);
}

#[test]
fn it_works_once() {
    let client = signed_in(trusting(|_| {}));
    let first = assertion(&client, "one");
    verify(&client, &first).ok(200);
    let before = client.state();
    invalid(&verify(&client, &first));
    // Nor may another assertion borrow the name, nor another session use it again.
    invalid(&verify(&client, &with(first.clone(), "exp", json!(client.seconds() + 3_000))));
    client.stays(&before);
    let mut other = client.clone();
    sign_in_with(&mut other, &issuer::sign(&ticket(&client))).ok(200);
    invalid(&verify(&other, &first));
    verify(&other, &assertion(&client, "two")).ok(200);
    // For as long as it could be used, to the second; then its name is forgotten.
    client.advance(59);
    invalid(&verify(&client, &first));
    client.advance(1);
    invalid(&verify(&client, &first));
    verify(&client, &assertion(&client, "three")).ok(200);
    let held = client.state()["environment"]["spent_assertions"].as_object().unwrap().len();
    assert_eq!(held, 1);
    verify(&client, &assertion(&client, "one")).ok(200);

    // Where the issuer's clock may be wrong, it is remembered for that much longer.
    let client = signed_in(trusting(|policy| policy.external_auth.clock_skew_seconds = 30));
    let first = assertion(&client, "one");
    verify(&client, &first).ok(200);
    client.advance(89);
    let fresh = assertion(&client, "one");
    invalid(&verify(&client, &fresh));
    client.advance(1);
    verify(&client, &fresh).ok(200);
}

#[test]
fn what_was_used_is_remembered_up_to_a_bound() {
    let client = signed_in(trusting(|policy| policy.limits.assertions_max = 2));
    for jti in ["1", "2"] {
        verify(&client, &assertion(&client, jti)).ok(200);
    }
    let before = client.state();
    let full = (429, Some("too_many_requests"), "Too many external auth assertions");
    verify(&client, &assertion(&client, "3")).refused(full.0, full.1, full.2);
    // Nothing was forgotten for its sake.
    invalid(&verify(&client, &assertion(&client, "1")));
    client.stays(&before);
    client.advance(60);
    verify(&client, &assertion(&client, "3")).ok(200);
}

#[test]
fn a_user_with_mfa_cannot_step_up_by_the_app_s_word() {
    use ReauthenticationWithMfa::{Grant, Refuse, WithoutToken};
    for mode in [Refuse, WithoutToken, Grant] {
        let settings = trusting(|policy| policy.elevation.reauthentication_with_mfa = mode);
        let mut client = Client::new(settings);
        let external_id = Some(SUB.to_owned());
        let totp = SeededTotp::Enrolled;
        let seed = UserSeed { external_id, totp, ..UserSeed::default() };
        client.world.create_user(seed).unwrap();
        let jwt = issuer::sign(&ticket(&client));
        sign_in_with(&mut client, &jwt).ok(200);
        assert_eq!(client.scope(), "requiresAdditionalAuth");
        let asked = assertion(&client, "1");
        let before = client.state();
        let reply = verify(&client, &asked);
        if mode == Grant {
            assert!(reply.ok(200)["elevatedAccessToken"].is_string());
            continue;
        }
        // The answer has room for the token only, so "verified, but no token" is a refusal too.
        reply.refused(403, None, MFA_FIRST);
        client.stays(&before);
        // The refusal spent nothing.
        client.world.set_policy(trusting(|policy| policy.mfa.enabled = false)).unwrap();
        verify(&client, &asked).ok(200);
    }
}

#[test]
fn words_that_are_no_scopes_can_be_left_out() {
    let client =
        signed_in(trusting(|policy| policy.external_auth.unknown_scopes = UnknownScopes::Ignore));
    let mixed = with(assertion(&client, "1"), "scope", json!("openid credential:link email"));
    let token = text(&verify(&client, &mixed).ok(200)["elevatedAccessToken"]);
    assert_eq!(claims(&token)["scope"], json!("credential:link"));
    let before = client.state();
    invalid(&verify(&client, &with(assertion(&client, "2"), "scope", json!("openid email"))));
    client.stays(&before);
}

#[test]
fn it_is_for_the_session_and_the_user_who_ask() {
    let mut client = Client::new(trusting(|_| {}));
    let asked = assertion(&client, "1");
    let body = json!({ "jwt": issuer::sign(&asked) });
    let before = client.state();
    client.post("externalAuth/verify", &body).refused(401, None, "No jwt provided!");
    client.stays(&before);
    // Somebody else who is signed in has no such external id.
    client.sign_in(ALICE);
    let before = client.state();
    invalid(&client.post("externalAuth/verify", &body));
    client.stays(&before);
    // A session of another world, and one that has ended.
    let mut elsewhere = Client::of(&client.mock, "00000000-0000-4000-8000-00000000bbbb");
    elsewhere.world.set_policy(trusting(|_| {})).unwrap();
    sign_in_with(&mut elsewhere, &issuer::sign(&ticket(&client))).ok(200);
    let mut stranger = client.clone();
    stranger.bearer = elsewhere.bearer.clone();
    stranger.post("externalAuth/verify", &body).unauthorized();
    client.stays(&before);
    elsewhere.post("externalAuth/verify", &body).ok(200);

    let mut client = signed_in(trusting(|_| {}));
    let late = with(assertion(&client, "1"), "exp", json!(client.seconds() + 9_000));
    client.advance(7_199);
    let ended = client.clone();
    client.advance(1);
    verify(&ended, &late).unauthorized();
    let jwt = issuer::sign(&ticket(&client));
    sign_in_with(&mut client, &jwt).ok(200);
    verify(&client, &late).ok(200);
}

#[test]
fn a_session_key_that_is_named_must_be_the_session_s() {
    let mut client = Client::new(trusting(|_| {}));
    let key = "02".to_owned() + &"ab".repeat(32);
    let body = json!({ "jwt": issuer::sign(&ticket(&client)), "sessionPublicKey": key });
    let reply = client.post("externalAuth/signin", &body);
    client.keep(reply).ok(200);
    let ask = |jti: &str, key: &str| {
        let jwt = issuer::sign(&assertion(&client, jti));
        client.post("externalAuth/verify", &json!({ "jwt": jwt, "sessionPublicKey": key }))
    };
    let before = client.state();
    let stranger = "03".to_owned() + &"ab".repeat(32);
    let reply = ask("1", &stranger);
    reply.refused(422, Some("invalid_session_public_key"), "Invalid session public key");
    client.stays(&before);
    ask("1", &key).ok(200);
    ask("2", &key.to_uppercase()).ok(200);
    verify(&client, &assertion(&client, "3")).ok(200);
    // A session without a key has nothing to compare with.
    let keyless = signed_in(trusting(|_| {}));
    let jwt = issuer::sign(&assertion(&keyless, "1"));
    keyless
        .post("externalAuth/verify", &json!({ "jwt": jwt, "sessionPublicKey": stranger }))
        .ok(200);
}

#[test]
fn it_is_off_where_no_issuer_is_trusted() {
    let client = signed_in(trusting(|_| {}));
    let asked = assertion(&client, "1");
    client.world.set_policy(Policy::default()).unwrap();
    let before = client.state();
    invalid(&verify(&client, &asked));
    client.stays(&before);
    client.world.set_policy(trusting(|_| {})).unwrap();
    verify(&client, &asked).ok(200);
}

#[test]
fn a_snapshot_brings_used_assertions_back_used() {
    let client = signed_in(trusting(|_| {}));
    let (first, second) = (assertion(&client, "1"), assertion(&client, "2"));
    verify(&client, &first).ok(200);
    let middle = client.world.snapshot();
    verify(&client, &second).ok(200);
    client.world.restore(middle).unwrap();
    invalid(&verify(&client, &first));
    verify(&client, &second).ok(200);
    invalid(&verify(&client, &second));
}
