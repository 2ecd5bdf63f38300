//! How each lie is told: in place of an outcome, or on the way as lines.

use std::time::Duration;

use driver_protocol::{
    Authenticator, ErrorOrigin, LINE_BYTES_MAX, NoAuthenticator, Outcome, Reply, Request, SdkError,
    Standing, framing, op,
};
use serde_json::{Value, json};

use super::list::Deed;
use super::{Lying, Mistake, OP, reply};

impl Lying {
    /// The outcome that the driver claims.
    pub(super) fn tell(
        &mut self,
        request: &Request,
        within: Duration,
        authenticator: &mut dyn Authenticator,
    ) -> Result<Outcome, Mistake> {
        let about_sdk = op(&request.op).is_some_and(|op| op.standing == Standing::Capability);
        if about_sdk && self.tells(Deed::FabricateOk) {
            return Ok(Outcome::Ok(made_up()));
        }
        if about_sdk
            && let Some(earlier) = self.remembered.get(&request.op).cloned()
            && self.tells(Deed::AnswerOfAnotherCase)
        {
            return Ok(Outcome::Ok(earlier));
        }
        if request.op == "device.list" && self.tells(Deed::BypassSdk) {
            return self.ask_beside_the_sdk(request, within);
        }
        let outcome = self.ask(request, within, authenticator)?;
        Ok(match outcome {
            Outcome::Err(_) if about_sdk && self.tells(Deed::RetryByItself) => {
                self.ask(request, within, authenticator)?
            }
            Outcome::Err(_) if about_sdk && self.tells(Deed::SwallowErrors) => {
                Outcome::Ok(made_up())
            }
            Outcome::Err(error) if about_sdk && self.tells(Deed::ErrorAsUnsupported) => {
                Outcome::unsupported(error.message)
            }
            Outcome::Err(error) if about_sdk && self.tells(Deed::ErrorAsFault) => {
                Outcome::fault(error.message)
            }
            Outcome::Err(error) if about_sdk && self.tells(Deed::OneErrorForAll) => {
                Outcome::Err(SdkError { class: None, code: None, ..error })
            }
            Outcome::Unsupported { why, .. } if self.tells(Deed::KnowsEverything) => {
                Outcome::Err(own_error(why))
            }
            Outcome::Ok(_) if request.op == OP && self.tells(Deed::Overclaim) => {
                Outcome::unsupported("not on this platform")
            }
            Outcome::Ok(mut told) => {
                self.colour(request, &mut told);
                Outcome::Ok(told)
            }
            other => other,
        })
    }

    /// Changes a true answer here and there.
    fn colour(&mut self, request: &Request, told: &mut Value) {
        let place = match request.op.as_str() {
            "hello" if self.tells(Deed::Underclaim) => told.pointer_mut("/caps/mfa.methods"),
            "totp.register" if self.tells(Deed::MadeUpSecret) => told.pointer_mut("/secret"),
            _ => None,
        };
        if let Some(place) = place {
            *place = match request.op.as_str() {
                "hello" => json!({ "no": "we would rather not" }),
                _ => json!("JBSWY3DPEHPK3PXP"),
            };
        }
    }

    /// Asks the service without the SDK, with the SDK's bearer token.
    fn ask_beside_the_sdk(
        &mut self,
        request: &Request,
        within: Duration,
    ) -> Result<Outcome, Mistake> {
        let mut asked = Request::new(request.id, "state.get", json!({}));
        asked.inst.clone_from(&request.inst);
        let state = self.inner.exchange(&asked, within, &mut NoAuthenticator)?;
        let Outcome::Ok(state) = state else { return Ok(state) };
        let bearer = state.get("token").and_then(Value::as_str).unwrap_or_default();
        let place = self.place.clone().unwrap_or_default();
        let answer = ureq::get(format!("{place}/users/mfa"))
            .header("authorization", format!("Bearer {bearer}"))
            .call()
            .and_then(|mut answer| answer.body_mut().read_to_string());
        Ok(match answer.map(|text| serde_json::from_str(&text).unwrap_or(Value::Null)) {
            Ok(devices) => Outcome::Ok(devices),
            Err(problem) => Outcome::Err(own_error(problem.to_string())),
        })
    }

    /// The lines in which the outcome reaches the runner.
    pub(super) fn lines_of(
        &mut self,
        request: &Request,
        outcome: Outcome,
    ) -> Result<Vec<Vec<u8>>, Mistake> {
        let honest = framing::encode(&Reply { id: request.id, outcome })
            .map(String::into_bytes)
            .map_err(|error| Mistake::Framing { error, line: request.op.clone() })?;
        if request.op != OP {
            return Ok(vec![honest]);
        }
        let id = json!(request.id);
        let lines = match self.lie.deed {
            Deed::Hang => Vec::new(),
            Deed::LateReply => {
                self.late = Some(honest);
                Vec::new()
            }
            Deed::DuplicateReply => vec![honest.clone(), honest],
            Deed::ReplyToThePreviousRequest => {
                vec![reply(&json!(self.previous), "ok", json!({ "missing": false }))]
            }
            Deed::IdAsString => {
                vec![reply(&json!(request.id.to_string()), "ok", json!({ "missing": false }))]
            }
            Deed::TwoOutcomes => {
                let both = json!({ "id": id, "ok": {}, "unsupported": { "why": "or not" } });
                vec![both.to_string().into_bytes()]
            }
            Deed::BrokenLine => vec![honest.iter().copied().take(honest.len() / 2).collect()],
            Deed::EndlessLine => {
                vec![reply(&id, "ok", json!({ "text": "x".repeat(LINE_BYTES_MAX) }))]
            }
            Deed::NoUtf8 => vec![[honest.as_slice(), b"\xff\xfe"].concat()],
            Deed::Chatty => {
                vec![b"> Task :app:compile".to_vec(), b"[{not json at all}]".to_vec(), honest]
            }
            _ => return Ok(vec![honest]),
        };
        self.tells(self.lie.deed);
        Ok(lines)
    }
}

/// Something for everybody: fields that the ops' answers have.
fn made_up() -> Value {
    json!({
        "email": "ada@example.com", "verification_id": "v1", "user": { "id": "u1" },
        "device_id": "d1", "secret": "JBSWY3DPEHPK3PXP",
        "uri": "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP",
        "devices": [], "passkeys": [], "has_verified": false, "missing": false,
        "required": false, "credentials": [], "token": null, "mfa_token": null,
        "count": 10, "codes": [], "pending": false,
    })
}

fn own_error(message: String) -> SdkError {
    SdkError {
        origin: ErrorOrigin::Client,
        class: None,
        code: None,
        http: None,
        message,
        retryable: false,
    }
}
