//! TOTP codes at work: right, wrong, repeated, too early, too late, too often.

use fixtures::rfc6238;
use jiff::Timestamp;
use serde_json::json;

use super::record;
use crate::case::{Case, Guide};
use crate::stage::{ErrorKind, Halt, Noted, STEP_SECONDS, Stage, Step};
use crate::world::{Person, World};

const ALICE: Person = Person::named("alice@example.com");
const BOB: Person = Person::named("bob@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const BOBS_SECRET: &str = "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU";
const ENROLLED: World = World::PLAIN.with(&[ALICE.with_totp(SECRET)]);
const STANDARD: World = World::PLAIN.with(&[ALICE.with_totp(rfc6238::SHA1_SEED_BASE32)]);

const PASSING: &[&str] = &["auth.email_start", "auth.email_verify", "totp.auth"];
const TELLING: &[&str] = &["auth.email_start", "auth.email_verify", "totp.auth", "errors:code"];

/// How far ahead a code with a leading zero is looked for; one in ten has one.
const STEPS_AHEAD_MAX: i64 = 400;

pub(super) const CASES: &[Case] = &[
    Case {
        id: "totp/device-id-may-be-left-out",
        title: "a code without a device id passes the challenge of the user's only device",
        proves: &["MFA-TOTP-012", "MFA-TOTP-016"],
        counter: None,
        guides: &[Guide::Totp, Guide::SessionMfa],
        needs: PASSING,
        world: ENROLLED,
        play: device_id_left_out,
    },
    Case {
        id: "totp/device-id-is-handed-on",
        title: "a given device id goes out as given and passes the same challenge",
        proves: &["MFA-TOTP-012", "MFA-TOTP-018"],
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
        title: "a wrong code surfaces as an invalid code, and the session still owes its MFA",
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
        proves: &["MFA-TOTP-019"],
        counter: Some("totp/next-code-follows-an-accepted-one"),
        guides: &[Guide::Totp],
        needs: PASSING,
        world: ENROLLED,
        play: replayed_code,
    },
    Case {
        id: "totp/next-code-follows-an-accepted-one",
        title: "the code of the next time step is accepted after the one before",
        proves: &["MFA-TOTP-019"],
        counter: None,
        guides: &[Guide::Totp],
        needs: PASSING,
        world: ENROLLED,
        play: next_code_follows,
    },
    Case {
        id: "totp/window-is-one-step",
        title: "the code of the step before and that of the step after are accepted",
        proves: &["MFA-TOTP-020"],
        counter: None,
        guides: &[Guide::Totp],
        needs: PASSING,
        world: ENROLLED,
        play: |stage| codes_around(stage, &[-1, 1], true),
    },
    Case {
        id: "totp/window-is-not-two-steps",
        title: "codes that are two steps away are refused on both sides",
        proves: &["MFA-TOTP-020"],
        counter: Some("totp/window-is-one-step"),
        guides: &[Guide::Totp],
        needs: PASSING,
        world: ENROLLED,
        play: |stage| codes_around(stage, &[-2, 2], false),
    },
    Case {
        id: "totp/code-lives-thirty-seconds",
        title: "without a window a code is good until the last second of its step",
        proves: &["MFA-TOTP-003"],
        counter: None,
        guides: &[Guide::Totp],
        needs: PASSING,
        world: ENROLLED.set(&[("totp.windowSteps", "0")]),
        play: |stage| at_second_of_step(stage, STEP_SECONDS - 1, true),
    },
    Case {
        id: "totp/code-is-over-after-thirty-seconds",
        title: "without a window a code is refused from the first second of the next step",
        proves: &["MFA-TOTP-003"],
        counter: Some("totp/code-lives-thirty-seconds"),
        guides: &[Guide::Totp],
        needs: PASSING,
        world: ENROLLED.set(&[("totp.windowSteps", "0")]),
        play: |stage| at_second_of_step(stage, STEP_SECONDS, false),
    },
    Case {
        id: "totp/codes-are-those-of-the-standard",
        title: "the published codes of past moments are accepted for the published secret",
        proves: &["MFA-TOTP-STD-01"],
        counter: None,
        guides: &[Guide::Totp],
        needs: PASSING,
        world: STANDARD,
        play: codes_of_the_past,
    },
    Case {
        id: "totp/codes-beyond-32-bits-of-time",
        title: "the published codes of far moments go through the SDK and are accepted",
        proves: &["MFA-TOTP-STD-01"],
        counter: None,
        guides: &[Guide::Totp],
        needs: &["auth.email_start", "auth.email_verify", "totp.auth", "instances:2"],
        world: STANDARD,
        play: codes_of_the_future,
    },
    Case {
        id: "totp/leading-zeros-travel",
        title: "a code with a leading zero goes out as the text it is, and is accepted",
        proves: &["MFA-TOTP-STD-01"],
        counter: None,
        guides: &[Guide::Totp],
        needs: PASSING,
        world: STANDARD,
        play: leading_zeros_travel,
    },
];

fn device_id_left_out(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let code = stage.code_for(SECRET)?;
    let passed = stage.act("totp.auth", json!({ "code": code }));
    passed.ok()?;
    passed.wire().exactly(1, "authMfaTotpDevice")?;
    let seen = passed.wire().last("authMfaTotpDevice")?;
    seen.expect_no_body("/id")?;
    seen.expect_status(200)?;
    stage.act("state.get", json!({})).expect_field("/mfa_pending", false)
}

fn device_id_handed_on(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let id = record::at(&record::device(stage, ALICE.email)?, "/id");
    let code = stage.code_for(SECRET)?;
    let passed = stage.act("totp.auth", json!({ "code": code, "device_id": id }));
    passed.ok()?;
    let seen = passed.wire().last("authMfaTotpDevice")?;
    seen.expect_body("/id", id)?;
    seen.expect_status(200)?;
    stage.act("state.get", json!({})).expect_field("/mfa_pending", false)
}

fn unknown_device(stage: &mut Stage) -> Result<(), Halt> {
    let bobs = record::text(&record::device(stage, BOB.email)?, "/id")?;
    stage.sign_in(ALICE.email)?;
    let code = stage.code_for(SECRET)?;
    let bobs_code = stage.code_for(BOBS_SECRET)?;
    let nobodys = "6f1d4c8a-0000-4000-8000-00000000dead";
    for (id, code) in [(nobodys, &code), (&bobs, &code), (&bobs, &bobs_code)] {
        let refused = stage.act("totp.auth", json!({ "code": code, "device_id": id }));
        refused.expect_server_error(422, &["mfa_device_not_found"]).noted()?;
        let seen = refused.wire().last("authMfaTotpDevice")?;
        seen.expect_body("/id", id)?;
        stage.expect_equal("code of the refusal", "mfa_device_not_found", seen.answer("/code"))?;
    }
    stage.act("totp.auth", json!({ "code": code })).ok()?;
    Ok(())
}

fn wrong_code(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let wrong = stage.wrong_code(SECRET)?;
    let refused = stage.act("totp.auth", json!({ "code": wrong }));
    refused.expect_class_of(ErrorKind::InvalidCode).noted()?;
    let seen = refused.wire().last("authMfaTotpDevice")?;
    seen.expect_body("/code", wrong)?;
    stage.expect_equal("code of the refusal", "mfa_invalid_code", seen.answer("/code"))?;
    stage.act("state.get", json!({})).expect_field("/mfa_pending", true)?;

    let right = stage.code_for(SECRET)?;
    stage.act("totp.auth", json!({ "code": right })).ok()?;
    stage.act("state.get", json!({})).expect_field("/mfa_pending", false)
}

fn rate_limited(stage: &mut Stage, status: u16) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    for _ in 0..2 {
        wrong_once(stage)?.expect_class_of(ErrorKind::InvalidCode).noted()?;
    }
    let right = stage.code_for(SECRET)?;
    let limited = stage.act("totp.auth", json!({ "code": right }));
    limited.expect_class_of(ErrorKind::RateLimited).noted()?;
    limited.wire().exactly(1, "authMfaTotpDevice")?;
    let seen = limited.wire().last("authMfaTotpDevice")?;
    seen.expect_status(status)?;
    stage.expect_equal("code of the refusal", "mfa_rate_limited", seen.answer("/code"))?;
    stage.act("state.get", json!({})).expect_field("/mfa_pending", true)
}

fn right_code_before_the_limit(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    for _ in 0..2 {
        wrong_once(stage)?.expect_class_of(ErrorKind::InvalidCode)?;
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
    refused_as_invalid(&stage.act("totp.auth", json!({ "code": code })))
}

fn next_code_follows(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let code = stage.code_for(SECRET)?;
    stage.act("totp.auth", json!({ "code": code })).ready()?;
    let next = stage.next_code(SECRET)?;
    accepted(&stage.act("totp.auth", json!({ "code": next })))
}

fn codes_around(stage: &mut Stage, steps: &[i64], good: bool) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    for step in steps {
        let code = stage.code_at_step(SECRET, *step)?;
        let tried = stage.act("totp.auth", json!({ "code": code }));
        if good { accepted(&tried)? } else { refused_as_invalid(&tried)? }
    }
    Ok(())
}

fn at_second_of_step(stage: &mut Stage, second: i64, good: bool) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let code = stage.code_for(SECRET)?;
    let into_step = stage.now().as_second().rem_euclid(STEP_SECONDS);
    stage.advance(second - into_step)?;
    let tried = stage.act("totp.auth", json!({ "code": code }));
    if good { accepted(&tried) } else { refused_as_invalid(&tried) }
}

fn codes_of_the_past(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let bearer = stage.bearer()?;
    let now = stage.now();
    for (at, code) in published()?.into_iter().filter(|(at, _)| *at < now) {
        hold(stage, at)?;
        let body = json!({ "code": code });
        // The SDK would take the session of an answer from the past for one that has ended.
        let answer = stage.raw("POST", "users/mfa/auth/totp").bearer(&bearer).json(body).send()?;
        answer.expect_status(200)?;
    }
    Ok(())
}

fn codes_of_the_future(stage: &mut Stage) -> Result<(), Halt> {
    let now = stage.now();
    for (at, code) in published()?.into_iter().filter(|(at, _)| *at > now) {
        hold(stage, at)?;
        stage.open().ready()?;
        stage.sign_in(ALICE.email)?;
        let passed = stage.act("totp.auth", json!({ "code": code }));
        passed.wire().last("authMfaTotpDevice")?.expect_body("/code", code)?;
        accepted(&passed)?;
    }
    Ok(())
}

fn leading_zeros_travel(stage: &mut Stage) -> Result<(), Halt> {
    let secret = rfc6238::SHA1_SEED_BASE32;
    let mut steps = 0;
    while !stage.code_at_step(secret, steps)?.starts_with('0') && steps < STEPS_AHEAD_MAX {
        steps += 1;
    }
    stage.advance(steps * STEP_SECONDS)?;
    stage.sign_in(ALICE.email)?;
    let code = stage.code_for(secret)?;
    let passed = stage.act("totp.auth", json!({ "code": code }));
    passed.wire().last("authMfaTotpDevice")?.expect_body("/code", code)?;
    accepted(&passed)
}

/// The moments and six-digit codes of the appendix for the hash that authenticator apps use.
fn published() -> Result<Vec<(Timestamp, &'static str)>, Halt> {
    let rows = rfc6238::ROWS.iter().filter(|row| row.algorithm == rfc6238::Algorithm::Sha1);
    rows.map(|row| {
        let second = i64::try_from(row.time).unwrap_or(i64::MAX);
        let at = Timestamp::from_second(second).map_err(|error| Halt::Harness(error.to_string()))?;
        Ok((at, row.code6()))
    })
    .collect()
}

fn hold(stage: &Stage, at: Timestamp) -> Result<(), Halt> {
    stage.remark(format!("the clock stands at {at}"));
    let held = stage.tenant().hosting().hold_clock_at(at);
    held.map(drop).map_err(|error| Halt::Harness(error.to_string()))
}

/// Both witnesses say that the code was good.
fn accepted(step: &Step) -> Result<(), Halt> {
    step.ok()?;
    step.wire().last("authMfaTotpDevice")?.expect_status(200)
}

/// Both witnesses say that the code was bad; the service was asked once.
fn refused_as_invalid(step: &Step) -> Result<(), Halt> {
    step.err()?;
    step.wire().exactly(1, "authMfaTotpDevice")?;
    step.wire().last("authMfaTotpDevice")?.expect_status(422)
}
