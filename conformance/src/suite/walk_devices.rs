//! The device management guide, walked step by step in both worlds.

use serde_json::{Value, json};

use super::record;
use crate::case::{Case, Guide};
use crate::stage::{Halt, Stage};
use crate::world::{Person, World};

const ALICE: Person = Person::named("alice@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const CODE: &str = "QWERTYUIOP";
const KNOWN: Person = ALICE.with_totp(SECRET).with_recovery(&[CODE, "ASDFGHJKLZ"]);

pub(super) const CASES: &[Case] = &[
    Case {
        id: "walk/devices-with-step-up",
        title: "the device management guide works to its end where step-up is enforced",
        proves: &[
            "MFA-DEV-001",
            "MFA-DEV-002",
            "MFA-DEV-003",
            "MFA-DEV-011",
            "MFA-DEV-012",
            "MFA-TOTP-001",
            "MFA-TOTP-012",
        ],
        counter: None,
        guides: &[Guide::DeviceManagement],
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "totp.register",
            "totp.auth",
            "device.list",
            "device.set_default",
            "device.delete",
        ],
        world: World::PLAIN.with(&[KNOWN]),
        play: with_step_up,
    },
    Case {
        id: "walk/devices-with-a-recovery-code",
        title: "the device management guide works to its end for a user who lost the device",
        proves: &[
            "MFA-DEV-001",
            "MFA-DEV-002",
            "MFA-DEV-003",
            "MFA-DEV-010",
            "MFA-DEV-012",
            "MFA-TOTP-001",
            "MFA-TOTP-012",
        ],
        counter: None,
        guides: &[Guide::DeviceManagement],
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "totp.register",
            "totp.auth",
            "recovery.auth",
            "device.list",
            "device.set_default",
            "device.delete",
        ],
        world: World::LEGACY.with(&[KNOWN]),
        play: with_a_recovery_code,
    },
];

fn with_step_up(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.pass_mfa(SECRET)?;
    let old = looks_around(stage)?;

    stage.elevate(SECRET, "credential:unlink")?;
    record::holds_elevated(stage, "credential:unlink")?;
    stage.proving("MFA-DEV-011");
    let deleted = stage.act("device.delete", json!({ "id": old }));
    deleted.ok()?;
    deleted.wire().last("deleteMfaDevice")?.expect_status(204)?;
    gone(stage)?;

    // Without any method a fresh e-mail code earns the token for the next device.
    stage.reauthenticate(ALICE.email, &["credential:link"])?;
    record::holds_elevated(stage, "credential:link")?;
    puts_another_in_place(stage, &old)
}

fn with_a_recovery_code(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.act("recovery.auth", json!({ "code": CODE })).ready()?;
    let old = looks_around(stage)?;

    let wish = json!({ "code": "ASDFGHJKLZ", "mfa_token": { "single_use": true } });
    let token = record::text(&stage.act("recovery.auth", wish).ready()?, "/mfa_token")?;
    stage.proving("MFA-DEV-010");
    let deleted = stage.act("device.delete", json!({ "id": old, "mfa_token": token }));
    deleted.ok()?;
    deleted.wire().last("deleteMfaDevice")?.expect_header("x-mfa-auth-token", &token)?;
    gone(stage)?;
    puts_another_in_place(stage, &old)
}

/// List the devices, read the one there is, make it the default, list again.
fn looks_around(stage: &mut Stage) -> Result<String, Halt> {
    stage.proving("MFA-DEV-001");
    let list = stage.act("device.list", json!({}));
    let id = list.text("/devices/0/id")?;
    let kept = record::device(stage, ALICE.email)?;
    stage.expect_equal("id on record and from the SDK", record::at(&kept, "/id"), id.clone())?;

    stage.proving("MFA-DEV-002");
    list.expect_field("/devices/0/type", "totp")?;
    list.expect_field("/devices/0/verified", true)?;
    let since = list.text("/devices/0/verified_at")?;
    stage.expect("time of the verification", "there is one", since.clone(), !since.is_empty())?;

    stage.proving("MFA-DEV-003");
    let chosen = stage.act("device.set_default", json!({ "id": id }));
    chosen.ok()?;
    chosen.wire().last("updateUserMfaDevice")?.expect_status(204)?;
    stage.act("device.list", json!({})).expect_field("/devices/0/default", true)?;
    Ok(id)
}

fn gone(stage: &mut Stage) -> Result<(), Halt> {
    stage.expect_equal("the device on record", Value::Null, record::device(stage, ALICE.email)?)?;
    stage.proving("MFA-DEV-001");
    stage.act("device.list", json!({})).expect_field("/devices", json!([]))
}

/// Register and use a new device, which is another one and the only one.
fn puts_another_in_place(stage: &mut Stage, old: &str) -> Result<(), Halt> {
    let begun = stage.act("totp.register", json!({}));
    stage.proving("MFA-DEV-012");
    begun.wire().last("registerTotpMfaDevice")?.expect_status(200)?;
    stage.proving("MFA-TOTP-001");
    let (id, secret) = (begun.text("/device_id")?, begun.text("/secret")?);
    stage.expect("id of the new device", "another one", id.clone(), id != old)?;
    let code = stage.code_for(&secret)?;
    let passed = stage.act("totp.auth", json!({ "code": code }));
    stage.proving("MFA-TOTP-012");
    passed.ok()?;
    stage.proving("MFA-DEV-012");
    passed.wire().last("authMfaTotpDevice")?.expect_status(200)?;

    stage.proving("MFA-DEV-001");
    let list = stage.act("device.list", json!({}));
    list.expect_field("/devices/0/id", id)?;
    list.expect_field("/devices/0/verified", true)?;
    list.expect_field("/devices/1", Value::Null)
}
