//! Protected actions at the service, each of them: what opens them, and on which terms.

use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, Noted, Stage, Token};
use crate::world::{Person, World};

use super::answered::{granted, refused};
use super::gate_service::{call_on, every_action, owner};
use super::raw_session::{MFA_TOKEN, RawSession};

const ALICE: Person = Person::named("alice@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const PEOPLE: &[Person] = &[ALICE.with_totp(SECRET)];
const ACTIONS: &[Guide] = &[Guide::ActionBased];
/// Every action of a wallet is protected, and no call asks for elevated tokens.
const ALL_PROTECTED: World = World::LEGACY.with(PEOPLE).set(&[
    ("minApiVersion", "2026_01_01"),
    (
        "mfa.actions",
        r#"[{"action":"wallet.waas.sign","required":true},
            {"action":"wallet.waas.export","required":true},
            {"action":"wallet.waas.reshare","required":true},
            {"action":"wallet.waas.refresh","required":true}]"#,
    ),
]);
/// Changing the profile is a protected action.
const PROFILE: World = World::LEGACY.with(PEOPLE).set(&[
    ("minApiVersion", "2026_01_01"),
    ("mfa.actions", r#"[{"action":"user.update","required":true}]"#),
]);
/// Tokens of two actions live longer than tokens of their kinds do by default.
const LONG_TERMS: World = World::PLAIN.with(PEOPLE).set(&[(
    "mfa.actions",
    r#"[{"action":"wallet.waas.sign","required":true,
         "tokenBehavior":"time_bound","tokenExpirySeconds":1800},
        {"action":"wallet.waas.export","required":true,
         "tokenBehavior":"single_use","tokenExpirySeconds":450}]"#,
)]);

pub(super) const CASES: &[Case] = &[
    Case {
        id: "action/every-wallet-action-takes-the-proof",
        title: "signing, exporting, resharing and refreshing each go through with an MFA token",
        proves: &["MFA-ACT-031"],
        counter: None,
        guides: ACTIONS,
        needs: &[],
        world: ALL_PROTECTED,
        play: every_action_takes_the_proof,
    },
    Case {
        id: "action/every-wallet-action-wants-a-proof",
        title: "signing, exporting, resharing and refreshing are each refused without an MFA token",
        proves: &["MFA-ACT-031"],
        counter: Some("action/every-wallet-action-takes-the-proof"),
        guides: ACTIONS,
        needs: &[],
        world: ALL_PROTECTED,
        play: every_action_wants_a_proof,
    },
    Case {
        id: "action/profile-wants-a-proof",
        title: "where it is protected, the profile is changed with an MFA token and not without",
        proves: &["MFA-ACT-032"],
        counter: Some("action/every-wallet-action-takes-the-proof"),
        guides: ACTIONS,
        needs: &[],
        world: PROFILE,
        play: profile_wants_a_proof,
    },
    Case {
        id: "elevated/long-terms-of-an-action",
        title: "an action's own rule can give its token a longer life than its kind has",
        proves: &["MFA-STEP-051"],
        counter: None,
        guides: &[Guide::StepUp, Guide::ActionBased],
        needs: &[],
        world: LONG_TERMS,
        play: long_terms,
    },
    Case {
        id: "step-up/older-environment-protects-without-step-up",
        title: "where step-up is not enforced, the check says no for protected actions, too",
        proves: &["MFA-STEP-013", "MFA-STEP-017"],
        counter: Some("elevated/export-is-always-gated"),
        guides: &[Guide::StepUp, Guide::ActionBased],
        needs: &[],
        world: ALL_PROTECTED,
        play: older_environment,
    },
];

fn every_action_takes_the_proof(stage: &mut Stage) -> Result<(), Halt> {
    let (mut session, wallet) = owner(stage)?;
    for call in every_action() {
        let token = session.mfa_token(stage, SECRET, true)?;
        let done = call_on(stage, &session, &wallet, &call, &[(MFA_TOKEN, &token)])?;
        granted(stage, &format!("{} with a token", call.0), &done).noted()?;
    }
    Ok(())
}

fn every_action_wants_a_proof(stage: &mut Stage) -> Result<(), Halt> {
    let (session, wallet) = owner(stage)?;
    for call in every_action() {
        let tried = call_on(stage, &session, &wallet, &call, &[])?;
        refused(stage, &format!("{} without a token", call.0), &tried).noted()?;
    }
    Ok(())
}

fn profile_wants_a_proof(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    let token = session.mfa_token(stage, SECRET, true)?;
    let change = session.request(stage, "PUT", "users").json(json!({ "firstName": "Alice" }));
    refused(stage, "a change without a token", &change.clone().send()?)?;
    let made_up = change.clone().header(MFA_TOKEN, "made-up").send()?;
    refused(stage, "a change with a made-up token", &made_up)?;
    let change = change.header(MFA_TOKEN, &token);
    granted(stage, "a change with a token", &change.clone().send()?)?;
    refused(stage, "a change with the spent token", &change.send()?)
}

fn long_terms(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    for (scope, single_use, life) in [("wallet:sign", false, 1_800), ("wallet:export", true, 450)] {
        let token = session.elevate(stage, SECRET, &[scope])?;
        let token = Token::decode(&token).map_err(Halt::Blocked)?;
        let said = token.claim("singleUse").as_bool().unwrap_or(false);
        stage.expect_equal(&format!("singleUse for {scope}"), single_use, said).noted()?;
        let left = token.exp().unwrap_or_default() - stage.now().as_second();
        stage.expect_equal(&format!("seconds for {scope}"), life, left).noted()?;
    }
    Ok(())
}

fn older_environment(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    session.pass_mfa(stage, SECRET, Value::Null)?;
    for scope in ["wallet:sign", "wallet:export", "wallet:delegate"] {
        let request = session.request(stage, "POST", "stepUp/check");
        let checked = request.json(json!({ "scope": scope })).send()?;
        stage.proving("MFA-STEP-013");
        checked.expect_status(200)?;
        checked.expect_body("/isRequired", false)?;
        stage.proving("MFA-STEP-017");
        checked.expect_body("/credentials", json!([]))?;
    }
    Ok(())
}
