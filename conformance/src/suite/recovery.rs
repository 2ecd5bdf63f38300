//! Recovery codes: what a set is, what one code does, and that it does it once.

use serde_json::{Value, json};

use super::record;
use crate::case::{Case, Guide};
use crate::stage::{ErrorKind, Halt, Stage, Step};
use crate::world::{Person, World};

const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const ALICE: Person = Person::named("alice@example.com").with_totp(SECRET);
const ENROLLED: World = World::PLAIN.with(&[ALICE]);
const CODES: &[Guide] = &[Guide::RecoveryCodes];
const AUTHENTICATED: &str = "authMfaRecovery";

pub(super) const CASES: &[Case] = &[
    Case {
        id: "recovery/a-set-has-ten-codes",
        title: "a set has ten different codes, and fetching it again shows the same set",
        proves: &["MFA-REC-001"],
        counter: None,
        guides: CODES,
        needs: &["auth.email_start", "auth.email_verify", "totp.auth", "recovery.list"],
        world: ENROLLED,
        play: a_set_has_ten_codes,
    },
    Case {
        id: "recovery/a-code-completes-the-challenge",
        title: "a code upgrades the session, and the set then counts one less",
        proves: &["MFA-REC-002", "MFA-REC-004"],
        counter: None,
        guides: &[Guide::RecoveryCodes, Guide::SessionMfa],
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "recovery.auth",
            "recovery.list",
            "mfa.missing",
        ],
        world: ENROLLED,
        play: a_code_completes_the_challenge,
    },
    Case {
        id: "recovery/a-code-works-once",
        title: "a code that was accepted is refused in the next session",
        proves: &["MFA-REC-003"],
        counter: Some("recovery/a-code-completes-the-challenge"),
        guides: CODES,
        needs: &["auth.email_start", "auth.email_verify", "auth.logout", "recovery.auth"],
        world: ENROLLED,
        play: a_code_works_once,
    },
    Case {
        id: "recovery/a-step-up-uses-a-code-up",
        title: "a code that earned scopes in a session which owed nothing is used up, too",
        proves: &["MFA-REC-003"],
        counter: Some("recovery/a-code-earns-scopes"),
        guides: &[Guide::RecoveryCodes],
        needs: &["auth.email_start", "auth.email_verify", "totp.auth", "recovery.auth"],
        world: ENROLLED,
        play: a_step_up_uses_a_code_up,
    },
    Case {
        id: "recovery/a-new-set-kills-the-old",
        title: "after new codes were made, the old ones are refused and the new ones accepted",
        proves: &["MFA-REC-005"],
        counter: None,
        guides: CODES,
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "auth.logout",
            "recovery.auth",
            "recovery.rotate",
        ],
        world: ENROLLED,
        play: a_new_set_kills_the_old,
    },
    Case {
        id: "recovery/a-code-earns-scopes",
        title: "scopes that are asked for with a recovery code come in an elevated token",
        proves: &["MFA-REC-006"],
        counter: None,
        guides: &[Guide::RecoveryCodes, Guide::StepUp],
        needs: &["auth.email_start", "auth.email_verify", "recovery.auth", "stepup.peek"],
        world: ENROLLED,
        play: a_code_earns_scopes,
    },
];

/// A code of the user's set that was not used, as the service has it on record.
pub(super) fn unused(stage: &Stage, email: &str, nth: usize) -> Result<String, Halt> {
    record::text(&stage.user(email)?, &format!("/recoveryCodes/{nth}"))
}

/// Expects that a code is refused as an invalid one.
pub(super) fn refused(stage: &mut Stage, code: &str) -> Result<(), Halt> {
    let tried = stage.act("recovery.auth", json!({ "code": code }));
    tried.wire().last(AUTHENTICATED)?.expect_status(422)?;
    tried.expect_class_of(ErrorKind::InvalidCode)?;
    stage.act("state.get", json!({})).expect_field("/mfa_pending", true)
}

fn codes(step: &Step) -> Result<Vec<String>, Halt> {
    let codes = step.value("/codes")?;
    let texts = codes.as_array().into_iter().flatten().filter_map(Value::as_str);
    Ok(texts.map(str::to_owned).collect())
}

fn a_set_has_ten_codes(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.pass_mfa(SECRET)?;
    let shown = stage.act("recovery.list", json!({}));
    shown.expect_field("/count", 10)?;
    let first = codes(&shown)?;
    let mut distinct = first.clone();
    distinct.sort_unstable();
    distinct.dedup();
    stage.expect_equal("different codes", 10, distinct.len())?;
    let again = codes(&stage.act("recovery.list", json!({})))?;
    stage.expect_equal("the set at the second look", json!(first), json!(again))
}

fn a_code_completes_the_challenge(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let code = unused(stage, ALICE.email, 0)?;
    stage.proving("MFA-REC-002");
    let passed = stage.act("recovery.auth", json!({ "code": code }));
    passed.ok()?;
    let scope = passed.wire().last(AUTHENTICATED)?.answer("/user/scope");
    stage.expect_equal("scope after the code", "user:basic", scope)?;
    stage.act("mfa.missing", json!({})).expect_field("/missing", false)?;
    stage.proving("MFA-REC-004");
    stage.act("recovery.list", json!({})).expect_field("/count", 9)
}

fn a_code_works_once(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let code = unused(stage, ALICE.email, 3)?;
    stage.act("recovery.auth", json!({ "code": code })).ready()?;
    stage.act("auth.logout", json!({})).ready()?;
    stage.sign_in(ALICE.email)?;
    refused(stage, &code)
}

fn a_step_up_uses_a_code_up(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.pass_mfa(SECRET)?;
    let code = unused(stage, ALICE.email, 2)?;
    let wish = json!({ "code": code, "scopes": ["credential:unlink"] });
    stage.act("recovery.auth", wish.clone()).ready()?;
    let again = stage.act("recovery.auth", wish);
    again.wire().last(AUTHENTICATED)?.expect_status(422)?;
    again.expect_class_of(ErrorKind::InvalidCode)?;
    let left = record::of(stage, ALICE.email, "/recoveryCodes")?;
    let listed = left.as_array().is_some_and(|left| left.contains(&json!(code)));
    stage.expect_equal("the code is among those left", false, listed)
}

fn a_new_set_kills_the_old(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let (key, old) = (unused(stage, ALICE.email, 0)?, unused(stage, ALICE.email, 1)?);
    stage.act("recovery.auth", json!({ "code": key })).ready()?;
    let made = stage.act("recovery.rotate", json!({}));
    made.expect_field("/count", 10)?;
    let new = codes(&made)?.into_iter().next().unwrap_or_default();
    stage.act("auth.logout", json!({})).ready()?;
    stage.sign_in(ALICE.email)?;
    refused(stage, &old)?;
    let passed = stage.act("recovery.auth", json!({ "code": new }));
    passed.ok()?;
    passed.wire().last(AUTHENTICATED)?.expect_status(200)
}

fn a_code_earns_scopes(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let code = unused(stage, ALICE.email, 0)?;
    let wish = json!({ "code": code, "scopes": ["credential:unlink"] });
    let passed = stage.act("recovery.auth", wish);
    passed.ok()?;
    let seen = passed.wire().last(AUTHENTICATED)?;
    seen.expect_body("/requestedScopes", json!(["credential:unlink"]))?;
    let held = stage.act("stepup.peek", json!({ "scope": "credential:unlink" })).value("/token")?;
    stage.expect("the SDK holds an elevated token", "a token", held.is_string(), held.is_string())
}
