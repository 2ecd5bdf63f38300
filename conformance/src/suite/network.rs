//! Traffic: how often an SDK asks, and what it does when nobody answers.

use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::service::{Effect, Fault};
use crate::stage::{Halt, Noted, Stage};
use crate::world::{Person, World};

use super::record;

const ALICE: Person = Person::named("alice@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const ENROLLED: World = World::PLAIN.with(&[ALICE.with_totp(SECRET)]);
const GUIDES: &[Guide] =
    &[Guide::Totp, Guide::SessionMfa, Guide::ActionBased, Guide::StepUp, Guide::DeviceManagement];
const NEEDS: &[&str] = &["auth.email_start", "auth.email_verify", "totp.auth"];
/// Every status that tempts a client to try again by itself.
const STATUSES: [u16; 5] = [401, 403, 429, 500, 503];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "network/own-state-needs-no-request",
        title: "what the SDK knows about its session and tokens it tells without a request",
        proves: &["MFA-NET-001"],
        counter: None,
        guides: GUIDES,
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "totp.auth",
            "mfa.missing",
            "stepup.peek",
            "recovery.pending",
        ],
        world: ENROLLED,
        play: own_state_needs_no_request,
    },
    Case {
        id: "network/refused-authentication-is-sent-once",
        title: "an authentication that fails is sent once, whatever the status",
        proves: &["MFA-NET-002"],
        counter: Some("network/authentication-recovers"),
        guides: GUIDES,
        needs: NEEDS,
        world: ENROLLED,
        play: refused_authentication,
    },
    Case {
        id: "network/refused-registration-is-sent-once",
        title: "a registration that fails is sent once, whatever the status",
        proves: &["MFA-NET-002"],
        counter: Some("start/first-totp-device"),
        guides: GUIDES,
        needs: &["auth.email_start", "auth.email_verify", "totp.register"],
        world: World::LEGACY.with(&[ALICE]),
        play: refused_registration,
    },
    Case {
        id: "network/wrong-code-costs-one-attempt",
        title: "a wrong code is one attempt at the service",
        proves: &["MFA-NET-002"],
        counter: Some("network/authentication-recovers"),
        guides: GUIDES,
        needs: NEEDS,
        world: World::PLAIN.set(&[("totp.failuresMax", "2")]).with(&[ALICE.with_totp(SECRET)]),
        play: wrong_code_costs_one_attempt,
    },
    Case {
        id: "network/service-down-surfaces",
        title: "a connection that is closed unanswered ends the call with an error",
        proves: &["MFA-NET-003"],
        counter: Some("network/authentication-recovers"),
        guides: GUIDES,
        needs: NEEDS,
        world: ENROLLED,
        play: service_down,
    },
    Case {
        id: "network/failing-service-surfaces",
        title: "a service that keeps failing ends the call with an error",
        proves: &["MFA-NET-003"],
        counter: Some("network/authentication-recovers"),
        guides: GUIDES,
        needs: NEEDS,
        world: ENROLLED,
        play: failing_service,
    },
    Case {
        id: "network/broken-answer-surfaces",
        title: "an answer that breaks off in the middle is no success",
        proves: &["MFA-NET-003"],
        counter: Some("network/authentication-recovers"),
        guides: GUIDES,
        needs: NEEDS,
        world: ENROLLED,
        play: broken_answer,
    },
    Case {
        id: "network/lost-answer-surfaces",
        title: "when the answer is lost the call fails, although the service did its part",
        proves: &["MFA-NET-003"],
        counter: Some("network/authentication-recovers"),
        guides: GUIDES,
        needs: NEEDS,
        world: ENROLLED,
        play: lost_answer,
    },
    Case {
        id: "network/authentication-recovers",
        title: "once the service answers again, the same call works",
        proves: &["MFA-NET-003"],
        counter: None,
        guides: GUIDES,
        needs: NEEDS,
        world: ENROLLED,
        play: authentication_recovers,
    },
    Case {
        id: "network/unreachable-start-surfaces",
        title: "a client whose settings cannot be fetched does not come up as if all were well",
        proves: &["MFA-NET-003"],
        counter: Some("start/signs-in-by-email"),
        guides: GUIDES,
        needs: &[],
        world: ENROLLED,
        play: unreachable_start,
    },
];

fn own_state_needs_no_request(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    for after_mfa in [false, true] {
        if after_mfa {
            stage.elevate(SECRET, "wallet:sign")?;
        }
        for (op, args) in [
            ("mfa.missing", json!({})),
            ("recovery.pending", json!({})),
            ("stepup.peek", json!({ "scope": "wallet:sign" })),
            ("state.get", json!({})),
        ] {
            // What is answered has cases of its own.
            let told = stage.act(op, args);
            told.ok()?;
            told.wire().silent().noted()?;
        }
    }
    Ok(())
}

fn refused_authentication(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    for status in STATUSES {
        // Every call of the step would meet the fault, so a second one would be seen.
        stage.inject(always("authMfaTotpDevice", Effect::status(status)))?;
        let code = stage.code_for(SECRET)?;
        let failed = stage.act("totp.auth", json!({ "code": code }));
        failed.returned()?;
        failed.wire().exactly(1, "authMfaTotpDevice").noted()?;
        stage.clear_faults();
    }
    Ok(())
}

fn refused_registration(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    for status in STATUSES {
        stage.inject(always("registerTotpMfaDevice", Effect::status(status)))?;
        let failed = stage.act("totp.register", json!({}));
        // Whether the failure surfaces has cases of its own.
        failed.returned()?;
        failed.wire().exactly(1, "registerTotpMfaDevice").noted()?;
        stage.clear_faults();
    }
    let devices = record::of(stage, ALICE.email, "/devices")?;
    stage.expect_equal("devices at the service", json!([]), devices)
}

/// The second failure would close the door, so the right code tells how many there were.
fn wrong_code_costs_one_attempt(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let wrong = stage.wrong_code(SECRET)?;
    let refused = stage.act("totp.auth", json!({ "code": wrong }));
    refused.err()?;
    refused.wire().exactly(1, "authMfaTotpDevice")?;
    let code = stage.code_for(SECRET)?;
    stage.act("totp.auth", json!({ "code": code })).ok().map(drop)
}

fn always(operation: &str, effect: Effect) -> Fault {
    Fault { times: None, ..Fault::on(operation, effect) }
}

/// Authenticates while the effect lasts: an error, and no sign of success.
fn authentication_meets(stage: &mut Stage, effect: Effect) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let before = stage.bearer()?;
    stage.inject(always("authMfaTotpDevice", effect))?;
    let code = stage.code_for(SECRET)?;
    let failed = stage.act("totp.auth", json!({ "code": code }));
    let error = failed.err()?;
    let asked = failed.wire().count("authMfaTotpDevice")?;
    stage.expect("the service was asked", "at least once", asked, asked > 0)?;
    stage.expect(
        "the error's message",
        "not empty",
        error.message.as_str(),
        !error.message.is_empty(),
    )?;
    let state = stage.act("state.get", json!({}));
    state.expect_field("/mfa_pending", true)?;
    state.expect_field("/token", before)
}

fn service_down(stage: &mut Stage) -> Result<(), Halt> {
    authentication_meets(stage, Effect::DropBefore)
}

fn failing_service(stage: &mut Stage) -> Result<(), Halt> {
    authentication_meets(stage, Effect::status(503))
}

fn broken_answer(stage: &mut Stage) -> Result<(), Halt> {
    authentication_meets(stage, Effect::Truncate { bytes: 40 })
}

fn lost_answer(stage: &mut Stage) -> Result<(), Halt> {
    authentication_meets(stage, Effect::DropAfter)?;
    let spent = record::of(stage, ALICE.email, "/devices/0/lastStep")?;
    stage.expect("the service took the code", "its time step", spent.clone(), spent != Value::Null)
}

fn authentication_recovers(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    for effect in [Effect::DropBefore, Effect::status(503), Effect::DropAfter] {
        stage.inject(always("authMfaTotpDevice", effect))?;
        let code = stage.next_code(SECRET)?;
        stage.act("totp.auth", json!({ "code": code })).err()?;
        stage.clear_faults();
    }
    let code = stage.next_code(SECRET)?;
    let passed = stage.act("totp.auth", json!({ "code": code }));
    passed.ok()?;
    passed.wire().last("authMfaTotpDevice")?.expect_status(200)?;
    stage.act("state.get", json!({})).expect_field("/mfa_pending", false)
}

fn unreachable_start(stage: &mut Stage) -> Result<(), Halt> {
    stage.inject(always("getEnvironmentSettings", Effect::DropBefore))?;
    let opened = stage.open();
    opened.err()?;
    let asked = opened.wire().count("getEnvironmentSettings")?;
    stage.expect("the settings were asked for", "at least once", asked, asked > 0)
}
