//! The passkey guide, walked in both worlds: register, return, answer, elevate, delete.

use serde_json::{Value, json};

use super::{passkey, record};
use crate::case::{Case, Guide};
use crate::stage::{Halt, Stage};
use crate::world::{Person, World};

const ALICE: Person = Person::named("alice@example.com");

const STEPS: &[&str] = &[
    "passkey",
    "auth.email_start",
    "auth.email_verify",
    "auth.logout",
    "mfa.missing",
    "passkey.register",
    "passkey.auth",
    "passkey.list",
    "passkey.delete",
];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "walk/passkey-with-step-up",
        title: "the passkey guide works from its first step to its last where step-up is enforced",
        proves: &["MFA-PK-001", "MFA-PK-003", "MFA-PK-006", "MFA-PK-007"],
        counter: None,
        guides: &[Guide::Passkey, Guide::StepUp],
        needs: STEPS,
        world: World::PLAIN.with(&[ALICE]),
        play: with_step_up,
    },
    Case {
        id: "walk/passkey-with-mfa-tokens",
        title: "the passkey guide works from its first step to its last with unscoped MFA tokens",
        proves: &["MFA-PK-001", "MFA-PK-003", "MFA-PK-007", "MFA-PK-013"],
        counter: None,
        guides: &[Guide::Passkey],
        needs: STEPS,
        world: World::LEGACY.with(&[ALICE]),
        play: with_mfa_tokens,
    },
];

fn with_step_up(stage: &mut Stage) -> Result<(), Halt> {
    passkey::register(stage, true)?;
    let id = is_listed(stage)?;
    returns(stage)?;
    refuses_deletion(stage, &id)?;

    stage.proving("MFA-PK-006");
    let asked = stage.act("passkey.auth", json!({ "scopes": ["credential:unlink"] }));
    asked.ok()?;
    let seen = asked.wire().last("authenticateMfaPasskeyDevice")?;
    seen.expect_body("/requestedScopes", json!(["credential:unlink"]))?;
    let token = seen.answer("/elevatedAccessToken");
    stage.expect("the answer", "has an elevated token", token.is_string(), token.is_string())?;

    stage.proving("MFA-PK-007");
    let deleted = stage.act("passkey.delete", json!({ "id": id }));
    deleted.ok()?;
    let seen = deleted.wire().last("deletePasskey")?;
    let sent = seen.header("x-dyn-elevated-access-token").map(str::to_owned);
    stage.expect_equal("the token of the deletion", token, json!(sent))?;
    nothing_left(stage)
}

fn with_mfa_tokens(stage: &mut Stage) -> Result<(), Halt> {
    passkey::register(stage, false)?;
    let id = is_listed(stage)?;
    returns(stage)?;
    refuses_deletion(stage, &id)?;

    stage.proving("MFA-PK-013");
    let wish = json!({ "mfa_token": { "single_use": true } });
    let asked = stage.act("passkey.auth", wish);
    asked.ok()?;
    let held = asked.value("/mfa_token")?;
    stage.expect("the MFA token", "a token", held.is_string(), held.is_string())?;
    stage.proving("MFA-PK-007");
    stage.act("passkey.delete", json!({ "id": id })).ok()?;
    stage.proving("MFA-PK-013");
    nothing_left(stage)
}

fn is_listed(stage: &mut Stage) -> Result<String, Halt> {
    stage.proving("MFA-PK-001");
    let listed = stage.act("passkey.list", json!({}));
    let known = record::of(stage, ALICE.email, "/passkeys/0/id")?;
    listed.expect_field("/passkeys/0/id", known)?;
    listed.text("/passkeys/0/id")
}

/// Sign out and in again: a challenge, answered with the passkey.
fn returns(stage: &mut Stage) -> Result<(), Halt> {
    stage.act("auth.logout", json!({})).ready()?;
    stage.sign_in(ALICE.email)?;
    stage.proving("MFA-PK-003");
    stage.act("mfa.missing", json!({})).expect_field("/missing", true)?;
    let passed = stage.act("passkey.auth", json!({}));
    passed.ok()?;
    let seen = passed.wire().last("authenticateMfaPasskeyDevice")?;
    let scope = seen.answer("/user/scope");
    stage.expect_equal("scope after the ceremony", "user:basic", scope)?;
    stage.act("mfa.missing", json!({})).expect_field("/missing", false)
}

fn refuses_deletion(stage: &mut Stage, id: &str) -> Result<(), Halt> {
    stage.proving("MFA-PK-007");
    let refused = stage.act("passkey.delete", json!({ "id": id }));
    let status = refused.wire().last("deletePasskey")?.exchange().status;
    let is_refused = matches!(status, 401 | 403);
    stage.expect("deleting without any proof", "refused with 401 or 403", status, is_refused)
}

fn nothing_left(stage: &mut Stage) -> Result<(), Halt> {
    let known = record::of(stage, ALICE.email, "/passkeys")?;
    stage.expect_equal("passkeys on record", json!([]), known)?;
    stage.act("passkey.list", json!({})).expect_field("/passkeys", Value::Array(Vec::new()))
}
