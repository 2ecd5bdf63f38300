//! What goes out with a call and what does not: bodies, proofs, nonces.

use serde_json::{Map, Value, json};

use super::raw_session::{ELEVATED, MFA_TOKEN, text_of};
use super::record;
use crate::case::{Case, Guide};
use crate::service::{Effect, Fault};
use crate::stage::{Halt, Noted, Stage};
use crate::world::{Person, World};

const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const ALICE: Person = Person::named("alice@example.com");
const BOB: Person = Person::named("bob@example.com");
const ENROLLED: World = World::PLAIN.with(&[ALICE.with_totp(SECRET)]);
const OLDER: World = World::LEGACY.with(&[ALICE.with_totp(SECRET)]);
const RULES: &[(&str, &str)] =
    &[("mfa.actions", r#"[{"action":"wallet.waas.export","required":true}]"#)];
const RULES_FOR_ALL: &[(&str, &str)] = &[
    ("mfa.enrollment", "signup"),
    ("mfa.actions", r#"[{"action":"wallet.waas.export","required":true}]"#),
];
const ASKS: &[&str] = &["auth.email_start", "auth.email_verify", "mfa.required_for_action"];
const EVERY: &[Guide] =
    &[Guide::Totp, Guide::SessionMfa, Guide::ActionBased, Guide::StepUp, Guide::DeviceManagement];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "totp/nothing-beside-what-was-asked",
        title: "the body of a TOTP authentication has what was asked for, and nothing else",
        proves: &["MFA-TOTP-030"],
        counter: Some("totp/code-goes-out-as-typed"),
        guides: &[Guide::Totp],
        needs: &["auth.email_start", "auth.email_verify", "totp.auth"],
        world: ENROLLED,
        play: |stage| bodies(stage, "totp.auth", "authMfaTotpDevice", true),
    },
    Case {
        id: "recovery/nothing-beside-what-was-asked",
        title: "the body of a recovery code has what was asked for, and nothing else",
        proves: &["MFA-REC-030"],
        counter: Some("recovery/code-goes-out-as-typed"),
        guides: &[Guide::RecoveryCodes],
        needs: &["auth.email_start", "auth.email_verify", "recovery.auth"],
        world: ENROLLED,
        play: |stage| bodies(stage, "recovery.auth", "authMfaRecovery", false),
    },
    Case {
        id: "sign-in/each-wish-goes-with-its-own-call",
        title: "scopes travel with a proof of the address, the wish to link with a sign-in",
        proves: &["MFA-SES-061"],
        counter: None,
        guides: &[Guide::SessionMfa, Guide::StepUp],
        needs: &["auth.email_start", "auth.email_verify"],
        world: World::PLAIN.with(&[ALICE]),
        play: each_wish_with_its_call,
    },
    Case {
        id: "security/mfa-calls-spend-no-nonce",
        title: "MFA calls carry neither a device nonce nor a signature",
        proves: &["MFA-SEC-060"],
        counter: Some("security/device-signature-is-valid"),
        guides: &[Guide::SessionMfa, Guide::Totp],
        needs: &["auth.email_start", "auth.email_verify", "totp.auth", "device.list"],
        world: ENROLLED,
        play: no_nonce,
    },
    Case {
        id: "errors/a-refusal-changes-nothing",
        title: "403, 429 and 5xx leave user, session token and MFA token alone",
        proves: &["MFA-ERR-060"],
        counter: Some("errors/after-a-401-the-same-call-works"),
        guides: EVERY,
        needs: &["auth.email_start", "auth.email_verify", "totp.auth", "device.list"],
        world: OLDER,
        play: refusal_changes_nothing,
    },
    Case {
        id: "errors/the-words-reach-the-application",
        title: "the words of a refusal are in the error, whichever field has them",
        proves: &["MFA-ERR-061"],
        counter: None,
        guides: EVERY,
        needs: &["auth.email_start", "auth.email_verify", "totp.auth"],
        world: ENROLLED,
        play: words_reach_the_application,
    },
    Case {
        id: "devices/a-deletion-takes-no-proof-by-itself",
        title: "a deletion that is given no proof leaves the held MFA token where it is",
        proves: &["MFA-DEV-060"],
        counter: Some("devices/an-mfa-token-deletes"),
        guides: &[Guide::DeviceManagement],
        needs: &["auth.email_start", "auth.email_verify", "totp.auth", "device.delete"],
        world: OLDER,
        play: deletion_takes_no_proof,
    },
    Case {
        id: "mfa-token/a-deletion-of-the-user-carries-it",
        title: "deleting the user sends the held MFA token, and a refusal does not use it up",
        proves: &["MFA-TOK-060"],
        counter: Some("mfa-token/goes-nowhere-else"),
        guides: &[Guide::ActionBased],
        needs: &["auth.email_start", "auth.email_verify", "totp.auth", "user.delete"],
        world: OLDER,
        play: deletion_of_the_user,
    },
    Case {
        id: "elevated/goes-with-update-and-deletion-of-the-user",
        title: "an update and the deletion of the user carry the elevated token of their scope",
        proves: &["MFA-STEP-065", "MFA-STEP-067"],
        counter: Some("elevated/other-scope-is-not-sent"),
        guides: &[Guide::StepUp],
        needs: &["auth.email_start", "auth.email_verify", "user.update", "user.delete"],
        world: World::PLAIN.with(&[ALICE]),
        play: goes_with_the_user,
    },
    Case {
        id: "elevated/other-sets-stand-beside-it",
        title: "a new token leaves those of other sets of scopes alone, overlapping or not",
        proves: &["MFA-STEP-063"],
        counter: Some("elevated/the-newer-takes-the-place"),
        guides: &[Guide::StepUp],
        needs: &["auth.email_start", "auth.email_verify", "totp.auth", "stepup.peek"],
        world: ENROLLED,
        play: other_sets,
    },
    Case {
        id: "elevated/proofs-do-not-outlive-their-user",
        title: "whoever signs in next finds neither elevated token nor MFA token of the other",
        proves: &["MFA-STEP-066"],
        counter: Some("session/restart-restores"),
        guides: &[Guide::StepUp, Guide::Passkey],
        needs: &[
            "passkey",
            "auth.email_start",
            "auth.email_verify",
            "auth.logout",
            "totp.auth",
            "passkey.register",
            "passkey.sign_in",
            "stepup.peek",
        ],
        world: World::PLAIN.with(&[ALICE.with_totp(SECRET), BOB]),
        play: proofs_of_another,
    },
    Case {
        id: "action/asks-about-the-user-once",
        title: "an unprotected action asks nobody, a protected one asks for the user's methods once",
        proves: &["MFA-ACT-060"],
        counter: None,
        guides: &[Guide::ActionBased],
        needs: ASKS,
        world: World::PLAIN.set(RULES).with(&[ALICE]),
        play: asks_about_the_user,
    },
    Case {
        id: "action/the-settings-alone-decide",
        title: "where MFA is required of everybody, a protected action asks nobody",
        proves: &["MFA-ACT-060"],
        counter: Some("action/asks-about-the-user-once"),
        guides: &[Guide::ActionBased],
        needs: ASKS,
        world: World::PLAIN.set(RULES_FOR_ALL).with(&[ALICE]),
        play: settings_alone,
    },
];

/// Sends every combination of wishes against a service that is down, so that nothing is used up.
fn bodies(stage: &mut Stage, op: &str, operation: &str, takes_a_device: bool) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.inject(Fault { times: None, ..Fault::on(operation, Effect::status(503)) })?;
    let wishes = [
        ("scopes", json!(["wallet:sign"]), "requestedScopes", json!(["wallet:sign"])),
        (
            "mfa_token",
            json!({ "single_use": true }),
            "createMfaToken",
            json!({ "singleUse": true }),
        ),
        ("device_id", json!("d-1"), "id", json!("d-1")),
    ];
    let count = if takes_a_device { 3 } else { 2 };
    for chosen in 0..1_usize << count {
        let mut args = Map::from_iter([("code".to_owned(), json!("012345"))]);
        let mut body = args.clone();
        for (place, (name, value, field, sent)) in wishes.iter().take(count).enumerate() {
            if chosen >> place & 1 == 1 {
                args.insert((*name).to_owned(), value.clone());
                body.insert((*field).to_owned(), sent.clone());
            }
        }
        let tried = stage.act(op, Value::Object(args));
        tried.returned()?;
        tried.wire().last(operation)?.expect_body("", Value::Object(body)).noted()?;
    }
    Ok(())
}

fn each_wish_with_its_call(stage: &mut Stage) -> Result<(), Halt> {
    let scopes = json!(["credential:link"]);
    for (operation, travels, stays) in [
        ("signInWithEmailVerification", ("/allowNewMFALinking", json!(true)), "/requestedScopes"),
        ("verifyEmailVerification", ("/requestedScopes", scopes.clone()), "/allowNewMFALinking"),
    ] {
        stage.act("auth.email_start", json!({ "email": ALICE.email })).ready()?;
        let code = stage.mail_code(ALICE.email)?;
        let both = json!({ "code": code, "scopes": scopes, "allow_new_mfa_linking": true });
        let verified = stage.act("auth.email_verify", both);
        verified.ok()?;
        let seen = verified.wire().last(operation)?;
        seen.expect_body(travels.0, travels.1).noted()?;
        seen.expect_no_body(stays).noted()?;
    }
    Ok(())
}

fn no_nonce(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let signed = stage.wire().last("signInWithEmailVerification")?;
    let nonce = signed.header("x-dynamic-device-nonce").is_some();
    stage.expect("the sign-in", "carries a nonce", nonce, nonce)?;
    stage.pass_mfa(SECRET)?;
    stage.act("device.list", json!({})).ready()?;
    for operation in ["authMfaTotpDevice", "getUserMfaDevices"] {
        let seen = stage.wire().last(operation)?;
        for header in ["x-dynamic-device-nonce", "x-dynamic-device-signed-nonce"] {
            seen.expect_no_header(header).noted()?;
        }
    }
    Ok(())
}

/// Signs in and leaves an MFA token with the SDK that serves more than once.
fn holds_token(stage: &mut Stage) -> Result<String, Halt> {
    stage.sign_in(ALICE.email)?;
    let code = stage.next_code(SECRET)?;
    let wish = json!({ "code": code, "mfa_token": { "single_use": false } });
    record::text(&stage.act("totp.auth", wish).ready()?, "/mfa_token")
}

fn refusal_changes_nothing(stage: &mut Stage) -> Result<(), Halt> {
    holds_token(stage)?;
    let before = stage.state()?;
    let code = stage.next_code(SECRET)?;
    for status in [403, 429, 500, 503] {
        for (op, operation, args) in [
            ("totp.auth", "authMfaTotpDevice", json!({ "code": code })),
            ("device.list", "getUserMfaDevices", json!({})),
        ] {
            stage.clear_faults();
            let refuses = Fault::on(operation, Effect::status(status));
            stage.inject(Fault { times: None, ..refuses })?;
            let refused = stage.act(op, args);
            refused.err()?;
            refused.wire().last(operation)?.expect_status(status)?;
            let state = stage.act("state.get", json!({}));
            for field in ["/authenticated", "/user_id", "/token", "/mfa_token"] {
                state.expect_field(field, record::at(&before, field)).noted()?;
            }
        }
    }
    Ok(())
}

fn words_reach_the_application(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let code = stage.code_for(SECRET)?;
    for (words, body) in [
        ("out of order", json!({ "error": "out of order" })),
        ("Rate limit exceeded", json!({ "message": "Rate limit exceeded", "code": 429 })),
    ] {
        stage.clear_faults();
        let effect = Effect::Status { status: 429, code: None, body: Some(body) };
        stage.inject(Fault { times: None, ..Fault::on("authMfaTotpDevice", effect) })?;
        let refused = stage.act("totp.auth", json!({ "code": code }));
        let message = refused.err()?.message;
        refused.wire().last("authMfaTotpDevice")?.expect_status(429)?;
        let told = message.contains(words);
        stage.note("the error's message", &format!("says \"{words}\""), message, told)?;
    }
    Ok(())
}

fn deletion_takes_no_proof(stage: &mut Stage) -> Result<(), Halt> {
    let token = holds_token(stage)?;
    let id = record::of(stage, ALICE.email, "/devices/0/id")?;
    let refused = stage.act("device.delete", json!({ "id": id }));
    refused.wire().silent().noted()?;
    refused.err()?;
    stage.act("state.get", json!({})).expect_field("/mfa_token", token)?;
    let kept = record::of(stage, ALICE.email, "/devices/0/id")?;
    stage.expect_equal("the device at the service", id, kept)
}

fn deletion_of_the_user(stage: &mut Stage) -> Result<(), Halt> {
    let token = holds_token(stage)?;
    stage.inject(Fault::on("hardDeleteUser", Effect::status(403)))?;
    let refused = stage.act("user.delete", json!({}));
    refused.err()?;
    refused.wire().last("hardDeleteUser")?.expect_header(MFA_TOKEN, &token).noted()?;
    stage.act("state.get", json!({})).expect_field("/mfa_token", token.clone())?;
    let deleted = stage.act("user.delete", json!({}));
    deleted.ok()?;
    deleted.wire().last("hardDeleteUser")?.expect_header(MFA_TOKEN, &token)
}

fn goes_with_the_user(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.reauthenticate(ALICE.email, &["user:update", "user:delete"])?;
    let earned = stage.wire().last("verifyEmailVerification")?.answer("/elevatedAccessToken");
    let earned = text_of(&earned, "/elevatedAccessToken")?;
    stage.proving("MFA-STEP-065");
    let updated = stage.act("user.update", json!({ "fields": { "alias": "Ada" } }));
    updated.ok()?;
    updated.wire().last("updateSelf")?.expect_header(ELEVATED, &earned).noted()?;
    stage.proving("MFA-STEP-067");
    let deleted = stage.act("user.delete", json!({}));
    deleted.ok()?;
    deleted.wire().last("hardDeleteUser")?.expect_header(ELEVATED, &earned)
}

fn other_sets(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let mut earned = Vec::new();
    for scopes in
        [["credential:link", "credential:update"], ["credential:link", "credential:unlink"]]
    {
        let code = stage.next_code(SECRET)?;
        let passed = stage.act("totp.auth", json!({ "code": code, "scopes": scopes }));
        passed.ready()?;
        let token = passed.wire().last("authMfaTotpDevice")?.answer("/elevatedAccessToken");
        earned.push(text_of(&token, "/elevatedAccessToken")?);
    }
    for (scope, token) in ["credential:update", "credential:unlink"].into_iter().zip(&earned) {
        let held = stage.act("stepup.peek", json!({ "scope": scope }));
        held.expect_field("/token", token.clone()).noted()?;
    }
    // Which of the two serves the scope that both have is the SDK's choice.
    let held = stage.act("stepup.peek", json!({ "scope": "credential:link" })).text("/token")?;
    let known = earned.contains(&held);
    stage.expect("the token of the scope that both have", "one of the two", known, known)
}

fn proofs_of_another(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(BOB.email)?;
    stage.reauthenticate(BOB.email, &["credential:link"])?;
    stage.act("passkey.register", json!({})).ready()?;
    let bob = stage.state_of("user_id")?;
    stage.act("auth.logout", json!({})).ready()?;

    stage.sign_in(ALICE.email)?;
    let code = stage.next_code(SECRET)?;
    let proof = json!({ "code": code, "scopes": ["credential:unlink"],
        "mfa_token": { "single_use": false } });
    stage.act("totp.auth", proof).ready()?;
    record::holds_elevated(stage, "credential:unlink")?;

    stage.act("passkey.sign_in", json!({})).ready()?;
    let state = stage.act("state.get", json!({}));
    state.expect_field("/user_id", bob)?;
    state.expect_field("/mfa_token", Value::Null).noted()?;
    let held = stage.act("stepup.peek", json!({ "scope": "credential:unlink" }));
    held.expect_field("/token", Value::Null)
}

fn asks_about_the_user(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let open = stage.act("mfa.required_for_action", json!({ "action": "wallet.waas.sign" }));
    open.expect_field("/required", false)?;
    open.wire().silent().noted()?;
    let asked = stage.act("mfa.required_for_action", json!({ "action": "wallet.waas.export" }));
    asked.expect_field("/required", false)?;
    asked.wire().exactly(1, "getUserMfaMethods")
}

fn settings_alone(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let asked = stage.act("mfa.required_for_action", json!({ "action": "wallet.waas.export" }));
    asked.wire().silent().noted()?;
    asked.expect_field("/required", true)
}
