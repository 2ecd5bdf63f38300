//! Action-based MFA: which actions ask for it, and of whom.

use serde_json::json;

use crate::case::{Case, Guide};
use crate::stage::{ErrorKind, Halt, Noted, Stage};
use crate::world::{Person, World};

use super::record;

const ALICE: Person = Person::named("alice@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const ACTION: &[Guide] = &[Guide::ActionBased];
const EXPORT: &str = "wallet.waas.export";
const SIGN: &str = "wallet.waas.sign";
const RESHARE: &str = "wallet.waas.reshare";
const REFRESH: &str = "wallet.waas.refresh";
/// Export is protected, signing is named and not protected, the rest is not named.
const RULES: &[(&str, &str)] = &[
    ("minApiVersion", "2026_01_01"),
    (
        "mfa.actions",
        r#"[{"action":"wallet.waas.export","required":true},
            {"action":"wallet.waas.sign","required":false}]"#,
    ),
];

/// Every action with wallets that the API names is protected.
const EVERY_RULE: &[(&str, &str)] = &[
    ("minApiVersion", "2026_01_01"),
    (
        "mfa.actions",
        r#"[{"action":"wallet.waas.sign","required":true},
            {"action":"wallet.waas.export","required":true},
            {"action":"wallet.waas.reshare","required":true},
            {"action":"wallet.waas.refresh","required":true}]"#,
    ),
];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "action/protected-action-asks-an-enrolled-user",
        title: "for a protected action the SDK tells a user with a method that MFA is required",
        proves: &["MFA-ACT-001"],
        counter: None,
        guides: ACTION,
        needs: &["auth.email_start", "auth.email_verify", "totp.auth", "mfa.required_for_action"],
        world: World::PLAIN.set(RULES).with(&[ALICE.with_totp(SECRET)]),
        play: protected_action,
    },
    Case {
        id: "action/every-protected-action-asks",
        title: "whichever action is protected, the settings say so and the SDK tells it",
        proves: &["MFA-ACT-001"],
        counter: Some("action/other-actions-ask-for-nothing"),
        guides: ACTION,
        needs: &["auth.email_start", "auth.email_verify", "totp.auth", "mfa.required_for_action"],
        world: World::PLAIN.set(EVERY_RULE).with(&[ALICE.with_totp(SECRET)]),
        play: every_protected_action,
    },
    Case {
        id: "action/other-actions-ask-for-nothing",
        title: "actions that the settings do not protect need no MFA",
        proves: &["MFA-ACT-002"],
        counter: Some("action/protected-action-asks-an-enrolled-user"),
        guides: ACTION,
        needs: &["auth.email_start", "auth.email_verify", "totp.auth", "mfa.required_for_action"],
        world: World::PLAIN.set(RULES).with(&[ALICE.with_totp(SECRET)]),
        play: other_actions,
    },
    Case {
        id: "action/enrolling-turns-the-answer-round",
        title: "where MFA is optional, a protected action asks a user only once enrolled",
        proves: &["MFA-ACT-005"],
        counter: Some("action/protected-action-asks-an-enrolled-user"),
        guides: ACTION,
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "totp.register",
            "totp.auth",
            "mfa.required_for_action",
        ],
        world: World::PLAIN.set(RULES).with(&[ALICE]),
        play: enrolling_turns_the_answer_round,
    },
    Case {
        id: "action/unconfirmed-device-is-no-method",
        title: "a device that was begun and never confirmed does not make an action ask",
        proves: &["MFA-ACT-005"],
        counter: Some("action/enrolling-turns-the-answer-round"),
        guides: ACTION,
        needs: &["auth.email_start", "auth.email_verify", "mfa.required_for_action"],
        world: World::PLAIN.set(RULES).with(&[ALICE.with_unconfirmed_totp(SECRET)]),
        play: unconfirmed_device,
    },
    Case {
        id: "action/mfa-token-is-taken-once",
        title: "the held MFA token can be taken once; taking it again is an error",
        proves: &["MFA-ACT-006"],
        counter: Some("mfa-token/returned-when-asked-for"),
        guides: ACTION,
        needs: &["auth.email_start", "auth.email_verify", "totp.auth", "mfa_token.take"],
        world: World::PLAIN.set(RULES).with(&[ALICE.with_totp(SECRET)]),
        play: mfa_token_is_taken_once,
    },
];

/// What the settings that the SDK fetched say of an action.
fn rule_served(stage: &Stage, action: &str) -> Result<bool, Halt> {
    let actions = stage.wire().last("getEnvironmentSettings")?.answer("/security/mfa/actions");
    let rules = actions.as_array().into_iter().flatten();
    Ok(rules
        .filter(|rule| record::at(rule, "/action") == action)
        .any(|rule| record::at(rule, "/required") == true))
}

fn protected_action(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.pass_mfa(SECRET)?;
    stage.expect_equal("the settings protect it", true, rule_served(stage, EXPORT)?)?;
    stage
        .act("mfa.required_for_action", json!({ "action": EXPORT }))
        .expect_field("/required", true)
}

fn every_protected_action(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.pass_mfa(SECRET)?;
    for action in [SIGN, EXPORT, RESHARE, REFRESH] {
        let served = rule_served(stage, action)?;
        stage.expect_equal(&format!("the settings protect {action}"), true, served).noted()?;
        let asked = stage.act("mfa.required_for_action", json!({ "action": action }));
        asked.expect_field("/required", true).noted()?;
    }
    Ok(())
}

fn other_actions(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.pass_mfa(SECRET)?;
    for action in [SIGN, RESHARE] {
        stage.expect_equal("the settings protect it", false, rule_served(stage, action)?)?;
        let asked = stage.act("mfa.required_for_action", json!({ "action": action }));
        asked.expect_field("/required", false)?;
    }
    Ok(())
}

fn enrolling_turns_the_answer_round(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let asked = json!({ "action": EXPORT });
    stage.expect_equal("the settings protect it", true, rule_served(stage, EXPORT)?)?;
    stage.act("mfa.required_for_action", asked.clone()).expect_field("/required", false)?;
    stage.enrol_unacknowledged()?;
    let verified = record::of(stage, ALICE.email, "/devices/0/verified")?;
    stage.expect_equal("the device at the service is verified", true, verified)?;
    stage.act("mfa.required_for_action", asked).expect_field("/required", true)
}

fn unconfirmed_device(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let verified = record::of(stage, ALICE.email, "/devices/0/verified")?;
    stage.expect_equal("the device at the service is verified", false, verified)?;
    let asked = stage.act("mfa.required_for_action", json!({ "action": EXPORT }));
    asked.expect_field("/required", false)
}

fn mfa_token_is_taken_once(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    // How often the service would take it makes no difference to the SDK's hands.
    for single_use in [true, false] {
        let code = stage.next_code(SECRET)?;
        let proof = json!({ "code": code, "mfa_token": { "single_use": single_use } });
        stage.act("totp.auth", proof).ready()?;
        let issued = stage.wire().last("authMfaTotpDevice")?.answer("/mfaToken");
        let taken = stage.act("mfa_token.take", json!({}));
        taken.expect_field("/mfa_token", issued)?;
        taken.wire().silent()?;
        let again = stage.act("mfa_token.take", json!({}));
        again.expect_client_error()?;
        again.wire().silent()?;
        again.expect_class_of(ErrorKind::ValueMissing)?;
    }
    Ok(())
}
