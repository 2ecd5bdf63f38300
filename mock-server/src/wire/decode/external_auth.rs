//! JWTs of the app's own issuer: sign in, verify.

use http::HeaderMap;
use mfa_engine::{
    Command, ExternalAuthCommand, ExternalAuthRequest, PresentedAssertion, Request as UserRequest,
};

use super::asking::{Asking, Malformed};
use super::{Asked, Read};
use crate::wire::assertion;
use crate::wire::body::external_auth::ExternalJwt;
use crate::wire::caller::text;
use crate::wire::rejection::Rejection;
use crate::wire::route::Operation;

pub(super) fn decode(asking: &Asking<'_>) -> Read {
    Some(match asking.operation {
        Operation::SignInWithExternalJwt => sign_in(asking),
        Operation::VerifyExternalJwt => asking.as_user(|| verify(asking)),
        _ => return None,
    })
}

/// A bearer that comes along is not looked at: whoever the JWT names is signed in.
fn sign_in(asking: &Asking<'_>) -> Result<Asked, Rejection> {
    let body: ExternalJwt = asking.body(Malformed::BadRequest)?;
    let command = ExternalAuthCommand::SignIn {
        assertion: presented(asking, body.jwt.as_deref()),
        client: asking.client(body.session_public_key),
        device: asking.device()?,
    };
    Ok(Command::ExternalAuth(command).into())
}

fn verify(asking: &Asking<'_>) -> Result<UserRequest, Rejection> {
    let body: ExternalJwt = asking.body(Malformed::Unprocessable)?;
    Ok(UserRequest::ExternalAuth(ExternalAuthRequest::Verify {
        assertion: presented(asking, body.jwt.as_deref()),
        session_public_key: body.session_public_key,
    }))
}

/// The JWT of the body, or else that of the environment's cookie.
fn presented(asking: &Asking<'_>, jwt: Option<&str>) -> PresentedAssertion {
    let settings = &asking.policy.external_auth;
    let in_cookie = || cookie(asking.headers(), settings.cookie_name.as_deref()?);
    match jwt.filter(|jwt| !jwt.is_empty()).or_else(in_cookie) {
        Some(jwt) => assertion::open(jwt, settings),
        None => PresentedAssertion::Unusable("none came along".to_owned()),
    }
}

/// The value of a cookie (RFC 6265, section 5.4).
fn cookie<'headers>(headers: &'headers HeaderMap, name: &str) -> Option<&'headers str> {
    let pairs = text(headers, "cookie")?.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs
        .filter(|(known, value)| *known == name && !value.is_empty())
        .map(|(_, value)| value)
        .next()
}
