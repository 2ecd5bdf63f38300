//! Refusals and failures: their shape, what an SDK calls them, and what they must not do.

use serde_json::{Value, json};

use super::record;
use crate::case::{Case, Guide};
use crate::service::{Effect, Fault};
use crate::stage::{ErrorKind, Halt, Noted, RawAnswer, RawRequest, Stage};
use crate::world::{Person, World};

const ALICE: Person = Person::named("alice@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const ENROLLED: World = World::PLAIN.with(&[ALICE.with_totp(SECRET)]);
const OLDER: World = World::LEGACY.with(&[ALICE.with_totp(SECRET)]);
const NOBODYS: &str = "6f1d4c8a-0000-4000-8000-00000000dead";

const GUIDES: &[Guide] = &[Guide::Totp, Guide::SessionMfa];
const PASSING: &[&str] = &["auth.email_start", "auth.email_verify", "totp.auth"];
const TELLING: &[&str] = &["auth.email_start", "auth.email_verify", "totp.auth", "errors:code"];
const ASKING: &[&str] = &[
    "auth.email_start",
    "auth.email_verify",
    "totp.auth",
    "totp.register",
    "device.list",
    "device.delete",
];

/// Every status under which a refusal of a code is told about, in one source or another.
const STATUSES: [u16; 6] = [400, 401, 403, 422, 429, 500];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "errors/bodies-have-texts",
        title: "every refusal is a JSON object with texts at its top, a 404 with both of them",
        proves: &["MFA-ERR-001", "MFA-ERR-003"],
        counter: None,
        guides: &[Guide::Totp, Guide::DeviceManagement, Guide::StepUp],
        needs: PASSING,
        world: ENROLLED,
        play: bodies_have_texts,
    },
    Case {
        id: "errors/texts-at-the-top-are-recognised",
        title: "the SDK recognises a refusal by the texts at the top of its body",
        proves: &["MFA-ERR-003"],
        counter: None,
        guides: GUIDES,
        needs: TELLING,
        world: ENROLLED,
        play: texts_are_recognised,
    },
    Case {
        id: "errors/a-code-that-is-no-text-is-no-kind",
        title: "a number for a code, or none at all, surfaces as an error of no MFA kind",
        proves: &["MFA-ERR-003"],
        counter: Some("errors/texts-at-the-top-are-recognised"),
        guides: GUIDES,
        needs: TELLING,
        world: ENROLLED,
        play: code_that_is_no_text,
    },
    Case {
        id: "errors/invalid-code-under-every-status",
        title: "an invalid code is the same kind of error whatever the status",
        proves: &["MFA-ERR-002"],
        counter: None,
        guides: GUIDES,
        needs: TELLING,
        world: ENROLLED,
        play: |stage| same_under_every_status(stage, "mfa_invalid_code", ErrorKind::InvalidCode),
    },
    Case {
        id: "errors/rate-limit-under-every-status",
        title: "the rate limit is the same kind of error whatever the status",
        proves: &["MFA-ERR-002"],
        counter: None,
        guides: GUIDES,
        needs: TELLING,
        world: ENROLLED,
        play: |stage| same_under_every_status(stage, "mfa_rate_limited", ErrorKind::RateLimited),
    },
    Case {
        id: "errors/the-status-alone-is-no-kind",
        title: "another code under the statuses of MFA errors is not taken for one of them",
        proves: &["MFA-ERR-002"],
        counter: Some("errors/invalid-code-under-every-status"),
        guides: GUIDES,
        needs: TELLING,
        world: ENROLLED,
        play: status_is_no_kind,
    },
    Case {
        id: "errors/a-401-does-not-sign-out",
        title: "MFA calls answered with 401 leave user, session token and MFA token alone",
        proves: &["MFA-ERR-004"],
        counter: Some("errors/after-a-401-the-same-call-works"),
        guides: &[Guide::Totp, Guide::SessionMfa, Guide::DeviceManagement],
        needs: ASKING,
        world: OLDER,
        play: unauthorized_keeps_the_session,
    },
    Case {
        id: "errors/after-a-401-the-same-call-works",
        title: "a call that was answered with 401 works the next time, with the same bearer",
        proves: &["MFA-ERR-004"],
        counter: None,
        guides: GUIDES,
        needs: ASKING,
        world: OLDER,
        play: same_call_works_afterwards,
    },
    Case {
        id: "errors/a-failure-is-not-repeated",
        title: "a failed code or registration surfaces after one request, whatever the status",
        proves: &["MFA-NET-002", "MFA-NET-003"],
        counter: Some("errors/after-a-401-the-same-call-works"),
        guides: GUIDES,
        needs: ASKING,
        world: OLDER,
        play: failure_is_not_repeated,
    },
    Case {
        id: "errors/an-unreadable-refusal-surfaces",
        title: "a refusal without a readable body surfaces as an error and signs nobody out",
        proves: &["MFA-NET-003", "MFA-ERR-004"],
        counter: Some("errors/texts-at-the-top-are-recognised"),
        guides: GUIDES,
        needs: PASSING,
        world: ENROLLED,
        play: unreadable_refusal,
    },
    Case {
        id: "errors/half-an-answer-is-no-success",
        title: "an answer that breaks off surfaces as an error, and the session stays as it was",
        proves: &["MFA-NET-003"],
        counter: Some("errors/after-a-401-the-same-call-works"),
        guides: GUIDES,
        needs: PASSING,
        world: ENROLLED,
        play: half_an_answer,
    },
];

fn bodies_have_texts(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.pass_mfa(SECRET)?;
    let bearer = stage.bearer()?;
    let device = record::text(&record::device(stage, ALICE.email)?, "/id")?;
    let wrong = stage.wrong_code(SECRET)?;
    let asked = |method: &str, path: &str| stage.raw(method, path).bearer(&bearer);
    let code = |body: Value| asked("POST", "users/mfa/auth/totp").json(body);
    let mute: [RawRequest; 4] = [
        stage.raw("GET", "users/mfa"),
        stage.raw("GET", "users/mfa").bearer("no.token.atall"),
        asked("POST", "users/mfa/auth/totp").text("{"),
        asked("POST", "stepUp/check").json(json!({ "scope": "no:such:scope" })),
    ];
    let telling: [RawRequest; 7] = [
        code(json!({ "code": wrong })),
        code(json!({ "code": wrong, "id": NOBODYS })),
        code(json!({})),
        asked("GET", "users/mfa/register/totp"),
        asked("DELETE", &format!("users/mfa/{device}")),
        asked("GET", &format!("users/mfa/{NOBODYS}")),
        asked("GET", "users/mfa/no/such/path"),
    ];
    for request in mute {
        shaped(stage, &request.send()?, false)?;
    }
    for request in telling {
        shaped(stage, &request.send()?, true)?;
    }
    Ok(())
}

/// Expects texts at the top of a refusal's body, and a code where one is due.
fn shaped(stage: &mut Stage, refusal: &RawAnswer, tells: bool) -> Result<(), Halt> {
    let (error, code) = (refusal.value("/error"), refusal.value("/code"));
    let status = refusal.status;
    stage.proving("MFA-ERR-001");
    stage.note("a refusal", "status 400 or more", status, status >= 400)?;
    let worded = error.as_str().is_some_and(|text| !text.is_empty());
    stage.note(&format!("error of the {status}"), "a text", error.clone(), worded)?;
    let told = !tells || code.is_string();
    stage.note(&format!("code of the {status}"), "a text if it tells", code.clone(), told)?;
    stage.proving("MFA-ERR-003");
    let flat = [error, code].iter().all(|value| value.is_null() || value.is_string());
    stage.note(&format!("error and code of the {status}"), "texts", refusal.body.clone(), flat)?;
    stage.proving_all();
    Ok(())
}

fn texts_are_recognised(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let wrong = stage.wrong_code(SECRET)?;
    let refused = stage.act("totp.auth", json!({ "code": wrong }));
    refused.expect_class_of(ErrorKind::InvalidCode)?;
    let seen = refused.wire().last("authMfaTotpDevice")?;
    for field in ["/error", "/code"] {
        let said = seen.answer(field);
        let text = said.is_string();
        stage.expect(&format!("{field} of the refusal"), "a text", said, text)?;
    }
    Ok(())
}

fn code_that_is_no_text(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    for body in [
        json!({ "error": "Unprocessable", "code": 422 }),
        json!({ "error": "Unprocessable" }),
        json!({ "message": "Rate limit exceeded", "code": 429 }),
    ] {
        refuse(
            stage,
            "authMfaTotpDevice",
            Effect::Status { status: 429, code: None, body: Some(body) },
        )?;
        let code = stage.code_for(SECRET)?;
        of_no_kind(stage, json!({ "code": code }))?;
    }
    stage.clear_faults();
    let code = stage.code_for(SECRET)?;
    stage.act("totp.auth", json!({ "code": code })).ok()?;
    Ok(())
}

fn same_under_every_status(stage: &mut Stage, code: &str, kind: ErrorKind) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let typed = stage.code_for(SECRET)?;
    let mut classes = Vec::new();
    for status in STATUSES {
        let effect = Effect::Status { status, code: Some(code.to_owned()), body: None };
        refuse(stage, "authMfaTotpDevice", effect)?;
        let refused = stage.act("totp.auth", json!({ "code": typed }));
        refused.expect_class_of(kind).noted()?;
        refused.wire().last("authMfaTotpDevice")?.expect_status(status)?;
        classes.push(refused.err()?.class);
    }
    let same = classes.windows(2).all(|pair| pair.first() == pair.last());
    stage.expect("classes of the error", "one for all", json!(classes), same)
}

fn status_is_no_kind(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let typed = stage.code_for(SECRET)?;
    for status in STATUSES {
        let code = Some("mfa_device_not_found".to_owned());
        refuse(stage, "authMfaTotpDevice", Effect::Status { status, code, body: None })?;
        of_no_kind(stage, json!({ "code": typed }))?;
    }
    stage.clear_faults();
    stage.act("totp.auth", json!({ "code": typed })).ok()?;
    Ok(())
}

/// Expects an error that is neither an invalid code nor a rate limit.
fn of_no_kind(stage: &mut Stage, args: Value) -> Result<(), Halt> {
    let refused = stage.act("totp.auth", args);
    let error = refused.err()?;
    let kinds = [ErrorKind::InvalidCode, ErrorKind::RateLimited];
    let other = !kinds.into_iter().any(|kind| kind.is(&error));
    stage.note("the kind of the error", "no MFA kind", error.code, other)?;
    refused.wire().last("authMfaTotpDevice").map(drop)
}

fn unauthorized_keeps_the_session(stage: &mut Stage) -> Result<(), Halt> {
    let before = held_token(stage)?;
    for (op, operation, args) in calls(stage)? {
        refuse(stage, operation, Effect::status(401))?;
        let refused = stage.act(op, args);
        refused.err()?;
        refused.wire().last(operation)?.expect_status(401)?;
        refused.wire().never("revokeSession")?;
        unchanged(stage, &before)?;
    }
    stage.clear_faults();
    // One of the service's own: a second registration (rule T14).
    let refused = stage.act("totp.register", json!({}));
    refused.wire().last("registerTotpMfaDevice").map(drop)?;
    unchanged(stage, &before)
}

fn same_call_works_afterwards(stage: &mut Stage) -> Result<(), Halt> {
    let before = held_token(stage)?;
    let bearer = format!("Bearer {}", record::text(&before, "/token")?);
    let code = stage.code_for(SECRET)?;
    for (op, operation, args) in [
        ("device.list", "getUserMfaDevices", json!({})),
        ("totp.auth", "authMfaTotpDevice", json!({ "code": code })),
    ] {
        refuse(stage, operation, Effect::status(401))?;
        stage.act(op, args.clone()).err()?;
        stage.clear_faults();
        let again = stage.act(op, args);
        again.ok()?;
        again.wire().last(operation)?.expect_header("authorization", &bearer)?;
    }
    Ok(())
}

fn failure_is_not_repeated(stage: &mut Stage) -> Result<(), Halt> {
    held_token(stage)?;
    for (op, operation, args) in calls(stage)? {
        for status in [401, 403, 429, 500, 503] {
            refuse(stage, operation, Effect::status(status))?;
            let failed = stage.act(op, args.clone());
            stage.proving("MFA-NET-003");
            failed.err()?;
            failed.wire().last(operation)?.expect_status(status).noted()?;
            stage.proving("MFA-NET-002");
            failed.wire().exactly(1, operation).noted()?;
        }
    }
    Ok(())
}

fn unreadable_refusal(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let before = stage.state()?;
    let code = stage.code_for(SECRET)?;
    for status in [401, 403, 500] {
        for body in [json!("<html>"), json!([]), json!({}), Value::Null] {
            let effect = Effect::Status { status, code: None, body: Some(body) };
            refuse(stage, "authMfaTotpDevice", effect)?;
            let refused = stage.act("totp.auth", json!({ "code": code }));
            stage.proving("MFA-NET-003");
            refused.err()?;
            refused.wire().last("authMfaTotpDevice")?.expect_status(status)?;
            stage.proving("MFA-ERR-004");
            unchanged(stage, &before)?;
        }
    }
    stage.clear_faults();
    stage.proving("MFA-NET-003");
    stage.act("totp.auth", json!({ "code": code })).ok()?;
    Ok(())
}

fn half_an_answer(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let before = stage.state()?;
    let code = stage.code_for(SECRET)?;
    refuse(stage, "authMfaTotpDevice", Effect::Truncate { bytes: 40 })?;
    let broken = stage.act("totp.auth", json!({ "code": code }));
    broken.err()?;
    broken.wire().last("authMfaTotpDevice").map(drop)?;
    unchanged(stage, &before)
}

/// Signs in, passes the challenge and leaves an MFA token with the SDK; tells the state then.
fn held_token(stage: &mut Stage) -> Result<Value, Halt> {
    stage.sign_in(ALICE.email)?;
    let code = stage.next_code(SECRET)?;
    let wish = json!({ "code": code, "mfa_token": { "single_use": false } });
    stage.act("totp.auth", wish).ready()?;
    stage.advance(30)?;
    stage.state()
}

/// MFA calls, their operations, and arguments that would do.
fn calls(stage: &mut Stage) -> Result<Vec<(&'static str, &'static str, Value)>, Halt> {
    let code = stage.code_for(SECRET)?;
    let token = stage.state_of("mfa_token")?;
    Ok(vec![
        ("totp.register", "registerTotpMfaDevice", json!({})),
        ("device.list", "getUserMfaDevices", json!({})),
        ("totp.auth", "authMfaTotpDevice", json!({ "code": code })),
        ("device.delete", "deleteMfaDevice", json!({ "id": NOBODYS, "mfa_token": token })),
    ])
}

/// Every call of the operation goes wrong until the faults are cleared.
///
/// Not only the next one: an SDK that repeats a failed call has a case of its own.
fn refuse(stage: &mut Stage, operation: &str, effect: Effect) -> Result<(), Halt> {
    stage.clear_faults();
    stage.inject(Fault { times: None, ..Fault::on(operation, effect) })
}

/// Expects that the SDK is signed in with the very session it had before.
fn unchanged(stage: &mut Stage, before: &Value) -> Result<(), Halt> {
    let state = stage.act("state.get", json!({}));
    state.expect_field("/authenticated", true)?;
    for field in ["/user_id", "/scopes", "/token", "/mfa_token"] {
        state.expect_field(field, record::at(before, field))?;
    }
    Ok(())
}
