//! Elevated access tokens in the SDK's hands: asked for, held, sent, forgotten.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::service::{Effect, Fault};
use crate::stage::{Halt, Noted, Stage, Token};
use crate::world::{Person, World};

use super::raw_session::{ELEVATED, text_of};
use super::record;

const ALICE: Person = Person::named("alice@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const NEWCOMER: World = World::PLAIN.with(&[ALICE]);
const ENROLLED: World =
    World::PLAIN.with(&[ALICE.with_totp(SECRET).with_recovery(&["RECOVERONE"])]);

pub(super) const CASES: &[Case] = &[
    Case {
        id: "elevated/scopes-travel-and-the-token-is-held",
        title: "requested scopes go out as asked, and the token is at hand for them and no other",
        proves: &["MFA-STEP-005"],
        counter: None,
        guides: &[Guide::StepUp, Guide::Totp],
        needs: &["auth.email_start", "auth.email_verify", "totp.auth", "stepup.peek"],
        world: ENROLLED,
        play: scopes_travel,
    },
    Case {
        id: "elevated/recovery-code-earns-scopes",
        title: "requested scopes also go out with a recovery code and earn a token",
        proves: &["MFA-STEP-005"],
        counter: None,
        guides: &[Guide::StepUp, Guide::RecoveryCodes],
        needs: &["auth.email_start", "auth.email_verify", "recovery.auth", "stepup.peek"],
        world: ENROLLED,
        play: recovery_code_earns_scopes,
    },
    Case {
        id: "elevated/goes-beside-the-bearer",
        title: "deleting a device sends the elevated token beside the session's own bearer",
        proves: &["MFA-STEP-008"],
        counter: None,
        guides: &[Guide::StepUp, Guide::DeviceManagement],
        needs: &["auth.email_start", "auth.email_verify", "totp.auth", "device.delete"],
        world: ENROLLED,
        play: goes_beside_the_bearer,
    },
    Case {
        id: "elevated/single-use-is-taken-once",
        title: "a single-use token can be looked at, and taken once",
        proves: &["MFA-STEP-009"],
        counter: Some("elevated/time-bound-serves-again"),
        guides: &[Guide::StepUp],
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "totp.auth",
            "stepup.peek",
            "stepup.take",
        ],
        world: ENROLLED,
        play: single_use_is_taken_once,
    },
    Case {
        id: "elevated/single-use-is-forgotten-when-sent",
        title: "a single-use token is gone once it was sent, even if the call then fails",
        proves: &["MFA-STEP-009", "MFA-STEP-015"],
        counter: Some("elevated/time-bound-serves-again"),
        guides: &[Guide::StepUp],
        needs: &["auth.email_start", "auth.email_verify", "totp.register", "stepup.peek"],
        world: NEWCOMER,
        play: single_use_is_forgotten,
    },
    Case {
        id: "elevated/time-bound-serves-again",
        title: "a time-bound token stays after a failed call and serves the next one",
        proves: &["MFA-STEP-010"],
        counter: None,
        guides: &[Guide::StepUp],
        needs: &["auth.email_start", "auth.email_verify", "totp.register", "stepup.peek"],
        world: NEWCOMER,
        play: time_bound_serves_again,
    },
    Case {
        id: "elevated/expired-is-not-used",
        title: "after its time a token is neither handed out nor sent, and the check asks again",
        proves: &["MFA-STEP-011"],
        counter: Some("elevated/time-bound-serves-again"),
        guides: &[Guide::StepUp],
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "totp.register",
            "stepup.peek",
            "stepup.check",
        ],
        world: NEWCOMER.set(&[("elevation.timeBoundLifeSeconds", "1")]),
        play: expired_is_not_used,
    },
    Case {
        id: "elevated/expired-is-not-restored",
        title: "a token whose time passed is not at hand after a restart",
        proves: &["MFA-STEP-011"],
        counter: Some("session/restart-restores"),
        guides: &[Guide::StepUp],
        needs: &["auth.email_start", "auth.email_verify", "stepup.peek", "client.restart"],
        world: NEWCOMER.set(&[("elevation.timeBoundLifeSeconds", "1")]),
        play: expired_is_not_restored,
    },
    Case {
        id: "elevated/expired-at-the-service-surfaces",
        title: "a token that the service considers expired is refused, and the SDK says so",
        proves: &["MFA-STEP-011"],
        counter: Some("step-up/registering-with-a-token-works"),
        guides: &[Guide::StepUp],
        needs: &["auth.email_start", "auth.email_verify", "totp.register"],
        world: NEWCOMER,
        play: expired_at_the_service,
    },
    Case {
        id: "elevated/other-scope-is-not-sent",
        title: "a token of another scope is not sent, and the call that needs its own is refused",
        proves: &["MFA-STEP-012"],
        counter: Some("step-up/registering-with-a-token-works"),
        guides: &[Guide::StepUp, Guide::DeviceManagement],
        needs: &["auth.email_start", "auth.email_verify", "totp.register", "stepup.peek"],
        world: NEWCOMER,
        play: other_scope_is_not_sent,
    },
    Case {
        id: "elevated/check-is-silent-while-held",
        title: "while a token is held, the check answers no without a request and spends nothing",
        proves: &["MFA-STEP-018", "MFA-NET-001"],
        counter: Some("step-up/check-offers-the-second-factor"),
        guides: &[Guide::StepUp],
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "totp.auth",
            "stepup.check",
            "stepup.peek",
        ],
        world: ENROLLED,
        play: check_is_silent,
    },
];

fn scopes_travel(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let code = stage.next_code(SECRET)?;
    let wanted = json!(["credential:unlink", "credential:link"]);
    let passed = stage.act("totp.auth", json!({ "code": code, "scopes": wanted }));
    passed.ok()?;
    let seen = passed.wire().last("authMfaTotpDevice")?;
    seen.expect_body("/requestedScopes", wanted)?;
    let earned = seen.answer("/elevatedAccessToken");
    stage.expect("the answer", "an elevated token", earned.clone(), earned.is_string())?;
    for scope in ["credential:link", "credential:unlink"] {
        let held = stage.act("stepup.peek", json!({ "scope": scope }));
        held.expect_field("/token", earned.clone())?;
    }
    for scope in ["wallet:sign", "credential:update", "credential"] {
        let held = stage.act("stepup.peek", json!({ "scope": scope }));
        held.expect_field("/token", Value::Null)?;
    }
    Ok(())
}

fn recovery_code_earns_scopes(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let args = json!({ "code": "RECOVERONE", "scopes": ["credential:unlink"] });
    let passed = stage.act("recovery.auth", args);
    passed.ok()?;
    let seen = passed.wire().last("authMfaRecovery")?;
    seen.expect_body("/requestedScopes", json!(["credential:unlink"]))?;
    let earned = seen.answer("/elevatedAccessToken");
    stage.expect("the answer", "an elevated token", earned.clone(), earned.is_string())?;
    let held = stage.act("stepup.peek", json!({ "scope": "credential:unlink" }));
    held.expect_field("/token", earned)
}

fn goes_beside_the_bearer(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.elevate(SECRET, "credential:unlink")?;
    let answer = stage.wire().last("authMfaTotpDevice")?;
    let elevated = text_of(&answer.answer("/elevatedAccessToken"), "/elevatedAccessToken")?;
    let bearer = stage.bearer()?;
    let id = record::of(stage, ALICE.email, "/devices/0/id")?;
    let deleted = stage.act("device.delete", json!({ "id": id }));
    let seen = deleted.wire().last("deleteMfaDevice")?;
    seen.expect_header(ELEVATED, &elevated).noted()?;
    seen.expect_header("authorization", &format!("Bearer {bearer}")).noted()?;
    deleted.ok()?;
    let left = record::of(stage, ALICE.email, "/devices")?;
    stage.expect_equal("devices at the service", json!([]), left)
}

fn single_use_is_taken_once(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.elevate(SECRET, "wallet:export")?;
    let earned = stage.wire().last("authMfaTotpDevice")?.answer("/elevatedAccessToken");
    let scope = json!({ "scope": "wallet:export" });
    for op in ["stepup.peek", "stepup.take"] {
        let held = stage.act(op, scope.clone());
        held.expect_field("/token", earned.clone())?;
        held.wire().silent()?;
    }
    for op in ["stepup.peek", "stepup.take"] {
        stage.act(op, scope.clone()).expect_field("/token", Value::Null)?;
    }
    Ok(())
}

/// Every registration fails, also one that the SDK would repeat by itself.
fn registering_fails() -> Fault {
    Fault { times: None, ..Fault::on("registerTotpMfaDevice", Effect::status(500)) }
}

/// A wallet scope beside `credential:link` makes the whole token single-use.
fn single_use_is_forgotten(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.reauthenticate(ALICE.email, &["credential:link", "wallet:sign"])?;
    let earned = stage.wire().last("verifyEmailVerification")?.answer("/elevatedAccessToken");
    let earned = text_of(&earned, "/elevatedAccessToken")?;
    stage.proving("MFA-STEP-015");
    for scope in ["credential:link", "wallet:sign"] {
        let held = stage.act("stepup.peek", json!({ "scope": scope }));
        held.expect_field("/token", earned.clone())?;
    }
    stage.inject(registering_fails())?;
    stage.proving("MFA-STEP-009");
    let failed = stage.act("totp.register", json!({}));
    stage.clear_faults();
    failed.err()?;
    let sent = failed.wire().last("registerTotpMfaDevice")?;
    sent.expect_header(ELEVATED, &earned)?;
    let held = stage.act("stepup.peek", json!({ "scope": "credential:link" }));
    held.expect_field("/token", Value::Null).noted()?;
    let again = stage.act("totp.register", json!({}));
    let seen = again.wire().last("registerTotpMfaDevice")?;
    seen.expect_no_header(ELEVATED)?;
    seen.expect_status(403)?;
    stage.proving("MFA-STEP-015");
    let held = stage.act("stepup.peek", json!({ "scope": "wallet:sign" }));
    held.expect_field("/token", Value::Null)
}

fn time_bound_serves_again(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.reauthenticate(ALICE.email, &["credential:link"])?;
    let earned = stage.wire().last("verifyEmailVerification")?.answer("/elevatedAccessToken");
    let earned = text_of(&earned, "/elevatedAccessToken")?;
    stage.inject(registering_fails())?;
    stage.act("totp.register", json!({})).err()?;
    stage.clear_faults();
    let held = stage.act("stepup.peek", json!({ "scope": "credential:link" }));
    held.expect_field("/token", earned.clone())?;
    for _ in 0..2 {
        let begun = stage.act("totp.register", json!({}));
        begun.ok()?;
        begun.wire().last("registerTotpMfaDevice")?.expect_header(ELEVATED, &earned)?;
    }
    Ok(())
}

/// Earns a token for `credential:link`, and tells when it ends.
///
/// The SDK's clock cannot be moved, so it ends within its next second and a half.
fn earns_for_a_second(stage: &mut Stage) -> Result<Timestamp, Halt> {
    stage.sign_in(ALICE.email)?;
    stage.act("auth.email_start", json!({ "email": ALICE.email })).ready()?;
    let code = stage.mail_code(ALICE.email)?;
    let end = stage.soon();
    stage.hold_clock_at(end - SignedDuration::from_secs(1))?;
    let args = json!({ "code": code, "scopes": ["credential:link"] });
    stage.act("auth.email_verify", args).ready()?;
    let earned = stage.wire().last("verifyEmailVerification")?.answer("/elevatedAccessToken");
    let token = Token::decode(&text_of(&earned, "/elevatedAccessToken")?);
    let exp = token.map_err(Halt::Blocked)?.exp();
    stage.expect_equal("the token's end", end.as_second(), exp)?;
    Ok(end)
}

fn expired_is_not_restored(stage: &mut Stage) -> Result<(), Halt> {
    let end = earns_for_a_second(stage)?;
    stage.wait_for_sdk_time(end)?;
    stage.act("client.restart", json!({})).ok()?;
    let held = stage.act("stepup.peek", json!({ "scope": "credential:link" }));
    held.expect_field("/token", Value::Null)?;
    stage.act("state.get", json!({})).expect_field("/authenticated", true)
}

fn expired_is_not_used(stage: &mut Stage) -> Result<(), Halt> {
    let end = earns_for_a_second(stage)?;
    stage.wait_for_sdk_time(end)?;
    let scope = json!({ "scope": "credential:link" });
    stage.act("stepup.peek", scope.clone()).expect_field("/token", Value::Null).noted()?;
    let checked = stage.act("stepup.check", scope);
    checked.expect_field("/required", true).noted()?;
    checked.wire().exactly(1, "stepUpCheck").noted()?;
    let refused = stage.act("totp.register", json!({}));
    let seen = refused.wire().last("registerTotpMfaDevice")?;
    seen.expect_no_header(ELEVATED)?;
    seen.expect_status(403)
}

/// Only the service's clock goes on, so the SDK still trusts the token.
fn expired_at_the_service(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.reauthenticate(ALICE.email, &["credential:link"])?;
    record::holds_elevated(stage, "credential:link")?;
    stage.advance(601)?;
    let refused = stage.act("totp.register", json!({}));
    refused.expect_server_error(403, &[])?;
    let seen = refused.wire().last("registerTotpMfaDevice")?;
    seen.token(ELEVATED)?;
    seen.expect_status(403)
}

fn other_scope_is_not_sent(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.reauthenticate(ALICE.email, &["credential:update"])?;
    record::holds_elevated(stage, "credential:update")?;
    let refused = stage.act("totp.register", json!({}));
    let seen = refused.wire().last("registerTotpMfaDevice")?;
    seen.expect_no_header(ELEVATED)?;
    seen.expect_status(403)?;
    let devices = record::of(stage, ALICE.email, "/devices")?;
    stage.expect_equal("devices at the service", json!([]), devices)
}

fn check_is_silent(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.elevate(SECRET, "wallet:export")?;
    record::holds_elevated(stage, "wallet:export")?;
    let scope = json!({ "scope": "wallet:export" });
    let checked = stage.act("stepup.check", scope.clone());
    checked.expect_field("/required", false)?;
    checked.wire().silent()?;
    stage.proving("MFA-STEP-018");
    stage.act("stepup.peek", scope).text("/token").map(drop)
}
