//! Scopes at the service, by every kind of proof that earns them and every call that spends them.

use serde_json::{Map, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, Noted, RawAnswer, Stage, Token};
use crate::world::{Person, World};

use super::account_service::with_number;
use super::answered::{brings, brings_no, granted, refused};
use super::gate_service::{call_on, export, make_wallet};
use super::raw_passkey;
use super::raw_session::{ELEVATED, RawSession, email_proof, text_proof};
use super::recovery::unused;

const ALICE: Person = Person::named("alice@example.com");
const BOB: Person = Person::named("bob@example.com");
const NUMBER: &str = "9171113333";
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const STEP_UP: &[Guide] = &[Guide::StepUp];
const KNOWN: &str = "credential:link";
const UNKNOWN: &str = "credential:conjure";

pub(super) const CASES: &[Case] = &[
    Case {
        id: "elevated/unknown-scope-spoils-a-mailed-code",
        title: "beside a scope that does not exist no mailed and no texted code grants the others",
        proves: &["MFA-STEP-034"],
        counter: Some("step-up/reauthentication-earns-scopes"),
        guides: STEP_UP,
        needs: &[],
        world: World::PLAIN,
        play: mail_and_text,
    },
    Case {
        id: "elevated/unknown-scope-spoils-every-factor",
        title: "beside a scope that does not exist no second factor grants the others",
        proves: &["MFA-STEP-034"],
        counter: Some("elevated/mixed-request-is-one-single-use-token"),
        guides: STEP_UP,
        needs: &[],
        world: World::PLAIN.with(&[ALICE.with_totp(SECRET)]),
        play: every_factor,
    },
    Case {
        id: "elevated/every-proof-earns-all-that-was-asked",
        title: "by recovery code, by passkey and by mail, every requested scope is in the token",
        proves: &["MFA-REC-006", "MFA-PK-006", "MFA-STEP-003"],
        counter: None,
        guides: &[Guide::StepUp, Guide::RecoveryCodes, Guide::Passkey],
        needs: &[],
        world: World::PLAIN.with(&[ALICE.with_totp(SECRET), BOB]),
        play: all_that_was_asked,
    },
    Case {
        id: "elevated/kinds-whatever-earned-them",
        title: "whichever proof earns a token, it is single-use with a wallet scope and else is not",
        proves: &["MFA-STEP-016"],
        counter: None,
        guides: &[Guide::StepUp, Guide::RecoveryCodes, Guide::Passkey],
        needs: &[],
        world: World::PLAIN.with(&[ALICE.with_totp(SECRET), BOB]),
        play: kinds_whatever_earned_them,
    },
    Case {
        id: "elevated/single-use-ends-too",
        title: "a single-use token that was never used is refused after its end",
        proves: &["MFA-STEP-011"],
        counter: Some("elevated/mixed-request-is-one-single-use-token"),
        guides: STEP_UP,
        needs: &[],
        world: World::PLAIN.with(&[ALICE]),
        play: single_use_ends,
    },
    Case {
        id: "elevated/one-use-spends-every-scope",
        title: "a single-use token of two scopes that served one of them does not serve the other",
        proves: &["MFA-STEP-015"],
        counter: Some("elevated/mixed-request-is-one-single-use-token"),
        guides: STEP_UP,
        needs: &[],
        world: World::PLAIN.with(&[ALICE]),
        play: one_use_spends_every_scope,
    },
    Case {
        id: "elevated/another-session-exports-nothing",
        title: "a token for wallet:export opens no export in another session of the same user",
        proves: &["MFA-STEP-022"],
        counter: Some("elevated/export-with-its-scope"),
        guides: STEP_UP,
        needs: &[],
        world: World::PLAIN.with(&[ALICE]),
        play: another_session_exports_nothing,
    },
];

/// What can earn an elevated token.
#[derive(Clone, Copy)]
enum By {
    Mail(&'static str),
    Text,
    Totp,
    Recovery,
    Passkey,
}

impl By {
    const fn name(self) -> &'static str {
        match self {
            Self::Mail(_) => "a mailed code",
            Self::Text => "a texted code",
            Self::Totp => "a TOTP code",
            Self::Recovery => "a recovery code",
            Self::Passkey => "a passkey",
        }
    }

    /// Asks for scopes with a good proof of this kind.
    fn ask(
        self,
        stage: &mut Stage,
        session: &RawSession,
        scopes: &[&str],
    ) -> Result<RawAnswer, Halt> {
        let code = |code: String| Map::from_iter([("code".to_owned(), json!(code))]);
        let (path, mut body) = match self {
            Self::Mail(email) => ("emailVerifications/verify", email_proof(stage, email)?),
            Self::Text => ("smsVerifications/verify", text_proof(stage, NUMBER)?),
            Self::Totp => ("users/mfa/auth/totp", code(stage.next_code(SECRET)?)),
            Self::Recovery => ("users/mfa/auth/recovery", code(unused(stage, ALICE.email, 0)?)),
            Self::Passkey => {
                let wish = json!({ "requestedScopes": scopes });
                return raw_passkey::authenticate(stage, session, wish);
            }
        };
        body.insert("requestedScopes".to_owned(), json!(scopes));
        session.request(stage, "POST", path).json(body).send()
    }
}

/// Expects that an unknown scope spoils a request in either order, and that it was the unknown one.
fn spoils(stage: &mut Stage, session: &RawSession, by: By) -> Result<(), Halt> {
    for scopes in [[KNOWN, UNKNOWN], [UNKNOWN, KNOWN]] {
        let asked = by.ask(stage, session, &scopes)?;
        let what = format!("{} for {}", by.name(), scopes.join(" "));
        refused(stage, &what, &asked).noted()?;
        brings_no(stage, &format!("{what}: token"), &asked, "/elevatedAccessToken").noted()?;
    }
    let asked = by.ask(stage, session, &[KNOWN])?;
    let what = format!("{} for {KNOWN} alone: token", by.name());
    brings(stage, &what, &asked, "/elevatedAccessToken").map(drop).noted()
}

fn mail_and_text(stage: &mut Stage) -> Result<(), Halt> {
    with_number(stage)?;
    let session = RawSession::open(stage, ALICE.email)?;
    [By::Mail(ALICE.email), By::Text].into_iter().try_for_each(|by| spoils(stage, &session, by))
}

/// Alice past her second factor, with a passkey beside it.
fn with_every_factor(stage: &mut Stage) -> Result<RawSession, Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    let token = session.elevate(stage, SECRET, &["credential:link"])?;
    raw_passkey::register(stage, &mut session, Some(&token))?;
    Ok(session)
}

fn every_factor(stage: &mut Stage) -> Result<(), Halt> {
    let session = with_every_factor(stage)?;
    [By::Totp, By::Recovery, By::Passkey].into_iter().try_for_each(|by| spoils(stage, &session, by))
}

fn all_that_was_asked(stage: &mut Stage) -> Result<(), Halt> {
    let alice = with_every_factor(stage)?;
    let bob = RawSession::open(stage, BOB.email)?;
    for (session, by, requirement) in [
        (&alice, By::Recovery, "MFA-REC-006"),
        (&alice, By::Passkey, "MFA-PK-006"),
        (&bob, By::Mail(BOB.email), "MFA-STEP-003"),
    ] {
        stage.proving(requirement);
        let wanted = ["credential:link", "credential:unlink", "user:update"];
        let asked = by.ask(stage, session, &wanted)?;
        let token = asked.value("/elevatedAccessToken");
        let scopes = token.as_str().map(Token::decode).and_then(Result::ok);
        let scopes = scopes.map(|token| token.scopes().join(" ")).unwrap_or_default();
        let has = |wanted: &&str| scopes.split(' ').any(|scope| scope == *wanted);
        let has_all = wanted.iter().all(has);
        let what = format!("scopes of the token for {}", by.name());
        stage.note(&what, &wanted.join(" "), scopes.clone(), has_all)?;
    }
    Ok(())
}

/// Registers a device with an elevated token.
fn register(stage: &Stage, session: &RawSession, token: &str) -> Result<RawAnswer, Halt> {
    let request = session.request(stage, "GET", "users/mfa/register/totp");
    request.header(ELEVATED, token).send()
}

/// A single-use token for registering and for exporting; one of another kind blocks the case.
fn single_use(stage: &mut Stage, session: &mut RawSession) -> Result<String, Halt> {
    let scopes = ["credential:link", "wallet:export"];
    let token = session.reauthenticate(stage, ALICE.email, &scopes)?;
    let claims = Token::decode(&token).map_err(Halt::Blocked)?;
    match claims.claim("singleUse") == true {
        true => Ok(token),
        false => Err(Halt::Blocked("the elevated token is not single-use".to_owned())),
    }
}

fn kinds_whatever_earned_them(stage: &mut Stage) -> Result<(), Halt> {
    let alice = with_every_factor(stage)?;
    let bob = RawSession::open(stage, BOB.email)?;
    for (session, by) in [
        (&alice, By::Totp),
        (&alice, By::Recovery),
        (&alice, By::Passkey),
        (&bob, By::Mail(BOB.email)),
    ] {
        for (scope, single_use) in [("wallet:sign", true), ("credential:link", false)] {
            let earned = by.ask(stage, session, &[scope])?;
            let what = format!("a token of {scope} for {}", by.name());
            let token = brings(stage, &what, &earned, "/elevatedAccessToken")?;
            let token = Token::decode(&token).map_err(Halt::Blocked)?;
            let kind = token.claim("singleUse").as_bool().unwrap_or(false);
            stage.expect_equal(&format!("single-use, {what}"), single_use, kind).noted()?;
        }
    }
    Ok(())
}

/// Longer than any elevated token lives, by the pages: ten minutes.
const ITS_LIFE: i64 = 600;

fn single_use_ends(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    let token = single_use(stage, &mut session)?;
    stage.advance(ITS_LIFE)?;
    refused(stage, "registering after its end", &register(stage, &session, &token)?)?;
    let token = single_use(stage, &mut session)?;
    granted(stage, "registering with a new one", &register(stage, &session, &token)?)
}

fn one_use_spends_every_scope(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    let wallet = make_wallet(stage, &session)?;
    let token = single_use(stage, &mut session)?;
    let exported = call_on(stage, &session, &wallet, &export(), &[(ELEVATED, &token)])?;
    granted(stage, "exporting", &exported)?;
    refused(stage, "registering with what exported", &register(stage, &session, &token)?)?;
    let token = single_use(stage, &mut session)?;
    granted(stage, "registering", &register(stage, &session, &token)?)?;
    let tried = call_on(stage, &session, &wallet, &export(), &[(ELEVATED, &token)])?;
    refused(stage, "exporting with what registered", &tried)
}

fn another_session_exports_nothing(stage: &mut Stage) -> Result<(), Halt> {
    let mut owner = RawSession::open(stage, ALICE.email)?;
    let wallet = make_wallet(stage, &owner)?;
    let token = owner.reauthenticate(stage, ALICE.email, &["wallet:export"])?;
    let other = RawSession::open(stage, ALICE.email)?;
    let tried = call_on(stage, &other, &wallet, &export(), &[(ELEVATED, &token)])?;
    refused(stage, "exporting in another session", &tried)?;
    let done = call_on(stage, &owner, &wallet, &export(), &[(ELEVATED, &token)])?;
    granted(stage, "exporting where it was earned", &done)
}
