//! TOTP devices, from registration to the first accepted code.

use data_encoding::BASE32_NOPAD;
use serde_json::{Value, json};

use super::record;
use crate::case::{Case, Guide};
use crate::stage::{Halt, Noted, RawAnswer, Stage};
use crate::world::{Person, World};

const ALICE: Person = Person::named("alice@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

const REGISTERING: &[&str] = &["auth.email_start", "auth.email_verify", "totp.register"];
const ENROLLING: &[&str] = &["auth.email_start", "auth.email_verify", "totp.register", "totp.auth"];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "totp/registration-hands-on-what-was-issued",
        title: "id, secret and address of a new device are those that the service issued",
        proves: &["MFA-TOTP-001"],
        counter: None,
        guides: &[Guide::Totp, Guide::AccountBased],
        needs: REGISTERING,
        world: World::LEGACY,
        play: hands_on_what_was_issued,
    },
    Case {
        id: "totp/secret-is-base32-and-in-the-address",
        title: "the secret is base32, and the address for the QR code carries the same one",
        proves: &["MFA-TOTP-002"],
        counter: None,
        guides: &[Guide::Totp],
        needs: REGISTERING,
        world: World::LEGACY,
        play: secret_is_in_the_address,
    },
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
        world: World::LEGACY,
        play: another_length_confirms_nothing,
    },
    Case {
        id: "totp/confirmed-by-the-first-authentication",
        title: "the first authentication verifies a new device and upgrades the session",
        proves: &["MFA-TOTP-009", "MFA-TOTP-010"],
        counter: None,
        guides: &[Guide::Totp, Guide::SessionMfa],
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "totp.register",
            "totp.auth",
            "device.list",
        ],
        world: World::MFA_REQUIRED,
        play: confirmed_by_authenticating,
    },
    Case {
        id: "totp/confirmed-by-its-own-call",
        title: "posting the code to the registration verifies a new device",
        proves: &["MFA-TOTP-009"],
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
        proves: &["MFA-TOTP-009"],
        counter: None,
        guides: &[Guide::Totp, Guide::DeviceManagement],
        needs: &["auth.email_start", "auth.email_verify", "totp.register", "device.list"],
        world: World::LEGACY,
        play: confirmed_by_another_client,
    },
    Case {
        id: "totp/wrong-code-confirms-nothing",
        title: "a wrong code leaves a new device unverified on both ways of confirming",
        proves: &["MFA-TOTP-009"],
        counter: Some("totp/confirmed-by-the-first-authentication"),
        guides: &[Guide::Totp],
        needs: ENROLLING,
        world: World::LEGACY,
        play: wrong_code_confirms_nothing,
    },
    Case {
        id: "totp/confirming-alone-does-not-upgrade",
        title: "posting the code to the registration gives no tokens; the session still owes MFA",
        proves: &["MFA-TOTP-010"],
        counter: Some("totp/confirmed-by-the-first-authentication"),
        guides: &[Guide::Totp, Guide::SessionMfa],
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "auth.refresh",
            "totp.register",
            "totp.auth",
        ],
        world: World::MFA_REQUIRED,
        play: confirming_does_not_upgrade,
    },
    Case {
        id: "totp/second-registration-is-401",
        title: "registering beside a verified device fails with 401 and leaves that device alone",
        proves: &["MFA-TOTP-013"],
        counter: Some("totp/unverified-device-does-not-block"),
        guides: &[Guide::Totp, Guide::DeviceManagement, Guide::AccountBased],
        needs: ENROLLING,
        world: World::LEGACY.with(&[ALICE.with_totp(SECRET)]),
        play: second_registration_is_401,
    },
    Case {
        id: "totp/second-registration-is-401-with-elevation",
        title: "an elevated token opens no place for a second device",
        proves: &["MFA-TOTP-013"],
        counter: Some("totp/unverified-device-does-not-block"),
        guides: &[Guide::Totp, Guide::StepUp],
        needs: ENROLLING,
        world: World::PLAIN.with(&[ALICE.with_totp(SECRET)]),
        play: second_registration_with_elevation,
    },
    Case {
        id: "totp/unverified-device-does-not-block",
        title: "registering beside an unverified device gives a new id and a new secret",
        proves: &["MFA-TOTP-013", "MFA-TOTP-015"],
        counter: None,
        guides: &[Guide::Totp, Guide::DeviceManagement],
        needs: REGISTERING,
        world: World::LEGACY.with(&[ALICE.with_unconfirmed_totp(SECRET)]),
        play: unverified_device_does_not_block,
    },
    Case {
        id: "totp/replaced-secret-is-dead",
        title: "codes of a secret that was replaced before it was confirmed are refused",
        proves: &["MFA-TOTP-015"],
        counter: Some("totp/unverified-device-does-not-block"),
        guides: &[Guide::Totp],
        needs: ENROLLING,
        world: World::LEGACY,
        play: replaced_secret_is_dead,
    },
];

fn hands_on_what_was_issued(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let begun = stage.act("totp.register", json!({}));
    let (id, secret, uri) =
        (begun.text("/device_id")?, begun.text("/secret")?, begun.text("/uri")?);

    begun.wire().exactly(1, "registerTotpMfaDevice")?;
    let seen = begun.wire().last("registerTotpMfaDevice")?;
    stage.expect_equal("id on the wire and from the SDK", seen.answer("/id"), id.clone())?;
    stage.expect_equal("secret likewise", seen.answer("/secret"), secret.clone())?;
    stage.expect_equal("address likewise", seen.answer("/uri"), uri)?;

    let device = record::device(stage, ALICE.email)?;
    stage.expect_equal("id on record and from the SDK", record::at(&device, "/id"), id)?;
    stage.expect_equal("secret likewise", record::at(&device, "/secret"), secret)
}

fn secret_is_in_the_address(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let begun = stage.act("totp.register", json!({}));
    let (secret, uri) = (begun.text("/secret")?, begun.text("/uri")?);

    let bytes = BASE32_NOPAD.decode(secret.trim_end_matches('=').as_bytes());
    let readable = bytes.is_ok_and(|bytes| !bytes.is_empty());
    stage.expect("the secret", "base32 of at least one byte", secret.clone(), readable)?;
    let kind = uri.starts_with("otpauth://totp/");
    stage.expect("the address", "begins with otpauth://totp/", uri.clone(), kind)?;
    let carried = parameter(&uri, "secret").unwrap_or_default();
    stage.expect_equal("secret in the address and from the SDK", carried, secret.clone())?;

    let device = record::device(stage, ALICE.email)?;
    stage.expect_equal("secret on record and from the SDK", record::at(&device, "/secret"), secret)
}

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
    stage.proving("MFA-TOTP-010");
    stage.act("state.get", json!({})).expect_field("/mfa_pending", true)?;

    let code = stage.code_for(&device.secret)?;
    let passed = stage.act("totp.auth", json!({ "code": code, "device_id": device.device_id }));
    stage.proving("MFA-TOTP-009");
    passed.ok()?;
    passed.wire().exactly(1, "authMfaTotpDevice")?;
    verified_on_record(stage, true)?;
    let listed = stage.act("device.list", json!({}));
    listed.expect_field("/devices/0/id", device.device_id)?;
    listed.expect_field("/devices/0/verified", true)?;

    stage.proving("MFA-TOTP-010");
    stage.act("state.get", json!({})).expect_field("/mfa_pending", false)
}

fn confirmed_by_its_own_call(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let device = stage.begin_totp()?;
    let code = stage.code_for(&device.secret)?;
    let confirmed = stage.act("totp.confirm", json!({ "code": code }));
    confirmed.expect_field("/device/id", device.device_id)?;
    confirmed.expect_field("/device/verified", true)?;
    let seen = confirmed.wire().last("registerTotpMfaDeviceVerify")?;
    seen.expect_body("/code", code)?;
    seen.expect_body("/type", "totp")?;
    verified_on_record(stage, true)?;
    stage.act("device.list", json!({})).expect_field("/devices/0/verified", true)
}

fn confirmed_by_another_client(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let device = stage.begin_totp()?;
    let code = stage.code_for(&device.secret)?;
    let confirmed = confirm(stage, &code)?;
    confirmed.expect_status(200)?;
    confirmed.expect_body("/id", device.device_id.clone())?;
    confirmed.expect_body("/verified", true)?;
    verified_on_record(stage, true)?;
    let listed = stage.act("device.list", json!({}));
    listed.expect_field("/devices/0/id", device.device_id)?;
    listed.expect_field("/devices/0/verified", true)
}

fn wrong_code_confirms_nothing(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let device = stage.begin_totp()?;
    let wrong = stage.wrong_code(&device.secret)?;
    confirm(stage, &wrong)?.expect_status(422)?;
    verified_on_record(stage, false)?;

    let refused = stage.act("totp.auth", json!({ "code": wrong }));
    refused.err()?;
    refused.wire().exactly(1, "authMfaTotpDevice")?;
    verified_on_record(stage, false)?;

    let right = stage.code_for(&device.secret)?;
    stage.act("totp.auth", json!({ "code": right })).ok()?;
    verified_on_record(stage, true)
}

fn confirming_does_not_upgrade(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let device = stage.begin_totp()?;
    let code = stage.code_for(&device.secret)?;
    let confirmed = confirm(stage, &code)?;
    confirmed.expect_status(200)?;
    for token in ["/jwt", "/minifiedJwt", "/elevatedAccessToken"] {
        confirmed.expect_body(token, Value::Null)?;
    }

    let refreshed = stage.act("auth.refresh", json!({}));
    refreshed.ready()?;
    let scope = refreshed.wire().last("refreshAuth")?.answer("/user/scope");
    let owes = scope.as_str().is_some_and(|scope| scope.contains("requiresAdditionalAuth"));
    stage.expect("the refreshed session", "still owes its MFA", scope, owes)?;

    let next = stage.next_code(&device.secret)?;
    stage.act("totp.auth", json!({ "code": next })).ok()?;
    stage.act("state.get", json!({})).expect_field("/mfa_pending", false)
}

fn second_registration_is_401(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.pass_mfa(SECRET)?;
    second_registration(stage)
}

fn second_registration_with_elevation(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.elevate(SECRET, "credential:link")?;
    second_registration(stage)
}

/// Tries to register beside the verified device, which must stay as it is and go on working.
fn second_registration(stage: &mut Stage) -> Result<(), Halt> {
    let before = record::device(stage, ALICE.email)?;
    let refused = stage.act("totp.register", json!({}));
    refused.expect_server_error(401, &[]).noted()?;
    refused.wire().last("registerTotpMfaDevice")?.expect_status(401)?;
    stage.expect_equal("the device on record", before, record::device(stage, ALICE.email)?)?;
    let next = stage.next_code(SECRET)?;
    stage.act("totp.auth", json!({ "code": next })).ok()?;
    Ok(())
}

fn unverified_device_does_not_block(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let before = record::device(stage, ALICE.email)?;
    let begun = stage.act("totp.register", json!({}));
    stage.proving("MFA-TOTP-013");
    begun.ok()?;
    begun.wire().last("registerTotpMfaDevice")?.expect_status(200)?;

    stage.proving("MFA-TOTP-015");
    let device = record::device(stage, ALICE.email)?;
    for (ours, pointer) in [("/device_id", "/id"), ("/secret", "/secret")] {
        let (old, new) = (record::at(&before, pointer), record::at(&device, pointer));
        stage.expect("the device on record", "a new one", new.clone(), new != old)?;
        stage.expect_equal("the new one on record and from the SDK", new, begun.value(ours)?)?;
    }
    stage.expect_equal("the new one verified", false, record::at(&device, "/verified"))
}

fn replaced_secret_is_dead(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let old = stage.begin_totp()?;
    let new = stage.begin_totp()?;
    let code = stage.code_for(&old.secret)?;
    let refused = stage.act("totp.auth", json!({ "code": code }));
    refused.err()?;
    refused.wire().last("authMfaTotpDevice")?.expect_status(422)?;
    verified_on_record(stage, false)?;

    let code = stage.code_for(&new.secret)?;
    stage.act("totp.auth", json!({ "code": code })).ok()?;
    verified_on_record(stage, true)
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

/// A parameter of the address's query, as it stands there.
fn parameter<'uri>(uri: &'uri str, name: &str) -> Option<&'uri str> {
    let (_, query) = uri.split_once('?')?;
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}
