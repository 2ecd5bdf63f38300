//! TOTP codes and time: the window, the step, and the published codes of the standard.

use fixtures::rfc6238;
use jiff::Timestamp;
use serde_json::json;

use super::raw_session::{RawSession, prepared, text};
use super::totp_verify::{accepted, refused};
use crate::case::{Case, Guide};
use crate::stage::{Halt, Noted, STEP_SECONDS, Stage};
use crate::world::{Person, World};

const ALICE: Person = Person::named("alice@example.com");
const BOB: Person = Person::named("bob@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const ENROLLED: World = World::PLAIN.with(&[ALICE.with_totp(SECRET)]);
const STANDARD: World = World::PLAIN.with(&[ALICE.with_totp(rfc6238::SHA1_SEED_BASE32)]);

const PASSING: &[&str] = &["auth.email_start", "auth.email_verify", "totp.auth"];
const TELLING: &[&str] = &["auth.email_start", "auth.email_verify", "totp.auth", "errors:code"];

/// How far ahead a code with a leading zero is looked for; one in ten has one.
const STEPS_AHEAD_MAX: i64 = 400;

pub(super) const CASES: &[Case] = &[
    Case {
        id: "totp/a-lock-opens-again",
        title: "who waited as long as the refusal said passes with a right code",
        proves: &["MFA-TOTP-032"],
        counter: Some("totp/rate-limit-is-told-apart"),
        guides: &[Guide::Totp, Guide::SessionMfa],
        needs: &[],
        world: ENROLLED.set(&[("totp.failuresMax", "2")]),
        play: a_lock_opens_again,
    },
    Case {
        id: "totp/window-is-one-step",
        title: "the code of the step before and that of the step after are accepted",
        proves: &["MFA-TOTP-020", "MFA-TOTP-012"],
        counter: None,
        guides: &[Guide::Totp],
        needs: PASSING,
        world: ENROLLED,
        play: |stage| window_accepts(stage, &[-1, 1]),
    },
    Case {
        id: "totp/window-is-one-step-for-a-new-device",
        title: "a new device is confirmed by the code of the step before, and by that of the step after",
        proves: &["MFA-TOTP-020"],
        counter: Some("totp/window-is-not-two-steps"),
        guides: &[Guide::Totp],
        needs: &[],
        world: World::LEGACY.with(&[ALICE, BOB]),
        play: window_for_a_new_device,
    },
    Case {
        id: "totp/window-is-not-two-steps",
        title: "codes that are two steps away are refused on both sides",
        proves: &["MFA-TOTP-020", "MFA-TOTP-016"],
        counter: Some("totp/window-is-one-step"),
        guides: &[Guide::Totp],
        needs: TELLING,
        world: ENROLLED,
        play: |stage| window_refuses(stage, &[-2, 2]),
    },
    Case {
        id: "totp/code-lives-thirty-seconds",
        title: "without a window a code is good until the last second of its step",
        proves: &["MFA-TOTP-003"],
        counter: None,
        guides: &[Guide::Totp],
        needs: PASSING,
        world: ENROLLED.set(&[("totp.windowSteps", "0")]),
        play: |stage| at_second_of_step(stage, STEP_SECONDS - 1, 200),
    },
    Case {
        id: "totp/code-is-over-after-thirty-seconds",
        title: "without a window a code is refused from the first second of the next step",
        proves: &["MFA-TOTP-003"],
        counter: Some("totp/code-lives-thirty-seconds"),
        guides: &[Guide::Totp],
        needs: PASSING,
        world: ENROLLED.set(&[("totp.windowSteps", "0")]),
        play: |stage| at_second_of_step(stage, STEP_SECONDS, 422),
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

fn window_accepts(stage: &mut Stage, steps: &[i64]) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    for step in steps {
        let code = stage.code_at_step(SECRET, *step)?;
        accepted(stage, "MFA-TOTP-020", &code)?;
    }
    Ok(())
}

fn window_for_a_new_device(stage: &mut Stage) -> Result<(), Halt> {
    for (person, step) in [(ALICE, -1), (BOB, 1)] {
        let session = RawSession::open(stage, person.email)?;
        let begun = prepared(session.request(stage, "GET", "users/mfa/register/totp"))?;
        let code = stage.code_at_step(&text(&begun, "/secret")?, step)?;
        let confirm = session.request(stage, "POST", "users/mfa/register/totp");
        let confirmed = confirm.json(json!({ "type": "totp", "code": code })).send()?.status;
        stage.expect_equal(&format!("the code of step {step:+}"), 200, confirmed).noted()?;
    }
    Ok(())
}

fn window_refuses(stage: &mut Stage, steps: &[i64]) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    for step in steps {
        let code = stage.code_at_step(SECRET, *step)?;
        refused(stage, "MFA-TOTP-020", &code)?;
    }
    Ok(())
}

fn at_second_of_step(stage: &mut Stage, second: i64, status: u16) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let code = stage.code_for(SECRET)?;
    let into_step = stage.now().as_second().rem_euclid(STEP_SECONDS);
    stage.advance(second - into_step)?;
    let tried = stage.act("totp.auth", json!({ "code": code }));
    tried.wire().last("authMfaTotpDevice")?.expect_status(status)?;
    if status == 200 { tried.ok().map(drop) } else { tried.err().map(drop) }
}

fn codes_of_the_past(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let bearer = stage.bearer()?;
    let now = stage.now();
    for (at, code) in published()?.into_iter().filter(|(at, _)| *at < now) {
        stage.hold_clock_at(at)?;
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
        stage.hold_clock_at(at)?;
        stage.open().ready()?;
        stage.sign_in(ALICE.email)?;
        travels(stage, code)?;
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
    travels(stage, &code)
}

/// A code goes out as the text it is and is accepted; both witnesses say so.
fn travels(stage: &mut Stage, code: &str) -> Result<(), Halt> {
    let passed = stage.act("totp.auth", json!({ "code": code }));
    let seen = passed.wire().last("authMfaTotpDevice")?;
    seen.expect_body("/code", code)?;
    seen.expect_status(200)?;
    passed.ok().map(drop)
}

/// The moments and six-digit codes of the appendix for the hash that authenticator apps use.
fn published() -> Result<Vec<(Timestamp, &'static str)>, Halt> {
    let rows = rfc6238::ROWS.iter().filter(|row| row.algorithm == rfc6238::Algorithm::Sha1);
    rows.map(|row| {
        let second = i64::try_from(row.time).unwrap_or(i64::MAX);
        let at =
            Timestamp::from_second(second).map_err(|error| Halt::Harness(error.to_string()))?;
        Ok((at, row.code6()))
    })
    .collect()
}

fn a_lock_opens_again(stage: &mut Stage) -> Result<(), Halt> {
    let session = RawSession::open(stage, ALICE.email)?;
    let typed = |stage: &Stage, code: String| {
        session.request(stage, "POST", "users/mfa/auth/totp").json(json!({ "code": code })).send()
    };
    let mut refused = None;
    for _ in 0..3 {
        let wrong = stage.wrong_code(SECRET)?;
        refused = Some(typed(stage, wrong)?);
    }
    let named = refused.as_ref().and_then(|answer| answer.header("retry-after"));
    let Some(seconds) = named.and_then(|text| text.parse::<i64>().ok()) else {
        return stage.not_applicable("the service names no time after too many wrong codes");
    };
    let right = stage.code_for(SECRET)?;
    let locked = typed(stage, right)?.status;
    stage.expect("a right code at once", "refused", locked, (400..500).contains(&locked))?;
    stage.advance(seconds)?;
    let right = stage.code_for(SECRET)?;
    typed(stage, right)?.expect_status(200)
}
