//! Security: signatures, nonces, keys, and secrets that must stay where they are.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Exchange, Halt, Noted, Stage, Step};
use crate::world::{Person, World};

use super::raw_session::{prepared, text, text_of};

const ALICE: Person = Person::named("alice@example.com");
const SESSION: &[Guide] = &[Guide::SessionMfa];
const EVERY: &[Guide] =
    &[Guide::Totp, Guide::SessionMfa, Guide::ActionBased, Guide::StepUp, Guide::DeviceManagement];
const NONCE: &str = "x-dynamic-device-nonce";
const DEVICE_KEY: &str = "x-dynamic-device-publickey";
const SIGNATURE: &str = "x-dynamic-device-signed-nonce";
const SESSION_KEY: &str = "x-dyn-session-public-key";

pub(super) const CASES: &[Case] = &[
    Case {
        id: "security/no-secret-in-the-logs",
        title: "neither logs nor error messages of the SDK hold a secret, a code or a token",
        proves: &["MFA-SEC-001"],
        counter: None,
        guides: EVERY,
        needs: &["auth.email_start", "auth.email_verify", "totp.register", "totp.auth"],
        world: World::LEGACY.with(&[ALICE]),
        play: no_secret_in_the_logs,
    },
    Case {
        id: "security/device-signature-is-valid",
        title: "sign-in and refresh are signed by the device, and the service finds it valid",
        proves: &["MFA-SEC-002"],
        counter: Some("security/bad-device-signature-is-refused"),
        guides: SESSION,
        needs: &["auth.email_start", "auth.email_verify", "auth.refresh"],
        world: World::PLAIN.with(&[ALICE]),
        play: device_signature_is_valid,
    },
    Case {
        id: "security/bad-device-signature-is-refused",
        title: "the service refuses a device signature that does not verify",
        proves: &["MFA-SEC-002"],
        counter: Some("security/device-signature-is-valid"),
        guides: SESSION,
        needs: &["auth.email_start", "auth.email_verify", "auth.refresh"],
        world: World::PLAIN.with(&[ALICE]),
        play: bad_device_signature,
    },
    Case {
        id: "security/every-nonce-is-fresh",
        title: "each signed request uses a nonce of this service that none used before",
        proves: &["MFA-SEC-003"],
        counter: Some("security/used-nonce-is-refused"),
        guides: SESSION,
        needs: &["auth.email_start", "auth.email_verify", "auth.refresh"],
        world: World::PLAIN.with(&[ALICE]),
        play: every_nonce_is_fresh,
    },
    Case {
        id: "security/nonce-of-a-refused-call-is-gone",
        title: "the call after a refused one is signed with another nonce",
        proves: &["MFA-SEC-003"],
        counter: Some("security/every-nonce-is-fresh"),
        guides: SESSION,
        needs: &["auth.email_start", "auth.email_verify"],
        world: World::PLAIN.with(&[ALICE]),
        play: nonce_of_a_refused_call,
    },
    Case {
        id: "security/used-nonce-is-refused",
        title: "the service refuses a signed request that is sent a second time",
        proves: &["MFA-SEC-003"],
        counter: Some("security/every-nonce-is-fresh"),
        guides: SESSION,
        needs: &["auth.email_start", "auth.email_verify", "auth.refresh"],
        world: World::PLAIN.with(&[ALICE]),
        play: used_nonce,
    },
    Case {
        id: "security/session-key-is-announced",
        title: "requests carry the session's public key; a logout changes it, not the device's",
        proves: &["MFA-SEC-004"],
        counter: None,
        guides: SESSION,
        needs: &["auth.email_start", "auth.email_verify", "auth.logout", "user.get"],
        world: World::PLAIN.with(&[ALICE]),
        play: session_key_is_announced,
    },
    Case {
        id: "security/bearer-only-while-signed-in",
        title: "requests carry the bearer while signed in, and none before or after",
        proves: &["MFA-SEC-005"],
        counter: None,
        guides: SESSION,
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "auth.logout",
            "auth.refresh",
            "user.get",
        ],
        world: World::PLAIN.with(&[ALICE]),
        play: bearer_only_while_signed_in,
    },
];

/// Whether a line holds a secret as a word of its own, so that no digits of a time match a code.
fn holds(line: &str, secret: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric();
    line.match_indices(secret).any(|(start, _)| {
        let before = line.get(..start).and_then(|text| text.chars().next_back());
        let after = line.get(start + secret.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

fn no_secret_in_the_logs(stage: &mut Stage) -> Result<(), Halt> {
    stage.act("auth.email_start", json!({ "email": ALICE.email })).ready()?;
    let mail_code = stage.mail_code(ALICE.email)?;
    stage.act("auth.email_verify", json!({ "code": mail_code })).ready()?;
    let begun = stage.begin_totp()?;
    let wrong = stage.wrong_code(&begun.secret)?;
    let refused = stage.act("totp.auth", json!({ "code": wrong })).err()?;
    let code = stage.code_for(&begun.secret)?;
    let proof = json!({ "code": code, "scopes": ["credential:unlink"],
        "mfa_token": { "single_use": false } });
    stage.act("totp.auth", proof).ready()?;

    let answer = stage.wire().last("authMfaTotpDevice")?;
    let mut secrets = vec![
        ("TOTP secret", begun.secret),
        ("TOTP code", code),
        ("wrong TOTP code", wrong),
        ("e-mail code", mail_code),
    ];
    for (name, pointer) in [
        ("session token", "/minifiedJwt"),
        ("elevated token", "/elevatedAccessToken"),
        ("MFA token", "/mfaToken"),
    ] {
        secrets.push((name, text_of(&answer.answer(pointer), pointer)?));
    }
    let logs = stage.logs();
    for (name, secret) in &secrets {
        let lines = logs.iter().filter(|line| holds(line, secret)).count();
        stage.note(&format!("log lines with the {name}"), "none", lines, lines == 0)?;
        let told = holds(&refused.message, secret);
        stage.note(&format!("the {name} in an error message"), "absent", told, !told)?;
    }
    Ok(())
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.chars().all(|c| c.is_ascii_hexdigit())
}

/// Signs in and refreshes; what becomes of these calls is for the case to judge.
fn sign_in_and_refresh(stage: &mut Stage, refreshes: usize) -> Result<Vec<Step>, Halt> {
    stage.act("auth.email_start", json!({ "email": ALICE.email })).ready()?;
    let code = stage.mail_code(ALICE.email)?;
    let mut steps = vec![stage.act("auth.email_verify", json!({ "code": code }))];
    for _ in 0..refreshes {
        steps.push(stage.act("auth.refresh", json!({})));
    }
    // A driver that broke ends the case here; an SDK's error does not.
    steps.iter().try_for_each(|step| step.returned().map(drop))?;
    Ok(steps)
}

/// The calls that the device signs.
fn signed_calls(stage: &Stage) -> Vec<Exchange> {
    let is_signed = |seen: &&Exchange| {
        matches!(seen.operation.as_deref(), Some("signInWithEmailVerification" | "refreshAuth"))
    };
    stage.wire().exchanges().iter().filter(is_signed).cloned().collect()
}

/// The latest signed call of a client that works.
fn last_signed_call(stage: &mut Stage) -> Result<Exchange, Halt> {
    let steps = sign_in_and_refresh(stage, 1)?;
    steps.iter().try_for_each(|step| step.ready().map(drop))?;
    signed_calls(stage).pop().ok_or_else(|| Halt::Blocked("no signed call".to_owned()))
}

fn device_signature_is_valid(stage: &mut Stage) -> Result<(), Halt> {
    for step in sign_in_and_refresh(stage, 1)? {
        step.ok()?;
    }
    let calls = signed_calls(stage);
    stage.expect_equal("signed calls", 2, calls.len())?;
    let mut keys = BTreeSet::new();
    for call in &calls {
        let name = call.operation.as_deref().unwrap_or_default();
        stage.expect_equal(&format!("status of {name}"), 200, call.status).noted()?;
        for (header, digits) in [(DEVICE_KEY, 66), (SIGNATURE, 128)] {
            let value = call.header(header).unwrap_or_default();
            let what = format!("{header} of {name}");
            stage.note(&what, &format!("{digits} hex digits"), value, is_hex(value, digits))?;
        }
        let nonce = call.header(NONCE).unwrap_or_default();
        stage.note(&format!("{NONCE} of {name}"), "a nonce", nonce, !nonce.is_empty())?;
        keys.extend(call.header(DEVICE_KEY).map(str::to_owned));
    }
    stage.expect_equal("device keys", 1, keys.len())
}

/// Shows that it was the signature and not the bearer that was refused.
fn unsigned_refresh_works(stage: &Stage, bearer: &str) -> Result<(), Halt> {
    prepared(stage.raw("POST", "refresh").bearer(bearer)).map(drop)
}

/// A nonce that nobody has used.
fn fresh_nonce(stage: &Stage) -> Result<String, Halt> {
    let nonces = prepared(stage.raw("GET", "nonces?count=5"))?;
    text(&nonces, "/nonces/0")
}

fn bad_device_signature(stage: &mut Stage) -> Result<(), Halt> {
    let last = last_signed_call(stage)?;
    let key = last.header(DEVICE_KEY).unwrap_or_default();
    // A genuine signature of this very key, only over another nonce.
    let signature = last.header(SIGNATURE).unwrap_or_default();
    let bearer = stage.bearer()?;
    let forged = stage.raw("POST", "refresh").bearer(&bearer);
    let forged = forged.header(DEVICE_KEY, key).header(SIGNATURE, signature);
    forged.header(NONCE, &fresh_nonce(stage)?).send()?.expect_status(401)?;
    unsigned_refresh_works(stage, &bearer)
}

/// Every nonce that the service gave to the SDK, in stocks or one by one.
fn issued_nonces(stage: &Stage) -> Result<BTreeSet<String>, Halt> {
    let wire = stage.wire();
    let stocks = wire.all("getNonces")?.into_iter().map(|seen| seen.answer("/nonces"));
    let single = wire.all("getNonce")?.into_iter().map(|seen| seen.answer("/nonce"));
    let listed = stocks.filter_map(|list| list.as_array().cloned()).flatten();
    Ok(listed.chain(single).filter_map(|nonce| nonce.as_str().map(str::to_owned)).collect())
}

fn every_nonce_is_fresh(stage: &mut Stage) -> Result<(), Halt> {
    sign_in_and_refresh(stage, 6)?;
    let calls = signed_calls(stage);
    let nonces: Vec<&str> = calls.iter().filter_map(|call| call.header(NONCE)).collect();
    stage.expect_equal("nonces sent", 7, nonces.len())?;
    let distinct: BTreeSet<&str> = nonces.iter().copied().collect();
    stage.expect_equal("distinct nonces", 7, distinct.len())?;
    let issued = issued_nonces(stage)?;
    let unknown = distinct.iter().filter(|nonce| !issued.contains(**nonce)).count();
    stage.expect_equal("nonces that this service did not issue", 0, unknown)
}

fn nonce_of_a_refused_call(stage: &mut Stage) -> Result<(), Halt> {
    stage.act("auth.email_start", json!({ "email": ALICE.email })).ready()?;
    let code = stage.mail_code(ALICE.email)?;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    stage.act("auth.email_verify", json!({ "code": wrong })).returned()?;
    let verified = stage.act("auth.email_verify", json!({ "code": code }));
    verified.returned()?;
    let calls = signed_calls(stage);
    let nonces: Vec<&str> = calls.iter().filter_map(|call| call.header(NONCE)).collect();
    stage.expect_equal("nonces sent", 2, nonces.len())?;
    let distinct: BTreeSet<&str> = nonces.iter().copied().collect();
    stage.expect_equal("distinct nonces", 2, distinct.len())?;
    verified.ok().map(drop)
}

fn used_nonce(stage: &mut Stage) -> Result<(), Halt> {
    let last = last_signed_call(stage)?;
    let bearer = stage.bearer()?;
    let mut replayed = stage.raw("POST", "refresh").bearer(&bearer);
    for header in [DEVICE_KEY, SIGNATURE, NONCE] {
        replayed = replayed.header(header, last.header(header).unwrap_or_default());
    }
    replayed.send()?.expect_status(401)?;
    unsigned_refresh_works(stage, &bearer)
}

/// The session key and the device key of the latest sign-in.
fn keys_of_sign_in(stage: &Stage) -> Result<(String, String), Halt> {
    let seen = stage.wire().last("signInWithEmailVerification")?;
    let header = |name: &str| seen.header(name).unwrap_or_default().to_owned();
    Ok((header(SESSION_KEY), header(DEVICE_KEY)))
}

fn session_key_is_announced(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let (session, device) = keys_of_sign_in(stage)?;
    stage.expect(SESSION_KEY, "66 hex digits", session.as_str(), is_hex(&session, 66))?;
    let read = stage.act("user.get", json!({}));
    read.wire().last("getAuthenticatedUser")?.expect_header(SESSION_KEY, &session)?;
    stage.act("auth.logout", json!({})).ready()?;
    stage.sign_in(ALICE.email)?;
    let (next_session, next_device) = keys_of_sign_in(stage)?;
    let changed = is_hex(&next_session, 66) && next_session != session;
    stage.expect("the session key after a logout", "another one", next_session, changed).noted()?;
    stage.expect_equal("the device key after a logout", device, next_device)
}

fn bearer_only_while_signed_in(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    for seen in stage.wire().exchanges() {
        let name = seen.operation.as_deref().unwrap_or(&seen.path);
        let sent = seen.header("authorization");
        stage.note(&format!("bearer of {name} before"), "none", sent, sent.is_none())?;
    }
    let bearer = format!("Bearer {}", stage.bearer()?);
    let read = stage.act("user.get", json!({}));
    read.wire().last("getAuthenticatedUser")?.expect_header("authorization", &bearer).noted()?;
    let refreshed = stage.act("auth.refresh", json!({}));
    refreshed.wire().last("refreshAuth")?.expect_header("authorization", &bearer).noted()?;
    let bearer = format!("Bearer {}", stage.bearer()?);
    let ended = stage.act("auth.logout", json!({}));
    ended.ready()?;
    ended.wire().last("revokeSession")?.expect_header("authorization", &bearer).noted()?;

    stage.act("state.get", json!({})).expect_field("/token", Value::Null)?;
    let started = stage.act("auth.email_start", json!({ "email": ALICE.email }));
    started.wire().last("createEmailVerification")?.expect_no_header("authorization")?;
    started.ready()?;
    let code = stage.mail_code(ALICE.email)?;
    let verified = stage.act("auth.email_verify", json!({ "code": code }));
    verified.ready()?;
    verified.wire().last("signInWithEmailVerification")?.expect_no_header("authorization")
}
