//! Session tokens as the SDK gets, shows and sends them.

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, Noted, Stage, Token};
use crate::world::{Person, World};

use super::raw_session::{prepared, text_of};
use super::record;

const ALICE: Person = Person::named("alice@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const ENROLLED: World = World::PLAIN.with(&[ALICE.with_totp(SECRET)]);
const SESSION: &[Guide] = &[Guide::SessionMfa];
/// The scope of a session that owes MFA.
const OWED: &str = "requiresAdditionalAuth";

pub(super) const CASES: &[Case] = &[
    Case {
        id: "jwt/verifies-with-the-published-key",
        title: "the bearer that the SDK got verifies as RS256 with the one published key",
        proves: &["MFA-JWT-001"],
        counter: None,
        guides: SESSION,
        needs: &["auth.email_start", "auth.email_verify"],
        world: World::PLAIN,
        play: verifies_with_the_published_key,
    },
    Case {
        id: "jwt/names-user-session-and-environment",
        title: "every required claim is there, and names the session that was opened",
        proves: &["MFA-JWT-002"],
        counter: None,
        guides: SESSION,
        needs: &["auth.email_start", "auth.email_verify"],
        world: World::PLAIN,
        play: required_claims,
    },
    Case {
        id: "jwt/minified-token-is-the-bearer",
        title: "of the two tokens of a sign-in the SDK sends the minified one",
        proves: &["MFA-JWT-003"],
        counter: None,
        guides: SESSION,
        needs: &["auth.email_start", "auth.email_verify", "device.list", "user.get"],
        world: World::PLAIN,
        play: minified_token_is_the_bearer,
    },
    Case {
        id: "jwt/scopes-are-one-text",
        title: "two scopes come in one text, and the SDK reads both of them",
        proves: &["MFA-JWT-004"],
        counter: None,
        guides: SESSION,
        needs: &["auth.email_start", "auth.email_verify", "mfa.missing"],
        // No documented world has a session with two scopes; this switch makes one.
        world: World::PLAIN
            .set(&[("session.basicWhilePending", "true")])
            .with(&[ALICE.with_totp(SECRET)]),
        play: scopes_are_one_text,
    },
    Case {
        id: "jwt/additional-auth-until-mfa",
        title: "the session owes MFA in token, user and SDK, until it is done",
        proves: &["MFA-JWT-008"],
        counter: Some("session/optional-asks-only-the-enrolled"),
        guides: &[Guide::SessionMfa, Guide::Totp, Guide::AccountBased],
        needs: &["auth.email_start", "auth.email_verify", "totp.auth", "mfa.missing"],
        world: ENROLLED,
        play: additional_auth_until_mfa,
    },
    Case {
        id: "jwt/basic-scope-only-after-mfa",
        title: "`user:basic` appears when MFA is done, never beside `requiresAdditionalAuth`",
        proves: &["MFA-JWT-010"],
        counter: None,
        guides: SESSION,
        needs: &["auth.email_start", "auth.email_verify", "totp.auth"],
        world: ENROLLED,
        play: basic_scope_only_after_mfa,
    },
    Case {
        id: "jwt/refused-code-changes-nothing",
        title: "after a refused code the session still owes MFA and keeps its token",
        proves: &["MFA-JWT-008"],
        counter: Some("jwt/additional-auth-until-mfa"),
        guides: &[Guide::SessionMfa, Guide::Totp],
        needs: &["auth.email_start", "auth.email_verify", "totp.auth", "mfa.missing"],
        world: ENROLLED,
        play: refused_code_changes_nothing,
    },
    Case {
        id: "jwt/new-bearer-after-the-upgrade",
        title: "every request after the upgrade carries the token of that answer",
        proves: &["MFA-JWT-009"],
        counter: None,
        guides: &[Guide::SessionMfa, Guide::Totp],
        needs: &["auth.email_start", "auth.email_verify", "totp.auth", "device.list", "user.get"],
        world: ENROLLED,
        play: new_bearer_after_the_upgrade,
    },
];

/// What the last answer of an operation carries as the bearer.
fn served(stage: &Stage, operation: &str) -> Result<String, Halt> {
    let token = stage.wire().last(operation)?.answer("/minifiedJwt");
    text_of(&token, "/minifiedJwt")
}

fn decoded(token: &str) -> Result<Token, Halt> {
    Token::decode(token).map_err(|problem| Halt::Blocked(format!("the bearer: {problem}")))
}

/// The claims of a token, if its RS256 signature is that of the key of this set.
fn verified(token: &str, keys: &Value) -> Result<Value, String> {
    let keys: JwkSet = serde_json::from_value(keys.clone()).map_err(|error| error.to_string())?;
    let header = jsonwebtoken::decode_header(token).map_err(|error| error.to_string())?;
    let kid = header.kid.ok_or("the token names no key")?;
    let key = keys.find(&kid).ok_or_else(|| format!("no key is called {kid}"))?;
    let key = DecodingKey::from_jwk(key).map_err(|error| error.to_string())?;
    let mut validation = Validation::new(Algorithm::RS256);
    validation.validate_exp = false;
    validation.validate_aud = false;
    let opened = jsonwebtoken::decode::<Value>(token, &key, &validation);
    opened.map(|opened| opened.claims).map_err(|error| error.to_string())
}

fn verifies_with_the_published_key(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let token = served(stage, "signInWithEmailVerification")?;
    for path in [".well-known/jwks", ".well-known/jwks.json"] {
        let keys = prepared(stage.raw("GET", path))?.body;
        let count = record::at(&keys, "/keys").as_array().map_or(0, Vec::len);
        stage.expect_equal(&format!("keys at {path}"), 1, count)?;
        let opened = verified(&token, &keys);
        let got =
            opened.as_ref().map_or_else(|why| json!(why), |claims| record::at(claims, "/sub"));
        let user = record::of(stage, ALICE.email, "/id")?;
        stage.expect(
            &format!("the bearer with the key at {path}"),
            "verifies",
            got.clone(),
            got == user,
        )?;
    }
    let alg = record::at(&decoded(&token)?.header, "/alg");
    stage.expect_equal("alg", "RS256", alg)?;
    // The same check must be able to say no.
    let keys = prepared(stage.raw("GET", ".well-known/jwks"))?.body;
    let (head, signature) = token.rsplit_once('.').unwrap_or_default();
    let forged = format!("{head}.{}", signature.chars().rev().collect::<String>());
    let refused = verified(&forged, &keys).is_err();
    stage.expect("a signature turned round", "does not verify", refused, refused)
}

fn required_claims(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let token = decoded(&served(stage, "signInWithEmailVerification")?)?;
    let required =
        ["aud", "iss", "sub", "sid", "environment_id", "last_verified_credential_id", "kid"];
    for name in required {
        let claim = token.claim(name);
        let filled = claim.as_str().is_some_and(|text| !text.is_empty());
        stage.note(name, "a text that is not empty", claim, filled)?;
    }
    let user = stage.user(ALICE.email)?;
    stage.expect_equal("sub", record::at(&user, "/id"), token.claim("sub")).noted()?;
    stage.expect_equal("sid", record::at(&user, "/sessions/0"), token.claim("sid")).noted()?;
    let environment = stage.environment();
    stage
        .expect_equal("environment_id", environment.clone(), token.claim("environment_id"))
        .noted()?;
    let issuer = token.claim("iss");
    let names_it = issuer.as_str().is_some_and(|text| text.contains(&environment));
    stage.note("iss", "names the environment", issuer, names_it)?;
    stage.expect_equal("kid", record::at(&token.header, "/kid"), token.claim("kid"))
}

fn minified_token_is_the_bearer(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let answer = stage.wire().last("signInWithEmailVerification")?;
    let (minified, full) = (answer.answer("/minifiedJwt"), answer.answer("/jwt"));
    let two = minified.is_string() && full.is_string() && minified != full;
    stage.expect("tokens of the sign-in", "two that differ", two, two)?;
    let bearer = format!("Bearer {}", minified.as_str().unwrap_or_default());
    for (op, operation) in
        [("device.list", "getUserMfaDevices"), ("user.get", "getAuthenticatedUser")]
    {
        let called = stage.act(op, json!({}));
        called.ok()?;
        called.wire().last(operation)?.expect_header("authorization", &bearer)?;
    }
    stage.act("state.get", json!({})).expect_field("/token", minified)
}

fn scopes_are_one_text(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let scope = decoded(&served(stage, "signInWithEmailVerification")?)?.claim("scope");
    let text = scope.as_str().unwrap_or_default();
    let words: Vec<&str> = text.split(' ').collect();
    let tidy = words.len() == 2 && words.iter().all(|word| !word.is_empty());
    stage.expect("scope of the token", "two words and one space", text, tidy)?;
    let state = stage.act("state.get", json!({}));
    state.expect_field("/scopes", json!(words))?;
    state.expect_field("/mfa_pending", true)?;
    stage.act("mfa.missing", json!({})).expect_field("/missing", true)
}

fn words(scope: &Value) -> Vec<&str> {
    scope.as_str().unwrap_or_default().split_whitespace().collect()
}

/// What the last answer of an operation says of its scopes: in the token, and in the user.
fn scopes_served(stage: &Stage, operation: &str) -> Result<(Value, Value), Halt> {
    let token = decoded(&served(stage, operation)?)?.claim("scope");
    Ok((token, stage.wire().last(operation)?.answer("/user/scope")))
}

/// Expects that token and user of the last answer say whether MFA is owed, and that the SDK does.
fn expect_owed(stage: &mut Stage, operation: &str, owed: bool) -> Result<(), Halt> {
    let (token, user) = scopes_served(stage, operation)?;
    for (place, scope) in [("token", token), ("user", user)] {
        let found = words(&scope).contains(&OWED);
        stage.expect_equal(&format!("{OWED} in the {place} of {operation}"), owed, found)?;
    }
    stage.act("mfa.missing", json!({})).expect_field("/missing", owed)?;
    stage.act("state.get", json!({})).expect_field("/mfa_pending", owed)
}

fn additional_auth_until_mfa(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    expect_owed(stage, "signInWithEmailVerification", true)?;
    stage.pass_mfa(SECRET)?;
    expect_owed(stage, "authMfaTotpDevice", false)
}

fn basic_scope_only_after_mfa(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.pass_mfa(SECRET)?;
    for (operation, basic) in [("signInWithEmailVerification", false), ("authMfaTotpDevice", true)]
    {
        let (token, user) = scopes_served(stage, operation)?;
        for (place, scope) in [("token", token), ("user", user)] {
            let words = words(&scope);
            let what = format!("scope in the {place} of {operation}");
            let expected = if basic { "user:basic" } else { "no user:basic" };
            let holds = words.contains(&"user:basic") == basic && words.contains(&OWED) != basic;
            stage.note(&what, expected, scope.clone(), holds)?;
        }
    }
    Ok(())
}

fn refused_code_changes_nothing(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let bearer = stage.bearer()?;
    let code = stage.wrong_code(SECRET)?;
    let refused = stage.act("totp.auth", json!({ "code": code }));
    refused.err()?;
    refused.wire().last("authMfaTotpDevice")?.expect_status(422)?;
    stage.act("mfa.missing", json!({})).expect_field("/missing", true)?;
    let state = stage.act("state.get", json!({}));
    state.expect_field("/mfa_pending", true)?;
    state.expect_field("/token", bearer)
}

fn new_bearer_after_the_upgrade(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let before = served(stage, "signInWithEmailVerification")?;
    let code = stage.next_code(SECRET)?;
    let passed = stage.act("totp.auth", json!({ "code": code }));
    passed.ready()?;
    let upgrade = passed.wire().last("authMfaTotpDevice")?;
    upgrade.expect_header("authorization", &format!("Bearer {before}"))?;
    let after = text_of(&upgrade.answer("/minifiedJwt"), "/minifiedJwt")?;
    stage.expect("the token of the upgrade", "another one", after != before, after != before)?;
    let bearer = format!("Bearer {after}");
    for (op, operation) in
        [("device.list", "getUserMfaDevices"), ("user.get", "getAuthenticatedUser")]
    {
        let called = stage.act(op, json!({}));
        called.wire().last(operation)?.expect_header("authorization", &bearer).noted()?;
    }
    stage.act("state.get", json!({})).expect_field("/token", after)
}
