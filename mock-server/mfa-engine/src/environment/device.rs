//! The list of MFA devices, and deleting one (rules V1 to V4, M5 to M9, E22, U9 to U11).

use jiff::Timestamp;

use super::Environment;
use crate::command::Proof;
use crate::id::{DeviceId, SessionId};
use crate::outcome::{DeviceView, Outcome};
use crate::policy::{DeleteDefault, Enrollment};
use crate::refusal::Refusal;
use crate::totp::TotpDevice;
use crate::user::User;

impl Environment {
    /// The user's devices as the API shows them; a user has at most one so far (rule T13).
    pub(super) fn device_views(
        &self,
        session: SessionId,
        with_unverified: bool,
    ) -> Result<Vec<DeviceView>, Refusal> {
        Ok(devices_of(self.user(session)?, with_unverified))
    }

    pub(super) fn list_devices(&self, session: SessionId) -> Result<Outcome, Refusal> {
        let with_unverified = self.policy.devices.list_unverified;
        Ok(Outcome::Devices(self.device_views(session, with_unverified)?))
    }

    pub(super) fn list_methods(
        &self,
        session: SessionId,
        verified_only: bool,
    ) -> Result<Outcome, Refusal> {
        Ok(Outcome::Methods {
            devices: self.device_views(session, !verified_only)?,
            passkeys: self.user(session)?.second_factor_passkeys(&self.policy.mfa).to_vec(),
            has_verified: self.holds_method(self.session(session)?),
        })
    }

    pub(super) fn read_device(&self, session: SessionId, id: DeviceId) -> Result<Outcome, Refusal> {
        let views = self.device_views(session, true)?;
        let view = views.into_iter().find(|view| view.id == id);
        view.map(Outcome::Device).ok_or(Refusal::NoSuchDevice)
    }

    pub(super) fn update_device(
        &mut self,
        session: SessionId,
        id: DeviceId,
        default: bool,
    ) -> Result<Outcome, Refusal> {
        match &mut self.user_mut(session)?.totp {
            Some(TotpDevice::Active(active)) if active.id == id => {
                // The only device stays the default one: there is no other to take its place.
                active.default |= default;
                Ok(Outcome::Done)
            }
            Some(TotpDevice::Pending(pending)) if pending.id == id => {
                Err(Refusal::TotpDeviceUnverified)
            }
            _ => Err(Refusal::NoSuchDevice),
        }
    }

    pub(super) fn delete_device(
        &mut self,
        session: SessionId,
        id: DeviceId,
        proof: &Proof,
        now: Timestamp,
    ) -> Result<Outcome, Refusal> {
        let Some(device) = self.user(session)?.totp.clone().filter(|known| known.id() == id) else {
            return Err(Refusal::NoSuchDevice);
        };
        // An unconfirmed device protects nothing yet, but the reference page makes no exception.
        let passage = self.pass_removal(session, proof, now)?;
        if let TotpDevice::Active(active) = &device {
            let settings = &self.policy.devices;
            if active.default && settings.delete_default == DeleteDefault::Never {
                return Err(Refusal::DefaultDevice);
            }
            let is_required = self.policy.mfa.enrollment == Enrollment::Signup;
            let others = self.user(session)?.second_factor_passkeys(&self.policy.mfa);
            if is_required && others.is_empty() && !settings.delete_last_while_required {
                return Err(Refusal::LastDevice);
            }
        }
        self.user_mut(session)?.totp = None;
        self.settle(session, passage, proof, now)?;
        Ok(Outcome::Done)
    }
}

/// The same of any user.
pub(super) fn devices_of(user: &User, with_unverified: bool) -> Vec<DeviceView> {
    let view = match &user.totp {
        Some(TotpDevice::Active(active)) => Some(DeviceView {
            id: active.id,
            verified: true,
            created_at: active.created_at.into(),
            verified_at: Some(active.verified_at.into()),
            default: active.default,
        }),
        Some(TotpDevice::Pending(pending)) if with_unverified => Some(DeviceView {
            id: pending.id,
            verified: false,
            created_at: pending.created_at.into(),
            verified_at: None,
            default: false,
        }),
        Some(TotpDevice::Pending(_)) | None => None,
    };
    view.into_iter().collect()
}
