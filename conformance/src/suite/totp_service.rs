//! A TOTP device at the service between its registration and its confirmation.

use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, RawAnswer, Stage, Token};
use crate::world::{Person, World};

use super::answered::{brings, refused};
use super::raw_session::{MFA_TOKEN, RawSession, email_proof, prepared, text};
use super::record;

const ALICE: Person = Person::named("alice@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const OLDER: World = World::LEGACY.with(&[ALICE]);
const TOTP: &[Guide] = &[Guide::Totp];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "totp/confirming-code-is-used-up",
        title: "the code that confirmed a device authenticates nobody, the next one does",
        proves: &["MFA-TOTP-019"],
        counter: Some("totp/next-code-follows-an-accepted-one"),
        guides: TOTP,
        needs: &[],
        world: OLDER,
        play: confirming_code_is_used_up,
    },
    Case {
        id: "totp/wrong-code-is-told-at-the-confirmation",
        title: "a wrong code at the confirmation is an invalid code, and the right one confirms",
        proves: &["MFA-TOTP-016"],
        counter: Some("totp/device-id-may-be-left-out"),
        guides: TOTP,
        needs: &[],
        world: OLDER,
        play: wrong_code_confirms_nothing,
    },
    Case {
        id: "totp/confirmations-are-rate-limited",
        title: "after too many wrong codes at the confirmation the right one is rate limited",
        proves: &["MFA-TOTP-017"],
        counter: Some("totp/right-code-before-the-limit"),
        guides: TOTP,
        needs: &[],
        world: OLDER.set(&[("minApiVersion", "2026_01_01"), ("totp.failuresMax", "2")]),
        play: confirmations_are_rate_limited,
    },
    Case {
        id: "devices/an-unconfirmed-one-needs-a-proof-too",
        title: "a device that was begun and never confirmed stays while no proof is shown",
        proves: &["MFA-DEV-009"],
        counter: Some("devices/an-mfa-token-deletes"),
        guides: &[Guide::DeviceManagement, Guide::Totp],
        needs: &[],
        world: OLDER,
        play: unconfirmed_device_stays,
    },
    Case {
        id: "devices/the-next-one-is-the-default",
        title: "the device that takes the place of a deleted one is the default",
        proves: &["MFA-DEV-003"],
        counter: None,
        guides: &[Guide::DeviceManagement, Guide::Totp],
        needs: &[],
        world: OLDER,
        play: replacing_device_is_the_default,
    },
    Case {
        id: "recovery/pending-beside-a-wish",
        title: "the codes wait to be acknowledged also when the first factor brought an MFA token",
        proves: &["MFA-REC-012"],
        counter: None,
        guides: &[Guide::RecoveryCodes, Guide::Totp],
        needs: &[],
        world: OLDER,
        play: wishes_do_not_hide_the_codes,
    },
    Case {
        id: "step-up/a-begun-device-is-no-method",
        title: "who has begun a device and not confirmed it still earns scopes by mail",
        proves: &["MFA-STEP-038"],
        counter: None,
        guides: &[Guide::StepUp, Guide::Totp],
        needs: &[],
        world: World::PLAIN.with(&[ALICE.with_unconfirmed_totp(SECRET)]),
        play: begun_device_is_no_method,
    },
];

fn replacing_device_is_the_default(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    let (first, secret) = session.enrol(stage)?;
    let token = session.mfa_token(stage, &secret, true)?;
    let path = format!("users/mfa/{first}");
    prepared(session.request(stage, "DELETE", &path).header(MFA_TOKEN, &token))?;
    let (second, _) = session.enrol(stage)?;
    let listed = session.request(stage, "GET", "users/mfa").send()?;
    listed.expect_status(200)?;
    let devices = listed.value("/devices");
    let devices = devices.as_array().into_iter().flatten();
    let defaults: Vec<Value> =
        devices.filter(|it| it["default"] == true).map(|it| it["id"].clone()).collect();
    stage.expect_equal("ids of default devices", json!([second]), defaults)
}

/// The first authentication confirms the device, whatever else is asked for with it.
fn wishes_do_not_hide_the_codes(stage: &mut Stage) -> Result<(), Halt> {
    let (mut session, _, secret) = begun(stage)?;
    let wish = json!({ "createMfaToken": { "singleUse": true } });
    session.pass_mfa(stage, &secret, wish)?;
    let user = session.request(stage, "GET", "users").send()?;
    user.expect_body("/mfaBackupCodeAcknowledgement", "pending")
}

/// Begins a device; yields the session, the id and the secret.
fn begun(stage: &mut Stage) -> Result<(RawSession, String, String), Halt> {
    let session = RawSession::open(stage, ALICE.email)?;
    let answer = prepared(session.request(stage, "GET", "users/mfa/register/totp"))?;
    Ok((session, text(&answer, "/id")?, text(&answer, "/secret")?))
}

fn confirm(stage: &Stage, session: &RawSession, code: &str) -> Result<RawAnswer, Halt> {
    let request = session.request(stage, "POST", "users/mfa/register/totp");
    request.json(json!({ "type": "totp", "code": code })).send()
}

fn authenticate(stage: &Stage, session: &RawSession, code: &str) -> Result<RawAnswer, Halt> {
    let request = session.request(stage, "POST", "users/mfa/auth/totp");
    request.json(json!({ "code": code })).send()
}

fn confirming_code_is_used_up(stage: &mut Stage) -> Result<(), Halt> {
    let (session, _, secret) = begun(stage)?;
    let code = stage.code_for(&secret)?;
    let confirmed = confirm(stage, &session, &code)?;
    if confirmed.status != 200 {
        return Err(Halt::Blocked(format!("confirming was answered {}", confirmed.status)));
    }
    let again = authenticate(stage, &session, &code)?;
    refused(stage, "the code that confirmed, once more", &again)?;
    stage.expect_equal("a session token for it", Value::Null, again.value("/minifiedJwt"))?;
    let next = stage.next_code(&secret)?;
    authenticate(stage, &session, &next)?.expect_status(200)
}

fn wrong_code_confirms_nothing(stage: &mut Stage) -> Result<(), Halt> {
    let (session, _, secret) = begun(stage)?;
    let wrong = stage.wrong_code(&secret)?;
    let tried = confirm(stage, &session, &wrong)?;
    refused(stage, "the wrong code", &tried)?;
    tried.expect_body("/code", "mfa_invalid_code")?;
    let right = stage.code_for(&secret)?;
    confirm(stage, &session, &right)?.expect_status(200)
}

fn confirmations_are_rate_limited(stage: &mut Stage) -> Result<(), Halt> {
    let (session, _, secret) = begun(stage)?;
    for _ in 0..2 {
        let wrong = stage.wrong_code(&secret)?;
        let tried = confirm(stage, &session, &wrong)?;
        refused(stage, "a wrong code", &tried)?;
    }
    let right = stage.code_for(&secret)?;
    let limited = confirm(stage, &session, &right)?;
    refused(stage, "the right code after too many wrong ones", &limited)?;
    limited.expect_body("/code", "mfa_rate_limited")
}

fn unconfirmed_device_stays(stage: &mut Stage) -> Result<(), Halt> {
    let (session, id, _) = begun(stage)?;
    let tried = session.request(stage, "DELETE", &format!("users/mfa/{id}")).send()?;
    let is_refused = [401, 403].contains(&tried.status);
    stage.expect("deletion without a proof", "status 401 or 403", tried.status, is_refused)?;
    let kept = record::of(stage, ALICE.email, "/devices/0/id")?;
    stage.expect_equal("id of the device on record", id, kept)
}

fn begun_device_is_no_method(stage: &mut Stage) -> Result<(), Halt> {
    let session = RawSession::open(stage, ALICE.email)?;
    let mut body = email_proof(stage, ALICE.email)?;
    body.insert("requestedScopes".to_owned(), json!(["credential:link"]));
    let verified = session.request(stage, "POST", "emailVerifications/verify").json(body).send()?;
    verified.expect_status(200)?;
    let token = brings(stage, "the elevated token", &verified, "/elevatedAccessToken")?;
    let token = Token::decode(&token).map_err(Halt::Blocked)?;
    stage.expect_equal("scopes of it", json!(["credential:link"]), token.scopes())
}
