//! The TOTP guide, walked step by step in both worlds.

use serde_json::{Value, json};

use super::record;
use crate::case::{Case, Guide};
use crate::stage::{Enrolled, Halt, Stage};
use crate::world::{Person, World};

const ALICE: Person = Person::named("alice@example.com");

const STEPS: &[&str] = &[
    "auth.email_start",
    "auth.email_verify",
    "auth.logout",
    "totp.register",
    "totp.auth",
    "device.list",
    "device.delete",
    "mfa.missing",
    "recovery.list",
    "recovery.pending",
    "recovery.ack",
];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "walk/totp-with-step-up",
        title: "the TOTP guide works from its first step to its last where step-up is enforced",
        proves: &[
            "MFA-TOTP-001",
            "MFA-TOTP-002",
            "MFA-TOTP-009",
            "MFA-TOTP-012",
            "MFA-JWT-008",
            "MFA-REC-012",
            "MFA-REC-013",
            "MFA-DEV-001",
            "MFA-DEV-011",
        ],
        counter: None,
        guides: &[Guide::Totp],
        needs: STEPS,
        world: World::PLAIN,
        play: with_step_up,
    },
    Case {
        id: "walk/totp-with-mfa-tokens",
        title: "the TOTP guide works from its first step to its last with unscoped MFA tokens",
        proves: &[
            "MFA-TOTP-001",
            "MFA-TOTP-002",
            "MFA-TOTP-009",
            "MFA-TOTP-012",
            "MFA-JWT-008",
            "MFA-REC-012",
            "MFA-REC-013",
            "MFA-DEV-001",
            "MFA-DEV-010",
        ],
        counter: None,
        guides: &[Guide::Totp],
        needs: STEPS,
        world: World::LEGACY,
        play: with_mfa_tokens,
    },
];

fn with_step_up(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.reauthenticate(ALICE.email, &["credential:link"])?;
    record::holds_elevated(stage, "credential:link")?;
    let device = enrols(stage)?;
    acknowledges(stage)?;
    returns(stage, &device)?;

    stage.elevate(&device.secret, "credential:unlink")?;
    record::holds_elevated(stage, "credential:unlink")?;
    stage.proving("MFA-DEV-011");
    stage.act("device.delete", json!({ "id": device.device_id })).ok()?;
    nothing_left(stage)
}

fn with_mfa_tokens(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let device = enrols(stage)?;
    acknowledges(stage)?;
    returns(stage, &device)?;

    let code = stage.next_code(&device.secret)?;
    let wish = json!({ "code": code, "mfa_token": { "single_use": true } });
    let token = record::text(&stage.act("totp.auth", wish).ready()?, "/mfa_token")?;
    stage.proving("MFA-DEV-010");
    let proof = json!({ "id": device.device_id, "mfa_token": token });
    stage.act("device.delete", proof).ok()?;
    nothing_left(stage)
}

/// Register, show the address as a QR code, and confirm with the code of the app that read it.
fn enrols(stage: &mut Stage) -> Result<Enrolled, Halt> {
    let begun = stage.act("totp.register", json!({}));
    stage.proving("MFA-TOTP-001");
    let seen = begun.wire().last("registerTotpMfaDevice")?;
    if seen.exchange().status != 200 {
        let why = format!("the service refused to register: {}", seen.exchange().status);
        return Err(Halt::Blocked(why));
    }
    let device = Enrolled { device_id: begun.text("/device_id")?, secret: begun.text("/secret")? };
    stage.proving("MFA-TOTP-002");
    let uri = begun.text("/uri")?;
    let carries = uri.starts_with("otpauth://totp/")
        && uri.split(['?', '&']).any(|part| part == format!("secret={}", device.secret));
    stage.expect("the address for the QR code", "otpauth with the same secret", uri, carries)?;

    stage.proving("MFA-TOTP-009");
    let code = stage.code_for(&device.secret)?;
    let id = device.device_id.clone();
    stage.act("totp.auth", json!({ "code": code, "device_id": id })).ready()?;
    let kept = record::device(stage, ALICE.email)?;
    stage.expect_equal("the device on record is verified", true, record::at(&kept, "/verified"))?;

    stage.proving("MFA-DEV-001");
    let listed = stage.act("device.list", json!({}));
    listed.expect_field("/devices/0/id", device.device_id.clone())?;
    listed.expect_field("/devices/0/verified", true)?;
    Ok(device)
}

/// Show the recovery codes and let the user say that they are kept.
fn acknowledges(stage: &mut Stage) -> Result<(), Halt> {
    stage.proving("MFA-REC-012");
    let owed = stage.act("recovery.pending", json!({}));
    owed.expect_field("/pending", true)?;
    acknowledgement_on_record(stage, "pending")?;
    stage.act("recovery.list", json!({})).ready()?;

    stage.proving("MFA-REC-013");
    let said = stage.act("recovery.ack", json!({}));
    said.ok()?;
    let seen = said.wire().last("updateSelf")?;
    seen.expect_body("/mfaBackupCodeAcknowledgement", "complete")?;
    seen.expect_status(200)?;
    stage.act("recovery.pending", json!({})).expect_field("/pending", false)?;
    acknowledgement_on_record(stage, "complete")
}

fn acknowledgement_on_record(stage: &Stage, wanted: &str) -> Result<(), Halt> {
    let got = record::at(&stage.user(ALICE.email)?, "/mfaBackupCodeAcknowledgement");
    stage.expect_equal("the acknowledgement on record", wanted, got)
}

/// Sign out and in again: a challenge, answered with a code alone.
fn returns(stage: &mut Stage, device: &Enrolled) -> Result<(), Halt> {
    stage.act("auth.logout", json!({})).ready()?;
    stage.sign_in(ALICE.email)?;
    stage.proving("MFA-JWT-008");
    stage.act("mfa.missing", json!({})).expect_field("/missing", true)?;
    stage.proving("MFA-TOTP-012");
    let code = stage.next_code(&device.secret)?;
    let passed = stage.act("totp.auth", json!({ "code": code }));
    passed.ok()?;
    passed.wire().last("authMfaTotpDevice")?.expect_status(200)?;
    stage.proving("MFA-JWT-008");
    stage.act("mfa.missing", json!({})).expect_field("/missing", false)
}

fn nothing_left(stage: &mut Stage) -> Result<(), Halt> {
    stage.expect_equal("the device on record", Value::Null, record::device(stage, ALICE.email)?)?;
    stage.proving("MFA-DEV-001");
    stage.act("device.list", json!({})).expect_field("/devices", json!([]))
}
