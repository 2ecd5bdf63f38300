//! Trusted devices: asking by mail, registering, listing, revoking (rules V9, J9, J10).

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rand::CryptoRng;

use super::Environment;
use crate::id::{DeviceRegistrationId, SessionId, UserId};
use crate::mfa_token::{self, Digest};
use crate::outcome::Outcome;
use crate::policy::{SilentFirst, UsersWithoutEmail, WithoutProof};
use crate::refusal::Refusal;
use crate::secret::Secret;
use crate::session::{Client, Session};
use crate::trusted_device::{
    DeviceMark, PendingDevice, PresentedDevice, SessionDevice, TrustedDevice, TrustedDeviceOutcome,
    TrustedDeviceRefusal, TrustedDeviceRequest, TrustedDeviceView,
};
use crate::verification::{MessageKind, Recipient};

/// Random bytes of a token that is mailed, and of a device's cookie.
const TOKEN_BYTES: u8 = 32;

/// A device at the door of a sign-in.
pub(super) struct Arrival {
    pub(super) device: SessionDevice,
    /// A cookie for a device that could not be known otherwise.
    pub(super) cookie: Option<Secret>,
}

impl Environment {
    /// Spends the nonce of a device's signature, and tells the device.
    ///
    /// # Errors
    /// The nonce was never issued, was used before, or is too old.
    pub(super) fn recognise_device(
        &mut self,
        device: &PresentedDevice,
        now: Timestamp,
    ) -> Result<Option<DeviceMark>, Refusal> {
        let PresentedDevice { proof, cookie } = device;
        match proof {
            Some(proof) if !self.nonces.spend(&proof.nonce, now) => Err(Refusal::StaleNonce),
            Some(proof) => Ok(Some(DeviceMark::Key(proof.public_key.clone()))),
            None => Ok(cookie.map(DeviceMark::Cookie)),
        }
    }

    /// Whether a session still waits for its device to be registered.
    pub(super) fn owes_device(&self, session: &Session) -> bool {
        self.policy.device_registration.required
            && session.device.must_be_trusted
            && self.registration_of(session).is_none()
    }

    /// The registration of a session's device.
    pub(super) fn registration_of(&self, session: &Session) -> Option<DeviceRegistrationId> {
        let user = self.users.get(&session.user)?;
        Some(user.trusted_devices.of(session.device.mark.as_ref()?)?.id)
    }

    /// Judges the device of a sign-in: known, trusted silently, or asked for by mail.
    pub(super) fn greet_device(
        &mut self,
        user: UserId,
        is_new: bool,
        mark: Option<DeviceMark>,
        client: &Client,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Arrival, Refusal> {
        let policy = Arc::clone(&self.policy);
        let settings = &policy.device_registration;
        let arrival = |mark, must_be_trusted, cookie| {
            Ok(Arrival { device: SessionDevice { mark, must_be_trusted }, cookie })
        };
        if !settings.required {
            return arrival(mark, false, None);
        }
        let cookie = match &mark {
            None if policy.auth.uses_cookies() => Some(mfa_token::draw(TOKEN_BYTES, rng)),
            Some(_) | None => None,
        };
        let drawn = cookie.as_ref().map(|cookie| DeviceMark::Cookie(Digest::of(cookie.reveal())));
        let mark = mark.or(drawn);
        let known = self.users.get_mut(&user).ok_or(Refusal::NoSuchUser)?;
        if mark.as_ref().is_some_and(|mark| known.trusted_devices.of(mark).is_some()) {
            return arrival(mark, true, cookie);
        }
        let is_silent = match settings.silent_first {
            SilentFirst::NewUsers => is_new,
            SilentFirst::UsersWithoutDevice => known.trusted_devices.registered().is_empty(),
            SilentFirst::Nobody => false,
        };
        let address = known.email().map(str::to_owned);
        let cannot_ask =
            address.is_none() && settings.users_without_email == UsersWithoutEmail::Trust;
        if is_silent || cannot_ask {
            // Nothing to register and nobody to ask: the session is like one of a world that does
            // not ask.
            let Some(mark) = mark else { return arrival(None, false, None) };
            let id = DeviceRegistrationId::draw(rng);
            let (user_agent, created_at) = (client.user_agent.clone(), now);
            let device = TrustedDevice { id, mark: mark.clone(), user_agent, created_at };
            known.trusted_devices.trust(device, settings.devices_max.into());
            return arrival(Some(mark), true, cookie);
        }
        if mark.is_none() && settings.without_proof == WithoutProof::Exempt {
            return arrival(None, false, None);
        }
        if let Some(address) = address {
            let token = mfa_token::draw(TOKEN_BYTES, rng);
            let life = SignedDuration::from_secs(settings.token_life_seconds.into());
            let expires_at = now.checked_add(life).unwrap_or(Timestamp::MAX);
            let digest = Digest::of(token.reveal());
            let pending = PendingDevice { token: digest, mark: mark.clone(), expires_at };
            known.trusted_devices.ask(pending, now);
            let recipient = Recipient::email(&address);
            self.post(&recipient, MessageKind::DeviceRegistration, token, now);
        }
        arrival(mark, true, cookie)
    }

    pub(super) fn serve_trusted_device(
        &mut self,
        session: SessionId,
        request: TrustedDeviceRequest,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        match request {
            TrustedDeviceRequest::Register { token, device } => {
                self.register_device(session, &token, &device, now, rng)
            }
            TrustedDeviceRequest::List { device } => {
                let current = self.calling_device(session, &device, now)?;
                let view = |device: &TrustedDevice| TrustedDeviceView {
                    device: device.clone(),
                    current: current.as_ref() == Some(&device.mark),
                };
                let devices = self.user(session)?.trusted_devices.registered();
                let listed = devices.iter().map(view).collect();
                Ok(Outcome::TrustedDevice(TrustedDeviceOutcome::Listed(listed)))
            }
            TrustedDeviceRequest::Revoke { registration, device } => {
                let current = self.calling_device(session, &device, now)?;
                let revoked = self.user_mut(session)?.trusted_devices.revoke(registration);
                let revoked = revoked.ok_or(TrustedDeviceRefusal::NoSuchRegistration)?;
                self.abandon(session, &[revoked], current.as_ref())
            }
            TrustedDeviceRequest::RevokeAll { device } => {
                let current = self.calling_device(session, &device, now)?;
                let revoked = self.user_mut(session)?.trusted_devices.revoke_all();
                self.abandon(session, &revoked, current.as_ref())
            }
        }
    }

    /// Registers the device that the mail was about.
    fn register_device(
        &mut self,
        session: SessionId,
        token: &str,
        device: &PresentedDevice,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        let mark = self.recognise_device(device, now)?.ok_or(TrustedDeviceRefusal::Unproven)?;
        let policy = Arc::clone(&self.policy);
        let settings = &policy.device_registration;
        let user_agent = self.session(session)?.client.user_agent.clone();
        let token = Digest::of(token);
        let devices = &mut self.user_mut(session)?.trusted_devices;
        let pending = devices.pending(&token, now).ok_or(TrustedDeviceRefusal::BadToken)?;
        let is_other = pending.mark.as_ref().is_some_and(|asked| *asked != mark);
        if is_other && settings.token_bound_to_device {
            return Err(TrustedDeviceRefusal::OtherDevice.into());
        }
        devices.settle(&token);
        let id = DeviceRegistrationId::draw(rng);
        let device = TrustedDevice { id, mark: mark.clone(), user_agent, created_at: now };
        devices.trust(device, settings.devices_max.into());
        self.session_mut(session)?.device.mark = Some(mark);
        Ok(Outcome::Session(Box::new(self.grant(session, now)?)))
    }

    /// The device that makes a call: what the call shows of it, else that of its session.
    fn calling_device(
        &mut self,
        session: SessionId,
        device: &PresentedDevice,
        now: Timestamp,
    ) -> Result<Option<DeviceMark>, Refusal> {
        let shown = self.recognise_device(device, now)?;
        Ok(shown.or(self.session(session)?.device.mark.clone()))
    }

    /// Ends the sessions of devices that are trusted no longer. The calling session lives on, at
    /// `device:register`, because the SDK itself logs out when it hears that its device is gone.
    fn abandon(
        &mut self,
        session: SessionId,
        revoked: &[TrustedDevice],
        current: Option<&DeviceMark>,
    ) -> Result<Outcome, Refusal> {
        let is_revoked = |mark: &DeviceMark| revoked.iter().any(|device| device.mark == *mark);
        if self.policy.device_registration.revocation_ends_sessions {
            let user = self.session(session)?.user;
            self.sessions.remove_of(user, |known| {
                known.id != session && known.device.mark.as_ref().is_some_and(is_revoked)
            });
        }
        let current = current.is_some_and(is_revoked);
        Ok(Outcome::TrustedDevice(TrustedDeviceOutcome::Revoked { current }))
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;

    use super::*;
    use crate::credential::{ExternalUser, Identity};
    use crate::policy::{DeviceRegistration, Policy};
    use crate::scope::SessionScope;

    /// The scopes of the second sign-in of a user without an address, from a new device.
    fn second_sign_in(users_without_email: UsersWithoutEmail) -> (Vec<SessionScope>, usize) {
        let device_registration =
            DeviceRegistration { required: true, users_without_email, ..Default::default() };
        let policy = Policy { device_registration, ..Policy::default() };
        let id = "00000000-0000-4000-8000-000000000000".parse().unwrap();
        let mut world = Environment::new(id, policy);
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let mut sign_in = |number: u8| {
            let identity = Identity::External(ExternalUser { user_id: "u".to_owned() });
            let mark = Some(DeviceMark::Key(format!("{number:066x}")));
            let now = Timestamp::UNIX_EPOCH;
            match world.sign_in(identity, Client::default(), mark, false, now, &mut rng) {
                Ok(Outcome::Session(grant)) => grant.claims.scopes,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(sign_in(1), [SessionScope::Basic]);
        let scopes = sign_in(2);
        (scopes, world.messages(None, 0).count())
    }

    #[test]
    fn who_cannot_be_mailed_is_trusted_or_held() {
        let trusted = second_sign_in(UsersWithoutEmail::Trust);
        assert_eq!(trusted, (vec![SessionScope::Basic], 0));
        let held = second_sign_in(UsersWithoutEmail::Hold);
        assert_eq!(held, (vec![SessionScope::DeviceRegister], 0));
    }
}
