//! JWTs of the app's own issuer: sign-in. Stepping up and signatures have files of their own.

use mock_server::policy::Policy;
use mock_server::{SeededTotp, UserSeed};
use serde_json::{Value, json};

use crate::client::{ALICE, Client, ELEVATED, Reply, claims, keys, policy, text};
use crate::issuer;

mod signature;
mod verify;

/// The user's id with the app.
pub(crate) const SUB: &str = "app-user-1";

type Row = (u16, Option<&'static str>, &'static str);
pub(crate) const INVALID: Row = (422, Some("invalid_external_auth"), "Invalid external auth");

#[track_caller]
pub(crate) fn invalid(reply: &Reply) {
    let (status, code, error) = INVALID;
    reply.refused(status, code, error);
}

/// A world that takes the issuer's JWTs, with changes.
pub(crate) fn trusting(change: impl FnOnce(&mut Policy)) -> Policy {
    policy(|policy| {
        issuer::trust(policy);
        change(policy);
    })
}

/// What a sign-in needs: who, and until when.
pub(crate) fn ticket(client: &Client) -> Value {
    json!({ "sub": SUB, "exp": client.seconds() + 60 })
}

/// A ticket with one claim changed, or removed by null.
pub(crate) fn with(mut claims: Value, claim: &str, value: Value) -> Value {
    match value {
        Value::Null => drop(claims.as_object_mut().unwrap().remove(claim)),
        value => claims[claim] = value,
    }
    claims
}

pub(crate) fn sign_in_with(client: &mut Client, jwt: &str) -> Reply {
    let reply = client.post("externalAuth/signin", &json!({ "jwt": jwt }));
    client.keep(reply)
}

/// Somebody who came by an external JWT.
pub(crate) fn signed_in(policy: Policy) -> Client {
    let mut client = Client::new(policy);
    let jwt = issuer::sign(&ticket(&client));
    sign_in_with(&mut client, &jwt).ok(200);
    client
}

#[test]
fn a_jwt_of_the_app_opens_a_session() {
    let mut client = Client::new(trusting(|_| {}));
    let jwt = issuer::sign(&ticket(&client));
    let key = "02".to_owned() + &"ab".repeat(32);
    let body = json!({ "jwt": jwt, "sessionPublicKey": key });
    let reply = client.post("externalAuth/signin", &body);
    let body = client.keep(reply).ok(200);
    assert_eq!(keys(&body), ["expiresAt", "jwt", "minifiedJwt", "user"]);
    let user = &body["user"];
    assert_eq!((&user["newUser"], &user["scope"]), (&json!(true), &json!("user:basic")));
    let credential = &user["verifiedCredentials"][0];
    assert_eq!(
        *credential,
        json!({
            "id": credential["id"], "format": "externalUser", "public_identifier": SUB,
            "signInEnabled": true, "verifiedAt": "2030-01-01T12:00:00.000Z",
        })
    );
    let bearer = claims(client.bearer.as_ref().unwrap());
    assert_eq!(keys(&bearer["verifiedCredentialsHashes"]), ["externalUser"]);
    assert_eq!(bearer["session_public_key"], json!(key));
    assert_eq!(client.get("users").ok(200), *user);
    assert_eq!(client.world.user(SUB).unwrap().external_ids, [SUB]);

    // The same JWT opens another session of the same user: a sign-in spends nothing.
    let again = sign_in_with(&mut client, &jwt).ok(200);
    assert_eq!((&again["user"]["id"], &again["user"]["newUser"]), (&user["id"], &json!(false)));
    assert_ne!(again["user"]["sessionId"], user["sessionId"]);
    // Another subject is another user, whoever asks: a bearer beside the JWT is not looked at.
    let other = issuer::sign(&with(ticket(&client), "sub", json!("app-user-2")));
    assert_ne!(sign_in_with(&mut client, &other).ok(200)["user"]["id"], user["id"]);
    client.bearer = Some("nonsense".into());
    sign_in_with(&mut client, &jwt).ok(200);
}

#[test]
fn a_seeded_user_signs_in_by_external_id_and_owes_the_second_factor() {
    let mut client = Client::new(trusting(|_| {}));
    let external_id = Some(SUB.to_owned());
    let totp = SeededTotp::Enrolled;
    let seed = UserSeed { email: ALICE.into(), external_id, totp, ..UserSeed::default() };
    let id = client.world.create_user(seed).unwrap().id;
    let jwt = issuer::sign(&ticket(&client));
    let body = sign_in_with(&mut client, &jwt).ok(200);
    assert_eq!(body["user"]["id"], json!(id));
    assert_eq!(body["user"]["scope"], json!("requiresAdditionalAuth"));
    assert_eq!(body["user"]["email"], json!(ALICE));
    assert_eq!(client.world.user(SUB), client.world.user(ALICE));
}

#[test]
fn nothing_is_taken_where_no_issuer_is_trusted() {
    let mut client = Client::new(Policy::default());
    let jwt = issuer::sign(&ticket(&client));
    let before = client.state();
    invalid(&sign_in_with(&mut client, &jwt));
    client.stays(&before);
    assert_eq!(client.get("settings").ok(200)["security"].get("externalAuth"), None);
    client.world.set_policy(trusting(|_| {})).unwrap();
    sign_in_with(&mut client, &jwt).ok(200);
    // Keys alone do not switch it on.
    client.world.set_policy(trusting(|policy| policy.external_auth.enabled = false)).unwrap();
    invalid(&sign_in_with(&mut client, &jwt));
}

#[test]
fn who_and_until_when_are_needed() {
    let mut client = Client::new(trusting(|_| {}));
    let now = client.seconds();
    for (claim, value) in [
        ("sub", json!(null)),
        ("sub", json!("")),
        ("sub", json!(5)),
        ("sub", json!("x".repeat(256))),
        ("exp", json!(null)),
        ("exp", json!("tomorrow")),
        ("exp", json!(now)),
        ("exp", json!(0)),
        ("exp", json!(-1)),
        ("exp", json!(1e300)),
        ("nbf", json!(now + 1)),
        ("nbf", json!("now")),
    ] {
        let jwt = issuer::sign(&with(ticket(&client), claim, value.clone()));
        let before = client.state();
        invalid(&sign_in_with(&mut client, &jwt));
        client.stays(&before);
        let reason = client.world.journal().pop().unwrap().refusal.unwrap();
        assert_eq!(reason.rule, "E24", "{claim} {value}");
    }
    for (claim, value) in [
        ("sub", json!("x".repeat(255))),
        ("exp", json!(now + 1)),
        ("exp", json!(now as f64 + 0.5)),
        ("nbf", json!(now)),
        ("iat", json!(now + 1_000)),
        ("scope", json!("openid")),
    ] {
        let jwt = issuer::sign(&with(ticket(&client), claim, value));
        sign_in_with(&mut client, &jwt).ok(200);
    }
}

#[test]
fn it_ends_with_its_second_and_the_issuer_s_clock_may_be_wrong() {
    let mut client = Client::new(trusting(|_| {}));
    let jwt = issuer::sign(&ticket(&client));
    client.advance(59);
    sign_in_with(&mut client, &jwt).ok(200);
    client.advance(1);
    invalid(&sign_in_with(&mut client, &jwt));

    let skewed = || trusting(|policy| policy.external_auth.clock_skew_seconds = 30);
    let mut client = Client::new(skewed());
    let early = issuer::sign(&with(ticket(&client), "nbf", json!(client.seconds() + 31)));
    invalid(&sign_in_with(&mut client, &early));
    client.advance(1);
    sign_in_with(&mut client, &early).ok(200);
    client.advance(88);
    sign_in_with(&mut client, &early).ok(200);
    client.advance(1);
    invalid(&sign_in_with(&mut client, &early));
}

#[test]
fn issuer_and_audience_are_looked_at_where_they_are_set() {
    let mut client = Client::new(trusting(|policy| {
        policy.external_auth.issuer = Some("https://app.example".into());
        policy.external_auth.audience = Some("mobile".into());
    }));
    let good = json!({ "sub": SUB, "exp": client.seconds() + 60, "iss": "https://app.example",
        "aud": ["web", "mobile"] });
    for (claim, value) in [
        ("iss", json!(null)),
        ("iss", json!("https://app.example/")),
        ("iss", json!(["https://app.example"])),
        ("aud", json!(null)),
        ("aud", json!("web")),
        ("aud", json!([])),
        ("aud", json!("mobile web")),
        ("aud", json!({ "mobile": true })),
        ("aud", json!([1, "mobile"])),
    ] {
        let jwt = issuer::sign(&with(good.clone(), claim, value));
        let before = client.state();
        invalid(&sign_in_with(&mut client, &jwt));
        client.stays(&before);
    }
    sign_in_with(&mut client, &issuer::sign(&good)).ok(200);
    sign_in_with(&mut client, &issuer::sign(&with(good, "aud", json!("mobile")))).ok(200);
    let shown = &client.get("settings").ok(200)["security"]["externalAuth"];
    let expected = json!({ "enabled": true, "iss": "https://app.example", "aud": "mobile" });
    assert_eq!(*shown, expected);
}

#[test]
fn a_cookie_may_carry_it_where_one_is_named() {
    let ask = |client: &Client, cookie: &str, body: &'static str| {
        client.send("POST", "externalAuth/signin", &[("cookie", cookie)], body)
    };
    let client = Client::new(trusting(|_| {}));
    let jwt = issuer::sign(&ticket(&client));
    let cookie = format!("other=1; app_jwt={jwt}; app_jwt=second");
    let before = client.state();
    for body in ["{}", r#"{"jwt":""}"#, r#"{"jwt":null}"#] {
        invalid(&ask(&client, &cookie, body));
    }
    client.stays(&before);

    let named = |policy: &mut Policy| policy.external_auth.cookie_name = Some("app_jwt".into());
    client.world.set_policy(trusting(named)).unwrap();
    ask(&client, &cookie, "{}").ok(200);
    ask(&client, &cookie, r#"{"jwt":""}"#).ok(200);
    // A JWT in the body stands above it.
    invalid(&ask(&client, &cookie, r#"{"jwt":"nonsense"}"#));
    invalid(&ask(&client, "other=1; app_jwt=; app=x", "{}"));
    let shown = &client.get("settings").ok(200)["security"]["externalAuth"];
    assert_eq!(*shown, json!({ "enabled": true, "cookieName": "app_jwt" }));
    // It is a secret like the body's, so the journal masks it.
    let masked = format!("{:?}", client.world.journal_after(0, false));
    assert!(!masked.contains(&jwt));
}

#[test]
fn the_settings_are_checked_before_they_are_taken() {
    let client = Client::new(Policy::default());
    let before = client.state();
    let refused = |change: &dyn Fn(&mut Policy)| {
        let problem = client.refused_setting(trusting(change));
        (problem.field, problem.problem)
    };
    let twice = |policy: &mut Policy| {
        let first = policy.external_auth.jwks.keys[0].clone();
        policy.external_auth.jwks.keys.push(first);
    };
    let jwks = "externalAuth.jwks";
    assert_eq!(refused(&twice), (jwks, "keys[1]: its `kid` is that of another key".into()));
    let none = |policy: &mut Policy| policy.external_auth.jwks.keys.clear();
    let problem = "there is no key, so no signature could be genuine".to_owned();
    assert_eq!(refused(&none), (jwks, problem));
    let private = |policy: &mut Policy| policy.external_auth.jwks.keys[0].d = Some("AA".into());
    let problem = "keys[0]: it holds a private key; only the public half belongs here".to_owned();
    assert_eq!(refused(&private), (jwks, problem));
    let nameless = |policy: &mut Policy| policy.external_auth.jwks.keys[0].kid.clear();
    assert_eq!(refused(&nameless), (jwks, "keys[0]: its `kid` is not 1 to 255 bytes long".into()));
    let many = |policy: &mut Policy| {
        let first = policy.external_auth.jwks.keys[0].clone();
        policy.external_auth.jwks.keys = (0..17)
            .map(|number| mock_server::policy::Jwk { kid: number.to_string(), ..first.clone() })
            .collect();
    };
    assert_eq!(refused(&many), (jwks, "17 is not in 0..=16".into()));
    let skew = |policy: &mut Policy| policy.external_auth.clock_skew_seconds = 3_601;
    let field = "externalAuth.clockSkewSeconds";
    assert_eq!(refused(&skew), (field, "3601 is not in 0..=3600".into()));
    let blank = |policy: &mut Policy| policy.external_auth.issuer = Some(String::new());
    assert_eq!(refused(&blank), ("externalAuth.issuer", "0 is not in 1..=255".into()));
    let full = |policy: &mut Policy| policy.limits.assertions_max = 0;
    assert_eq!(refused(&full).0, "limits.assertionsMax");
    client.stays(&before);
}

#[test]
fn a_user_too_many_is_refused() {
    let mut client = Client::new(trusting(|policy| policy.limits.users_max = 1));
    client.sign_in(ALICE);
    let jwt = issuer::sign(&ticket(&client));
    let before = client.state();
    let reply = sign_in_with(&mut client, &jwt);
    let full = Some("sandbox_maximum_threshold_reached");
    reply.refused(429, full, "Sandbox maximum threshold reached");
    client.stays(&before);
}

#[test]
fn an_external_user_enrols_like_any_other() {
    let mut client = signed_in(trusting(|_| {}));
    let now = client.seconds();
    let assertion = json!({ "sub": SUB, "scope": "credential:link", "jti": "1", "exp": now + 60 });
    let jwt = issuer::sign(&assertion);
    let granted = client.post("externalAuth/verify", &json!({ "jwt": jwt })).ok(200);
    let token = text(&granted["elevatedAccessToken"]);
    client.register(&[]).wants_elevation();
    client.register(&[(ELEVATED, &token)]).ok(200);
    client.pass_totp(json!({}));
    assert!(client.get("users/mfa/methods").ok(200)["userHasVerifiedMfaMethods"] == json!(true));
}
