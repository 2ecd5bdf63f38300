//! Sessions at the service: how long they live, what they may do, and where.

use data_encoding::BASE32_NOPAD;
use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, Noted, Stage, Token};
use crate::world::{Person, World};

use super::passkey::register;
use super::raw_session::{RawSession, prepared, text_of};
use super::record;

const ALICE: Person = Person::named("alice@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const SESSION: &[Guide] = &[Guide::SessionMfa];
const ENROLLED: World = World::LEGACY.with(&[ALICE.with_totp(SECRET)]);
/// The longest life of a session that the pages allow, in seconds.
const THIRTY_DAYS: i64 = 30 * 86_400;

pub(super) const CASES: &[Case] = &[
    Case {
        id: "session/lives-thirty-days-at-most",
        title: "no session token lives longer than thirty days, after a refresh neither",
        proves: &["MFA-SES-039"],
        counter: None,
        guides: SESSION,
        needs: &[],
        world: World::PLAIN.with(&[ALICE]).set(&[("session.lifeSeconds", "2592000")]),
        play: lives_thirty_days_at_most,
    },
    Case {
        id: "session/late-refresh-keeps-what-was-done",
        title: "a refresh shortly before the end still knows that MFA was done",
        proves: &["MFA-SES-005"],
        counter: Some("session/refresh-keeps-what-is-owed"),
        guides: &[Guide::SessionMfa, Guide::Totp],
        needs: &[],
        world: ENROLLED,
        play: late_refresh_keeps,
    },
    Case {
        id: "session/logout-before-the-factor",
        title: "a session that owes MFA can be logged out, and its token is refused afterwards",
        proves: &["MFA-SES-004"],
        counter: Some("jwt/genuine-token-is-taken"),
        guides: &[Guide::SessionMfa, Guide::Totp],
        needs: &[],
        world: ENROLLED,
        play: logout_before_the_factor,
    },
    Case {
        id: "session/passed-factor-enrols-another",
        title: "a session that has passed its factor may begin to register a passkey",
        proves: &["MFA-SES-040"],
        counter: None,
        guides: &[Guide::SessionMfa, Guide::Passkey],
        needs: &[],
        world: ENROLLED,
        play: passed_factor_enrols,
    },
    Case {
        id: "session/owed-factor-enrols-nothing",
        title: "a session that owes a factor which its user has may not enrol another one",
        proves: &["MFA-SES-040"],
        counter: Some("session/passed-factor-enrols-another"),
        guides: &[Guide::SessionMfa, Guide::Passkey],
        needs: &[],
        world: ENROLLED,
        play: owed_factor_enrols_nothing,
    },
    Case {
        id: "session/deleted-user-is-gone",
        title: "a user who is deleted has no session any longer, and signs up anew",
        proves: &["MFA-SES-041"],
        counter: Some("jwt/genuine-token-is-taken"),
        guides: SESSION,
        needs: &[],
        world: World::LEGACY.with(&[ALICE]),
        play: deleted_user_is_gone,
    },
    Case {
        id: "passkey/signing-in-is-one-factor",
        title: "who signs in with a passkey still owes the second factor",
        proves: &["MFA-PK-051"],
        counter: Some("passkey/signs-in"),
        guides: &[Guide::Passkey, Guide::SessionMfa],
        needs: &[
            "passkey",
            "auth.email_start",
            "auth.email_verify",
            "auth.logout",
            "passkey.register",
            "passkey.sign_in",
        ],
        world: World::LEGACY.with(&[ALICE]),
        play: signing_in_is_one_factor,
    },
    Case {
        id: "totp/secret-is-long-enough",
        title: "the secret of a new device has 128 bits or more",
        proves: &["MFA-TOTP-031"],
        counter: None,
        guides: &[Guide::Totp],
        needs: &[],
        world: World::LEGACY.with(&[ALICE]),
        play: secret_is_long_enough,
    },
];

fn lives_thirty_days_at_most(stage: &mut Stage) -> Result<(), Halt> {
    let session = RawSession::open(stage, ALICE.email)?;
    stage.advance(60)?;
    let refreshed = prepared(session.request(stage, "POST", "refresh"))?;
    let newer = text_of(&refreshed.value("/minifiedJwt"), "the refreshed token")?;
    for token in [session.bearer, newer] {
        let token = Token::decode(&token).map_err(Halt::Blocked)?;
        let issued = token.claim("iat").as_i64().unwrap_or_default();
        let life = token.exp().unwrap_or_default() - issued;
        let fits = (1..=THIRTY_DAYS).contains(&life);
        stage.expect("seconds from iat to exp", "1 to 2592000", life, fits)?;
    }
    Ok(())
}

/// Three refreshes, each when most of the token's life is over.
fn late_refresh_keeps(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    session.pass_mfa(stage, SECRET, Value::Null)?;
    let scope = Token::decode(&session.bearer).map_err(Halt::Blocked)?.claim("scope");
    for _ in 0..3 {
        let end = Token::decode(&session.bearer).map_err(Halt::Blocked)?.exp().unwrap_or_default();
        let left = end - stage.now().as_second();
        stage.advance(left - left / 10)?;
        let refreshed = session.request(stage, "POST", "refresh").send()?;
        refreshed.expect_status(200)?;
        session.bearer = text_of(&refreshed.value("/minifiedJwt"), "the refreshed token")?;
        let now = Token::decode(&session.bearer).map_err(Halt::Blocked)?.claim("scope");
        stage.expect_equal("scope of the refreshed token", scope.clone(), now)?;
    }
    Ok(())
}

fn logout_before_the_factor(stage: &mut Stage) -> Result<(), Halt> {
    let session = RawSession::open(stage, ALICE.email)?;
    session.request(stage, "GET", "users").send()?.expect_status(200)?;
    let ended = session.request(stage, "POST", "revoke").send()?;
    stage.expect("logging out", "done", ended.status, (200..300).contains(&ended.status))?;
    session.request(stage, "GET", "users").send()?.expect_status(401)?;
    let left = record::of(stage, ALICE.email, "/sessions")?;
    stage.expect_equal("sessions at the service", json!([]), left)
}

fn passed_factor_enrols(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    session.pass_mfa(stage, SECRET, Value::Null)?;
    session.request(stage, "GET", "users/passkeys/register").send()?.expect_status(200)
}

fn owed_factor_enrols_nothing(stage: &mut Stage) -> Result<(), Halt> {
    let session = RawSession::open(stage, ALICE.email)?;
    let tried = session.request(stage, "GET", "users/passkeys/register").send()?;
    let refused = (400..500).contains(&tried.status);
    stage.expect("beginning a passkey", "refused", tried.status, refused)?;
    stage.expect_equal("a challenge for it", Value::Null, tried.value("/challenge"))
}

fn deleted_user_is_gone(stage: &mut Stage) -> Result<(), Halt> {
    let (here, there) =
        (RawSession::open(stage, ALICE.email)?, RawSession::open(stage, ALICE.email)?);
    let before = record::of(stage, ALICE.email, "/id")?;
    let gone = here.request(stage, "DELETE", "users").send()?;
    stage.expect("deleting oneself", "done", gone.status, (200..300).contains(&gone.status))?;
    for session in [&here, &there] {
        for (method, path) in
            [("GET", "users"), ("GET", "users/mfa"), ("GET", "session"), ("POST", "refresh")]
        {
            let asked = session.request(stage, method, path).send()?;
            let refused = (400..500).contains(&asked.status);
            let what = format!("{method} {path} with the token of the deleted user");
            stage.expect(&what, "refused", asked.status, refused).noted()?;
        }
    }
    RawSession::open(stage, ALICE.email)?;
    let after = record::of(stage, ALICE.email, "/id")?;
    stage.expect(
        "the id of whoever signs up with the address",
        "another one",
        json!([before, after]),
        before != after,
    )
}

fn signing_in_is_one_factor(stage: &mut Stage) -> Result<(), Halt> {
    register(stage, false)?;
    stage.act("auth.logout", json!({})).ready()?;
    let signed_in = stage.act("passkey.sign_in", json!({}));
    signed_in.ready()?;
    let scope = signed_in.wire().last("signinWithPasskey")?.answer("/user/scope");
    stage.expect_equal("scope after the passkey", "requiresAdditionalAuth", scope)
}

fn secret_is_long_enough(stage: &mut Stage) -> Result<(), Halt> {
    let session = RawSession::open(stage, ALICE.email)?;
    // Beginning anew over an unconfirmed device is no reason for a shorter one.
    for time in ["first", "second"] {
        let begun = prepared(session.request(stage, "GET", "users/mfa/register/totp"))?;
        let secret = text_of(&begun.value("/secret"), "the secret")?;
        let bytes = BASE32_NOPAD.decode(secret.trim_end_matches('=').as_bytes());
        let bits = bytes.map_or(0, |bytes| bytes.len() * 8);
        stage.expect(&format!("bits of the {time} secret"), "128 or more", bits, bits >= 128)?;
    }
    Ok(())
}
