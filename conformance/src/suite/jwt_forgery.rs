//! Bearer tokens that the service must refuse, beside the genuine one that it takes.

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, Noted, Stage, Token};
use crate::world::{Person, World};

use super::raw_session::{RawSession, prepared, text};
use super::record;

const ALICE: Person = Person::named("alice@example.com");
/// A test address signs in anywhere with the same code, without an inbox.
const TEST_ADDRESS: &str = "alice+dynamic_test@example.com";
const FIXED_CODE: &str = "424242";
const SESSION: &[Guide] = &[Guide::SessionMfa];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "jwt/genuine-token-is-taken",
        title: "the service takes the bearer that it issued, and none is refused",
        proves: &["MFA-JWT-011"],
        counter: None,
        guides: SESSION,
        needs: &[],
        world: World::PLAIN.with(&[ALICE]),
        play: genuine_token,
    },
    Case {
        id: "jwt/forged-tokens-are-refused",
        title: "a wrong signature, changed claims, no algorithm or another one are refused",
        proves: &["MFA-JWT-011"],
        counter: Some("jwt/genuine-token-is-taken"),
        guides: SESSION,
        needs: &[],
        world: World::PLAIN.with(&[ALICE]),
        play: forged_tokens,
    },
    Case {
        id: "jwt/expired-token-is-refused",
        title: "a token past its end is refused although its session lives on",
        proves: &["MFA-JWT-011"],
        counter: Some("jwt/genuine-token-is-taken"),
        guides: SESSION,
        needs: &[],
        world: World::PLAIN.with(&[ALICE]),
        play: expired_token,
    },
    Case {
        id: "jwt/elevated-token-is-no-bearer",
        title: "a token for one call does not open a session",
        proves: &["MFA-JWT-011"],
        counter: Some("jwt/genuine-token-is-taken"),
        guides: SESSION,
        needs: &[],
        world: World::PLAIN.with(&[ALICE]),
        play: elevated_token_is_no_bearer,
    },
    Case {
        id: "security/token-of-another-environment-is-refused",
        title: "a session token of one environment is refused in every other",
        proves: &["MFA-SEC-006"],
        counter: Some("jwt/genuine-token-is-taken"),
        guides: SESSION,
        needs: &[],
        world: World::PLAIN,
        play: another_environment,
    },
];

/// The status that the user's own record is answered with.
fn status_with(stage: &Stage, bearer: &str) -> Result<u16, Halt> {
    Ok(stage.raw("GET", "users").bearer(bearer).send()?.status)
}

fn genuine_token(stage: &mut Stage) -> Result<(), Halt> {
    let session = RawSession::open(stage, ALICE.email)?;
    let answer = stage.raw("GET", "users").bearer(&session.bearer).send()?;
    answer.expect_status(200)?;
    let id = record::of(stage, ALICE.email, "/id")?;
    answer.expect_body("/id", id)?;
    stage.raw("GET", "users").send()?.expect_status(401)
}

fn encoded(value: &Value) -> String {
    BASE64URL_NOPAD.encode(value.to_string().as_bytes())
}

/// The claims under another signature: a MAC with a public text, as if it were a shared secret.
fn with_mac(claims: &Value, kid: &str, secret: &str) -> Result<String, Halt> {
    let header = Header { kid: Some(kid.to_owned()), ..Header::new(Algorithm::HS256) };
    jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(secret.as_bytes()))
        .map_err(|error| Halt::Harness(error.to_string()))
}

/// The claims under another algorithm with the published test key, if the service signs with it.
fn with_the_published_key(
    claims: &Value,
    kid: &str,
    modulus: &str,
    algorithm: Algorithm,
) -> Result<Option<String>, Halt> {
    let published: Value = serde_json::from_str(fixtures::keys::JWKS_JSON)
        .map_err(|error| Halt::Harness(error.to_string()))?;
    if record::at(&published, "/keys/0/n") != modulus {
        return Ok(None);
    }
    let header = Header { kid: Some(kid.to_owned()), ..Header::new(algorithm) };
    let key = EncodingKey::from_rsa_pem(fixtures::keys::SIGNING_PEM.as_bytes());
    let signed = key.and_then(|key| jsonwebtoken::encode(&header, claims, &key));
    signed.map(Some).map_err(|error| Halt::Harness(error.to_string()))
}

fn forged_tokens(stage: &mut Stage) -> Result<(), Halt> {
    let session = RawSession::open(stage, ALICE.email)?;
    let genuine = Token::decode(&session.bearer).map_err(Halt::Blocked)?;
    let keys = prepared(stage.raw("GET", ".well-known/jwks"))?;
    let modulus = text(&keys, "/keys/0/n")?;
    let kid = text(&keys, "/keys/0/kid")?;
    let parts: Vec<&str> = session.bearer.split('.').collect();
    let [head, payload, signature] = parts.as_slice() else {
        return Err(Halt::Blocked("the bearer has no three parts".to_owned()));
    };
    let turned: String = signature.chars().rev().collect();
    let mut changed = genuine.claims.clone();
    if let Some(scope) = changed.get_mut("scope") {
        *scope = json!("user:basic admin");
    }
    let none = encoded(&json!({ "alg": "none", "typ": "JWT", "kid": kid }));
    let forgeries = [
        ("another signature", format!("{head}.{payload}.{turned}")),
        ("no signature", format!("{head}.{payload}.")),
        ("changed claims", format!("{head}.{}.{signature}", encoded(&changed))),
        ("alg none, unsigned", format!("{none}.{payload}.")),
        ("alg none, signed", format!("{none}.{payload}.{signature}")),
        ("HS256 with the public modulus", with_mac(&genuine.claims, &kid, &modulus)?),
        ("two parts", format!("{head}.{payload}")),
        ("no token at all", "opaque".to_owned()),
    ];
    for (what, forged) in forgeries {
        stage.expect_equal(what, 401, status_with(stage, &forged)?).noted()?;
    }
    for algorithm in [Algorithm::RS384, Algorithm::RS512, Algorithm::PS256] {
        // Only a service that signs with the key that everybody has can be asked this.
        let Some(signed) = with_the_published_key(&genuine.claims, &kid, &modulus, algorithm)?
        else {
            stage.remark("the service's key is its own, so no other algorithm can use it");
            break;
        };
        let what = format!("{algorithm:?} with the very key");
        stage.expect_equal(&what, 401, status_with(stage, &signed)?).noted()?;
    }
    stage.expect_equal("the genuine one", 200, status_with(stage, &session.bearer)?)
}

/// A refresh lengthens the session, so that only the first token's own end can refuse it.
fn expired_token(stage: &mut Stage) -> Result<(), Halt> {
    let session = RawSession::open(stage, ALICE.email)?;
    stage.advance(3_600)?;
    let refreshed = prepared(session.request(stage, "POST", "refresh"))?;
    let newer = text(&refreshed, "/minifiedJwt")?;
    stage.advance(3_599)?;
    stage.expect_equal("a second before its end", 200, status_with(stage, &session.bearer)?)?;
    stage.advance(1)?;
    stage.expect_equal("at its end", 401, status_with(stage, &session.bearer)?)?;
    stage.expect_equal("the newer token", 200, status_with(stage, &newer)?)
}

fn elevated_token_is_no_bearer(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    let elevated = session.reauthenticate(stage, ALICE.email, &["credential:link"])?;
    stage.expect_equal("the elevated token", 401, status_with(stage, &elevated)?)?;
    stage.expect_equal("the session's token", 200, status_with(stage, &session.bearer)?)
}

/// The id of this case's second environment.
fn neighbour(stage: &Stage) -> String {
    let id = stage.environment();
    let first = if id.starts_with('0') { "1" } else { "0" };
    format!("{first}{}", id.get(1..).unwrap_or_default())
}

fn another_environment(stage: &mut Stage) -> Result<(), Halt> {
    let here = RawSession::open(stage, TEST_ADDRESS)?;
    let other = neighbour(stage);
    let start = stage.raw("POST", "emailVerifications/create").in_environment(&other);
    let started = prepared(start.json(json!({ "email": TEST_ADDRESS })))?;
    let body = json!({
        "verificationUUID": started.value("/verificationUUID"),
        "verificationToken": FIXED_CODE,
    });
    let sign_in = stage.raw("POST", "emailVerifications/signin").in_environment(&other);
    let there = text(&prepared(sign_in.json(body))?, "/minifiedJwt")?;

    for (method, path) in
        [("GET", "users"), ("GET", "users/mfa"), ("GET", "session"), ("POST", "refresh")]
    {
        let ask = |is_there: bool, bearer: &str| {
            let request = stage.raw(method, path).bearer(bearer);
            let request = if is_there { request.in_environment(&other) } else { request };
            request.send().map(|answer| answer.status)
        };
        let granted = |status: u16| (200..300).contains(&status);
        for (what, is_there, bearer, good) in [
            ("its own token there", true, &there, true),
            ("our token there", true, &here.bearer, false),
            ("its token here", false, &there, false),
            ("our token here", false, &here.bearer, true),
        ] {
            let status = ask(is_there, bearer)?;
            let holds = if good { granted(status) } else { status == 401 };
            let wanted = if good { "granted" } else { "401" };
            stage.expect(&format!("{method} {path}, {what}"), wanted, status, holds).noted()?;
        }
    }
    Ok(())
}
