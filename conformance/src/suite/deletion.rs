//! Deleting a device: what it takes, and what it leaves.

use serde_json::{Value, json};

use super::record;
use crate::case::{Case, Guide};
use crate::stage::{ErrorKind, Halt, Noted, Stage, Step};
use crate::world::{Person, World};

const ALICE: Person = Person::named("alice@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const CODE: &str = "QWERTYUIOP";
const STEP_UP: World = World::PLAIN.with(&[ALICE.with_totp(SECRET).with_recovery(&[CODE])]);
const OLDER: World = World::LEGACY.with(&[ALICE.with_totp(SECRET).with_recovery(&[CODE])]);

const DELETING: &[&str] = &["auth.email_start", "auth.email_verify", "totp.auth", "device.delete"];
const PASSING: &[&str] = &["auth.email_start", "auth.email_verify", "totp.auth"];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "devices/an-mfa-token-deletes",
        title: "an MFA token from a code deletes the device, in the header made for it",
        proves: &["MFA-DEV-010"],
        counter: None,
        guides: &[Guide::DeviceManagement, Guide::Totp],
        needs: DELETING,
        world: OLDER,
        play: |stage| mfa_token_deletes(stage, "totp.auth"),
    },
    Case {
        id: "devices/an-mfa-token-of-a-recovery-code-deletes",
        title: "an MFA token from a recovery code deletes the device as well",
        proves: &["MFA-DEV-010"],
        counter: None,
        guides: &[Guide::DeviceManagement, Guide::RecoveryCodes],
        needs: &["auth.email_start", "auth.email_verify", "recovery.auth", "device.delete"],
        world: OLDER,
        play: |stage| mfa_token_deletes(stage, "recovery.auth"),
    },
    Case {
        id: "devices/an-elevated-token-deletes",
        title: "an elevated token for unlinking deletes the device without any MFA token",
        proves: &["MFA-DEV-011"],
        counter: None,
        guides: &[Guide::DeviceManagement, Guide::StepUp],
        needs: DELETING,
        world: STEP_UP,
        play: elevated_token_deletes,
    },
    Case {
        id: "devices/a-session-alone-deletes-nothing",
        title: "the service refuses a deletion by a session without a proof, MFA done or not",
        proves: &["MFA-DEV-009"],
        counter: Some("devices/an-mfa-token-deletes"),
        guides: &[Guide::DeviceManagement],
        needs: PASSING,
        world: OLDER,
        play: session_alone,
    },
    Case {
        id: "devices/a-session-alone-deletes-nothing-under-step-up",
        title: "the service refuses a deletion without a proof where step-up is enforced, too",
        proves: &["MFA-DEV-009"],
        counter: Some("devices/an-elevated-token-deletes"),
        guides: &[Guide::DeviceManagement, Guide::StepUp],
        needs: PASSING,
        world: STEP_UP,
        play: session_alone,
    },
    Case {
        id: "devices/a-made-up-token-deletes-nothing",
        title: "a token that no authentication returned surfaces as an error and deletes nothing",
        proves: &["MFA-DEV-009"],
        counter: Some("devices/an-mfa-token-deletes"),
        guides: &[Guide::DeviceManagement],
        needs: DELETING,
        world: OLDER,
        play: made_up_token,
    },
    Case {
        id: "devices/without-proof-the-caller-sees-an-error",
        title: "asked to delete without a proof, SDK or service refuses and the device stays",
        proves: &["MFA-DEV-013"],
        counter: Some("devices/an-mfa-token-deletes"),
        guides: &[Guide::DeviceManagement],
        needs: DELETING,
        world: OLDER,
        play: without_proof,
    },
    Case {
        id: "devices/without-proof-the-caller-sees-an-error-under-step-up",
        title: "where step-up is enforced a deletion without a proof is an error, too",
        proves: &["MFA-DEV-013"],
        counter: Some("devices/an-elevated-token-deletes"),
        guides: &[Guide::DeviceManagement, Guide::StepUp],
        needs: DELETING,
        world: STEP_UP,
        play: without_proof,
    },
    Case {
        id: "devices/deletion-frees-the-place",
        title: "after a deletion the next registration works, and the old codes are dead",
        proves: &["MFA-DEV-012", "MFA-TOTP-001", "MFA-TOTP-012", "MFA-TOTP-016"],
        counter: None,
        guides: &[Guide::DeviceManagement, Guide::Totp, Guide::AccountBased],
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "totp.register",
            "totp.auth",
            "device.delete",
            "errors:code",
        ],
        world: OLDER,
        play: deletion_frees_the_place,
    },
];

fn mfa_token_deletes(stage: &mut Stage, factor: &str) -> Result<(), Halt> {
    let id = enter(stage)?;
    let token = mfa_token(stage, factor)?;
    let deleted = stage.act("device.delete", json!({ "id": id, "mfa_token": token }));
    deleted.ok()?;
    deleted.wire().exactly(1, "deleteMfaDevice")?;
    let seen = deleted.wire().last("deleteMfaDevice")?;
    seen.expect_header("x-mfa-auth-token", &token)?;
    seen.expect_no_header("x-dyn-elevated-access-token")?;
    seen.expect_status(204)?;
    on_record(stage, &Value::Null)
}

fn elevated_token_deletes(stage: &mut Stage) -> Result<(), Halt> {
    let id = enter(stage)?;
    stage.elevate(SECRET, "credential:unlink")?;
    record::holds_elevated(stage, "credential:unlink")?;
    let deleted = stage.act("device.delete", json!({ "id": id }));
    deleted.ok()?;
    deleted.wire().exactly(1, "deleteMfaDevice")?;
    let seen = deleted.wire().last("deleteMfaDevice")?;
    seen.expect_no_header("x-mfa-auth-token")?;
    let elevated = seen.token("x-dyn-elevated-access-token")?;
    let scopes = elevated.scopes().join(" ");
    let names = elevated.has_scope("credential:unlink");
    stage.expect("scope of the elevated token", "credential:unlink", scopes, names)?;
    seen.expect_status(204)?;
    on_record(stage, &Value::Null)
}

fn session_alone(stage: &mut Stage) -> Result<(), Halt> {
    let id = enter(stage)?;
    refused_at_the_service(stage, &id)?;
    // Having passed MFA at the start of the session is no proof for this call either.
    stage.pass_mfa(SECRET)?;
    refused_at_the_service(stage, &id)
}

fn refused_at_the_service(stage: &mut Stage, id: &str) -> Result<(), Halt> {
    let bearer = stage.bearer()?;
    let answer = stage.raw("DELETE", &format!("users/mfa/{id}")).bearer(&bearer).send()?;
    let refused = [401, 403].contains(&answer.status);
    stage.expect("deletion without a proof", "status 401 or 403", answer.status, refused)?;
    on_record(stage, &json!(id))
}

/// The session owes nothing, or it would be refused for that, whatever token it shows.
fn made_up_token(stage: &mut Stage) -> Result<(), Halt> {
    let id = enter(stage)?;
    stage.pass_mfa(SECRET)?;
    let token = "made-up-0123456789abcdef0123456789abcdef";
    let tried = stage.act("device.delete", json!({ "id": id, "mfa_token": token }));
    refused_if_sent(stage, &tried)?;
    on_record(stage, &json!(id))?;
    // An SDK that refuses by itself never lets the service say what it would do.
    let bearer = stage.bearer()?;
    let request = stage.raw("DELETE", &format!("users/mfa/{id}")).bearer(&bearer);
    let answer = request.header("x-mfa-auth-token", token).send()?;
    let refused = [401, 403].contains(&answer.status);
    stage.expect("deletion with a made-up token", "status 401 or 403", answer.status, refused)?;
    on_record(stage, &json!(id))
}

fn without_proof(stage: &mut Stage) -> Result<(), Halt> {
    let id = enter(stage)?;
    stage.pass_mfa(SECRET)?;
    let tried = stage.act("device.delete", json!({ "id": id }));
    refused_if_sent(stage, &tried)?;
    on_record(stage, &json!(id))?;
    // An SDK that refuses by itself never lets the service say what it would do.
    refused_at_the_service(stage, &id)?;
    let next = stage.next_code(SECRET)?;
    stage.act("totp.auth", json!({ "code": next })).ok()?;
    Ok(())
}

/// The SDK reports an error; if it asked the service at all, that refused as well.
fn refused_if_sent(stage: &Stage, tried: &Step) -> Result<(), Halt> {
    tried.err()?;
    for seen in tried.wire().all("deleteMfaDevice")? {
        let status = seen.exchange().status;
        let refused = [401, 403].contains(&status);
        stage.expect("the deletion, if it was sent", "status 401 or 403", status, refused)?;
    }
    Ok(())
}

fn deletion_frees_the_place(stage: &mut Stage) -> Result<(), Halt> {
    let old = enter(stage)?;
    let token = mfa_token(stage, "totp.auth")?;
    stage.act("device.delete", json!({ "id": old, "mfa_token": token })).ready()?;

    let begun = stage.act("totp.register", json!({}));
    stage.proving("MFA-DEV-012");
    begun.wire().last("registerTotpMfaDevice")?.expect_status(200)?;
    let device = record::device(stage, ALICE.email)?;
    let (new, secret) = (record::at(&device, "/id"), record::text(&device, "/secret")?);
    stage.expect("id of the new device", "another one", new.clone(), new != json!(old))?;
    stage.expect("its secret", "another one", secret.clone(), secret != SECRET)?;
    stage.proving("MFA-TOTP-001");
    stage.expect_equal("id on record and from the SDK", new, begun.value("/device_id")?)?;

    let dead = stage.next_code(SECRET)?;
    let refused = stage.act("totp.auth", json!({ "code": dead }));
    stage.proving("MFA-DEV-012");
    refused.wire().last("authMfaTotpDevice")?.expect_status(422)?;
    stage.proving("MFA-TOTP-016");
    refused.expect_class_of(ErrorKind::InvalidCode).noted()?;

    let code = stage.code_for(&secret)?;
    let passed = stage.act("totp.auth", json!({ "code": code }));
    stage.proving("MFA-DEV-012");
    passed.wire().last("authMfaTotpDevice")?.expect_status(200)?;
    stage.proving("MFA-TOTP-012");
    passed.ok().map(drop)
}

/// Signs in, the challenge still unanswered, and tells the id of the seeded device.
fn enter(stage: &mut Stage) -> Result<String, Halt> {
    stage.sign_in(ALICE.email)?;
    record::text(&record::device(stage, ALICE.email)?, "/id")
}

/// Passes a second factor for a single-use MFA token.
fn mfa_token(stage: &mut Stage, factor: &str) -> Result<String, Halt> {
    let code = if factor == "totp.auth" { stage.code_for(SECRET)? } else { CODE.to_owned() };
    let passed = stage.act(factor, json!({ "code": code, "mfa_token": { "single_use": true } }));
    record::text(&passed.ready()?, "/mfa_token")
}

/// The id of the device on record, null for none.
fn on_record(stage: &Stage, id: &Value) -> Result<(), Halt> {
    let device = record::device(stage, ALICE.email)?;
    stage.expect_equal("id of the device on record", id.clone(), record::at(&device, "/id"))
}
