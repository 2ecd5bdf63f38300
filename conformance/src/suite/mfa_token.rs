//! MFA tokens in the SDK's hands: asked for, handed out, sent where they belong.

use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, Noted, Stage};
use crate::world::{Person, World};

use super::raw_session::MFA_TOKEN;
use super::record;

const ALICE: Person = Person::named("alice@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const ENROLLED: World = World::LEGACY.with(&[ALICE.with_totp(SECRET)]);

pub(super) const CASES: &[Case] = &[
    Case {
        id: "mfa-token/returned-when-asked-for",
        title: "an authentication that asks for an MFA token gets one, and the SDK hands it over",
        proves: &["MFA-TOK-001"],
        counter: None,
        guides: &[Guide::Totp, Guide::ActionBased, Guide::DeviceManagement],
        needs: &["auth.email_start", "auth.email_verify", "totp.auth"],
        world: ENROLLED,
        play: returned_when_asked_for,
    },
    Case {
        id: "mfa-token/none-when-not-asked-for",
        title: "an authentication that does not ask for an MFA token gets none",
        proves: &["MFA-TOK-001"],
        counter: Some("mfa-token/returned-when-asked-for"),
        guides: &[Guide::Totp, Guide::ActionBased, Guide::DeviceManagement],
        needs: &["auth.email_start", "auth.email_verify", "totp.auth"],
        world: ENROLLED,
        play: none_when_not_asked_for,
    },
    Case {
        id: "mfa-token/travels-in-its-own-header",
        title: "a deletion carries the given MFA token in its header, letter by letter",
        proves: &["MFA-TOK-002"],
        counter: None,
        guides: &[Guide::ActionBased, Guide::DeviceManagement],
        needs: &["auth.email_start", "auth.email_verify", "totp.auth", "device.delete"],
        world: ENROLLED,
        play: travels_in_its_own_header,
    },
    Case {
        id: "mfa-token/unknown-token-surfaces",
        title: "a token that the service never issued goes out as given, and the refusal surfaces",
        proves: &["MFA-TOK-002"],
        counter: Some("mfa-token/travels-in-its-own-header"),
        guides: &[Guide::ActionBased, Guide::DeviceManagement],
        needs: &["auth.email_start", "auth.email_verify", "totp.auth", "device.delete"],
        world: ENROLLED,
        play: unknown_token_surfaces,
    },
    Case {
        id: "mfa-token/goes-nowhere-else",
        title: "a held MFA token is on no call that needs none, in no header and in no body",
        proves: &["MFA-TOK-003"],
        counter: Some("mfa-token/travels-in-its-own-header"),
        guides: &[Guide::ActionBased, Guide::DeviceManagement],
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "auth.refresh",
            "totp.register",
            "totp.auth",
            "device.list",
        ],
        world: ENROLLED,
        play: goes_nowhere_else,
    },
];

fn authenticate(stage: &mut Stage, single_use: bool) -> Result<String, Halt> {
    let code = stage.next_code(SECRET)?;
    let args = json!({ "code": code, "mfa_token": { "single_use": single_use } });
    let passed = stage.act("totp.auth", args).ready()?;
    record::text(&passed, "/mfa_token")
}

fn returned_when_asked_for(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    for single_use in [true, false] {
        let code = stage.next_code(SECRET)?;
        let args = json!({ "code": code, "mfa_token": { "single_use": single_use } });
        let passed = stage.act("totp.auth", args);
        let seen = passed.wire().last("authMfaTotpDevice")?;
        seen.expect_body("/createMfaToken/singleUse", single_use)?;
        let issued = seen.answer("/mfaToken");
        stage.expect("the answer", "an MFA token", issued.clone(), issued.is_string())?;
        passed.expect_field("/mfa_token", issued.clone())?;
        stage.act("state.get", json!({})).expect_field("/mfa_token", issued)?;
    }
    Ok(())
}

fn none_when_not_asked_for(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let code = stage.next_code(SECRET)?;
    let passed = stage.act("totp.auth", json!({ "code": code }));
    let seen = passed.wire().last("authMfaTotpDevice")?;
    seen.expect_no_body("/createMfaToken")?;
    stage.expect_equal("token in the answer", Value::Null, seen.answer("/mfaToken"))?;
    passed.expect_field("/mfa_token", Value::Null)?;
    stage.act("state.get", json!({})).expect_field("/mfa_token", Value::Null)
}

fn travels_in_its_own_header(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let token = authenticate(stage, true)?;
    let id = record::of(stage, ALICE.email, "/devices/0/id")?;
    let deleted = stage.act("device.delete", json!({ "id": id, "mfa_token": token }));
    deleted.wire().last("deleteMfaDevice")?.expect_header(MFA_TOKEN, &token).noted()?;
    deleted.ok()?;
    let left = record::of(stage, ALICE.email, "/devices")?;
    stage.expect_equal("devices at the service", json!([]), left)
}

fn unknown_token_surfaces(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.pass_mfa(SECRET)?;
    let id = record::of(stage, ALICE.email, "/devices/0/id")?;
    let token = "Never-issued_token.0123456789+/=~";
    let refused = stage.act("device.delete", json!({ "id": id, "mfa_token": token }));
    refused.wire().last("deleteMfaDevice")?.expect_header(MFA_TOKEN, token)?;
    refused.expect_server_error(401, &[])?;
    let kept = record::of(stage, ALICE.email, "/devices/0/id")?;
    stage.expect_equal("the device at the service", id, kept)
}

fn goes_nowhere_else(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let token = authenticate(stage, false)?;
    stage.act("device.list", json!({})).ready()?;
    // The user has a device, so this is refused; what matters is what went out.
    stage.act("totp.register", json!({})).returned()?;
    stage.act("auth.refresh", json!({})).ready()?;
    stage.pass_mfa(SECRET)?;
    stage.act("state.get", json!({})).expect_field("/mfa_token", token.clone())?;
    let wire = stage.wire();
    for operation in ["getUserMfaDevices", "registerTotpMfaDevice", "refreshAuth"] {
        wire.last(operation)?.token("authorization")?;
    }
    for exchange in wire.exchanges() {
        let name = exchange.operation.as_deref().unwrap_or(&exchange.path);
        let in_header = exchange.request_headers.iter().any(|(_, value)| value.contains(&token));
        let in_body = exchange.request_body.to_string().contains(&token);
        let in_path = exchange.path.contains(&token);
        let got = json!({ "header": in_header, "body": in_body, "path": in_path });
        let absent = !(in_header || in_body || in_path);
        stage.note(&format!("the MFA token on {name}"), "nowhere", got, absent)?;
    }
    Ok(())
}
