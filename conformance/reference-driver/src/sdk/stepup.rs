//! Step-up: is a fresh proof needed, and which one is at hand?

use driver_protocol::SdkError;
use serde_json::{Value, json};

use super::transport::{Call, ELEVATED_HEADER};
use super::{Client, error};
use crate::sabotage::Deed;

impl Client {
    /// Tells whether a scope needs a step-up; a held token answers without a request.
    ///
    /// It never fails: when the service cannot be asked, a step-up is required.
    pub(crate) fn check_stepup(&mut self, scope: &str) -> Value {
        if let Some(held) = self.peek_elevated(scope) {
            if self.sins(Deed::CheckSpendsToken) {
                self.storage.session.elevated.drop_single_use(&held);
            }
            return verdict(false, &[], None);
        }
        if self.sins(Deed::CheckAlwaysRequired) {
            return verdict(true, &[], None);
        }
        if let Some(earlier) = self.memory.checks.get(scope)
            && self.sins(Deed::CacheStepUpChecks)
        {
            return earlier.clone();
        }
        match self.ask_stepup(scope) {
            Ok(verdict) => {
                self.memory.checks.insert(scope.to_owned(), verdict.clone());
                verdict
            }
            Err(_) => {
                let required = !self.surroundings.sabotages.commits(Deed::StepupCheckFailsOpen);
                verdict(required, &[], None)
            }
        }
    }

    /// The held token of a scope, left where it is.
    pub(crate) fn look_at_elevated(&mut self, scope: &str) -> Option<String> {
        let held = self.peek_elevated(scope)?;
        if self.sins(Deed::PeekSpendsToken) {
            self.storage.session.elevated.drop_single_use(&held);
        }
        Some(held)
    }

    /// As [`Client::look_at_elevated`], for the SDK's own use.
    pub(super) fn peek_elevated(&mut self, scope: &str) -> Option<String> {
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
        let mut token = self.take_elevated(scope);
        if token.is_none()
            && let Some(other) = self.storage.session.elevated.any()
            && self.sins(Deed::SendAnyElevatedToken)
        {
            token = Some(other.token.clone());
        }
        let wrong = token.is_some() && self.sins(Deed::WrongElevatedHeader);
        (if wrong { "x-dyn-elevated-token" } else { ELEVATED_HEADER }, token)
    }

    fn ask_stepup(&mut self, scope: &str) -> Result<Value, SdkError> {
        let answer = self.json(Call::post("stepUp/check").body(json!({ "scope": scope })))?;
        match (answer.get("isRequired"), answer.get("credentials")) {
            (Some(Value::Bool(required)), Some(Value::Array(credentials))) => {
                let mut credentials = credentials.clone();
                if credentials.len() > 1 && self.sins(Deed::ReverseCredentials) {
                    credentials.reverse();
                }
                let default = answer.get("defaultCredentialId");
                let default = default.filter(|_| !self.sins(Deed::DropDefaultCredential));
                Ok(verdict(*required, &credentials, default))
            }
            (None, Some(Value::Array(listed))) if self.sins(Deed::MissingMeansNo) => {
                Ok(verdict(false, listed, None))
            }
            _ => Err(error::unreadable(None, "the answer has no isRequired and credentials")),
        }
    }
}

fn verdict(required: bool, credentials: &[Value], default: Option<&Value>) -> Value {
    json!({ "required": required, "credentials": credentials, "default_credential_id": default })
}
