//! The action-based guide's own steps, in its order: ask, authenticate for a token, use it.

use serde_json::json;

use crate::case::{Case, Guide};
use crate::stage::{Halt, Stage};
use crate::world::{Person, World};

use super::raw_session::MFA_TOKEN;
use super::record;

const ALICE: Person = Person::named("alice@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const EXPORT: &str = "wallet.waas.export";
/// Export is protected, and the unscoped token is what proves MFA.
const RULES: &[(&str, &str)] = &[
    ("minApiVersion", "2026_01_01"),
    ("mfa.actions", r#"[{"action":"wallet.waas.export","required":true}]"#),
];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "walk/action-based",
        title: "the action-based guide: ask, authenticate for a single-use token, hand it over once",
        proves: &["MFA-ACT-001", "MFA-ACT-006", "MFA-TOK-001"],
        counter: None,
        guides: &[Guide::ActionBased],
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "mfa.required_for_action",
            "totp.auth",
            "mfa_token.take",
        ],
        world: World::PLAIN.set(RULES).with(&[ALICE.with_totp(SECRET)]),
        play: action_based,
    },
    Case {
        id: "walk/action-based-first-time",
        title: "the action-based guide, for a user without a method: enrol first, then be asked",
        proves: &["MFA-ACT-001", "MFA-ACT-005", "MFA-TOK-001", "MFA-TOK-002"],
        counter: None,
        guides: &[Guide::ActionBased],
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "mfa.required_for_action",
            "totp.register",
            "totp.auth",
            "recovery.ack",
            "mfa_token.take",
            "device.delete",
        ],
        world: World::PLAIN.set(RULES).with(&[ALICE]),
        play: first_time,
    },
];

fn action_based(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.pass_mfa(SECRET)?;
    stage.proving("MFA-ACT-001");
    let asked = stage.act("mfa.required_for_action", json!({ "action": EXPORT }));
    asked.expect_field("/required", true)?;

    stage.proving("MFA-TOK-001");
    let code = stage.next_code(SECRET)?;
    let proof = json!({ "code": code, "mfa_token": { "single_use": true } });
    let passed = stage.act("totp.auth", proof);
    let token = passed.text("/mfa_token")?;
    let seen = passed.wire().last("authMfaTotpDevice")?;
    seen.expect_body("/createMfaToken/singleUse", true)?;
    stage.expect_equal("the token of the answer", seen.answer("/mfaToken"), token.clone())?;

    stage.proving("MFA-ACT-006");
    stage.act("mfa_token.take", json!({})).expect_field("/mfa_token", token)?;
    stage.act("mfa_token.take", json!({})).expect_client_error()
}

fn first_time(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let question = json!({ "action": EXPORT });
    stage.proving("MFA-ACT-005");
    stage.act("mfa.required_for_action", question.clone()).expect_field("/required", false)?;
    let device = stage.enrol()?;
    stage.proving("MFA-ACT-001");
    stage.act("mfa.required_for_action", question).expect_field("/required", true)?;

    stage.proving("MFA-TOK-001");
    let code = stage.next_code(&device.secret)?;
    let proof = json!({ "code": code, "mfa_token": { "single_use": true } });
    let token = stage.act("totp.auth", proof).text("/mfa_token")?;
    let taken = stage.act("mfa_token.take", json!({}));
    taken.expect_field("/mfa_token", token.clone())?;

    // No wallet is served here; deleting the device is the protected call that takes the token.
    stage.proving("MFA-TOK-002");
    let deletion = json!({ "id": device.device_id, "mfa_token": token });
    let deleted = stage.act("device.delete", deletion);
    deleted.wire().last("deleteMfaDevice")?.expect_header(MFA_TOKEN, &token)?;
    deleted.ok()?;
    let left = record::of(stage, ALICE.email, "/devices")?;
    stage.expect_equal("devices at the service", json!([]), left)
}
