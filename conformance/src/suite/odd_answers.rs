//! Answers that are whole and odd: what an SDK takes over of them, and what it holds afterwards.
//!
//! The service does what it was asked; only its answer is edited on its way.

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use super::record;
use crate::case::{Case, Guide};
use crate::service::{Effect, Fault};
use crate::stage::{Halt, Noted, Stage, Step};
use crate::world::{Person, World};

const ALICE: Person = Person::named("alice@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const ENROLLED: World = World::PLAIN.with(&[ALICE.with_totp(SECRET)]);
const SESSION: &[Guide] = &[Guide::SessionMfa, Guide::Totp];
const STEP_UP: &[Guide] = &[Guide::StepUp];
const PASSING: &[&str] = &["auth.email_start", "auth.email_verify", "totp.auth"];
const SIGN_IN: &str = "signInWithEmailVerification";
const TOTP: &str = "authMfaTotpDevice";

pub(super) const CASES: &[Case] = &[
    Case {
        id: "odd-answer/no-token-costs-no-session",
        title: "after an answer without a session token the SDK still has one to show",
        proves: &["MFA-SES-067"],
        counter: Some("network/authentication-recovers"),
        guides: SESSION,
        needs: &["auth.email_start", "auth.email_verify", "totp.auth", "device.list"],
        world: ENROLLED,
        play: no_token_costs_no_session,
    },
    Case {
        id: "odd-answer/half-is-none",
        title: "an answer without user or credentials is an error, and the session stays",
        proves: &["MFA-SES-068"],
        counter: Some("network/authentication-recovers"),
        guides: SESSION,
        needs: PASSING,
        world: ENROLLED,
        play: half_is_none,
    },
    Case {
        id: "odd-answer/a-token-without-a-user-opens-no-session",
        title: "an answer that names no user leaves a start of somebody signed out",
        proves: &["MFA-SES-066"],
        counter: Some("session/restart-restores"),
        guides: &[Guide::SessionMfa],
        needs: &["auth.email_start", "auth.email_verify", "client.restart"],
        world: World::PLAIN.with(&[ALICE]),
        play: token_without_user,
    },
    Case {
        id: "jwt/a-scope-is-a-whole-word",
        title: "a scope whose name only contains that of owed MFA is another scope",
        proves: &["MFA-JWT-060"],
        counter: Some("jwt/additional-auth-until-mfa"),
        guides: &[Guide::SessionMfa],
        needs: &["auth.email_start", "auth.email_verify", "auth.logout", "mfa.missing"],
        world: World::PLAIN.with(&[ALICE]),
        play: scope_is_a_whole_word,
    },
    Case {
        id: "jwt/the-token-says-whether-mfa-is-owed",
        title: "MFA that the session token says is owed is owed, whatever stands beside it",
        proves: &["MFA-JWT-061"],
        counter: Some("session/optional-asks-only-the-enrolled"),
        guides: &[Guide::SessionMfa],
        needs: &["auth.email_start", "auth.email_verify", "mfa.missing"],
        world: ENROLLED,
        play: token_says,
    },
    Case {
        id: "elevated/only-what-was-granted",
        title: "fewer scopes than asked for, or none, are no failure, and nothing more is held",
        proves: &["MFA-STEP-060"],
        counter: Some("elevated/scopes-travel-and-the-token-is-held"),
        guides: STEP_UP,
        needs: &["auth.email_start", "auth.email_verify", "totp.auth", "stepup.peek"],
        world: ENROLLED,
        play: only_what_was_granted,
    },
    Case {
        id: "elevated/useless-tokens-are-not-held",
        title: "a token without scope or end, or past it, is left aside, and the call succeeds",
        proves: &["MFA-STEP-061"],
        counter: Some("elevated/scopes-travel-and-the-token-is-held"),
        guides: STEP_UP,
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "totp.auth",
            "stepup.peek",
            "stepup.take",
        ],
        world: ENROLLED,
        play: useless_tokens,
    },
    Case {
        id: "elevated/an-unreadable-token-spoils-the-answer",
        title: "an elevated token that is none is an error, and nothing of its answer counts",
        proves: &["MFA-STEP-062"],
        counter: Some("elevated/scopes-travel-and-the-token-is-held"),
        guides: STEP_UP,
        needs: PASSING,
        world: ENROLLED,
        play: unreadable_token,
    },
    Case {
        id: "step-up/check-without-a-verdict-counts-as-required",
        title: "a check that does not say whether counts as required",
        proves: &["MFA-STEP-064"],
        counter: Some("step-up/check-says-when-nothing-is-required"),
        guides: STEP_UP,
        needs: &["auth.email_start", "auth.email_verify", "stepup.check"],
        world: World::PLAIN.with(&[ALICE]),
        play: check_without_a_verdict,
    },
    Case {
        id: "mfa-token/not-granted-is-not-missed",
        title: "an MFA token that was wished for and not given fails nothing and costs none",
        proves: &["MFA-TOK-061"],
        counter: Some("mfa-token/returned-when-asked-for"),
        guides: &[Guide::ActionBased],
        needs: PASSING,
        world: World::LEGACY.with(&[ALICE.with_totp(SECRET)]),
        play: not_granted,
    },
];

/// Has every answer of an operation edited until the faults are cleared.
fn edit(stage: &mut Stage, operation: &str, merge: Value) -> Result<(), Halt> {
    stage.clear_faults();
    stage.inject(Fault { times: None, ..Fault::on(operation, Effect::Edit { merge }) })
}

/// A token that any client can read and no service takes.
fn forged(claims: &Value) -> String {
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    format!("{}.{}.{}", part(&json!({ "alg": "RS256" })), part(claims), part(&json!("none")))
}

/// Authenticates with the next code while the answer is edited.
fn authenticates(stage: &mut Stage, merge: Value, wishes: &Value) -> Result<Step, Halt> {
    edit(stage, TOTP, merge)?;
    let mut args = json!({ "code": stage.next_code(SECRET)? });
    if let (Some(args), Some(wishes)) = (args.as_object_mut(), wishes.as_object()) {
        args.extend(wishes.clone());
    }
    let step = stage.act("totp.auth", args);
    stage.clear_faults();
    step.wire().last(TOTP)?.expect_status(200)?;
    Ok(step)
}

fn held(stage: &mut Stage, scope: &str) -> Result<Value, Halt> {
    stage.act("stepup.peek", json!({ "scope": scope })).value("/token")
}

fn no_token_costs_no_session(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let silent = json!({ "minifiedJwt": null, "jwt": null });
    // Whether such an answer is an error is the SDK's decision; what it holds then is not.
    authenticates(stage, silent, &json!({}))?.returned()?;
    let token = stage.state_of("token")?;
    stage.note(
        "the session token that the SDK holds",
        "a token",
        token.clone(),
        token.is_string(),
    )?;
    let listed = stage.act("device.list", json!({}));
    let bearer = listed.wire().last("getUserMfaDevices")?.header("authorization").is_some();
    stage.expect("the next request", "carries a bearer", bearer, bearer)
}

fn half_is_none(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let before = stage.state()?;
    for half in [json!({ "user": null }), json!({ "user": { "verifiedCredentials": null } })] {
        authenticates(stage, half, &json!({}))?.err()?;
        let state = stage.act("state.get", json!({}));
        for field in ["/authenticated", "/user_id", "/token", "/mfa_pending"] {
            state.expect_field(field, record::at(&before, field)).noted()?;
        }
    }
    stage.pass_mfa(SECRET)
}

fn token_without_user(stage: &mut Stage) -> Result<(), Halt> {
    stage.act("auth.email_start", json!({ "email": ALICE.email })).ready()?;
    let code = stage.mail_code(ALICE.email)?;
    let later = stage.sdk_now().as_second() + 600;
    let body = json!({ "user": null, "minifiedJwt": "a-token-of-nobody", "expiresAt": later });
    stage.inject(Fault::on(SIGN_IN, Effect::Replace { body }))?;
    let verified = stage.act("auth.email_verify", json!({ "code": code }));
    verified.returned()?;
    verified.wire().exactly(1, SIGN_IN)?;
    stage.act("client.restart", json!({})).ok()?;
    let state = stage.act("state.get", json!({}));
    state.expect_field("/authenticated", false).noted()?;
    state.expect_field("/token", Value::Null)
}

/// Signs in to a session whose token and user have this scope.
fn signs_in_with(stage: &mut Stage, scope: &str) -> Result<(), Halt> {
    let now = stage.sdk_now().as_second();
    let token =
        forged(&json!({ "sub": "u", "sid": "s", "iat": now, "exp": now + 600, "scope": scope }));
    edit(stage, SIGN_IN, json!({ "minifiedJwt": token, "user": { "scope": scope } }))?;
    stage.sign_in(ALICE.email)
}

fn scope_is_a_whole_word(stage: &mut Stage) -> Result<(), Halt> {
    for (scope, owed) in [
        ("user:basic list:requiresAdditionalAuth", false),
        ("user:basic requiresAdditionalAuth", true),
    ] {
        signs_in_with(stage, scope)?;
        let told = stage.act("mfa.missing", json!({}));
        told.expect_field("/missing", owed).noted()?;
        told.wire().silent()?;
        stage.act("auth.logout", json!({})).ready()?;
    }
    Ok(())
}

fn token_says(stage: &mut Stage) -> Result<(), Halt> {
    edit(stage, SIGN_IN, json!({ "user": { "scope": "user:basic" } }))?;
    stage.sign_in(ALICE.email)?;
    let scope = stage.wire().last(SIGN_IN)?.answer("/minifiedJwt");
    let token = crate::stage::Token::decode(scope.as_str().unwrap_or_default());
    let owed = token.map_err(Halt::Blocked)?.has_scope("requiresAdditionalAuth");
    stage.expect("the session token", "says that MFA is owed", owed, owed)?;
    stage.act("mfa.missing", json!({})).expect_field("/missing", true)
}

fn only_what_was_granted(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let later = stage.sdk_now().as_second() + 300;
    let granted = forged(&json!({ "scope": "credential:unlink", "exp": later }));
    let both = json!({ "scopes": ["credential:link", "credential:unlink"] });
    authenticates(stage, json!({ "elevatedAccessToken": granted }), &both)?.ok()?;
    let (unlink, link) = (held(stage, "credential:unlink")?, held(stage, "credential:link")?);
    stage.expect_equal("the token of the granted scope", granted, unlink).noted()?;
    stage.expect_equal("the token of the other scope", Value::Null, link).noted()?;

    let sign = json!({ "scopes": ["wallet:sign"] });
    authenticates(stage, json!({ "elevatedAccessToken": null }), &sign)?.ok()?;
    let sign = held(stage, "wallet:sign")?;
    stage.expect_equal("a token where none was granted", Value::Null, sign)
}

fn useless_tokens(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let now = stage.sdk_now().as_second();
    let wish = json!({ "scopes": ["wallet:sign"] });
    for (flaw, claims) in [
        ("without an end", json!({ "scope": "wallet:sign" })),
        ("without a scope", json!({ "exp": now + 300 })),
        ("with a blank scope", json!({ "scope": " ", "exp": now + 300 })),
        ("past its end", json!({ "scope": "wallet:sign", "exp": now - 60 })),
    ] {
        let token = forged(&claims);
        authenticates(stage, json!({ "elevatedAccessToken": token }), &wish)?.ok()?;
        let held = held(stage, "wallet:sign")?;
        stage.expect_equal(&format!("a token {flaw}"), Value::Null, held).noted()?;
    }
    let token = forged(&json!({ "scope": "wallet:sign", "exp": now + 300 }));
    authenticates(stage, json!({ "elevatedAccessToken": token }), &wish)?.ok()?;
    for _ in 0..2 {
        let taken = stage.act("stepup.take", json!({ "scope": "wallet:sign" }));
        taken.expect_field("/token", token.clone())?;
    }
    Ok(())
}

fn unreadable_token(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let before = stage.state()?;
    let wish = json!({ "scopes": ["wallet:sign"] });
    let spoilt = json!({ "elevatedAccessToken": "no-token-at-all" });
    authenticates(stage, spoilt, &wish)?.expect_client_error()?;
    let state = stage.act("state.get", json!({}));
    for field in ["/user_id", "/token", "/mfa_pending"] {
        state.expect_field(field, record::at(&before, field)).noted()?;
    }
    stage.pass_mfa(SECRET)
}

/// The scope needs nothing, so that only the lack of a verdict can make it required.
fn check_without_a_verdict(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    edit(stage, "stepUpCheck", json!({ "isRequired": null }))?;
    let checked = stage.act("stepup.check", json!({ "scope": "user:update" }));
    checked.wire().exactly(1, "stepUpCheck")?;
    checked.expect_field("/required", true)
}

fn not_granted(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let wish = json!({ "mfa_token": { "single_use": false } });
    let first = authenticates(stage, json!({}), &wish)?.text("/mfa_token")?;
    let second = authenticates(stage, json!({ "mfaToken": null }), &wish)?;
    second.expect_field("/mfa_token", Value::Null)?;
    stage.act("state.get", json!({})).expect_field("/mfa_token", first)
}
