//! Codes in a client's hands: sent as they were typed, acknowledged where it counts.

use serde_json::{Value, json};

use super::record;
use crate::case::{Case, Guide};
use crate::service::{Effect, Fault};
use crate::stage::{Halt, Seen, Stage};
use crate::world::{Person, World};

const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const ALICE: Person =
    Person::named("alice@example.com").with_totp(SECRET).with_recovery(&["RECOVERONE"]);
const OWING: World = World::PLAIN.with(&[ALICE.owing_acknowledgement()]);
const RECOVERY: &[Guide] = &[Guide::RecoveryCodes];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "totp/code-goes-out-as-typed",
        title: "a TOTP code is sent with its leading zeros, and nothing beside it",
        proves: &["MFA-TOTP-030"],
        counter: None,
        guides: &[Guide::Totp],
        needs: &["auth.email_start", "auth.email_verify", "totp.auth"],
        world: World::PLAIN.with(&[ALICE]),
        play: totp_code_as_typed,
    },
    Case {
        id: "recovery/code-goes-out-as-typed",
        title: "a recovery code is sent letter by letter as it was typed, and nothing beside it",
        proves: &["MFA-REC-030"],
        counter: None,
        guides: RECOVERY,
        needs: &["auth.email_start", "auth.email_verify", "recovery.auth"],
        world: World::PLAIN.with(&[ALICE]),
        play: recovery_code_as_typed,
    },
    Case {
        id: "recovery/acknowledging-reaches-the-service",
        title: "acknowledging is an update of the user, on record at the service from then on",
        proves: &["MFA-REC-013"],
        counter: Some("recovery/showing-codes-acknowledges-nothing"),
        guides: RECOVERY,
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "totp.auth",
            "recovery.ack",
            "recovery.pending",
        ],
        world: OWING,
        play: acknowledging_reaches_the_service,
    },
    Case {
        id: "recovery/refused-acknowledgement-stays-owed",
        title: "an acknowledgement that the service refused is still owed, and can be made later",
        proves: &["MFA-REC-013"],
        counter: Some("recovery/acknowledging-reaches-the-service"),
        guides: RECOVERY,
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "totp.auth",
            "recovery.ack",
            "recovery.pending",
        ],
        world: OWING,
        play: refused_acknowledgement,
    },
    Case {
        id: "recovery/showing-codes-acknowledges-nothing",
        title: "shown codes stay pending; what another client acknowledged shows with the user",
        proves: &["MFA-REC-031"],
        counter: Some("recovery/acknowledging-reaches-the-service"),
        guides: RECOVERY,
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "totp.auth",
            "user.get",
            "recovery.list",
            "recovery.rotate",
            "recovery.pending",
        ],
        world: OWING,
        play: showing_acknowledges_nothing,
    },
];

/// Expects this code and nothing else in the body.
fn only_the_code(stage: &Stage, seen: &Seen, code: &str) -> Result<(), Halt> {
    seen.expect_body("/code", code)?;
    let sent = seen.body("");
    let fields: Vec<&String> = sent.as_object().into_iter().flat_map(|body| body.keys()).collect();
    stage.expect_equal("fields of the body", json!(["code"]), json!(fields))
}

fn totp_code_as_typed(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    // The lowest number that no time step near now shows, so it begins with zeros.
    let typed = stage.wrong_code(SECRET)?;
    let tried = stage.act("totp.auth", json!({ "code": typed }));
    tried.returned()?;
    only_the_code(stage, &tried.wire().last("authMfaTotpDevice")?, &typed)
}

fn recovery_code_as_typed(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    for typed in [" RecoverOne", "RECOVERONE"] {
        let tried = stage.act("recovery.auth", json!({ "code": typed }));
        // Whether the service reads it kindly is the service's business.
        tried.returned()?;
        only_the_code(stage, &tried.wire().last("authMfaRecovery")?, typed)?;
    }
    Ok(())
}

fn acknowledging_reaches_the_service(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.pass_mfa(SECRET)?;
    stage.act("recovery.pending", json!({})).expect_field("/pending", true)?;
    let told = stage.act("recovery.ack", json!({}));
    let sent = told.wire().last("updateSelf")?;
    sent.expect_body("/mfaBackupCodeAcknowledgement", "complete")?;
    told.ok()?;
    let known = record::of(stage, ALICE.email, "/mfaBackupCodeAcknowledgement")?;
    stage.expect_equal("the acknowledgement on record", "complete", known)?;
    stage.act("recovery.pending", json!({})).expect_field("/pending", false)
}

fn showing_acknowledges_nothing(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.pass_mfa(SECRET)?;
    for op in ["recovery.list", "recovery.rotate"] {
        stage.act(op, json!({})).ready()?;
        stage.act("recovery.pending", json!({})).expect_field("/pending", true)?;
    }
    let known = record::of(stage, ALICE.email, "/mfaBackupCodeAcknowledgement")?;
    stage.expect_equal("the acknowledgement on record", "pending", known)?;

    let bearer = stage.bearer()?;
    let elsewhere = stage.raw("PUT", "users").bearer(&bearer);
    let fields = json!({ "mfaBackupCodeAcknowledgement": "complete" });
    let answer = elsewhere.json(fields).send()?;
    if answer.status != 200 {
        return Err(Halt::Blocked(format!("the service answered {}", answer.status)));
    }
    let fetched = stage.act("user.get", json!({}));
    fetched.expect_field("/user/mfaBackupCodeAcknowledgement", Value::from("complete"))?;
    stage.act("recovery.pending", json!({})).expect_field("/pending", false)
}

fn refused_acknowledgement(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.pass_mfa(SECRET)?;
    let refuses = Fault::on("updateSelf", Effect::status(500));
    stage.inject(Fault { times: None, ..refuses })?;
    stage.act("recovery.ack", json!({})).err()?;
    stage.act("recovery.pending", json!({})).expect_field("/pending", true)?;

    stage.clear_faults();
    stage.act("recovery.ack", json!({})).ok()?;
    stage.act("recovery.pending", json!({})).expect_field("/pending", false)
}
