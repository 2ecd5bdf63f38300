//! Proofs in a client's hands: which one is sent, which one counts, what may serve as one.

use serde_json::{Value, json};

use super::raw_session::{ELEVATED, MFA_TOKEN, text_of};
use super::record;
use crate::case::{Case, Guide};
use crate::stage::{Halt, Noted, Stage};
use crate::world::{Person, World};

const ALICE: Person = Person::named("alice@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const ENROLLED: World = World::PLAIN.with(&[ALICE.with_totp(SECRET)]);
const STEP_UP: &[Guide] = &[Guide::StepUp];
const METHODS: &[&str] = &["auth.email_start", "auth.email_verify", "mfa.methods"];
const ENFORCED: &str = "2026_04_01";

pub(super) const CASES: &[Case] = &[
    Case {
        id: "elevated/one-proof-pays",
        title: "a deletion paid by an elevated token carries no MFA token, and keeps the held one",
        proves: &["MFA-STEP-030"],
        counter: Some("mfa-token/travels-in-its-own-header"),
        guides: &[Guide::StepUp, Guide::DeviceManagement],
        needs: &["auth.email_start", "auth.email_verify", "totp.auth", "device.delete"],
        world: ENROLLED,
        play: one_proof_pays,
    },
    Case {
        id: "elevated/the-newer-takes-the-place",
        title: "of two tokens for the same scopes, in whatever order, the newer is at hand",
        proves: &["MFA-STEP-031"],
        counter: None,
        guides: STEP_UP,
        needs: &["auth.email_start", "auth.email_verify", "totp.auth", "stepup.peek"],
        world: ENROLLED,
        play: newer_takes_the_place,
    },
    Case {
        id: "step-up/check-is-asked-anew",
        title: "without a token at hand each check asks the service, and says what it says now",
        proves: &["MFA-STEP-017"],
        counter: Some("elevated/check-is-silent-while-held"),
        guides: STEP_UP,
        needs: &["auth.email_start", "auth.email_verify", "stepup.check"],
        world: World::LEGACY.with(&[ALICE]),
        play: check_is_asked_anew,
    },
    Case {
        id: "step-up/check-hands-on-every-credential",
        title: "a check hands on every credential in the order of the service, and its default",
        proves: &["MFA-STEP-017"],
        counter: None,
        guides: &[Guide::StepUp, Guide::Passkey],
        needs: &[
            "passkey",
            "auth.email_start",
            "auth.email_verify",
            "totp.register",
            "totp.auth",
            "passkey.register",
            "stepup.check",
        ],
        world: World::LEGACY.with(&[ALICE]),
        play: check_hands_on_every_credential,
    },
    Case {
        id: "devices/unconfirmed-is-no-method",
        title: "a device that was never confirmed is no method and makes nobody one with a method",
        proves: &["MFA-DEV-030"],
        counter: Some("devices/verified-is-a-method"),
        guides: &[Guide::DeviceManagement, Guide::SessionMfa],
        needs: METHODS,
        world: World::PLAIN.with(&[ALICE.with_unconfirmed_totp(SECRET)]),
        play: unconfirmed_is_no_method,
    },
    Case {
        id: "devices/verified-is-a-method",
        title: "a verified device is a method and makes its user one with a method",
        proves: &["MFA-DEV-030"],
        counter: None,
        guides: &[Guide::DeviceManagement, Guide::SessionMfa],
        needs: METHODS,
        world: ENROLLED,
        play: verified_is_a_method,
    },
];

fn one_proof_pays(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let code = stage.next_code(SECRET)?;
    let proof = json!({ "code": code, "scopes": ["credential:unlink"],
        "mfa_token": { "single_use": false } });
    let passed = stage.act("totp.auth", proof);
    let token = record::text(&passed.ready()?, "/mfa_token")?;
    let earned = passed.wire().last("authMfaTotpDevice")?.answer("/elevatedAccessToken");
    let earned = text_of(&earned, "/elevatedAccessToken")?;
    let id = record::of(stage, ALICE.email, "/devices/0/id")?;
    let deleted = stage.act("device.delete", json!({ "id": id }));
    let seen = deleted.wire().last("deleteMfaDevice")?;
    seen.expect_header(ELEVATED, &earned).noted()?;
    seen.expect_no_header(MFA_TOKEN).noted()?;
    deleted.ok()?;
    stage.act("state.get", json!({})).expect_field("/mfa_token", token)
}

fn newer_takes_the_place(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let mut earned = Vec::new();
    for scopes in
        [["credential:link", "credential:unlink"], ["credential:unlink", "credential:link"]]
    {
        let code = stage.next_code(SECRET)?;
        let passed = stage.act("totp.auth", json!({ "code": code, "scopes": scopes }));
        passed.ready()?;
        let token = passed.wire().last("authMfaTotpDevice")?.answer("/elevatedAccessToken");
        earned.push(text_of(&token, "/elevatedAccessToken")?);
    }
    let newer = earned.pop().unwrap_or_default();
    let differ = !earned.contains(&newer);
    stage.expect("the two tokens", "different", differ, differ)?;
    for scope in ["credential:link", "credential:unlink"] {
        let held = stage.act("stepup.peek", json!({ "scope": scope }));
        held.expect_field("/token", newer.clone()).noted()?;
    }
    Ok(())
}

fn check_is_asked_anew(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let scope = json!({ "scope": "credential:link" });
    stage.act("stepup.check", scope.clone()).expect_field("/required", false)?;
    stage.set("minApiVersion", ENFORCED)?;
    let checked = stage.act("stepup.check", scope);
    checked.wire().exactly(1, "stepUpCheck").noted()?;
    checked.expect_field("/required", true)
}

/// Both methods are enrolled before step-up is enforced, when neither needs an elevated token.
fn check_hands_on_every_credential(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.enrol_unacknowledged()?;
    stage.act("passkey.register", json!({})).ready()?;
    stage.set("minApiVersion", ENFORCED)?;
    let checked = stage.act("stepup.check", json!({ "scope": "credential:unlink" }));
    checked.expect_field("/required", true)?;
    let seen = checked.wire().last("stepUpCheck")?;
    let served = ids(&seen.answer("/credentials"));
    stage.expect("credentials of the service", "at least two", json!(served), served.len() > 1)?;
    let told = ids(&checked.value("/credentials")?);
    stage.expect_equal("credentials from the SDK", json!(served), json!(told))?;
    checked.expect_field("/default_credential_id", seen.answer("/defaultCredentialId"))?;
    let named = seen.answer("/defaultCredentialId").is_string();
    stage.expect("the default of the service", "named", named, named)
}

fn ids(credentials: &Value) -> Vec<Value> {
    let listed = credentials.as_array().into_iter().flatten();
    listed.map(|credential| record::at(credential, "/id")).collect()
}

fn unconfirmed_is_no_method(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let known = record::of(stage, ALICE.email, "/devices/0/verified")?;
    stage.expect_equal("the device on record is verified", false, known)?;
    let methods = stage.act("mfa.methods", json!({}));
    methods.expect_field("/devices", json!([])).noted()?;
    methods.expect_field("/has_verified", false)
}

fn verified_is_a_method(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let known = record::of(stage, ALICE.email, "/devices/0/id")?;
    let methods = stage.act("mfa.methods", json!({}));
    methods.expect_field("/devices/0/id", known)?;
    methods.expect_field("/has_verified", true)
}
