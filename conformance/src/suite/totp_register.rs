//! Registering a TOTP device: what is handed on, and what stands in the way.

use data_encoding::BASE32_NOPAD;
use serde_json::{Value, json};

use super::record;
use crate::case::{Case, Guide};
use crate::stage::{ErrorKind, Halt, Noted, Stage, Step};
use crate::world::{Person, World};

const ALICE: Person = Person::named("alice@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

const REGISTERING: &[&str] = &["auth.email_start", "auth.email_verify", "totp.register"];
const ENROLLING: &[&str] = &["auth.email_start", "auth.email_verify", "totp.register", "totp.auth"];
const TELLING: &[&str] =
    &["auth.email_start", "auth.email_verify", "totp.register", "totp.auth", "errors:code"];

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
        proves: &["MFA-TOTP-013", "MFA-TOTP-015", "MFA-TOTP-001"],
        counter: None,
        guides: &[Guide::Totp, Guide::DeviceManagement],
        needs: REGISTERING,
        world: World::LEGACY.with(&[ALICE.with_unconfirmed_totp(SECRET)]),
        play: unverified_device_does_not_block,
    },
    Case {
        id: "totp/replaced-secret-is-dead",
        title: "codes of a secret that was replaced before it was confirmed are refused",
        proves: &["MFA-TOTP-015", "MFA-TOTP-016"],
        counter: Some("totp/unverified-device-does-not-block"),
        guides: &[Guide::Totp],
        needs: TELLING,
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

fn second_registration_is_401(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.pass_mfa(SECRET)?;
    let before = record::device(stage, ALICE.email)?;
    let refused = stage.act("totp.register", json!({}));
    refused_beside(stage, &before, &refused)
}

fn second_registration_with_elevation(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.elevate(SECRET, "credential:link")?;
    let before = record::device(stage, ALICE.email)?;
    let refused = stage.act("totp.register", json!({}));
    let sent = refused.wire().last("registerTotpMfaDevice")?;
    if sent.header("x-dyn-elevated-access-token").is_none() {
        return Err(Halt::Blocked("the SDK sent no elevated token".to_owned()));
    }
    refused_beside(stage, &before, &refused)
}

/// The registration beside the verified device is 401, and that device stays and goes on working.
fn refused_beside(stage: &mut Stage, before: &Value, refused: &Step) -> Result<(), Halt> {
    refused.expect_server_error(401, &[]).noted()?;
    refused.wire().last("registerTotpMfaDevice")?.expect_status(401)?;
    let after = record::device(stage, ALICE.email)?;
    stage.expect_equal("the device on record", before.clone(), after)?;
    let next = stage.next_code(SECRET)?;
    let passed = stage.act("totp.auth", json!({ "code": next }));
    passed.wire().last("authMfaTotpDevice")?.expect_status(200)
}

fn unverified_device_does_not_block(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let before = record::device(stage, ALICE.email)?;
    let begun = stage.act("totp.register", json!({}));
    stage.proving("MFA-TOTP-013");
    begun.wire().last("registerTotpMfaDevice")?.expect_status(200)?;

    let device = record::device(stage, ALICE.email)?;
    for (ours, pointer) in [("/device_id", "/id"), ("/secret", "/secret")] {
        let (old, new) = (record::at(&before, pointer), record::at(&device, pointer));
        stage.proving("MFA-TOTP-015");
        stage.expect("the device on record", "a new one", new.clone(), new != old)?;
        stage.proving("MFA-TOTP-001");
        let said = begun.value(ours)?;
        stage.expect_equal("the new one on record and from the SDK", new, said)?;
    }
    stage.proving("MFA-TOTP-015");
    stage.expect_equal("the new one verified", false, record::at(&device, "/verified"))
}

fn replaced_secret_is_dead(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let old = stage.begin_totp()?;
    let new = stage.begin_totp()?;
    let code = stage.code_for(&old.secret)?;
    let refused = stage.act("totp.auth", json!({ "code": code }));
    stage.proving("MFA-TOTP-015");
    refused.wire().last("authMfaTotpDevice")?.expect_status(422)?;
    let kept = record::device(stage, ALICE.email)?;
    stage.expect_equal("the new one verified", false, record::at(&kept, "/verified"))?;
    stage.proving("MFA-TOTP-016");
    refused.expect_class_of(ErrorKind::InvalidCode).noted()?;

    stage.proving("MFA-TOTP-015");
    let code = stage.code_for(&new.secret)?;
    let passed = stage.act("totp.auth", json!({ "code": code }));
    passed.ready()?;
    passed.wire().last("authMfaTotpDevice")?.expect_status(200)
}

/// A parameter of the address's query, as it stands there.
pub(super) fn parameter<'uri>(uri: &'uri str, name: &str) -> Option<&'uri str> {
    let (_, query) = uri.split_once('?')?;
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}
