//! Confirming a TOTP device: both ways, and what does not confirm it.

use serde_json::{Value, json};

use super::record;
use super::totp_register::parameter;
use crate::case::{Case, Guide};
use crate::stage::{ErrorKind, Halt, Noted, RawAnswer, Seen, Stage};
use crate::world::{Person, World};

const ALICE: Person = Person::named("alice@example.com");

const ENROLLING: &[&str] = &["auth.email_start", "auth.email_verify", "totp.register", "totp.auth"];
const TELLING: &[&str] =
    &["auth.email_start", "auth.email_verify", "totp.register", "totp.auth", "errors:code"];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "totp/six-digits-confirm-a-device",
        title: "the address asks for nothing but six digits every thirty seconds, and those work",
        proves: &["MFA-TOTP-003"],
        counter: None,
        guides: &[Guide::Totp],
        needs: ENROLLING,
        world: World::LEGACY,
        play: six_digits_confirm,
    },
    Case {
        id: "totp/another-length-confirms-nothing",
        title: "five or seven digits confirm no device, not even with the right six among them",
        proves: &["MFA-TOTP-003"],
        counter: Some("totp/six-digits-confirm-a-device"),
        guides: &[Guide::Totp],
        needs: ENROLLING,
        world: World::LEGACY.set(&[("minApiVersion", "2026_01_01"), ("totp.failuresMax", "100")]),
        play: another_length_confirms_nothing,
    },
    Case {
        id: "totp/confirmed-by-the-first-authentication",
        title: "the first authentication verifies a new device and upgrades the session",
        proves: &["MFA-TOTP-009", "MFA-TOTP-010", "MFA-TOTP-012", "MFA-JWT-008", "MFA-DEV-001"],
        counter: None,
        guides: &[Guide::Totp, Guide::SessionMfa],
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "totp.register",
            "totp.auth",
            "device.list",
            "mfa.missing",
        ],
        world: World::MFA_REQUIRED,
        play: confirmed_by_authenticating,
    },
    Case {
        id: "totp/confirmed-by-its-own-call",
        title: "posting the code to the registration verifies a new device",
        proves: &["MFA-TOTP-009", "MFA-DEV-002"],
        counter: None,
        guides: &[Guide::Totp, Guide::DeviceManagement],
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "totp.register",
            "totp.confirm",
            "device.list",
        ],
        world: World::LEGACY,
        play: confirmed_by_its_own_call,
    },
    Case {
        id: "totp/confirmed-by-another-client",
        title: "a device that another client confirmed shows as verified in this SDK",
        proves: &["MFA-TOTP-009", "MFA-DEV-001"],
        counter: None,
        guides: &[Guide::Totp, Guide::DeviceManagement],
        needs: &["auth.email_start", "auth.email_verify", "totp.register", "device.list"],
        world: World::LEGACY,
        play: confirmed_by_another_client,
    },
    Case {
        id: "totp/wrong-code-confirms-nothing",
        title: "a wrong code leaves a new device unverified on both ways of confirming",
        proves: &["MFA-TOTP-009", "MFA-TOTP-016"],
        counter: Some("totp/confirmed-by-the-first-authentication"),
        guides: &[Guide::Totp],
        needs: TELLING,
        world: World::LEGACY,
        play: wrong_code_confirms_nothing,
    },
    Case {
        id: "totp/confirming-alone-does-not-upgrade",
        title: "posting the code to the registration gives no tokens; the session still owes MFA",
        proves: &["MFA-TOTP-010", "MFA-JWT-008"],
        counter: Some("totp/confirmed-by-the-first-authentication"),
        guides: &[Guide::Totp, Guide::SessionMfa],
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "auth.refresh",
            "totp.register",
            "totp.auth",
            "mfa.missing",
        ],
        world: World::MFA_REQUIRED,
        play: confirming_does_not_upgrade,
    },
];

fn six_digits_confirm(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let begun = stage.act("totp.register", json!({}));
    let (secret, uri) = (begun.text("/secret")?, begun.text("/uri")?);
    // An app that reads no such parameter assumes these values, so an address may leave them out.
    for (name, only) in [("digits", "6"), ("period", "30"), ("algorithm", "SHA1")] {
        let said = parameter(&uri, name);
        let fits = said.is_none_or(|said| said == only);
        stage.note(&format!("{name} in the address"), &format!("{only} or none"), said, fits)?;
    }

    let code = stage.code_for(&secret)?;
    let passed = stage.act("totp.auth", json!({ "code": code }));
    passed.ok()?;
    passed.wire().last("authMfaTotpDevice")?.expect_status(200)?;
    verified_on_record(stage, true)
}

fn another_length_confirms_nothing(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let device = stage.begin_totp()?;
    let code = stage.code_for(&device.secret)?;
    let five: String = code.chars().take(5).collect();
    for other in [five, format!("0{code}"), format!("{code}0")] {
        // An SDK may refuse such a code by itself; the device tells whether it was accepted.
        stage.act("totp.auth", json!({ "code": other })).err()?;
        verified_on_record(stage, false)?;
    }
    stage.act("totp.auth", json!({ "code": code })).ok()?;
    verified_on_record(stage, true)
}

fn confirmed_by_authenticating(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let device = stage.begin_totp()?;
    stage.proving("MFA-JWT-008");
    stage.act("mfa.missing", json!({})).expect_field("/missing", true)?;

    let code = stage.code_for(&device.secret)?;
    let passed = stage.act("totp.auth", json!({ "code": code, "device_id": device.device_id }));
    stage.proving("MFA-TOTP-009");
    let seen = passed.wire().last("authMfaTotpDevice")?;
    seen.expect_status(200)?;
    verified_on_record(stage, true)?;
    stage.proving("MFA-TOTP-010");
    owes_mfa(stage, &seen, false)?;

    stage.proving("MFA-TOTP-012");
    passed.ok()?;
    stage.proving("MFA-JWT-008");
    stage.act("mfa.missing", json!({})).expect_field("/missing", false)?;
    stage.proving("MFA-DEV-001");
    shown_as_verified(stage, device.device_id)
}

fn confirmed_by_its_own_call(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let device = stage.begin_totp()?;
    let code = stage.code_for(&device.secret)?;
    let confirmed = stage.act("totp.confirm", json!({ "code": code }));
    stage.proving("MFA-TOTP-009");
    let seen = confirmed.wire().last("registerTotpMfaDeviceVerify")?;
    seen.expect_body("/code", code)?;
    seen.expect_body("/type", "totp")?;
    seen.expect_status(200)?;
    verified_on_record(stage, true)?;

    stage.proving("MFA-DEV-002");
    confirmed.expect_field("/device/id", device.device_id.clone())?;
    confirmed.expect_field("/device/verified", true)?;
    shown_as_verified(stage, device.device_id)
}

fn confirmed_by_another_client(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let device = stage.begin_totp()?;
    let code = stage.code_for(&device.secret)?;
    stage.proving("MFA-TOTP-009");
    let confirmed = confirm(stage, &code)?;
    confirmed.expect_status(200)?;
    confirmed.expect_body("/id", device.device_id.clone())?;
    confirmed.expect_body("/verified", true)?;
    verified_on_record(stage, true)?;
    stage.proving("MFA-DEV-001");
    shown_as_verified(stage, device.device_id)
}

fn wrong_code_confirms_nothing(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let device = stage.begin_totp()?;
    let wrong = stage.wrong_code(&device.secret)?;
    stage.proving("MFA-TOTP-009");
    confirm(stage, &wrong)?.expect_status(422)?;
    verified_on_record(stage, false)?;

    let refused = stage.act("totp.auth", json!({ "code": wrong }));
    refused.wire().last("authMfaTotpDevice")?.expect_status(422)?;
    verified_on_record(stage, false)?;
    stage.proving("MFA-TOTP-016");
    refused.expect_class_of(ErrorKind::InvalidCode).noted()?;

    stage.proving("MFA-TOTP-009");
    let right = stage.code_for(&device.secret)?;
    stage.act("totp.auth", json!({ "code": right })).ready()?;
    verified_on_record(stage, true)
}

fn confirming_does_not_upgrade(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let device = stage.begin_totp()?;
    let code = stage.code_for(&device.secret)?;
    stage.proving("MFA-TOTP-010");
    let confirmed = confirm(stage, &code)?;
    confirmed.expect_status(200)?;
    for token in ["/jwt", "/minifiedJwt", "/elevatedAccessToken"] {
        confirmed.expect_body(token, Value::Null)?;
    }
    let refreshed = stage.act("auth.refresh", json!({}));
    refreshed.ready()?;
    owes_mfa(stage, &refreshed.wire().last("refreshAuth")?, true)?;
    stage.proving("MFA-JWT-008");
    stage.act("mfa.missing", json!({})).expect_field("/missing", true)?;

    let next = stage.next_code(&device.secret)?;
    let passed = stage.act("totp.auth", json!({ "code": next }));
    passed.ready()?;
    stage.proving("MFA-TOTP-010");
    owes_mfa(stage, &passed.wire().last("authMfaTotpDevice")?, false)?;
    stage.proving("MFA-JWT-008");
    stage.act("mfa.missing", json!({})).expect_field("/missing", false)
}

/// Confirms the new device as another client would: not every SDK has this call.
fn confirm(stage: &mut Stage, code: &str) -> Result<RawAnswer, Halt> {
    let bearer = stage.bearer()?;
    let body = json!({ "type": "totp", "code": code });
    stage.raw("POST", "users/mfa/register/totp").bearer(&bearer).json(body).send()
}

fn verified_on_record(stage: &Stage, wanted: bool) -> Result<(), Halt> {
    let device = record::device(stage, ALICE.email)?;
    stage.expect_equal("the device on record is verified", wanted, record::at(&device, "/verified"))
}

fn shown_as_verified(stage: &mut Stage, id: String) -> Result<(), Halt> {
    let listed = stage.act("device.list", json!({}));
    listed.expect_field("/devices/0/id", id)?;
    listed.expect_field("/devices/0/verified", true)
}

/// Whether the session of an answer still owes its MFA, as the service says.
fn owes_mfa(stage: &Stage, answer: &Seen, wanted: bool) -> Result<(), Halt> {
    let scope = answer.answer("/user/scope");
    let owes = scope.as_str().map(|scope| scope.contains("requiresAdditionalAuth"));
    let expected = if wanted { "with requiresAdditionalAuth" } else { "without it" };
    stage.expect("scope of the session", expected, scope, owes == Some(wanted))
}
