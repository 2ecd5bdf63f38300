//! Signing in by e-mail, and the ways in which it can fail.

use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, Noted, Stage, Step};
use crate::world::{Person, World};

use super::record;

const ALICE: Person = Person::named("alice@example.com");
/// An address with a fixed code; which one is the service's setting `email.staticCode`.
const TEST_ADDRESS: &str = "alice+dynamic_test@example.com";
const FIXED_CODE: &str = "424242";
const SESSION: &[Guide] = &[Guide::SessionMfa];
const NEEDS: &[&str] = &["auth.email_start", "auth.email_verify"];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "sign-in/wrong-code-surfaces",
        title: "a wrong e-mail code is refused, nobody is signed in, and the right one still works",
        proves: &["MFA-SES-008"],
        counter: Some("start/signs-in-by-email"),
        guides: SESSION,
        needs: NEEDS,
        world: World::PLAIN.with(&[ALICE]),
        play: wrong_code,
    },
    Case {
        id: "sign-in/too-many-attempts-surface",
        title: "after too many wrong codes even the right one is refused, until a new one is sent",
        proves: &["MFA-SES-008"],
        counter: Some("sign-in/wrong-code-surfaces"),
        guides: SESSION,
        needs: NEEDS,
        world: World::PLAIN.with(&[ALICE]).set(&[("email.attemptsMax", "2")]),
        play: too_many_attempts,
    },
    Case {
        id: "sign-in/expired-code-surfaces",
        title: "an e-mail code that is too old is refused, and a new one works",
        proves: &["MFA-SES-008"],
        counter: Some("start/signs-in-by-email"),
        guides: SESSION,
        needs: NEEDS,
        world: World::PLAIN.with(&[ALICE]),
        play: expired_code,
    },
    Case {
        id: "sign-in/used-code-surfaces",
        title: "an e-mail code works once; using it again leaves the session as it was",
        proves: &["MFA-SES-008"],
        counter: Some("start/signs-in-by-email"),
        guides: SESSION,
        needs: NEEDS,
        world: World::PLAIN.with(&[ALICE]),
        play: used_code,
    },
    Case {
        id: "sign-in/code-sent-again-replaces-the-first",
        title: "a code that is sent again replaces the first one and forgets its failures",
        proves: &["MFA-SES-008"],
        counter: Some("sign-in/too-many-attempts-surface"),
        guides: SESSION,
        needs: NEEDS,
        world: World::PLAIN.with(&[ALICE]).set(&[("email.attemptsMax", "4")]),
        play: code_sent_again,
    },
    Case {
        id: "sign-in/test-address-has-a-fixed-code",
        title: "a test address signs in with its fixed code, and with no other",
        proves: &["MFA-SES-008"],
        counter: Some("sign-in/wrong-code-surfaces"),
        guides: SESSION,
        needs: NEEDS,
        world: World::PLAIN,
        play: fixed_code,
    },
];

/// Has a code sent and reads it.
fn begin(stage: &mut Stage) -> Result<String, Halt> {
    stage.act("auth.email_start", json!({ "email": ALICE.email })).ready()?;
    stage.mail_code(ALICE.email)
}

fn verify(stage: &mut Stage, code: &str) -> Step {
    stage.act("auth.email_verify", json!({ "code": code }))
}

/// Six digits that are not the code.
fn another(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

/// Expects a refusal that the SDK passes on, and that nobody is signed in on either side.
fn expect_refused(stage: &mut Stage, refused: &Step) -> Result<(), Halt> {
    refused.expect_server_error(422, &[])?;
    refused.wire().last("signInWithEmailVerification")?.expect_status(422)?;
    let state = stage.act("state.get", json!({}));
    state.expect_field("/authenticated", false).noted()?;
    state.expect_field("/token", Value::Null).noted()?;
    let sessions = record::of(stage, ALICE.email, "/sessions")?;
    stage.expect_equal("sessions at the service", json!([]), sessions)
}

fn expect_signed_in(stage: &mut Stage, verified: &Step) -> Result<(), Halt> {
    verified.ok()?;
    verified.wire().last("signInWithEmailVerification")?.expect_status(200)?;
    stage.act("state.get", json!({})).expect_field("/authenticated", true)
}

fn wrong_code(stage: &mut Stage) -> Result<(), Halt> {
    let code = begin(stage)?;
    let refused = verify(stage, another(&code));
    expect_refused(stage, &refused)?;
    let verified = verify(stage, &code);
    expect_signed_in(stage, &verified)
}

fn too_many_attempts(stage: &mut Stage) -> Result<(), Halt> {
    let code = begin(stage)?;
    for _ in 0..2 {
        verify(stage, another(&code)).err()?;
    }
    let refused = verify(stage, &code);
    expect_refused(stage, &refused)?;
    let code = begin(stage)?;
    let verified = verify(stage, &code);
    expect_signed_in(stage, &verified)
}

fn expired_code(stage: &mut Stage) -> Result<(), Halt> {
    let code = begin(stage)?;
    stage.advance(601)?;
    let refused = verify(stage, &code);
    expect_refused(stage, &refused)?;
    let code = begin(stage)?;
    let verified = verify(stage, &code);
    expect_signed_in(stage, &verified)
}

fn used_code(stage: &mut Stage) -> Result<(), Halt> {
    let code = begin(stage)?;
    verify(stage, &code).ready()?;
    let before = stage.state()?;
    // Signed in, the same op proves the address again, with a code that was used up.
    let refused = verify(stage, &code);
    refused.expect_server_error(422, &[])?;
    refused.wire().last("verifyEmailVerification")?.expect_status(422)?;
    let state = stage.act("state.get", json!({}));
    for field in ["authenticated", "user_id", "token"] {
        state.expect_field(&format!("/{field}"), record::at(&before, &format!("/{field}")))?;
    }
    Ok(())
}

/// No op sends a code again for the same verification, so the suite asks for that itself.
fn code_sent_again(stage: &mut Stage) -> Result<(), Halt> {
    let first = begin(stage)?;
    for _ in 0..4 {
        verify(stage, another(&first)).err()?;
    }
    let id = stage.wire().last("createEmailVerification")?.answer("/verificationUUID");
    let again = json!({ "verificationUUID": id, "email": ALICE.email });
    stage.raw("POST", "emailVerifications/retry").json(again).send()?.expect_status(201)?;
    let second = stage.mail_code(ALICE.email)?;
    if first != second {
        let refused = verify(stage, &first);
        expect_refused(stage, &refused)?;
    }
    let verified = verify(stage, &second);
    expect_signed_in(stage, &verified)
}

fn fixed_code(stage: &mut Stage) -> Result<(), Halt> {
    stage.act("auth.email_start", json!({ "email": TEST_ADDRESS })).ready()?;
    let refused = verify(stage, "424243");
    refused.expect_server_error(422, &[])?;
    refused.wire().last("signInWithEmailVerification")?.expect_status(422)?;
    stage.act("state.get", json!({})).expect_field("/authenticated", false)?;
    let verified = verify(stage, FIXED_CODE);
    expect_signed_in(stage, &verified)
}
