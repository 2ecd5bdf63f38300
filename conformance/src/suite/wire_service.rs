//! The service's HTTP: media types, limits, origins, cookies, and the keys behind its tokens.

use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, Noted, ORIGIN, RawAnswer, Stage, Token};
use crate::world::{Person, World};

use super::raw_session::{RawSession, email_proof, prepared};

const ALICE: Person = Person::named("alice@example.com");
const BOB: Person = Person::named("bob@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const SESSION: &[Guide] = &[Guide::SessionMfa];
/// Three nonces a minute, so that the limit is reached without a hundred calls.
const LIMITED: World =
    World::PLAIN.set(&[("rateLimits.enabled", "true"), ("rateLimits.nonces", "3")]);
/// One page may call from a browser.
const ONE_ORIGIN: World = World::PLAIN.set(&[("corsOrigins", r#"["http://localhost:3000"]"#)]);
const COOKIES: World =
    World::PLAIN.with(&[ALICE, BOB.with_totp(SECRET)]).set(&[("auth.storage", r#"["cookie"]"#)]);
/// What the SDKs send beside the simple headers, and a browser asks leave for.
const SDK_HEADERS: [&str; 5] = [
    "authorization",
    "content-type",
    "x-dyn-elevated-access-token",
    "x-dyn-session-public-key",
    "x-mfa-auth-token",
];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "errors/json-says-so",
        title: "answers and refusals with a JSON body say that they are JSON",
        proves: &["MFA-ERR-031"],
        counter: None,
        guides: SESSION,
        needs: &[],
        world: World::PLAIN.with(&[ALICE]),
        play: json_says_so,
    },
    Case {
        id: "network/below-the-limit",
        title: "as many calls as the limit allows are answered, and a minute later as many again",
        proves: &["MFA-NET-051", "MFA-NET-052"],
        counter: None,
        guides: SESSION,
        needs: &[],
        world: LIMITED,
        play: below_the_limit,
    },
    Case {
        id: "network/beyond-the-limit",
        title: "one call more in the same minute is 429, with words in the body",
        proves: &["MFA-NET-051", "MFA-NET-052"],
        counter: Some("network/below-the-limit"),
        guides: SESSION,
        needs: &[],
        world: LIMITED,
        play: beyond_the_limit,
    },
    Case {
        id: "network/preflight-admits-the-sdk",
        title: "a preflight lets a page send every header that the SDKs use",
        proves: &["MFA-NET-053"],
        counter: None,
        guides: SESSION,
        needs: &[],
        world: World::PLAIN,
        play: preflight_admits,
    },
    Case {
        id: "network/listed-origin-reads",
        title: "a page of a listed origin may read the answers",
        proves: &["MFA-NET-034"],
        counter: None,
        guides: SESSION,
        needs: &[],
        world: ONE_ORIGIN,
        play: listed_origin_reads,
    },
    Case {
        id: "network/unlisted-origin-reads-nothing",
        title: "a page of an origin that is not listed may read no answer",
        proves: &["MFA-NET-034"],
        counter: Some("network/listed-origin-reads"),
        guides: SESSION,
        needs: &[],
        world: ONE_ORIGIN,
        play: unlisted_origin,
    },
    Case {
        id: "session/cookie-is-http-only",
        title: "in cookie mode the token travels in an HttpOnly cookie, which opens the session",
        proves: &["MFA-SES-038"],
        counter: None,
        guides: SESSION,
        needs: &[],
        world: COOKIES,
        play: cookie_is_http_only,
    },
    Case {
        id: "jwt/rotation-keeps-tokens",
        title: "after a new key signs, the old one is still published and its tokens still serve",
        proves: &["MFA-JWT-031", "MFA-JWT-032"],
        counter: None,
        guides: SESSION,
        needs: &[],
        world: World::PLAIN.with(&[ALICE]),
        play: rotation_keeps_tokens,
    },
    Case {
        id: "jwt/retired-key-is-refused",
        title: "a token of a key that was taken out of use is refused, that of the new key is not",
        proves: &["MFA-JWT-032"],
        counter: Some("jwt/rotation-keeps-tokens"),
        guides: SESSION,
        needs: &[],
        world: World::PLAIN.with(&[ALICE]),
        play: retired_key,
    },
];

fn json_says_so(stage: &mut Stage) -> Result<(), Halt> {
    let session = RawSession::open(stage, ALICE.email)?;
    for answer in [
        stage.raw("GET", "settings").send()?,
        session.request(stage, "GET", "users").send()?,
        stage.raw("GET", "users").send()?,
        session
            .request(stage, "POST", "users/mfa/auth/totp")
            .json(json!({ "code": "1" }))
            .send()?,
    ] {
        let told = answer.header("content-type").unwrap_or("none").to_owned();
        let is_json = told.split(';').next().is_some_and(|kind| kind.trim() == "application/json");
        let what = format!("content-type of a {}", answer.status);
        stage.note(&what, "application/json", told, is_json)?;
    }
    Ok(())
}

fn nonce(stage: &Stage) -> Result<RawAnswer, Halt> {
    stage.raw("GET", "nonce").send()
}

fn below_the_limit(stage: &mut Stage) -> Result<(), Halt> {
    for _minute in 0..2 {
        for _ in 0..3 {
            nonce(stage)?.expect_status(200)?;
        }
        stage.advance(60)?;
    }
    Ok(())
}

fn beyond_the_limit(stage: &mut Stage) -> Result<(), Halt> {
    for _ in 0..3 {
        prepared(stage.raw("GET", "nonce"))?;
    }
    let refused = nonce(stage)?;
    stage.proving("MFA-NET-051");
    refused.expect_status(429)?;
    stage.proving("MFA-NET-052");
    let worded = ["/message", "/error"].iter().any(|place| refused.value(place).is_string());
    stage.expect("the body of a 429", "a text message or error", refused.body, worded)?;
    stage.proving("MFA-NET-051");
    stage.advance(60)?;
    nonce(stage)?.expect_status(200)
}

fn preflight_admits(stage: &mut Stage) -> Result<(), Halt> {
    for (method, path) in [("POST", "users/mfa/auth/totp"), ("DELETE", "users/mfa/some-device")] {
        let asked = stage
            .raw("OPTIONS", path)
            .header("origin", ORIGIN)
            .header("access-control-request-method", method)
            .header("access-control-request-headers", &SDK_HEADERS.join(","))
            .send()?;
        stage.expect("the preflight", "2xx", asked.status, (200..300).contains(&asked.status))?;
        let allowed = asked.header("access-control-allow-headers").unwrap_or_default();
        let allowed: Vec<String> =
            allowed.split(',').map(|name| name.trim().to_lowercase()).collect();
        for name in SDK_HEADERS {
            let admitted = allowed.iter().any(|it| it == name || it == "*");
            stage.note("headers that are allowed", name, json!(allowed), admitted)?;
        }
    }
    Ok(())
}

/// The origin that may read an answer when a page of this origin asks.
fn reader(stage: &Stage, path: &str, origin: &str) -> Result<Option<String>, Halt> {
    let answer = stage.raw("GET", path).header("origin", origin).send()?;
    Ok(answer.header("access-control-allow-origin").map(str::to_owned))
}

/// An answer, a refusal, and a path that nobody serves.
const READ: [&str; 3] = ["settings", "users", "no/such/path"];

fn listed_origin_reads(stage: &mut Stage) -> Result<(), Halt> {
    for path in READ {
        let may = reader(stage, path, ORIGIN)?;
        let what = format!("the origin that may read the answer to {path}");
        stage.expect_equal(&what, ORIGIN, may).noted()?;
    }
    Ok(())
}

fn unlisted_origin(stage: &mut Stage) -> Result<(), Halt> {
    prepared(stage.raw("GET", "nonce"))?;
    // The last ones begin or end like the listed one, and belong to somebody else.
    for origin in [
        "https://elsewhere.example".to_owned(),
        "null".to_owned(),
        format!("{ORIGIN}.elsewhere.example"),
        format!("{ORIGIN}0"),
        format!("https://elsewhere.example/{ORIGIN}"),
    ] {
        for path in READ {
            let may = reader(stage, path, &origin)?;
            let shut = may.as_deref().is_none_or(|may| may != "*" && may != origin);
            let what = format!("who may read {path} when {origin} asks");
            stage.expect(&what, "not the asking one", json!(may), shut).noted()?;
        }
    }
    Ok(())
}

/// Alice is signed in fully, Bob owes a factor; a refresh sets the cookie anew.
fn cookie_is_http_only(stage: &mut Stage) -> Result<(), Halt> {
    for email in [ALICE.email, BOB.email] {
        let typed = email_proof(stage, email)?;
        let signed_in = prepared(stage.raw("POST", "emailVerifications/signin").json(typed))?;
        let pair = guarded_token(stage, &signed_in)?;
        let with = |method: &str, path: &str| {
            stage.raw(method, path).header("cookie", &pair).header("origin", ORIGIN)
        };
        with("GET", "users").send()?.expect_status(200)?;
        let refreshed = prepared(with("POST", "refresh"))?;
        guarded_token(stage, &refreshed)?;
    }
    Ok(())
}

/// The pair of the cookie that an answer sets, which must hold a token no script can read.
pub(super) fn guarded_token(stage: &Stage, answer: &RawAnswer) -> Result<String, Halt> {
    let given = answer.header("set-cookie").unwrap_or_default().to_owned();
    let mut parts = given.split(';').map(str::trim);
    let pair = parts.next().unwrap_or_default().to_owned();
    let is_http_only = parts.any(|part| part.eq_ignore_ascii_case("httponly"));
    let token = pair.split_once('=').map(|(_, token)| token).unwrap_or_default();
    stage.expect("the cookie's value", "a token", pair.as_str(), Token::decode(token).is_ok())?;
    stage.expect("the cookie", "HttpOnly", given.as_str(), is_http_only)?;
    Ok(pair)
}

/// The names of the keys that the service publishes.
fn published(stage: &Stage) -> Result<Vec<Value>, Halt> {
    let set = prepared(stage.raw("GET", ".well-known/jwks"))?;
    let keys = set.value("/keys");
    Ok(keys.as_array().into_iter().flatten().map(|key| key["kid"].clone()).collect())
}

fn kid(session: &RawSession) -> Result<Value, Halt> {
    Ok(Token::decode(&session.bearer).map_err(Halt::Blocked)?.claim("kid"))
}

fn rotation_keeps_tokens(stage: &mut Stage) -> Result<(), Halt> {
    let old = RawSession::open(stage, ALICE.email)?;
    stage.rotate_keys()?;
    let new = RawSession::open(stage, ALICE.email)?;
    let set = published(stage)?;
    stage.proving("MFA-JWT-031");
    for session in [&old, &new] {
        let kid = kid(session)?;
        stage.note("the key set", "the key of the token", json!([kid, set]), set.contains(&kid))?;
    }
    stage.expect(
        "the key of the newer token",
        "another one",
        kid(&new)?,
        kid(&old)? != kid(&new)?,
    )?;
    stage.proving("MFA-JWT-032");
    for session in [&old, &new] {
        session.request(stage, "GET", "users").send()?.expect_status(200).noted()?;
    }
    Ok(())
}

fn retired_key(stage: &mut Stage) -> Result<(), Halt> {
    let old = RawSession::open(stage, ALICE.email)?;
    stage.rotate_keys()?;
    let new = RawSession::open(stage, ALICE.email)?;
    let retired = kid(&old)?;
    let name = retired.as_str().unwrap_or_default();
    stage.retire_key(name)?;
    for (method, path) in [("GET", "users"), ("GET", "users/mfa"), ("POST", "refresh")] {
        old.request(stage, method, path).send()?.expect_status(401).noted()?;
        new.request(stage, method, path).send()?.expect_status(200).noted()?;
    }
    Ok(())
}
