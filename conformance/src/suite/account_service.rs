//! Accounts at the service: what is linked and unlinked, and who may change what.

use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, Noted, RawAnswer, Stage};
use crate::world::{Person, World};

use super::answered::refused;
use super::raw_session::{ELEVATED, RawSession, email_proof, prepared, text, text_of, text_proof};
use super::record;

const ALICE: Person = Person::named("alice@example.com");
const BOB: Person = Person::named("bob@example.com");
const CAROL: Person = Person::named("carol@example.com");
const STEP_UP: &[Guide] = &[Guide::StepUp];
const SESSION: &[Guide] = &[Guide::SessionMfa];
const NUMBER: &str = "9171113333";
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

pub(super) const CASES: &[Case] = &[
    Case {
        id: "account/unlinks-with-its-scope",
        title: "a credential goes with an elevated token for credential:unlink",
        proves: &["MFA-ACC-031"],
        counter: None,
        guides: STEP_UP,
        needs: &[],
        world: World::PLAIN,
        play: unlinks_with_its_scope,
    },
    Case {
        id: "account/unlinking-needs-elevation",
        title: "a credential stays while no elevated token for credential:unlink is shown",
        proves: &["MFA-ACC-031"],
        counter: Some("account/unlinks-with-its-scope"),
        guides: STEP_UP,
        needs: &[],
        world: World::PLAIN,
        play: unlinking_needs_elevation,
    },
    Case {
        id: "account/last-credential-stays",
        title: "the last credential that signs in cannot be unlinked",
        proves: &["MFA-ACC-032"],
        counter: Some("account/unlinks-with-its-scope"),
        guides: STEP_UP,
        needs: &[],
        world: World::PLAIN.with(&[ALICE]),
        play: last_credential_stays,
    },
    Case {
        id: "account/last-that-signs-in-stays",
        title: "beside a wallet that signs nobody in the only credential that does so stays",
        proves: &["MFA-ACC-032"],
        counter: Some("account/unlinks-with-its-scope"),
        guides: STEP_UP,
        needs: &[],
        world: World::PLAIN,
        play: last_that_signs_in_stays,
    },
    Case {
        id: "account/last-number-stays",
        title: "the only credential cannot be unlinked where it is a phone number, either",
        proves: &["MFA-ACC-032"],
        counter: Some("account/unlinks-with-its-scope"),
        guides: SESSION,
        needs: &[],
        world: World::PLAIN,
        play: last_number_stays,
    },
    Case {
        id: "account/unlinking-ends-its-sessions",
        title: "every session that an unlinked credential opened is over, the others live on",
        proves: &["MFA-ACC-033"],
        counter: Some("jwt/genuine-token-is-taken"),
        guides: SESSION,
        needs: &[],
        world: World::PLAIN,
        play: unlinking_ends_sessions,
    },
    Case {
        id: "account/free-address-is-linked",
        title: "an address that nobody has is linked with credential:link and a code",
        proves: &["MFA-ACC-034", "MFA-ACC-035"],
        counter: None,
        guides: STEP_UP,
        needs: &[],
        world: World::PLAIN.with(&[ALICE]),
        play: free_address_is_linked,
    },
    Case {
        id: "account/linking-needs-elevation",
        title: "a second address is not linked by its code alone once step-up is enforced",
        proves: &["MFA-ACC-035"],
        counter: Some("account/free-address-is-linked"),
        guides: STEP_UP,
        needs: &[],
        world: World::PLAIN.with(&[ALICE]),
        play: linking_needs_elevation,
    },
    Case {
        id: "account/a-passed-factor-does-not-link",
        title: "a session that has passed MFA links an address with credential:link only",
        proves: &["MFA-ACC-035"],
        counter: Some("account/free-address-is-linked"),
        guides: STEP_UP,
        needs: &[],
        world: World::PLAIN.with(&[ALICE.with_totp(SECRET)]),
        play: passed_factor_does_not_link,
    },
    Case {
        id: "account/taken-address-is-not-linked",
        title: "an address of another user stays with that user",
        proves: &["MFA-ACC-034"],
        counter: Some("account/free-address-is-linked"),
        guides: STEP_UP,
        needs: &[],
        world: World::PLAIN.with(&[ALICE, BOB]),
        play: taken_address,
    },
    Case {
        id: "account/owners-add-members",
        title: "the owner of a business account adds a member with the scope for it",
        proves: &["MFA-ACC-037"],
        counter: None,
        guides: STEP_UP,
        needs: &[],
        world: World::PLAIN.with(&[ALICE, BOB, CAROL]),
        play: owners_add_members,
    },
    Case {
        id: "account/viewers-add-nobody",
        title: "a member who may only read adds nobody, whatever token is shown",
        proves: &["MFA-ACC-037"],
        counter: Some("account/owners-add-members"),
        guides: STEP_UP,
        needs: &[],
        world: World::PLAIN.with(&[ALICE, BOB, CAROL]),
        play: viewers_add_nobody,
    },
];

/// Puts Alice into the world with an address and a telephone number.
pub(super) fn with_number(stage: &mut Stage) -> Result<(), Halt> {
    stage.add_user(json!({
        "email": ALICE.email,
        "phone": { "phoneCountryCode": "1", "phoneNumber": NUMBER, "isoCountryCode": "US" },
    }))
}

/// What the service has on record of a user's credentials, of one format.
fn credential(stage: &Stage, session: &RawSession, format: &str) -> Result<Value, Halt> {
    let user = prepared(session.request(stage, "GET", "users"))?;
    let credentials = user.value("/verifiedCredentials");
    let found = credentials.as_array().into_iter().flatten().find(|it| it["format"] == format);
    Ok(found.map(|it| it["id"].clone()).unwrap_or_default())
}

/// Unlinks a credential, with an elevated token or without.
fn unlink(
    stage: &Stage,
    session: &RawSession,
    id: &Value,
    elevated: Option<&str>,
) -> Result<RawAnswer, Halt> {
    let request = session.request(stage, "POST", "verify/unlink");
    let request = elevated.into_iter().fold(request, |request, it| request.header(ELEVATED, it));
    request.json(json!({ "verifiedCredentialId": id })).send()
}

fn unlinks_with_its_scope(stage: &mut Stage) -> Result<(), Halt> {
    with_number(stage)?;
    let mut session = RawSession::open(stage, ALICE.email)?;
    let number = credential(stage, &session, "phoneNumber")?;
    let token = session.reauthenticate(stage, ALICE.email, &["credential:unlink"])?;
    unlink(stage, &session, &number, Some(&token))?.expect_status(200)?;
    let left = credential(stage, &session, "phoneNumber")?;
    stage.expect_equal("the number afterwards", Value::Null, left)
}

fn unlinking_needs_elevation(stage: &mut Stage) -> Result<(), Halt> {
    with_number(stage)?;
    let mut session = RawSession::open(stage, ALICE.email)?;
    let number = credential(stage, &session, "phoneNumber")?;
    unlink(stage, &session, &number, None)?.expect_status(403)?;
    let wrong = session.reauthenticate(stage, ALICE.email, &["credential:link"])?;
    unlink(stage, &session, &number, Some(&wrong))?.expect_status(403)?;
    let left = credential(stage, &session, "phoneNumber")?;
    stage.expect_equal("the number afterwards", number, left)
}

fn last_credential_stays(stage: &mut Stage) -> Result<(), Halt> {
    address_stays(stage)
}

fn last_that_signs_in_stays(stage: &mut Stage) -> Result<(), Halt> {
    let wallet = "0x52908400098527886E0F7030069857D2E4169EE7";
    stage.add_user(json!({
        "email": ALICE.email,
        "wallets": [{ "address": wallet, "signInEnabled": false }],
    }))?;
    address_stays(stage)
}

/// Expects that Alice's address cannot be unlinked, not even with the scope for it.
fn address_stays(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    let address = credential(stage, &session, "email")?;
    let token = session.reauthenticate(stage, ALICE.email, &["credential:unlink"])?;
    let tried = unlink(stage, &session, &address, Some(&token))?;
    refused(stage, "unlinking the last credential that signs in", &tried)?;
    let left = credential(stage, &session, "email")?;
    stage.expect_equal("the address afterwards", address, left)
}

/// The number is all that this user has.
fn last_number_stays(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open_by_text(stage, NUMBER)?;
    let number = credential(stage, &session, "phoneNumber")?;
    let mut body = text_proof(stage, NUMBER)?;
    body.insert("requestedScopes".to_owned(), json!(["credential:unlink"]));
    let request = session.request(stage, "POST", "smsVerifications/verify").json(body);
    let verified = prepared(request)?;
    session.bearer = text(&verified, "/minifiedJwt")?;
    let token = text(&verified, "/elevatedAccessToken")?;
    let tried = unlink(stage, &session, &number, Some(&token))?;
    refused(stage, "unlinking the last credential that signs in", &tried)?;
    let left = credential(stage, &session, "phoneNumber")?;
    stage.expect_equal("the number afterwards", number, left)
}

fn unlinking_ends_sessions(stage: &mut Stage) -> Result<(), Halt> {
    with_number(stage)?;
    let by_number =
        [RawSession::open_by_text(stage, NUMBER)?, RawSession::open_by_text(stage, NUMBER)?];
    let mut session = RawSession::open(stage, ALICE.email)?;
    let number = credential(stage, &session, "phoneNumber")?;
    let token = session.reauthenticate(stage, ALICE.email, &["credential:unlink"])?;
    for opened in &by_number {
        prepared(opened.request(stage, "GET", "users"))?;
    }
    let gone = unlink(stage, &session, &number, Some(&token))?;
    if gone.status != 200 {
        return Err(Halt::Blocked(format!("unlinking was answered {}", gone.status)));
    }
    for opened in &by_number {
        opened.request(stage, "GET", "users").send()?.expect_status(401).noted()?;
    }
    session.request(stage, "GET", "users").send()?.expect_status(200)
}

const SECOND: &str = "alice@work.example";

/// Proves an address in a session, which links it.
fn link(
    stage: &mut Stage,
    session: &RawSession,
    email: &str,
    elevated: Option<&str>,
) -> Result<RawAnswer, Halt> {
    let body = email_proof(stage, email)?;
    let request = session.request(stage, "POST", "emailVerifications/verify");
    let request = elevated.into_iter().fold(request, |request, it| request.header(ELEVATED, it));
    request.json(body).send()
}

fn free_address_is_linked(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    let token = session.reauthenticate(stage, ALICE.email, &["credential:link"])?;
    link(stage, &session, SECOND, Some(&token))?.expect_status(200)?;
    let (by_first, by_second) =
        (RawSession::open(stage, ALICE.email)?, RawSession::open(stage, SECOND)?);
    let first = prepared(by_first.request(stage, "GET", "users"))?.value("/id");
    let second = prepared(by_second.request(stage, "GET", "users"))?.value("/id");
    stage.expect_equal("the user behind the second address", first, second)
}

fn linking_needs_elevation(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    link(stage, &session, SECOND, None)?.expect_status(403)?;
    for scope in ["credential:unlink", "credential:update"] {
        let other = session.reauthenticate(stage, ALICE.email, &[scope])?;
        link(stage, &session, SECOND, Some(&other))?.expect_status(403)?;
    }
    let owner = stage.record(SECOND)?;
    stage.expect_equal("the user of the second address", Value::Null, owner)
}

fn passed_factor_does_not_link(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    let token = session.elevate(stage, SECRET, &["credential:link"])?;
    link(stage, &session, SECOND, None)?.expect_status(403)?;
    let owner = stage.record(SECOND)?;
    stage.expect_equal("the user of the second address", Value::Null, owner)?;
    link(stage, &session, SECOND, Some(&token))?.expect_status(200)
}

fn taken_address(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    let token = session.reauthenticate(stage, ALICE.email, &["credential:link"])?;
    let before = record::of(stage, BOB.email, "/id")?;
    let tried = link(stage, &session, BOB.email, Some(&token))?;
    refused(stage, "linking another user's address", &tried)?;
    let after = record::of(stage, BOB.email, "/id")?;
    stage.expect_equal("the user of the address", before, after)
}

/// Adds somebody to a business account, with an elevated token for it.
fn add_member(
    stage: &mut Stage,
    (session, email): (&mut RawSession, &str),
    account: &str,
    (who, role): (&str, &str),
) -> Result<RawAnswer, Halt> {
    let token = session.reauthenticate(stage, email, &["business_account:member:add"])?;
    let request = session.request(stage, "POST", &format!("businessAccounts/{account}/members"));
    let body = json!({ "role": role, "type": "email", "identifier": who });
    request.header(ELEVATED, &token).json(body).send()
}

/// Alice with a business account in which Bob may read; yields the answer about Bob, too.
fn company(stage: &mut Stage) -> Result<(RawSession, String, RawAnswer), Halt> {
    let mut alice = RawSession::open(stage, ALICE.email)?;
    let body = json!({ "name": "Acme" });
    let made = prepared(alice.request(stage, "POST", "businessAccounts").json(body))?;
    let account = text_of(&made.value("/id"), "the id of an account")?;
    let added = add_member(stage, (&mut alice, ALICE.email), &account, (BOB.email, "viewer"))?;
    Ok((alice, account, added))
}

fn owners_add_members(stage: &mut Stage) -> Result<(), Halt> {
    let (_, account, added) = company(stage)?;
    stage.expect("the owner's wish", "2xx", added.status, (200..300).contains(&added.status))?;
    let bob = RawSession::open(stage, BOB.email)?;
    let read = bob.request(stage, "GET", &format!("businessAccounts/{account}")).send()?;
    read.expect_status(200)
}

fn viewers_add_nobody(stage: &mut Stage) -> Result<(), Halt> {
    let (_, account, added) = company(stage)?;
    if !(200..300).contains(&added.status) {
        return Err(Halt::Blocked(format!("adding a member was answered {}", added.status)));
    }
    let mut bob = RawSession::open(stage, BOB.email)?;
    let tried = add_member(stage, (&mut bob, BOB.email), &account, (CAROL.email, "viewer"))?;
    refused(stage, "the viewer's wish", &tried)?;
    let carol = RawSession::open(stage, CAROL.email)?;
    let read = carol.request(stage, "GET", &format!("businessAccounts/{account}")).send()?;
    refused(stage, "reading by the stranger", &read)
}
