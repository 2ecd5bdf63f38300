//! One request and its answer.

use driver_protocol::{ErrorOrigin, Level, SdkError};
use serde_json::Value;
use ureq::http::{Method, Request};

use super::session::Session;
use super::{Client, error};
use crate::chance::alphanumerics;
use crate::sabotage::{Deed, HeldOut};

/// A request to be, relative to the environment.
pub(super) struct Call {
    method: Method,
    path: String,
    query: Option<&'static str>,
    body: Option<Value>,
    headers: Vec<(&'static str, String)>,
}

impl Call {
    pub(super) fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    pub(super) fn post(path: impl Into<String>) -> Self {
        Self::new(Method::POST, path)
    }

    pub(super) fn put(path: impl Into<String>) -> Self {
        Self::new(Method::PUT, path)
    }

    pub(super) fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::DELETE, path)
    }

    pub(super) fn query(mut self, query: &'static str) -> Self {
        self.query = Some(query);
        self
    }

    pub(super) fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The same call with a header, if there is a value for it.
    pub(super) fn maybe_header(self, name: &'static str, value: Option<String>) -> Self {
        match value {
            Some(value) => self.header(name, value),
            None => self,
        }
    }

    fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), query: None, body: None, headers: Vec::new() }
    }
}

impl Client {
    /// Sends the call and reads its answer as JSON.
    pub(super) fn json(&mut self, call: Call) -> Result<Value, SdkError> {
        let (status, body) = self.exchange(call)?;
        serde_json::from_slice(&body)
            .map_err(|cause| error::unreadable(Some(status), &cause.to_string()))
    }

    /// Sends the call; any success will do, with or without a body.
    pub(super) fn void(&mut self, call: Call) -> Result<(), SdkError> {
        match self.exchange(call) {
            Err(failure) if is_lost(&failure) && self.sins(Deed::SwallowLostAnswers) => Ok(()),
            end => end.map(|_| ()),
        }
    }

    fn exchange(&mut self, mut call: Call) -> Result<(u16, Vec<u8>), SdkError> {
        if let (Some(Value::Object(body)), Some(token)) =
            (&mut call.body, &self.storage.session.mfa_token)
            && self.surroundings.sabotages.commits(Deed::SendMfaTokenInBody)
        {
            body.insert("mfaToken".into(), Value::String(token.clone()));
        }
        let began = self.surroundings.clock.now_ms();
        let first = self.attempt(&call);
        let took = self.surroundings.clock.now_ms().saturating_sub(began);
        if took > IMPATIENCE_MILLISECONDS && first.is_ok() && self.sins(Deed::RepeatSlowCalls) {
            return self.attempt(&call);
        }
        let repeats = call.method == Method::POST || call.path.starts_with(REGISTRATION);
        if first.is_err()
            && repeats
            && self.surroundings.sabotages.commits(Deed::DoubleRegisterOnRetry)
        {
            return self.attempt(&call);
        }
        match first {
            Err(failure) => self.after_refusal(&call, failure),
            answered => answered,
        }
    }

    /// A refusal is the caller's to handle; whatever else happens here is a sin.
    fn after_refusal(
        &mut self,
        call: &Call,
        failure: SdkError,
    ) -> Result<(u16, Vec<u8>), SdkError> {
        let signed_in = self.storage.session.token.is_some();
        let repeats = match failure.http {
            Some(500..) if call.method == Method::POST => self.sins(Deed::RetryPostAfter5xx),
            Some(429) => {
                self.sins(Deed::RetryAfter429)
                    || self.memory.told_to_wait && self.sins(HeldOut::ObeysRetryAfter)
            }
            Some(401) if signed_in && call.path != "refresh" => {
                self.sins(Deed::RefreshAfter401) && self.refresh().is_ok()
            }
            _ => false,
        };
        let forgets = match failure.http {
            Some(401) if signed_in => self.sins(Deed::SignOutOn401),
            Some(403) if signed_in => self.sins(Deed::SignOutOn403),
            _ => false,
        };
        if forgets {
            self.storage.session = Session::default();
        }
        if self.storage.session.mfa_token.is_some()
            && failure.http.is_some_and(|status| status != 401)
            && self.sins(Deed::ForgetMfaTokenOnRefusal)
        {
            self.storage.session.mfa_token = None;
        }
        if repeats { self.attempt(call) } else { Err(failure) }
    }

    fn attempt(&mut self, call: &Call) -> Result<(u16, Vec<u8>), SdkError> {
        let headers = self.headers(call)?;
        let query = call.query.map(|query| format!("?{query}")).unwrap_or_default();
        let uri = format!(
            "{}/sdk/{}/{}{query}",
            self.config.base_url, self.config.environment_id, call.path
        );
        let mut request = Request::builder().method(call.method.clone()).uri(uri);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let agent = &self.surroundings.agent;
        let answer = match &call.body {
            Some(body) => request.body(body.to_string()).map(|request| agent.run(request)),
            // An empty text is announced as such (`content-length: 0`), no body is not; methods
            // that usually have a body owe the announcement.
            None if call.method == Method::POST || call.method == Method::PUT => {
                request.body(String::new()).map(|request| agent.run(request))
            }
            None => request.body(()).map(|request| agent.run(request)),
        };
        let answer = answer
            .map_err(|cause| error::unsendable(&cause.to_string()))?
            .map_err(|cause| self.lost(&cause))?;
        let status = answer.status();
        self.memory.told_to_wait = answer.headers().contains_key("retry-after");
        let body = answer.into_body().read_to_vec().map_err(|cause| self.lost(&cause))?;
        let nonce = self.memory.nonce.take();
        if status.is_success() {
            Ok((status.as_u16(), body))
        } else {
            if let Some(nonce) = nonce
                && self.sins(HeldOut::NoncePutBack)
            {
                self.storage.nonces.push_front(nonce);
            }
            if let Some(sent) = &call.body
                && self.sins(HeldOut::LogsWhatFailed)
            {
                self.log(Level::Warn, format!("{} was refused: {sent}", call.path));
            }
            Err(error::refused(status.as_u16(), &body, &self.surroundings.sabotages))
        }
    }

    fn lost(&self, cause: &ureq::Error) -> SdkError {
        let lost = error::unanswered(cause);
        match self.sins(Deed::NetworkAsServerError) {
            true => SdkError { origin: ErrorOrigin::Server, http: Some(500), ..lost },
            false => lost,
        }
    }

    fn headers(&mut self, call: &Call) -> Result<Vec<(&'static str, String)>, SdkError> {
        let mut headers = vec![
            // Also without a body, as the documented SDK does.
            ("content-type", "application/json".into()),
            ("x-dyn-version", "ReferenceSDK/0.0.0".into()),
            ("x-dyn-request-id", alphanumerics(REQUEST_ID_LENGTH)?),
            ("x-dyn-session-id", self.session_id.clone()),
            ("x-dynamic-platform", "reference".into()),
            ("origin", self.config.origin.clone()),
        ];
        if !self.sins(Deed::DropApiVersion) {
            headers.push(("x-dyn-api-version", "API/0.0.1125".into()));
        }
        self.add_session(call, &mut headers);
        let listed = is_signed(&self.config.base_url, &self.config.environment_id, &call.path);
        // A cookie that only the browser holds proves the device as well.
        if listed && !self.is_cookie_mode()
            || call.path.starts_with(FACTORS) && self.sins(Deed::SignFactorCalls)
        {
            match self.take_nonce() {
                Ok(nonce) => {
                    self.memory.nonce = Some(nonce.clone());
                    self.add_signature(nonce, &mut headers);
                }
                Err(_) if self.sins(Deed::SignInWithoutNonce) => {}
                Err(failure) => return Err(failure),
            }
        }
        headers.extend(call.headers.iter().cloned());
        Ok(headers)
    }

    fn add_session(&self, call: &Call, headers: &mut Vec<(&'static str, String)>) {
        let carries = |header: &str| call.headers.iter().any(|(name, _)| *name == header);
        let session = &self.storage.session;
        if let Some(keys) = &self.storage.session_keys
            && !self.sins(Deed::DropSessionKey)
        {
            let key = match self.sins(HeldOut::UncompressedSessionKey) {
                true => keys.uncompressed_public_hex(),
                false => keys.public_hex(),
            };
            headers.push(("x-dyn-session-public-key", key));
        }
        let bearer = match (&session.token, &self.memory.bearer) {
            (Some(_), _) if carries(ELEVATED_HEADER) && self.sins(Deed::BearerGivesWay) => None,
            (Some(token), _) => Some(token),
            (None, Some(old)) if self.sins(Deed::KeepBearerAfterLogout) => Some(old),
            (None, _) => None,
        };
        if let Some(token) = bearer {
            headers.push(("authorization", format!("Bearer {token}")));
        } else if session.token.is_none() && self.sins(HeldOut::BearerNull) {
            headers.push(("authorization", "Bearer null".to_owned()));
        }
        if let Some(token) = &session.mfa_token
            && !carries(MFA_TOKEN_HEADER)
            && self.sins(Deed::AttachMfaTokenEverywhere)
        {
            headers.push((MFA_TOKEN_HEADER, token.clone()));
        }
    }

    fn add_signature(&self, nonce: String, headers: &mut Vec<(&'static str, String)>) {
        let device = &self.storage.device;
        let signature = match self.sins(Deed::UnsignedDeviceNonce) {
            true => "00".repeat(64),
            false if self.sins(HeldOut::SignatureInDer) => device.sign_der_hex(&nonce),
            false => device.sign_hex(&nonce),
        };
        headers.push(("x-dynamic-device-publickey", device.public_hex()));
        headers.push(("x-dynamic-device-signed-nonce", signature));
        headers.push(("x-dynamic-device-nonce", nonce));
    }
}

/// Did no answer arrive at all?
fn is_lost(failure: &SdkError) -> bool {
    matches!(failure.origin, ErrorOrigin::Network | ErrorOrigin::Timeout)
}

/// Does the device sign a nonce on this path?
fn is_signed(base_url: &str, environment_id: &str, path: &str) -> bool {
    let environment = environment_id.len() == 36
        && environment_id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'));
    let parts: Vec<&str> = path.split('/').collect();
    let listed = matches!(
        parts.as_slice(),
        ["refresh" | "verify" | "deviceRegistration" | "deviceRegistrations"]
            | ["deviceRegistrations", _]
            | ["externalAuth", "signin"]
            | ["farcaster", "signin" | "verify"]
            | ["providers", _, "signIn"]
            | ["verify", "link" | "merge" | "transfer"]
            | ["wallets" | "telegram", "verify"]
            | ["smsVerifications" | "emailVerifications", "verify" | "signin"]
    );
    base_url.ends_with("/api/v0") && environment && listed
}

/// Encodes one segment of a path as browsers' `encodeURIComponent` does.
pub(super) fn path_segment(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// Header that carries an elevated access token.
pub(super) const ELEVATED_HEADER: &str = "x-dyn-elevated-access-token";

/// Header that carries a (legacy) MFA token.
pub(super) const MFA_TOKEN_HEADER: &str = "x-mfa-auth-token";

const REQUEST_ID_LENGTH: usize = 50;
/// What somebody without patience calls slow, in milliseconds.
const IMPATIENCE_MILLISECONDS: u64 = 80;
const FACTORS: &str = "users/mfa";
const REGISTRATION: &str = "users/mfa/register/";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_the_listed_paths_are_signed() {
        let base = "http://localhost:1/api/v0";
        let environment = "0123abcd-0123-4567-89ab-0123456789ab";
        for path in [
            "refresh",
            "verify",
            "verify/link",
            "emailVerifications/signin",
            "emailVerifications/verify",
            "providers/google/signIn",
            "deviceRegistrations/x",
            "wallets/verify",
        ] {
            assert!(is_signed(base, environment, path), "{path}");
        }
        for path in [
            "users",
            "users/mfa/auth/totp",
            "revoke",
            "emailVerifications/create",
            "wallets/signin",
            "providers/google/verify",
            "verify/unlink",
            "stepUp/check",
            "externalAuth/verify",
        ] {
            assert!(!is_signed(base, environment, path), "{path}");
        }
        assert!(!is_signed("http://localhost:1", environment, "refresh"));
        assert!(!is_signed(base, "my-env", "refresh"));
        assert!(!is_signed(base, &environment.to_uppercase(), "refresh"));
    }

    #[test]
    fn path_segments_are_encoded() {
        assert_eq!(path_segment("a-b_c.9"), "a-b_c.9");
        assert_eq!(path_segment("a/b c?é"), "a%2Fb%20c%3F%C3%A9");
    }
}
