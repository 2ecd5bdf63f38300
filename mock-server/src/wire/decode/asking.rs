//! What every room reads with: headers, bodies, ids, and who is asking.

use std::str::FromStr;

use bytes::Bytes;
use http::{HeaderMap, Request};
use mfa_engine::policy::Policy;
use mfa_engine::totp::Code;
use mfa_engine::{
    AdminRequest, Client, Command, Digest, EnvironmentId, PresentedDevice, Proof,
    Request as UserRequest, is_address,
};
use serde::de::DeserializeOwned;

use super::Asked;
use crate::wire::cookie::Cookies;
use crate::wire::public_address::PublicAddress;
use crate::wire::rejection::Rejection;
use crate::wire::route::{Operation, Target};
use crate::wire::token::Sealer;
use crate::wire::{caller, device_signature};

/// A request on its way to becoming a command.
pub(in crate::wire) struct Asking<'request> {
    pub(in crate::wire) operation: Operation,
    pub(in crate::wire) target: &'request Target<'request>,
    pub(in crate::wire) sealer: &'request Sealer,
    pub(in crate::wire) cookies: Cookies,
    /// The environment that answers; not every path names it.
    pub(in crate::wire) environment: EnvironmentId,
    /// The settings, for signatures whose keys stand there.
    pub(in crate::wire) policy: &'request Policy,
    pub(in crate::wire) request: &'request Request<Bytes>,
}

/// How a call refuses a body of the wrong shape: each declares its own status.
#[derive(Clone, Copy)]
pub(super) enum Malformed {
    BadRequest,
    Unprocessable,
    MfaInvalidRequest,
    InvalidPhone,
}

impl Asking<'_> {
    /// A command on behalf of the signed-in user.
    ///
    /// The signature first: a stranger learns nothing about the shape of a body.
    pub(super) fn as_user(
        &self,
        read: impl FnOnce() -> Result<UserRequest, Rejection>,
    ) -> Result<Asked, Rejection> {
        let caller = caller::identify(self.headers(), &self.cookies, self.sealer)?;
        Ok(Command::As(caller, read()?).into())
    }

    /// Where the caller believes this environment to be.
    pub(super) fn public_address(&self) -> PublicAddress {
        PublicAddress::of(self.request, self.environment)
    }

    /// A command of an administrator; their token was looked at before.
    pub(super) fn as_administrator(
        &self,
        read: impl FnOnce() -> Result<AdminRequest, Rejection>,
    ) -> Result<Asked, Rejection> {
        let who = caller::administrator(self.headers(), self.sealer)?;
        Ok(Command::Admin(who, read()?).into())
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        self.request.headers()
    }

    /// The MFA token and the elevated token that came along.
    pub(super) fn proof(&self) -> Proof {
        caller::proof(self.headers(), self.sealer)
    }

    /// What the client says about itself.
    pub(super) fn client(&self, session_public_key: Option<String>) -> Client {
        caller::client(self.headers(), session_public_key)
    }

    /// What the call shows of its device: a genuine signature, or a cookie.
    pub(super) fn device(&self) -> Result<PresentedDevice, Rejection> {
        let cookie = self.cookies.device.as_deref().map(Digest::of);
        Ok(PresentedDevice { proof: device_signature::proof(self.headers())?, cookie })
    }

    /// The id in the path, counted from zero.
    pub(super) fn path_id<T: FromStr>(&self, index: usize) -> Result<T, Rejection> {
        let text = self.target.parameters.get(index);
        text.and_then(|text| text.parse().ok()).ok_or(Rejection::MalformedId)
    }

    /// The text in the path, counted from zero.
    pub(super) fn path_text(&self, index: usize) -> &str {
        self.target.parameters.get(index).copied().unwrap_or_default()
    }

    /// The body of a call that may come without one.
    pub(super) fn optional_body<T: DeserializeOwned + Default>(
        &self,
        malformed: Malformed,
    ) -> Result<T, Rejection> {
        match self.has_body() {
            true => self.body(malformed),
            false => Ok(T::default()),
        }
    }

    pub(super) fn has_body(&self) -> bool {
        !self.request.body().is_empty()
    }

    /// The body, naming the field that is wrong.
    pub(super) fn body<T: DeserializeOwned>(&self, malformed: Malformed) -> Result<T, Rejection> {
        self.check_object(malformed)?;
        let mut reader = serde_json::Deserializer::from_slice(self.request.body());
        serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            let path = error.path().to_string();
            let inner = error.into_inner().to_string();
            // The library ends its message with a position in the body, which helps nobody here.
            let problem = inner.split(" at line ").next().unwrap_or(&inner).to_owned();
            malformed.because(if path == "." { problem } else { format!("{path}: {problem}") })
        })
    }

    /// Makes sure that the body is one JSON object: unparsable is another mistake than misshapen.
    pub(super) fn check_object(&self, malformed: Malformed) -> Result<(), Rejection> {
        let body = self.request.body();
        match serde_json::from_slice::<serde_json::Value>(body) {
            Ok(serde_json::Value::Object(_)) => Ok(()),
            Ok(_) => Err(malformed.because("the body is not a JSON object".to_owned())),
            Err(_) if body.is_empty() => Err(malformed.because("the body is empty".to_owned())),
            Err(error) => Err(Rejection::NotJson(error.to_string())),
        }
    }

    /// A parameter of the query; the last one of that name.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        let pairs = self.request.uri().query()?.split('&').filter_map(|pair| pair.split_once('='));
        pairs.filter(|(key, _)| *key == name).map(|(_, value)| value).next_back()
    }
}

impl Malformed {
    pub(super) fn because(self, problem: String) -> Rejection {
        let (status, code) = match self {
            Self::BadRequest => (400, None),
            Self::Unprocessable => (422, None),
            Self::MfaInvalidRequest => (422, Some("mfa_invalid_request")),
            Self::InvalidPhone => (422, Some("invalid_phone")),
        };
        Rejection::Malformed { status, code, problem }
    }

    /// A `verificationToken`, for a call that refuses another one in this way.
    pub(super) fn six_digits(self, token: String) -> Result<String, Rejection> {
        match Code::from(token.as_str()) {
            Code::Digits(_) => Ok(token),
            Code::Other => Err(self.because("verificationToken: not six digits".to_owned())),
        }
    }

    /// An id in a body, for a call that refuses another text in this way.
    pub(super) fn id<T: FromStr>(self, field: &str, text: &str) -> Result<T, Rejection> {
        text.parse().map_err(|_| self.because(format!("{field}: not a lower-case UUID")))
    }
}

/// An e-mail address in a body.
pub(super) fn address(email: String) -> Result<String, Rejection> {
    match is_address(&email) {
        true => Ok(email),
        false => Err(Malformed::BadRequest.because("email: not an e-mail address".to_owned())),
    }
}

/// A `verificationToken`.
pub(super) fn six_digits(token: String) -> Result<String, Rejection> {
    Malformed::BadRequest.six_digits(token)
}

/// An id in a body.
pub(super) fn id<T: FromStr>(field: &str, text: &str) -> Result<T, Rejection> {
    Malformed::BadRequest.id(field, text)
}
