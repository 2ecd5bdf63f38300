//! What the SDK keeps in its storage, and what it must not.

use serde_json::json;

use crate::case::{Case, Guide};
use crate::stage::{Halt, Stage};
use crate::world::{Person, World};

const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const ALICE: Person = Person::named("alice@example.com");
const ENROLLED: Person = ALICE.with_totp(SECRET);

pub(super) const CASES: &[Case] = &[
    Case {
        id: "security/no-seed-in-the-storage",
        title: "neither the secret of a device nor a code reaches the storage of the SDK",
        proves: &["MFA-SEC-061"],
        counter: None,
        guides: &[Guide::Totp, Guide::RecoveryCodes, Guide::DeviceManagement],
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "totp.register",
            "totp.auth",
            "recovery.list",
            "state.stored",
        ],
        world: World::LEGACY.with(&[ALICE]),
        play: no_seed,
    },
    Case {
        id: "security/logout-empties-the-storage",
        title: "a logout leaves no token of the session in the storage of the SDK",
        proves: &["MFA-SEC-062"],
        counter: None,
        guides: &[Guide::SessionMfa, Guide::StepUp],
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "auth.logout",
            "totp.auth",
            "state.stored",
            "client.restart",
        ],
        world: World::PLAIN.with(&[ENROLLED]),
        play: logout_empties,
    },
];

fn stored(stage: &mut Stage) -> Result<Vec<String>, Halt> {
    let items = stage.act("state.stored", json!({})).value("/items")?;
    serde_json::from_value(items).map_err(|problem| Halt::Harness(problem.to_string()))
}

/// Notes for each secret whether an item holds it.
fn absent(stage: &mut Stage, items: &[String], secrets: &[(&str, String)]) -> Result<(), Halt> {
    for (name, secret) in secrets {
        let holding = items.iter().filter(|item| item.contains(secret.as_str())).count();
        stage.note(&format!("stored items with the {name}"), "none", holding, holding == 0)?;
    }
    Ok(())
}

fn no_seed(stage: &mut Stage) -> Result<(), Halt> {
    stage.act("auth.email_start", json!({ "email": ALICE.email })).ready()?;
    let mail_code = stage.mail_code(ALICE.email)?;
    stage.act("auth.email_verify", json!({ "code": mail_code })).ready()?;
    let begun = stage.begin_totp()?;
    let code = stage.code_for(&begun.secret)?;
    stage.act("totp.auth", json!({ "code": code })).ready()?;
    let codes = stage.act("recovery.list", json!({})).value("/codes")?;
    let mut secrets =
        vec![("TOTP secret", begun.secret), ("TOTP code", code), ("e-mail code", mail_code)];
    let codes: Vec<String> =
        serde_json::from_value(codes).map_err(|problem| Halt::Harness(problem.to_string()))?;
    secrets.extend(codes.into_iter().map(|code| ("recovery code", code)));
    let items = stored(stage)?;
    absent(stage, &items, &secrets)
}

fn logout_empties(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let code = stage.code_for(SECRET)?;
    let proof = json!({ "code": code, "scopes": ["credential:unlink"],
        "mfa_token": { "single_use": false } });
    let passed = stage.act("totp.auth", proof);
    let answer = passed.wire().last("authMfaTotpDevice")?;
    let mut tokens = Vec::new();
    for (name, pointer) in [
        ("session token", "/minifiedJwt"),
        ("elevated token", "/elevatedAccessToken"),
        ("MFA token", "/mfaToken"),
    ] {
        // An environment that enforces step-up may have no older token to give.
        if let Some(token) = answer.answer(pointer).as_str() {
            tokens.push((name, token.to_owned()));
        }
    }
    passed.ready()?;
    let before = stored(stage)?;
    let (_, session_token) =
        tokens.first().ok_or_else(|| Halt::Blocked("no token was issued".to_owned()))?;
    // Whoever restores a session has stored it; a driver that shows nothing could hide everything.
    let shown = before.iter().any(|item| item.contains(session_token.as_str()));
    stage.expect("the stored session", "is shown", shown, shown)?;
    stage.act("auth.logout", json!({})).ready()?;
    let after = stored(stage)?;
    absent(stage, &after, &tokens)
}
