//! Sign-in, session and user.

use driver_protocol::{ErrorOrigin, SdkError};
use serde_json::{Map, Value, json};

use super::session::{Session, parse_user, text};
use super::transport::{Call, MFA_TOKEN_HEADER};
use super::{Client, Verification, error};
use crate::keys::KeyPair;
use crate::sabotage::{Deed, HeldOut};

impl Client {
    /// Has a code sent; answers the id of the verification.
    pub(crate) fn email_start(&mut self, email: &str) -> Result<String, SdkError> {
        let call = Call::post("emailVerifications/create").body(json!({ "email": email }));
        let answer = self.json(call)?;
        let id = text(&answer, "verificationUUID")
            .ok_or_else(|| error::unreadable(None, "the answer has no verificationUUID"))?;
        if self.verification.is_none() || !self.sins(Deed::FirstVerificationWins) {
            self.verification = Some(Verification { id: id.clone() });
        }
        Ok(id)
    }

    /// Signs in with the code, or re-authenticates whoever is signed in.
    pub(crate) fn email_verify(
        &mut self,
        code: &str,
        scopes: Option<Vec<String>>,
        allow_new_mfa_linking: Option<bool>,
    ) -> Result<(), SdkError> {
        let Some(verification) = &self.verification else {
            return Err(error::missing("no e-mail code was asked for"));
        };
        let mut body = Map::new();
        body.insert("verificationUUID".into(), json!(verification.id));
        body.insert("verificationToken".into(), json!(code));
        let signed_in = self.storage.session.user.is_some();
        let wanted = scopes.clone();
        let path = if signed_in && !self.sins(Deed::ReauthenticateBySigningIn) {
            self.request_scopes(&mut body, scopes);
            "emailVerifications/verify"
        } else {
            if let Some(allow) = allow_new_mfa_linking {
                body.insert("allowNewMFALinking".into(), json!(allow));
            }
            if scopes.is_some() && self.sins(Deed::RequestScopesAtSignIn) {
                self.request_scopes(&mut body, scopes);
            }
            "emailVerifications/signin"
        };
        match self.upgrade(Call::post(path).body(Value::Object(body))) {
            Err(failure)
                if !signed_in
                    && failure.http.is_some()
                    && self.sins(Deed::SwallowRefusedSignIn) =>
            {
                Ok(())
            }
            Err(failure) if signed_in && self.sins(Deed::ForgetSessionOnRefusedCode) => {
                self.storage.session = Session::default();
                Err(failure)
            }
            Ok(_) => {
                self.widen_as_wanted(wanted);
                if !signed_in {
                    self.memory.at_sign_in = Some(self.storage.session.clone());
                }
                Ok(())
            }
            Err(failure) => {
                self.widen_as_wanted(wanted);
                Err(failure)
            }
        }
    }

    pub(crate) fn refresh(&mut self) -> Result<(), SdkError> {
        self.upgrade(Call::post("refresh")).map(|_| ())
    }

    pub(crate) fn logout(&mut self) -> Result<(), SdkError> {
        self.end_session("user-intent")
    }

    /// Fetches the user anew.
    pub(crate) fn user(&mut self) -> Result<Value, SdkError> {
        let fetched = match (self.json(Call::get("users")), &self.storage.session.user) {
            (Err(_), Some(user)) if self.sins(Deed::StaleUserOnError) => {
                Value::Object(user.clone())
            }
            (fetched, _) => fetched?,
        };
        let user = parse_user(Some(&fetched))?;
        if !self.sins(Deed::StaleUserAfterFetch) {
            self.storage.session.user = Some(user.clone());
        }
        Ok(Value::Object(user))
    }

    pub(crate) fn update_user(&mut self, fields: Map<String, Value>) -> Result<(), SdkError> {
        let held = self.storage.session.mfa_token.is_some();
        let withheld = held && self.sins(Deed::UpdateWithoutMfaToken);
        let token = self.storage.session.mfa_token.clone().filter(|_| !withheld);
        let (header, elevated) = self.elevated_header("user:update");
        let withheld = elevated.is_some() && self.sins(Deed::UpdateWithoutElevation);
        let call = Call::put("users").body(Value::Object(fields));
        let call = call.maybe_header(header, elevated.filter(|_| !withheld));
        let updated = self.upgrade(call.maybe_header(MFA_TOKEN_HEADER, token));
        if held && self.sins(Deed::UpdateSpendsMfaToken) {
            self.storage.session.mfa_token = None;
        }
        updated.map(|_| ())
    }

    pub(crate) fn delete_user(&mut self) -> Result<(), SdkError> {
        let (header, elevated) = self.elevated_header("user:delete");
        let withheld = elevated.is_some() && self.sins(Deed::DeleteUserWithoutElevation);
        let elevated = elevated.filter(|_| !withheld);
        let mut token = self.storage.session.mfa_token.clone();
        if token.is_some() && self.sins(Deed::DeleteUserWithoutMfaToken) {
            token = None;
        }
        let call = Call::delete("users").maybe_header(header, elevated);
        let deleted = self.void(call.maybe_header(MFA_TOKEN_HEADER, token));
        if deleted.is_err() && self.sins(Deed::SignOutOnRefusedDeletion) {
            self.storage.session = Session::default();
        }
        deleted?;
        match self.sins(Deed::KeepSessionAfterDeletion) {
            true => Ok(()),
            false => self.end_session("user-deleted"),
        }
    }

    /// Takes the held MFA token out of the SDK.
    pub(crate) fn take_mfa_token(&mut self) -> Result<String, SdkError> {
        let held = &self.storage.session.mfa_token;
        let kept = held.clone().filter(|_| self.sins(Deed::TakeMfaTokenAgain));
        let taken = std::mem::replace(&mut self.storage.session.mfa_token, kept);
        taken.ok_or_else(|| error::missing("no MFA token found"))
    }

    /// Ends the session here, whatever the service says to it.
    pub(super) fn end_session(&mut self, reason: &str) -> Result<(), SdkError> {
        if self.storage.session.user.is_some() {
            let revoked = self.revoke(reason);
            if revoked.is_err() && self.sins(HeldOut::LogoutNeedsAnAnswer) {
                return revoked;
            }
            if revoked.is_err() && self.sins(Deed::KeepUnrevokedSession)
                || self.sins(Deed::KeepSessionAfterLogout)
            {
                return Ok(());
            }
        }
        let mut ended = std::mem::take(&mut self.storage.session);
        if !ended.elevated.is_empty() && self.sins(Deed::KeepElevatedAfterLogout) {
            self.storage.session.elevated = std::mem::take(&mut ended.elevated);
        }
        self.memory.bearer.clone_from(&ended.token);
        self.memory.logged_out = Some(ended);
        self.memory.at_sign_in = None;
        self.memory.devices = None;
        if !self.sins(Deed::SameSessionKeyAfterLogout) {
            self.storage.session_keys = Some(KeyPair::generate()?);
        }
        if self.sins(Deed::NewDeviceKeyAfterLogout) {
            self.storage.device = KeyPair::generate()?;
        }
        Ok(())
    }

    /// Tells the service that the session is over; whether it heard.
    fn revoke(&mut self, reason: &str) -> Result<(), SdkError> {
        if self.sins(Deed::LogoutWithoutRevoke) {
            return Ok(());
        }
        let mut call = Call::post("revoke");
        if !self.sins(Deed::LeaveWithoutReason) {
            call = call.header("x-dyn-logout-reason", reason);
        }
        let revoked = self.void(call);
        if let Err(failure) = &revoked {
            let level = driver_protocol::Level::Warn;
            self.log(level, format!("the session was not revoked: {}", failure.message));
        }
        revoked
    }

    /// Sends a call whose answer replaces the session, and takes it over.
    pub(super) fn upgrade(&mut self, call: Call) -> Result<Value, SdkError> {
        let answer = match self.json(call) {
            Err(failure)
                if failure.origin != ErrorOrigin::Server
                    && self.sins(Deed::PretendAfterHalfAnswer) =>
            {
                return Ok(json!({}));
            }
            answer => answer?,
        };
        if self.is_over() && self.sins(Deed::ReviveEndedSession) {
            // The timer that an honest SDK has not, or obeys.
            // The session is over whether or not the service heard of it; the log has what it said.
            let _ = self.revoke("token-expired");
        }
        let now_s = self.surroundings.clock.now_s();
        self.storage.session.apply(&answer, now_s, &self.surroundings.sabotages)?;
        Ok(answer)
    }

    /// Takes what was asked for as granted, as no honest SDK does.
    pub(super) fn widen_as_wanted(&mut self, wanted: Option<Vec<String>>) {
        if let Some(wanted) = wanted
            && !self.storage.session.elevated.is_empty()
            && self.sins(Deed::HoldWhatWasAsked)
        {
            self.storage.session.elevated.widen(&wanted);
        }
    }

    /// Names the scopes that the application asks for.
    pub(super) fn request_scopes(
        &self,
        body: &mut Map<String, Value>,
        scopes: Option<Vec<String>>,
    ) {
        if let Some(scopes) = scopes
            && !self.surroundings.sabotages.commits(Deed::IgnoreRequestedScopes)
        {
            body.insert("requestedScopes".into(), json!(scopes));
        }
    }
}
