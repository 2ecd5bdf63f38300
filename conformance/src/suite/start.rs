//! First contact: the few steps without which nothing else can be judged.

use serde_json::json;

use crate::case::{Case, Guide};
use crate::stage::{ErrorKind, Halt, Stage};
use crate::world::{Person, World};

const ALICE: Person = Person::named("alice@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

pub(super) const CASES: &[Case] = &[
    Case {
        id: "start/signs-in-by-email",
        title: "a new user signs in with the mailed code and is fully signed in",
        proves: &["MFA-SES-002"],
        counter: None,
        guides: &[Guide::AccountBased],
        needs: &["auth.email_start", "auth.email_verify"],
        world: World::PLAIN,
        play: signs_in_by_email,
    },
    Case {
        id: "start/state-needs-no-request",
        title: "the SDK tells its own session state without asking the service",
        proves: &["MFA-NET-001"],
        counter: None,
        guides: &[Guide::AccountBased],
        needs: &["auth.email_start", "auth.email_verify"],
        world: World::PLAIN,
        play: state_needs_no_request,
    },
    Case {
        id: "start/first-totp-device",
        title: "a registered TOTP device is verified by the first code",
        proves: &["MFA-TOTP-001", "MFA-TOTP-002", "MFA-TOTP-009"],
        counter: None,
        guides: &[Guide::Totp],
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "totp.register",
            "totp.auth",
            "device.list",
        ],
        world: World::LEGACY,
        play: first_totp_device,
    },
    Case {
        id: "start/wrong-code-is-recognisable",
        title: "a wrong code surfaces as an invalid code, and the right one still works",
        proves: &["MFA-TOTP-016"],
        counter: Some("start/first-totp-device"),
        guides: &[Guide::Totp],
        needs: &["auth.email_start", "auth.email_verify", "totp.auth", "errors:code"],
        world: World::PLAIN.with(&[ALICE.with_totp(SECRET)]),
        play: wrong_code_is_recognisable,
    },
];

fn signs_in_by_email(stage: &mut Stage) -> Result<(), Halt> {
    let started = stage.act("auth.email_start", json!({ "email": ALICE.email }));
    started.ok()?;
    started.wire().exactly(1, "createEmailVerification")?;

    let code = stage.mail_code(ALICE.email)?;
    let verified = stage.act("auth.email_verify", json!({ "code": code }));
    verified.ok()?;
    verified.wire().exactly(1, "signInWithEmailVerification")?;

    let state = stage.act("state.get", json!({}));
    state.expect_field("/authenticated", true)?;
    state.expect_field("/mfa_pending", false)?;
    state.expect_field("/scopes", json!(["user:basic"]))
}

fn state_needs_no_request(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let state = stage.act("state.get", json!({}));
    state.expect_field("/authenticated", true)?;
    state.wire().silent()
}

fn first_totp_device(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;

    stage.proving("MFA-TOTP-001");
    let begun = stage.act("totp.register", json!({}));
    let id = begun.text("/device_id")?;
    let secret = begun.text("/secret")?;
    let uri = begun.text("/uri")?;
    let seen = begun.wire().last("registerTotpMfaDevice")?;
    stage.expect_equal("the SDK hands on the issued id", seen.answer("/id"), id.clone())?;
    stage.expect_equal(
        "the SDK hands on the issued secret",
        seen.answer("/secret"),
        secret.clone(),
    )?;
    stage.expect_equal("the SDK hands on the issued address", seen.answer("/uri"), uri.clone())?;

    stage.proving("MFA-TOTP-002");
    let carries = uri.starts_with("otpauth://totp/") && uri.contains(&format!("secret={secret}"));
    stage.expect("the address for the QR code", "otpauth with the same secret", uri, carries)?;

    stage.proving("MFA-TOTP-009");
    let code = stage.code_for(&secret)?;
    stage.act("totp.auth", json!({ "code": code, "device_id": id })).ok()?;
    let listed = stage.act("device.list", json!({}));
    listed.expect_field("/devices/0/id", id)?;
    listed.expect_field("/devices/0/verified", true)
}

fn wrong_code_is_recognisable(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let wrong = stage.wrong_code(SECRET)?;
    let refused = stage.act("totp.auth", json!({ "code": wrong }));
    refused.expect_class_of(ErrorKind::InvalidCode)?;
    refused.wire().exactly(1, "authMfaTotpDevice")?;

    let right = stage.code_for(SECRET)?;
    stage.act("totp.auth", json!({ "code": right })).ok()?;
    Ok(())
}
