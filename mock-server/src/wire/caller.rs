//! Who is asking, and what they present beside the bearer token.

use http::HeaderMap;
use mfa_engine::{Administrator, Caller, Client, Digest, EnvironmentId, Proof, api_token};

use super::cookie::Cookies;
use super::rejection::Rejection;
use super::token::Sealer;

/// The caller of a token whose signature is genuine.
///
/// A bearer stands above a cookie, whatever it is worth: a page sends its cookie without being
/// asked, a bearer only on purpose.
///
/// # Errors
/// No token, one that this service did not sign, or a cookie that a foreign page sent along.
pub(super) fn identify(
    headers: &HeaderMap,
    cookies: &Cookies,
    sealer: &Sealer,
) -> Result<Caller, Rejection> {
    let token = match text(headers, "authorization") {
        Some(value) => bearer(value).ok_or(Rejection::NoToken)?,
        None => cookies.session()?.ok_or(Rejection::NoToken)?,
    };
    sealer.open_bearer(token).map_err(Rejection::ForgedToken)
}

/// The administrator who shows an API token; whether it is one is for the engine to say.
///
/// # Errors
/// No token, an end user's, or one that has not the form of an API token.
pub(super) fn administrator(
    headers: &HeaderMap,
    sealer: &Sealer,
) -> Result<Administrator, Rejection> {
    let token = text(headers, "authorization").and_then(bearer).ok_or(Rejection::NoToken)?;
    if api_token::environment_of(token).is_some() {
        return Ok(Administrator::Token(Digest::of(token)));
    }
    match sealer.open_bearer(token) {
        Ok(_) => Err(Rejection::EndUser),
        Err(_) => Err(Rejection::ForgedToken("it has not the form of an API token")),
    }
}

/// The environment that an API token names; none if there is no such token.
pub(super) fn environment_of_token(headers: &HeaderMap) -> Option<EnvironmentId> {
    text(headers, "authorization").and_then(bearer).and_then(api_token::environment_of)
}

/// The token after the word `Bearer`, which is compared without regard to case (RFC 9110).
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// The MFA token and the elevated token of a call; an empty header counts as absent (rule K3).
pub(super) fn proof(headers: &HeaderMap, sealer: &Sealer) -> Proof {
    Proof {
        mfa_token: text(headers, "x-mfa-auth-token").map(str::to_owned),
        elevation: text(headers, "x-dyn-elevated-access-token")
            .map(|token| sealer.open_elevated(token)),
    }
}

/// What the client says about itself; a key in the body stands above the one in the headers.
pub(super) fn client(headers: &HeaderMap, session_public_key: Option<String>) -> Client {
    let short = |name: &str| text(headers, name).filter(|value| value.len() <= 255);
    Client {
        origin: short("origin").map(str::to_owned),
        session_public_key: session_public_key
            .or_else(|| short("x-dyn-session-public-key").map(str::to_owned)),
        sdk_version: short("x-dyn-version").map(str::to_owned),
        user_agent: short("user-agent").map(str::to_owned),
    }
}

/// A header's text; none if it is absent, blank, or not ASCII.
pub(super) fn text<'headers>(headers: &'headers HeaderMap, name: &str) -> Option<&'headers str> {
    let value = headers.get(name)?.to_str().ok()?.trim();
    (!value.is_empty()).then_some(value)
}
