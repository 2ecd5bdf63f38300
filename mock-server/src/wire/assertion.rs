//! JWTs of the app's own issuer: whether one is signed by a key of the settings (rule E23).
//!
//! The key decides the algorithm, never the JWT: a header that names another one, `none` or a
//! shared secret is refused before any signature is computed (RFC 8725, section 3.1). Times and
//! claims are the engine's to judge.

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use mfa_engine::policy::{ExternalAuth, VerifyingKey};
use mfa_engine::{Assertion, PresentedAssertion};
use serde::Deserialize;

/// The claims that decide (RFC 7519, section 4.1); all others are ignored.
#[derive(Deserialize)]
struct Claims {
    iss: Option<String>,
    aud: Option<serde_json::Value>,
    sub: Option<String>,
    exp: Option<f64>,
    nbf: Option<f64>,
    jti: Option<String>,
    scope: Option<String>,
}

/// Opens a JWT; its signature is genuine if claims come out.
pub(super) fn open(token: &str, settings: &ExternalAuth) -> PresentedAssertion {
    match read(token, settings) {
        Ok(assertion) => PresentedAssertion::Genuine(Box::new(assertion)),
        Err(flaw) => PresentedAssertion::Unusable(flaw),
    }
}

fn read(token: &str, settings: &ExternalAuth) -> Result<Assertion, String> {
    let header = jsonwebtoken::decode_header(token)
        .map_err(|_| "its header is none of a JWT that can be verified".to_owned())?;
    if header.crit.is_some() {
        return Err("its header has `crit`, and no extension is known here".to_owned());
    }
    let kid = header.kid.ok_or("its header names no key (`kid`)")?;
    let key = settings.key(&kid).ok_or("its `kid` is none of the environment's keys")?;
    let (opening, algorithm) = opening(key.verifying_key()?)?;
    if header.alg != algorithm {
        return Err(format!("its `alg` is not that of its key, {algorithm:?}"));
    }
    let mut validation = Validation::new(algorithm);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let opened = jsonwebtoken::decode::<Claims>(token, &opening, &validation);
    let claims = opened.map_err(|error| flaw(&error).to_owned())?.claims;
    Ok(Assertion {
        issuer: claims.iss,
        audience: audience(claims.aud)?,
        subject: claims.sub,
        expires_at: claims.exp.map(time).transpose()?,
        not_before: claims.nbf.map(time).transpose()?,
        token_id: claims.jti,
        scope: claims.scope,
    })
}

fn opening(key: VerifyingKey<'_>) -> Result<(DecodingKey, Algorithm), &'static str> {
    let (key, algorithm) = match key {
        VerifyingKey::Rs256 { modulus, exponent } => {
            (DecodingKey::from_rsa_components(modulus, exponent), Algorithm::RS256)
        }
        VerifyingKey::Es256 { x, y } => (DecodingKey::from_ec_components(x, y), Algorithm::ES256),
        VerifyingKey::EdDsa { x } => (DecodingKey::from_ed_components(x), Algorithm::EdDSA),
    };
    Ok((key.map_err(|_| "its key cannot be used")?, algorithm))
}

fn flaw(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::InvalidSignature => "its signature is wrong",
        ErrorKind::InvalidToken => "it is no JWT of three parts",
        ErrorKind::Json(_) => "its claims are of a wrong type",
        _ => "it does not decode",
    }
}

/// `aud` is a text or a list of texts (RFC 7519, section 4.1.3).
fn audience(claim: Option<serde_json::Value>) -> Result<Vec<String>, &'static str> {
    match claim {
        None | Some(serde_json::Value::Null) => Ok(Vec::new()),
        Some(serde_json::Value::String(one)) => Ok(vec![one]),
        Some(many) => serde_json::from_value(many).map_err(|_| "its claims are of a wrong type"),
    }
}

/// A NumericDate: seconds since 1970, fractions allowed (RFC 7519, section 2).
fn time(seconds: f64) -> Result<Timestamp, &'static str> {
    let since = SignedDuration::try_from_secs_f64(seconds);
    let at = since.ok().and_then(|since| Timestamp::UNIX_EPOCH.checked_add(since).ok());
    at.ok_or("a time in it lies outside the calendar")
}
