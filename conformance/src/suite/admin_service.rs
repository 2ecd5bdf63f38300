//! The API for an app's own servers: what an administrator does, and who is none.

use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, RawAnswer, Stage};
use crate::world::{Person, World};

use super::raw_session::{RawSession, prepared, text_of};
use super::record;

const ALICE: Person = Person::named("alice@example.com");
const BOB: Person = Person::named("bob@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const DEVICES: &[Guide] = &[Guide::DeviceManagement];
const SESSION: &[Guide] = &[Guide::SessionMfa];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "account/events-are-told",
        title: "a new user and each new session stand among the events of the environment",
        proves: &["MFA-ACC-036"],
        counter: None,
        guides: SESSION,
        needs: &[],
        world: World::PLAIN,
        play: events_are_told,
    },
    Case {
        id: "devices/administrator-resets",
        title: "an administrator's reset removes the method, and the user can enrol again",
        proves: &["MFA-DEV-031"],
        counter: None,
        guides: DEVICES,
        needs: &[],
        world: World::LEGACY.with(&[ALICE.with_totp(SECRET)]),
        play: administrator_resets,
    },
    Case {
        id: "devices/administrator-resets-passkeys",
        title: "an administrator's reset removes the passkeys, and nothing is owed without one",
        proves: &["MFA-DEV-031"],
        counter: None,
        guides: DEVICES,
        needs: &["passkey", "auth.email_start", "auth.email_verify", "passkey.register"],
        world: World::LEGACY.with(&[ALICE]),
        play: administrator_resets_passkeys,
    },
    Case {
        id: "session/revoked-sessions-are-refused",
        title: "sessions that an administrator revoked are refused, refresh included",
        proves: &["MFA-SES-032"],
        counter: Some("jwt/genuine-token-is-taken"),
        guides: SESSION,
        needs: &[],
        world: World::PLAIN.with(&[ALICE, BOB]),
        play: revoked_sessions,
    },
    Case {
        id: "security/end-users-administrate-nothing",
        title: "the token of an end user opens none of the calls for an app's own servers",
        proves: &["MFA-SEC-031"],
        counter: Some("account/events-are-told"),
        guides: SESSION,
        needs: &[],
        world: World::PLAIN.with(&[ALICE]),
        play: end_users_administrate_nothing,
    },
];

/// Sends a request of the app's own server.
fn administrate(stage: &Stage, method: &str, path: &str) -> Result<RawAnswer, Halt> {
    let token = stage.api_token()?;
    stage.raw_admin(method, path).bearer(&token).send()
}

fn events_are_told(stage: &mut Stage) -> Result<(), Halt> {
    RawSession::open(stage, ALICE.email)?;
    let told = administrate(stage, "GET", "{env}/events")?;
    told.expect_status(200)?;
    for name in ["user.created", "user.session.created"] {
        stage.expect("the events", name, told.body.clone(), told.text.contains(name))?;
    }
    RawSession::open(stage, ALICE.email)?;
    let told_again = administrate(stage, "GET", "{env}/events")?;
    let sessions = |told: &RawAnswer| told.text.matches("user.session.created").count();
    let (one, two) = (sessions(&told), sessions(&told_again));
    stage.expect("the events of a second session", "more than before", two, two > one)
}

fn administrator_resets(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    session.pass_mfa(stage, SECRET, Value::Null)?;
    let id = text_of(&record::of(stage, ALICE.email, "/id")?, "the id of a user")?;
    let reset = administrate(stage, "POST", &format!("users/{id}/mfa/reset"))?;
    stage.expect("the reset", "done", reset.status, (200..300).contains(&reset.status))?;
    let listed = prepared(session.request(stage, "GET", "users/mfa"))?;
    listed.expect_body("/devices", json!([]))?;
    let fresh = RawSession::open(stage, ALICE.email)?;
    let user = prepared(fresh.request(stage, "GET", "users"))?;
    user.expect_body("/scope", "user:basic")?;
    fresh.request(stage, "GET", "users/mfa/register/totp").send()?.expect_status(200)
}

fn administrator_resets_passkeys(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.act("passkey.register", json!({})).ready()?;
    let bearer = stage.bearer()?;
    let id = text_of(&record::of(stage, ALICE.email, "/id")?, "the id of a user")?;
    let reset = administrate(stage, "POST", &format!("users/{id}/mfa/reset"))?;
    stage.expect("the reset", "done", reset.status, (200..300).contains(&reset.status))?;
    let methods = stage.raw("GET", "users/mfa/methods?verifiedOnly=true").bearer(&bearer);
    let methods = prepared(methods)?;
    methods.expect_body("/passkeys", json!([]))?;
    methods.expect_body("/userHasVerifiedMfaMethods", false)?;
    let fresh = RawSession::open(stage, ALICE.email)?;
    let user = prepared(fresh.request(stage, "GET", "users"))?;
    user.expect_body("/scope", "user:basic")
}

fn revoked_sessions(stage: &mut Stage) -> Result<(), Halt> {
    let (first, second) =
        (RawSession::open(stage, ALICE.email)?, RawSession::open(stage, ALICE.email)?);
    let bob = RawSession::open(stage, BOB.email)?;
    let id = text_of(&record::of(stage, ALICE.email, "/id")?, "the id of a user")?;
    let revoked = administrate(stage, "POST", &format!("{{env}}/users/{id}/sessions/revoke"))?;
    stage.expect("the revocation", "done", revoked.status, (200..300).contains(&revoked.status))?;
    for session in [&first, &second] {
        session.request(stage, "GET", "users").send()?.expect_status(401)?;
        session.request(stage, "POST", "refresh").send()?.expect_status(401)?;
    }
    bob.request(stage, "GET", "users").send()?.expect_status(200)
}

fn end_users_administrate_nothing(stage: &mut Stage) -> Result<(), Halt> {
    let session = RawSession::open(stage, ALICE.email)?;
    let id = text_of(&record::of(stage, ALICE.email, "/id")?, "the id of a user")?;
    for (method, path) in [
        ("GET", "{env}/events".to_owned()),
        ("GET", "{env}/users".to_owned()),
        ("GET", "{env}/tokens".to_owned()),
        ("POST", format!("users/{id}/mfa/reset")),
    ] {
        let status = stage.raw_admin(method, &path).bearer(&session.bearer).send()?.status;
        let refused = status == 401 || status == 403;
        stage.expect(&format!("{method} {path}"), "401 or 403", status, refused)?;
    }
    Ok(())
}
