//! Proofs in a client's hands: which one is sent, which one counts, what may serve as one.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::raw_session::{ELEVATED, MFA_TOKEN, text_of};
use super::record;
use crate::case::{Case, Guide};
use crate::stage::{Halt, Noted, Stage, Token};
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
        id: "elevated/scopes-and-a-token-together",
        title: "scopes and an MFA token that are asked for together both come, and both are held",
        proves: &["MFA-STEP-005", "MFA-TOK-001"],
        counter: None,
        guides: &[Guide::StepUp, Guide::Totp, Guide::ActionBased],
        needs: &["auth.email_start", "auth.email_verify", "totp.auth", "stepup.peek"],
        world: ENROLLED,
        play: scopes_and_a_token,
    },
    Case {
        id: "elevated/an-expired-one-hides-no-other",
        title: "a scope is served by the token that still lives, though an older one has expired",
        proves: &["MFA-STEP-005"],
        counter: Some("elevated/expired-is-not-used"),
        guides: STEP_UP,
        needs: &["auth.email_start", "auth.email_verify", "totp.auth", "stepup.peek"],
        world: ENROLLED.set(&[("elevation.timeBoundLifeSeconds", "1")]),
        play: expired_one_hides_no_other,
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

fn scopes_and_a_token(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let code = stage.next_code(SECRET)?;
    let wish = json!({ "code": code, "scopes": ["credential:unlink"],
        "mfa_token": { "single_use": true } });
    let passed = stage.act("totp.auth", wish);
    passed.returned()?;
    let seen = passed.wire().last("authMfaTotpDevice")?;
    stage.proving("MFA-STEP-005");
    seen.expect_body("/requestedScopes", json!(["credential:unlink"])).noted()?;
    stage.proving("MFA-TOK-001");
    seen.expect_body("/createMfaToken", json!({ "singleUse": true })).noted()?;
    passed.expect_field("/mfa_token", seen.answer("/mfaToken"))?;
    stage.proving("MFA-STEP-005");
    let earned = text_of(&seen.answer("/elevatedAccessToken"), "/elevatedAccessToken")?;
    let held = stage.act("stepup.peek", json!({ "scope": "credential:unlink" }));
    held.expect_field("/token", earned)
}

/// Passes the second factor for scopes and yields the elevated token of the answer.
fn earned(stage: &mut Stage, code: &str, scopes: &[&str]) -> Result<String, Halt> {
    let passed = stage.act("totp.auth", json!({ "code": code, "scopes": scopes }));
    passed.ready()?;
    let token = passed.wire().last("authMfaTotpDevice")?.answer("/elevatedAccessToken");
    text_of(&token, "/elevatedAccessToken")
}

/// The SDK's clock cannot be moved, so the first token ends within its next second and a half.
fn expired_one_hides_no_other(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let end = stage.soon();
    stage.hold_clock_at(end - SignedDuration::from_secs(1))?;
    let code = stage.code_for(SECRET)?;
    let short = earned(stage, &code, &["credential:unlink"])?;
    let exp = Token::decode(&short).map_err(Halt::Blocked)?.exp();
    if exp != Some(end.as_second()) {
        return Err(Halt::Blocked(format!("the short token ends at {exp:?}, not at {end}")));
    }
    stage.set("elevation.timeBoundLifeSeconds", 600)?;
    let code = stage.next_code(SECRET)?;
    let long = earned(stage, &code, &["credential:link", "credential:unlink"])?;

    stage.wait_for_sdk_time(end)?;
    for scope in ["credential:unlink", "credential:link"] {
        let held = stage.act("stepup.peek", json!({ "scope": scope }));
        held.expect_field("/token", long.clone()).noted()?;
    }
    Ok(())
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
