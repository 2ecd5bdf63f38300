//! TOTP codes at work: right, wrong, repeated, too often, for the wrong device.

use serde_json::json;

use super::record;
use crate::case::{Case, Guide};
use crate::stage::{ErrorKind, Halt, Noted, Stage, Step};
use crate::world::{Person, World};

const ALICE: Person = Person::named("alice@example.com");
const BOB: Person = Person::named("bob@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const BOBS_SECRET: &str = "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU";
const NOBODYS: &str = "6f1d4c8a-0000-4000-8000-00000000dead";
const ENROLLED: World = World::PLAIN.with(&[ALICE.with_totp(SECRET)]);

const PASSING: &[&str] = &["auth.email_start", "auth.email_verify", "totp.auth"];
const TELLING: &[&str] = &["auth.email_start", "auth.email_verify", "totp.auth", "errors:code"];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "totp/device-id-may-be-left-out",
        title: "a code without a device id passes the challenge of the user's only device",
        proves: &["MFA-TOTP-012"],
        counter: None,
        guides: &[Guide::Totp, Guide::SessionMfa],
        needs: PASSING,
        world: ENROLLED,
        play: device_id_left_out,
    },
    Case {
        id: "totp/device-id-is-handed-on",
        title: "a given device id goes out as given and passes the same challenge",
        proves: &["MFA-TOTP-012"],
        counter: None,
        guides: &[Guide::Totp],
        needs: PASSING,
        world: ENROLLED,
        play: device_id_handed_on,
    },
    Case {
        id: "totp/unknown-device-is-refused-by-name",
        title: "an id of nobody's or of another's device is refused, and the code is not used up",
        proves: &["MFA-TOTP-018"],
        counter: Some("totp/device-id-is-handed-on"),
        guides: &[Guide::Totp, Guide::DeviceManagement],
        needs: TELLING,
        world: World::PLAIN.with(&[ALICE.with_totp(SECRET), BOB.with_totp(BOBS_SECRET)]),
        play: unknown_device,
    },
    Case {
        id: "totp/wrong-code-is-an-invalid-code",
        title: "a wrong code surfaces as an invalid code, and the session stays as it was",
        proves: &["MFA-TOTP-016"],
        counter: Some("totp/device-id-may-be-left-out"),
        guides: &[Guide::Totp, Guide::SessionMfa],
        needs: TELLING,
        world: ENROLLED,
        play: wrong_code,
    },
    Case {
        id: "totp/rate-limit-is-told-apart",
        title: "after too many wrong codes even the right one surfaces as rate limited",
        proves: &["MFA-TOTP-017"],
        counter: Some("totp/right-code-before-the-limit"),
        guides: &[Guide::Totp, Guide::SessionMfa],
        needs: TELLING,
        world: ENROLLED.set(&[("totp.failuresMax", "2"), ("totp.rateLimitedStatus", "429")]),
        play: |stage| rate_limited(stage, 429),
    },
    Case {
        id: "totp/rate-limit-is-told-apart-under-422",
        title: "the rate limit surfaces as such also under the status of a wrong code",
        proves: &["MFA-TOTP-017"],
        counter: Some("totp/right-code-before-the-limit"),
        guides: &[Guide::Totp, Guide::SessionMfa],
        needs: TELLING,
        world: ENROLLED.set(&[("totp.failuresMax", "2"), ("totp.rateLimitedStatus", "422")]),
        play: |stage| rate_limited(stage, 422),
    },
    Case {
        id: "totp/right-code-before-the-limit",
        title: "a right code just before the limit is accepted and starts the count anew",
        proves: &["MFA-TOTP-017"],
        counter: None,
        guides: &[Guide::Totp],
        needs: TELLING,
        world: ENROLLED.set(&[("totp.failuresMax", "2")]),
        play: right_code_before_the_limit,
    },
    Case {
        id: "totp/replayed-code-is-refused",
        title: "a code that was accepted is refused the second time in the same time step",
        proves: &["MFA-TOTP-019", "MFA-TOTP-016"],
        counter: Some("totp/next-code-follows-an-accepted-one"),
        guides: &[Guide::Totp],
        needs: TELLING,
        world: ENROLLED,
        play: replayed_code,
    },
    Case {
        id: "totp/next-code-follows-an-accepted-one",
        title: "the code of the next time step is accepted after the one before",
        proves: &["MFA-TOTP-019", "MFA-TOTP-012"],
        counter: None,
        guides: &[Guide::Totp],
        needs: PASSING,
        world: ENROLLED,
        play: next_code_follows,
    },
];

fn device_id_left_out(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let id = record::at(&record::device(stage, ALICE.email)?, "/id");
    let code = stage.code_for(SECRET)?;
    let passed = stage.act("totp.auth", json!({ "code": code }));
    passed.ok()?;
    let seen = passed.wire().last("authMfaTotpDevice")?;
    seen.expect_status(200)?;
    let sent = seen.body("/id");
    let fits = sent.is_null() || sent == id;
    stage.expect("device id on the wire", "none, or that of the only device", sent, fits)?;

    // An SDK may fill the id in by itself, so that leaving it out is tried at the service as well.
    let (bearer, next) = (stage.bearer()?, stage.next_code(SECRET)?);
    let bare = stage.raw("POST", "users/mfa/auth/totp").bearer(&bearer);
    bare.json(json!({ "code": next })).send()?.expect_status(200)
}

fn device_id_handed_on(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let id = record::at(&record::device(stage, ALICE.email)?, "/id");
    let code = stage.code_for(SECRET)?;
    let passed = stage.act("totp.auth", json!({ "code": code, "device_id": id }));
    passed.ok()?;
    let seen = passed.wire().last("authMfaTotpDevice")?;
    seen.expect_body("/id", id)?;
    seen.expect_status(200)
}

fn unknown_device(stage: &mut Stage) -> Result<(), Halt> {
    let bobs = record::text(&record::device(stage, BOB.email)?, "/id")?;
    stage.sign_in(ALICE.email)?;
    let code = stage.code_for(SECRET)?;
    let bobs_code = stage.code_for(BOBS_SECRET)?;
    let named = "mfa_device_not_found";
    for (id, code) in [(NOBODYS, &code), (&bobs, &code), (&bobs, &bobs_code)] {
        let refused = stage.act("totp.auth", json!({ "code": code, "device_id": id }));
        let said = refused.err()?.code;
        stage.note("code of the error", named, said.clone(), said.as_deref() == Some(named))?;
        let seen = refused.wire().last("authMfaTotpDevice")?;
        seen.expect_body("/id", id)?;
        stage.expect_equal("code of the refusal", named, seen.answer("/code"))?;
    }
    stage.act("totp.auth", json!({ "code": code })).ok()?;
    Ok(())
}

fn wrong_code(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let scopes = stage.state_of("scopes")?;
    let wrong = stage.wrong_code(SECRET)?;
    let refused = stage.act("totp.auth", json!({ "code": wrong }));
    refused.expect_class_of(ErrorKind::InvalidCode).noted()?;
    let seen = refused.wire().last("authMfaTotpDevice")?;
    seen.expect_body("/code", wrong)?;
    stage.expect_equal("code of the refusal", "mfa_invalid_code", seen.answer("/code"))?;
    stage.act("state.get", json!({})).expect_field("/scopes", scopes)?;

    let right = stage.code_for(SECRET)?;
    stage.act("totp.auth", json!({ "code": right })).ok().map(drop)
}

fn rate_limited(stage: &mut Stage, status: u16) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let scopes = stage.state_of("scopes")?;
    let mut told = None;
    for _ in 0..2 {
        told = wrong_once(stage)?.err()?.code;
    }
    let right = stage.code_for(SECRET)?;
    let limited = stage.act("totp.auth", json!({ "code": right }));
    limited.expect_class_of(ErrorKind::RateLimited).noted()?;
    let apart = limited.err()?.code != told;
    stage.note("code of the error", "another one than before the limit", told, apart)?;
    let seen = limited.wire().last("authMfaTotpDevice")?;
    seen.expect_status(status)?;
    stage.expect_equal("code of the refusal", "mfa_rate_limited", seen.answer("/code"))?;
    stage.act("state.get", json!({})).expect_field("/scopes", scopes)
}

fn right_code_before_the_limit(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    for _ in 0..2 {
        let code = wrong_once(stage)?.err()?.code;
        let limited = ErrorKind::RateLimited.codes().contains(&code.as_deref().unwrap_or_default());
        stage.expect("code of the error", "no rate limit yet", code, !limited)?;
        let right = stage.next_code(SECRET)?;
        let passed = stage.act("totp.auth", json!({ "code": right }));
        passed.ok()?;
        passed.wire().last("authMfaTotpDevice")?.expect_status(200)?;
    }
    Ok(())
}

fn wrong_once(stage: &mut Stage) -> Result<Step, Halt> {
    let wrong = stage.wrong_code(SECRET)?;
    Ok(stage.act("totp.auth", json!({ "code": wrong })))
}

fn replayed_code(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let code = stage.code_for(SECRET)?;
    stage.act("totp.auth", json!({ "code": code })).ready()?;
    refused(stage, "MFA-TOTP-019", &code)
}

fn next_code_follows(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let code = stage.code_for(SECRET)?;
    stage.act("totp.auth", json!({ "code": code })).ready()?;
    let next = stage.next_code(SECRET)?;
    accepted(stage, "MFA-TOTP-019", &next)
}

/// The service accepts the code, which decides the requirement, and the SDK returns.
pub(super) fn accepted(stage: &mut Stage, decided: &'static str, code: &str) -> Result<(), Halt> {
    let tried = stage.act("totp.auth", json!({ "code": code }));
    stage.proving(decided);
    tried.wire().last("authMfaTotpDevice")?.expect_status(200)?;
    stage.proving("MFA-TOTP-012");
    tried.ok().map(drop)
}

/// The service refuses the code, which decides the requirement, and the SDK says why.
pub(super) fn refused(stage: &mut Stage, decided: &'static str, code: &str) -> Result<(), Halt> {
    let tried = stage.act("totp.auth", json!({ "code": code }));
    stage.proving(decided);
    let seen = tried.wire().last("authMfaTotpDevice")?;
    seen.expect_status(422)?;
    stage.expect_equal("code of the refusal", "mfa_invalid_code", seen.answer("/code"))?;
    stage.proving("MFA-TOTP-016");
    tried.expect_class_of(ErrorKind::InvalidCode).noted()
}
