//! Elevated access tokens at the service: what they say, how long they live, whom they serve.
//!
//! Asked with requests of the suite's own, because no SDK can be made to send a wrong token.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, Noted, Stage, Token};
use crate::world::{Person, World};

use super::raw_session::{ELEVATED, RawSession};
use super::record;

const ALICE: Person = Person::named("alice@example.com");
const BOB: Person = Person::named("bob@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const ENROLLED: World = World::PLAIN.with(&[ALICE.with_totp(SECRET)]);
const STEP_UP: &[Guide] = &[Guide::StepUp];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "elevated/claims",
        title: "an elevated token says its scopes, its end, its kind, and whom it was issued to",
        proves: &["MFA-STEP-006", "MFA-STEP-022"],
        counter: None,
        guides: STEP_UP,
        needs: &[],
        world: ENROLLED,
        play: claims,
    },
    Case {
        id: "elevated/lives",
        title: "one use has five minutes, many have ten, unless the environment says otherwise",
        proves: &["MFA-STEP-007"],
        counter: None,
        guides: STEP_UP,
        needs: &[],
        world: ENROLLED,
        play: lives,
    },
    Case {
        id: "elevated/wallet-scopes-are-single-use",
        title: "tokens with a wallet scope are single-use, others are time-bound",
        proves: &["MFA-STEP-016"],
        counter: None,
        guides: &[Guide::StepUp, Guide::ActionBased],
        needs: &[],
        world: ENROLLED,
        play: wallet_scopes_are_single_use,
    },
    Case {
        id: "elevated/mixed-request-is-one-single-use-token",
        title: "scopes asked for together come in one token, single-use if one of them is",
        proves: &["MFA-STEP-015", "MFA-STEP-016"],
        counter: None,
        guides: STEP_UP,
        needs: &[],
        world: ENROLLED,
        play: mixed_request,
    },
    Case {
        id: "elevated/single-use-is-spent-once",
        title: "the service takes a single-use token once and refuses it the second time",
        proves: &["MFA-STEP-014"],
        counter: Some("elevated/time-bound-is-taken-again"),
        guides: STEP_UP,
        needs: &[],
        world: World::PLAIN.with(&[ALICE]),
        play: single_use_is_spent_once,
    },
    Case {
        id: "elevated/single-use-pays-for-one-removal",
        title: "a single-use token removes one device and no second one",
        proves: &["MFA-STEP-014"],
        counter: Some("devices/an-elevated-token-deletes"),
        guides: &[Guide::StepUp, Guide::DeviceManagement],
        needs: &[],
        world: ENROLLED,
        play: single_use_pays_for_one_removal,
    },
    Case {
        id: "elevated/time-bound-is-taken-again",
        title: "the service takes a time-bound token again, until its end",
        proves: &["MFA-STEP-011"],
        counter: None,
        guides: STEP_UP,
        needs: &[],
        world: World::PLAIN.with(&[ALICE]),
        play: time_bound_is_taken_again,
    },
    Case {
        id: "elevated/wrong-scope-is-refused",
        title: "the service refuses a token that does not name the scope of the call",
        proves: &["MFA-STEP-012"],
        counter: Some("elevated/time-bound-is-taken-again"),
        guides: &[Guide::StepUp, Guide::DeviceManagement],
        needs: &[],
        world: World::PLAIN.with(&[ALICE]),
        play: wrong_scope_is_refused,
    },
    Case {
        id: "elevated/another-session-is-refused",
        title: "a token earned in one session opens nothing in another of the same user",
        proves: &["MFA-STEP-022"],
        counter: Some("elevated/time-bound-is-taken-again"),
        guides: STEP_UP,
        needs: &[],
        world: World::PLAIN.with(&[ALICE]),
        play: another_session_is_refused,
    },
    Case {
        id: "elevated/another-user-is-refused",
        title: "a token of one user opens nothing for another",
        proves: &["MFA-STEP-022"],
        counter: Some("elevated/time-bound-is-taken-again"),
        guides: STEP_UP,
        needs: &[],
        world: World::PLAIN.with(&[ALICE, BOB]),
        play: another_user_is_refused,
    },
];

fn decoded(token: &str) -> Result<Token, Halt> {
    Token::decode(token).map_err(|problem| Halt::Blocked(format!("an elevated token: {problem}")))
}

/// A token by its scopes, looked inside.
fn earned(stage: &mut Stage, session: &mut RawSession, scopes: &[&str]) -> Result<Token, Halt> {
    decoded(&session.elevate(stage, SECRET, scopes)?)
}

fn is_single_use(token: &Token) -> bool {
    token.claim("singleUse").as_bool().unwrap_or(false)
}

fn life(token: &Token, now: Timestamp) -> i64 {
    token.exp().unwrap_or_default() - now.as_second()
}

fn claims(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    let token = earned(stage, &mut session, &["credential:link", "credential:unlink"])?;
    let owner = decoded(&session.bearer)?;

    stage.proving("MFA-STEP-006");
    let mut scopes = token.scopes();
    scopes.sort_unstable();
    stage.expect_equal("scopes", json!(["credential:link", "credential:unlink"]), scopes)?;
    let scope = token.claim("scope");
    let spaces = scope.as_str().unwrap_or_default().matches(' ').count();
    stage.expect_equal("spaces in scope", 1, spaces).noted()?;
    let (exp, now) = (token.exp(), stage.now().as_second());
    stage.note("exp", "seconds, in the future", exp, exp.is_some_and(|exp| exp > now))?;
    let kind = token.claim("singleUse");
    stage.note("singleUse", "false or absent", kind.clone(), kind == false || kind.is_null())?;
    let single = earned(stage, &mut session, &["wallet:sign"])?;
    stage.expect_equal("singleUse", true, single.claim("singleUse")).noted()?;

    stage.proving("MFA-STEP-022");
    for name in ["sub", "sid"] {
        stage.expect_equal(name, owner.claim(name), token.claim(name)).noted()?;
    }
    let ids = (token.claim("jti"), single.claim("jti"));
    let told_apart = ids.0.is_string() && ids.1.is_string() && ids.0 != ids.1;
    stage.note("jti", "a text of its own in each token", json!([ids.0, ids.1]), told_apart)
}

fn lives(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    let many = earned(stage, &mut session, &["credential:link"])?;
    stage.expect_equal("seconds of a time-bound token", 600, life(&many, stage.now())).noted()?;
    let one = earned(stage, &mut session, &["wallet:export"])?;
    stage.expect_equal("seconds of a single-use token", 300, life(&one, stage.now())).noted()?;
    stage.set("elevation.timeBoundLifeSeconds", 42)?;
    let short = earned(stage, &mut session, &["credential:link"])?;
    stage.expect_equal("seconds that the environment sets", 42, life(&short, stage.now()))
}

fn wallet_scopes_are_single_use(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    for (scope, single_use) in [
        ("wallet:sign", true),
        ("wallet:export", true),
        ("wallet:delete", true),
        ("wallet:delegate", true),
        ("wallet:restore", true),
        ("credential:link", false),
        ("credential:unlink", false),
        ("user:update", false),
    ] {
        let token = earned(stage, &mut session, &[scope])?;
        stage.expect_equal(scope, single_use, is_single_use(&token)).noted()?;
    }
    Ok(())
}

fn mixed_request(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    let wanted = ["credential:link", "user:update", "wallet:sign"];
    let token = earned(stage, &mut session, &wanted)?;
    let mut scopes = token.scopes();
    scopes.sort_unstable();
    stage.proving("MFA-STEP-015");
    stage.expect_equal("scopes of the one token", json!(wanted), scopes)?;
    stage.proving_all();
    stage.expect_equal("singleUse", true, is_single_use(&token))
}

/// Registers with an elevated token, or without.
fn register(stage: &Stage, session: &RawSession, elevated: Option<&str>) -> Result<u16, Halt> {
    let request = session.request(stage, "GET", "users/mfa/register/totp");
    let request = match elevated {
        Some(token) => request.header(ELEVATED, token),
        None => request,
    };
    Ok(request.send()?.status)
}

fn single_use_is_spent_once(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    let scopes = ["credential:link", "wallet:sign"];
    let token = session.reauthenticate(stage, ALICE.email, &scopes)?;
    let first = register(stage, &session, Some(&token))?;
    stage.expect_equal("the first use", 200, first)?;
    let device = record::of(stage, ALICE.email, "/devices/0/id")?;
    let second = register(stage, &session, Some(&token))?;
    stage.expect_equal("the second use", 403, second)?;
    let kept = record::of(stage, ALICE.email, "/devices/0/id")?;
    stage.expect_equal("the device of the first use", device, kept)
}

/// The second device is enrolled while nothing is enforced, so that it costs no other token.
fn single_use_pays_for_one_removal(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    let token = session.elevate(stage, SECRET, &["credential:unlink", "wallet:sign"])?;
    let remove = |stage: &Stage, session: &RawSession| {
        let id = record::of(stage, ALICE.email, "/devices/0/id")?;
        let path = format!("users/mfa/{}", id.as_str().unwrap_or_default());
        session.request(stage, "DELETE", &path).header(ELEVATED, &token).send()
    };
    let first = remove(stage, &session)?;
    stage.expect_equal("the first removal", 204, first.status)?;
    stage.set("minApiVersion", "2026_01_01")?;
    session.enrol(stage)?;
    stage.set("minApiVersion", "2026_04_01")?;
    let second = remove(stage, &session)?;
    stage.expect_equal("the second removal", 403, second.status)?;
    let kept = record::of(stage, ALICE.email, "/devices/0/verified")?;
    stage.expect_equal("the second device is still there", true, kept)
}

fn time_bound_is_taken_again(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    let token = session.reauthenticate(stage, ALICE.email, &["credential:link"])?;
    for use_number in 1..=2 {
        let status = register(stage, &session, Some(&token))?;
        stage.expect_equal(&format!("use {use_number}"), 200, status)?;
    }
    stage.advance(599)?;
    let last = register(stage, &session, Some(&token))?;
    stage.expect_equal("a second before the end", 200, last)?;
    stage.advance(1)?;
    let late = register(stage, &session, Some(&token))?;
    stage.expect_equal("at the end", 403, late)
}

fn wrong_scope_is_refused(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    for scope in ["credential:unlink", "credential:update", "wallet:sign"] {
        let token = session.reauthenticate(stage, ALICE.email, &[scope])?;
        let status = register(stage, &session, Some(&token))?;
        stage.expect_equal(&format!("registering with {scope}"), 403, status).noted()?;
    }
    let devices = record::of(stage, ALICE.email, "/devices")?;
    stage.expect_equal("devices at the service", json!([]), devices)?;
    let token = session.reauthenticate(stage, ALICE.email, &["credential:link"])?;
    stage.expect_equal("the right scope", 200, register(stage, &session, Some(&token))?)
}

fn another_session_is_refused(stage: &mut Stage) -> Result<(), Halt> {
    let mut first = RawSession::open(stage, ALICE.email)?;
    let token = first.reauthenticate(stage, ALICE.email, &["credential:link"])?;
    let second = RawSession::open(stage, ALICE.email)?;
    refused_elsewhere(stage, &first, &second, &token)
}

fn another_user_is_refused(stage: &mut Stage) -> Result<(), Halt> {
    let mut alice = RawSession::open(stage, ALICE.email)?;
    let token = alice.reauthenticate(stage, ALICE.email, &["credential:link"])?;
    let bob = RawSession::open(stage, BOB.email)?;
    refused_elsewhere(stage, &alice, &bob, &token)?;
    let devices = record::of(stage, BOB.email, "/devices")?;
    stage.expect_equal("devices of the other user", Value::Array(Vec::new()), devices)
}

/// The token is good where it was earned, in the same breath in which it is refused elsewhere.
fn refused_elsewhere(
    stage: &Stage,
    owner: &RawSession,
    other: &RawSession,
    token: &str,
) -> Result<(), Halt> {
    stage.expect_equal("where it is foreign", 403, register(stage, other, Some(token))?)?;
    stage.expect_equal("without any token", 403, register(stage, other, None)?)?;
    stage.expect_equal("where it was earned", 200, register(stage, owner, Some(token))?)
}
