//! JWTs, session scopes, and legacy MFA tokens.

use mock_server::policy::{Enrollment, Policy};
use mock_server::{SeededTotp, SettingsError, UserSeed};
use serde_json::{Value, json};

use crate::client::{ALICE, Client, MFA_TOKEN, WORLD, claims, keys, legacy, policy, text};

mod partial;
mod seen;

const REQUIRED: [&str; 9] = [
    "aud",
    "environment_id",
    "exp",
    "iat",
    "iss",
    "kid",
    "last_verified_credential_id",
    "sid",
    "sub",
];

fn sign_in_as(client: &mut Client, headers: &[(&str, &str)], more: &Value) -> Value {
    let (id, code) = client.mail(ALICE);
    let mut body = json!({ "verificationUUID": id, "verificationToken": code });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let reply = client.send("POST", "emailVerifications/signin", headers, body.to_string());
    client.keep(reply).ok(200)
}

#[test]
fn the_claims_say_who_where_and_until_when() {
    let mut client = Client::new(Policy::default());
    let body = sign_in_as(&mut client, &[], &json!({}));
    let user = &body["user"];
    for name in ["jwt", "minifiedJwt"] {
        let claims = claims(&text(&body[name]));
        for claim in REQUIRED {
            assert!(claims.get(claim).is_some(), "{name} lacks {claim}");
        }
        assert_eq!((&claims["sub"], &claims["sid"]), (&user["id"], &user["sessionId"]));
        assert_eq!(claims["environment_id"], json!(WORLD));
        assert_eq!(claims["iss"], json!(format!("app.dynamicauth.com/{WORLD}")));
        assert_eq!(claims["aud"], json!("http://localhost"));
        assert_eq!(claims["iat"], json!(client.seconds()));
        assert_eq!(claims["exp"], json!(client.seconds() + 7_200));
        assert_eq!(claims["kid"], json!(fixtures::keys::KEY_ID));
        assert_eq!((&claims["scope"], &claims["email"]), (&json!("user:basic"), &json!(ALICE)));
        let credential = &user["verifiedCredentials"][0]["id"];
        assert_eq!(claims["signin_credential_id"], *credential);
        assert_eq!(claims["last_verified_credential_id"], *credential);
        assert_eq!(claims.get("session_public_key"), None);
        assert_eq!(claims.get("sdkVersion"), None);
    }
    let full = claims(&text(&body["jwt"]));
    assert_eq!((&full["missing_fields"], &full["lists"]), (&json!([]), &json!([])));
    assert_eq!(full["verified_credentials"], user["verifiedCredentials"]);
    assert_eq!((&full["first_visit"], &full["new_user"]), (&user["firstVisit"], &json!(true)));
}

#[test]
fn the_client_names_its_origin_version_and_key() {
    let key = "02".to_owned() + &"ab".repeat(32);
    let headers = [
        ("origin", "https://app.example.com"),
        ("x-dyn-version", "ClientSDK/1.27.1"),
        ("x-dyn-session-public-key", key.as_str()),
    ];
    let mut client =
        Client::new(policy(|policy| policy.session.issuer_host = "api.example".into()));
    let body = sign_in_as(&mut client, &headers, &json!({}));
    for name in ["jwt", "minifiedJwt"] {
        let claims = claims(&text(&body[name]));
        assert_eq!(claims["aud"], json!("https://app.example.com"));
        assert_eq!(claims["sdkVersion"], json!("ClientSDK/1.27.1"));
        assert_eq!(claims["session_public_key"], json!(key));
        assert_eq!(claims["iss"], json!(format!("api.example/{WORLD}")));
    }
    // A later answer of the session still says who opened it, whoever asks.
    let other = [("origin", "https://evil.example")];
    let refreshed = client.send("POST", "refresh", &other, "").ok(200);
    let refreshed = claims(&text(&refreshed["minifiedJwt"]));
    assert_eq!(refreshed["aud"], json!("https://app.example.com"));
    // The key in the body stands above the one in the headers.
    let body = sign_in_as(&mut client, &headers, &json!({ "sessionPublicKey": "03cd" }));
    assert_eq!(claims(&text(&body["minifiedJwt"]))["session_public_key"], json!("03cd"));
    // What is too long for a header of that kind is left out.
    let long = "x".repeat(256);
    let body = sign_in_as(&mut client, &[("x-dyn-version", &long)], &json!({}));
    assert_eq!(claims(&text(&body["minifiedJwt"])).get("sdkVersion"), None);
}

#[test]
fn the_life_of_a_session_can_be_set_up_to_thirty_days() {
    for life in [1, 60, 30 * 86_400] {
        let client = Client::signed_in(policy(|policy| policy.session.life_seconds = life));
        assert_eq!(
            claims(client.bearer.as_ref().unwrap())["exp"],
            json!(client.seconds() + u64::from(life))
        );
        client.advance(i64::from(life) - 1);
        client.get("users").ok(200);
        client.advance(1);
        client.get("users").unauthorized();
    }
    let client = Client::new(Policy::default());
    for life in [0, 30 * 86_400 + 1] {
        let refused = client.world.set_policy(policy(|policy| policy.session.life_seconds = life));
        let Err(SettingsError::Policy(refused)) = refused else { panic!("{refused:?}") };
        assert_eq!(refused.field, "session.lifeSeconds");
    }
}

/// The scope of a session right after the sign-in.
fn scope_at_sign_in(policy: Policy, totp: SeededTotp) -> String {
    let mut client = Client::new(policy);
    let seed = UserSeed { email: ALICE.into(), totp, ..Default::default() };
    client.world.create_user(seed).unwrap();
    let body = client.sign_in(ALICE);
    let scope = text(&body["user"]["scope"]);
    assert_eq!(claims(&text(&body["jwt"]))["scope"], json!(scope));
    assert_eq!(claims(&text(&body["minifiedJwt"]))["scope"], json!(scope));
    scope
}

#[test]
fn who_owes_a_second_factor() {
    const BASIC: &str = "user:basic";
    const OWES: &str = "requiresAdditionalAuth";
    let rows = [
        // session MFA, enrolment, scope with a confirmed device, scope without one
        (true, Enrollment::None, OWES, BASIC),
        (true, Enrollment::Signup, OWES, OWES),
        (true, Enrollment::Action, OWES, BASIC),
        (false, Enrollment::None, BASIC, BASIC),
        (false, Enrollment::Signup, BASIC, OWES),
        (false, Enrollment::Action, BASIC, BASIC),
    ];
    for (enabled, enrollment, with, without) in rows {
        let world = || {
            policy(|policy| {
                policy.mfa.enabled = enabled;
                policy.mfa.enrollment = enrollment;
            })
        };
        let row = format!("{enabled} {enrollment:?}");
        assert_eq!(scope_at_sign_in(world(), SeededTotp::Enrolled), with, "{row}");
        assert_eq!(scope_at_sign_in(world(), SeededTotp::None), without, "{row}");
        assert_eq!(scope_at_sign_in(world(), SeededTotp::Pending), without, "{row}");
    }
}

#[test]
fn user_basic_stands_beside_the_debt_only_if_that_is_set() {
    let beside = policy(|policy| policy.session.basic_while_pending = true);
    let scope = scope_at_sign_in(beside, SeededTotp::Enrolled);
    assert_eq!(scope, "user:basic requiresAdditionalAuth");
    // Codes that nobody acknowledged withhold it in either case.
    let mut client = Client::new(policy(|policy| policy.session.basic_while_pending = true));
    let seed = UserSeed {
        email: ALICE.into(),
        totp: SeededTotp::Enrolled,
        recovery_codes_pending: true,
        ..Default::default()
    };
    client.world.create_user(seed).unwrap();
    assert_eq!(client.sign_in(ALICE)["user"]["scope"], json!("requiresAdditionalAuth"));
}

#[test]
fn settings_that_change_show_in_the_next_answer() {
    let client = Client::challenged(Policy::default());
    assert_eq!(client.scope(), "requiresAdditionalAuth");
    client.world.set_policy(policy(|policy| policy.mfa.enabled = false)).unwrap();
    assert_eq!(client.scope(), "user:basic");
    let refreshed = client.send("POST", "refresh", &[], "").ok(200);
    assert_eq!(claims(&text(&refreshed["minifiedJwt"]))["scope"], json!("user:basic"));
}

#[test]
fn an_mfa_token_comes_when_asked_for() {
    for (bytes, length) in [(16, 22), (32, 43), (64, 86)] {
        let mut client = Client::challenged(policy(|policy| policy.mfa_tokens.bytes = bytes));
        assert_eq!(client.pass_totp(json!({})).get("mfaToken"), None);
        let token = client.mfa_token(true);
        assert_eq!(token.len(), length);
        assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
        assert_ne!(token, client.mfa_token(true));
        // What could be presented is nowhere in a snapshot.
        assert!(!client.world.snapshot().to_string().contains(&token));
    }
    let mut client = Client::challenged(Policy::default());
    let wishes = json!({
        "createMfaToken": { "singleUse": false }, "requestedScopes": ["wallet:sign"],
    });
    let six = ["elevatedAccessToken", "expiresAt", "jwt", "mfaToken", "minifiedJwt", "user"];
    assert_eq!(keys(&client.pass_totp(wishes)), six);
}

#[test]
fn an_mfa_token_lives_as_long_as_its_session_or_as_set() {
    let delete = |client: &Client, token: &str| {
        client.delete(&format!("users/mfa/{}", client.device()), &[(MFA_TOKEN, token)])
    };
    let mut client = Client::challenged(legacy(|_| {}));
    let token = client.mfa_token(false);
    // A refreshed session carries its tokens on, past its first end.
    for _ in 0..3 {
        client.advance(7_000);
        let reply = client.send("POST", "refresh", &[], "");
        client.keep(reply).ok(200);
    }
    delete(&client, &token).ok(204);

    for (wait, status) in [(59, 204), (60, 401)] {
        let short = legacy(|policy| policy.mfa_tokens.life_seconds = Some(60));
        let mut client = Client::challenged(short);
        let token = client.mfa_token(false);
        client.advance(wait - 30);
        assert_eq!(delete(&client, &token).status, status, "{wait}");
    }
}

#[test]
fn the_oldest_mfa_token_gives_way() {
    let mut client =
        Client::challenged(legacy(|policy| policy.limits.mfa_tokens_per_session_max = 2));
    let tokens: Vec<String> = (0..3).map(|_| client.mfa_token(false)).collect();
    let path = format!("users/mfa/{}", client.device());
    client.delete(&path, &[(MFA_TOKEN, &tokens[0])]).refused(401, None, "Invalid MFA token");
    client.delete(&path, &[(MFA_TOKEN, &tokens[1])]).ok(204);
}
