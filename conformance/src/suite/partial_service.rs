//! What a session reaches at the service before its second factor, and what it does not.

use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, Noted, RawAnswer, Stage};
use crate::world::{Person, World};

use super::raw_session::{ELEVATED, RawSession};
use super::record;

const ALICE: Person = Person::named("alice@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const ENROLLED: World = World::PLAIN.with(&[ALICE.with_totp(SECRET).with_recovery(&["ABCD2345"])]);
const GUIDES: &[Guide] = &[Guide::SessionMfa, Guide::AccountBased];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "session/partial-session-may-not-do-the-rest",
        title: "before MFA a session reaches what it needs to finish, and nothing else",
        proves: &["MFA-SES-009"],
        counter: Some("session/complete-session-may-do-the-rest"),
        guides: GUIDES,
        needs: &[],
        world: ENROLLED,
        play: partial_session,
    },
    Case {
        id: "session/complete-session-may-do-the-rest",
        title: "after MFA the same session reaches the rest, too",
        proves: &["MFA-SES-009"],
        counter: None,
        guides: GUIDES,
        needs: &[],
        world: ENROLLED,
        play: complete_session,
    },
    Case {
        id: "session/each-session-owes-its-own-factor",
        title: "a second sign-in owes MFA although the first session passed it and lives on",
        proves: &["MFA-SES-001"],
        counter: Some("session/optional-asks-only-the-enrolled"),
        guides: &[Guide::SessionMfa, Guide::Totp],
        needs: &[],
        world: ENROLLED,
        play: each_session_owes_its_own,
    },
];

/// The calls that wait for the second factor; no gate but that one stands before them.
///
/// The last one deletes the user, so that it can be made only once.
pub(super) fn the_rest() -> [(&'static str, &'static str, Value); 6] {
    [
        ("GET", "users/mfa/recovery", Value::Null),
        ("POST", "users/mfa/recovery", Value::Null),
        ("POST", "waas/create", json!({ "chain": "EVM", "clientKeygenIds": ["k1"] })),
        ("POST", "businessAccounts", json!({ "name": "Acme" })),
        ("GET", "businessAccounts", Value::Null),
        ("DELETE", "users", Value::Null),
    ]
}

pub(super) fn asked(
    stage: &Stage,
    session: &RawSession,
    (method, path, body): (&str, &str, Value),
) -> Result<RawAnswer, Halt> {
    let request = session.request(stage, method, path);
    if body.is_null() { request.send() } else { request.json(body).send() }
}

fn partial_session(stage: &mut Stage) -> Result<(), Halt> {
    let session = RawSession::open(stage, ALICE.email)?;
    let before = stage.user(ALICE.email)?;
    for call in the_rest() {
        asked(stage, &session, call)?.expect_status(403).noted()?;
    }
    let device = record::text(&before, "/devices/0/id")?;
    let path = format!("users/mfa/{device}");
    let deletion = session.request(stage, "DELETE", &path).header(ELEVATED, "made-up");
    deletion.send()?.expect_status(403).noted()?;
    for part in ["/emails", "/devices", "/recoveryCodes"] {
        let left = record::of(stage, ALICE.email, part)?;
        stage.expect_equal("the user's record", record::at(&before, part), left).noted()?;
    }
    for (method, path) in
        [("GET", "users"), ("GET", "users/mfa"), ("GET", "users/mfa/methods"), ("POST", "refresh")]
    {
        session.request(stage, method, path).send()?.expect_status(200)?;
    }
    let check = session.request(stage, "POST", "stepUp/check");
    check.json(json!({ "scope": "credential:link" })).send()?.expect_status(200)?;
    session.request(stage, "POST", "revoke").send()?.expect_status(204)
}

fn complete_session(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    session.pass_mfa(stage, SECRET, Value::Null)?;
    for call in the_rest() {
        let name = format!("{} {}", call.0, call.1);
        let status = asked(stage, &session, call)?.status;
        stage.expect(&name, "granted", status, (200..300).contains(&status))?;
    }
    let gone = stage.record(ALICE.email)?.is_null();
    stage.expect("the user at the service", "gone", gone, gone)
}

fn each_session_owes_its_own(stage: &mut Stage) -> Result<(), Halt> {
    let mut first = RawSession::open(stage, ALICE.email)?;
    first.pass_mfa(stage, SECRET, Value::Null)?;
    let second = RawSession::open(stage, ALICE.email)?;
    for (session, scope, what) in [
        (&second, "requiresAdditionalAuth", "scope of the second session"),
        (&first, "user:basic", "scope of the first session, which lives on"),
    ] {
        let refreshed = session.request(stage, "POST", "refresh").send()?;
        refreshed.expect_status(200)?;
        stage.expect_equal(what, scope, refreshed.value("/user/scope"))?;
    }
    Ok(())
}
