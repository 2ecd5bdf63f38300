//! Step-up: is a fresh proof needed, and which one is at hand?

use driver_protocol::SdkError;
use serde_json::{Value, json};

use super::transport::Call;
use super::{Client, error};
use crate::sabotage::Deed;

impl Client {
    /// Tells whether a scope needs a step-up; a held token answers without a request.
    ///
    /// It never fails: when the service cannot be asked, a step-up is required.
    pub(crate) fn check_stepup(&mut self, scope: &str) -> Value {
        if self.peek_elevated(scope).is_some() {
            return verdict(false, &[], None);
        }
        match self.ask_stepup(scope) {
            Ok(verdict) => verdict,
            Err(_) => {
                let required = !self.surroundings.sabotages.commits(Deed::StepupCheckFailsOpen);
                verdict(required, &[], None)
            }
        }
    }

    /// The held token of a scope, left where it is.
    pub(crate) fn peek_elevated(&mut self, scope: &str) -> Option<String> {
        let now_s = self.surroundings.clock.now_s();
        let held = &mut self.storage.session.elevated;
        held.peek(scope, now_s, &self.surroundings.sabotages).map(|held| held.token.clone())
    }

    /// The held token of a scope; a single-use one is gone afterwards.
    pub(crate) fn take_elevated(&mut self, scope: &str) -> Option<String> {
        let now_s = self.surroundings.clock.now_s();
        self.storage.session.elevated.take(scope, now_s, &self.surroundings.sabotages)
    }

    /// The header for a call that needs a scope, with the token if one is held.
    pub(super) fn elevated_header(&mut self, scope: &str) -> (&'static str, Option<String>) {
        let token = self.take_elevated(scope);
        let wrong =
            token.is_some() && self.surroundings.sabotages.commits(Deed::WrongElevatedHeader);
        let name = if wrong { "x-dyn-elevated-token" } else { "x-dyn-elevated-access-token" };
        (name, token)
    }

    fn ask_stepup(&mut self, scope: &str) -> Result<Value, SdkError> {
        let answer = self.json(Call::post("stepUp/check").body(json!({ "scope": scope })))?;
        match (answer.get("isRequired"), answer.get("credentials")) {
            (Some(Value::Bool(required)), Some(Value::Array(credentials))) => {
                Ok(verdict(*required, credentials, answer.get("defaultCredentialId")))
            }
            _ => Err(error::unreadable(None, "the answer has no isRequired and credentials")),
        }
    }
}

fn verdict(required: bool, credentials: &[Value], default: Option<&Value>) -> Value {
    json!({ "required": required, "credentials": credentials, "default_credential_id": default })
}
