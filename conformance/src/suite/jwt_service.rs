//! What the service writes into session tokens, whichever road led to them.

use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, Noted, Stage, Token};
use crate::world::{Person, World};

use super::passkey::register;
use super::raw_session::{RawSession, prepared, text};
use super::record;

const ALICE: Person = Person::named("alice@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const ENROLLED: World = World::PLAIN.with(&[ALICE.with_totp(SECRET)]);
const SESSION: &[Guide] = &[Guide::SessionMfa];
const OWED: &str = "requiresAdditionalAuth";

pub(super) const CASES: &[Case] = &[
    Case {
        id: "jwt/claims-for-a-client-without-a-page",
        title: "every required claim is there also for a client that names no origin",
        proves: &["MFA-JWT-002"],
        counter: None,
        guides: SESSION,
        needs: &[],
        world: World::PLAIN.with(&[ALICE]),
        play: claims_without_a_page,
    },
    Case {
        id: "jwt/names-what-was-verified-last",
        title: "after a passkey the token names it as the credential last verified",
        proves: &["MFA-JWT-002"],
        counter: None,
        guides: &[Guide::SessionMfa, Guide::Passkey],
        needs: &[
            "passkey",
            "auth.email_start",
            "auth.email_verify",
            "auth.logout",
            "passkey.register",
            "passkey.auth",
        ],
        world: World::LEGACY.with(&[ALICE]),
        play: names_what_was_verified_last,
    },
    Case {
        id: "jwt/two-scopes-are-one-text",
        title: "a session that owes MFA and a device has both scopes in one text",
        proves: &["MFA-JWT-004"],
        counter: None,
        guides: SESSION,
        needs: &[],
        world: ENROLLED.set(&[("deviceRegistration.required", "true")]),
        play: two_scopes_are_one_text,
    },
    Case {
        id: "jwt/upgrade-beside-a-wish",
        title: "a factor that was passed for scopes or an MFA token upgrades the session as well",
        proves: &["MFA-JWT-008"],
        counter: Some("jwt/refused-code-changes-nothing"),
        guides: &[Guide::SessionMfa, Guide::Totp, Guide::StepUp],
        needs: &[],
        world: ENROLLED,
        play: upgrade_beside_a_wish,
    },
    Case {
        id: "jwt/no-basic-scope-before-enrolment",
        title: "who must enrol first has `requiresAdditionalAuth` and not `user:basic`",
        proves: &["MFA-JWT-010"],
        counter: None,
        guides: &[Guide::SessionMfa, Guide::AccountBased],
        needs: &[],
        world: World::MFA_REQUIRED.with(&[ALICE]),
        play: no_basic_scope_before_enrolment,
    },
];

fn opened(token: &str) -> Result<Token, Halt> {
    Token::decode(token).map_err(Halt::Blocked)
}

/// The scopes of a session's token.
fn scopes(bearer: &str) -> Result<Value, Halt> {
    Ok(opened(bearer)?.claim("scope"))
}

fn claims_without_a_page(stage: &mut Stage) -> Result<(), Halt> {
    let session = RawSession::open(stage, ALICE.email)?;
    let token = opened(&session.bearer)?;
    for name in ["aud", "iss", "sub", "sid", "environment_id", "last_verified_credential_id", "kid"]
    {
        let claim = token.claim(name);
        let filled = claim.as_str().is_some_and(|text| !text.is_empty());
        stage.note(name, "a text that is not empty", claim, filled)?;
    }
    Ok(())
}

fn names_what_was_verified_last(stage: &mut Stage) -> Result<(), Halt> {
    register(stage, false)?;
    stage.act("auth.logout", json!({})).ready()?;
    stage.sign_in(ALICE.email)?;
    let last = |stage: &Stage, operation: &str| {
        let token = stage.wire().last(operation)?.answer("/minifiedJwt");
        let token = opened(token.as_str().unwrap_or_default())?;
        Ok::<_, Halt>(token.claim("last_verified_credential_id"))
    };
    let by_mail = last(stage, "signInWithEmailVerification")?;
    stage.act("passkey.auth", json!({})).ready()?;
    let by_passkey = last(stage, "authenticateMfaPasskeyDevice")?;
    let differs = by_mail != by_passkey && by_passkey.is_string();
    let what = "the credential last verified";
    stage.expect(what, "another one than the address", by_passkey, differs)
}

fn two_scopes_are_one_text(stage: &mut Stage) -> Result<(), Halt> {
    let session = RawSession::open(stage, ALICE.email)?;
    let scope = scopes(&session.bearer)?;
    let text = scope.as_str().unwrap_or_default();
    let words: Vec<&str> = text.split(' ').collect();
    let plain = |word: &&str| {
        !word.is_empty()
            && word.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == ':')
    };
    let tidy = words.len() > 1 && words.iter().all(plain) && words.contains(&OWED);
    stage.expect("scope of the token", "words with one space between them", text, tidy)
}

fn upgrade_beside_a_wish(stage: &mut Stage) -> Result<(), Halt> {
    for wish in [
        json!({ "requestedScopes": ["credential:link"] }),
        json!({ "createMfaToken": { "singleUse": true } }),
    ] {
        let mut session = RawSession::open(stage, ALICE.email)?;
        stage.expect_equal("scope before MFA", OWED, scopes(&session.bearer)?)?;
        let passed = session.pass_mfa(stage, SECRET, wish.clone())?;
        for (place, scope) in
            [("token", scopes(&session.bearer)?), ("user", passed.value("/user/scope"))]
        {
            let words = scope.as_str().unwrap_or_default();
            let done = scope.is_string() && !words.split(' ').any(|word| word == OWED);
            let what = format!("scope of the {place} after MFA with {wish}");
            stage.note(&what, "no requiresAdditionalAuth", scope.clone(), done)?;
        }
    }
    Ok(())
}

fn no_basic_scope_before_enrolment(stage: &mut Stage) -> Result<(), Halt> {
    let session = RawSession::open(stage, ALICE.email)?;
    let refreshed = prepared(session.request(stage, "POST", "refresh"))?;
    let enrolled = record::of(stage, ALICE.email, "/devices")?;
    stage.expect_equal("devices of the user", json!([]), enrolled)?;
    for (what, scope) in [
        ("scope of the sign-in", scopes(&session.bearer)?),
        ("scope of the refresh", scopes(&text(&refreshed, "/minifiedJwt")?)?),
        ("scope of the user", refreshed.value("/user/scope")),
    ] {
        let words: Vec<&str> = scope.as_str().unwrap_or_default().split(' ').collect();
        let apart = words.contains(&OWED) && !words.contains(&"user:basic");
        stage
            .expect(what, "requiresAdditionalAuth and no user:basic", json!(words), apart)
            .noted()?;
    }
    Ok(())
}
