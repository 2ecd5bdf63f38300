//! MFA devices: listing, choosing, deleting.

use driver_protocol::SdkError;
use serde_json::{Value, json};

use super::mfa::{list, shown};
use super::transport::{Call, MFA_TOKEN_HEADER, path_segment};
use super::{Client, error};
use crate::sabotage::Deed;

impl Client {
    pub(crate) fn devices(&mut self) -> Result<Vec<Value>, SdkError> {
        if let Some(known) = &self.memory.devices
            && self.sins(Deed::CacheDeviceList)
        {
            return Ok(known.clone());
        }
        let answer = self.json(Call::get("users/mfa"))?;
        let devices = list(&answer, "devices")?;
        let devices: Vec<Value> = devices.iter().filter_map(|device| self.listed(device)).collect();
        self.memory.devices = Some(devices.clone());
        Ok(devices)
    }

    pub(crate) fn device(&mut self, id: &str) -> Result<Value, SdkError> {
        if self.sins(Deed::FirstDeviceForAny) {
            return Ok(self.devices()?.into_iter().next().unwrap_or_default());
        }
        self.json(Call::get(device_path(id))).map(|device| shown(&device))
    }

    pub(crate) fn set_default_device(&mut self, id: &str) -> Result<(), SdkError> {
        match self.sins(Deed::PretendToChoose) {
            true => Ok(()),
            false => self.void(Call::put(device_path(id))),
        }
    }

    /// Deletes a device with whatever proof is at hand; without any, nothing is sent.
    pub(crate) fn delete_device(
        &mut self,
        id: &str,
        mfa_token: Option<String>,
    ) -> Result<(), SdkError> {
        let (header, elevated) = self.elevated_header("credential:unlink");
        let held = self.storage.session.mfa_token.clone();
        let proofs = (&elevated, &mfa_token, &held);
        let mfa_token = match proofs {
            (None, None, Some(_)) if self.sins(Deed::SpendHeldMfaToken) => held.clone(),
            _ => mfa_token,
        };
        let is_refused = match (&elevated, &mfa_token) {
            (None, Some(_)) => self.sins(Deed::InsistOnElevation),
            (Some(_), None) => self.sins(Deed::InsistOnMfaToken),
            _ => false,
        };
        if is_refused {
            return Err(error::missing("another proof is required"));
        }
        if elevated.is_none() && mfa_token.is_none() {
            return match self.sins(Deed::PretendToDelete) {
                true => Ok(()),
                false => Err(error::missing("an MFA token or an elevated token is required")),
            };
        }
        let given = mfa_token.is_some();
        let mfa_token = match (mfa_token, held) {
            (Some(_), _) if self.sins(Deed::DropMfaTokenHeader) => None,
            (Some(given), _) => Some(given),
            (None, Some(held)) if self.sins(Deed::HeldMfaTokenBesideElevated) => Some(held),
            // The service's own client demands the header; empty means that there is no token.
            (None, _) => Some(String::new()),
        };
        let misplaced = given && self.sins(Deed::MfaTokenInWrongHeader);
        let name = if misplaced { "x-dyn-mfa-auth-token" } else { MFA_TOKEN_HEADER };
        let call = Call::delete(device_path(id)).maybe_header(header, elevated);
        match self.void(call.maybe_header(name, mfa_token)) {
            Err(failure) if self.swallows(&failure, &[Deed::Swallow403]) => Ok(()),
            end => end,
        }
    }

    /// A device as the list shows it, if the list shows it.
    fn listed(&self, device: &Value) -> Option<Value> {
        let mut told = shown(device);
        let is = |field: &str| device.get(field).and_then(Value::as_bool).unwrap_or(false);
        if !is("verified") && self.sins(Deed::HideUnverified) {
            return None;
        }
        if let Some(told) = told.as_object_mut() {
            if self.sins(Deed::DefaultUpsideDown) {
                told.insert("default".into(), json!(!is("default")));
            }
            if self.sins(Deed::CreatedForVerified) {
                let created = device.get("createdAt").cloned().unwrap_or_default();
                told.insert("verified_at".into(), created);
            }
        }
        Some(told)
    }
}

fn device_path(id: &str) -> String {
    format!("users/mfa/{}", path_segment(id))
}
