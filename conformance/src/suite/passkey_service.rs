//! Passkeys at the service: what one assertion is good for, and what a further passkey costs.

use driver_protocol::Ceremony;
use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, Stage};
use crate::world::{Person, World};

use super::answered::{brings, brings_no, granted, refused};
use super::raw_passkey::{
    authenticate, delete, listed, options, pass, perform, register, show, try_to_register,
};
use super::raw_session::{ELEVATED, MFA_TOKEN, RawSession, email_proof, prepared, text};

const ALICE: Person = Person::named("alice@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const ENFORCED: World = World::PLAIN.with(&[ALICE]);
const OLDER: World = World::LEGACY.with(&[ALICE]);
const PASSKEY: &[Guide] = &[Guide::Passkey];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "passkey/a-challenge-takes-one-assertion",
        title: "a second assertion over the same challenge is refused, one over the next is not",
        proves: &["MFA-PK-004"],
        counter: Some("passkey/each-ceremony-has-its-challenge"),
        guides: PASSKEY,
        needs: &[],
        world: OLDER,
        play: one_assertion,
    },
    Case {
        id: "passkey/a-further-one-needs-elevation",
        title: "who has passed with a passkey registers a further one only with credential:link",
        proves: &["MFA-PK-010"],
        counter: Some("passkey/registering-is-one-ceremony"),
        guides: &[Guide::Passkey, Guide::StepUp],
        needs: &[],
        world: ENFORCED,
        play: further_one,
    },
    Case {
        id: "passkey/a-spare-one-is-not-deleted-for-nothing",
        title: "one passkey of two stays while no proof is shown, and goes with one",
        proves: &["MFA-PK-007"],
        counter: Some("passkey/its-mfa-token-deletes-it"),
        guides: &[Guide::Passkey, Guide::StepUp, Guide::DeviceManagement],
        needs: &[],
        world: ENFORCED,
        play: spare_one,
    },
    Case {
        id: "passkey/its-mfa-token-deletes-it",
        title: "an MFA token that a passkey earned deletes the passkey",
        proves: &["MFA-PK-013"],
        counter: None,
        guides: &[Guide::Passkey, Guide::ActionBased, Guide::DeviceManagement],
        needs: &[],
        world: OLDER,
        play: token_deletes,
    },
    Case {
        id: "passkey/its-mfa-token-beside-totp",
        title: "a passkey earns an MFA token for a user who has a TOTP device as well",
        proves: &["MFA-PK-013"],
        counter: None,
        guides: &[Guide::Passkey, Guide::ActionBased, Guide::DeviceManagement],
        needs: &[],
        world: World::LEGACY.with(&[ALICE.with_totp(SECRET)]),
        play: token_beside_totp,
    },
    Case {
        id: "mfa-token/a-passkeys-multi-use-token-is-taken-again",
        title: "an MFA token of a passkey that is not single-use deletes one passkey and a second",
        proves: &["MFA-TOK-006"],
        counter: None,
        guides: &[Guide::Passkey, Guide::ActionBased],
        needs: &[],
        world: OLDER,
        play: multi_use_token,
    },
    Case {
        id: "session/owed-passkey-enrols-no-other",
        title: "a session that owes the passkey of its user may not begin another, until it passed",
        proves: &["MFA-SES-040"],
        counter: Some("session/passed-factor-enrols-another"),
        guides: &[Guide::SessionMfa, Guide::Passkey],
        needs: &[],
        world: OLDER,
        play: owed_passkey,
    },
    Case {
        id: "step-up/mail-is-not-enough-with-a-passkey",
        title: "a user whose only method is a passkey earns scopes with it and not by mail",
        proves: &["MFA-STEP-002"],
        counter: Some("step-up/reauthentication-earns-scopes"),
        guides: &[Guide::StepUp, Guide::Passkey],
        needs: &[],
        world: ENFORCED,
        play: mail_is_not_enough,
    },
    Case {
        id: "recovery/passes-beside-a-passkey",
        title: "a recovery code upgrades the session of a user whose only method is a passkey",
        proves: &["MFA-REC-002"],
        counter: None,
        guides: &[Guide::RecoveryCodes, Guide::Passkey],
        needs: &[],
        world: ENFORCED,
        play: recovery_beside_a_passkey,
    },
];

/// Alice with a passkey, and the time-bound token with which she registered it.
fn elevated(stage: &mut Stage) -> Result<(RawSession, String), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    let token = session.reauthenticate(stage, ALICE.email, &["credential:link"])?;
    register(stage, &mut session, Some(&token))?;
    Ok((session, token))
}

fn one_assertion(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    register(stage, &mut session, None)?;
    let options = options(stage, &session)?;
    // The counter grows from one to the other, so that only the challenge can be held against it.
    let first = perform(stage, Ceremony::Get, &options)?;
    let second = perform(stage, Ceremony::Get, &options)?;
    show(stage, &session, first, Value::Null)?.expect_status(200)?;
    let again = show(stage, &session, second, Value::Null)?;
    refused(stage, "another assertion over the same challenge", &again)?;
    authenticate(stage, &session, Value::Null)?.expect_status(200)
}

fn further_one(stage: &mut Stage) -> Result<(), Halt> {
    let (mut session, _) = elevated(stage)?;
    let wish = json!({ "requestedScopes": ["credential:link"] });
    let token = text(&pass(stage, &mut session, wish)?, "/elevatedAccessToken")?;
    try_to_register(stage, &session, None)?.expect_status(403)?;
    stage.expect_equal("passkeys listed", 1, listed(stage, &session)?.len())?;
    try_to_register(stage, &session, Some(&token))?.expect_status(200)?;
    stage.expect_equal("passkeys listed with the token", 2, listed(stage, &session)?.len())
}

fn spare_one(stage: &mut Stage) -> Result<(), Halt> {
    let (mut session, token) = elevated(stage)?;
    register(stage, &mut session, Some(&token))?;
    let wish = json!({ "requestedScopes": ["credential:unlink"] });
    let token = text(&pass(stage, &mut session, wish)?, "/elevatedAccessToken")?;
    let before = listed(stage, &session)?;
    let id = before.first().cloned().unwrap_or_default();
    refused(stage, "deleting without a proof", &delete(stage, &session, &id, None)?)?;
    stage.expect_equal("passkeys listed", json!(before), listed(stage, &session)?)?;
    let gone = delete(stage, &session, &id, Some((ELEVATED, &token)))?;
    granted(stage, "deleting with a proof", &gone)?;
    stage.expect_equal("passkeys listed afterwards", 1, listed(stage, &session)?.len())
}

/// Earns an MFA token with a passkey.
fn mfa_token(
    stage: &mut Stage,
    session: &mut RawSession,
    single_use: bool,
) -> Result<String, Halt> {
    let wish = json!({ "createMfaToken": { "singleUse": single_use } });
    let passed = pass(stage, session, wish)?;
    brings(stage, "the MFA token of a passkey", &passed, "/mfaToken")
}

fn token_beside_totp(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    session.pass_mfa(stage, SECRET, Value::Null)?;
    register(stage, &mut session, None)?;
    let token = mfa_token(stage, &mut session, true)?;
    delete_with(stage, &session, &token, 0)
}

fn token_deletes(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    register(stage, &mut session, None)?;
    let token = mfa_token(stage, &mut session, true)?;
    delete_with(stage, &session, &token, 0)
}

fn multi_use_token(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    register(stage, &mut session, None)?;
    register(stage, &mut session, None)?;
    let token = mfa_token(stage, &mut session, false)?;
    delete_with(stage, &session, &token, 1)?;
    delete_with(stage, &session, &token, 0)
}

/// Deletes the first of the passkeys with an MFA token, after which so many are listed.
fn delete_with(stage: &Stage, session: &RawSession, token: &str, left: usize) -> Result<(), Halt> {
    let id = listed(stage, session)?.first().cloned().unwrap_or_default();
    let gone = delete(stage, session, &id, Some((MFA_TOKEN, token)))?;
    granted(stage, "deleting with the token", &gone)?;
    stage.expect_equal("passkeys left", left, listed(stage, session)?.len())
}

fn owed_passkey(stage: &mut Stage) -> Result<(), Halt> {
    let mut first = RawSession::open(stage, ALICE.email)?;
    register(stage, &mut first, None)?;
    let mut session = RawSession::open(stage, ALICE.email)?;
    let begins = |stage: &Stage, session: &RawSession| {
        session.request(stage, "GET", "users/passkeys/register").send()
    };
    let tried = begins(stage, &session)?;
    refused(stage, "beginning another passkey", &tried)?;
    brings_no(stage, "a challenge for it", &tried, "/challenge")?;
    pass(stage, &mut session, Value::Null)?;
    begins(stage, &session)?.expect_status(200)
}

/// Recovery codes are for whoever has a method, whichever it is.
fn recovery_beside_a_passkey(stage: &mut Stage) -> Result<(), Halt> {
    let (session, _) = elevated(stage)?;
    let shown = prepared(session.request(stage, "GET", "users/mfa/recovery"))?;
    let code = text(&shown, "/recoveryCodes/0")?;
    let owing = RawSession::open(stage, ALICE.email)?;
    let request = owing.request(stage, "POST", "users/mfa/auth/recovery");
    let passed = request.json(json!({ "code": code })).send()?;
    passed.expect_status(200)?;
    passed.expect_body("/user/scope", "user:basic")
}

fn mail_is_not_enough(stage: &mut Stage) -> Result<(), Halt> {
    let (session, _) = elevated(stage)?;
    let wish = json!({ "requestedScopes": ["credential:unlink"] });
    let mut body = email_proof(stage, ALICE.email)?;
    body.extend(wish.as_object().cloned().unwrap_or_default());
    let mailed = session.request(stage, "POST", "emailVerifications/verify").json(body).send()?;
    brings_no(stage, "an elevated token by mail", &mailed, "/elevatedAccessToken")?;
    let passed = authenticate(stage, &session, wish)?;
    brings(stage, "an elevated token by passkey", &passed, "/elevatedAccessToken").map(drop)
}
