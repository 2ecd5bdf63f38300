//! Sensitive calls at the service: what opens them, and what does not.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, Noted, RawAnswer, Stage, Token};
use crate::world::{Person, World};

use super::raw_session::{ELEVATED, MFA_TOKEN, RawSession, prepared, text, text_of};

const ALICE: Person = Person::named("alice@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const PEOPLE: &[Person] = &[ALICE.with_totp(SECRET)];
const ENROLLED: World = World::PLAIN.with(PEOPLE);
/// Signing is a protected action, and no call asks for elevated tokens.
const SIGNING: World = World::LEGACY.with(PEOPLE).set(&[
    ("minApiVersion", "2026_01_01"),
    ("mfa.actions", r#"[{"action":"wallet.waas.sign","required":true}]"#),
]);
/// Signing is a protected action whose token may serve for 77 seconds.
const TERMS: World = World::PLAIN.with(PEOPLE).set(&[(
    "mfa.actions",
    r#"[{"action":"wallet.waas.sign","required":true,"tokenBehavior":"time_bound","tokenExpirySeconds":77}]"#,
)]);
const STEP_UP: &[Guide] = &[Guide::StepUp];
const ACTIONS: &[Guide] = &[Guide::ActionBased];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "action/service-takes-the-proof",
        title: "a protected action goes through with the MFA token that was earned for it",
        proves: &["MFA-ACT-031"],
        counter: None,
        guides: ACTIONS,
        needs: &[],
        world: SIGNING,
        play: service_takes_the_proof,
    },
    Case {
        id: "action/service-wants-a-proof",
        title: "a protected action without a proof is refused, whatever the SDK asked before",
        proves: &["MFA-ACT-031"],
        counter: Some("action/service-takes-the-proof"),
        guides: ACTIONS,
        needs: &[],
        world: SIGNING,
        play: service_wants_a_proof,
    },
    Case {
        id: "elevated/terms-of-an-action",
        title: "an action's own rule decides the kind and the life of its token",
        proves: &["MFA-STEP-051"],
        counter: None,
        guides: &[Guide::StepUp, Guide::ActionBased],
        needs: &[],
        world: TERMS,
        play: terms_of_an_action,
    },
    Case {
        id: "elevated/export-with-its-scope",
        title: "an elevated token for wallet:export opens one export",
        proves: &["MFA-STEP-032"],
        counter: None,
        guides: STEP_UP,
        needs: &[],
        world: ENROLLED,
        play: export_with_its_scope,
    },
    Case {
        id: "elevated/export-is-always-gated",
        title: "exporting a key without wallet:export is refused, with any other wallet scope too",
        proves: &["MFA-STEP-032"],
        counter: Some("elevated/export-with-its-scope"),
        guides: STEP_UP,
        needs: &[],
        world: ENROLLED,
        play: export_is_gated,
    },
    Case {
        id: "elevated/creating-is-free",
        title: "wallets and business accounts are made without an elevated token",
        proves: &["MFA-STEP-033"],
        counter: None,
        guides: STEP_UP,
        needs: &[],
        world: ENROLLED,
        play: creating_is_free,
    },
    Case {
        id: "elevated/unknown-scope-spoils-the-request",
        title: "a request that names a scope which does not exist grants nothing of the rest",
        proves: &["MFA-STEP-034"],
        counter: Some("elevated/mixed-request-is-one-single-use-token"),
        guides: STEP_UP,
        needs: &[],
        world: ENROLLED,
        play: unknown_scope_spoils,
    },
    Case {
        id: "elevated/transfer-alone-is-granted",
        title: "a token for the transfer of ownership is single-use",
        proves: &["MFA-STEP-035"],
        counter: None,
        guides: STEP_UP,
        needs: &[],
        world: ENROLLED,
        play: transfer_alone,
    },
    Case {
        id: "elevated/transfer-is-asked-for-alone",
        title: "the transfer of ownership is not granted among other scopes",
        proves: &["MFA-STEP-035"],
        counter: Some("elevated/transfer-alone-is-granted"),
        guides: STEP_UP,
        needs: &[],
        world: ENROLLED,
        play: transfer_among_others,
    },
];

/// Every wallet scope but that of the export.
const OTHER_WALLET_SCOPES: &[&str] =
    &["wallet:sign", "wallet:delete", "wallet:delegate", "wallet:restore"];
const TRANSFER: &str = "business_account:transfer_ownership";

/// A call on a wallet: the end of its path, and its body.
pub(super) type Call = (&'static str, Value);

fn new_wallet() -> Value {
    json!({ "chain": "EVM", "clientKeygenIds": ["k1"] })
}

/// Makes an embedded wallet, which needs no elevated token; yields its id.
pub(super) fn make_wallet(stage: &Stage, session: &RawSession) -> Result<String, Halt> {
    text(&prepared(session.request(stage, "POST", "waas/create").json(new_wallet()))?, "/walletId")
}

/// Alice past her second factor, with an embedded wallet.
pub(super) fn owner(stage: &mut Stage) -> Result<(RawSession, String), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    session.pass_mfa(stage, SECRET, Value::Null)?;
    let wallet = make_wallet(stage, &session)?;
    Ok((session, wallet))
}

/// A call on a wallet with these headers.
pub(super) fn call_on(
    stage: &Stage,
    session: &RawSession,
    wallet: &str,
    (call, body): &Call,
    headers: &[(&str, &str)],
) -> Result<RawAnswer, Halt> {
    let path = format!("waas/{wallet}/{call}");
    let request = session.request(stage, "POST", &path).json(body.clone());
    headers.iter().fold(request, |request, (name, value)| request.header(name, value)).send()
}

/// The status of a call on the wallet with these headers.
fn on(
    stage: &Stage,
    (session, wallet): &(RawSession, String),
    call: &Call,
    headers: &[(&str, &str)],
) -> Result<u16, Halt> {
    Ok(call_on(stage, session, wallet, call, headers)?.status)
}

/// A call for each action of a wallet that settings can protect.
pub(super) fn every_action() -> [Call; 4] {
    [sign(), export(), reshare(), ("refresh", json!({}))]
}

fn sign() -> Call {
    ("signMessage", json!({ "message": "hi" }))
}

fn reshare() -> Call {
    let body = json!({
        "clientKeygenIds": ["k1"], "oldThresholdSignatureScheme": "TWO_OF_TWO",
        "newThresholdSignatureScheme": "TWO_OF_THREE",
    });
    ("reshare", body)
}

pub(super) fn export() -> Call {
    ("privateKey/export", json!({ "exportId": "k" }))
}

fn service_takes_the_proof(stage: &mut Stage) -> Result<(), Halt> {
    let mut owner = owner(stage)?;
    let token = owner.0.mfa_token(stage, SECRET, true)?;
    let status = on(stage, &owner, &sign(), &[(MFA_TOKEN, &token)])?;
    stage.expect_equal("signing with the token", 200, status)?;
    let status = on(stage, &owner, &reshare(), &[])?;
    stage.expect_equal("an action that is not protected, without a token", 200, status)
}

fn service_wants_a_proof(stage: &mut Stage) -> Result<(), Halt> {
    let owner = owner(stage)?;
    let with: [&[(&str, &str)]; 3] = [&[], &[(MFA_TOKEN, "")], &[(MFA_TOKEN, "made-up")]];
    for headers in with {
        let status = on(stage, &owner, &sign(), headers)?;
        let refused = (400..500).contains(&status);
        stage.expect("signing without a good token", "refused", status, refused)?;
    }
    Ok(())
}

/// The elevated token for these scopes, looked inside.
fn earned(stage: &mut Stage, session: &mut RawSession, scopes: &[&str]) -> Result<Token, Halt> {
    Token::decode(&session.elevate(stage, SECRET, scopes)?).map_err(Halt::Blocked)
}

fn terms_of_an_action(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    let token = earned(stage, &mut session, &["wallet:sign"])?;
    let single_use = token.claim("singleUse").as_bool().unwrap_or(false);
    stage.expect_equal("singleUse of the action's token", false, single_use)?;
    let life = token.exp().unwrap_or_default() - stage.now().as_second();
    stage.expect_equal("seconds that the action's token lives", 77, life)?;
    // A wallet scope without a rule of its own stays what it is.
    let other = earned(stage, &mut session, &["wallet:export"])?;
    stage.expect_equal("singleUse of another wallet scope", true, other.claim("singleUse"))
}

fn export_with_its_scope(stage: &mut Stage) -> Result<(), Halt> {
    let mut owner = owner(stage)?;
    let token = owner.0.elevate(stage, SECRET, &["wallet:export"])?;
    let status = on(stage, &owner, &export(), &[(ELEVATED, &token)])?;
    stage.expect_equal("exporting with the token", 200, status)
}

fn export_is_gated(stage: &mut Stage) -> Result<(), Halt> {
    let mut owner = owner(stage)?;
    stage.expect_equal("exporting without a token", 403, on(stage, &owner, &export(), &[])?)?;
    for scope in OTHER_WALLET_SCOPES {
        let token = owner.0.elevate(stage, SECRET, &[scope])?;
        let status = on(stage, &owner, &export(), &[(ELEVATED, &token)])?;
        stage.expect_equal(&format!("exporting with {scope}"), 403, status).noted()?;
    }
    let token = owner.0.elevate(stage, SECRET, OTHER_WALLET_SCOPES)?;
    let status = on(stage, &owner, &export(), &[(ELEVATED, &token)])?;
    stage.expect_equal("exporting with all of them", 403, status)
}

fn creating_is_free(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    session.pass_mfa(stage, SECRET, Value::Null)?;
    let mut ids = BTreeSet::new();
    for (path, body, id) in [
        ("waas/create", new_wallet(), "/walletId"),
        ("businessAccounts", json!({ "name": "Acme" }), "/id"),
        // What is had already makes no difference.
        ("waas/create", new_wallet(), "/walletId"),
        ("businessAccounts", json!({ "name": "Acme abroad" }), "/id"),
    ] {
        let made = session.request(stage, "POST", path).json(body).send()?;
        stage.expect(path, "made", made.status, (200..300).contains(&made.status))?;
        ids.insert(text_of(&made.value(id), id)?);
    }
    stage.expect_equal("different things made", 4, ids.len())
}

/// Asks for scopes with the code of the next time step.
fn ask(stage: &mut Stage, session: &RawSession, scopes: &[&str]) -> Result<RawAnswer, Halt> {
    let body = json!({ "code": stage.next_code(SECRET)?, "requestedScopes": scopes });
    session.request(stage, "POST", "users/mfa/auth/totp").json(body).send()
}

/// Expects that a request for scopes is refused as a whole.
fn refused_whole(stage: &mut Stage, scopes: &[&str]) -> Result<(), Halt> {
    let session = RawSession::open(stage, ALICE.email)?;
    let asked = ask(stage, &session, scopes)?;
    let refused = (400..500).contains(&asked.status);
    stage.expect("the request for scopes", "refused", asked.status, refused)?;
    let token = asked.value("/elevatedAccessToken");
    stage.expect_equal("an elevated token for the rest", Value::Null, token)
}

fn unknown_scope_spoils(stage: &mut Stage) -> Result<(), Halt> {
    refused_whole(stage, &["credential:link", "credential:conjure"])
}

fn transfer_alone(stage: &mut Stage) -> Result<(), Halt> {
    let session = RawSession::open(stage, ALICE.email)?;
    let asked = ask(stage, &session, &[TRANSFER])?;
    asked.expect_status(200)?;
    let told = asked.value("/elevatedAccessToken");
    stage.expect("the elevated token", "a token", told.clone(), told.is_string())?;
    let token = Token::decode(told.as_str().unwrap_or_default()).map_err(Halt::Blocked)?;
    stage.expect_equal("scopes", json!([TRANSFER]), token.scopes())?;
    stage.expect_equal("singleUse", true, token.claim("singleUse"))
}

fn transfer_among_others(stage: &mut Stage) -> Result<(), Halt> {
    refused_whole(stage, &[TRANSFER, "business_account:member:add"])
}
