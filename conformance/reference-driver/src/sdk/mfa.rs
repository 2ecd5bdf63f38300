//! TOTP and methods.

use driver_protocol::{Level, SdkError};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::session::text;
use super::transport::Call;
use super::{Client, error};
use crate::sabotage::{Deed, HeldOut};

/// A second factor, and what the caller wants for it.
#[derive(Deserialize)]
pub(crate) struct Proof {
    pub(super) code: String,
    device_id: Option<String>,
    scopes: Option<Vec<String>>,
    mfa_token: Option<MfaTokenWish>,
}

/// The wish for an MFA token.
#[derive(Deserialize)]
pub(super) struct MfaTokenWish {
    single_use: bool,
}

impl MfaTokenWish {
    /// `CreateMfaToken`
    pub(super) fn shown(&self) -> Value {
        json!({ "singleUse": self.single_use })
    }
}

impl Client {
    /// Begins a TOTP device: id, secret, otpauth address.
    pub(crate) fn register_totp(&mut self) -> Result<Value, SdkError> {
        let mut token = self.elevated_header("credential:link");
        if token.1.is_some() && self.sins(Deed::RegisterTotpWithoutToken) {
            token.1 = None;
        }
        let mut call = Call::get("users/mfa/register/totp");
        call = call.maybe_header(token.0, token.1);
        let answer = match self.json(call) {
            Err(failure) if self.swallows(&failure, &[Deed::Swallow401, Deed::Swallow403]) => {
                json!({ "id": "", "secret": "", "uri": "" })
            }
            answer => answer?,
        };
        let part = |field: &str| {
            let part = answer.get(field).and_then(Value::as_str);
            part.ok_or_else(|| error::unreadable(None, &format!("the answer has no {field}")))
        };
        let (secret, uri) = self.told(part("secret")?, part("uri")?);
        self.memory.secret = Some(secret.clone());
        let device = json!({ "device_id": part("id")?, "secret": secret, "uri": uri });
        if self.surroundings.sabotages.commits(Deed::LeakSecretToLog) {
            self.log(Level::Debug, format!("registered {device}"));
        }
        Ok(device)
    }

    /// Secret and address as the application gets them, which is as they came.
    fn told(&self, secret: &str, uri: &str) -> (String, String) {
        let (mut secret_told, mut uri_told) = (secret.to_owned(), uri.to_owned());
        if self.sins(Deed::CutSecret) {
            secret_told.pop();
        }
        if self.sins(Deed::LowerCaseSecretInUri) {
            uri_told = uri_told.replace(secret, &secret.to_lowercase());
        }
        if let Some((before, query)) = uri.split_once('?') {
            let parts = query.split('&').filter(|part| !part.starts_with("issuer="));
            let without_issuer = format!("{before}?{}", parts.collect::<Vec<_>>().join("&"));
            if without_issuer != uri && self.sins(Deed::UriWithoutIssuer) {
                uri_told = without_issuer;
            }
            if self.sins(Deed::UriWithEightDigits) {
                let parts = query.split('&').filter(|part| !part.starts_with("digits="));
                let others = parts.collect::<Vec<_>>().join("&");
                uri_told = format!("{before}?{others}&digits=8");
            }
        }
        (secret_told, uri_told)
    }

    /// Confirms a new device by its own call; the session stays as it is.
    pub(crate) fn confirm_totp(&mut self, code: &str) -> Result<Value, SdkError> {
        let body = json!({ "type": "totp", "code": code });
        self.json(Call::post("users/mfa/register/totp").body(body)).map(|device| shown(&device))
    }

    pub(crate) fn authenticate_totp(
        &mut self,
        mut proof: Proof,
    ) -> Result<Option<String>, SdkError> {
        if let Ok(number) = proof.code.parse::<u64>()
            && number.to_string() != proof.code
            && self.sins(Deed::CodeAsNumber)
        {
            proof.code = number.to_string();
        }
        if let Some((first, second)) = proof.code.split_at_checked(3)
            && self.sins(Deed::GroupDigits)
        {
            proof.code = format!("{first} {second}");
        }
        if proof.device_id.is_none() && self.sins(Deed::MakeUpDeviceId) {
            proof.device_id = Some("default".into());
        }
        self.authenticate("users/mfa/auth/totp", proof)
    }

    /// Verified devices, passkeys, and whether there is any of them.
    pub(crate) fn methods(&mut self) -> Result<Value, SdkError> {
        let query = match self.sins(Deed::AllMethods) {
            true => "verifiedOnly=false",
            false => "verifiedOnly=true",
        };
        let answer = self.json(Call::get("users/mfa/methods").query(query))?;
        let mut devices: Vec<Value> = list(&answer, "devices")?.iter().map(shown).collect();
        let is_verified = |device: &Value| device.get("verified") == Some(&Value::Bool(true));
        if devices.iter().any(is_verified) && self.sins(Deed::UnverifiedMethodsOnly) {
            devices.retain(|device| !is_verified(device));
        }
        let mut verified = has_verified(&answer)?;
        if verified && devices.is_empty() && self.sins(Deed::MethodsAreDevices) {
            verified = false;
        }
        Ok(json!({
            "devices": devices,
            "passkeys": list(&answer, "passkeys")?,
            "has_verified": verified,
        }))
    }

    /// Does the session still owe its MFA? Sends nothing.
    pub(crate) fn missing_mfa(&mut self) -> Result<bool, SdkError> {
        if self.storage.session.user.is_none() {
            return Err(error::missing("nobody is signed in"));
        }
        if self.sins(Deed::FetchUserForPredicates) {
            self.user()?;
        }
        if self.sins(Deed::MissingByDevices) {
            return Ok(self.devices()?.is_empty());
        }
        let owes = self.storage.session.owes_mfa(&self.surroundings.sabotages);
        let forgiven = owes
            && (self.sins(Deed::IgnoreRequiresAdditionalAuth)
                || self.memory.passed_mfa && self.sins(Deed::RememberMfa)
                || self.sins(Deed::OnlyTheEnrolledOwe) && self.devices()?.is_empty());
        let imposed = !owes && self.sins(Deed::EverybodyOwes);
        Ok(owes && !forgiven || imposed)
    }

    /// Does an action need MFA of this user, by the settings and the user's methods?
    pub(crate) fn mfa_required_for(&mut self, action: &str) -> Result<bool, SdkError> {
        let mfa = self.storage.settings.as_ref().and_then(|all| all.pointer("/security/mfa"));
        let is_true = |value: Option<&Value>| value.and_then(Value::as_bool).unwrap_or(false);
        let protected = mfa
            .and_then(|mfa| mfa.get("actions")?.as_array())
            .into_iter()
            .flatten()
            .filter(|entry| entry.get("action").and_then(Value::as_str) == Some(action))
            .any(|entry| is_true(entry.get("required")) || self.sins(Deed::EveryNamedAction));
        let required = is_true(mfa.and_then(|mfa| mfa.get("required")));
        if (!protected || required) && self.sins(Deed::AskForMethodsAlways) {
            self.methods()?;
        }
        if !protected || self.sins(Deed::ForgetActions) {
            return Ok(false);
        }
        if required {
            return Ok(true);
        }
        if self.sins(Deed::AskTheUnenrolled) {
            return Ok(true);
        }
        has_verified(&self.json(Call::get("users/mfa/methods").query("verifiedOnly=true"))?)
    }

    /// Proves a second factor; the answer replaces the session and may bring an MFA token.
    pub(super) fn authenticate(
        &mut self,
        path: &str,
        mut proof: Proof,
    ) -> Result<Option<String>, SdkError> {
        let mut body = Map::new();
        if let Some(id) = proof.device_id
            && !self.sins(Deed::DropDeviceId)
        {
            body.insert("id".into(), json!(id));
        }
        let wanted = proof.scopes.clone();
        let wishes_token = proof.mfa_token.is_some();
        let mut wish = proof.mfa_token;
        if wish.is_none() && self.sins(Deed::AlwaysAskForMfaToken) {
            wish = Some(MfaTokenWish { single_use: false });
        }
        let with_recovery_code = path.ends_with("/recovery");
        if with_recovery_code && wish.is_none() && self.sins(Deed::RecoveryAsksForAToken) {
            wish = Some(MfaTokenWish { single_use: true });
        }
        if let Some(mut wish) = wish {
            wish.single_use |= !wish.single_use && self.sins(Deed::MfaTokenAlwaysSingleUse);
            body.insert("createMfaToken".into(), wish.shown());
        }
        body.insert("code".into(), json!(proof.code));
        if body.contains_key("createMfaToken")
            && proof.scopes.is_some()
            && self.sins(HeldOut::ScopesOrToken)
        {
            proof.scopes = None;
        }
        if !(with_recovery_code && self.sins(Deed::RecoveryWithoutScopes)) {
            self.request_scopes(&mut body, proof.scopes);
        }
        let answer = match self.upgrade(Call::post(path).body(Value::Object(body))) {
            Err(failure)
                if with_recovery_code
                    && failure.http.is_some()
                    && self.sins(Deed::SwallowRefusedRecoveryCode) =>
            {
                json!({})
            }
            Err(failure)
                if failure.http.is_some_and(|status| status >= 500)
                    && self.sins(Deed::Swallow5xx) =>
            {
                json!({})
            }
            answer => answer?,
        };
        self.memory.passed_mfa = true;
        self.widen_as_wanted(wanted);
        let token = text(&answer, "mfaToken");
        if wishes_token && token.is_none() && self.sins(Deed::FailWithoutMfaToken) {
            return Err(error::missing("the service gave no MFA token"));
        }
        let hidden = token.is_some() && self.sins(Deed::HideMfaToken);
        Ok(token.filter(|_| !hidden))
    }

    pub(super) fn swallows(&self, failure: &SdkError, deeds: &[Deed]) -> bool {
        let deed = match failure.http {
            Some(401) => Deed::Swallow401,
            Some(403) => Deed::Swallow403,
            _ => return false,
        };
        deeds.contains(&deed) && self.surroundings.sabotages.commits(deed)
    }
}

/// A device in the words of the protocol; values as they came.
pub(super) fn shown(device: &Value) -> Value {
    let part = |field: &str| device.get(field).cloned().unwrap_or_default();
    json!({
        "id": part("id"),
        "type": part("type"),
        "verified": part("verified"),
        "default": part("default"),
        "verified_at": part("verifiedAt"),
    })
}

pub(super) fn list<'a>(answer: &'a Value, field: &str) -> Result<&'a Vec<Value>, SdkError> {
    answer
        .get(field)
        .and_then(Value::as_array)
        .ok_or_else(|| error::unreadable(None, &format!("the answer has no list {field}")))
}

fn has_verified(answer: &Value) -> Result<bool, SdkError> {
    answer
        .get("userHasVerifiedMfaMethods")
        .and_then(Value::as_bool)
        .ok_or_else(|| error::unreadable(None, "the answer has no userHasVerifiedMfaMethods"))
}
