//! The control API of a mock that runs elsewhere.

use serde_json::Value;
use ureq::Agent;

use super::http::{self, Heard};
use super::{Address, ControlToken, Unable};

/// Where the control API lies below an origin.
const BASE: &str = "/_mock/v1";

/// A way to drive a mock over HTTP.
#[derive(Clone)]
pub(super) struct Control {
    agent: Agent,
    address: Address,
    token: Option<ControlToken>,
}

impl Control {
    /// Asks who is there.
    ///
    /// # Errors
    /// Nobody is, or it is no mock, or it does not let us in, in words.
    pub(super) fn reach(
        agent: Agent,
        address: Address,
        token: Option<ControlToken>,
    ) -> Result<(Self, String), String> {
        let control = Self { agent, address, token };
        let heard = control.send("GET", "/", None).map_err(|unable| unable.to_string())?;
        let at = &control.address;
        let body: Value = serde_json::from_slice(&heard.body).unwrap_or_default();
        let says = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
        match heard.status {
            200 if says("service") == "mfa-mock" => {
                let name = format!("{} {}", says("service"), says("version"));
                Ok((control, name))
            }
            401 if control.token.is_none() => Err(format!(
                "the control API at {at} wants a token; give it with --control-token, or in the \
                 variable MFA_MOCK_CONTROL_TOKEN"
            )),
            401 => Err(format!(
                "the control API at {at} refuses the control token; it is the one that the service \
                 was started with"
            )),
            403 => {
                Err(format!("the control API at {at} refuses: {}; {}", says("error"), says("hint")))
            }
            status => Err(format!(
                "there is no control API of mfa-mock at {at}: GET {BASE}/ is answered {status}; \
                 where it is elsewhere say so with --control, and a service that has none is \
                 measured with --no-control"
            )),
        }
    }

    /// Calls a verb below the control API and reads its answer, null when it has none.
    ///
    /// # Errors
    /// [`Unable::Lost`] without an answer, [`Unable::Lacking`] when the service refuses, which an
    /// older one does with what it does not know.
    pub(super) fn call(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, Unable> {
        let heard = self.send(method, path, body)?;
        let told: Value = serde_json::from_slice(&heard.body).unwrap_or_default();
        if (200..300).contains(&heard.status) {
            return Ok(told);
        }
        let error = told.get("error").and_then(Value::as_str).unwrap_or("no reason is given");
        let text =
            format!("the control API answers {method} {path} with {}: {error}", heard.status);
        Err(match heard.status {
            400 | 404 | 405 | 409 | 422 => Unable::Lacking(text),
            _ => Unable::Wrong(text),
        })
    }

    fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Heard, Unable> {
        let url = format!("{}{BASE}{path}", self.address.base());
        let mut headers = Vec::new();
        if let Some(ControlToken(token)) = &self.token {
            headers.push(("authorization".to_owned(), format!("Bearer {token}").into_bytes()));
        }
        let body = body.map(|body| {
            headers.push(("content-type".to_owned(), b"application/json".to_vec()));
            body.to_string().into_bytes()
        });
        let sent = http::send(&self.agent, method, &url, &headers, body);
        sent.map_err(|error| Unable::Lost(http::silence(&self.address, &error)))
    }
}
