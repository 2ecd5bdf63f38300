//! Session MFA: who is asked at the start, what a session may do before, and how it ends.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, Noted, Stage, Token};
use crate::world::{Person, World};

use super::passkey::register;
use super::record;

const ALICE: Person = Person::named("alice@example.com");
const BOB: Person = Person::named("bob@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const ENROLLED: World = World::PLAIN.with(&[ALICE.with_totp(SECRET)]);
const SESSION: &[Guide] = &[Guide::SessionMfa];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "session/challenge-at-each-sign-in",
        title: "an enrolled user owes MFA again after signing out and in",
        proves: &["MFA-SES-001"],
        counter: Some("session/optional-asks-only-the-enrolled"),
        guides: &[Guide::SessionMfa, Guide::Totp],
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "auth.logout",
            "totp.auth",
            "mfa.missing",
        ],
        world: ENROLLED,
        play: challenge_at_each_sign_in,
    },
    Case {
        id: "session/a-passkey-is-asked-for-too",
        title: "a user whose only method is a passkey owes MFA at the next sign-in",
        proves: &["MFA-SES-001", "MFA-SES-002"],
        counter: Some("session/optional-asks-only-the-enrolled"),
        guides: &[Guide::SessionMfa, Guide::Passkey],
        needs: &[
            "passkey",
            "auth.email_start",
            "auth.email_verify",
            "auth.logout",
            "passkey.register",
            "mfa.missing",
        ],
        world: World::LEGACY.with(&[ALICE]),
        play: a_passkey_is_asked_for,
    },
    Case {
        id: "session/optional-asks-only-the-enrolled",
        title: "where MFA is optional, only a user with a verified method owes it",
        proves: &["MFA-SES-002"],
        counter: None,
        guides: &[Guide::SessionMfa, Guide::AccountBased],
        needs: &["auth.email_start", "auth.email_verify", "auth.logout", "mfa.missing"],
        world: World::PLAIN.with(&[ALICE.with_totp(SECRET), BOB]),
        play: optional_asks_only_the_enrolled,
    },
    Case {
        id: "session/required-asks-everybody",
        title: "where MFA is required, a new user owes it until a device is enrolled",
        proves: &["MFA-SES-003"],
        counter: Some("session/optional-asks-only-the-enrolled"),
        guides: &[Guide::SessionMfa, Guide::AccountBased],
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "totp.register",
            "totp.auth",
            "mfa.missing",
        ],
        world: World::MFA_REQUIRED,
        play: required_asks_everybody,
    },
    Case {
        id: "session/logout-ends-both-sides",
        title: "after a logout the SDK holds nothing and the old bearer opens nothing",
        proves: &["MFA-SES-004"],
        counter: Some("session/restart-restores"),
        guides: SESSION,
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "auth.logout",
            "totp.auth",
            "stepup.peek",
        ],
        world: ENROLLED,
        play: logout_ends_both_sides,
    },
    Case {
        id: "session/refresh-keeps-what-was-done",
        title: "refreshing after MFA keeps the session and its MFA",
        proves: &["MFA-SES-005"],
        counter: None,
        guides: SESSION,
        needs: &["auth.email_start", "auth.email_verify", "auth.refresh", "totp.auth"],
        world: ENROLLED,
        play: refresh_keeps_what_was_done,
    },
    Case {
        id: "session/refresh-keeps-what-is-owed",
        title: "refreshing before MFA does not forgive it",
        proves: &["MFA-SES-005"],
        counter: Some("session/refresh-keeps-what-was-done"),
        guides: SESSION,
        needs: &["auth.email_start", "auth.email_verify", "auth.refresh"],
        world: ENROLLED,
        play: refresh_keeps_what_is_owed,
    },
    Case {
        id: "session/restart-restores",
        title: "a new SDK object over the same storage is signed in with the same tokens",
        proves: &["MFA-SES-006"],
        counter: None,
        guides: SESSION,
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "totp.auth",
            "stepup.peek",
            "device.list",
            "client.restart",
        ],
        world: ENROLLED,
        play: restart_restores,
    },
    Case {
        id: "session/ends-in-the-sdk",
        title: "when a session's time is over, the SDK presents nobody as signed in",
        proves: &["MFA-SES-007", "MFA-SES-062"],
        counter: Some("session/restart-restores"),
        guides: SESSION,
        needs: &["auth.email_start", "auth.email_verify"],
        world: World::PLAIN.with(&[ALICE]).set(&[("session.lifeSeconds", "1")]),
        play: ends_in_the_sdk,
    },
    Case {
        id: "session/ends-at-the-service",
        title: "a session that the service considers over is refused, and the SDK says so",
        proves: &["MFA-SES-007"],
        counter: Some("session/restart-restores"),
        guides: SESSION,
        needs: &["auth.email_start", "auth.email_verify", "user.get"],
        world: World::PLAIN.with(&[ALICE]),
        play: ends_at_the_service,
    },
];

/// Expects that MFA is owed or not, by the SDK's own two answers.
fn expect_owed(stage: &mut Stage, owed: bool) -> Result<(), Halt> {
    stage.act("mfa.missing", json!({})).expect_field("/missing", owed)?;
    stage.act("state.get", json!({})).expect_field("/mfa_pending", owed)
}

fn served_scope(stage: &Stage) -> Result<String, Halt> {
    let scope = stage.wire().last("signInWithEmailVerification")?.answer("/user/scope");
    Ok(scope.as_str().unwrap_or_default().to_owned())
}

fn challenge_at_each_sign_in(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    expect_owed(stage, true)?;
    stage.pass_mfa(SECRET)?;
    expect_owed(stage, false)?;
    stage.act("auth.logout", json!({})).ready()?;
    stage.sign_in(ALICE.email)?;
    expect_owed(stage, true)?;
    stage.expect_equal(
        "scope of the second sign-in",
        "requiresAdditionalAuth",
        served_scope(stage)?,
    )
}

fn a_passkey_is_asked_for(stage: &mut Stage) -> Result<(), Halt> {
    register(stage, false)?;
    stage.act("auth.logout", json!({})).ready()?;
    stage.sign_in(ALICE.email)?;
    expect_owed(stage, true)?;
    stage.expect_equal("scope with a passkey", "requiresAdditionalAuth", served_scope(stage)?)
}

fn optional_asks_only_the_enrolled(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(BOB.email)?;
    expect_owed(stage, false)?;
    stage.expect_equal("scope without a method", "user:basic", served_scope(stage)?)?;
    stage.act("auth.logout", json!({})).ready()?;
    stage.sign_in(ALICE.email)?;
    expect_owed(stage, true)?;
    stage.expect_equal("scope with a method", "requiresAdditionalAuth", served_scope(stage)?)
}

fn required_asks_everybody(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    expect_owed(stage, true)?;
    stage.expect_equal("scope of a new user", "requiresAdditionalAuth", served_scope(stage)?)?;
    stage.enrol_unacknowledged()?;
    expect_owed(stage, false)?;
    let scope = stage.wire().last("authMfaTotpDevice")?.answer("/user/scope");
    let text = scope.as_str().unwrap_or_default();
    let gone = !text.contains("requiresAdditionalAuth");
    stage.expect("scope after enrolling", "no requiresAdditionalAuth", text, gone)
}

fn logout_ends_both_sides(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let code = stage.next_code(SECRET)?;
    let proof = json!({ "code": code, "scopes": ["credential:unlink"],
        "mfa_token": { "single_use": false } });
    stage.act("totp.auth", proof).ready()?;
    let bearer = stage.bearer()?;
    let before = stage.raw("GET", "users").bearer(&bearer).send()?;
    before.expect_status(200)?;

    let ended = stage.act("auth.logout", json!({}));
    ended.ok()?;
    ended.wire().exactly(1, "revokeSession")?;
    let state = stage.act("state.get", json!({}));
    state.expect_field("/authenticated", false).noted()?;
    for field in ["/user_id", "/token", "/mfa_token"] {
        state.expect_field(field, Value::Null).noted()?;
    }
    let held = stage.act("stepup.peek", json!({ "scope": "credential:unlink" }));
    held.expect_field("/token", Value::Null).noted()?;

    stage.raw("GET", "users").bearer(&bearer).send()?.expect_status(401)?;
    let sessions = record::of(stage, ALICE.email, "/sessions")?;
    stage.expect_equal("sessions at the service", json!([]), sessions)
}

/// The session token in the last answer of an operation.
fn served_token(stage: &Stage, operation: &str) -> Result<Token, Halt> {
    let token = stage.wire().last(operation)?.answer("/minifiedJwt");
    let token = Token::decode(token.as_str().unwrap_or_default());
    token.map_err(|problem| Halt::Blocked(format!("the token of {operation}: {problem}")))
}

fn refreshed(stage: &mut Stage) -> Result<Token, Halt> {
    stage.act("auth.refresh", json!({})).ready()?;
    served_token(stage, "refreshAuth")
}

fn refresh_keeps_what_was_done(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.pass_mfa(SECRET)?;
    let before = served_token(stage, "authMfaTotpDevice")?;
    stage.advance(60)?;
    let after = refreshed(stage)?;
    stage.expect_equal("sid", before.claim("sid"), after.claim("sid"))?;
    stage.expect_equal("scope", before.claim("scope"), after.claim("scope"))?;
    let longer = after.exp() > before.exp();
    stage.expect("exp", "later than before", after.exp(), longer)?;
    stage.act("state.get", json!({})).expect_field("/mfa_pending", false)
}

fn refresh_keeps_what_is_owed(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let before = served_token(stage, "signInWithEmailVerification")?;
    let after = refreshed(stage)?;
    stage.expect_equal("sid", before.claim("sid"), after.claim("sid"))?;
    stage.expect_equal("scope", "requiresAdditionalAuth", after.claim("scope"))?;
    stage.act("state.get", json!({})).expect_field("/mfa_pending", true)
}

fn restart_restores(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let code = stage.next_code(SECRET)?;
    let proof = json!({ "code": code, "scopes": ["credential:unlink"],
        "mfa_token": { "single_use": false } });
    stage.act("totp.auth", proof).ready()?;
    let before = stage.state()?;
    let scope = json!({ "scope": "credential:unlink" });
    let elevated = record::at(&stage.act("stepup.peek", scope.clone()).ready()?, "/token");

    let restarted = stage.act("client.restart", json!({}));
    restarted.ok()?;
    for operation in ["createEmailVerification", "authMfaTotpDevice", "refreshAuth"] {
        restarted.wire().never(operation)?;
    }
    let state = stage.act("state.get", json!({}));
    for field in ["authenticated", "user_id", "scopes", "mfa_pending", "token", "mfa_token"] {
        state
            .expect_field(&format!("/{field}"), record::at(&before, &format!("/{field}")))
            .noted()?;
    }
    stage.act("stepup.peek", scope).expect_field("/token", elevated).noted()?;
    let listed = stage.act("device.list", json!({}));
    listed.ok()?;
    let bearer = format!("Bearer {}", record::text(&before, "/token")?);
    listed.wire().last("getUserMfaDevices")?.expect_header("authorization", &bearer)
}

/// The SDK's clock cannot be moved, so the session ends within its next second and a half.
fn ends_in_the_sdk(stage: &mut Stage) -> Result<(), Halt> {
    stage.act("auth.email_start", json!({ "email": ALICE.email })).ready()?;
    let code = stage.mail_code(ALICE.email)?;
    let end = stage.soon();
    stage.hold_clock_at(end - SignedDuration::from_secs(1))?;
    let verified = stage.act("auth.email_verify", json!({ "code": code }));
    verified.ready()?;
    let served = verified.wire().last("signInWithEmailVerification")?.answer("/expiresAt");
    stage.expect_equal("the session's end", end.as_second(), served)?;

    stage.wait_for_sdk_time(end)?;
    stage.proving("MFA-SES-007");
    let state = stage.act("state.get", json!({}));
    state.expect_field("/authenticated", false)?;
    state.expect_field("/token", Value::Null)?;
    // An SDK without timers notices at its next call.
    stage.proving("MFA-SES-062");
    stage.act("auth.email_start", json!({ "email": ALICE.email })).ready()?;
    stage.wire().exactly(1, "revokeSession")?;
    let told = stage.wire().last("revokeSession")?;
    told.expect_header("x-dyn-logout-reason", "token-expired")
}

/// Only the service's clock goes on, so the SDK still believes in the session.
fn ends_at_the_service(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.act("user.get", json!({})).ok()?;
    stage.advance(2 * 3_600)?;
    let refused = stage.act("user.get", json!({}));
    refused.expect_server_error(401, &[])?;
    let seen = refused.wire().last("getAuthenticatedUser")?;
    seen.expect_status(401)?;
    let bearer = seen.header("authorization").map(str::to_owned);
    let raw = stage.raw("GET", "users").header("authorization", &bearer.unwrap_or_default());
    raw.send()?.expect_status(401)
}
