//! Step-up: which calls ask for it, who may earn it how, and what the check answers.

use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::service::{Effect, Fault};
use crate::stage::{Halt, Noted, Stage};
use crate::world::{Person, World};

use super::raw_session::{ELEVATED, text_of};
use super::record;

const ALICE: Person = Person::named("alice@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const ENROLLED: World = World::PLAIN.with(&[ALICE.with_totp(SECRET)]);

pub(super) const CASES: &[Case] = &[
    Case {
        id: "step-up/registering-without-a-token-is-refused",
        title: "registering a device without elevation surfaces as a refusal and signs nobody out",
        proves: &["MFA-STEP-001", "MFA-STEP-021"],
        counter: Some("step-up/registering-with-a-token-works"),
        guides: &[Guide::StepUp, Guide::Totp, Guide::DeviceManagement],
        needs: &["auth.email_start", "auth.email_verify", "totp.register"],
        world: World::PLAIN.with(&[ALICE]),
        play: registering_without_a_token,
    },
    Case {
        id: "step-up/registering-with-a-token-works",
        title: "after proving the address again for `credential:link`, registering works",
        proves: &["MFA-STEP-001", "MFA-STEP-008"],
        counter: None,
        guides: &[Guide::StepUp, Guide::Totp, Guide::DeviceManagement],
        needs: &["auth.email_start", "auth.email_verify", "totp.register"],
        world: World::PLAIN.with(&[ALICE]),
        play: registering_with_a_token,
    },
    Case {
        id: "step-up/deleting-without-a-token-is-refused",
        title: "a deletion that the service refuses for want of elevation is shown as refused",
        proves: &["MFA-STEP-021"],
        counter: Some("elevated/goes-beside-the-bearer"),
        guides: &[Guide::StepUp, Guide::DeviceManagement],
        needs: &["auth.email_start", "auth.email_verify", "totp.auth", "device.delete"],
        world: World::PLAIN
            .set(&[("devices.deleteProof", "elevated_only")])
            .with(&[ALICE.with_totp(SECRET)]),
        play: deleting_without_a_token,
    },
    Case {
        id: "step-up/reauthentication-earns-scopes",
        title: "a user without MFA earns the requested scopes with a new e-mail code",
        proves: &["MFA-STEP-003"],
        counter: None,
        guides: &[Guide::StepUp],
        needs: &["auth.email_start", "auth.email_verify", "stepup.peek"],
        world: World::PLAIN.with(&[ALICE]),
        play: reauthentication_earns_scopes,
    },
    Case {
        id: "step-up/reauthentication-is-not-enough-with-mfa",
        title: "a user with MFA earns no elevated token with a new e-mail code, but with MFA",
        proves: &["MFA-STEP-002"],
        counter: Some("step-up/reauthentication-earns-scopes"),
        guides: &[Guide::StepUp],
        needs: &["auth.email_start", "auth.email_verify", "totp.auth", "stepup.peek"],
        world: ENROLLED,
        play: reauthentication_with_mfa,
    },
    Case {
        id: "step-up/older-environment-asks-for-nothing",
        title: "where step-up is not enforced, the check says so and registering needs no token",
        proves: &["MFA-STEP-013"],
        counter: None,
        guides: &[Guide::StepUp],
        needs: &["auth.email_start", "auth.email_verify", "totp.register", "stepup.check"],
        world: World::LEGACY.with(&[ALICE]),
        play: older_environment,
    },
    Case {
        id: "step-up/check-offers-the-address",
        title: "the check lists the e-mail address of a user without MFA",
        proves: &["MFA-STEP-017"],
        counter: None,
        guides: &[Guide::StepUp],
        needs: &["auth.email_start", "auth.email_verify", "stepup.check"],
        world: World::PLAIN.with(&[ALICE]),
        play: check_offers_the_address,
    },
    Case {
        id: "step-up/check-offers-the-second-factor",
        title: "the check lists the TOTP device of a user with MFA, and nothing weaker",
        proves: &["MFA-STEP-017"],
        counter: None,
        guides: &[Guide::StepUp],
        needs: &["auth.email_start", "auth.email_verify", "totp.auth", "stepup.check"],
        world: ENROLLED,
        play: check_offers_the_second_factor,
    },
    Case {
        id: "step-up/check-says-when-nothing-is-required",
        title: "for a scope that nothing asks for, the check answers no and lists nothing",
        proves: &["MFA-STEP-017"],
        counter: Some("step-up/check-offers-the-address"),
        guides: &[Guide::StepUp],
        needs: &["auth.email_start", "auth.email_verify", "stepup.check"],
        world: World::PLAIN.with(&[ALICE]),
        play: check_says_no,
    },
    fails_safe("step-up/check-fails-safe-when-forbidden", check_forbidden),
    fails_safe("step-up/check-fails-safe-when-the-service-fails", check_failing),
    fails_safe("step-up/check-fails-safe-when-garbled", check_garbled),
    fails_safe("step-up/check-fails-safe-when-unanswered", check_unanswered),
    fails_safe("step-up/check-fails-safe-without-credentials", check_without_credentials),
];

const fn fails_safe(id: &'static str, play: fn(&mut Stage) -> Result<(), Halt>) -> Case {
    Case {
        id,
        title: "a check without a usable answer counts as required, with no credentials",
        proves: &["MFA-STEP-019"],
        counter: Some("step-up/check-says-when-nothing-is-required"),
        guides: &[Guide::StepUp],
        needs: &["auth.email_start", "auth.email_verify", "stepup.check"],
        world: World::PLAIN.with(&[ALICE]),
        play,
    }
}

fn registering_without_a_token(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let refused = stage.act("totp.register", json!({}));
    refused.expect_server_error(403, &[])?;
    let seen = refused.wire().last("registerTotpMfaDevice")?;
    seen.expect_no_header(ELEVATED)?;
    seen.expect_status(403)?;
    stage.proving("MFA-STEP-021");
    let message = seen.answer("/error");
    stage.expect_equal("the words of the refusal", "Elevated access token required", message)?;
    stage.act("state.get", json!({})).expect_field("/authenticated", true)?;
    stage.proving("MFA-STEP-001");
    let devices = record::of(stage, ALICE.email, "/devices")?;
    stage.expect_equal("devices at the service", json!([]), devices)
}

fn registering_with_a_token(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.reauthenticate(ALICE.email, &["credential:link"])?;
    let earned = stage.wire().last("verifyEmailVerification")?.answer("/elevatedAccessToken");
    let earned = text_of(&earned, "/elevatedAccessToken")?;
    let bearer = stage.bearer()?;
    let begun = stage.act("totp.register", json!({}));
    stage.proving("MFA-STEP-008");
    let seen = begun.wire().last("registerTotpMfaDevice")?;
    seen.expect_header(ELEVATED, &earned).noted()?;
    seen.expect_header("authorization", &format!("Bearer {bearer}")).noted()?;
    stage.proving("MFA-STEP-001");
    let id = begun.text("/device_id")?;
    let known = record::of(stage, ALICE.email, "/devices/0/id")?;
    stage.expect_equal("the device at the service", known, id)
}

fn deleting_without_a_token(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let code = stage.next_code(SECRET)?;
    let passed =
        stage.act("totp.auth", json!({ "code": code, "mfa_token": { "single_use": true } }));
    let token = record::text(&passed.ready()?, "/mfa_token")?;
    let id = record::of(stage, ALICE.email, "/devices/0/id")?;
    // With an MFA token the SDK has something to send; this environment wants more than that.
    let refused = stage.act("device.delete", json!({ "id": id, "mfa_token": token }));
    refused.expect_server_error(403, &[])?;
    refused.wire().last("deleteMfaDevice")?.expect_status(403)?;
    stage.act("state.get", json!({})).expect_field("/authenticated", true)?;
    let kept = record::of(stage, ALICE.email, "/devices/0/id")?;
    stage.expect_equal("the device at the service", id, kept)
}

fn reauthentication_earns_scopes(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.act("auth.email_start", json!({ "email": ALICE.email })).ready()?;
    let code = stage.mail_code(ALICE.email)?;
    let args = json!({ "code": code, "scopes": ["credential:link"] });
    let verified = stage.act("auth.email_verify", args);
    verified.ok()?;
    let seen = verified.wire().last("verifyEmailVerification")?;
    seen.expect_status(200)?;
    let earned = seen.answer("/elevatedAccessToken");
    stage.expect("the answer", "an elevated token", earned.clone(), earned.is_string())?;
    let held = stage.act("stepup.peek", json!({ "scope": "credential:link" }));
    held.expect_field("/token", earned)
}

fn reauthentication_with_mfa(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.pass_mfa(SECRET)?;
    stage.act("auth.email_start", json!({ "email": ALICE.email })).ready()?;
    let code = stage.mail_code(ALICE.email)?;
    let args = json!({ "code": code, "scopes": ["credential:unlink"] });
    let verified = stage.act("auth.email_verify", args);
    // Whether the code itself is refused differs between accounts of the service: not judged.
    let seen = verified.wire().last("verifyEmailVerification")?;
    stage.expect_equal("token in the answer", Value::Null, seen.answer("/elevatedAccessToken"))?;
    let peek = json!({ "scope": "credential:unlink" });
    stage.act("stepup.peek", peek.clone()).expect_field("/token", Value::Null)?;
    stage.elevate(SECRET, "credential:unlink")?;
    let earned = stage.wire().last("authMfaTotpDevice")?.answer("/elevatedAccessToken");
    let earned = text_of(&earned, "/elevatedAccessToken")?;
    stage.act("stepup.peek", peek).expect_field("/token", earned)
}

fn older_environment(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let checked = stage.act("stepup.check", json!({ "scope": "credential:link" }));
    checked.expect_field("/required", false)?;
    let seen = checked.wire().last("stepUpCheck")?;
    stage.expect_equal("the service's answer", false, seen.answer("/isRequired"))?;
    let begun = stage.act("totp.register", json!({}));
    begun.ok()?;
    let seen = begun.wire().last("registerTotpMfaDevice")?;
    seen.expect_no_header(ELEVATED)?;
    seen.expect_status(200)
}

fn check_offers_the_address(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let checked = stage.act("stepup.check", json!({ "scope": "credential:link" }));
    checked.expect_field("/required", true)?;
    let seen = checked.wire().last("stepUpCheck")?;
    seen.expect_body("/scope", "credential:link")?;
    let served = seen.answer("/credentials");
    stage.expect_equal("kind of credential", "email", record::at(&served, "/0/format"))?;
    stage.expect_equal("credentials", 1, served.as_array().map_or(0, Vec::len))?;
    checked.expect_field("/credentials/0/id", record::at(&served, "/0/id"))?;
    checked.expect_field("/credentials/0/format", "email")
}

fn check_offers_the_second_factor(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.pass_mfa(SECRET)?;
    let device = record::of(stage, ALICE.email, "/devices/0/id")?;
    let checked = stage.act("stepup.check", json!({ "scope": "credential:unlink" }));
    checked.expect_field("/required", true)?;
    let served = checked.wire().last("stepUpCheck")?.answer("/credentials");
    let ids: Vec<Value> =
        served.as_array().into_iter().flatten().map(|entry| record::at(entry, "/id")).collect();
    stage.expect_equal("ids that the service offers", json!([device]), ids)?;
    checked.expect_field("/credentials/0/id", device)?;
    checked.expect_field("/credentials/0/type", "totp")
}

fn check_says_no(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let checked = stage.act("stepup.check", json!({ "scope": "user:update" }));
    checked.expect_field("/required", false)?;
    checked.expect_field("/credentials", json!([]))?;
    let seen = checked.wire().last("stepUpCheck")?;
    stage.expect_equal("the service's answer", false, seen.answer("/isRequired"))
}

fn check_forbidden(stage: &mut Stage) -> Result<(), Halt> {
    check_meets(stage, Effect::status(403))
}

fn check_failing(stage: &mut Stage) -> Result<(), Halt> {
    check_meets(stage, Effect::status(500))
}

fn check_garbled(stage: &mut Stage) -> Result<(), Halt> {
    check_meets(stage, Effect::Truncate { bytes: 9 })
}

fn check_unanswered(stage: &mut Stage) -> Result<(), Halt> {
    check_meets(stage, Effect::DropBefore)
}

fn check_without_credentials(stage: &mut Stage) -> Result<(), Halt> {
    check_meets(stage, Effect::Edit { merge: json!({ "credentials": null }) })
}

/// Asks about a scope that needs nothing, so that only the failure can make it required.
fn check_meets(stage: &mut Stage, effect: Effect) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.inject(Fault { times: None, ..Fault::on("stepUpCheck", effect) })?;
    let checked = stage.act("stepup.check", json!({ "scope": "user:update" }));
    checked.expect_field("/required", true)?;
    checked.expect_field("/credentials", json!([]))?;
    let asked = checked.wire().count("stepUpCheck")?;
    stage.expect("the service was asked", "at least once", asked, asked > 0)
}
