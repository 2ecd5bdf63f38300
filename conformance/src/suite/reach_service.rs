//! Which calls a session reaches: every call of the API, before the second factor, after it, in
//! another environment, and when the session is over.

use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, RawAnswer, Stage, Token};
use crate::world::World;

use super::gate_service::make_wallet;
use super::raw_session::{RawSession, prepared, text, text_of};
use super::record;
use super::signed_in::{Belongings, CALLS, Reach};
use super::ways_in::{SECRET, Somebody, Way, refresh};

const GUIDES: &[Guide] = &[Guide::SessionMfa, Guide::AccountBased];
const SESSION: &[Guide] = &[Guide::SessionMfa];
const FIRST: Somebody = Somebody(1);
const SECOND: Somebody = Somebody(2);
/// Both versions of the API, each with a user and a way of signing in of its own.
const VERSIONS: [(&str, Somebody, Way); 2] =
    [("2026_01_01", FIRST, Way::Mail), ("2026_04_01", SECOND, Way::Text)];
/// The life of a session here, in seconds.
const LIFE: i64 = 900;

pub(super) const CASES: &[Case] = &[
    Case {
        id: "session/an-owed-factor-keeps-every-other-call",
        title: "before MFA every call is refused but those that the factor, the user's own record and leaving need",
        proves: &["MFA-SES-009"],
        counter: Some("session/a-passed-factor-keeps-no-call"),
        guides: GUIDES,
        needs: &[],
        world: World::PLAIN,
        play: owed_factor_keeps,
    },
    Case {
        id: "session/an-owed-enrolment-keeps-every-other-call",
        title: "who must enrol first reaches what enrols, and every other call is refused",
        proves: &["MFA-SES-009"],
        counter: Some("session/a-passed-factor-keeps-no-call"),
        guides: GUIDES,
        needs: &[],
        world: World::PLAIN,
        play: owed_enrolment_keeps,
    },
    Case {
        id: "session/a-passed-factor-keeps-no-call",
        title: "after MFA no call is refused for want of it",
        proves: &["MFA-SES-009"],
        counter: None,
        guides: GUIDES,
        needs: &[],
        world: World::PLAIN,
        play: passed_factor_keeps_nothing,
    },
    Case {
        id: "security/another-environments-token-opens-no-call",
        title: "every call refuses the token of another environment, and the session at home lives on",
        proves: &["MFA-SEC-006"],
        counter: Some("jwt/genuine-token-is-taken"),
        guides: SESSION,
        needs: &[],
        world: World::PLAIN,
        play: foreign_token_opens_nothing,
    },
    Case {
        id: "session/after-its-time-no-call-answers",
        title: "a second before a session's end every call answers, and at its end none does",
        proves: &["MFA-SES-007"],
        counter: Some("jwt/genuine-token-is-taken"),
        guides: SESSION,
        needs: &[],
        world: World::PLAIN.set(&[("session.lifeSeconds", "900")]),
        play: over_by_time,
    },
    Case {
        id: "session/after-its-logout-no-call-answers",
        title: "a session that was logged out is refused by every call, whatever it owed",
        proves: &["MFA-SES-004"],
        counter: Some("jwt/genuine-token-is-taken"),
        guides: SESSION,
        needs: &[],
        world: World::PLAIN,
        play: over_by_logout,
    },
    Case {
        id: "session/after-its-users-end-no-call-answers",
        title: "every call refuses a user who is gone, whoever removed them",
        proves: &["MFA-SES-041"],
        counter: Some("jwt/genuine-token-is-taken"),
        guides: SESSION,
        needs: &[],
        world: World::PLAIN,
        play: over_by_removal,
    },
    Case {
        id: "session/after-its-revocation-no-call-answers",
        title: "every call refuses a revoked session, whether it was revoked alone or among others",
        proves: &["MFA-SES-032"],
        counter: Some("jwt/genuine-token-is-taken"),
        guides: SESSION,
        needs: &[],
        world: World::PLAIN,
        play: over_by_revocation,
    },
];

/// A session past its factor.
fn complete(stage: &mut Stage, way: Way, who: Somebody) -> Result<RawSession, Halt> {
    let mut session = way.open(stage, who)?;
    session.pass_mfa(stage, SECRET, Value::Null)?;
    Ok(session)
}

/// What the owner of a complete session can have, made as far as it is not there.
fn belongings(stage: &Stage, session: &RawSession) -> Result<Belongings, Halt> {
    let user = prepared(session.request(stage, "GET", "users"))?.value("/verifiedCredentials");
    let mut credentials = user.as_array().into_iter().flatten();
    let spare = credentials.find(|known| known["format"] == "oauth");
    let credential = spare.map(|known| known["id"].clone()).unwrap_or_default();
    let devices = prepared(session.request(stage, "GET", "users/mfa"))?;
    let made = session.request(stage, "POST", "businessAccounts").json(json!({ "name": "Acme" }));
    Ok(Belongings {
        device: text(&devices, "/devices/0/id")?,
        credential: text_of(&credential, "the id of a credential")?,
        wallet: make_wallet(stage, session)?,
        account: text(&prepared(made)?, "/id")?,
    })
}

/// Whether a call was refused because the session owes its factor, not for want of a proof.
fn is_kept(answer: &RawAnswer) -> bool {
    answer.status == 403 && answer.value("/code") != "elevated_access_token_required"
}

/// Notes whether a call was refused as it should be, or not refused as it should not be.
fn judge(stage: &Stage, what: &str, answer: &RawAnswer, kept: bool) -> Result<(), Halt> {
    let wanted = if kept { "403 for the factor that is owed" } else { "anything but that 403" };
    let got = json!([answer.status, answer.value("/code")]);
    stage.note(what, wanted, got, is_kept(answer) == kept)
}

/// Tries every call in a session that owes something; `kept` says which wait.
///
/// What ends the session gets one of its own.
fn walk_owing(
    stage: &mut Stage,
    (version, who, way): (&str, Somebody, Way),
    own: &Belongings,
    kept: fn(Reach) -> bool,
) -> Result<(), Halt> {
    let owing = way.open(stage, who)?;
    for call in CALLS {
        let bearer = match call.ends_the_session() {
            true => way.open(stage, who)?.bearer,
            false => owing.bearer.clone(),
        };
        let answer = call.ask(stage, &bearer, own)?;
        judge(stage, &format!("{} in {version}", call.title()), &answer, kept(call.reach))?;
    }
    Ok(())
}

fn owed_factor_keeps(stage: &mut Stage) -> Result<(), Halt> {
    for version in VERSIONS {
        let (name, who, way) = version;
        stage.set("minApiVersion", name)?;
        who.arrive(stage, json!({ "totpSecret": SECRET }))?;
        let session = complete(stage, way, who)?;
        let own = belongings(stage, &session)?;
        let before = left(stage, &session, who)?;
        walk_owing(stage, version, &own, |reach| reach != Reach::Owing)?;
        let after = left(stage, &session, who)?;
        stage.expect_equal(&format!("what the user has in {name}"), before, after)?;
    }
    Ok(())
}

/// What no refused call may have touched.
fn left(stage: &Stage, session: &RawSession, who: Somebody) -> Result<Value, Halt> {
    let user = stage.user(&who.email())?;
    let shown = prepared(session.request(stage, "GET", "users"))?;
    let accounts = prepared(session.request(stage, "GET", "businessAccounts"))?;
    Ok(json!([
        record::at(&user, "/devices"),
        record::at(&user, "/recoveryCodes"),
        shown.value("/verifiedCredentials"),
        accounts.value("/items"),
    ]))
}

fn owed_enrolment_keeps(stage: &mut Stage) -> Result<(), Halt> {
    stage.set("mfa.enrollment", "signup")?;
    for version in VERSIONS {
        stage.set("minApiVersion", version.0)?;
        version.1.arrive(stage, Value::Null)?;
        walk_owing(stage, version, &Belongings::default(), |reach| reach == Reach::Complete)?;
        let still = stage.record(&version.1.email())?;
        stage.expect("the user", "still there", still.is_object(), still.is_object())?;
    }
    Ok(())
}

fn passed_factor_keeps_nothing(stage: &mut Stage) -> Result<(), Halt> {
    for (version, who, way) in VERSIONS {
        stage.set("minApiVersion", version)?;
        who.arrive(stage, json!({ "totpSecret": SECRET }))?;
        let session = complete(stage, way, who)?;
        let own = belongings(stage, &session)?;
        for call in CALLS {
            let bearer = match call.ends_the_session() {
                true => complete(stage, way, who)?.bearer,
                false => session.bearer.clone(),
            };
            let answer = call.ask(stage, &bearer, &own)?;
            judge(stage, &format!("{} in {version}", call.title()), &answer, false)?;
        }
    }
    Ok(())
}

/// The id of this case's second environment.
fn neighbour(stage: &Stage) -> String {
    let id = stage.environment();
    let first = if id.starts_with('0') { "1" } else { "0" };
    format!("{first}{}", id.get(1..).unwrap_or_default())
}

fn foreign_token_opens_nothing(stage: &mut Stage) -> Result<(), Halt> {
    FIRST.arrive(stage, json!({ "totpSecret": SECRET }))?;
    let (owing, passed) = (Way::Mail.open(stage, FIRST)?, complete(stage, Way::Mail, FIRST)?);
    let before = stage.user(&FIRST.email())?;
    let there = neighbour(stage);
    for (what, session) in [("before MFA", &owing), ("after MFA", &passed)] {
        for call in CALLS {
            let request = call.request(stage, &session.bearer, &Belongings::default());
            let status = request.in_environment(&there).send()?.status;
            let what = format!("{} elsewhere, with a token from {what}", call.title());
            stage.note(&what, "401", status, status == 401)?;
        }
        let at_home = session.request(stage, "GET", "users").send()?.status;
        stage.expect_equal(&format!("GET users at home {what}"), 200, at_home)?;
    }
    let after = stage.user(&FIRST.email())?;
    stage.expect_equal("what the service has on record", before, after)
}

/// Tries every call with a token whose session is over.
fn walk_dead(stage: &Stage, what: &str, bearer: &str) -> Result<(), Halt> {
    for call in CALLS {
        let status = call.ask(stage, bearer, &Belongings::default())?.status;
        stage.note(&format!("{} {what}", call.title()), "401", status, status == 401)?;
    }
    Ok(())
}

/// Tries every call with a token that is good, and sees that none says what a dead one hears.
fn walk_alive(stage: &mut Stage, way: Way, who: Somebody, left: i64) -> Result<(), Halt> {
    let fresh = |stage: &mut Stage| way.open(stage, who);
    let (session, leaving, removing) = (fresh(stage)?, fresh(stage)?, fresh(stage)?);
    let over = fresh(stage)?;
    prepared(over.request(stage, "POST", "revoke"))?;
    stage.advance(left)?;
    let dead = over.request(stage, "GET", "users").send()?;
    let is_dead = |answer: &RawAnswer| answer.status == 401 && answer.body == dead.body;
    // Registering a device without its signature is refused in the same words.
    for call in CALLS.iter().filter(|call| call.name != "deviceRegistration") {
        let bearer = match call.name {
            "revokeSession" => &leaving.bearer,
            "hardDeleteUser" => &removing.bearer,
            _ => &session.bearer,
        };
        let answer = call.ask(stage, bearer, &Belongings::default())?;
        let what = format!("{} a second before the end", call.title());
        stage.note(&what, "an answer", answer.status, !is_dead(&answer))?;
    }
    Ok(())
}

fn over_by_time(stage: &mut Stage) -> Result<(), Halt> {
    FIRST.arrive(stage, json!({ "totpSecret": SECRET }))?;
    SECOND.arrive(stage, Value::Null)?;
    let mut passed = Way::Mail.open(stage, FIRST)?;
    passed.pass_mfa(stage, SECRET, Value::Null)?;
    // Both begin here: passing the factor has moved the clock, and a refresh begins the time anew.
    passed.bearer = text(&refresh(stage, &passed.bearer)?, "/minifiedJwt")?;
    let owing = Way::Text.open(stage, FIRST)?;
    walk_alive(stage, Way::Mail, SECOND, LIFE - 1)?;
    for session in [&passed, &owing] {
        session.request(stage, "GET", "users").send()?.expect_status(200)?;
    }
    stage.advance(1)?;
    walk_dead(stage, "after the end of a session past MFA", &passed.bearer)?;
    walk_dead(stage, "after the end of a session that owed MFA", &owing.bearer)?;
    let fresh = Way::Mail.open(stage, FIRST)?;
    fresh.request(stage, "GET", "users").send()?.expect_status(200)
}

fn over_by_logout(stage: &mut Stage) -> Result<(), Halt> {
    FIRST.arrive(stage, json!({ "totpSecret": SECRET }))?;
    let (owing, passed) = (Way::Mail.open(stage, FIRST)?, complete(stage, Way::Mail, FIRST)?);
    let other = Way::Text.open(stage, FIRST)?;
    for (what, session) in [("before MFA", &owing), ("after MFA", &passed)] {
        prepared(session.request(stage, "POST", "revoke"))?;
        walk_dead(stage, &format!("once logged out {what}"), &session.bearer)?;
    }
    other.request(stage, "GET", "users").send()?.expect_status(200)
}

/// Does something as an app's own server.
fn administrate(stage: &Stage, method: &str, path: &str) -> Result<(), Halt> {
    let token = stage.api_token()?;
    prepared(stage.raw_admin(method, path).bearer(&token)).map(drop)
}

fn over_by_removal(stage: &mut Stage) -> Result<(), Halt> {
    for who in [FIRST, SECOND] {
        who.arrive(stage, Value::Null)?;
        let (here, there) = (Way::Mail.open(stage, who)?, Way::Text.open(stage, who)?);
        let what = match who.0 {
            1 => {
                prepared(here.request(stage, "DELETE", "users"))?;
                "of a user who left"
            }
            _ => {
                let id = text_of(&record::of(stage, &who.email(), "/id")?, "the id of a user")?;
                administrate(stage, "DELETE", &format!("{{env}}/users/{id}"))?;
                "of a user whom an administrator removed"
            }
        };
        walk_dead(stage, what, &here.bearer)?;
        walk_dead(stage, &format!("in the other session {what}"), &there.bearer)?;
    }
    Ok(())
}

fn over_by_revocation(stage: &mut Stage) -> Result<(), Halt> {
    let other = Somebody(3);
    for who in [FIRST, other] {
        who.arrive(stage, Value::Null)?;
    }
    let id = text_of(&record::of(stage, &FIRST.email(), "/id")?, "the id of a user")?;
    let bystander = Way::Mail.open(stage, other)?;
    for what in ["alone", "with its user's others", "with all of the environment"] {
        let session = Way::Mail.open(stage, FIRST)?;
        let claims = Token::decode(&session.bearer).map_err(Halt::Blocked)?;
        let session_id = text_of(&claims.claim("sid"), "sid")?;
        if what == "with all of the environment" {
            bystander.request(stage, "GET", "users").send()?.expect_status(200)?;
        }
        let (method, path) = match what {
            "alone" => ("PUT", format!("sessions/{session_id}/revoke")),
            "with its user's others" => ("POST", format!("{{env}}/users/{id}/sessions/revoke")),
            _ => ("POST", "{env}/users/sessions/revoke".to_owned()),
        };
        administrate(stage, method, &path)?;
        walk_dead(stage, &format!("once revoked {what}"), &session.bearer)?;
    }
    bystander.request(stage, "GET", "users").send()?.expect_status(401)
}
