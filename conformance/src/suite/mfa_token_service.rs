//! MFA tokens at the service: spent, reused, bound, or absent.

use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, Stage};
use crate::world::{Person, World};

use super::raw_passkey;
use super::raw_session::{ELEVATED, MFA_TOKEN, RawSession, prepared, text_of};
use super::record;
use super::recovery::unused;

const ALICE: Person = Person::named("alice@example.com");
const BOB: Person = Person::named("bob@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const OTHER_SECRET: &str = "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU";
const GUIDES: &[Guide] = &[Guide::ActionBased, Guide::DeviceManagement];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "mfa-token/single-use-is-spent",
        title: "a single-use MFA token deletes one device and no second one",
        proves: &["MFA-TOK-005"],
        counter: Some("mfa-token/multi-use-is-taken-again"),
        guides: GUIDES,
        needs: &[],
        world: World::LEGACY.with(&[ALICE.with_totp(SECRET)]),
        play: single_use_is_spent,
    },
    Case {
        id: "mfa-token/single-use-pays-for-one-passkey",
        title: "a single-use MFA token deletes one passkey and no second one",
        proves: &["MFA-TOK-005"],
        counter: Some("mfa-token/multi-use-is-taken-again"),
        guides: &[Guide::ActionBased, Guide::Passkey],
        needs: &[
            "passkey",
            "auth.email_start",
            "auth.email_verify",
            "passkey.register",
            "passkey.auth",
        ],
        world: World::LEGACY.with(&[BOB]),
        play: single_use_pays_for_one_passkey,
    },
    Case {
        id: "mfa-token/multi-use-is-taken-again",
        title: "an MFA token that is not single-use deletes one device and a second one",
        proves: &["MFA-TOK-006"],
        counter: None,
        guides: GUIDES,
        needs: &[],
        world: World::LEGACY.with(&[ALICE.with_totp(SECRET)]),
        play: multi_use_is_taken_again,
    },
    Case {
        id: "mfa-token/every-factor-returns-one",
        title: "a TOTP code, a recovery code and a passkey each bring an MFA token when asked",
        proves: &["MFA-TOK-001"],
        counter: None,
        guides: &[Guide::Totp, Guide::ActionBased, Guide::DeviceManagement],
        needs: &[],
        world: World::LEGACY.with(&[ALICE.with_totp(SECRET)]),
        play: every_factor_returns_one,
    },
    Case {
        id: "mfa-token/foreign-token-proves-nothing",
        title: "an MFA token of another user or another session deletes nothing",
        proves: &["MFA-TOK-007"],
        counter: Some("mfa-token/multi-use-is-taken-again"),
        guides: GUIDES,
        needs: &[],
        world: World::LEGACY.with(&[ALICE.with_totp(SECRET), BOB.with_totp(OTHER_SECRET)]),
        play: foreign_token,
    },
    Case {
        id: "mfa-token/empty-header-is-absent",
        title: "an empty MFA token header changes nothing, with an elevated token and without",
        proves: &["MFA-TOK-008"],
        counter: Some("mfa-token/multi-use-is-taken-again"),
        guides: &[Guide::DeviceManagement, Guide::StepUp],
        needs: &[],
        world: World::PLAIN.with(&[ALICE.with_totp(SECRET)]),
        play: empty_header,
    },
];

/// The status of a deletion of the user's device with these proofs.
fn delete(
    stage: &Stage,
    session: &RawSession,
    device: &str,
    proofs: &[(&str, &str)],
) -> Result<u16, Halt> {
    let request = session.request(stage, "DELETE", &format!("users/mfa/{device}"));
    let request = proofs.iter().fold(request, |request, (name, value)| request.header(name, value));
    Ok(request.send()?.status)
}

fn device_of(stage: &Stage, email: &str) -> Result<String, Halt> {
    let id = record::of(stage, email, "/devices/0/id")?;
    text_of(&id, "the id of a device")
}

/// Deletes a device, enrols another one, and tries the same token on that; yields both statuses.
fn delete_twice(stage: &mut Stage, single_use: bool) -> Result<(u16, u16), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    let token = session.mfa_token(stage, SECRET, single_use)?;
    let device = device_of(stage, ALICE.email)?;
    let first = delete(stage, &session, &device, &[(MFA_TOKEN, &token)])?;
    let (second_device, _) = session.enrol(stage)?;
    let second = delete(stage, &session, &second_device, &[(MFA_TOKEN, &token)])?;
    Ok((first, second))
}

fn single_use_is_spent(stage: &mut Stage) -> Result<(), Halt> {
    let (first, second) = delete_twice(stage, true)?;
    stage.expect_equal("the first use", 204, first)?;
    let refused = (400..500).contains(&second);
    stage.expect("the second use", "refused", second, refused)?;
    let verified = record::of(stage, ALICE.email, "/devices/0/verified")?;
    stage.expect_equal("the second device is still there", true, verified)
}

/// Only an authenticator can make passkeys, so the SDK prepares and the suite deletes.
fn single_use_pays_for_one_passkey(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(BOB.email)?;
    stage.act("passkey.register", json!({})).ready()?;
    // It would not make a second one beside the first.
    stage.authenticator().forget();
    stage.act("passkey.register", json!({})).ready()?;
    let earns = stage.act("passkey.auth", json!({ "mfa_token": { "single_use": true } }));
    let token = record::text(&earns.ready()?, "/mfa_token")?;
    let bearer = stage.bearer()?;
    let mut statuses = Vec::new();
    for _ in 0..2 {
        let id = record::of(stage, BOB.email, "/passkeys/0/id")?;
        let request = stage.raw("DELETE", "users/passkeys").bearer(&bearer);
        let request = request.header(MFA_TOKEN, &token).json(json!({ "passkeyId": id }));
        statuses.push(request.send()?.status);
    }
    let (first, second) = (statuses.first().copied(), statuses.last().copied());
    let done = first.is_some_and(|status| (200..300).contains(&status));
    stage.expect("the first use", "done", first, done)?;
    let refused = second.is_some_and(|status| (400..500).contains(&status));
    stage.expect("the second use", "refused", second, refused)?;
    let left = record::of(stage, BOB.email, "/passkeys")?.as_array().map_or(0, Vec::len);
    stage.expect_equal("passkeys left", 1, left)
}

fn multi_use_is_taken_again(stage: &mut Stage) -> Result<(), Halt> {
    let (first, second) = delete_twice(stage, false)?;
    stage.expect_equal("the first use", 204, first)?;
    stage.expect_equal("the second use", 204, second)?;
    let left = record::of(stage, ALICE.email, "/devices")?;
    stage.expect_equal("devices left", json!([]), left)
}

fn every_factor_returns_one(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    session.pass_mfa(stage, SECRET, Value::Null)?;
    raw_passkey::register(stage, &mut session, None)?;
    for wish in [json!({}), json!({ "createMfaToken": { "singleUse": true } })] {
        let asks = wish.get("createMfaToken").is_some();
        let totp = session.pass_mfa(stage, SECRET, wish.clone())?;
        let mut body = wish.as_object().cloned().unwrap_or_default();
        body.insert("code".to_owned(), json!(unused(stage, ALICE.email, 0)?));
        let recovery = session.request(stage, "POST", "users/mfa/auth/recovery");
        let recovery = prepared(recovery.json(body))?;
        let passkey = raw_passkey::pass(stage, &mut session, wish)?;
        for (factor, passed) in
            [("a TOTP code", totp), ("a recovery code", recovery), ("a passkey", passkey)]
        {
            let told = passed.value("/mfaToken");
            let expected = if asks { "a token" } else { "none" };
            let fits = if asks { told.is_string() } else { told.is_null() };
            stage.note(&format!("the MFA token of {factor}"), expected, told, fits)?;
        }
    }
    Ok(())
}

fn foreign_token(stage: &mut Stage) -> Result<(), Halt> {
    let mut alice = RawSession::open(stage, ALICE.email)?;
    let token = alice.mfa_token(stage, SECRET, false)?;
    let mut elsewhere = RawSession::open(stage, ALICE.email)?;
    elsewhere.pass_mfa(stage, SECRET, Value::Null)?;
    let mut bob = RawSession::open(stage, BOB.email)?;
    bob.pass_mfa(stage, OTHER_SECRET, Value::Null)?;

    let proof = [(MFA_TOKEN, token.as_str())];
    for (who, session, email) in [
        ("another session of the same user", &elsewhere, ALICE.email),
        ("another user", &bob, BOB.email),
    ] {
        let status = delete(stage, session, &device_of(stage, email)?, &proof)?;
        stage.expect(who, "refused", status, (400..500).contains(&status))?;
        let devices = record::of(stage, email, "/devices")?.as_array().map_or(0, Vec::len);
        stage.expect_equal("devices of that user", 1, devices)?;
    }
    let own = delete(stage, &alice, &device_of(stage, ALICE.email)?, &proof)?;
    stage.expect_equal("the session that earned it", 204, own)
}

fn empty_header(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    let elevated = session.elevate(stage, SECRET, &["credential:unlink"])?;
    let device = device_of(stage, ALICE.email)?;
    let without = delete(stage, &session, &device, &[])?;
    let empty = delete(stage, &session, &device, &[(MFA_TOKEN, "")])?;
    stage.expect_equal("an empty token is refused as none is", without, empty)?;
    // A token that is wrong is answered 401; what is missing here is the elevated one.
    stage.expect_equal("an empty token alone", 403, empty)?;
    let both = delete(stage, &session, &device, &[(ELEVATED, &elevated), (MFA_TOKEN, "")])?;
    stage.expect_equal("an empty token beside an elevated one", 204, both)?;
    let left = record::of(stage, ALICE.email, "/devices")?;
    stage.expect_equal("devices left", json!([]), left)
}
