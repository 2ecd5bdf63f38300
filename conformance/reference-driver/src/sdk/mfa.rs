//! TOTP, devices, methods.

use driver_protocol::{Level, SdkError};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::session::text;
use super::transport::{Call, MFA_TOKEN_HEADER, path_segment};
use super::{Client, error};
use crate::sabotage::Deed;

/// A second factor, and what the caller wants for it.
#[derive(Deserialize)]
pub(crate) struct Proof {
    code: String,
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
        let token = self.elevated_header("credential:link");
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
        let device =
            json!({ "device_id": part("id")?, "secret": part("secret")?, "uri": part("uri")? });
        if self.surroundings.sabotages.commits(Deed::LeakSecretToLog) {
            self.log(Level::Debug, format!("registered {device}"));
        }
        Ok(device)
    }

    /// Confirms a new device by its own call; the session stays as it is.
    pub(crate) fn confirm_totp(&mut self, code: &str) -> Result<Value, SdkError> {
        let body = json!({ "type": "totp", "code": code });
        self.json(Call::post("users/mfa/register/totp").body(body)).map(|device| shown(&device))
    }

    pub(crate) fn authenticate_totp(&mut self, proof: Proof) -> Result<Option<String>, SdkError> {
        self.authenticate("users/mfa/auth/totp", proof)
    }

    pub(crate) fn devices(&mut self) -> Result<Vec<Value>, SdkError> {
        if let Some(known) = &self.device_list
            && self.surroundings.sabotages.commits(Deed::CacheDeviceList)
        {
            return Ok(known.clone());
        }
        let answer = self.json(Call::get("users/mfa"))?;
        let devices = list(&answer, "devices")?.iter().map(shown).collect::<Vec<_>>();
        self.device_list = Some(devices.clone());
        Ok(devices)
    }

    pub(crate) fn device(&mut self, id: &str) -> Result<Value, SdkError> {
        self.json(Call::get(device_path(id))).map(|device| shown(&device))
    }

    pub(crate) fn set_default_device(&mut self, id: &str) -> Result<(), SdkError> {
        self.void(Call::put(device_path(id)))
    }

    /// Deletes a device with whatever proof is at hand; without any, nothing is sent.
    pub(crate) fn delete_device(
        &mut self,
        id: &str,
        mfa_token: Option<String>,
    ) -> Result<(), SdkError> {
        let (header, elevated) = self.elevated_header("credential:unlink");
        if elevated.is_none() && mfa_token.is_none() {
            return Err(error::missing("an MFA token or an elevated token is required"));
        }
        let dropped =
            mfa_token.is_some() && self.surroundings.sabotages.commits(Deed::DropMfaTokenHeader);
        // The service's own client demands the header; empty means that there is no token.
        let mfa_token = if dropped { None } else { Some(mfa_token.unwrap_or_default()) };
        let call = Call::delete(device_path(id))
            .maybe_header(header, elevated)
            .maybe_header(MFA_TOKEN_HEADER, mfa_token);
        match self.void(call) {
            Err(failure) if self.swallows(&failure, &[Deed::Swallow403]) => Ok(()),
            end => end,
        }
    }

    /// Verified devices, passkeys, and whether there is any of them.
    pub(crate) fn methods(&mut self) -> Result<Value, SdkError> {
        let answer = self.json(Call::get("users/mfa/methods").query("verifiedOnly=true"))?;
        let devices: Vec<Value> = list(&answer, "devices")?.iter().map(shown).collect();
        Ok(json!({
            "devices": devices,
            "passkeys": list(&answer, "passkeys")?,
            "has_verified": has_verified(&answer)?,
        }))
    }

    /// Does the session still owe its MFA? Sends nothing.
    pub(crate) fn missing_mfa(&self) -> Result<bool, SdkError> {
        if self.storage.session.user.is_none() {
            return Err(error::missing("nobody is signed in"));
        }
        let owes = self.storage.session.owes_mfa();
        Ok(owes && !self.surroundings.sabotages.commits(Deed::IgnoreRequiresAdditionalAuth))
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
            .any(|entry| is_true(entry.get("required")));
        if !protected {
            return Ok(false);
        }
        if is_true(mfa.and_then(|mfa| mfa.get("required"))) {
            return Ok(true);
        }
        has_verified(&self.json(Call::get("users/mfa/methods").query("verifiedOnly=true"))?)
    }

    /// Proves a second factor; the answer replaces the session and may bring an MFA token.
    pub(super) fn authenticate(
        &mut self,
        path: &str,
        proof: Proof,
    ) -> Result<Option<String>, SdkError> {
        let mut body = Map::new();
        if let Some(id) = proof.device_id {
            body.insert("id".into(), json!(id));
        }
        if let Some(wish) = proof.mfa_token {
            body.insert("createMfaToken".into(), wish.shown());
        }
        body.insert("code".into(), json!(proof.code));
        self.request_scopes(&mut body, proof.scopes);
        let answer = self.upgrade(Call::post(path).body(Value::Object(body)))?;
        Ok(text(&answer, "mfaToken"))
    }

    fn swallows(&self, failure: &SdkError, deeds: &[Deed]) -> bool {
        let deed = match failure.http {
            Some(401) => Deed::Swallow401,
            Some(403) => Deed::Swallow403,
            _ => return false,
        };
        deeds.contains(&deed) && self.surroundings.sabotages.commits(deed)
    }
}

/// A device in the words of the protocol; values as they came.
fn shown(device: &Value) -> Value {
    let part = |field: &str| device.get(field).cloned().unwrap_or_default();
    json!({
        "id": part("id"),
        "type": part("type"),
        "verified": part("verified"),
        "default": part("default"),
        "verified_at": part("verifiedAt"),
    })
}

fn list<'a>(answer: &'a Value, field: &str) -> Result<&'a Vec<Value>, SdkError> {
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

fn device_path(id: &str) -> String {
    format!("users/mfa/{}", path_segment(id))
}
