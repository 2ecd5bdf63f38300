//! What a client sends by itself, and what it makes of silence.

use std::collections::BTreeSet;

use driver_protocol::ErrorOrigin;
use serde_json::json;

use super::record;
use crate::case::{Case, Guide};
use crate::service::{Effect, Fault};
use crate::stage::{Halt, Noted, Stage};
use crate::world::{Person, World};

const ALICE: Person = Person::named("alice@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const ENROLLED: World = World::LEGACY.with(&[ALICE.with_totp(SECRET)]);
const EVERY: &[Guide] =
    &[Guide::Totp, Guide::SessionMfa, Guide::ActionBased, Guide::StepUp, Guide::DeviceManagement];
const EXPORT: &str = "wallet.waas.export";

pub(super) const CASES: &[Case] = &[
    Case {
        id: "network/no-answer-is-no-refusal",
        title: "a call without an answer is reported as that, with no status of the service",
        proves: &["MFA-NET-030"],
        counter: Some("network/authentication-recovers"),
        guides: EVERY,
        needs: &["auth.email_start", "auth.email_verify", "totp.auth"],
        world: ENROLLED,
        play: no_answer_is_no_refusal,
    },
    Case {
        id: "network/retry-after-asks-the-application",
        title: "a 429 that says when to come back is reported, and the call is not repeated",
        proves: &["MFA-NET-002"],
        counter: Some("network/authentication-recovers"),
        guides: EVERY,
        needs: &["auth.email_start", "auth.email_verify", "totp.auth"],
        world: World::LEGACY
            .set(&[("minApiVersion", "2026_01_01"), ("totp.failuresMax", "1")])
            .with(&[ALICE.with_totp(SECRET)]),
        play: retry_after,
    },
    Case {
        id: "network/unanswered-change-is-no-success",
        title: "a change that has no result to show fails, too, when no answer comes",
        proves: &["MFA-NET-003"],
        counter: Some("devices/one-default-among-the-verified"),
        guides: EVERY,
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "totp.auth",
            "device.set_default",
            "device.delete",
        ],
        world: ENROLLED,
        play: unanswered_change,
    },
    Case {
        id: "network/requests-say-what-asks",
        title: "every request names SDK, API version and session of the client, and has its own id",
        proves: &["MFA-NET-031"],
        counter: None,
        guides: EVERY,
        needs: &["auth.email_start", "auth.email_verify", "totp.auth", "device.list"],
        world: ENROLLED,
        play: requests_say_what_asks,
    },
    Case {
        id: "network/each-client-asks-for-its-settings",
        title: "a second client knows the settings of now, not those that the first one fetched",
        proves: &["MFA-NET-032"],
        counter: None,
        guides: &[Guide::ActionBased],
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "totp.auth",
            "mfa.required_for_action",
            "instances:2",
        ],
        world: ENROLLED,
        play: each_client_asks,
    },
    Case {
        id: "network/a-start-survives-a-hiccup",
        title: "a start whose settings fail twice asks a third time, and works",
        proves: &["MFA-NET-033"],
        counter: None,
        guides: EVERY,
        needs: &["auth.email_start", "auth.email_verify"],
        world: ENROLLED,
        play: start_survives_a_hiccup,
    },
    Case {
        id: "security/without-a-nonce-nothing-is-signed-in",
        title: "without nonces a client starts and has codes sent, but sends no unsigned sign-in",
        proves: &["MFA-SEC-030"],
        counter: Some("security/device-signature-is-valid"),
        guides: &[Guide::SessionMfa],
        needs: &["auth.email_start", "auth.email_verify"],
        world: World::PLAIN.with(&[ALICE]),
        play: without_a_nonce,
    },
];

fn always(operation: &str, effect: Effect) -> Fault {
    Fault { times: None, ..Fault::on(operation, effect) }
}

fn no_answer_is_no_refusal(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.inject(always("authMfaTotpDevice", Effect::DropBefore))?;
    let code = stage.code_for(SECRET)?;
    let failed = stage.act("totp.auth", json!({ "code": code }));
    let error = failed.err()?;
    let silent = matches!(error.origin, ErrorOrigin::Network | ErrorOrigin::Timeout);
    stage.note("whose error it is", "network or timeout", error.origin.to_string(), silent)?;
    stage.note("status of the error", "none", error.http, error.http.is_none())?;

    stage.clear_faults();
    stage.inject(always("authMfaTotpDevice", Effect::status(503)))?;
    let refused = stage.act("totp.auth", json!({ "code": code }));
    refused.expect_server_error(503, &[])
}

/// The one wrong code that is allowed closes the door, and the answer to the next says how long.
fn retry_after(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let wrong = stage.wrong_code(SECRET)?;
    stage.act("totp.auth", json!({ "code": wrong })).returned()?;
    let bearer = stage.bearer()?;
    let asked = stage.raw("POST", "users/mfa/auth/totp").bearer(&bearer);
    let shut = asked.json(json!({ "code": wrong })).send()?;
    if shut.status != 429 || shut.header("retry-after").is_none() {
        return Err(Halt::Blocked(format!("the shut door answers {} {}", shut.status, shut.body)));
    }
    let failed = stage.act("totp.auth", json!({ "code": wrong }));
    failed.wire().exactly(1, "authMfaTotpDevice").noted()?;
    failed.err().map(drop)
}

fn unanswered_change(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let code = stage.next_code(SECRET)?;
    let wish = json!({ "code": code, "mfa_token": { "single_use": true } });
    let token = record::text(&stage.act("totp.auth", wish).ready()?, "/mfa_token")?;
    let before = record::device(stage, ALICE.email)?;
    let id = record::text(&before, "/id")?;
    for (op, operation, args) in [
        ("device.set_default", "updateUserMfaDevice", json!({ "id": id })),
        ("device.delete", "deleteMfaDevice", json!({ "id": id, "mfa_token": token })),
    ] {
        stage.inject(always(operation, Effect::DropBefore))?;
        stage.act(op, args).err()?;
    }
    let after = record::device(stage, ALICE.email)?;
    stage.expect_equal("the device at the service", before, after)
}

fn requests_say_what_asks(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.pass_mfa(SECRET)?;
    stage.act("device.list", json!({})).ready()?;
    let mut ids = BTreeSet::new();
    let wire = stage.wire();
    for seen in wire.exchanges() {
        let name = seen.operation.as_deref().unwrap_or(&seen.path);
        for header in ["x-dyn-version", "x-dyn-api-version", "x-dyn-session-id", "x-dyn-request-id"]
        {
            let value = seen.header(header).unwrap_or_default();
            stage.note(&format!("{header} of {name}"), "a text", value, !value.is_empty())?;
        }
        ids.extend(seen.header("x-dyn-request-id"));
    }
    stage.expect_equal("different request ids", wire.exchanges().len(), ids.len())
}

fn each_client_asks(stage: &mut Stage) -> Result<(), Halt> {
    stage.open().ready()?;
    stage.set("mfa.actions", json!([{ "action": EXPORT, "required": true }]))?;
    let second = stage.open();
    second.ok()?;
    second.wire().exactly(1, "getEnvironmentSettings")?;
    stage.sign_in(ALICE.email)?;
    // An SDK may answer before it has its nonces, so the order is looked at when they were needed.
    let order = ["getEnvironmentSettings", "getEnvironmentSettings", "getNonces"];
    stage.wire().in_order(&order)?;
    stage.pass_mfa(SECRET)?;
    let asked = stage.act("mfa.required_for_action", json!({ "action": EXPORT }));
    asked.expect_field("/required", true)
}

fn start_survives_a_hiccup(stage: &mut Stage) -> Result<(), Halt> {
    let twice = Fault::on("getEnvironmentSettings", Effect::status(500));
    stage.inject(Fault { times: Some(2), ..twice })?;
    let opened = stage.open();
    opened.ok()?;
    opened.wire().exactly(3, "getEnvironmentSettings")?;
    stage.act("auth.email_start", json!({ "email": ALICE.email })).ok().map(drop)
}

fn without_a_nonce(stage: &mut Stage) -> Result<(), Halt> {
    for operation in ["getNonces", "getNonce"] {
        stage.inject(always(operation, Effect::status(500)))?;
    }
    stage.open().ok()?;
    stage.act("auth.email_start", json!({ "email": ALICE.email })).ok()?;
    let code = stage.mail_code(ALICE.email)?;
    let failed = stage.act("auth.email_verify", json!({ "code": code }));
    failed.wire().never("signInWithEmailVerification").noted()?;
    failed.err()?;
    stage.act("state.get", json!({})).expect_field("/authenticated", false)?;

    stage.clear_faults();
    let verified = stage.act("auth.email_verify", json!({ "code": code }));
    verified.ok()?;
    verified.wire().last("signInWithEmailVerification")?.expect_status(200)
}
