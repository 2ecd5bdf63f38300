//! The step-up guide's own steps, in its order: check, verify for the scope, act.

use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, Stage};
use crate::world::{Person, World};

use super::raw_session::ELEVATED;
use super::record;

const ALICE: Person = Person::named("alice@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const STEP_UP: &[Guide] = &[Guide::StepUp];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "walk/step-up-by-email",
        title: "the step-up guide, for a user without MFA: check, new e-mail code, register",
        proves: &["MFA-STEP-003", "MFA-STEP-005", "MFA-STEP-008", "MFA-STEP-017"],
        counter: None,
        guides: STEP_UP,
        needs: &["auth.email_start", "auth.email_verify", "totp.register", "stepup.check"],
        world: World::PLAIN.with(&[ALICE]),
        play: by_email,
    },
    Case {
        id: "walk/step-up-by-mfa",
        title: "the step-up guide, for a user with MFA: check, code with scopes, delete",
        proves: &["MFA-STEP-005", "MFA-STEP-008", "MFA-STEP-017", "MFA-STEP-018"],
        counter: None,
        guides: STEP_UP,
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "totp.auth",
            "device.delete",
            "stepup.check",
        ],
        world: World::PLAIN.with(&[ALICE.with_totp(SECRET)]),
        play: by_mfa,
    },
    Case {
        id: "walk/step-up-before-an-export",
        title: "the step-up guide's wallet example: check, code, take the token for one use",
        proves: &["MFA-STEP-005", "MFA-STEP-009", "MFA-STEP-017"],
        counter: None,
        guides: STEP_UP,
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "totp.auth",
            "stepup.check",
            "stepup.take",
        ],
        world: World::PLAIN.with(&[ALICE.with_totp(SECRET)]),
        play: before_an_export,
    },
];

fn by_email(stage: &mut Stage) -> Result<(), Halt> {
    let scope = "credential:link";
    stage.sign_in(ALICE.email)?;
    stage.proving("MFA-STEP-017");
    let checked = stage.act("stepup.check", json!({ "scope": scope }));
    checked.expect_field("/required", true)?;
    checked.expect_field("/credentials/0/format", "email")?;

    stage.act("auth.email_start", json!({ "email": ALICE.email })).ready()?;
    let code = stage.mail_code(ALICE.email)?;
    let verified = stage.act("auth.email_verify", json!({ "code": code, "scopes": [scope] }));
    stage.proving("MFA-STEP-003");
    verified.ok()?;
    stage.proving("MFA-STEP-005");
    let seen = verified.wire().last("verifyEmailVerification")?;
    seen.expect_body("/requestedScopes", json!([scope]))?;

    stage.proving("MFA-STEP-008");
    let begun = stage.act("totp.register", json!({}));
    let sent = begun.wire().last("registerTotpMfaDevice")?;
    sent.expect_header(
        ELEVATED,
        seen.answer("/elevatedAccessToken").as_str().unwrap_or("a token"),
    )?;
    begun.ok().map(drop)
}

fn by_mfa(stage: &mut Stage) -> Result<(), Halt> {
    let scope = "credential:unlink";
    stage.sign_in(ALICE.email)?;
    stage.pass_mfa(SECRET)?;
    let id = record::of(stage, ALICE.email, "/devices/0/id")?;
    stage.proving("MFA-STEP-017");
    let checked = stage.act("stepup.check", json!({ "scope": scope }));
    checked.expect_field("/required", true)?;
    checked.expect_field("/credentials/0/id", id.clone())?;

    stage.proving("MFA-STEP-005");
    let code = stage.next_code(SECRET)?;
    let passed = stage.act("totp.auth", json!({ "code": code, "scopes": [scope] }));
    passed.ok()?;
    let seen = passed.wire().last("authMfaTotpDevice")?;
    seen.expect_body("/requestedScopes", json!([scope]))?;

    stage.proving("MFA-STEP-018");
    let checked = stage.act("stepup.check", json!({ "scope": scope }));
    checked.expect_field("/required", false)?;
    checked.wire().silent()?;

    stage.proving("MFA-STEP-008");
    let deleted = stage.act("device.delete", json!({ "id": id }));
    let sent = deleted.wire().last("deleteMfaDevice")?;
    sent.expect_header(
        ELEVATED,
        seen.answer("/elevatedAccessToken").as_str().unwrap_or("a token"),
    )?;
    deleted.ok()?;
    let left = record::of(stage, ALICE.email, "/devices")?;
    stage.expect_equal("devices at the service", json!([]), left)
}

fn before_an_export(stage: &mut Stage) -> Result<(), Halt> {
    let scope = "wallet:export";
    stage.sign_in(ALICE.email)?;
    stage.pass_mfa(SECRET)?;
    stage.proving("MFA-STEP-017");
    let checked = stage.act("stepup.check", json!({ "scope": scope }));
    checked.expect_field("/required", true)?;

    stage.proving("MFA-STEP-005");
    let code = stage.next_code(SECRET)?;
    let passed = stage.act("totp.auth", json!({ "code": code, "scopes": [scope] }));
    passed.ok()?;
    let earned = passed.wire().last("authMfaTotpDevice")?.answer("/elevatedAccessToken");

    stage.proving("MFA-STEP-009");
    let taken = stage.act("stepup.take", json!({ "scope": scope }));
    taken.expect_field("/token", earned)?;
    stage.act("stepup.take", json!({ "scope": scope })).expect_field("/token", Value::Null)?;

    stage.proving("MFA-STEP-017");
    let checked = stage.act("stepup.check", json!({ "scope": scope }));
    checked.expect_field("/required", true)
}
